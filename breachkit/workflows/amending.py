"""Correcting and completing what was said about a case. Nothing is edited: each word is an entry.

A field of the opening is corrected with a reason. What only people know - whom to ring, who does the
clean-up, with whom files were shared - is added as it becomes known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.copies import Copy
from breachkit.actions.mailfacts import PEOPLE_RANGES
from breachkit.incident.case import CASE_KINDS
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.guards import Action
from breachkit.incident.opening import checked_moment, parse_moment
from breachkit.incident.projection import AMENDABLE
from breachkit.incident.severities import LEVELS
from breachkit.model.errors import UsageError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.time import Clock, rfc3339
from breachkit.workflows.answerable import need_reason
from breachkit.workflows.copies import add_shared
from breachkit.workflows.details import FLAGS, MOMENTS, NAMES, record_fact
from breachkit.workflows.playbooks import playbook_of, policies_of_case
from breachkit.workflows.register import load_register
from breachkit.workflows.trace import load_places


class AmendmentError(UsageError):
    """A correction that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """What came of a correction."""

    event: Event | None
    """None where the case says so already."""
    copies: tuple[Copy, ...] = ()
    """Those that were put into the register, because files were shared."""


FACTS = (*NAMES, "severity", "two_person")
"""What people add; beside these the fields of the opening can be corrected."""

FIELDS = (*AMENDABLE, *FACTS)


def amend(
    case: CaseFolder,
    field: str,
    value: str,
    clock: Clock,
    *,
    reason: str = "",
    folder: Path | None = None,
) -> Amended:
    """Correct a field of the opening, or add what people know.

    With whom files were shared becomes an entry of the register for each: separate them by `;`.

    Args:
        case: Which.
        field: One of `FIELDS`.
        value: The right value; a moment in RFC 3339.
        clock: To refuse moments in the future.
        reason: Why it was wrong; needed for what the case was opened with.
        folder: Playbooks of the caller's own.

    Raises:
        AmendmentError: no such field, or a value that it cannot have.
        ConfigurationError: no such playbook or policy.
        OpeningError: a moment that is none, has no zone or lies in the future.
        ReasonMissingError: a field of the opening is corrected without a reason.
    """
    field = field.strip().replace("-", "_")
    if field in AMENDABLE:
        return Amended(event=amend_case(case, field, value, reason, clock))
    if field not in FACTS:
        raise AmendmentError(
            f"{display(field)} is no field of a case: choose {', '.join(FIELDS)}."
            f"{meant(field, FIELDS)}"
        )
    event = record_fact(case, field, _fact(field, value.strip()), reason.strip())
    if field != "shared_with":
        return Amended(event=event)
    return Amended(event=event, copies=register_shared(case, value, folder=folder))


def amend_case(case: CaseFolder, field: str, value: str, reason: str, clock: Clock) -> Event:
    """Correct what was said when a case was opened; the new entry names the one it corrects.

    Errors as `amend`.
    """
    need_reason(reason, "give a --reason that can be understood later")
    value = _checked_value(field, value, clock)
    corrected = _latest_about(case, field)
    return case.record(
        EventKind.CASE_AMENDED,
        {"field": field, "value": value, "reason": reason.strip(), "supersedes": corrected},
        refs=(corrected,),
    )


def register_shared(
    case: CaseFolder, value: str, *, folder: Path | None = None
) -> tuple[Copy, ...]:
    """Put everybody with whom files were shared into the register of copies, once each.

    `not known` and `nobody` put nobody in. Source: OpenSAFELY, docs/reporting-a-data-breach.md: say with
    whom the files have been shared.
    """
    places = load_places(playbook_of(case.incident.profile, folder=folder), folder=folder)
    holders = dict.fromkeys(each.strip() for each in value.split(";"))
    whom = [holder for holder in holders if holder.casefold() not in _NOBODY]
    if not whom:
        return ()  # nothing to wait for, nor to fail at: telling people is held up by nothing
    known = {copy.id for copy in load_register(case)}
    added = add_shared(case, whom, by="", note="", places=places)
    return tuple(copy for copy in added if copy.id not in known)


_NOBODY = frozenset({"", "nobody", "no one", "none", "unknown", "not known", "not yet known"})


def _fact(field: str, value: str) -> str | bool:
    if not value:
        raise AmendmentError(f"{field} needs a value")
    if field in MOMENTS:
        return rfc3339(parse_moment(value, field))
    if field in FLAGS:
        return _one_of(field, value.lower(), ("yes", "no")) == "yes"
    check = _CHOICES.get(field)
    return check(field, value) if check else value


def _one_of(field: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise AmendmentError(f"{field} is one of: {', '.join(known)}")
    return value


def _actions(field: str, value: str) -> str:
    known = (str(Action.PUSH), str(Action.RESTORE))
    named = [_one_of(field, each.strip(), known) for each in value.split(",")]
    return ",".join(sorted(set(named)))


_CHOICES: Mapping[str, Callable[[str, str], str]] = {
    "severity": lambda field, value: _one_of(field, value, LEVELS),
    "two_person": _actions,
    "people_range": lambda field, value: _one_of(field, value, tuple(PEOPLE_RANGES)),
    "records_range": lambda field, value: _one_of(field, value, tuple(PEOPLE_RANGES)),
}


def _checked_value(field: str, value: str, clock: Clock) -> str:
    if field not in AMENDABLE:
        raise AmendmentError(f"{display(field)} cannot be corrected: choose {', '.join(AMENDABLE)}")
    if not value.strip():
        raise AmendmentError(f"{field} needs a value")
    if field == "kind" and value not in CASE_KINDS:
        raise AmendmentError(f"a kind is one of {', '.join(CASE_KINDS)}")
    if field == "policy":
        return policies_of_case(value).label
    if field in {"aware_at", "discovered_at"}:
        return rfc3339(checked_moment(parse_moment(value, field), field, clock.now()))
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
