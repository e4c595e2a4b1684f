"""Places that may not be named are found by their codes and names; regions are let be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.geo_01 import NamedPlaces
from breachkit.documents.table import Table
from breachkit.model.findings import Severity
from breachkit.sdc.geography import Place, code_place, place_columns
from tests.support.judging import context_of, hits_of, lines, place, table_of


OUTPUT = context_of("released_outputs/t.csv")


def results(name, values):
    return lines((name, "rate"), *((value, 0.25 + number) for number, value in enumerate(values)))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("E01000001", Place.SMALL_AREA),
        ("E02000001", Place.SMALL_AREA),
        ("E06000001", Place.AUTHORITY),
        ("E09000001", Place.AUTHORITY),
        ("E38000001", Place.CCG),
        ("E54000001", Place.ICB),
        ("S12000033", Place.AUTHORITY),
        ("E12000001", None),
        ("E92000001", None),
        ("E0200001", None),
        ("X02000001", None),
    ],
)
def test_a_code_says_what_it_is_a_code_of(code, found):
    assert code_place(code) is found


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("area", ["E02000001", "E02000002", "E02000003"]),
        ("msoa", ["E02000001", "E02000002"]),
        ("practice", ["A81001", "B82002"]),
        ("ods_code", ["A81001", "B82002"]),
        ("PCN", ["U10001", "U10002"]),
        ("la_name", ["Plantedshire", "Elsewhere upon Sea"]),
        ("stp", ["E54000005", "E54000006"]),
        ("stp_code", ["QE1", "QHG"]),
        ("ccg", ["07L", "A3A8R"]),
        ("who", ["Planted Surgery", "Elsewhere Medical Centre", "Beyond Health Centre"]),
        ("who", ["NHS Planted CCG", "NHS Elsewhere CCG", "NHS Beyond CCG"]),
    ],
)
def test_results_by_named_place_are_medium_in_outputs_and_low_elsewhere(name, values):
    [hit] = hits_of(NamedPlaces(), results(name, values), OUTPUT)
    [elsewhere] = hits_of(NamedPlaces(), results(name, values), context_of("lookups/t.csv"))

    assert (hit.severity, elsewhere.severity) == (Severity.MEDIUM, Severity.LOW)
    assert not any(value in repr(hit) for value in values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("region", ["E12000001", "E12000002", "E12000003"]),
        ("region", ["London", "East", "North West"]),
        ("stp", ["Missing", "All"]),
        ("practice", ["1", "2", "3"]),
        ("practice", ["yes", "no", "unknown"]),
        ("code", ["A81001", "B82002", "C83003"]),
        ("area", ["E02000001", "E02000002"]),
        ("area", ["E02000001"] * 9),
        ("ladder", ["Plantedshire", "Elsewhere"]),
    ],
)
def test_regions_numbers_and_codes_of_something_else_are_let_be(name, values):
    assert not hits_of(NamedPlaces(), results(name, values), OUTPUT)


def test_a_lookup_holds_no_result():
    lookup = lines(("msoa", "stp"), ("E02000001", "E54000005"), ("E02000002", "E54000006"))

    [hit] = hits_of(NamedPlaces(), lookup, OUTPUT)

    assert hit.severity is Severity.LOW
    assert place(hit).columns == ("msoa", "stp")


def test_places_in_the_header_are_told_by_their_number():
    text = lines(("month", "E02000001", "E02000002", "E02000003"), ("May", 120, 340, 95))

    [hit] = hits_of(NamedPlaces(), text, OUTPUT)

    assert hit.severity is Severity.MEDIUM
    assert place(hit).columns == ("column 2", "column 3", "column 4")
    assert place(hit).rows == ()


def test_a_table_without_a_header_does_not_show_its_first_place():
    text = lines(("Planted Surgery", "x"), ("Elsewhere Surgery", 1), ("Beyond Surgery", 2), ("Far Surgery", 3))  # fmt: skip

    [hit] = hits_of(NamedPlaces(), text, OUTPUT)

    assert place(hit).columns == ("column 1",)


cells = st.one_of(
    st.sampled_from(["", "E02000001", "E12000001", "A81001", "Planted CCG", "1", "0.5", "London"]),
    st.text(max_size=12),
)


@given(
    st.lists(st.sampled_from(["msoa", "practice", "rate", "Planted CCG", "", "n"]), max_size=5),
    st.lists(st.lists(cells, max_size=6), max_size=8),
)
@settings(max_examples=200)
def test_no_table_makes_the_rule_fail(header, rows):
    assert len(list(NamedPlaces().check_table(Table(tuple(header), rows), OUTPUT))) <= 1


def test_rows_are_counted_from_one_under_the_header():
    [found] = place_columns(table_of(results("msoa", ["E02000001", "Missing", "E02000002"])))

    assert found.rows == (1, 3)
