"""Redactions whose originals are kept: the list, and what putting one back came to."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from breachkit.model.records import dataclass
from breachkit.report.escape import terminal
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptView:
    """One redaction, as reports name it."""

    id: str
    at: str
    reason: str | None
    paths: tuple[PurePath, ...]


def list_text(kept: Sequence[KeptView]) -> str:
    """Say which redactions can be taken back."""
    if not kept:
        return "No originals are kept: no redaction was written over a file, or all were put back."
    lines = []
    for each in kept:
        why = f": {terminal(each.reason)}" if each.reason else ""
        lines.append(f"{each.id}  {each.at}  {counted(len(each.paths), 'file')}{why}")
        lines += [f"    {terminal(bytes(path))}" for path in each.paths]
    return "\n".join(lines)


def list_to_json(kept: Sequence[KeptView]) -> dict[str, Any]:
    """Give the same; schema `breachkit.redactions/1`."""
    return {
        "schema": "breachkit.redactions/1",
        "redactions": [
            {
                "id": each.id,
                "at": each.at,
                "reason": None if each.reason is None else terminal(each.reason),
                "files": [terminal(bytes(path)) for path in each.paths],
            }
            for each in kept
        ],
    }


def restored_text(name: str, back: Sequence[PurePath], left: Sequence[PurePath]) -> str:
    """Say what is as it was before, and what somebody changed since."""
    lines = [f"{name}: {counted(len(back), 'file')} as before the redaction."]
    lines += [f"    {terminal(bytes(path))}" for path in back]
    if left:
        lines.append(
            f"NOT put back, since somebody changed {'it' if len(left) == 1 else 'them'} after the "
            f"redaction; the originals stay kept as {name}:"
        )
        lines += [f"    {terminal(bytes(path))}" for path in left]
    return "\n".join(lines)


def restored_to_json(
    name: str, back: Sequence[PurePath], left: Sequence[PurePath]
) -> dict[str, Any]:
    """Give the same; schema `breachkit.redaction-restored/1`."""
    return {
        "schema": "breachkit.redaction-restored/1",
        "id": name,
        "restored": [terminal(bytes(path)) for path in back],
        "left": [terminal(bytes(path)) for path in left],
    }


def forgotten_text(name: str, originals: int) -> str:
    """Say that originals were deleted."""
    return f"{name}: {counted(originals, 'original')} deleted; this redaction cannot be taken back."


def forgotten_to_json(name: str, originals: int) -> dict[str, Any]:
    """Give the same; schema `breachkit.redaction-forgotten/1`."""
    return {"schema": "breachkit.redaction-forgotten/1", "id": name, "deleted": originals}
