"""Tables that markup within text draws: Markdown with its pipes, HTML, LaTeX."""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import chain

from breachkit.documents.looks import Look
from breachkit.documents.reader import Budget, NotReadError, OverBudgetError, inside
from breachkit.documents.table import Document, Origin, Table, Unreadable


MOST_TABLES = 1_000
_RULE = re.compile(r"^[ \t>*#/]{0,20}[|+]?[ \t]*:?-{2,}:?[ \t]*(?:[|+][ \t]*:?-+:?[ \t]*)*[|+]?[ \t]*\r?$", re.MULTILINE)  # fmt: skip
_BEFORE = re.compile(r"^[ \t>#*/]*(?=\|)|^[ \t>]+")
_CELL_END = re.compile(r"(?<!\\)\|")
_EMPHASIS = re.compile(r"\*\*|__|`|\\(?=[|*_\[\]<>#])")
_CELL_BEGUN = re.compile(r"<t[dh]\b", re.IGNORECASE)
_DIGIT_IN_CELL = re.compile(r"<t[dh]\b[^<>]{0,200}>(?:\s|<[^<>]{0,200}>){0,20}[^<>{}%]{0,40}\d", re.IGNORECASE)  # fmt: skip
_BEGIN = "\\begin{"
_TABLE = re.compile(r"<table\b", re.IGNORECASE)


def tables_in_text(
    text: str, part: str | None, budget: Budget | None = None
) -> tuple[Document, ...]:
    """Give every table that markup draws in a text.

    Args:
        text: Prose, a cell of a notebook, a message.
        part: The part of the file that it is.
        budget: Of the file; that of a file of this size, where none is given.
    """
    budget = budget or Budget.for_file(len(text))
    found: list[Document] = []
    try:
        found += pipe_tables(text, part)
        found += _of_latex(text, part, budget)
        found += _of_html(text, part, budget)
    except ModuleNotFoundError:
        found.append(Unreadable("HTML: not read, because this needs breachkit[formats]", part))
    except (OverBudgetError, NotReadError) as stop:
        found.append(Unreadable(f"tables within text: {stop}", part))
    return tuple(found)


def _of_html(text: str, part: str | None, budget: Budget) -> Iterator[Document]:
    if not _CELLS.is_ruled_out(text) and "<" in text and _DIGIT_IN_CELL.search(text):
        from breachkit.documents.formats.html import tables_in

        markup = text if _TABLE.search(text) else f"<table>{text}"
        yield from tables_in(markup.encode("utf-8", "replace"), part, budget)


def _of_latex(text: str, part: str | None, budget: Budget) -> Iterator[Document]:
    if not _BEGINS.is_ruled_out(text) and _BEGIN in text:
        from breachkit.documents.formats.latex import tables_in

        yield from tables_in(text, part, budget)


def pipe_tables(text: str, part: str | None, dividers: str = "|+") -> Iterator[Document]:
    """Give the tables of Markdown: a line of names over a line of dashes, and cells between pipes.

    Args:
        text: Prose, or what a console printed.
        part: The part of the file that it is.
        dividers: What may part the dashes of the columns; consoles write `+` there, not Markdown.
    """
    if _DIVIDED.is_ruled_out(text) or "--" not in text or "|" not in text:
        return
    if "+==" in text:  # pandoc's grids rule off their header by these
        text = _GRID.sub(_dashed, text)
    lines = text.split("\n")
    end = number = position = at = 0
    for start in _rules(text, dividers):
        at += text.count("\n", position, start)
        position = start
        if at <= end or "|" not in lines[at - 1]:
            continue
        header = cells_of(lines[at - 1])
        body, end = _body(lines, at + 1)
        if number == MOST_TABLES:
            yield Unreadable(f"only the first {MOST_TABLES} tables of Markdown were read", part)
            return
        if body:
            number += 1
            yield Table(tuple(header), body, inside(part, f"table {number}"), origin=Origin.MARKUP)


_GRID = re.compile(r"^[ \t>*#/]{0,20}\+[=:+]{3,4000}\+[ \t]*\r?$", re.MULTILINE)


def _dashed(rule: re.Match[str]) -> str:
    return rule[0].replace("=", "-")


def _rules(text: str, dividers: str) -> Iterator[int]:
    """Give where the lines of dashes start: found by their dashes, which few lines have."""
    dashes = text.find("--")
    while dashes >= 0:
        start = text.rfind("\n", 0, dashes) + 1
        end = text.find("\n", dashes)
        line = text[start:] if end < 0 else text[start:end]
        if any(map(line.__contains__, dividers)) and _RULE.fullmatch(line):
            yield start
        dashes = text.find("--", end) if end >= 0 else -1


_DIVIDED = Look(partial(_rules, dividers="|+"))
_CELLS = Look(lambda text: (found.start() for found in _CELL_BEGUN.finditer(text)))
_BEGINS = Look(lambda text: (found.start() for found in re.finditer(re.escape(_BEGIN), text)))


def _body(lines: Sequence[str], at: int) -> tuple[list[list[str]], int]:
    """Give the rows from a line on, as far as pipes go, and where they end."""
    rows: list[list[str]] = []
    while at < len(lines) and ("|" in lines[at] or (rows and _RULE.fullmatch(lines[at]))):
        if not _RULE.fullmatch(lines[at]):
            rows.append(cells_of(lines[at]))
        at += 1
    return rows, at


def cells_of(line: str) -> list[str]:
    """Cut a line at its pipes, without those at its ends and without the marks of emphasis."""
    line = _BEFORE.sub("", line).strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return list(map(_plain, _CELL_END.split(line)))


def _plain(cell: str) -> str:
    """Give the words of a cell without the marks of emphasis."""
    return _EMPHASIS.sub("", cell).replace("&nbsp;", " ").strip()


def not_in(drawn: Sequence[Document], others: Sequence[Document]) -> Iterator[Document]:
    """Give what is not the same table as one of those that markup draws.

    The same is one under the same header that holds no other value.
    """
    alike: dict[tuple[str, ...], list[Table]] = {}
    for found in drawn:
        if isinstance(found, Table):
            alike.setdefault(found.header, []).append(found)
    told: dict[tuple[str, ...], AbstractSet[str]] = {}  # many tables of a print-out have one header
    for found in others:
        if isinstance(found, Table) and (header := found.header) in alike:
            if header not in told:
                told[header] = _values(alike[header])
            if _values((found,)) <= told[header]:
                continue
        yield found


def _values(tables: Iterable[Table]) -> AbstractSet[str]:
    """Give the cells of tables that hold a digit."""
    cells: set[str] = set()
    for table in tables:
        cells.update(chain.from_iterable(table.rows))
    return {_plain(cell) for cell in cells if any(map(str.isdigit, cell))}
