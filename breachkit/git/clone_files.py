"""The plain files of a copy: their ids as git would give them, bundles, and files of Git LFS."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from breachkit.actions.clone_list import Entry
from breachkit.git.clone_places import Note
from breachkit.git.partial import borrow_objects
from breachkit.git.process import run_git
from breachkit.git.repository import open_repository
from breachkit.model.errors import BreachkitError
from breachkit.model.records import dataclass


_BUNDLES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_ESCAPES = {ord("\n"): rb"\n", ord("\r"): rb"\r", ord('"'): rb"\"", ord("\\"): rb"\\"}
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """The ids of files."""

    raw: tuple[str, ...]
    """With their bytes."""
    normalised: tuple[str, ...]
    """With their line ends as git stores a text."""
    complete: bool
    """Whether every file could be read."""


def new_store(folder: Path) -> Path:
    """Make an empty repository, in which no setting and no attribute of anybody's is in force."""
    run_git(["init", "--quiet", "--bare", str(folder)])
    return folder


def hashes(paths: Sequence[bytes], empty: Path) -> Hashes:
    """Give files the ids that git would give them.

    Args:
        paths: The files.
        empty: A repository as `new_store` makes it.
    """
    readable = [path for path in paths if os.access(path, os.R_OK)]
    feed = b"".join(_quoted(path) + b"\n" for path in readable)
    ways = (["hash-object", "--no-filters"], ["-c", "core.autocrlf=input", "hash-object"])
    raw, normalised = (
        run_git([*way, "--stdin-paths"], git_dir=empty, stdin=feed, check=False).stdout.decode()
        for way in ways
    )
    done = (tuple(raw.split()), tuple(normalised.split()))
    return Hashes(
        raw=done[0],
        normalised=done[1],
        complete=all(len(each) == len(paths) for each in done),
    )


def large_copies(
    paths: Iterable[bytes], wanted: Mapping[str, Entry], unread: Note
) -> Iterator[tuple[str, int]]:
    """Give the SHA-256 and the number of each file that is one of those kept in Git LFS.

    `unread` is told `files` of what is locked, or went meanwhile.
    """
    sizes = {entry.size for entry in wanted.values()}
    for path in paths if sizes else ():
        try:
            one = _sha256(path) if os.path.getsize(path) in sizes else ""  # noqa: PTH202 - bytes
        except OSError:
            unread("files")
            continue
        if one in wanted:
            yield one, wanted[one].number


def bundles(paths: Iterable[bytes], unread: Note) -> Iterator[Path]:
    """Give the files that are git bundles, whatever their name; `unread` as for `large_copies`."""
    for path in paths:
        try:
            with open(path, "rb") as opened:  # noqa: PTH123 - bytes
                start = opened.read(len(_BUNDLES[0]))
        except OSError:
            unread("files")
            continue
        if start in _BUNDLES:
            yield Path(os.fsdecode(path))


def copies_among(bundle: Path, main: Path, folder: Path) -> tuple[tuple[str, ...], Path | None]:
    """Unpack a bundle and give its tips, and the store its objects lie in.

    Args:
        bundle: The file.
        main: The git directory that has what the bundle builds on.
        folder: A private folder, which is made.

    Returns:
        The ids of its tips, and a folder with `objects`; None where it could not be unpacked.
    """
    (folder / "objects" / "pack").mkdir(parents=True)
    borrow_objects(folder, [main])
    env = {"GIT_OBJECT_DIRECTORY": str(folder / "objects")}
    try:
        with open_repository(str(main), scratch=folder) as git:
            heads = run_git(["bundle", "list-heads", str(bundle)], git_dir=git.git_dir, check=False)
            args = ["bundle", "unbundle", str(bundle)]
            code = run_git(args, git_dir=git.git_dir, extra_env=env, check=False).code
    except BreachkitError:
        return (), None
    tips = tuple(line.split()[0].decode() for line in heads.stdout.splitlines())
    return tips, None if code else folder


def _sha256(path: bytes) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as opened:  # noqa: PTH123 - bytes
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _quoted(path: bytes) -> bytes:
    """Write a path on one line, as git quotes it where it has to."""
    if not any(byte in _ESCAPES for byte in path):
        return path
    return b'"' + b"".join(_ESCAPES.get(byte, bytes([byte])) for byte in path) + b'"'
