"""Rows of patients, their numbers and what leads to them: found without a label, told without a value."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.rules.pat_01 import PatientIdentifiers
from breachkit.detect.rules.pat_02 import RowsOfPatients
from breachkit.detect.rules.pat_03 import NhsNumbers
from breachkit.detect.rules.pat_04 import PersonalData
from breachkit.documents.table import Table, Text, TextKind
from breachkit.model.findings import Confidence, Severity
from breachkit.sdc.dummy import score_dummy
from breachkit.sdc.identifiers import is_nhs_number
from tests.support.judging import context_of, hits_of, lines, place


RELEASED = context_of("released_outputs/t.csv")
OUTPUT = context_of("output/t.csv")
DUMMY = context_of("dummy_data/t.csv")
CHOSEN = random.Random(20_210_501)


def a_day(first=2019):
    return (
        f"{CHOSEN.randint(first, first + 2)}-{CHOSEN.randint(1, 12):02}-{CHOSEN.randint(1, 28):02}"
    )


def numbers(prefix, how_many):
    found = (f"{prefix}{rest:0{10 - len(prefix)}}" for rest in range(10 ** (10 - len(prefix))))
    return [number for number, _ in zip(filter(is_nhs_number, found), range(how_many), strict=False)]  # fmt: skip


RECORDS = [
    (a_day(), a_day(), CHOSEN.randint(18, 95), CHOSEN.choice("FM"), CHOSEN.randint(0, 1))
    for _ in range(230)
]
HEADER = ("index_date", "death_date", "age", "sex", "asthma")
PATIENTS = lines(HEADER, *RECORDS)


def test_records_without_an_identifier_are_critical_among_released_files():
    [hit] = hits_of(RowsOfPatients(), PATIENTS, RELEASED)

    assert (hit.severity, hit.confidence) == (Severity.CRITICAL, Confidence.MEDIUM)
    assert place(hit).columns == ("index_date", "death_date")


def test_a_table_whose_doubtful_identifiers_are_too_few_is_found_by_its_rows():
    few = lines(
        ("pid", *HEADER), *(("", *row) if n > 4 else (n, *row) for n, row in enumerate(RECORDS))
    )

    assert not hits_of(PatientIdentifiers(), few, RELEASED)
    assert hits_of(RowsOfPatients(), few, RELEASED)


def test_a_copy_among_lists_of_codes_does_not_clear_the_copy_among_outputs():
    text = lines(("pid", *HEADER), *((number, *row) for number, row in enumerate(RECORDS)))
    both = context_of("codelists/t.csv", "released_outputs/t.csv")

    assert hits_of(PatientIdentifiers(), text, both)
    assert not hits_of(PatientIdentifiers(), text, context_of("codelists/t.csv"))


def test_elsewhere_they_are_at_least_medium_and_invented_ones_are_low_with_their_evidence():
    [output] = hits_of(RowsOfPatients(), PATIENTS, OUTPUT)
    [elsewhere] = hits_of(RowsOfPatients(), PATIENTS, context_of("analysis/t.csv"))
    [invented] = hits_of(RowsOfPatients(), PATIENTS, DUMMY)

    assert output.severity is Severity.HIGH
    assert elsewhere.severity is Severity.MEDIUM
    assert invented.severity is Severity.LOW
    assert "its path calls it dummy data" in invented.message


def test_records_with_an_identifier_are_left_to_the_rule_on_identifiers():
    text = lines(
        ("patient_id", *HEADER), *((48_213 + 977 * i, *row) for i, row in enumerate(RECORDS))
    )

    assert not hits_of(RowsOfPatients(), text, RELEASED)
    assert hits_of(PatientIdentifiers(), text, RELEASED)


def test_two_hundred_rows_of_flags_are_enough_and_fewer_are_not():
    rows = [(20 + at % 70, at % 2, at % 3 // 2, at % 5 // 4) for at in range(200)]
    header = ("age", "asthma", "copd", "died")

    assert hits_of(RowsOfPatients(), lines(header, *rows), RELEASED)
    assert not hits_of(RowsOfPatients(), lines(header, *rows[:199]), RELEASED)


def test_records_without_a_header_are_found_and_their_columns_called_by_number():
    bare = [(first, second, "CB4") for first, second, *_ in RECORDS]
    [hit] = hits_of(RowsOfPatients(), lines(*bare), RELEASED)

    assert (hit.severity, hit.confidence) == (Severity.HIGH, Confidence.LOW)
    assert place(hit).columns == ("column 1", "column 2")
    assert not hits_of(RowsOfPatients(), lines(("start", "end", "where"), *bare), RELEASED)


def test_forty_rows_of_dates_are_enough_where_names_say_whose_they_are():
    nameless = ("start", "end", "x", "y", "z")

    assert hits_of(RowsOfPatients(), lines(HEADER, *RECORDS[:40]), RELEASED)
    assert not hits_of(RowsOfPatients(), lines(HEADER, *RECORDS[:39]), RELEASED)
    assert not hits_of(RowsOfPatients(), lines(nameless, *RECORDS[:199]), RELEASED)
    assert hits_of(RowsOfPatients(), lines(nameless, *RECORDS[:200]), RELEASED)


@pytest.mark.parametrize("number", ["{}", "{}."])
def test_numbers_of_rows_are_no_labels_of_results(number):
    rows = [(number.format(at), *row) for at, row in enumerate(RECORDS, start=1)]

    assert hits_of(RowsOfPatients(), lines(("", *HEADER), *rows), RELEASED)


def test_records_of_hundreds_of_columns_are_records_too():
    header = (*HEADER, *(f"asthma_{number}" for number in range(400)))
    wide = lines(header, *((*row, *[row[-1]] * 400) for row in RECORDS))

    assert hits_of(RowsOfPatients(), wide, RELEASED)


def test_what_tells_of_records_is_seen_behind_hundreds_of_columns():
    behind = [(f"x{number}", "0.1") for number in range(400)]
    header = (*(name for name, _ in behind), *HEADER)
    wide = lines(header, *((*(value for _, value in behind), *row) for row in RECORDS))
    apart = lines(
        (*HEADER[2:], *header[:-3]), *((*row[2:], *[5] * 400, *row[:2]) for row in RECORDS)
    )

    assert hits_of(RowsOfPatients(), wide, RELEASED)
    assert hits_of(RowsOfPatients(), apart, RELEASED)


def test_words_of_their_own_far_to_the_right_make_records_no_results():
    header = (*HEADER, *(f"asthma_{number}" for number in range(400)), "notes")
    rows = [(*row, *[row[-1]] * 400, f"seen at {at}") for at, row in enumerate(RECORDS)]

    assert hits_of(RowsOfPatients(), lines(header, *rows), RELEASED)


def test_dates_that_few_people_have_are_dates_in_long_tables_too():
    days = [(a_day(), a_day()) for _ in range(60)]
    rows = [
        (*(days[at // 50] if at % 50 == 7 else ("", "")), 20 + at % 60, "MF"[at % 2], at)
        for at in range(3_000)
    ]
    text = lines(("admitted_date", "death_date", "age", "sex", "score"), *rows)

    assert hits_of(RowsOfPatients(), text, RELEASED)


def test_dates_in_order_are_a_series_and_no_records():
    firsts, seconds = (sorted(row[at] for row in RECORDS) for at in (0, 1))
    text = lines(
        ("start_date", "end_date", "value"), *zip(firsts, seconds, range(230), strict=True)
    )

    assert not hits_of(RowsOfPatients(), text, RELEASED)


def test_a_count_that_is_large_says_that_rows_are_groups():
    text = lines((*HEADER, "n"), *((*row, 100 + number) for number, row in enumerate(RECORDS)))

    assert not hits_of(RowsOfPatients(), text, RELEASED)


def test_a_measure_of_zeros_and_ones_is_one_patient_a_row():
    rows = [(number % 2, 1, float(number % 2), "2021-01-01") for number in range(60)]

    [hit] = hits_of(RowsOfPatients(), lines(("admitted", "population", "value", "date"), *rows), RELEASED)  # fmt: skip

    assert place(hit).columns == ("admitted", "population")


def test_no_identifiers_are_no_evidence_for_any_kind_of_identifier():
    table = Table(("a", "b"), [("1", "2")] * 40)

    assert {piece.name for piece in score_dummy(table, (), (), None).evidence} == {"odd-size"}


def nhs(cells, name="reference", context=OUTPUT):
    return hits_of(NhsNumbers(), lines((name, "x"), *((cell, 1) for cell in cells)), context)


def test_a_column_of_valid_numbers_is_critical_under_any_name():
    [hit] = nhs(numbers("401", 12))

    assert (hit.severity, place(hit).cells, place(hit).columns) == (
        Severity.CRITICAL,
        12,
        ("reference",),
    )


@pytest.mark.parametrize(("prefix", "kind"), [("0104", "CHI"), ("34", "Health and Care"), ("6", "NHS")])  # fmt: skip
def test_it_says_whose_numbers_they_are(prefix, kind):
    [hit] = nhs(numbers(prefix, 8))

    assert hit.message.startswith(f"{kind} numbers")


def test_a_label_makes_one_number_enough_and_only_if_it_is_valid():
    [number] = numbers("401", 1)
    wrong = f"{number[:-1]}{(int(number[-1]) + 1) % 10}"

    assert nhs([number], "nhs_number")
    assert not nhs([number])
    assert not nhs([wrong], "nhs_number")


def test_numbers_kept_for_tests_are_low_and_those_of_codes_in_a_codelist_none():
    chosen = random.Random(3)
    codes = [str(chosen.randint(10**9, 10**10 - 1)) for _ in range(200)]

    assert [hit.severity for hit in nhs(numbers("999", 8))] == [Severity.LOW]
    assert not nhs(codes, "code", context_of("codelists/local.csv"))
    assert not nhs(codes, "code")


def test_valid_numbers_outweigh_a_path_that_calls_them_invented():
    [hit] = nhs(numbers("401", 12), context=DUMMY)

    assert hit.severity is Severity.CRITICAL
    assert "carry the check digit of NHS numbers" in hit.message


def text_hits(rule, words, kind=TextKind.PROSE, context=None):
    return list(rule.check_text(Text(words, kind=kind), context or context_of("analysis/a.R")))


def test_numbers_in_text_need_a_label_or_company():
    first, *others = numbers("401", 6)

    assert text_hits(NhsNumbers(), f"NHS number: {first}")
    assert text_hits(NhsNumbers(), "\n".join([first, *others]))
    assert not text_hits(NhsNumbers(), f"ticket {first}")
    assert not text_hits(NhsNumbers(), f"see {first} and {others[0]}")


def test_hidden_and_printed_text_is_read_too_and_messages_are_left_to_their_rule():
    words = f"NHS number: {numbers('401', 1)[0]}"

    assert text_hits(NhsNumbers(), words, TextKind.HIDDEN)
    assert text_hits(NhsNumbers(), words, TextKind.FIGURE)
    assert not text_hits(NhsNumbers(), words, TextKind.MESSAGE)


def test_numbers_of_tests_in_text_are_low_and_one_is_nothing():
    tests = numbers("999", 3)

    assert not text_hits(NhsNumbers(), f"NHS number {tests[0]}")
    [hit] = text_hits(NhsNumbers(), "\n".join(f"NHS number {test}" for test in tests))
    assert hit.severity is Severity.LOW


BIRTHS = [f"{1930 + number}-0{number % 9 + 1}-{number % 27 + 2:02}" for number in range(12)]
POSTCODES = [f"LS{number % 9 + 1} {number % 9 + 1}AB" for number in range(9)]


def test_births_and_postcodes_are_critical_together():
    text = lines(("dob", "postcode"), *zip(BIRTHS, POSTCODES, strict=False))

    [hit] = hits_of(PersonalData(), text, OUTPUT)

    assert hit.severity is Severity.CRITICAL
    assert place(hit).columns == ("dob", "postcode")
    assert "dates of birth and postcodes" in hit.message


def test_postcodes_that_few_rows_have_are_seen_in_any_of_them():
    rows = [(at, POSTCODES[at // 31 % 9] if at % 31 == 5 else "", "x") for at in range(600)]

    [hit] = hits_of(PersonalData(), lines(("row", "where", "y"), *rows), OUTPUT)

    assert place(hit).cells == len([where for _, where, _ in rows if where])


def test_months_of_birth_are_no_dates_of_birth():
    months = [f"{birth[:8]}01" for birth in BIRTHS]

    assert not hits_of(
        PersonalData(), lines(("dob", "x"), *((month, 1) for month in months)), OUTPUT
    )
    assert hits_of(PersonalData(), lines(("dob", "x"), *((birth, 1) for birth in BIRTHS)), OUTPUT)


def test_a_lookup_from_postcodes_is_low_and_a_list_of_practices_none():
    lookup = lines(("postcode", "lsoa11cd"), *((code, "E01000001") for code in POSTCODES))
    practices = lines(("practice_code", "postcode"), *(("A81001", code) for code in POSTCODES))

    assert [hit.severity for hit in hits_of(PersonalData(), lookup, OUTPUT)] == [Severity.LOW]
    assert not hits_of(PersonalData(), practices, OUTPUT)


def test_who_wrote_a_paper_is_no_patient():
    people = lines(("first_name", "surname", "email"), ("Ada", "Ferrow", "a@example.org"), ("Ben", "Quill", "b@example.org"))  # fmt: skip
    with_place = people.replace("email", "email,affiliation")

    assert not hits_of(PersonalData(), with_place, OUTPUT)
    assert not hits_of(PersonalData(), people, context_of("manuscript/authors.csv"))
    assert hits_of(PersonalData(), people, OUTPUT)


def test_a_name_that_is_content_itself_is_never_shown():
    table = Table(("LS1 1AB", "x"), [(code, "1") for code in POSTCODES])

    [hit] = PersonalData().check_table(table, OUTPUT)

    assert place(hit).columns == ("column 1",)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("DOB: 13/04/1951, postcode: LS2 9JT", True),
        ('{"patient_name": "Ada Ferrow", "dob": "1951-04-13"}', True),
        ("date of birth = 13 April 1951; surname: Ferrow", True),
        ("DOB: 13/04/1951", False),
        ("dob = as.Date('1951-04-13')", False),
        ("Oxford OX2 6GG, ada@example.org", False),
        ("postcode: LS2 9JT\npostcode: LS3 9JT", False),
        ("date of birth " * 1000, False),
    ],
)
def test_a_program_must_state_two_things_about_a_person(words, found):
    assert bool(text_hits(PersonalData(), words)) == found


def test_a_print_out_must_state_one_of_two_people():
    printed = "Postcode: LS2 9JT\n\nPostcode: LS3 9JT\n"

    assert text_hits(PersonalData(), printed, TextKind.PRINTED)
    assert not text_hits(PersonalData(), printed.replace("LS3", "LS2"), TextKind.PRINTED)


cells = st.one_of(
    st.sampled_from(["", "1", "0", "2021-05-03", "LS2 9JT", "4010232137", "a@example.org", "Ada", "NA"]),
    st.text(max_size=8),
)  # fmt: skip
header = st.lists(
    st.sampled_from(["dob", "postcode", "nhs_number", "surname", "value", "date", "x", "", "age"]),
    max_size=5,
)


@given(header, st.lists(st.lists(cells, max_size=6), max_size=6), st.sampled_from([1, 60]))
@settings(max_examples=200)
def test_no_table_makes_a_rule_fail(names, rows, times):
    table = Table(tuple(names), rows * times)

    for rule in (RowsOfPatients(), NhsNumbers(), PersonalData()):
        for hit in rule.check_table(table, OUTPUT):
            assert hit.rule == rule.about.id


@given(st.text(max_size=200), st.sampled_from(list(TextKind)))
@settings(max_examples=200)
def test_no_text_makes_a_rule_fail(words, kind):
    for rule in (NhsNumbers(), PersonalData()):
        assert len(text_hits(rule, words + " dob: 13/04/1951 nhs 4010232137 " + words, kind)) <= 1


def test_nothing_of_a_person_is_said():
    text = lines(("dob", "postcode", "nhs_number"), *zip(BIRTHS, POSTCODES, numbers("401", 9), strict=False))  # fmt: skip
    said = repr([hit for rule in (NhsNumbers(), PersonalData()) for hit in hits_of(rule, text, OUTPUT)])  # fmt: skip

    assert not any(value in said for value in (*BIRTHS, *POSTCODES, *numbers("401", 9)))


def test_a_text_of_nothing_but_labels_is_judged_in_proportion_to_its_length():
    words = "surname: Ab; " * 50_000

    assert not text_hits(PersonalData(), words, TextKind.PRINTED)


def test_what_a_path_calls_contacts_are_authors_only_where_no_outputs_are_kept():
    text = lines(("surname", "postcode"), ("Ferrow", "SW23 8EQ"), ("Quill", "OX2 6GG"))

    assert not hits_of(PersonalData(), text, context_of("docs/contacts.csv"))
    assert hits_of(PersonalData(), text, context_of("output/contacts.csv"))
    assert hits_of(PersonalData(), text, context_of("docs/contacts.csv", "data/seen.csv"))


TRAITS = ("sex", "age", "region", "imd", "index_date", "vaccine")


def described(people=60, measure=lambda: CHOSEN.randint(18, 95)):
    return [
        (CHOSEN.choice("FM"), measure(), CHOSEN.choice("EW"), CHOSEN.randint(1, 5), a_day(), "AZ")
        for _ in range(people)
    ]


def test_one_date_beside_what_describes_a_person_tells_of_rows_of_patients():
    [hit] = hits_of(RowsOfPatients(), lines(TRAITS, *described()), RELEASED)

    assert place(hit).columns == ("age", "index_date")


@pytest.mark.parametrize(
    "table",
    [
        lines((*TRAITS, "n"), *((*row, CHOSEN.randint(20, 90)) for row in described())),
        lines((*TRAITS, "rate"), *((*row, CHOSEN.random()) for row in described())),
        lines(TRAITS, *described(measure=lambda: CHOSEN.choice((20, 40, 60)))),
        lines(TRAITS, *sorted(described(), key=lambda row: row[4])),
        lines(TRAITS, *described(people=30)),
    ],
    ids=["counts", "results", "bands", "a series", "few rows"],
)
def test_groups_that_ages_regions_and_one_date_describe_are_no_rows_of_patients(table):
    assert not hits_of(RowsOfPatients(), table, RELEASED)
