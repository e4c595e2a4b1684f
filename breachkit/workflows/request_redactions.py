"""Which files `redact` wrote, as what is kept of each redaction says."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from breachkit.model.errors import ConfigurationError
from breachkit.workflows.redact_kept import State, folders, load


def redactions_of(home: Path) -> Mapping[str, tuple[str, ...]]:
    """Give, by the SHA-256 of what was written, the redactions that wrote it: `RD-0001 of 2026-03-01`.

    A list that does not read is passed over: it says nothing of these files, and `redact --list`
    complains of it.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for folder in folders(home):
        with contextlib.suppress(ConfigurationError):
            record = load(folder)
            if record.state is State.WRITTEN:
                for each in record.files:
                    found[each.new].append(f"{record.id} of {record.at[:10]}")
    return {digest: tuple(said) for digest, said in found.items()}
