"""How tables add up: by labels, by arithmetic, in blocks, in percentages; and what must not be believed."""

import pytest

from breachkit.detect.choosing import Choice
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.detect.rules.sup_02 import HalfSuppressed
from breachkit.documents.table import Table
from breachkit.model.findings import Severity
from breachkit.sdc import margin_runs, margins, recovery, shares, suppressed
from breachkit.sdc.audit import Verdict
from breachkit.sdc.cells import Share, Sum, Suppressed
from breachkit.sdc.count_grid import HEADER, MAX_ROWS, grid_of
from breachkit.sdc.intervals import Interval
from breachkit.sdc.margin_labels import is_total_label
from breachkit.sdc.recovery import MAX_LINES, counted_table, recover
from breachkit.sdc.suppressed import flagged_rows, has_marks, prior_of, suppression_of
from tests.support.judging import context_of, place, table_of


THRESHOLD = 5


def recovered(text, threshold=THRESHOLD):
    """Give the verdict and the bounds of each strongly marked cell, by row and column from 0."""
    found = recover(table_of(text), threshold)
    if found is None:
        return {}
    return {
        place: (judgement.verdict, judgement.bounds)
        for place, judgement in found.audit.cells.items()
        if place in found.grid.strong
    }


def exact(number):
    return (Verdict.EXACT, Interval(number, number))


def sums_of(text):
    table = table_of(text)
    grid = grid_of(table)
    assert grid is not None
    return [
        relation for relation in counted_table(table, grid).relations if isinstance(relation, Sum)
    ]


@pytest.mark.parametrize(
    "label",
    [
        "total",
        "all",
        "overall",
        "all patients",
        "total population",
        "both sexes",
        "sub-total",
        "grand total",
        "all ages",
        "everyone",
        "sex total",
        "whole population",
        "n",
        "row total",
    ],
)
def test_labels_of_totals_are_known(label):
    assert is_total_label(label)


@pytest.mark.parametrize(
    "label",
    [
        "all-cause death",
        "any antibody test",
        "totally unknown",
        "north",
        "total hip replacement",
        "",
        "allergy",
        "18-39",
        "n95",
        "all cancer",
    ],
)
def test_other_labels_are_no_totals(label):
    assert not is_total_label(label)


def test_the_last_row_is_the_total_of_those_above():
    text = "group,n\na,51\nb,[REDACTED]\nc,62\nTotal,117"

    assert recovered(text) == {(1, 1): exact(4)}


def test_the_first_row_is_the_total_of_those_below():
    text = "group,n\nOverall,117\na,51\nb,[REDACTED]\nc,62"

    assert recovered(text) == {(2, 1): exact(4)}


def test_a_total_in_one_label_column_is_that_of_rows_alike_in_the_others():
    text = """sex,age,n
M,young,110
M,old,233
M,All,343
F,young,[REDACTED]
F,old,327
F,All,331
All,young,114
All,old,560
All,All,674"""

    assert recovered(text) == {(3, 2): exact(4)}


def test_subtotals_and_a_grand_total():
    text = """area,n
n1,101
n2,202
Subtotal,303
s1,[REDACTED]
s2,411
Subtotal,414
Total,717"""

    assert recovered(text) == {(3, 1): exact(3)}


def test_every_week_has_its_own_total():
    text = "week,region,n\n" + "\n".join(
        f"{week},{region},{cell}"
        for week, cells in (
            (1, (101, 202, 303)),
            (2, (111, "[REDACTED]", 113)),
            (3, (121, 99, 220)),
        )
        for region, cell in zip(("N", "S", "All"), cells, strict=True)
    )

    assert recovered(text) == {(4, 2): exact(2)}


def test_breakdowns_of_the_same_people_need_no_total():
    text = """variable,level,n
sex,F,5021
sex,M,4980
age,young,5200
age,old,4801
smoker,no,9996
smoker,yes,[REDACTED]"""

    assert recovered(text) == {(5, 2): exact(5)}


def test_breakdowns_of_different_people_tell_nothing():
    text = """variable,level,n
sex,F,5021
sex,M,4980
age,young,3000
age,old,4801
smoker,no,9996
smoker,yes,[REDACTED]"""

    assert recovered(text) in ({}, {(5, 2): (Verdict.SAFE, Interval())})


def test_blocks_below_headings_add_up_to_the_first_row():
    text = """characteristic,n
All,10001
Sex,
Female,5021
Male,4980
Age,
young,5200
old,[REDACTED]
oldest,4799"""

    assert recovered(text) == {(6, 1): exact(2)}


def test_breakdowns_without_any_mark_between_them_are_found_by_their_sums():
    text = """level,n
N,10001
F,5021
M,4980
young,5200
old,4801
never,6200
ex,[REDACTED]
current,3799"""

    assert recovered(text) == {(6, 1): exact(2)}


def test_nested_subtotals_are_found_by_their_sums():
    text = """ethnicity,n
White,9000
British,7100
Irish,1400
Other,500
Asian,1204
Indian,700
Pakistani,[REDACTED]
Bangladeshi,503"""

    assert recovered(text) == {(6, 1): exact(1)}


def test_a_column_is_the_total_of_the_others_by_its_name():
    text = "group,n_a,n_b,n_c,n_total\nx,40,[REDACTED],31,73\ny,400,81,20,501"

    assert recovered(text) == {(0, 2): exact(2)}


def test_a_column_is_the_total_of_its_neighbours_by_its_numbers():
    text = """group,n_a,n_b,n_both,n_other
x,40,[REDACTED],43,7
y,400,81,481,90
z,213,77,290,51
w,118,64,182,33"""

    assert recovered(text) == {(0, 2): exact(3)}


def test_those_with_and_those_without_add_up():
    text = """group,n_people,n_dead,n_sick,n_alive
x,4040,[REDACTED],900,4037
y,5400,81,80,5319
z,6213,77,710,6136"""

    assert recovered(text) == {(0, 2): exact(3)}


def test_counts_in_the_header_are_totals():
    text = """level,Overall (N=10001)
F (%),5021 (50.2%)
M (%),4980 (49.8%)
young,5200 (52.0%)
old,4801 (48.0%)
smoker,[REDACTED]
not,9998 (100.0%)"""

    assert recovered(text) == {(4, 1): exact(3)}
    grid = grid_of(table_of(text))
    assert grid is not None
    assert grid.rows[0] == HEADER


def test_a_percentage_left_beside_a_gap_gives_it_back():
    text = """group,n,pct
a,1200,48.0
b,[REDACTED],0.1
c,[REDACTED],[REDACTED]
d,662,26.5
e,600,24.0
Total,2500,100.0"""

    found = recovered(text)

    assert found[1, 1][0] in {Verdict.EXACT, Verdict.WITHIN_T}
    grid = grid_of(table_of(text))
    assert grid is not None
    relations = counted_table(table_of(text), grid).relations
    assert any(isinstance(relation, Share) for relation in relations)


def test_a_percentage_behind_a_mark_gives_it_back():
    text = """group,n_a,n_people
x,121 (12.1%),1003
y,314 (15.3%),2053
z,[REDACTED] (0.3%),1021
w,88 (4.0%),2201"""

    assert recovered(text) == {(2, 1): exact(3)}


def test_percentages_of_something_else_tell_nothing():
    text = """group,n_a,n_people,pct
x,120,1000,55.1
y,310,2050,61.0
z,[REDACTED],1020,0.3
w,88,2200,17.2"""

    assert recovered(text) in ({}, {(2, 1): (Verdict.SAFE, Interval())})


def test_totals_of_what_is_left_tell_nothing():
    text = (
        "group,n_a,n_b,n_total\nx,40,[REDACTED],40\ny,400,81,481\nz,210,33,243\nTotal,650,114,764"
    )

    assert {verdict for verdict, _ in recovered(text).values()} <= {Verdict.SAFE}


def test_two_gaps_in_every_line_are_safe_if_nothing_else_is_known():
    text = """group,n_a,n_b,n_c,n_total
x,[REDACTED],[REDACTED],31,93
y,[REDACTED],[REDACTED],22,101
z,300,411,90,801
Total,360,492,143,995"""

    assert {verdict for verdict, _ in recovered(text).values()} == {Verdict.SAFE}


def test_a_column_called_total_that_is_none_is_not_believed():
    text = "group,n_a,n_b,n_total\nx,40,[REDACTED],5043\ny,400,81,9481\nz,210,33,7243"

    assert recovered(text) == {}


def test_one_sum_that_agrees_by_chance_proves_nothing():
    text = "group,n_a,n_b,n_c\nx,11,12,23\ny,[REDACTED],80,83"

    found = recover(table_of(text), THRESHOLD)

    assert found is None


def test_relations_say_whether_numbers_prove_them():
    guessed = sums_of("group,n\na,51\nb,[REDACTED]\nc,62\nTotal,117")
    proven = sums_of("group,n,n_dead\na,51,20\nb,[REDACTED],30\nc,62,40\nTotal,117,90")

    assert not any(relation.proven for relation in guessed)
    assert all(relation.proven for relation in proven)


def test_a_sum_whose_other_parts_round_to_nothing_gives_way_to_the_wider_one():
    text = """group,n_a,n_b,n_c,n_total
x,[REDACTED],0,65440,65500
y,62400,0,30,62430
z,51590,0,58880,110470
Total,114050,0,124350,238400"""

    assert {len(relation.parts) for relation in sums_of(text)} == {3}


@pytest.mark.parametrize(
    ("mark", "high"),
    [
        ("<=5", 5),
        ("<6", 5),
        ("less than 8", 7),
        ("5 or fewer", 5),
        ("[REDACTED]", None),
        ("*", None),
        ("\N{LESS-THAN OR EQUAL TO}7", 7),
        ("NA", None),
        ("[REDACTED] (0.3%)", None),
        ("<5 (1.0)", 4),
    ],
)
def test_a_mark_says_at_most_what_it_says(mark, high):
    assert prior_of(mark) == Interval(0, high)


@pytest.mark.parametrize("cell", ["[REDACTED]", "<=5", "*", "[REDACTED] (3.4%)", "<5 (1.0)"])
def test_marks_are_seen_with_and_without_a_percentage(cell):
    assert suppression_of(cell)


@pytest.mark.parametrize("cell", ["NA", "", "-", "12", "12 (3.4%)", "text (3.4%)"])
def test_what_may_be_missing_is_no_mark(cell):
    assert not suppression_of(cell)


def test_marks_count_only_among_counts():
    assert has_marks(table_of("a,n\nx,12\ny,*\nz,15"))
    assert not has_marks(table_of("term,estimate,sig\nx,0.12,*\ny,0.2,ns\nz,0.3,ns\nw,0.4,ns"))
    assert not has_marks(table_of("a,n\nx,12\ny,NA"))


def test_rows_that_a_column_says_to_be_redacted_are_marked():
    table = table_of("level,n,n_dead,redacted\na,10,7,FALSE\nb,NA,NA,TRUE\nc,,12,false")

    assert flagged_rows(table) == {1}
    grid = grid_of(table)
    assert grid is not None
    assert grid.strong == {(1, 1), (1, 2)}
    assert grid.weak == {(2, 1)}


def test_missing_values_are_kept_apart_from_marks():
    grid = grid_of(table_of("a,n\nx,NA\ny,[REDACTED]\nz,41\nw,52"))

    assert grid is not None
    assert grid.strong == {(1, 1)}
    assert grid.cells[1, 1] == Suppressed()


def test_a_table_with_nothing_missing_has_no_grid():
    assert grid_of(table_of("a,n\nx,12\ny,13")) is None


def test_a_long_table_is_said_not_to_be_judged_and_still_searched_for_small_counts():
    rows = tuple((str(row), "[REDACTED]" if row == 3 else "12") for row in range(MAX_LINES + 1))
    table = Table(("a", "n"), (*rows, ("last", "4")))
    context = context_of("output/table.csv")

    assert recover(table, THRESHOLD) is None
    (hit,) = RecoverableCells().check_table(table, context)
    assert hit.severity is Severity.LOW
    assert "too large" in hit.message
    (small,) = HalfSuppressed().check_table(table, context)
    assert place(small).rows == (len(table.rows),)


def test_a_long_table_without_marks_has_no_grid():
    rows = tuple((str(row), "NA" if row == 3 else "12") for row in range(MAX_ROWS + 1))

    assert grid_of(Table(("a", "n"), rows)) is None


def test_ragged_rows_and_empty_tables_are_stood():
    assert recover(Table((), ()), THRESHOLD) is None
    assert recover(Table(("a", "n"), ()), THRESHOLD) is None
    found = recover(
        Table(("a", "n_x", "n_total"), (("x", "12", "15"), ("y",), ("z", "[REDACTED]", "9", "7"))),
        5,
    )
    assert found is None or found.audit.cells is not None


TWO_GAPS = (
    "age,n,pct\na,[REDACTED],[REDACTED]\nb,[REDACTED],[REDACTED]\n"
    "c,41,20.5\nd,52,26.0\ne,63,31.5\nTotal,200,100.0"
)


def test_gaps_that_hide_each_other_are_clean_where_all_was_tried():
    assert not list(
        RecoverableCells().check_table(table_of(TWO_GAPS), context_of("output/table.csv"))
    )


@pytest.mark.parametrize(
    ("module", "limit", "most"),
    [
        (margins, "MAX_WORK", 5),
        (margins, "MAX_RELATIONS", 0),
        (recovery, "MAX_SHARES", 1),
        (shares, "_MAX_TOTALS", 0),
        (shares, "_MAX_ROWS", 2),
        (margin_runs, "_MAX_LINES", 5),
        (margin_runs, "_MAX_KNOWN", 0),
        (margin_runs, "_MAX_PAIRED", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_search_that_a_limit_cut_is_said_not_to_be_judged_to_the_end(
    monkeypatch, module, limit, most
):
    monkeypatch.setattr(module, limit, most)

    (hit,) = RecoverableCells().check_table(table_of(TWO_GAPS), context_of("output/table.csv"))
    assert hit.severity is Severity.LOW
    assert "not judged to the end" in hit.message
    assert place(hit).rows == (1, 2)


def test_a_gap_that_comes_back_is_found_even_where_a_limit_cut_the_rest(monkeypatch):
    monkeypatch.setattr(margin_runs, "_MAX_PAIRED", 0)
    table = table_of("age,n\na,[REDACTED]\nb,41\nc,52\nTotal,96")

    (hit,) = RecoverableCells().check_table(table, context_of("output/table.csv"))
    assert hit.severity is Severity.HIGH


def wide(mark):
    """A table with words in 120 columns, then a column of counts with a mark."""
    header = (*(f"note{index}" for index in range(120)), "n")
    rows = (*((*["words"] * 120, str(30 + row)) for row in range(5)), (*["words"] * 120, mark))
    return Table(header, rows)


def test_marks_beyond_the_columns_that_are_looked_at_are_said_not_to_be_judged():
    context = context_of("output/table.csv")

    (hit,) = RecoverableCells().check_table(wide("[REDACTED]"), context)
    assert hit.severity is Severity.LOW
    assert place(hit).rows == (6,)
    assert not list(RecoverableCells().check_table(wide("30"), context))


def test_a_table_with_marks_beyond_the_columns_that_are_looked_at_is_judged_at_all():
    rule = RecoverableCells()

    assert Choice([rule]).for_table(wide("[REDACTED]")) == (rule,)


def test_marks_of_a_table_of_too_many_cells_are_said_not_to_be_judged(monkeypatch):
    monkeypatch.setattr(suppressed, "_MAX_CELLS", 3)

    (hit,) = RecoverableCells().check_table(table_of(TWO_GAPS), context_of("output/table.csv"))
    assert "too large" in hit.message


def test_percentages_of_rounded_counts_do_not_make_them_exact():
    text = """
        region,n,percent
        R0,51,37.78
        R1,57,42.22
        R2,[REDACTED],[REDACTED]
        R3,21,15.56
        Total,135,100.00
    """

    found = recover(table_of(text), 7)

    assert found is not None
    assert {cell.verdict for cell in found.audit.cells.values()} == {Verdict.SAFE}
