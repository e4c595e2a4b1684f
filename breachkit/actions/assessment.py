"""The cell that an effect and a likelihood make in an organisation's table, and nothing beyond it.

What follows from a cell - whether somebody has to be told - is read in the guide that the table is
from, by a person: breachkit never says it.
"""

from dataclasses import dataclass

from breachkit.actions.playbook_assessment import Dspt, Grade
from breachkit.model.errors import UsageError


class NoSuchGradeError(UsageError):
    """The table has no such effect or likelihood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Where an effect and a likelihood meet."""

    effect: Grade
    likelihood: Grade

    @property
    def name(self) -> str:
        """Such as `effect 2, likelihood 3`."""
        return f"effect {self.effect.grade}, likelihood {self.likelihood.grade}"


def cell(table: Dspt, effect: int, likelihood: int) -> Cell:
    """Give the cell of two grades that a person chose.

    Raises:
        NoSuchGradeError: the table has no such grade; the message lists those there are.
    """
    return Cell(
        effect=_grade(table.effects, effect, "effect"),
        likelihood=_grade(table.likelihoods, likelihood, "likelihood"),
    )


def _grade(grades: tuple[Grade, ...], wanted: int, what: str) -> Grade:
    for each in grades:
        if each.grade == wanted:
            return each
    known = "; ".join(f"{each.grade}: {each.title}" for each in grades)
    raise NoSuchGradeError(f"no {what} {wanted}: choose one of {known}")
