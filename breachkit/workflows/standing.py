"""Where a case stands: everything that its screen shows, read and never changed.

No finding is read, and of the register of copies only how far each is: a case of any size stands on
the screen at once. What cannot be read is a warning on the screen and does not keep it away.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from breachkit.actions.chasing import Chase
from breachkit.actions.checklist import Checklist
from breachkit.actions.copy_record import Copy
from breachkit.incident.assessing import is_report_settled, still_open
from breachkit.incident.case import CaseSummary, Incident, Milestone
from breachkit.incident.commands import command_on
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.guards import Action, is_contained_to_us, missing
from breachkit.incident.places import warnings_about
from breachkit.incident.severities import PENDING
from breachkit.incident.store import CaseStore
from breachkit.model.errors import BreachkitError
from breachkit.model.time import Clock
from breachkit.report.case_list import Listed
from breachkit.report.case_status import (
    Beside,
    ChaseLine,
    Clock72,
    CopiesLine,
    DueLine,
    MilestoneLine,
    NextAction,
    Status,
    WhoLine,
)
from breachkit.report.words import counted
from breachkit.workflows.afterwards import destroy_first, due_after_the_end
from breachkit.workflows.chasing import due
from breachkit.workflows.checklist import current_checklist
from breachkit.workflows.details import Details, details_of
from breachkit.workflows.next_action import interrupted, next_action
from breachkit.workflows.register import load_register


T = TypeVar("T")

TLP = "TLP:AMBER+STRICT"
"""The label of the screen: it names the repository, so that it stays within the organisation."""


def status(case: CaseFolder, clock: Clock, zone: tzinfo | None = None) -> Status:
    """Give a case on one screen.

    Args:
        case: Which.
        clock: Tells how much of the 72 hours is left, and what is overdue.
        zone: For the local time; None takes the machine's.

    Raises:
        JournalDamagedError: the journal does not hold, so nothing can be said.
    """
    incident, now = case.incident, clock.now()
    looked = _Looked()
    details = looked.at(lambda: details_of(case), Details())
    register = _register(case, looked)
    urgent = _urgent(case, clock, looked, register)
    return Status(
        id=incident.id,
        codename=incident.codename,
        kind=incident.kind,
        severity=None if incident.severity == PENDING else incident.severity,
        tlp=TLP,
        target=incident.target,
        folder=str(case.path),
        is_open=incident.is_open,
        is_draft=incident.is_draft,
        clock=_clock(incident, now, zone),
        assessed=is_report_settled(incident),
        milestones=tuple(_milestone_lines(incident)),
        who=WhoLine(keeper=details.keeper, engineer=details.engineer, decider=details.decider),
        overdue=urgent.overdue,
        chases=urgent.chases,
        copies=_copies(register, now),
        lacking=_lacking(incident),
        interrupted=interrupted(incident),
        warnings=(*_warnings(incident), *looked.problems, *warnings_about(case.path)),
        entries=incident.entries,
        head=incident.head,
        next_action=_now(case, urgent),
    )


def what_next(case: CaseFolder, clock: Clock) -> NextAction:
    """Give the one thing to do now; errors as `status`.

    Who does not answer an alert comes before everything else: a call takes two minutes, and the rest of
    the response waits for whoever decides.
    """
    looked = _Looked()
    action = _now(case, _urgent(case, clock, looked, _register(case, looked)))
    unread = tuple(Beside(what=f"could not be read: {each}") for each in looked.problems)
    return replace(action, meanwhile=(*action.meanwhile, *unread))


def statuses(store: CaseStore, clock: Clock, zone: tzinfo | None = None) -> tuple[Listed, ...]:
    """Give every case, the one that is worst off first; arguments as `status`."""
    listed = [_listed(store, each, clock, zone) for each in store.list()]
    return tuple(sorted(listed, key=_urgency))


def _listed(store: CaseStore, summary: CaseSummary, clock: Clock, zone: tzinfo | None) -> Listed:
    damaged, shown = summary.damaged, None
    if damaged is None:
        try:
            shown = status(store.find(summary.id), clock, zone)
        except BreachkitError as cause:  # it was damaged since it was listed
            damaged = str(cause)
    return Listed(id=summary.id, codename=summary.codename, status=shown, damaged=damaged)


def _urgency(listed: Listed) -> tuple[object, ...]:
    """Give what sorts the worst first: what nobody can say, what is late, then the least time left."""
    found = listed.status
    if found is None:
        return (0, listed.id)
    worst = max((due.late for due in found.overdue), default=timedelta())
    rank = (1 if found.is_open else 2) if found.is_overdue else (3 if found.is_open else 4)
    late = (found.is_late, bool(found.interrupted), worst)
    return (rank, *(-each for each in late), found.clock.left, listed.id)


@dataclass(slots=True)
class _Looked:
    """What could not be read on the way."""

    problems: list[str] = field(default_factory=list)

    def at(self, look: Callable[[], T], otherwise: T) -> T:
        """Give what `look` gives, or `otherwise` where it fails."""
        try:
            return look()
        except BreachkitError as cause:
            if str(cause) not in self.problems:
                self.problems.append(str(cause))
            return otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Urgent:
    """What time makes urgent."""

    overdue: tuple[DueLine, ...]
    chases: tuple[ChaseLine, ...]
    is_late: bool
    """Whether the 72 hours are over, and nobody has decided whether to report."""
    blocking: Mapping[str, int]
    """How many items of the checklist are open that should be done before an action, by its name."""


def _urgent(case: CaseFolder, clock: Clock, looked: _Looked, register: Sequence[Copy]) -> _Urgent:
    """Look what is late; copies are told by number, or ten thousand would hide the rest."""
    incident = case.incident
    if not incident.is_open:
        after = due_after_the_end(case, clock.now())
        return _Urgent(overdue=after, chases=(), is_late=False, blocking={})
    checklist = None
    if not incident.is_draft:  # nobody has begun to work through it: first somebody has to look
        checklist = looked.at(
            lambda: current_checklist(case, clock, register=register, each_copy=False), None
        )
    return _Urgent(
        overdue=_overdue(checklist) if checklist else (),
        chases=looked.at(lambda: tuple(map(_chase, due(case, clock))), ()),
        is_late=incident.deadline < clock.now() and not is_report_settled(incident),
        blocking=_blocking(checklist) if checklist else {},
    )


def _blocking(checklist: Checklist) -> Mapping[str, int]:
    return {action: len(checklist.blocking(action)) for action in _WITH_ITEMS}


_WITH_ITEMS = (Action.REWRITE, Action.RESTORE, Action.CLOSE)
"""What items of the checklist should be done before."""


def _now(case: CaseFolder, urgent: _Urgent) -> NextAction:
    destroy = destroy_first(case, urgent.overdue)
    return destroy or _with_urgent(next_action(case.incident), case.incident, urgent)


def _with_urgent(action: NextAction, incident: Incident, urgent: _Urgent) -> NextAction:
    """Put who has to be rung before the next action, and what blocks it beside it."""
    blocked = tuple(_beside_blocked(action, incident, urgent))
    action = replace(action, meanwhile=(*action.meanwhile, *blocked))
    if urgent.is_late and incident.has(Milestone.ALERTED):
        action = _decide_first(action)
    unheard = [each for each in urgent.chases if each.by_phone]
    if not unheard or incident.open_intents:
        return action
    later = Beside(what=action.why, typed=action.typed)
    return NextAction(
        typed=command_on(incident.id, "breachkit notify chase --case {case}"),
        why=f"ring now: {unheard[0].text}"
        + (f", and {len(unheard) - 1} more" if unheard[1:] else ""),
        meanwhile=(later, *action.meanwhile),
    )


def _decide_first(action: NextAction) -> NextAction:
    """Once the 72 hours are over, nothing that can wait comes before the decision whether to report."""
    wanted = ("breachkit notify render dpo", "breachkit decide")
    templates = ((each, each.typed.template) for each in action.meanwhile if each.typed)
    first = next((each for each, line in templates if line.startswith(wanted)), None)
    if first is None or first.typed is None:
        return action
    later = Beside(what=action.why, typed=action.typed)
    rest = tuple(each for each in action.meanwhile if each is not first)
    why = f"the 72 hours are over: {first.what}; a report now has to give reasons for the delay"
    return NextAction(typed=first.typed, why=why, meanwhile=(later, *rest))


_BEFORE = {"close": "the case is closed"}


def _beside_blocked(action: NextAction, incident: Incident, urgent: _Urgent) -> Iterator[Beside]:
    for name, number in urgent.blocking.items():
        if number and action.typed.words[0] == name:
            items = counted(number, "item")
            yield Beside(
                what=f"{items} of the checklist should be done before {_BEFORE.get(name, f'the {name}')}",
                typed=command_on(incident.id, "breachkit checklist show --case {case}"),
            )


def _chase(chase: Chase) -> ChaseLine:
    """Say who does not answer; a notice names people of the case's own contacts and register."""
    who = chase.notice.recipient.name
    said = {
        "alert": f"{who} has not answered the alert",
        "undelivered": f"the alert to {who} was not delivered",
        "reminder": f"{who} has not answered and is due soon",
        "escalation": f"{who} has not answered by the day due",
    }
    return ChaseLine(
        id=chase.notice.id,
        text=said[chase.kind],
        due_at=chase.due_at,
        by_phone=chase.by_phone,
    )


def _lacking(incident: Incident) -> tuple[str, ...]:
    """Give what people have to decide; nothing of it where nothing got out."""
    if not incident.is_open or is_contained_to_us(incident):
        return ()
    severity = ("severity",) if incident.severity == PENDING else ()
    return (*severity, *still_open(incident))


def _clock(incident: Incident, now: datetime, zone: tzinfo | None) -> Clock72:
    return Clock72(
        aware_at=incident.aware_at,
        assumed=incident.aware_assumed,
        deadline=incident.deadline,
        left=incident.deadline - now,
        zone=zone,
    )


def _overdue(checklist: Checklist) -> tuple[DueLine, ...]:
    return tuple(
        DueLine(
            id=task.id,
            text=task.text,
            role=task.role,
            due_at=task.due_at,
            late=checklist.now - task.due_at,
        )
        for task in checklist.overdue
        if task.due_at is not None
    )


def _register(case: CaseFolder, looked: _Looked) -> tuple[Copy, ...]:
    nothing: tuple[Copy, ...] = ()
    return looked.at(lambda: load_register(case), nothing)


def _copies(register: Sequence[Copy], now: datetime) -> CopiesLine | None:
    if not register:
        return None
    waiting = [copy for copy in register if not copy.closed]
    risks = Counter(copy.risk for copy in waiting)
    return CopiesLine(
        known=sum(copy.applies != "no" for copy in register),
        high=risks["high"],
        medium=risks["medium"],
        low=risks["low"],
        overdue=sum(copy.due is not None and copy.due < now for copy in waiting),
    )


_ALWAYS_SHOWN = tuple(
    each for each in Milestone if each not in {Milestone.STOOD_DOWN, Milestone.RECURRED}
)


_ASKED_BEFORE = {
    Milestone.REWRITTEN: Action.REWRITE,
    Milestone.PUSHED: Action.PUSH,
    Milestone.RESTORED: Action.RESTORE,
    Milestone.CLOSED: Action.CLOSE,
}
_AFTER = {Milestone.VERIFIED: Milestone.PUSHED, Milestone.SERVER_PURGED: Milestone.PUSHED}
"""What has no guards and makes no sense before something else."""


def _milestone_lines(incident: Incident) -> list[MilestoneLine]:
    shown = [each for each in Milestone if each in _ALWAYS_SHOWN or incident.has(each)]
    reached = incident.milestones
    return [
        MilestoneLine(
            name=each,
            at=reached[each].at if each in reached else None,
            can_come=incident.is_open and _can_come(incident, each),
        )
        for each in shown
    ]


def _can_come(incident: Incident, milestone: Milestone) -> bool:
    if milestone in _ASKED_BEFORE:
        return not missing(incident, _ASKED_BEFORE[milestone])
    return milestone not in _AFTER or incident.has(_AFTER[milestone])


def _warnings(incident: Incident) -> tuple[str, ...]:
    found = []
    later = [m for m in incident.milestones if m not in {Milestone.OPENED, Milestone.ALERTED}]
    if incident.is_open and later and not incident.has(Milestone.ALERTED):
        found.append("no alert to the named contacts is marked as sent")
    if not incident.scope_complete:
        found.append("the scope is incomplete: something could not be examined")
    if incident.has(Milestone.REWRITTEN) and incident.proof_ok is False:
        found.append("the proof of the last rewrite failed: it must not be pushed")
    if incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE):
        found.extend(_of_server(incident))
    if incident.newer_entries:
        found.append(
            f"{incident.newer_entries} of the journal's entries were written by a later breachkit and are "
            "not taken into account: use that one"
        )
    found.extend(
        f"{action} went past the guard `{name}`" for action, name in sorted(incident.overrides)
    )
    return tuple(found)


def _of_server(incident: Incident) -> Iterator[str]:
    """Say what asking the platform by every way showed."""
    served, unknown, left, hidden = (
        incident.fact(EventKind.VERIFY_SERVER, name) or 0
        for name in ("served", "unknown", "left", "hidden")
    )
    if served:
        yield f"the platform still gives away what should be gone: {served} of its answers do"
    if unknown + left:
        yield f"the platform was not asked in full: {unknown + left} questions are open"
    if hidden:
        yield f"forks that are deleted or private, and nobody has said which: {hidden}"
