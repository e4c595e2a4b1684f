"""Questions about objects that depend on earlier answers: put to one git process that stays open."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from breachkit.git.process import stream_git
from breachkit.git.rawobjects import RawObject, read_answer
from breachkit.model.ids import ObjectId


About = Literal["info", "contents"]
"""What is asked about an object. Source: git-cat-file(1), `--batch-command`."""

Id = TypeVar("Id", bound=str)

_AT_ONCE = 50
"""Questions fit into the smallest pipe there is, so that neither side waits for the other."""


class Questions:
    """Asks one `git cat-file --batch-command`, a few objects at a time."""

    def __init__(self, questions: BinaryIO, answers: BinaryIO) -> None:
        self._questions = questions
        self.answers = answers
        """Where the answers come from, one after the other."""

    def put(self, about: About, ids: Sequence[Id]) -> Iterator[Id]:
        """Ask about each; whoever iterates reads one answer for each before the next."""
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            with contextlib.suppress(BrokenPipeError):  # git died, so that there is no answer
                self._questions.write("".join(f"{about} {one}\n" for one in some).encode())
            yield from some

    def contents(self, ids: Sequence[ObjectId]) -> Iterator[RawObject]:
        """Read each.

        Raises:
            MissingObjectError: one is not there.
        """
        return (read_answer(self.answers) for _ in self.put("contents", ids))


@contextlib.contextmanager
def asking(git_dir: Path, *, check: bool = True) -> Iterator[Questions]:
    """Keep one git process open for questions until the context is left.

    Args:
        git_dir: The repository.
        check: Raise where git ends badly once all it said was read, as it does at a damaged object.

    Raises:
        GitCommandError: on leaving: see `check`.
    """
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb") as feed,
        os.fdopen(writing, "wb", buffering=0) as questions,
        stream_git(
            ["cat-file", "--batch-command"], git_dir=git_dir, stdin=feed, check=check
        ) as stream,
    ):
        feed.close()
        yield Questions(questions, stream.stdout)
        questions.close()
