"""What a whole history sums up to: id, tree and parents of every commit, whatever server it comes from."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from breachkit.actions.rewritten import HistoryDigest
from breachkit.git.process import stream_git
from breachkit.model.ids import ObjectId


_LOG = ("log", "--format=tformat:%H %T %P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """The commits that the refs of a repository reach."""

    git_dir: Path
    lines: Mapping[ObjectId, bytes] = field(repr=False)
    """Id, tree and parents of each, as one line, by the id."""

    @classmethod
    def read(cls, git_dir: Path) -> Self:
        """Read them all."""
        with stream_git([*_LOG, "--all"], git_dir=git_dir) as stream:
            lines = {ObjectId(line[:40].decode()): line for line in stream.stdout}
        return cls(git_dir=git_dir, lines=lines)

    def digest(self, tips: Collection[ObjectId]) -> HistoryDigest:
        """Give what `history_digest` gives; git is asked again only where a tip is a tag or no commit at all."""
        if not self.lines.keys() >= set(tips):
            return history_digest(self.git_dir, tips)
        found: set[ObjectId] = set()
        waiting = list(tips)
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                _, _, *parents = self.lines[one].decode().split()
                waiting += map(ObjectId, parents)
        return _digest([self.lines[one] for one in found])


def history_digest(git_dir: Path, tips: Iterable[ObjectId]) -> HistoryDigest:
    """Sum up all commits that can be reached from some objects: id, tree and parents of each."""
    asked = "".join(f"{tip}\n" for tip in sorted(set(tips))).encode()
    if not asked:  # without a revision git would take HEAD
        return _digest([])
    with stream_git([*_LOG, "--stdin"], git_dir=git_dir, stdin=asked) as stream:
        return _digest(list(stream.stdout))


def _digest(lines: list[bytes]) -> HistoryDigest:
    lines.sort()
    return HistoryDigest(commits=len(lines), sha256=hashlib.sha256(b"".join(lines)).hexdigest())
