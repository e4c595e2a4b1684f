"""Measures of a file of ehrQL are totals of one another, and redaction knows it."""

import pytest

from breachkit.documents.table import Table
from breachkit.sdc.count_grid import grid_over
from breachkit.sdc.measure_sums import MAX_PIECES, measure_sums
from breachkit.sdc.search import Search
from tests.support.redacting import Redacted


HEADER = ("measure", "interval_start", "interval_end", "ratio", "numerator", "denominator")
MONTHS = ("2023-01", "2023-02", "2023-03")


def rows(measure, month, *counts):
    """Give rows of a measure in one month: numerator, denominator, and values of its groups."""
    return [
        (measure, f"{month}-01", f"{month}-28", str(n / d), str(n), str(d), *groups)
        for n, d, *groups in counts
    ]


def by_sex(month, women, men, *, whole="all", parts="by_sex"):
    both = (women[0] + men[0], women[1] + men[1])
    return [
        *rows(whole, month, (*both, "")),
        *rows(parts, month, (*women, "Female"), (*men, "Male")),
    ]


COUNTS = {
    "2023-01": ((58, 2181), (2, 1742)),
    "2023-02": ((40, 2605), (71, 2236)),
    "2023-03": ((33, 616), (18, 779)),
}
FILE = [row for month in MONTHS for row in by_sex(month, *COUNTS[month])]


def found_in(lines, *groups):
    table = Table(header=(*HEADER, *groups), rows=tuple(lines))
    search = Search()
    sums = measure_sums(table, grid_over(table, {4, 5}), search)
    return {(frozenset(each.parts), frozenset(each.whole)) for each in sums}, search


def text_of(lines, *groups):
    return "".join(",".join(line) + "\n" for line in ((*HEADER, *groups), *lines))


def test_the_total_of_a_small_numerator_is_another_measure_so_that_one_more_goes():
    redacted = Redacted(text_of(FILE, "sex")).text()

    lines = [line.split(",") for line in redacted[1:4]]
    assert lines[2][4] == "[REDACTED]"
    assert sum(line[4] == "[REDACTED]" for line in lines) == 2
    assert all("[REDACTED]" not in line for line in redacted[4:])


def test_each_interval_has_its_own_sums_of_numerators_and_of_denominators():
    sums, _ = found_in(FILE, "sex")

    assert sums == {
        (frozenset({(at + 1, index), (at + 2, index)}), frozenset({(at, index)}))
        for at in (0, 3, 6)
        for index in (4, 5)
    }


def test_what_is_missing_in_one_interval_adds_up_as_in_the_others():
    gone = [(*line[:3], "[REDACTED]", "[REDACTED]", *line[5:]) for line in FILE[1:3]]

    assert found_in([FILE[0], *gone, *FILE[3:]], "sex")[0] == found_in(FILE, "sex")[0]


def test_a_total_that_leaves_out_what_is_missing_tells_nothing_of_it():
    total, women, men = FILE[:3]
    total = (*total[:4], women[4], total[5])
    men = (*men[:3], "[REDACTED]", "[REDACTED]", *men[5:])

    sums, _ = found_in([(*total, ""), women, men, *FILE[3:]], "sex")

    assert (2, 4) not in {place for parts, _ in sums for place in parts}
    assert (2, 5) in {place for parts, _ in sums for place in parts}


def test_numbers_that_do_not_add_up_in_some_interval_are_no_total():
    odd = [*FILE[:6], *rows("all", "2023-03", (52, 1395, "")), *FILE[7:]]

    sums, _ = found_in(odd, "sex")

    assert {index for parts, _ in sums for _, index in parts} == {5}


def test_a_measure_of_something_else_among_the_same_people_shares_their_number_only():
    others = [
        row
        for month in MONTHS
        for row in rows("other", month, (90, sum(people for _, people in COUNTS[month]), ""))
    ]

    sums, _ = found_in([*FILE, *others], "sex")

    told = {place for parts, whole in sums for place in parts | whole}
    assert {(9, 5), (10, 5), (11, 5)} <= told
    assert told.isdisjoint({(9, 4), (10, 4), (11, 4)})


def test_small_totals_are_believed_where_the_people_are_the_same():
    few = [
        row
        for month in MONTHS
        for row in by_sex(month, (2, COUNTS[month][0][1]), (5, COUNTS[month][1][1]))
    ]

    assert (frozenset({(1, 4), (2, 4)}), frozenset({(0, 4)})) in found_in(few, "sex")[0]


def test_two_breakdowns_without_a_total_are_of_the_same_people():
    ages = [
        row
        for month in MONTHS
        for row in rows(
            "by_age",
            month,
            (sum(n for n, _ in COUNTS[month]) - 5, sum(d for _, d in COUNTS[month]) - 300, "", "a"),
            (5, 300, "", "b"),
        )
    ]
    sexes = [(*row, "") for row in FILE if row[0] == "by_sex"]

    sums, _ = found_in([*sexes, *ages], "sex", "age")

    assert (frozenset({(0, 4), (1, 4)}), frozenset({(6, 4), (7, 4)})) in sums


def test_a_finer_breakdown_adds_up_within_each_group():
    finer = [
        row
        for month in MONTHS
        for sex, (count, people) in zip(("Female", "Male"), COUNTS[month], strict=True)
        for row in rows(
            "by_both", month, (1, 200, sex, "young"), (count - 1, people - 200, sex, "old")
        )
    ]

    sums, _ = found_in([*((*row, "") for row in FILE), *finer], "sex", "age")

    assert (frozenset({(9, 4), (10, 4)}), frozenset({(1, 4)})) in sums
    assert (frozenset({(11, 4), (12, 4)}), frozenset({(2, 4)})) in sums


def test_a_row_without_a_group_is_the_total_of_those_of_its_own_measure():
    own = [row for month in MONTHS for row in by_sex(month, *COUNTS[month], whole="m", parts="m")]

    assert found_in(own, "sex")[0] == found_in(FILE, "sex")[0]


def test_of_too_many_measures_it_is_said_that_they_were_not_tried():
    many = [
        row for number in range(MAX_PIECES + 1) for row in rows(f"m{number}", "2023-01", (9, 90))
    ]

    sums, search = found_in(many)

    assert not sums
    assert search.is_cut


@pytest.mark.parametrize("without", range(len(HEADER)))
def test_other_tables_have_no_such_sums(without):
    header = tuple("x" if at == without else name for at, name in enumerate(HEADER))
    table = Table(header=(*header, "sex"), rows=tuple(FILE))

    assert not measure_sums(table, grid_over(table, {4, 5}), Search())
