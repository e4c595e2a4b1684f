"""Statistics that were left beside a count that was taken out.

Which count a statistic belongs to is told by the words that their names share (`died_n`, `died_pct`),
else by their places: it stands behind its count.

Source: OpenSAFELY documentation 03b2b26 (2020-12-15): "any statistic describing 5 or fewer
patients". Coefficients of models and what is printed with them (ratios of
hazards and odds, intervals, p) may be released and are not looked at.
"""

from collections.abc import Sequence

from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.sdc.cells import Place
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import Grid
from breachkit.sdc.count_names import normal
from breachkit.sdc.stated import share_behind, stated
from breachkit.sdc.suppressed import suppression_of


_STATISTIC = regex(
    r"(?:^|_)(?:rates?|pct|perc|percent(?:age)?s?|prop(?:ortion)?s?|means?|medians?|averages?|avg|sd|stdev|iqr|q1|q3"
    r"|incidence|prevalence|cumulative_incidence|risk|value|share|fraction|min|max|sum)(?:_|$)|%|_per_|^per_"
)
_MODEL = regex(
    r"(?:^|_)(?:hr|or|rr|irr|hazard|odds|ratio|ci|lci|uci|lcl|ucl|ll|ul|lower|upper|low|high|p|pval|p_?value|coef|beta|est|estimate|se"
    r"|difference|diff|smd|adjusted|adj|crude_(?:hr|or)|std|standardi[sz]ed)(?:_|$)"
)
_COUNT_WORDS = frozenset(
    [
        "n",
        "no",
        "num",
        "number",
        "count",
        "counts",
        "freq",
        "total",
        "cases",
        "events",
        "patients",
        "people",
        "denominator",
        "numerator",
        "of",
    ]
)
_STATISTIC_WORDS = frozenset(
    ["rate", "rates", "pct", "perc", "percent", "percentage", "percentages", "prop", "proportion", "proportions", "mean", "means", "median", "average", "avg", "sd", "iqr", "value", "risk", "incidence", "prevalence", "share", "fraction", "per", "100", "1000", "10000", "100000", "000", "min", "max", "sum", "q1", "q3"]
)  # fmt: skip


def left_beside(table: Table, grid: Grid) -> tuple[Place, ...]:
    """Give the cells (row and column from 0) that print a statistic of a count that was taken out."""
    found = [place for place in grid.strong if _has_share(column(table, place[1])[place[0]])]
    marked = sorted({index for _, index in grid.strong})
    for at, name in enumerate(table.header):
        if at in grid.columns or not is_descriptive(name):
            continue
        counts = [index for index in marked if _belongs(table.header, grid, at, index)]
        cells = column(table, at)
        rows = {row for row, index in grid.strong if index in counts}
        found += [(row, at) for row in rows if _tells(cells[row])]
    return tuple(sorted(found))


def is_descriptive(name: str) -> bool:
    """Say whether a name is that of a percentage, a rate, a mean: a statistic of the people counted."""
    plain = normal(name)
    return bool(_STATISTIC.search(plain)) and not _MODEL.search(plain)


def _has_share(cell: str) -> bool:
    found = share_behind(cell)
    return suppression_of(cell) and found is not None and found.low > 0


def _tells(cell: str) -> bool:
    """Say whether a cell prints a number that is not 0."""
    found = stated(cell, of=1)
    return found is not None and found.low > 0


def _belongs(header: Sequence[str], grid: Grid, statistic: int, count: int) -> bool:
    own, others = _alike(header, statistic), _alike(header, count)
    if len(own) == len(others) > 1:  # the same columns for each of several groups
        return own.index(statistic) == others.index(count)
    words = _words(header[statistic], _STATISTIC_WORDS)
    named = [index for index in grid.columns if _words(header[index], _COUNT_WORDS) == words]
    return count in (named if words and named else _run_before(grid, statistic))


def _alike(header: Sequence[str], index: int) -> list[int]:
    return [at for at, name in enumerate(header) if name == header[index]]


def _run_before(grid: Grid, statistic: int) -> list[int]:
    """Give the nearest counts before a statistic: its own, and those that stand beside it."""
    found: list[int] = []
    for index in reversed([index for index in grid.columns if index < statistic]):
        if found and index != found[-1] - 1:
            break
        found.append(index)
    return found


def _words(name: str, dropped: frozenset[str]) -> frozenset[str]:
    return frozenset(normal(name).replace("%", "_").split("_")) - dropped - {""}
