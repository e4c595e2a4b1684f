"""A report as Markdown: the page's twin, for a ticket or an editor."""

import unicodedata
from collections.abc import Iterator

from breachkit.report.escape import markdown_shown
from breachkit.report.incident_document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Line,
    Name,
    Paragraph,
    Picture,
    Section,
    Span,
    Strong,
    Table,
)


_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def to_markdown(document: Document) -> str:
    """Give a report as Markdown."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield from (document.tlp, "", f"# {markdown_shown(document.title)}", "")
    yield from (_text((document.state,)), "")
    yield from _block(document.about)
    if document.steps:
        yield from _block(Bullets([_step(step.label, step.when) for step in document.steps]))
    for section in document.sections:
        yield from _section(section)
    yield from ("---", "")
    for line in document.footer:
        yield from (_text(line), "")
    yield document.tlp


def _step(label: str, when: str) -> Line:
    return (f"{label}: {when or 'not yet'}",)


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {markdown_shown(section.title)}", "")
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(line=line):
            yield from (_text(line), "")
        case Bullets():
            yield from _bullets(block)
        case Facts(pairs=pairs):
            yield from (f"- **{markdown_shown(label)}**: {_text(fact)}" for label, fact in pairs)
            yield ""
        case Table():
            yield from _table(block)
        case Picture():
            yield from (f"**{markdown_shown(block.title)}.** {markdown_shown(block.summary)}", "")
            yield from _bullets(block.words)


def _bullets(block: Bullets) -> Iterator[str]:
    for number, item in enumerate(block.items):
        yield f"- {_text(item)}"
        yield from (f"  - {_text(each)}" for each in block.under.get(number, ()))
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield from (f"**{markdown_shown(table.caption)}**", "")
    yield _row(map(markdown_shown, table.header))
    yield _row("---:" if n in table.numbers else "---" for n in range(len(table.header)))
    for row in table.rows:
        yield _row(map(_text, row))
    yield ""


def _row(cells: "Iterator[str] | map[str]") -> str:
    return "| " + " | ".join(cells) + " |"


def _text(line: Line) -> str:
    return "".join(map(_span, line))


def _span(span: Span) -> str:
    match span:
        case str():
            return markdown_shown(span)
        case Name(shown=text):
            return _isolated(markdown_shown(text))
        case Strong(text=text):
            return _bold(text)
        case Code(text=text):
            return f"`{text.replace('`', chr(39)).replace('|', ' ')}`"


def _bold(text: str) -> str:
    """Make words bold; Markdown wants the spaces around them outside of its marks."""
    words = text.strip()
    before, _, after = text.partition(words) if words else (text, "", "")
    return f"{before}**{markdown_shown(words)}**{after}" if words else text


def _isolated(text: str) -> str:
    """Keep what is written from right to left from turning round the words beside it."""
    turns = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text)
    return f"{_ISOLATE}{text}{_END_ISOLATE}" if turns else text
