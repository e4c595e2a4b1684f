import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.documents.table import Table
from breachkit.sdc.identifiers import (
    id_columns,
    is_nhs_number,
    is_test_nhs_number,
    looks_counted,
    looks_like_id,
    patient_id_name,
)
from tests.support.judging import table_of


@pytest.mark.parametrize(
    "name",
    [
        "patient_id", "Patient_ID", "PATIENT ID", "patientId", "PatientID", "patient-id", "patient.id",
        '"patient_id"', "'patid'", "\ufeffpatient_id", "patid", "person_id", "pseudo id", "pseudo_id",
        "pseudonymised_patient_id", "nhs number", "NHS_No", "nhsno", "new_nhs_no", "EMIS hex", "hesid",
        "patient_id.x", "patient_id_y", "df.patient_id", "patient_id_1", "matched_patient_id",
        "hashed_patient_id", "patient_id_hex", "alf_e", "hospital number", "mrn", "e_patid",
    ],
)  # fmt: skip
def test_names_of_patient_identifiers_are_known_however_they_are_written(name):
    assert patient_id_name(name) == "certain"


@pytest.mark.parametrize("name", ["pid", "PID", "patient", "subject_id", "Participant ID"])
def test_names_that_may_mean_something_else_are_only_possible(name):
    assert patient_id_name(name) == "possible"


@pytest.mark.parametrize(
    "name",
    [
        "practice_id", "practice", "model_id", "id", "n_patient_id", "patients", "n_patients", "patient_count",
        "patient_id_count", "stp_id", "patient_group", "valid", "paid", "rapid", "snomed_id", "hospital",
        "patient_identifier_type", "num_patients", "total_patient_ids", "term", "", "   ", "x" * 500,
    ],
)  # fmt: skip
def test_names_of_other_things_are_not_taken_for_identifiers(name):
    assert patient_id_name(name) is None


@given(
    st.sampled_from(["patient_id", "nhs number", "personId", "patid"]),
    st.sampled_from(["", " ", '"', "'", "\ufeff", "`"]),
    st.sampled_from([str, str.upper, str.title]),
)
def test_case_and_wrapping_never_matter(name, wrapping, change):
    cased = change(name) if name != "personId" else name

    assert patient_id_name(f"{wrapping}{cased}{wrapping}") == "certain"


@given(st.text(max_size=100))
@settings(max_examples=200)
def test_any_text_can_be_asked_about(text):
    assert patient_id_name(text) in {None, "certain", "possible"}
    assert looks_like_id(text) in {True, False}
    assert is_nhs_number(text) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "48213",
        "12.0",
        "a1b2c3d4e5f60718",
        "0F9A-77B1-2C",
        "9" * 30,
        "YWJj02MTIzZGVm==",
        "1,234,567",
        "1.23e+09",
        "{0f9a77b1-2c}",
    ],
)
def test_whole_numbers_and_tokens_look_like_identifiers(text):
    assert looks_like_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.5",
        "female",
        "2021-03-01",
        "01/03/2021",
        "[REDACTED]",
        "<=5",
        "-3",
        "int64",
        "float64",
    ],
)
def test_other_values_do_not(text):
    assert not looks_like_id(text)


@pytest.mark.parametrize("number", ["9434765919", "943 476 5919", "943-476-5919", "4010232137"])
def test_a_valid_check_digit_is_recognised(number):
    assert is_nhs_number(number)


@given(st.integers(0, 10**9 - 1))
def test_at_most_one_last_digit_is_valid(stem):
    valid = [digit for digit in range(10) if is_nhs_number(f"{stem:09d}{digit}")]

    assert len(valid) <= 1


def test_a_tenth_remainder_has_no_check_digit():
    assert not any(is_nhs_number(f"000000006{digit}") for digit in range(10))


def test_ten_digits_in_other_scripts_are_no_nhs_number():
    assert not is_nhs_number("٩٤٣٤٧٦٥٩١٩")


def test_numbers_kept_for_tests_begin_with_999():
    assert is_test_nhs_number("999 000 0018")
    assert not is_test_nhs_number("9434765919")


@pytest.mark.parametrize(
    "text",
    [
        "patient_id,sex\n7,F",  # one row is no table of patients
        "patient_id,flag\n1,a\n0,b\n1,c\n1,d",  # a flag
        "patient_id,x\n5,a\n5,b",  # one value over and over
        "patient_id,x\nint64,a\nobject,b",
        "patient_id,x\n[REDACTED],a\n[REDACTED],b",
        "patient_id,x\n12.5,mean\n3.1,std",
        "patient_id,x\n,a\n,b",
    ],
)
def test_a_column_without_identifiers_under_such_a_name_is_none(text):
    assert id_columns(table_of(text)) == ()


def test_a_column_beyond_short_rows_is_read_where_it_is_there():
    table = Table(("sex", "patient_id"), [("F",), ("M", "17"), ("F", "21"), ()])

    [column] = id_columns(table)

    assert (column.index, column.rows, column.values) == (1, (2, 3), ("17", "21"))


def test_missing_identifiers_and_a_footnote_do_not_hide_the_rest():
    text = "patient_id,sex\n48213,F\nNA,M\nNA,F\n,M\n48999,F\n50121,M\n51000,F\nSource: audit,"

    [column] = id_columns(table_of(text))

    assert column.rows == (1, 5, 6, 7)


def test_identifiers_that_come_back_are_not_near_unique():
    [long_format] = id_columns(table_of("patient_id,test\n8,a\n8,b\n8,c\n9,a\n9,b"))

    assert long_format.distinct == 2
    assert not long_format.near_unique


def test_counts_behind_group_labels_are_told_from_identifiers():
    counted = table_of("sex,region,patient_id\nF,North,511\nF,South,420\nM,North,498\nM,South,437")
    patients = table_of("patient_id,sex\n511,F\n420,F\n498,M")
    numbered = table_of("sex,patient_id\nF,1\nM,2\nX,3")
    repeated = table_of("sex,patient_id\nF,511\nF,420\nM,498")
    followed = table_of("sex,patient_id,smoker\nF,511,yes\nM,498,no")

    assert looks_counted(counted, id_columns(counted)[0])
    tokens = table_of("sex,patient_id\nF,a1b2c3d4e5f6\nM,b1c2d3e4f5a6")
    long_numbers = table_of("sex,patient_id\nF,4010232137\nM,4010232145")
    for table in (patients, numbered, repeated, followed, tokens, long_numbers):
        assert not looks_counted(table, id_columns(table)[0])


def test_a_column_shows_its_values_to_nobody():
    [column] = id_columns(table_of("patient_id,sex\n48213,F\n48999,M"))

    assert "48213" not in repr(column)
