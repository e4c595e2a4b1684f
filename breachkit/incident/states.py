"""Milestones as a guarded partial order: what reaches one, what takes it back, what needs it.

Looking, telling and tracing are never refused. Rewriting needs that the contacts know and that the
bad set is known; pushing needs a proof; giving access back and closing need all that was promised.
Source: OpenSAFELY's engineer runbook for redaction failures (opensafely-core/sysadmin, 2021-10 to
2022-06); its page on reporting a data breach (2026-03) for telling at once.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from breachkit.incident.case import Incident, Milestone, Reached
from breachkit.incident.events import Event, EventKind
from breachkit.model.errors import RefusedError


class GuardRefusedError(RefusedError):
    """The case has not reached what the action needs."""


# --- what reaches a milestone, and what takes it back ---------------------------------------

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

AFTER_RECURRENCE = (Milestone.RECURRED, Milestone.SCOPED, *AFTER_SCOPE)
"""What no longer holds once the data came back: everything but telling and containing. An
earlier recurrence gives way to the new one; the journal keeps both."""

BY_HAND = (
    Milestone.CONTAINED,
    Milestone.ASSESSED,
    Milestone.SERVER_PURGED,
    Milestone.TRACED,
    Milestone.RESTORED,
)
"""Milestones that a person may report by ticking the checklist item that stands for them."""


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


NOTHING: tuple[Effect, ...] = ()

EFFECTS: Mapping[EventKind, tuple[Effect, ...]] = {
    EventKind.CASE_OPENED: (Effect(reaches=Milestone.OPENED),),
    EventKind.CASE_AMENDED: NOTHING,
    EventKind.CASE_STOOD_DOWN: (Effect(reaches=Milestone.STOOD_DOWN),),
    EventKind.CASE_CLOSED: (Effect(reaches=Milestone.CLOSED),),
    EventKind.CASE_RECURRED: (Effect(reaches=Milestone.RECURRED, revokes=AFTER_RECURRENCE),),
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
        Effect(revokes=(Milestone.TRACED,), when=_some_open),
    ),
    EventKind.CHECKLIST_TICKED: NOTHING,  # the item itself names its milestone: `reached_by_hand`
    EventKind.CHECKLIST_NA: NOTHING,
    EventKind.EVIDENCE_RECORDED: NOTHING,
    EventKind.DECISION: NOTHING,
    EventKind.OVERRIDE: NOTHING,
    EventKind.JOURNAL_RECOVERED: NOTHING,
    EventKind.CLOCK_BACKWARDS: NOTHING,
}
"""Every kind of entry, so that a new one cannot be forgotten."""


def after(incident: Incident, event: Event) -> Incident:
    """Give the case with the milestones as they stand after `event`."""
    kind = event.known_kind
    if kind is None:
        return incident
    effects = [effect for effect in _effects(kind, event) if effect.when(incident, event)]
    if not effects:  # as most entries: making the case anew is what replaying them costs
        return incident
    milestones = dict(incident.milestones)
    for effect in effects:
        for milestone in effect.revokes:
            milestones.pop(milestone, None)
        if effect.reaches is not None:
            milestones.setdefault(
                effect.reaches, Reached(at=event.at, event=event.id, seq=event.seq)
            )
    return replace(incident, milestones=milestones)


def _effects(kind: EventKind, event: Event) -> tuple[Effect, ...]:
    if kind in {EventKind.CHECKLIST_TICKED, EventKind.CHECKLIST_NA}:
        named = event.text("milestone")
        return tuple(Effect(reaches=each) for each in BY_HAND if each == named)
    return EFFECTS[kind]


# --- what an action needs -------------------------------------------------------------------


class Action(enum.StrEnum):
    """What a guard can be asked about."""

    NOTIFY = "notify"
    CONTAIN = "contain"
    SCOPE = "scope"
    TRACE = "trace"
    VERIFY = "verify"
    REWRITE = "rewrite"
    PUSH = "push"
    RESTORE = "restore"
    CLOSE = "close"
    STAND_DOWN = "stand-down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A condition, what to say where it does not hold, and how to make it hold."""

    name: str
    holds: Callable[[Incident], bool]
    missing: str
    remedy: str
    """A command, with `{case}` for the case's id."""
    can_be_set_aside: bool = True


def _reached(milestone: Milestone) -> Callable[[Incident], bool]:
    return lambda incident: incident.has(milestone)


OPEN = Guard(
    name="open",
    holds=lambda incident: incident.is_open,
    missing="the case is closed",
    remedy="breachkit open TARGET",
    can_be_set_aside=False,
)
ALERTED = Guard(
    name="alerted",
    holds=_reached(Milestone.ALERTED),
    missing="no alert to the contacts is marked as sent",
    remedy="breachkit notify render alert --case {case}",
)
SCOPED = Guard(
    name="scoped",
    holds=_reached(Milestone.SCOPED),
    missing="what has to go is not known yet",
    remedy="breachkit scope --case {case}",
    can_be_set_aside=False,
)
REWRITTEN = Guard(
    name="rewritten",
    holds=_reached(Milestone.REWRITTEN),
    missing="there is no rewritten history",
    remedy="breachkit rewrite --case {case}",
    can_be_set_aside=False,
)
PROVEN = Guard(
    name="proven",
    holds=lambda incident: incident.proof_ok is True,
    missing="no proof says that the rewritten history is clean and otherwise unchanged",
    remedy="breachkit rewrite --case {case}",
    can_be_set_aside=False,
)
VERIFIED = Guard(
    name="verified",
    holds=_reached(Milestone.VERIFIED),
    missing="no fresh clone was found clean",
    remedy="breachkit verify --case {case}",
)
PURGED = Guard(
    name="server_purged",
    holds=_reached(Milestone.SERVER_PURGED),
    missing="the server still holds data under refs that cannot be pushed",
    remedy="breachkit verify --case {case}",
)
TRACED = Guard(
    name="traced",
    holds=_reached(Milestone.TRACED),
    missing="copies are open",
    remedy="breachkit checklist show --case {case}",
    can_be_set_aside=False,
)
RESTORED = Guard(
    name="restored",
    holds=_reached(Milestone.RESTORED),
    missing="access is not given back, and nobody decided that it stays as it is",
    remedy="breachkit checklist show --case {case}",
)
PROTECTED = Guard(
    name="protected",
    holds=lambda incident: all(each.what != "lift" for each in incident.open_intents),
    missing="protections that were lifted for a push are not back",
    remedy="breachkit push --case {case} --execute",
    can_be_set_aside=False,
)
NOT_REWRITTEN = Guard(
    name="not rewritten",
    holds=lambda incident: not incident.has(Milestone.REWRITTEN),
    missing="history was rewritten, so this was no false alarm",
    remedy="breachkit status --case {case}",
    can_be_set_aside=False,
)

GUARDS: Mapping[Action, tuple[Guard, ...]] = {
    Action.NOTIFY: (),
    Action.CONTAIN: (),
    Action.SCOPE: (),
    Action.TRACE: (),
    Action.VERIFY: (),
    Action.REWRITE: (OPEN, ALERTED, SCOPED),
    Action.PUSH: (OPEN, ALERTED, SCOPED, REWRITTEN, PROVEN),
    Action.RESTORE: (VERIFIED, PURGED, TRACED),
    Action.CLOSE: (OPEN, PROTECTED, ALERTED, VERIFIED, PURGED, TRACED, RESTORED),
    Action.STAND_DOWN: (OPEN, NOT_REWRITTEN),
}


def missing(incident: Incident, action: Action) -> tuple[Guard, ...]:
    """Give the guards of `action` that neither hold nor were set aside, in their order."""
    return tuple(
        guard
        for guard in GUARDS[action]
        if not guard.holds(incident) and (action, guard.name) not in incident.overrides
    )


def guard(incident: Incident, action: Action) -> None:
    """Let `action` pass, or say what it lacks and which command brings it about.

    Raises:
        GuardRefusedError: a guard neither holds nor was set aside.
    """
    lacking = missing(incident, action)
    if lacking:
        raise GuardRefusedError(refusal(incident, action, lacking))


def refusal(incident: Incident, action: Action, lacking: tuple[Guard, ...]) -> str:
    """Say why `action` is refused, and what to do."""
    reasons = "; ".join(guard.missing for guard in lacking)
    remedy = lacking[0].remedy.format(case=incident.id)
    text = f"{incident.id}: {action} is refused: {reasons}. Run `{remedy}`"
    if all(guard.can_be_set_aside for guard in lacking):
        text += ", or say why not with --override REASON"
    return text
