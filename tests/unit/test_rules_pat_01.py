from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.pat_01 import PatientIdentifiers
from breachkit.documents.table import Table
from breachkit.model.findings import MAX_ROWS, Confidence, Severity
from tests.support.judging import context_of, hits_of, lines, place


RULE = PatientIdentifiers()
REAL = [48_213 + 977 * number for number in range(60)]


def patients(ids=REAL, name="patient_id"):
    return lines((name, "sex", "age"), *((number, "FM"[number % 2], number % 90) for number in ids))


def test_rows_of_patients_are_critical():
    [hit] = hits_of(RULE, patients(), context_of("output/cohort.csv"))

    assert (hit.rule, hit.severity, hit.confidence) == (
        "PAT-01",
        Severity.CRITICAL,
        Confidence.HIGH,
    )
    assert place(hit).columns == ("patient_id",)
    assert place(hit).cells == 60
    assert place(hit).rows == tuple(range(1, MAX_ROWS + 1))


def test_two_rows_are_enough_and_one_is_not():
    assert hits_of(RULE, patients(REAL[:2]), context_of("a.csv"))
    assert not hits_of(RULE, patients(REAL[:1]), context_of("a.csv"))


def test_several_rows_for_each_patient_are_found_with_less_confidence():
    [hit] = hits_of(RULE, patients(REAL * 3), context_of("a.csv"))

    assert (hit.severity, hit.confidence) == (Severity.CRITICAL, Confidence.MEDIUM)
    assert "several rows for each patient" in hit.message


def test_likely_dummy_data_is_low_with_its_evidence_and_never_dropped():
    [hit] = hits_of(RULE, patients(range(1, 101)), context_of("dummy_data/cohort.csv"))

    assert hit.severity is Severity.LOW
    assert "its path calls it dummy data" in hit.message
    assert "identifiers count the rows" in hit.message


def test_the_same_rows_among_released_outputs_are_critical_and_say_why():
    [hit] = hits_of(RULE, patients(range(1, 101)), context_of("released_outputs/cohort.csv"))

    assert hit.severity is Severity.CRITICAL
    assert "released from the secure environment" in hit.message


def test_dates_are_weighed_against_the_day_of_the_commit():
    rows = ((number, "2024-01-02") for number in REAL)
    text = lines(("patient_id", "seen"), *rows)

    [early] = hits_of(RULE, text, context_of("tests/a.csv", day=date(2021, 1, 1)))

    assert "after the day of the commit" in early.message


def test_what_may_be_counts_under_the_name_of_the_counted_column_is_medium():
    text = "sex,patient_id\nF,48213\nM,39120"

    [hit] = hits_of(RULE, text, context_of("output/by_sex.csv"))

    assert (hit.severity, hit.confidence) == (Severity.MEDIUM, Confidence.LOW)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("practice_id,n\n101,20\n102,35", "output/a.csv"),
        ("pid,cpu\n101,20\n102,35", "log/a.csv"),
        (lines(("n", "pid", "age"), *((1, number, 30) for number in REAL)), "output/a.csv"),
        (lines(("patient", "x", "y"), *((number, 1, 2) for number in REAL)), "codelists/a.csv"),
        (lines(("pid", "x", "y"), *((number % 4, 1, 2) for number in range(40))), "output/a.csv"),
    ],
)
def test_names_that_mean_something_else_are_no_finding(text, path):
    assert not hits_of(RULE, text, context_of(path))


def test_a_possible_name_over_many_different_values_is_high():
    text = lines(("pid", "sex", "age"), *((number, "F", 30) for number in REAL))

    [hit] = hits_of(RULE, text, context_of("output/a.csv"))

    assert (hit.severity, hit.confidence) == (Severity.HIGH, Confidence.LOW)


def test_two_identifier_columns_are_one_finding_that_names_both():
    text = lines(("patient_id", "nhs_number", "age"), *((n, n + 4, 30) for n in REAL))

    [hit] = hits_of(RULE, text, context_of("output/a.csv"))

    assert place(hit).columns == ("patient_id", "nhs_number")
    assert place(hit).cells == 120


@given(st.lists(st.integers(10_000, 10**12), min_size=2, max_size=30, unique=True))
@settings(max_examples=100)
def test_no_identifier_is_ever_in_what_is_said(ids):
    [hit] = hits_of(RULE, patients(ids), context_of("output/a.csv"))

    assert not any(str(number) in repr(hit) for number in ids)


@given(st.permutations(list(range(20))))
@settings(max_examples=50)
def test_the_order_of_the_rows_does_not_matter(order):
    def judged(ids):
        [hit] = hits_of(RULE, patients(ids), context_of("output/a.csv"))
        return hit.severity, hit.confidence, hit.message, place(hit).cells

    assert judged([REAL[index] for index in order]) == judged(REAL[:20])


cells = st.text(st.characters(codec="utf-8"), max_size=12)


@given(
    st.lists(st.sampled_from(["patient_id", "pid", "date_of_birth", "x"]), max_size=4),
    st.lists(
        st.lists(st.one_of(cells, st.from_regex(r"\d{4}-\d{2}-\d{2}", fullmatch=True)), max_size=5),
        max_size=8,
    ),
)
@settings(max_examples=200)
def test_no_table_makes_the_rule_fail(header, rows):
    assert len(list(RULE.check_table(Table(tuple(header), rows), context_of("a.csv")))) <= 1


def test_evidence_on_the_other_side_is_told_as_such():
    [real] = hits_of(RULE, patients(REAL), context_of("released_outputs/a.csv"))
    [invented] = hits_of(RULE, patients(range(1, 101)), context_of("dummy_data/cohort.csv"))

    assert ". It looks real: " in real.message
    assert ". It looks invented: its path calls it dummy data" in invented.message
    assert "It looks real" not in invented.message
