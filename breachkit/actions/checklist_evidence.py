"""Ticking an item by hand: what counts as evidence for it, and what is somebody's note.

Whatever names an entry of the journal, a message, a copy or a file of the case is looked up, and has
to be of the sort that the item asks for. Anything else is a note: it ticks, and is shown as a note.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from breachkit.actions.checklist import Task
from breachkit.actions.copies import Copy, Grade
from breachkit.actions.events import JournalEvent
from breachkit.model.errors import RefusedError


class NoEvidenceError(RefusedError):
    """A task was to be ticked or ruled out without saying why."""


class WrongEvidenceError(RefusedError):
    """What was named as evidence is not there, or is of another sort than the task asks for."""


class InRegisterError(RefusedError):
    """A task is about a copy, and copies are closed in the register alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where evidence is looked up."""

    events: Mapping[int, JournalEvent]
    """By their numbers."""
    copies: Mapping[str, Copy]
    has_file: Callable[[str], bool]
    """Whether the case folder has a file of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was given as evidence, judged."""

    text: str
    is_evidence: bool
    """False for a note."""
    refs: tuple[str, ...]
    """Ids that it names: ev-0005, N-004, K-031."""


_REFERENCE = re.compile(r"(?<![\w-])(?:ev-(\d{4,})|(N-\d{3,})|(K-\d{3,}))(?![\w-])")

_DECISIONS = frozenset({"decision", "assessment.recorded", "case.stood_down", "override"})
_ANSWERS = frozenset({"notify.acknowledged", "support.answered"})
_PROOFS = frozenset(
    {
        *("proof.recorded", "verify.recorded", "verify.server", "watch.recorded", "restrict.done"),
        *("restore.done", "containment.recorded", "lift.done", "guard.installed"),
    }
)
_OF_KIND: Mapping[str, frozenset[str] | None] = {
    "event": None,
    "decision": _DECISIONS,
    "ack": _ANSWERS,
    "proof": _PROOFS,
}
"""The journal entries that each sort of evidence can be; None for any. A file is no entry."""

_WANTED = {
    "event": "an entry of the journal, such as ev-0012",
    "decision": "the journal entry of a decision, such as ev-0012",
    "ack": "an answer: its journal entry, or the message that was answered, such as N-004",
    "proof": "a proof: its journal entry, a copy that is proven gone, or a file of the case",
    "file": "a file of the case",
}


def tick_detail(task: Task, *, evidence: str, by: str, shelf: Shelf) -> dict[str, object]:
    """Give what the journal keeps of a task done by hand.

    Raises:
        NoEvidenceError: nothing says why it is believed to be done, or who says so.
        WrongEvidenceError: what it names is not there, or is of another sort.
        InRegisterError: it is about a copy.
    """
    _refuse_copy(task)
    if not (evidence.strip() and by.strip()):
        raise NoEvidenceError(
            f"{task.id} needs evidence ({task.evidence_kind}) or a note, and a name"
        )
    judged = judge(task, evidence, shelf)
    detail: dict[str, object] = {"item": task.id, "evidence": judged.text, "by": by.strip()}
    detail |= {"is_evidence": judged.is_evidence, "wanted": task.evidence_kind}
    return {**detail, "milestone": task.milestone} if task.milestone else detail


def na_detail(task: Task, *, reason: str, by: str) -> dict[str, object]:
    """Give what the journal keeps of a task that does not apply.

    Raises:
        NoEvidenceError: there is no reason, or nobody who gives it.
        InRegisterError: it is about a copy.
    """
    _refuse_copy(task)
    if not (reason.strip() and by.strip()):
        raise NoEvidenceError(f"{task.id} is ruled out only with a reason and a name")
    return {"item": task.id, "reason": reason.strip(), "by": by.strip()}


def reopen_detail(task: Task, *, reason: str, by: str) -> dict[str, object]:
    """Give what the journal keeps of a task that is open again; errors as `na_detail`."""
    detail = na_detail(task, reason=reason, by=by)
    return {**detail, "milestone": task.milestone} if task.milestone else detail


def judge(task: Task, evidence: str, shelf: Shelf) -> Judged:
    """Say whether a text is evidence of the sort that a task asks for, or a note.

    Raises:
        WrongEvidenceError: it names something that is not there, or is of another sort.
    """
    text = " ".join(evidence.split())
    refs = tuple(match.group() for match in _REFERENCE.finditer(text))
    fitting = [_fits(task, match, shelf) for match in _REFERENCE.finditer(text)]
    if task.evidence_kind in {"file", "proof", "event"} and shelf.has_file(text):
        return Judged(text=text, is_evidence=task.evidence_kind != "event", refs=refs)
    if refs and not any(fitting):
        raise WrongEvidenceError(
            f"{task.id} asks for {_WANTED[task.evidence_kind]}, and {', '.join(refs)} is none; "
            "say it in words of your own, and it is kept as a note"
        )
    return Judged(text=text, is_evidence=any(fitting), refs=refs)


def _fits(task: Task, match: re.Match[str], shelf: Shelf) -> bool:
    entry, message, copy = match.groups()
    if entry is not None:
        return _entry_fits(task, int(entry), shelf)
    if message is not None:
        return _message_fits(task, message, shelf)
    if copy not in shelf.copies:
        raise WrongEvidenceError(f"{task.id}: the register has no {copy}: `breachkit copies list`")
    found = shelf.copies[copy]
    shown = found.closed and (found.grade or Grade.ACCEPTED) > Grade.WORD
    return task.evidence_kind == "proof" and shown


def _entry_fits(task: Task, number: int, shelf: Shelf) -> bool:
    event = shelf.events.get(number)
    if event is None:
        raise WrongEvidenceError(
            f"{task.id}: the journal has no entry ev-{number:04d}: `breachkit log show`"
        )
    if task.evidence_kind not in _OF_KIND:
        return isinstance(event.detail.get("file"), str)
    kinds = _OF_KIND[task.evidence_kind]
    failed = task.evidence_kind == "proof" and event.detail.get("ok") is False
    return (kinds is None or event.kind in kinds) and not failed


def _message_fits(task: Task, number: str, shelf: Shelf) -> bool:
    about = [e for e in shelf.events.values() if e.detail.get("number") == number]
    if not about:
        raise WrongEvidenceError(f"{task.id}: no message {number}: `breachkit notify list`")
    kinds = {event.kind for event in about}
    if task.evidence_kind == "ack":
        return "notify.acknowledged" in kinds
    return task.evidence_kind == "event" and "notify.sent" in kinds


def _refuse_copy(task: Task) -> None:
    if task.copy is not None:
        raise InRegisterError(
            f"{task.id} follows the register of copies: `breachkit copies set {task.copy}`, `copies "
            "prove`, `copies accept` or `copies na` closes it"
        )
