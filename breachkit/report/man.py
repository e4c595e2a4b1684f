r"""Manual pages: what a command's help says, as `man` reads it and as plain text.

The macros are those of man(7) that groff and mandoc both know. The bytes are the same each time.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from breachkit.model.records import dataclass


_REVISED = "2026-11-22"
"""When the texts were last gone through: a page has a date, and the day of writing would change it."""
_WIDTH = 78

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that stands under a heading of a page."""

    title: str
    text: str = ""
    """Paragraphs, parted by empty lines; one that begins with `\b` and a line end keeps its lines."""
    rows: Rows = ()
    """Terms with what they mean, behind the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One manual page."""

    command: str
    """As it is typed: `breachkit notify send`."""
    line: str
    """What it is for, in a line."""
    usage: str
    """What follows the command: `[OPTIONS] TARGET`."""
    parts: Sequence[Part]

    @property
    def name(self) -> str:
        """The page's own name: `breachkit-notify-send`."""
        return self.command.replace(" ", "-")

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.1"


def to_roff(page: Page, *, tool_version: str) -> bytes:
    """Give a page as `man` reads it."""
    head = f'.TH {page.name.upper()} 1 {_REVISED} "breachkit {tool_version}" "breachkit"'
    name = (f"{_roff(page.name)} \\-", *_wrapped(page.line))
    usage = f"\\fB{_roff(page.command)}\\fR {_roff(page.usage)}".rstrip()
    lines = [head, ".nh", ".ad l", ".SH NAME", *name, ".SH SYNOPSIS", usage]
    for part in page.parts:
        lines += [f".SH {_roff(part.title.upper())}", *_paragraphs(part.text), *_rows(part.rows)]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def to_text(page: Page) -> str:
    """Give a page as plain text, 78 columns wide."""
    blocks = [
        "\n".join(["NAME", *_filled(f"{page.name} - {page.line}", 4)]),
        f"SYNOPSIS\n    {page.command} {page.usage}".rstrip(),
        *(_part_as_text(part) for part in page.parts),
    ]
    return "\n\n".join(blocks) + "\n"


def _paragraphs(text: str) -> Iterator[str]:
    for number, (is_kept, lines) in enumerate(_blocks(text)):
        if number:
            yield ".PP"
        if is_kept:
            yield from (".EX", *map(_line, lines), ".EE")
        else:
            yield from _wrapped(" ".join(lines))


def _rows(rows: Rows) -> Iterator[str]:
    for term, meaning in rows:
        yield ".TP"
        yield f".B {_line(term)}"
        yield from _wrapped(meaning) if meaning else ("\\&",)


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Give every paragraph with its lines, and whether those are kept as they are."""
    for block in re.split(r"\n{2,}", text.strip("\n")):
        is_kept = block.startswith("\b")
        lines = block.removeprefix("\b").strip("\n").split("\n")
        if block:
            yield is_kept, lines


def _wrapped(text: str) -> Iterator[str]:
    """Give lines that are short enough for who reads the source, with commands in bold."""
    for line in textwrap.wrap(text, 60, break_long_words=False, break_on_hyphens=False):
        yield _line(line)


def _line(text: str) -> str:
    """Give one line of text: none that begins with a dot or a quote is taken for a request."""
    made = _roff(text)
    return f"\\&{made}" if made.startswith((".", "'")) else made


_SPECIAL = {
    "\\": "\\e",
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
    '"': "\\(dq",
}


def _roff(text: str) -> str:
    return "".join(
        _SPECIAL.get(each) or (each if each.isascii() else f"\\[u{ord(each):04X}]") for each in text
    )


def _part_as_text(part: Part) -> str:
    lines = [part.title.upper()]
    for number, (is_kept, block) in enumerate(_blocks(part.text)):
        lines += [""] if number else []
        lines += [f"    {line}" for line in block] if is_kept else _filled(" ".join(block), 4)
    for term, meaning in part.rows:
        lines += [f"    {term}", *_filled(meaning, 8)]
    return "\n".join(line.rstrip() for line in lines)


def _filled(text: str, indent: int) -> Iterable[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
