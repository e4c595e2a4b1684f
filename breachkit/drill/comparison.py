"""Compares two histories commit by commit: what a rewrite changed, and that it is only that.

Works from git's own objects. It shares nothing with the code that rewrites or proves, so that the
two cannot be wrong together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from breachkit.drill.plaingit import Repository


_FULL_ID = re.compile(rb"\b[0-9a-f]{40}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What comparing two histories showed."""

    commits: int
    """How many pairs of commits were compared."""
    differences: tuple[str, ...]
    """What differs beyond the removal, without content; empty if nothing does."""

    @property
    def same(self) -> bool:
        """Whether there was something to compare, and nothing else differs."""
        return self.commits > 0 and not self.differences


@dataclass(frozen=True, slots=True)
class _Raw:
    headers: Mapping[bytes, tuple[bytes, ...]]
    message: bytes = field(repr=False)


def compare(
    before: Repository, after: Repository, refs: Iterable[str], removed: AbstractSet[str]
) -> Comparison:
    """Compare what `refs` name in two repositories.

    Commits are paired from the tips down: each parent with the parent in the same place. Two
    commits are the same if authors, dates and message are equal, and their files too, apart from
    those whose blob is in `removed`.

    Args:
        before: The repository as it was.
        after: The repository after the rewrite.
        refs: Full names of branches and tags.
        removed: Ids of the blobs that had to go.
    """
    old, new = before.refs(), after.refs()
    names = tuple(refs)
    lost = tuple(f"{name} is gone" for name in names if name in old and name not in new)
    there = tuple(name for name in names if name in old and name in new)
    pairs: dict[str, str] = {}
    problems = [*lost]
    for name in there:
        problems += _pair_up(before, after, (old[name], new[name]), pairs)
    problems += _compare_commits(before, after, pairs, removed)
    return Comparison(commits=len(pairs), differences=tuple(problems))


def _pair_up(
    before: Repository, after: Repository, tips: tuple[str, str], pairs: dict[str, str]
) -> Iterator[str]:
    """Walk both histories together; every commit must have one counterpart."""
    old_tip, new_tip = (_peel(repo, tip) for repo, tip in zip((before, after), tips, strict=True))
    old_parents, new_parents = _graph(before, old_tip), _graph(after, new_tip)
    waiting = [(old_tip, new_tip)]
    while waiting:
        old, new = waiting.pop()
        if old in pairs:
            if pairs[old] != new:
                yield "a commit has two counterparts"
            continue
        pairs[old] = new
        if len(old_parents[old]) != len(new_parents[new]):
            yield "a commit has another number of parents"
            continue
        waiting.extend(zip(old_parents[old], new_parents[new], strict=True))


def _peel(repository: Repository, oid: str) -> str:
    return repository.lines("rev-parse", f"{oid}^{{commit}}")[0]


def _graph(repository: Repository, tip: str) -> dict[str, list[str]]:
    lines = (line.split() for line in repository.lines("rev-list", "--parents", tip))
    return {commit: parents for commit, *parents in lines}


def _compare_commits(
    before: Repository, after: Repository, pairs: Mapping[str, str], removed: AbstractSet[str]
) -> Iterator[str]:
    numbers = {oid: b"%d" % n for n, pair in enumerate(pairs.items()) for oid in pair}
    for number, (old, new) in enumerate(pairs.items()):
        where = f"commit {number}"
        was, now = _read(before, old, numbers), _read(after, new, numbers)
        if was.message != now.message:
            yield f"{where}: another message"
        if was.headers != now.headers:
            yield f"{where}: another author, committer or date"
        yield from _compare_trees(where, _files(before, old), _files(after, new), removed)


def _read(repository: Repository, oid: str, numbers: Mapping[str, bytes]) -> _Raw:
    """Read a commit, with ids of known commits replaced by their number in the walk."""
    head, _, message = repository.git("cat-file", "commit", oid).partition(b"\n\n")
    headers: dict[bytes, tuple[bytes, ...]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key not in {b"tree", b"parent"}:
            headers[key] = (*headers.get(key, ()), value)

    def number(match: re.Match[bytes]) -> bytes:
        return numbers.get(match[0].decode(), match[0])

    return _Raw(headers, _FULL_ID.sub(number, message))


def _files(repository: Repository, commit: str) -> dict[bytes, bytes]:
    """Give every path of a commit with its mode, type and object id."""
    listing = repository.git("ls-tree", "-r", "-z", "--full-tree", commit)
    entries = (entry.partition(b"\t") for entry in listing.split(b"\0") if entry)
    return {path: what for what, _, path in entries}


def _compare_trees(
    where: str, was: Mapping[bytes, bytes], now: Mapping[bytes, bytes], removed: AbstractSet[str]
) -> Iterator[str]:
    expected = {path: what for path, what in was.items() if not _is_removed(what, removed)}
    kept = {path: what for path, what in now.items() if path in expected}
    if kept != expected:
        yield f"{where}: files changed or went that had to stay"
    if any(path not in was for path in now):
        yield f"{where}: files appeared that were not there"
    if any(_is_removed(what, removed) for what in now.values()):
        yield f"{where}: a file is still there that had to go"


def _is_removed(what: bytes, removed: AbstractSet[str]) -> bool:
    return what.split(b" ")[2].decode() in removed
