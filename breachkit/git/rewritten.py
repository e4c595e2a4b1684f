"""What a finished rewrite left: the record in the new repository, read back without what rewrites."""

import json
import os
import shutil
from pathlib import Path

from breachkit.actions.rewrite import RewritePlan
from breachkit.actions.rewritten import Rewritten
from breachkit.model.errors import RefusedError


RECORD = "breachkit-rewritten.json"
"""In the new repository: what was done. It says that breachkit made the directory."""


def write_record(target: Path, done: Rewritten) -> None:
    """Put the record into a new repository, on the disk for good."""
    with (target / RECORD).open("w", encoding="ascii") as file:
        file.write(json.dumps(done.to_json()))  # `dump` encodes without the help of C
        file.flush()
        os.fsync(file.fileno())


def open_rewritten(target: Path, plan: RewritePlan | None = None) -> Rewritten:
    """Read back what a finished rewrite did.

    Raises:
        RefusedError: the folder holds something else, or the result of another plan.
    """
    record = target / RECORD
    if not record.is_file():
        raise RefusedError(
            f"{target} is no repository that breachkit rewrote: choose another place"
        )
    done = Rewritten.from_json(json.loads(record.read_text(encoding="ascii")))
    if plan is not None and done.plan != plan.digest:
        raise RefusedError(
            f"{target} is the result of another plan: discard it, or keep to the plan it is from"
        )
    return done


def discard_rewritten(target: Path) -> None:
    """Delete a rewritten repository, to make it anew; nothing happens where there is none.

    Raises:
        RefusedError: the folder holds something else.
    """
    if target.exists():
        open_rewritten(target)
        shutil.rmtree(target)
