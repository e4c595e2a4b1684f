"""Delimited text in the states in which people commit it."""

import pytest

from breachkit.documents import delimited
from breachkit.documents.delimited import read_delimited
from breachkit.documents.pasted import MOST_TABLES
from breachkit.documents.readers import read, read_message
from breachkit.documents.table import Table, Text, TextKind, Unreadable


def table(content: bytes) -> Table:
    [found] = read_delimited(content)
    assert isinstance(found, Table)
    return found


def cells(content: bytes) -> list[list[str]]:
    return [list(row) for row in table(content).rows]


def test_cells_lose_the_white_space_around_them():
    assert cells(b'a, b ,c\n x,"  3 ",\t4\n') == [["x", "3", "4"]]


def test_a_delimiter_inside_quotes_does_not_mislead():
    assert cells(b'label;n\n"a, b, c, d";3\n"e, f, g, h";4\n') == [
        ["a, b, c, d", "3"],
        ["e, f, g, h", "4"],
    ]


def test_titles_above_the_header_are_left_out_and_rows_are_counted_below_it():
    found = table(b"Table 1: events\n\nSource: somewhere\nageband,n,rate\nx,1,2\ny,3,4\n")

    assert found.header == ("ageband", "n", "rate")
    assert len(found.rows) == 2


def test_a_record_over_several_lines_is_one_row():
    assert cells(b'a,n\n"two\nlines",3\nx,4\n') == [["two\nlines", "3"], ["x", "4"]]


def test_a_quote_that_nobody_closes_swallows_nothing():
    assert cells(b'a,n\n"open,3\nx,4\ny,5\n') == [["open", "3"], ["x", "4"], ["y", "5"]]


def test_a_quote_that_opens_in_the_middle_of_a_line_swallows_nothing():
    assert cells(b'a,n\nb"c,"3\nx,4\n') == [['b"c', "3"], ["x", "4"]]


def test_rows_may_be_shorter_or_longer_than_the_header():
    assert cells(b"a,b,c\n1\n1,2,3,4,5\n") == [["1"], ["1", "2", "3", "4", "5"]]


def test_a_cell_longer_than_the_csv_module_allows_is_read():
    [row] = cells(b"a,n\n" + b"x" * 200_000 + b",3\n")

    assert row[1] == "3"


def test_only_line_feeds_and_carriage_returns_end_a_line():
    assert cells("a,n\nx\x85y\u2028z,3\n".encode()) == [["x\x85y\u2028z", "3"]]


def test_a_file_of_white_space_holds_nothing():
    assert read_delimited(b" \r\n\n") == ()


@pytest.mark.parametrize("content", [b'{"n": 3}', b'[{"n": 3}]', b'\n[["n", 3]]'])
def test_json_under_the_name_of_a_table_is_unread(content):
    [found] = read_delimited(content)

    assert isinstance(found, Unreadable)
    assert "JSON" in found.reason


def test_control_bytes_under_the_name_of_a_table_are_unread():
    [found] = read_delimited(bytes(range(1, 9)) * 50)

    assert isinstance(found, Unreadable)


def test_what_is_too_big_is_read_in_part_and_said_to_be(monkeypatch):
    monkeypatch.setattr(delimited, "MAX_BYTES", 40)

    found, gap = read_delimited(b"a,n\n" + b"x,3\n" * 20)

    assert isinstance(found, Table)
    assert len(found.rows) == 9
    assert gap == Unreadable("only the first 40 bytes were read")


def test_too_many_cells_are_read_in_part_and_said_to_be(monkeypatch):
    monkeypatch.setattr(delimited, "MAX_CELLS", 20)

    found, gap = read_delimited(b"a,n\n" + b"x,3\n" * 20)

    assert isinstance(found, Table)
    assert len(found.rows) == 9
    assert isinstance(gap, Unreadable)


def test_rows_show_nothing_of_themselves():
    found = table(b"name,n\ncanary,3\n")

    assert "canary" not in repr(found)
    assert "canary" not in repr(found.rows)
    assert found.rows[0][0] == "canary"
    assert "canary" not in repr(found.rows)


def test_prose_in_a_text_file_is_no_table():
    [found] = read(
        b"We met, and spoke.\nNobody, as it seems, counted, or did they?\nNo.\n", [b"notes.txt"]
    )

    assert isinstance(found, Text)


def test_prose_among_outputs_is_a_print_out_and_its_tables_are_read():
    content = b"Results of the study\n\nageband,n\nx,3\ny,4\n\nWe thank everyone.\nEnd\nof\nfile\n"

    words, found = read(content, [b"output/summary.txt"])

    assert isinstance(found, Table)
    assert found.header == ("ageband", "n")
    assert words == Text(content.decode(), kind=TextKind.PRINTED)


def test_a_table_in_the_markdown_of_a_release_is_read():
    words, found = read(
        b"# Results\n\n| age | n |\n|-----|--:|\n| x | 3 |\n", [b"released_outputs/r.md"]
    )

    assert isinstance(words, Text)
    assert isinstance(found, Table)
    assert found.header == ("age", "n")
    assert [list(row) for row in found.rows] == [["x", "3"]]


def test_a_message_gives_its_words_and_the_table_pasted_into_it():
    words, found = read_message(
        b"Fix counts\r\n\r\nageband\tn\r\n16-39\t3\r\n40-64\t4\r\n\r\nDone."
    )

    assert words == Text(
        "Fix counts\r\n\r\nageband\tn\r\n16-39\t3\r\n40-64\t4\r\n\r\nDone.",
        "message",
        TextKind.MESSAGE,
    )
    assert isinstance(found, Table)
    assert found.part == "message"
    assert [list(row) for row in found.rows] == [["16-39", "3"], ["40-64", "4"]]


def test_a_message_of_plain_words_gives_no_table():
    assert len(read_message(b"Fix a, b\n\nNow c, d\nand e, f are done\n")) == 1


def test_a_message_with_a_slip_of_the_keyboard_is_one_and_what_is_binary_is_none():
    [words] = read_message(b"\bedits\n")
    [gap] = read_message(b"\xe9\xfa\xc3\xd1" * 9)

    assert words == Text("edits\n", "message", TextKind.MESSAGE)
    assert isinstance(gap, Unreadable)


def test_a_message_of_many_lines_is_read_in_linear_time():
    assert read_message(b"one, two\n\nthree\n" * 30_000)[0].part == "message"


@pytest.mark.parametrize(
    "line",
    [b'"x ",3', b'" x",3', b"x ,3", b"x, 3", b" x,3", b"x,3 ", b'x, "3"', b"\tx,3", b"x\xc2\xa0,3"],
)
def test_space_around_a_cell_is_no_part_of_it(line):
    assert cells(b"a,n\n" + line + b"\ny,4\n") == [["x", "3"], ["y", "4"]]


def test_more_tables_in_a_program_than_are_read_are_said_to_be_unread():
    text = "* area,n\n* x,3\n* y,4\nfoo\n" * (MOST_TABLES + 1)
    *found, last = (each for each in read(text.encode(), (b"a.do",)) if not isinstance(each, Text))

    assert len(found) == MOST_TABLES
    assert all(isinstance(each, Table) for each in found)
    assert last == Unreadable(f"only the first {MOST_TABLES} tables in a program were read")
