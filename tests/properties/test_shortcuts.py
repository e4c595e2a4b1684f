"""Laws of what is told quickly: what turns a table away, or reads a column in one go, changes no answer."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.detect.choosing import Choice
from breachkit.detect.engine import examine
from breachkit.detect.registry import TABLE_RULES
from breachkit.detect.rule import Need
from breachkit.documents import delimited, further, shape
from breachkit.documents.columns import RowsOfColumns
from breachkit.documents.rows import ColumnRows
from breachkit.documents.table import Origin, Table
from breachkit.sdc import counts, dummy, identifiers, marks, stated
from breachkit.sdc.additivity import _adds_up, _Sum
from breachkit.sdc.count_cells import (
    column,
    count_of,
    has_numbers_only,
    whole_counts,
    wordy_columns,
)
from breachkit.sdc.geography import _own_place
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.sketching import _classed, _Classes, class_in_full, plain_class, sketch
from breachkit.sdc.suppressed import may_hold_marks, suppression_of
from tests.support.judging import context_of


NAMES = [
    "", "n", "n_events", "total", "events", "count", "rate", "percent", "n (%)", "Freq.", "Percent", "Cum.", "age", "sex",
    "White", "Mixed", "Total", "patient_id", "nhs_number", "date_of_birth", "postcode", "email", "practice", "msoa", "region",
    "snomed_code", "redacted", "n_mid6", "deaths_rounded", "numerator", "denominator", "value", "ratio", "measure",
    "interval_start", "interval_end", "Female, N=3", "variable", "statistic", "min", "date", "E02000001", "obs",
]  # fmt: skip
CELLS = [
    "", "0", "1", "3", "5", "7", "10", "12", "15", "100", "1204", "1,204", "12.0", "12.5", "0.25", "33.3", "-1.5", "1e-05", "nan",
    "NA", "-", ".", "[REDACTED]", "<=5", "*", "#", "x", "xx", "redacted", "5 or fewer", "7 OR LESS", "less than 5", "3 (20.0%)",
    "[REDACTED] (3.4)", "n", "N (%)", "Total", "All", "events", "smallest", "largest", "min", "Female (n=3)", "A", "north",
    "9434765919", "943 476 5919", "4010232137", "2021-03-04", "1950-07-09", "12/05/1961", "AB1 2CD", "someone@example.org",
    "E02000001", "E12000001", "K81001", "Hill Road Surgery", "00123", "0000000007", "123456789012", "1_000.5", "12%", "true",
    "\N{ARABIC-INDIC DIGIT THREE}", "\N{SUPERSCRIPT TWO}", "12\N{DAGGER}", "+4", "=3", "'5'", "4L", "1.20e+03", "inf", "0.5%",
]  # fmt: skip
names = st.sampled_from(NAMES)
cells = st.sampled_from(CELLS) | st.text(max_size=6).map(str.strip)
numbers = st.integers(0, 400).map(str) | st.decimals(0, 99, places=3).map(str) | st.just("NA")
columns = st.lists(cells, max_size=14) | st.lists(numbers, max_size=14)
texts = st.lists(
    st.sampled_from(['"', ",", "\n", " ", "a", "1", "b c", '""', "\t", "\N{NO-BREAK SPACE}", ";"]),
    max_size=40,
).map("".join)
CONTEXTS = [
    context_of("released_outputs/t.csv", policy="strict"),
    context_of("released_outputs/t.csv"),
    context_of("analysis/run.log"),
]


@st.composite
def tables(draw):
    """Draw small tables of words, numbers and marks; most are as wide as their headers."""
    header = tuple(draw(st.lists(names, min_size=1, max_size=6)))
    width = len(header)
    kinds = [draw(st.sampled_from([cells, numbers])) for _ in header]
    rows = draw(st.lists(st.tuples(*kinds), max_size=12))
    if draw(st.booleans()):
        rows = [row[: draw(st.integers(0, width))] for row in rows]
    return Table(header, rows, origin=draw(st.sampled_from([Origin.FILE, Origin.PRINTED])))


@settings(max_examples=400)
@given(tables(), st.sampled_from(CONTEXTS))
@example(Table(("a", "n"), [("x", "3"), ("y", "90")]), CONTEXTS[0])
@example(Table(("a", "b"), [("x", "[REDACTED]"), ("y", "90"), ("Total", "95")]), CONTEXTS[0])
def test_a_rule_that_is_not_asked_would_find_nothing(table, context):
    asked = Choice(TABLE_RULES).for_table(table)
    left_out = [rule for rule in TABLE_RULES if rule not in asked]

    assert not [hit for rule in left_out for hit in rule.check_table(table, context)]


def test_a_plain_table_is_asked_about_by_fewer_rules_and_one_with_counts_by_more():
    choice = Choice(TABLE_RULES)
    plain = choice.for_table(Table(("term", "coef"), [("age", "0.25")]))
    counted = choice.for_table(Table(("term", "n"), [("age", "25"), ("sex", "[REDACTED]")]))

    assert set(plain) < set(counted)
    assert {getattr(rule, "needs", None) for rule in plain} == {None, Need.NOT_PRINTED}


def test_where_it_cannot_be_told_what_a_table_has_every_rule_is_asked():
    class Broken(list[tuple[str, ...]]):
        def __getitem__(self, index):
            raise ValueError

    assert Choice(TABLE_RULES).for_table(Table(("n",), Broken([("1",)]))) == TABLE_RULES


@settings(max_examples=200)
@given(tables(), tables(), st.sampled_from(CONTEXTS))
def test_what_is_found_does_not_depend_on_how_rows_are_kept(table, other, context):
    turned = [list(column(table, index)) for index in range(len(table.header))]
    plain = Table(table.header, list(zip(*turned, strict=True)), origin=table.origin)
    by_columns = Table(table.header, ColumnRows(turned, len(plain.rows)), origin=table.origin)
    repeated = RowsOfColumns([tuple(each) for each in turned])
    again = [Table(table.header, repeated, origin=table.origin) for _ in range(2)]

    expected = judged(plain, context)
    assert judged(by_columns, context) == expected
    assert judged(again[0], context) == expected
    judged(other, context)
    assert judged(again[1], context) == expected


def judged(table, context):
    hits = [hit for rule in TABLE_RULES for hit in rule.check_table(table, context)]
    found = sketch(table, b"key")
    return hits, found


@given(columns)
@example(["9" * 10, "8"])
@example(["", "7"])
def test_counts_are_read_in_one_go_as_one_by_one(column_of):
    def one_by_one(words_allowed):
        known = [count_of(cell) for cell in column_of]
        words = [
            cell
            for cell, count in zip(column_of, known, strict=True)
            if count is None and cell and mark_of(cell) is None
        ]
        if any(
            not words_allowed or re.match(r"[-+(\N{MINUS SIGN}]?\s*[\d.]", cell) for cell in words
        ):
            return None
        counted = len(known) - known.count(None)
        most = max(1.0, words_allowed * (counted + len(words))) if words_allowed else 0.0
        return known if counted > len(words) and len(words) <= most else None

    assert whole_counts(column_of) == one_by_one(0.0)
    assert whole_counts(column_of, words_allowed=0.2) == one_by_one(0.2)
    below = whole_counts(["n", *column_of], headings=1)
    assert (below and below[1:]) == one_by_one(0.0)


@given(
    st.text("0123456789", min_size=1, max_size=9), st.text("0123456789", min_size=1, max_size=20)
)
def test_a_decimal_is_a_count_only_if_nothing_but_zeros_follows(whole, digits):
    assert count_of(f"{whole}.{digits}") == (None if digits.strip("0") else int(whole))


@given(cells)
def test_a_mark_is_the_same_however_it_begins(cell):
    lower = cell.lower()
    expected = (
        Mark.EMPTY
        if not cell
        else None
        if len(cell) > 40
        else Mark.AMBIGUOUS
        if lower in marks._AMBIGUOUS
        else Mark.SUPPRESSION
        if marks._SUPPRESSION.fullmatch(cell)
        else None
    )

    assert mark_of(cell) is expected


WORDS = [
    "redacted", "Suppressed", "supp", "masked", "HIDDEN", "withheld", "removed", "disclosive", "censored", "xx", "less than 5",
    "Fewer than 10", "missing", "None", "null", "nil", "n/a", "n.a.", "inf",
]  # fmt: skip


@settings(max_examples=400)
@given(
    st.from_regex(marks._SUPPRESSION, fullmatch=True)
    | st.sampled_from([*WORDS, *sorted(marks._AMBIGUOUS)])
)
def test_every_mark_in_words_begins_as_marks_do(mark):
    assert not (mark[:1].isalpha() and mark.isascii()) or mark[:2].lower() in marks.WORDS_BEGIN


@given(cells | st.from_regex(r"-?[0-9]{0,11}\.?[0-9]{0,3}%?", fullmatch=True))
@example("0000000007")
@example("xxx")
@example("Infinity")
def test_the_class_of_a_plain_cell_is_that_of_any(cell):
    assert plain_class(cell) in {0, class_in_full(cell)}


@given(columns)
def test_a_column_is_classed_in_one_go_as_cell_by_cell(column_of):
    assert _classed(column_of, _Classes()) == bytes(map(class_in_full, column_of))


@given(columns)
def test_a_column_of_numbers_holds_no_words_and_no_marks(column_of):
    if has_numbers_only(column_of):
        assert all(re.fullmatch(r"[\d.e-]*", cell) for cell in column_of)
        assert not any(suppression_of(cell) or _own_place(cell) for cell in column_of)
        assert not any(map(counts._is_label, column_of))


@given(columns)
def test_where_no_mark_may_be_there_is_none(column_of):
    assert may_hold_marks(column_of) or not any(map(suppression_of, column_of))


LABELS = [
    "n",
    "N (%)",
    "no.",
    "count",
    "Counts",
    "freq",
    "Frequency",
    "total number of women",
    "number of",
    "n_events",
]


@settings(max_examples=400)
@given(st.from_regex(counts._ROW_OF_COUNTS, fullmatch=True) | st.sampled_from(LABELS))
def test_every_label_of_counts_begins_as_labels_do(label):
    assert label[:1] not in counts._NO_LABEL_BEGINS


@given(tables())
def test_columns_that_are_not_wordy_hold_only_numbers(table):
    wordy = wordy_columns(table)
    others = [index for index in range(len(table.header)) if index not in wordy]

    assert all(re.fullmatch(r"[\d.e-]*", cell) for index in others for cell in column(table, index))


@given(
    st.text("0123456789", min_size=1, max_size=11),
    st.text("0123456789", min_size=1, max_size=22),
    st.sampled_from(["", "%"]),
    st.integers(0, 20),
)
@example("0", "0123", "", 0)
@example("00", "000", "", 2)
def test_a_plain_share_is_read_as_any_other(whole, digits, sign, decimals):
    quick = stated._plain_share(f"{whole}.{digits}{sign}", decimals)

    assert quick is None or quick == stated._any_share(f"{whole}.{digits}{sign}", decimals)


@given(columns | st.lists(st.sampled_from(["1.2e-05", "1e-05", "12.345", "0.1%", ".5", "7"])))
@example(["0.12345", "1.2e-05"])
def test_the_decimals_of_a_column_are_the_most_of_its_cells(column_of):
    expected = max((stated.decimals_of([cell]) for cell in column_of), default=0)

    assert stated.decimals_of(column_of) == expected


@given(st.lists(st.text("0123456789", max_size=31), max_size=6))
def test_identifiers_that_are_all_numbers_are_read_as_others_are(column_of):
    quick = identifiers._whole_numbers(column_of)

    assert quick is None or quick == identifiers._alike(column_of)


@given(st.lists(st.text("0123456789", min_size=1, max_size=31) | st.just("7.0"), max_size=5))
def test_numbers_of_rows_are_read_in_one_go_as_one_by_one(ids):
    expected = [int(text.partition(".")[0]) for text in ids if dummy._is_number(text)]

    assert dummy._numbers(ids) == expected


@given(st.lists(st.none() | st.integers(0, 9), min_size=3, max_size=9), st.data())
def test_a_total_is_found_from_sums_as_from_its_parts(counted, data):
    whole = data.draw(st.integers(0, len(counted) - 1))
    totals = data.draw(st.sets(st.integers(0, len(counted) - 1)))
    parts = [count for row, count in enumerate(counted) if row not in {whole, *totals}]
    plain = [count for row, count in enumerate(counted) if row not in totals]
    known = [count for count in parts if count is not None]
    expected = (
        len(known) == len(parts) and sum(map(bool, known)) >= 2 and sum(known) == counted[whole]
    )

    assert _adds_up(counted[whole], _Sum.of(plain), is_apart=whole in totals) == expected


@given(texts, st.sampled_from([",", ";", "\t"]))
@example("a,b\n1,2", ",")
def test_even_lines_are_cut_into_columns_as_into_rows(text, delimiter):
    lines = text.split("\n")
    columns_ = delimited._even_columns(text, lines, delimiter)

    if columns_:
        assert list(map(list, zip(*columns_, strict=True))) == delimited._parse(
            text, lines, delimiter
        )


@given(texts)
def test_a_quote_is_open_where_some_line_has_an_odd_number(text):
    odd = any(line.count('"') % 2 for line in text.split("\n"))

    assert delimited._opens_quote(text) == odd


@given(texts)
def test_space_is_loose_where_a_quote_or_the_end_of_a_cell_is_beside_it(text):
    signs = (" ,", " \n", "\n ", '" ', ' "')
    ends = text[:1].isspace() or text[-1:].isspace()
    loose = not text.isascii() or "\t" in text or ends or any(sign in text for sign in signs)

    assert delimited._may_have_loose_space(text, ",") == loose


@given(texts)
def test_what_is_quoted_is_left_out_of_a_line(text):
    line = text.replace("\n", "")

    assert shape.without_quoted(line) == re.sub(r'"(?:[^"]|"")*"', "", line)


@given(st.lists(st.sampled_from(["", "a", "1", "b2"]), max_size=8))
def test_lines_without_digits_are_counted(lines):
    without = sum(not any(map(str.isdecimal, line)) for line in lines)

    assert further._may_hold_another(lines) == (without > 1 and bool(lines))


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=12), st.data())
def test_rows_of_columns_are_rows(rows, data):
    kept = ColumnRows(list(zip(*rows, strict=True)) if rows else [[], []], len(rows))
    start, step = data.draw(st.integers(-3, 9)), data.draw(st.integers(1, 4))

    assert list(map(list, kept)) == rows
    assert len(kept) == len(rows)
    assert list(map(list, kept[start::step])) == rows[start::step]
    assert [list(kept[at]) for at in range(len(rows))] == rows


def test_a_file_in_which_half_the_cells_are_quoted_is_found_out_as_one_without_quotes():
    plain = "sex,n\nF,3\nM,80\nX,90\n"
    quoted = plain.replace("F", '"F"').replace("sex", '"sex"')
    hits = [
        examine(text.encode(), CONTEXTS[0], sketch_key=b"key", want_sketch=False).hits
        for text in (plain, quoted)
    ]

    assert hits[0] == hits[1] != ()
