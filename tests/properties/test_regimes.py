"""Laws of rounding and of check digits: what is rounded is never called exact, chance never proof."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.cnt_04 import Unrounded
from breachkit.detect.rules.pat_03 import NhsNumbers
from breachkit.documents.table import Table
from breachkit.model.findings import Severity
from breachkit.sdc.identifiers import is_nhs_number
from tests.support.judging import context_of


TODAY = context_of("released_outputs/t.csv", policy="strict")
REGIMES = [
    *((base, lambda count, base=base: round(count / base) * base) for base in (3, 5, 6, 7, 8, 10, 15, 20, 25, 50, 100)),
    ("midpoint 6", lambda count: -(-count // 6) * 6 - 3 * (count != 0)),
    ("midpoint 10", lambda count: -(-count // 10) * 10 - 5 * (count != 0)),
]  # fmt: skip
counts = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)
columns = st.lists(counts, min_size=1, max_size=4)


def table(*numbers):
    longest = max(map(len, numbers))
    header = ("group", *(f"n_{index}" for index in range(len(numbers))))
    rows = [
        (f"g{row}", *(str(column[row]) if row < len(column) else "" for column in numbers))
        for row in range(longest)
    ]
    return Table(header, rows)


def is_called_unrounded(found):
    return bool(list(Unrounded().check_table(found, TODAY)))


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: str(regime[0]))
@given(numbers=columns)
@example(numbers=[[1, 4, 7, 10, 13, 16, 19, 22]])
@settings(max_examples=30)
def test_a_table_rounded_by_any_regime_is_never_called_unrounded(regime, numbers):
    _, rounded = regime

    assert not is_called_unrounded(table(*([rounded(count) for count in column] for column in numbers)))  # fmt: skip


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: str(regime[0]))
@given(numbers=counts)
@settings(max_examples=30)
def test_nor_is_one_with_the_total_of_its_rounded_counts(regime, numbers):
    _, rounded = regime
    parts = [rounded(count) for count in numbers]

    assert not is_called_unrounded(table([*parts, sum(parts)]))


@given(st.integers(0, 10**9))
@settings(max_examples=40)
def test_a_long_column_of_exact_counts_is_called_unrounded(seed):
    chosen = random.Random(seed)

    assert is_called_unrounded(table([chosen.randint(8, 10**5) for _ in range(60)]))


def nhs_hits(numbers):
    found = Table(("reference", "x"), [(number, "1") for number in numbers])
    return list(NhsNumbers().check_table(found, TODAY))


def test_random_numbers_of_ten_digits_are_hardly_ever_taken_for_those_of_patients():
    chosen = random.Random(20_231_101)
    tables = 4_000
    flagged = sum(
        bool(nhs_hits([str(chosen.randint(10**9, 10**10 - 1)) for _ in range(chosen.randint(3, 30))]))
        for _ in range(tables)
    )  # fmt: skip

    assert flagged / tables < 1e-3


@st.composite
def nhs_numbers(draw):
    """A valid number, of a range that patients are given."""
    while True:
        nine = f"{draw(st.sampled_from('467'))}{draw(st.integers(0, 10**8 - 1)):08}"
        for last in range(10):
            if is_nhs_number(f"{nine}{last}"):
                return f"{nine}{last}"


@given(st.lists(nhs_numbers(), min_size=4, max_size=40, unique=True), st.sampled_from(["", " "]))
@settings(max_examples=60)
def test_a_column_of_valid_numbers_is_always_found(numbers, separator):
    written = [separator.join((number[:3], number[3:6], number[6:])) for number in numbers]

    [hit] = nhs_hits(written)

    assert hit.severity is Severity.CRITICAL
    assert not any(number in repr(hit) for number in (*numbers, *written))
