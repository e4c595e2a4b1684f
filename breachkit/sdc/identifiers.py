"""Which columns are named as identifiers of patients, and whether their values look like it.

Source: the names seen in OpenSAFELY study repositories and in the platform's own gate, which
refuses a `.csv` with the header `patient_id` (job-runner 0fe3df22, 2023-10-11); that gate misses
`Patient_ID`, quotes and byte-order marks, and this does not.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc import count_cells
from breachkit.sdc.asking import Header, OfCells, of_header, of_table
from breachkit.sdc.marks import mark_of


NameStrength = Literal["certain", "possible"]

# Written without separators, as `patient_id_name` joins the words.
_CERTAIN = re.compile(
    r"""
    (?:pseudo(?:nym(?:ised)?)?|hashed|encrypted|token|emis|tpp|gen|lo|e)?
        (?:patients?|pat|persons?)(?:ids?|key|uuid|guid|hash|pseudo(?:id|nym)|id(?:hash(?:ed)?|hex))
    | pseudo(?:nym(?:ised)?)?ids?
    | (?:new)?(?:nhs|chi)(?:no|num|number)(?:pseudo|hash(?:ed)?)?
    | (?:encrypted|e)?hesid | emishex(?:id)? | alfp?e | hospital(?:no|number)
    | mrn | medicalrecord(?:no|number)
    """,
    re.VERBOSE,
)
_POSSIBLE = re.compile(
    r"pid|patient|person|subject|(?:subject|participant|registration|serviceuser|client|hex)id"
    r"|patient(?:no|number)|alf"
)
# What joins, renames and studies put around such a name.
_DECORATION = re.compile(
    r"[xy]|df|raw|new|old|case|control|exposed|matched|index|tpp|emis|unique|hashed|encrypted|hex"
    r"|cohort|\d+"
)
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_WRAPPING = "\ufeff\u200b \t\r\n\"'`[]()"


@lru_cache(maxsize=4096)
def patient_id_name(header: str) -> NameStrength | None:
    """Say whether a column's name is that of a patient identifier.

    Case, quotes, a byte-order mark, separators and the decorations of joins (`patient_id.x`)
    make no difference. A name that counts identifiers (`n_patient_id`) is not one.
    """
    if len(header) > 80:
        return None
    words = [word.lower() for word in _WORD.findall(header.strip(_WRAPPING))]
    if not words or len(words) > 8:
        return None
    for candidate in _undecorated(words):
        if _CERTAIN.fullmatch(candidate):
            return "certain"
        if _POSSIBLE.fullmatch(candidate):
            return "possible"
    return None


def _undecorated(words: Sequence[str]) -> Iterator[str]:
    yield "".join(words)
    yield "".join(word for word in words if not _DECORATION.fullmatch(word))


@dataclass(frozen=True, slots=True)
class IdColumn:
    """A column that is named as an identifier and whose values look like identifiers."""

    index: int
    """Counted from 0."""
    strength: NameStrength
    rows: tuple[int, ...] = field(repr=False)
    """Rows that hold an identifier, counted from 1 under the header."""
    values: tuple[str, ...] = field(repr=False)

    @property
    def distinct(self) -> int:
        """How many different identifiers there are."""
        return count_cells.different(self.values)

    @property
    def near_unique(self) -> bool:
        """Whether nearly every row has an identifier of its own."""
        return self.distinct >= 0.9 * len(self.values)


_WHOLE = re.compile(r"\d{1,30}(?:\.0+)?")
# As Excel and Stata write long numbers, and tokens, in braces or not.
_REWRITTEN = re.compile(r"\d{1,3}(?:,\d{3})+|\d(?:\.\d+)?[eE]\+?\d{1,2}")
_TOKEN = re.compile(r"\{?(?=[^0-9]*[0-9])[0-9A-Za-z][0-9A-Za-z+/=_-]{7,127}\}?")
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}")


@of_table
def id_columns(table: Table) -> tuple[IdColumn, ...]:
    """Give the columns that hold identifiers of patients, with at least two of them."""
    found = (_id_column(table, index, strength) for index, strength in _named(table.header))
    return tuple([each for each in found if each is not None])


@of_header
def _named(header: Header) -> Sequence[tuple[int, NameStrength]]:
    names = enumerate(map(patient_id_name, header))
    return [(index, strength) for index, strength in names if strength is not None]


_LEAST_ALIKE = (
    0.7  # footnotes and totals may stand under identifiers; mean and sd are no such table
)


def _id_column(table: Table, index: int, strength: NameStrength) -> IdColumn | None:
    cells = count_cells.column(table, index)
    rows, values, filled = _whole_numbers(cells) or _alike(cells)
    if len(rows) < 2 or len(rows) < _LEAST_ALIKE * filled:
        return None
    column = IdColumn(index=index, strength=strength, rows=rows, values=values)
    return None if column.distinct < 2 or _are_flags(values) else column


_Alike = tuple[tuple[int, ...], tuple[str, ...], int]
"""Rows, counted from 1, and what they hold that looks like an identifier; how many hold anything."""
_LONGEST_WHOLE = 30


def _whole_numbers(cells: Sequence[str]) -> _Alike | None:
    """Read a column in which every cell is a whole number, as most identifiers are, in one go."""
    lengths = set(map(len, cells))
    if 0 in lengths or max(lengths, default=0) > _LONGEST_WHOLE or not "".join(cells).isdecimal():
        return None
    return tuple(range(1, len(cells) + 1)), tuple(cells), len(cells)


def _alike(cells: Sequence[str]) -> _Alike:
    filled = [
        (number, cell.strip("\"'"))
        for number, cell in enumerate(cells, start=1)
        if mark_of(cell) is None
    ]
    alike = [(number, text) for number, text in filled if _ALIKE[text]]
    return tuple([number for number, _ in alike]), tuple([text for _, text in alike]), len(filled)


def _are_flags(values: Sequence[str]) -> bool:
    return len(values) > 2 and set(values) <= {"0", "1", "0.0", "1.0"}


def looks_like_id(text: str) -> bool:
    """Say whether one value could be an identifier: a whole number, or a token with digits."""
    if _WHOLE.fullmatch(text) or _REWRITTEN.fullmatch(text):
        return True
    return _TOKEN.fullmatch(text) is not None and _DATE.fullmatch(text) is None


_ALIKE = OfCells(looks_like_id)
_MOST_GROUPS = 200


def looks_counted(table: Table, column: IdColumn) -> bool:
    """Say whether the column may hold counts *of* patients for each group, not patients.

    Counting rows by group in pandas leaves the counts under the name of the column that was
    counted: `sex,patient_id` over a few rows. Then the columns before it are words which identify
    each row, only numbers follow, and these are neither a sequence nor long.
    """
    if column.index == 0 or len(table.rows) > _MOST_GROUPS:
        return False
    if not all(_WHOLE.fullmatch(value) and len(value) <= 8 for value in column.values):
        return False
    if not all(_is_numeric(cell) for row in table.rows for cell in row[column.index :]):
        return False
    groups = [tuple(row[: column.index]) for row in table.rows]
    is_sequence = sorted(map(float, column.values)) == [*range(1, len(column.values) + 1)]
    words = any(any(character.isalpha() for character in cell) for row in groups for cell in row)
    return words and not is_sequence and len(set(groups)) == len(groups)


def _is_numeric(cell: str) -> bool:
    return mark_of(cell) is not None or re.fullmatch(r"-?[\d.,]+%?", cell) is not None


def is_nhs_number(text: str) -> bool:
    """Say whether ten digits (spaces and hyphens apart) carry a valid NHS check digit.

    One in eleven numbers does by chance, so one such number alone proves nothing.

    Source: NHS Data Dictionary, modulus 11 with the weights 10 to 2.
    """
    if len(text) < 10:
        return False
    digits = re.sub(r"[ -]", "", text)
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):
        return False
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)
    )
    return (11 - weighted % 11) % 11 == int(digits[9])


def is_test_nhs_number(text: str) -> bool:
    """Say whether a number is from the range 999 ..., which no patient is given."""
    return text.lstrip().startswith("999")
