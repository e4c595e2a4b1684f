"""Delimited text to a table: whatever the encoding, the delimiter, the quoting, the line ends.

Nothing here raises, whatever the bytes. Rows are parsed when somebody first looks at them, so that
a table no rule cares about costs little more than its header.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import overload

from breachkit.documents.encoding import decode
from breachkit.documents.table import Document, Table, Unreadable


MAX_BYTES = 64 * 1024 * 1024
"""Bytes of one file that are read; the rest is reported as not examined."""
MAX_CELLS = 3_000_000
"""Cells of one file that are read; the rest is reported as not examined."""

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_LINES = 40
_TITLE_LINES = 20
_LONGEST_RECORD = 20
"""Lines that a quoted cell may run over before its opening quote is taken for a stray one."""

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
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
    if len(content) > MAX_BYTES:
        return (*documents, Unreadable(f"only the first {MAX_BYTES} bytes were read", part))
    return documents


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
    sample = _split_lines(text[: 64 * 1024])[: _SAMPLE_LINES + 1]
    lines = [line for line in sample[:_SAMPLE_LINES] if line.strip()]
    delimiter, share = _agreement(lines)
    if delimiter is None or len(lines) < 2 or share < 0.9:
        return ()
    return _table_of(text, part)


def _table_of(text: str, part: str | None) -> tuple[Document, ...]:
    rest: tuple[Document, ...] = ()
    lines = _split_lines(text)
    delimiter = _sniff(lines)
    kept = _bounded(lines, delimiter)
    if kept < len(lines):
        rest = (Unreadable(f"only the first {kept} lines were read: too many cells", part),)
        del lines[kept:]
    sample = _parse(lines[:_SAMPLE_LINES], delimiter)
    header_row = _header_row(sample)
    header = tuple(sample[header_row]) if sample else ()
    return (Table(header, ParsedRows(lines, delimiter, header_row + 1), part), *rest)


def _split_lines(text: str) -> list[str]:
    """Split at LF, CR LF and CR, and at nothing else: a cell may hold what Unicode calls a line."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


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


def _sniff(lines: Sequence[str]) -> str:
    """Find the delimiter that the first lines agree on best; a comma where there is none."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    return _agreement(sample)[0] or ","


def _agreement(lines: Sequence[str]) -> tuple[str | None, float]:
    """Give the delimiter on whose number the lines agree best, and the share that agrees."""
    if any('"' in line for line in lines):
        lines = [_QUOTED.sub("", line) for line in lines]
    best: tuple[float, int, str | None] = (0.0, 0, None)
    for delimiter in _DELIMITERS:
        counts = Counter(line.count(delimiter) for line in lines)
        agreeing = [(lines_, number) for number, lines_ in counts.items() if number]
        if not agreeing:
            continue
        lines_, number = max(agreeing)
        share = lines_ / len(lines)
        if (round(share, 1), number) > (round(best[0], 1), best[1]):
            best = (share, number, delimiter)
    return best[2], best[0]


def _header_row(sample: Sequence[Sequence[str]]) -> int:
    """Find the header, counted from 0, under any title lines.

    A title is a line with one cell filled, or none, above a table that usually fills more.
    """
    filled = [sum(1 for cell in row if cell) for row in sample]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    needed = 2 if usual >= 2 else 1
    for number, cells in enumerate(filled[:_TITLE_LINES]):
        if cells >= needed and cells * 2 >= usual:
            return number
    return 0


class ParsedRows(Sequence[Sequence[str]]):
    """The rows under a header, parsed when one is first looked at."""

    __slots__ = ("_delimiter", "_lines", "_rows", "_skip")

    def __init__(self, lines: list[str], delimiter: str, skip: int) -> None:
        """Keep `lines`, of which the first `skip` records are titles and the header."""
        self._lines = lines
        self._delimiter = delimiter
        self._skip = skip
        self._rows: list[list[str]] | None = None

    def _parsed(self) -> list[list[str]]:
        if self._rows is None:
            self._rows = _parse(self._lines, self._delimiter)[self._skip :]
            self._lines = []
        return self._rows

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        return self._parsed()[index]

    def __len__(self) -> int:
        return len(self._parsed())

    def __iter__(self) -> Iterator[Sequence[str]]:
        return iter(self._parsed())

    def __repr__(self) -> str:
        return "<rows>"


def _parse(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    quoted = any('"' in line for line in lines)
    if quoted and any(line.count('"') & 1 for line in lines):
        return [_stripped(row) for row in _repaired(lines, delimiter)]
    try:
        rows = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:  # a cell beyond the module's limit of 131,072 characters
        rows = [_plain(line, delimiter) for line in lines]
    if len(rows) != len(lines):  # a quote opened in the middle of a line swallowed the next one
        rows = [_record([line], delimiter) or [] for line in lines]
    return [_stripped(row) for row in rows] if _has_loose_space(lines, delimiter) else rows


def _has_loose_space(lines: Sequence[str], delimiter: str) -> bool:
    """Say whether any cell may begin or end with white space; most files have none."""
    text = "\n".join(lines)
    around = (f" {delimiter}", f"{delimiter} ", '" ', ' "', "\xa0", "\u3000")
    return any(each in text for each in around) or any(line != line.strip() for line in lines)


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
    counts = Counter(_QUOTED.sub("", line).count(delimiter) for line in lines[:1000])
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
