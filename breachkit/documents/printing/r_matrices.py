"""What R prints of tables made of words: matrices in quotes, tables of characteristics, cross-tables.

Source: `print` of a character matrix, tableone's `CreateTableOne`, and gmodels' `CrossTable`.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from breachkit.documents.printing.page import MAX_LINE, Found, Page, PageSign, is_echo
from breachkit.documents.reader import MAX_CELLS


QUOTED_SIGN = PageSign('" "', '"  "', '" NA', ',] "')
ONE_SIGN = PageSign("Stratified by ", "(mean (SD))", "(median [IQR])")
CROSS_SIGN = PageSign("Cell Contents")

_QUOTED_ROW = re.compile(
    r'(?P<label>[^"]{0,200}?)(?P<cells>(?:(?:\A|[ \t])"[^"]{0,400}"[ \t]*|[ \t]NA[ \t]*){1,200})'
)
_QUOTED_CELL = re.compile(r'"([^"]{0,400})"|NA(?=\s|\Z)')
_WORD = re.compile(r"\S{1,200}(?: \S{1,200}){0,20}")
_STATED_SIZE = re.compile(r"\s{0,20}n\s.*\d")
_ROW_TOTAL = "Row Total |"
"""What the line that names a cross-table's columns ends in."""


def quoted_matrices(page: Page) -> Iterator[Found]:
    """Give the tables whose cells stand in quotes, each under the beginning of its name."""
    number = 1
    while number < len(page.lines):
        starts = _quoted_at(page, number)
        if not starts or not _is_header(page, number - 1, starts):
            number += 1
            continue
        first = number
        while number < len(page.lines) and _quoted_at(page, number) == starts:
            number += 1
        header = _under(page.lines[first - 1], starts)
        rows = [_unquoted(line, starts) for line in page.lines[first:number]]
        page.take(first - 1, number)
        yield Found(first - 1, number, header, rows)


def _quoted_at(page: Page, number: int) -> Sequence[int]:
    """Give where the quoted cells of a line begin; nothing for other lines."""
    line = page.lines[number]
    if '"' not in line or len(line) > MAX_LINE or not page.is_free(number) or is_echo(line):
        return ()
    row = _QUOTED_ROW.fullmatch(line)
    if row is None:
        return ()
    begun = row.start("cells")
    return [found.start() for found in _QUOTED_CELL.finditer(line, begun)]


def _is_header(page: Page, number: int, starts: Sequence[int]) -> bool:
    line = page.lines[number]
    if not page.is_free(number) or '"' in line or len(line) > MAX_LINE or is_echo(line):
        return False
    return all(line[at : at + 1].strip() and not line[at - 1 : at].strip() for at in starts if at)


def _under(line: str, starts: Sequence[int]) -> tuple[str, ...]:
    edges = [0, *starts, len(line)] if starts[0] else [*starts, len(line)]
    return tuple(line[at:end].strip() for at, end in itertools.pairwise(edges))


def _unquoted(line: str, starts: Sequence[int]) -> tuple[str, ...]:
    return tuple(cell.strip().strip('"').strip() for cell in _under(line, starts))


def characteristics(page: Page) -> Iterator[Found]:
    """Give tables of characteristics by group, whose cells hold blanks, under the names of the groups."""
    for number, line in enumerate(page.lines[:-1]):
        if not page.is_free(number) or not _STATED_SIZE.match(page.lines[number + 1][:MAX_LINE]):
            continue
        if line[:1] != " " or not line.strip() or is_echo(line) or len(line) > MAX_LINE:
            continue
        starts = [found.start() for found in _WORD.finditer(line)]
        end = number + 1
        most = number + MAX_CELLS // (len(starts) + 1)
        while end <= most and page.is_free(end) and _fits(page.lines[end], starts):
            end += 1
        if end > most:
            page.unread.append("only the first rows of a printed table were read: too many cells")
        if end - number > 2:
            rows = [_under(row, starts) for row in page.lines[number + 1 : end]]
            page.take(number, end)
            yield Found(number, end, _under(line, starts), rows)


def _fits(line: str, starts: Sequence[int]) -> bool:
    """Say whether no cell of a line runs over the beginning of the next one."""
    if not line.strip() or len(line) > MAX_LINE or is_echo(line) or '"' in line:
        return False
    return all(not line[at - 1 : at].strip() for at in starts if at)


def cross_tables(page: Page) -> Iterator[Found]:
    """Give the counts of cross-tables that have percentages below each of them."""
    for number, line in enumerate(page.lines):
        if _ROW_TOTAL not in line or not page.is_free(number):
            continue
        header = _cells(line)
        rows: list[tuple[str, ...]] = []
        end = number + 1
        while (
            end < len(page.lines) and "|" in page.lines[end] and _ROW_TOTAL not in page.lines[end]
        ):
            cells = _cells(page.lines[end])
            if len(cells) == len(header) and cells[0].strip("- "):
                rows.append(cells)
            end += 1
        if rows:
            page.take(number, end)
            yield Found(number, end, header, rows)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line[:MAX_LINE].rstrip().removesuffix("|").split("|"))
