"""What a copy of a repository must not hold: the list that a clone is looked through for.

The list is made of old ids, so it goes to clone holders and to nobody else. What comes back from
them names numbers and a token instead, made of letters so that nobody takes one for an id.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import ObjectId


Kind = Literal["d", "h", "l"]
"""A file that was taken back, or one that says the same with other line ends; another object of
the history that was replaced; a file in Git LFS, by its SHA-256."""

_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrstvwxyz")
_LINE = re.compile(r"[dh] [0-9a-f]{40} \d+ 0|l [0-9a-f]{64} \d+ \d+")
_SET = r"^{}='([a-z0-9]*)'$"
_MARK = "END_OF_LIST"
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n"
)


class NoListError(ConfigurationError):
    """A file is no list, or not all of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that must not be there."""

    kind: Kind
    id: str
    number: int
    """What a result calls the file, counted from 1; 0 for what is no file."""
    size: int = 0
    """Bytes of a file in Git LFS."""

    def __str__(self) -> str:
        """Give its line."""
        return f"{self.kind} {self.id} {self.number} {self.size}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneList:
    """Everything that a copy must not hold, and how its result shows that it is about this."""

    entries: tuple[Entry, ...]
    token: str
    """Names the case, its round and this list; says nothing about any of them."""
    round: int
    """Of scope, rewrite and push; counted from 1."""
    seed: str
    """With it a result is sealed."""
    by: Literal["verifier", "breachkit"] = "verifier"
    """Who looks: the holder with the script, or the case's own breachkit."""

    @property
    def text(self) -> str:
        """The list, a line each."""
        return "".join(f"{entry}\n" for entry in self.entries)

    @property
    def objects(self) -> dict[str, Entry]:
        """The entries for objects of git, by id."""
        return {entry.id: entry for entry in self.entries if entry.kind != "l"}

    @property
    def large_files(self) -> dict[str, Entry]:
        """The entries for files in Git LFS, by SHA-256."""
        return {entry.id: entry for entry in self.entries if entry.kind == "l"}

    @property
    def check(self) -> str:
        """The id git gives the text, by which a script knows that its list came whole."""
        return blob_id(self.text.encode("ascii"))

    @classmethod
    def from_script(cls, text: str) -> Self:
        """Read the list out of the one-file verifier.

        Raises:
            NoListError: it holds none, or not the whole of it.
        """
        text = text.replace("\r\n", "\n")
        parts = text.split(f"\n{_MARK}\n")
        lines = parts[0].split(f"<<'{_MARK}'\n")[-1] if len(parts) == 2 else ""
        values = {name: _value(text, name) for name in ("token", "round", "seed", "check")}
        entries = entries_in(lines)
        if not entries or not values["round"].isdigit():
            raise NoListError("the file is no verifier: give the script that came with the message")
        found = cls(
            entries=entries,
            token=values["token"],
            round=int(values["round"]),
            seed=values["seed"],
        )
        if found.check != values["check"]:
            raise NoListError("the list in the file is not whole: ask for another one")
        return found


def lettered(digest: str) -> str:
    """Write a hexadecimal digest in letters alone, so that it can be taken for no object id."""
    return digest.translate(_LETTERS)


def blob_id(content: bytes) -> ObjectId:
    """Give the id that git gives a file."""
    header = b"blob %d\0" % len(content)
    return ObjectId(hashlib.sha1(header + content, usedforsecurity=False).hexdigest())


def entries_in(text: str) -> tuple[Entry, ...]:
    """Read a list, a line each; nothing where a line is none."""
    lines = text.splitlines()
    return tuple(map(_entry, lines)) if all(map(_LINE.fullmatch, lines)) else ()


def make_entries(
    files: Sequence[tuple[ObjectId, bytes | None]],
    history: Iterable[ObjectId],
    staying: Iterable[ObjectId],
    earlier: Sequence[Entry] = (),
) -> tuple[Entry, ...]:
    """Make the list.

    Args:
        files: The files that were taken back, in the order in which they are numbered, with their
            content where it is at hand.
        history: Ids of the commits, trees and tags that were replaced.
        staying: Ids that the new history holds: nothing of it is called bad.
        earlier: The lists of earlier rounds, each with its own numbers.
    """
    stays = frozenset(staying)
    found: dict[str, Entry] = {}
    for number, (one, content) in enumerate(files, 1):
        for entry in _of_file(one, content, number):
            if entry.id not in stays:
                found.setdefault(entry.id, entry)
    for entry in _renumbered(earlier, found):
        if entry.id not in stays:
            found.setdefault(entry.id, entry)
    for one in sorted(set(history) - stays - found.keys()):
        found[one] = Entry(kind="h", id=one, number=0)
    return tuple(found.values())


def _renumbered(earlier: Iterable[Entry], now: Mapping[str, Entry]) -> Iterable[Entry]:
    """Give the entries of earlier lists the numbers that their files have now.

    The first entry of a number is the file itself; those after it say the same in other forms.
    """
    number = last = 0
    for entry in earlier:
        if entry.number and entry.number != last:
            number = now[entry.id].number if entry.id in now else 0
        last = entry.number
        if entry.kind == "h" or number:
            yield replace(entry, number=number if entry.number else 0)


def _of_file(one: ObjectId, content: bytes | None, number: int) -> Iterable[Entry]:
    yield Entry(kind="d", id=one, number=number)
    if content is None:
        return
    for other in _line_ends(content):
        yield Entry(kind="d", id=blob_id(other), number=number)
    pointer = _POINTER.match(content)
    if pointer:
        sha256, size = pointer[1].decode(), int(pointer[2])
        yield Entry(kind="l", id=sha256, number=number, size=size)


def _line_ends(content: bytes) -> Iterable[bytes]:
    """Give a text with the line ends of Unix and of Windows; the same file on another computer."""
    if b"\0" in content:
        return
    unix = content.replace(b"\r\n", b"\n")
    yield from (each for each in (unix, unix.replace(b"\n", b"\r\n")) if each != content)


def _entry(line: str) -> Entry:
    kind, one, number, size = line.split(" ")
    kinds: Mapping[str, Kind] = {"d": "d", "h": "h", "l": "l"}
    return Entry(kind=kinds[kind], id=one, number=int(number), size=int(size))


def _value(text: str, name: str) -> str:
    found = re.search(_SET.format(name), text, re.MULTILINE)
    return found[1] if found else ""
