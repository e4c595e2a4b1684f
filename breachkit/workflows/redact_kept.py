"""What is kept of a redaction in the user's own folder, so that its originals can be put back."""

import enum
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from breachkit.incident.disk import UNFINISHED, sync_folder, write_atomic
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.records import dataclass


FOLDER = "redactions"
MANIFEST = "manifest.json"
SCHEMA = "breachkit.redaction-kept/1"
PREFIX = "RD-"

_NAME = re.compile(rf"{PREFIX}\d{{4,9}}", re.ASCII)
"""What else lies there, such as a copy that somebody made, is left alone."""


class State(enum.StrEnum):
    """How far the writing of a redaction is."""

    BEGUN = "begun"
    """No file was changed; whoever comes next undoes it."""
    DECIDED = "decided"
    """Every new content lies beside its file; whoever comes next finishes it."""
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """One file of a redaction. The digests confirm a guess, and leave this folder never."""

    path: Path
    """Absolute."""
    old: str | None
    """SHA-256 of what was there before; None where nothing was."""
    new: str
    mode: int
    """The permissions that it had, and has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of one redaction."""

    folder: Path
    at: str
    reason: str | None
    state: State
    files: tuple[KeptFile, ...]

    @property
    def id(self) -> str:
        """Its name, such as `RD-0001`."""
        return self.folder.name

    def original(self, number: int) -> Path:
        """Say where the old content of a file is kept; files are counted from 0."""
        return self.folder / f"original-{number + 1:04}"

    def staged(self, number: int) -> Path:
        """Say where the new content of a file waits: beside it, so that a renaming is enough."""
        return self.files[number].path.with_name(f".breachkit-{self.id}-{number + 1:04}.tmp")

    def but(self, state: State) -> "Record":
        """Give the same in another state."""
        return Record(
            folder=self.folder, at=self.at, reason=self.reason, state=state, files=self.files
        )


class NoSuchRedactionError(ConfigurationError):
    """Nothing is kept under that name."""


def digest(content: bytes) -> str:
    """Give the SHA-256 of a content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def home_of_records(home: Path) -> Path:
    """Give the folder that holds them all."""
    return home / FOLDER


def folders(home: Path) -> tuple[Path, ...]:
    """Give the folder of each redaction that is kept, the oldest first."""
    return tuple(one for one in _named(home_of_records(home)) if (one / MANIFEST).is_file())


def _named(folder: Path) -> tuple[Path, ...]:
    """Give the folders that are called as a redaction is, the oldest first."""
    every = (one for one in folder.glob(f"{PREFIX}*") if _NAME.fullmatch(one.name))
    return tuple(sorted((one for one in every if one.is_dir()), key=_number))


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix(PREFIX))


def clear_unbegun(home: Path) -> None:
    """Take away what a redaction left that was ended before its list was on the disk."""
    for folder in _named(home_of_records(home)):
        held = list(folder.iterdir())
        if all(one.name.endswith(UNFINISHED) for one in held):
            shutil.rmtree(folder)


def records(home: Path) -> tuple[Record, ...]:
    """Give every redaction whose originals are kept, the oldest first."""
    return tuple(map(load, folders(home)))


def find(home: Path, name: str) -> Record:
    """Give the redaction of that name.

    Raises:
        NoSuchRedactionError: there is none.
    """
    known = {folder.name: folder for folder in folders(home)}
    if name in known:
        return load(known[name])
    raise NoSuchRedactionError(
        f"no redaction {display(name)} is kept: `breachkit redact --list` names those that are."
        f"{meant(name, known)}"
    )


def new_record(folder: Path, files: tuple[KeptFile, ...], *, at: str, reason: str | None) -> Record:
    """Begin the next redaction on the disk; names of redactions that are gone may come again.

    Args:
        folder: As `home_of_records` gives it; whoever calls this holds its lock.
        files: What is to be written.
        at: When, as in RFC 3339.
        reason: Why.
    """
    own = folder / f"{PREFIX}{max(map(_number, _named(folder)), default=0) + 1:04}"
    own.mkdir(mode=0o700)
    record = Record(folder=own, at=at, reason=reason, state=State.BEGUN, files=files)
    save(own, record)
    sync_folder(folder)
    return record


def save(folder: Path, record: Record) -> None:
    """Write the list of a redaction, in one step."""
    text = json.dumps(_to_json(record), indent=1, ensure_ascii=True) + "\n"
    write_atomic(folder / MANIFEST, text.encode("ascii"))


def load(folder: Path) -> Record:
    """Read the list of a redaction.

    Raises:
        ConfigurationError: it is not what breachkit wrote.
    """
    try:
        return _from_json(folder, json.loads((folder / MANIFEST).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise ConfigurationError(
            f"{display(os.fsencode(folder / MANIFEST))} does not read as the list of a redaction "
            f"({type(cause).__name__}): look at the files beside it, then take that folder away"
        ) from None


def _to_json(record: Record) -> Mapping[str, Any]:
    return {
        "schema": SCHEMA,
        "at": record.at,
        "reason": record.reason,
        "state": str(record.state),
        "files": [
            {"path": str(one.path), "old": one.old, "new": one.new, "mode": one.mode}
            for one in record.files
        ],
    }


def _from_json(folder: Path, data: Mapping[str, Any]) -> Record:
    return Record(
        folder=folder,
        at=str(data["at"]),
        reason=data["reason"],
        state=State(data["state"]),
        files=tuple(
            KeptFile(path=Path(one["path"]), old=one["old"], new=one["new"], mode=int(one["mode"]))
            for one in data["files"]
        ),
    )
