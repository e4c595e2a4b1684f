"""A second opinion on what can be worked out: Tau-Argus's own audit of a table.

It solves the attacker's problem in fractions of people, where `sdc.audit` solves it in whole numbers:
its intervals hold those of `sdc.audit`, and are the same for tables of rows and columns, whose ends
are whole.

Source: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.4.3, intervals after suppression.
"""

import math

from breachkit.sdc.cells import CountTable, Place, Suppressed
from breachkit.sdc.intervals import Interval
from breachkit.sdc.systems import constraints_of, domain_of
from breachkit.tauargus.calls import SECONDS, TauArgusError, ask
from breachkit.tauargus.systems import Line, Status, written


_NEARLY = 1e-4
"""Ends of intervals are found with an error of this size."""


def second_opinion(table: CountTable, *, seconds: float = SECONDS) -> dict[Place, Interval] | None:
    """Give what Tau-Argus finds of each suppressed cell: the whole numbers in its interval.

    Args:
        table: As for `sdc.audit.audit`.
        seconds: How long it may take.

    Returns:
        An interval for each suppressed cell; None where no numbers at all agree with the table.

    Raises:
        TauArgusError: it is not installed, or did not answer.
    """
    places = sorted(table.cells)
    index_of = {place: index for index, place in enumerate(places)}
    domains = [domain_of(table.cells[place]) for place in places]
    most = 10 * sum(domain.high or 0 for domain in domains) + 1_000
    lines = [_line(domain, most) for domain in domains]
    constraints = [
        constraint
        for relation in table.relations
        for constraint in constraints_of(relation, index_of)
        if constraint.terms
    ]
    factors = (abs(factor) for constraint in constraints for _, factor in constraint.terms)
    slack = Line(status=Status.OUT, most=most * max(factors, default=1))
    (answer,) = ask("audit", [written(lines, constraints, slack)], seconds=seconds)
    if answer is None:
        raise TauArgusError("Tau-Argus gave no answer; go on without it")
    if answer["bounds"] is None:
        return None
    return {
        place: _whole(answer["bounds"][number], most)
        if (number := str(index)) in answer["bounds"]
        else domains[index]
        for place, index in index_of.items()
        if isinstance(table.cells[place], Suppressed)
    }


def _line(domain: Interval, most: int) -> Line:
    if domain.is_exact:
        return Line(status=Status.SAFE, value=domain.low, most=most)
    high = most if domain.high is None else domain.high
    return Line(status=Status.OUT, value=domain.low, least=domain.low, most=high)


def _whole(ends: tuple[float, float], most: int) -> Interval:
    """Give the whole numbers from one end to the other; without upper end where that was not met."""
    low, high = ends
    end = None if high > most / 2 else math.floor(high + _NEARLY)
    return Interval(max(0, math.ceil(low - _NEARLY)), end)
