"""What each commit of a history does to files, as far as it matters to a rewrite: one walk over it."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from breachkit.actions.bad_set import Introduction
from breachkit.actions.edits import Edits
from breachkit.git.commits import note_about
from breachkit.git.nul import split_at_nul
from breachkit.git.process import stream_git
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.time import from_epoch


_NOTE = re.compile(rb"(?:[0-9a-f]{2}/)*[0-9a-f]{2,40}")
"""A file named after an object, in folders by the start of its id. Source: git-notes(1)."""
_GONE = ObjectId("0" * 40)
"""Stands for the content of a file that goes. Source: git-diff-tree(1)."""
_NEW_ID = len(b":100644 100644  ") + 40
"""Where the new id stands in a line of git's raw format. Source: git-diff-tree(1)."""
_LOG = (
    *("log", "--all", "--topo-order", "--reverse", "--diff-merges=first-parent"),
    *("--raw", "-r", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
    "--format=tformat:%H %ct %P",
)


class Change(NamedTuple):
    """A commit in which a file gets a content at a path, or goes, against the first parent."""

    commit: ObjectId
    when: datetime | None
    """The committer's date; None where git cannot read it."""
    path: GitPath
    blob: ObjectId
    """All zeros where the file goes."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a history brings in that matters to a rewrite.

    A commit that has something that has to go either gets it in itself or has it from its first
    parent, so the commits found here and their descendants are all that ever have any.
    """

    parents: dict[ObjectId, tuple[ObjectId, ...]] = field(default_factory=dict)
    """Of every commit that a ref reaches; parents come before their children."""
    introductions: list[Introduction] = field(default_factory=list)
    """Where a bad blob appears."""
    renamed: list[tuple[ObjectId, GitPath]] = field(default_factory=list)
    """Commits, and the names that go under which they put a file."""
    notes: list[tuple[ObjectId, ObjectId]] = field(default_factory=list)
    """Commits, and the objects that a file is named after which they put somewhere."""
    paths: set[GitPath] = field(default_factory=set)
    """Every path that a file ever had; only where names go."""
    watched: set[GitPath] = field(default_factory=set)
    """Every path at which something is, in some commit, that has to go."""
    arrived: dict[ObjectId, set[GitPath]] = field(default_factory=dict)
    """By commit: the watched paths at which it puts such a thing ..."""
    touched: dict[ObjectId, set[GitPath]] = field(default_factory=dict)
    """... and those that it changes at all."""

    @property
    def holding(self) -> frozenset[ObjectId]:
        """The commits among whose files is something that has to go."""
        held: dict[ObjectId, frozenset[GitPath]] = {}
        nothing: frozenset[GitPath] = frozenset()
        for commit, its_parents in self.parents.items():
            paths = held.get(its_parents[0], nothing) if its_parents else nothing
            if commit in self.touched:
                arrived = self.arrived.get(commit, nothing)
                paths = frozenset((paths - self.touched[commit]) | arrived)
            if paths:
                held[commit] = paths
        return frozenset(held)

    def take(self, change: Change, bad: Collection[ObjectId], edits: Edits) -> None:
        """Take in what a commit does at a path; the commits come parents first."""
        renamed, gone = edits.renames(change.path), change.blob == _GONE
        if change.blob in bad or (renamed and not gone):
            self.watched.add(change.path)
            self.arrived.setdefault(change.commit, set()).add(change.path)
        if change.path in self.watched:
            self.touched.setdefault(change.commit, set()).add(change.path)
        if change.blob in bad:
            brought = Introduction(
                commit=change.commit, when=change.when, path=change.path, blob=change.blob
            )
            self.introductions.append(brought)
        if edits.renamings and not gone:
            self.paths.add(change.path)
            if renamed:
                self.renamed.append((change.commit, change.path))

    def take_note(self, change: Change) -> None:
        """Take in a file that is named after an object."""
        if change.blob != _GONE and _NOTE.fullmatch(change.path):
            self.notes.append((change.commit, note_about(change.path)))


def read_changes(git_dir: Path, bad: Collection[ObjectId], edits: Edits, *, notes: bool) -> Changes:
    """Read a history once.

    Args:
        git_dir: The repository.
        bad: The blobs that have to go.
        edits: Which names go.
        notes: Whether files that are named after objects matter.
    """
    changes = Changes()
    wanted = None if notes or edits.renamings else bad
    for each in _read_log(git_dir, changes.parents, wanted, changes.watched):
        changes.take(each, bad, edits)
        if notes:
            changes.take_note(each)
    return changes


def names_left(git_dir: Path, edits: Edits) -> Iterator[tuple[ObjectId, GitPath]]:
    """Give each commit that puts a file at a name that goes, with the name."""
    arrived = _read_log(git_dir, {})
    return ((each.commit, each.path) for each in arrived if edits.renames(each.path))


def _read_log(
    git_dir: Path,
    parents: dict[ObjectId, tuple[ObjectId, ...]],
    wanted: Collection[ObjectId] | None = None,
    watched: Collection[GitPath] = (),
) -> Iterator[Change]:
    """Give what arrives where, parents first; only some blobs, where they are named.

    The lines of most changes are only looked at for the few bytes that tell: a history has
    hundreds of thousands.

    Args:
        git_dir: The repository.
        parents: Gets every commit.
        wanted: The blobs; None for every file that arrives.
        watched: Paths at which every change is given; they may become more meanwhile.
    """
    ids = None if wanted is None else frozenset(one.encode() for one in wanted)
    gone = _GONE.encode()
    with stream_git(_LOG, git_dir=git_dir) as stream:
        commit, date = _GONE, b""
        words = split_at_nul(stream.stdout.read)
        for word in words:
            start = word.find(b":", 0, 2)  # after a newline where the line of a commit is before it
            if start < 0:
                if word:
                    one, date, *above = word.lstrip(b"\n").split(b" ")
                    commit = ObjectId(one.decode())
                    parents[commit] = tuple(ObjectId(each.decode()) for each in above if each)
                continue
            path = GitPath(next(words, b""))
            blob = word[start + _NEW_ID : start + _NEW_ID + 40]
            arrives = blob != gone if ids is None else blob in ids
            if arrives or path in watched:
                yield Change(commit, _moment(date), path, ObjectId(blob.decode()))


def _moment(seconds: bytes) -> datetime | None:
    """Read git's seconds; None where the commit has a date that git cannot read."""
    return from_epoch(int(seconds)) if seconds.isdigit() else None
