"""The practice data that must not be found anywhere afterwards, drawn anew from a fixed seed.

Everything here is invented. The numbers are long and odd on purpose: if one of them turns up in a
mail or on a screen, that is no coincidence.
"""

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

    @property
    def blob(self) -> str:
        """The id git gives it."""
        return blob_id(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Every file of the breach, and one that was redacted properly afterwards."""

    by_region: PlantedFile
    for_paper: PlantedFile
    follow_up: PlantedFile
    single_year: PlantedFile
    extract: PlantedFile
    follow_up_redacted: bytes = field(repr=False)

    @property
    def files(self) -> tuple[PlantedFile, ...]:
        """Those that must go."""
        return (self.by_region, self.for_paper, self.follow_up, self.single_year, self.extract)

    @property
    def blobs(self) -> frozenset[str]:
        """The ids of the files that must go."""
        return frozenset(planted.blob for planted in self.files)


def blob_id(content: bytes) -> str:
    """Give the id of a blob (SHA-1). Source: gitformat-pack(5) and git-hash-object(1)."""
    framed = b"blob %d\0%b" % (len(content), content)
    return hashlib.sha1(framed, usedforsecurity=False).hexdigest()


def plant() -> Planted:
    """Draw the practice data; the same on every machine and every day."""
    draw = random.Random(_SEED)  # noqa: S311 - invented data, not a secret
    rows = tuple(_rows_by_region(draw))
    follow_up = tuple(_rows_of_follow_up(draw))
    header = ("region", "age_band", "patients", "n_admitted")
    return Planted(
        by_region=PlantedFile(name="a table by age and region", content=_csv(header, rows)),
        for_paper=PlantedFile(
            name="the same table, prepared for a paper",
            content=_csv(("table", *header), (("Table 2", *row) for row in rows[::-1])),
        ),
        follow_up=PlantedFile(
            name="a follow-up table, later redacted in place",
            content=_csv(("month", "region", "patients", "n_admitted"), follow_up),
        ),
        single_year=PlantedFile(
            name="a table by single year of age",
            content=_csv(("age", "patients", "n_admitted"), _rows_by_year(draw)),
        ),
        extract=PlantedFile(
            name="an extract with one row for each patient",
            content=_csv(
                ("patient_id", "sex", "age", "region", "review_date"), _rows_of_patients(draw)
            ),
        ),
        follow_up_redacted=_csv(
            ("month", "region", "patients", "n_admitted"), map(_redact, follow_up)
        ),
    )


def telltales(planted: Planted) -> frozenset[str]:
    """Give what would betray the planted files: whole rows, patient ids and long odd numbers.

    A count of 3 alone betrays nothing; its row does. What the redacted table still shows is
    public and is left out.
    """
    found: set[str] = set()
    for file in planted.files:
        rows = file.content.decode().splitlines()[1:]
        found.update(rows)
        found.update(cell for row in rows for cell in row.split(",") if _is_telling(cell))
    public = planted.follow_up_redacted.decode()
    return frozenset(text for text in found if text not in public)


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
