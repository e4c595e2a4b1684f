"""Intervals of whole numbers, and what linear constraints between them leave of each.

Bounds propagation: a constraint bounds each of its numbers by what the others can be at most and
at least, again and again until nothing changes. Bounds are sound whenever it stops. They are as
tight as possible where every number enters with a factor of 1 or -1 and the constraints form a
tree (no two of them are connected in two ways); in other systems integer programming may find
tighter ones.

Source: E. C. Freuder, "A sufficient condition for backtrack-free search", J. ACM 29 (1982) 24-32,
for the claim about trees.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Interval:
    """The whole numbers from `low` to `high`, both included; without upper bound where that is None."""

    low: int = field(default=0, repr=False)
    high: int | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether no number is in it."""
        return self.high is not None and self.low > self.high

    @property
    def is_exact(self) -> bool:
        """Whether one number only is in it."""
        return self.low == self.high

    @property
    def width(self) -> int | None:
        """Distance of its ends; None without upper bound, negative where it is empty."""
        return None if self.high is None else self.high - self.low

    def holds(self, number: int) -> bool:
        """Say whether a number is in it."""
        return self.low <= number and (self.high is None or number <= self.high)

    def meet(self, other: "Interval") -> "Interval":
        """Give the numbers that are in both."""
        highs = [high for high in (self.high, other.high) if high is not None]
        return Interval(max(self.low, other.low), min(highs, default=None))


ANY = Interval()
"""Any count: 0 and more."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A constraint on numbers: the sum of factor times number lies from `low` to `high`."""

    terms: tuple[tuple[int, int], ...] = field(repr=False)
    """Pairs of a number's index and its factor, which is not 0; every index once."""
    low: int | None = field(repr=False)
    """None: no lower bound."""
    high: int | None = field(repr=False)


class ContradictionError(Exception):
    """Constraints that no whole numbers keep; `constraint` is the one that showed it."""

    def __init__(self, constraint: int) -> None:
        super().__init__("the constraints contradict each other")
        self.constraint = constraint


MAX_ROUNDS = 60
"""How often a constraint is looked at, on average, before the bounds are taken as they are."""


def propagate(
    domains: Sequence[Interval], constraints: Sequence[Linear], *, rounds: int = MAX_ROUNDS
) -> list[Interval]:
    """Narrow intervals until no single constraint narrows one further, or `rounds` are over.

    Args:
        domains: What each number may be at first.
        constraints: Their `terms` index `domains`, from 0.
        rounds: Bound on the work.

    Raises:
        ContradictionError: some number is left with no value.
    """
    narrowed = list(domains)
    users: list[list[int]] = [[] for _ in domains]
    for number, constraint in enumerate(constraints):
        for index, _ in constraint.terms:
            users[index].append(number)
    waiting = deque(range(len(constraints)))
    queued = set(waiting)
    for _ in range(rounds * max(len(constraints), 1)):
        if not waiting:
            break
        number = waiting.popleft()
        queued.discard(number)
        for index in _tighten(narrowed, constraints[number], number):
            fresh = [user for user in users[index] if user != number and user not in queued]
            waiting.extend(fresh)
            queued.update(fresh)
    return narrowed


def _tighten(domains: list[Interval], constraint: Linear, number: int) -> list[int]:
    """Narrow the numbers of one constraint in place; give the indices of those that changed."""
    least, most = _Activity(), _Activity()
    for index, factor in constraint.terms:
        least.add(_least(domains[index], factor))
        most.add(_most(domains[index], factor))
    changed = []
    for index, factor in constraint.terms:
        old = domains[index]
        below = _minus(constraint.low, most.without(_most(old, factor)))
        above = _minus(constraint.high, least.without(_least(old, factor)))
        new = old.meet(_solved(factor, below, above))
        if new.is_empty:
            raise ContradictionError(number)
        if new != old:
            domains[index] = new
            least.replace(_least(old, factor), _least(new, factor))
            most.replace(_most(old, factor), _most(new, factor))
            changed.append(index)
    if not constraint.terms and not _allows_zero(constraint):
        raise ContradictionError(number)
    return changed


def _allows_zero(constraint: Linear) -> bool:
    low, high = constraint.low, constraint.high
    return (low is None or low <= 0) and (high is None or high >= 0)


class _Activity:
    """A sum some of whose terms may be without bound."""

    def __init__(self) -> None:
        self.total = 0
        self.unbounded = 0

    def add(self, term: int | None) -> None:
        if term is None:
            self.unbounded += 1
        else:
            self.total += term

    def replace(self, old: int | None, new: int | None) -> None:
        self.add(new)
        if old is None:
            self.unbounded -= 1
        else:
            self.total -= old

    def without(self, term: int | None) -> int | None:
        if term is None:
            return self.total if self.unbounded == 1 else None
        return None if self.unbounded else self.total - term


def _least(domain: Interval, factor: int) -> int | None:
    if factor > 0:
        return factor * domain.low
    return None if domain.high is None else factor * domain.high


def _most(domain: Interval, factor: int) -> int | None:
    if factor < 0:
        return factor * domain.low
    return None if domain.high is None else factor * domain.high


def _minus(bound: int | None, rest: int | None) -> int | None:
    return None if bound is None or rest is None else bound - rest


def _solved(factor: int, below: int | None, above: int | None) -> Interval:
    """Give the numbers x from 0 with below <= factor * x <= above."""
    if factor < 0:
        factor, below, above = -factor, _negative(above), _negative(below)
    low = 0 if below is None else max(0, -(-below // factor))
    return Interval(low, None if above is None else above // factor)


def _negative(bound: int | None) -> int | None:
    return None if bound is None else -bound


def components(count: int, constraints: Iterable[Linear]) -> list[list[int]]:
    """Sort numbers into sets that no constraint connects with each other.

    Args:
        count: How many numbers there are.
        constraints: Their `terms` index the numbers.

    Returns:
        The indices of each set, in order; one that stands in no constraint is a set of its own.
    """
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    for constraint in constraints:
        for index, _ in constraint.terms[1:]:
            parent[root(index)] = root(constraint.terms[0][0])
    found: dict[int, list[int]] = {}
    for index in range(count):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def is_tree(numbers: int, constraints: Sequence[Linear]) -> bool:
    """Say whether propagation alone gives the tightest bounds.

    So it does if all factors are 1 or -1 and the graph of the numbers (all connected) and the
    constraints that hold at least two of them has no circle.
    """
    shared = [constraint for constraint in constraints if len(constraint.terms) > 1]
    edges = sum(len(constraint.terms) for constraint in shared)
    unit = all(abs(factor) == 1 for constraint in constraints for _, factor in constraint.terms)
    return unit and edges == numbers + len(shared) - 1
