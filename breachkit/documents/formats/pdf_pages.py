"""What the pages of a PDF are made of: versions of a report have most of their pages in common.

PDFium tells nothing of a page before it has read it, which is most of what a PDF costs. So here the objects
are followed that a page refers to, and theirs, and a digest of all their bytes stands for the page. Only
files in the plainest form are looked at, where nothing can be read in two ways: one table of
places, in which each object lies from its place to the next one's. Of any other file nothing is said.

Source: ISO 32000-1, 7.3.10 (objects), 7.5.4 (the table), 7.7.3 (page tree and what pages inherit).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

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
        content: A file without encryption.
        pages: How many pages it has.
    """
    try:
        objects = _Objects(content)
        found = list(_pages(objects, objects.root, ()))
        return [objects.page(*page) for page in found] if len(found) == pages else None
    except _UncertainError:
        return None


class _UncertainError(Exception):
    """The file may be read in more than one way."""


_START = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\s+0\s+(\d{1,7})\s*?\r?\n")
_ENTRY = re.compile(rb"(\d{10}) \d{5} ([nf])[\r\n ]{2}")
_TRAILER = re.compile(rb"trailer\s*<<([^()%]{1,4000}?)>>\s*startxref")
_ROOT = re.compile(rb"/Root\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_NOT_PLAIN = (b"/Prev", b"/XRefStm", b"/Encrypt")
_OBJECT = re.compile(rb"\s*(\d{1,9})\s+\d{1,5}\s+obj\b")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_LENGTH = re.compile(rb"/Length\s+(\d{1,9})(?:\s+(\d{1,5})\s+R\b)?")
_END = re.compile(rb"\s*endstream\s*endobj\s*\Z")
_LITERAL = re.compile(rb"\((?:[^()\\]|\\.)*+\)", re.DOTALL)
_HEXADECIMAL = re.compile(rb"(?<!<)<[0-9A-Fa-f\s]*+>")
_REFERENCE = re.compile(rb"(\d{1,9})\s+\d{1,5}\s+R\b")
_PAGES = re.compile(rb"/Pages\s+(\d{1,9})\s+\d{1,5}\s+R\b")
_KIDS = re.compile(rb"/Kids\s*\[([^\[\]]*)\]")
_NOT_INHERITED = re.compile(
    rb"/Kids\s*\[[^\[\]]*\]|/Count\s+\d{1,9}|/Parent\s+\d{1,9}\s+\d{1,5}\s+R\b"
)
_BACK = re.compile(rb"/(?:P|Parent|Dest|D)\s*\[?\s*(\d{1,9})\s+\d{1,5}\s+R\b")
"""What leads from a part of a page to a page again, and is none of its parts."""
_ENTRY_BYTES = 20
_DEEPEST = 100
_MOST_PAGES = 100_000


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
            raise _UncertainError
        return found[0]


class _Objects:
    """The objects of a file, by their numbers."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        start = _START.search(content, max(len(content) - 64, 0))
        if start is None or not content.startswith(b"%PDF-") or content.count(b"startxref") != 1:
            raise _UncertainError
        table = int(start[1])
        self._places, end = _table(content, table)
        self._sorted = sorted({*self._places.values(), table})
        trailer = _TRAILER.match(content, end)
        root = _ROOT.findall(trailer[1]) if trailer else []
        if trailer is None or len(root) != 1 or any(word in trailer[1] for word in _NOT_PLAIN):
            raise _UncertainError
        self.root = int(self.object(int(root[0])).only(_PAGES)[1])
        self.tree: set[int] = set()
        self._known: dict[int, tuple[bytes, bool]] = {}
        self._open: set[int] = set()

    def object(self, number: int) -> _Object:
        """Give an object, which ends where the next one begins."""
        place = self._places.get(number, 0)
        after = bisect_right(self._sorted, place)
        text = self._content[place : self._sorted[after]] if after < len(self._sorted) else b""
        head = _OBJECT.match(text)
        if head is None or int(head[1]) != number:
            raise _UncertainError
        stream = _STREAM.search(text)
        if stream is None:
            body, _, rest = text[head.end() :].partition(b"endobj")
            if rest.strip():
                raise _UncertainError
            return _plain(body, b"")
        found = _plain(text[head.end() : stream.start() + 2], text[stream.end() :])
        if b"#" in found.plain or not _END.match(found.stream, self._length(found)):
            raise _UncertainError
        return found

    def _length(self, stream: _Object) -> int:
        length = stream.only(_LENGTH)
        number = length[1] if length[2] is None else self.object(int(length[1])).plain.strip()
        if not number.isdigit():
            raise _UncertainError
        return int(number)

    def page(self, number: int, above: Sequence[int]) -> PageParts:
        """Give the parts of a page, with what it inherits."""
        parts = [self._digest(one) for one in (number, *above)]
        key = sha256(b"".join(digest for digest, _ in parts)).digest()
        return PageParts(key, any(picture for _, picture in parts))

    def _part(self, number: int) -> tuple[bytes, bool]:
        """Give the digest of what a page refers to, and whether there is a picture in it."""
        if number in self.tree or number in self._open or len(self._open) > _DEEPEST:
            raise _UncertainError
        if number not in self._places:
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
        plain = _BACK.sub(self._cut, plain)
        parts = [self._part(int(other)) for other in _REFERENCE.findall(plain)]
        written = repr((_REFERENCE.sub(b"R", plain), found.strings)).encode()
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
        raise _UncertainError
    end = head.end() + _ENTRY_BYTES * int(head[1])
    entries = _ENTRY.findall(content[head.end() : end])
    if len(entries) != int(head[1]):
        raise _UncertainError
    return {n: int(place) for n, (place, used) in enumerate(entries) if used == b"n"}, end


def _plain(text: bytes, stream: bytes) -> _Object:
    """Take the strings out of an object, and make sure that it ends where the text does."""
    strings: list[bytes] = []
    if b"(" in text:
        strings = _LITERAL.findall(text)
        text = _LITERAL.sub(b"()", text)
    bare = text.replace(b"()", b"")
    bare = _HEXADECIMAL.sub(b"", bare) if b"<" in bare else bare
    others = bare.replace(b"<<", b"").replace(b">>", b"")
    if any(sign in others for sign in (b"(", b")", b"<", b">", b"%")):
        raise _UncertainError
    if bare.count(b"<<") != bare.count(b">>") or bare.count(b"[") != bare.count(b"]"):
        raise _UncertainError
    return _Object(text, tuple(strings), stream)


def _pages(
    objects: _Objects, number: int, above: tuple[int, ...]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Give the pages of the tree below an object, each with all above it."""
    if number in objects.tree or len(above) > _DEEPEST or len(objects.tree) > _MOST_PAGES:
        raise _UncertainError
    objects.tree.add(number)
    found = objects.object(number)
    if found.stream or b"#" in found.plain:
        raise _UncertainError
    if b"/Kids" not in found.plain:
        yield number, above
        return
    for kid in _REFERENCE.findall(found.only(_KIDS)[1]):
        yield from _pages(objects, int(kid), (*above, number))
