"""Runs git-filter-repo's Python interface once, in a process of its own.

    python -m breachkit.git.filter_repo_runner INSTRUCTIONS

runs in a bare repository and takes a file of JSON: `bad` (ids of blobs), `edits` (what is put in the
place of something), `tips` (refs to rewrite), `boundary` (ids of commits that stay). It leaves
git-filter-repo's `commit-map` behind.

git-filter-repo drops a change that is filtered out, and then the version before it silently stays
in that commit; so every change that brings a bad blob becomes a deletion. Its interface makes no
promise of stability: the version is pinned.
"""

import gc
import json
import sys
from pathlib import Path
from typing import Any

import git_filter_repo as upstream

from breachkit.actions.edits import Edits, Entry
from breachkit.model.ids import GitPath, ObjectId


OPTIONS = (
    *("--force", "--quiet", "--no-gc"),
    *("--prune-empty=never", "--prune-degenerate=never"),  # one new commit for each old one
    "--preserve-commit-hashes",  # the messages hold ids, which are not to be looked up
)


def main(arguments: list[str]) -> None:
    """Rewrite the repository in the current directory as the instructions say."""
    instructions = json.loads(Path(arguments[0]).read_text(encoding="ascii"))
    bad = frozenset(map(ObjectId, instructions["bad"]))
    edits = Edits.from_json(instructions["edits"])
    bad_ids, renames = frozenset(one.encode() for one in bad), bool(edits.renamings)

    def take_out(commit: Any, _metadata: Any) -> None:
        changes = commit.file_changes  # of nearly all commits none is looked at closer
        if renames or any(change.blob_id in bad_ids for change in changes):
            commit.file_changes = [_changed(change, bad, edits) for change in changes]

    gc.disable()  # it would look through a history's worth of objects again and again, for nothing
    options = upstream.FilteringOptions.parse_args(list(OPTIONS), error_on_empty=False)
    # Set here and not with `--refs`, which would switch on another mode: history outside these
    # commits is neither read nor written, and keeps its ids and signatures.
    options.refs = [*instructions["tips"], *("^" + one for one in instructions["boundary"])]
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


if __name__ == "__main__":
    main(sys.argv[1:])
