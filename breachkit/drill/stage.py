"""Plays the steps of a drill one after the other: runs, shows, checks, and never stops halfway."""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from breachkit.drill.narrate import Narrator
from breachkit.drill.planted import Detector, telltales
from breachkit.drill.report import Check, CommandResult, DrillReport, Run, StepResult
from breachkit.drill.world import World
from breachkit.model.errors import BreachkitError
from breachkit.model.time import Clock


@dataclass(slots=True, kw_only=True)
class Scene:
    """What the checks of a step may look at."""

    world: World
    run: Run
    clock: Clock
    detector: Detector
    said: list[CommandResult] = field(default_factory=list)
    """Everything that the story's commands wrote so far."""
    notes: dict[str, str] = field(default_factory=dict)
    """What later commands may name in braces, such as the number of an entry."""
    for_machines: list[bytes] = field(default_factory=list)
    """What commands wrote in machine formats, which may name objects but no values."""

    @classmethod
    def of(cls, world: World, run: Run, clock: Clock) -> "Scene":
        """Set the scene in a world."""
        detector = Detector(telltales(world.planted))
        return cls(world=world, run=run, clock=clock, detector=detector)

    def fill(self, words: Sequence[str]) -> list[str]:
        """Put the world's paths where a command says `{server}`, `{clone}`, `{contacts}` ..."""
        places = _Places(self.places)
        return [word.format_map(places) for word in words]

    def command(self, step: "Step") -> CommandResult:
        """Run a step's command; whoever interrupts it interrupts the drill.

        Raises:
            KeyboardInterrupt: the command says that it was interrupted.
        """
        outcome = self.run(self.fill(step.command))
        if outcome.code == _INTERRUPTED:
            raise KeyboardInterrupt
        return outcome

    def run_quietly(self, *arguments: str) -> CommandResult:
        """Run a command beside the story; its output is searched in the end like all others."""
        result = self.run(arguments)
        self.for_machines += [result.stdout.encode(), result.stderr.encode()]
        return result

    def json_of(self, *arguments: str) -> dict[str, Any]:
        """Run a command beside the story and give the object that it writes for machines."""
        parsed: dict[str, Any] = json.loads(self.run_quietly(*arguments).stdout)
        return parsed

    @property
    def places(self) -> Mapping[str, str | Path]:
        """The places that commands of a story may name."""
        world = self.world
        archives = "" if world.platform is None else world.platform.archives.host
        return {
            "server": world.target,
            "name": world.full_name,
            "case": f"BK-{self.clock.now():%Y}-0001",
            "archives": archives,
            "contacts": world.contacts,
            "handed_over": world.handed_over,
            "folder": world.folder,
            "soon": f"{self.clock.now() + _SOON:%Y-%m-%d}",
            "later": f"{self.clock.now() + _LATER:%Y-%m-%d}",
            "yours": world.yours,
            "colleague": world.colleague,
            **self.notes,
        }


_SOON = timedelta(days=3)
"""Until a team looks back on a case that was closed."""

_LATER = timedelta(days=180)
"""For how long a story accepts a finding."""


class _Places(dict[str, str | Path]):
    """Places by name; what an earlier step should have found and did not is `unknown`."""

    def __missing__(self, name: str) -> str:
        return "unknown"


Prove = Callable[[Scene, CommandResult], Iterable[Check]]
"""Checks after a step. Gets an empty result where the step has no command."""

Act = Callable[[Scene], Iterable[str]]
"""Something that happens beside the commands; gives lines to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a story: what a person thinks, does, and may expect."""

    id: str
    title: str
    words: str
    command: tuple[str, ...] = ()
    """Arguments of `breachkit`; places in braces."""
    expected: tuple[int, ...] = (0,)
    act: Act | None = None
    recap: tuple["Step", ...] = ()
    """Steps that another story tells at length: here their commands are run one after the other."""
    prove: Prove | None = None


_INTERRUPTED = 130
"""The exit code of a command that took a Ctrl-C for itself."""

NO_COMMAND = CommandResult(code=0, stdout="", stderr="")

_UNABLE = (BreachkitError, OSError, LookupError, TypeError, ValueError)
"""What a check may stumble on where a command did not do its part."""


def play(scene: Scene, steps: Sequence[Step], narrator: Narrator) -> DrillReport:
    """Play every step, also after one that failed: a report says all that did not hold."""
    started = scene.clock.now()
    narrator.begin()
    results = tuple(_play_step(scene, step, narrator) for step in steps)
    seconds = (scene.clock.now() - started).total_seconds()
    report = DrillReport(steps=results, began=started, seconds=seconds)
    narrator.end(report)
    return report


def _play_step(scene: Scene, step: Step, narrator: Narrator) -> StepResult:
    started = scene.clock.now()
    narrator.step(step.title, step.words)
    checks = [*_act(scene, step, narrator), *_recap(scene, step.recap, narrator)]
    outcome = NO_COMMAND
    if step.command:
        narrator.command(_typed(scene, step, narrator))
        outcome = scene.command(step)
        checks += _show_output(scene, outcome, narrator)
    if step.prove is not None:
        checks += _guarded(step.prove, scene, outcome)
    result = StepResult(
        id=step.id,
        title=step.title,
        command=_typed(scene, step, narrator) if step.command else None,
        exit_code=outcome.code if step.command else None,
        expected=step.expected if step.command else (),
        began=started,
        seconds=(scene.clock.now() - started).total_seconds(),
        checks=tuple(checks),
        recap=tuple(f"breachkit {_in_short(each.command)}" for each in step.recap),
    )
    narrator.outcome(result)
    return result


def _act(scene: Scene, step: Step, narrator: Narrator) -> list[Check]:
    if step.act is None:
        return []
    try:
        narrator.demonstrate(step.act(scene))
    except _UNABLE as problem:
        return [_unable(problem)]
    return []


def _recap(scene: Scene, steps: Sequence[Step], narrator: Narrator) -> Iterator[Check]:
    """Run the commands of several steps, and show of each what it was and how it ended."""
    for step in steps:
        outcome = scene.command(step)
        narrator.demonstrate([f"$ breachkit {_in_short(step.command)}  (exit code {outcome.code})"])
        yield from _said(scene, outcome)
        if outcome.code not in step.expected:
            yield Check(name=f"`{_in_short(step.command)}` ended as it must", ok=False)
    if steps:
        yield Check(name=f"{len(steps)} commands were run", ok=True)


def _in_short(command: Sequence[str]) -> str:
    """Give a command without its options, apart from the one that lets it act."""
    words = itertools.takewhile(lambda word: not word.startswith(("-", "{")), command)
    return " ".join((*words, *(word for word in command if word == "--execute")))


def _show_output(scene: Scene, outcome: CommandResult, narrator: Narrator) -> list[Check]:
    """Show what a command wrote, unless it wrote what must not be shown."""
    problems = _said(scene, outcome)
    if not problems:
        for text in (outcome.stdout, outcome.stderr):
            narrator.output(text)
    return problems


def _said(scene: Scene, outcome: CommandResult) -> list[Check]:
    """Keep what a command wrote, and say whether it wrote what must not be shown."""
    scene.said.append(outcome)
    if scene.detector.finds_in(outcome.stdout) or scene.detector.finds_in(outcome.stderr):
        return [Check(name="the command's output holds no value of the planted data", ok=False)]
    return []


def _guarded(prove: Prove, scene: Scene, outcome: CommandResult) -> Iterator[Check]:
    """Give the checks of a step; one that cannot be made is one that does not hold."""
    try:
        yield from prove(scene, outcome)
    except _UNABLE as problem:
        yield _unable(problem)


def _unable(problem: Exception) -> Check:
    # The message of an exception can quote what it stumbled on: only its kind is shown.
    return Check(name=f"the drill could look ({type(problem).__name__})", ok=False)


def _typed(scene: Scene, step: Step, narrator: Narrator) -> str:
    return narrator.typed(["breachkit", *scene.fill(step.command)])
