"""What the checklist of a release asks about tables: names of columns, rounding, totals, counts of rates.

The rules (`detect`) find what discloses; here is what makes a checker send a table back although
nothing of it need be disclosive. A policy says what rounding is wanted.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from breachkit.actions.release_checks import Concern, Outcome
from breachkit.documents.table import Origin, Table, column_label
from breachkit.model.policy import Policy
from breachkit.sdc.cells import Released
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import Grid, grid_over
from breachkit.sdc.count_names import Role, header_count, normal
from breachkit.sdc.counts import CountColumn, count_columns, is_weighted, lists_codes, may_be_codes
from breachkit.sdc.margin_labels import column_families, is_total_label, row_families
from breachkit.sdc.margins import Family, Lines
from breachkit.sdc.recovery import MAX_CELLS, MAX_LINES
from breachkit.sdc.stated import stated


Told = tuple[str, Concern]
"""The id of an item, and what there is to say about it."""

_LAID_OUT = frozenset({Origin.FILE, Origin.SHEET, Origin.RECORDS})
"""Tables whose columns somebody named; in print-outs a program did."""
_MOST_NAMED = 12


def table_concerns(table: Table, policy: Policy, *, is_named: bool = True) -> Iterator[Told]:
    """Give what there is to say about a table, whatever the rules found in it.

    Args:
        table: Which.
        policy: By which it is judged.
        is_named: Whether somebody named its columns for a reader, as in a file of one table.
    """
    if not table.rows or table.above is not None:
        return
    if is_named and table.origin in _LAID_OUT and not table.hidden:
        yield from _column_names(table)
    yield from _rates(table)
    if policy.rounding == "required":
        yield from _unrounded(table, policy)
    yield from _totals(table)


# --- Names -------------------------------------------------------------------------------------

_NUMBERED = re.compile(
    r"(?:x|v|y|z|var|col|column|field|feature|unnamed:?|level|index)[ _.]?\d+(?:_level_\d+)?|\.{2,3}\d+|_\d+",
    re.IGNORECASE,
)
_SINGLE = re.compile(r"[a-z]", re.IGNORECASE)
_USUAL_SINGLES = frozenset("nptzrfNPTZRF")
"""What a single letter means in any table of results: a number of people, a probability, statistics."""


def _column_names(table: Table) -> Iterator[Told]:
    names = table.header
    if _is_data(names):
        what = "a table has no names above its columns"
        yield "column-names", Concern(what=what, outcome=Outcome.PERSON)
        return
    unclear = [at for at, name in enumerate(names) if _tells_nothing(name.strip(), at)]
    if unclear:
        what = "names of columns that tell nothing of what is in them"
        yield "column-names", _concern(table, what, unclear, Outcome.PERSON)


_YEAR_OR_GROUP = re.compile(
    r"(?:19|20)\d\d|\d{1,3}(?:\s?[-\u2013]\s?\d{1,3}|\+)?|\d{4}-\d\d(?:-\d\d)?"
)
"""What numbers name columns: a year, an age group, a month, a dose."""
_VALUE = re.compile(r"[-+]?\d[\d.,]*%?(?:\s*[(\[].*)?")


def _is_data(header: Sequence[str]) -> bool:
    """Say whether what stands first in a file is data: numbers, at most one of which may name a column."""
    cells = [name.strip() for name in header[:_MOST_LOOKED_AT] if name.strip()]
    values = [cell for cell in cells if _VALUE.fullmatch(cell)]
    odd = [cell for cell in values if not _YEAR_OR_GROUP.fullmatch(cell)]
    return bool(odd) or (bool(values) and len(values) == len(cells))


_MOST_LOOKED_AT = 50


def _tells_nothing(name: str, at: int) -> bool:
    """Say whether a name was given by a program; a first column without one names the rows."""
    if not name:
        return at > 0
    if _SINGLE.fullmatch(name):
        return name not in _USUAL_SINGLES
    return _NUMBERED.fullmatch(name) is not None


def _concern(table: Table, what: str, indices: Sequence[int], outcome: Outcome) -> Concern:
    labels = tuple(column_label(table.header, at) for at in indices[:_MOST_NAMED])
    return Concern(what=what, outcome=outcome, columns=labels)


# --- Rates -------------------------------------------------------------------------------------

_RATE = re.compile(
    r"(?:^|_)(?:rates?|pct|perc|percent|percentages?|prop|proportions?|incidence|prevalence|share)(?:_|$)"
    r"|per_(?:1?0{2,6}|thousand|hundred|million|person|patient|\d+k?)(?:_|$)|%"
)
_ESTIMATE = re.compile(
    r"(?:^|_)(?:ratios?|hr|or|rr|irr|ci|ll|ul|lcl|ucl|lci|uci|low(?:er)?|upp?(?:er)?|se|sd|std|p|diff(?:erence)?|change|standardi[sz]ed|adjusted|adj|predicted|expected)(?:_|$)"
)
_SAMPLE = 60
_NUMERATOR_AND_DENOMINATOR = 2


def _rates(table: Table) -> Iterator[Told]:
    rates = [at for at, name in enumerate(table.header[:200]) if _is_rate(table, at, name)]
    if not rates:
        return
    known = count_columns(table)
    if not known and not any(header_count(name) for name in table.header):
        what = "rates or percentages, and no counts in the table"
        yield "rate-counts", _concern(table, what, rates, Outcome.FAIL)
    elif len(known) < _NUMERATOR_AND_DENOMINATOR and not _has_denominator(table):
        what = "rates or percentages beside one column of counts: look that the request has the denominator"
        yield "rate-counts", _concern(table, what, rates, Outcome.PERSON)


def _is_rate(table: Table, at: int, name: str) -> bool:
    plain = normal(name)
    named = "%" in name or _RATE.search(plain) is not None
    if not named or _ESTIMATE.search(plain):
        return False
    cells = column(table, at)[:_SAMPLE]
    return any("(" not in cell and stated(cell, of=1) is not None for cell in cells)


def _has_denominator(table: Table) -> bool:
    """Say whether the whole stands in a row or a header: `Total`, `Female (N=1,240)`."""
    if any(header_count(name) for name in table.header):
        return True
    return any(is_total_label(_plain(cell)) for row in table.rows for cell in row[:2])


def _plain(cell: str) -> str:
    return cell.strip().lower()


# --- Rounding ----------------------------------------------------------------------------------


def _unrounded(table: Table, policy: Policy) -> Iterator[Told]:
    """Say which columns hold counts that the rounding of the policy cannot have given.

    The rule about unrounded counts (CNT-04) asks the numbers, which takes six different ones; here
    the policy says to what they were rounded, so that one is enough.
    """
    if is_weighted(table) or lists_codes(table) or not policy.rounding_bases:
        return
    is_allowed = _allowed(policy)
    odd = [
        found.index
        for found in count_columns(table)
        if found.role is Role.CERTAIN
        and not may_be_codes(found)
        and not _NOT_PEOPLE.search(normal(table.header[found.index]))
        and any(_is_odd(count, is_allowed, policy.threshold) for count in frozenset(found.counts))
    ]
    if odd:
        what = f"counts that are not rounded to {_bases(policy)}, as policy {policy.name} requires"
        yield "rounding", _concern(table, what, odd, Outcome.FAIL)


_NOT_PEOPLE = re.compile(
    r"(?:^|_)(?:practices?|gps?|stps?|regions?|msoas?|ccgs?|pcns?|hospitals?|trusts?|codes?|variables?|files?|studies|models?|weeks|months)(?:_|$)"
)


def _is_odd(count: int | None, is_allowed: Callable[[int], bool], threshold: int) -> bool:
    """Say whether a count was not rounded; small ones are for the rules about small counts."""
    return count is not None and count > threshold and not is_allowed(count)


def _allowed(policy: Policy) -> Callable[[int], bool]:
    """Give what tells whether a count may be rounded; sums of midpoints are multiples of half a base."""
    bases = (*policy.rounding_bases, *(base // 2 for base in policy.midpoint_bases))

    def is_allowed(count: int) -> bool:
        return any(count % base == 0 for base in bases if base)

    return is_allowed


def _bases(policy: Policy) -> str:
    named = [f"multiples of {base}" for base in policy.rounding_bases]
    return " or ".join([*named, *(f"midpoint {base}" for base in policy.midpoint_bases)])


def _totals(table: Table) -> Iterator[Told]:
    """Say which totals of rounded counts were rounded by themselves, and not added up anew.

    Such a total differs from the sum of its parts by less than rounding can explain, and narrows
    down what each of them was. Midpoints are rounded one by one: of two of them the sum is none.
    """
    known = count_columns(table)
    if not known or _is_long(table, known):
        return
    grid = grid_over(table, [found.index for found in known])
    off = sorted({place for places in _not_added_up(grid) for place in places})
    if off:
        what = "totals that are not the sums of the rounded counts above or beside them"
        yield "rounding", _concern(table, what, sorted({at for _, at in off}), Outcome.FAIL)


def _is_long(table: Table, known: Sequence[CountColumn]) -> bool:
    """Say whether a table has more counts than one with margins ever has: see `sdc.recovery`."""
    rows = len(table.rows)
    return rows > MAX_LINES or rows * len(known) > MAX_CELLS


_Places = tuple[tuple[int, int], ...]


def _not_added_up(grid: Grid) -> Iterator[_Places]:
    """Give totals that their parts do not make up; where two breakdowns differ, no total is both sums."""
    sums: dict[_Places, set[int]] = defaultdict(set)
    for lines, families in (
        (Lines.rows(grid), row_families(grid)),
        (Lines.columns(grid), column_families(grid)),
    ):
        for family in families:
            for whole, added in _added(grid, lines, family) if family.labelled else ():
                sums[whole].add(added)
    for whole, found in sums.items():
        if len(found) == 1 and found != {sum(_count(grid, place) for place in whole)}:
            yield tuple(place for place in whole if not _is_midpoint(grid, place))


def _added(grid: Grid, lines: Lines, family: Family) -> list[tuple[_Places, int]]:
    """Give what the parts of rounded totals add up to; nothing where one is plainly no total."""
    found: list[tuple[_Places, int]] = []
    for group in family.groups:
        for at in range(lines.length):
            places = [lines.places[line][at] for line in (*group.parts, *group.whole)]
            if not all(_is_rounded(grid, place) for place in places):
                continue
            if lines.agrees(group, at) is False:
                return []
            whole = tuple(lines.places[line][at] for line in group.whole)
            found.append((whole, sum(lines.counts[line][at] or 0 for line in group.parts)))
    return found


def _count(grid: Grid, place: tuple[int, int]) -> int:
    cell = grid.cells.get(place)
    return cell.count if isinstance(cell, Released) else 0


def _is_midpoint(grid: Grid, place: tuple[int, int]) -> bool:
    cell = grid.cells.get(place)
    return isinstance(cell, Released) and cell.regime is not None and cell.regime.midpoint


def _is_rounded(grid: Grid, place: tuple[int, int]) -> bool:
    cell = grid.cells.get(place)
    return isinstance(cell, Released) and cell.regime is not None
