"""What people decided about a case: who, when, why. breachkit records it and decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from breachkit.incident.detail import JSON
from breachkit.incident.events import Event, EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One entry of kind `decision`."""

    about: str
    """A code such as `ico-report`."""
    answer: str
    decider: str
    """Who decided; empty where an entry of an earlier breachkit does not say."""
    role: str
    """As whom: `dpo`, `controller`, ...; empty where nobody said."""
    reason: str
    at: datetime
    """When it was written down, in UTC."""
    seq: int
    """The number of its entry, counted from 1; the later of two holds."""
    extra: Mapping[str, JSON]
    """What entries of this kind say beside that: a copy's id, the effect and likelihood, ..."""

    def text(self, key: str) -> str:
        """Give a text of `extra`; empty where there is none."""
        value = self.extra.get(key)
        return value if isinstance(value, str) else ""


_OWN = frozenset({"about", "answer", "decision", "decider", "role", "reason"})


def decision_of(event: Event) -> Decision:
    """Give what an entry of kind `decision` says. Older ones call the answer `decision`."""
    return Decision(
        about=event.text("about") or "",
        answer=event.text("answer") or event.text("decision") or "",
        decider=event.text("decider") or "",
        role=event.text("role") or "",
        reason=event.text("reason") or "",
        at=event.at,
        seq=event.seq,
        extra=MappingProxyType({k: v for k, v in event.detail.items() if k not in _OWN}),
    )


def decisions_of(events: Iterable[Event]) -> tuple[Decision, ...]:
    """Give every decision, oldest first."""
    return tuple(decision_of(event) for event in events if event.known_kind is EventKind.DECISION)


def latest(decisions: Iterable[Decision], about: str) -> Decision | None:
    """Give what was decided last about `about`; None where nobody has decided."""
    return max(
        (each for each in decisions if each.about == about),
        key=lambda each: each.seq,
        default=None,
    )
