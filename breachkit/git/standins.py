"""Stand-ins: plain commits with the files of others, as git-filter-repo can take them in.

git-filter-repo, and the export format of git that it reads, lose extra headers, put the committer in
place of an empty author, and stop at identities, dates and messages that old tools or a hostile
hand wrote. And it takes its time for every commit it is given. So it gets only those whose files
change, cut off from the rest of the history.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from breachkit.git.questions import asking
from breachkit.git.rawobjects import Kind, RawObject, object_id, parse, write_objects
from breachkit.model.ids import ObjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIns:
    """The stand-ins of some commits."""

    by_id: dict[ObjectId, ObjectId]
    """By the id of the commit each stands for, parents first."""
    boundary: tuple[ObjectId, ...]
    """Stand-ins, without parents of their own, of the parents whose files stay as they are."""
    tips: tuple[ObjectId, ...]
    """Stand-ins on which no other builds."""


class _Files(NamedTuple):
    """What a stand-in takes from its commit."""

    trees: tuple[bytes, ...]
    parents: tuple[ObjectId, ...]


def write_stand_ins(git_dir: Path, commits: Iterable[ObjectId]) -> StandIns:
    """Write a stand-in for each commit, with the same tree, upon those of its parents.

    A parent that is not among the commits is cut off from what is above it, which may well be one
    that is: a file can go and come again.

    Args:
        git_dir: A repository that has them, which gets the stand-ins.
        commits: The commits, parents first.
    """
    ids: dict[ObjectId, ObjectId] = {}
    made: list[tuple[Kind, bytes]] = []
    with asking(git_dir) as ask:
        wanted = {old.id: _files(old) for old in ask.contents(tuple(commits))}
        parents = dict.fromkeys(one for files in wanted.values() for one in files.parents)
        above = [one for one in parents if one not in wanted]
        for old in ask.contents(above):
            _stand_in(old.id, _files(old).trees, (), ids, made)
    for one, files in wanted.items():
        _stand_in(one, files.trees, [ids[parent] for parent in files.parents], ids, made)
    write_objects(git_dir, made, lasting=False)
    return StandIns(
        by_id={one: ids[one] for one in wanted},
        boundary=tuple(ids[one] for one in above),
        tips=tuple(ids[one] for one in wanted if one not in parents),
    )


def _files(commit: RawObject) -> _Files:
    parsed = parse(commit.data)
    parents = (ObjectId(parent.decode()) for parent in parsed.values(b"parent"))
    return _Files(tuple(parsed.values(b"tree")), tuple(parents))


def _stand_in(
    old: ObjectId,
    trees: Iterable[bytes],
    parents: Collection[ObjectId],
    ids: dict[ObjectId, ObjectId],
    made: list[tuple[Kind, bytes]],
) -> None:
    """Make one; its message is the id it stands for, so that no two are the same."""
    lines = [
        *(b"tree " + tree for tree in trees),
        *(b"parent " + parent.encode() for parent in parents),
        *(role + b" breachkit <> 0 +0000" for role in (b"author", b"committer")),
    ]
    data = b"\n".join([*lines, b"", old.encode(), b""])
    ids[old] = object_id("commit", data)
    made.append(("commit", data))
