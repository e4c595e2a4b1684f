"""Delimited text to a table: whatever the encoding, the delimiter, the quoting, the line ends.

Nothing here raises, whatever the bytes.
"""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from operator import methodcaller

from breachkit.documents.encoding import decode
from breachkit.documents.further import further_tables
from breachkit.documents.grid import header_row
from breachkit.documents.rows import ColumnRows
from breachkit.documents.shape import (
    ALIKE,
    Shape,
    has_delimiter,
    names_no_rows,
    shape_of,
    without_quoted,
)
from breachkit.documents.table import Document, Table, Unreadable


MAX_BYTES = 64 * 1024 * 1024
"""Bytes of one file that are read; the rest is reported as not examined."""
MAX_CELLS = 3_000_000
"""Cells of one file that are read; the rest is reported as not examined."""

_ZIP = b"PK\x03\x04"
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_SAMPLE_LINES = 40
_LONGEST_RECORD = 20
"""Lines that a quoted cell may run over before its opening quote is taken for a stray one."""

_NUMBERED_BY_R = re.compile(r" {0,9}(?:\d{1,9}:|\[\d{1,9},\]) ")
"""How rows begin that were printed; neither sign parts any cells."""
_JSON_START = re.compile(r'\s*(?:\{\s*(?:"[^"\n]{0,200}"\s*:|\})|\[\s*[\[{])')


def read_delimited(content: bytes, part: str | None = None) -> tuple[Document, ...]:
    """Read delimited text.

    Gives one table; a table and the reason why it is not whole, where it is too big; the reason
    alone, where the content is no delimited text; nothing, where there is nothing but white space.

    Args:
        content: The bytes of the file.
        part: The member of the file that these bytes are.
    """
    text = decode(content[: _whole_lines(content)])
    if text is None:
        return (Unreadable("not text, though its name says it is", part),)
    if not text or text.isspace():
        return ()
    documents = _checked(text, part)
    if _ZIP in content or _is_cut_by_nul(content, text):
        documents = (*documents, Unreadable("holds something binary beside its text", part))
    if len(content) > MAX_BYTES:
        return (*documents, Unreadable(f"only the first {MAX_BYTES} bytes were read", part))
    return documents


def _is_cut_by_nul(content: bytes, text: str) -> bool:
    """Say whether NUL stands in most lines of text that is in no encoding of wide characters."""
    if b"\0" not in content or len(text) * 2 <= len(content):
        return False
    return content.count(b"\0") > content.count(b"\n")


def _whole_lines(content: bytes) -> int:
    """Give how many bytes are read: all, or as many whole lines as the limit allows."""
    if len(content) <= MAX_BYTES:
        return len(content)
    return content.rfind(b"\n", 0, MAX_BYTES) + 1 or MAX_BYTES


def _checked(text: str, part: str | None) -> tuple[Document, ...]:
    if text[:1] in {"{", "[", " ", "\n"} and _JSON_START.match(text):
        return (Unreadable("holds JSON, though its name says that it is delimited text", part),)
    return _table_of(text, part)


def read_if_table(text: str, part: str | None = None) -> tuple[Document, ...]:
    """Read text as a table if its lines agree on a delimiter; give nothing if they do not."""
    lines = _filled(split_lines(text[: 64 * 1024])[:_SAMPLE_LINES])
    if len(lines) < 2 or shape_of(lines).share < ALIKE:
        return ()
    if 2 * sum(1 for line in lines if _NUMBERED_BY_R.match(line)) > len(lines):
        return ()
    return _table_of(text, part)


def _table_of(text: str, part: str | None) -> tuple[Document, ...]:
    lines = split_lines(text)
    return tuple(document for shape in shapes(lines) for document in _cut(lines, shape, part))


def shapes(lines: Sequence[str]) -> Sequence[Shape]:
    """Find how the first lines fall into cells, and the last where they do so otherwise.

    Each gives a table of all lines.
    """
    sample = _filled(lines[:_SAMPLE_LINES])
    if len(lines) > _SAMPLE_LINES and not any(map(has_delimiter, sample)):
        sample = list(itertools.islice(filter(has_delimiter, lines), _SAMPLE_LINES)) or sample
    first = shape_of(sample)
    if len(lines) <= _SAMPLE_LINES:
        return [first]
    end = _filled(lines[-_SAMPLE_LINES:])
    if _are_even(end, first.delimiter):
        return [first]
    last = shape_of(end)
    if last.share < ALIKE or last.delimiter == first.delimiter:
        return [first]
    return [first, last] if first.share else [last]


def _are_even(lines: Sequence[str], delimiter: str) -> bool:
    """Say whether a delimiter stands equally often in all lines, at least once."""
    times = {line.count(delimiter) for line in lines}
    return len(times) == 1 and times != {0}


def _filled(lines: Sequence[str]) -> Sequence[str]:
    return [line for line in lines if line.strip()]


def _cut(lines: list[str], shape: Shape, part: str | None) -> Iterator[Document]:
    """Cut lines into cells: the table of all of them, and what is a table by itself below."""
    if shape.remake is not None:
        lines = list(map(shape.remake, lines))
    kept, total = _bounded(lines, shape.delimiter), len(lines)
    if kept < total:
        lines = lines[:kept]
    records = _Records(lines, shape.delimiter)
    sample = records.sample()
    head = header_row(sample)
    yield Table(_header(sample, head), records.under(head), part)
    yield from further_tables(records.all, head, lines, part)
    if kept < total:
        yield Unreadable(f"only the first {kept} lines were read: too many cells", part)


def _header(sample: Sequence[Sequence[str]], head: int) -> tuple[str, ...]:
    """Give the names of the columns, with an empty one where R left out that of the rows' names."""
    names = tuple(sample[head]) if sample else ()
    if not names_no_rows(list(map(len, sample[head:]))):
        return names
    rows = sample[head + 1 :]
    labels = {row[0] for row in rows}
    is_filled = any(row[-1] for row in rows)  # a delimiter at the end of each row makes no column
    return ("", *names) if is_filled and len(labels) == len(rows) else names


def split_lines(text: str) -> list[str]:
    """Split at LF, CR LF and CR, and at nothing else: a cell may hold what Unicode calls a line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if len(lines) == 1 and _OTHER_LINE_ENDS.search(text):
        lines = _OTHER_LINE_ENDS.split(text)
    while lines and not lines[-1].strip():
        lines.pop()
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return lines[start:] if start else lines


def _bounded(lines: Sequence[str], delimiter: str) -> int:
    """Give how many lines may be read before there are too many cells."""
    budget = MAX_CELLS
    if sum(map(len, lines)) + len(lines) <= budget:
        return len(lines)
    for number, line in enumerate(lines):
        budget -= line.count(delimiter) + 1
        if budget < 0:
            return number
    return len(lines)


class _Records:
    """Every line of a text in cells, titles and header included: by rows, or by columns."""

    def __init__(self, lines: Sequence[str], delimiter: str) -> None:
        """Cut lines into cells."""
        text = "\n".join(lines)  # whether anything out of the ordinary is in it is soon told
        self._columns = _even_columns(text, lines, delimiter)
        self._rows = [] if self._columns else _parse(text, lines, delimiter)
        self._number = len(lines)

    def sample(self) -> Sequence[Sequence[str]]:
        """Give the first rows."""
        return self._below(0)[:_SAMPLE_LINES]

    def all(self) -> Sequence[Sequence[str]]:
        """Give every row, as one that need not be put together first."""
        return list(self._below(0)) if self._columns else self._rows

    def under(self, head: int) -> Sequence[Sequence[str]]:
        """Give the rows under the header, which is row `head`, counted from 0."""
        return self._below(head + 1)

    def _below(self, first: int) -> Sequence[Sequence[str]]:
        if not self._columns:
            return self._rows[first:] if first else self._rows
        columns = [column[first:] for column in self._columns] if first else self._columns
        return ColumnRows(columns, max(self._number - first, 0))


def _even_columns(text: str, lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Cut lines that have as many cells each, without quotes or loose space; give nothing for others.

    Every second released table is one of these, and cutting it is then one step.
    """
    if '"' in text or f"{delimiter} " in text or _may_have_loose_space(text, delimiter):
        return []
    widths = set(map(methodcaller("count", delimiter), lines))
    if len(widths) != 1 or "" in lines:
        return []
    width = widths.pop() + 1
    cells = delimiter.join(lines).split(delimiter)
    return [cells[index::width] for index in range(width)]


def _opens_quote(text: str) -> bool:
    """Say whether some line has an odd number of quotes: then a line ends within two of them."""
    pieces = text.split('"')
    return len(pieces) % 2 == 0 or "\n" in "".join(pieces[1::2])


def _parse(text: str, lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if '"' in text and _opens_quote(text):
        return [_stripped(row) for row in _repaired(lines, delimiter)]
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:  # a cell beyond the module's limit of 131,072 characters
        rows = [_plain(line, delimiter) for line in lines]
    if len(rows) != len(lines):  # a quote opened in the middle of a line swallowed the next one
        rows = [_stripped(_record([line], delimiter) or []) for line in lines]
    if '="' in text:
        return [list(map(_unforced, row)) for row in rows]
    if not _may_have_loose_space(text, delimiter):
        return rows
    before = f" {delimiter}"
    return [
        _stripped(row)
        if before in line
        or '" ' in line
        or ' "' in line
        or not line.isascii()
        or line != line.strip()
        else row
        for line, row in zip(lines, rows, strict=True)
    ]


def _may_have_loose_space(text: str, delimiter: str) -> bool:
    """Whether any cell may still begin or end with white space: asked of a file, then of its lines.

    The csv module skips spaces behind a delimiter by itself.
    """
    if not text.isascii() or "\t" in text or text[:1].isspace() or text[-1:].isspace():
        return True
    return " " in text and _loose_space(delimiter).search(text) is not None


@cache
def _loose_space(delimiter: str) -> re.Pattern[str]:
    """Look for a space, which is quick, and then at what stands beside it."""
    return re.compile(rf' (?:[\n"{re.escape(delimiter)}]|(?<=[\n"] ))')


def _unforced(cell: str) -> str:
    """Give what a spreadsheet shows for `="x"`, which makes it show x as it is."""
    cell = cell.strip()
    return cell[1:].strip('"') if cell.startswith('="') else cell


def _stripped(row: Sequence[str]) -> list[str]:
    return [cell.strip() for cell in row]


def _repaired(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Read lines of which some open a quote that they do not close.

    Such a line is joined with the following ones if that gives a record as wide as the others;
    otherwise its quote is a stray one, and must not swallow the rest of the file.
    """
    width = _usual_width(lines, delimiter)
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        if not line.count('"') & 1:
            yield _record([line], delimiter) or []
            continue
        end = _closing_line(lines, position)
        record = _record(lines[position - 1 : end], delimiter) if end else None
        if end and record is not None and len(record) == width:
            yield record
            position = end
        else:
            yield _plain(line, delimiter)


def _usual_width(lines: Sequence[str], delimiter: str) -> int:
    counts = Counter(without_quoted(line).count(delimiter) for line in lines[:1000])
    return counts.most_common(1)[0][0] + 1 if counts else 1


def _closing_line(lines: Sequence[str], start: int) -> int | None:
    for number in range(start, min(start + _LONGEST_RECORD, len(lines))):
        if lines[number].count('"') & 1:
            return number + 1
    return None


def _record(lines: Sequence[str], delimiter: str) -> list[str] | None:
    joined = [line + "\n" for line in lines]
    try:
        return next(csv.reader(joined, delimiter=delimiter), None)
    except csv.Error:
        return _plain(" ".join(lines), delimiter)


def _plain(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(delimiter)]
