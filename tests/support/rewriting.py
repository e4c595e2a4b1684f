"""Takes a test's repository through mirror, plan and rewrite, and reads histories whole."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from breachkit.actions.edits import NO_EDITS, Edits
from breachkit.actions.rewrite import HistoryFacts, RewritePlan, plan_rewrite
from breachkit.actions.rewritten import Rewritten
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.mirror import Mirror, make_mirror
from tests.support.gitrepo import git, oid


AS_IT_IS = {"GIT_NO_REPLACE_OBJECTS": "1"}
"""Reads objects themselves, whatever replace refs say."""

BAD = b"practice,n\na,3\n"
"""What is planted in these tests."""


@dataclass(frozen=True)
class Rewrite:
    """A server, its mirror, and the history made of it."""

    server: Path
    mirror: Mirror
    facts: HistoryFacts
    plan: RewritePlan
    target: Path
    done: Rewritten

    @property
    def new_ids(self) -> dict[str, str]:
        """New commit id by old one; the same for commits that stay."""
        stay: dict[str, str] = {commit: commit for commit in self.facts.parents}
        return stay | dict(self.done.commits)

    def new_ref(self, name: bytes) -> str | None:
        """Where a ref went."""
        (ref,) = (ref for ref in self.done.refs if ref.name == name)
        return ref.new


def copy_of(result: Rewrite, folder: Path) -> Rewrite:
    """Copy server, mirror and rewritten repository, for a test that changes them."""
    for place in (result.server, result.mirror.path, result.target):
        shutil.copytree(place, folder / place.name)
    return replace(
        result,
        server=folder / result.server.name,
        mirror=replace(result.mirror, path=folder / result.mirror.path.name),
        target=folder / result.target.name,
    )


def rewrite_server(
    server: Path,
    bad: Iterable[str],
    folder: Path,
    edits: Edits = NO_EDITS,
    contents: Mapping[str, bytes] = MappingProxyType({}),
) -> Rewrite:
    """Mirror a repository, plan and rewrite."""
    mirror = make_mirror(str(server), folder / "mirror.git")
    facts = gather_facts(mirror.path, bad, edits)
    plan = plan_rewrite(facts)
    target = folder / "rewritten.git"
    return Rewrite(
        server=server,
        mirror=mirror,
        facts=facts,
        plan=plan,
        target=target,
        done=rewrite(mirror.path, plan, target, contents.__getitem__),
    )


def blob_at(repository: Path, commit: str, path: bytes) -> str:
    """Give the id of the blob a commit has at a path."""
    return files(repository, commit)[path][1]


def files(repository: Path, treeish: str) -> dict[bytes, tuple[bytes, str]]:
    """Give mode and id of everything in a tree, by path."""
    listed = git(repository, "ls-tree", "-r", "-z", "--full-tree", treeish, env=AS_IT_IS)
    lines = (line.split(b"\t", 1) for line in listed.split(b"\0") if line)
    return {path: (about.split()[0], about.split()[2].decode()) for about, path in lines}


def without(
    tree: dict[bytes, tuple[bytes, str]], bad: Iterable[str]
) -> dict[bytes, tuple[bytes, str]]:
    """Give a listing without some blobs."""
    unwanted = set(bad)
    return {path: entry for path, entry in tree.items() if entry[1] not in unwanted}


def objects(repository: Path) -> set[str]:
    """Give the id of every object in a repository."""
    command = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]
    return set(git(repository, *command).decode().split())


def raw(repository: Path, object_id: str, kind: str = "commit") -> bytes:
    """Give the bytes of an object."""
    return git(repository, "cat-file", kind, object_id)


def commit_raw(repository: Path, data: bytes, ref: str) -> str:
    """Write a commit with exactly these bytes and point a ref at it."""
    made = git(
        repository, "hash-object", "-w", "-t", "commit", "--stdin", "--literally", stdin=data
    )
    git(repository, "update-ref", ref, made.decode().strip())
    return oid(repository, ref)
