"""Tells the drill to a person: plain lines that also read well in a pipe, a log or a screen reader."""

import re
import shlex
import textwrap
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from breachkit.drill.recover import PREFIX
from breachkit.drill.report import DrillReport, StepResult, Tell
from breachkit.report.fitting import fitted


WIDTH = 78
"""Longest line of the narration's own words, in characters."""

SHOWN_LINES = 24
"""A longer output is cut in the middle, to this many lines."""

_KEPT_AT_THE_END = 6

_WHY = re.compile(r"(?<=\n {6})\S.*(?:\n {6}\S.*)+\Z")
"""The last lines of what a command says: why the next one is next."""

_OPTIONS = re.compile(r" (?=--[a-z])")
"""Where a command can be broken; no story has such a thing inside quotes."""

_AS_IT_IS = ("$", " ", PREFIX)
"""Lines of a demonstration that begin so are no prose: commands, what they print, practice data."""

OUTPUT_WIDTH = 76
"""For what commands write, in columns: with the margin before it, that fills a terminal of 80."""

_OFTEN = 78
"""Texts are often broken for a terminal that is no narrower than this."""


class Narrator:
    """Writes the narration, line by line, through `tell`."""

    def __init__(
        self, tell: Tell, folder: Path, steps: int, *, opening: str = "", ending: str = ""
    ) -> None:
        """Start a narration.

        Args:
            tell: Takes each line.
            folder: The world's folder; it is shown as `$DRILL`.
            steps: How many steps there will be.
            opening: How it begins.
            ending: What is true at the end if every proof held.
        """
        self._tell = tell
        self._folder = str(folder)
        self._steps = steps
        self._opening = opening
        self._ending = ending
        self._number = 0

    def begin(self) -> None:
        """Say what is about to happen, and that nothing of it is real."""
        self._paragraph(f"FIRE DRILL. {self._opening}")
        self._paragraph(
            "Everything below is practice: invented people and data, servers on this machine "
            "alone. The commands are the real ones."
        )
        self._tell(f"  DRILL={self._folder}")

    def step(self, title: str, words: str) -> None:
        """Begin a step."""
        self._number += 1
        self._tell("")
        self._tell(f"[{self._number}/{self._steps}] {title}")
        self._paragraph(words)

    def command(self, line: str) -> None:
        """Show a command as it is typed, a long one over several lines that can be pasted."""
        for number, part in enumerate(_typed_lines(line)):
            self._tell(f"      {part}" if number else f"  $ {part}")

    def output(self, text: str) -> None:
        """Show what a command wrote, indented, its middle cut out if it is long."""
        written = _joined(self.shorten(text).rstrip().lstrip("\n"))
        for line in cut([*_fitted(written)]) if written else ():
            self._tell(f"  | {line}".rstrip())

    def demonstrate(self, lines: Iterable[str]) -> None:
        """Show lines of the drill's own making."""
        for line in map(self.shorten, lines):
            if line.startswith(_AS_IT_IS):
                self._tell(f"  {line}")
            else:
                self._paragraph(line)

    def outcome(self, result: StepResult) -> None:
        """Say what was proved, what was not, and how long it took."""
        for check in result.checks:
            if check.ok:
                self._paragraph(f"proved: {check.name}")
        for failure in result.failures():
            self._paragraph(f"FAILED: {failure}")
        code = "" if result.exit_code is None else f"exit code {result.exit_code}, "
        self._tell(f"  ({code}{result.seconds:.1f} s)")

    def end(self, report: DrillReport) -> None:
        """Say how it went, in all."""
        proofs = [check for step in report.steps for check in step.checks]
        self._tell("")
        if report.ok:
            self._paragraph(
                f"DRILL PASSED: {len(report.steps)} steps and {len(proofs)} proofs in "
                f"{report.seconds:.0f} seconds. {self._ending}"
            )
            return
        failed = [step for step in report.steps if not step.ok]
        self._paragraph(
            f"DRILL FAILED after {report.seconds:.0f} seconds: {len(failed)} of "
            f"{len(report.steps)} steps did not go as they must."
        )
        for step in failed:
            for failure in step.failures():
                self._paragraph(f"{step.title}: {failure}")

    def typed(self, words: Sequence[str]) -> str:
        """Write a command as a person types it, with the world's folder as `$DRILL`."""
        stand_in = "DRILL-FOLDER"  # needs no quotes, so that the shell still sees the variable
        line = shlex.join(word.replace(self._folder, stand_in) for word in words)
        return line.replace(stand_in, "$DRILL")

    def shorten(self, text: str) -> str:
        """Write the world's folder as `$DRILL`."""
        return text.replace(self._folder, "$DRILL")

    def _paragraph(self, words: str) -> None:
        if words:
            for line in textwrap.wrap(words, WIDTH - 2, break_long_words=False):
                self._tell(f"  {line}")


def _fitted(text: str) -> Iterator[str]:
    """Break long lines once: what is left of one goes to the next, where that went on with it."""
    lines = deque(text.split("\n"))
    while lines:
        line = lines.popleft()
        *whole, rest = fitted(line, OUTPUT_WIDTH)
        if whole and lines and _went_on(line, rest, lines[0]):
            begins = lines[0][: _indent(lines[0])]
            lines[0] = f"{begins}{rest.lstrip()} {lines[0].lstrip()}"
            yield from whole
        else:
            yield from (*whole, rest)


def _went_on(line: str, rest: str, following: str) -> bool:
    """Say whether a line was broken because the first word of the next had no room in it."""
    word = next(iter(following.split(maxsplit=1)), "")
    no_room = bool(word) and len(f"{line} {word}") > _OFTEN
    under = _indent(following) == _indent(rest)
    beside = _indent(following) == _indent(line) and word[:1].islower()
    return no_room and (under or beside)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(text: str) -> str:
    """Join why the next command is next, which may have been broken for another width."""
    return _WHY.sub(lambda why: " ".join(why.group().split("\n      ")), text)


def _typed_lines(command: str) -> Iterator[str]:
    """Break a command before its options, with a backslash, where it is too long for a line."""
    line = ""
    for part in _OPTIONS.split(command):
        if line and len(f"{line} {part}") > WIDTH - 8:
            yield f"{line} \\"
            line = part
        else:
            line = f"{line} {part}".lstrip()
    yield line


def cut(lines: Sequence[str]) -> Iterator[str]:
    """Give lines without the middle where there are more than `SHOWN_LINES`."""
    if len(lines) <= SHOWN_LINES:
        yield from lines
        return
    head = SHOWN_LINES - _KEPT_AT_THE_END - 1
    yield from lines[:head]
    yield f"... {len(lines) - head - _KEPT_AT_THE_END} more lines ..."
    yield from lines[-_KEPT_AT_THE_END:]
