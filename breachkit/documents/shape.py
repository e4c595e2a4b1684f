"""How lines of text fall into cells: by a delimiter, or by white space."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from breachkit.model.records import dataclass


_QUOTED = re.compile(r'"(?:[^"]|"")*"')

_DELIMITERS = (",", "\t", ";", "|")
_RARE_DELIMITERS = ("^", "~", ":", "!", "\x01", "\x1c", "\x1d", "\x1e", "\x1f")
"""Tried where lines agree on none of the usual ones."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How lines fall into cells."""

    delimiter: str
    share: float
    """Of the lines, that have as many cells as most."""
    remake: Callable[[str], str] | None = None
    """What makes a line one that the delimiter cuts; None where it is as it should be."""


ALIKE = 0.9
"""Share of lines that agree where text is a table without its name saying so."""
_HALF = 0.5


def shape_of(lines: Sequence[str]) -> Shape:
    """Find how the lines of a sample fall into cells; a comma where nothing tells."""
    usual, share = _agreement(lines, _DELIMITERS)
    if share < ALIKE and (tabbed := _share_of_tabbed(lines)) >= ALIKE:
        return Shape("\t", tabbed)
    if usual is not None and share >= _HALF:
        return Shape(usual, share)
    other = max(_other_shapes(lines), key=lambda shape: shape.share, default=None)
    if other is not None and other.share >= ALIKE and other.share > share:
        return other
    return Shape(usual or ",", share if usual else 0.0)


def _share_of_tabbed(lines: Sequence[str]) -> float:
    """Give the share of the lines with tabs that agree, where half of all have some and more than two.

    Stata programs write tables whose titles and headings have no cells beside them, and whose
    numbers have commas. No prose has tabs within its lines.
    """
    tabbed = [line.count("\t") for line in lines if "\t" in line and "\t" in line.strip()]
    if len(tabbed) < _FEWEST_ALIGNED or 2 * len(tabbed) < len(lines):
        return 0.0
    return max(Counter(tabbed).values()) / len(tabbed)


def without_quoted(line: str) -> str:
    """Give a line without what stands between quotes, where a delimiter is none."""
    quotes = line.count('"')
    if quotes % 2:
        return _QUOTED.sub("", line)
    return "".join(line.split('"')[::2]) if quotes else line


def has_delimiter(line: str) -> bool:
    """Say whether a line holds one of the usual delimiters."""
    return (
        "," in line or "\t" in line or ";" in line or "|" in line
    )  # quicker than going through them


def _other_shapes(lines: Sequence[str]) -> Iterator[Shape]:
    """Try what is seldom met: rows quoted as a whole, rare delimiters, columns of white space."""
    if all(_QUOTED.fullmatch(line.strip()) for line in lines):
        inner, share = _agreement([_unquoted(line) for line in lines], _DELIMITERS)
        if inner is not None:
            yield Shape(inner, share, _unquoted)
    rare, share = _agreement(lines, _RARE_DELIMITERS)
    if rare is not None:
        yield Shape(rare, share)
    if len(lines) >= _FEWEST_ALIGNED:
        if all(line[:1] == '"' and '" "' in line for line in lines[:2]):
            yield Shape("\t", _agreement(lines, " ")[1], _quoted_words)
        for remake in (_aligned, _spaced):
            _, share = _agreement([remake(line) for line in lines], "\t")
            yield Shape("\t", share, remake)


_FEWEST_ALIGNED = 3
"""Two lines of prose may well have as many words."""
_GAP = re.compile(r"[ \t\xa0]{2,}|\t")


def _unquoted(line: str) -> str:
    """Open a line that was quoted as if it were one cell."""
    line = line.strip()
    return line[1:-1].replace('""', '"') if _QUOTED.fullmatch(line) else line


def _quoted_words(line: str) -> str:
    """Make tabs of the blanks between cells whose words are quoted, as `write.table` of R does."""
    try:
        cells = next(csv.reader([line.strip()], delimiter=" ", skipinitialspace=True), [])
    except csv.Error:
        return _spaced(line)
    return "\t".join(cell.replace("\t", " ") for cell in cells)


def _aligned(line: str) -> str:
    """Make tabs of gaps of two spaces or more."""
    return _GAP.sub("\t", line.strip())


def _spaced(line: str) -> str:
    """Make tabs of all white space."""
    return "\t".join(line.split())


def names_no_rows(widths: Sequence[int]) -> bool:
    """Say whether the first of some lines has one cell less than all others, which agree.

    R writes no name over the column that names the rows.
    """
    if len(widths) < _FEWEST_ALIGNED or not 0 < widths[0] == widths[1] - 1:
        return False
    return widths.count(widths[1]) == len(widths) - 1


def _agreement(lines: Sequence[str], delimiters: Sequence[str]) -> tuple[str | None, float]:
    """Give the delimiter on whose number the lines agree best, and the share that agrees."""
    if any('"' in line for line in lines):
        lines = list(map(without_quoted, lines))
    best: tuple[float, int, str | None] = (0.0, 0, None)
    for delimiter in delimiters:
        times = [line.count(delimiter) for line in lines]
        if times and times.count(times[0]) == len(
            times
        ):  # the usual case, at the speed of counting
            agreeing = [(len(times), times[0])] if times[0] else []
        else:
            agreeing = [(lines_, number) for number, lines_ in Counter(times).items() if number]
            if names_no_rows(times):
                agreeing = [(len(times), times[-1])]
        if not agreeing:
            continue
        lines_, number = max(agreeing)
        share = lines_ / len(lines)
        if (round(share, 1), number) > (round(best[0], 1), best[1]):
            best = (share, number, delimiter)
    return best[2], best[0]
