"""How a sweep's findings went over time: what is drawn, what is said, and the same as numbers."""

import dataclasses
import re

import pytest

from breachkit.report.sweep_trend import MOST_RUNS, trend
from tests.support.swept import many, nights


def axis(text):
    return [int(each.replace(",", "")) for each in re.findall(r'text-anchor="end">([\d,]+)<', text)]


def test_the_picture_says_in_words_and_in_a_table_what_it_draws():
    runs = nights(many(30), 5)
    text = trend(runs)

    assert "Open findings over 5 sweeps, from 2026-03-03 to 2026-03-07: 35 then, 12 now, at most 35." in text  # fmt: skip
    assert re.findall(r"<td>(2026\S+)</td><td>(\d+)</td><td>(\d+)</td>", text)[:2] == [
        ("2026-03-07", "12", "9"),
        ("2026-03-06", "24", "3"),
    ]
    assert text.count("<circle") == 5


def test_one_sweep_alone_has_no_course():
    assert trend(nights(many(10), 1)) == ""


def test_a_sweep_that_was_given_up_is_not_drawn_as_one_without_findings():
    runs = nights(many(30), 6)
    given_up = dataclasses.replace(runs[2], counts={})

    assert "over 5 sweeps" in trend((*runs[:2], given_up, *runs[3:]))


def test_of_years_of_sweeps_the_last_season_is_drawn_and_that_is_said():
    text = trend(nights(many(30), 400))

    assert f"the last {MOST_RUNS} of 400 sweeps" in text
    assert text.count("<tr><td>") == MOST_RUNS


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (18, 18), (19, 20), (117, 120), (181, 200), (54_321, 60_000)]
)
def test_the_axis_ends_at_an_even_number_not_below_the_most(most, top):
    run = nights(many(10), 2)[0]
    runs = [dataclasses.replace(run, counts={"findings known": most})] * 2

    assert axis(trend(runs)) == [0, top // 2, top]
