"""When a message may be written: an all-clear is a promise, and an update says when the next comes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from breachkit.actions.mailfacts import MailFacts
from breachkit.actions.notice_kinds import NoticeKind, kind_named
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.commands import remedy
from breachkit.model.errors import RefusedError


class NotYetTimeError(RefusedError):
    """The case has not reached what a message says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Need:
    """What has to hold before a message is written."""

    holds: Callable[[Incident, MailFacts], bool]
    missing: str
    remedy: str


def _promised(name: str) -> Callable[[Incident, MailFacts], bool]:
    return lambda incident, _facts: still_holds(kind_named(name), incident)


def _near_miss(incident: Incident, _facts: MailFacts) -> bool:
    return incident.kind == "near-miss"


def _next_update_is_said(_incident: Incident, facts: MailFacts) -> bool:
    return facts.next_update_at is not None and facts.next_update_at > facts.now


def _some_are_late(_incident: Incident, facts: MailFacts) -> bool:
    return bool(facts.waiting)


_NEEDS: Mapping[str, _Need] = {
    "all-clear": _Need(
        holds=_promised("all-clear"),
        missing="it says that the data are gone and every copy is accounted for, and the case has not "
        "reached both: verified and traced",
        remedy="breachkit next --case {case}",
    ),
    "stand-down": _Need(
        holds=_promised("stand-down"),
        missing="the case was not stood down",
        remedy='breachkit close --false-alarm --reason "{reason}" --decided-by {by} --case {case}',
    ),
    "near-miss": _Need(
        holds=_near_miss,
        missing="the case is no near miss",
        remedy='breachkit amend kind near-miss --reason "{reason}" --case {case}',
    ),
    "update": _Need(
        holds=_next_update_is_said,
        missing="every update says by when the next one comes",
        remedy="breachkit notify render update --next-update {moment} --case {case}",
    ),
    "escalation": _Need(
        holds=_some_are_late,
        missing="no answer is late",
        remedy="breachkit notify list --case {case}",
    ),
}
"""By the name of the kind; whatever is not here may be written at any time."""


def require_time_for(kind: NoticeKind, incident: Incident, facts: MailFacts) -> None:
    """Let a kind of message be written, or say what it lacks.

    Raises:
        NotYetTimeError: the case has not reached what it says.
    """
    need = _NEEDS.get(kind.name)
    if need is not None and not need.holds(incident, facts):
        way = remedy(incident.id, need.remedy)
        raise NotYetTimeError(f"{kind.name} was not written: {need.missing}. Run `{way}`")


def still_holds(kind: NoticeKind, incident: Incident) -> bool:
    """Say whether what a message promises is so now, long after it was written perhaps."""
    match kind.name:
        case "all-clear":
            return incident.has(Milestone.VERIFIED) and incident.has(Milestone.TRACED)
        case "stand-down":
            return incident.has(Milestone.STOOD_DOWN)
        case _:
            return True
