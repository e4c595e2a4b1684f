"""Numbers of patients are judged together: one valid check digit in eleven is chance."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.sdc.check_digits import (
    BY_CHANCE,
    TOO_RARE,
    binomial_tail,
    check,
    kind_of,
    plain_number,
    ten_digit_numbers,
)
from breachkit.sdc.identifiers import is_nhs_number


def valid(prefix, how_many):
    numbers = (f"{prefix}{rest:0{10 - len(prefix)}}" for rest in range(10 ** (10 - len(prefix))))
    return [number for number, _ in zip(filter(is_nhs_number, numbers), range(how_many), strict=False)]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("4010232137", "NHS"),
        ("6010232137", "NHS"),
        ("7010232137", "NHS"),
        ("3410232137", "Health and Care"),
        ("3112991234", "CHI"),
        ("0101301234", "CHI"),
        ("3213991234", "Health and Care"),
        ("0113301234", None),
        ("9990232137", None),
        ("5010232137", None),
        ("3010232137", "CHI"),
    ],
)
def test_a_number_says_by_its_range_whose_it_is(number, kind):
    assert kind_of(number) == kind


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("4010232137", "4010232137"),
        ("401 023 2137", "4010232137"),
        ("401-023-2137", "4010232137"),
        ("4010232137.0", "4010232137"),
        ("'4010232137", "4010232137"),
        ("40102321370", None),
        ("401023213", None),
        ("4010232137 (3)", None),
        ("-4010232137", None),
        ("40 10232137", None),
        ("", None),
    ],
)
def test_a_cell_is_read_as_a_number_of_ten_digits(cell, number):
    assert plain_number(cell) == number


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see 4010232137.", ["4010232137"]),
        ("see 401 023 2137, 6010232137", ["4010232137", "6010232137"]),
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE} 4010232137", ["4010232137"]),
        ("a,4010232137,7", ["4010232137"]),
        ("40102321370 or 1.4010232137 or x4010232137", []),
        ("4010232137.5", []),
        ("nothing here", []),
        ("4" * 5000, []),
    ],
)
def test_numbers_of_ten_digits_are_found_in_text(text, numbers):
    assert [number for _, number in ten_digit_numbers(text)] == numbers


@given(st.text(max_size=60), st.text(max_size=60))
@example("\N{GRINNING FACE}", " ")
def test_the_place_of_a_number_is_where_it_begins_in_bytes(before, after):
    text = f"{before} 4010232137 {after}"

    assert (len(before.encode("utf-8", "replace")) + 1, "4010232137") in ten_digit_numbers(text)


@given(st.integers(1, 60), st.integers(0, 60))
def test_the_tail_is_the_sum_of_the_probabilities(trials, successes):
    exact = sum(
        math.comb(trials, number) * BY_CHANCE**number * (1 - BY_CHANCE) ** (trials - number)
        for number in range(successes, trials + 1)
    )
    found = binomial_tail(trials, successes, BY_CHANCE)

    assert math.isclose(found, exact, rel_tol=1e-9) or (found == 1 and exact > 0.3)


def test_the_tail_of_a_million_trials_is_no_smaller_for_want_of_precision():
    assert binomial_tail(1_000_000, 5, BY_CHANCE) == 1
    assert binomial_tail(1_000_000, 91_000, BY_CHANCE) > 0.3
    assert binomial_tail(1_000_000, 900_000, BY_CHANCE) == 0


def test_valid_numbers_are_believed_from_four_on_and_repetitions_say_nothing():
    numbers = valid("401", 4)

    assert check(numbers).is_certain
    assert not check(numbers[:3]).is_certain
    assert not check(numbers[:2] * 20).is_certain


def test_numbers_of_tests_are_counted_apart():
    found = check(valid("999", 6))

    assert (found.valid, found.tests) == (0, 6)
    assert found.is_certain


def test_a_run_of_consecutive_numbers_is_chance():
    assert not check([str(4_000_000_000 + number) for number in range(5000)]).is_certain


@given(st.lists(st.integers(10**9, 10**10 - 1), min_size=3, max_size=200, unique=True))
def test_what_is_not_valid_more_often_than_chance_has_it_is_never_believed(numbers):
    found = check(list(map(str, numbers)))

    assert not found.is_certain or found.chance < TOO_RARE
    assert found.valid + found.tests <= found.numbers
