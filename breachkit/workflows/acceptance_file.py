"""The file of acceptances on disk, and the key that it was made with, which is never in it."""

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from breachkit.actions.acceptance import (
    SCHEMA,
    Book,
    Entry,
    Key,
    called,
    entry_to_mapping,
    read_book,
)
from breachkit.incident.disk import make_folder, writing
from breachkit.incident.lock import exclusive
from breachkit.model.errors import AccessError, ConfigurationError
from breachkit.model.ids import display
from breachkit.report.output import write_report
from breachkit.workflows.plain_file import plain


KEY_FILE = "acceptance.key"
KEY_VARIABLE = "BREACHKIT_ACCEPTANCE_KEY"
MOST_BYTES = 64 * 1024 * 1024
"""No file of acceptances and no report of a scan is larger."""


class NoKeyError(ConfigurationError):
    """Nobody gave the key that the acceptances were made with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Where the key is looked for."""

    home: Path
    variable: str | None
    """What the environment holds."""

    @property
    def path(self) -> Path:
        """The file that holds the key of this user."""
        return self.home / KEY_FILE

    def find(self) -> Key | None:
        """Give the key: the environment's, else the user's own.

        Raises:
            ConfigurationError: what is there is no key.
        """
        if self.variable:
            return Key.from_text(self.variable, origin=KEY_VARIABLE)
        with contextlib.suppress(FileNotFoundError):
            text = self.path.read_text("ascii", errors="replace")
            return Key.from_text(text, origin=display(os.fsencode(self.path)))
        return None

    def require(self, shown: str) -> Key:
        """Give the key, for a file that is called `shown`.

        Raises:
            NoKeyError: there is none.
        """
        key = self.find()
        if key is None:
            raise NoKeyError(
                f"the key of the acceptances in {shown} is not here: put it into {KEY_VARIABLE}, "
                f"or the file that holds it at {display(os.fsencode(self.path))}"
            )
        return key

    def make(self) -> Key:
        """Make a key for this user, readable by them alone, and give it."""
        with writing(self.path):
            make_folder(self.home)
            with contextlib.suppress(FileExistsError):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
                with os.fdopen(os.open(self.path, flags, 0o600), "w") as stream:
                    stream.write(secrets.token_hex(32) + "\n")
        return self.require(display(os.fsencode(self.path)))


def read_acceptances(file: Path, *, today: date) -> Book:
    """Read a file of acceptances.

    Raises:
        ConfigurationError: it is not there, or is no such file; the message names the line.
    """
    shown = display(os.fsencode(file))
    return read_book(text_of(file, "no acceptances in it yet"), shown=shown, today=today)


def load_acceptances(file: Path, keys: Keys, today: date) -> tuple[Book, Key]:
    """Read a file of acceptances for a scan, with the key it was made with.

    Raises:
        ConfigurationError: it is not there or no such file, or the key is missing or another.
    """
    shown = display(os.fsencode(file))
    book = read_acceptances(file, today=today)
    key = keys.require(shown)
    book.require(key, shown)
    return book, key


@contextlib.contextmanager
def held(keys: Keys, file: Path) -> Iterator[None]:
    """Hold a file of acceptances, so that of two who write at once neither loses anything."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(file))).hexdigest()[:16]
    with writing(keys.home):
        make_folder(keys.home)
    with exclusive(keys.home / f".acceptances-{name}.lock"):
        yield


def add(file: Path, entries: Sequence[Entry], key: Key) -> None:
    """Add acceptances, or renew them; what people wrote around the others stays."""
    import tomlkit

    marks = {entry.mark for entry in entries}
    document = tomlkit.parse(text_of(file, "")) if file.exists() else _blank(key)
    kept = [table for table in document.get("acceptance", ()) if table["mark"] not in marks]
    _write(file, _dump(document, [*kept, *map(_table, entries)]))


def drop(file: Path, ids: set[str]) -> None:
    """Take acceptances out, given what people call them."""
    import tomlkit

    document = tomlkit.parse(text_of(file, ""))
    kept = [each for each in document["acceptance"] if called(each["mark"]) not in ids]
    _write(file, _dump(document, kept))


def _blank(key: Key) -> Any:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Findings of breachkit that somebody accepted, and until when."))
    document.add("schema", SCHEMA)
    document.add("key", key.name)
    document.add(tomlkit.nl())
    return document


def _table(entry: Entry) -> Any:
    import tomlkit

    table = tomlkit.table()
    for name, value in entry_to_mapping(entry).items():
        table.add(name, value)
    table.add(tomlkit.nl())
    return table


def _dump(document: Any, tables: Sequence[Any]) -> str:
    import tomlkit

    if "acceptance" in document:
        document.remove("acceptance")
    if tables:
        document.add("acceptance", tomlkit.aot())
        for table in tables:
            document["acceptance"].append(table)
    return tomlkit.dumps(document)


def _write(file: Path, text: str) -> None:
    write_report(file, text.encode("utf-8"))


def text_of(file: Path, otherwise: str) -> str:
    """Read a file of people's own as text.

    Args:
        file: Which.
        otherwise: What to say or do where it is not there.

    Raises:
        ConfigurationError: it is not there, is no text or cannot be read.
        AccessError: this user may not read it.
    """
    shown = display(os.fsencode(file))
    try:
        with plain(file).open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ConfigurationError(f"{shown} is too large to be what it is named as")
        return raw.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigurationError(f"no file {shown}: {otherwise}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{shown} is not UTF-8 text: save it as UTF-8") from None
    except PermissionError:
        raise AccessError(f"not allowed to read {shown}: ask its owner") from None
    except OSError as cause:
        raise ConfigurationError(f"{shown} cannot be read: {cause.strerror}") from None
