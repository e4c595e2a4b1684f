"""Refs that bring back what was taken out, for people and machines; no object id."""

from collections.abc import Sequence
from typing import Any

from breachkit.model.ids import RefName
from breachkit.report.masking import Masking
from breachkit.report.name_lists import ref_lines
from breachkit.report.words import counted


JSON = dict[str, Any]


def returned_text(
    returned: Sequence[RefName],
    untold: Sequence[RefName],
    refs: int,
    platform: int,
    masking: Masking,
) -> str:
    """Say whether the server has it again."""
    lines = [f"None of the {counted(refs, 'ref')} of the server leads to what was taken out."]
    if untold and not returned:
        lines = ["No ref that could be looked at leads to what was taken out."]
    if returned:
        lines = ["IT CAME BACK. These refs lead to what was taken out:"]
        lines += ref_lines(masking, returned)
        lines.append(
            "Somebody pushed from an old clone: tell them first, then begin another round."
        )
    if untold:
        lines += ["Could not be told of:", *ref_lines(masking, untold)]
    if platform:
        lines.append(
            f"{counted(platform, 'ref')} only the platform can move: as before the rewrite."
        )
    return "\n".join(lines)


def returned_to_json(
    returned: Sequence[RefName],
    untold: Sequence[RefName],
    refs: int,
    platform: int,
    masking: Masking,
) -> JSON:
    """Give the same, as the member `refs` of schema `breachkit.watch/1`."""
    return {
        "seen": refs,
        "returned": [masking.shown(name) for name in returned],
        "not_told": [masking.shown(name) for name in untold],
        "platform": platform,
    }
