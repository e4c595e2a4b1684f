"""The families of errors; each knows the exit code of the process it ends.

Leaf errors stand beside the code that raises them. A message ends with what to do next and never
holds content of a scanned file.
"""

from typing import ClassVar


class BreachkitError(Exception):
    """Something went wrong that breachkit can explain."""

    exit_code: ClassVar[int] = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """What to show, line by line; a line end within a text is shown as what it is."""
        return (str(self),)


class UsageError(BreachkitError):
    """The command was called in a way that makes no sense."""

    exit_code = 2


class ConfigurationError(BreachkitError):
    """There is nothing to work on, or a setting, profile or playbook is wrong or missing."""

    exit_code = 3


class AccessError(BreachkitError):
    """Not logged in, or not allowed."""

    exit_code = 4


class IncompleteError(BreachkitError):
    """Part of the work was not done; running the command again goes on with it."""

    exit_code = 5


class RefusedError(BreachkitError):
    """A guard stopped the command before it changed anything, or a confirmation is missing."""

    exit_code = 6


class VerificationError(BreachkitError):
    """Data are still present, or a log or a proof does not hold."""

    exit_code = 7


class UnfinishedError(BreachkitError):
    """Something is overdue or open, and the caller asked to be told so by the exit code."""

    exit_code = 8


class TookTooLongError(Exception):
    """Looking at one object was cut off. It ends that look, never a command: so it has no exit code."""
