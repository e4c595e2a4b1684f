"""Where a case stands, on one screen."""

from collections.abc import Iterator
from datetime import tzinfo

from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.places import warnings_about
from breachkit.model.time import Clock
from breachkit.report.case_status import Clock72, MilestoneLine, Status
from breachkit.workflows.next_action import interrupted, next_action


def status(case: CaseFolder, clock: Clock, zone: tzinfo | None = None) -> Status:
    """Give a case on one screen.

    Args:
        case: Which.
        clock: Tells how much of the 72 hours is left.
        zone: For the local time; None takes the machine's.

    Raises:
        JournalDamagedError: the journal does not hold, so nothing can be said.
    """
    incident = case.incident
    return Status(
        id=incident.id,
        codename=incident.codename,
        kind=incident.kind,
        target=incident.target,
        folder=str(case.path),
        is_open=incident.is_open,
        clock=Clock72(
            aware_at=incident.aware_at,
            assumed=incident.aware_assumed,
            deadline=incident.deadline,
            left=incident.deadline - clock.now(),
            zone=zone,
        ),
        milestones=tuple(_milestone_lines(incident)),
        interrupted=interrupted(incident),
        warnings=(*_warnings(incident), *warnings_about(case.path)),
        entries=incident.entries,
        head=incident.head,
        next_action=next_action(incident),
    )


_ALWAYS_SHOWN = tuple(
    each
    for each in Milestone
    if each not in {Milestone.STOOD_DOWN, Milestone.RECURRED, Milestone.CLOSED}
)


def _milestone_lines(incident: Incident) -> list[MilestoneLine]:
    shown = [each for each in Milestone if each in _ALWAYS_SHOWN or incident.has(each)]
    reached = incident.milestones
    return [
        MilestoneLine(name=each, at=reached[each].at if each in reached else None) for each in shown
    ]


def _warnings(incident: Incident) -> tuple[str, ...]:
    found = []
    later = [m for m in incident.milestones if m not in {Milestone.OPENED, Milestone.ALERTED}]
    if incident.is_open and later and not incident.has(Milestone.ALERTED):
        found.append("no alert to the named contacts is marked as sent")
    if incident.has(Milestone.RECURRED):
        found.append("the data came back after they were gone: some clone still holds them")
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
