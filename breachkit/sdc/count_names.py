"""What the name of a column says about whether it counts people.

Source: the header names of 24 study repositories, and the traps met in them: a dose, a week, an
index of deprivation, a model's number, the levels of a variable, person-time.
"""

import enum
import re
from collections.abc import Callable
from functools import lru_cache


class Role(enum.IntEnum):
    """How surely a column counts people. Ordered."""

    NONE = 0
    POSSIBLE = 1
    """Its name may as well mean something else."""
    CERTAIN = 2


_LONGEST = 80
_LONGEST_RAW = 200

# What is computed from people, not counted.
_STATISTIC = (
    r"rates?|ratios?|irr|pct|perc|percent(?:age)?s?|prop(?:ortion)?s?|means?|medians?|averages?|avg"
    r"|iqr|sd|stdev|std|se|var|variance|hr|or|rr|ci|ll|ul|lcl|ucl|lci|uci|lower|upper|coef|coeff"
    r"|estimates?|est|beta|p|pval|pvalue|p_values?|z|t|chi2|smd|df|aic|bic|loglik|logl|r2|auc"
    r"|weights?|risk_difference|ve|haz|hazard|surv|survival|cumhaz|cum_?inc|cumulative_incidence"
    r"|q1|q3|p\d{1,2}|min|max|minimum|maximum|range|score|index|cost|gini|density|freq_pct"
)
# What is counted, but not people; and what is not counted at all.
_NOT_PEOPLE = (
    r"nlevels?|levels?|years?|yrs?|months?|weeks?|days?|hours?|quarters?|dates?|time|age|ages"
    r"|ageband|imd|quintiles?|quartiles?|deciles?|percentiles?|doses?|model|version|ids?|codes?"
    r"|codelist|snomed|ctv3|icd10|chapter|rows?|cols?|columns?|order|rank|position|seed"
    r"|iterations?|iter|number|no|step|cut|knots?|missing_levels|convergence|converged|folds?|lags?"
    r"|practices?|gps?|stps?|regions?|msoas?|clusters?|sites?|hospitals?|trusts?|variables?|vars?"
    r"|files?|studies|study|person_?(?:time|years?|yrs|days?|months?|weeks?)|pt|pyears?|pyrs?|py"
    r"|fup|follow_?up(?:_time)?|terms?|params?|parameters?|categories|groups?|strata|points?"
    r"|gpus?|cpus?|cores|nodes|threads|executors|partitions|bytes|lines|pages|queries|jobs|retries|errors|warnings"
    r"|wave|phase|period|unique|distinct|models?|classes|chains?|draws|samples|bins|breaks|quantiles?"
)
_PEOPLE = (
    r"patients?|people|persons?|individuals?|participants?|women|men|children|adults|residents"
    r"|cases|deaths|events|admissions|hospitali[sz]ations|numerators?|denominators?|population"
)
_STATISTIC_END = re.compile(rf"(?:^|_)(?:{_STATISTIC}|{_NOT_PEOPLE})$")
_STATISTIC_ANY = re.compile(
    r"(?:^|_)(?:rates?|ratio|pct|perc|percent|percentage|prop|proportion|mean|median|iqr|sd|se|ci"
    r"|ll|ul|smd|p_?value|hazard|estimate|coef|pyears?|pyrs"
    r"|per_(?:1?0{2,6}|\d+|thousand|hundred|million|person|patient|1m|100k|week|month|day|year)"
    r"|person_?(?:time|years?|days?|months?|weeks?))(?:_|$)"
    r"|^per_|^expected_|^predicted_|%|^(?:var|model|week|year|month|day|dose|age)_"
)
_CERTAIN_NAME = re.compile(
    r"n|nn|n_?\d{1,2}|cnt|numer|pats|freq|no_of_.*|head_?count|n_?(?:total|all|obs|observations|events?|risk|at_?risk|exclude[ds]?|included?|eligible"
    r"|missing|nonmiss|cens(?:or(?:ed)?)?|pop|cases?|deaths?)|nobs|counts?|counted|freqs"
    r"|frequency|frequencies|populations|total_?population|list_?size|cohort_?size|sample_?size"
    rf"|denom|nevents?|num_?events?|at_?risk|risk_?set|{_PEOPLE}"
)
_POSSIBLE_NAME = re.compile(
    r"obs|observations|totals?|(?:sub|grand)_?total|num|number|pop|event|case|death|died|admitted"
    r"|registered|patient|person|individual|participant|infected|vaccinated|unvaccinated|censored"
    r"|males|females|alive|survivors|survived|outcomes|tally|ct|(?!dis|ac)[a-z]{2,20}count"
    r"|hospitali[sz]ed|tested|positive|negative|exposed|unexposed|dereg(?:istered)?"
)
_CERTAIN_PART = re.compile(
    rf"_(?:n|counts?|cnt|num|freq|{_PEOPLE})$|^(?:n|num|count|cnt|freq)_|^number_"
    rf"|^(?:{_PEOPLE})_(?:with|who|in|within|at|by|after|before|died|total)(?:_|$)"
)
_POSSIBLE_PART = re.compile(r"_totals?$|_(?:event|case|death)$|^(?:total|no|events|cases|deaths)_")
_ALWAYS = re.compile(r"(?:^|_)(?:numerator|denominator)s?$")

# A count may say how it was rounded, when it was made, which table it was joined from: such suffixes
# are taken off before the name is judged.
_QUALIFIED_END = re.compile(
    r"_(?:(?:19|20)\d\d(?:_\d\d)?|within_\d+_?d(?:ays?)?|\d+_?d(?:ays?)?|mid_?point_?\d*|mp6|rounded\d*|round_?\d+|rd|r[567]|redacted|derived|raw|unrounded|x|y)$"
)
_MIDPOINT = re.compile(r"_mid_?point_?\d*(?:_|$)|_mp6(?:_|$)|roundmid")
_SAYS_ROUNDED = re.compile(r"_(?:rounded\d*|round_?\d+|rd|r[5-7])(?:_|$)")
_N_IN_HEADER = re.compile(r"(?<![A-Za-z])n\s*=\s*(\d[\d,]{0,11})(?![\d.,])", re.IGNORECASE)
_WITH_PERCENT = re.compile(r"[(\[]\s*(?:col(?:umn)?|row)?\s*%\s*[)\]]|,\s*%$")
_NO_DOT = re.compile(r"^no\.(?=\W|$)", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[^a-z0-9%]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")


@lru_cache(maxsize=8192)
def role_of(name: str) -> Role:
    """Say from its name how surely a column counts people."""
    plain = _unqualified(normal(name))
    if not plain or len(plain) > _LONGEST:
        return Role.NONE
    if _CERTAIN_NAME.fullmatch(plain):
        return Role.CERTAIN
    if _POSSIBLE_NAME.fullmatch(plain):
        return Role.CERTAIN if _WITH_PERCENT.search(name) else Role.POSSIBLE
    if not _ALWAYS.search(plain) and is_statistic(name):
        return Role.NONE
    if _CERTAIN_PART.search(plain):
        return Role.CERTAIN
    return Role.POSSIBLE if _POSSIBLE_PART.search(plain) else Role.NONE


@lru_cache(maxsize=8192)
def is_statistic(name: str) -> bool:
    """Say whether a column's name tells that it holds a statistic, a time, a code: no count of people."""
    plain = _unqualified(normal(name))
    return bool(_STATISTIC_ANY.search(plain) or _STATISTIC_END.search(plain))


@lru_cache(maxsize=8192)
def is_midpoint_name(name: str) -> bool:
    """Say whether a column's name tells that its counts were rounded to midpoints."""
    return _MIDPOINT.search(normal(name)) is not None


@lru_cache(maxsize=8192)
def is_rounded_name(name: str) -> bool:
    """Say whether a column's name tells that its counts were rounded to multiples."""
    return _SAYS_ROUNDED.search(normal(name)) is not None


def header_count(name: str) -> int | None:
    """Give the count that a header such as `Vaccinated, N=1,234` states.

    What ends within parentheses may have been cut at the comma of a larger number: `Cases (N=1`.
    """
    found = _N_IN_HEADER.search(name[:_LONGEST_RAW])
    if found is None or (found.end(1) == len(name) and name.count("(") > name.count(")")):
        return None
    return int(found[1].replace(",", ""))


def write_header_counts(name: str, write: Callable[[int], str]) -> str:
    """Write something else for every count that a header states: `Vaccinated, N=[REDACTED]`.

    Args:
        name: The header, or the name of a row.
        write: Gives what is to stand where this count stood.
    """
    return _N_IN_HEADER.sub(
        lambda found: (
            found[0][: found.start(1) - found.start()] + write(int(found[1].replace(",", "")))
        ),
        name,
    )


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """Write a name in lower case with `_` between its words; `n (%)` becomes `n`."""
    named = _CAMEL.sub("_", _WITH_PERCENT.sub("", name[:_LONGEST_RAW].strip()))
    named = _NO_DOT.sub("number_", named)
    return _BETWEEN_WORDS.sub("_", named.lower()).strip("_")


def _unqualified(plain: str) -> str:
    shorter = _QUALIFIED_END.sub("", plain)
    return plain if shorter == plain else _unqualified(shorter)
