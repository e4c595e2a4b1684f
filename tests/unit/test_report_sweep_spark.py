"""How the findings of one repository went over time, in the line of a table."""

import dataclasses
import re

from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.sweeping import Tally
from breachkit.report.sweep_spark import open_at, spark
from breachkit.report.sweep_trend import MOST_RUNS
from tests.support.swept import many, nights


RUNS = nights(many(3), 6)


def tallies(*pairs):
    return [Tally(run=run, open=number) for run, number in pairs]


def test_a_number_holds_until_a_sweep_finds_another():
    assert open_at(RUNS, tallies((2, 3), (5, 1))) == [3, 3, 3, 1, 1]


def test_a_sweep_that_was_given_up_is_left_out_and_what_it_settled_holds():
    given_up = dataclasses.replace(RUNS[4], counts={})

    assert open_at((*RUNS[:4], given_up, RUNS[5]), tallies((2, 3), (5, 1))) == [3, 3, 3, 1]


def test_what_changed_before_the_sweeps_that_are_shown_counts():
    assert open_at(RUNS[3:], tallies((1, 7), (2, 4))) == [4, 4, 4]


def test_it_says_in_words_what_it_draws_and_by_how_much_there_are_more():
    change, picture = spark(RUNS, tallies((1, 2), (4, 9)))

    assert change == 7
    assert "<title>2 open at first, 9 now, in 6 sweeps</title>" in picture


def test_nothing_is_drawn_where_there_is_nothing_to_compare():
    assert spark(RUNS, ()) == (0, "")
    assert spark(RUNS, tallies((6, 4))) == (0, "")
    assert spark(RUNS, tallies((1, 0))) == (0, "")


def test_of_years_of_sweeps_the_last_season_is_drawn():
    change, picture = spark(nights(many(3), 400), tallies((1, 50), (390, 4), (400, 5)))

    assert change == 5 - 50
    assert f"in {MOST_RUNS} sweeps" in picture


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6))
def test_the_line_stays_within_its_picture_and_ends_at_its_dot(numbers):
    _, picture = spark(RUNS, tallies(*enumerate(numbers, 1)))
    if not picture:
        assert not any(numbers)
        return
    width, height = map(int, re.findall(r'(?:width|height)="(\d+)"', picture))
    corners = re.findall(r"([\d.]+),([\d.]+)", picture.partition("points=")[2])
    places = [(float(x), float(y)) for x, y in corners]

    assert all(0 < x < width and 0 < y < height for x, y in places)
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert f'cx="{corners[-1][0]}" cy="{corners[-1][1]}"' in picture
