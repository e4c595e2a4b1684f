"""The study in which one table was committed too early, and redacted in its place a week later."""

import functools
import random
from collections.abc import Iterator, Mapping, Sequence

from breachkit.drill import study
from breachkit.drill.author import INDEX, Author, Settle, begin_study, release_totals
from breachkit.drill.planted import AGE_BANDS, MARK, REGIONS, Planted, PlantedFile


DRAFTED = "released_outputs/output/table_admissions.csv"

_SEED = "a fire drill, with one table"
_HEADER = ("region", "age_band", "patients", "n_admitted")


@functools.cache
def plant() -> Planted:
    """Give the table as it was drafted; as it was redacted it may stay."""
    rows = tuple(_rows())
    table = PlantedFile(name="the table as it was drafted", content=_csv(rows))
    return Planted(files=(table,), harmless=(redacted(),))


@functools.cache
def redacted() -> bytes:
    """Give the table as it was redacted: whole bands of age, so that no total gives a count back."""
    gone = (MARK, MARK)
    return _csv((*row[:2], *(gone if row[1] in _SMALL_BANDS else row[2:])) for row in _rows())


def write(settle: Settle) -> Mapping[str, str]:
    """Write the history: drafted on a branch, merged, and redacted."""
    author = Author()
    begin_study(author)
    release_totals(author)
    [table] = plant().files
    index = study.released_index("table_admissions.csv")
    author.release("release-1", "plots", {INDEX: index, DRAFTED: table.content})
    message = "Merge pull request #15 from asthma/release-candidates"
    author.merge("drafted", message, "plots", "release-1", "plots")
    author.release("redact", "drafted", {DRAFTED: redacted()})
    report = {"report.md": study.REPORT}
    author.commit("report", study.BEN, "Draft the report", "redact", write=report)
    final = {"report.md": study.REPORT_FINAL}
    author.commit("final", study.ADA, "Finish the report", "report", write=final)
    author.name_refs(
        {
            "refs/heads/main": "final",
            "refs/heads/palette": "palette",
            "refs/heads/release-candidates": "redact",
            "refs/pull/4/head": "pull-4",
            "refs/pull/15/head": "release-1",
            "refs/tags/v0.1": "totals",
        }
    )
    return author.settle(settle)


_SMALL_BANDS = AGE_BANDS[::3]


def _rows() -> Iterator[Sequence[str]]:
    draw = random.Random(_SEED)  # noqa: S311 - invented data, not a secret
    for region in REGIONS:
        for band in AGE_BANDS:
            patients = 5 * draw.randint(24_000, 99_000)
            small = band in _SMALL_BANDS
            admitted = draw.randint(1, 5) if small else 5 * draw.randint(20, 90)
            yield region, band, str(patients + small * draw.randint(1, 4)), str(admitted)


def _csv(rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> bytes:
    return "".join(f"{','.join(row)}\n" for row in (_HEADER, *rows)).encode()
