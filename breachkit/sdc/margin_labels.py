"""Which rows and columns of a table are totals of others, as their labels say.

Source: the row labels and headers of released tables of 24 study repositories; the tables of
OpenSAFELY's documentation, docs/outputs/sdc.md.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

from breachkit.model.patterns import regex
from breachkit.sdc.count_grid import Grid, plain_label
from breachkit.sdc.margins import Family, Group


_PEOPLE = (
    r"(?:of|the|in|for|n|no|number|count|counts|patients?|people|persons?|individuals?|participants?|adults|children"
    r"|ages?|age groups?|agegroups?|sex(?:es)?|genders?|regions?|ethnicit(?:y|ies)|groups?|categor(?:y|ies)|levels?|strata"
    r"|population|cohort|sample|study|england|uk|records|rows?|columns?|%|=|-|/|&|and|years?|dose|doses|brands?|vaccines?|statuse?s?)"
)
_TOTAL = regex(
    rf"(?:grand |sub ?|sub-|over|sum )?(?:totals?|all|sum|both|everyone|everybody|combined|margins?|any)(?:[ _]{_PEOPLE})*"
    rf"|(?:whole|entire|full|study|base) (?:study )?(?:population|cohort|sample)|population|{_PEOPLE}[ _](?:total|all|overall)|n|row ?total|column ?total"
)


def is_total_label(label: str) -> bool:
    """Say whether a label (as `plain_label` writes it) is that of a total: `All patients`, `Total`."""
    return _TOTAL.fullmatch(label.replace("_", " ")) is not None


def row_families(grid: Grid) -> Iterator[Family]:
    """Give the ways in which labels say that rows add up; lines are those of `Lines.rows`."""
    if not grid.labels:
        return
    totals = total_lines(grid)
    yield from _cubes(grid)
    if totals:
        yield from _runs(grid, totals)
    yield from _blocks(grid, totals)


def total_lines(grid: Grid) -> list[int]:
    """Give the lines some label of which is that of a total, in order."""
    return [
        line
        for line in range(len(grid.rows))
        if any(is_total_label(labels[line]) for labels in grid.labels)
    ]


_FEWEST = 2


def _cubes(grid: Grid) -> Iterator[Family]:
    """Totals over one label column, for each combination of the others: `sex` is All, `age` is 30-39."""
    for labels in grid.labels:
        others = [other for other in grid.labels if other is not labels]
        totals: dict[tuple[str, ...], list[int]] = defaultdict(list)
        parts: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for line, label in enumerate(labels):
            key = tuple(other[line] for other in others)
            (totals if is_total_label(label) else parts)[key].append(line)
        groups = [
            Group(tuple(parts[key]), tuple(found))
            for key, found in totals.items()
            if len(found) == 1 and len(parts[key]) >= _FEWEST and _differ(labels, parts[key])
        ]
        if groups:
            yield Family(tuple(groups), labelled=True)


def _differ(labels: Sequence[str], lines: Sequence[int]) -> bool:
    return len({labels[line] for line in lines}) == len(lines)


def _runs(grid: Grid, totals: Sequence[int]) -> Iterator[Family]:
    """Totals of the lines directly above them, or below; totals of all lines; totals of subtotals."""
    number = len(grid.rows)
    above = [Group(parts, (line,)) for line in totals if (parts := _run(grid, line, -1, totals))]
    below = [Group(parts, (line,)) for line in totals if (parts := _run(grid, line, 1, totals))]
    ends_with_total = totals[-1] == number - 1
    has_blocks = any(True for _ in _partitions(grid))
    for groups, labelled in ((above, ends_with_total), (below, not ends_with_total)):
        if groups:
            yield Family(tuple(groups), labelled=labelled and not has_blocks)
    rest = tuple(line for line in range(number) if line not in totals)
    for line in {totals[0], totals[-1]}:
        subtotals = tuple(total for total in totals if total != line)
        for parts in (rest, subtotals):
            if len(parts) >= _FEWEST:
                yield Family((Group(parts, (line,)),), labelled=False)


def _run(grid: Grid, line: int, step: int, totals: Sequence[int]) -> tuple[int, ...]:
    """Give the lines from one that is a total up to the next border, exclusively."""
    found: list[int] = []
    at = line + step
    while 0 <= at < len(grid.rows) and at not in totals:
        if step > 0 and at in grid.heads and found:
            break
        found.append(at)
        if step < 0 and at in grid.heads:
            break
        at += step
    return tuple(sorted(found)) if len(found) >= _FEWEST else ()


def _blocks(grid: Grid, totals: Sequence[int]) -> Iterator[Family]:
    """Breakdowns of the same people, one after the other: by sex, by age, by region.

    Each adds up to the total of the table, if it has one, and to as much as each other.
    """
    for blocks in _partitions(grid):
        kept = [tuple(line for line in block if line not in totals) for block in blocks]
        breakdowns = [block for block in kept if len(block) >= _FEWEST]
        apart = [line for block in blocks if set(block) <= set(totals) for line in block]
        for line in {*apart[:1], *apart[-1:]}:
            groups = [Group(block, (line,)) for block in breakdowns]
            if groups:
                yield Family(tuple(groups), labelled=len(groups) == 1)
        for first in breakdowns[:_REFERENCES]:
            groups = [Group(block, first) for block in breakdowns if block != first]
            if groups:
                yield Family(tuple(groups), labelled=False)


_REFERENCES = 6
"""Breakdowns that all others are compared with; further ones would only say the same again."""


def _partitions(grid: Grid) -> Iterator[list[list[int]]]:
    """Cut the lines into blocks: at each change of a label that never comes back, or at headings."""
    for labels in grid.labels:
        blocks = _blocks_of(labels)
        if len(blocks) > 1:
            yield blocks
    if grid.heads - {0}:
        blocks = []
        for line in range(len(grid.rows)):
            if line in grid.heads or not blocks:
                blocks.append([])
            blocks[-1].append(line)
        yield blocks


def _blocks_of(labels: Sequence[str]) -> list[list[int]]:
    """Give the runs of equal labels, if some label is repeated and none comes back later."""
    blocks = [
        [line for line, _ in run]
        for _, run in itertools.groupby(enumerate(labels), key=lambda pair: pair[1])
    ]
    names = [labels[block[0]] for block in blocks]
    repeated = any(len(block) >= _FEWEST for block in blocks)
    return blocks if repeated and len(set(names)) == len(names) else []


def column_families(grid: Grid) -> Iterator[Family]:
    """Give the ways in which headers say that columns add up; lines are those of `Lines.columns`."""
    names = [plain_label(name) for name in grid.names]
    for total, name in enumerate(names):
        if not is_total_label(_without_count(name)):
            continue
        others = [at for at, other in enumerate(names) if not is_total_label(_without_count(other))]
        before = tuple(at for at in others if at < total)
        after = tuple(at for at in others if at > total)
        whole = (total,)
        if len(others) >= _FEWEST:
            yield Family((Group(tuple(others), whole),), labelled=True)
        for parts in (before, after):
            if _FEWEST <= len(parts) < len(others):
                yield Family((Group(parts, whole),), labelled=False)


_COUNT_WORDS = regex(r"(?:^n[ _]|[ _](?:n|count|counts|number|no|freq)$|\bn ?= ?[\d ,]+$)")


def _without_count(name: str) -> str:
    return _COUNT_WORDS.sub("", name).strip() or name
