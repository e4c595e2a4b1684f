"""Publishes files as one commit on top of what a server has, and proves from it what has arrived.

The commit is made in a fresh object database that begins with the tip it stands on, fetched from the
server itself without history and, where the server can, without files. Of the folder that the files
lie in, nothing gets into it but their bytes. What is new on the server afterwards is counted in
another fresh database, from what the server sends.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.release import (
    BRANCH,
    FOLDER,
    Arrived,
    FileState,
    ReleaseFile,
    Stand,
    UnfitFilesError,
)
from breachkit.actions.rewritten import RefChange
from breachkit.git.process import GitCommandError, run_git
from breachkit.git.push import push_one
from breachkit.git.rawobjects import (
    TreeEntry,
    all_objects,
    join_tree,
    kinds_of,
    object_id,
    parse,
    parse_tree,
    read_objects,
    write_objects,
)
from breachkit.git.remote import RemoteRefs, run_remote
from breachkit.git.treemaker import list_files
from breachkit.model.errors import (
    AccessError,
    ConfigurationError,
    RefusedError,
    VerificationError,
)
from breachkit.model.ids import GitPath, ObjectId, RefName, display


FILE = b"100644"
"""Nothing is released as a program, a link or another repository."""

_TIP = "refs/breachkit/tip"
_BATCH_BYTES = 16 * 1024 * 1024
_OWN_CONFIGURATION = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
"""A fetch without files notes where to get them from, and git ends where it may not."""
_IDS_AT_ONCE = 1_000
"""41 bytes each on a command line, of which every system takes 100,000."""


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
        self._git_dir = _fetched(url, stand.on, folder, depth=1)
        if _tip(self._git_dir) != stand.tip:
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
        for content in contents:
            ids.append(object_id("blob", content))
            batch.append(content)
            if sum(map(len, batch)) >= _BATCH_BYTES:
                self._write(batch)
                batch = []
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
        new = frozenset(_reached(self._git_dir, commit, self._stand.tip))
        if strangers or not new <= self._written:
            raise NotOnlyTheReleaseError(
                "the release would bring more than its files, and nothing was pushed: this is a fault "
                "of breachkit; please report it"
            )
        return Made(commit, self._stand.tip, new)


def prove(url: str, made: Made, files: Sequence[ReleaseFile], folder: Path) -> Arrived:
    """Fetch the branch afresh and prove that the release is there, and nothing came with it.

    Args:
        url: The server, as `git_url` gives it.
        made: What was pushed.
        files: What was released.
        folder: An empty private folder.

    Raises:
        NotOnlyTheReleaseError: something is missing, is other than it should be, or came with it.
        BranchMovedError: somebody moved the branch since.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    git_dir = _fetched(url, BRANCH, folder, depth=2)
    if _tip(git_dir) != made.commit:
        raise BranchMovedError(
            "the release was pushed, and somebody has moved release-candidates since, so that what "
            "arrived was not proven: run the same command again"
        )
    commits = _commits(git_dir, made)
    new = _reached(git_dir, made.commit, made.parent)
    if frozenset(new) != made.new or commits != 1:
        raise _not_only("what is new there is not exactly what was made")
    _require_files(git_dir, made, files)
    wanted = {each.blob: each.sha256 for each in files if each.blob in made.new}
    whole = _with_files(url, git_dir, wanted, folder)
    for raw in read_objects(whole, wanted):
        if hashlib.sha256(raw.data).hexdigest() != wanted[raw.id]:
            raise _not_only("a file there has other bytes than were checked")
    trees = sum(kind == "tree" for kind in kinds_of(git_dir, new).values())
    return Arrived(commits=commits, trees=trees, files=len(new) - trees - commits, read=len(wanted))


_MOVED = (
    "somebody moved release-candidates while the release was made, and nothing was pushed: run the "
    "command again, which looks at what is there now"
)


def _not_only(what: str) -> NotOnlyTheReleaseError:
    return NotOnlyTheReleaseError(
        f"the release was pushed, and {what}: look at release-candidates on the server, and tell who "
        "answers for releases before anybody merges it"
    )


def _require_files(git_dir: Path, made: Made, files: Sequence[ReleaseFile]) -> None:
    _, listed = list_files(git_dir, made.commit)
    there = {each.path: (each.mode, each.id) for each in listed}
    if any(there.get(each.target) != (FILE, each.blob) for each in files):
        raise _not_only("not every file is in its place")


def _commits(git_dir: Path, made: Made) -> int:
    """Count the commits that the release brought; the one it is has the one parent it should have."""
    (raw,) = read_objects(git_dir, [made.commit])
    if parse(raw.data).values(b"parent") != (made.parent.encode(),):
        raise _not_only("it does not stand on what the server had")
    args = ["rev-list", "--count", made.commit, f"^{made.parent}"]
    return int(run_git(args, git_dir=git_dir).stdout)


def _with_files(url: str, git_dir: Path, wanted: Mapping[ObjectId, str], folder: Path) -> Path:
    """Fetch the files that are not there yet, one by one by their ids, else everything at once."""
    missing = sorted(wanted.keys() - kinds_of(git_dir, wanted).keys())
    options = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--"]
    for start in range(0, len(missing), _IDS_AT_ONCE):
        ids = missing[start : start + _IDS_AT_ONCE]
        if run_remote(options, url, ids, git_dir=git_dir, check=False).code:
            return _fetch_once(url, BRANCH, folder / "whole.git", depth=2, filtered=False)
    return git_dir


def _fetched(url: str, name: RefName, folder: Path, *, depth: int) -> Path:
    """Fetch a branch without its files, or with them where that does not work."""
    try:
        return _fetch_once(url, name, folder / "lean.git", depth=depth, filtered=True)
    except GitCommandError:  # what a server dislikes about the filter, it may not miss without
        return _fetch_once(url, name, folder / "full.git", depth=depth, filtered=False)


def _fetch_once(url: str, name: RefName, git_dir: Path, *, depth: int, filtered: bool) -> Path:
    run_git(["init", "--quiet", "--bare", str(git_dir)])
    options = ["--quiet", "--no-tags", "--no-write-fetch-head", f"--depth={depth}"]
    lean = ["--filter=blob:none"] if filtered else []
    spec = b"+" + name + b":" + _TIP.encode()
    run_remote(["fetch", *options, *lean, "--"], url, [spec], git_dir=git_dir)
    (git_dir / "config").write_text(_OWN_CONFIGURATION, "ascii")
    for mark in (git_dir / "objects" / "pack").glob("*.promisor"):
        mark.unlink()
    return git_dir


def _tip(git_dir: Path) -> ObjectId:
    answer = run_git(["rev-parse", "--verify", f"{_TIP}^{{commit}}"], git_dir=git_dir)
    return ObjectId(answer.stdout.decode().strip())


def _tree_of(git_dir: Path, commit: ObjectId) -> ObjectId:
    (raw,) = read_objects(git_dir, [commit])
    (tree,) = parse(raw.data).values(b"tree")
    return ObjectId(tree.decode())


def _reached(git_dir: Path, new: ObjectId, old: ObjectId) -> list[ObjectId]:
    """Give what one commit reaches and another does not, whether or not it is in this database."""
    args = ["rev-list", "--objects", "--no-object-names", "--missing=print", new, f"^{old}"]
    lines = run_git(args, git_dir=git_dir).stdout.decode().splitlines()
    return [ObjectId(line.removeprefix("?")) for line in lines]


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
