"""Looks through one copy for what must not be there: read-only, without network or fetching.

Whatever cannot be looked at is noted, and then nobody can call the copy clean. The one-file
verifier (`report/verifier.sh`) looks into the same places in the same way.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from breachkit.actions.clone_check import Place
from breachkit.actions.clone_list import CloneList, Entry
from breachkit.git.clone_files import bundles, copies_among, hashes, large_copies, new_store
from breachkit.git.clone_places import (
    Copy,
    find_copy,
    index_folders,
    plain_files,
    roots,
    setting,
    stores,
)
from breachkit.git.process import run_git, stream_git
from breachkit.git.repository import open_repository
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import BreachkitError


_NAMED = re.compile(rb"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
_NAMED_LARGE = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")

_WORKING_FILES = ("rr-cache", "filter-repo", "lfs/tmp", "rebase-*", "worktrees/*/rebase-*")
"""Where git keeps pieces of files while it works: no id shows what is in them."""

_LINKABLE = ("objects", "refs", "packed-refs", "logs", "modules", "worktrees", "lfs")
_GUARDS = ("hooks", "breachkit-guard")
"""Where guards keep their list of old ids, which is there to keep them out."""
_NOT_NAMING = frozenset({"objects", "modules", "lfs", "rr-cache", "index", *_GUARDS})


@dataclass(slots=True, kw_only=True)
class Looked:
    """What was found so far."""

    wanted: CloneList
    found: list[tuple[Place, int, str]] = field(default_factory=list)
    """Place, number of the file (0 for other objects) and id."""
    unread: set[str] = field(default_factory=set)
    stores: int = 0
    objects: int = 0
    files: int = 0
    listed: dict[str, Entry] = field(init=False)
    """The entries of the list for objects, by id."""

    def __post_init__(self) -> None:
        """Take the list apart once."""
        self.listed = self.wanted.objects

    def match(self, place: Place, ids: Iterable[str]) -> int:
        """Take in the ids of a place and give how many there were."""
        listed, number = self.listed, 0
        for number, one in enumerate(ids, 1):  # noqa: B007 - the last is what is given
            if one in listed:
                self.found.append((place, listed[one].number, one))
        return number

    def note(self, place: Place, reason: str) -> None:
        """Note that a place could not be looked at."""
        self.unread.add(f"{place}:{reason}")


def look_through(place: Path, wanted: CloneList, *, scratch: Path | None = None) -> Looked:
    """Look for everything on a list in everything that one copy has.

    Args:
        place: Its top folder, its git directory or one of its linked work trees.
        wanted: The list.
        scratch: A private directory for what is written on the way; by default the system's.

    Raises:
        ConfigurationError: there is no repository.
    """
    copy = find_copy(place)
    looked = Looked(wanted=wanted)
    with scratch_folder(scratch) as private:
        _check_store(looked, copy.main, "objects", private)
        for root in roots(copy, partial(looked.note, "files")):
            _check_stores_in(looked, copy, root, private)
            _check_files_in(looked, copy, root, private)
    return looked


def _check_stores_in(looked: Looked, copy: Copy, root: Path, private: Path) -> None:
    for store in stores(root, partial(looked.note, "files")):
        real = store.resolve()
        if real != copy.main:
            own = (copy.main / "modules", copy.main / "worktrees")
            place: Place = "module" if any(map(real.is_relative_to, own)) else "nested"
            _check_store(looked, real, place, private)


def _check_store(looked: Looked, store: Path, place: Place, private: Path) -> None:
    looked.stores += 1
    if any((store / part).is_symlink() for part in _LINKABLE):
        looked.note(place, "links")
    if setting(store, "extensions.objectformat") not in {"", "sha1"}:
        looked.note(place, "format")
    if setting(store, "extensions.refstorage"):
        looked.note(place, "refs")
    _check_objects(looked, store, place, private)
    looked.match("names", _named_in(looked, store, place))
    if any(_has_file(folder) for part in _WORKING_FILES for folder in store.glob(part)):
        looked.note(place, "leftovers")
    _check_lfs(looked, store, place)


def _check_objects(looked: Looked, store: Path, place: Place, private: Path) -> None:
    packs = store / "objects" / "pack"
    if any(not pack.with_suffix(".idx").is_file() for pack in packs.glob("*.pack")):
        looked.note(place, "pack")
    half = ("tmp_*", "incoming-*")
    if any(True for name in half for _ in (store / "objects").rglob(name)):
        looked.note(place, "unfinished")
    try:
        control = next(own_ids(store), None)
        if control is None and not _borrows(store):
            if place == "objects" or index_folders(store):
                looked.note(place, "empty")
            return
        with scratch_folder(private) as folder, open_repository(str(store), scratch=folder) as git:
            _check_listed(looked, store, git.git_dir, place, control or _some_ref(git.git_dir))
            _check_indexes(looked, store, git.git_dir, place)
    except (BreachkitError, OSError):
        looked.note(place, "objects")


def _check_listed(
    looked: Looked, store: Path, git_dir: Path, place: Place, control: str | None
) -> None:
    args = ["cat-file", "--batch-all-objects", "--buffer", "--batch-check=%(objectname)"]
    number, is_found = 0, control is None
    hits: list[str] = []
    with stream_git(args, git_dir=git_dir, check=False) as stream:
        for number, line in enumerate(stream.stdout, 1):  # noqa: B007 - the last is counted
            one = line.decode().strip()
            is_found = is_found or one == control
            if one in looked.listed:
                hits.append(one)
    if stream.code or stream.stderr.strip():
        looked.note(place, "objects")
    if not is_found:
        looked.note(place, "control")
    looked.objects += number
    own = frozenset(own_ids(store)) if hits and _borrows(store) else frozenset(hits)
    looked.match(place, (one for one in hits if one in own))
    looked.match("borrowed", (one for one in hits if one not in own))


def own_ids(store: Path) -> Iterator[str]:
    """Give the ids of the objects that lie in a store itself, by its indexes and file names."""
    for index in (store / "objects" / "pack").glob("*.idx"):
        with index.open("rb") as opened:
            answer = run_git(["show-index"], stdin=opened, check=False)
        yield from (line.split()[1].decode() for line in answer.stdout.splitlines())
    for loose in (store / "objects").glob("[0-9a-f][0-9a-f]/*"):
        one = loose.parent.name + loose.name
        if _NAMED.fullmatch(one.encode("utf-8", "surrogateescape")):
            yield one


def _some_ref(git_dir: Path) -> str | None:
    args = ["for-each-ref", "--count=1", "--format=%(objectname)"]
    return run_git(args, git_dir=git_dir, check=False).stdout.decode().strip() or None


def _borrows(store: Path) -> bool:
    alternates = store / "objects" / "info" / "alternates"
    return alternates.is_file() and alternates.stat().st_size > 0


def _check_indexes(looked: Looked, store: Path, git_dir: Path, place: Place) -> None:
    for folder in index_folders(store):
        env = {"GIT_INDEX_FILE": str(folder / "index")}
        args = ["ls-files", "--stage", "--sparse"]
        answer = run_git(args, git_dir=git_dir, extra_env=env, check=False)
        if answer.code:
            looked.note(place, "index")
        looked.match("index", (line.split()[1].decode() for line in answer.stdout.splitlines()))


def _named_in(looked: Looked, store: Path, place: Place) -> Iterator[str]:
    """Give every id that stands in plain words in a git directory, its refs and logs first of all."""
    for entry in store.iterdir():
        if entry.name in _NOT_NAMING or entry.name.startswith("sharedindex."):
            continue
        below = [entry] if entry.is_file() else entry.rglob("*")
        for path in below:
            if path.is_symlink() or not path.is_file():
                continue
            try:
                yield from (one.decode() for one in _NAMED.findall(path.read_bytes()))
            except OSError:
                looked.note(place, "names")


def _has_file(folder: Path) -> bool:
    return any(path.is_file() for path in folder.rglob("*"))


def _check_lfs(looked: Looked, store: Path, place: Place) -> None:
    large = looked.wanted.large_files
    if not large:
        return
    if setting(store, "lfs.storage"):
        looked.note(place, "lfs")
    for path in (store / "lfs").rglob("*"):
        for one in _NAMED_LARGE.findall(path.name):
            if one in large:
                looked.found.append(("lfs", large[one].number, one))


def _check_files_in(looked: Looked, copy: Copy, root: Path, private: Path) -> None:
    unread = partial(looked.note, "files")
    paths = list(plain_files(root, unread))
    with ExitStack() as stack:
        folder = stack.enter_context(scratch_folder(private))
        done = hashes(paths, new_store(folder / "empty.git"))
        looked.files += looked.match("files", done.raw)
        looked.match("files", done.normalised)
        if not done.complete:
            looked.note("files", "files")
        for one, number in large_copies(paths, looked.wanted.large_files, unread):
            looked.found.append(("files", number, one))
        for number, bundle in enumerate(bundles(paths, unread)):
            _check_bundle(looked, copy, bundle, folder / f"bundle-{number}")


def _check_bundle(looked: Looked, copy: Copy, bundle: Path, folder: Path) -> None:
    tips, inside = copies_among(bundle, copy.main, folder)
    looked.match("bundle", tips)
    if inside is None:
        looked.note("bundle", "bundle")
    else:
        held = frozenset(own_ids(inside))
        looked.match("bundle", held)
        if not held:
            looked.note("bundle", "empty")
