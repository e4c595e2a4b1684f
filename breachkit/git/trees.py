"""Lists the files of trees and of the index, with their whole paths."""

import os
from collections.abc import Iterable, Iterator, Mapping

from breachkit.git.nul import split_at_nul
from breachkit.git.process import GitCommandError, run_git, stream_git
from breachkit.git.refs import Ref
from breachkit.git.repository import Repository
from breachkit.model.errors import IncompleteError
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.records import dataclass


MOST_FILES = 1_000_000
"""A tree with more is not listed: trees that hold themselves many times over can have any number."""

TREE_SECONDS = 600
"""Of the processor's time: folders that hold each other many times over may hold no file at all."""


class TooManyFilesError(IncompleteError):
    """A tree has more than `MOST_FILES` files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesWithoutCommit:
    """Files that refs hold without a commit, and those of the index."""

    paths: Mapping[GitPath, frozenset[ObjectId]]
    incomplete_reason: str | None = None


def tree_entries(repository: Repository, treeish: str) -> Iterator[tuple[GitPath, ObjectId]]:
    """Give path and id of every file and link below a commit or a tree; submodules are left out.

    Raises:
        GitCommandError: a tree is missing or damaged, or takes longer than `TREE_SECONDS`.
        TooManyFilesError: it has more files than `MOST_FILES`.
    """
    args = ["ls-tree", "-r", "-z", "--full-tree", treeish]
    with stream_git(args, git_dir=repository.git_dir, cpu_s=TREE_SECONDS) as stream:
        for number, entry in enumerate(split_at_nul(stream.stdout.read)):
            if number >= MOST_FILES:
                raise TooManyFilesError(
                    f"a tree has more than {MOST_FILES:,} files: it is no honest one"
                )
            about, _, path = entry.partition(b"\t")
            _, kind, oid = about.split(b" ")
            if kind == b"blob":
                yield GitPath(path), ObjectId(oid.decode())


def index_entries(repository: Repository) -> Iterator[tuple[GitPath, ObjectId]]:
    """Give path and blob of everything in the index of every work tree, all stages of a conflict.

    Raises:
        GitCommandError: an index is damaged.
    """
    indexes = [repository.git_dir / "index", *repository.git_dir.glob("worktrees/*/index")]
    for index in indexes:
        if not index.is_file():
            continue
        listing = run_git(
            ["ls-files", "--stage", "-z"],
            git_dir=repository.git_dir,
            extra_env={"GIT_INDEX_FILE": os.fspath(index)},
        )
        for entry in listing.stdout.split(b"\0")[:-1]:
            about, _, path = entry.partition(b"\t")
            mode, oid, _ = about.split(b" ")
            if mode != b"160000":
                yield GitPath(path), ObjectId(oid.decode())


def files_without_commit(
    repository: Repository, refs: Iterable[Ref], *, index: bool
) -> FilesWithoutCommit:
    """List the files of trees that refs hold without a commit, and of the index.

    What is damaged is left out and named in the result.
    """
    paths: dict[GitPath, set[ObjectId]] = {}
    trees = {ref.peeled for ref in refs if ref.peeled is not None and ref.peeled_type == "tree"}
    sources = [tree_entries(repository, tree) for tree in sorted(trees)]
    reasons = []
    for source in [*sources, *([index_entries(repository)] if index else [])]:
        try:
            for path, oid in source:
                paths.setdefault(path, set()).add(oid)
        except (GitCommandError, TooManyFilesError):
            reasons.append("a tree that a ref holds, or the index, cannot be read to its end")
    return FilesWithoutCommit(
        paths={path: frozenset(oids) for path, oids in paths.items()},
        incomplete_reason=reasons[0] if reasons else None,
    )
