"""What a list for clones is made of: the bad files' content, and what a rewrite took away."""

from collections.abc import Collection, Iterable
from pathlib import Path

from breachkit.git.process import stream_git
from breachkit.git.rawobjects import present_objects, read_objects
from breachkit.git.treemaker import EMPTY_TREE
from breachkit.model.ids import ObjectId


MAX_CONTENT = 64 << 20
"""A larger file (in bytes) is looked for as it is, not with other line ends."""


def contents_of(repository: Path, ids: Iterable[ObjectId]) -> dict[ObjectId, bytes]:
    """Give the content of those of the files that are there."""
    sizes = _sizes(repository, present_objects(repository, ids))
    wanted = sorted(one for one, size in sizes.items() if size <= MAX_CONTENT)
    return {each.id: each.data for each in read_objects(repository, wanted)}


def removed_objects(before: Path, after: Collection[ObjectId]) -> frozenset[ObjectId]:
    """Give the commits, trees and tags of a repository that another one does not have.

    Args:
        before: The mirror of the server as it was.
        after: Everything in the rewritten repository.
    """
    args = ["cat-file", "--batch-all-objects", "--buffer"]
    args.append("--batch-check=%(objectname) %(objecttype)")
    with stream_git(args, git_dir=before) as stream:
        pairs = (line.decode().split() for line in stream.stdout)
        kept = {ObjectId(one) for one, kind in pairs if kind != "blob"}
    return frozenset(kept.difference(after, {EMPTY_TREE}))


def _sizes(repository: Path, ids: Iterable[ObjectId]) -> dict[ObjectId, int]:
    feed = "".join(f"{one}\n" for one in sorted(ids)).encode("ascii")
    args = ["cat-file", "--buffer", "--batch-check=%(objectname) %(objectsize)"]
    with stream_git(args, git_dir=repository, stdin=feed) as stream:
        pairs = (line.decode().split() for line in stream.stdout)
        return {ObjectId(one): int(size) for one, size in pairs}
