"""How many guesses it takes to fill in a redacted file again, for somebody who can test each.

Who holds an old object id, of a commit, a tree or a blob, can fill in the gaps of the redacted file,
compute the id of the result, and compare. A count from 1 to 7 has seven fillings; twenty of them are
found in an hour. Source: rewriting a table of eight rows with six redacted cells took 1.3 seconds to
undo from the old commit id alone.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from breachkit.sdc.cells import CountTable, Place, Sum, Suppressed


ENOUGH_BITS = 60.0
"""Guesses that nobody can make: 2 to the power of 60 tries take a thousand processors for years."""

_TOKEN = re.compile(r"\d+|[^\W\d]+|\[REDACTED\]|\W")
_WORD_BITS = 10.0
"""Of a word that went: as if it were one of a thousand, such as first names or towns."""
_MOST_RELATIONS = 500


def bits_to_guess(old: str, new: str, threshold: int, tables: Iterable[CountTable] = ()) -> float:
    """Give the binary logarithm of the number of fillings to try; at the low side where in doubt.

    Args:
        old: The file as it was.
        new: The redacted one, which everybody can read.
        threshold: The largest count that may not be released: one that went is at most that.
        tables: What the redacted file's tables tell: each sum over its gaps saves one guess.
    """
    gone = sorted(_bits(token, threshold) for token in _gone(old, new))
    told = sum(map(independent_sums, tables))
    return sum(gone[: max(0, len(gone) - told)])


def independent_sums(table: CountTable) -> int:
    """Give how many of a table's gaps the others and the printed sums determine.

    Where not all that may add up was tried, or it is too much to tell, that may be all of them.
    """
    gaps = {place: number for number, place in enumerate(_gaps(table))}
    sums = [each for each in table.relations if isinstance(each, Sum)]
    if table.is_cut or len(sums) > _MOST_RELATIONS:
        return len(gaps)
    return _rank(_coefficients(each, gaps) for each in sums)


def _gaps(table: CountTable) -> list[Place]:
    return [place for place, cell in table.cells.items() if isinstance(cell, Suppressed)]


_Row = dict[int, Fraction]
"""Of a matrix: what is not 0, by column."""


def _coefficients(relation: Sum, gaps: dict[Place, int]) -> _Row:
    row: dict[int, Fraction] = {}
    for sign, places in ((1, relation.parts), (-1, relation.whole)):
        for place in places:
            if place in gaps:
                row[gaps[place]] = row.get(gaps[place], Fraction(0)) + sign
    return {column: factor for column, factor in row.items() if factor}


def _rank(rows: Iterable[_Row]) -> int:
    """Give the rank of a matrix, by elimination. Sums hold few of a table's gaps, and so do rows."""
    pivots: dict[int, _Row] = {}
    for row in rows:
        left = dict(row)
        while left:
            column = min(left)
            if column not in pivots:
                pivots[column] = left
                break
            left = _without(left, column, pivots[column])
    return len(pivots)


def _without(row: _Row, column: int, pivot: _Row) -> _Row:
    """Take so much of a pivot off a row that a column of it is 0."""
    factor = row[column] / pivot[column]
    taken = {at: row.get(at, Fraction(0)) - factor * value for at, value in pivot.items()}
    return {at: value for at, value in (row | taken).items() if value}


def _gone(old: str, new: str) -> Iterator[str]:
    """Give the words and numbers of the old text that the new one does not have in their place."""
    old_lines, new_lines = old.splitlines(), new.splitlines()
    if len(old_lines) != len(new_lines):  # rows went: where the others moved does not matter
        yield from _missing(_TOKEN.findall(old), _TOKEN.findall(new))
        return
    for before, after in zip(old_lines, new_lines, strict=True):
        if before != after:
            yield from _missing(_TOKEN.findall(before), _TOKEN.findall(after))


def _missing(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if len(old) == len(new):
        pairs = zip(old, new, strict=True)
        gone: Iterable[str] = (token for token, now in pairs if token != now)
    else:
        gone = (Counter(old) - Counter(new)).elements()
    return filter(_tells, gone)


def _tells(token: str) -> bool:
    """Say whether a token is a number or a word; a raised figure is the mark of a footnote."""
    return token.isdecimal() or (token.isalnum() and not token.isnumeric())


def _bits(token: str, threshold: int) -> float:
    if not token.isdecimal():
        return _WORD_BITS
    if len(token) <= len(str(threshold)) and int(token) <= threshold:
        return math.log2(max(threshold, 1))
    return math.log2(9) + (len(token) - 1) * math.log2(10)
