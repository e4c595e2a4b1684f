"""The progress of a scan, or of many, as bars on a terminal.

Apart from `terminal`, because most scans run where there is none and need not load what draws it.
"""

from typing import IO, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from breachkit.actions.sweeping import Life, Standing, Swept
from breachkit.report import words
from breachkit.report.escape import shown
from breachkit.report.terminal import make_console


class TerminalProgress:
    """A bar on a terminal, gone when the scan ends; silent anywhere else. A context manager."""

    def __init__(self, stream: IO[str], what: str = "objects") -> None:
        """Draw on a terminal.

        Args:
            stream: Where.
            what: Is read, one after the other.
        """
        self._what = what
        console = make_console(stream)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[size]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not stream.isatty() or console.is_dumb_terminal,  # whatever FORCE_COLOR says
        )
        self._task = self._progress.add_task("Reading history", total=None, size="")
        self._size_bytes = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._progress.stop()

    def start(self, objects: int) -> None:
        """Show a bar that is full at `objects`."""
        self._progress.update(self._task, total=objects, description=f"Reading {self._what}")

    def advance(self, objects: int, size_bytes: int) -> None:
        """Move the bar."""
        self._size_bytes += size_bytes
        read = words.size(self._size_bytes)
        self._progress.update(self._task, advance=objects, size=read)


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
