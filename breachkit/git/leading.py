"""Which refs lead to some objects: told for all of them by one walk over their history.

A commit whose files include something either gets it in itself or has it from its first parent. So
what each commit brings in, against its first parent, and who descends from whom tell it for every
ref, of which a server can have tens of thousands.
"""

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from breachkit.git.nul import split_at_nul
from breachkit.git.process import GitCommandError, run_git, stream_git
from breachkit.git.rawobjects import MissingObjectError
from breachkit.git.tag_chains import Chains, about, follow_tags
from breachkit.model.ids import ObjectId


_LOG = (
    *("log", "--stdin", "--topo-order", "--reverse", "--diff-merges=first-parent", "--root"),
    *("--raw", "-r", "-t", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
    "--format=tformat:%H %T %P",
)
_NEW_MODE, _NEW_ID = slice(8, 14), slice(56, 96)
"""Where they stand in a line of git's raw format. Source: git-diff-tree(1)."""
_SUBMODULE = b"160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What a walk over everything that some objects lead to came to."""

    is_hit: bool
    """Whether anything that was looked for is there."""
    missing: frozenset[ObjectId]
    """What should be there and is not, as far as git came."""
    is_done: bool
    """Whether git came to the end."""


def walk_from(git_dir: Path, tips: Iterable[ObjectId], wanted: Collection[ObjectId]) -> Walk:
    """Walk over everything that some objects lead to, together."""
    hit, missing = False, set[ObjectId]()
    feed = "".join(f"{tip}\n" for tip in tips).encode("ascii")
    args = ["rev-list", "--objects", "--no-object-names", "--missing=print", "--stdin"]
    with stream_git(args, git_dir=git_dir, stdin=feed, check=False) as stream:
        for line in stream.stdout:
            one = ObjectId(line.strip().decode("ascii", "replace"))
            if one.startswith("?"):
                one = ObjectId(one.removeprefix("?"))
                missing.add(one)
            hit = hit or one in wanted
    return Walk(is_hit=hit, missing=frozenset(missing), is_done=not stream.code)


def leading_to(
    git_dir: Path, values: Collection[ObjectId], wanted: Collection[ObjectId]
) -> frozenset[ObjectId]:
    """Give those of some objects that lead to any that is wanted, or are wanted themselves.

    Only where commits or folders of the history are missing, or where none seems to lead to any, does
    each take a walk of its own: who asks knows that some do, and nothing is clean by a contradiction.

    Args:
        git_dir: Where.
        values: What refs point at.
        wanted: Of any type; they need not be there.
    """
    sought = frozenset(wanted)
    with contextlib.suppress(GitCommandError, MissingObjectError):
        if found := _in_one_walk(git_dir, values, sought):
            return found
    return frozenset(one for one in values if walk_from(git_dir, [one], sought).is_hit)


def _in_one_walk(
    git_dir: Path, values: Collection[ObjectId], wanted: frozenset[ObjectId]
) -> frozenset[ObjectId]:
    chains = follow_tags(git_dir, values)
    ends = {value: _way(chains, value) for value in values}
    tips = {way[-1] for way in ends.values()}
    commits = {one for one in tips if chains.kinds.get(one) == "commit"}
    hit = wanted | _commits_with(git_dir, commits, wanted)
    hit |= {
        one for one in tips if chains.kinds.get(one) == "tree" and _tree_has(git_dir, one, wanted)
    }
    return frozenset(value for value, way in ends.items() if not hit.isdisjoint(way))


def _way(chains: Chains, value: ObjectId) -> list[ObjectId]:
    """Give a ref's value and all that is behind it, to the first object that is no tag."""
    way = [value]
    while way[-1] in chains.tags:
        way += about(chains.tags[way[-1]].data)
    if way[-1] not in chains.kinds:
        raise MissingObjectError("what a ref leads to is missing")
    return way


def _commits_with(
    git_dir: Path, tips: Collection[ObjectId], wanted: frozenset[ObjectId]
) -> set[ObjectId]:
    """Give the commits that are wanted, or have anything wanted, or descend from one that does."""
    found: set[ObjectId] = set()
    if not tips:
        return found
    feed = "".join(f"{tip}\n" for tip in sorted(tips)).encode()
    ids = frozenset(one.encode() for one in wanted)
    with stream_git(_LOG, git_dir=git_dir, stdin=feed) as stream:
        words = split_at_nul(stream.stdout.read)
        commit = ObjectId("")
        for word in words:
            start = word.find(b":", 0, 2)  # after a newline where the line of a commit is before it
            if start < 0:
                if word:
                    one, tree, *parents = word.lstrip(b"\n").decode().split(" ")
                    commit = ObjectId(one)
                    if not wanted.isdisjoint((one, tree)) or not found.isdisjoint(parents):
                        found.add(commit)
                continue
            next(words, None)
            change = word[start:]
            if change[_NEW_ID] in ids and change[_NEW_MODE] != _SUBMODULE:
                found.add(commit)
    return found


def _tree_has(git_dir: Path, tree: ObjectId, wanted: frozenset[ObjectId]) -> bool:
    listed = run_git(["ls-tree", "-r", "-t", "-z", "--full-tree", tree], git_dir=git_dir).stdout
    entries = (line.partition(b"\t")[0].split(b" ") for line in listed.split(b"\0") if line)
    return any(kind != b"commit" and one.decode() in wanted for _, kind, one in entries)
