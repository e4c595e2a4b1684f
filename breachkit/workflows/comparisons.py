"""Comparisons of files by rules, each cut off when it takes too long, and named where it was.

They run in the process of the command itself: a pair that nobody can compare would hang it.
"""

import contextlib
from collections.abc import Iterator

from breachkit.git.limits import TimeLimit
from breachkit.model.errors import TookTooLongError
from breachkit.model.ids import ObjectId


TOO_SLOW = "comparing it with another version or table took too long"
"""Ends as all reasons do after which looking again may tell more."""


class Comparisons:
    """Is entered by rules around each comparison; see `HistoryView.comparing`."""

    def __init__(self) -> None:
        self._limit = TimeLimit()
        self._cut: dict[ObjectId, None] = {}

    @contextlib.contextmanager
    def limited(self) -> Iterator[None]:
        """Hold the alarm ready; without this around them, comparisons take as long as they take."""
        with self._limit.available():
            yield

    @contextlib.contextmanager
    def __call__(self, *blobs: ObjectId) -> Iterator[None]:
        """Limit what is done inside, which is about these blobs."""
        try:
            with self._limit.for_one():
                yield
        except TookTooLongError:
            self._cut |= dict.fromkeys(blobs)

    def take_cut(self) -> tuple[ObjectId, ...]:
        """Give each blob of which a comparison was cut off since this was last asked, once."""
        cut = tuple(self._cut)
        self._cut.clear()
        return cut
