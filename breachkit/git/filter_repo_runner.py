"""Lets git-filter-repo take files out of a history, once, in a process that was forked for it.

It keeps state in its module, so each run needs a process of its own; see newren/git-filter-repo#617.
A fork has most of what it needs in memory already, which a new Python would read first.

What is used of it is its reader and writer of git's export format, between a `git fast-export` and a
`git fast-import`. What it does around that (it asks git for settings and refs, moves these, prunes commits and writes
reports) is for whoever works in a repository, takes seven more processes of git, and has nothing to do here.

git-filter-repo drops a change that is filtered out, and then the version before it silently stays
in that commit; so every change that brings a bad blob becomes a deletion. Its interface makes no
promise of stability: the version is pinned.
"""

import contextlib
import gc
import io
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import git_filter_repo as upstream

from breachkit.actions.edits import Edits, Entry
from breachkit.git.process import DiskFullError, stream_git
from breachkit.model.ids import GitPath, ObjectId


_EXPORT = (
    *("fast-export", "--show-original-ids", "--reference-excluded-parents", "--no-data"),
    *("--use-done-feature", "--reencode=no", "--stdin"),  # thousands of refs are no arguments
)
_IMPORT = (
    # What comes out is packed again, and synced then: until then no power cut can lose anything that
    # was there before. And a pack is quicker than a file for each object.
    *("-c", "core.fsync=none", "-c", "fastimport.unpackLimit=1"),
    *("-c", "core.ignorecase=false"),  # two names that differ only in case are two
    *("fast-import", "--force", "--quiet", "--date-format=raw-permissive"),
)
_MARKS = "breachkit-marks"
"""The file in which git leaves what it numbered the new commits by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What git-filter-repo is to do."""

    folder: Path
    """A bare repository."""
    bad: frozenset[ObjectId]
    """Blobs that go."""
    edits: Edits
    """What is put in the place of something."""
    tips: Sequence[str]
    """Refs to rewrite."""
    boundary: Collection[ObjectId]
    """Commits that stay."""


class _NamedTwiceError(Exception):
    """A directory names something twice, or two files would get one name."""


class Outcome(NamedTuple):
    """How it ended."""

    new_ids: dict[ObjectId, ObjectId]
    """Of each commit that was read."""
    failure: Literal["disk", "history"] | None = None
    """Whether the disk is full, or something in the history cannot be read."""


def run_in_this_process(instructions: Instructions) -> Outcome:
    """Rewrite a repository as the instructions say; nothing else can be done afterwards here."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return Outcome(_take_out(instructions))
    except DiskFullError:
        return Outcome({}, "disk")
    except (Exception, SystemExit):  # noqa: BLE001 - of git, and of another project's code, whatever it is
        return Outcome({}, "history")


def _take_out(instructions: Instructions) -> dict[ObjectId, ObjectId]:
    bad, edits = instructions.bad, instructions.edits
    bad_ids, renames = frozenset(one.encode() for one in bad), bool(edits.renamings)
    numbers: dict[int, ObjectId] = {}

    def take_out(commit: Any, _metadata: Any) -> None:
        numbers[commit.id] = ObjectId(commit.original_id.decode())
        changes = commit.file_changes  # of nearly all commits none is looked at closer
        if renames or any(change.blob_id in bad_ids for change in changes):
            changes = [_changed(change, bad, edits) for change in changes]
        commit.file_changes = _in_order(changes)

    gc.disable()  # it would look through a history's worth of objects again and again, for nothing
    _copy_history(instructions, take_out)
    marks = instructions.folder / _MARKS
    lines = (line.split() for line in marks.read_text("ascii").splitlines())
    new_ids = {numbers[int(mark.removeprefix(":"))]: ObjectId(new) for mark, new in lines}
    marks.unlink()
    return new_ids


def _copy_history(instructions: Instructions, callback: Callable[[Any, Any], None]) -> None:
    """Write every commit again as the callback leaves it; history below the boundary is neither read nor written."""
    folder = instructions.folder
    revisions = [*instructions.tips, *("^" + one for one in instructions.boundary)]
    asked = "".join(f"{one}\n" for one in revisions).encode()
    with (
        _importing(folder) as written,
        stream_git(_EXPORT, git_dir=folder, stdin=asked) as exported,
    ):
        upstream.FastExportParser(commit_callback=callback).run(exported.stdout, written)


@contextlib.contextmanager
def _importing(folder: Path) -> Iterator[BinaryIO]:
    """Give what git takes new commits from; they are there once this is left."""
    reading, writing = os.pipe()
    command = [*_IMPORT, f"--export-marks={folder / _MARKS}"]
    written = os.fdopen(writing, "wb")
    try:
        with (
            os.fdopen(reading, "rb") as feed,
            stream_git(command, git_dir=folder, stdin=feed),
            contextlib.suppress(BrokenPipeError),  # git says on leaving why it stopped
        ):
            feed.close()
            yield written
            written.close()
    finally:
        with contextlib.suppress(BrokenPipeError):
            written.close()


def _in_order(changes: Iterable[Any]) -> list[Any]:
    """Sort by name, as git-filter-repo does, and stop as it does where two contents would get one name.

    git writes what is below a name before the name itself: where a file became a folder, it would take the
    folder in and then delete it.
    """
    by_name: dict[bytes, Any] = {}
    for change in changes:
        other = by_name.setdefault(change.filename, change)
        if other.type == b"D":
            by_name[change.filename] = change
        elif change.type != b"D" and _content(change) != _content(other):
            raise _NamedTwiceError
    return [by_name[name] for name in sorted(by_name)]


def _content(change: Any) -> tuple[bytes, bytes]:
    return change.mode, change.blob_id


def _changed(change: Any, bad: frozenset[ObjectId], edits: Edits) -> Any:
    if change.type not in {b"M", b"D"}:
        return change
    path = GitPath(change.filename)
    if change.type == b"D":
        return upstream.FileChange(b"D", edits.name(path)) if edits.renames(path) else change
    old = Entry(path, change.mode, ObjectId(change.blob_id.decode()))
    new = edits.entry(old, bad)
    if new == old:
        return change
    if new is None:
        return upstream.FileChange(b"D", edits.name(path))
    return upstream.FileChange(b"M", new.path, new.id.encode(), new.mode)
