"""What was lifted for a push, as the case keeps it from before the first change: each with its way back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breachkit.actions.containment_file import write_from_json, write_to_json
from breachkit.actions.hosting import Answered, Reading, Topic, Write
from breachkit.actions.protections import NEEDED, Hurdle, Readings
from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.model.ids import RefName
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.lift/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """Everything that one push lifts."""

    number: int
    """Counted from 1 in each case."""
    repository: int
    """Its id, which a new name does not change."""
    made_at: datetime
    plan: str
    """Keyed digest of the rewrite that is pushed."""
    hurdles: tuple[Hurdle, ...]
    """In the order in which they are lifted; they come back the other way round."""
    before: Readings = field(repr=False)
    """What was read before the first change."""

    @property
    def lifts(self) -> tuple[Write, ...]:
        """The changes, in order."""
        return tuple(each.lift for each in self.hurdles if each.lift is not None)

    def to_json(self) -> dict[str, Any]:
        """Give the file's content."""
        return {
            "schema": SCHEMA,
            "number": self.number,
            "repository": self.repository,
            "made_at": rfc3339(self.made_at),
            "plan": self.plan,
            "hurdles": [_hurdle_to_json(each) for each in self.hurdles],
            "before": {str(topic): _to_json(self.before[topic]) for topic in NEEDED},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Lift":
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is another file, or from another version.
            KeyError, ValueError, TypeError: something in it is not what was written.
        """
        require_schema(data, SCHEMA)
        return cls(
            number=data["number"],
            repository=data["repository"],
            made_at=parse_rfc3339(data["made_at"]),
            plan=data["plan"],
            hurdles=tuple(_hurdle_from_json(each) for each in data["hurdles"]),
            before={Topic(name): _from_json(name, each) for name, each in data["before"].items()},
        )


def _hurdle_to_json(one: Hurdle) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "refs": [name_to_json(ref) for ref in one.refs],
        "does": list(one.does),
        "lift": write_to_json(one.lift),
        "back": write_to_json(one.back),
        "again": write_to_json(one.again),
    }


def _hurdle_from_json(data: Mapping[str, Any]) -> Hurdle:
    return Hurdle(
        kind=data["kind"],
        name=data["name"],
        refs=tuple(RefName(name_from_json(ref)) for ref in data["refs"]),
        does=tuple(data["does"]),
        lift=_write(data["lift"]),
        back=_write(data["back"]),
        again=_write(data["again"]),
    )


def _write(data: Mapping[str, Any] | None) -> Write | None:
    return None if data is None else write_from_json(data)


def _to_json(reading: Reading) -> dict[str, Any]:
    items = [dict(item) for item in reading.items]
    return {"answered": str(reading.answered), "reason": reading.reason, "items": items}


def _from_json(name: str, data: Mapping[str, Any]) -> Reading:
    return Reading(
        topic=Topic(name),
        answered=Answered(data["answered"]),
        items=tuple(data["items"]),
        reason=data["reason"],
    )
