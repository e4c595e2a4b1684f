"""The cheapest pattern: choose, audit, cut off what the audit refuses, and choose again.

What the master problem proposes costs no more than any pattern that protects, so the first proposal
that the audit passes is the cheapest one. Until then its cost is a lower bound.

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928. Unlike there, complementary cells are protected as primary
ones are, and the numbers are whole: where real numbers would protect a cell and whole ones do not,
the cut says that one of the cells that make the difference has to go.
"""

from collections.abc import Iterable, Iterator

from breachkit.model.records import dataclass
from breachkit.sdc.cells import Place
from breachkit.sdc.protection.attack import Attack, Cut
from breachkit.sdc.protection.auditing import open_cells, widest
from breachkit.sdc.protection.instance import Instance, counts_of, instance_of
from breachkit.sdc.protection.master import Master
from breachkit.sdc.protection.problem import NoPatternError, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What the search for the cheapest pattern may take."""

    rounds: int = 100
    """Proposals that are audited."""
    nodes: int = 5_000
    """Of the search tree of one proposal."""
    seconds: float = 10.0
    """On all proposals of one table. Where it ends the search, the pattern depends on the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How far the search for the cheapest pattern came."""

    found: frozenset[int] | None
    """Complementary cells that protect; None: the search ended first."""
    least: int
    """No complementary cells that protect cost less."""
    proposals: tuple[frozenset[int], ...] = ()
    """What was refused, in order: nearly enough."""


class Exact:
    """Finds a pattern that no other undercuts, or none."""

    name = "HiGHS"

    def __init__(self, effort: Effort = Effort()) -> None:  # noqa: B008 - frozen
        self._effort = effort

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        """Give the cheapest complementary cells, and their cost or a bound that comes close to it.

        Raises:
            NoPatternError: there are none, or the search ended before they were found.
            SolverMissingError: HiGHS is not installed.
        """
        instance = instance_of(problem)
        counts_of(instance)
        search = cheapest(instance, self._effort)
        if search.found is None:
            raise NoPatternError("the search for the cheapest pattern ended before it was found")
        return instance.at(search.found), search.least


def cheapest(instance: Instance, effort: Effort) -> Search:
    """Look for the cheapest complementary cells that protect.

    Raises:
        NoPatternError: there are none; its places are cells that can always be worked out.
        SolverMissingError: HiGHS is not installed.
    """
    try:
        return _searched(instance, effort)
    except NoPatternError:
        widest(instance)  # says which cells can be worked out, unless rounding errors misled us
        return Search(found=None, least=0)


def _searched(instance: Instance, effort: Effort) -> Search:
    master = Master(instance, nodes=effort.nodes, seconds=effort.seconds)
    attack = Attack(instance)
    proposals: list[frozenset[int]] = []
    least, is_certain = 0, True
    for _ in range(effort.rounds):
        choice = master.choose()
        least = max(least, choice.least) if is_certain else least
        if choice.taken is None:
            break
        cells = open_cells(instance, choice.taken)
        if not cells:
            return Search(found=choice.taken, least=least, proposals=tuple(proposals))
        proposals.append(choice.taken)
        is_certain = is_certain and all(cells.values())
        for cut in _cuts(instance, attack, choice.taken, cells):
            master.add(cut)
    return Search(found=None, least=least, proposals=tuple(proposals))


_FEW = 2_000
"""Candidates up to which cuts that ask for few cells are worth their time."""


def _cuts(
    instance: Instance, attack: Attack, taken: frozenset[int], cells: Iterable[int]
) -> Iterator[Cut]:
    """Give an inequality for each unsafe cell, which the pattern breaks and no protecting one does."""
    lean = attack.lean_cuts(taken, cells) if len(instance.candidates) <= _FEW else {}
    attack.take_out(taken)
    for cell in cells:
        yield lean.get(cell) or attack.cut(cell) or _blocking(instance, taken, cell)


_MOST_AUDITS = 12


def _blocking(instance: Instance, taken: frozenset[int], cell: int) -> Cut:
    """Say that one of those cells has to go without which all others do not make a cell safe.

    Suppressing more never narrows, so whatever leaves the cell unsafe beside `taken` can be added.
    """
    waiting = [sorted(instance.candidates - taken - {cell})]
    useless = taken
    for _ in range(_MOST_AUDITS):
        if not waiting:
            break
        some = waiting.pop()
        if open_cells(instance, useless | frozenset(some)).get(cell):
            useless |= frozenset(some)
        elif len(some) > 1:
            waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
    beside = sorted(instance.candidates - useless - {cell})
    return Cut(cell=cell, weights=dict.fromkeys(beside, 1.0))
