"""How many guesses a redacted file takes to fill in again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.documents.table import Table
from breachkit.sdc import guessing
from breachkit.sdc.cells import CountTable, Released, Sum, Suppressed
from breachkit.sdc.guessing import bits_to_guess, independent_sums
from breachkit.sdc.recovery import MAX_LINES, told_by


OLD = "practice,n\na,3\nb,128\nc,5\n"


def test_each_small_count_that_went_has_as_many_fillings_as_there_are_small_counts():
    new = "practice,n\na,[REDACTED]\nb,128\nc,[REDACTED]\n"

    assert bits_to_guess(OLD, new, 7) == pytest.approx(2 * math.log2(7))


def test_a_larger_count_that_went_has_as_many_as_numbers_of_its_length():
    new = "practice,n\na,3\nb,[REDACTED]\nc,5\n"

    assert bits_to_guess(OLD, new, 7) == pytest.approx(math.log2(900))


def test_rows_that_went_count_with_all_that_was_in_them():
    new = "practice,n\nb,128\n"

    assert bits_to_guess(OLD, new, 5) == pytest.approx(2 * (10 + math.log2(5)))


def test_the_footnote_mark_of_a_count_that_went_is_no_number():
    new = "practice,n\na,[REDACTED]\n"

    assert bits_to_guess("practice,n\na,3\N{SUPERSCRIPT TWO}\n", new, 7) == pytest.approx(
        math.log2(7)
    )


def test_a_file_that_is_the_same_takes_no_guess():
    assert bits_to_guess(OLD, OLD, 7) == 0


def test_a_sum_over_the_gaps_saves_one_guess():
    cells = {(row, 0): Suppressed() for row in range(3)}
    table = CountTable(
        cells={**cells, (3, 0): Released(20)},
        relations=(
            Sum(((0, 0), (1, 0), (2, 0)), ((3, 0),)),
            Sum(((0, 0), (1, 0), (2, 0)), ((3, 0),)),
        ),
    )
    old, new = "1\n2\n3\n20\n", "[REDACTED]\n[REDACTED]\n[REDACTED]\n20\n"

    assert independent_sums(table) == 1
    assert bits_to_guess(old, new, 5, [table]) == pytest.approx(2 * math.log2(5))


def test_of_a_table_too_large_to_tell_all_gaps_may_be_known():
    rows = tuple((str(row), "[REDACTED]" if row < 3 else "12") for row in range(MAX_LINES + 1))
    table = told_by(Table(("a", "n"), rows))

    assert table is not None
    assert independent_sums(table) == 3


def test_of_more_sums_than_are_reckoned_with_all_gaps_may_be_known(monkeypatch):
    monkeypatch.setattr(guessing, "_MOST_RELATIONS", 0)
    cells = {(row, 0): Suppressed() for row in range(3)}
    relation = Sum(((0, 0), (1, 0), (2, 0)), ((3, 0),))

    assert independent_sums(CountTable(cells=cells, relations=(relation,))) == 3


def test_a_table_tells_how_its_gaps_add_up_if_it_has_any():
    table = told_by(Table(("a", "n"), (("x", "[REDACTED]"), ("y", "41"), ("Total", "44"))))

    assert table is not None
    assert independent_sums(table) == 1
    assert told_by(Table(("a", "n"), (("x", "12"), ("y", "41")))) is None


@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), max_size=5))
def test_as_many_sums_are_independent_as_do_not_follow_from_others(rows: list[list[int]]):
    places = [(number, 0) for number in range(4)]
    relations = tuple(
        Sum(tuple(place for place, used in zip(places, row, strict=True) if used), ((9, 9),))
        for row in rows
        if any(row)
    )
    table = CountTable(
        cells={**{place: Suppressed() for place in places}, (9, 9): Released(9)},
        relations=relations,
    )
    wanted = [row for row in rows if any(row)]
    rank = independent_sums(table)

    assert rank == (np.linalg.matrix_rank(np.array(wanted)) if wanted else 0)
