"""The tables of OpenSAFELY's own documentation get the verdicts that it explains.

Source: opensafely/documentation, docs/outputs/sdc.md: primary and secondary disclosure, rounding
counts, midpoint 6 rounding. All of them are invented there.
"""

import pytest

from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.model.findings import Severity
from breachkit.sdc.audit import Verdict, audit
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Sum, Suppressed, origins
from breachkit.sdc.recovery import recover
from breachkit.sdc.rounding import Regime
from tests.support.judging import context_of, place, table_of


THRESHOLD = 7
MIDPOINT = Regime(6, midpoint=True)

PRIMARY = """
,**Age band**,**Heart disease**,**Population**
,21-30,1,1
,31-40,10,100
,41-50,15,90
,51+,25,85
**Total**,,51,276
"""
SECONDARY = PRIMARY.replace("21-30,1,1", "21-30,[REDACTED],[REDACTED]")
ROUNDED = """
**Total Population**,**Age Band**,**Heart Disease**,**Population**
,21-30,[REDACTED],20
,31-40,10,25
,41-50,15,30
,51+,25,45
**Total**,,50,120
"""
BANDS = ("21-30", "31-40", "41-50", "51+", "Total")
ALL_HEART, ALL_PEOPLE = (8, 10, 15, 25, 58), (20, 25, 30, 40, 115)
MALE_HEART, MALE_PEOPLE = (7, 5, 8, 13, 33), (19, 15, 18, 25, 64)
"""The male population is printed as 64, and its parts add up to 77."""


def judged(text):
    found = recover(table_of(text), THRESHOLD)
    assert found is not None
    return found


def test_a_count_of_one_that_is_printed_is_found():
    hits = list(SmallCounts().check_table(table_of(PRIMARY), context_of("output/table.csv")))

    assert hits
    assert place(hits[0]).rows == (1,)


@pytest.mark.parametrize("column", [2, 3])
def test_a_single_redaction_in_a_column_with_its_total_is_exact(column):
    found = judged(SECONDARY)

    judgement = found.audit.cells[0, column]
    assert judgement.verdict is Verdict.EXACT
    assert (judgement.bounds.low, judgement.bounds.high) == (1, 1)


def test_the_finding_names_the_verdict_and_the_place_and_no_count():
    table, context = table_of(SECONDARY), context_of("output/table.csv")

    (hit,) = RecoverableCells().check_table(table, context)

    assert hit.severity is Severity.HIGH
    assert "EXACT" in hit.message
    assert place(hit).rows == (1,)
    assert place(hit).columns == ("**Heart disease**", "**Population**")
    assert not any(number in hit.message for number in ("51", "276", "50", "275", " 1 "))


def test_a_rounded_table_with_totals_computed_again_is_safe():
    found = judged(ROUNDED)

    assert found.audit.cells[0, 2].verdict is Verdict.SAFE
    table, context = table_of(ROUNDED), context_of("output/table.csv")
    assert list(RecoverableCells().check_table(table, context)) == []


def by_difference(everyone: tuple[int, ...], men: tuple[int, ...], *, totals: bool) -> CountTable:
    """Both printed tables in one, with women as what was taken out: column 0 all, 1 men, 2 women."""
    cells: dict[Place, Cell] = {}
    relations = []
    for row in range(len(BANDS) if totals else len(BANDS) - 1):
        cells[row, 0], cells[row, 1] = Released(everyone[row]), Released(men[row])
        cells[row, 2] = Suppressed()
        relations.append(Sum(((row, 1), (row, 2)), ((row, 0),)))
    if totals:
        relations += [
            Sum(tuple((row, column) for row in range(4)), ((4, column),)) for column in range(3)
        ]
    return CountTable(cells=cells, relations=tuple(relations))


def test_all_minus_men_shows_that_one_of_one_woman_has_the_disease():
    heart = audit(by_difference(ALL_HEART, MALE_HEART, totals=True), THRESHOLD)
    people = audit(by_difference(ALL_PEOPLE, MALE_PEOPLE, totals=False), THRESHOLD)

    for found in (heart, people):
        assert found.cells[0, 2].verdict is Verdict.EXACT
        assert found.cells[0, 2].bounds.low == 1
    assert not heart.conflicts


def test_the_male_total_that_does_not_add_up_is_inconsistent_and_no_crash():
    found = audit(by_difference(ALL_PEOPLE, MALE_PEOPLE, totals=True), THRESHOLD)

    men = 6  # after five rows and the total of all
    assert men in found.conflicts
    assert found.cells[4, 2].verdict is Verdict.INCONSISTENT


@pytest.mark.parametrize(
    ("printed", "low", "high"), [(0, 0, 0), (3, 1, 6), (9, 7, 12), (15, 13, 18)]
)
def test_midpoints_stand_for_the_numbers_that_the_documentation_lists(printed, low, high):
    found = origins(printed, MIDPOINT)

    assert (found.low, found.high) == (low, high)
