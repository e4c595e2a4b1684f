"""The real response on the practice world: it passes, and it does not pass when one part is missing."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from breachkit.cli.drill import _run
from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import Detector, plant, telltales
from breachkit.drill.recover import PREFIX
from breachkit.drill.report import CommandResult, DrillReport
from breachkit.drill.session import run_drill
from breachkit.drill.stories.notebook import NOTEBOOK_STORY
from breachkit.drill.stories.released_table import RELEASED_TABLE
from breachkit.drill.stories.story import Story
from breachkit.drill.world import STUDY_NAME, practice_home
from breachkit.model.time import SystemClock


Interfere = Callable[[Sequence[str]], CommandResult | None]
"""Gets a command before it runs; gives what it pretends it did, or None to let it run."""


def drill_with(
    folder: Path, interfere: Interfere, story: Story = RELEASED_TABLE
) -> tuple[DrillReport, list[str]]:
    def run(arguments: Sequence[str], environment: Mapping[str, str]) -> CommandResult:
        return interfere(arguments) or _run(arguments, practice_home(folder), environment)

    told: list[str] = []
    report = run_drill(run=run, tell=told.append, folder=folder, clock=SystemClock(), story=story)
    return report, told


def failed_steps(report: DrillReport) -> set[str]:
    return {step.id for step in report.steps if not step.ok}


def test_the_real_response_passes_and_says_no_value_outside_the_demonstration(
    tmp_path: Path,
) -> None:
    report, told = drill_with(tmp_path, lambda _: None)

    detector = Detector(telltales(plant()))
    assert [line for step in report.steps for line in step.failures()] == []
    assert report.exit_code == 0
    assert len(report.steps) == len(RELEASED_TABLE.steps)
    assert report.seconds < 120
    assert all(line.lstrip().startswith(PREFIX) for line in told if detector.finds_in(line))


def test_a_drill_in_which_nothing_was_rewritten_fails(tmp_path: Path) -> None:
    def skip_rewrite(arguments: Sequence[str]) -> CommandResult | None:
        if arguments[:2] == ["rewrite", "--execute"]:
            return CommandResult(code=0, stdout="Rewritten.\n", stderr="")
        return None

    report, _ = drill_with(tmp_path, skip_rewrite, NOTEBOOK_STORY)

    assert {"rewrite", "push", "support-acts", "verify", "scan-again"} <= failed_steps(report)


def test_a_colleague_who_pushes_meanwhile_makes_the_drill_fail(tmp_path: Path) -> None:
    def pushes_again(arguments: Sequence[str]) -> None:
        if arguments[0] == "guard":  # after the last verification said that all is gone
            colleague = Repository(tmp_path / "colleague" / STUDY_NAME / ".git")
            assert colleague.accepts("push", "--quiet", "origin", "chen/sensitivity")

    report, told = drill_with(tmp_path, pushes_again, NOTEBOOK_STORY)

    assert "scan-again" in failed_steps(report)
    assert "verify" not in failed_steps(report)
    assert any(line.startswith("  DRILL FAILED") for line in told)
