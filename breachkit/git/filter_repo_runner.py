"""Runs git-filter-repo's Python interface once, in a process that was forked for it.

It keeps state in its module, so each run needs a process of its own; see newren/git-filter-repo#617.
A fork has most of what it needs in memory already, which a new Python would read first. It leaves
git-filter-repo's `commit-map` behind in the repository.

git-filter-repo drops a change that is filtered out, and then the version before it silently stays
in that commit; so every change that brings a bad blob becomes a deletion. Its interface makes no
promise of stability: the version is pinned.
"""

import contextlib
import gc
import io
import os
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import git_filter_repo as upstream

from breachkit.actions.edits import Edits, Entry
from breachkit.git.process import be_local
from breachkit.model.ids import GitPath, ObjectId


OPTIONS = (
    *("--force", "--quiet", "--no-gc"),
    *("--prune-empty=never", "--prune-degenerate=never"),  # one new commit for each old one
    "--preserve-commit-hashes",  # the messages hold ids, which are not to be looked up
)

_SETTINGS = {"core.fsync": "none", "fastimport.unpackLimit": "1"}
"""What comes out is packed again, and synced then: until then no power cut can lose anything that
was there before. And a pack is quicker than a file for each object."""

_STDERR = 2


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


class Outcome(NamedTuple):
    """How it ended."""

    code: int
    """Exit status."""
    stderr: bytes
    """What it and git said; not to be shown."""


def run_in_this_process(instructions: Instructions) -> Outcome:
    """Rewrite a repository as the instructions say; nothing else can be done afterwards here."""
    settings = {"GIT_CONFIG_COUNT": str(len(_SETTINGS))}
    for number, (key, value) in enumerate(_SETTINGS.items()):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    with tempfile.TemporaryFile(dir=instructions.folder) as errors:
        be_local(instructions.folder, errors, settings)
        code, said = 0, io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                _take_out(instructions)
        except (Exception, SystemExit) as cause:  # noqa: BLE001 - of another project's code, whatever it is
            os.write(_STDERR, str(cause).encode(errors="replace"))
            code = 1
        errors.seek(0)
        return Outcome(code, errors.read())


def _take_out(instructions: Instructions) -> None:
    bad, edits = instructions.bad, instructions.edits
    bad_ids, renames = frozenset(one.encode() for one in bad), bool(edits.renamings)

    def take_out(commit: Any, _metadata: Any) -> None:
        changes = commit.file_changes  # of nearly all commits none is looked at closer
        if renames or any(change.blob_id in bad_ids for change in changes):
            commit.file_changes = [_changed(change, bad, edits) for change in changes]

    gc.disable()  # it would look through a history's worth of objects again and again, for nothing
    options = upstream.FilteringOptions.parse_args(list(OPTIONS), error_on_empty=False)
    # Set here and not with `--refs`, which would switch on another mode: history outside these
    # commits is neither read nor written, and keeps its ids and signatures.
    options.refs = [*instructions.tips, *("^" + one for one in instructions.boundary)]
    upstream.RepoFilter(options, commit_callback=take_out).run()


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
