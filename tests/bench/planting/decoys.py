"""Invented files that disclose nothing, though they hold small numbers or words of disclosure."""

from collections.abc import Mapping, Sequence
from random import Random

from tests.bench.planting.breaches import AGES, REGIONS, SEXES
from tests.bench.planting.formats import FORMATS, Content


def tables(random: Random) -> Mapping[str, Content]:
    """Tables that may be released as they are."""
    rounded = lambda: str(5 * random.randint(3, 900))  # noqa: E731 - short for what stands in every table
    return {
        "deprivation quintiles": Content(
            ("imd", "n"), [[str(number), rounded()] for number in range(1, 6)]
        ),
        "doses": Content(
            ("dose", "brand", "n"), [[str(d), b, rounded()] for d in (1, 2, 3) for b in ("a", "b")]
        ),
        "weeks": Content(
            ("week", "rate_per_1000"),
            [[str(week), f"{random.uniform(5, 90):.3f}"] for week in range(1, 30)],
        ),
        "coefficients": Content(
            ("term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high"),
            [[f"x{n}", *(f"{random.uniform(-2, 5):.3f}" for _ in range(6))] for n in range(9)],
        ),
        "whole coefficients": Content(
            ("term", "estimate", "hr"), [["(ref)", "0", "1"], ["age", "2", "3"], ["sex", "-1", "1"]]
        ),
        "degrees of freedom": Content(
            ("model", "df", "df.residual", "aic", "convergence"),
            [[str(n), str(n + 1), "4", f"{random.uniform(90, 900):.2f}", "0"] for n in range(1, 6)],
        ),
        "summary of variables": Content(
            ("variable", "var_nlevels", "var_type", "label"),
            [["sex", "2", "dichotomous", "Female"], ["imd", "5", "categorical", "Quintile 1"]],
        ),
        "midpoint 6": Content(
            ("ageband", "n_midpoint6"), [[a, str(6 * random.randint(0, 90) + 3)] for a in AGES]
        ),
        "suppressed and recomputed": _suppressed(random),
        "survival": Content(
            ("time", "survival", "conf.low", "conf.high"),
            [[str(t), f"{1 - t / 200:.4f}", f"{1 - t / 180:.4f}", f"{1 - t / 220:.4f}"] for t in range(1, 40)],
        ),
        "medians": Content(
            ("sex", "median", "q1", "q3"), [[sex, "3", "1", "5"] for sex in SEXES]
        ),
        "shares of large populations": Content(
            ("region", "population", "pct"),
            [[r, str(5 * random.randint(90_000, 900_000)), f"{random.uniform(1, 60):.1f}"] for r in REGIONS],
        ),
        "regions by code": Content(
            ("code", "region", "n"), [[f"E1200000{n}", r, rounded()] for n, r in enumerate(REGIONS, 1)]
        ),
        "series": Content(
            ("date", "value"), [[f"2020-{m:02}-01", f"{random.uniform(0, 1):.4f}"] for m in range(1, 13)]
        ),
    }  # fmt: skip


def _suppressed(random: Random) -> Content:
    rows = [[age, str(5 * random.randint(4, 300))] for age in AGES]
    rows[0][1] = rows[3][1] = "[REDACTED]"
    known = sum(int(row[1]) for row in rows if row[1].isdecimal())
    return Content(("ageband", "n"), [*rows, ["Total", str(5 * ((known + 57) // 5))]])


def files(random: Random) -> dict[str, bytes]:
    """Every decoy as a file: path to content."""
    found = {}
    for number, (name, table) in enumerate(tables(random).items()):
        for form in ("csv", "tsv", "html", "json records", "Markdown", "R print"):
            suffix, write = FORMATS[form]
            path = f"released_outputs/decoys/{name.replace(' ', '_')}_{number}_{form[:4].strip()}.{suffix}"
            found[path] = write(table)
    return found | _others(random)


def _others(random: Random) -> dict[str, bytes]:
    codes = [str(random.randint(10**9, 10**10 - 1)) for _ in range(400)]
    rows: Sequence[Sequence[str]] = [
        [str(number), str(random.randint(18, 90)), "2020-01-01"] for number in range(1, 101)
    ]
    return {
        "codelists/opensafely-asthma.csv": FORMATS["csv"][1](
            Content(("code", "term"), [[code, "a condition"] for code in codes])
        ),
        "dummy_data/cohort.csv": FORMATS["csv"][1](
            Content(("patient_id", "age", "index_date"), rows)
        ),
        "analysis/redact.R": b"""library(dplyr)
# counts <= 5 are redacted, the others rounded to the nearest 5
redact <- function(x, threshold = 5) ifelse(x <= threshold, NA, round(x / 5) * 5)
stopifnot(redact(3) %in% NA)
""",
        "README.md": b"Counts of 1 to 5 patients are never released; n < 6 is shown as [REDACTED].\n",
        "package.json": b'{"name": "viewer", "version": "1.2.3", "dependencies": {"vega": "5"}}\n',
        "released_outputs/decoys/axis.svg": b"<svg xmlns='http://www.w3.org/2000/svg'>"
        + b"".join(b"<text x='%d' y='200'>%d</text>" % (40 * n, n) for n in range(6))
        + b"</svg>",
        "released_outputs/decoys/log.log": b""". tab sex if n <= 5
. display "threshold 3"
threshold 3
. log close
""",
    }
