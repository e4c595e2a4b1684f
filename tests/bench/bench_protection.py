"""How long it takes to find which cells have to go, how many that are, and how far from the least.

    python tests/bench/bench_protection.py [--only WORD] [--seconds 10]

Makes tables of invented counts of several shapes, takes out what is too small to be seen and what
has to go with it, and has every cell that is out proven safe. Beside them the proof alone, of cells
that are out of a large table at random. Processor time is that of one core; the memory is the most
that the process has had so far.
"""

import argparse
import resource
import time
from collections.abc import Callable, Mapping
from random import Random

from breachkit.sdc.audit import Verdict, prove
from breachkit.sdc.protection.exact import Effort
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import Problem
from breachkit.sdc.protection.protect import protect
from tests.support.tabulated import filled, flat, halved, in_clusters, problem, tabulated


THRESHOLD = 7


def main() -> None:
    """Measure each kind of table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", default="", help="kinds of tables whose name holds this")
    parser.add_argument("--seconds", type=float, default=Effort().seconds)
    asked = parser.parse_args()
    print(
        f"{'table':<36} {'cells':>6} {'small':>6} {'lost':>5} {'least':>6} {'cpu s':>6} {'MB':>5}"
    )
    for name, make in KINDS.items():
        if asked.only in name:
            measure(name, make(Random(7)), Effort(seconds=asked.seconds))


def measure(name: str, given: Problem, effort: Effort) -> None:
    """Protect a table, and print what that took."""
    begun = time.process_time()
    pattern = protect(given, effort=effort)
    took = time.process_time() - begun
    assert pattern.audit.decided
    assert not pattern.audit.places(*set(Verdict) - {Verdict.SAFE})
    begun = time.process_time()
    prove(published(given, pattern.suppressed), given.threshold)
    proof = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{name:<36} {len(given.counted.cells):>6} {len(given.primary):>6} {pattern.cost:>5} "
        f"{pattern.least!s:>6} {took:>6.1f} {memory:>5}  {pattern.engine}; the proof {proof:.1f} s"
    )


def crossed(*sizes: int, small: float, subtotals: bool = False) -> Callable[[Random], Problem]:
    """Give a maker of tables with margins, in which a share of the counts is small."""

    def make(chance: Random) -> Problem:
        trees = [halved(size) if subtotals else flat(size) for size in sizes]
        table = tabulated(filled(chance, sizes, THRESHOLD, small), trees)
        return problem(*table, THRESHOLD)

    return make


def clustered(*sizes: int, mean: float) -> Callable[[Random], Problem]:
    """Give a maker of tables whose small counts are where rare categories meet."""

    def make(chance: Random) -> Problem:
        table = tabulated(in_clusters(chance, sizes, mean), [flat(size) for size in sizes])
        return problem(*table, THRESHOLD)

    return make


KINDS: Mapping[str, Callable[[Random], Problem]] = {
    "200 x 50, 0.2% small": crossed(200, 50, small=0.002),
    "200 x 50, 1% small": crossed(200, 50, small=0.01),
    "200 x 50, 5% small": crossed(200, 50, small=0.05),
    "200 x 50, 10% small": crossed(200, 50, small=0.1),
    "200 x 50, 15% small": crossed(200, 50, small=0.15),
    "200 x 50, in clusters": clustered(200, 50, mean=60),
    "200 x 50, in clusters, smaller": clustered(200, 50, mean=20),
    "5,000 x 4, 2% small": crossed(5_000, 4, small=0.02),
    "20 x 20 with subtotals": crossed(20, 20, small=0.1, subtotals=True),
    "4 x 4 x 4": crossed(4, 4, 4, small=0.1),
    "6 x 6 x 6": crossed(6, 6, 6, small=0.1),
    "6 x 6 x 6 with subtotals": crossed(6, 6, 6, small=0.1, subtotals=True),
    "10 x 10 x 10": crossed(10, 10, 10, small=0.1),
}


if __name__ == "__main__":
    main()
