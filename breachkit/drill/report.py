"""What a drill gives back: each step, what was expected, what was proved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breachkit.model.time import rfc3339


SCHEMA = "breachkit.drill/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What a breachkit command gave back."""

    code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)


Run = Callable[[Sequence[str]], CommandResult]
"""Runs `breachkit` with the given arguments, with `$BREACHKIT_HOME` set to the practice home."""

Tell = Callable[[str], None]
"""Takes one line of the narration, without its line end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something that had to be true, and whether it was."""

    name: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One step of the drill, after it happened."""

    id: str
    title: str
    command: str | None
    """As a person types it; None where no command of breachkit was run."""
    exit_code: int | None
    expected: tuple[int, ...]
    """The exit codes that this step may have; empty without a command."""
    began: datetime
    seconds: float
    checks: tuple[Check, ...]
    recap: tuple[str, ...] = ()
    """Commands that were run one after the other, in short; another story tells them at length."""

    @property
    def code_ok(self) -> bool:
        """Whether the command ended as expected; a step without a command has none to miss."""
        return self.command is None or self.exit_code in self.expected

    @property
    def ok(self) -> bool:
        """Whether the command ended as expected and every check held."""
        return self.code_ok and all(check.ok for check in self.checks)

    def failures(self) -> Iterator[str]:
        """Say what did not hold, one sentence each."""
        if not self.code_ok:
            expected = " or ".join(map(str, self.expected))
            yield f"the command ended with exit code {self.exit_code}, expected was {expected}"
        yield from (f"not proved: {check.name}" for check in self.checks if not check.ok)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    """The whole drill."""

    steps: tuple[StepResult, ...]
    began: datetime
    seconds: float
    scenario: str = ""
    """The name of the story."""

    @property
    def ok(self) -> bool:
        """Whether there were steps and all of them went as they must."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def exit_code(self) -> int:
        """0 where every proof held, else 7."""
        return 0 if self.ok else 7

    def to_json(self) -> dict[str, Any]:
        """Give the object that `breachkit drill --json` prints."""
        return {
            "schema": SCHEMA,
            "scenario": self.scenario,
            "began": rfc3339(self.began),
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "steps": [_step_to_json(step) for step in self.steps],
        }


def _step_to_json(step: StepResult) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": step.title,
        "command": step.command,
        "recap": list(step.recap),
        "exit_code": step.exit_code,
        "expected": list(step.expected),
        "ok": step.ok,
        "seconds": round(step.seconds, 3),
        "checks": [{"name": check.name, "ok": check.ok} for check in step.checks],
    }
