"""The progress of whatever takes a while, and of a sweep, as bars on a terminal.

Apart from `terminal`, because most commands run where there is none and need not load what draws it.
"""

import contextlib
import math
import threading
import time
from collections.abc import Iterator
from typing import IO, Self

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from breachkit.actions.sweeping import Life, Standing, Swept
from breachkit.report import words
from breachkit.report.escape import shown
from breachkit.report.terminal import make_console


_AFTER_S = 0.5
_JUST_BEFORE_S = 0.5
_A_SECOND = 5
"""How often the lines are drawn."""
_BAR = 20
_ROOM_FOR_A_BAR = 60


class Bars:
    """A line on a terminal for what takes longer than a moment, gone when it ends.

    What is over sooner is never shown: nothing flickers. No thread but its own draws; whoever writes
    to the same terminal meanwhile does so within `aside`.
    """

    def __init__(self, stream: IO[str], *, after_s: float = _AFTER_S) -> None:
        """Draw on a terminal.

        Args:
            stream: Where.
            after_s: What is over sooner is not shown, unless something was shown just before.
        """
        console = make_console(stream)
        self._lock = threading.RLock()
        self._after_s = after_s
        self._waiting: threading.Timer | None = None
        self._is_shown = False
        self._under_way = 0
        self._shown_until = -math.inf
        self._is_wide = console.width >= _ROOM_FOR_A_BAR
        bar = (BarColumn(bar_width=_BAR),) if self._is_wide else ()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            *bar,
            TextColumn("{task.fields[told]}", markup=False, table_column=Column(no_wrap=True)),
            _Left(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            refresh_per_second=_A_SECOND,
            disable=not stream.isatty() or console.is_dumb_terminal,  # whatever FORCE_COLOR says
        )

    @contextlib.contextmanager
    def begin(self, what: str) -> Iterator["_Bar"]:
        """Show a line until the context is left."""
        task = self._progress.add_task(what, total=None, told="")
        self._change(1)
        try:
            yield _Bar(self._progress, task, is_wide=self._is_wide)
        finally:
            self._change(-1)
            self._progress.remove_task(task)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take all lines away while something else is written."""
        with self._lock:
            was_shown = self._is_shown
            self._hide()
            try:
                yield
            finally:
                if was_shown:
                    self._show()

    def _change(self, by: int) -> None:
        with self._lock:
            self._under_way += by
            if not self._under_way:
                self._hide()
            elif by > 0 and not self._is_shown and self._waiting is None:
                if time.monotonic() - self._shown_until < _JUST_BEFORE_S:
                    self._show()
                    return
                self._waiting = threading.Timer(self._after_s, self._show)
                self._waiting.daemon = True
                self._waiting.start()

    def _show(self) -> None:
        with self._lock:
            self._waiting = None
            if self._under_way and not self._is_shown:
                self._is_shown = True
                self._progress.start()

    def _hide(self) -> None:
        with self._lock:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None
            if self._is_shown:
                self._is_shown = False
                self._shown_until = time.monotonic()
                self._progress.stop()


class _Bar:
    """The line of one step."""

    def __init__(self, progress: Progress, task: TaskID, *, is_wide: bool) -> None:
        self._progress, self._task, self._is_wide = progress, task, is_wide
        self._total: int | None = None

    def tell(self, done: int, total: int | None = None, *, note: str = "") -> None:
        """Show how far it is; the time that is left is reckoned anew where the total is another."""
        if total != self._total:
            self._total = total
            self._progress.reset(self._task, total=total)
        told = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        if self._is_wide:
            told = ", ".join(filter(None, (told, note)))
        elif total:
            told = f"{done / total:.0%}"
        self._progress.update(self._task, completed=done, told=told)


class _Left(ProgressColumn):
    """How long it still takes, or how long it has taken where nobody can know."""

    def render(self, task: Task) -> Text:
        """Give one of the two."""
        left = task.time_remaining
        if left is not None and task.total:
            return Text(f"{_minutes(left)} left")
        return Text(_minutes(task.elapsed or 0))


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class SweepProgress:
    """A bar for all repositories and one for each that is being looked at; gone when the sweep ends."""

    def __init__(self, stream: IO[str]) -> None:
        """Draw on a terminal.

        Args:
            stream: Where.
        """
        console = make_console(stream)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[told]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            speed_estimate_period=_ESTIMATED_OVER_S,
            disable=not stream.isatty() or console.is_dumb_terminal,
        )
        self._longest_name = max(console.width // 3, _SHORTEST_NAME)
        self._all = self._progress.add_task("Sweeping", total=None, told="")
        self._each: dict[str, TaskID] = {}
        self._far: dict[str, float] = {}
        self._repositories = self._settled = self._new = self._failed = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def start(self, repositories: int, done: int) -> None:
        """Show how many there are, and how many were done before."""
        self._repositories, self._settled = repositories, done
        self._progress.reset(self._all, total=repositories, completed=done)  # the time starts here
        self._tell()

    def begin(self, name: str) -> None:
        """Show a bar for a repository."""
        if name not in self._each:
            told = "asking for its refs"
            self._each[name] = self._progress.add_task(f"  {self._fitting(name)}", total=None, told=told)  # fmt: skip

    def progress(self, name: str, done: int, every: int) -> None:
        """Move the bar of a repository, and with it the one for all."""
        if name in self._each and every:
            told = f"{done:,} of {words.counted(every, 'object')}"
            self._progress.update(self._each[name], completed=done, total=every, told=told)
            self._far[name] = done / every
            self._tell()

    def done(self, swept: Swept) -> None:
        """Take the bar of a repository away, and move the one for all."""
        name = swept.outcome.name
        task = self._each.pop(name, None)
        self._far.pop(name, None)
        if task is not None:
            self._progress.remove_task(task)
        self._settled += 1
        self._new += len(swept.of(Life.NEW))
        self._failed += swept.outcome.standing is Standing.FAILED
        self._tell()

    def _fitting(self, name: str) -> str:
        """Give both ends of a long name: one of them is often the same for all."""
        safe = shown(name)
        if len(safe) <= self._longest_name:
            return safe
        half = (self._longest_name - 3) // 2
        return f"{safe[:half]}...{safe[-half:]}"

    def _tell(self) -> None:
        failed = f", {self._failed:,} failed" if self._failed else ""
        told = f"{self._settled:,} of {self._repositories:,}: {self._new:,} new{failed}"
        whole = self._settled + sum(self._far.values())
        self._progress.update(self._all, completed=whole, told=told)


_SHORTEST_NAME = 16
_ESTIMATED_OVER_S = 900
"""Repositories differ so much in size that the last few say little of those to come."""
