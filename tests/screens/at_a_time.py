"""Runs breachkit at the time that `$SCREENS_NOW` says, which goes on from there."""

import os
import sys
import time
from datetime import datetime, timedelta

from breachkit.cli.app import main
from breachkit.model.time import SystemClock, parse_rfc3339


BEGUN = time.monotonic()


def _now(self: SystemClock) -> datetime:
    passed = timedelta(seconds=int(time.monotonic() - BEGUN))
    return parse_rfc3339(os.environ["SCREENS_NOW"]) + passed


if __name__ == "__main__":
    SystemClock.now = _now  # type: ignore[method-assign] # every clock of a command is one of these
    sys.argv[0] = "breachkit"
    main()
