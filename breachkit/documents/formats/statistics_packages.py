"""Data of Stata, SAS and SPSS to tables, with the labels that are kept beside them.

pyreadstat reads all but SPSS's own format, of which a damaged file can end the process; that one is
read in `spss`. What a file claims is bounded by how many rows are asked for.
"""

import io
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from breachkit.documents.formats import spss
from breachkit.documents.formats.frames import (
    MOST_CELLS,
    data_set,
    hidden_text,
    most_rows,
    number_text,
    numbered,
    rows_within,
)
from breachkit.documents.formats.moments import Moments, moments_of
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_XPORT = b"HEADER RECORD*******LIB"
_XPORT_MEMBER = re.compile(rb"HEADER RECORD\*{7}(?:MEMBER  |MEMBV8  )HEADER RECORD")
_XPORT_LINE = 80
_SAS = b"\0" * 12 + b"\xc2\xea\x81\x60"
_SAS_CATALOGUE = b"\0" * 12 + b"\xc2\xea\x81\x63"
_PORTABLE = b"SPSSPORT"
_LONG_STRINGS = b"<strls>"
_MOST_COLUMNS = 40_000


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the data set of a file, or several where it holds several, and all labels as hidden text."""
    if content.startswith((b"$FL2", b"$FL3")):
        yield from spss.read(content, part, budget)
    elif content.startswith(_XPORT):
        yield from _transport(content, part, budget)
    elif content.startswith(_SAS):
        yield from _data(_function("read_sas7bdat"), content, part, budget, Moments.SAS)
    elif content.startswith(_SAS_CATALOGUE):
        raise NotReadError("a catalogue of labels, which no reader exists for")
    elif _PORTABLE in content[:500]:
        yield from _data(_function("read_por"), content, part, budget, Moments.SPSS)
    else:
        yield from _data(_function("read_dta"), content, part, budget, Moments.STATA)


def _function(name: str) -> Callable[..., Any]:
    import pyreadstat

    found: Callable[..., Any] = getattr(pyreadstat, name)
    return found


def _transport(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Read every data set of a library; pyreadstat gives the first one of a file."""
    starts = [
        found.start()
        for found in _XPORT_MEMBER.finditer(content)
        if not found.start() % _XPORT_LINE
    ]
    head = content[: starts[0]] if starts else content
    ends = [*starts[1:], len(content)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1):
        budget.take_member()
        one = head + content[start:end]
        name = numbered(part, "data set", number, len(starts))
        yield from _data(_function("read_xport"), one, name, budget, Moments.SAS)
    if not starts or len(content) % _XPORT_LINE:
        raise NotReadError("damaged, or cut off before its end")


def _data(
    function: Callable[..., Any], content: bytes, part: str | None, budget: Budget, moments: Moments
) -> Iterator[Document]:
    """Read one data set: first what it says of itself, then as many rows as there may be."""
    _, about = _call(function, content, metadataonly=True)
    columns = about.number_columns
    if columns > _MOST_COLUMNS:
        raise NotReadError("too many columns")
    wanted = most_rows(about.number_rows or MOST_CELLS // max(columns, 1), columns)
    cells = budget.cells // max(columns, 1)
    most = min(wanted, cells, budget.bytes // max(_width(about, content), 1))
    if most:
        columns_, about = _call(function, content, row_limit=most + 1)
        yield from _table(columns_, about, most, part, budget, moments)
    elif columns:
        yield Unreadable("no row was read: they are too long", part)
    yield from labels(
        [about.file_label, about.table_name, *about.notes],
        dict(zip(about.column_names, about.column_labels, strict=False)),
        about.value_labels,
        part,
    )


def _call(function: Callable[..., Any], content: bytes, **options: Any) -> tuple[Any, Any]:
    options |= {"output_format": "dict", "disable_datetime_conversion": True}
    try:
        found: tuple[Any, Any] = function(io.BytesIO(content), **options)
    except UnicodeDecodeError:  # the file says nothing of its encoding, or something wrong
        found = function(io.BytesIO(content), encoding="WINDOWS-1252", **options)
    return found


def _width(about: Any, content: bytes) -> int:
    """Give the bytes that one row may take: a long string of Stata stands apart, for many rows."""
    widths = [max(width or 0, 1) for width in about.variable_storage_width.values()]
    kinds = about.readstat_variable_types
    long = sum(
        1
        for name, width in about.variable_storage_width.items()
        if not width and kinds.get(name) == "string"
    )
    return sum(widths) + (long * _longest_string(content) if long else 0)


def _longest_string(content: bytes) -> int:
    """Give the length of the longest of Stata's long strings, or of all where they are not as usual.

    Source: Stata, help dta (117 and later): `GSO`, two numbers, a type, a length, the string.
    """
    start = content.find(_LONG_STRINGS)
    order = "big" if b"<byteorder>MSF" in content[:200] else "little"
    head = 20 if b"<release>117" not in content[:100] else 16
    at, longest = start + len(_LONG_STRINGS), 0
    while start >= 0 and content[at : at + 3] == b"GSO":
        length = int.from_bytes(content[at + head - 1 : at + head + 3], order)  # type: ignore[arg-type]
        longest = max(longest, length)
        at += head + 3 + length
    return min(longest, len(content)) if content[at : at + 8] == b"</strls>" else len(content)


def _table(
    columns: Mapping[str, Sequence[Any]],
    about: Any,
    most: int,
    part: str | None,
    budget: Budget,
    moments: Moments,
) -> Iterator[Document]:
    read_rows = min((len(values) for values in columns.values()), default=0)
    rows = rows_within(budget, min(read_rows, most), len(columns))
    forms = about.original_variable_types
    cells = [
        column_text(
            itertools.islice(columns[name], rows), moments_of(moments, forms.get(name) or "")
        )
        for name in columns
    ]
    known = max(read_rows, about.number_rows or 0)
    yield from data_set(list(columns), cells, part, budget, rows=known)


def column_text(values: Iterator[Any], write: Callable[[float], str] | None) -> list[str]:
    """Write the values of one column.

    Args:
        values: Numbers, strings, or None.
        write: What makes dates of numbers, where they are dates.
    """
    known: dict[Any, str] = {None: ""}
    found = []
    for value in values:
        cell = known.get(value)
        if cell is None:
            cell = value.strip() if isinstance(value, str) else (write or number_text)(value)
            if len(known) < 10_000:
                known[value] = cell
        found.append(cell)
    return found


def labels(
    notes: Sequence[str | None],
    of_columns: Mapping[str, str | None],
    of_values: Mapping[str, Mapping[Any, str]],
    part: str | None,
) -> Iterator[Document]:
    """Give what is written beside the data: notes, what columns mean, what their values mean."""
    lines = [note for note in notes if note]
    named = [f"{name}: {label}" for name, label in of_columns.items() if label]
    meanings = [
        f"{name} {value}: {label}"
        for name, meaning in of_values.items()
        for value, label in meaning.items()
    ]
    if named or meanings:
        yield Embedded(Trait.ATTACHED_LABELS, part, len(named) + len(meanings))
    yield from hidden_text([*lines, *named, *meanings], part)
