"""What a search that stops at limits of work has left out: what was not tried is not clean."""

from collections.abc import Iterable

from breachkit.model.records import dataclass


@dataclass(slots=True)
class Search:
    """A search that remembers whether a limit cut it."""

    is_cut: bool = False
    """Some limit left something out."""

    def within(self, number: int, most: int) -> bool:
        """Say whether something is within a limit, and remember if it is not."""
        self.is_cut = self.is_cut or number > most
        return number <= most

    def leave_out(self, rest: Iterable[object]) -> None:
        """Remember that something was left out, if there is any of it."""
        self.is_cut = self.is_cut or any(True for _ in rest)
