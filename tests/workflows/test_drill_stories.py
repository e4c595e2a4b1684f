"""Every story keeps its word: as data, with the real commands, and against commands that only claim."""

import contextlib
import io
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from breachkit.cli import app
from breachkit.drill.narrate import WIDTH
from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import Detector, blob_id, telltales
from breachkit.drill.recover import PREFIX
from breachkit.drill.report import CommandResult, DrillReport
from breachkit.drill.session import run_drill
from breachkit.drill.stage import Step
from breachkit.drill.stories.shelf import DEFAULT, STORIES, shelf_json, shelf_text, story_named
from breachkit.drill.stories.story import Story
from breachkit.drill.world import build_world
from breachkit.model.errors import UsageError
from tests.cli.test_help import parses
from tests.support.drill import FixedClock


SHORTER = tuple(name for name in STORIES if name != DEFAULT)
CODES = {0, 3, 5, 6, 7, 8, 11, 12, 13, 14}
ANYTHING = {
    "server": "https://example.org/a/b",
    "later": "2026-12-31",
    "soon": "2026-12-01",
    "archives": "archive.example.org",
}

every_story = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)


class Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ANYTHING.get(name, f"x-{name}")


def in_order(steps: Sequence[Step]) -> Iterator[Step]:
    """Give the steps of a story with those of its recaps in their place."""
    for step in steps:
        yield from in_order(step.recap)
        yield step


def commands(story: Story) -> list[tuple[str, ...]]:
    return [step.command for step in in_order(story.steps) if step.command]


# --- as data ------------------------------------------------------------------------------------


def test_the_stories_are_those_that_were_promised() -> None:
    assert list(STORIES) == [
        "released-table",
        "notebook",
        "log",
        "fork-storm",
        "stale-clone",
        "private-repo",
    ]
    assert DEFAULT == "released-table"


@every_story
def test_each_step_has_a_name_of_its_own_and_whole_sentences(story: Story) -> None:
    ids = [step.id for step in story.steps]
    told = [story.opening, story.ending, story.teaches, *(step.words for step in story.steps)]

    assert len(set(ids)) == len(ids)
    assert all(0 < len(step.title) <= 62 for step in story.steps)
    assert all(text == "" or text[-1] in ".?!:" for text in told)
    assert not any("  " in text or "\n" in text for text in told)
    assert all(len(text) <= 400 for text in told)
    assert any(step.prove is not None for step in story.steps)


@every_story
def test_each_command_of_a_story_parses_and_expects_a_documented_code(story: Story) -> None:
    for step in in_order(story.steps):
        assert set(step.expected) <= CODES
    for command in commands(story):
        words = [word.format_map(Places()) for word in command]
        line = " ".join(f"'{word}'" for word in words)
        assert parses(f"breachkit {line}"), line


@every_story
def test_people_are_told_before_anything_is_changed_and_plans_come_first(story: Story) -> None:
    typed = [" ".join(command) for command in commands(story)]

    alerted = next(number for number, line in enumerate(typed) if line == "notify render alert")
    for verb in ("rewrite", "push", "restrict", "restore"):
        acts = [n for n, line in enumerate(typed) if line.startswith(f"{verb} --execute --confirm")]
        plans = [
            n for n, line in enumerate(typed) if line.startswith(verb) and "--execute" not in line
        ]
        assert all(alerted < number for number in acts)
        assert all(any(plan < number for plan in plans) for number in acts)


@every_story
def test_each_story_says_what_it_leaves_out_and_stays_well_under_two_minutes(story: Story) -> None:
    assert len(story.not_practised) >= 3
    assert 5 <= story.seconds <= 60


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("notbook", "notebook"), ("Fork_Storm", "fork-storm"), ("private", "private-repo")],
)
def test_a_mistyped_story_is_answered_with_the_one_that_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"[Dd]id you mean {meant}"):
        story_named(typed)


def test_a_name_that_is_like_none_is_answered_with_all_of_them() -> None:
    with pytest.raises(UsageError, match=", ".join(STORIES)):
        story_named("zzz")


def test_the_list_says_what_each_story_teaches_and_how_long_it_takes() -> None:
    text, listed = shelf_text(), shelf_json()["stories"]

    assert max(map(len, text.splitlines())) <= WIDTH
    assert [story["name"] for story in listed] == list(STORIES)
    for story in STORIES.values():
        assert f"{story.name}  (about {story.seconds} s)" in text
        assert " ".join(text.split()).count(story.teaches) == 1


@pytest.mark.parametrize("arguments", [["--scenario", "notbook"], ["--record", "record.pdf"]])
def test_what_cannot_be_meant_is_said_before_anything_is_built(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["drill", *arguments]) == 2
    assert re.search(r"did you mean notebook|\.md or \.html", capsys.readouterr().err)


def test_the_command_line_lists_the_stories(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["drill", "--list"]) == 0
    assert app.main(["drill", "--list", "--json"]) == 0

    text, _, listed = capsys.readouterr().out.partition("{")
    assert text.rstrip() == shelf_text()
    assert json.loads(f"{{{listed}") == shelf_json()


# --- their worlds -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notebook", "log", "private-repo"])
def test_a_world_looks_clean_today_and_holds_everything_planted_in_its_history(
    name: str, tmp_path: Path
) -> None:
    setting = STORIES[name].setting
    worlds = [
        build_world(folder, FixedClock(), setting) for folder in (tmp_path / "a", tmp_path / "b")
    ]

    world = worlds[0]
    assert worlds[1].refs == world.refs
    today = {line.split()[2] for line in world.server.lines("ls-tree", "-r", "main")}
    ever = {line.split()[0] for line in world.server.lines("rev-list", "--objects", "main")}
    assert not today & world.planted.blobs
    assert world.planted.blobs <= ever
    assert {blob_id(content) for content in world.planted.harmless} <= today
    colleague = Repository(world.colleague / ".git")
    assert world.planted.blobs <= colleague.object_ids()
    detector = Detector(telltales(world.planted))
    assert all(detector.finds_in(file.content) for file in world.planted.files)
    assert not any(map(detector.finds_in, world.planted.harmless))


# --- with the real commands ---------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    story: Story
    code: int
    told: list[str]
    said: str
    record: str


@pytest.fixture(scope="module", params=SHORTER)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One whole drill by the command line, for each story but the first."""
    name = request.param
    record = tmp_path_factory.mktemp("record") / "record.md"
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = app.main(
            ["drill", "--scenario", name, "--record", str(record), "--by", "Ada Hartley"]
        )
    return Played(
        story=STORIES[name],
        code=code,
        told=out.getvalue().splitlines(),
        said=errors.getvalue(),
        record=record.read_text(encoding="utf-8"),
    )


def test_the_story_comes_true(played: Played) -> None:
    assert [line for line in played.told if "FAILED" in line] == []
    assert played.code == 0
    whole = " ".join(" ".join(played.told).split())
    assert f"DRILL PASSED: {len(played.story.steps)} steps and " in whole
    assert played.story.ending in whole


def test_values_are_told_in_the_demonstration_alone_and_each_line_is_marked(
    played: Played,
) -> None:
    detector = Detector(telltales(played.story.setting.planted()))

    telling = [line for line in played.told if detector.finds_in(line)]
    assert all(line.lstrip().startswith(PREFIX) for line in telling)
    assert bool(telling) == any(
        "shows practice values" in each.words for each in played.story.steps
    )
    assert not detector.finds_in(played.record)
    assert not detector.finds_in(played.said)


def test_the_narration_fits_a_narrow_terminal_and_is_plain_text(played: Played) -> None:
    shown = [line for line in played.told if not re.match(r"  (\||\$|DRILL=|  )", line)]

    assert max(map(len, shown)) <= WIDTH
    assert not any("\x1b" in line for line in played.told)
    assert not any("{" in line for line in shown)


def test_the_record_has_every_step_and_who_took_part(played: Played) -> None:
    assert "Took part: Ada Hartley" in played.record
    assert f"Scenario: {played.story.name}" in played.record
    assert "Practice, no real data" in played.record
    numbers = re.findall(r"^(\d+)\. ", played.record, re.MULTILINE)
    assert numbers == [f"{number}" for number in range(1, len(played.story.steps) + 1)]
    assert "failed" not in played.record


# --- against commands that only claim -----------------------------------------------------------


MUST_FAIL = {
    "notebook": {"scan", "alert", "send", "rewrite", "push", "support-acts", "verify", "again"},
    "log": {"scan", "scope", "rewrite", "push", "support-acts", "verify", "accept", "log-verify"},
    "fork-storm": {
        "before",
        "clean-up",
        "snapshot",
        "restrict",
        "support-acts",
        "trace",
        "owners",
        "verify-server-again",
    },
    "stale-clone": {"before", "verify", "noticed", "push-again", "refused", "log-verify"},
    "private-repo": {"clean-up", "redact", "close-refused", "support-acts", "close", "public"},
}
"""Steps that no command can pass by saying that it did its part."""


@pytest.fixture(scope="module", params=SHORTER)
def claimed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> DrillReport:
    """A story with commands that do nothing and end with 0."""
    return run_drill(
        run=lambda _arguments, _environment: CommandResult(code=0, stdout="done\n", stderr=""),
        tell=lambda _line: None,
        folder=tmp_path_factory.mktemp("claimed"),
        clock=FixedClock(),
        story=STORIES[request.param],
    )


def test_commands_that_only_claim_to_work_are_found_out(claimed: DrillReport) -> None:
    failed = {step.id for step in claimed.steps if not step.ok}

    assert claimed.exit_code == 7
    assert failed >= MUST_FAIL[claimed.scenario]
    assert len(claimed.steps) == len(STORIES[claimed.scenario].steps)
    assert all(a.began <= b.began for a, b in itertools.pairwise(claimed.steps))
