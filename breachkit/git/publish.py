"""Publishes files as one commit on top of what a server has, and proves from it what has arrived.

The commit is made in a fresh object database that begins with the tip it stands on, fetched from the
server itself without history and, where the server can, without files. Of the folder that the files
lie in, nothing gets into it but their bytes. What is new on the server afterwards is counted in
another fresh database, from what the server sends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.release import (
    BRANCH,
    FOLDER,
    FileState,
    Stand,
    UnfitFilesError,
)
from breachkit.actions.rewritten import RefChange
from breachkit.git.lean import fetch_lean, reached, tip_of
from breachkit.git.push import push_one
from breachkit.git.rawobjects import (
    TreeEntry,
    all_objects,
    join_tree,
    object_id,
    parse,
    parse_tree,
    read_objects,
    write_objects,
)
from breachkit.git.remote import RemoteRefs
from breachkit.git.treemaker import list_files
from breachkit.model.errors import (
    AccessError,
    ConfigurationError,
    RefusedError,
    VerificationError,
)
from breachkit.model.ids import GitPath, ObjectId, display


FILE = b"100644"
"""Nothing is released as a program, a link or another repository."""

_BATCH_BYTES = 16 * 1024 * 1024


class NoCommitYetError(ConfigurationError):
    """The study repository holds nothing that a release could stand on."""


class BranchMovedError(RefusedError):
    """Somebody moved the release branch after it was looked at; nothing was released."""


class ReleaseRefusedError(AccessError):
    """The server refuses the branch; nothing changed there."""


class NotOnlyTheReleaseError(VerificationError):
    """What is new on the server is not exactly the release."""


def stand_of(server: RemoteRefs) -> Stand:
    """Say what a release stands on: the release branch, else the default branch.

    Raises:
        NoCommitYetError: there is neither.
        ConfigurationError: the repository is of git's other object format.
        RefusedError: the release branch is the default branch.
    """
    seen = server.refs.get(BRANCH)
    if server.head == BRANCH:
        raise RefusedError(
            "release-candidates is the default branch there, so nobody would review what is "
            "released: make another branch the default, then run the command again"
        )
    base = server.head if server.head in server.refs else None
    tip = seen or (server.refs[base] if base else None)
    if tip is None:
        raise NoCommitYetError(
            "the study repository has no commit on a default branch, so a release would become all "
            "there is of it: push the study's code first, then run the command again"
        )
    if len(tip) != 40:
        raise ConfigurationError(
            "the study repository is kept in git's SHA-256 format, which a release cannot be made for "
            "yet: publish it in a repository of the usual format"
        )
    return Stand(on=BRANCH if seen else base or BRANCH, tip=tip, base=base, seen=seen)


def git_url(target: str, path: Path | None) -> str:
    """Give the URL by which git reaches a target; a path becomes one too, or git filters nothing."""
    return target if path is None else path.absolute().as_uri()


@dataclass(frozen=True, slots=True)
class Listed:
    """What the branch has below the folder of releases."""

    files: Mapping[GitPath, tuple[bytes, ObjectId]]
    """Mode and id by path within that folder."""
    folders: Mapping[bytes, ObjectId]
    """Trees by path within that folder; its own under the empty path, if it is there."""

    def state(self, path: GitPath, blob: ObjectId) -> FileState:
        """Say how a file compares with what is there."""
        known = self.files.get(path)
        if known is None:
            return "new"
        return "same" if known == (FILE, blob) else "changed"


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that was made and is not published yet."""

    commit: ObjectId
    parent: ObjectId
    new: frozenset[ObjectId]
    """What it reaches and its parent does not."""


class Publishing:
    """A fresh object database that begins with one tip of a server.

    Args:
        url: The server, as `git_url` gives it.
        stand: The tip.
        folder: A private folder for it, which is there.
    """

    def __init__(self, url: str, stand: Stand, folder: Path) -> None:
        self._url = url
        self._stand = stand
        self._git_dir = fetch_lean(url, stand.on, folder, depth=1)
        if tip_of(self._git_dir) != stand.tip:
            raise BranchMovedError(_MOVED)
        self._tree = _tree_of(self._git_dir, stand.tip)
        self._fetched = frozenset(all_objects(self._git_dir))
        self._written: set[ObjectId] = set()
        self._trees: list[bytes] = []

    def listed(self) -> Listed:
        """List the released files that are there.

        Raises:
            UnfitFilesError: there is something else of the folder's name.
        """
        root = self._root()
        entry = next((each for each in root if each.name == FOLDER), None)
        if entry is None:
            return Listed({}, {})
        if not entry.is_tree:
            raise UnfitFilesError(
                f"{display(FOLDER)} is no folder on the branch: have it renamed there, then run the "
                "command again"
            )
        folders, files = list_files(self._git_dir, entry.id)
        return Listed(
            {each.path: (each.mode, each.id) for each in files}, {**folders, b"": entry.id}
        )

    def store(self, contents: Iterable[bytes]) -> tuple[ObjectId, ...]:
        """Write files, in packs of bounded size, and give their ids in order."""
        ids: list[ObjectId] = []
        batch: list[bytes] = []
        size = 0
        for content in contents:
            ids.append(object_id("blob", content))
            batch.append(content)
            size += len(content)
            if size >= _BATCH_BYTES:
                self._write(batch)
                batch, size = [], 0
        self._write(batch)
        self._written.update(ids)
        return tuple(ids)

    def commit(
        self, listed: Listed, put: Mapping[GitPath, ObjectId], author: bytes, message: str
    ) -> Made:
        """Make the commit: the tip's tree with some files put in, everything else as it is.

        Args:
            listed: What is there.
            put: Files by path within the folder of releases.
            author: Name, address and time as a commit has them.
            message: Of the commit.
        """
        folder = self._folder(listed, put)
        kept = [each for each in self._root() if each.name != FOLDER]
        tree = self._keep_tree(_sorted_in([*kept, TreeEntry(b"40000", FOLDER, folder)]))
        headers = (b"tree " + tree.encode(), b"parent " + self._stand.tip.encode())
        signed = (b"author " + author, b"committer " + author, b"", message.encode())
        data = b"\n".join((*headers, *signed))
        write_objects(self._git_dir, [*(("tree", each) for each in self._trees), ("commit", data)])
        commit = object_id("commit", data)
        self._written |= {object_id("tree", each) for each in self._trees} | {commit}
        return self._only_what_was_made(commit)

    def push(self, made: Made) -> None:
        """Bring the commit to the server, if the branch is still what it was.

        Raises:
            BranchMovedError: it is not.
            ReleaseRefusedError: the server refuses it.
            AccessError, ConfigurationError, IncompleteError: as `git.push.push`.
        """
        seen = self._stand.seen or ObjectId("")
        change = RefChange(name=BRANCH, old=seen, new=made.commit)
        outcome = push_one(self._url, self._git_dir, change)
        if outcome.state == "stale":
            raise BranchMovedError(_MOVED)
        if outcome.state not in {"done", "already"}:
            raise ReleaseRefusedError(
                "the server refused release-candidates "
                f"({display(outcome.reason) or 'no reason given'}), and nothing changed there: ask "
                "who runs it to let you push to that branch, then run the command again"
            )

    def _root(self) -> tuple[TreeEntry, ...]:
        (raw,) = read_objects(self._git_dir, [self._tree])
        return parse_tree(raw.data)

    def _folder(self, listed: Listed, put: Mapping[GitPath, ObjectId]) -> ObjectId:
        wanted = {below: listed.folders[below] for below in _folders(put) & listed.folders.keys()}
        read = read_objects(self._git_dir, wanted.values())
        old = {path: parse_tree(raw.data) for path, raw in zip(wanted, read, strict=True)}
        return self._make(b"", old, put)

    def _make(
        self,
        path: bytes,
        old: Mapping[bytes, Sequence[TreeEntry]],
        put: Mapping[GitPath, ObjectId],
    ) -> ObjectId:
        """Make the tree of one folder; `put` is by path within it."""
        here = {bytes(name): one for name, one in put.items() if not name.count(b"/")}
        below: dict[bytes, dict[GitPath, ObjectId]] = {}
        for name, one in put.items():
            first, slash, rest = name.partition(b"/")
            if slash:
                below.setdefault(first, {})[GitPath(rest)] = one
        gone = here.keys() | below.keys()
        entries = [each for each in old.get(path, ()) if each.name not in gone]
        entries += [TreeEntry(FILE, each, one) for each, one in here.items()]
        for each, inner in below.items():
            inside = path + b"/" + each if path else each
            entries.append(TreeEntry(b"40000", each, self._make(inside, old, inner)))
        return self._keep_tree(_sorted_in(entries))

    def _keep_tree(self, entries: Sequence[TreeEntry]) -> ObjectId:
        """Keep a tree until all are written at once."""
        data = join_tree(entries)
        self._trees.append(data)
        return object_id("tree", data)

    def _write(self, contents: Sequence[bytes]) -> None:
        write_objects(self._git_dir, [("blob", content) for content in contents])

    def _only_what_was_made(self, commit: ObjectId) -> Made:
        """Prove that nothing is in the database but what the server gave and what was made here."""
        strangers = frozenset(all_objects(self._git_dir)) - self._fetched - self._written
        new = frozenset(reached(self._git_dir, commit, self._stand.tip))
        if strangers or not new <= self._written:
            raise NotOnlyTheReleaseError(
                "the release would bring more than its files, and nothing was pushed: this is a fault "
                "of breachkit; please report it"
            )
        return Made(commit, self._stand.tip, new)


_MOVED = (
    "somebody moved release-candidates while the release was made, and nothing was pushed: run the "
    "command again, which looks at what is there now"
)


def _tree_of(git_dir: Path, commit: ObjectId) -> ObjectId:
    (raw,) = read_objects(git_dir, [commit])
    (tree,) = parse(raw.data).values(b"tree")
    return ObjectId(tree.decode())


def _folders(paths: Iterable[GitPath]) -> set[bytes]:
    """Give every folder that files are in, with all above; the empty path is the topmost."""
    found = {b""}
    for path in paths:
        parts = path.split(b"/")[:-1]
        found |= {b"/".join(parts[: count + 1]) for count in range(len(parts))}
    return found


def _sorted_in(entries: Iterable[TreeEntry]) -> list[TreeEntry]:
    """Put entries in git's order: a folder as if its name ended in a slash."""
    return sorted(entries, key=lambda each: each.name + b"/" * each.is_tree)
