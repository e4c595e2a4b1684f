"""A release request as headings, paragraphs and tables, from which Markdown and Word are made alike.

All texts are shown on one line already (`model.ids.display`); whoever writes them escapes for the place.
"""

from collections.abc import Iterator, Sequence

from breachkit.actions.release_checks import Outcome
from breachkit.actions.request import Answered, Filled, Request
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.report import check_words, words
from breachkit.report.masking import Masking


OPEN = "OPEN"
"""Stands before every question that somebody has to answer."""
_MOST_FILES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a paragraph or of a cell."""

    text: str
    is_open: bool = False
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of one line, or a list of several."""

    lines: tuple[Line, ...]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its cells hold lines."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Line, ...], ...], ...]
    widths: tuple[int, ...]
    """Shares of the width, in percent."""


Block = Heading | Paragraph | Grid


def blocks(request: Request, *, tool_version: str) -> Iterator[Block]:
    """Give the whole request, in its order."""
    yield Heading(1, f"{display(request.form.title)}: {request.folder}")
    yield Paragraph((Line(_lead(request, tool_version)),))
    yield Paragraph(tuple(Line(display(each)) for each in request.form.notes), is_list=True)
    yield Heading(2, "The request")
    yield _answers(request.header)
    yield Heading(2, "The check of the folder")
    yield from _checked(request, _show(Masking.of(request.check.scan)))
    if request.unread:
        yield Heading(2, "Not read, so not described")
        yield Paragraph(tuple(map(Line, _unread(request))), is_list=True)
    yield Heading(2, "Outputs for review")
    for number, each in enumerate(request.sections, start=1):
        yield Heading(3, f"{number}. {_name(each, request)}")
        yield _section(each, request)
    yield Paragraph((Line(_source(request)),))


def _show(masking: Masking) -> words.Show:
    def show(name: bytes | str) -> str:
        return masking.shown(name) if isinstance(name, bytes) else display(masking.text(name))

    return show


def _lead(request: Request, tool_version: str) -> str:
    number = request.open
    told = f"{words.counted(number, 'question')} {'is' if number == 1 else 'are'} open, each marked {OPEN}"
    return (
        f"Filled in by breachkit {tool_version} on {request.day.isoformat()} from the files themselves. {told}: "
        "what no file tells is not invented. Numbers are given as the outputs print them; look them up before you sign."
    )


def _source(request: Request) -> str:
    form = request.form
    return f"What is asked: {display(form.source)}, as of {form.as_of.isoformat()}."


def _answers(answers: Sequence[Answered]) -> Grid:
    return Grid(("asked", "answer"), tuple(map(_row, answers)), (28, 72))


def _row(answer: Answered) -> tuple[tuple[Line, ...], ...]:
    lines = [Line(display(each)) for each in answer.told] + [
        Line(display(each), is_open=True) for each in answer.open
    ]
    return (Line(display(answer.question.title), is_strong=True),), tuple(lines)


def _checked(request: Request, show: words.Show) -> Iterator[Block]:
    yield Paragraph((Line(check_words.verdict(request.check), is_strong=True),))
    rows = []
    for each in request.check.items:
        if each.outcome is Outcome.PASS:
            continue
        reasons = []
        for group in check_words.alike(each.open):
            about = check_words.about(group, show, most=_MOST_FILES)
            reasons.append(
                Line(f"{show(group[0].what)}: {about}" if about else show(group[0].what))
            )
        label = "fails" if each.outcome is Outcome.FAIL else "needs a person"
        rows.append(
            ((Line(display(each.item.title)),), (Line(label, is_strong=True),), tuple(reasons))
        )
    if rows:
        yield Grid(("asked", "outcome", "why"), tuple(rows), (35, 15, 50))
    passed = request.check.with_outcome(Outcome.PASS)
    if passed:
        yield Paragraph((Line(f"Passed: {', '.join(each.item.id for each in passed)}."),))


def _unread(request: Request) -> Iterator[str]:
    masking = Masking.of(request.check.scan)
    for path, reasons in request.unread.items():
        said = "; ".join(display(masking.text(each)) for each in reasons)
        yield f"{masking.shown(path)}: {said}" if path else said


def _name(filled: Filled, request: Request) -> str:
    section = filled.section
    if section.is_group:
        return f"{display(section.pattern)} ({len(section.outputs)} files)"
    return Masking.of(request.check.scan).shown(section.outputs[0].path)


def _section(filled: Filled, request: Request) -> Grid:
    rows = list(map(_row, filled.answers))
    found = tuple(Line(each) for each in filled.fails) or (Line("nothing against it"),)
    rows.append(((Line("What the check says", is_strong=True),), found))
    rows += [
        ((Line(display(each), is_strong=True),), (Line(""),)) for each in request.form.response
    ]
    return Grid(("asked", "answer"), tuple(rows), (28, 72))
