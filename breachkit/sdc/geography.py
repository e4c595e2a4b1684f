"""Places that a release must not name: practices and the areas of the health service.

Regions of NHS England may be named; anything smaller may not. A code of nine characters says by its
first three what it is a code of; a practice's code looks like others, so that the name of its column
has to say what it is.

Source: OpenSAFELY's review form and policies for researchers (2021): no information that identifies
ICBs, Local Authorities (including MSOA identifiers), PCNs and individual GP practices, earlier STPs and
CCGs; the Register of Geographic Codes of the ONS; the codes of the Organisation Data Service (ODS).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import lru_cache

from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc.asking import Header, OfCells, of_header
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal
from breachkit.sdc.telling import PLACE_ENDS, told_of_words


class Place(Enum):
    """What kind of place is named; never a region, which may be."""

    PRACTICE = "general practices"
    PCN = "primary care networks"
    SMALL_AREA = "small areas (LSOA, MSOA)"
    AUTHORITY = "local authorities"
    CCG = "clinical commissioning groups"
    ICB = "integrated care boards or STPs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceColumn:
    """A column that names places."""

    index: int
    """Counted from 0."""
    place: Place
    labelled: bool
    """Whether the name of the column says what it holds, and no more: others may name a place."""
    rows: tuple[int, ...] = field(repr=False)
    """Rows that name one, counted from 1 under the header; 0 where the header does."""


FEWEST_UNLABELLED = 3
"""Different codes or names that it takes where the name of the column does not say what they are."""
_FEWEST_LABELLED = 2

# Codes of England, Wales and Scotland by their first three characters.
_PREFIXES: dict[str, Place] = {
    "E00": Place.SMALL_AREA, "E01": Place.SMALL_AREA, "E02": Place.SMALL_AREA, "E05": Place.SMALL_AREA,
    "W00": Place.SMALL_AREA, "W01": Place.SMALL_AREA, "W02": Place.SMALL_AREA,
    "S00": Place.SMALL_AREA, "S01": Place.SMALL_AREA, "S02": Place.SMALL_AREA,
    "E06": Place.AUTHORITY, "E07": Place.AUTHORITY, "E08": Place.AUTHORITY, "E09": Place.AUTHORITY,
    "E10": Place.AUTHORITY, "E11": Place.AUTHORITY, "W06": Place.AUTHORITY, "S12": Place.AUTHORITY,
    "N09": Place.AUTHORITY,
    "E16": Place.CCG, "E38": Place.CCG, "W11": Place.CCG,
    "E54": Place.ICB,
}  # fmt: skip
_CODE = re.compile(r"[EWSN]\d{8}")
_CODE_LENGTH = 9
_OWN_CODES = {
    Place.PRACTICE: re.compile(r"[A-HJ-NPV-Y]\d{5}"),
    Place.PCN: re.compile(r"U\d{5}"),
    Place.CCG: re.compile(r"\d\d[A-Z]|[A-Z]\d[A-Z]\d[A-Z]"),
    Place.ICB: re.compile(r"Q[A-Z0-9]{2}"),
}
"""Codes of the Organisation Data Service, which look like others."""
_BY_CODE_ALONE = frozenset({Place.PRACTICE, Place.PCN})
"""Whatever else stands in a column that is called so may be anything."""
_NAME = re.compile(
    r"(?=.*[A-Za-z]{3})[^\d=<>{}@]{3,120}|.{3,90} (?:CCG|ICB|STP|PCN)", re.IGNORECASE
)

_LABELS: tuple[tuple[re.Pattern[str], Place], ...] = tuple(
    (re.compile(rf"(?:^|_)(?:{pattern})(?:_?(?:\d\d|\d{{4}}))?_?(?:codes?|cd|names?|nm|ids?|ods)?(?:_|$)"), place)
    for pattern, place in (
        (r"(?:gp_)?practices?|gp_surger(?:y|ies)|surger(?:y|ies)|ods(?:_code)?|gp_code", Place.PRACTICE),
        (r"pcns?|primary_care_networks?", Place.PCN),
        (r"[lm]soas?(?:11|21)?(?:cd|nm)?", Place.SMALL_AREA),
        (r"(?:lower_tier_|upper_tier_)?local_authorit(?:y|ies)|[lu]?tla\d{0,2}(?:cd|nm)?|lads?\d{0,2}(?:cd|nm)?|la_(?:code|name)|council", Place.AUTHORITY),
        (r"ccgs?\d{0,2}(?:cd|nm)?|clinical_commissioning_groups?", Place.CCG),
        (r"icbs?\d{0,2}(?:cd|nm)?|stps?\d{0,2}(?:cd|nm)?|integrated_care_(?:boards?|systems?)|sustainability_.{0,40}", Place.ICB),
    )
)  # fmt: skip
_PLAIN_LABEL = re.compile(
    r"(?:(?:gp|general|practices?|surger(?:y|ies)|codes?|cd|names?|nm|ids?|ods|pcns?|primary|care|networks?|[lm]soas?|areas?"
    r"|lower|upper|tier|local|authority|authorities|[lu]?tla|lads?|la|council|ccgs?|clinical|commissioning|groups?"
    r"|icbs?|stps?|integrated|boards?|systems?|ons|nhs|of|by|patient|registered|home)?\d*(?:cd|nm)?(?:_|$))+"
)
_NAME_ENDS: tuple[tuple[re.Pattern[str], Place], ...] = (
    (re.compile(r".{2,80}\b(?:surgery|medical (?:centre|practice|group)|health centre|family practice|group practice)", re.IGNORECASE), Place.PRACTICE),
    (re.compile(r".{2,80}\b(?:PCN|primary care network)", re.IGNORECASE), Place.PCN),
    (re.compile(r".{2,80}\b(?:CCG|clinical commissioning group)", re.IGNORECASE), Place.CCG),
    (re.compile(r".{2,80}\b(?:ICB|STP|integrated care (?:board|system))", re.IGNORECASE), Place.ICB),
    (re.compile(r".{2,80}\b(?:borough|county|city|district) council", re.IGNORECASE), Place.AUTHORITY),
)  # fmt: skip
_LONGEST_NAME = 60
_LEAST_ALIKE = 0.6


def place_columns(table: Table) -> tuple[PlaceColumn, ...]:
    """Give the columns that name places which may not be named, in the order of the table."""
    found = [*_in_header(table.header)]
    for index in _candidates(table):
        place = _judge(table, index)
        if place is not None:
            found.append(place)
    return tuple(found)


def code_place(cell: str) -> Place | None:
    """Say what a code of nine characters is a code of; None for regions, countries and other codes."""
    if len(cell) != _CODE_LENGTH or not _CODE.fullmatch(cell):
        return None
    return _PREFIXES.get(cell[:3])


def _candidates(table: Table) -> Iterator[int]:
    """Give the columns that are named as places are, or hold a code or a telling name."""
    labelled = _labels(table.header).keys()
    telling = {
        index
        for index, told in told_of_words(table)
        if (told.code or told.place)
        and index not in labelled
        and any(map(_TELLING.__getitem__, set(column(table, index))))
    }
    yield from sorted(labelled | telling)


@of_header
def _labels(header: Header) -> Mapping[int, Place]:
    """Give the columns that are named as places are, counted from 0, with what they are called."""
    return {index: label for index, name in enumerate(header) if (label := _label(name))}


@lru_cache(maxsize=8192)
def _label(name: str) -> Place | None:
    if not 2 <= len(name) <= _LONGEST_NAME:
        return None
    plain = normal(name)
    return next((place for pattern, place in _LABELS if pattern.search(plain)), None)


def _named_place(cell: str) -> Place | None:
    if not 5 <= len(cell) <= 100 or cell.rpartition(" ")[2].lower() not in PLACE_ENDS:
        return None
    return next((place for pattern, place in _NAME_ENDS if pattern.fullmatch(cell)), None)


def _own_place(cell: str) -> Place | None:
    """Say what a cell names by itself."""
    return code_place(cell) or _named_place(cell) if cell[:1].isalpha() else None


_TELLING = OfCells(_own_place)


def _judge(table: Table, index: int) -> PlaceColumn | None:
    cells = column(table, index)
    label = _labels(table.header).get(index)
    places = {
        cell: place
        for cell in dict.fromkeys(cells)
        if cell and (place := _place(cell, label)) is not None
    }
    if len(places) < (_FEWEST_LABELLED if label else FEWEST_UNLABELLED):
        return None
    rows = tuple([number for number, cell in enumerate(cells, start=1) if cell in places])
    if label and len(rows) < _LEAST_ALIKE * (len(cells) - cells.count("")):
        return None
    return PlaceColumn(
        index=index,
        place=next(iter(places.values())),
        labelled=_PLAIN_LABEL.fullmatch(normal(table.header[index])) is not None,
        rows=rows,
    )


def _place(cell: str, label: Place | None) -> Place | None:
    """Say what a cell names, given what the name of its column says."""
    if len(cell) == _CODE_LENGTH and _CODE.fullmatch(cell):
        return _PREFIXES.get(cell[:3])  # none for a region, or a country
    found = _named_place(cell)
    if found is not None or label is None:
        return found
    if label in _OWN_CODES and _OWN_CODES[label].fullmatch(cell):
        return label
    if label in _BY_CODE_ALONE:
        return None
    is_name = _NAME.fullmatch(cell) is not None and not cell.islower()
    return label if is_name and cell.lower() not in _NO_PLACES else None


_NO_PLACES = frozenset({
    "missing", "unknown", "other", "none", "all", "total", "true", "false", "yes", "no", "england",
    "overall", "nan", "null", "redacted", "[redacted]", "east", "east midlands", "east of england",
    "london", "north east", "north west", "south east", "south west", "west midlands", "midlands",
    "yorkshire and the humber", "yorkshire and humber", "wales", "scotland", "northern ireland",
})  # fmt: skip


@of_header
def _in_header(header: Header) -> Sequence[PlaceColumn]:
    """Find codes and names of places among the names of columns, of a table laid out the wide way."""
    found = [
        PlaceColumn(index=index, place=place, labelled=False, rows=(0,))
        for index, name in enumerate(header)
        if (place := code_place(name) or _named_place(name)) is not None
    ]
    return found if len(found) >= FEWEST_UNLABELLED else ()
