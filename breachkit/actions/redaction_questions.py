"""What a person has to decide about a table that is redacted, or to do by hand."""

from collections.abc import Collection, Iterator, Sequence

from breachkit.actions.redaction_kept import kept_columns_about
from breachkit.actions.redaction_plan import Asked, Options, Question
from breachkit.actions.redaction_protect import Answer
from breachkit.actions.redaction_table import Judged
from breachkit.documents.table import Table, column_label
from breachkit.sdc.cells import Place
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import is_midpoint_name
from breachkit.sdc.derived import is_estimate, is_interval, prints_number
from breachkit.sdc.left_beside import is_descriptive
from breachkit.sdc.stated import share_behind


def questions_about(
    judged: Judged,
    now: Table,
    gone: Collection[Place],
    open_: Collection[Place],
    answers: Sequence[Answer],
    options: Options,
) -> tuple[Question, ...]:
    """Give what is left to decide, in the order in which it matters.

    Args:
        judged: The table before redaction.
        now: The table afterwards.
        gone: Counts that are taken out, now or before.
        open_: Those of them that are not protected.
        answers: What was found when it was looked at, time after time.
        options: What was decided beforehand.
    """
    asked = list(judged.small.questions)
    if is_better_left_out(judged, gone, answers, options):
        asked.append(Question(asked=Asked.WHOLE_TABLE))
    if gone and any(answer.is_cut for answer in answers):
        asked.append(Question(asked=Asked.NOT_TRIED))
    if any(answer.contradicts for answer in answers[:1]):  # later, rounding alone may do that
        asked.append(Question(asked=Asked.CONTRADICTS))
    for reason, columns in (
        (Asked.KEPT_TELLS, kept_columns_about(judged, open_)),
        (Asked.ESTIMATES_LEFT, _estimates(judged, now, gone)),
        (Asked.NOT_RECOMPUTED, _not_recomputed(judged) if options.rounding else ()),
        (Asked.NAME_ROUNDING, _unnamed(judged, options)),
    ):
        labels = tuple(column_label(judged.table.header, index) for index in columns)
        if labels:
            asked.append(Question(asked=reason, columns=labels))
    return tuple(asked)


def is_better_left_out(
    judged: Judged, gone: Collection[Place], answers: Sequence[Answer], options: Options
) -> bool:
    """Say whether so much of a table goes, or so little helps, that it is better left out as a whole."""
    counts = len(judged.grid.cells) if judged.grid else 0
    return any(answer.open for answer in answers[-1:]) or (
        counts > 0 and len(gone) > options.most_lost * counts
    )


def _estimates(judged: Judged, now: Table, gone: Collection[Place]) -> Iterator[int]:
    """Give the columns of estimates of models that print one beside a count that is gone."""
    rows = {row for row, _ in gone if row >= 0}
    made = {ratio.place[1] for ratio in judged.ratios} | {found.at for found in judged.timed}
    for index, name in enumerate(now.header):
        if index not in made and is_estimate(name) and _prints_in(now, index, rows):
            yield index


def _not_recomputed(judged: Judged) -> Iterator[int]:
    """Give the columns of statistics that are no ratio of printed counts."""
    if not judged.small.columns:
        return
    counted = {found.index for found in judged.small.columns}
    places = {ratio.place for ratio in judged.ratios}
    made = {index for _, index in places} | {found.at for found in judged.timed}
    for index in sorted(counted):
        cells = column(judged.table, index)
        if any(share_behind(cell) and (row, index) not in places for row, cell in enumerate(cells)):
            yield index
    rows = range(len(judged.table.rows))
    for index, name in enumerate(judged.table.header):
        is_other = index not in counted | made and (is_descriptive(name) or is_interval(name))
        if is_other and _prints_in(judged.table, index, rows):
            yield index


def _prints_in(table: Table, index: int, rows: Collection[int]) -> bool:
    cells = column(table, index)
    return any(prints_number(cells[row]) for row in rows)


def _unnamed(judged: Judged, options: Options) -> Iterator[int]:
    if options.rounding is not None and options.rounding.midpoint:
        for found in judged.small.columns:
            if not is_midpoint_name(judged.table.header[found.index]):
                yield found.index
