"""A page of HTML as tags, comments and text, each with the place where it stands.

The parser that makes the tree of a page does not tell places, and those that do - the standard
library's - read markup by other rules than it, which change with versions of Python. So tags are
found here by the rules of the HTML standard (13.2.5, tokenization), and what belongs to what is left to the
parser that the reader uses: see `page`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


_ATTRIBUTES = (
    rb"(?:[\s/]++|[^\s/>][^\s/>=]*+"
    rb"(?:\s*+=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+)?)?)*+"
)
_TOKEN = re.compile(
    rb"<!--(?:-?>|(?P<comment>.*?)(?:--!?>|\Z))"
    rb"|<(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>" + _ATTRIBUTES + rb")(?:>|\Z)"
    rb"|</[a-zA-Z][^\s/>]*+" + _ATTRIBUTES + rb"(?:>|\Z)"
    rb"|<[!?/][^>]*+(?:>|\Z)",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(
    rb"(?P<name>[^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?P<value>\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+))?"
)
_WITHOUT_TAGS = frozenset({b"title", b"textarea", b"xmp", b"iframe", b"noembed", b"noframes"})
"""Elements in which nothing but their own end is a tag."""


class Tag(NamedTuple):
    """The start of an element."""

    start: int
    """Where its `<` stands, in bytes counted from 0; so for all places here."""
    end: int
    name_end: int


class Run(NamedTuple):
    """Text between tags, or within a comment."""

    start: int
    end: int


class Attribute(NamedTuple):
    """An attribute of a tag that has a value."""

    name: str
    """In lower case."""
    start: int
    """Where its value begins, quotes included."""
    end: int


def tokens(page: bytes) -> Iterator[Tag | Run]:
    """Give the tags that start elements, the comments and the text of a page, in order."""
    at = 0
    while (found := _TOKEN.search(page, at)) is not None:
        if page[at : found.start()].strip():
            yield Run(at, found.start())
        at = found.end()
        if found["comment"] is not None:
            yield Run(*found.span("comment"))
        elif found["name"] is not None:
            yield Tag(found.start(), at, found.end("name"))
            if found["name"].lower() in _WITHOUT_TAGS:
                end = _end_of(page, found["name"], at)
                if page[at:end].strip():
                    yield Run(at, end)
                at = end
    if page[at:].strip():
        yield Run(at, len(page))


def _end_of(page: bytes, name: bytes, at: int) -> int:
    found = re.compile(rb"</" + re.escape(name) + rb"[\s/>]", re.IGNORECASE).search(page, at)
    return found.start() if found else len(page)


def attributes_of(page: bytes, tag: Tag) -> Iterator[Attribute]:
    """Give the attributes of a tag that have values."""
    for found in _ATTRIBUTE.finditer(page, tag.name_end, tag.end - 1):
        if found["value"] is not None:
            name = found["name"].decode("utf-8", "replace").lower()
            yield Attribute(name, *found.span("value"))


def tag_at(page: bytes, start: int) -> Tag:
    """Give the tag that starts at a place."""
    found = _TOKEN.match(page, start)
    end, name_end = (found.end(), found.end("name")) if found else (start, start)
    return Tag(start, end, name_end)


def labelled(page: bytes, name: bytes) -> bytes:
    """Give a page in which every tag and every text says where it stood.

    Tags have an attribute called `name` more; of text and comments nothing is left but the place, as
    `@start-end@`.

    Args:
        page: Without scripts and whatever else is no markup.
        name: Of the attribute.
    """
    pieces: list[bytes] = []
    at = 0
    for token in tokens(page):
        if isinstance(token, Tag):
            pieces += (page[at : token.name_end], b' %s="%d"' % (name, token.start))
            at = token.name_end
        else:
            pieces += (page[at : token.start], b"@%d-%d@" % (token.start, token.end))
            at = token.end
    return b"".join([*pieces, page[at:]])
