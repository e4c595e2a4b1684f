"""Memos beside tables of dBASE and FoxPro are read as texts, with what was deleted and what lies between them."""

import pytest

from breachkit.detect.engine import examine
from breachkit.documents.formats import memos
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Table, Text, TextKind, Trait, Unreadable
from tests.support.judging import context_of
from tests.support.shape_files import memos_of_foxpro, memos_of_iii, memos_of_iv


NOTE = b"seen on 3 March with her brother"
LONG = b"a line of a letter\n" * 80
TABLE = b"ageband,n\n16-39,1204\n40-64,3\n65+,871\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1"
WRITERS = {
    "dBASE III": (memos_of_iii, b"a.dbt"),
    "dBASE IV": (memos_of_iv, b"a.dbt"),
    "dBASE IV, other blocks": (lambda *them: memos_of_iv(*them, block=1024), b"a.dbt"),
    "FoxPro": (memos_of_foxpro, b"a.fpt"),
    "FoxPro, blocks of a byte": (lambda *them: memos_of_foxpro(*them, block=1), b"a.FPT"),
}
of_each_kind = pytest.mark.parametrize(("write", "path"), WRITERS.values(), ids=WRITERS)


def texts(documents, *kinds):
    return "\n".join(
        found.text
        for found in documents
        if isinstance(found, Text) and (not kinds or found.kind in kinds)
    )


@of_each_kind
def test_every_memo_is_read_as_text(write, path):
    documents = read(write(NOTE, b"", LONG, b"caf\xe9"), [path])

    assert all(isinstance(found, Text) for found in documents)
    assert {found.part for found in documents} == {"memos"}
    words = texts(documents)
    assert NOTE.decode() in words
    assert words.count("a line of a letter") == 80
    assert "café" in words


@of_each_kind
def test_a_table_that_was_pasted_into_a_memo_raises_what_it_raises_elsewhere(write, path):
    content = write(NOTE, TABLE)

    found = examine(
        content, context_of(f"output/{path.decode()}"), sketch_key=b"k", want_sketch=False
    )

    assert any(isinstance(each, Table) for each in read(content, [path]))
    assert "CNT-01" in {hit.rule for hit in found.hits}


@pytest.mark.parametrize(
    "content",
    [
        memos_of_iii(NOTE, behind=b"PETER SMITH"),
        memos_of_iv(NOTE, free=b"PETER SMITH"),
        memos_of_foxpro(NOTE) + bytes(60) + b"PETER SMITH",
    ],
    ids=["dBASE III", "dBASE IV", "FoxPro"],
)
def test_what_was_deleted_and_is_still_there_is_hidden_text(content):
    documents = read(content, [b"a.dbt"])

    assert "PETER SMITH" in texts(documents, TextKind.HIDDEN)
    assert NOTE.decode() not in texts(documents, TextKind.HIDDEN)
    assert [found.count for found in documents if isinstance(found, Embedded)] == [1]


def test_a_memo_that_is_no_text_is_a_file_of_its_own():
    documents = read(memos_of_foxpro(NOTE, PNG, bytes(range(256)), kinds=[1, 0, 2]), [b"a.fpt"])

    embedded = [found for found in documents if isinstance(found, Embedded)]
    assert [found.trait for found in embedded][:2] == [Trait.EMBEDDED_FILE] * 2
    assert [(found.reason, found.part) for found in documents if isinstance(found, Unreadable)] == [
        ("PNG image: cut off before its end", "object 1"),
        ("something within it: binary content of an unknown kind", "object 2"),
    ]
    assert NOTE.decode() in texts(documents)


def test_of_too_many_memos_that_are_no_text_the_first_are_read(monkeypatch):
    monkeypatch.setattr(memos, "MOST_OTHERS", 1)

    documents = read(memos_of_foxpro(PNG, PNG), [b"a.fpt"])

    assert Unreadable("only the first 1 memos that are no text were read") in documents


def test_behind_the_last_step_from_block_to_block_words_are_read_all_the_same(monkeypatch):
    monkeypatch.setattr(memos, "MOST_BLOCKS", 1)

    documents = read(memos_of_foxpro(b"one", NOTE), [b"a.fpt"])

    assert "one" in texts(documents, TextKind.PROSE, TextKind.PRINTED)
    assert NOTE.decode() in texts(documents, TextKind.HIDDEN)


def test_the_number_that_a_memo_file_begins_with_does_not_make_it_something_else():
    font = b"\0\1\0\0\0".ljust(512, b"\0") + NOTE + b"\x1a\x1a"

    assert NOTE.decode() in texts(read(font, [b"a.dbt"]))


def test_a_file_without_memos_holds_nothing_and_one_cut_off_is_unread():
    assert read(memos_of_iv(), [b"a.dbt"]) == ()
    assert read(b"\0\0\0\7 memos", [b"a.dbt"]) == (
        Unreadable("memos of a dBASE table: damaged, or cut off before its end"),
    )


def test_text_under_the_name_of_memos_is_read():
    [found] = read(NOTE, [b"a.fpt"])

    assert isinstance(found, Text)
