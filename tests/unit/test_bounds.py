"""What stands beyond the rows, columns and words that a rule looks at first is found, or said to be left."""

import itertools

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
