"""From rates back to counts: which are exact, which are believed, which are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.rat_01 import TellingRates
from breachkit.detect.rules.rat_02 import RatiosOfRawCounts
from breachkit.model.findings import Severity
from breachkit.sdc import inversion
from breachkit.sdc import raw_ratios as raw_ratios_room
from breachkit.sdc.count_grid import grid_of
from breachkit.sdc.intervals import Interval
from breachkit.sdc.inversion import (
    CERTAIN_CHANCE,
    inverted_ratios,
    is_rounded,
    printed_numerators,
)
from breachkit.sdc.left_beside import is_descriptive, left_beside
from breachkit.sdc.ratio_columns import ratio_columns
from breachkit.sdc.raw_ratios import ratios_of_raw_counts
from breachkit.sdc.search import Search
from breachkit.sdc.stated import decimals_of, share_behind, stated, without_share
from tests.support.judging import context_of, lines, place, table_of


THRESHOLD = 5
COUNTS = ((31, 212), (3, 218), (17, 433), (52, 617), (26, 391), (44, 288))


def rates(counts, *, decimals, scale, name="percent"):
    rows = [
        (f"group {row}", whole, f"{scale * part / whole:.{decimals}f}")
        for row, (part, whole) in enumerate(counts)
    ]
    return lines(("group", "population", name), *rows)


def one(found):
    (only,) = found
    return only


@settings(max_examples=60)
@given(
    whole=st.integers(1, 40_000),
    share=st.floats(0, 1),
    decimals=st.integers(0, 6),
    scale=st.sampled_from((1, 100, 1000)),
)
def test_the_true_numerator_is_always_among_those_given(whole, share, decimals, scale):
    part = int(share * whole)

    found = stated(f"{scale * part / whole:.{decimals}f}", of=scale)

    assert found is not None
    assert found.numerators(whole).holds(part)
    assert found.wholes(part, Interval(1, 50_000)).holds(whole) or part == 0


@settings(max_examples=40)
@given(whole=st.integers(2, 999), data=st.data())
def test_one_decimal_of_a_percentage_is_exact_below_a_thousand(whole, data):
    part = data.draw(st.integers(0, whole))

    found = stated(f"{100 * part / whole:.1f}", of=100)

    assert found is not None
    assert found.numerators(whole).is_exact


@pytest.mark.parametrize(
    "cell", ["", "NA", "-1.2", "1,234", "[REDACTED]", "0.1-0.3", "abc", "1e999"]
)
def test_what_is_no_plain_number_is_no_ratio(cell):
    assert stated(cell, of=1) is None


@pytest.mark.parametrize(
    ("cell", "of", "whole", "low", "high"),
    [
        ("1.4%", 100, 212, 3, 3),
        ("1.4", 100, 212, 3, 3),
        ("0.014", 1, 212, 3, 3),
        ("1.4e-02", 1, 212, 3, 3),
        ("50", 100, 1000, 495, 505),
        ("100.0", 100, 40, 40, 40),
    ],
)
def test_ratios_are_read_in_every_way_they_are_written(cell, of, whole, low, high):
    found = stated(cell, of=of)

    assert found is not None
    assert found.numerators(whole) == Interval(low, high)


def test_trailing_zeros_that_were_dropped_count_as_decimals():
    found = stated("0.5", of=1, decimals=4)

    assert found is not None
    assert found.numerators(400) == Interval(200, 200)
    assert decimals_of(["0.5", "0.1234", "NA", "2"]) == 4


def test_shares_behind_counts_and_marks_are_read():
    assert share_behind("12 (3.4%)") == stated("3.4", of=100)
    assert share_behind("[REDACTED] (3.4)") == stated("3.4", of=100)
    assert share_behind("12") is None
    assert without_share("<=5 (1.2%)") == "<=5"
    assert without_share("[REDACTED]") == "[REDACTED]"


@pytest.mark.parametrize(
    ("decimals", "scale", "name"),
    [(2, 100, "percent"), (4, 1, "proportion"), (2, 1000, "rate per 1000"), (6, 1, "value")],
)
def test_numerators_come_back_from_the_digits_printed(decimals, scale, name):
    table = table_of(rates(COUNTS, decimals=decimals, scale=scale, name=name))

    found = one(inverted_ratios(table, Search()))

    assert found.scale == scale
    assert list(found.numerators) == [part for part, _ in COUNTS]
    assert found.chance <= CERTAIN_CHANCE


def test_few_digits_are_believed_where_the_name_says_what_they_are():
    named = table_of(rates(COUNTS, decimals=1, scale=100, name="percent"))
    unnamed = table_of(rates(COUNTS[:4], decimals=1, scale=100, name="risk"))

    assert one(inverted_ratios(named, Search())).chance > CERTAIN_CHANCE
    assert list(inverted_ratios(unnamed, Search())) == []


def test_numbers_that_are_no_ratios_of_the_denominator_are_not_believed():
    values = ("0.1273", "0.0391", "0.2217", "0.0822", "0.1011", "0.0913")
    rows = [
        (f"g{row}", whole, value)
        for row, ((_, whole), value) in enumerate(zip(COUNTS, values, strict=True))
    ]

    assert (
        list(inverted_ratios(table_of(lines(("g", "population", "rate"), *rows)), Search())) == []
    )


def test_shares_of_the_column_itself_are_no_ratios_of_it():
    counts = (10, 20, 30, 40)  # 1, 4, 9 and 16 of 100 would be whole
    rows = [(f"g{count}", count, f"{count:.2f}") for count in counts]
    several = [*rows, ("h50", 50, "25.00"), ("h100", 100, "50.00"), ("h150", 150, "75.00")]

    assert list(inverted_ratios(table_of(lines(("g", "freq", "percent"), *rows)), Search())) == []
    assert (
        list(inverted_ratios(table_of(lines(("g", "freq", "percent"), *several)), Search())) == []
    )


def test_all_of_few_and_none_of_them_prove_nothing():
    rows = [
        ("a", 41, "100.00"),
        ("b", 1, "0.00"),
        ("c", 2, "100.00"),
        ("d", 3, "100.00"),
        ("e", 7, "0.00"),
    ]

    assert list(inverted_ratios(table_of(lines(("g", "freq", "percent"), *rows)), Search())) == []


def test_halves_and_whole_numbers_prove_nothing():
    rows = [
        (f"g{row}", whole, value)
        for row, (whole, value) in enumerate(((40, "0.5"), (60, "1.0"), (80, "0.0"), (20, "0.5")))
    ]

    assert list(inverted_ratios(table_of(lines(("g", "n", "proportion"), *rows)), Search())) == []


def test_numerators_that_are_printed_are_known():
    rows = [
        (f"g{row}", whole, "[REDACTED]" if part < 6 else part, f"{part / whole:.5f}")
        for row, (part, whole) in enumerate(COUNTS)
    ]
    table = table_of(lines(("g", "population", "n_cases", "rate"), *rows))

    found = one(inverted_ratios(table, Search()))

    assert printed_numerators(table, found) == {0, 2, 3, 4, 5}


def test_only_columns_called_ratios_with_decimals_are_tried():
    table = table_of("g,rate,percent,n,mean\nx,0.1,12,40,3.3\ny,0.2,13,50,4.4")

    assert ratio_columns(table) == (1,)


@pytest.mark.parametrize(
    "counts", [[5, 10, 20], [0, 5, 5], [10, 20, 30, 40, 55, 60, 75], [3, 9, 15]]
)
def test_rounded_numerators_are_recognised(counts):
    assert is_rounded(counts)


@pytest.mark.parametrize("counts", [[5, 11, 20], [3, 4, 1], [10, 20, 30, 40, 55, 60, 76], [None]])
def test_other_numerators_are_not(counts):
    assert not is_rounded(counts)


BIG = ((310, 21207), (37, 2183), (156, 4336), (628, 6173), (184, 3911), (1365, 28812))


def to_five(count):
    return 5 * ((2 * count + 5) // 10)


def raw_ratios(counts, *, decimals, of_rounded=False):
    rows = []
    for row, (part, whole) in enumerate(counts):
        shown = to_five(part), to_five(whole)
        top, bottom = shown if of_rounded else (part, whole)
        rows.append((f"g{row}", *shown, f"{top / bottom:.{decimals}f}"))
    return table_of(lines(("g", "n_cases", "n_people", "ratio"), *rows))


def test_ratios_of_raw_counts_give_exact_pairs_back():
    found = one(ratios_of_raw_counts(raw_ratios(BIG, decimals=12), THRESHOLD, Search()))

    assert found.rows == tuple(range(6))
    assert found.exact == tuple(range(6))
    assert found.small == ()


def test_a_small_numerator_behind_rounding_is_named():
    found = one(
        ratios_of_raw_counts(raw_ratios(((3, 3183), *BIG), decimals=12), THRESHOLD, Search())
    )

    assert found.small == (0,)


def test_few_digits_narrow_and_do_not_decide():
    found = one(ratios_of_raw_counts(raw_ratios(BIG, decimals=4), THRESHOLD, Search()))

    assert found.rows
    assert len(found.exact) < len(found.rows)


def test_ratios_of_the_rounded_counts_are_right():
    assert (
        list(
            ratios_of_raw_counts(raw_ratios(BIG, decimals=12, of_rounded=True), THRESHOLD, Search())
        )
        == []
    )


def test_unrounded_counts_are_no_matter_of_rounding():
    rows = [
        (f"g{row}", part, whole, f"{part / whole:.6f}") for row, (part, whole) in enumerate(BIG)
    ]
    table = table_of(lines(("g", "n_cases", "n_people", "ratio"), *rows))

    assert list(ratios_of_raw_counts(table, THRESHOLD, Search())) == []


@pytest.mark.parametrize("name", ["pct", "rate per 1000", "mean_age", "died_percent", "median bmi"])
def test_descriptive_statistics_are_known(name):
    assert is_descriptive(name)


@pytest.mark.parametrize(
    "name", ["hr", "or", "conf.low", "p.value", "estimate", "std.error", "n", "rate ratio"]
)
def test_coefficients_are_not(name):
    assert not is_descriptive(name)


def test_a_statistic_belongs_to_the_count_whose_name_it_shares():
    table = table_of(
        "g,died_n,ill_n,died_pct,ill_pct\na,104,99,51.0,48.8\nb,[REDACTED],77,1.2,40.1"
    )
    grid = grid_of(table)

    assert grid is not None
    assert left_beside(table, grid) == ((1, 3),)


def test_a_statistic_without_a_name_in_common_belongs_to_the_count_before_it():
    table = table_of("g,events,rate,controls,mean\na,104,5.1,99,48.8\nb,[REDACTED],1.2,77,40.1")
    grid = grid_of(table)

    assert grid is not None
    assert left_beside(table, grid) == ((1, 2),)


RATES = tuple((f"g{row}", whole, f"{100 * part / whole:.6f}") for row, (part, whole) in enumerate(COUNTS))  # fmt: skip


def not_judged(rule, table):
    (hit,) = rule.check_table(table, context_of("output/table.csv"))
    assert hit.severity is Severity.LOW
    return "not judged to the end" in hit.message


def test_rates_of_a_table_too_long_to_judge_are_said_not_to_be_judged(monkeypatch):
    table = table_of(lines(("g", "population", "percent"), *RATES))
    monkeypatch.setattr(inversion, "MAX_ROWS", len(RATES) - 1)

    assert not_judged(TellingRates(), table)


def test_rates_behind_hundreds_of_other_columns_are_found():
    header, *rows = rates(COUNTS, decimals=1, scale=100).splitlines()
    wide = [",".join((*line.split(",")[:2], *["word"] * 300, line.split(",")[2])) for line in rows]
    names = [f"word{number}" for number in range(300)]
    table = "\n".join([",".join((*header.split(",")[:2], *names, "percent")), *wide])

    [hit] = TellingRates().check_table(table_of(table), context_of("output/table.csv"))

    assert place(hit).columns == ("percent",)


def test_rates_below_rows_without_any_are_found():
    header, *rows = rates(COUNTS, decimals=1, scale=100).splitlines()
    empty = [f"nobody {at},400," for at in range(60)]

    [hit] = TellingRates().check_table(
        table_of("\n".join([header, *empty, *rows])), context_of("output/table.csv")
    )

    assert place(hit).columns == ("percent",)


def test_a_long_table_without_rates_is_clean(monkeypatch):
    rows = [(f"g{row}", whole, f"{row}.5") for row, (_, whole) in enumerate(COUNTS)]
    table = table_of(lines(("g", "population", "rate"), *rows))
    monkeypatch.setattr(inversion, "MAX_ROWS", len(RATES) - 1)

    assert not list(TellingRates().check_table(table, context_of("output/table.csv")))


@pytest.mark.parametrize(("limit", "most"), [("MOST_TRIED", 0), ("MAX_COLUMNS", 0), ("_MOST_PAIRS", -1)])  # fmt: skip
def test_rates_beyond_a_limit_are_said_not_to_be_judged(monkeypatch, limit, most):
    large = [row for row in RATES if row[0] != "g1"]
    table = table_of(lines(("g", "population", "percent"), *large))
    context = context_of("output/table.csv")

    assert not list(TellingRates().check_table(table, context))
    monkeypatch.setattr(inversion, limit, most)
    assert not_judged(TellingRates(), table)


@pytest.mark.parametrize(("limit", "most"), [("MAX_ROWS", 3), ("MOST_TRIED", 0), ("MAX_COLUMNS", 1)])  # fmt: skip
def test_ratios_beside_rounded_counts_beyond_a_limit_are_said_not_to_be_judged(
    monkeypatch, limit, most
):
    monkeypatch.setattr(raw_ratios_room, limit, most)

    assert not_judged(RatiosOfRawCounts(), raw_ratios(BIG, decimals=12))


def test_of_readings_that_are_as_likely_the_one_with_the_fewest_people_is_taken():
    counts = [(part, whole * 9_973) for part, whole in COUNTS]

    found = one(
        inverted_ratios(table_of(rates(counts, decimals=12, scale=100_000, name="rate")), Search())
    )

    assert found.numerators == [part for part, _ in counts]


def test_numerators_that_are_printed_say_what_a_ratio_is_printed_per():
    rows = [(40, 212), (50, 218), (20, 433), (50, 617), (20, 391)]
    text = [(f"G{row}", part, whole, f"{1000 * part / whole:.1f}") for row, (part, whole) in enumerate(rows)]  # fmt: skip

    found = one(
        inverted_ratios(table_of(lines(("group", "cases", "population", "rate"), *text)), Search())
    )

    assert found.scale == 1000
