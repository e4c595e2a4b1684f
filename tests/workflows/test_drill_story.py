"""The drill believes no command: whoever claims without doing is found out, and nothing slips out."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from breachkit.drill.folder import MARKER, NotADrillFolderError
from breachkit.drill.narrate import SHOWN_LINES, WIDTH, Narrator, cut
from breachkit.drill.plaingit import create_bare
from breachkit.drill.planted import Detector, plant, telltales
from breachkit.drill.recover import PREFIX
from breachkit.drill.report import Check, CommandResult, DrillReport, Run, StepResult
from breachkit.drill.session import (
    drill_folder,
    run_drill,
)
from breachkit.drill.stage import Scene, Step, play
from breachkit.drill.stories.released_table import RELEASED_TABLE
from tests.support.drill import FixedClock, copied_world


def telling(lines: list[str]) -> list[str]:
    detector = Detector(telltales(plant()))
    return [line for line in lines if detector.finds_in(line)]


def claims_everything(arguments: Sequence[str]) -> CommandResult:
    """A breachkit that does nothing and always gives the exit code that the story hopes for."""
    hoped = {"scan": 14}
    return CommandResult(code=hoped.get(arguments[0], 0), stdout="all is well\n", stderr="")


def play_one(
    folder: Path, step: Step, run: Run = claims_everything
) -> tuple[DrillReport, list[str]]:
    scene = Scene.of(copied_world(folder), run, FixedClock())
    told: list[str] = []
    return play(scene, [step], Narrator(told.append, folder, 1)), told


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> tuple[DrillReport, list[str]]:
    """A whole drill with commands that do nothing."""
    told: list[str] = []
    folder = tmp_path_factory.mktemp("claimed")
    report = run_drill(
        run=lambda arguments, _: claims_everything(arguments),
        tell=told.append,
        folder=folder,
        clock=FixedClock(),
    )
    return report, told


def test_commands_that_only_claim_to_work_are_found_out(
    claimed: tuple[DrillReport, list[str]],
) -> None:
    report, told = claimed

    failed = {step.id for step in report.steps if not step.ok}
    assert not report.ok
    assert report.exit_code == 7
    assert failed >= {
        *("look", "send", "holders-sent"),
        *("scan", "alert", "snapshot", "restrict", "rewrite", "push-refused", "push"),
        *("verify-not-yet", "support", "support-acts", "fork-not-yet"),
        *("verify", "trace", "holders", "checklist-export", "log-verify"),
        *("scan-again", "stale-clone", "quiet"),
    }
    assert [step.id for step in report.steps] == [step.id for step in RELEASED_TABLE.steps]
    assert any(line.startswith("  DRILL FAILED") for line in told)


def test_values_are_told_in_the_demonstration_alone_and_each_line_is_marked(
    claimed: tuple[DrillReport, list[str]],
) -> None:
    lines = telling(claimed[1])

    assert len(lines) == 3
    assert all(line.lstrip().startswith(PREFIX) for line in lines)


def test_a_command_that_prints_a_value_is_not_shown_and_fails_the_drill(tmp_path: Path) -> None:
    patient = plant().extract.content.decode().splitlines()[5]

    def leaks(_: Sequence[str]) -> CommandResult:
        return CommandResult(code=0, stdout="", stderr=f"found {patient}\n")

    step = Step(id="x", title="X", words="", command=("status",))
    report, told = play_one(tmp_path, step, leaks)

    assert not report.ok
    assert telling(told) == []
    assert [check.ok for check in report.steps[0].checks] == [False]


def test_an_unexpected_exit_code_is_told_plainly(tmp_path: Path) -> None:
    step = Step(id="x", title="X", words="", command=("status",), expected=(6,))

    report, told = play_one(tmp_path, step)

    assert not report.ok
    assert "  FAILED: the command ended with exit code 0, expected was 6" in told


def test_interrupting_a_command_interrupts_the_drill(tmp_path: Path) -> None:
    def interrupted(_: Sequence[str]) -> CommandResult:
        return CommandResult(code=130, stdout="", stderr="interrupted\n")

    with pytest.raises(KeyboardInterrupt):
        play_one(tmp_path, Step(id="x", title="X", words="", command=("scope",)), interrupted)


def test_a_check_that_cannot_be_made_does_not_hold(tmp_path: Path) -> None:
    def stumbles(scene: Scene, outcome: CommandResult) -> list[Check]:
        raise KeyError(plant().extract.content.decode().splitlines()[1])

    report, told = play_one(tmp_path, Step(id="x", title="X", words="", prove=stumbles))

    assert not report.ok
    assert telling(told) == []


def test_a_part_of_the_story_that_breaks_off_fails_its_step(tmp_path: Path) -> None:
    def breaks_off(scene: Scene) -> list[str]:
        raise FileNotFoundError

    assert not play_one(tmp_path, Step(id="x", title="X", words="", act=breaks_off))[0].ok


def test_commands_are_told_as_they_are_typed_with_the_folder_shortened(tmp_path: Path) -> None:
    step = Step(id="x", title="X", words="", command=("scan", "{server}", "--path", "a b"))

    _, told = play_one(tmp_path, step)

    assert "  $ breachkit scan $DRILL/server/study-practice.git --path 'a b'" in told
    assert "  | all is well" in told


def test_a_folder_with_an_odd_name_is_shortened_too(tmp_path: Path) -> None:
    folder = tmp_path / "it's a {drill}"
    folder.mkdir()

    _, told = play_one(folder, Step(id="x", title="X", words="", command=("scan", "{server}")))

    assert "  $ breachkit scan $DRILL/server/study-practice.git" in told


def test_the_narration_is_plain_text_of_a_readable_width(
    claimed: tuple[DrillReport, list[str]],
) -> None:
    told = claimed[1]

    own = [line for line in told if not line.startswith(("  |", "  $", "  DRILL="))]
    assert not any("\x1b" in line or "\n" in line for line in told)
    assert max(map(len, own)) <= WIDTH


def test_output_that_was_broken_for_another_width_is_broken_once() -> None:
    told: list[str] = []
    first = "  K-001  entries of the register are broken at eighty columns, as most texts are"
    text = (
        f"{first}\n         and go on below\n\nNext: breachkit next\n      why it is\n      next\n"
    )

    Narrator(told.append, Path("/x"), 1).output(text)

    assert told == [
        "  |   K-001  entries of the register are broken at eighty columns, as most texts",
        "  |          are and go on below",
        "  |",
        "  | Next: breachkit next",
        "  |       why it is next",
    ]


def test_a_long_command_is_told_in_lines_that_can_be_pasted() -> None:
    told: list[str] = []
    line = "breachkit accept F-0001 --reason 'numbers of practices' --by 'Ada Hartley' --until 2027-01-01"

    Narrator(told.append, Path("/x"), 1).command(line)

    assert told == [
        "  $ breachkit accept F-0001 --reason 'numbers of practices' \\",
        "      --by 'Ada Hartley' --until 2027-01-01",
    ]


@pytest.mark.parametrize("lines", [0, 1, SHOWN_LINES, SHOWN_LINES + 1, 500])
def test_a_long_output_loses_its_middle_and_says_so(lines: int) -> None:
    given = [f"line {number}" for number in range(lines)]

    shown = list(cut(given))

    assert len(shown) == min(lines, SHOWN_LINES)
    kept = [line for line in shown if line in given]
    assert kept == sorted(kept, key=given.index)
    if lines > SHOWN_LINES:
        assert f"... {lines - len(kept)} more lines ..." in shown
        assert shown[-1] == given[-1]


def test_the_json_says_what_was_expected_and_what_held() -> None:
    step = StepResult(
        id="verify",
        title="Is it gone?",
        command="breachkit verify",
        exit_code=7,
        expected=(0,),
        began=FixedClock.moment,
        seconds=0.1234,
        checks=(Check(name="a", ok=True), Check(name="b", ok=False)),
    )

    written = json.loads(
        json.dumps(
            DrillReport(
                steps=(step,), began=FixedClock.moment, seconds=1.5, scenario="log"
            ).to_json()
        )
    )

    assert written == {
        "schema": "breachkit.drill/1",
        "scenario": "log",
        "began": "2026-03-06T17:00:00Z",
        "ok": False,
        "seconds": 1.5,
        "steps": [
            {
                "id": "verify",
                "title": "Is it gone?",
                "command": "breachkit verify",
                "recap": [],
                "exit_code": 7,
                "expected": [0],
                "ok": False,
                "seconds": 0.123,
                "checks": [{"name": "a", "ok": True}, {"name": "b", "ok": False}],
            }
        ],
    }


def test_a_drill_without_steps_proves_nothing() -> None:
    assert DrillReport(steps=(), began=FixedClock.moment, seconds=0).exit_code == 7


def test_the_steps_have_names_of_their_own_and_tell_before_they_act() -> None:
    ids = [step.id for step in RELEASED_TABLE.steps]

    assert len(set(ids)) == len(ids)
    assert ids.index("open") < ids.index("alert") < ids.index("rewrite") < ids.index("push")
    assert ids.index("rewrite-plan") < ids.index("rewrite")


def test_a_drill_folder_is_gone_afterwards_also_after_an_interruption() -> None:
    def interrupted(folders: list[Path]) -> None:
        with drill_folder(None, FixedClock()) as folder:
            folders.append(folder)
            (folder / "server").mkdir()
            raise KeyboardInterrupt

    folders: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(folders)

    assert not folders[0].exists()


def test_a_folder_to_keep_stays_and_can_be_used_again(tmp_path: Path) -> None:
    kept = tmp_path / "deep" / "kept"
    for _ in range(2):
        with drill_folder(kept, FixedClock()) as folder:
            assert list(folder.iterdir()) == []
            copied_world(folder)

        assert (folder / "home").is_dir()


def test_a_folder_that_the_drill_did_not_make_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")

    with (
        pytest.raises(NotADrillFolderError, match="was not made by a drill"),
        drill_folder(tmp_path, FixedClock()),
    ):
        raise AssertionError("it was accepted")

    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_drill_folder_keeps_what_a_person_put_into_it(tmp_path: Path) -> None:
    with drill_folder(tmp_path / "kept", FixedClock()):
        pass
    notes = tmp_path / "kept" / "my-notes.txt"
    notes.write_text("ask Rosa")

    with drill_folder(tmp_path / "kept", FixedClock()):
        pass

    assert notes.read_text() == "ask Rosa"


def test_a_folder_inside_a_repository_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    create_bare(tmp_path / "work" / ".git")
    inside = tmp_path / "work" / "practice"

    with (
        pytest.raises(NotADrillFolderError, match="inside a git repository"),
        drill_folder(inside, FixedClock()),
    ):
        raise AssertionError("it was accepted")

    assert not inside.exists()


def test_a_link_is_no_marker_of_a_drill_folder(tmp_path: Path) -> None:
    with drill_folder(tmp_path / "kept", FixedClock()):
        pass
    other = tmp_path / "other"
    other.mkdir()
    (other / MARKER).symlink_to(tmp_path / "kept" / MARKER)

    with pytest.raises(NotADrillFolderError), drill_folder(other, FixedClock()):
        raise AssertionError("it was accepted")
