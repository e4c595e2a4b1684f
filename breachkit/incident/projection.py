"""Replaying a journal: from its entries to the case as it stands.

What an entry of a later version says is not taken into account, only counted; an entry that lacks
a part is taken without it. Replaying never fails on what an entry says.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import cast

from breachkit.incident import severities
from breachkit.incident.case import (
    CASE_KINDS,
    CaseKind,
    Incident,
    Milestone,
    OpenIntent,
    frozen,
    unwire_name,
)
from breachkit.incident.decisions import Decision, decision_of
from breachkit.incident.detail import JSON
from breachkit.incident.events import VERSION, Event, EventKind
from breachkit.incident.records import replaced
from breachkit.incident.states import after, is_alert
from breachkit.model.errors import VerificationError
from breachkit.model.time import parse_rfc3339


class NoCaseError(VerificationError):
    """A journal whose first entry opens no case."""


def replay(events: Iterable[Event], known: Incident | None = None) -> Incident:
    """Give the case after `events`.

    Args:
        events: In order; all of them, or those that follow what `known` has seen.
        known: The case as it stood before them.

    Raises:
        NoCaseError: the first entry opens no case.
    """
    incident = known
    for event in events:
        incident = _opened(event) if incident is None else _applied(incident, event)
    if incident is None:
        raise NoCaseError("the journal is empty: nothing can be said about this case")
    return incident


def _applied(incident: Incident, event: Event) -> Incident:
    kind = event.known_kind
    if kind is None:
        newer = incident.newer_entries + 1
        return replace(incident, entries=event.seq, head=event.hash, newer_entries=newer)
    if change := _CHANGES.get(kind):
        incident = change(incident, event)
    if incident.is_draft and _is_looked_at(kind, event):
        incident = replace(incident, is_draft=False)
    incident = replaced(
        incident,
        entries=event.seq,
        head=event.hash,
        changed_at=event.at,
        facts={**incident.facts, kind: _numbers(event)},
        latest={**incident.latest, kind: event.seq},
    )
    return _intents(_come_back(after(incident, event), event), event)


def _is_looked_at(kind: EventKind, event: Event) -> bool:
    """Say whether an entry is a person's word on what a sweep found."""
    if kind is EventKind.CASE_AMENDED:
        return event.text("field") in {"kind", "aware_at"}
    return kind in _WORD_OF_A_PERSON


_WORD_OF_A_PERSON = frozenset(
    {
        EventKind.CASE_STOOD_DOWN,
        EventKind.CASE_CLOSED,
        EventKind.CASE_RECURRED,
        EventKind.DECISION,
    }
)


def _come_back(incident: Incident, event: Event) -> Incident:
    """Forget what was decided and proven about the first time, where the data came back."""
    recurred = incident.milestones.get(Milestone.RECURRED)
    if recurred is None or recurred.event != event.id:
        return incident
    return replace(
        incident,
        overrides=frozenset(),
        proof_ok=None,
        decisions={},
        messages_sent=frozenset(name for name in incident.messages_sent if name.endswith("alert")),
        told_the_end=frozenset(),
    )


def _opened(event: Event) -> Incident:
    if event.v != VERSION or event.kind != EventKind.CASE_OPENED:
        raise NoCaseError(
            "the first entry of the journal opens no case that this breachkit knows: "
            "use the breachkit that wrote it"
        )
    opened = _moment(event, "opened_at") or event.at
    aware = _moment(event, "aware_at") or opened
    incident = Incident(
        id=event.text("case") or "BK-0000-0000",
        codename=event.text("codename") or "",
        kind=_kind(event.text("case_kind")),
        target=unwire_name(event.text("target") or "", event.text("target_b64")),
        paths=event.names("paths"),
        found_by=event.text("found_by"),
        opened_at=opened,
        discovered_at=_moment(event, "discovered_at") or opened,
        aware_at=aware,
        aware_assumed=event.flag("aware_assumed") is True,
        is_draft=event.flag("draft") is True,
        is_hosted=event.flag("hosted") is True,
        policy=event.text("policy") or "auto",
        ruleset=_mapping(event, "ruleset"),
        profile=None,
        related=event.names("related"),
        milestones={},
        claims={},
        past=(),
        open_intents=(),
        facts={},
        said={},
        decisions={},
        severity=severities.PENDING,
        proof_ok=None,
        scope_complete=True,
        messages_waiting=(),
        alerts_waiting=(),
        messages_sent=frozenset(),
        two_person=frozenset(),
        review_due=None,
        destroy_by=None,
        told=frozenset(),
        told_the_end=frozenset(),
        overrides=frozenset(),
        latest={event.kind: event.seq},
        entries=event.seq,
        newer_entries=0,
        head=event.hash,
        changed_at=event.at,
    )
    return after(incident, event)


def _amended(incident: Incident, event: Event) -> Incident:
    value = event.text("value")
    change = _AMENDMENTS.get(event.text("field") or "")
    return incident if value is None or change is None else change(incident, value, event)


def _aware(incident: Incident, _value: str, event: Event) -> Incident:
    moment = _moment(event, "value")
    if moment is None:
        return incident
    found = min(incident.discovered_at, moment)  # nobody is aware of what is not discovered
    return replace(incident, aware_at=moment, aware_assumed=False, discovered_at=found)


def _discovered(incident: Incident, _value: str, event: Event) -> Incident:
    moment = _moment(event, "value")
    return replace(incident, discovered_at=moment or incident.discovered_at)


_AMENDMENTS: Mapping[str, Callable[[Incident, str, Event], Incident]] = {
    "kind": lambda incident, value, _event: replace(incident, kind=_kind(value)),
    "found_by": lambda incident, value, _event: replace(incident, found_by=value),
    "policy": lambda incident, value, _event: replace(incident, policy=value),
    "aware_at": _aware,
    "discovered_at": _discovered,
}

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""Outside of these a date is a mistake, and sums with it would overflow."""

AMENDABLE = tuple(_AMENDMENTS)
"""The fields of a case that a correction can change. A case keeps its target: for another
repository, open another case."""


_ON_A_SCOPE = frozenset({"rewrite", "push"})


def _closed(incident: Incident, event: Event) -> Incident:
    return replace(
        incident, review_due=_day(event, "review_due"), destroy_by=_day(event, "destroy_by")
    )


def _said(incident: Incident, event: Event) -> Incident:
    field = event.text("field")
    if not field:
        return incident
    incident = replace(incident, said={**incident.said, field: event.detail.get("value")})
    value = event.text("value") or ""
    if field == "severity":
        return replace(incident, severity=severities.higher(incident.severity, value))
    if field == "two_person":
        return replace(incident, two_person=incident.two_person | set(value.split(",")))
    return incident


def _decided(incident: Incident, event: Event) -> Incident:
    return _with_decision(incident, decision_of(event))


def _ticked(incident: Incident, event: Event) -> Incident:
    """Who may still come in is decided by a decision, or by ticking the item that asks for it."""
    if event.text("item") != COLLABORATORS_ITEM:
        return incident
    ticked = replace(
        decision_of(event),
        about="collaborators",
        answer="ticked",
        decider=event.text("by") or "",
        reason=event.text("evidence") or event.text("reason") or "",
    )
    return _with_decision(incident, ticked)


def _unticked(incident: Incident, event: Event) -> Incident:
    if event.text("item") != COLLABORATORS_ITEM:
        return incident
    left = {key: each for key, each in incident.decisions.items() if key != "collaborators"}
    return replace(incident, decisions=left)


def _with_decision(incident: Incident, decision: Decision) -> Incident:
    if not decision.about:
        return incident
    decided = {**incident.decisions, decision.about: decision}
    severity = incident.severity
    if decision.about == "severity" and decision.answer in severities.LEVELS:
        severity = decision.answer
    return replace(incident, decisions=decided, severity=severity)


COLLABORATORS_ITEM = "A08"
"""The item of the checklist that asks, person by person, who may still come in."""


def _contacts(incident: Incident, event: Event) -> Incident:
    """Whoever else was to be told no longer is: their unsent alerts wait for nothing."""
    return replace(
        incident,
        profile=event.text("profile"),
        alerts_waiting=(),
        two_person=incident.two_person | set(event.names("two_person")),
    )


def _scoped(incident: Incident, event: Event) -> Incident:
    """What was begun on an earlier scope ends with it: its files are put away."""
    going_on = tuple(each for each in incident.open_intents if each.what not in _ON_A_SCOPE)
    complete = event.flag("complete") is not False
    return replace(incident, scope_complete=complete, open_intents=going_on)


def _unproven(incident: Incident, _event: Event) -> Incident:
    return replace(incident, proof_ok=None)


def _proven(incident: Incident, event: Event) -> Incident:
    return replace(incident, proof_ok=event.flag("ok") is True)


def _overridden(incident: Incident, event: Event) -> Incident:
    action = event.text("action") or ""
    named = frozenset((action, name) for name in event.names("guards"))
    return replace(incident, overrides=incident.overrides | named)


def _rendered(incident: Incident, event: Event) -> Incident:
    number = event.text("number") or event.id
    alerts = _without(incident.alerts_waiting, number)
    return replace(
        incident,
        messages_waiting=(*_without(incident.messages_waiting, number), number),
        alerts_waiting=(*alerts, number) if is_alert(event) else alerts,
    )


def _sent(incident: Incident, event: Event) -> Incident:
    number, message = event.text("number"), event.text("message") or ""
    name = (event.text("name") or "").casefold()
    told, told_the_end = incident.told, incident.told_the_end
    if is_alert(event):
        told |= {name}
    if message in TELLS_THE_END or (incident.kind == "near-miss" and message == "update"):
        told_the_end |= {name}
    return replace(
        incident,
        told=told,
        told_the_end=told_the_end,
        messages_waiting=_without(incident.messages_waiting, number),
        alerts_waiting=_without(incident.alerts_waiting, number),
        messages_sent=incident.messages_sent | {message},
    )


TELLS_THE_END = frozenset({"all-clear", "stand-down"})
"""Messages that tell people how it ended; of a near miss an ordinary update does."""


def _without(numbers: tuple[str, ...], number: str | None) -> tuple[str, ...]:
    return tuple(each for each in numbers if each != number)


_CHANGES: Mapping[EventKind, Callable[[Incident, Event], Incident]] = {
    EventKind.CASE_AMENDED: _amended,
    EventKind.CASE_CLOSED: _closed,
    EventKind.FACT_RECORDED: _said,
    EventKind.DECISION: _decided,
    EventKind.CHECKLIST_TICKED: _ticked,
    EventKind.CHECKLIST_NA: _ticked,
    EventKind.CHECKLIST_REOPENED: _unticked,
    EventKind.CONTACTS_CHOSEN: _contacts,
    EventKind.SCOPE_RECORDED: _scoped,
    EventKind.REWRITE_INTENT: _unproven,
    EventKind.PROOF_RECORDED: _proven,
    EventKind.OVERRIDE: _overridden,
    EventKind.NOTIFY_RENDERED: _rendered,
    EventKind.NOTIFY_SENT: _sent,
}


def _intents(incident: Incident, event: Event) -> Incident:
    """Open an intent, or end all those of the same family: one operation runs at a time."""
    family, _, stage = event.kind.partition(".")
    if stage == "intent":
        begun = OpenIntent(what=family, event=event.id, at=event.at)
        return replace(incident, open_intents=(*incident.open_intents, begun))
    if stage in {"done", "failed"}:
        left = tuple(intent for intent in incident.open_intents if intent.what != family)
        return replace(incident, open_intents=left)
    return incident


def _numbers(event: Event) -> Mapping[str, int]:
    return frozen(
        {
            key: value
            for key, value in event.detail.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
    )


def _moment(event: Event, key: str) -> datetime | None:
    text = event.text(key)
    if text is None:
        return None
    try:
        moment = parse_rfc3339(text)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment <= LATEST else None


def _day(event: Event, key: str) -> date | None:
    try:
        return date.fromisoformat(event.text(key) or "")
    except ValueError:
        return None


def _mapping(event: Event, key: str) -> Mapping[str, JSON]:
    value = event.detail.get(key)
    return MappingProxyType(dict(value)) if isinstance(value, Mapping) else MappingProxyType({})


def _kind(text: str | None) -> CaseKind:
    return cast("CaseKind", text) if text in CASE_KINDS else "suspected"
