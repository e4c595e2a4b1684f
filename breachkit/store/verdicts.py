"""The verdicts of rules on objects, kept by content and shared by all repositories.

There are no values inside: a verdict says where something is, its key is a keyed hash, and a second one
tells whether a row is as it was written. All of it can be found out again: what is damaged is forgotten.
"""

import hmac
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from breachkit.model.time import Clock
from breachkit.store.database import (
    Schema,
    StoreBrokenError,
    begin_anew,
    file_number,
    key_of,
    open_or_rebuild,
    transaction,
    translated,
)


FILE, KEY_FILE = "verdicts.sqlite", "verdicts.key"

SCHEMA = Schema(
    name="verdicts",
    steps=(
        """
        CREATE TABLE verdict (
            key BLOB PRIMARY KEY, said BLOB NOT NULL, seal BLOB NOT NULL, used_on INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX verdict_used ON verdict (used_on)
        """,
    ),
)

_ASKED_AT_ONCE = 500
_SEAL_BYTES = 8
_STALE_DAYS = 7
"""A verdict that is used every night is marked as used once a week: marking is writing."""
KEPT_DAYS = 180
"""A verdict that nobody has used for so long is forgotten: its rules, or its object, are gone."""


class VerdictStore:
    """A memory for scans (`workflows.remembering.Memory`), on disk."""

    def __init__(self, folder: Path, rules: bytes, clock: Clock) -> None:
        """Open the store of a folder, which is made where it is not there.

        Args:
            folder: For this user alone.
            rules: What stands for the rules in force.
            clock: For what has not been used for long.

        Raises:
            StoreTooNewError: a later version of breachkit has written it.
            StoreWriteError: the disk is full, or somebody keeps it busy.
        """
        self.secret = key_of(folder, KEY_FILE)
        self.rules = rules
        self._path = folder / FILE
        self._today = clock.now().date().toordinal()
        self.rebuilt: Path | None = None
        """Where a broken database was set aside; None where none was."""
        self._database = open_or_rebuild(self._path, SCHEMA, self._note)
        self._file = file_number(self._path)
        self._used: set[bytes] = set()
        self.asked = 0
        """How many keys were asked for."""
        self.found = 0

    def _note(self, aside: Path) -> None:
        self.rebuilt = aside

    def recall(self, keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Give what is kept under those of these keys that are known, and whole."""
        self.asked += len(keys)
        try:
            with translated(self._path):
                known = dict(self._recalled(tuple(keys)))
        except StoreBrokenError:
            self._begin_anew()
            return {}
        self.found += len(known)
        return known

    def _recalled(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        for start in range(0, len(keys), _ASKED_AT_ONCE):
            some = keys[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            asked = f"SELECT key, said, seal, used_on FROM verdict WHERE key IN ({marks})"  # noqa: S608 - marks alone
            for key, said, seal, used_on in self._database.execute(asked, some):
                if _is_whole(self.secret, key, said, seal):
                    if used_on < self._today - _STALE_DAYS:
                        self._used.add(key)
                    yield key, said

    def keep(self, items: Mapping[bytes, bytes]) -> None:
        """Keep something under each key, all or nothing.

        Raises:
            StoreWriteError: the disk is full, or somebody keeps it busy.
        """
        rows = [
            (key, said, seal_of(self.secret, key, said), self._today) for key, said in items.items()
        ]
        if not (rows or self._used):
            return
        try:
            self._write(rows)
        except StoreBrokenError:
            self._begin_anew()
            self._write(rows)

    def _write(self, rows: Sequence[tuple[bytes, bytes, bytes, int]]) -> None:
        with translated(self._path), transaction(self._database):
            self._database.executemany("REPLACE INTO verdict VALUES (?, ?, ?, ?)", rows)
            self._database.executemany(
                "UPDATE verdict SET used_on = ? WHERE key = ?",
                ((self._today, key) for key in self._used),
            )
            self._database.execute(
                "DELETE FROM verdict WHERE used_on < ?", (self._today - KEPT_DAYS,)
            )
        self._used.clear()

    def __len__(self) -> int:
        """Give how many verdicts are kept."""
        with translated(self._path):
            number: int = self._database.execute("SELECT count(*) FROM verdict").fetchone()[0]
        return number

    def _begin_anew(self) -> None:
        self._database.close()
        self._used.clear()
        self._database = begin_anew(self._path, self._file, SCHEMA, self._note)
        self._file = file_number(self._path)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def seal_of(secret: bytes, key: bytes, said: bytes) -> bytes:
    """Give what tells that a row is as it was written, by whoever has the secret."""
    return blake2b(key + said, digest_size=_SEAL_BYTES, key=secret, person=b"verdict").digest()


def _is_whole(secret: bytes, key: object, said: object, seal: object) -> bool:
    if not (isinstance(key, bytes) and isinstance(said, bytes) and isinstance(seal, bytes)):
        return False
    return hmac.compare_digest(seal, seal_of(secret, key, said))
