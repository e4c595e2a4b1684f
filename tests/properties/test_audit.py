"""Laws of the audit of suppressed cells, against every filling of small tables and against known truths."""

import itertools
import random
from dataclasses import dataclass

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from breachkit.sdc.audit import Verdict, audit
from breachkit.sdc.cells import (
    Cell,
    CountTable,
    Place,
    Released,
    Share,
    Sum,
    Suppressed,
    Unprinted,
    origins,
)
from breachkit.sdc.intervals import Interval
from breachkit.sdc.recovery import recover
from breachkit.sdc.rounding import REGIMES, Regime
from tests.support.judging import table_of


THRESHOLD = 5
MOST = 12
SMALL = Interval(0, MOST)
regimes = st.sampled_from((None, *REGIMES))


def rounded(count: int, regime: Regime | None, *, up: bool = True) -> int:
    """Round as the regime says; a half goes up or down."""
    if regime is None:
        return count
    base = regime.base
    if regime.midpoint:
        return -(-count // base) * base - (base // 2 if count else 0)
    lower = count // base * base
    rest = 2 * (count - lower)
    return lower + base if rest > base or (rest == base and up) else lower


@dataclass(frozen=True)
class Truth:
    """A table as it was before anything was done to it, with rows and columns that add up."""

    counts: dict[Place, int]
    relations: tuple[Sum, ...]


def with_margins(inner: list[list[int]]) -> Truth:
    rows, columns = len(inner), len(inner[0])
    counts = {(i, j): inner[i][j] for i in range(rows) for j in range(columns)}
    for i in range(rows):
        counts[i, columns] = sum(inner[i])
    for j in range(columns + 1):
        counts[rows, j] = sum(counts[i, j] for i in range(rows))
    relations = [
        Sum(tuple((i, j) for j in range(columns)), ((i, columns),)) for i in range(rows + 1)
    ]
    relations += [Sum(tuple((i, j) for i in range(rows)), ((rows, j),)) for j in range(columns + 1)]
    return Truth(counts, tuple(relations))


@st.composite
def truths(draw: st.DrawFn, most: int = MOST, size: int = 3) -> Truth:
    rows, columns = draw(st.integers(2, size)), draw(st.integers(2, size))
    row = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
    return with_margins(draw(st.lists(row, min_size=rows, max_size=rows)))


@st.composite
def suppressed(draw: st.DrawFn, truth: Truth, most_cells: int) -> frozenset[Place]:
    places = sorted(truth.counts)
    return frozenset(draw(st.sets(st.sampled_from(places), min_size=1, max_size=most_cells)))


def published(
    truth: Truth, hidden: frozenset[Place], prior: Interval, regime: Regime | None = None
) -> CountTable:
    cells = {
        place: Suppressed(prior)
        if place in hidden
        else Released(rounded(count, regime, up=sum(place) % 2 == 0), regime)
        for place, count in truth.counts.items()
    }
    return CountTable(cells=cells, relations=truth.relations)


def bounds(table: CountTable) -> dict[Place, tuple[int, int | None]]:
    return {
        place: (found.bounds.low, found.bounds.high)
        for place, found in audit(table, THRESHOLD).cells.items()
    }


def by_brute_force(
    truth: Truth, hidden: frozenset[Place], relations: tuple[Sum | Share, ...]
) -> dict[Place, tuple[int, int]]:
    """Try every filling of the hidden cells; only 0 to MOST is tried."""
    places = sorted(hidden)
    kept = []
    for filling in itertools.product(range(MOST + 1), repeat=len(places)):
        counts = truth.counts | dict(zip(places, filling, strict=True))
        if all(keeps(counts, relation) for relation in relations):
            kept.append(filling)
    columns = zip(*kept, strict=True)
    return {place: (min(all_), max(all_)) for place, all_ in zip(places, columns, strict=True)}


def keeps(counts: dict[Place, int], relation: Sum | Share) -> bool:
    if isinstance(relation, Share):
        part, whole = relation.scale * counts[relation.part], counts[relation.whole]
        return relation.low * whole <= part <= relation.high * whole
    return sum(counts[place] for place in relation.parts) == sum(
        counts[place] for place in relation.whole
    )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_bounds_are_those_that_trying_every_filling_gives(data):
    truth = data.draw(truths(most=4))
    hidden = data.draw(suppressed(truth, most_cells=4))
    assume(all(truth.counts[place] <= MOST for place in hidden))

    found = bounds(published(truth, hidden, SMALL))

    assert found == by_brute_force(truth, hidden, truth.relations)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), percent=st.integers(0, 100), digits=st.sampled_from((10, 100)))
def test_shares_bound_as_trying_every_filling_does(data, percent, digits):
    truth = data.draw(truths(most=4, size=2))
    hidden = data.draw(suppressed(truth, most_cells=3))
    assume(all(truth.counts[place] <= MOST for place in hidden))
    whole = max(truth.counts)
    part = data.draw(st.sampled_from(sorted(truth.counts)))
    exact = digits * truth.counts[part] // max(truth.counts[whole], 1)
    share = Share(part, whole, exact, exact + 1, digits)
    assume(keeps(truth.counts, share))
    table = published(truth, hidden, SMALL)
    table = CountTable(cells=table.cells, relations=(*truth.relations, share))

    assert bounds(table) == by_brute_force(truth, hidden, table.relations)


@settings(max_examples=70, deadline=None)
@given(data=st.data(), regime=regimes, most=st.sampled_from((3, 12, 400)))
def test_the_true_count_is_always_within_the_bounds(data, regime, most):
    truth = data.draw(truths(most=most))
    hidden = data.draw(suppressed(truth, most_cells=6))

    found = audit(published(truth, hidden, Interval(), regime), THRESHOLD)

    assert found.cells.keys() == hidden
    assert not found.conflicts
    for place, judgement in found.cells.items():
        assert judgement.bounds.holds(truth.counts[place])
        assert judgement.verdict is not Verdict.INCONSISTENT


@settings(max_examples=40, deadline=None)
@given(data=st.data(), regime=regimes)
def test_suppressing_more_never_narrows(data, regime):
    truth = data.draw(truths(most=20))
    hidden = data.draw(suppressed(truth, most_cells=4))
    more = hidden | data.draw(suppressed(truth, most_cells=3))

    before = audit(published(truth, hidden, Interval(), regime), THRESHOLD).cells
    after = audit(published(truth, more, Interval(), regime), THRESHOLD).cells

    for place in hidden:
        old, new = before[place].bounds, after[place].bounds
        assert new.low <= old.low
        assert new.high is None or (old.high is not None and new.high >= old.high)


@settings(max_examples=80, deadline=None)
@given(
    counts=st.lists(st.integers(0, 300), min_size=2, max_size=8),
    at=st.integers(0, 7),
    threshold=st.sampled_from((5, 7)),
    base=st.sampled_from((5, 10)),
    first=st.booleans(),
)
@example(counts=[3, 8, 16, 23], at=0, threshold=7, base=5, first=False)
def test_rounding_and_totals_recomputed_after_redaction_are_safe(
    counts, at, threshold, base, first
):
    hidden = {row for row, count in enumerate(counts) if 1 <= count <= threshold}
    hidden.add(at % len(counts))
    shown = [
        "[REDACTED]" if row in hidden else rounded(count, Regime(base))
        for row, count in enumerate(counts)
    ]
    parts = [f"group {row},{cell}" for row, cell in enumerate(shown)]
    total = f"Total,{sum(cell for cell in shown if isinstance(cell, int))}"
    text = "\n".join(["group,n", *([total, *parts] if first else [*parts, total])])

    found = recover(table_of(text), threshold)

    verdicts = {cell.verdict for cell in found.audit.cells.values()} if found else set()
    assert verdicts <= {Verdict.SAFE}


def printed(truth: Truth, hidden: frozenset[Place], regime: Regime | None) -> str:
    rows, columns = max(truth.counts)
    names = ["group", *(f"n_{chr(97 + at)}" for at in range(columns)), "n_total"]
    lines = [",".join(names)]
    for row in range(rows + 1):
        cells = [
            "[REDACTED]" if (row, at) in hidden else str(rounded(truth.counts[row, at], regime))
            for at in range(columns + 1)
        ]
        lines.append(",".join(["Total" if row == rows else f"group {row}", *cells]))
    return "\n".join(lines)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), seed=st.integers(0, 10_000), regime=regimes)
def test_what_is_worked_out_of_a_printed_table_holds_the_truth(data, seed, regime):
    chance = random.Random(seed)  # large counts, so that no sum agrees by accident
    size = range(chance.randint(3, 4))
    inner = [[chance.choice((3, chance.randint(500, 90_000))) for _ in size] for _ in size]
    truth = with_margins(inner)
    hidden = data.draw(suppressed(truth, most_cells=3))

    found = recover(table_of(printed(truth, hidden, regime)), THRESHOLD)

    if found is None:
        return
    for row, at in hidden:
        judgement = found.audit.cells[row, at + 1]
        assert judgement.bounds.holds(truth.counts[row, at])
        if regime is None and len(hidden) == 1:
            assert judgement.verdict is Verdict.EXACT


@settings(max_examples=80, deadline=None)
@given(count=st.integers(0, 5000), regime=regimes, up=st.booleans())
def test_a_rounded_count_stands_for_the_count_that_was_rounded(count, regime, up):
    assert origins(rounded(count, regime, up=up), regime).holds(count)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), wrong=st.integers(1, 50))
def test_a_table_that_does_not_add_up_is_called_inconsistent_and_never_raises(data, wrong):
    truth = data.draw(truths(most=20))
    hidden = data.draw(suppressed(truth, most_cells=3))
    table = published(truth, hidden, Interval())
    counts = dict(table.cells)
    place = data.draw(st.sampled_from([place for place in sorted(counts) if place not in hidden]))
    counts[place] = Released(truth.counts[place] + wrong)

    found = audit(CountTable(cells=counts, relations=table.relations), THRESHOLD)

    for cell in found.cells.values():
        assert (cell.verdict is Verdict.INCONSISTENT) == cell.bounds.is_empty
    if len(hidden) == 1:  # a number stands in two relations or three, and one can be mended only
        assert found.conflicts


@settings(max_examples=30, deadline=None)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_bounds_do_not_depend_on_the_order_of_relations_and_cells(data, seed):
    truth = data.draw(truths(most=20))
    hidden = data.draw(suppressed(truth, most_cells=5))
    table = published(truth, hidden, Interval())
    shuffled = random.Random(seed)
    cells, relations = list(table.cells.items()), list(table.relations)
    shuffled.shuffle(cells)
    shuffled.shuffle(relations)

    assert bounds(CountTable(cells=dict(cells), relations=tuple(relations))) == bounds(table)


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(0, 30), min_size=2, max_size=5), extra=st.integers(0, 9))
def test_two_breakdowns_of_the_same_people_give_back_a_cell_as_a_total_does(counts, extra):
    people = sum(counts)
    first: dict[Place, Cell] = {(row, 0): Released(count) for row, count in enumerate(counts)}
    other: dict[Place, Cell] = {
        (10, 0): Suppressed(),
        (11, 0): Released(people // 2),
        (-1, 0): Unprinted(),
    }
    relation = Sum(tuple(other)[:2], tuple(first))

    found = audit(CountTable(cells=first | other, relations=(relation,)), THRESHOLD)

    assert found.cells[10, 0].verdict is Verdict.EXACT
    assert found.cells[10, 0].bounds.holds(people - people // 2)
