"""Other words into one cell of a page: its text, and whatever in the cell or on it says the same."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from breachkit.documents.editing.page import CellPlace
from breachkit.documents.editing.page_tokens import Attribute, Run, Tag, attributes_of
from breachkit.documents.editing.placed import numbers_gone, numbers_in


class Piece(NamedTuple):
    """Other bytes for a piece of a page."""

    start: int
    end: int
    """Both in bytes of the page in UTF-8, counted from 0."""
    text: str


_UNIT = re.compile(r"&#?\w+;?|\s+|.", re.DOTALL)
_LOOKS = frozenset(
    {
        "class", "id", "style", "colspan", "rowspan", "headers", "scope", "align", "valign", "width", "height",
        "bgcolor", "color", "border", "lang", "dir", "tabindex", "role", "size", "href", "src", "srcset", "type",
        "for", "target", "cellpadding", "cellspacing", "rows", "cols", "face", "axis", "span", "char", "charoff",
    }
)  # fmt: skip
"""Attributes that say how a cell looks, and what it belongs to."""


class _Words(NamedTuple):
    """A text of a page as it is written, and as it is read."""

    units: Sequence[tuple[str, str]]
    """Each sign, name of a sign, or white space; and what is read for it."""
    before: str
    """White space that it begins with."""
    behind: str

    @classmethod
    def of(cls, written: str) -> "_Words":
        units = [(unit, html.unescape(unit)) for unit in _UNIT.findall(written)]
        units = [(unit, " " if read.isspace() else read) for unit, read in units]
        first = next((at for at, (_, read) in enumerate(units) if read != " "), len(units))
        last = next((at for at in range(len(units), first, -1) if units[at - 1][1] != " "), first)
        before = "".join(unit for unit, _ in units[:first])
        behind = "".join(unit for unit, _ in units[last:])
        return cls(units[first:last], before, behind)

    @property
    def read(self) -> str:
        """What is read, without white space around it, and with one blank for any within."""
        return "".join(read for _, read in self.units)

    def written_as(self, text: str) -> str:
        """Write another text; what it shares with this one stays as it was written."""
        same = _shared(self.units, text)
        rest = self.units[same:]
        left = text[len("".join(read for _, read in self.units[:same])) :]
        behind = _shared([(unit, read[::-1]) for unit, read in reversed(rest)], left[::-1])
        kept = rest[len(rest) - behind :]
        middle = left[: len(left) - len("".join(read for _, read in kept))]
        pieces = [unit for unit, _ in self.units[:same]], [unit for unit, _ in kept]
        return "".join([self.before, *pieces[0], escaped(middle), *pieces[1], self.behind])


def _shared(units: Sequence[tuple[str, str]], text: str) -> int:
    """Count the units that a text begins with."""
    at = number = 0
    for number, (_, read) in enumerate(units):
        if not text.startswith(read, at):
            return number
        at += len(read)
    return number + bool(units)


def escaped(text: str) -> str:
    """Write a text as HTML, in signs that every encoding of pages has."""
    return html.escape(text, quote=False).encode("ascii", "xmlcharrefreplace").decode()


def rewritten(page: bytes, place: CellPlace, old: str, new: str) -> Iterator[Piece]:
    """Give the changes that make a cell read otherwise, and of what repeats its numbers.

    The new text stands where the first text of the cell stood that is shown; where it differs from
    the old one within one piece of text alone, the others stay.

    Args:
        page: In UTF-8.
        place: Of the cell.
        old: What is read in it.
        new: What is to be read.
    """
    runs = [run for run in place.shown if _words(page, run).units] or place.unseen
    within = _within_one(page, place, old, new)
    if within is not None:
        yield within
    elif not runs:
        yield Piece(place.tags[0].end, place.tags[0].end, escaped(new))
    else:
        for run in sorted({*place.shown, *place.unseen}):
            words = _words(page, run)
            text = words.written_as(new) if run == runs[0] else words.before + words.behind
            yield Piece(run.start, run.end, text)
    for run in place.unread:
        if _holds_number(page[run.start : run.end]):
            yield Piece(run.start, run.end, " ")


def _within_one(page: bytes, place: CellPlace, old: str, new: str) -> Piece | None:
    """Give the change of the only piece of text that changes; None where there is none such."""
    at = 0
    for run in [] if place.unseen else place.shown:
        words = _words(page, run)
        start = old.find(words.read, at)
        if start < 0:
            return None
        at = start + len(words.read)
        before, behind = old[:start], old[at:]
        if not words.units or len(new) < len(before) + len(behind):
            continue
        if new.startswith(before) and new.endswith(behind):
            middle = new[start : len(new) - len(behind)]
            return Piece(run.start, run.end, words.written_as(middle))
    return None


def _words(page: bytes, run: Run) -> _Words:
    return _Words.of(page[run.start : run.end].decode("utf-8", "replace"))


def _holds_number(written: bytes) -> bool:
    return any(map(str.isdecimal, html.unescape(written.decode("utf-8", "replace"))))


def attributes_rewritten(page: bytes, place: CellPlace, old: str, new: str) -> Iterator[Piece]:
    """Give the changes of attributes of a cell, and of elements in it, that tell its number.

    Values for sorting or on hovering are often the number unrounded, so every value with a digit is
    replaced, unless the attribute says how the cell looks. Of the attributes of its row the numbers
    that are gone from the cell are taken out.
    """
    for tag in place.tags:
        for attribute in _telling(page, tag):
            if _value(page, attribute) != new:
                yield _replaced(page, attribute, new)
    gone = numbers_gone(old, new)
    for attribute in _telling(page, place.row) if place.row and gone else ():
        value = _value(page, attribute)
        if not gone.isdisjoint(numbers_in(value)):
            yield _replaced(page, attribute, new)


def _telling(page: bytes, tag: Tag) -> Iterator[Attribute]:
    for attribute in attributes_of(page, tag):
        if attribute.name not in _LOOKS and _holds_number(page[attribute.start : attribute.end]):
            yield attribute


def _value(page: bytes, attribute: Attribute) -> str:
    return _unquoted(page[attribute.start : attribute.end].decode("utf-8", "replace"))


def _unquoted(written: str) -> str:
    return html.unescape(written[1:-1] if written[:1] in {'"', "'"} else written)


def _replaced(page: bytes, attribute: Attribute, new: str) -> Piece:
    quote = page[attribute.start : attribute.start + 1].decode("utf-8", "replace")
    quote = quote if quote in {'"', "'"} else '"'
    value = escaped(new).replace(quote, "&quot;" if quote == '"' else "&#39;")
    return Piece(attribute.start, attribute.end, f"{quote}{value}{quote}")


def numbers_told(page: bytes, place: CellPlace) -> frozenset[str]:
    """Give every number that a cell tells, in whatever way that is no matter of looks."""
    runs = (*place.shown, *place.unseen, *place.unread)
    texts = [html.unescape(page[run.start : run.end].decode("utf-8", "replace")) for run in runs]
    tags = (*place.tags, place.row) if place.row else place.tags
    texts += [_value(page, attribute) for tag in tags for attribute in _telling(page, tag)]
    return frozenset(number for text in texts for number in numbers_in(text))
