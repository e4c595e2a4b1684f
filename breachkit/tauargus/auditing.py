"""A second opinion on what can be worked out: Tau-Argus's own audit of a table.

It solves the attacker's problem in fractions of people, where `sdc.audit` solves it in whole numbers:
its intervals hold those of `sdc.audit`, and are the same for tables of rows and columns, whose ends
are whole. No command asks for it: with it the tests hold what is proven of protected tables against
what somebody else wrote.

Source: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.4.3, intervals after suppression.
"""

import math
from collections.abc import Mapping, Sequence

from breachkit.sdc.cells import CountTable, Place, Suppressed
from breachkit.sdc.intervals import Interval
from breachkit.sdc.systems import constraints_of, domain_of
from breachkit.tauargus.calls import SECONDS, TauArgusError, ask
from breachkit.tauargus.systems import Line, Status, written


_NEARLY = 1e-4
"""Ends of intervals are found with an error of this size."""


_FAR = 50
"""Times all numbers of a table together: as far as Tau-Argus may go where nothing ends a cell. A number that
shares that with others, as halves of one sum do, still goes farther than any that something ends."""


Opinion = dict[Place, Interval] | None
"""An interval for each suppressed cell; None where no numbers at all agree with the table."""


def second_opinion(table: CountTable, *, seconds: float = SECONDS) -> Opinion:
    """Give what Tau-Argus finds of each suppressed cell: the whole numbers in its interval.

    Args:
        table: As for `sdc.audit.audit`.
        seconds: How long it may take.

    Raises:
        TauArgusError: it is not installed, or did not answer.
    """
    (opinion,) = second_opinions([table], seconds=seconds)
    return opinion


def second_opinions(tables: Sequence[CountTable], *, seconds: float = SECONDS) -> list[Opinion]:
    """Give an opinion on each of several tables, which takes one process; see `second_opinion`."""
    systems = list(map(_System, tables))
    answers = ask("audit", [system.written() for system in systems], seconds=seconds)
    if None in answers:
        raise TauArgusError("Tau-Argus answered for some tables only; go on without it")
    return [
        system.read(answer["bounds"])
        for system, answer in zip(systems, answers, strict=True)
        if answer is not None
    ]


class _System:
    """One table, as it is asked about."""

    def __init__(self, table: CountTable) -> None:
        self._cells = table.cells
        self._index_of = {place: index for index, place in enumerate(sorted(table.cells))}
        self._domains = [domain_of(table.cells[place]) for place in self._index_of]
        self._most = _FAR * (sum(domain.high or domain.low for domain in self._domains) + 100)
        self._constraints = [
            constraint
            for relation in table.relations
            for constraint in constraints_of(relation, self._index_of)
            if constraint.terms
        ]

    def written(self) -> str:
        """Write it for Tau-Argus."""
        lines = [_line(domain, self._most) for domain in self._domains]
        terms = (term for constraint in self._constraints for term in constraint.terms)
        largest = max((abs(factor) for _, factor in terms), default=1)
        slack = Line(status=Status.OUT, most=self._most * largest)
        return written(lines, self._constraints, slack)

    def read(self, bounds: Mapping[str, tuple[float, float]] | None) -> Opinion:
        """Read what Tau-Argus answered; a cell that it does not name is what its mark says."""
        if bounds is None:
            return None
        return {
            place: _whole(bounds[str(index)], self._most)
            if str(index) in bounds
            else self._domains[index]
            for place, index in self._index_of.items()
            if isinstance(self._cells[place], Suppressed)
        }


def _line(domain: Interval, most: int) -> Line:
    if domain.is_exact:
        return Line(status=Status.SAFE, value=domain.low, most=most)
    high = most if domain.high is None else domain.high
    return Line(status=Status.OUT, value=domain.low, least=domain.low, most=high)


def _whole(ends: tuple[float, float], most: int) -> Interval:
    """Give the whole numbers from one end to the other; without upper end where that was not met."""
    low, high = ends
    end = None if high > most / _FAR else math.floor(high + _NEARLY)
    return Interval(max(0, math.ceil(low - _NEARLY)), end)
