"""Walks through `breachkit respond` at a terminal of its own, as a person does: reads, then answers.

A walk knows nothing of how the program works: it sees what is on the screen, and types. `Answers` says
what somebody types who means to get to the end; `Terminal` is what they sit at.
"""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.drill import acts
from breachkit.drill.report import CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.world import World
from breachkit.model.time import SystemClock


PROMPT = re.compile(r"(?:> |\[y/n\] )$")
"""What stands at the end of the screen where something is asked."""

_PAINT = re.compile(r"\x1b\[[?\d;]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PATIENCE_S = 90.0


class StuckError(AssertionError):
    """Nothing was asked and nothing ended in time."""


class Terminal:
    """One run of the program at a terminal of its own."""

    def __init__(
        self, args: Sequence[str | Path], env: Mapping[str, str], *, columns: int = 100
    ) -> None:
        ours, theirs = pty.openpty()
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "COLUMNS": str(columns), **env}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "breachkit", *map(str, args)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - it makes two system calls and takes no lock
        )
        os.close(theirs)
        self._end = ours
        self.seen = ""
        """Everything that was on the screen."""
        self._answered = 0

    def until_asked(self) -> str | None:
        """Give what was written since the last answer, once something is asked; None at the end."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            if not self._more():
                return None
            if PROMPT.search(self.seen[self._answered :]):
                return self.asked
        raise StuckError(self.seen[-2000:])

    @property
    def asked(self) -> str:
        """What was written since the last answer."""
        return self.seen[self._answered :]

    def answer(self, text: str) -> None:
        """Type a line."""
        self.type(f"{text}\n")

    def type(self, keys: str) -> None:
        """Press keys; `\\x03` is Ctrl-C, `\\x04` the end of the input."""
        self._answered = len(self.seen)
        os.write(self._end, os.fsencode(keys))

    def kill(self) -> None:
        """End the program at once, as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        self.ended()

    def hang_up(self) -> int:
        """Close the terminal's window."""
        os.close(self._end)
        self._end = -1
        return self.process.wait(timeout=_PATIENCE_S)

    def ended(self) -> int:
        """Read to the end and give the exit code."""
        with contextlib.suppress(StuckError):
            while self._more():
                pass
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
        return self.process.wait(timeout=_PATIENCE_S)

    def _more(self) -> bool:
        """Take what was written meanwhile; False once the other end is closed."""
        ready, _, _ = select.select([self._end], [], [], 0.2)
        if not ready:
            return True
        try:
            piece = os.read(self._end, 1 << 16)
        except OSError:  # what Linux says where the other end was closed
            return False
        self.seen += _PAINT.sub("", piece.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(piece)


def _take_terminal() -> None:
    """Make the terminal the one that controls the new session, so that Ctrl-C reaches it."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


Act = Callable[[], None]


@dataclass
class Answers:
    """What somebody types who means to get to the end, by what is on the screen."""

    world: World
    acts: dict[str, Act] = field(default_factory=dict)
    """What happens outside before a step is done, by the step's title; each happens once."""

    def to(self, screen: str) -> str:
        """Give the answer to what was asked last."""
        if titles := re.findall(r"^NEXT +(.*)$", screen, re.MULTILINE):
            act = self.acts.pop(titles[-1], None)
            if act is not None:
                act()
        for asked, answer in self.rules:
            if re.search(asked, _question(screen)):
                return answer
        raise AssertionError(f"nobody knows what to answer:\n{screen[-1500:]}")

    @property
    def rules(self) -> Sequence[tuple[str, str]]:
        """What is asked, and what is answered: the first that fits counts."""
        return (
            (r"y do it", "y"),
            (r"Open one\?", "y"),
            (r"Which file is it about", ""),
            (r"Who found it", "Ben Okafor"),
            (r"Whose contacts", ""),
            (r"Where is the file\? Its name ends", str(self.world.contacts)),
            (r"Type (\S+) to do it", "{typed}"),
            (r"Who may handle the data", ""),
            (r"Who handles the case", "Ada Hartley"),
            (r"Under which number", ""),
            (r"Who decides what is published", ""),
            (r"How do they leave\?", "1"),
            (r"Who sen", "Ada Hartley"),
            (r"Was N-\d+ (sent|handed)", "y"),
            (r"Is this meant\?", "y"),
            (r"Who does the clean-up", "Ada Hartley"),
            (r"how did the call end", "1"),
            (r"Who answered\?", "Rosa Lindqvist"),
            (r"Write to them now\?", "y"),
            (r"Going on|Go on with the next", "y"),
            (r"nobody knows of a copy", "2"),
            (r"What is known of it\?", "1"),
            (r"What shows it\?", "practice: an answer"),
            (r"Who says so\?", "Ada Hartley"),
            (r"What becomes of the backup", "2"),
            (r"Is the repository open again", "1"),
            (r"On which day|Which day", "2999-12-31"),
            (r"1  yes\n  2  no", "2"),
            (r"Was the ICO told", "1"),
            (r"Who decide", "Rosa Lindqvist"),
            (r"As whom", "dpo"),
            (r"Why\?", "practice: a reason"),
            (r"What was concluded", "practice: all is gone"),
            (r"What shows that it is done", "practice: seen"),
            (r"Which item", ""),
        )


def _question(screen: str) -> str:
    """Give the last few lines: the question that is asked, with what it is about."""
    return "\n".join(screen.rstrip("\n").splitlines()[-14:])


def answer_of(answers: Answers, screen: str) -> str:
    """Give the answer to a screen, with a name that has to be typed taken from the screen itself."""
    given = answers.to(screen)
    if given == "{typed}":
        return str(re.findall(r"Type (\S+) to do it", screen)[-1])
    return given


def outside(world: World) -> dict[str, Act]:
    """Give what others do in the course of a response, by the title of the step before which they do it."""
    scene = Scene.of(
        world, lambda _args: CommandResult(code=0, stdout="", stderr=""), SystemClock()
    )

    def others() -> None:
        for act in (acts.ask_support, acts.ask_fork_owner):
            for _line in act(scene):
                pass

    return {"Find who and what else has a copy": others}


def walk_to_the_end(terminal: Terminal, answers: Answers, *, most: int = 400) -> Iterator[str]:
    """Answer whatever is asked until the program ends; gives each screen before it is answered."""
    for _ in range(most):
        screen = terminal.until_asked()
        if screen is None:
            return
        yield screen
        terminal.answer(answer_of(answers, screen))
    raise StuckError(terminal.seen[-3000:])
