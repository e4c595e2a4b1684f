"""What a closed case still asks for: the look back, and that what is private is destroyed in time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from breachkit.incident.commands import command_on, remedy
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import PRIVATE, CaseFolder
from breachkit.incident.guards import BACKUP
from breachkit.report.case_status import DueLine, NextAction
from breachkit.workflows.late_clones import needs_sealing


REVIEW = "F09"
"""The item of the checklist that stands for the look back."""


def due_after_the_end(case: CaseFolder, now: datetime) -> tuple[DueLine, ...]:
    """Give what was to be done by now once the case was closed, the longest overdue first."""
    return tuple(
        DueLine(id=id_, text=text, role=role, due_at=_end_of(day), late=now - _end_of(day))
        for day, id_, text, role in _left(case)
        if _end_of(day) < now
    )


def left_after_the_end(case: CaseFolder) -> tuple[str, ...]:
    """Say what a closed case still asks for, each with its day, the first due first."""
    return tuple(f"{text}, by {day}" for day, _, text, _ in _left(case))


def destroy_first(case: CaseFolder, due: tuple[DueLine, ...]) -> NextAction | None:
    """Give the way to have the private part destroyed, where it is overdue: what late clones need is sealed first."""
    if not any(each.id == PRIVATE for each in due):
        return None
    if needs_sealing(case):
        return NextAction(
            typed=command_on(case.incident.id, "breachkit verifier --seal --case {case}"),
            why=(
                "the day is past on which the private part goes, and with it what a clone that turns up late "
                "is compared with: seal that first, for a key that is kept elsewhere"
            ),
        )
    return NextAction(
        typed=command_on(case.incident.id, BACKUP.remedy),
        why=(
            f"the day is past: delete {case.path / PRIVATE} with the backup and its key, then say so; "
            "or say until which day they are kept, and why"
        ),
    )


def _left(case: CaseFolder) -> list[tuple[date, str, str, str]]:
    """Give the day, id, text and role of each thing that is left, sorted by the day."""
    closed = [each for each in case.events() if each.known_kind is EventKind.CASE_CLOSED]
    return [] if case.incident.is_open or not closed else sorted(_duties(case, closed[-1]))


def _duties(case: CaseFolder, closed: Event) -> Iterator[tuple[date, str, str, str]]:
    review = _review_by(case, closed)
    if review and not _looked_back(case):
        text = "Look back on it: cause, what went well, what did not, actions with owners"
        yield review, REVIEW, text, "incident team"
    by = _destroy_by(case, closed)
    if by and _is_there(case):
        text = "Destroy the private part of the case folder, with backup and key"
        if needs_sealing(case):
            seal = remedy(case.incident.id, "breachkit verifier --seal --case {case}")
            text = f"{text}; before, keep what late clones are compared with: `{seal}`"
        yield by, PRIVATE, text, "keeper"


def _review_by(case: CaseFolder, closed: Event) -> date | None:
    """Give the day that somebody decided since the end; else the later of that of the end and one set before."""
    decided = case.incident.decisions.get("review")
    chosen, usual = _day(case.incident.answer("review")), _day(closed.text("review_due"))
    if chosen and decided and decided.seq > closed.seq:
        return chosen
    return max((each for each in (chosen, usual) if each), default=None)


def _destroy_by(case: CaseFolder, closed: Event) -> date | None:
    """Give the later of the day that the end set and the one that somebody decided since."""
    days = (_day(closed.text("destroy_by")), _day(case.incident.answer("retention")))
    return max((each for each in days if each), default=None)


def _looked_back(case: CaseFolder) -> bool:
    """Say whether somebody decided that it was held, or settled its item and did not open it again."""
    if case.incident.answer("review") == "held":
        return True
    said = (
        event.known_kind
        for event in reversed(case.events())
        if event.known_kind in _ABOUT_ITEMS and event.text("item") == REVIEW
    )
    return next(said, EventKind.CHECKLIST_REOPENED) is not EventKind.CHECKLIST_REOPENED


_ABOUT_ITEMS = frozenset(
    {EventKind.CHECKLIST_TICKED, EventKind.CHECKLIST_NA, EventKind.CHECKLIST_REOPENED}
)


def _is_there(case: CaseFolder) -> bool:
    return any(path.is_file() for path in (case.path / PRIVATE).rglob("*"))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
