"""Asks Tau-Argus about tables, in a process and a private folder of their own.

Tau-Argus is native code, and writes the numbers of a table to files and to its standard output. The
folder is for this user alone (mode 0700) and is deleted whatever becomes of the process; what was
printed goes nowhere; an error says how the process ended, and nothing of what it said.
"""

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from breachkit.git.apart import run_apart
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import BreachkitError
from breachkit.tauargus.runner import RESULT, TABLE


SECONDS = 20.0
"""For all tables of one call: those of rows and columns take 3 at most, be they 200 by 50."""
RUNNER = "breachkit.tauargus.runner"


class TauArgusError(BreachkitError):
    """Tau-Argus is not installed, or ended without an answer."""


def is_installed() -> bool:
    """Say whether Tau-Argus is here: `breachkit[tauargus]` brings it."""
    return importlib.util.find_spec("pytauargus") is not None


def ask(
    what: Literal["suppress", "audit"],
    tables: Sequence[str],
    *,
    seconds: float = SECONDS,
    runner: str = RUNNER,
) -> list[dict[str, Any] | None]:
    """Let Tau-Argus suppress cells of tables, or audit them.

    Args:
        what: Which of the two.
        tables: As `systems.written` writes them.
        seconds: How long it may take for all of them.
        runner: The module that does it.

    Returns:
        What `runner` left for each table; None for those that it did not come to. At least one has
        an answer.

    Raises:
        TauArgusError: none has.
    """
    if not is_installed():
        raise TauArgusError("Tau-Argus is not installed; install breachkit[tauargus]")
    with scratch_folder() as folder:
        places = [_put(folder / str(number), table) for number, table in enumerate(tables)]
        arguments = [what, f"{seconds:g}", str(len(tables))]
        code = run_apart(runner, arguments, folder=folder, seconds=seconds)
        found = [_result(place) for place in places]
    if not any(found):
        raise TauArgusError(f"Tau-Argus {_ended(code, seconds)}; go on without it")
    return found


def _put(place: Path, table: str) -> Path:
    place.mkdir(mode=0o700)
    (place / TABLE).write_text(table, encoding="ascii")
    return place


def _result(place: Path) -> dict[str, Any] | None:
    result = place / RESULT
    return json.loads(result.read_text("ascii")) if result.is_file() else None


def _ended(code: int | None, seconds: float) -> str:
    if code is None:
        return f"took longer than {seconds:g} s"
    return f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
