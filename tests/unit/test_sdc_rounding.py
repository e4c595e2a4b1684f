"""Rounding regimes, as the numbers tell them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.sdc.measures import Measures, Tool, is_legal, measures_of, unprotected_rows
from breachkit.sdc.rounding import REGIMES, Regime, infer
from tests.support.judging import table_of


@settings(max_examples=150)
@given(
    regime=st.sampled_from(REGIMES), steps=st.sets(st.integers(1, 5000), min_size=8, max_size=40)
)
def test_rounded_counts_keep_their_regime(regime, steps):
    offset = regime.base // 2 if regime.midpoint else 0
    counts = [step * regime.base + offset for step in steps]

    fit = infer(counts * 2)

    assert fit is not None
    assert not fit.off
    assert fit.on == len(counts)
    assert all(fit.regime.holds(count) for count in counts)


@settings(max_examples=150)
@given(counts=st.sets(st.integers(1, 100_000), max_size=40))
def test_a_regime_is_believed_on_evidence_alone(counts):
    fit = infer(counts)

    if fit is not None:
        assert fit.on >= 6
        assert fit.on >= 4 * len(fit.off)
        assert fit.chance <= 5**-6
        assert fit.off == {count for count in counts if not fit.regime.holds(count)}


def test_one_constant_repeated_proves_nothing():
    assert infer([1205] * 1000) is None


def test_zeros_prove_nothing():
    assert infer([0, 0, 5, 10, 15, 20, 25]) is None


def test_the_odd_ones_are_named():
    fit = infer([5, 10, 15, 20, 25, 30, 35, 41])

    assert fit is not None
    assert fit.off == {41}
    assert "41" not in repr(fit)


def test_tens_are_not_mistaken_for_fives_with_exceptions():
    tens = infer([10, 20, 30, 40, 50, 60])
    fives = infer([10, 20, 30, 40, 50, 60, 15])

    assert tens is not None
    assert tens.regime == Regime(10)
    assert fives is not None
    assert fives.regime == Regime(5)


@pytest.mark.parametrize(
    ("true", "printed"), [(0, 0), (1, 3), (6, 3), (7, 9), (12, 9), (13, 15), (18, 15)]
)
def test_midpoint_six_holds_what_the_documentation_prints(true, printed):
    regime = Regime(6, midpoint=True)

    assert regime.holds(printed)
    assert true <= regime.largest_origin(printed)


def test_midpoint_six_holds_nothing_else():
    assert [count for count in range(20) if Regime(6, midpoint=True).holds(count)] == [0, 3, 9, 15]


def test_measures_of_ehrql_are_known_by_their_header_in_any_case_and_order():
    table = table_of("sex,Measure,interval_start,interval_end,ratio,denominator,numerator\n")

    assert measures_of(table) == Measures(tool=Tool.EHRQL, numerator=6, denominator=5)


def test_measures_of_the_cohort_extractor_are_known_by_their_arithmetic():
    good = "region,admitted,population,value,date\nEast,3,1500,0.002,2021-01-01\n"

    assert measures_of(table_of(good)) == Measures(
        tool=Tool.COHORT_EXTRACTOR, numerator=1, denominator=2
    )
    assert measures_of(table_of(good.replace("0.002", "0.003"))) is None
    assert measures_of(table_of("value\n3\n")) is None
    assert measures_of(table_of("a,b,value\nx,y,z\n")) is None


@pytest.mark.parametrize("count", [0, 10, 15, 20, 1205])
def test_counts_that_ehrql_leaves(count):
    assert is_legal(count, Tool.EHRQL, 5)


@pytest.mark.parametrize("count", [1, 4, 5, 6, 7, 8, 11, 1204])
def test_counts_that_ehrql_does_not_leave(count):
    assert not is_legal(count, Tool.EHRQL, 5)


def test_unprotected_cells_are_given_by_column_and_row():
    table = table_of(
        "measure,interval_start,interval_end,ratio,numerator,denominator\n"
        "a,s,e,0.1,10,100\na,s,e,0.1,13,130\na,s,e,,,0\na,s,e,0.1,5,99\n"
    )
    measures = measures_of(table)

    assert measures is not None
    assert unprotected_rows(table, measures, 5) == {4: [2, 4], 5: [4]}


@pytest.mark.parametrize("other", ["see note", "12.5"])
def test_a_cell_that_is_no_count_hides_none_of_the_others(other):
    table = table_of(
        "measure,interval_start,interval_end,ratio,numerator,denominator\n"
        f"a,s,e,0.1,3,100\na,s,e,0.1,{other},130\n"
    )
    measures = measures_of(table)

    assert measures is not None
    assert unprotected_rows(table, measures, 5) == {4: [1]}


def test_the_threshold_in_force_judges_measures_of_the_cohort_extractor():
    assert [count for count in range(10) if is_legal(count, Tool.COHORT_EXTRACTOR, 5)] == [
        0,
        6,
        7,
        8,
        9,
    ]
    assert [count for count in range(10) if is_legal(count, Tool.COHORT_EXTRACTOR, 7)] == [0, 8, 9]
