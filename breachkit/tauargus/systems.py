"""A table of counts in the format in which Tau-Argus keeps tables of any shape: cells and equations.

Source: P.-P. de Wolf et al., "Tau-Argus User's Manual", version 4.1 (2014), the JJ format: the number
of cells, one line for each (number, value, cost, status, least, most, lower, upper and sliding
protection level), the number of equations, and one line for each (right-hand side, number of terms,
and terms: the number of a cell, and its factor in brackets).
"""

import enum
from collections.abc import Iterable, Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.intervals import Linear


class Status(enum.Enum):
    """What Tau-Argus may do with a cell."""

    SAFE = "s"
    """It is printed, and may be taken out."""
    KEPT = "z"
    """It is printed, and stays."""
    PRIMARY = "u"
    """It is out, and protected to its levels. With levels of 0 its number is just not known."""
    OUT = "m"
    """It is out; for an audit only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cell."""

    status: Status
    value: int = field(default=0, repr=False)
    cost: int = 1
    least: int = field(default=0, repr=False)
    """The attacker knows by himself that it is no less than this, and no more than `most`."""
    most: int = field(repr=False)
    lower: int = field(default=0, repr=False)
    """How far below its value nobody may be able to exclude numbers; `upper`: how far above."""
    upper: int = field(default=0, repr=False)


def written(lines: Sequence[Line], constraints: Iterable[Linear], slack: Line) -> str:
    """Write a table. Cells have the numbers from 0, by their order.

    Args:
        lines: Its cells.
        constraints: How they add up: sums of 0, or of at least or at most 0. The latter become
            equations by one more cell each, behind all others, whose number nobody knows.
        slack: What such a cell is; its value is worked out.
    """
    every, equations = list(lines), list[str]()
    for constraint in constraints:
        terms = list(constraint.terms)
        if constraint.low is None or constraint.high is None:
            sign = 1 if constraint.high is None else -1
            over = sum(factor * lines[index].value for index, factor in terms)
            terms.append((len(every), -sign))
            every.append(_of_value(slack, sign * over))
        sums = " ".join(f"{index} ({factor})" for index, factor in terms)
        equations.append(f"0 {len(terms)} : {sums}")
    cells = [f"{number} {_cell(line)}" for number, line in enumerate(every)]
    return "\n".join(["0", str(len(cells)), *cells, str(len(equations)), *equations, ""])


def _of_value(line: Line, value: int) -> Line:
    return Line(status=line.status, value=value, cost=line.cost, most=line.most)


def _cell(line: Line) -> str:
    known = f"{line.value} {line.cost} {line.status.value} {line.least} {line.most}"
    return f"{known} {line.lower} {line.upper} 0"
