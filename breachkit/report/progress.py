"""The progress of a scan, as a bar on a terminal.

Apart from `terminal`, because most scans run where there is none and need not load what draws it.
"""

from typing import IO, Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from breachkit.report import words
from breachkit.report.terminal import make_console


class TerminalProgress:
    """A bar on a terminal, gone when the scan ends; silent anywhere else. A context manager."""

    def __init__(self, stream: IO[str]) -> None:
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
        self._progress.update(self._task, total=objects, description="Reading objects")

    def advance(self, objects: int, size_bytes: int) -> None:
        """Move the bar."""
        self._size_bytes += size_bytes
        shown = words.size(self._size_bytes)
        self._progress.update(self._task, advance=objects, size=shown)
