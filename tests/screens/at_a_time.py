"""Runs breachkit at the moment that `$SCREENS_NOW` says, at which its clock stands still."""

import os
import random
import secrets
import sys
from datetime import datetime

from breachkit.cli.app import main
from breachkit.model.time import SystemClock, parse_rfc3339


def _now(self: SystemClock) -> datetime:
    return parse_rfc3339(os.environ["SCREENS_NOW"])


class _AsBefore(random.Random):
    """Chooses the same each time: the name of a case."""

    def __init__(self) -> None:
        super().__init__(1)


if __name__ == "__main__":
    SystemClock.now = _now  # type: ignore[method-assign] # every clock of a command is one of these
    secrets.SystemRandom = _AsBefore  # type: ignore[assignment,misc]
    sys.argv[0] = "breachkit"
    main()
