"""Pages of a platform's lists, kept from one sweep to the next in the record of sweeps.

What is kept was seen with one token, and is given back to no other. A keyed digest stands for the token,
and another tells whether a row is as it was written; what is not is forgotten and read anew.
"""

import contextlib
import hmac
import json
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from breachkit.actions.listing import KeptPage
from breachkit.model.sensitive import Sensitive
from breachkit.model.time import Clock
from breachkit.store.database import StoreBrokenError, connect, key_of, transaction, translated
from breachkit.store.sweeps import FILE, SCHEMA


T = TypeVar("T")

KEY_FILE = "pages.key"
KEPT_DAYS = 30
"""After so long a page is read anew, whatever its tag, and what nobody asked for is forgotten."""
_DIGEST_BYTES = 32


class PageStore:
    """A memory for lists (`actions.listing.PageMemory`), on disk."""

    def __init__(self, folder: Path, api: str, token: Sensitive[str] | None, clock: Clock) -> None:
        """Open the record of sweeps of a folder, which is made where it is not there.

        A damaged record is left as it is: the sweep itself sets it aside and says so.

        Args:
            folder: For this user alone.
            api: Address of the platform's API.
            token: With which its lists are read; None for a stranger.
            clock: For what was kept too long ago.

        Raises:
            StoreTooNewError: a later version of breachkit has written it.
            StoreWriteError: the disk is full, or somebody keeps it busy.
        """
        self._secret = key_of(folder, KEY_FILE)
        whose = f"token {token.reveal()}" if token is not None else "stranger"
        self._viewer = self._digest("viewer", api, whose)
        self._path = folder / FILE
        self._today = clock.now().date().toordinal()
        self._database: Connection | None = None
        with contextlib.suppress(StoreBrokenError):
            self._database = connect(self._path, SCHEMA)

    def recall(self, address: str) -> KeptPage | None:
        """Give the page of an address; None where none is kept, or it is not as it was kept."""
        asked = (
            "SELECT etag, more, content, kept_on, seal FROM page "
            "WHERE viewer = ? AND address = ? AND kept_on BETWEEN ? AND ?"
        )
        values = (self._viewer, address, self._today - KEPT_DAYS, self._today)
        found = self._within(lambda database: database.execute(asked, values).fetchone())
        if found is None:
            return None
        *row, seal = found
        if not isinstance(seal, bytes) or not hmac.compare_digest(seal, self._seal(address, *row)):
            return None
        return KeptPage(etag=row[0], more=bool(row[1]), content=row[2])

    def keep(self, address: str, page: KeptPage) -> None:
        """Keep a page in the place of an earlier one, and forget what is too old.

        Raises:
            StoreWriteError: the disk is full, or somebody keeps it busy.
        """
        row = (page.etag, int(page.more), page.content, self._today)
        whole = (self._viewer, address, *row, self._seal(address, *row))

        def write(database: Connection) -> None:
            with transaction(database):
                database.execute("REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?)", whole)
                database.execute("DELETE FROM page WHERE kept_on < ?", (self._today - KEPT_DAYS,))

        self._within(write)

    def forget(self) -> None:
        """Forget every page that was seen with this token."""
        self._within(
            lambda database: database.execute("DELETE FROM page WHERE viewer = ?", (self._viewer,))
        )

    def close(self) -> None:
        """Let go of the database."""
        if self._database is not None:
            self._database.close()

    def _within(self, do: Callable[[Connection], T]) -> T | None:
        """Do something in the database; nothing where it is damaged."""
        if self._database is None:
            return None
        with contextlib.suppress(StoreBrokenError), translated(self._path):
            return do(self._database)
        return None

    def _seal(self, address: str, *row: object) -> bytes:
        return self._digest(self._viewer.hex(), address, *row)

    def _digest(self, *parts: object) -> bytes:
        """Give what nobody makes without the secret of the folder."""
        said = json.dumps(list(map(str, parts))).encode()
        return blake2b(said, digest_size=_DIGEST_BYTES, key=self._secret, person=b"page").digest()
