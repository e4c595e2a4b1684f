"""What the pages of a PDF are made of: versions of a report have most of their pages in common.

PDFium tells nothing of a page before it has read it, which is most of what a PDF costs. So here the objects
are followed that a page refers to, and theirs, and a digest of all their bytes stands for the page. Only
files in the plainest form are looked at, where nothing can be read in two ways: one table of
places, in which each object lies from its place to the next one's, or packed in a stream that does
(`pdf_packed`). Of any other file nothing is said, nor of one in which PDFium looked for objects itself.

Source: ISO 32000-1, 7.3.10 (objects), 7.5.4 (the table), 7.7.3 (page tree and what pages inherit).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from breachkit.documents.formats.pdf_packed import (
    MOST_OBJECTS,
    Packed,
    UncertainError,
    check_end,
    compiled,
    inflated,
    objects_in,
    places_in,
)
from breachkit.documents.formats.pdf_streams import IMAGE


class PageParts(NamedTuple):
    """What a page is made of."""

    key: bytes
    """The same for two pages only if all their parts are."""
    may_show_pictures: bool
    """Whether some of its parts is a picture; those within its drawing are not seen here."""


def page_parts(content: bytes, pages: int) -> Sequence[PageParts] | None:
    """Give the parts of all pages, in order; None where that is not certain.

    Args:
        content: A file without encryption, of which PDFium took the table of places as it is.
        pages: How many pages it has.
    """
    try:
        objects = _Objects(content)
        found = list(_pages(objects, objects.root, ()))
        return [objects.page(*page) for page in found] if len(found) == pages else None
    except UncertainError:
        return None


_START = compiled(rb"startxref\s+(\d{1,12})\s+%%EOF\s*\Z")
_TABLE = compiled(rb"xref\s+0\s+(\d{1,7})\s*?\r?\n")
_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])[\r\n ]{2}")
_TRAILER = compiled(rb"trailer\s*<<([^()%]{1,4000}?)>>\s*startxref")
_ROOT = compiled(rb"/Root\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_NOT_PLAIN = (b"/Prev", b"/XRefStm", b"/Encrypt")
_OBJECT = compiled(rb"\s*(\d{1,9})\s+\d{1,5}\s+obj\b")
_STREAM = compiled(rb">>\s*stream\r?\n")
_LENGTH = compiled(rb"/Length\s+(\d{1,9})(?:\s+(\d{1,5})\s+R\b)?")
_NUMBER = compiled(rb"\s*(\d{1,9})\s+\d{1,5}\s+obj\s+(\d{1,9})\s+endobj\b")
_END = compiled(rb"\s*endstream\s*endobj\s*\Z")
_LITERAL = re.compile(rb"\((?:[^()\\]|\\.)*+\)", re.DOTALL)
_HEXADECIMAL = re.compile(rb"(?<!<)<[0-9A-Fa-f\s]*+>")
_REFERENCE = compiled(rb"(\d{1,9})\s+\d{1,5}\s+R\b")
_PAGES = compiled(rb"/Pages\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_KIDS = compiled(rb"/Kids\s*\[([^\[\]]*)\]")
_NOT_INHERITED = compiled(
    rb"/Kids\s*\[[^\[\]]*\]|/Count\s+\d{1,9}|/Parent\s+\d{1,9}\s+\d{1,5}\s+R\b"
)
_BACK = compiled(rb"/(?:P|Parent|Dest|D)\s*\[?\s*(\d{1,9})\s+\d{1,5}\s+R\b")
"""What leads from a part of a page to a page again, and is none of its parts."""
_SPECIAL = b"()<>%"
_ENTRY_BYTES = 20
_DEEPEST = 100
_MOST_PAGES = 100_000
_MOST_INFLATED = 1 << 22
"""Bytes of all streams in which objects are packed."""


class _Object(NamedTuple):
    """An object as it is written, its number apart."""

    plain: bytes
    """Without its strings."""
    strings: tuple[bytes, ...]
    stream: bytes

    def only(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Give the one place where something stands."""
        found = list(pattern.finditer(self.plain))
        if len(found) != 1:
            raise UncertainError
        return found[0]


class _Objects:
    """The objects of a file, by their numbers."""

    def __init__(self, content: bytes) -> None:
        start = _START.search(content, max(len(content) - 64, 0))
        if start is None or not content.startswith(b"%PDF-") or content.count(b"startxref") != 1:
            raise UncertainError
        self._content, self._streams = content, dict[int, list[Packed] | None]()
        self._room, self._left = _MOST_INFLATED, MOST_OBJECTS
        root = _ROOT.findall(self._read_places(int(start[1]), start.start()))
        if len(root) != 1:
            raise UncertainError
        self.root = int(self.object(int(root[0])).only(_PAGES)[1])
        self.tree: set[int] = set()
        self._known: dict[int, tuple[bytes, bool]] = {}
        self._open: set[int] = set()

    def _read_places(self, table: int, end: int) -> bytes:
        """Read where the objects are, and give the dictionary that says more of the file.

        Args:
            table: Where the table of places starts.
            end: Where what comes last in the file does.
        """
        self._packed: dict[int, tuple[int, int]] = {}
        if _TABLE.match(self._content, table):
            self._places, behind = _table(self._content, table)
            self._sorted = sorted({*self._places.values(), table})
            return _trailer(self._content, behind)
        head = _OBJECT.match(self._content, table)
        if head is None:
            raise UncertainError
        self._places, self._sorted = {int(head[1]): table}, [table, end]
        found = self.object(int(head[1]))
        self._places, self._packed = places_in(found.plain, self._data(found), self._room)
        self._sorted = sorted({*self._places.values(), table, end})
        return found.plain

    def object(self, number: int) -> _Object:
        """Give an object."""
        return self._unpacked(number) if number in self._packed else self._alone(number)

    def _unpacked(self, number: int) -> _Object:
        """Give an object out of the stream that holds it."""
        holder, position = self._packed[number]
        if holder not in self._streams:
            self._streams[holder] = None  # as long as it is read: it may say to be in itself
            stream = self._alone(holder)
            content = inflated(stream.plain, self._data(stream), self._room)
            self._room -= len(content)
            found = objects_in(stream.plain, content, self._left)
            self._streams[holder], self._left = found, self._left - len(found)
        objects = self._streams[holder]
        if objects is None or position >= len(objects) or objects[position].number != number:
            raise UncertainError
        read = _plain(objects[position].text.strip(), b"")
        check_end(objects[position], _bare(read.plain))
        return read

    def _alone(self, number: int) -> _Object:
        """Give an object that stands by itself, and ends where the next one begins."""
        place = self._places.get(number, 0)
        after = bisect_right(self._sorted, place)
        text = self._content[place : self._sorted[after]] if after < len(self._sorted) else b""
        head = _OBJECT.match(text)
        if head is None or int(head[1]) != number:
            raise UncertainError
        stream = _STREAM.search(text)
        if stream is None:
            body, _, rest = text[head.end() :].partition(b"endobj")
            if rest.strip():
                raise UncertainError
            return _plain(body, b"")
        found = _plain(text[head.end() : stream.start() + 2], text[stream.end() :])
        if b"#" in found.plain or not _END.match(found.stream, self._length(found)):
            raise UncertainError
        return found

    def _length(self, stream: _Object) -> int:
        length = stream.only(_LENGTH)
        number = length[1] if length[2] is None else self._number(int(length[1]))
        if not number.isdigit():
            raise UncertainError
        return int(number)

    def _number(self, number: int) -> bytes:
        """Give an object that is a number by itself."""
        place = self._places.get(number, 0)
        found = _NUMBER.match(self._content, place)
        if found is None or int(found[1]) != number:
            raise UncertainError
        return found[2]

    def _data(self, stream: _Object) -> bytes:
        return stream.stream[: self._length(stream)]

    def page(self, number: int, above: Sequence[int]) -> PageParts:
        """Give the parts of a page, with what it inherits."""
        parts = [self._digest(one) for one in (number, *above)]
        key = sha256(b"".join(digest for digest, _ in parts)).digest()
        return PageParts(key, any(picture for _, picture in parts))

    def _part(self, number: int) -> tuple[bytes, bool]:
        """Give the digest of what a page refers to, and whether there is a picture in it."""
        if number in self.tree or number in self._open or len(self._open) > _DEEPEST:
            raise UncertainError
        if number not in self._places and number not in self._packed:
            return b"", False
        self._open.add(number)
        found = self._digest(number)
        self._open.remove(number)
        return found

    def _digest(self, number: int) -> tuple[bytes, bool]:
        known = self._known.get(number)
        if known is not None:
            return known
        found = self.object(number)
        plain = _NOT_INHERITED.sub(b"", found.plain) if number in self.tree else found.plain
        between = _REFERENCE.split(_BACK.sub(self._cut, plain))
        parts = [self._part(int(other)) for other in between[1::2]]
        written = repr((b"R".join(between[::2]), found.strings)).encode()
        digest = sha256(written + b"".join(part for part, _ in parts) + found.stream).digest()
        picture = IMAGE.search(plain) is not None or any(picture for _, picture in parts)
        self._known[number] = digest, picture
        return digest, picture

    def _cut(self, back: re.Match[bytes]) -> bytes:
        return b"/Back" if int(back[1]) in self.tree else back[0]


def _table(content: bytes, start: int) -> tuple[dict[int, int], int]:
    """Read the table of places: where each object is, and where the table ends."""
    head = _TABLE.match(content, start)
    if head is None:
        raise UncertainError
    end = head.end() + _ENTRY_BYTES * int(head[1])
    entries = _ENTRY.findall(content[head.end() : end])
    if len(entries) != int(head[1]):
        raise UncertainError
    return {n: int(place) for n, (place, used) in enumerate(entries) if used == b"n"}, end


def _trailer(content: bytes, start: int) -> bytes:
    """Give the dictionary behind a table of places."""
    trailer = _TRAILER.match(content, start)
    if trailer is None or any(word in trailer[1] for word in _NOT_PLAIN):
        raise UncertainError
    return trailer[1]


def _plain(text: bytes, stream: bytes) -> _Object:
    """Take the strings out of an object, and make sure that it ends where the text does."""
    strings: list[bytes] = []
    if b"(" in text:
        strings = _LITERAL.findall(text)
        text = _LITERAL.sub(b"()", text)
    bare = _bare(text)
    others = bare.replace(b"<<", b"").replace(b">>", b"")
    if len(others.translate(None, _SPECIAL)) < len(others):
        raise UncertainError
    if bare.count(b"<<") != bare.count(b">>") or bare.count(b"[") != bare.count(b"]"):
        raise UncertainError
    return _Object(text, tuple(strings), stream)


def _bare(text: bytes) -> bytes:
    """Take out what is left of strings in an object, and those in hexadecimal."""
    bare = text.replace(b"()", b"")
    return _HEXADECIMAL.sub(b"", bare) if b"<" in bare else bare


def _pages(
    objects: _Objects, number: int, above: tuple[int, ...]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Give the pages of the tree below an object, each with all above it."""
    if number in objects.tree or len(above) > _DEEPEST or len(objects.tree) > _MOST_PAGES:
        raise UncertainError
    objects.tree.add(number)
    found = objects.object(number)
    if found.stream or b"#" in found.plain:
        raise UncertainError
    if b"/Kids" not in found.plain:
        yield number, above
        return
    for kid in _REFERENCE.findall(found.only(_KIDS)[1]):
        yield from _pages(objects, int(kid), (*above, number))
