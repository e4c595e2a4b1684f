"""Writes a hub down as JSON and reads it again, so that a practice can go on on another day.

Whatever a hub holds is written by what it is, so that something new in `hub.state` needs nothing
here. Git is not in it: its directories lie beside, and are put in order when the hub is read.
"""

import base64
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from breachkit.drill.hub import gitstore, state
from breachkit.drill.hub.state import Account, Hub
from breachkit.model.errors import ConfigurationError
from breachkit.model.time import Clock


SCHEMA = "breachkit.drill-hub/1"

_OF_THE_MOMENT = frozenset({"folder", "clock", "lock"})
"""What a hub has from whoever runs it."""
_KIND, _VALUE = "$", "value"
_CLASSES = {
    each.__name__: each
    for each in vars(state).values()
    if isinstance(each, type) and is_dataclass(each)
}


class UnreadableHubError(ConfigurationError):
    """What was written down of a hub cannot be read."""


def write_hub(hub: Hub) -> bytes:
    """Write down everything a hub knows; equal states give equal bytes."""
    with hub.lock:
        held = {name: value for name, value in vars(hub).items() if name not in _OF_THE_MOMENT}
        accounts = list(held.pop("accounts").values())
        data = {
            "schema": SCHEMA,
            "accounts": [_Writer(hub.folder, whole=each).write(each) for each in accounts],
            "rest": {name: _Writer(hub.folder).write(value) for name, value in held.items()},
        }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def read_hub(data: bytes, folder: Path, clock: Clock) -> Hub:
    """Read a hub, and put its git directories in order.

    Args:
        data: What `write_hub` gave.
        folder: Where its git directories are; an absolute path.
        clock: The time that the hub goes by.

    Raises:
        UnreadableHubError: this is no hub, or it was written by another version.
    """
    hub = Hub(folder, clock)
    reader = _Reader(folder=folder, accounts=hub.accounts)
    try:
        read = _known(json.loads(data))
        for each in map(reader.read, read["accounts"]):
            hub.accounts[each.id] = each
        for name, value in read["rest"].items():
            setattr(hub, name, reader.read(value))
    except (ValueError, LookupError, TypeError, AttributeError) as cause:
        raise UnreadableHubError(
            "what was saved of the practice platform cannot be read: "
            "`breachkit drill reset` builds the world anew"
        ) from cause
    return hub


def _known(read: Mapping[str, Any]) -> Mapping[str, Any]:
    if read["schema"] != SCHEMA:
        raise LookupError(SCHEMA)
    return read


def tidy(hub: Hub) -> None:
    """Let the git directories be those of the hub's repositories, whenever it was stopped.

    What a step left behind that was never written down is taken away, and each repository borrows
    its objects from where the hub says, also if the whole folder was moved.
    """
    members = hub.repositories.values()
    kept = {place for each in members for place in (each.git_dir, each.wiki)}
    kept |= {gitstore.objects_of(hub.folder, each.network).parent for each in members}
    for part in ("repositories", "networks"):
        for found in (hub.folder / part).glob("*"):
            if found not in kept:
                shutil.rmtree(found)
    for each in members:
        gitstore.borrow(hub.folder, each.network, each.git_dir)


_Encode = Callable[["_Writer", Any], Any]
_Decode = Callable[["_Reader", Any], Any]
_PLAIN = (type(None), bool, int, float, str)


class _Writer:
    def __init__(self, folder: Path, *, whole: Account | None = None) -> None:
        self.folder = folder
        self._whole = whole

    def write(self, value: Any) -> Any:
        """Give the same for JSON; an account inside something else is named by its number."""
        if isinstance(value, _PLAIN):
            return value
        if type(value) is list:
            return [self.write(each) for each in value]
        if type(value) is dict and all(type(key) is str and key != _KIND for key in value):
            return {key: self.write(each) for key, each in value.items()}
        if isinstance(value, Account) and value is not self._whole:
            return {_KIND: _REFERENCE, _VALUE: value.id}
        kind = "Path" if isinstance(value, Path) else type(value).__name__
        encode = _CODECS[kind][0] if kind in _CODECS else _fields
        return {_KIND: kind, _VALUE: encode(self, value)}

    def all(self, values: Iterable[Any]) -> list[Any]:
        """Give the same for each of several."""
        return [self.write(each) for each in values]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    folder: Path
    accounts: Mapping[int, Account]

    def read(self, value: Any) -> Any:
        """Give what was written."""
        if isinstance(value, list):
            return self.all(value)
        if not isinstance(value, dict):
            return value
        if _KIND not in value:
            return {key: self.read(each) for key, each in value.items()}
        kind, inner = value[_KIND], value[_VALUE]
        if kind == _REFERENCE:
            return self.accounts[inner]
        if kind in _CODECS:
            return _CODECS[kind][1](self, inner)
        return _CLASSES[kind](**{name: self.read(each) for name, each in inner.items()})

    def all(self, values: Iterable[Any]) -> list[Any]:
        """Give what was written of each of several."""
        return [self.read(each) for each in values]


def _fields(writer: _Writer, value: Any) -> Any:
    return {one.name: writer.write(getattr(value, one.name)) for one in fields(value)}


_REFERENCE = "reference"

_CODECS: Mapping[str, tuple[_Encode, _Decode]] = {
    "dict": (
        lambda writer, value: [writer.all(pair) for pair in value.items()],
        lambda reader, value: dict(map(reader.all, value)),
    ),
    "tuple": (_Writer.all, lambda reader, value: tuple(reader.all(value))),
    "set": (
        lambda writer, value: writer.all(sorted(value)),
        lambda reader, value: set(reader.all(value)),
    ),
    "frozenset": (
        lambda writer, value: writer.all(sorted(value)),
        lambda reader, value: frozenset(reader.all(value)),
    ),
    "datetime": (
        lambda _, value: value.isoformat(),
        lambda _, value: datetime.fromisoformat(value),
    ),
    "bytes": (
        lambda _, value: base64.b64encode(value).decode(),
        lambda _, value: base64.b64decode(value),
    ),
    "Path": (
        lambda writer, value: value.relative_to(writer.folder).as_posix(),
        lambda reader, value: reader.folder / value,
    ),
}
"""What JSON has no word for: how it is written, and read."""
