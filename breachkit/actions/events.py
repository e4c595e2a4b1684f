"""What the decisions need of the case's journal."""

from collections.abc import Mapping
from typing import Any, Protocol


class JournalEvent(Protocol):
    """One event of the journal, as far as decisions read it."""

    @property
    def seq(self) -> int:
        """Its place in the journal."""
        ...

    @property
    def kind(self) -> str:
        """Such as `notify.sent`."""
        ...

    @property
    def ts(self) -> str:
        """When it was written, in RFC 3339."""
        ...

    @property
    def detail(self) -> Mapping[str, Any]:
        """What it says, in JSON's own types."""
        ...
