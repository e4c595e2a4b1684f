"""Which statistics are made of which counts, and how other numbers are written in their place."""

from fractions import Fraction

import pytest

from breachkit.sdc.cells import Released, Sum
from breachkit.sdc.count_grid import grid_over
from breachkit.sdc.counts import count_columns
from breachkit.sdc.derived import Ratio, is_computed, is_estimate, is_interval, ratios_of
from breachkit.sdc.derived_texts import (
    fixed,
    separator_of,
    whole_behind,
    write_count,
    write_ratio,
    write_share,
    write_whole,
)
from breachkit.sdc.recovery import counted_table
from breachkit.sdc.search import Search
from tests.support.judging import lines, table_of


def ratios(text):
    table = table_of(text)
    grid = grid_over(table, {found.index for found in count_columns(table)})
    sums = [each for each in counted_table(table, grid).relations if isinstance(each, Sum)]
    assert all(isinstance(cell, Released) for cell in grid.cells.values())
    return ratios_of(table, grid, sums, Search())


def test_a_percentage_of_another_count_of_its_row():
    found = ratios("""
        region,events,n,pct
        North,13,130,10.0
        South,52,416,12.5
    """)

    assert found == (
        Ratio((0, 3), (0, 1), ((0, 2),), 100),
        Ratio((1, 3), (1, 1), ((1, 2),), 100),
    )


def test_percentages_of_totals_that_are_not_printed_are_found_in_any_number_of_breakdowns():
    weeks = [(week, 10 + week, 3 * (10 + week)) for week in range(90)]
    rows = [
        f"2021-{week:02}-{sex},{n},{share}"
        for week, few, most in weeks
        for sex, n, share in (("A", few, "25.0"), ("B", most, "75.0"))
    ]
    labels = [f"week {week}" for week in range(90) for _ in range(2)]
    text = [f"{label},{row}" for label, row in zip(labels, rows, strict=True)]

    found = ratios("\n".join(["week,group,n,pct", *text]))

    assert [ratio.part[0] for ratio in found] == [*range(180)]


def test_that_not_all_readings_of_many_columns_were_tried_is_said():
    names = [f"n_{at}" for at in range(60)] + [f"pct_{at}" for at in range(60)]
    rows = [[100 + 7 * row + at for at in range(60)] for row in range(3)]
    table = table_of(lines(names, *([*row, *["0.1"] * 60] for row in rows)))
    search = Search()

    ratios_of(table, grid_over(table, range(60)), (), search)

    assert search.is_cut


def test_a_rate_of_any_scale():
    [first, *_] = ratios("""
        region,events,population,rate
        North,13,1300,1000.00
        South,52,41600,125.00
    """)

    assert first == Ratio((0, 3), (0, 1), ((0, 2),), 100_000)


def test_a_percentage_of_the_total_of_its_column():
    [first, *_] = ratios("""
        age,n,pct
        0-20,40,20.0
        21-40,60,30.0
        41+,100,50.0
        Total,200,100.0
    """)

    assert first == Ratio((0, 2), (0, 1), ((3, 1),), 100)


def test_a_percentage_of_a_total_that_is_not_printed():
    [first, *_] = ratios("""
        age,n,pct
        0-20,40,20.0
        21-40,60,30.0
        41+,100,50.0
    """)

    assert first.whole == ((0, 1), (1, 1), (2, 1))


def test_percentages_of_breakdowns_one_after_the_other():
    found = ratios("""
        breakdown,group,n,pct
        sex,Male,80,40.0
        sex,Female,120,60.0
        age,0-20,50,25.0
        age,21-40,60,30.0
        age,41+,90,45.0
    """)

    assert [ratio.whole for ratio in found] == [
        *([((0, 2), (1, 2))] * 2),
        *([((2, 2), (3, 2), (4, 2))] * 3),
    ]


def test_a_percentage_behind_its_count_is_of_the_number_in_the_header():
    [first, *_] = ratios("""
        group,Exposed (N=200)
        Male,80 (40.0%)
        Female,120 (60.0%)
    """)

    assert first == Ratio((0, 1), (0, 1), ((-1, 1),), 100)


def test_percentages_along_a_row():
    found = ratios("""
        region,dead n (%),alive n (%)
        North,20 (25.0%),60 (75.0%)
        South,30 (10.0%),270 (90.0%)
    """)

    assert {ratio.whole for ratio in found} == {((0, 1), (0, 2)), ((1, 1), (1, 2))}


def test_a_mean_is_no_ratio_of_counts_that_may_have_been_rounded():
    assert not ratios("""
        region,n,mean_age
        North,50,45.1
        South,60,50.2
    """)


def test_a_percentage_that_no_counts_give_is_none_of_them():
    assert not ratios("""
        region,n,pct
        North,50,12.1
        South,60,17.9
        East,70,44.4
    """)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("mean_age", (True, False, False)),
        ("lci", (True, True, False)),
        ("hr", (True, False, True)),
        ("region", (False, False, False)),
    ],
)
def test_names_tell_what_is_computed(name, kinds):
    assert (is_computed(name), is_interval(name), is_estimate(name)) == kinds


@pytest.mark.parametrize(
    ("cell", "count", "separator", "written"),
    [
        ("12", 10, "", "10"),
        ("1,247", 1245, ",", "1,245"),
        ("998", 1000, ",", "1,000"),
        ("1 247", 1245, " ", "1 245"),
        ("12.0", 10, "", "10.0"),
        ("12,0", 10, "", "10,0"),
        ("12 (3.4%)", 10, "", "10 (3.4%)"),
        ("12/345 (3.4)", 10, "", "10/345 (3.4)"),
        ("1.2e+01", 10, "", "10"),
    ],
)
def test_a_count_is_written_as_the_one_that_stood_there(cell, count, separator, written):
    assert write_count(cell, count, separator) == written


def test_separators_are_those_of_the_column():
    assert separator_of(["12", "1,247"]) == ","
    assert separator_of(["12", "1 247"]) == " "
    assert not separator_of(["12", "1247"])


def test_people_behind_a_stroke():
    assert whole_behind("12/345 (3.4)") == 345
    assert whole_behind("12 (3.4)") is None
    assert write_whole("12/1,345 (3.4)", 1345, ",") == "12/1,345 (3.4)"
    assert write_whole("12/344 (3.4)", 345, "") == "12/345 (3.4)"


@pytest.mark.parametrize(
    ("cell", "written"),
    [("12 (3.4%)", "12 (33.3%)"), ("12 (3)", "12 (33)"), ("12 [3.40 %]", "12 [33.33 %]")],
)
def test_a_percentage_behind_a_count_keeps_its_decimals(cell, written):
    assert write_share(cell, Fraction(100, 3)) == written


@pytest.mark.parametrize(
    ("cell", "decimals", "written"),
    [
        ("0.12", 2, "0.33"),
        ("12.5%", 1, "0.3%"),
        ("12.5 %", 1, "0.3 %"),
        ("0.25", 16, "0.3333333333333333"),
        ("1", 0, "0"),
    ],
)
def test_a_ratio_keeps_the_decimals_of_its_column(cell, decimals, written):
    assert write_ratio(cell, Fraction(1, 3), decimals) == written


def test_decimals_of_floating_point_end_without_zeros():
    assert write_ratio("0.3333333333333333", Fraction(1, 4), 16) == "0.25"
    assert write_ratio("0.3333333333333333", Fraction(1), 16) == "1.0"


def test_halves_go_to_the_even_digit():
    assert (fixed(Fraction(1, 8), 2), fixed(Fraction(3, 8), 2)) == ("0.12", "0.38")
