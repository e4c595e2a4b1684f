"""Where annotated tags lead, however many are about one another: all through one git process.

A tag can be about a tag, thousands deep. What each is about is known only once it is read, and a
process for each level would take a stranger's tags minutes.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from breachkit.git.process import stream_git
from breachkit.git.rawobjects import (
    Kind,
    MissingObjectError,
    RawObject,
    as_kind,
    parse,
    read_answer,
)
from breachkit.model.ids import ObjectId, is_object_id


_AT_ONCE = 50
"""Questions fit into the smallest pipe there is, so that neither side waits for the other."""


@dataclass(frozen=True, slots=True)
class Chains:
    """Some objects, and all that tags among them lead to."""

    kinds: dict[ObjectId, Kind] = field(default_factory=dict)
    """What each is; what is missing is not here."""
    tags: dict[ObjectId, RawObject] = field(default_factory=dict)
    """Those of them that are tags."""


def follow_tags(git_dir: Path, starts: Iterable[ObjectId]) -> Chains:
    """Tell what some objects are, and follow those that are annotated tags to their ends.

    Raises:
        MissingObjectError: one is there and cannot be read.
    """
    chains = Chains()
    waiting = list(dict.fromkeys(starts))
    if not waiting:
        return chains
    with _asked(git_dir) as ask:
        while waiting:
            found = ask.kinds(waiting)
            tags = [one for one, kind in found.items() if kind == "tag"]
            read = {tag.id: tag for tag in ask.contents(tags)}
            chains.kinds.update(found)
            chains.tags.update(read)
            inner = dict.fromkeys(one for tag in read.values() for one in about(tag.data))
            waiting = [one for one in inner if one not in chains.kinds]
    return chains


def about(tag: bytes) -> tuple[ObjectId, ...]:
    """Give what a tag says it is about; of one that git wrote it is one object."""
    named = (value.decode("ascii", "replace") for value in parse(tag).values(b"object"))
    return tuple(ObjectId(one) for one in named if is_object_id(one))


class _Asker:
    """Asks one `git cat-file --batch-command`, a few objects at a time."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions = questions
        self._answers = answers

    def kinds(self, ids: Sequence[ObjectId]) -> dict[ObjectId, Kind]:
        """Give the kind of each that is there."""
        kinds: dict[ObjectId, Kind] = {}
        for one in self._put("info", ids):
            match self._answers.readline().split():
                case [_, kind, _]:
                    kinds[one] = as_kind(kind)
                case [_, b"missing"]:
                    continue
                case _:
                    raise MissingObjectError("a tag or what it is about is damaged")
        return kinds

    def contents(self, ids: Sequence[ObjectId]) -> Iterator[RawObject]:
        """Read each."""
        return (read_answer(self._answers) for _ in self._put("contents", ids))

    def _put(self, command: str, ids: Sequence[ObjectId]) -> Iterator[ObjectId]:
        """Ask about each; whoever iterates reads one answer for each."""
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            with contextlib.suppress(BrokenPipeError):  # git died, so that there is no answer
                self._questions.write("".join(f"{command} {one}\n" for one in some).encode())
            yield from some


@contextlib.contextmanager
def _asked(git_dir: Path) -> Iterator[_Asker]:
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb") as feed,
        os.fdopen(writing, "wb", buffering=0) as questions,
        stream_git(["cat-file", "--batch-command"], git_dir=git_dir, stdin=feed) as stream,
    ):
        feed.close()
        yield _Asker(questions, stream.stdout)
        questions.close()
