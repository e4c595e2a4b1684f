"""What Python prints in a line for each value: a Series of pandas; and records in one line."""

import re
from collections.abc import Iterator, Sequence

from breachkit.documents.printing.columns import columns_of, cut, is_number, is_whole, name_of
from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.printing.page import MAX_LINE, Found, Page, PageSign, is_echo
from breachkit.model.patterns import regex


SERIES_SIGN = PageSign("dtype: ")
RECORD_SIGN = PageSign("[{")

_FOOT = regex(
    r"(?:Freq: [^,]{1,20}, )?(?:Name: (?P<name>.{1,200}?), )?(?:Length: \d{1,12}, )?dtype: (?P<type>[\w\[\]<>, ]{1,60})"
)
_NO_LABELS = regex(r"\d{1,12}|\.\.")
_RECORDS = regex(r"\[?\{['\"].{1,4000}\}\]?,?")
_RECORD = regex(r"\{[^{}]{1,2000}\}")
_FIELD = regex(
    r"(['\"])([^'\"]{1,80})\1: ('[^']{0,200}'|\"[^\"]{0,200}\"|[\w.]{1,60}\([^()]{0,60}\)|[^,{}'\"]{1,60})"
)


def series(page: Page) -> Iterator[Found]:
    """Give the Series of pandas: labels and values over a line that names their type."""
    for number, line in enumerate(page.lines):
        if "dtype: " not in line or not page.is_free(number):
            continue
        foot = _FOOT.fullmatch(line.strip()) if len(line) < MAX_LINE else None
        if foot is None:
            continue
        found = _series(page, number, foot)
        if found is not None:
            page.take(found.first, found.end)
            yield found


def _series(page: Page, foot: int, said: re.Match[str]) -> Found | None:
    last = foot
    while page.is_free(last - 1) and not page.lines[last - 1].strip() and foot - last < 2:
        last -= 1
    first = last
    while page.is_free(first - 1) and len(page.lines[first - 1]) == len(page.lines[last - 1]):
        if "dtype: " in page.lines[first - 1]:
            break
        first -= 1
    body = page.lines[first:last]
    if not body or not body[0].strip():
        return None
    heads = _heads(page, first)
    if not heads and len(body) > 1 and body[0].rstrip() != body[0]:
        heads, body = body[:1], body[1:]
    spans = columns_of(heads, body)
    if len(spans) < 2:
        return None
    cells = (cut(line, spans) for line in body)
    rows = _filled_down([row for row in cells if not _is_gap(row)])
    labels = tuple(name_of(heads, span) for span in spans[:-1])
    value = _value_name(said, rows, named=bool(heads))
    begun = first - len(heads) if page.lines[first] == body[0] else first
    return Found(begun, foot + 1, (*labels, value), rows)


def _is_gap(row: Sequence[str]) -> bool:
    return row[-1] in {"...", ".."} and all(cell in {"", "..", "..."} for cell in row)


def _filled_down(rows: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    """Repeat labels that are printed only where they change."""
    made: list[tuple[str, ...]] = []
    for row in rows:
        above = made[-1] if made else row
        labels = (label or above[at] for at, label in enumerate(row[:-1]))
        made.append((*labels, row[-1]))
    return made


def _heads(page: Page, first: int) -> Sequence[str]:
    """Give the line that names the labels."""
    above = page.lines[first - 1] if page.is_free(first - 1) else ""
    if not above.strip() or is_echo(above) or any(map(str.isdigit, above)):
        return ()
    return (above,) if len(above) <= len(page.lines[first]) else ()


def _value_name(said: re.Match[str], rows: Sequence[Sequence[str]], *, named: bool) -> str:
    """Say what the values are: what the Series is called, or frequencies where they look like it.

    `value_counts` sorts them, the largest first, and old versions give them the name of the
    variable; `groupby(...).size()` gives none.
    """
    name = said["name"] or ""
    is_counted = said["type"].startswith(("int", "Int", "uint")) and all(
        is_whole(row[-1]) for row in rows
    )
    if not is_counted or name in {"count", "size", "n"}:
        return name
    if named and not name:
        return FREQUENCY
    counts = [int(row[-1].replace(",", "")) for row in rows if row[-1].isdecimal()]
    has_labels = not all(_NO_LABELS.fullmatch(row[0]) for row in rows)
    is_sorted = len(counts) > 1 and counts == sorted(counts, reverse=True)
    if name and not named and is_sorted and (has_labels or counts[0] > 10):
        return FREQUENCY
    return name


def records(page: Page) -> Iterator[Found]:
    """Give the lists of dictionaries that Python prints in one line."""
    for number, line in enumerate(page.lines):
        if "{" not in line or not page.is_free(number) or is_echo(line):
            continue
        start = line.find("[{")
        if start < 0 or _RECORDS.match(line, start) is None:
            continue
        found = _records(number, line[start:])
        if found is not None:
            page.take(number, number + 1)
            yield found


def _records(number: int, line: str) -> Found | None:
    rows: list[dict[str, str]] = []
    names: dict[str, None] = {}
    for record in _RECORD.finditer(line):
        fields = {found[2]: found[3].strip("'\" ") for found in _FIELD.finditer(record[0])}
        if fields:
            rows.append(fields)
            names.update(dict.fromkeys(fields))
    if not rows or not any(is_number(value) for row in rows for value in row.values()):
        return None
    header = tuple(names)
    return Found(
        number, number + 1, header, [tuple(row.get(name, "") for name in header) for row in rows]
    )
