"""Which cells of several tables count the same people: what is linked, and above all what is not."""

import pytest

from breachkit.documents.table import Table
from breachkit.sdc.audit import Verdict, audit
from breachkit.sdc.cell_names import named_cells, said_by
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Share, Sum, Suppressed, Unprinted
from breachkit.sdc.linking import (
    COLUMNS,
    LAST_REST,
    Links,
    NamedTable,
    joined,
    link,
    place_in,
    place_of,
)
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import Regime
from tests.support.second_opinion import disagreements


THRESHOLD = 7
MARK = "[REDACTED]"


def named(name: str, text: str, regime: Regime | None = None, relations=()) -> NamedTable:
    """Read a table: every whole number in it is a count."""
    header, *rows = (tuple(cell.strip() for cell in line.split(",")) for line in text.split(";"))
    cells: dict[Place, Cell] = {}
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell.isdecimal():
                cells[number, column] = Released(int(cell), regime)
            elif cell == MARK:
                cells[number, column] = Suppressed()
    return NamedTable(
        name=name,
        table=Table(header, rows),
        counted=CountTable(cells=cells, relations=relations),
    )


def linked(*tables: NamedTable) -> set[tuple[frozenset[object], object]]:
    """Give relations as (parts, whole): (number of the table, row, column) each, or `rest`."""
    found = link(tables, THRESHOLD)
    return {
        (frozenset(map(readable, relation.parts)), readable(relation.whole[0]))
        for relation in found.relations
        if isinstance(relation, Sum)
    }


def readable(place: Place) -> object:
    known = place_of(place)
    return "rest" if known is None else (known[0], *known[1])


def equal(*pairs):
    return {(frozenset({one}), other) for one, other in pairs}


ALL = named("out/deaths_all.csv", "region,n; North,40; South,31; East,57; Total,128")
MALE = named("out/deaths_male.csv", "region,n; North,38; South,20; East,27; Total,85")
FEMALE = named("out/deaths_female.csv", "region,n; North,2; South,11; East,30; Total,43")
BY_SEX = named(
    "out/sex.csv",
    "region,male,female,total; North,38,2,40; South,20,11,31; East,27,30,57; Total,85,43,128",
)
BY_AGE = named(
    "out/age.csv",
    "region,under 50,from 50,total; North,18,22,40; South,21,10,31; East,30,27,57; Total,69,59,128",
)


def test_a_margin_that_two_tables_print_is_one_count():
    found = linked(BY_SEX, BY_AGE)

    assert found == equal(*(((0, row, 3), (1, row, 3)) for row in range(4)))


def test_categories_may_be_rows_in_one_table_and_columns_in_the_other():
    turned = named("out/turned.csv", "sex,count; Women,43; Men,85; All,128")

    found = linked(BY_SEX, turned)

    assert found == equal(((0, 3, 1), (1, 1, 1)), ((0, 3, 2), (1, 0, 1)), ((0, 3, 3), (1, 2, 1)))


def test_a_table_that_is_printed_twice_is_one():
    again = named("out/copy.html", "Region,N (%); north,40; SOUTH,31; East,57; All patients,128")

    assert linked(ALL, again) == equal(*(((0, row, 1), (1, row, 1)) for row in range(4)))


def test_a_file_about_men_has_the_column_of_men():
    found = linked(MALE, BY_SEX)

    assert (frozenset({(0, 0, 1)}), (1, 0, 1)) in found
    assert (frozenset({(0, 3, 1)}), (1, 3, 1)) in found


def test_a_count_that_one_table_hides_is_linked_to_where_it_is_printed():
    hidden = named("out/b.csv", f"region,n; North,{MARK}; South,31; East,57; Total,128")

    assert (frozenset({(0, 0, 1)}), (1, 0, 1)) in linked(ALL, hidden)


def test_a_label_column_that_names_the_variable_does_not_keep_tables_apart():
    long = named(
        "out/long.csv",
        "variable,level,n; sex,Male,85; sex,Female,43; region,North,40; region,South,31",
    )

    found = linked(BY_SEX, long)

    assert (frozenset({(0, 3, 1)}), (1, 0, 2)) in found
    assert (frozenset({(0, 0, 3)}), (1, 2, 2)) in found


@pytest.mark.parametrize(
    "other",
    [
        named("out/admissions.csv", "region,n; North,12; South,30; East,57; Total,99"),
        named("out/other.csv", "region,n; North,41; South,31; East,57; Total,129"),
        named("out/places.csv", "place,n; Leeds,40; York,31; Hull,58"),
    ],
    ids=["other people", "one count differs", "other labels"],
)
def test_labels_without_agreeing_numbers_link_nothing_and_numbers_without_labels_neither(other):
    assert linked(ALL, other) == set()


def test_a_few_small_numbers_that_agree_are_chance():
    few = named("a.csv", "region,n; North,3; South,4"), named("b.csv", "region,n; North,3; South,4")

    assert linked(*few) == set()


def test_a_row_that_happens_to_agree_links_nothing_where_its_column_does_not():
    one = named("a.csv", "region,n,events; North,40,22; South,31,9; East,57,8")
    other = named("b.csv", "region,n,events; North,40,22; South,30,7; East,50,6")

    assert linked(one, other) == set()


def test_one_column_may_be_the_same_people_while_another_is_not():
    deaths = named("a.csv", "region,n,events; North,40,22; South,31,9; East,57,8")
    visits = named("b.csv", "region,n,events; North,40,12; South,31,19; East,57,18")

    assert linked(deaths, visits) == equal(*(((0, row, 1), (1, row, 1)) for row in range(3)))


def test_labels_that_come_twice_name_no_cell():
    twice = named("a.csv", "region,n; North,40; North,40; South,31; East,57")

    assert linked(ALL, twice) == equal(((0, 1, 1), (1, 2, 1)), ((0, 2, 1), (1, 3, 1)))


def test_a_zero_is_linked_with_its_line():
    one = named("a.csv", "region,n; North,40; South,31; West,0")
    other = named("b.csv", "region,n; North,40; South,31; West,0")

    assert ((frozenset({(0, 2, 1)}), (1, 2, 1))) in linked(one, other)


def test_rounded_counts_are_one_where_both_may_stand_for_the_same():
    rounded = named("b.csv", "region,n; North,40; South,30; East,55; Total,125", Regime(5))

    assert linked(ALL, rounded) == set()
    exact = named("a.csv", "region,n; North,40; South,31; East,57; Total,125")
    assert len(linked(exact, rounded)) == 4


def test_men_and_women_are_the_parts_of_all():
    found = linked(ALL, MALE, FEMALE)

    assert found == {(frozenset({(1, row, 1), (2, row, 1)}), (0, row, 1)) for row in range(4)}


def test_a_lone_part_leaves_a_rest_which_nobody_printed():
    found = link([ALL, MALE], THRESHOLD)

    assert linked(ALL, MALE) == {
        (frozenset({(1, row, 1), "rest"}), (0, row, 1)) for row in range(4)
    }
    assert len(found.rests) == 4
    assert all(row <= LAST_REST for row, _ in found.rests)


def test_a_rest_of_few_people_must_not_be_seen_and_others_may():
    found = link([ALL, MALE], THRESHOLD)

    (primary,) = found.primary
    cell = found.rests[primary]
    assert isinstance(cell, Released)
    assert cell.count == 2
    assert {type(cell) for place, cell in found.rests.items() if place != primary} == {Unprinted}


def test_parts_that_are_not_all_leave_a_rest_together():
    some = named("out/deaths_female.csv", "region,n; North,1; South,10; East,25; Total,36")

    found = linked(ALL, MALE, some)

    assert (frozenset({(1, 0, 1), (2, 0, 1), "rest"}), (0, 0, 1)) in found
    assert len(found) == 4


def test_a_part_that_is_named_in_the_header_leaves_a_rest_too():
    everyone = named("a.html", "region,n_all; North,40; South,31; East,57")
    men = named("a.html", "region,n_male; North,38; South,20; East,27")

    assert (frozenset({(1, 0, 1), "rest"}), (0, 0, 1)) in linked(everyone, men)


def test_a_header_that_names_different_people_in_its_columns_is_no_part():
    everyone = named("a.html", "region,n,events; North,40,20; South,31,11; East,57,9")
    mixed = named("a.html", "region,male n,white events; North,38,18; South,20,7; East,27,8")

    assert linked(everyone, mixed) == set()


def test_a_rest_of_nobody_tells_of_nobody():
    men = named("out/deaths_male.csv", "region,n; North,40; South,20; East,27; Total,87")

    found = link([ALL, men], THRESHOLD)

    assert len(found.rests) == 4
    assert not found.primary


@pytest.mark.parametrize(
    "part",
    [
        named("out/deaths_male.csv", "region,n; North,38; South,32; East,27"),
        named("out/deaths_male.csv", "region,n; North,40; South,31; East,57"),
        named("out/deaths_male.csv", "region,n; North,39; South,31; East,57; Total,128"),
        named("out/deaths_male.csv", "region,n; North,38; South,20"),
        named("out/cases_male.csv", "region,n; North,38; South,20; East,27"),
        named("out/deaths_male.csv", "region,n; North,35; South,20; East,25", Regime(5)),
    ],
    ids=[
        "has more",
        "has as many",
        "has nearly as many",
        "too few cells",
        "another family",
        "rounded",
    ],
)
def test_a_name_alone_makes_no_part(part):
    assert not any("rest" in parts for parts, _ in linked(ALL, part))


def test_a_table_of_few_cells_is_compared_in_all_of_them():
    everyone = named("out/deaths_all.csv", "region,n; North,40; South,0")
    men = named("out/deaths_male.csv", "region,n; North,38; South,0")

    assert (frozenset({(1, 0, 1), "rest"}), (0, 0, 1)) in linked(everyone, men)


def test_a_breakdown_without_totals_adds_up_to_those_of_another_table():
    inner = named("a.csv", "region,male,female; North,38,2; South,20,11; East,27,30")

    found = linked(ALL, inner)

    assert found == {(frozenset({(1, row, 1), (1, row, 2)}), (0, row, 1)) for row in range(3)}


def test_what_all_headers_of_a_breakdown_say_is_said_of_the_total_too():
    inner = named("a.csv", "region,male deaths,female deaths; North,38,2; South,20,11; East,27,30")
    totals = named("b.csv", "region,deaths; North,40; South,31; East,57")

    assert (frozenset({(0, 0, 1), (0, 0, 2)}), (1, 0, 1)) in linked(inner, totals)


def test_a_part_without_others_is_its_total_where_the_rest_of_the_breakdown_adds_up():
    long = named(
        "a.csv",
        "region,sex,n; North,male,38; North,female,2; South,male,31; East,male,27; East,female,30",
    )

    assert (frozenset({(1, 2, 2)}), (0, 1, 1)) in linked(ALL, long)


def test_one_table_by_itself_is_linked_with_nothing():
    long = named(
        "a.csv", "region,sex,n; North,male,380; South,male,310; East,male,27; East,female,30"
    )

    assert link([long], THRESHOLD) == Links()
    assert link([], THRESHOLD) == Links()


def test_a_breakdown_that_does_not_add_up_is_no_part():
    inner = named("a.csv", "region,male,female; North,38,2; South,20,10; East,27,30")

    assert linked(ALL, inner) == set()


def test_a_place_among_all_tables_leads_back_to_its_own():
    for number in (0, 1, 40):
        for place in ((0, 0), (-1, 3), (7, COLUMNS - 1)):
            assert place_of(place_in(number, place)) == (number, place)
    assert place_of((LAST_REST, 5)) is None
    assert place_of((LAST_REST - 9, COLUMNS + 5)) is None


def test_joined_tables_keep_their_own_relations():
    own = (Sum(((0, 1), (1, 1)), ((2, 1),), proven=True), Share((0, 1), (1, 1), 1, 2, 100))
    one = named("a.csv", "region,n; North,40; South,31; Both,71", relations=own)
    two = named("b.csv", "area,n; Hull,90; York,31; Both,121", relations=own)

    table = joined([one, two], Links())

    assert set(table.cells) == {(row, at) for row in range(3) for at in (1, COLUMNS + 1)}
    assert table.relations[:2] == own
    assert table.relations[2:] == (
        Sum(((0, COLUMNS + 1), (1, COLUMNS + 1)), ((2, COLUMNS + 1),), proven=True),
        Share((0, COLUMNS + 1), (1, COLUMNS + 1), 1, 2, 100),
    )


def problem_of(*tables: NamedTable) -> Problem:
    links = link(tables, THRESHOLD)
    counted = joined(tables, links)
    small = {
        place
        for place, cell in counted.cells.items()
        if isinstance(cell, Released) and 1 <= cell.count <= THRESHOLD
    }
    return Problem(counted=counted, primary=frozenset(small), threshold=THRESHOLD)


def test_a_small_count_is_protected_in_every_table_that_tells_it():
    pattern = protect(problem_of(ALL, MALE, FEMALE))

    assert place_in(2, (0, 1)) in pattern.suppressed
    assert pattern.suppressed & {place_in(0, (0, 1)), place_in(1, (0, 1))}


def test_a_difference_of_few_people_is_protected_though_nobody_printed_it():
    problem = problem_of(ALL, MALE)

    before = audit(published(problem, problem.primary), THRESHOLD)
    pattern = protect(problem)

    assert before.places(Verdict.EXACT) == tuple(problem.primary)
    assert {found.verdict for found in pattern.audit.cells.values()} == {Verdict.SAFE}
    assert any(place_of(place) is not None for place in pattern.complementary)


@pytest.mark.parametrize(
    "tables", [(ALL, MALE, FEMALE), (ALL, MALE), (BY_SEX, BY_AGE, ALL)], ids=["parts", "rest", "margins"]
)  # fmt: skip
def test_all_agree_on_what_linked_tables_tell(tables):
    problem = problem_of(*tables)

    patterns = (problem.primary, protect(problem).suppressed)

    assert disagreements([published(problem, out) for out in patterns], THRESHOLD) == []


def test_too_many_tables_are_not_all_compared_and_that_is_said(monkeypatch):
    monkeypatch.setattr("breachkit.sdc.equal_cells.MAX_COMPARED", 5)

    found = link([BY_SEX, BY_AGE, ALL], THRESHOLD)

    assert found.is_cut
    assert joined([BY_SEX, BY_AGE, ALL], found).is_cut


def test_too_many_parts_are_not_all_compared_and_that_is_said(monkeypatch):
    monkeypatch.setattr("breachkit.sdc.parts_of_tables.MAX_COMPARED", 2)

    assert link([ALL, MALE], THRESHOLD).is_cut


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("All patients", set()),
        ("n (%)", set()),
        ("Total", set()),
        ("**Women**", {"female"}),
        ("Males (n=12)", {"male"}),
        ("n_female", {"female"}),
        ("18-39", {"18-39"}),
        ("White men, over65", {"white", "male", "over65"}),
        ("Number of deaths", {"death"}),
    ],
)
def test_a_label_says_who_is_counted(label, words):
    assert said_by(label) == words


def test_cells_that_stand_nowhere_have_no_name():
    table = ALL.table

    found = named_cells("a.csv", table, [(-1, 1), (-5, 1), (0, 1), (1, 1), (0, 99)])

    assert set(found.places.values()) == {(-1, 1), (0, 1), (1, 1)}
    assert found.places[frozenset()] == (-1, 1)


def test_that_counts_have_more_labels_than_are_asked_is_said_where_tables_are_linked():
    few = named("a.csv", "sex,n;men,12;women,15")
    many = named("b.csv", "a,b,c,d,e,sex,n;v,w,x,y,z,men,12;v,w,x,y,z,women,15")

    assert not link((few, few), THRESHOLD).is_cut
    assert not link((many,), THRESHOLD).is_cut
    assert link((few, many), THRESHOLD).is_cut
