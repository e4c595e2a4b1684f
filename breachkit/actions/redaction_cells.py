"""Which cells of a table are counts too small to release, in the eyes of the rules that would find them.

What is taken out is what CNT-01, CNT-03, CNT-06, CNT-07, SUP-02 and LOG-02 report at medium or worse, asked
of the same functions. Beyond that, columns that may be counted by weights are treated as counts, since
taking out one cell too many costs little; those that may hold codes are left, and asked about.
"""

from collections.abc import Collection, Iterator, Sequence

from breachkit.actions.redaction_plan import Asked, Options, Question
from breachkit.detect.rules.cnt_01 import stated_counts
from breachkit.detect.rules.sup_02 import small_beside_marks
from breachkit.documents.table import Table, column_label
from breachkit.model.patterns import regex
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.additivity import contingency, whole_columns
from breachkit.sdc.cells import Place, Sum
from breachkit.sdc.count_cells import column, count_of, whole_counts
from breachkit.sdc.count_grid import grid_of, grid_over
from breachkit.sdc.count_names import Role, is_statistic, normal
from breachkit.sdc.counts import CountColumn, count_columns, lists_codes, may_be_codes
from breachkit.sdc.measures import measures_of, unprotected_rows
from breachkit.sdc.recovery import counted_table, is_too_large
from breachkit.sdc.small_counts import small_cells
from breachkit.sdc.suppressed import has_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallCells:
    """What of one table may not be released by itself."""

    columns: tuple[CountColumn, ...] = field(repr=False)
    """Those that count people, whether or not some of their counts are small."""
    kept: frozenset[int] = frozenset()
    """Indices of columns that count people too, and stay: what they print is known to everybody."""
    places: frozenset[Place]
    """Small counts, by row and column from 0."""
    stated: frozenset[Place]
    """Names of columns (row `HEADER`) and of rows that state a small count."""
    questions: tuple[Question, ...]


def small_cells_of(table: Table, policy: Policy, options: Options) -> SmallCells:
    """Find the counts of a table that are too small to release.

    Args:
        table: Any table.
        policy: Whose threshold counts as small, and whose rounding is believed.
        options: Which columns a person has called counts, and which are to stay.
    """
    kept = named(table, options.keep)
    called = named(table, options.columns)
    every = _columns(table, called)
    doubts = {
        found.index: doubt
        for found in every
        if found.index not in called and (doubt := _doubt(table, found)) is not None
    }
    counting = [found for found in every if found.index not in doubts]
    columns = [found for found in counting if found.index not in kept]
    places = (
        _small(table, columns, policy)
        | _beside_marks(table, policy)
        | _forced(columns, called, policy)
    )
    stated = {
        (row - 1, index) for index, rows in stated_counts(table, policy).items() for row in rows
    }
    return SmallCells(
        columns=tuple(columns),
        kept=frozenset(found.index for found in counting) & kept,
        places=frozenset(place for place in places if place[1] not in kept),
        stated=frozenset(stated),
        questions=(
            *(
                _question(table, doubt, index)
                for index, doubt in doubts.items()
                if index not in kept
            ),
            *_unknown(table, policy, {*kept, *(found.index for found in every)}),
        ),
    )


def named(table: Table, names: Collection[str]) -> frozenset[int]:
    """Give the columns (from 0) that have one of these headers, however these are capitalised."""
    wanted = {name.strip().casefold() for name in names}
    return frozenset(
        index for index, name in enumerate(table.header) if name.strip().casefold() in wanted
    )


def _columns(table: Table, named: Collection[int]) -> list[CountColumn]:
    """Give every column that some rule, or a person, takes for counts of people."""
    found = {each.index: each for each in (*_in_measures(table), *count_columns(table))}
    for index in _of_groups(table, found):
        found[index] = _count_column(table, index, Role.CERTAIN)
    for each in _in_categories(table, tuple(found.values())):
        found.setdefault(each.index, each)
    for index in (*_adding_up(table, found), *named):
        found[index] = _count_column(table, index, Role.CERTAIN)
    return [found[index] for index in sorted(found)]


def _doubt(table: Table, found: CountColumn) -> Asked | None:
    if may_be_codes(found):
        return Asked.MAY_BE_CODES
    return Asked.USES_OF_CODES if lists_codes(table) and not measures_of(table) else None


def _question(table: Table, asked: Asked, index: int) -> Question:
    return Question(asked=asked, columns=(column_label(table.header, index),))


def _count_column(table: Table, index: int, role: Role) -> CountColumn:
    counts = [count_of(cell) for cell in column(table, index)]
    label = column_label(table.header, index)
    return CountColumn(index=index, label=label, role=role, counts=counts)


def _in_measures(table: Table) -> Iterator[CountColumn]:
    measures = measures_of(table)
    for index in (measures.numerator, measures.denominator) if measures else ():
        yield _count_column(table, index, Role.CERTAIN)


def _in_categories(table: Table, known: Sequence[CountColumn]) -> Iterator[CountColumn]:
    if measures_of(table):
        return
    counted = {found.index: found.counts for found in known}
    others = whole_columns(table, counted)
    found = contingency(table, counted, others) if others else None
    for index in found.counts if found else ():
        yield _count_column(table, index, Role.POSSIBLE)


_OF_GROUP = regex(
    r"(?P<people>patients?|people|persons?|individuals?|participants?|cases|deaths|events|admissions)"
    r"_[a-z0-9]{1,3}"
)
_N_OF_GROUP = regex(r"n_[a-z]{1,2}")
"""May be the number of a group (`n_p`), or of a statistic."""


def _of_groups(table: Table, known: Collection[int]) -> Iterator[int]:
    """Give columns of people in groups with short names (`patients a`), where there are several."""
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(table.header[:_MAX_COLUMNS]):
        said = _OF_GROUP.fullmatch(normal(name))
        is_letter = said is not None and normal(name)[-2] == "_"
        if said is None or index in known or (is_statistic(name) and not is_letter):
            continue
        if _is_whole(table, index, more_than=1):
            groups.setdefault(said["people"], []).append(index)
    for found in groups.values():
        yield from found if len(found) > 1 else ()


def _may_count(name: str) -> bool:
    return not is_statistic(name) or _N_OF_GROUP.fullmatch(normal(name)) is not None


def _adding_up(table: Table, known: Collection[int]) -> frozenset[int]:
    """Give the columns of whole numbers that add up to a total below, or beside columns that count.

    CNT-03 leaves single columns to doubt; here, one too many costs little.
    """
    found = {
        index
        for index, name in enumerate(table.header[:_MAX_COLUMNS])
        if index not in known and _may_count(name) and _is_whole(table, index)
    }
    if not found or measures_of(table):
        return frozenset()
    grid = grid_over(table, {*found, *known})
    if is_too_large(grid):
        return frozenset()
    added: set[int] = set()
    for relation in counted_table(table, grid).relations:
        if isinstance(relation, Sum) and relation.proven:
            columns = {index for _, index in (*relation.parts, *relation.whole)}
            if len(columns) == 1 or columns & set(known):
                added |= columns & found
    return frozenset(added)


_MAX_COLUMNS = 120


def _is_whole(table: Table, index: int, more_than: int = 0) -> bool:
    counts = whole_counts(column(table, index))
    return counts is not None and any(count and count > more_than for count in counts)


def _small(table: Table, columns: Sequence[CountColumn], policy: Policy) -> set[Place]:
    """Give the cells that CNT-01 and CNT-03 mean; of measures, those that CNT-06 and CNT-07 mean."""
    measures = measures_of(table)
    found = (
        unprotected_rows(table, measures, policy.threshold)
        if measures
        else _small_in(table, columns, policy)
    )
    largest = max(policy.threshold, _EXTRACTOR_THRESHOLD if measures else 0)
    counts = {found.index: found.counts for found in columns}
    return {
        (row - 1, index)
        for index, rows in found.items()
        for row in rows
        if index in counts and 1 <= (counts[index][row - 1] or 0) <= largest
    }


def _small_in(table: Table, columns: Sequence[CountColumn], policy: Policy) -> dict[int, list[int]]:
    """Give the small counts of all columns, and of those that CNT-01 knows, by column and row from 1.

    The fewer columns are known to count, the less they tell of rounding that would explain them.
    """
    known = {found.index for found in count_columns(table)}
    every = small_cells(columns, policy)
    alone = small_cells([found for found in columns if found.index in known], policy)
    return {
        index: sorted({*every.get(index, ()), *alone.get(index, ())})
        for index in every.keys() | alone.keys()
    }


_EXTRACTOR_THRESHOLD = 5
"""Of the cohort-extractor (f2b9bc4), whatever the policy; ehrQL leaves no 5 either."""


def _beside_marks(table: Table, policy: Policy) -> set[Place]:
    """Give the cells that SUP-02 means: small counts in columns of which others were taken out."""
    grid = grid_of(table) if has_marks(table) else None
    if grid is None or not grid.strong:
        return set()
    marked = {index for _, index in grid.strong}
    named = {found.index for found in count_columns(table)}
    return {
        (row - 1, index)
        for index, rows in small_beside_marks(grid, policy).items()
        for row in rows
        if index in marked | named
    }


def _forced(columns: Sequence[CountColumn], named: Collection[int], policy: Policy) -> set[Place]:
    """Give every small number of columns that a person called counts, rounded as they may look."""
    return {
        (row, found.index)
        for found in columns
        if found.index in named
        for row, count in enumerate(found.counts)
        if count is not None and policy.is_disclosive(count)
    }


_MOST_ASKED = 40
"""Columns of one table that a person is asked about."""


def _unknown(table: Table, policy: Policy, known: Collection[int]) -> Iterator[Question]:
    """Ask about columns of whole numbers that no rule takes for counts, and that have small ones."""
    asked = 0
    for index, name in enumerate(table.header):
        if index in known or not _may_count(name) or asked >= _MOST_ASKED:
            continue
        counts = whole_counts(column(table, index)) or ()
        if any(count is not None and policy.is_disclosive(count) for count in counts):
            asked += 1
            yield _question(table, Asked.MAY_COUNT, index)
