"""Compiled programs are read for what was typed into their source, and never run."""

import marshal
import py_compile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from breachkit.detect.engine import examine
from breachkit.documents.formats import compiled_python
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Table, Text, TextKind, Unreadable
from tests.support.compiled import pyc, record, translations
from tests.support.judging import context_of


TABLE = "ageband,n\n16-39,1204\n40-64,3\n65+,871\n"
SOURCE = (
    """
"What this module is for."
COUNTS = """
    + repr(TABLE)
    + """
KNOWN = frozenset({"north", "south"})
def rate(n, *, of=(1204, -3, 0.25, 1 << 80, None, True, 2j)):
    "Give a rate, as a café would."
    class Inner:
        words = ["a text of its own", b"bytes as text"]
    return [of, Inner, 70000, KNOWN in {"east", "west"}]
"""
)
VERSIONS = {
    "2.7": 62_211, "3.2": 3_180, "3.3": 3_230, "3.6": 3_379, "3.7": 3_394, "3.8": 3_413,
    "3.9": 3_425, "3.10": 3_439, "3.11": 3_495, "3.12": 3_531, "3.13": 3_571, "3.14": 3_627,
}  # fmt: skip


@pytest.fixture
def compiled(tmp_path: Path) -> bytes:
    source = tmp_path / "study.py"
    source.write_text(SOURCE)
    py_compile.compile(str(source), str(tmp_path / "study.pyc"), doraise=True)
    return (tmp_path / "study.pyc").read_bytes()


def words(documents, *kinds):
    return "\n".join(
        found.text
        for found in documents
        if isinstance(found, Text) and (not kinds or found.kind in kinds)
    )


def reasons(documents):
    return [found.reason for found in documents if isinstance(found, Unreadable)]


def texts_in(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from texts_in(constant)
        elif isinstance(constant, str):
            yield constant
    yield from code.co_names


def test_every_text_number_and_name_of_a_program_is_read(compiled):
    documents = read(compiled, [b"__pycache__/study.cpython-311.pyc"])

    assert reasons(documents) == []
    told = words(documents, TextKind.PROSE)
    missing = [text for text in texts_in(marshal.loads(compiled[16:])) if text not in told]
    assert missing == []
    for written in ("1204, -3, 0.25, 1208925819614629174706176, True", "70000", "bytes as text"):
        assert written in told


def test_a_table_that_was_typed_into_a_program_raises_what_it_does_in_its_source(compiled):
    from_source = examine(
        SOURCE.encode(), context_of("analysis/a.py"), sketch_key=b"k", want_sketch=False
    )
    found = examine(compiled, context_of("analysis/a.pyc"), sketch_key=b"k", want_sketch=False)

    assert any(isinstance(each, Table) for each in read(compiled, [b"a.pyc"]))
    assert "CNT-01" in {hit.rule for hit in found.hits}
    assert {hit.rule for hit in from_source.hits} <= {hit.rule for hit in found.hits}
    assert not found.unreadable


@pytest.mark.parametrize("magic", VERSIONS.values(), ids=VERSIONS)
def test_programs_of_every_version_are_read(magic):
    documents = read(pyc(magic, "a text", (3, 1204), None, 0.5), [b"a.pyo"])

    assert reasons(documents) == []
    assert words(documents).splitlines()[:3] == ["a text", "(3, 1204)", "0.5"]
    assert "read_csv" in words(documents)
    assert read(pyc(magic, "a text"), [b"a.bin"]) == read(pyc(magic, "a text"), [b"a.pyc"])


def test_bytes_that_may_be_a_file_are_read_as_one_and_others_as_they_were_typed():
    binary = b"\0\1" * 200

    documents = read(pyc(3_495, binary, b"\0\1\2", b"plain"), [b"a.pyc"])

    assert [found.part for found in documents if isinstance(found, Unreadable)] == ["bytes 1"]
    assert len([found for found in documents if isinstance(found, Embedded)]) == 1
    assert words(documents).splitlines()[:2] == ["b'\\x00\\x01\\x02'", "plain"]


@pytest.mark.parametrize(
    "content",
    [
        pyc(3_495, "Peter Smith")[:-30],
        b"\x70\0" + pyc(3_495, "Peter Smith")[2:],
        pyc(3_495, "Peter Smith").replace(b"u\x0b", b"?\x0b"),
        pyc(3_495, "Peter Smith", "x").replace(b"(\2\0\0\0", b"(\xff\xff\xff\x7f", 1),
    ],
    ids=["cut off", "of another Python", "of an unknown record", "claims too many"],
)
def test_of_a_program_of_an_unknown_version_the_words_are_read_and_that_is_said(content):
    documents = read(content, [b"a.pyc"])

    assert "Peter Smith" in words(documents, TextKind.HIDDEN)
    assert reasons(documents) == [
        "compiled Python: damaged, or of an unknown version: only words were read"
    ]


def test_bytes_behind_a_program_are_said_to_be_unread():
    assert reasons(read(pyc(3_495, "x") + b"patient", [b"a.pyc"])) == [
        "compiled Python: bytes behind its end were not read"
    ]
    assert reasons(read(pyc(3_495, "x") + b"\0\n", [b"a.pyc"])) == []


def test_what_refers_to_itself_a_million_times_costs_no_more_than_it_is_long():
    shared = b"\xa9\x02" + record("x" * 30) * 2
    for number in range(30):
        shared += b"\xa9\x02r" + number.to_bytes(4, "little") + b"r" + number.to_bytes(4, "little")
    content = pyc(3_495, "x", "y").replace(b"(\2\0\0\0", b"(\x21\0\0\0", 1)
    start = content.index(b"(\x21") + 5
    documents = read(content[:start] + shared + content[start:], [b"a.pyc"])

    assert reasons(documents) == []
    assert len(words(documents)) < 5_000


def test_a_program_deeper_than_any_is_read_for_its_words():
    documents = read(pyc(3_495, "a text").replace(b"u\6", b"\x29\1" * 5_000 + b"u\6"), [b"a.pyc"])

    assert "a text" in words(documents, TextKind.HIDDEN)
    assert reasons(documents)


def test_more_records_than_any_program_has_are_too_many(monkeypatch):
    monkeypatch.setattr(compiled_python, "MOST_RECORDS", 5)

    assert reasons(read(pyc(3_495, *range(9)), [b"a.pyc"]))


@pytest.mark.parametrize("order", ["<", ">"])
def test_translations_are_read_whole(order):
    documents = read(translations({"n": "3", "seen by": "vu par"}, order=order), [b"fr.mo"])

    assert words(documents).split("\n") == ["n", "seen by", "3", "vu par"]
    assert reasons(documents) == []


@pytest.mark.parametrize("cut", [10, 40, 60])
def test_translations_cut_off_are_unread(cut):
    assert reasons(read(translations({"n": "3", "seen by": "vu par"})[:cut], [b"fr.mo"]))


def test_of_a_library_of_mata_the_words_are_read_and_it_is_said_that_numbers_were_not():
    content = b"\x81\x92\xa7\xb9\2\0\7\0" + b"counts_by_region\0\0\1\2"

    for paths in ([b"lib/lany.mlib"], []):
        documents = read(content, paths)
        assert words(documents, TextKind.HIDDEN) == "counts_by_region"
        assert reasons(documents) == [
            "library of Mata: only its words were read, and no numbers among them"
        ]
