"""Rich text (RTF): what Stata, SAS, R, Word and TextEdit write as `.rtf`, and often as `.doc`.

Every destination is read but those that say how things look. What a person does not see is given as
hidden text, pictures and files in it to the readers of their own formats.

Source: Microsoft, Rich Text Format Specification 1.9.1.
"""

from collections.abc import Iterator

from breachkit.documents.formats.beside import hidden_text
from breachkit.documents.formats.rich_text_handlers import HANDLERS
from breachkit.documents.formats.rich_text_objects import files_in
from breachkit.documents.formats.rich_text_states import Aside, Reading
from breachkit.documents.formats.rich_text_tokens import whole
from breachkit.documents.pasted import pasted_tables
from breachkit.documents.reader import Budget, Member, OverBudgetError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable
from breachkit.documents.woven import woven_tables


_BEGINS = b"{\\rtf"
_HEAD = 1024
_PADDING = b"\0 \t\r\n\x1a"


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the tables, the text and all that lies beside them; under this name any text, too."""
    start = content.find(_BEGINS, 0, _HEAD)
    if start < 0:
        yield Member(content=content, path=b"content.txt", part=inside(part, "content"))
        return
    budget.take_bytes(len(content))
    reading = Reading(content, budget, HANDLERS)
    gap = ""
    try:
        reading.read(start)
    except OverBudgetError as stop:
        gap = f"{stop}, and read only in part"
    for flow in reading.flows:
        flow.end()
    yield from _flows(reading, part)
    yield from _beside(reading, part)
    if gap or reading.gap:
        yield Unreadable(f"rich text: {gap or reading.gap}", part)
    before = content[:start].strip(b"\xef\xbb\xbf" + _PADDING)
    behind = b"" if gap else content[reading.end :].strip(_PADDING)
    for number, rest in enumerate(filter(None, (before, behind)), start=1):
        yield Embedded(Trait.TRAILING_BYTES, part)
        yield Member(content=rest, path=b"", part=inside(part, f"trailing bytes {number}"))
    yield from _data(reading, part, budget)


def _flows(reading: Reading, part: str | None) -> Iterator[Document | Member]:
    numbers: dict[str, int] = {}
    for flow in reading.flows:
        if not flow.name:
            yield from flow.tables(part)
            if flow.body:  # a log, a program or a list that was saved as rich text is what it was
                words = flow.body.encode("utf-8", "replace")
                yield Member(content=words, path=b"text.txt", part=inside(part, "text"))
            continue
        numbers[flow.name] = numbers.get(flow.name, 0) + 1
        place = inside(part, f"{flow.name} {numbers[flow.name]}")
        yield from flow.tables(place)
        if flow.body:
            yield Text(flow.body, place, TextKind.HIDDEN if flow.is_hidden else TextKind.PROSE)
            yield from pasted_tables(flow.body, place)
            yield from woven_tables(flow.body, place, is_fenced=False)
    if comments := numbers.get("comment"):
        yield Embedded(Trait.COMMENTS, part, comments)


def _beside(reading: Reading, part: str | None) -> Iterator[Document]:
    names = (name.strip() for line in _lines(reading, Aside.AUTHOR) for name in line.split(";"))
    authors = set(names) - {"", "Unknown"}
    if authors:
        yield Embedded(Trait.AUTHOR, part, len(authors))
    about = _lines(reading, Aside.ABOUT)
    if about:
        yield Embedded(Trait.METADATA_TEXT, part, len(about))
        yield Text("\n".join(about), part, TextKind.HIDDEN)
    if any(flow.changed for flow in reading.flows):
        yield Embedded(Trait.TRACKED_CHANGES, part)
    yield from hidden_text(whole("".join(reading.deleted)), part)
    vanished = whole("".join(reading.vanished))
    if vanished.strip():
        yield Embedded(Trait.HIDDEN_TEXT, part)
        yield from hidden_text(vanished, part)
    others = _lines(reading, Aside.OTHER)
    yield from hidden_text("\n".join(others), part)


def _lines(reading: Reading, kind: Aside) -> list[str]:
    """Give each text beside once, where it holds a letter or a digit."""
    texts = (
        whole("".join(one.pieces)).strip(" \t\n;") for one in reading.asides if one.kind is kind
    )
    return list(dict.fromkeys(text for text in texts if any(map(str.isalnum, text))))


def _data(reading: Reading, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    numbers: dict[str, int] = {}
    for data in reading.data:
        numbers[data.name] = numbers.get(data.name, 0) + 1
        yield from files_in(data, inside(part, f"{data.name} {numbers[data.name]}"), budget)
