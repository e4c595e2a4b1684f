"""What changes in one table, once it is known which of its counts go."""

import dataclasses
from collections.abc import Iterator, Mapping

from breachkit.actions.redaction_cells import small_cells_of
from breachkit.actions.redaction_plan import Change, Options, Why, redacted
from breachkit.actions.redaction_protect import Answer
from breachkit.actions.redaction_questions import is_better_left_out
from breachkit.actions.redaction_rounding import Printed, published, rounded
from breachkit.actions.redaction_table import Judged, adding_up_as, judge
from breachkit.actions.redaction_texts import rounding_changes, stating_places, text_at
from breachkit.documents.editing.editable import HEADER, Spot
from breachkit.documents.table import Table
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass
from breachkit.sdc.cells import Place
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import write_header_counts
from breachkit.sdc.derived import is_computed, prints_number, statistics_of
from breachkit.sdc.marks import REDACTED
from breachkit.sdc.rounding import Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A table of which it is known what is too small in it."""

    judged: Judged
    printed: Printed
    """Its counts as they will be printed: rounded, or as they are."""


def prepare(
    table: Table, policy: Policy, options: Options, before: Judged | None = None
) -> Prepared:
    """Find out what of a table is too small, and what will be printed of the rest.

    Args:
        table: The table as it is now.
        policy: What may be released.
        options: How it is redacted.
        before: What was known of it before anything was taken out; None where nothing was yet.
    """
    judged = judge(table, policy, options)
    if before is not None:
        judged = dataclasses.replace(judged, known=before.known)
        judged = adding_up_as(before, judged) if options.rounding is None else judged
    if options.rounding is None or judged.grid is None:
        return Prepared(judged=judged, printed=Printed(cells=judged.counted.cells))
    judged = _small_once_rounded(judged, policy, options, options.rounding)
    result = rounded(judged, judged.primary, options.rounding)
    return Prepared(judged=judged, printed=published(judged, result, options.rounding))


def _small_once_rounded(judged: Judged, policy: Policy, options: Options, regime: Regime) -> Judged:
    """Give a table with what is too small in it before rounding, and after.

    A small count that becomes a midpoint may be printed where the midpoint is known for one.
    """
    before = frozenset() if regime.midpoint else judged.small.places
    result = rounded(judged, before, regime)
    marks = {place: Change(REDACTED, Why.PRIMARY) for place in before}
    changes = {**rounding_changes(judged, result, regime, before), **marks}
    after = small_cells_of(redacted(judged.table, _at_table(0, changes)), policy, options)
    places = before | (after.places & judged.counted.cells.keys())
    return dataclasses.replace(judged, small=dataclasses.replace(judged.small, places=places))


def changes_in(
    number: int, prepared: Prepared, answer: Answer, options: Options
) -> dict[Spot, Change]:
    """Give what changes in one table: counts, the statistics of them, and names that state them.

    Args:
        number: Which table of its file, from 0.
        prepared: The table.
        answer: Which of its counts go beside those that are too small.
        options: How the others are rounded.
    """
    judged = prepared.judged
    why: dict[Place, Why] = dict.fromkeys(answer.complementary, Why.COMPLEMENTARY)
    why |= dict.fromkeys(judged.told, Why.DERIVED)
    why |= dict.fromkeys(judged.small.places, Why.PRIMARY)
    why |= dict.fromkeys(judged.small.stated, Why.STATED)
    counts = frozenset(why)
    if judged.grid is not None:
        gone = _told_about(judged, counts)
        made = statistics_of(judged.pointed, judged.grid, judged.ratios, gone)
        made |= {*_cumulative(judged, gone), *_by_time(judged, gone)}
        why |= {place: Why.DERIVED for place in made if place not in why}
    if options.whole_table and _is_better_out(judged, frozenset(why), answer, options):
        return _at_table(number, _without_kept(judged, _all_of(judged)))
    changes = {
        place: Change(_marked(judged.table, place, reason), reason)
        for place, reason in why.items()
        if place[0] >= HEADER
    }
    if options.rounding is not None and judged.grid is not None:
        result = rounded(judged, frozenset(why), options.rounding)
        changes |= {
            place: Change(_marked(judged.table, place, Why.COMPLEMENTARY), Why.COMPLEMENTARY)
            for place in result.lost
            if place[0] >= HEADER
        }
        changes |= rounding_changes(judged, result, options.rounding, frozenset(why))
    return _at_table(number, _without_kept(judged, changes))


def _without_kept(judged: Judged, changes: Mapping[Place, Change]) -> dict[Place, Change]:
    """Leave the cells of kept columns as they are; what their names state goes all the same."""
    return {
        place: change
        for place, change in changes.items()
        if place[0] == HEADER or place[1] not in judged.staying
    }


def _cumulative(judged: Judged, gone: frozenset[Place]) -> Iterator[Place]:
    """Give the shares of all counts so far: each tells of a count as soon as its neighbours do not."""
    for found in judged.cumulative:
        if any((row, found.of) in gone for row in found.rows):
            cells = column(judged.table, found.at)
            yield from (place for place in found.cells() if prints_number(cells[place[0]]))


def _by_time(judged: Judged, gone: frozenset[Place]) -> Iterator[Place]:
    """Give the rates by person-time of counts that are taken out."""
    for found in judged.timed:
        cells = column(judged.table, found.at)
        yield from (
            (row, found.at)
            for row, index in gone
            if index == found.of and row != HEADER and prints_number(cells[row])
        )


def _told_about(judged: Judged, counts: frozenset[Place]) -> frozenset[Place]:
    """Give the counts about whose people nothing else may be said.

    A large total in a header that has to go with others says nothing about few people.
    """
    return judged.already | judged.small.stated | {place for place in counts if place[0] != HEADER}


def _is_better_out(
    judged: Judged, gone: frozenset[Place], answer: Answer, options: Options
) -> bool:
    counts = judged.grid.cells.keys() if judged.grid else set()
    lost = (gone | judged.already) & counts
    return bool(gone) and is_better_left_out(judged, lost, (answer,), options)


def _all_of(judged: Judged) -> dict[Place, Change]:
    """Take out every count and statistic of a table, and the counts that its names state."""
    table, grid = judged.table, judged.grid
    columns = {ratio.place[1] for ratio in judged.ratios} | set(grid.columns if grid else ())
    columns |= {index for index, name in enumerate(table.header) if is_computed(name)}
    found = {
        (row, index): Change(REDACTED, Why.WHOLE)
        for index in sorted(columns)
        for row, cell in enumerate(column(table, index))
        if prints_number(cell)
    }
    for place in stating_places(table):
        found[place] = Change(_marked(table, place, Why.STATED), Why.WHOLE)
    return found


def _at_table(number: int, changes: Mapping[Place, Change]) -> dict[Spot, Change]:
    return {Spot(number, *place): change for place, change in sorted(changes.items())}


def _marked(table: Table, place: Place, why: Why) -> str:
    """Write a cell without its number; of a name the number goes only."""
    if place[0] == HEADER or why is Why.STATED:
        return write_header_counts(text_at(table, place), lambda _: REDACTED)
    return REDACTED
