"""The cell suppression problem as plain data, and what an answer to it says.

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928; A. Hundepool et al., "Statistical Disclosure Control" (2012),
chapter 4: primary cells, secondary (complementary) cells, protection intervals.
"""

from collections.abc import Mapping
from typing import Protocol

from breachkit.model.records import dataclass, field
from breachkit.sdc.audit import Audit
from breachkit.sdc.cells import CountTable, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Counts, how they add up, and which of them may not be seen.

    Several tables that tell something about each other are one problem: their places are made
    distinct by whoever puts them together, and a cell that stands in two tables is tied by a
    relation with one part and one whole.
    """

    counted: CountTable
    """All cells before redaction, and every relation an attacker may use. A cell that was taken out
    of the source already is `Suppressed` in it: nobody knows its number, and it stays out."""
    primary: frozenset[Place]
    """Cells that may not be seen, by themselves. All of them are in `counted`."""
    threshold: int
    """Counts from 1 up to and including this are disclosive: what becomes known of a suppressed cell
    must leave at least so many numbers open, and not only such ones (`sdc.audit.Verdict.SAFE`)."""
    kept: frozenset[Place] = frozenset()
    """Cells that are printed elsewhere too, so that taking them out hides nothing."""
    costs: Mapping[Place, int] = field(default_factory=dict, repr=False)
    """What losing a cell costs, 1 and more; 1 for those that are not named."""

    def cost(self, places: frozenset[Place]) -> int:
        """Give what losing these cells costs together."""
        return sum(self.costs.get(place, 1) for place in places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which cells are taken out, and how sure it is that fewer would not do."""

    suppressed: frozenset[Place]
    """Primary cells, those that were out already, and complementary ones."""
    complementary: frozenset[Place]
    """Those of them that had to go only so that others cannot be worked out."""
    engine: str
    """Who found it, as reports say it: `HiGHS`, `Tau-Argus`, `heuristic`, `nothing to do`."""
    cost: int
    """What losing the complementary cells costs."""
    least: int | None
    """No pattern of complementary cells costs less than this; None where no bound is known."""
    audit: Audit = field(repr=False)
    """What is known of every suppressed cell once these are out: all are `SAFE`, and decided."""

    @property
    def is_least(self) -> bool:
        """Whether it is proven that no cheaper pattern protects."""
        return self.least == self.cost


class NoPatternError(Exception):
    """There is no way, or none was found, to protect a table by taking cells out of it.

    `places` are the suppressed cells that can still be worked out when all others that may go are out.
    """

    def __init__(self, reason: str, places: tuple[Place, ...] = ()) -> None:
        super().__init__(reason)
        self.places = places


class Engine(Protocol):
    """Finds patterns; what it gives is audited by whoever asked."""

    name: str

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        """Give the complementary cells, and a lower bound of their cost where one is known.

        Raises:
            NoPatternError: there is none, or the engine cannot handle such a table.
        """
        ...
