"""The reports of a sweep: which are wanted, where they are written, and what comes next."""

import enum
import hashlib
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from breachkit import __version__
from breachkit.cli import console
from breachkit.model.errors import UsageError
from breachkit.report.output import make_report_folder, require_place, write_report


if TYPE_CHECKING:
    from breachkit.actions.sweeping import Swept
    from breachkit.detect.rule import About
    from breachkit.workflows.sweep import SweepResult


class Format(enum.StrEnum):
    """How a sweep is reported."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    HTML = "html"
    METRICS = "metrics"
    """For Prometheus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reports of a sweep are wanted."""

    chosen: Format
    output: Path | None
    more: tuple[tuple[Format, str], ...]
    """Others, and where they are written; a place that ends with `/` takes a file a repository."""
    counts: bool
    """Whether what is printed is numbers alone."""

    @property
    def names_something(self) -> bool:
        """Whether any of it says in which repository something is new."""
        if any(kind is not Format.METRICS for kind, _ in self.more):
            return True
        return not self.counts or self.output is not None


def wanted(chosen: Format, output: Path | None, more: Iterable[str], *, counts: bool) -> Wanted:
    """Take what the options of a command say; before the sweep, so that a slip costs none.

    Raises:
        UsageError: it is something else, or two of it do not go together.
    """
    if counts and output is None and chosen is not Format.TEXT:
        raise UsageError(
            f"--counts prints numbers alone, and {chosen} names what it is about: "
            "write it to a file with --output"
        )
    places = tuple(map(_place, more))
    named = [str(output)] if output is not None else []
    named += [place for _, place in places]
    if len(set(named)) < len(named):
        raise UsageError("two reports cannot be written to one file: name one for each")
    if output is not None:
        require_place(output)
    return Wanted(chosen=chosen, output=output, more=places, counts=counts)


def _place(text: str) -> tuple[Format, str]:
    """Read `html=sweep.html`."""
    kind, _, place = text.partition("=")
    if kind not in {each.value for each in Format} or not place:
        known = ", ".join(each.value for each in Format)
        raise UsageError(f"--report {text}: write FORMAT=FILE, where FORMAT is one of {known}")
    if place.endswith("/") and kind != Format.SARIF:
        raise UsageError(f"--report {text}: only sarif is written as a file a repository")
    if not place.endswith("/"):
        require_place(Path(place))
    return Format(kind), place


def write_files(result: "SweepResult", wanted: Wanted) -> None:
    """Write every report that goes into a file."""
    for kind, place in _files(wanted):
        _write(result, kind, place)


def write_rest(result: "SweepResult", wanted: Wanted) -> None:
    """Bring the files up to date with what could not be done; print the result, and what comes next."""
    if result.sweep.undone:
        for kind, place in _files(wanted):
            if kind is not Format.SARIF:  # which says nothing of that
                _write_one(result, kind, Path(place))
    _print(result, wanted)
    _following(result, wanted)


def _files(wanted: Wanted) -> Iterator[tuple[Format, str]]:
    yield from wanted.more
    if wanted.output is not None:
        yield wanted.chosen, str(wanted.output)


def _print(result: "SweepResult", wanted: Wanted) -> None:
    """Print the result; where it was asked for in a file, what it came to in numbers."""
    if wanted.output is None and wanted.chosen is not Format.TEXT:
        console.put(_rendered(result, wanted.chosen), None)
    if wanted.output is not None or wanted.chosen is Format.TEXT:
        is_brief = wanted.counts or wanted.output is not None
        console.say(_text(result, counts_only=is_brief))


def _text(result: "SweepResult", *, counts_only: bool) -> str:
    from breachkit.report.sweep_text import Shape, to_text

    shape = Shape(width=shutil.get_terminal_size((80, 24)).columns, verbose=console.is_verbose())
    return to_text(result.sweep, result.notes, counts_only=counts_only, shape=shape)


def _write(result: "SweepResult", kind: Format, place: str) -> None:
    """Write a report to a file that its owner alone can read; metrics, which name nothing, for everybody."""
    if place.endswith("/"):
        _write_each(result, Path(place))
        return
    _write_one(result, kind, Path(place))
    console.note(f"Wrote {place}")
    if kind is Format.SARIF:
        _warn_of_limits(result)


def _write_one(result: "SweepResult", kind: Format, place: Path) -> None:
    write_report(place, _rendered(result, kind).encode("utf-8"))
    if kind is Format.METRICS:
        place.chmod(0o644)


def _warn_of_limits(result: "SweepResult") -> None:
    from breachkit.report.sweep_sarif import MOST_RUNS

    number = len(result.sweep.repositories)
    if number > MOST_RUNS:
        console.note(
            f"It has {number:,} runs, and GitHub takes {MOST_RUNS} in a file: "
            "--report sarif=DIR/ writes a file a repository"
        )


def _write_each(result: "SweepResult", folder: Path) -> None:
    from breachkit.report import sweep_sarif
    from breachkit.report.words import counted

    make_report_folder(folder)
    about = _about()
    for one, name in _named(result.sweep.repositories):
        log = sweep_sarif.to_bytes(result.sweep, about, tool_version=__version__, only=one)
        write_report(folder / f"{name}.sarif", log)
    console.note(f"Wrote {counted(len(result.sweep.repositories), 'file')} to {folder}/")


_LONGEST_NAME = 120


def _named(repositories: "Sequence[Swept]") -> "Iterator[tuple[Swept, str]]":
    """Give each a name for a file: its own, with what tells it apart where another is called so, too."""
    names = [_file_name(one.outcome.name) for one in repositories]
    known = Counter(name.casefold() for name in names)
    for one, name in zip(repositories, names, strict=True):
        if known[name.casefold()] > 1 or not name:
            place = one.outcome.key.encode("utf-8", "surrogateescape")
            yield one, f"{name}-{hashlib.sha256(place).hexdigest()[:8]}".lstrip("-")
        else:
            yield one, name


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:_LONGEST_NAME]


def _rendered(result: "SweepResult", chosen: Format) -> str:
    import json

    from breachkit.report import sweep_html, sweep_json, sweep_metrics, sweep_sarif, sweep_text
    from breachkit.report.sweep_trend import Course

    made = result.sweep
    match chosen:
        case Format.TEXT:
            shape = sweep_text.Shape(verbose=True)
            # The name is what the next sweep knows it by, which writes its own there.
            text = sweep_text.to_text(made, result.notes, shape=shape)
            return "\n\n".join((" ".join(("breachkit", __version__)), text))
        case Format.JSON:
            return json.dumps(sweep_json.to_json(made, tool_version=__version__), indent=1)
        case Format.JSONL:
            return "\n".join(sweep_json.lines(made, tool_version=__version__))
        case Format.SARIF:
            return sweep_sarif.to_bytes(made, _about(), tool_version=__version__).decode("ascii")
        case Format.HTML:
            course = Course(runs=result.earlier, tallies=result.tallies)
            return sweep_html.to_html(made, course, notes=result.notes, tool_version=__version__)
        case Format.METRICS:
            return sweep_metrics.to_text(made)


def _about() -> "tuple[About, ...]":
    from breachkit.detect.registry import ALL_RULES

    return tuple(rule.about for rule in ALL_RULES)


def _following(result: "SweepResult", wanted: Wanted) -> None:
    """Name the command for the worst of what is new; what is printed for everybody names nothing."""
    from breachkit.actions.sweeping import Life
    from breachkit.report import escape, sweep_words

    made = result.sweep
    if made.count(Life.NEW) and wanted.counts:
        told = "of a repository that a report names" if wanted.names_something else (
            "of what is new; nothing that was written names it, and the next sweep counts it as known: "
            "add --report html=FILE"
        )  # fmt: skip
        console.following("breachkit scan OWNER/NAME", told)
    elif made.count(Life.NEW):
        worst = sweep_words.worst_first(made)[0]
        place = escape.shell(sweep_words.place_of(worst.outcome))
        console.following(
            f"breachkit scan {place}",
            f"all of the worst one; where it is a breach: breachkit open {place}",
        )
    elif not made.complete:
        console.note("Next: the same command again: what was not looked at has its turn first")
