"""What the practice worlds of different stories differ in: what was planted, where, and who hosts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from breachkit.drill.author import Settle
from breachkit.drill.history import TABLE, write_history
from breachkit.drill.planted import Planted, plant
from breachkit.drill.platform import Furnish, Visibility, furnish_study


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a practice world is built; the same every time, commit ids included."""

    planted: Callable[[], Planted]
    """Draws what the study discloses."""
    write: Callable[[Settle], Mapping[str, str]]
    """Writes the study's history and gives the ids of its commits by name; `codelist` is one of them."""
    brought_in: str
    """The commit that first brought what is disclosed."""
    left_off: str
    """The commit at which the colleague's old clone stands."""
    stashed: Callable[[], Mapping[str, bytes]] = field(default=dict)
    """Files that the colleague changed and laid aside there, by path."""
    furnish: Furnish | None = None
    """Puts on the platform what hangs on the study; None where the server is a folder with git in it."""
    visibility: Visibility = "public"
    """Who can see the study on the platform."""


RELEASED_TABLE = Setting(
    planted=plant,
    write=write_history,
    brought_in="release-1",
    left_off="second",
    stashed=lambda: {TABLE: plant().for_paper.content},
    furnish=furnish_study,
)
"""Five tables and an extract were released; two were "fixed" in ways that fix nothing."""
