"""A page of HTML cut into its markup, its scripts and styles, and the files inside it.

The pictures and libraries that reports carry inside themselves are most of their bytes, so they
are cut out at the speed of a search before a parser sees the rest.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from breachkit.documents.formats.png_text import without_pixels
from breachkit.documents.media import suffix_of
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Trait
from breachkit.model.records import dataclass, field


MOST_ATTRIBUTES = 5_000
"""Of one tag: the time that a parser takes grows with their square."""
MOST_TAGS = 1_500_000
"""Of one page: a parser makes some 300 bytes of each."""
_LONG_TAG = 20_000

_CODE = re.compile(rb"<([sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE])(?=[\s>])")
_ATTRIBUTES_WITH_TAGS = 5_001
"""Bytes of the attributes of a script that may hold the beginning of a tag; in longer ones it is one."""
_CODE_END = re.compile(rb"</(?:[sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE])\b[^>]{0,200}>")
_URI = re.compile(rb"[dD][aA][tT][aA]:([\w.+-]{1,60}/[\w.+-]{1,100})?((?:;\s?[\w.+-]{1,60}(?:=[\w.+\"-]{0,60})?){0,5}),")  # fmt: skip
_URI_REST = re.compile(rb"[^\s\"'()<>]*")
_SVG_START = re.compile(rb"(?:<|%3c)(?:svg|\?xml)", re.IGNORECASE)
_SVG_END = re.compile(rb"(?:<|%3c)/svg\s*(?:>|%3e)", re.IGNORECASE)
_LONGEST_DRAWING = 100_000
_CLOSING = {b'"': b'"', b"'": b"'", b"(": b")"}
_ESCAPED = re.compile(rb"%[0-9a-fA-F]{2}")
_ATTRIBUTE = re.compile(rb"([\w:-]{1,60})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_FOR_LOOKS = (
    "font/",
    "text/css",
    "application/font",
    "application/x-font",
    "application/vnd.ms-font",
)
_TAG = re.compile(rb"<[a-zA-Z](?:[^<>\"']+|\"[^\"]*\"|'[^']*')*+")


@dataclass(frozen=True, slots=True)
class Code:
    """A script or a style sheet."""

    attributes: dict[str, bytes] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataUri:
    """A file inside an attribute."""

    kind: str = field(repr=False)
    """Its media type, in lower case; empty where none is given."""
    is_base64: bool
    payload: bytes = field(repr=False)

    @property
    def is_for_looks(self) -> bool:
        """Whether it is a font or a style sheet, which hold no results."""
        return self.kind.startswith(_FOR_LOOKS)

    def content(self, budget: Budget) -> bytes:
        """Decode it; the bytes that stand there, where they are no valid Base64."""
        budget.take_bytes(len(self.payload))
        payload = _ESCAPED.sub(_unescaped, self.payload) if b"%" in self.payload else self.payload
        if not self.is_base64:
            return payload
        return decoded(payload)


@dataclass(slots=True)
class Cut:
    """The pieces of a page."""

    markup: bytes = field(repr=False)
    scripts: list[Code] = field(default_factory=list)
    styles: list[Code] = field(default_factory=list)
    files: list[DataUri] = field(default_factory=list)


def decoded(text: bytes | str) -> bytes:
    """Decode Base64, whatever its padding, but for pixels; what is none is given as it stands."""
    content = text.encode("ascii", "replace") if isinstance(text, str) else text
    if (picture := without_pixels(content)) is not None:
        return picture
    try:
        return base64.b64decode(content)
    except (binascii.Error, ValueError):
        pass
    try:
        return base64.b64decode(b"".join(content.split()).rstrip(b"=") + b"==")
    except (binascii.Error, ValueError):
        return content


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[0][1:].decode("ascii"))


def cut(page: bytes) -> Cut:
    """Cut a page.

    Raises:
        NotReadError: A tag has more attributes than a parser can stand.
    """
    found = Cut(b"")
    found.markup = b"".join(without_files(b"".join(_without_code(page, found)), found.files))
    _check_tags(found.markup)
    return found


def _without_code(page: bytes, found: Cut) -> Iterator[bytes]:
    position = 0
    while (tag := _code_from(page, position)) is not None:
        yield page[position : tag.start]
        end = _CODE_END.search(page, tag.end)
        body = page[tag.end : end.start() if end else len(page)]
        kept = found.scripts if tag.is_script else found.styles
        kept.append(Code(_attributes(page[tag.attributes : tag.end - 1]), body))
        yield b" "
        position = end.end() if end else len(page)
    yield page[position:]


class _Tag(NamedTuple):
    """Where the tag of a script or of a style sheet stands."""

    start: int
    attributes: int
    end: int
    is_script: bool


def _code_from(page: bytes, position: int) -> _Tag | None:
    """Give the next tag of a script or a style sheet from a place on."""
    for found in _CODE.finditer(page, position):
        start, name = found.span()
        end = page.find(b">", name, name + _ATTRIBUTES_WITH_TAGS + 1)
        if end < 0:
            other = page.find(b"<", name)
            end = page.find(b">", name, other if other >= 0 else len(page))
        if end >= 0:
            return _Tag(start, name, end + 1, found[1][1:2] in b"cC")
    return None


def masked(page: bytes) -> bytes:
    """Give a page of the same length, with something blank where `cut` and drawings take something out."""
    kept = bytearray(page)
    position = 0
    while (tag := _code_from(page, position)) is not None:
        end = _CODE_END.search(page, tag.end)
        position = end.end() if end else len(page)
        kept[tag.start : position] = b" " * (position - tag.start)
    page, position = bytes(kept), 0
    ends = {closing: page.rfind(closing) for closing in _CLOSING.values()}
    while (start := _URI.search(page, position)) is not None:
        position = _uri_end(page, start, ends)
        kept[start.start() : position] = b"x" * (position - start.start())
    page = bytes(kept)
    for begin, until in drawings(page):
        kept[begin:until] = b" " * (until - begin)
    return bytes(kept)


def drawings(markup: bytes) -> Iterator[tuple[int, int]]:
    """Give where the drawings in markup begin and end."""
    end = 0
    while (start := markup.find(b"<svg", end)) >= 0:
        end = markup.find(b"</svg", start)
        end = len(markup) if end < 0 else markup.find(b">", end) + 1 or len(markup)
        yield start, end


def _attributes(tag: bytes) -> dict[str, bytes]:
    return {
        name.decode("ascii", "replace").lower(): double or single or bare
        for name, double, single, bare in _ATTRIBUTE.findall(tag)
    }


def without_files(markup: bytes, files: list[DataUri]) -> Iterator[bytes]:
    """Give the markup with `data:` left of each file that stands in it."""
    if b"data:" not in markup and b"DATA:" not in markup:
        yield markup
        return
    position = 0
    ends = {closing: markup.rfind(closing) for closing in _CLOSING.values()}
    while (start := _URI.search(markup, position)) is not None:
        end = _uri_end(markup, start, ends)
        kind, parameters = (start[1] or b"").decode("ascii", "replace").lower(), start[2].lower()
        files.append(DataUri(kind, b"base64" in parameters, markup[start.end() : end]))
        yield markup[position : start.start()]
        yield b"data:"
        position = end
    yield markup[position:]


def _uri_end(markup: bytes, start: re.Match[bytes], ends: dict[bytes, int]) -> int:
    """Find where a file ends: at the quote that it began behind, of which `ends` gives the last."""
    if _SVG_START.match(markup, start.end()):  # which may hold brackets and the other quotes
        drawn = _SVG_END.search(markup, start.end(), start.end() + _LONGEST_DRAWING)
        if drawn is not None:
            return drawn.end()
    closing = _CLOSING.get(markup[start.start() - 1 : start.start()])
    if closing is not None and ends[closing] >= start.end():
        return markup.find(closing, start.end())
    rest = _URI_REST.match(markup, start.end())
    return rest.end() if rest else start.end()


def uri_of(attribute: bytes) -> DataUri | None:
    """Give the file that an attribute holds, or None."""
    start = _URI.match(attribute)
    if start is None:
        return None
    kind = (start[1] or b"").decode("ascii", "replace").lower()
    return DataUri(kind, b"base64" in start[2].lower(), attribute[start.end() :])


def files_within(
    files: Sequence[DataUri], part: str | None, budget: Budget
) -> Iterator[Document | Member]:
    """Give the files that stand inside a page or a drawing, each once, but for what is for looks."""
    images = others = 0
    for file in dict.fromkeys(files):
        if file.is_for_looks or not file.payload:
            continue
        is_image = file.kind.startswith("image/")
        images, others = images + is_image, others + (not is_image)
        name = inside(part, f"image {images}" if is_image else f"file {others}")
        yield Member(content=file.content(budget), path=suffix_of(file.kind), part=name)
    if images:
        yield Embedded(Trait.EMBEDDED_IMAGE, part, images)
    if others:
        yield Embedded(Trait.EMBEDDED_FILE, part, others)


def _check_tags(markup: bytes) -> None:
    if markup.count(b"<") > MOST_TAGS:
        raise NotReadError(f"more than {MOST_TAGS} tags")
    if len(markup) < _LONG_TAG:
        return
    tags = _TAG.findall(markup)
    if max(map(len, tags), default=0) <= _LONG_TAG:
        return
    if any(len(tag) > _LONG_TAG and len(tag.split()) > MOST_ATTRIBUTES for tag in tags):
        raise NotReadError("a tag with too many attributes")
