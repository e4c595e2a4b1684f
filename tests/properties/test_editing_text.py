"""Laws of changing text: what was to change changes, nothing else does, and nothing is lost on the way."""

import csv
import io
import json

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from breachkit.documents.editing.editable import CannotEditError, Editable, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.sdc.marks import REDACTED
from tests.support.fuzzing import CANARY, mutations
from tests.support.print_outs import CROSS_PRINTERS, ONE_WAY, PRINTERS, TWO_WAY


PATHS = st.sampled_from(
    [b"x.csv", b"x.txt", b"x.md", b"x.log", b"x.json", b"x.tsv", b"output/x", b"x.R"]
)
PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r\n", b"\t", b";", b"|", b"\0", b"3", b"n", b" ", b"%", b"(", b"=", b"\xff\xfe", b"n,m\n",
     b'"a\nb"', b"1,204", b"12 (3%)", b"-", b"<=5", b"\xe9", b"\xef\xbb\xbf", b"{", b"[", b'{"n": 3}', b'"n":[3,4],',
     b"| a | n |\n|---|---|\n| x | 3 |\n", b"  a  n\nx 1  3\n", b"No. of failures = 3\n", "\u200b".encode(), b"\x1b[1m"]
)  # fmt: skip
BYTES = st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join)
SAMPLES = [
    b'name,n\r\n"x, y",3\r\nz,="44"\r\n',
    b'"a,""n"""\n"x,""3"""\n"y,44"\n',
    b'[{"g": "x", "n (n=3)": 3, "l": [1, 2.50]},\n {"g": "y", "n (n=3)": 4}]',
    b"# T\n\n| a | n |\n|---|--:|\n| x | 3 |\n| y | 44 (3%) |\n\nwords n = 3\n",
    "\n\n".join(printer({"North": 1204, "South": 3}) for printer in PRINTERS).encode(),
]


def opened(content: bytes, path: bytes) -> Editable | None:
    """Open a file, and hold it to what is promised of any; None where it is refused."""
    try:
        file = open_editable(content, path)
    except CannotEditError as stop:
        assert CANARY not in str(stop)  # noqa: PT017 - most files open
        return None
    assert file.written({}) == content
    return file


def spots_of(file: Editable, *, with_digit: bool = False) -> dict[Spot, str]:
    """Give the cells of a file's tables."""
    return {
        Spot(number, row, column): cell
        for number, table in enumerate(file.tables)
        for row, cells in enumerate(table.rows)
        for column, cell in enumerate(cells)
        if not with_digit or any(map(str.isdecimal, cell))
    }


@settings(max_examples=150)
@given(BYTES, PATHS, st.data())
@example(b'"' * 3, b"x.csv", None)
def test_whatever_the_bytes_they_are_given_back_or_refused(content, path, data):
    file = opened(content, path)
    if file is None or data is None or not (spots := spots_of(file)):
        return
    spot = data.draw(st.sampled_from(sorted(spots)))
    assert file.written({spot: spots[spot]}) == content
    try:
        written = file.written({spot: REDACTED})
    except CannotEditError:
        return
    again = open_editable(written, path)
    assert REDACTED in spots_of(again).values()


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
@settings(max_examples=25)
@given(st.data(), PATHS)
def test_what_is_left_of_files_changes_or_is_refused(sample, data, path):
    content = data.draw(mutations(sample.replace(b"name", CANARY.encode())))
    file = opened(content, path)
    if file is None or not (spots := spots_of(file)):
        return
    spot = data.draw(st.sampled_from(sorted(spots)))
    try:
        file.written({spot: REDACTED})
    except CannotEditError as stop:
        assert CANARY not in str(stop)  # noqa: PT017 - many cells change


WORDS = st.text("abcé ,;\"'=\n()|", max_size=8).map(lambda text: " ".join(text.split(" ")).strip())
COUNTS = st.one_of(
    st.integers(0, 5000).map(str),
    st.builds("{} ({}%)".format, st.integers(0, 99), st.integers(0, 99)),
)
NEW = st.sampled_from([REDACTED, "10", "<8", 'a "b", c', ""])


@st.composite
def delimited(draw):
    """A file in some dialect and encoding, the rows in it, and new words for some of its cells."""
    width, height = draw(st.integers(2, 4)), draw(st.integers(2, 5))
    header = [f"name {chr(97 + at)}" for at in range(width)]
    rows = [[draw(WORDS), *(draw(COUNTS) for _ in range(width - 1))] for _ in range(height)]
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=draw(st.sampled_from(",;\t|")),
        lineterminator=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        quoting=draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])),
    )
    writer.writerows([header, *rows])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    places = st.tuples(st.integers(0, height - 1), st.integers(1, width - 1))
    edits = draw(st.dictionaries(places, NEW, max_size=4))
    return out.getvalue().encode(encoding), rows, edits


@settings(max_examples=120)
@given(delimited())
def test_delimited_text_reads_as_before_but_for_what_was_to_change(drawn):
    content, rows, edits = drawn
    file = opened(content, b"x.csv")
    assume(file)
    assert file
    assume([list(row) for row in file.tables[0].rows] == rows)
    wanted = {Spot(0, *place): words for place, words in edits.items()}

    try:
        written = file.written(wanted)
    except CannotEditError:  # an empty column, or quotes, may make another dialect likelier
        assume(set(edits.values()) <= {REDACTED, "10"} and not any('"' in row[0] for row in rows))
        raise

    again = open_editable(written, b"x.csv")
    assert [list(row) for row in again.tables[0].rows] == [
        [edits.get((at, column), cell) for column, cell in enumerate(row)]
        for at, row in enumerate(rows)
    ]
    if set(edits.values()) <= {REDACTED, "10"}:
        before = {Spot(0, *place): rows[place[0]][place[1]] for place in edits}
        assert again.written(before) == content


LEAVES = st.one_of(
    st.integers(-5000, 5000), st.sampled_from([0.5, 1e-7, None, True, "F", "3 (4%)", "é", "a\n3"])
)
RECORDS = st.recursive(
    st.lists(st.dictionaries(st.sampled_from("abcn"), LEAVES, min_size=1), min_size=1, max_size=4)
    | st.lists(LEAVES, min_size=1, max_size=4),
    lambda inner: st.dictionaries(st.sampled_from(["a", "data", "x", "n (n=3)"]), inner | LEAVES, min_size=1),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150)
@given(RECORDS, st.sampled_from([None, 1, "\t"]), st.booleans(), st.data())
def test_records_read_as_before_but_for_what_was_to_change(value, indent, ensure_ascii, data):
    content = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii).encode()
    file = opened(content, b"x.json")
    spots = spots_of(file, with_digit=True) if file else {}
    assume(spots)
    assert file
    spot = data.draw(st.sampled_from(sorted(spots)))

    try:
        written = file.written({spot: REDACTED})
    except CannotEditError:
        return

    again = open_editable(written, b"x.json")
    assert spots_of(again)[spot] == REDACTED
    taken = spots[spot]
    assert content.decode() in {
        written.decode().replace(f'"{REDACTED}"', words)
        for words in (taken, json.dumps(taken), json.dumps(taken, ensure_ascii=False))
    }


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@settings(max_examples=12)
@given(ONE_WAY, st.data())
def test_print_outs_read_as_before_but_for_what_was_to_change(printer, counted, data):
    _changes(f"Some words above it\n\n{printer(counted)}\n\nand below\n", data)


@pytest.mark.parametrize("printer", CROSS_PRINTERS, ids=lambda printer: printer.__name__)
@settings(max_examples=12)
@given(TWO_WAY, st.data())
def test_cross_tables_read_as_before_but_for_what_was_to_change(printer, crossed, data):
    _changes(f"Some words above it\n\n{printer(crossed)}\n\nand below\n", data)


def _changes(text: str, data: st.DataObject) -> None:
    """Take some counts out of a print-out, in one of the tables that are read of it."""
    content = text.encode()
    file = opened(content, b"output/x.log")
    assert file is not None
    assert file.tables
    counts = [spot for spot in spots_of(file, with_digit=True) if spot.column and not spot.table]
    chosen = data.draw(st.lists(st.sampled_from(sorted(counts)), min_size=1, unique=True))

    written = file.written(dict.fromkeys(chosen, REDACTED))

    again = spots_of(open_editable(written, b"output/x.log"))
    assert {again[spot] for spot in chosen} == {REDACTED}
    assert [
        line for line in written.decode().split("\n") if "words" in line or "below" in line
    ] == [
        "Some words above it",
        "and below",
    ]
