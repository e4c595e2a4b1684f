"""Opening a case, correcting it, and ending it."""

from dataclasses import dataclass, replace
from datetime import datetime

from breachkit.incident.case import CASE_KINDS, CaseSummary, Incident, OpenRequest
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.opening import checked, checked_moment, parse_moment, same_repository
from breachkit.incident.projection import AMENDABLE
from breachkit.incident.states import Action, GuardRefusedError, guard, missing, refusal
from breachkit.incident.store import CaseStore
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock, rfc3339


class ReasonMissingError(UsageError):
    """What is to be journalled needs a reason."""


class AmendmentError(UsageError):
    """A correction that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase:
    """A new case, and what the person who opened it should know."""

    case: CaseFolder
    related: tuple[CaseSummary, ...]
    """Earlier cases on the same repository, open or closed."""
    warnings: tuple[str, ...]


class AlreadyOpenError(RefusedError):
    """A case on the same repository is open: a second one would part the journal in two."""


def open_case(
    request: OpenRequest, store: CaseStore, clock: Clock, *, another: bool = False
) -> OpenedCase:
    """Open a case, without network and without proof; the name of the target is enough.

    Earlier cases on the same target are named in the new case's first entry.

    Args:
        request: What is known.
        store: Where cases live.
        clock: Tells how late it is.
        another: Also where a case on the same repository is open.

    Raises:
        AlreadyOpenError: a case on the same repository is open.
        OpeningError: a time or a name makes no sense.
        UnsafePlaceError: cases would live inside a git repository.
    """
    given = request.target.strip()
    request = checked(request, clock.now())
    with store.held():  # two who open the same repository at once get one case
        related = _related(request.target, store, another=another)
        ids = tuple(dict.fromkeys((*request.related, *(each.id for each in related))))
        case = store.create(replace(request, related=ids))
    late, kept = _late(case.incident, clock.now()), case.incident.target
    return OpenedCase(
        case=case,
        related=related,
        warnings=(*store.warnings(), *late, *_left_out(given, kept)),
    )


def _related(target: str, store: CaseStore, *, another: bool) -> tuple[CaseSummary, ...]:
    shown = display(target)
    related = tuple(each for each in store.list() if same_repository(each.target, shown))
    for each in related:
        if each.is_open and each.damaged is None and not another:
            raise AlreadyOpenError(
                f"{each.id} ({each.codename}) is open on this repository: go on with `breachkit "
                f"next --case {each.id}`, or add --another for an incident of its own"
            )
    return related


def _left_out(given: str, kept: str) -> tuple[str, ...]:
    if "@" not in given or "://" not in given or kept == given:
        return ()
    said = "user name and password of the URL are not kept with the case"
    return (f"{said}: git has to find them by itself, in a credential helper or in ~/.netrc",)


def amend_case(case: CaseFolder, field: str, value: str, reason: str, clock: Clock) -> Event:
    """Correct what was said about a case; the old entry stays and the new one names it.

    Args:
        case: Which.
        field: One of `incident.projection.AMENDABLE`.
        value: The right value; a moment in RFC 3339.
        reason: Why it was wrong.
        clock: To refuse moments in the future.

    Raises:
        AmendmentError: no such field, or a kind that there is not.
        OpeningError: a moment that is none, has no zone or lies in the future.
        ReasonMissingError: no reason is given.
    """
    _need_reason(reason)
    value = _checked_value(field, value, clock.now())
    corrected = _latest_about(case, field)
    return case.record(
        EventKind.CASE_AMENDED,
        {"field": field, "value": value, "reason": reason.strip(), "supersedes": corrected},
        refs=(corrected,),
    )


def stand_down(case: CaseFolder, reason: str, decider: str) -> Event:
    """End a case as a false alarm.

    Raises:
        GuardRefusedError: history was rewritten already, or the case is closed.
        ReasonMissingError: no reason is given, or nobody decided.
    """
    _need_reason(reason)
    _need_reason(decider, "name who decided it")
    guard(case.incident, Action.STAND_DOWN)
    return case.record(
        EventKind.CASE_STOOD_DOWN, {"reason": reason.strip(), "decider": decider.strip()}
    )


def close(case: CaseFolder, reason: str, decider: str, override: str | None = None) -> Event:
    """End a case whose work is done.

    Raises:
        GuardRefusedError: something is open; copies that nobody accounts for cannot be set aside.
        ReasonMissingError: no reason is given, or nobody decided.
    """
    _need_reason(reason)
    _need_reason(decider, "name who decided it")
    pass_guard(case, Action.CLOSE, override)
    detail = {"reason": reason.strip(), "decider": decider.strip()}
    return case.record(EventKind.CASE_CLOSED, detail)


def pass_guard(case: CaseFolder, action: Action, override: str | None = None) -> None:
    """Let an action pass its guards, or set them aside with a reason, which is journalled.

    Raises:
        GuardRefusedError: a guard does not hold and no reason is given, or no reason can set it
            aside.
        ReasonMissingError: the reason is empty.
    """
    if override is not None:
        _need_reason(override)
    incident = case.incident
    lacking = missing(incident, action)
    if not lacking:
        return
    if override is None or not all(each.can_be_set_aside for each in lacking):
        raise GuardRefusedError(refusal(incident, action, lacking))
    names = [each.name for each in lacking]
    case.record(EventKind.OVERRIDE, {"action": action, "guards": names, "reason": override.strip()})


def guard_firmly(case: CaseFolder, action: Action) -> None:
    """Let the plan of an action pass unless something is lacking that no reason can set aside.

    Raises:
        GuardRefusedError: something is.
    """
    firm = tuple(each for each in missing(case.incident, action) if not each.can_be_set_aside)
    if firm:
        raise GuardRefusedError(refusal(case.incident, action, firm))


def _late(incident: Incident, now: datetime) -> tuple[str, ...]:
    if now <= incident.deadline:
        return ()
    return ("the 72 hours are over already: a report has to give reasons for the delay",)


def _need_reason(text: str, what: str = "give a reason that can be understood later") -> None:
    if not text.strip():
        raise ReasonMissingError(what)


def _checked_value(field: str, value: str, now: datetime) -> str:
    if field not in AMENDABLE:
        raise AmendmentError(f"{display(field)} cannot be corrected: choose {', '.join(AMENDABLE)}")
    if field == "kind" and value not in CASE_KINDS:
        raise AmendmentError(f"a kind is one of {', '.join(CASE_KINDS)}")
    if field in {"aware_at", "discovered_at"}:
        return rfc3339(checked_moment(parse_moment(value, field), field, now))
    return value


def _latest_about(case: CaseFolder, field: str) -> str:
    """Give the entry that says what is being corrected: an earlier correction, or the first."""
    events = case.events()
    earlier = [
        event.id
        for event in events
        if event.known_kind is EventKind.CASE_AMENDED and event.text("field") == field
    ]
    return earlier[-1] if earlier else events[0].id
