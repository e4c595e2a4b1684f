"""Commits, tags and trees as the bytes they are: read, taken apart, changed and written.

git's own porcelain normalises what it copies (identities, extra headers, encodings). What has to
come out exactly as it went in is handled here as bytes.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from breachkit.git.process import run_git, stream_git
from breachkit.model.errors import IncompleteError
from breachkit.model.ids import ObjectId


Kind = Literal["commit", "tree", "blob", "tag"]

SIGNATURE_HEADERS = frozenset({b"gpgsig", b"gpgsig-sha256"})
"""Headers with a signature over the rest of the object. Source: gitformat-signature(5)."""

_PACK_TYPES: Mapping[Kind, int] = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}  # gitformat-pack(5)

_SIGNATURE_IN_TAG = re.compile(
    rb"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----", re.MULTILINE
)


class MissingObjectError(IncompleteError):
    """An object that should be in a repository is not there, or is damaged."""


@dataclass(frozen=True, slots=True)
class RawObject:
    """An object of git, whole."""

    id: ObjectId
    kind: Kind
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A commit or tag, taken apart so that `join` gives back the same bytes."""

    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    """Name and whole line, in order; a line holds its continuation lines and no last newline."""
    rest: bytes = field(repr=False)
    """The empty line and the message, with every byte of it."""

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Give the values of every header of that name."""
        return tuple(line[len(name) + 1 :] for key, line in self.headers if key == name)

    def join(self) -> bytes:
        """Put it together again."""
        return b"".join(line + b"\n" for _, line in self.headers) + self.rest


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree, its mode as written."""

    mode: bytes
    name: bytes
    id: ObjectId

    @property
    def is_tree(self) -> bool:
        """Whether it is a directory."""
        return self.mode in {b"40000", b"040000"}


def read_objects(git_dir: Path, ids: Iterable[ObjectId]) -> Iterator[RawObject]:
    """Read objects in the order asked, in one process.

    Raises:
        MissingObjectError: one of them is not there.
    """
    asked = "".join(f"{one}\n" for one in ids).encode()
    if not asked:
        return
    with stream_git(["cat-file", "--batch", "--buffer"], git_dir=git_dir, stdin=asked) as stream:
        while header := stream.stdout.readline():
            yield _answer(header, stream.stdout)


def read_present(git_dir: Path, ids: Iterable[ObjectId]) -> Iterator[RawObject | None]:
    """Read objects in the order asked, in one process; None where one is not there."""
    asked = "".join(f"{one}\n" for one in ids).encode()
    with stream_git(["cat-file", "--batch", "--buffer"], git_dir=git_dir, stdin=asked) as stream:
        while header := stream.stdout.readline():
            missing = header.endswith(b" missing\n")
            yield None if missing else _answer(header, stream.stdout)


def read_answer(stdout: BinaryIO) -> RawObject:
    """Read what `cat-file` answers to the question for one object.

    Raises:
        MissingObjectError: it is not there, or git came to its end.
    """
    return _answer(stdout.readline(), stdout)


def _answer(header: bytes, stdout: BinaryIO) -> RawObject:
    one, kind, size = _batch_header(header)
    data = stdout.read(size)
    stdout.read(1)
    return RawObject(one, kind, data)


def present_objects(git_dir: Path, ids: Iterable[ObjectId]) -> frozenset[ObjectId]:
    """Give those of the ids whose object the repository has, packed, loose or borrowed."""
    return frozenset(kinds_of(git_dir, ids))


def kinds_of(git_dir: Path, ids: Iterable[ObjectId]) -> dict[ObjectId, Kind]:
    """Give the kind of each of the ids whose object the repository has."""
    asked = "".join(f"{one}\n" for one in ids).encode()
    command = ["cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer"]
    lines = run_git(command, git_dir=git_dir, stdin=asked).stdout.splitlines()
    pairs = (line.decode().split(" ", 1) for line in lines)
    return {ObjectId(one): as_kind(kind.encode()) for one, kind in pairs if kind != "missing"}


def all_objects(git_dir: Path) -> Iterator[ObjectId]:
    """Give the id of every object the repository has, reachable or not."""
    command = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered"]
    with stream_git([*command, "--buffer"], git_dir=git_dir) as stream:
        for line in stream.stdout:
            yield ObjectId(line.decode().strip())


def object_id(kind: Kind, data: bytes) -> ObjectId:
    """Give the SHA-1 id of an object."""
    header = f"{kind} {len(data)}\0".encode()
    return ObjectId(hashlib.sha1(header + data, usedforsecurity=False).hexdigest())


def write_objects(
    git_dir: Path, objects: Sequence[tuple[Kind, bytes]], *, lasting: bool = True
) -> None:
    """Write objects in one pack, whatever their bytes are.

    `hash-object` and `mktag` refuse what does not suit today's rules; history holds it all the same.

    Args:
        git_dir: Where.
        objects: What.
        lasting: Whether they have to survive a power cut; not where all is packed again anyway.
    """
    settings = [] if lasting else ["-c", "core.fsync=none"]
    if objects:
        run_git([*settings, "index-pack", "--stdin"], git_dir=git_dir, stdin=_pack(objects))


def parse(data: bytes) -> Parsed:
    """Take a commit or tag apart."""
    end = data.find(b"\n\n")
    head, rest = (data, b"") if end < 0 else (data[: end + 1], data[end + 1 :])
    headers: list[tuple[bytes, bytes]] = []
    for line in head.removesuffix(b"\n").split(b"\n"):
        name = line.partition(b" ")[0]
        if not name and headers:  # a continuation line
            headers[-1] = (headers[-1][0], headers[-1][1] + b"\n" + line)
        else:
            headers.append((name, line))
    return Parsed(tuple(headers), rest)


def rebuild_tag(data: bytes, target: ObjectId) -> bytes:
    """Give the bytes of an annotated tag of an object, without its signature."""
    parsed = parse(data)
    headers = [
        (name, b"object " + target.encode() if name == b"object" else line)
        for name, line in parsed.headers
        if name not in SIGNATURE_HEADERS
    ]
    return Parsed(tuple(headers), unsigned(parsed.rest)).join()


def tagged(data: bytes) -> tuple[ObjectId, Kind]:
    """Give what an annotated tag points at, and which kind of object it says that is."""
    parsed = parse(data)
    (target,), (kind,) = parsed.values(b"object"), parsed.values(b"type")
    return ObjectId(target.decode()), as_kind(kind)


def as_kind(word: bytes) -> Kind:
    """Read the name of a kind of object as git writes it.

    Raises:
        MissingObjectError: it is none.
    """
    match word:
        case b"commit":
            return "commit"
        case b"tree":
            return "tree"
        case b"blob":
            return "blob"
        case b"tag":
            return "tag"
        case _:
            raise MissingObjectError("an object is of no kind git knows: the repository is damaged")


def unsigned(message: bytes) -> bytes:
    """Cut the signature off a tag's message. As in git, the last line that starts one counts."""
    starts = [found.start() for found in _SIGNATURE_IN_TAG.finditer(message)]
    return message[: starts[-1]] if starts else message


def is_signed_tag(data: bytes) -> bool:
    """Whether a tag carries a signature."""
    parsed = parse(data)
    names = {name for name, _ in parsed.headers}
    return bool(names & SIGNATURE_HEADERS) or unsigned(parsed.rest) != parsed.rest


def parse_tree(data: bytes) -> tuple[TreeEntry, ...]:
    """Read the lines of a tree, in their order."""
    entries: list[TreeEntry] = []
    start = 0
    while start < len(data):
        end = data.index(b"\0", start)
        mode, _, name = data[start:end].partition(b" ")
        entries.append(TreeEntry(mode, name, ObjectId(data[end + 1 : end + 21].hex())))
        start = end + 21
    return tuple(entries)


def join_tree(entries: Iterable[TreeEntry]) -> bytes:
    """Write the lines of a tree."""
    return b"".join(
        entry.mode + b" " + entry.name + b"\0" + bytes.fromhex(entry.id) for entry in entries
    )


def _batch_header(line: bytes) -> tuple[ObjectId, Kind, int]:
    match line.split():
        case [one, (b"commit" | b"tree" | b"blob" | b"tag") as kind, size]:
            return ObjectId(one.decode()), as_kind(kind), int(size)
        case _:
            raise MissingObjectError(
                "an object is missing from the repository: make a new mirror and try again"
            )


def _pack(objects: Sequence[tuple[Kind, bytes]]) -> bytes:
    """Write a pack of whole objects. Source: gitformat-pack(5), version 2."""
    parts = [struct.pack(">4sII", b"PACK", 2, len(objects))]
    for kind, data in objects:
        parts += [_pack_header(_PACK_TYPES[kind], len(data)), zlib.compress(data)]
    body = b"".join(parts)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def _pack_header(number: int, size: int) -> bytes:
    """Write type and size: four bits of size, then seven a byte, the high bit says more follow."""
    byte, size = (number << 4) | (size & 15), size >> 4
    out = bytearray()
    while size:
        out.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    out.append(byte)
    return bytes(out)
