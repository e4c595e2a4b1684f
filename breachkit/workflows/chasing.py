"""Who has not answered, and whom to ring about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from breachkit.actions.calling import Call, CallFacts, Standing, call_script
from breachkit.actions.chasing import (
    Chase,
    ChaseRule,
    called_at,
    called_detail,
    chases,
    overdue,
)
from breachkit.actions.copies import Copy
from breachkit.actions.notify import (
    Notice,
    UnknownNoticeError,
    no_such_notice,
    notices_from,
)
from breachkit.actions.sending import fates
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock
from breachkit.workflows.contacts import current_contacts
from breachkit.workflows.details import details_of
from breachkit.workflows.playbooks import load_settings, playbook_of
from breachkit.workflows.register import load_register


def due(case: CaseFolder, clock: Clock) -> tuple[Chase, ...]:
    """Give everybody whom somebody has to run after now, the most urgent first.

    Empty where the case is closed: nothing is asked of anybody any more.
    """
    return overdue(coming(case), clock.now()) if case.incident.is_open else ()


def coming(case: CaseFolder) -> tuple[Chase, ...]:
    """Give everybody who has not answered, with the moment from which they are chased."""
    events = case.events()
    notices = notices_from(events)
    return chases(
        notices,
        _copies(case, notices),
        fates(events),
        called_at(events),
        chase_rule(case) if notices else ChaseRule(),
    )


def standing(
    case: CaseFolder, clock: Clock, notice_id: str | None = None, *, zone: tzinfo | None = None
) -> Standing:
    """Give who is to be chased now and later, with a script for each call that is due.

    Args:
        case: The case.
        clock: Decides what is due.
        notice_id: Only about this message, whose script is given whether it is due or not.
        zone: Of whoever rings; None takes the machine's.

    Raises:
        UnknownNoticeError: no message has that id, or nothing about it waits for an answer.
        ContactsError: the case's contacts are not those that were chosen.
    """
    now, found = clock.now(), coming(case)
    if notice_id is not None:
        found = tuple(chase for chase in found if chase.notice.id == notice_id)
        if not found:
            raise UnknownNoticeError(
                f"{display(notice_id)} waits for no answer: `breachkit notify list` shows what does"
            )
    now_due = overdue(found, now) if case.incident.is_open else ()
    to_ring = now_due or (found[:1] if notice_id is not None else ())
    profile, facts = current_contacts(case), _call_facts(case, now, zone)
    calls = [Call(chase=c, lines=call_script(c, profile, facts)) for c in to_ring if c.by_phone]
    later = tuple(chase for chase in found if chase.due_at > now)
    return Standing(now=now, due=now_due, later=later, calls=tuple(calls))


def record_call(
    case: CaseFolder, notice_id: str | None, *, outcome: str, by: str, at: datetime
) -> Event:
    """Note that somebody rang about a message and was not done with it.

    Raises:
        UsageError: no message is named, or nothing is said of how it ended.
        UnknownNoticeError: no message has that id.
    """
    if notice_id is None or not outcome.strip():
        raise UsageError(
            'name the message and how the call ended: notify chase N-001 --called "..."'
        )
    notices = notices_from(case.events())
    notice = next((n for n in notices if n.id == notice_id), None)
    if notice is None:
        raise no_such_notice(notice_id, notices)
    detail = called_detail(notice, outcome=outcome.strip(), by=by, at=at)
    return case.record(EventKind.NOTIFY_CALLED, detail, refs=[notice.id])


def chase_rule(case: CaseFolder) -> ChaseRule:
    """Give the numbers of the case's playbook; one that is broken keeps nobody from being rung."""
    try:
        settings = load_settings(playbook_of(case.incident.profile))
    except ConfigurationError:
        return ChaseRule()
    return ChaseRule(alert=settings.alert, reminder=settings.reminder, answer=settings.answer)


def _call_facts(case: CaseFolder, now: datetime, zone: tzinfo | None) -> CallFacts:
    known, incident = details_of(case), case.incident
    return CallFacts(
        case_id=incident.id,
        codename=incident.codename,
        local_now=now.astimezone(zone),
        caller=known.keeper,
        call_back=known.phone,
        deadline=incident.deadline,
    )


def _copies(case: CaseFolder, notices: Sequence[Notice]) -> Mapping[str, Copy]:
    """Give the register, which can be long, only where somebody in it was written to."""
    asked = any(notice.recipient.reference.startswith("K-") for notice in notices)
    return {copy.id: copy for copy in load_register(case)} if asked else {}
