"""Which rows and columns are sums of others, as the numbers alone show.

Parts that add up to a total are one breakdown. Nested subtotals (16 ethnic groups within 5) have no
label that says so.
"""

import itertools
from collections.abc import Iterator, Sequence

from breachkit.sdc.margins import Family, Group, Lines
from breachkit.sdc.search import Search


_MAX_LINES = 300
_MAX_KNOWN = 40
_MAX_PAIRED = 12
_FEWEST = 2


def run_families(lines: Lines, search: Search) -> Iterator[Family]:
    """Give lines that are the sum of a run directly before or behind them, where all is printed."""
    number = len(lines)
    if number <= _FEWEST or not search.within(number, _MAX_LINES):
        return
    known = _complete(lines)
    if not known:
        return
    sums = list(_prefix_sums(lines, known))
    at = {total: index for index, total in enumerate(sums)}
    for line in range(number):
        own = tuple(lines.counts[line][position] or 0 for position in known)
        start = at.get(_minus(sums[line], own))
        if start is not None and line - start >= _FEWEST:
            yield _found(range(start, line), line, number)
        end = at.get(_plus(sums[line + 1], own))
        if end is not None and end - line - 1 >= _FEWEST:
            yield _found(range(line + 1, end), line, number)


def _found(parts: Sequence[int], whole: int, lines: int) -> Family:
    return Family((Group(tuple(parts), (whole,)),), labelled=False, candidates=2 * lines)


def _complete(lines: Lines) -> list[int]:
    """Give the positions at which every line prints a count, and one is not 0.

    Further ones could only turn a sum away that all of these agree with, so that leaving them out hides none.
    """
    return [
        position
        for position in range(lines.length)
        if all(line[position] is not None for line in lines.counts)
        and any(line[position] for line in lines.counts)
    ][:_MAX_KNOWN]


def _prefix_sums(lines: Lines, known: Sequence[int]) -> Iterator[tuple[int, ...]]:
    total = tuple(0 for _ in known)
    yield total
    for line in lines.counts:
        total = tuple(a + (line[at] or 0) for a, at in zip(total, known, strict=True))
        yield total


def _minus(left: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _plus(left: Sequence[int], right: Sequence[int]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def pair_families(lines: Lines, search: Search) -> Iterator[Family]:
    """Give columns that are the sum of two others: those with something and those without it."""
    number = len(lines) if search.within(len(lines), _MAX_PAIRED) else _MAX_PAIRED
    for whole in range(number):
        others = [line for line in range(number) if line != whole]
        pairs = list(itertools.combinations(others, 2))
        for pair in pairs:
            group = Group(pair, (whole,))
            if _may_agree(lines, group):
                yield Family((group,), labelled=False, candidates=number * len(pairs))


def _may_agree(lines: Lines, group: Group) -> bool:
    """Say whether the first position at which something can be said speaks for a group."""
    for at in range(lines.length):
        agrees = lines.agrees(group, at)
        if agrees is not None:
            return agrees
    return False


def tile_families(lines: Lines, totals: Sequence[int], search: Search) -> Iterator[Family]:
    """Find breakdowns without labels, each of which adds up to a total that stands above or below.

    Complete ones are found from both ends; what is left between them is one with something taken
    out.

    Args:
        lines: The rows.
        totals: Rows that may be the total of the table: those called so, or the first and last.
        search: Is told if there are too many rows.
    """
    if not search.within(len(lines), _MAX_LINES):
        return
    for total, at in itertools.product(totals, range(lines.length)):
        whole = lines.counts[total][at]
        others = [line for line in range(len(lines)) if line != total]
        if not whole or all(lines.counts[line][at] is not None for line in others):
            continue
        groups = [Group(block, (total,)) for block in _tiles(lines, at, others, whole)]
        if len(groups) > 2:
            yield Family(tuple(groups), labelled=False)


def _tiles(lines: Lines, at: int, others: Sequence[int], whole: int) -> list[tuple[int, ...]]:
    front = _from_start(lines, at, others, whole)
    rest = others[sum(map(len, front)) :]
    back = _from_start(lines, at, rest[::-1], whole)
    middle = rest[: len(rest) - sum(map(len, back))]
    known = sum(lines.counts[line][at] or 0 for line in middle)
    if len(middle) < _FEWEST or known >= whole:
        return []
    return [*front, *(tuple(sorted(block)) for block in back), tuple(middle)]


def _from_start(lines: Lines, at: int, order: Sequence[int], whole: int) -> list[tuple[int, ...]]:
    """Cut lines into runs that add up to `whole`, as far as everything is printed."""
    found: list[tuple[int, ...]] = []
    run: list[int] = []
    total = 0
    for line in order:
        count = lines.counts[line][at]
        if count is None or total + count > whole:
            break
        run.append(line)
        total += count
        if total == whole and len(run) >= _FEWEST:
            found.append(tuple(run))
            run, total = [], 0
    return found


def nested_families(lines: Lines, search: Search) -> Iterator[Family]:
    """Find subtotals directly above their parts, or below, where something was taken out.

    Complete ones cut the lines into pieces; a piece between them that holds one line and the parts
    of it, some of them taken out, is another.
    """
    if not search.within(len(lines), _MAX_LINES):
        return
    for at in range(lines.length):
        if any(line[at] is None for line in lines.counts):
            if not search.within(at + 1, _MAX_KNOWN):
                return
            for order in (range(len(lines)), range(len(lines))[::-1]):
                yield from _nested(lines, at, order)


def _nested(lines: Lines, at: int, order: Sequence[int]) -> Iterator[Family]:
    """Find them in one column; `order` lists the lines so that a subtotal comes before its parts."""
    groups: list[Group] = []
    gap: list[int] = []
    proven = 0
    position = 0
    while position < len(order):
        length = _parts_behind(lines, at, order[position:])
        if length:
            groups += _of_gap(gap)
            groups.append(_group(order[position : position + length + 1]))
            proven, gap = proven + 1, []
        else:
            gap.append(order[position])
        position += length + 1
    groups += _of_gap(gap)
    if proven and len(groups) > proven:
        yield Family(tuple(groups), labelled=False, candidates=len(order))


def _parts_behind(lines: Lines, at: int, order: Sequence[int]) -> int:
    """Give how many lines behind the first add up to it; 0 where none do."""
    whole, total = lines.counts[order[0]][at], 0
    for number, line in enumerate(order[1:], start=1):
        count = lines.counts[line][at]
        if not whole or count is None or total + count > whole:
            return 0
        total += count
        if total == whole and number >= _FEWEST:
            return number
    return 0


def _of_gap(gap: Sequence[int]) -> list[Group]:
    return [_group(gap)] if len(gap) > _FEWEST else []


def _group(order: Sequence[int]) -> Group:
    return Group(tuple(sorted(order[1:])), (order[0],))
