"""The practice data that must not be found anywhere afterwards, drawn anew from a fixed seed.

Everything here is invented. The numbers are long and odd on purpose: if one of them turns up in a
mail or on a screen, that is no coincidence.
"""

import functools
import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta


REGIONS = ("North East", "North West", "London", "South West", "East of England")
AGE_BANDS = ("18-39", "40-59", "60-79", "80+")
MARK = "[REDACTED]"

_SEED = "a fire drill, the same for everybody"
_ROWS_OF_PATIENTS = 143
_SMALL = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedFile:
    """A file that discloses something about the study's invented patients."""

    name: str
    """What a person calls it."""
    content: bytes = field(repr=False)
    betrays: frozenset[str] = field(default=frozenset(), repr=False)
    """What betrays it wherever it turns up; of a table those are its rows and its long numbers."""

    @property
    def blob(self) -> str:
        """The id git gives it."""
        return blob_id(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Every file of a breach."""

    files: tuple[PlantedFile, ...]
    """Those that must go."""
    harmless: tuple[bytes, ...] = field(default=(), repr=False)
    """Contents that resemble them, may stay, and may be shown."""

    @property
    def blobs(self) -> frozenset[str]:
        """The ids of the files that must go."""
        return frozenset(planted.blob for planted in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTables(Planted):
    """The breach of released tables, and one table that was redacted properly afterwards."""

    by_region: PlantedFile
    for_paper: PlantedFile
    follow_up: PlantedFile
    single_year: PlantedFile
    extract: PlantedFile
    follow_up_redacted: bytes = field(repr=False)


def blob_id(content: bytes) -> str:
    """Give the id of a blob (SHA-1). Source: gitformat-pack(5) and git-hash-object(1)."""
    framed = b"blob %d\0%b" % (len(content), content)
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest()


@functools.cache
def plant() -> PlantedTables:
    """Draw the practice data; the same on every machine and every day."""
    draw = random.Random(_SEED)  # noqa: S311 - invented data, not a secret
    rows = tuple(_rows_by_region(draw))
    follow_up = tuple(_rows_of_follow_up(draw))
    header = ("region", "age_band", "patients", "n_admitted")
    by_region = PlantedFile(name="a table by age and region", content=_csv(header, rows))
    for_paper = PlantedFile(
        name="the same table, prepared for a paper",
        content=_csv(("table", *header), (("Table 2", *row) for row in rows[::-1])),
    )
    months = ("month", "region", "patients", "n_admitted")
    before = PlantedFile(
        name="a follow-up table, later redacted in place", content=_csv(months, follow_up)
    )
    redacted = _csv(months, map(_redact, follow_up))
    single_year = PlantedFile(
        name="a table by single year of age",
        content=_csv(("age", "patients", "n_admitted"), _rows_by_year(draw)),
    )
    columns = ("patient_id", "sex", "age", "region", "review_date")
    extract = PlantedFile(
        name="an extract with one row for each patient",
        content=_csv(columns, _rows_of_patients(draw)),
    )
    return PlantedTables(
        files=(by_region, for_paper, before, single_year, extract),
        harmless=(redacted,),
        by_region=by_region,
        for_paper=for_paper,
        follow_up=before,
        single_year=single_year,
        extract=extract,
        follow_up_redacted=redacted,
    )


def telltales(planted: Planted) -> frozenset[str]:
    """Give what would betray the planted files: whole rows, patient ids and long odd numbers.

    A count of 3 alone betrays nothing; its row does. What the redacted table still shows is
    public and is left out.
    """
    found = {text for file in planted.files for text in file.betrays or _betrays(file.content)}
    public = b"\n".join(planted.harmless).decode()
    return frozenset(text for text in found if text not in public)


def _betrays(table: bytes) -> Iterator[str]:
    rows = table.decode().splitlines()[1:]
    yield from rows
    yield from (cell for row in rows for cell in row.split(",") if _is_telling(cell))


class Detector:
    """Looks for telltales in whatever a command wrote."""

    def __init__(self, words: Iterable[str]) -> None:
        ordered = sorted(words, key=len, reverse=True)
        alternatives = b"|".join(re.escape(word.encode()) for word in ordered)
        # A number inside an object id or a longer number is not the number.
        self._pattern = re.compile(rb"(?<![0-9A-Za-z])(?:%b)(?![0-9A-Za-z])" % alternatives)

    def finds_in(self, content: bytes | str) -> bool:
        """Say whether any of the words stands in it."""
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        return self._pattern.search(raw) is not None


def _is_telling(cell: str) -> bool:
    return cell.isdigit() and len(cell) >= 6


def _rows_by_region(draw: random.Random) -> Iterator[Sequence[str]]:
    for region in REGIONS:
        for band in AGE_BANDS:
            admitted = draw.choice(_SMALL) if band in AGE_BANDS[::3] else draw.randint(11, 96)
            yield region, band, _odd_number(draw), str(admitted)


def _rows_of_follow_up(draw: random.Random) -> Iterator[Sequence[str]]:
    for month in range(1, 7):
        for region in REGIONS:
            small = draw.random() < 0.3
            admitted = draw.choice(_SMALL) if small else 5 * draw.randint(3, 30)
            yield f"2021-{month:02}", region, str(5 * draw.randint(9_000, 19_000)), str(admitted)


def _rows_by_year(draw: random.Random) -> Iterator[Sequence[str]]:
    for age in range(84, 97):
        admitted = draw.choice(_SMALL) if age > 90 else draw.randint(12, 58)
        yield str(age), _odd_number(draw), str(admitted)


def _rows_of_patients(draw: random.Random) -> Iterator[Sequence[str]]:
    for patient_id in sorted(draw.sample(range(20_000_001, 89_999_999), _ROWS_OF_PATIENTS)):
        day = date(2021, 1, 4) + timedelta(days=7 * draw.randrange(14) + draw.randrange(5))
        sex, region = draw.choice("FM"), draw.choice(REGIONS)
        yield str(patient_id), sex, str(draw.randint(18, 97)), region, day.isoformat()


def _odd_number(draw: random.Random) -> str:
    """Draw a count of six digits that is no multiple of 5, as counts are before rounding."""
    return str(5 * draw.randint(24_000, 99_000) + draw.randint(1, 4))


def _redact(row: Sequence[str]) -> Sequence[str]:
    *labels, admitted = row
    return (*labels, MARK if int(admitted) in _SMALL else admitted)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return "".join(f"{','.join(row)}\n" for row in (header, *rows)).encode()
