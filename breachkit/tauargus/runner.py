"""Calls Tau-Argus for some tables, in a process of its own.

    python -m breachkit.tauargus.runner suppress|audit SECONDS NUMBER

runs in a private folder that has NUMBER folders called 0, 1 ..., each with a table (`TABLE`). Whatever
is done has its result there, as `RESULT`: so that of a process that is ended early there is what it
finished. Tau-Argus itself leaves logs and other files there.
"""

import json
import os
import re
import sys
from pathlib import Path

from breachkit.git.apart import limit_to


TABLE, RESULT = "table.jj", "result.json"
MEMORY_BYTES = 1 << 30
"""A table of 200 rows and 50 columns takes 60 MB."""


def main(arguments: list[str]) -> None:
    """Do for each table what is asked, one after the other."""
    what, seconds, number = arguments
    limit_to(seconds=float(seconds), memory_bytes=MEMORY_BYTES)
    run = {"suppress": _suppress, "audit": _audit}[what]
    top = Path.cwd()
    for name in range(int(number)):
        os.chdir(top / str(name))
        result = json.dumps(run(float(seconds)))
        Path("unfinished").write_text(result, encoding="ascii")
        Path("unfinished").replace(RESULT)


def _suppress(seconds: float) -> dict[str, object]:
    from pytauargus._tauargus import HiTaSCtrl

    minutes = max(1, int(seconds / 120))  # what it takes beyond its limit is as long again
    code = HiTaSCtrl().full_jj(in_file_jj=TABLE, out_file="out", max_time=minutes)
    if code not in _DONE:
        return {"cells": None}
    cells = [int(line) for line in Path("out").read_text(encoding="ascii").split()]
    least = _least(Path("FullJJ.log").read_text(encoding="ascii", errors="replace"))
    return {"cells": cells, "least": least}


_DONE = (0, 1)
"""Proven to be the best; the best that was found in time."""
_COSTS = re.compile(r"Objectvalues:\s*([0-9.e+]+)\s+and\s+[0-9.e+]+")


def _least(log: str) -> float | None:
    """Give what every pattern costs at least, of the two costs that the log tells."""
    found = _COSTS.search(log)
    return None if found is None else float(found[1])


def _audit(_seconds: float) -> dict[str, object]:
    from pytauargus._tauargus import audit_jj

    try:
        rows = audit_jj(TABLE)
    except RuntimeError:  # no numbers agree with the table
        return {"bounds": None}
    return {"bounds": {row["cell"]: (row["min"], row["max"]) for row in rows}}


if __name__ == "__main__":
    main(sys.argv[1:])
