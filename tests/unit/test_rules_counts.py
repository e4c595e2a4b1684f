"""Rules on counts beyond CNT-01: what each adds, what it leaves to others, and what it never says."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.grading import is_undecided
from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.detect.rules.cnt_02 import CountsSmallToday
from breachkit.detect.rules.cnt_03 import SmallCountsInCategories
from breachkit.detect.rules.cnt_04 import Unrounded
from breachkit.detect.rules.cnt_06 import UnprotectedMeasures
from breachkit.detect.rules.cnt_07 import UnsuppressedMeasures
from breachkit.detect.rules.cnt_08 import MidpointNames
from breachkit.detect.rules.cnt_09 import NarrowRounded
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Severity
from breachkit.sdc.additivity import contingency, whole_columns
from breachkit.sdc.counts import count_columns
from breachkit.sdc.search import Search
from tests.support.judging import context_of, hits_of, lines, place, table_of


RULES = (
    CountsSmallToday(),
    SmallCountsInCategories(),
    Unrounded(),
    UnsuppressedMeasures(),
    MidpointNames(),
    NarrowRounded(),
)
OLD = context_of("released_outputs/t.csv")
RECOMMENDED = context_of("released_outputs/t.csv", day=date(2022, 9, 1))
NEW = context_of("released_outputs/t.csv", day=date(2024, 1, 10))
GROUPS = "abcdefghijklmnop"
EXACT = (1204, 861, 337, 2950, 418, 76, 143, 59)
FIVES = (1205, 860, 335, 2950, 420, 75, 145, 60)


def counted(counts, name="n"):
    return lines(("group", name), *zip(GROUPS, counts, strict=False))


@given(
    st.lists(st.integers(0, 40), min_size=1, max_size=12),
    st.sampled_from([OLD, RECOMMENDED, NEW, context_of("output/t.csv", policy="strict")]),
)
@settings(max_examples=150)
def test_no_cell_is_both_too_small_and_small_only_today(counts, context):
    text = counted(counts)
    first, second = (
        {row for hit in hits_of(rule, text, context) for row in place(hit).rows}
        for rule in (SmallCounts(), CountsSmallToday())
    )

    assert not first & second


def test_a_later_threshold_is_no_alarm():
    [hit] = hits_of(CountsSmallToday(), counted([6, 1204, 7]), OLD)

    assert hit.severity is Severity.INFO
    assert place(hit).rows == (1, 3)
    assert not hits_of(CountsSmallToday(), counted([6, 1204, 7]), NEW)
    assert hits_of(SmallCounts(), counted([6, 1204, 7]), NEW)


WIDE = lines(
    ("outcome", "planted", "elsewhere", "beyond", "total"),
    ("died", 41, 3, 112, 156),
    ("moved", 96, 77, 18, 191),
    ("stayed", 533, 214, 96, 843),
)


def test_a_total_proves_that_columns_count():
    [hit] = hits_of(SmallCountsInCategories(), WIDE, OLD)

    assert (hit.severity, hit.confidence) == (Severity.HIGH, Confidence.HIGH)
    assert (place(hit).rows, place(hit).columns) == ((1,), ("elsewhere",))


def test_one_wrong_sum_disproves_it():
    assert not hits_of(SmallCountsInCategories(), WIDE.replace("191", "192"), OLD)


def test_a_subtotal_proves_the_columns_beside_it():
    text = lines(
        ("outcome", "planted", "elsewhere", "both", "rank", "wave"),
        ("died", 341, 3, 344, 1, 2),
        ("moved", 96, 477, 573, 2, 2),
        ("stayed", 533, 214, 747, 3, 4),
    )

    [hit] = hits_of(SmallCountsInCategories(), text, OLD)

    assert place(hit).columns == ("elsewhere",)


@given(
    st.lists(
        st.lists(st.integers(1, 5), min_size=4, max_size=4), min_size=2, max_size=12
    )
)  # fmt: skip
@settings(max_examples=200)
def test_codes_of_one_digit_never_prove_anything(codes):
    text = lines(
        ("question", "first", "second", "third", "fourth"), *(("q", *row) for row in codes)
    )

    assert not hits_of(SmallCountsInCategories(), text, OLD)


@given(
    st.lists(
        st.lists(st.integers(1, 900), min_size=3, max_size=3), min_size=3, max_size=10, unique_by=tuple
    )
)  # fmt: skip
@settings(max_examples=100)
def test_parts_and_their_total_are_always_recognised(parts):
    rows = [("g", *row, sum(row)) for row in parts if sum(row) > 60]
    if len(rows) < 3:
        return
    table = table_of(lines(("group", "planted", "elsewhere", "beyond", "everyone"), *rows))

    found = contingency(table, {}, whole_columns(table, {}))

    assert found is not None
    assert found.adds_up
    assert set(found.counts) == {1, 2, 3, 4}


def test_columns_that_cnt_01_knows_are_not_reported_again():
    text = WIDE.replace("elsewhere", "n_elsewhere")

    assert not hits_of(SmallCountsInCategories(), text, OLD)
    assert hits_of(SmallCounts(), text, OLD)


@pytest.mark.parametrize(
    ("context", "severity"),
    [(NEW, Severity.MEDIUM), (RECOMMENDED, Severity.INFO), (OLD, None)],
)
def test_the_policy_says_what_unrounded_counts_weigh(context, severity):
    hits = hits_of(Unrounded(), counted(EXACT), context)

    assert [hit.severity for hit in hits] == ([] if severity is None else [severity])


def test_only_the_unrounded_column_is_named():
    rows = zip(GROUPS, FIVES, EXACT, strict=False)

    [hit] = hits_of(Unrounded(), lines(("group", "n", "deaths"), *rows), NEW)

    assert place(hit).columns == ("deaths",)


def test_exact_counts_that_repeat_are_too_few_to_tell():
    assert not hits_of(Unrounded(), counted(EXACT[:3] * 5), NEW)


MEASURE = lines(
    ("practice", "admitted", "population", "value", "date"),
    (11, 2, 400, 0.005, "2021-01-01"),
    (12, "", 380, "", "2021-01-01"),
    (13, 19, 950, 0.02, "2021-01-01"),
)


def test_measures_of_either_tool_have_one_rule_each():
    [hit] = hits_of(UnsuppressedMeasures(), MEASURE, OLD)

    assert "though others are empty" in hit.message
    assert not hits_of(UnprotectedMeasures(), MEASURE, OLD)
    assert not hits_of(SmallCounts(), MEASURE, OLD)


def test_measures_are_known_below_rows_that_were_all_suppressed():
    empty = [(at, "", "", "", "2021-01-01") for at in range(60)]
    header, *rows = MEASURE.splitlines()

    [hit] = hits_of(
        UnsuppressedMeasures(),
        lines(header.split(","), *empty, *(row.split(",") for row in rows)),
        OLD,
    )
    assert place(hit).rows == (61,)


def test_a_measure_without_an_empty_cell_was_not_suppressed():
    [hit] = hits_of(UnsuppressedMeasures(), MEASURE.replace("12,,380,,", "12,38,380,0.1,"), OLD)

    assert "none is empty" in hit.message
    assert hit.severity is Severity.HIGH


@pytest.mark.parametrize(
    ("name", "values", "rows"),
    [
        ("n_midpoint6", (3, 9, 15, 10), (4,)),
        ("n_midpoint6", (0, 3, 9, 15), None),
        ("n_midpoint6_derived", (6, 12, 18, 9), (4,)),
        ("n_midpoint6_derived", (6, 12, 18, 0), None),
        ("n.midpoint6.derived", (6, 12, 13, 0), (3,)),
        ("midpoint", (6, 12, 13, 0), None),
        ("n_midpoint10", (5, 15, 25), None),
    ],
)
def test_a_name_that_promises_midpoints_is_held_to_it(name, values, rows):
    hits = hits_of(MidpointNames(), counted(values, name), OLD)

    assert [place(hit).rows for hit in hits] == ([] if rows is None else [rows])


def test_midpoints_under_a_plain_name_are_mentioned_where_midpoints_are_allowed():
    midpoints = (1203, 861, 339, 2955, 417, 75, 3)

    assert [hit.severity for hit in hits_of(MidpointNames(), counted(midpoints), NEW)] == [
        Severity.INFO
    ]
    assert not hits_of(MidpointNames(), counted(midpoints), OLD)


def test_a_five_beside_a_suppressed_cell_stands_for_six_or_seven():
    marked = counted([*FIVES, 5, "[REDACTED]"])

    [hit] = hits_of(NarrowRounded(), marked, OLD)

    assert (hit.severity, place(hit).rows) == (Severity.LOW, (9,))
    assert not hits_of(SmallCounts(), marked, OLD)
    assert not hits_of(NarrowRounded(), marked, NEW)
    assert not hits_of(NarrowRounded(), counted([*FIVES, 5, "NA"]), OLD)


cells = st.one_of(
    st.integers(0, 999).map(str),
    st.sampled_from(["", "NA", "[REDACTED]", "<=5", "3 (1.2%)", "1,234", "x", "0.5", "-1", "1e3"]),
    st.text(max_size=6),
)
names = st.sampled_from(
    [
        "n",
        "White",
        "Black",
        "16-39",
        "65+",
        "Total",
        "n_midpoint6",
        "value",
        "date",
        "",
        "x",
        "Male",
    ]
)


@given(
    st.lists(names, max_size=6),
    st.lists(st.lists(cells, max_size=7), max_size=9),
    st.sampled_from([OLD, NEW, context_of(policy="strict")]),
)
@settings(max_examples=250)
def test_no_table_makes_a_rule_fail(header, rows, context):
    table = Table(tuple(header), rows)

    for rule in RULES:
        for hit in rule.check_table(table, context):
            assert hit.rule == rule.about.id
            assert place(hit).cells > 0


def test_nothing_that_stands_in_a_table_is_said():
    text = WIDE.replace("moved", "Zq7CanaryXw")

    for rule in RULES:
        assert not any("Canary" in repr(hit) for hit in hits_of(rule, text, NEW))


def test_the_small_count_at_the_end_of_a_long_table_is_found_by_what_adds_up():
    rows = [(f"r{at}", 41 + at % 90, 30 + at % 70, 71 + at % 90 + at % 70) for at in range(3_000)]
    rows.append(("last", 40, 3, 43))
    text = lines(("outcome", "planted", "elsewhere", "everyone"), *rows)

    [hit] = hits_of(SmallCountsInCategories(), text, OLD)

    assert place(hit).rows == (3_001,)


def test_the_small_count_of_a_table_wider_than_long_is_found_by_what_adds_up():
    parts = [10 + at % 50 for at in range(1_200)]
    rows = [("a", *parts, sum(parts)), ("b", 3, *parts[1:], sum(parts) - parts[0] + 3)]
    text = lines(("outcome", *(f"kind{at}" for at in range(1_200)), "everyone"), *rows * 4)

    [hit] = hits_of(SmallCountsInCategories(), text, OLD)

    assert place(hit).columns == ("kind0",)


PARTS = ("planted", "elsewhere", "beyond")
SUMS = [(3 + at % 2, 250 + 7 * at, 31 + at, 284 + 8 * at + at % 2) for at in range(12)]


def of_sums(header=PARTS, rows=SUMS, before=(), first=()):
    """A table in which three columns add up to the last: behind others, below rows of other cells."""
    names = (*(name for name, _ in before), *header, "everyone")
    cells = [[*(cell for _, cell in before), *row] for row in (*first, *rows)]
    return lines(("g", *names), *(["x", *row] for row in cells))


@pytest.mark.parametrize(
    "text",
    [
        of_sums(),
        of_sums(before=[(f"n_{at}", 1_000 + at * at) for at in range(230)]),
        of_sums(first=[(0, 0, 0, 0)] * 320),
        of_sums(first=[("", "", "", "")] * 8),
        of_sums([f"{name} of those who were asked about it in a letter to their home" for name in PARTS]),
    ],
    ids=["plain", "behind hundreds of other sums", "below rows of nobody", "below empty rows", "long names"],
)  # fmt: skip
def test_sums_tell_of_counts_wherever_they_stand(text):
    [hit] = [hit for hit in hits_of(SmallCountsInCategories(), text, OLD) if not is_undecided(hit)]

    assert hit.severity is Severity.HIGH
    assert len(place(hit).columns) == 1


def test_a_total_of_all_rows_is_known_below_many_subtotals():
    counts = [(3 + at, 400 + 3 * at, 75 + at) for at in range(9)]
    rows = [(f"group {at}", *row) for at, row in enumerate(counts)]
    totals = [(f"Total of some {at}", 90, 20, 35) for at in range(9)]
    everyone = ("Total", *map(sum, zip(*counts, strict=True)))
    text = lines(("who", "planted", "elsewhere", "beyond"), *rows, *totals, everyone)

    [hit] = hits_of(SmallCountsInCategories(), text, OLD)

    assert place(hit).rows == (1, 2, 3)


def test_a_table_with_too_many_sums_to_try_is_said_not_to_be_judged_to_the_end():
    header = ("x", *(f"n_{at}" for at in range(700)), "a", "b")
    table = Table(header, [["g", *["20"] * 700, "3", "4"]] * 4)

    [hit] = SmallCountsInCategories().check_table(table, OLD)

    assert is_undecided(hit)
    few = Table(("x", *header[-402:]), [[row[0], *row[-402:]] for row in table.rows])
    assert not list(SmallCountsInCategories().check_table(few, OLD))


@pytest.mark.parametrize(("rows", "too_many"), [(6_500, False), (6_900, True)])
def test_sums_over_more_cells_than_can_be_added_up_are_not_tried_to_the_end(rows, too_many):
    header = (*(f"x{at}" for at in range(100)), "everyone")
    table = Table(header, [["1", "1"]] * rows)
    columns = {at: [1, *[0] * (rows - 1)] if at in {0, 100} else [0] * rows for at in range(101)}
    search = Search()

    assert contingency(table, {}, columns, search) is None
    assert search.is_cut is too_many


def test_a_row_that_counts_people_is_known_in_a_table_of_any_length():
    rows = [(f"coefficient {at}", "0.5", "0.7") for at in range(2_500)]

    [hit] = hits_of(SmallCounts(), lines(("term", "a", "b"), *rows, ("N", "1204", "3")), OLD)

    assert place(hit).rows == (2_501,)


def test_names_of_rows_that_state_counts_are_read_in_whatever_column_they_stand():
    rows = [("a", "b", "c", "d", f"women (n={count})", "0.5") for count in (1204, 3)]

    [hit] = hits_of(SmallCounts(), lines(("v", "w", "x", "y", "z", "estimate"), *rows), OLD)

    assert (hit.severity, place(hit).rows) == (Severity.HIGH, (2,))


def test_a_table_with_too_many_columns_to_try_is_said_not_to_be_judged_to_the_end():
    header = (*(f"n_{at}" for at in range(80)), *(f"rate_{at}" for at in range(80)))
    table = Table(header, [[*["20"] * 80, *["0.5"] * 80]] * 4)

    [hit] = SmallCounts().check_table(table, OLD)

    assert is_undecided(hit)
    assert hit.severity is Severity.LOW
    assert not list(
        SmallCounts().check_table(Table(header[:140], [row[:140] for row in table.rows]), OLD)
    )


def test_wide_tables_of_any_size_are_turned_away_quickly():
    header = ("term", *(f"x{number}" for number in range(250)))
    table = Table(header, [("t", *(["3"] * 250))] * 30)

    assert contingency(table, {}, whole_columns(table, {})) is None
    assert not count_columns(table)
