"""What the labels around a count say about who is counted, written so that two tables can be compared.

The name of a count is a set of words: those of its row, of its column and of its file. Totals and
words for people (`All patients`, `n`) say nothing, so that the margin of one table has the name of
the margin of another, whether its categories are rows or columns.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass
from breachkit.sdc.cells import Place
from breachkit.sdc.count_grid import HEADER, label_columns, plain_label
from breachkit.sdc.strata import EVERYONE, Stratum, stratum_of


Name = frozenset[str]
"""What is said of the people of a count; empty for everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCells:
    """The counts of one table by their names."""

    stratum: Stratum
    """What its file is called; who is in it is part of every name."""
    places: Mapping[Name, Place]
    """Names that one count of the table has and no other. A count may have several."""
    breakdowns: tuple[Name, ...]
    """What one column of labels says, or the headers say: perhaps the parts of a whole."""
    is_cut: bool = False
    """More columns name rows than are asked, so that counts may have more names than these."""


MAX_LABEL_COLUMNS = 4


def named_cells(name: str, table: Table, places: Iterable[Place]) -> NamedCells:
    """Name the counts of a table.

    Args:
        name: The path of its file, and the part of the file.
        table: Where the labels stand.
        places: Its counts. Those that stand nowhere have no name.
    """
    by_row: dict[int, list[int]] = {}
    for row, column in sorted(places):
        if row >= HEADER and 0 <= column < len(table.header):
            by_row.setdefault(row, []).append(column)
    columns = sorted({column for found in by_row.values() for column in found})
    labels = list(label_columns(table, columns, list(by_row)))
    said = [tuple(map(said_by, cells)) for cells in labels[:MAX_LABEL_COLUMNS]]
    headers = {column: said_by(table.header[column]) for column in columns}
    stratum = Stratum(stratum_of(name).family, _one_words(stratum_of(name).who))
    found: dict[Name, Place] = {}
    for chosen in _keyings(said):
        own = zip(*chosen, strict=True) if chosen else itertools.repeat((), len(by_row))
        in_rows = [stratum.who.union(*cells) for cells in own]
        found = {**_only(_named(by_row, in_rows, headers)), **found}
    breakdowns = map(_differing, (*said, tuple(headers.values())))
    return NamedCells(
        stratum=stratum,
        places=found,
        breakdowns=tuple(some for some in breakdowns if len(some) > 1),
        is_cut=len(labels) > MAX_LABEL_COLUMNS,
    )


def _named(
    by_row: Mapping[int, Sequence[int]], in_rows: Sequence[Name], headers: Mapping[int, Name]
) -> dict[Place, Name]:
    return {
        (row, column): said_in_row | headers[column]
        for (row, columns), said_in_row in zip(by_row.items(), in_rows, strict=True)
        for column in columns
    }


def _keyings(said: Sequence[tuple[Name, ...]]) -> Iterator[list[tuple[Name, ...]]]:
    """Give all columns of labels, then all but one: the one that says `sex` where another says `male`."""
    yield list(said)
    if len(said) > 1:
        for left_out in range(len(said)):
            yield [cells for at, cells in enumerate(said) if at != left_out]


def _differing(said: Sequence[Name]) -> Name:
    """Give the words of labels that not all of them have; those of totals have none."""
    some = [words for words in said if words]
    return frozenset().union(*some) - frozenset(some[0]).intersection(*some) if some else Name()


def _only(names: Mapping[Place, Name]) -> dict[Name, Place]:
    times = Counter(names.values())
    return {name: place for place, name in names.items() if times[name] == 1}


_SILENT = EVERYONE.union(
    ("n", "no", "num", "number", "count", "counts", "freq", "frequency", "any", "sum", "subtotal"),
    ("patient", "patients", "people", "person", "persons", "individual", "individuals"),
    ("participant", "participants", "population", "cohort", "of", "the", "in", "%"),
)
"""Words of labels that do not say who is counted."""
_STATED = regex(r"\(?\bn ?= ?[\d ,]+\)?")
_ONE_WORD = {
    **dict.fromkeys(("men", "man", "boy"), "male"),
    **dict.fromkeys(("women", "woman", "girl"), "female"),
}


@lru_cache(maxsize=8192)  # labels come again in every table
def said_by(label: str) -> Name:
    """Give what a label says of the people counted under it; empty where that is all of them.

    What names of strata say too (`male`, `over65`) is one word of the name each, and the rest of the
    label is one word.
    """
    plain = plain_label(_STATED.sub(" ", label[:200].casefold())).replace("_", " ")
    words = [word for word in plain.split() if word not in _SILENT]
    who = stratum_of(" ".join(words)).who
    rest = " ".join(word for word in words if word not in who)
    return _one_words((*who, rest)) - {""}


def _one_words(words: Iterable[str]) -> Name:
    return frozenset(map(_one_word, words))


def _one_word(word: str) -> str:
    """Give one word for all that mean the same: `Men`, `males` and `male` are `male`."""
    single = word.removesuffix("s")
    return _ONE_WORD.get(single, single)
