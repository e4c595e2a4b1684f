"""Milestones as a partial order: what reaches one, what takes it back, what it needs to hold.

What happened to the repository is a milestone once the journal says so; `guards` are asked before
it happens. What is a judgement - contained, assessed, purged - holds only while what it
rests on holds too (`NEEDS`). What was taken back never returns by itself: an entry has to claim it anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from breachkit.incident.assessing import QUESTIONS, is_answered, is_informed
from breachkit.incident.case import Incident, Milestone, Past, Reached
from breachkit.incident.events import Event, EventKind
from breachkit.incident.guards import (
    GUARDS,
    Action,
    Guard,
    GuardRefusedError,
    guard,
    missing,
    refusal,
)
from breachkit.incident.opening import is_on_github
from breachkit.incident.records import replaced


__all__ = [
    "GUARDS",
    "Action",
    "Guard",
    "GuardRefusedError",
    "guard",
    "missing",
    "refusal",
]


Condition = Callable[[Incident, Event], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What entries of one kind do to the milestones."""

    reaches: Milestone | None = None
    revokes: tuple[Milestone, ...] = ()
    when: Condition = lambda _incident, _event: True


AFTER_SCOPE = (
    Milestone.REWRITTEN,
    Milestone.PUSHED,
    Milestone.VERIFIED,
    Milestone.SERVER_PURGED,
    Milestone.TRACED,
    Milestone.RESTORED,
    Milestone.CLOSED,
)
"""What no longer holds once the bad set has grown."""

AFTER_RECURRENCE = (Milestone.RECURRED, Milestone.SCOPED, Milestone.ASSESSED, *AFTER_SCOPE)
"""What no longer holds once the data came back: everything but telling, and containing while
access was not given back. An earlier recurrence gives way to the new one; `past` keeps both."""

BY_HAND = (Milestone.CONTAINED, Milestone.SERVER_PURGED, Milestone.RESTORED)
"""Milestones that a person may report by ticking the checklist item that stands for them. That
all copies are accounted for only the register says, and what was assessed only decisions do."""


def is_alert(event: Event) -> bool:
    """Say whether a message is an alert to the named contacts."""
    return (event.text("message") or "").endswith("alert") or event.flag("alert") is True


def _ok(_incident: Incident, event: Event) -> bool:
    return event.flag("ok") is True


def _purged(incident: Incident, event: Event) -> bool:
    gone = event.flag("server_gone") is not False  # not asked by id: the refs alone are judged
    held = event.number("hidden_refs") or event.number("served_by_id")
    return _ok(incident, event) and gone and not held and not _platform_serves(incident)


def _platform_serves(incident: Incident) -> bool:
    """Say whether the platform, asked by every way since the push, gave something away."""
    since = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    return since and bool(incident.fact(EventKind.VERIFY_SERVER, "served"))


def _all_gone(incident: Incident, event: Event) -> bool:
    return _ok(incident, event) and incident.has(Milestone.VERIFIED)


def _some_served(_incident: Incident, event: Event) -> bool:
    return bool(event.number("served"))


def _still_served(incident: Incident, event: Event) -> bool:
    return _ok(incident, event) and not _purged(incident, event)


def _came_back(incident: Incident, event: Event) -> bool:
    """That refs moved is no recurrence: work goes on after an incident."""
    held = event.flag("held") is not False  # not said: taken for the worse
    return event.flag("ok") is False and held and incident.has(Milestone.VERIFIED)


def _grew(incident: Incident, event: Event) -> bool:
    some = bool(event.number("blobs")) or event.flag("no_files") is True
    return incident.has(Milestone.REWRITTEN) and some


def _drifted(_incident: Incident, event: Event) -> bool:
    return event.flag("ok") is False and bool(event.number("drifted"))


def _all_accounted(_incident: Incident, event: Event) -> bool:
    return event.number("open") == 0


def _some_open(_incident: Incident, event: Event) -> bool:
    return bool(event.number("open"))


def _came_back_in_the_open(incident: Incident, event: Event) -> bool:
    """Access had been given back, so the repository is not closed any more."""
    is_recurrence = event.known_kind is EventKind.CASE_RECURRED or _came_back(incident, event)
    return is_recurrence and incident.has(Milestone.RESTORED)


def _about(*matters: str) -> Condition:
    return lambda _incident, event: event.text("about") in matters


_OPENED_AGAIN = Effect(revokes=(Milestone.CONTAINED,), when=_came_back_in_the_open)


NOTHING: tuple[Effect, ...] = ()

EFFECTS: Mapping[EventKind, tuple[Effect, ...]] = {
    EventKind.CASE_OPENED: (Effect(reaches=Milestone.OPENED),),
    EventKind.CASE_AMENDED: NOTHING,
    EventKind.CASE_STOOD_DOWN: (Effect(reaches=Milestone.STOOD_DOWN),),
    EventKind.CASE_CLOSED: (Effect(reaches=Milestone.CLOSED),),
    EventKind.CASE_RECURRED: (
        _OPENED_AGAIN,
        Effect(reaches=Milestone.RECURRED, revokes=AFTER_RECURRENCE),
    ),
    EventKind.SWEEP_RECORDED: NOTHING,
    EventKind.FACT_RECORDED: NOTHING,
    EventKind.CONTACTS_CHOSEN: NOTHING,
    EventKind.SNAPSHOT_RECORDED: NOTHING,
    EventKind.CONTAINMENT_RECORDED: (Effect(reaches=Milestone.CONTAINED),),
    EventKind.RESTRICT_PLANNED: NOTHING,
    EventKind.RESTRICT_INTENT: NOTHING,
    EventKind.RESTRICT_SENDING: NOTHING,
    EventKind.RESTRICT_SENT: NOTHING,
    EventKind.RESTRICT_DONE: (Effect(reaches=Milestone.CONTAINED),),
    EventKind.RESTRICT_FAILED: NOTHING,
    EventKind.RESTORE_PLANNED: NOTHING,
    EventKind.RESTORE_INTENT: NOTHING,
    EventKind.RESTORE_SENDING: NOTHING,
    EventKind.RESTORE_SENT: NOTHING,
    EventKind.RESTORE_DONE: (Effect(reaches=Milestone.RESTORED),),
    EventKind.RESTORE_FAILED: NOTHING,
    EventKind.WATCH_RECORDED: (Effect(revokes=(Milestone.CONTAINED,), when=_drifted),),
    EventKind.SCOPE_RECORDED: (
        Effect(revokes=AFTER_SCOPE, when=_grew),
        Effect(reaches=Milestone.SCOPED),
    ),
    EventKind.ASSESSMENT_RECORDED: (Effect(reaches=Milestone.ASSESSED),),
    EventKind.REWRITE_PLANNED: NOTHING,
    EventKind.REWRITE_INTENT: (Effect(revokes=(Milestone.REWRITTEN,)),),
    EventKind.BACKUP_MADE: NOTHING,
    EventKind.BACKUP_DESTROYED: NOTHING,
    EventKind.REWRITE_DONE: (Effect(reaches=Milestone.REWRITTEN),),
    EventKind.REWRITE_FAILED: NOTHING,
    EventKind.PROOF_RECORDED: NOTHING,
    EventKind.PUSH_PLANNED: NOTHING,
    EventKind.PUSH_INTENT: NOTHING,
    EventKind.PUSH_DONE: (Effect(reaches=Milestone.PUSHED),),
    EventKind.PUSH_FAILED: NOTHING,
    EventKind.LIFT_INTENT: NOTHING,
    EventKind.LIFT_SENDING: NOTHING,
    EventKind.LIFT_SENT: NOTHING,
    EventKind.UNLIFT_SENDING: NOTHING,
    EventKind.UNLIFT_SENT: NOTHING,
    EventKind.LIFT_DONE: NOTHING,
    EventKind.LIFT_FAILED: NOTHING,
    EventKind.VERIFY_RECORDED: (
        _OPENED_AGAIN,
        Effect(
            reaches=Milestone.RECURRED,
            revokes=AFTER_RECURRENCE,
            when=_came_back,
        ),
        Effect(reaches=Milestone.VERIFIED, when=_ok),
        Effect(reaches=Milestone.SERVER_PURGED, when=_purged),
        Effect(revokes=(Milestone.SERVER_PURGED,), when=_still_served),
    ),
    EventKind.VERIFY_SERVER: (
        Effect(reaches=Milestone.SERVER_PURGED, when=_all_gone),
        Effect(revokes=(Milestone.SERVER_PURGED,), when=_some_served),
    ),
    EventKind.NOTIFY_RENDERED: NOTHING,
    EventKind.NOTIFY_SENDING: NOTHING,
    EventKind.NOTIFY_REFUSED: NOTHING,
    EventKind.NOTIFY_UNSURE: NOTHING,
    EventKind.NOTIFY_SENT: (
        Effect(reaches=Milestone.ALERTED, when=lambda _incident, event: is_alert(event)),
    ),
    EventKind.NOTIFY_ACKNOWLEDGED: NOTHING,
    EventKind.NOTIFY_CALLED: NOTHING,
    EventKind.SUPPORT_REQUESTED: NOTHING,
    EventKind.SUPPORT_ANSWERED: NOTHING,
    EventKind.TRACE_RECORDED: NOTHING,
    EventKind.COPIES_RECORDED: (
        Effect(reaches=Milestone.TRACED, when=_all_accounted),
        Effect(revokes=(Milestone.TRACED, Milestone.CLOSED), when=_some_open),
    ),
    EventKind.CHECKLIST_TICKED: NOTHING,  # the item itself names its milestone: `reached_by_hand`
    EventKind.CHECKLIST_NA: NOTHING,
    EventKind.CHECKLIST_REOPENED: NOTHING,  # takes back the milestone that its item stands for
    EventKind.GUARD_INSTALLED: NOTHING,
    EventKind.EVIDENCE_RECORDED: NOTHING,
    EventKind.EVIDENCE_CUSTODY: NOTHING,
    EventKind.STAMP_REQUESTED: NOTHING,
    EventKind.STAMP_RECORDED: NOTHING,
    EventKind.DECISION: (
        Effect(reaches=Milestone.CONTAINED, when=_about("containment")),
        Effect(reaches=Milestone.ASSESSED, when=_about(*QUESTIONS)),
    ),
    EventKind.OVERRIDE: NOTHING,
    EventKind.JOURNAL_RECOVERED: NOTHING,
    EventKind.CLOCK_BACKWARDS: NOTHING,
}
"""Every kind of entry, so that a new one cannot be forgotten."""


def _is_decided_who_may_come_in(incident: Incident) -> bool:
    """Say whether somebody decided about the collaborators, where there is a platform that has any.

    Closing through breachkit decides about each of them.
    """
    on_platform = (
        incident.is_hosted
        or EventKind.SNAPSHOT_RECORDED in incident.latest
        or is_on_github(incident.target)
    )
    decided = EventKind.RESTRICT_DONE in incident.latest or "collaborators" in incident.decisions
    return decided or not on_platform


def _is_judged(incident: Incident) -> bool:
    return is_informed(incident) and is_answered(incident)


NEEDS: Mapping[Milestone, Callable[[Incident], bool]] = {
    Milestone.CONTAINED: _is_decided_who_may_come_in,
    Milestone.ASSESSED: _is_judged,
    Milestone.SERVER_PURGED: lambda incident: not _platform_serves(incident),
}
"""What has to hold beside the entry that claims a milestone, as long as the milestone holds."""


def after(incident: Incident, event: Event) -> Incident:
    """Give the case with the milestones as they stand after `event`, which it has seen already."""
    kind = event.known_kind
    if kind is None:
        return incident
    effects = [effect for effect in _effects(kind, event) if effect.when(incident, event)]
    if not effects and kind not in _CHANGES_NEEDS:
        return incident  # as most entries: making the case anew is what replaying them costs
    now = Reached(at=event.at, event=event.id, seq=event.seq)
    claims = dict(incident.claims)
    revoked: set[Milestone] = set()
    for effect in effects:
        for milestone in effect.revokes:
            claims.pop(milestone, None)
            revoked.add(milestone)
        if effect.reaches is not None:
            claims.setdefault(effect.reaches, now)
    return _settled(incident, claims, revoked, now)


_CHANGES_NEEDS = frozenset(
    {
        EventKind.NOTIFY_SENT,
        EventKind.CHECKLIST_TICKED,
        EventKind.CHECKLIST_NA,
        EventKind.CHECKLIST_REOPENED,
        EventKind.DECISION,
    }
)
"""Entries that can let a milestone hold which an earlier entry claims, or take its ground away."""


def _settled(
    incident: Incident,
    claims: dict[Milestone, Reached],
    revoked: set[Milestone],
    now: Reached,
) -> Incident:
    """Let every claim hold that may, and forget those whose ground is gone."""
    before = incident.milestones
    held = {}
    for milestone in list(claims):
        if milestone in NEEDS and not NEEDS[milestone](incident):
            if milestone in before:
                del claims[milestone]
        else:
            kept = None if milestone in revoked else before.get(milestone)
            held[milestone] = kept or now
    past = tuple(
        Past(milestone=name, reached=reached, until=now.at, ended_by=now.event)
        for name, reached in before.items()
        if held.get(name) != reached
    )
    if held == before and claims == incident.claims:
        return incident
    if past:
        incident = replace(incident, past=(*incident.past, *past))
    return replaced(incident, milestones=held, claims=claims)


def _effects(kind: EventKind, event: Event) -> tuple[Effect, ...]:
    if kind is EventKind.CHECKLIST_REOPENED:
        return tuple(Effect(revokes=(each,)) for each in BY_HAND if each == event.text("milestone"))
    if kind in {EventKind.CHECKLIST_TICKED, EventKind.CHECKLIST_NA}:
        named = event.text("milestone")
        return tuple(
            Effect(reaches=each, when=_WHEN_BY_HAND.get(each, _always))
            for each in BY_HAND
            if each == named
        )
    return EFFECTS[kind]


def _always(_incident: Incident, _event: Event) -> bool:
    return True


_WHEN_BY_HAND: Mapping[Milestone, Condition] = {
    Milestone.RESTORED: lambda incident, _event: not missing(incident, Action.RESTORE),
}
"""A tick gives no access back for which the guards have not been asked."""
