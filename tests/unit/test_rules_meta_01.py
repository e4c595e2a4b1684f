import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.meta_01 import MessagesAndNames
from breachkit.documents.table import Text
from breachkit.model.findings import Confidence, Severity
from tests.support.judging import context_of, place


RULE = MessagesAndNames()


def judged(text, part="message", policy="2020-12"):
    return list(RULE.check_text(Text(text, part), context_of(policy=policy)))


@pytest.mark.parametrize(
    "message",
    [
        "Redact the North row, only 2 deaths there",
        "3 patients in this group",
        "remove cell (3 patients)",
        "two patients had to go",
        "There were Four women in it",
        "hide 5 vaccinated people",
        "table 2: 4 deaths",
        "redact row\n\nit holds 1 patient.",
        "one patient with a rare condition",
        "3 children died",
        "suppress, 2 participants",
    ],
)
def test_a_small_number_of_people_in_a_message_is_medium(message):
    [hit] = judged(message)

    assert (hit.rule, hit.severity, hit.confidence) == (
        "META-01",
        Severity.MEDIUM,
        Confidence.MEDIUM,
    )
    assert place(hit).part == "message"


@pytest.mark.parametrize(
    "message", ["redact row (n=3)", "North n = 2, now hidden", "cells with n=4 out"]
)
def test_a_small_n_alone_is_low(message):
    [hit] = judged(message)

    assert (hit.severity, hit.confidence) == (Severity.LOW, Confidence.LOW)


@pytest.mark.parametrize(
    "message",
    [
        "redact groups of 5 or fewer patients",
        "suppress counts of fewer than 5 patients",
        "fewer than five people",
        "counts <=5 patients",
        "at least 2 patients per practice",
        "per 5 patients",
        "between 1 and 5 patients",
        "1-5 patients",
        "5 files",
        "n = 5 threads",
        "use n=4 cores",
        "head(n=5)",
        "df.sample(n=3)",
        "plot(x, n = 5)",
        "n=50",
        "n=3.5",
        "n=5%",
        "bump to 3.2 patients module",
        "fixes #3 patients",
        "v2 patients",
        "type 2 patients",
        "type 2 diabetes patients",
        "dose 2 people",
        "week 3 deaths",
        "stage 4 patients",
        "add 2 deaths variables",
        "split into 3 patient groups",
        "3 patient_id columns",
        "covid-19 deaths",
        "8 patients",  # above the threshold
        "12 patients",
        "1,234 patients",
        "0 patients",
        "one patient per row",
        "one row per patient",
        "merge pull request #5 from x/patients",
        "2021-03-05 deaths",
        "10:05 patients",
        "first 3 patients of the dummy data",
        "",
    ],
)
def test_bounds_versions_and_counts_of_other_things_are_no_finding(message):
    assert judged(message) == []


def test_the_threshold_is_that_of_the_day():
    assert judged("7 patients", policy="2020-12") == []
    assert judged("7 patients", policy="2023-07")


@pytest.mark.parametrize(
    ("message", "confidence"),
    [
        ("remove NHS number 943 476 5919", Confidence.HIGH),
        ("nhs_no: 9434765919", Confidence.HIGH),
        ("drop patient id 48213", Confidence.MEDIUM),
        ("patient_id=482130077", Confidence.MEDIUM),
        ("pseudo patient id: 0a1b2c3d4e5f60718293", Confidence.MEDIUM),
    ],
)
def test_a_labelled_number_of_a_patient_is_medium(message, confidence):
    [hit] = judged(message)

    assert (hit.severity, hit.confidence) == (Severity.MEDIUM, confidence)


@pytest.mark.parametrize(
    "message",
    [
        "NHS number 9434765918",  # wrong check digit
        "NHS number 999 000 0018",  # kept for tests
        "rename patient_id to id",
        "patient_id = 1",
        "patient id 20210301",
        "SNOMED 9434765919",
        "call 9434765919",
    ],
)
def test_other_numbers_are_no_patients(message):
    assert judged(message) == []


@pytest.mark.parametrize(
    "name",
    [
        "notes/patient_48213.csv",
        "patient-id-48213/scan.png",
        "refs/heads/fix-patient-482131",
        "nhs_no_9434765919.txt",
    ],
)
def test_a_name_with_a_labelled_number_is_medium(name):
    [hit] = judged(name, "name")

    assert hit.severity is Severity.MEDIUM
    assert place(hit).part == "name"


def test_ten_digits_that_could_be_an_nhs_number_in_a_name_are_low():
    [hit] = judged("letters/4010232137.pdf", "name")

    assert (hit.severity, hit.confidence) == (Severity.LOW, Confidence.LOW)


@pytest.mark.parametrize(
    "name",
    [
        "output/patients_2021_03.csv",
        "output/patient_20210301.csv",
        "output/patient_counts_12.csv",
        "tests/patient_48213.csv",
        "dummy_data/4010232137.csv",
        "codelists/4010232137.csv",
        "letters/4010232138.pdf",
        "x/14010232137.pdf",
        "run_1609459200.log",  # seconds since 1970
        "figures/n=3.png",
        "3 patients.csv.R",
    ],
)
def test_dates_codes_and_invented_data_in_names_are_no_finding(name):
    assert judged(name, "name") == []


def test_the_text_of_files_is_left_to_other_rules():
    assert judged("only 2 deaths there", None) == []


def test_the_gravest_thing_said_is_the_one_reported_and_nothing_is_quoted():
    [hit] = judged("n=3 in Ambridge, NHS number 9434765919")

    assert hit.severity is Severity.MEDIUM
    assert not any(word in repr(hit) for word in ("9434765919", "Ambridge", "n=3"))


@given(st.text(max_size=200), st.sampled_from(["message", "name", None]))
@settings(max_examples=200)
def test_any_text_can_be_judged(text, part):
    assert len(judged(text, part)) <= 1


def test_a_long_message_is_judged_to_its_end():
    assert judged("all is well. " * 10_000 + "only 2 deaths there")


@pytest.mark.parametrize(
    "text", ["3 " + "a-" * 50_000, "patient " * 20_000, "n=" * 50_000, "9" * 100_000, "3 " * 50_000]
)
def test_long_hostile_text_is_judged_quickly(text):
    assert judged(text) == []
