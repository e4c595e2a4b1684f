"""Where a command's words go: results to stdout, everything else to stderr."""

import contextlib
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from breachkit.model.records import dataclass
from breachkit.report.escape import json_text, shown, terminal


if TYPE_CHECKING:
    from breachkit.actions.sweeping import Swept
    from breachkit.model.doing import Step
    from breachkit.report.progress import Bars
    from breachkit.workflows.scan import Progress
    from breachkit.workflows.sweep import Watch


def emit(text: str) -> None:
    """Write a result to stdout to the letter, ending with a newline: a file, or what a machine reads."""
    with _aside():
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()


def say(text: str) -> None:
    """Write a result to stdout for a person: fitted to the terminal, where there is one.

    Whoever made it made each part safe; that nothing in it acts on a terminal is seen to here again.
    """
    text = "\n".join(map(shown, text.split("\n")))
    if not _is_looked_at(sys.stdout):
        emit(text)
        return
    from breachkit.cli.drawing import draw

    with _aside():
        draw(sys.stdout, text, begins=True)


def emit_bytes(data: bytes) -> None:
    """Write a finished report to stdout as it is."""
    with _aside():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def emit_json(data: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout, in which nothing acts on a terminal."""
    emit(json_text(json.dumps(data, ensure_ascii=False, indent=2)))


def put(text: str, output: Path | None) -> None:
    """Write a result to a file that its owner alone can read, or to stdout."""
    if output is None:
        emit(text)
        return
    from breachkit.report.output import write_report

    write_report(output, text.encode("utf-8"))
    note(f"Wrote {output}")


def show(data: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Write a result to stdout, for machines or for people."""
    if as_json:
        emit_json(data)
    else:
        say(text)


def note(text: str) -> None:
    """Say something to the person at the terminal, on stderr, every line made safe to show."""
    if not _settings.quiet:
        complain("\n".join(map(terminal, text.split("\n"))))


def tell_of_link(folder: Path) -> None:
    """Say where a folder is that is about to be written into, if a link leads there."""
    from breachkit.incident.places import where_it_leads

    real = where_it_leads(folder)
    if real is not None:
        note(f"{folder} leads over a link to {real}: what is written goes there.")


def complain(shown: str) -> None:
    """Say on stderr what is safe to show already, also to whoever wants to hear of errors alone."""
    if not _is_looked_at(sys.stderr):
        sys.stderr.write(f"{shown}\n")
        return
    from breachkit.cli.drawing import draw

    with _aside():
        draw(sys.stderr, shown)


def _is_looked_at(stream: IO[str]) -> bool:
    """Say so without loading what draws, which most runs need not."""
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


def following(command: str, why: str = "") -> None:
    """Name the next command, unless something leads through the commands and names it itself."""
    if _settings.led:
        return
    from breachkit.incident.commands import as_typed

    command, space = as_typed(command), ""
    if _is_looked_at(sys.stderr):
        why, space = " ".join(why.split()), "\n"  # it may have been broken for another width
    note(f"{space}Next: {command}" + (f"\n      {why}" if why else ""))


@contextlib.contextmanager
def led() -> Iterator[None]:
    """Let no command name the next one: whatever runs them does."""
    _settings.led = True
    try:
        yield
    finally:
        _settings.led = False


def is_led() -> bool:
    """Whether something leads through the commands, which names the next one itself."""
    return _settings.led


def is_verbose() -> bool:
    """Whether the person at the terminal wants to be told more."""
    return _settings.verbose


class _Lines:
    """Shows what takes a while, once something does: what draws is loaded no sooner."""

    def __init__(self) -> None:
        self._bars: Bars | None = None

    def begin(self, what: str) -> "contextlib.AbstractContextManager[Step]":
        """Show a line until the context is left."""
        if self._bars is None:
            from breachkit.report.progress import Bars

            self._bars = Bars(sys.stderr)
        return self._bars.begin(what)

    def aside(self) -> "contextlib.AbstractContextManager[None]":
        """Take all lines away while something else is written."""
        return contextlib.nullcontext() if self._bars is None else self._bars.aside()


_lines: ContextVar[_Lines | None] = ContextVar("lines", default=None)


def _shows_progress() -> bool:
    """Say whether somebody is at a terminal who wants to see it; a log of CI keeps every line drawn over."""
    return sys.stderr.isatty() and not _settings.quiet and not os.environ.get("CI")


@contextlib.contextmanager
def showing_progress() -> Iterator[None]:
    """Show on a terminal how far everything is that takes a while; be silent anywhere else."""
    if not _shows_progress():
        yield
        return
    from breachkit.model.doing import listening

    lines = _Lines()
    before = _lines.set(lines)
    try:
        with listening(lines):
            yield
    finally:
        _lines.reset(before)


def _aside() -> "contextlib.AbstractContextManager[None]":
    """Take lines of progress away while something else is written."""
    lines = _lines.get()
    return contextlib.nullcontext() if lines is None else lines.aside()


@contextlib.contextmanager
def progress(what: str = "Reading objects") -> "Iterator[Progress]":
    """Give what shows on a terminal how much was read.

    Args:
        what: Is done, with one thing after the other.
    """
    from breachkit.model.doing import doing

    with doing(what) as step:
        yield _Read(step)


class _Read:
    """Counts what was read, for whoever hears of it."""

    def __init__(self, step: "Step") -> None:
        self._step = step
        self._done = self._bytes = 0
        self._total: int | None = None

    def start(self, objects: int) -> None:
        """Take note of how much there is."""
        self._total = objects
        self._step.tell(self._done, objects)

    def advance(self, objects: int, size_bytes: int) -> None:
        """Take note of so much more."""
        from breachkit.report.words import size

        self._done, self._bytes = self._done + objects, self._bytes + size_bytes
        note = size(self._bytes) if self._bytes else ""
        self._step.tell(self._done, self._total, note=note)


@contextlib.contextmanager
def sweeping() -> "Iterator[Watch]":
    """Give bars on a terminal, and silence anywhere else without loading what draws them."""
    if not _shows_progress():
        yield NobodyWatches()
        return
    from breachkit.model.doing import listening
    from breachkit.report.progress import SweepProgress

    with listening(None), SweepProgress(sys.stderr) as bars:
        yield bars


class NobodyWatches:
    """Keeps the progress of a sweep to itself."""

    def start(self, repositories: int, done: int) -> None:
        """Do nothing."""

    def begin(self, name: str) -> None:
        """Do nothing."""

    def progress(self, name: str, done: int, every: int) -> None:
        """Do nothing."""

    def done(self, swept: "Swept") -> None:
        """Do nothing."""


@dataclass(slots=True)
class _Settings:
    quiet: bool = False
    verbose: bool = False
    led: bool = False
    """Whether something leads through the commands."""


_settings = _Settings()


def set_up(*, verbose: int, quiet: bool) -> None:
    """Set how much is said on stderr: by breachkit alone.

    Libraries that read a file warn and log in words that quote it, so that theirs are dropped.

    Args:
        verbose: 0 warnings, 1 also what is being done, 2 everything.
        quiet: Only what went wrong.
    """
    _settings.quiet = quiet
    _settings.verbose = bool(verbose)
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    form = "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level, stream=sys.stderr, format=form, force=True)
    for handler in logging.getLogger().handlers:
        handler.addFilter(logging.Filter("breachkit"))
    warnings.simplefilter("ignore")
