"""A person's answers are taken only where they were meant."""

from datetime import UTC, datetime
from functools import partial

import pytest

from breachkit.workflows.respond_talk import (
    TRIES,
    StoppedError,
    Talk,
    not_a_day,
    not_a_moment,
)


NOW = datetime(2026, 3, 6, 17, 5, tzinfo=UTC)


class Somebody:
    """Types lines one after the other, and keeps what was said."""

    def __init__(self, *lines):
        self._lines = iter(lines)
        self.told = ""

    def show(self, lines):
        self.told += "".join(
            part if isinstance(part, str) else part[0] for line in lines for part in (*line, "\n")
        )

    def ask(self, prompt):
        self.told += prompt
        return f"{next(self._lines)}\n"


def test_a_question_mark_explains_and_is_no_answer():
    somebody = Somebody("?", "out/table.csv")

    assert Talk(somebody).text("Which file?") == "out/table.csv"
    assert "Type the answer in your own words" in somebody.told


@pytest.mark.parametrize("given", ["", " ", "-"])
def test_what_is_left_out_is_no_text(given):
    assert Talk(Somebody(given)).text("Who found it?") == ""


@pytest.mark.parametrize("given", ["n", "No", "q"])
def test_a_no_to_a_question_stops_the_step_that_asks_and_is_no_name(given):
    with pytest.raises(StoppedError):
        Talk(Somebody(given)).text("Who sends them?", usual="Ada Hartley")


def test_a_yes_to_a_question_for_words_is_no_name():
    somebody = Somebody("y", "Y", "Ada Hartley")

    assert Talk(somebody).text("Who says so?") == "Ada Hartley"
    assert somebody.told.count("y would be written down") == 2


def test_what_is_usual_is_taken_by_enter_and_left_by_a_dash():
    assert Talk(Somebody("")).text("Who?", usual="Ada Hartley") == "Ada Hartley"
    assert Talk(Somebody("-")).text("Who?", usual="Ada Hartley") == ""


@pytest.mark.parametrize("given", ["yes please", "1", "ja", "?"])
def test_what_is_neither_yes_nor_no_is_no_after_three_tries(given):
    somebody = Somebody(*[given] * TRIES)

    assert not Talk(somebody).yes("Do it?")
    assert "nothing was done" in somebody.told


def test_a_name_that_is_nearly_right_does_nothing():
    somebody = Somebody("asthma/study-practic", "Asthma/Study-Practice", "y")

    assert not Talk(somebody).typed_in_full("asthma/study-practice")
    assert somebody.told.count("That is not the name. Nothing was done.") == TRIES


@pytest.mark.parametrize("given", ["0", "3", "-1", "²", "one"])
def test_a_choice_is_one_of_those_shown(given):
    assert Talk(Somebody(given, "2")).choice("Which?", ("this", "that")) == 1


def test_keys_that_print_nothing_are_asked_for_again():
    somebody = Somebody("\x1b[A", "y")

    assert Talk(somebody).yes("Do it?")
    assert "keys in it that print nothing" in somebody.told


@pytest.mark.parametrize("given", ["Friday", "2026-13-01", "20 March", "2026-03-05", "2026-03-06Z"])
def test_a_day_that_no_calendar_has_or_that_is_over_is_asked_for_again(given):
    somebody = Somebody(given, "2026-03-06")

    assert Talk(somebody).text("When?", wanted=partial(not_a_day, now=NOW)) == "2026-03-06"
    assert somebody.told.count("(Enter: leave it out") == 2


@pytest.mark.parametrize(
    "given", ["Friday", "2026-03-20", "2026-03-20T12:00", "2026-03-06T17:05Z", "2026-03-06T18:00+01:00"]
)  # fmt: skip
def test_a_time_without_a_zone_or_that_is_over_is_asked_for_again(given):
    somebody = Somebody(given, "2026-03-06T17:06Z")

    assert (
        Talk(somebody).text("When?", wanted=partial(not_a_moment, now=NOW)) == "2026-03-06T17:06Z"
    )
    assert somebody.told.count("(Enter: leave it out") == 2
