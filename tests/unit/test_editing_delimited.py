"""Cells of delimited text change, and every other byte stays as it was."""

import pytest

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.sdc.marks import REDACTED


def changed(content: bytes, *edits: tuple[int, int, str], path: bytes = b"x.csv") -> bytes:
    """Give a file with other words in cells of its first table: row, column, words."""
    wanted = {Spot(0, row, column): words for row, column, words in edits}
    return open_editable(content, path).written(wanted)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a,n\nx,3\ny,44\n", b"a,n\nx,[REDACTED]\ny,44\n"),
        (b"a,n\r\nx,3\r\ny,44", b"a,n\r\nx,[REDACTED]\r\ny,44"),
        (b"a,n\rx,3\ry,44\r", b"a,n\rx,[REDACTED]\ry,44\r"),
        (b"\n\na,n\nx,3\r\ny,44\n\n \n", b"\n\na,n\nx,[REDACTED]\r\ny,44\n\n \n"),
        (b"\xef\xbb\xbfa;n\nx;3\ny;44\n", b"\xef\xbb\xbfa;n\nx;[REDACTED]\ny;44\n"),
        (b'a,n\n"x, y",3 \ny , 44 \n', b'a,n\n"x, y",[REDACTED] \ny , 44 \n'),
        (b'a,n\nx,"3"\ny,"44"\n', b'a,n\nx,"[REDACTED]"\ny,"44"\n'),
        (b'a,n\nx,="3"\ny,="44"\n', b'a,n\nx,="[REDACTED]"\ny,="44"\n'),
        (b'a,n\nx,"=""3"""\ny,44\n', b'a,n\nx,"=""[REDACTED]"""\ny,44\n'),
        (b"a,n,\nx,3,\ny,44\n,,,\n", b"a,n,\nx,[REDACTED],\ny,44\n,,,\n"),
        (b'"a,""n"""\n"x,""3"""\n"y,44"\n', b'"a,""n"""\n"x,""[REDACTED]"""\n"y,44"\n'),
        (b"a|n\nx|\xe93\ny|44\n", b"a|n\nx|[REDACTED]\ny|44\n"),
        (b"a\tn\n\x81\t3\ny\t44\n", b"a\tn\n\x81\t[REDACTED]\ny\t44\n"),
        (b"a  n\nx  3\ny  44\n", b"a  n\nx  [REDACTED]\ny  44\n"),
        (b'a,n\nx"y,3\ny,44\n', b'a,n\nx"y,[REDACTED]\ny,44\n'),
    ],
)
def test_a_cell_changes_and_every_other_byte_stays(before, after):
    assert changed(before, (0, 1, REDACTED)) == after
    assert changed(before) == before


def test_a_cell_stands_where_quoted_cells_above_it_run_over_lines():
    content = b'a,n\r\n"two\r\nlines",3\r\n"so\nit\nis",44\r\n'

    assert changed(content, (1, 1, REDACTED)) == content.replace(b"44", b"[REDACTED]")
    assert changed(content, (0, 0, "one")) == content.replace(b"two\r\nlines", b"one")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "cp1252"])
def test_the_encoding_stays_and_takes_what_it_has_signs_for(encoding):
    text = "naïve,n\r\nx,3\r\ny,44\r\n" + "z,120\r\n" * 20

    written = changed(text.encode(encoding), (0, 1, "é"))

    assert written == text.replace("3", "é", 1).encode(encoding)


def test_a_sign_that_the_encoding_does_not_have_is_refused():
    with pytest.raises(CannotEditError, match="encoding of the file has no such character"):
        changed("naïve,n\nx,3\n".encode("cp1252"), (0, 1, "≥3"))


def test_what_nobody_sees_within_a_number_goes_with_it():
    content = "a,n\nx,3\u200b0\n\u200by,44\n".encode()

    assert changed(content, (0, 1, REDACTED)) == "a,n\nx,[REDACTED]\n\u200by,44\n".encode()


@pytest.mark.parametrize("words", ["a,b", 'say "so"', "two\nlines", ""])
def test_words_that_need_quotes_get_them_and_read_as_they_are(words):
    again = open_editable(changed(b"a,n\nx,3\ny,44\n", (0, 1, words)), b"x.csv")

    assert [list(row) for row in again.tables[0].rows] == [["x", words], ["y", "44"]]


def test_words_that_would_be_read_otherwise_are_refused():
    with pytest.raises(CannotEditError, match="would not read as the same tables"):
        changed(b"a,n\nx,3\ny,44\n", (0, 1, " led"))


def test_a_count_in_the_header_changes_like_any_other_cell():
    content = b"a,Female (n=3)\nx,10\n"

    assert changed(content, (HEADER, 1, "Female (n=[REDACTED])")) == (
        b"a,Female (n=[REDACTED])\nx,10\n"
    )


def test_titles_stay_and_are_named_where_they_state_a_number():
    said = b"Deaths in 2020 (n=9)\n\na,n\nx,3\ny,44\n"
    silent = b"Deaths\n\na,n\nx,3\ny,44\n"

    assert changed(said, (0, 1, REDACTED)) == said.replace(b"x,3", b"x,[REDACTED]")
    assert open_editable(said, b"x.csv").fixed == ("lines above the header",)
    assert open_editable(silent, b"x.csv").fixed == ()


def test_a_table_further_down_is_another_view_of_the_same_cells():
    content = b"a,n\nx,3\ny,44\n\nb,m\nv,5\nw,66\n"
    opened = open_editable(content, b"x.csv")
    number, below = next(
        (number, table) for number, table in enumerate(opened.tables) if table.header == ("b", "m")
    )

    written = opened.written({Spot(number, 0, 1): REDACTED})

    assert list(below.rows[0]) == ["v", "5"]
    assert written == content.replace(b"v,5", b"v,[REDACTED]")
    assert written == opened.written({Spot(0, 4, 1): REDACTED})


def test_two_texts_for_one_place_are_refused():
    opened = open_editable(b"a,n\nx,3\ny,44\n\nb,m\nv,5\nw,66\n", b"x.csv")
    number = next(at for at, table in enumerate(opened.tables) if table.header == ("b", "m"))

    with pytest.raises(CannotEditError, match="two different texts"):
        opened.written({Spot(number, 0, 1): REDACTED, Spot(0, 4, 1): "10"})


def test_a_row_whose_values_were_all_taken_out_is_still_a_row():
    content = b"sex,n\nF,3\nM,5\n"

    written = changed(content, (0, 1, REDACTED), (1, 1, REDACTED))

    (table,) = open_editable(written, b"x.csv").tables
    assert [list(row) for row in table.rows] == [["F", REDACTED], ["M", REDACTED]]


@pytest.mark.parametrize("spot", [(1, 0, 0), (0, 2, 0), (0, -2, 0), (0, 0, 2), (0, 0, -1)])
def test_a_cell_that_is_not_there_is_refused(spot):
    with pytest.raises(CannotEditError):
        open_editable(b"a,n\nx,3\ny,44\n", b"x.csv").written({Spot(*spot): REDACTED})


def test_a_table_of_many_columns_and_rows_takes_linear_time():
    wide = b",".join([b"n"] * 50_000) + b"\n" + b",".join([b"3"] * 50_000) + b"\n"
    high = b"a,n\n" + b"x,3\n" * 50_000

    assert changed(wide, *((0, at, REDACTED) for at in range(0, 50_000, 2))).count(b"[") == 25_000
    assert changed(high, *((at, 1, REDACTED) for at in range(0, 50_000, 2))).count(b"[") == 25_000


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n", b"x.png", "PNG image: .*take it out, or make it anew"),
        (b"%PDF-1.7", b"x.pdf", "PDF: .*take it out, or make it anew"),
        (b"\x1f\x8b\x08", b"x.csv.gz", "gzip: unpack it"),
        (b"\xff\xff\xff\xff" * 9, b"x.csv", "binary content"),
        (b'{"cells": [], "nbformat": 4}', b"x.ipynb", "notebook: .*make it anew"),
        (b"RDX3\n", b"x.rds", "R data: .*make it anew"),
    ],
)
def test_what_no_editor_exists_for_is_refused_with_what_else_can_be_done(content, path, reason):
    with pytest.raises(CannotEditError, match=reason):
        open_editable(content, path)


@pytest.mark.parametrize("content", [b"", b" \n\n", b"\n"])
def test_a_file_without_a_table_opens_and_is_given_back(content):
    opened = open_editable(content, b"x.csv")

    assert opened.tables == ()
    assert opened.written({}) == content


def test_what_was_not_read_is_named(monkeypatch):
    monkeypatch.setattr("breachkit.documents.delimited.MAX_CELLS", 40)
    opened = open_editable(b"a,n\n" + b"x,3\n" * 40, b"x.csv")

    assert opened.fixed == ("what could not be read of it",)
    assert opened.written({Spot(0, 3, 1): REDACTED}).count(b"\nx,[REDACTED]\n") == 1


def test_no_refusal_holds_content():
    for words in ("secret\x00", "a\u200bb", "≥"):
        with pytest.raises(CannotEditError) as stop:
            changed("naïve,marker\nx,31415\n".encode("cp1252"), (0, 1, words))
        assert not {"31415", "marker", "secret"} & set(str(stop.value).split())
