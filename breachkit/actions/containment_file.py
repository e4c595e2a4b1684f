"""What was closed, round by round, as the case keeps it: each change with its exact inverse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachkit.actions.containment import Area, Step, Wanted
from breachkit.actions.hosting import Write, WriteKind
from breachkit.actions.wire import require_schema
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.containment/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One execution of a plan; what drifts back is closed in another round."""

    number: int
    """Counted from 1."""
    snapshot: str
    """The number of the snapshot taken before it."""
    made_at: datetime
    wanted: Wanted
    steps: tuple[Step, ...]

    @property
    def writes(self) -> tuple[Write, ...]:
        """The changes, in order."""
        return tuple(step.write for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """Everything that was closed in a case."""

    repository: int
    """Its id, which a new name does not change."""
    full_name: str
    rounds: tuple[Round, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the file's content."""
        return {
            "schema": SCHEMA,
            "repository": self.repository,
            "full_name": self.full_name,
            "rounds": [_round_to_json(each) for each in self.rounds],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Containment":
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is another file, or from another version.
            KeyError, ValueError, TypeError: something in it is not what was written.
        """
        require_schema(data, SCHEMA)
        return cls(
            repository=data["repository"],
            full_name=data["full_name"],
            rounds=tuple(_round_from_json(each) for each in data["rounds"]),
        )


def write_to_json(write: Write | None) -> dict[str, Any] | None:
    """Give a change as JSON."""
    return None if write is None else {"kind": str(write.kind), "detail": dict(write.detail)}


def write_from_json(data: Mapping[str, Any]) -> Write:
    """Read a change back."""
    return Write(kind=WriteKind(data["kind"]), detail=dict(data["detail"]))


def _round_to_json(one: Round) -> dict[str, Any]:
    return {
        "number": one.number,
        "snapshot": one.snapshot,
        "made_at": rfc3339(one.made_at),
        "authorised": sorted(one.wanted.authorised),
        "keep": sorted(one.wanted.keep),
        "teams": sorted(one.wanted.teams),
        "steps": [_step_to_json(step) for step in one.steps],
    }


def _round_from_json(data: Mapping[str, Any]) -> Round:
    return Round(
        number=data["number"],
        snapshot=data["snapshot"],
        made_at=parse_rfc3339(data["made_at"]),
        wanted=Wanted(
            authorised=frozenset(data["authorised"]),
            keep=frozenset(map(Area, data["keep"])),
            teams=frozenset(data["teams"]),
        ),
        steps=_steps_from_json(data["steps"]),
    )


def _step_to_json(step: Step) -> dict[str, Any]:
    return {
        "area": str(step.area),
        "write": write_to_json(step.write),
        "inverse": write_to_json(step.inverse),
        "says": step.says,
        "lost": list(step.lost),
    }


def _steps_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(
        Step(
            area=Area(each["area"]),
            write=write_from_json(each["write"]),
            inverse=None if each["inverse"] is None else write_from_json(each["inverse"]),
            says=each["says"],
            lost=tuple(each["lost"]),
        )
        for each in data
    )
