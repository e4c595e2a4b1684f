"""What was collected in a case, as lines of text and as JSON; without plain digests of content."""

from collections.abc import Sequence
from typing import Any

from breachkit.incident.evidence import Checked
from breachkit.incident.evidence_manifest import item_to_json
from breachkit.model.errors import IncompleteError, VerificationError
from breachkit.model.ids import display
from breachkit.model.time import parse_rfc3339
from breachkit.report.case_status import utc_time
from breachkit.report.words import counted


_STATES = {
    "unchanged": "as it was",
    "changed": "CHANGED since, or what writes it was killed: run that again, or keep it as evidence",
    "missing": "not in the case any more",
    "replaced": "replaced by a later one",
    "unread": "cannot be checked: the key of its digest is gone with the private part",
}


def evidence_lines(found: Sequence[Checked]) -> tuple[str, ...]:
    """Show everything that was collected, in the order of the journal."""
    if not found:
        return ("Nothing was collected yet.",)
    return tuple(line for each in found for line in _lines(each))


def evidence_to_json(case_id: str, found: Sequence[Checked]) -> dict[str, Any]:
    """Give it in JSON's own types; schema `breachkit.evidence-list/1`."""
    return {
        "schema": "breachkit.evidence-list/1",
        "case": case_id,
        "evidence": [{**item_to_json(each.evidence), "state": each.state} for each in found],
    }


def problem_lines(found: Sequence[Checked]) -> tuple[str, ...]:
    """Name what is no longer as it was, or cannot be looked at."""
    said = []
    for each in found:
        if each.state in {"changed", "missing", "unread"}:
            item = each.evidence
            said.append(f"{item.id} {display(item.file)} ({item.entry}): {_STATES[each.state]}")
    return tuple(said)


def exit_code(found: Sequence[Checked]) -> int:
    """Give 7 where something was changed, 5 where something could not be looked at, else 0."""
    states = {each.state for each in found}
    if "changed" in states:
        return VerificationError.exit_code
    return IncompleteError.exit_code if states & {"missing", "unread"} else 0


def summary_line(found: Sequence[Checked]) -> str:
    """Say how much of it is as it was."""
    sound = sum(each.state == "unchanged" for each in found)
    looked = sum(each.state != "replaced" for each in found)
    return f"{counted(looked, 'file')} of evidence, {sound} as recorded"


def _minute(moment: str) -> str:
    try:
        return utc_time(parse_rfc3339(moment))
    except ValueError:  # somebody else's journal
        return display(moment)


def _lines(checked: Checked) -> list[str]:
    item = checked.evidence
    who = f" by {display(item.collector)}" if item.collector else ""
    made = [display(each) for each in (item.command, item.tool) if each]
    means = f", with {', '.join(made)}" if made else ""
    replaced = f" ({item.replaced_by})" if item.replaced_by else ""
    lines = [
        f"{item.id}  {display(item.file)}  ({item.entry})",
        f"       {_STATES[checked.state]}{replaced}",
        f"       {_minute(item.collected_at)}{who}{means}",
    ]
    lines += [f"       {display(item.note)}"] if item.note else []
    lines += [
        f"       {display(each.at)}  {display(each.by)} -> {display(each.to)}"
        + (f": {display(each.reason)}" if each.reason else "")
        for each in item.custody
    ]
    return lines
