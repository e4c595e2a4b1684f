"""A column's label must name the place and tell nothing that stands in the file."""

import pytest

from breachkit.documents.table import column_label


@pytest.mark.parametrize(
    "name",
    [
        "N=3",
        "n = 3",
        "Female (n=3)",
        "Female (3)",
        "deaths: 3",
        "Female [3]",
        "Female {3}",
        "Female 3",
        "Female - 3",
        "Female/3",
        "3 deaths",
        "n=~3",
        'n="3"',
        "n\N{ALMOST EQUAL TO}3",
        "n\N{FULLWIDTH EQUALS SIGN}3",
    ],
)
def test_a_count_in_a_name_is_masked(name):
    assert "3" not in column_label((name, "region"), 0)


@pytest.mark.parametrize("name", ["stat_1", "n_2", "week3", "covid19_death"])
def test_a_number_that_is_part_of_a_word_stays(name):
    assert column_label((name, "region"), 0) == name


@pytest.mark.parametrize(
    "identifier", ["943-476-5919", "id 943 476 5919", "1950-01-02", "2/1/1950"]
)
def test_identifiers_and_dates_are_masked(identifier):
    assert not any(map(str.isdigit, column_label((identifier,), 0).removeprefix("column 1")))


@pytest.mark.parametrize("value", ["3", "3 (12%)", "<5", "1950-01-02", "3/1204", "12.5%"])
def test_no_cell_is_shown_where_the_first_row_is_data(value):
    assert column_label(("John Smith", value), 0) == "column 1"


@pytest.mark.parametrize("value", ["3 (12%)", "<5", "3*", "3/1204", "3 [1 to 6]"])
def test_a_value_in_the_first_row_is_no_label(value):
    assert "3" not in column_label(("John Smith", value), 1).removeprefix("column")
    assert column_label(("John Smith", value), 1) == "column 2"
