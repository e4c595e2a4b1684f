"""The data behind a graph of Stata: its sersets, in binary between the words of a .gph file."""

import re
import struct
from collections.abc import Iterator, Sequence
from typing import cast

from breachkit.documents.formats.frames import number_text, number_texts
from breachkit.model.records import dataclass, field


_DATA = re.compile(rb"<BeginSersetData>\r?\nsersetreadwrite\0")
_DATA_END = b"\n<EndSersetData>"
_SERIES = re.compile(rb"<BeginSeries>(.{0,20000}?)<EndSeries>", re.DOTALL)
_NAME = re.compile(rb'\.name = `"(.{0,200}?)"\'')
_LABEL = re.compile(rb'\.label = `"(.{0,2000}?)"\'')
_LOW_FIRST = 2
_FIXED = 10
"""Bytes behind the mark: a version, the order of bytes, how many columns, how many rows."""
_MOST_COLUMNS = 10_000
_FORMS = {0xFF: "d", 0xFE: "f", 0xFD: "i", 0xFC: "h", 0xFB: "b"}
_MISSING = {"d": 2.0**1023, "f": 2.0**127, "i": 2147483621, "h": 32741, "b": 101}
"""From here on upward, numbers of each kind stand for a missing value."""


MISSING = _MISSING["d"]
"""From this double on upward, all stand for a missing value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlottedData:
    """The data of one plot."""

    names: Sequence[str] = ()
    rows: int = 0
    start: int
    """Where it begins in the file, counted from 0."""
    end: int
    unread: str = ""
    """Why it is not read."""
    _forms: Sequence[str] = ()
    _order: str = "<"
    _data: bytes = field(default=b"", repr=False)

    def columns(self, rows: int) -> list[list[str]]:
        """Give the cells of the first rows, column by column."""
        row = struct.Struct(self._order + "".join(self._forms))
        values = list(zip(*row.iter_unpack(self._data[: rows * row.size]), strict=True))
        if not values:
            return [[] for _ in self._forms]
        return [_written(form, cells) for form, cells in zip(self._forms, values, strict=True)]


def _written(form: str, values: Sequence[float | bytes]) -> list[str]:
    if form.endswith("s"):
        words = (value.split(b"\0")[0] for value in values if isinstance(value, bytes))
        return [word.decode("utf-8", "replace").strip() for word in words]
    numbers = cast("Sequence[float]", values)
    missing = _MISSING[form]
    if form == "d":
        return number_texts(numbers, missing)
    if form == "f":
        return [_short(value, text) for value, text in zip(numbers, _digits(numbers), strict=True)]
    return ["" if value >= missing else str(value) for value in numbers]


def _digits(values: Sequence[float]) -> list[str]:
    """Write floats of 4 bytes with the digits that they have, all in one go."""
    return ("%.7g " * len(values) % tuple(values)).split()


def _short(value: float, text: str) -> str:
    """Give a float of 4 bytes, or nothing where it is missing; `text` is what its digits are."""
    if not value < _MISSING["f"]:
        return ""
    return text if value and "e" not in text else number_text(float(text))


def plotted_data(content: bytes) -> Iterator[PlottedData]:
    """Give the data of every plot, in the order of the file."""
    before = 0
    while (found := _DATA.search(content, before)) is not None:
        ended = content.find(_DATA_END, found.end())
        end = len(content) if ended < 0 else ended - content.startswith(b"\r", ended - 1)
        series = _SERIES.findall(content, before, found.start())
        if ended >= 0:
            yield _plot(content, found, end, series)
        else:
            yield PlottedData(start=found.start(), end=end, unread="cut off before its end")
        before = end


def _plot(content: bytes, found: re.Match[bytes], end: int, series: Sequence[bytes]) -> PlottedData:
    at = found.end()
    unread = PlottedData(start=found.start(), end=end, unread="data of a plot are damaged")
    if at + _FIXED > end:
        return unread
    order = "<" if content[at + 1] == _LOW_FIRST else ">"
    number, rows = struct.unpack_from(f"{order}ii", content, at + 2)
    if not 0 < number <= _MOST_COLUMNS or rows < 0:
        return unread
    kinds = content[at + _FIXED : at + _FIXED + number]
    forms = [_FORMS.get(kind) or f"{kind}s" for kind in kinds]
    size = struct.calcsize(order + "".join(forms)) * rows
    # Names, formats and limits stand before the data, in as much room as the version gives them.
    if len(kinds) < number or at + _FIXED + number + size > end:
        return unread
    names = [_named(about, place) for place, about in enumerate(series[-number:], start=1)]
    names += [f"series {place + 1}" for place in range(len(names), number)]
    return PlottedData(
        names=names,
        rows=rows,
        start=found.start(),
        end=end,
        _forms=forms,
        _order=order,
        _data=content[end - size : end],
    )


def _named(about: bytes, place: int) -> str:
    """Give the name of a series, or its label where the name is one that Stata made up."""
    for pattern in (_NAME, _LABEL):
        found = pattern.search(about)
        words = found[1].decode("utf-8", "replace").strip() if found else ""
        if words and not words.startswith("__"):
            return words
    return f"series {place}"
