"""Which columns of a table count people, and which counts they hold.

Two thirds of released tables hold a whole number from 1 to 5 somewhere: a category's code, a
week, a dose, the number of a model. So a column counts people only if its name says so (or its
cells are written as `n (p%)`) and everything in it is a whole number or a mark.

Source: the header names of 24 study repositories, and the traps met in them.
"""

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from breachkit.documents.table import Table, column_label
from breachkit.sdc.marks import mark_of


class Role(enum.IntEnum):
    """How surely a column counts people. Ordered."""

    NONE = 0
    POSSIBLE = 1
    """Its name may as well mean something else."""
    CERTAIN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CountColumn:
    """A column that counts people."""

    index: int
    """Counted from 0."""
    label: str
    role: Role
    counts: Sequence[int | None] = field(repr=False)
    """One per row; None where the cell holds no count."""


_STATISTIC = (
    r"rates?|ratios?|irr|pct|perc|percent(?:age)?s?|prop(?:ortion)?s?|means?|medians?|averages?|avg|iqr|sd|stdev|std|se|var"
    r"|variance|hr|or|rr|ci|ll|ul|lcl|ucl|lci|uci|lower|upper|coef|coeff|estimates?|est|beta|p|pval|pvalue|p_values?|z|t|chi2"
    r"|smd|df|aic|bic|loglik|logl|r2|auc|weights?|risk_difference|ve|haz|hazard|surv|survival|cumhaz|cum_?inc|cumulative_incidence"
    r"|q1|q3|p\d{1,2}|min|max|minimum|maximum|range|score|index|cost|gini|density|freq_pct"
)
_NOT_PEOPLE = (
    r"nlevels?|levels?|years?|yrs?|months?|weeks?|days?|hours?|quarters?|dates?|time|age|ages|ageband|imd|quintiles?|quartiles?|deciles?"
    r"|percentiles?|doses?|model|version|ids?|code|codes|codelist|snomed|ctv3|icd10|chapter|row|rows|col|cols|columns?|num_?levels"
    r"|order|rank|position|seed|iterations?|iter|number|no|step|cut|knots?|missing_levels|convergence|converged|folds?|lag|lags"
    r"|practices?|gps?|stps?|regions?|msoas?|clusters?|sites?|hospitals?|trusts?|variables?|vars?|files?|studies|study"
    r"|person_?(?:time|years?|days?|months?|weeks?)|pt|pyears?|pyrs?|py|person_yrs?|fup|follow_?up(?:_time)?"
    r"|terms?|params?|parameters?|categories|groups?|strata|points?|obs_time|tests_per|consultations_per|wave|phase|period"
)
_STATISTIC_END = re.compile(rf"(?:^|_)(?:{_STATISTIC})$")
_STATISTIC_ANY = re.compile(
    r"(?:^|_)(?:rate|rates|ratio|pct|perc|percent|percentage|prop|proportion|mean|median|iqr|sd|se|ci|ll|ul|smd|p_?value"
    r"|per_(?:1?0{2,6}|thousand|hundred|million|person|patient|1m|100k|week|month|day|year)|hazard|estimate|coef"
    r"|person_?(?:time|years?|days?|months?|weeks?)|pyears?|pyrs)(?:_|$)|^per_|%"
)
_NOT_PEOPLE_END = re.compile(
    rf"(?:^|_)(?:{_NOT_PEOPLE})$|^(?:var|model|week|year|month|day|dose|age)_"
)
_COUNT_NAME = re.compile(
    r"(?:n|nn|n_?total|n_?all|n_?(?:obs|observations|events?|risk|at_?risk|exclude[ds]?|included?|eligible|missing|nonmiss|cens(?:or(?:ed)?)?|people|patients?|persons?|individuals?|cases?|deaths?|cat|pop)"
    r"|obs|nobs|observations|no_of_.*|number_of_.*|num|count|counts|counted|freq|freqs|frequency|frequencies"
    r"|patients?|people|persons?|individuals?|participants?|population|populations|pop|total_?population|list_?size|cohort_size|sample_size|denom|denoms"
    r"|nevents?|num_?events?|events?|cases?|deaths?|numerators?|denominators?|total|totals|subtotal|registered|admitted|admissions?|hospitali[sz]ations?|n_events_total|at_?risk|n_risk|risk_?set)"
)
_COUNT_END = re.compile(
    r"_(?:n|counts?|num|total|totals|freq|events?|cases?|deaths?|patients?|people|persons?|individuals?|participants?|numerators?|denominators?|population|admissions?)$"
)
_COUNT_START = re.compile(r"^(?:n|num|count|number|total|no|freq)_")
_POSSIBLE_NAME = re.compile(r"(?:obs|total|totals|subtotal|num|pop|events?|n_cat|freq|no_of_.*)")
# A rounded count says how: the suffix is taken off before the name is judged.
_ROUNDED_END = re.compile(
    r"_(?:mid_?point_?\d*|midpoint\d+|rounded|rounded\d+|round_?\d+|rd|r5|r7|redacted|derived|raw|unrounded)$"
)
_MIDPOINT = re.compile(r"mid_?point_?\d*|_mp6\b|roundmid")
_N_IN_HEADER = re.compile(r"\bn\s*=\s*(\d[\d,]*)", re.IGNORECASE)

_COUNT = re.compile(r"\d{1,9}|\d{1,3}(?:[,\u00a0\u202f ]\d{3})+|\d{1,9}\.0{1,6}")
_N_PERCENT = re.compile(
    r"(\d{1,9}|\d{1,3}(?:,\d{3})+)\s*[\[(]\s*[<~]?\s*\d{1,3}(?:\.\d*)?\s*%\s*[\])]"
)
_N_BRACKET = re.compile(
    r"(\d{1,9}|\d{1,3}(?:,\d{3})+)\s*[\[(]\s*[<~]?\s*\d{1,3}(?:\.\d*)?\s*%?\s*[\])]"
)


@lru_cache(maxsize=8192)
def role_of(name: str) -> Role:
    """Say from its name how surely a column counts people."""
    plain = _normal(name)
    previous = None
    while plain != previous:
        previous, plain = plain, _ROUNDED_END.sub("", plain)
    if not plain or len(plain) > 80 or _STATISTIC_ANY.search(plain):
        return Role.NONE
    if _COUNT_NAME.fullmatch(plain):
        return Role.POSSIBLE if _POSSIBLE_NAME.fullmatch(plain) else Role.CERTAIN
    if _STATISTIC_END.search(plain) or _NOT_PEOPLE_END.search(plain):
        return Role.NONE
    if _COUNT_END.search(plain) or _COUNT_START.search(plain):
        return Role.CERTAIN
    return Role.NONE


@lru_cache(maxsize=8192)
def is_midpoint_name(name: str) -> bool:
    """Say whether a column's name tells that its counts were rounded to midpoints."""
    return _MIDPOINT.search(_normal(name)) is not None


def header_count(name: str) -> int | None:
    """Give the count that a header such as `Vaccinated, N=1,234` states."""
    found = _N_IN_HEADER.search(name)
    return int(found[1].replace(",", "")) if found else None


def count_of(cell: str) -> int | None:
    """Read a stripped cell as a whole number of people; None where it is anything else.

    Knows thousands separators (`1,234`), numbers that pandas turned into decimals (`12.0`) and
    counts with their percentage (`12 (3.4%)`).
    """
    if cell.isdecimal() and cell.isascii():
        return int(cell) if len(cell) <= 9 else None
    if not cell or not "0" <= cell[0] <= "9":
        return None
    if _COUNT.fullmatch(cell):
        return int(re.sub(r"[, \u00a0\u202f]", "", cell.partition(".")[0]))
    pair = _N_BRACKET.fullmatch(cell)
    return int(pair[1].replace(",", "")) if pair else None


def column(table: Table, index: int) -> list[str]:
    """Give the cells of a column, counted from 0, one per row; empty where a row is short."""
    return [row[index] if index < len(row) else "" for row in table.rows]


def count_columns(table: Table) -> tuple[CountColumn, ...]:
    """Give the columns that count people, from left to right."""
    return tuple(_count_columns(table))


def _count_columns(table: Table) -> Iterator[CountColumn]:
    for index, name in enumerate(table.header):
        role = role_of(name)
        if role is Role.NONE:
            continue
        counts = whole_counts(column(table, index))
        if counts is not None:
            yield CountColumn(
                index=index, label=column_label(table.header, index), role=role, counts=counts
            )


def whole_counts(cells: Sequence[str]) -> list[int | None] | None:
    """Read a column as counts; None where some cell is neither a count nor a mark, or none is a count."""
    counts: list[int | None] = []
    any_count = False
    for cell in cells:
        count = count_of(cell)
        if count is None and mark_of(cell) is None:
            return None
        any_count = any_count or count is not None
        counts.append(count)
    return counts if any_count else None


def _normal(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9%]+", "_", spaced.lower()).strip("_")
