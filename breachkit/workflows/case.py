"""Opening a case, correcting it, and ending it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from breachkit.incident.case import CaseSummary, Incident, Milestone, OpenRequest
from breachkit.incident.commands import remedy
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.opening import checked, plain_target, same_repository
from breachkit.incident.states import Action, GuardRefusedError, guard, missing, refusal
from breachkit.incident.store import CaseStore
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.time import Clock, working_days_after
from breachkit.workflows.answerable import need_reason, require_another


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase:
    """A new case, and what the person who opened it should know."""

    case: CaseFolder
    related: tuple[CaseSummary, ...]
    """Earlier cases on the same repository, open or closed."""
    warnings: tuple[str, ...]


REVIEW_WITHIN = 5
"""Working days from closing a case to looking back on it. Source: PagerDuty's incident response
documentation, on postmortems; holidays are not known here, so the day may come earlier than it has to."""

PRIVATE_KEPT = timedelta(days=90)
"""How long the private part stays after closing: as long as is watched for the data coming back,
which needs the list of what was taken out."""


class NoRecurrenceError(RefusedError):
    """There is no case in which the data can have come back."""


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
            way = remedy(each.id, "breachkit next --case {case}")
            raise AlreadyOpenError(
                f"{each.id} ({each.codename}) is open on this repository: if it is the same incident, "
                f"go on with `{way}`; if the data came back after a push, add "
                "--recurrence WHERE; if it is an incident of its own, add --another"
            )
    return related


def _left_out(given: str, kept: str) -> tuple[str, ...]:
    if "@" not in given or "://" not in given or kept == given:
        return ()
    said = "user name and password of the URL are not kept with the case"
    return (f"{said}: git has to find them by itself, in a credential helper or in ~/.netrc",)


def recur(store: CaseStore, target: str, *, where: str, by: str) -> CaseFolder:
    """Go on in an earlier case on the same repository, because the data came back.

    Its history stays, and it is open again where the response begins: with containing.

    Args:
        store: Where cases live.
        target: The repository.
        where: Where the data were seen: a place, never a value.
        by: Who saw them.

    Raises:
        NoRecurrenceError: no case on it came as far as a push, so nothing can have come back.
        ReasonMissingError: nobody says where.
    """
    need_reason(where, "say where the data were seen")
    shown = display(plain_target(target))
    earlier = [
        each for each in store.list() if not each.damaged and same_repository(each.target, shown)
    ]
    for each in reversed(earlier):
        case = store.find(each.id)
        if EventKind.PUSH_DONE in case.incident.latest or case.incident.has(Milestone.VERIFIED):
            detail = {"where": where.strip(), "by": by}
            case.record(EventKind.CASE_RECURRED, detail)
            return case
    raise NoRecurrenceError(
        f"no case on {shown} came as far as a push, so nothing can have come back: open one without "
        "--recurrence"
    )


def stand_down(case: CaseFolder, reason: str, decider: str, *, duplicate_of: str = "") -> Event:
    """End a case as a false alarm, or as one that another case is about as well.

    Args:
        case: Which.
        reason: What was concluded.
        decider: Who decided it.
        duplicate_of: The id of the other case.

    Raises:
        GuardRefusedError: history was rewritten already, or the case is closed.
        ReasonMissingError: no reason is given, or nobody decided.
    """
    need_reason(reason)
    need_reason(decider, "name who decided it")
    guard(case.incident, Action.STAND_DOWN)
    other = {"duplicate_of": duplicate_of} if duplicate_of else {}
    detail = {"reason": reason.strip(), "decider": decider.strip(), **other}
    return case.record(EventKind.CASE_STOOD_DOWN, detail)


def close(
    case: CaseFolder, reason: str, decider: str, clock: Clock, override: str | None = None
) -> Event:
    """End a case whose work is done, and say when it is looked back on and what is destroyed.

    A near miss needs less than a breach, and a copy that nobody answers for always keeps a case open; see
    `incident.guards`.

    Raises:
        GuardRefusedError: something is open; the message lists it, with a command for each.
        ReasonMissingError: no reason is given, or nobody decided.
    """
    need_reason(reason)
    need_reason(decider, "name who decided it")
    pass_guard(case, Action.CLOSE, override)
    today = clock.now().date()
    detail = {
        "reason": reason.strip(),
        "decider": decider.strip(),
        "review_due": working_days_after(today, REVIEW_WITHIN).isoformat(),
        "destroy_by": _destroy_by(case.incident, today).isoformat(),
    }
    return case.record(EventKind.CASE_CLOSED, detail)


def _destroy_by(incident: Incident, today: date) -> date:
    """Give the day by which the private part has to go: the one that was decided, or the usual one."""
    try:
        return date.fromisoformat(incident.answer("retention"))
    except ValueError:
        return today + PRIVATE_KEPT


def pass_guard(case: CaseFolder, action: Action, override: str | None = None) -> None:
    """Let an action pass its guards, or set them aside with a reason, which is journalled.

    Raises:
        GuardRefusedError: a guard does not hold and no reason is given, or no reason can set it
            aside.
        ReasonMissingError: the reason is empty.
    """
    if override is not None:
        need_reason(override)
    incident = case.incident
    lacking = missing(incident, action)
    if not lacking:
        _need_another(case, action)
        return
    if override is None or not all(each.can_be_set_aside for each in lacking):
        raise GuardRefusedError(refusal(incident, action, lacking))
    names = [each.name for each in lacking]
    _need_another(case, action)
    case.record(EventKind.OVERRIDE, {"action": action, "guards": names, "reason": override.strip()})


def _need_another(case: CaseFolder, action: Action) -> None:
    """Where a second person has to approve, whoever approved cannot be the one who acts."""
    approval = case.incident.decisions.get(f"approve-{action}")
    if action in case.incident.two_person and approval is not None:
        require_another(case, approval.decider)


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
