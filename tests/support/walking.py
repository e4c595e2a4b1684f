"""Walks through `breachkit respond` at a terminal of its own, as a person does: reads, then answers.

A walk knows nothing of how the program works: it sees what is on the screen, and types. `Answers` says
what somebody types who means to get to the end; `Terminal` is what they sit at; an `Office` has as many
terminals as are wanted, each in a process of its own that begins at once.
"""

import contextlib
import hashlib
import json
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
from typing import Self

from breachkit.drill import acts
from breachkit.drill.report import CommandResult
from breachkit.drill.stage import Scene
from breachkit.drill.world import World
from breachkit.model.time import SystemClock


PROMPT = re.compile(r"(?:> |\[y/n\] )$")
"""What stands at the end of the screen where something is asked."""

CTRL_C, CTRL_D = "\x03", "\x04"

_PAINT = re.compile(r"\x1b\[[?\d;]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PATIENCE_S = 90.0
_IN_CIRCLES = 12
"""So often nothing else is asked than the same, where there is no way on."""

_OFFICE = """
import json, os, sys, time
import breachkit.cli.app, breachkit.cli.contents
import breachkit.workflows.respond, breachkit.workflows.respond_opening, breachkit.workflows.respond_walk
import breachkit.github.hosting, breachkit.report.terminal
for entry in breachkit.cli.contents.ENTRIES.values():
    __import__(f"breachkit.cli.{entry.room}")

wait = time.sleep
breachkit.cli.hosting.sleep = lambda seconds: wait(min(seconds, 0.01))  # a stand-in needs no pause

def sit(order):
    os.setsid()
    terminal = os.open(order["tty"], os.O_RDWR)  # whoever leads a session gets the first one it opens
    for number in (0, 1, 2):
        os.dup2(terminal, number)
    os.close(terminal)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    os.environ.clear()
    os.environ.update(order["env"])
    code = breachkit.cli.app.main(order["args"])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass
    os._exit(code)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            sit(json.loads(line))
        finally:
            os._exit(99)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class StuckError(AssertionError):
    """Nothing was asked and nothing ended in time."""


class Office:
    """Has the program loaded, so that each run of it begins at once in a process of its own."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = {"PATH": os.environ["PATH"], "TERM": "dumb", **env}
        self.terminals: list[Terminal] = []
        """All that were begun."""
        self._keeper = subprocess.Popen(
            [sys.executable, "-c", _OFFICE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._end_all()
        self._keeper.stdin.close()
        self._keeper.wait(timeout=_PATIENCE_S)
        self._keeper.stdout.close()

    @contextlib.contextmanager
    def as_user(self, env: Mapping[str, str]) -> Iterator[None]:
        """Let whoever sits down have this set; whatever still runs in the end is ended."""
        before = self.env
        self.env = {**before, **env}
        try:
            yield
        finally:
            self.env = before
            self._end_all()

    def _end_all(self) -> None:
        for terminal in self.terminals:
            if terminal.code is None:
                terminal.kill()
        self.terminals.clear()

    def begin(self, tty: str, args: Sequence[str], env: Mapping[str, str]) -> int:
        """Run the program at a terminal, and give the number of its process."""
        assert self._keeper.stdin is not None
        order = {"tty": tty, "args": list(args), "env": {**self.env, **env}}
        self._keeper.stdin.write(json.dumps(order) + "\n")
        self._keeper.stdin.flush()
        return int(self._said())

    def ended(self) -> int:
        """Wait for the run that was begun last, and give its exit code; below 0 a signal ended it."""
        return int(self._said())

    def _said(self) -> str:
        assert self._keeper.stdout is not None
        return self._keeper.stdout.readline()


class Terminal:
    """One run of the program at a terminal of its own."""

    def __init__(self, office: Office, *args: str | Path, columns: int = 100, **env: str) -> None:
        self._office = office
        self._end, self._theirs = pty.openpty()
        words = [str(arg) for arg in args]
        environment = {"COLUMNS": str(columns), **env}
        self.process = office.begin(os.ttyname(self._theirs), words, environment)
        self.seen = ""
        """Everything that was on the screen."""
        self._answered = 0
        self.code: int | None = None
        """How it ended; None while it runs."""
        office.terminals.append(self)

    def until_asked(self) -> str | None:
        """Give what was written since the last answer, once something is asked; None at the end."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            alive = self._more()
            if PROMPT.search(self.asked):
                return self.asked
            if not alive:
                return None
        raise StuckError(self.seen[-2000:])

    @property
    def asked(self) -> str:
        """What was written since the last answer."""
        return self.seen[self._answered :]

    def answer(self, text: str) -> None:
        """Type a line."""
        self.press(f"{text}\n")

    def press(self, keys: str) -> None:
        """Press keys, `CTRL_C` and `CTRL_D` among them."""
        self._answered = len(self.seen)
        os.write(self._end, os.fsencode(keys))

    def kill(self) -> int:
        """End the program at once, as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        return self.ended()

    def hang_up(self) -> int:
        """Close the terminal's window."""
        self._close()
        return self._over()

    def ended(self) -> int:
        """Read to the end and give the exit code."""
        while self._more():
            pass
        self._close()
        return self._over()

    def _over(self) -> int:
        if self.code is None:
            self.code = self._office.ended()
        return self.code

    def _close(self) -> None:
        for name in ("_end", "_theirs"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def _more(self) -> bool:
        """Take what was written meanwhile; False once the other end is closed."""
        if self._theirs >= 0 and self._is_theirs():
            os.close(self._theirs)  # it has it open itself by now, so that its end is seen here
            self._theirs = -1
        ready, _, _ = select.select([self._end], [], [], 0.1)
        if not ready:
            return True
        try:
            piece = os.read(self._end, 1 << 16)
        except OSError:  # what Linux says where the other end was closed
            return False
        self.seen += _PAINT.sub("", piece.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(piece)

    def _is_theirs(self) -> bool:
        """Say whether the program has begun to write, or is gone."""
        ready, _, _ = select.select([self._end], [], [], 0)
        return bool(ready) or not Path(f"/proc/{self.process}").exists()


Act = Callable[[], None]


@dataclass
class Answers:
    """What somebody types who means to get to the end, by what is on the screen."""

    contacts: str
    """A file with contacts, or a profile."""
    acts: dict[str, Act] = field(default_factory=dict)
    """What happens outside before a step is done, by the step's title; each happens once."""
    instead: dict[str, str] = field(default_factory=dict)
    """What is answered otherwise, by what is asked: a regular expression for the end of the screen."""

    def to(self, screen: str) -> str:
        """Give the answer to what was asked last."""
        if titles := re.findall(r"^NEXT +(.*)$", screen, re.MULTILINE):
            act = self.acts.pop(titles[-1], None)
            if act is not None:
                act()
        for asked, answer in (*self.instead.items(), *_RULES):
            wrapped = asked.replace(" ", r"\s+")  # wherever a long path before it breaks the line
            if re.search(wrapped, _question(screen)):
                return self._typed(answer, screen)
        raise AssertionError(f"nobody knows what to answer:\n{screen[-1500:]}")

    def _typed(self, answer: str, screen: str) -> str:
        if answer == "{typed}":
            return str(re.findall(r"Type (\S+) to do it", screen)[-1])
        return answer.format(contacts=self.contacts)


_RULES = (
    (r"y do it", "y"),
    (r"Open one\?", "y"),
    (r"Which file is it about", ""),
    (r"Who found it", "Ben Okafor"),
    (r"Whose contacts .*\n(?:.*\n)*.*a file of my own", "4"),
    (r"Where is the file\? Its name ends", "{contacts}"),
    (r"Type (\S+) to do it", "{typed}"),
    (r"Who may handle the data", ""),
    (r"Who handles the case", "Ada Hartley"),
    (r"Under which number", ""),
    (r"Who decides what is published", ""),
    (r"How do they leave\?", "1"),
    (r"Who runs the server", "2"),
    (r"Who sen", "Ada Hartley"),
    (r"Was N-\d+ (sent|handed)", "y"),
    (r"Is this meant\?", "y"),
    (r"Do it\?", "y"),
    (r"Is it done, and", "y"),
    (r"asked to stop in another way", "y"),
    (r"Who does the clean-up", "Ada Hartley"),
    (r"how did the call end", "1"),
    (r"Who answered\?", "Rosa Lindqvist"),
    (r"Write to them now\?", "y"),
    (r"Go on with the next", "y"),
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
"""What is asked, and what is answered: the first that fits counts."""


def _question(screen: str) -> str:
    """Give the question that is asked, with what it is about: from the last command or answer on."""
    lines = screen.rstrip("\n").splitlines()[-9:]
    starts = [number for number, line in enumerate(lines) if not line.strip()]
    return "\n".join(lines[starts[-1] if starts else 0 :])


def question_of(screen: str) -> str:
    """Give what tells one question from another, without numbers, names of messages and of copies."""
    titles = re.findall(r"^NEXT +(.*)$", screen, re.MULTILINE)
    asked = "\n".join(screen.rstrip("\n").splitlines()[-2:])
    plain = re.sub(r"[NKF]-\d+|BK-[\w-]+|\d+|/\S+|to \w+\?", "#", asked)
    return f"{titles[-1]}: y do it" if titles and "y do it" in asked else plain


def outside(world: World) -> dict[str, Act]:
    """Give what others do in the course of a response, by the title of the step before which they do it."""
    nothing = CommandResult(code=0, stdout="", stderr="")
    scene = Scene.of(world, lambda _args: nothing, SystemClock())

    def others() -> None:
        for act in (acts.ask_support, acts.ask_fork_owner):
            for _line in act(scene):
                pass

    return {"Find who and what else has a copy": others}


def walked(terminal: Terminal, answers: Answers, *, most: int = 400) -> Iterator[str]:
    """Answer whatever is asked until the program ends; gives each screen before it is answered."""
    before: list[str] = []
    for _ in range(most):
        screen = terminal.until_asked()
        if screen is None:
            return
        before.append(question_of(screen))
        if len(before) > _IN_CIRCLES and len(set(before[-_IN_CIRCLES:])) == 1:
            break
        yield screen
        terminal.answer(answers.to(screen))
    raise StuckError(terminal.seen[-3000:])


def everything_in(folder: Path) -> dict[str, str]:
    """Give every file under a folder with a digest of what is in it, and every folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(FileNotFoundError):
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            found[name] = "-"
    return found
