"""A person who practises by hand: types commands in a practice that is served, in this process."""

import contextlib
import io
import json
import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from breachkit.cli.app import main
from breachkit.drill.practice import Practice
from breachkit.drill.practice_post import Post
from breachkit.drill.practice_serving import serving
from breachkit.drill.practice_session import begin
from breachkit.model.time import SystemClock


CLOCK = SystemClock()


class ByHand:
    """Whoever sits in front of a practice."""

    def __init__(self, folder: Path, scenario: str | None = None) -> None:
        self.practice: Practice = begin(folder, scenario, CLOCK)
        self.said = ""

    @contextlib.contextmanager
    def sitting(self) -> Iterator[None]:
        """Serve the practice, with its settings in the environment, until this ends."""
        before = dict(os.environ)
        os.environ.update({**self.practice.environment, "COLUMNS": "80"})
        try:
            with serving(self.practice, CLOCK):
                yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def types(self, line: str, *, code: int = 0) -> str:
        """Type a command, insist on its exit code, and give what it wrote as its result."""
        words = shlex.split(line)
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            ended = main(words)
        self.said = out.getvalue() + errors.getvalue()
        assert ended == code, f"breachkit {line}\n{self.said}"
        return out.getvalue()

    def waits_for(self, *wanted: str) -> None:
        """Wait until there are answers with these words in their subjects, or from these people."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            answers = [one for one in Post(self.practice.world).letters() if one.is_answer]
            there = [f"{one.sender} {one.subject}" for one in answers]
            if all(any(words in each for each in there) for words in wanted):
                return
            time.sleep(0.02)
        raise AssertionError(f"nothing came about {wanted}")

    def score(self, *, code: int = 8) -> dict[str, Any]:
        """Have the practice scored."""
        read: dict[str, Any] = json.loads(
            self.types(f"drill check {self.practice.folder} --json", code=code)
        )
        return read

    def states(self) -> dict[str, str]:
        """Give how each lesson stands."""
        return {one["id"]: one["state"] for one in self.score()["lessons"]}

    def mistakes(self) -> set[str]:
        """Give which mistakes are on the record."""
        return {one["id"] for one in self.score()["mistakes"]}
