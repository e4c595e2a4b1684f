"""What a report says, before it is a page or a text: sections of paragraphs, lists, facts, tables.

Both forms are made from one document, so that neither says what the other does not. What a
repository or a person named stands in it as a `Name`, which is escaped and set apart wherever it is
shown; everything else is our own words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, TypeAlias, TypeVar

from breachkit.model.ids import display


MOST_ROWS = 60
"""Rows of one table; a longer one says how many it leaves out."""

MOST_OF_A_NAME = 240
"""Characters of a name that are shown; of a longer one both ends, and how many are left out."""

NOT_KNOWN = "not yet known"
NO_DECISION = "no decision recorded"

T = TypeVar("T")

Tone = Literal["", "good", "bad", "warn"]


@dataclass(frozen=True, slots=True)
class Name:
    """Text that somebody else chose: a path, a ref, a person, a reason."""

    shown: str
    """On one line, with nothing in it that acts or hides."""


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that a reader must not miss; the tone is told by the words and not by colour alone."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A command or a hash, which is read letter by letter."""

    text: str


Span: TypeAlias = str | Name | Strong | Code
Line: TypeAlias = tuple[Span, ...]
"""One run of text."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A run of text by itself."""

    line: Line
    is_note: bool = False
    """Whether it is an aside, such as what a table leaves out."""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[Line]
    under: Mapping[int, Sequence[Line]] = field(default_factory=dict)
    """What stands under an item, by its number counted from 0."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names of facts and the facts."""

    pairs: Sequence[tuple[str, Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a header; the first cell of a row names it."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[Line]]
    widths: Sequence[int] = ()
    """The columns' shares of the width in percent; even where empty."""
    numbers: frozenset[int] = frozenset()
    """Columns of numbers, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image, and the same in words. The words stand in every form of the report."""

    title: str
    summary: str
    """What somebody who cannot see the picture hears first."""
    svg: str
    """A whole `svg` element; its text is escaped already."""
    words: Bullets


Block: TypeAlias = Paragraph | Bullets | Facts | Table | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it."""

    id: str
    """A word of our own: the anchor of the section in a page."""
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One milestone in the strip under the title."""

    label: str
    when: str
    """Empty while it is not reached."""
    is_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report."""

    audience: str
    tlp: str
    title: str
    about: Facts
    state: Strong
    steps: Sequence[Step] = field(default=())
    sections: Sequence[Section]
    footer: Sequence[Line]


def name(text: bytes | str | None, *, most: int = MOST_OF_A_NAME) -> Name:
    """Make a name fit to be shown: on one line, and not longer than a reader can take in."""
    as_it_is = isinstance(text, str) and text.isprintable()
    shown = " ".join((str(text) if as_it_is else display(text or "")).split())
    if len(shown) <= most:
        return Name(shown)
    head, tail = shown[: most * 2 // 3], shown[-(most // 3) :]
    return Name(f"{head}[... {len(shown) - len(head) - len(tail)} characters left out ...]{tail}")


def named(text: bytes | str | None, otherwise: str = NOT_KNOWN) -> Line:
    """Give what somebody said as a line of its own, or what stands where nobody did."""
    return (name(text),) if text else (otherwise,)


def line(*spans: Span | None) -> Line:
    """Put spans together; None and empty text drop out."""
    return tuple(span for span in spans if span is not None and span != "")


def paragraph(*spans: Span | None) -> Paragraph:
    """Give a paragraph."""
    return Paragraph(line(*spans))


def note(*spans: Span | None) -> Paragraph:
    """Give an aside."""
    return Paragraph(line(*spans), is_note=True)


def joined(names: Iterable[Name], between: str = ", ") -> Line:
    """Put names in a row."""
    spans: list[Span] = []
    for each in names:
        spans += [between, each] if spans else [each]
    return tuple(spans)


def plain(spans: Line) -> str:
    """Give a line as text, for what has no markup."""
    return "".join(map(_plain, spans))


def _plain(span: Span) -> str:
    match span:
        case str():
            return span
        case Name(shown=text) | Strong(text=text) | Code(text=text):
            return text


def moment(when: datetime | None) -> str:
    """Give a moment to the minute in UTC; what stands for an unknown one where it is None."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if when else NOT_KNOWN


def day(when: datetime | None) -> str:
    """Give a date in UTC; what stands for an unknown one where it is None."""
    return f"{when.astimezone(UTC):%Y-%m-%d}" if when else NOT_KNOWN


def month(when: datetime | None) -> str:
    """Give a month in UTC, such as `May 2021`, for readers who may know no more."""
    return f"{when.astimezone(UTC):%B %Y}" if when else NOT_KNOWN


def every_line(document: Document) -> Iterable[Line]:
    """Give every run of text of a document, in the order in which it is read."""
    yield (document.tlp,)
    yield (document.title,)
    yield (document.state,)
    yield from _of(document.about)
    for step in document.steps:
        yield (f"{step.label} {step.when}",)
    for section in document.sections:
        yield (section.title,)
        for block in section.blocks:
            yield from _of(block)
    yield from document.footer


def _of(block: Block) -> Iterable[Line]:
    match block:
        case Paragraph():
            yield block.line
        case Bullets():
            yield from _items(block)
        case Facts():
            for label, fact in block.pairs:
                yield (f"{label}: ", *fact)
        case Table():
            yield (block.caption,)
            yield from ((cell,) for cell in block.header)
            yield from (cell for row in block.rows for cell in row)
        case Picture():
            yield (block.title,)
            yield (block.summary,)
            yield from _items(block.words)


def _items(block: Bullets) -> Iterator[Line]:
    for number, item in enumerate(block.items):
        yield item
        yield from block.under.get(number, ())


def limited(
    rows: Sequence[T], one: str, many: str | None = None, *, most: int = MOST_ROWS
) -> tuple[Sequence[T], list[Block]]:
    """Give the first rows, and the note that says how many more there are, if there are any.

    Args:
        rows: All of them, what matters most first.
        one: What one of them is called.
        many: What several are called, where that is not the same word with an `s`.
        most: How many are shown.
    """
    more = len(rows) - most
    what = one if more == 1 else many or f"{one}s"
    said: list[Block] = [note(f"{more:,} more {what} not listed here.")]
    return rows[:most], said if more > 0 else []
