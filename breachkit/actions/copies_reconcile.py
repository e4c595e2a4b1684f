"""Cloners that the platform counted against holders in the register: what stays unknown is said.

Source: GitHub counts full clones of the last 14 days, in UTC, and names nobody; OpenSAFELY's runbook
says that nobody can find out who cloned a repository, and when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from breachkit.actions.copies import Copy
from breachkit.actions.tracing_view import counted


HOLDERS = frozenset({"C16", "C30"})
"""Places whose entries are people that have, or had, a clone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """How many cloners nobody can name."""

    at_least: int | None
    """Different cloners that were counted; None where no traffic was read."""
    at_most: int | None
    first_day: str
    last_day: str
    not_counted: int | None
    """Days since the data came in that no count covers; None where that is not known."""
    holders: int
    """People in the register who have, or had, a clone."""
    accounted: int
    """Those of them that are closed."""
    accepted_by: str
    """Who accepted that the others stay unknown; empty where nobody did."""

    @property
    def unknown(self) -> tuple[int, int] | None:
        """At least and at most so many cloners are unknown; None where none were counted."""
        if self.at_least is None or self.at_most is None:
            return None
        return max(0, self.at_least - self.holders), self.at_most

    @property
    def text(self) -> str:
        """Give it as one line."""
        known = f"{counted(self.holders, 'holder')} known, {self.accounted} of them accounted for"
        if self.unknown is None:
            return f"no traffic was read, so that nobody knows how many cloned it; {known}"
        fewest, most = self.unknown
        span = (
            f"{self.at_least}"
            if self.at_least == self.at_most
            else f"{self.at_least} to {self.at_most}"
        )
        unknown = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        blind = (
            f"; {counted(self.not_counted, 'day')} not counted at all" if self.not_counted else ""
        )
        accepted = f"; accepted by {self.accepted_by}" if self.accepted_by else ""
        return (
            f"{span} different cloners from {self.first_day} to {self.last_day}; {known}, who need not be "
            f"among them: {unknown} cloners unknown{blind}{accepted}"
        )


def reconciled(traced: Mapping[str, Any] | None, register: Iterable[Copy]) -> Reconciled:
    """Set what a search counted against the register as it stands now.

    Args:
        traced: What the journal keeps of the latest search that read the traffic; None where none did.
        register: The copies.
    """
    copies = tuple(register)
    people = [c for c in copies if c.place in HOLDERS and c.holder and c.applies != "no"]
    accepted = [c for c in copies if c.place == "C17" and c.state == "residual_accepted"]
    counts = traced or {}
    return Reconciled(
        at_least=counts.get("cloners_at_least"),
        at_most=counts.get("cloners_at_most"),
        first_day=str(counts.get("first_day", "")),
        last_day=str(counts.get("last_day", "")),
        not_counted=counts.get("days_not_counted"),
        holders=len(people),
        accounted=sum(copy.closed for copy in people),
        accepted_by=accepted[-1].proof[-1].by if accepted and accepted[-1].proof else "",
    )
