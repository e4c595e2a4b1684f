"""What stands beyond the rows, columns and words that a rule looks at first is found, or said to be left."""

import itertools
from collections.abc import Callable

import pytest

from breachkit.detect.engine import Examination, examine
from breachkit.model.findings import Hit, Severity
from breachkit.sdc.identifiers import is_nhs_number
from tests.support.judging import context_of, lines, place


def look_at(text: str, path: str = "released_outputs/t.csv") -> Examination:
    content = text.encode()
    context = context_of(path, size=len(content))
    return examine(content, context, sketch_key=b"k", want_sketch=False)


def hits(rule: str, text: str, path: str = "released_outputs/t.csv") -> list[Hit]:
    return [hit for hit in look_at(text, path).hits if hit.rule == rule]


NUMBERS = list(itertools.islice(filter(is_nhs_number, map(str, range(4_857_773_000, 10**10))), 5))


@pytest.mark.parametrize("form", ["{0}{1}{2}", "{0} {1} {2}", "'{0}{1}{2}", "{0}{1}{2}.0"])
@pytest.mark.parametrize("first", [30, 1_003])
def test_numbers_of_patients_are_found_wherever_they_stand_in_a_long_column(form, first):
    rows = [(f"note {row % 7}", 0.5 + row) for row in range(2_000)]
    for row, number in enumerate(NUMBERS, start=first):
        rows[row] = (form.format(number[:3], number[3:6], number[6:]), 0.5)

    [hit] = hits("PAT-03", lines(("reference", "mean"), *rows))

    assert hit.severity is Severity.CRITICAL
    assert place(hit).rows == tuple(range(first + 1, first + 6))


def test_long_decimals_and_codes_around_them_hide_no_numbers_of_patients():
    rows = [(f"{1 / (row + 3):.15f}", f"{row:012}") for row in range(400)]
    for row, number in enumerate(NUMBERS, start=201):
        rows[row] = (rows[row][0], number)

    assert hits("PAT-03", lines(("mean", "code"), *rows))


AREAS = [f"E0200{number:04}" for number in range(1, 5)]


@pytest.mark.parametrize("places", [AREAS, ["Mill Surgery", "Park Medical Centre", "Hill Surgery"]])
def test_places_are_found_between_the_rows_that_a_sample_shows(places):
    rows = [("all", 100 + row) for row in range(240)]
    for row, name in enumerate(places, start=65):
        rows[row] = (name, 200)

    [hit] = hits("GEO-01", lines(("group", "n"), *rows))

    assert place(hit).rows == tuple(range(66, 66 + len(places)))


def test_rates_by_place_are_results_though_the_first_places_have_none():
    rows = [(f"E0200{number:04}", "" if number < 30 else 0.25 + number) for number in range(90)]

    [hit] = hits("GEO-01", lines(("msoa", "mean"), *rows))

    assert hit.severity is Severity.MEDIUM


def test_postcodes_are_found_though_every_row_that_is_sampled_holds_something_else():
    rows = [("not known yet" if row % 6 == 0 else f"OX{row} {row % 9}AB", row) for row in range(60)]

    assert hits("PAT-04", lines(("note", "mean"), *rows))


def test_no_name_of_a_column_is_shown_where_a_cell_far_to_the_right_says_that_it_is_data():
    first = ["Ann Example", *("word" for _ in range(30)), "2021-05-03"]
    rows = [[number, *("word" for _ in range(30)), "2021-05-04"] for number in NUMBERS]

    [hit] = hits("PAT-03", lines(first, *rows))

    assert place(hit).columns == ("column 1",)


def test_dates_below_the_first_two_thousand_rows_speak_for_records_of_people_too():
    firsts = [(7_000_003 + 1_357 * row, f"2021-{row % 12 + 1:02}-01") for row in range(2_400)]
    exact = [(8_000_003 + 1_357 * row, f"2021-03-{row % 5 + 1:02}") for row in range(3, 300)]

    [hit] = hits("PAT-01", lines(("patient_id", "admitted"), *firsts, *exact))

    assert "first of a month" not in hit.message
    assert "follow the working week" in hit.message


REGIONS = {"North": (120, 87, 33), "South": (113, "[REDACTED]", 109), "West": (176, 45, 131)}


def in_regions(*before: Callable[[int], str]) -> list[tuple[object, ...]]:
    """Counts by region and sex, one of which was taken out, behind other columns."""
    counted = [
        (region, sex, counts[at])
        for at, sex in ((1, "female"), (0, "all"), (2, "male"))
        for region, counts in REGIONS.items()
    ]
    return [(*(cell(row) for cell in before), *of) for row, of in enumerate(counted)]


def test_sums_are_found_behind_more_columns_of_intervals_than_name_rows():
    intervals = [lambda row, at=at: f"{row}.{at} ({row}.0 to 9.{at})" for at in range(11, 22)]
    header = (*(f"interval_{at}" for at in range(11)), "region", "sex", "n")

    [hit] = hits("SUP-01", lines(header, *in_regions(*intervals)))

    assert hit.severity is Severity.HIGH


def test_more_columns_that_name_rows_than_are_tried_are_said_to_be_left():
    groups = [lambda row, at=at: f"group {at}{row % 2}" for at in range(10)]
    header = (*(f"group_{at}" for at in range(10)), "region", "sex", "n")

    [hit] = hits("SUP-01", lines(header, *in_regions(*groups)))

    assert "not judged to the end" in hit.message


def test_empty_cells_of_a_table_too_long_to_work_them_out_are_said_to_be_left():
    rows = [
        (f"practice {row}", 40 + row % 97 if row != 1_500 else "", 50 + row % 89)
        for row in range(2_100)
    ]

    [hit] = hits("SUP-01", lines(("practice", "n_women", "n_men"), *rows))

    assert hit.severity is Severity.LOW
    assert "empty cells" in hit.message
    assert "not judged to the end" in hit.message


@pytest.mark.parametrize("behind", ["", " and no more" * 200])
@pytest.mark.parametrize("first", [990, 1_300, 2_000, 50_000])
def test_a_count_in_code_is_found_wherever_it_stands_in_a_long_line(first, behind):
    words = " patients are selected from the cohort;"
    told = "x = 1  # redacted by hand: n = 4"
    line = (words * (first // len(words) + 1))[:first] + told + behind

    [hit] = hits("CODE-01", f"y = 1\n{line}\n", "analysis/redact.py")

    assert place(hit).part == "line 2"


def test_records_printed_in_one_line_are_read_to_its_end():
    records = [{"region": f"area {number}", "n": 120 + number} for number in range(2_500)]
    records[2_400]["n"] = 3

    [hit] = hits("LOG-02", f"the counts:\n{records}\n", "released_outputs/t.log")

    assert place(hit).rows == (2_401,)


def test_what_is_stated_far_to_the_right_in_a_log_is_read():
    line = "; ".join(
        [*(f"region {number}: all well" for number in range(300)), "Number of patients = 3"]
    )

    assert hits("LOG-02", f"counted\n{line}\n", "released_outputs/t.log")


def test_rows_of_people_printed_with_all_their_columns_in_one_line_are_found():
    names = ["patient_id", *(f"variable_{at}" for at in range(500))]
    rows = [[str(7_000_003 + 1_357 * row), *["0", "1"] * 250] for row in range(40)]
    printed = [
        "   ".join(cell.rjust(len(name)) for name, cell in zip(names, cells, strict=True))
        for cells in (names, *rows)
    ]
    labels = ["  ", *(f"{row:2}" for row in range(40))]
    text = "\n".join(f"{label}  {line}" for label, line in zip(labels, printed, strict=True))

    assert hits("PAT-01", f"the cohort:\n{text}\n", "released_outputs/t.log")


def test_a_count_comes_back_by_its_percentage_in_a_column_far_from_it():
    counts = [[61 + 17 * row + 29 * at for at in range(10)] for row in range(6)]
    counts[3][3] = 3
    rows = [
        (f"area {row}", 1_000 + row, *some, *(f"{n / (10 + row / 100):.3f}" for n in some))
        for row, some in enumerate(counts)
    ]
    rows[3] = (*rows[3][:5], "[REDACTED]", *rows[3][6:])
    names = [*(f"n_{at}" for at in range(10)), *(f"percent_{at}" for at in range(10))]

    [hit] = hits("SUP-01", lines(("area", "n_all", *names), *rows))

    assert hit.severity is Severity.HIGH
    assert place(hit).rows == (4,)


def test_marks_are_seen_though_all_the_rows_that_are_sampled_hold_words():
    words = {0, 1, 2, 3, 4, *range(8, 100, 13)}
    rows = [(f"row {row}", "see the notes" if row in words else 50 + row) for row in range(100)]
    rows[50] = ("row 50", "[REDACTED]")
    rows[99] = ("total", sum(n for _, n in rows[:99] if isinstance(n, int)) + 3)

    assert hits("SUP-01", lines(("group", "n"), *rows))
