"""The study in which a log was released that prints rows of people, beside logs that do not."""

import functools
import random
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from breachkit.drill import study
from breachkit.drill.author import INDEX, Author, Settle, begin_study, release_totals
from breachkit.drill.planted import REGIONS, Planted, PlantedFile


LOG = "released_outputs/logs/extract_cohort.log"
CLEAN_LOGS = ("released_outputs/logs/make_tables.log", "released_outputs/logs/plots.log")
PRACTICES = "released_outputs/output/practices_by_region.csv"

_SEED = "a fire drill, with a log"
_ROWS = 24
_COLUMNS = f"{'patient_id':>13}{'sex':>5}{'age':>5}{'region':>18}{'review_date':>13}"

_HEAD = """2021-05-03 09:12:04 INFO  extract_cohort started in /srv/high/workspaces/asthma-reviews
2021-05-03 09:12:05 INFO  reading output/input.csv
2021-05-03 09:14:51 WARN  reviews before registration; these rows are left out:
"""
_TAIL = """2021-05-03 09:14:52 INFO  writing output/cohort.csv
2021-05-03 09:15:30 INFO  extract_cohort finished
"""

_CLEAN = {
    CLEAN_LOGS[0]: b"""2021-05-03 09:20:10 INFO  make_tables started
2021-05-03 09:20:12 INFO  reading output/cohort.csv
2021-05-03 09:21:02 INFO  writing output/table_total.csv
2021-05-03 09:21:02 INFO  make_tables finished
""",
    CLEAN_LOGS[1]: b"""2021-05-03 09:30:10 INFO  plots started
2021-05-03 09:30:12 INFO  matplotlib 3.3.4
2021-05-03 09:31:47 INFO  writing output/rates.svg
2021-05-03 09:31:48 INFO  plots finished
""",
}

_NUMBERS = b"""region,n_taking_part
North East,3
North West,14
London,5
South West,11
East of England,4
"""
"""Practices that took part: small counts, and not of people."""


@functools.cache
def plant() -> Planted:
    """Give the log as it was released."""
    rows = tuple(_rows())
    text = "".join((_HEAD, f"{_COLUMNS}\n", *(f"{row}\n" for row in rows), _TAIL))
    ids = (row.split()[1] for row in rows)
    log = PlantedFile(
        name="a log with one row for each patient",
        content=text.encode(),
        betrays=frozenset((*rows, *(row.strip() for row in rows), *ids)),
    )
    return Planted(files=(log,), harmless=(_NUMBERS,))


def write(settle: Settle) -> Mapping[str, str]:
    """Write the history: logs are released with a table, and one of them later anew, shorter."""
    author = Author()
    begin_study(author)
    release_totals(author)
    [log] = plant().files
    index = study.released_index("practices_by_region.csv")
    released = {INDEX: index, PRACTICES: _NUMBERS, LOG: log.content, **_CLEAN}
    author.release("release-1", "plots", released)
    message = "Merge pull request #15 from asthma/release-candidates"
    author.merge("released", message, "plots", "release-1", "plots")
    report = {"report.md": study.REPORT}
    author.commit("report", study.CHEN, "Draft the report", "released", write=report)
    shortened = {LOG: "".join((_HEAD, "(24 rows)\n", _TAIL)).encode()}
    author.release("shorten", "report", shortened)
    final = {"report.md": study.REPORT_FINAL}
    author.commit("final", study.BEN, "Finish the report", "shorten", write=final)
    author.name_refs(
        {
            "refs/heads/main": "final",
            "refs/heads/palette": "palette",
            "refs/heads/release-candidates": "release-1",
            "refs/pull/4/head": "pull-4",
            "refs/pull/15/head": "release-1",
            "refs/tags/v0.1": "totals",
        }
    )
    return author.settle(settle)


def _rows() -> Iterator[str]:
    draw = random.Random(_SEED)  # noqa: S311 - invented data, not a secret
    ids = sorted(draw.sample(range(20_000_001, 89_999_999), _ROWS))
    for number, patient in enumerate(ids):
        day = date(2021, 1, 4) + timedelta(days=7 * draw.randrange(14) + draw.randrange(5))
        region, age = draw.choice(REGIONS), draw.randint(18, 97)
        yield f"{number:<3}{patient:>10}{draw.choice('FM'):>5}{age:>5}{region:>18}{day.isoformat():>13}"
