"""What the tests of the drill share."""

from datetime import UTC, datetime
from typing import ClassVar


class FixedClock:
    """Five in the afternoon on a Friday, for ever."""

    moment: ClassVar[datetime] = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment
