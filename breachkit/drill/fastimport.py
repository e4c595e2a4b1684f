"""Write a history in git's fast-import format: the whole practice study in one process.

Source: git-fast-import(1), "Input format".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType


Mark = NewType("Mark", int)
"""A commit inside one stream, before it has an id."""

SCAFFOLD = "refs/heads/being-built"
"""The branch that commits are written on; to be deleted once the real refs exist."""

Tree = Mapping[str, bytes]
"""The files of a commit: path to content. Those called `.sh` can be executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or committer; the address is always one of example.org."""

    name: str
    email: str

    @property
    def ident(self) -> str:
        """The form that git writes."""
        return f"{self.name} <{self.email}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody commits on top of the first parent."""

    message: str
    author: Person
    when: datetime
    write: Tree = field(default_factory=dict)
    delete: Sequence[str] = ()
    committer: Person | None = None
    """None where the author commits."""


class History:
    """Collects commits and refs, and knows the files of each commit while it grows."""

    def __init__(self) -> None:
        self._stream: list[bytes] = []
        self._trees: dict[Mark, dict[str, bytes]] = {}
        self._blobs: dict[bytes, int] = {}
        self._next = 1

    def commit(self, change: Change, *parents: Mark) -> Mark:
        """Add a commit on top of its parents and give its mark; without parents it is a root."""
        marks = {path: self._blob(content) for path, content in change.write.items()}
        mark = Mark(self._take_number())
        self._write(f"commit {SCAFFOLD}", f"mark :{mark}")
        self._people(change)
        self._data(change.message.encode())
        self._parents(parents)
        self._files(marks, change.delete)
        tree = dict(self._trees[parents[0]]) if parents else {}
        tree.update(change.write)
        self._trees[mark] = {path: tree[path] for path in tree if path not in change.delete}
        return mark

    def merge(self, change: Change, into: Mark, other: Mark, base: Mark) -> Mark:
        """Add a merge commit that brings what `other` changed since `base`."""
        before, after = self._trees[base], self._trees[other]
        brought = {path: text for path, text in after.items() if before.get(path) != text}
        gone = tuple(path for path in before if path not in after)
        whole = replace(change, write={**brought, **change.write}, delete=(*gone, *change.delete))
        return self.commit(whole, into, other)

    def ref(self, name: str, mark: Mark) -> None:
        """Let a ref name a commit."""
        self._write(f"reset {name}", f"from :{mark}", "")

    def tag(self, name: str, mark: Mark, change: Change) -> None:
        """Add an annotated tag on a commit."""
        when = _git_time(change.when)
        self._write(f"tag {name}", f"from :{mark}", f"tagger {change.author.ident} {when}")
        self._data(change.message.encode())

    def take(self) -> bytes:
        """Give what was written since the last call, ready for `git fast-import --done`."""
        written, self._stream = self._stream, []
        return b"".join((*written, b"done\n"))

    def _take_number(self) -> int:
        self._next += 1
        return self._next - 1

    def _blob(self, content: bytes) -> int:
        if content not in self._blobs:
            self._blobs[content] = self._take_number()
            self._write("blob", f"mark :{self._blobs[content]}")
            self._data(content)
        return self._blobs[content]

    def _people(self, change: Change) -> None:
        committer = change.committer or change.author
        self._write(f"author {change.author.ident} {_git_time(change.when)}")
        self._write(f"committer {committer.ident} {_git_time(change.when)}")

    def _parents(self, parents: Sequence[Mark]) -> None:
        words = ("from", *("merge" for _ in parents[1:]))
        self._write(*(f"{word} :{mark}" for word, mark in zip(words, parents, strict=False)))
        if not parents:
            self._write("deleteall")

    def _files(self, marks: Mapping[str, int], delete: Sequence[str]) -> None:
        self._write(*(f"M {_mode(path)} :{number} {path}" for path, number in marks.items()))
        self._write(*(f"D {path}" for path in delete), "")

    def _data(self, content: bytes) -> None:
        self._write(f"data {len(content)}")
        self._stream.append(content + b"\n")

    def _write(self, *lines: str) -> None:
        self._stream.extend(f"{line}\n".encode() for line in lines)


def _mode(path: str) -> str:
    return "100755" if path.endswith(".sh") else "100644"


def _git_time(when: datetime) -> str:
    return f"{int(when.timestamp())} {when:%z}"
