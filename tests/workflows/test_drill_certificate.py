"""The record of a drill says what was done and what was not, and nothing in it acts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from breachkit.drill.certificate import Certificate, Entry, certificate_of, to_html, to_markdown
from breachkit.drill.record import KEPT, places, require_place, write_record
from breachkit.drill.report import Check, DrillReport, StepResult
from breachkit.drill.stories.shelf import DEFAULT, story_named
from breachkit.model.errors import UsageError
from breachkit.report.output import OutputRefusedError
from tests.support.drill import FixedClock


STORY = story_named(DEFAULT)
PRACTISED = Certificate(
    scenario="log",
    teaches="Logs are outputs, too.",
    manner="hands-on",
    by=("Ada Hartley", "Ben <b>Okafor</b>"),
    began=FixedClock.moment,
    ended=FixedClock.moment + timedelta(minutes=61, seconds=5),
    entries=(
        Entry(
            what="Look at the whole history",
            command="breachkit scan $DRILL/x_y",
            at=FixedClock.moment,
            seconds=1.26,
            held=("found: a *log*",),
        ),
        Entry(what="Tell the contacts"),
    ),
    not_practised=("how long people take",),
    score="2 of 2 points",
)


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_the_record_says_who_practised_what_and_when_and_that_nothing_was_real(
    write: Callable[[Certificate], str],
) -> None:
    text = write(PRACTISED)

    for word in (
        *(
            "Friday 6 March 2026",
            "17:00:00 to 18:01:05 UTC, 1 h 1 min 5 s",
            "hands-on: people typed",
        ),
        *("log", "Logs are outputs, too.", "Ada Hartley", "17:00:00, 1.3 s", "2 of 2 points"),
        *("Practice, no real data", "how long people take", f"breachkit {PRACTISED.version}"),
        "Passed: 2 steps and 1 proof, and all held",
    ):
        assert word in text, word


def test_texts_from_outside_cannot_act_in_the_record() -> None:
    assert "<b>" not in to_html(PRACTISED)
    assert "<b>" not in to_markdown(PRACTISED)
    assert r"\$DRILL/x\_y" in to_markdown(PRACTISED)
    assert r"a \*log\*" in to_markdown(PRACTISED)


@pytest.mark.parametrize("write", [to_markdown, to_html])
def test_what_failed_is_said_first_and_where_it_failed(write: Callable[[Certificate], str]) -> None:
    failed = replace(PRACTISED.entries[1], failed=("not proved: they were told",))
    text = write(replace(PRACTISED, entries=(PRACTISED.entries[0], failed)))

    assert "Not passed: 1 of 2 steps did not go as they must" in text
    assert "failed: not proved: they were told" in text


def test_a_drill_without_steps_is_none_that_was_passed() -> None:
    assert not replace(PRACTISED, entries=()).passed


def test_a_narrated_drill_has_each_step_with_its_time_and_its_proofs() -> None:
    step = StepResult(
        id="verify",
        title="Is it gone?",
        command="breachkit verify",
        exit_code=7,
        expected=(0,),
        began=FixedClock.moment,
        seconds=0.5,
        checks=(Check(name="a", ok=True), Check(name="b", ok=False)),
    )
    report = DrillReport(steps=(step,), began=FixedClock.moment, seconds=60.0, scenario=STORY.name)

    made = certificate_of(report, STORY, ())

    assert made.entries == (
        Entry(
            what="Is it gone?",
            command="breachkit verify (exit code 7, which it must not)",
            at=FixedClock.moment,
            seconds=0.5,
            held=("a",),
            failed=(
                "the command ended with exit code 7, expected was 0",
                "not proved: b",
            ),
        ),
    )
    again = replace(report, steps=(replace(step, command=None, recap=("a b", "c --execute")),))
    assert certificate_of(again, STORY, ()).entries[0].command == "a b, then c --execute"
    assert made.ended - made.began == timedelta(minutes=1)
    assert made.teaches == STORY.teaches
    assert "narrated: the program typed the commands" in to_markdown(made)
    assert "Took part: nobody was named" in to_markdown(made)


def test_the_record_is_written_in_the_format_of_its_name_and_replaces_an_earlier_one(
    tmp_path: Path,
) -> None:
    for name, start in (("a.md", "# Record"), ("a.html", "<!DOCTYPE html>")):
        for _ in range(2):
            write_record(PRACTISED, tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_a_place_that_cannot_take_the_record_is_refused_before_the_drill(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.md"
    thesis.write_text("ten years of work")

    with pytest.raises(UsageError, match=r"\.md or \.html"):
        require_place(tmp_path / "record.pdf")
    with pytest.raises(OutputRefusedError):
        require_place(thesis)


def test_a_folder_that_is_kept_gets_the_record_too(tmp_path: Path) -> None:
    wanted = tmp_path / "r.html"

    assert places(None, None) == ()
    assert places(wanted, tmp_path) == (wanted, tmp_path / KEPT)
