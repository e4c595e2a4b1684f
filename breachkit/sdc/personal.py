"""Postcodes, dates of birth, names, addresses, e-mails and telephone numbers of people.

A column counts where its name and its cells agree: a `date_of_birth` that is only a month, a `name`
that is a code's, a `postcode` of a practice are none. Authors have e-mail addresses too, and
organisations have postcodes.

Source: UK GDPR (2018), article 4(1); OpenSAFELY's data have months of birth and no postcodes.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from itertools import pairwise

from breachkit.documents.looks import Look
from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass, field
from breachkit.sdc.asking import Header, of_header
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal
from breachkit.sdc.telling import told_of_words


class Trace(Enum):
    """What leads to a person."""

    BIRTH = "dates of birth"
    NAME = "names"
    POSTCODE = "postcodes"
    ADDRESS = "addresses"
    EMAIL = "e-mail addresses"
    PHONE = "telephone numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalColumn:
    """A column of a table that leads to people."""

    index: int
    """Counted from 0."""
    trace: Trace
    labelled: bool
    """Whether the name of the column says so; otherwise its cells alone."""
    rows: tuple[int, ...] = field(repr=False)
    """Rows that hold one, counted from 1 under the header."""


_NAMES: tuple[tuple[re.Pattern[str], Trace], ...] = tuple(
    (regex(pattern), trace)
    for pattern, trace in (
        (r"(?:^|_)(?:d_?o_?b|(?:date|day)_?of_?birth|birth_?(?:date|day))(?:_|$)", Trace.BIRTH),
        (
            r"(?:^|_)(?:first|fore|given|last|sur|family|middle|maiden|christian|patient|patients|next_of_kin)_?names?$|^(?:full_?name|name_of_patient|patient_full_name)$",
            Trace.NAME,
        ),
        (r"(?:^|_)(?:post_?codes?|zip_?codes?|pcds?)(?:_|$)", Trace.POSTCODE),
        (r"(?:^|_)e_?mails?(?:_address(?:es)?)?(?:_|$)", Trace.EMAIL),
        (
            r"^(?:home_|patient_|postal_|street_|full_)?address(?:_?lines?)?(?:_?\d)?$|^street(?:_name)?$|^house_(?:no|number|name)$",
            Trace.ADDRESS,
        ),
        (
            r"(?:^|_)(?:(?:tele)?phone|mobile|tel)(?:_?(?:no|num|number|1|2|home|work))?$",
            Trace.PHONE,
        ),
    )
)
_POSTCODE = r"(?:[A-Z]{1,2}\d[A-Z\d]?) ?\d[ABD-HJLNP-UW-Z]{2}"
_DAY = r"\d{4}-\d\d-\d\d|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d\d)|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{4}|\d{8}"
_CELLS: dict[Trace, re.Pattern[str]] = {
    Trace.BIRTH: regex(rf"(?:{_DAY})(?:[T ][\d:.]{{1,15}}Z?)?"),
    Trace.NAME: regex(r"[^\W\d_][^\W\d_]?[^\d_@/\\=<>|:;]{0,60}"),
    Trace.POSTCODE: regex(_POSTCODE, re.IGNORECASE),
    Trace.ADDRESS: regex(r"(?=.*[A-Za-z]{3})[^=<>{}]{6,200}"),
    Trace.EMAIL: regex(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    Trace.PHONE: regex(r"(?:\+44|0044|0)[ ()-]{0,3}[1-9](?:[ ()-]{0,2}\d){8,9}"),
}
_ORGANISATIONS = regex(
    r"(?:^|_)(?:practices?|organi[sz]ations?|ods|surger(?:y|ies)|sites?|trusts?|hospitals?|ccg|stp|icb|pcn|institut\w*"
    r"|affiliations?|authors?|orcid|contributors?|roles?|jobs?|teams?|staff|users?|github|maintainers?"
    r"|contacts?|packages?|versions?|licen[cs]es?|provider|supplier|department|university|company|pharmac\w*)(?:_|$)"
)
_PLACES = regex(r"(?:^|_)(?:lsoa|msoa|oa|lat(?:itude)?|lon(?:g|gitude)?|easting|northing|ward|imd|oseast\w*|osnrth\w*)(?:\d\d)?(?:_|cd|nm|$)")  # fmt: skip
_LEAST_ALIKE = 0.6
_FEWEST = 2
_FEWEST_UNLABELLED = 5
_UNLABELLED_ALIKE = 0.8
_MIDDLE = frozenset({"01", "15"})


def personal_columns(table: Table) -> tuple[PersonalColumn, ...]:
    """Give the columns that lead to people, in the order of the table."""
    labelled = _labelled(table.header)
    judged = [
        found
        for index, trace in labelled.items()
        if (found := _judge(table, index, trace, labelled=True))
    ]
    judged += [
        found
        for index, trace in _unnamed(table)
        if index not in labelled and (found := _judge(table, index, trace, labelled=False))
    ]
    return tuple(sorted(judged, key=lambda found: found.index))


@of_header
def _labelled(header: Header) -> dict[int, Trace]:
    return {index: trace for index, name in enumerate(header) if (trace := _named(name))}


def lists_organisations(table: Table) -> bool:
    """Say whether a table lists authors, practices, packages: whoever is no patient."""
    return any(_ORGANISATIONS.search(normal(name)) for name in table.header)


def lists_places(table: Table) -> bool:
    """Say whether a table leads from postcodes to areas, as lookups do."""
    return any(_PLACES.search(normal(name)) for name in table.header)


@lru_cache(maxsize=8192)
def _named(name: str) -> Trace | None:
    if not 3 <= len(name) <= 60:
        return None
    plain = normal(name)
    return next((trace for pattern, trace in _NAMES if pattern.search(plain)), None)


def _judge(table: Table, index: int, trace: Trace, *, labelled: bool) -> PersonalColumn | None:
    cells = column(table, index)
    pattern = _CELLS[trace]
    filled = [(number, cell) for number, cell in enumerate(cells, start=1) if cell]
    alike = [(number, cell) for number, cell in filled if pattern.fullmatch(cell)]
    different = {cell for _, cell in alike}
    least, fewest = (_LEAST_ALIKE, _FEWEST) if labelled else (_UNLABELLED_ALIKE, _FEWEST_UNLABELLED)
    if len(different) < fewest or len(alike) < least * len(filled):
        return None
    if trace is Trace.BIRTH and _are_months(different):
        return None
    rows = tuple(number for number, _ in alike)
    return PersonalColumn(index=index, trace=trace, labelled=labelled, rows=rows)


def _are_months(days: set[str]) -> bool:
    """Say whether dates of birth were made coarser: every one is a first, or every one a fifteenth."""
    iso = [day for day in days if day[4:5] == "-" and day[7:8] == "-"]
    return len(iso) == len(days) and len({day[8:10] for day in iso} - _MIDDLE) == 0 and len({day[8:10] for day in iso}) == 1  # fmt: skip


def _unnamed(table: Table) -> Iterator[tuple[int, Trace]]:
    """Give the columns that may hold postcodes or e-mail addresses."""
    for index, told in told_of_words(table):
        if told.postcode:
            yield index, Trace.POSTCODE
        if told.address:
            yield index, Trace.EMAIL


# What stands between a label and its value.
_STATES = r"[\"' ]{0,2}[:=|]\s{0,3}[\"']?"
_WORDS = r"[A-Z][^\W\d_]{1,30}(?:[ ,'-]{1,2}[A-Z][^\W\d_]{1,30}){0,3}"
_LABELS_IN_TEXT: tuple[tuple[str, Trace, re.Pattern[str]], ...] = tuple(
    (needle, trace, regex(f"{needle}{pattern}", re.IGNORECASE))
    for needle, trace, pattern in (
        ("date of birth", Trace.BIRTH, rf"{_STATES}(?P<value>{_DAY})(?!\d)"),
        ("birth date", Trace.BIRTH, rf"{_STATES}(?P<value>{_DAY})(?!\d)"),
        ("birthdate", Trace.BIRTH, rf"{_STATES}(?P<value>{_DAY})(?!\d)"),
        ("dob", Trace.BIRTH, rf"{_STATES}(?P<value>{_DAY})(?!\d)"),
        ("postcode", Trace.POSTCODE, rf"{_STATES}(?P<value>{_POSTCODE})\b"),
        ("patient name", Trace.NAME, rf"{_STATES}(?P<value>{_WORDS})"),
        ("patient's name", Trace.NAME, rf"{_STATES}(?P<value>{_WORDS})"),
        ("patient_name", Trace.NAME, rf"{_STATES}(?P<value>{_WORDS})"),
        ("surname", Trace.NAME, rf"{_STATES}(?P<value>{_WORDS})"),
        ("forename", Trace.NAME, rf"{_STATES}(?P<value>{_WORDS})"),
    )
)
_NEAR = 400
"""Characters within which two traces are of the same person."""


_LABEL_ENDS = regex(r"[\"' ]{0,2}[:=|][^\S\n]{0,3}$", re.MULTILINE)
"""What of a label may end a line, with its value in the next one."""


def _labels(text: str) -> Iterator[int]:
    """Give where labels of no names stand with their values, or at the ends of their lines."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters of other alphabets: no place is certain
        yield from (found.start() for found in re.finditer("^", text, re.MULTILINE))
        return
    for needle, trace, pattern in _LABELS_IN_TEXT:
        start = lowered.find(needle) if trace is not Trace.NAME else -1
        while start >= 0:
            end = start + len(needle)
            if pattern.match(text, start) or _LABEL_ENDS.match(text, end):
                yield start
            start = lowered.find(needle, end)


_NOT_NAMES = Look(_labels)
"""Of several kinds, one is none of names."""


def personal_text(text: str, *, several_kinds: bool) -> dict[Trace, int]:
    """Count the different labelled values in a text that lead to people, by what they are.

    Only those count that stand near one of another kind, or of which there are two at least.

    Args:
        text: Any text.
        several_kinds: Whether one kind alone is nothing, which is quicker to tell.
    """
    if several_kinds and not _NOT_NAMES.may_hold(text):
        return {}
    lowered = text.lower()
    found = list(_in_text(text, lowered))
    kinds: dict[Trace, set[str]] = {}
    for _, trace, value in found:
        kinds.setdefault(trace, set()).add(value)
    if not _near(found):
        kinds = {trace: values for trace, values in kinds.items() if len(values) >= _FEWEST}
    return {trace: len(values) for trace, values in kinds.items()}


def _in_text(text: str, lowered: str) -> Iterator[tuple[int, Trace, str]]:
    """Give places, kinds and values; a label is looked for first, as most texts have none."""
    searched = text if len(lowered) == len(text) else lowered
    for needle, trace, pattern in _LABELS_IN_TEXT:
        start = lowered.find(needle)
        while start >= 0:
            match = pattern.match(searched, start)
            if match is not None:
                yield start, trace, match["value"].lower()
            start = lowered.find(needle, start + 1)


def _near(found: Sequence[tuple[int, Trace, str]]) -> bool:
    """Say whether two values of different kinds stand close together."""
    order = sorted((place, trace.name) for place, trace, _ in found)
    return any(a[1] != b[1] and b[0] - a[0] <= _NEAR for a, b in pairwise(order))
