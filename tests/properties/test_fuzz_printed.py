"""Laws of print-outs: what a console printed is read back cell by cell; whatever the text, an answer."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.printed import MAX_TABLES, printed_tables
from breachkit.documents.table import Table, Text, TextKind, Unreadable
from tests.support.fuzzing import MOST_SECONDS, holds, mutations
from tests.support.print_outs import (
    CROSS_PRINTERS,
    ONE_WAY,
    PRINTERS,
    TWO_WAY,
    Crossed,
    stata_cross,
)


def tables_of(text: str) -> list[Table]:
    found = printed_tables(f"Some words above it\n\n{text}\n\nand below\n", None)
    return [document for document in found if isinstance(document, Table)]


@pytest.mark.parametrize("printer", PRINTERS, ids=lambda printer: printer.__name__)
@settings(max_examples=40, deadline=None)
@given(ONE_WAY)
@example({"a": 0, "b": 3})
@example({"E": 0, "N": 0})  # as pytest marks lines
@example({"N": 1, "Ea": 2, "Sg": 3})
def test_frequencies_are_read_back_cell_by_cell(printer, counted):
    (table,) = tables_of(printer(counted))

    at = next(at for at, name in enumerate(table.header) if name in {"n", "Freq.", "count"})
    read = {row[at - 1]: int(row[at].replace(",", "")) for row in table.rows}
    read.pop("Total", None)
    assert read == counted


@pytest.mark.parametrize("printer", CROSS_PRINTERS, ids=lambda printer: printer.__name__)
@settings(max_examples=40, deadline=None)
@given(TWO_WAY)
@example({"E": {"E": 0, "Sd": 0}, "N": {"E": 0, "Sd": 0}})
def test_frequencies_of_two_variables_are_read_back_cell_by_cell(printer, crossed):
    (table,) = tables_of(printer(crossed))

    read: Crossed = {}
    for label, category, count, *_ in table.rows:
        if category != "Total":
            read.setdefault(label, {})[category] = int(count.replace(",", ""))
    assert read == crossed


VALID = "\n\n".join(
    [*(printer({"North": 1204, "South": 3}) for printer in PRINTERS), stata_cross({"a": {"x": 3, "y": 4}})]
).encode()  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(mutations(VALID))
def test_what_is_left_of_print_outs_is_read_without_an_error(content):
    holds(content, b"output/run.log")


SIGNS = st.sampled_from(
    ["-", "+", "|", " ", "\n", "[1] ", "dtype: int64", "{", "}", "[{'a': ", "<int>", "$ a: int ", "Freq.", "3",
     "1,204", "Percentiles  Smallest\n", " 1%  3  4\n", ". count\n", "n=", "No. of failures = ", "{c |}", "{smcl}",
     "{hline 9}", "\t", "\r", "  a  b\n", "\u2502", "\u2500", "...", "Min.   :3", "tabulation:  Freq. Value\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(SIGNS, max_size=60).map("".join))
@example("[{'a': Percentiles  Smallest\nMin.   :3")
def test_any_mixture_of_their_signs_is_read_without_an_error(text):
    for document in printed_tables(text, "cell 1"):
        assert (document.part or "").startswith("cell 1")


LONG = 1_000_000
OF_ONE_LINE = [
    "-" * LONG, "-+" * (LONG // 2), "+-" * (LONG // 2), "|" * LONG, "| " * (LONG // 2), " " * LONG + "x",
    "<int> " * (LONG // 6), "<int" * (LONG // 4), "[{'a': " * (LONG // 7), "{" * LONG, "[1] " + '"a" ' * (LONG // 4),
    "n=" * (LONG // 2), "n = 1," + "1," * (LONG // 2), "No. of " * (LONG // 7), "Number of a " + "a " * (LONG // 2),
    "$ a: Factor w/ 3 levels " + '"' * LONG, "$ " + "a" * LONG, "1" * LONG, "{c |" * (LONG // 4), "dtype: " * (LONG // 7),
    "Name: " + "a, " * (LONG // 3) + "dtype: int64", ". count if " + "a " * (LONG // 2), " 1%" + " " * LONG,
    "- " * (LONG // 2), "--  " * (LONG // 4), "a : " * (LONG // 4), "Min.   :" * (LONG // 8), "\u2502\u2500" * (LONG // 2),
]  # fmt: skip
MANY = 200_000
OF_SHORT_LINES = [
    "a b\n" * (MANY // 4), "1 2\n" * (MANY // 4), "[1] 1\n" * (MANY // 6), "--+--\n" * (MANY // 6), "+--+\n" * (MANY // 5),
    "$ a\n" * (MANY // 4), "n=3\n" * (MANY // 4), "a |\n--+--\nb | 3\n" * (MANY // 15), "---\n" * (MANY // 4),
    "|a|\n|-|\n" * (MANY // 8), "a  n\nb  3\n\n" * (MANY // 12), "dtype: int64\n" * (MANY // 13), "a: b\n" * (MANY // 5),
    "  a  1\n" * (MANY // 8), "<int>\n" * (MANY // 6), "Length:\n" * (MANY // 8),
]  # fmt: skip


@pytest.mark.parametrize("head", ["", "{smcl}\n"])
@pytest.mark.parametrize("text", OF_ONE_LINE, ids=range(len(OF_ONE_LINE)))
def test_a_hostile_line_of_a_megabyte_is_read_in_time(text, head):
    in_time(f"{head}{text}\n{text[:1000]}\n{text}x\n")


@pytest.mark.parametrize("text", OF_SHORT_LINES, ids=range(len(OF_SHORT_LINES)))
def test_very_many_short_lines_are_read_in_time(text):
    in_time(text)


def in_time(text: str) -> None:
    begun = time.perf_counter()
    assert printed_tables(text, None)
    assert time.perf_counter() - begun < MOST_SECONDS


def test_text_without_a_table_is_left_as_it_is():
    text = "We met, and spoke.\nNobody counted.\n"

    assert printed_tables(text, "cell 1") == (Text(text, "cell 1", TextKind.PRINTED),)


def test_white_space_prints_nothing():
    assert printed_tables(" \n\t\n", None) == ()


def test_more_tables_than_are_read_are_said_to_be_unread():
    *tables, text, gap = printed_tables("  a  n\nx 1  3\n\n" * (MAX_TABLES + 50), "cell 1")

    assert len(tables) == MAX_TABLES
    assert isinstance(text, Text)
    assert gap == Unreadable(
        f"only the first {MAX_TABLES} tables of a print-out were read", "cell 1"
    )
