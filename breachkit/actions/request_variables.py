"""What the names of columns say of what is in them; where they say nothing, somebody has to.

Source: the header names of released tables of 24 study repositories; those of ehrQL's measures,
and of what R's broom, pandas and Stata call the columns of a model.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from breachkit.actions.request import Variable
from breachkit.documents.table import Origin, Table, column_label
from breachkit.model.ids import display
from breachkit.model.patterns import regex
from breachkit.sdc.count_names import (
    Role,
    header_count,
    is_midpoint_name,
    is_rounded_name,
    normal,
    role_of,
)
from breachkit.sdc.counts import count_columns


MOST = 200
"""Columns of a table that are listed; a request with more is nobody's to read."""

_KNOWN: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (regex(rf"(?:{pattern})"), meaning)
    for pattern, meaning in (
        ("measure|measure_name", "the name of the measure"),
        ("interval_start", "the first day of the interval"),
        ("interval_end", "the last day of the interval"),
        ("numerators?|numer", "count: those of the denominator to whom it applies"),
        ("denominators?|denom", "count: all of whom the rate is one"),
        ("ratio", "the numerator divided by the denominator"),
        ("pct|perc|percent(?:age)?s?|%", "percentage"),
        ("(?:.*_)?(?:pct|perc|percent|percentage)|(?:pct|perc|percent|percentage)_.*", "percentage"),
        ("prop|proportions?", "proportion"),
        ("rates?", "rate"),
        ("hr|hazard_ratio|haz_ratio", "hazard ratio"),
        ("or|odds_ratio", "odds ratio"),
        ("rr|risk_ratio|rate_ratio", "risk or rate ratio"),
        ("irr|incidence_rate_ratio", "incidence rate ratio"),
        ("estimates?|est|coef|coeff|coefficients?|beta", "estimate of a model"),
        ("(?:.*_)?(?:lower|lcl|lci|ll|ci_low|conf_low|low_ci|lower_ci|ci_lower|ci_l)(?:_.*)?|2_5_?%?", "lower confidence limit"),
        ("(?:.*_)?(?:upper|ucl|uci|ul|ci_high|conf_high|high_ci|upper_ci|ci_upper|ci_u)(?:_.*)?|97_5_?%?", "upper confidence limit"),
        ("(?:95_?)?%?_?(?:ci|conf(?:idence)?_interval|conf_int)", "confidence interval"),
        ("se|std_err(?:or)?|standard_error|robust_se", "standard error"),
        ("sd|std|stdev|standard_deviation", "standard deviation"),
        ("p|pval|p_?values?|p_z|p_t|pr_z|pr_t|p_chi2", "p value"),
        ("z|t|chi2|statistic|test_statistic|[zt]_value", "test statistic"),
        ("aic|bic|log_?lik(?:elihood)?|r_squared.*|rho|concordance|deviance", "statistic of the model's fit"),
        ("(?:p_value|statistic|std_error)_.{1,30}|prob_chi2", "test of the model"),
        ("df_null|d_f", "degrees of freedom"),
        ("min|minimum|smallest", "smallest value"),
        ("max|maximum|largest", "largest value"),
        ("p\\d{1,2}", "percentile"),
        ("redacted|suppressed", "whether the row was redacted"),
        ("(?:.*_)?(?:lc|uc)(?:_.*)?", "confidence limit"),
        ("mean|average|avg", "mean"),
        ("median", "median"),
        ("iqr", "interquartile range"),
        ("q1|p25|lower_quartile", "first quartile"),
        ("q3|p75|upper_quartile", "third quartile"),
        ("smd", "standardised mean difference"),
        ("df|dof|degrees_of_freedom|df_residual|residual_df|df_m|df_r", "degrees of freedom"),
        ("pyears?|person_?years?|py|person_?time|person_?days", "person-time"),
        ("(?:.*_)?(?:date|day|week|month|year|quarter|period)s?(?:_.*)?", "date or period"),
        ("age|age_?groups?|age_?bands?|age_?cat(?:egory)?|agegroup.*", "age group"),
        ("sex|gender", "sex"),
        ("ethnicity.*|ethnic_?group", "ethnic group"),
        ("imd.*", "index of multiple deprivation, grouped"),
        ("region|nhs_?region", "region"),
        ("term|variables?|characteristics?|covariates?|parameters?", "what the row is about: a variable"),
        ("levels?|categor(?:y|ies)|(?:sub)?groups?|strata|stratum|labels?", "what the row is about: a category"),
        ("outcomes?", "the outcome"),
        ("exposures?", "the exposure"),
        ("models?", "the model"),
    )
)  # fmt: skip
_SHORT_WORDS = frozenset(
    [
        "age",
        "all",
        "and",
        "any",
        "bmi",
        "by",
        "ckd",
        "copd",
        "covid",
        "day",
        "dose",
        "end",
        "flu",
        "for",
        "gp",
        "hba1c",
        "hes",
        "icu",
        "imd",
        "in",
        "is",
        "male",
        "max",
        "mean",
        "min",
        "mth",
        "new",
        "no",
        "not",
        "nhs",
        "of",
        "ons",
        "or",
        "per",
        "sex",
        "sgss",
        "the",
        "time",
        "to",
        "total",
        "type",
        "uk",
        "use",
        "vax",
        "who",
        "with",
        "year",
    ]
)
_WORD = regex(r"[a-z]{4,30}")
_NUMBERED = regex(r"column \d+")
_VAGUE = frozenset({"column", "field", "value", "values", "feature", "index", "name", "data"})


def variables_of(table: Table) -> tuple[Variable, ...]:
    """Give the columns of a table that somebody laid out, with what their names say.

    In a print-out a program named them, if anybody did.
    """
    if table.origin in {Origin.PRINTED, Origin.FIGURE}:
        return ()
    counting = {found.index for found in count_columns(table)} if table.rows else set()
    width = min(len(table.header), MOST)
    made = (_variable(table.header, at, is_count=at in counting) for at in range(width))
    if table.origin is Origin.RECORDS and len(table.rows) <= 1:
        return tuple(_unless_a_key(each, at) for at, each in enumerate(made))
    return tuple(made)


def _unless_a_key(variable: Variable, at: int) -> Variable:
    """Give a variable; without its name where that may be a category, as the keys of one object are."""
    if variable.meaning.startswith(_BY_NAME) or not variable.meaning:
        return Variable(label=f"column {at + 1}")
    return variable


_BY_NAME = ("as it says", "by its name")


def _variable(header: Sequence[str], at: int, *, is_count: bool) -> Variable:
    label = display(column_label(header, at))
    name = header[at].strip()
    if _NUMBERED.fullmatch(label):
        is_names = at == 0 and not name and any(map(str.strip, header))
        return Variable(label=label, meaning="names of the rows" if is_names else "")
    return Variable(label=label, meaning=_meaning(name, is_count=is_count))


@lru_cache(maxsize=4096)
def _meaning(name: str, *, is_count: bool) -> str:
    plain = normal(name)
    for pattern, meaning in _KNOWN:
        if pattern.fullmatch(plain):
            return meaning + _rounded(name)
    if "%" in name:
        return "percentage"
    words = plain.split("_")
    if is_count or role_of(name) is Role.CERTAIN or header_count(name) is not None:
        return ("count" if len(plain) <= _LETTER else f"count: {_said(words)}") + _rounded(name)
    if len(words) == 1 or " " in name.strip():
        return "as it says" if any(map(_is_readable, words)) else ""
    return f"by its name: {_said(words)}" if all(map(_is_readable, words)) else ""


_LETTER = 2


def _rounded(name: str) -> str:
    if is_midpoint_name(name):
        return ", by its name rounded to midpoints"
    return ", by its name rounded" if is_rounded_name(name) else ""


def _said(words: Sequence[str]) -> str:
    """Give the words of a name; digits in them may be a count (`n_3`), and are left out."""
    return " ".join(word for word in words if not word.isdecimal())


def _is_readable(word: str) -> bool:
    return word in _SHORT_WORDS or (_WORD.fullmatch(word) is not None and word not in _VAGUE)
