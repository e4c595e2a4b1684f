"""Laws of the readers: whatever the bytes, an answer; whatever the writer, the same table."""

import codecs
import csv
import gzip
import io

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from breachkit.detect.engine import examine, examine_message, examine_name
from breachkit.documents.readers import read, read_message
from breachkit.documents.table import Embedded, Table, Text, Unreadable
from breachkit.model.ids import GitPath
from tests.support.judging import context_of


SUFFIXES = [
    "csv",
    "tsv",
    "txt",
    "csv.gz",
    "R",
    "md",
    "log",
    "html",
    "json",
    "rds",
    "ipynb",
    "",
    "CSV",
]
PATHS = st.lists(
    st.sampled_from(SUFFIXES).map(lambda suffix: f"released_outputs/a.{suffix}".encode())
    | st.binary(max_size=12),
    max_size=3,
)
PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r\n", b"\t", b";", b"|", b"\0", b"3", b"n", b" ", b"%", b"(", b"=", b"\xff\xfe",
     b"n,m\n", b'"a\nb"', b"1,204", b"12 (3%)", b"-", b"<=5", b"\xe9", b"\xef\xbb\xbf", b"{", b"["]
)  # fmt: skip
BYTES = st.binary(max_size=400) | st.lists(PIECES, max_size=60).map(b"".join)

LABELS = (
    st.text("abcXYZ äé\N{EN DASH}-", min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda text: len(text) > 1)
)
TABLES = st.lists(
    st.tuples(LABELS, st.integers(0, 99_999).map(str), LABELS), min_size=2, max_size=8
)


@settings(max_examples=200, deadline=None)
@given(BYTES, PATHS)
@example(b'a"b,"c\nd,e\n', [b"x.csv"])
@example(b'"' * 3, [b"x.csv"])
@example(b"\xff\xfe\n", [b"x.csv"])
@example(b"a," * 70_000, [b"x.csv"])
@example(b'"' + b"a" * 140_000 + b'",1\n', [b"x.csv"])
@example(gzip.compress(b"n\n3\n")[:-4], [b"x.csv.gz"])
def test_reading_never_raises(content, paths):
    for document in read(content, paths):
        match document:
            case Table():
                assert all(isinstance(cell, str) for cell in document.header)
                assert sum(1 for _ in document.rows) == len(document.rows)
            case Text() | Embedded() | Unreadable():
                assert document.part is None or isinstance(document.part, str)


@settings(max_examples=200, deadline=None)
@given(BYTES, PATHS)
def test_what_is_not_empty_is_read_or_said_to_be_unread(content, paths):
    assume(content.strip(b" \r\n\t\0\x0b\x0c\xef\xbb\xbf\xff\xfe\x85\xa0\x1c\x1d\x1e\x1f"))

    assert read(content, paths)


@settings(max_examples=150, deadline=None)
@given(BYTES, st.lists(st.sampled_from(SUFFIXES), max_size=2))
@example(b"n=" + b"1" * 5000 + b",n\nx,3\n", ["csv"])
@example(b"g,n\nx," + b"1,111" * 2000 + b"\n" + b'y,"1' + b",111" * 2000 + b'"\n', ["csv"])
@example(b"n,(" + b" " * 100_000 + b"\nx,3\n", ["csv"])
@example(b"\n" * 70_000 + b"words\n", ["txt"])
def test_examining_never_raises_and_no_rule_fails(content, suffixes):
    context = context_of(*(f"released_outputs/a.{suffix}" for suffix in suffixes))

    found = examine(content, context, sketch_key=b"key", want_sketch=True)

    assert [gap.reason for gap in found.unreadable if "failed" in gap.reason] == []


@settings(max_examples=150, deadline=None)
@given(BYTES)
def test_messages_and_names_never_make_a_rule_fail(content):
    context = context_of()
    gaps = (
        *examine_message(content, context).unreadable,
        *examine_name(GitPath(content), context).unreadable,
    )

    assert [gap.reason for gap in gaps if "failed" in gap.reason] == []
    assert any(isinstance(found, Text | Unreadable) for found in read_message(content))


def written(rows, delimiter, end, quoting):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-16-le", b""),
    ("utf-16-be", b""),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("cp1252", b""),
]


@pytest.mark.parametrize(("encoding", "bom"), ENCODINGS)
@settings(max_examples=25, deadline=None)
@given(
    rows=TABLES,
    delimiter=st.sampled_from(",\t;|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    packed=st.booleans(),
)
def test_a_table_is_the_same_however_it_was_written(
    encoding, bom, rows, delimiter, end, quoting, packed
):
    table = [("group", "count", "note"), *rows]
    content = bom + written(table, delimiter, end, quoting).encode(encoding)
    path = b"a.csv.gz" if packed else b"a.csv"

    [found] = read(gzip.compress(content) if packed else content, [path])

    assert isinstance(found, Table)
    assert found.header == ("group", "count", "note")
    assert [tuple(row) for row in found.rows] == rows


@settings(max_examples=100, deadline=None)
@given(rows=TABLES, small=st.integers(1, 5), at=st.integers(0, 7))
def test_a_small_count_is_found_wherever_it_stands_and_never_told(rows, small, at):
    at %= len(rows)
    lines = ["group,count,note"]
    lines += [
        f"{label},{small if number == at else int(count) + 1000},{note}"
        for number, (label, count, note) in enumerate(rows)
    ]
    found = examine(
        "\n".join(lines).encode(),
        context_of("released_outputs/a.csv"),
        sketch_key=b"key",
        want_sketch=False,
    )

    [hit] = [hit for hit in found.hits if hit.rule == "CNT-01"]
    assert hit.location is not None
    assert hit.location.rows == (at + 1,)
    assert hit.location.columns == ("count",)


@settings(max_examples=100, deadline=None)
@given(
    rows=TABLES,
    broken=st.sampled_from(['"', '"x', 'x,"y', '"x,1,"', 'a "b" "c,2,d', '"",""",']),
    at=st.integers(0, 8),
)
def test_a_stray_quote_hides_no_small_count(rows, broken, at):
    lines = [f"{label},{int(count) + 1000},{note}" for label, count, note in rows]
    lines.insert(at % len(lines), "planted,3,x")
    lines.insert(at % len(lines), broken)

    found = examine(
        "\n".join(["group,n,note", *lines]).encode(),
        context_of("released_outputs/a.csv"),
        sketch_key=b"key",
        want_sketch=False,
    )

    assert [hit.severity.label for hit in found.hits if hit.rule == "CNT-01"] == ["high"]
