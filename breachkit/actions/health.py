"""What a check of the surroundings found: is it as a response needs it, and how is it mended."""

import enum
from collections.abc import Iterable

from breachkit.model.records import dataclass


class Health(enum.StrEnum):
    """How one thing is."""

    OK = "ok"
    WARN = "warn"
    """A response works, with a loss that is named."""
    FAIL = "fail"
    """A response, or a step of it that was asked about, would stop here."""
    NOT_TRIED = "not tried"
    """Nothing is known, and nothing is claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One line of what was looked at."""

    id: str
    """Such as `git.version`; up to the dot the area. Programs rely on it: ids are only ever added."""
    health: Health
    says: str
    """What was found, or why it was not tried."""
    means: str = ""
    """What follows from it for a response; empty where all is well."""
    repairs: tuple[str, ...] = ()
    """Commands to paste, or the address of a page to open, in their order."""
    is_access: bool = False
    """Whether what is wrong is who may do what, rather than how things are set up."""

    @property
    def area(self) -> str:
        """What it belongs to, such as `git`."""
        return self.id.partition(".")[0]


def fine(name: str, says: str) -> Diagnosis:
    """Give a line for what is as it should be."""
    return Diagnosis(id=name, health=Health.OK, says=says)


def doubtful(name: str, says: str, means: str, *repairs: str) -> Diagnosis:
    """Give a line for what a response can do without."""
    return Diagnosis(id=name, health=Health.WARN, says=says, means=means, repairs=repairs)


def broken(name: str, says: str, means: str, *repairs: str, is_access: bool = False) -> Diagnosis:
    """Give a line for what would stop a response."""
    return Diagnosis(
        id=name, health=Health.FAIL, says=says, means=means, repairs=repairs, is_access=is_access
    )


def not_tried(name: str, why: str, *repairs: str) -> Diagnosis:
    """Give a line for what could not be looked at, or was not to be."""
    return Diagnosis(id=name, health=Health.NOT_TRIED, says=why, repairs=repairs)


def worst_code(diagnoses: Iterable[Diagnosis], *, strict: bool) -> int:
    """Give the exit code: 3 where something is set up wrongly, 4 where somebody may not, else 0.

    Args:
        diagnoses: All of them.
        strict: Give 8 where there are warnings alone.
    """
    found = tuple(diagnoses)
    failed = [each for each in found if each.health is Health.FAIL]
    if failed:
        return 4 if all(each.is_access for each in failed) else 3
    return 8 if strict and any(each.health is Health.WARN for each in found) else 0
