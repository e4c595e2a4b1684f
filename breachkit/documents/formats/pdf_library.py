"""What PDFium tells of a PDF: its pages, their words, pictures and notes, and the files attached.

PDFium is called as it is in C: handles are closed here, and texts come as it keeps them, UTF-16.
"""

import contextlib
import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from breachkit.documents.reader import NotReadError, OverBudgetError


MOST_CHARACTERS = 1 << 20
"""Of a page; a book has some thousand."""
_MOST_OBJECTS = 1 << 20
"""Drawn on a page, those within forms included."""
_EMPTY = 2
"""Bytes of an empty text: its end."""
_WORD = re.compile(r"[^\s\0]+")
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-", "\r": None, "\0": None})
"""What PDFium gives for a hyphen at the end of a line, and what is no character."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it stands, in points from the lower left corner of the page."""

    text: str
    left: float
    base: float
    """Height of its base line."""
    end: tuple[float, float]
    """Where its last character starts: it tells which way the word runs."""
    box: tuple[float, float, float, float]
    """Of its last character: left, bottom, right, top."""


class Drawn(NamedTuple):
    """What a page shows beside words."""

    images: int
    strokes: int
    """Lines and curves; one for each shading."""


class Note(NamedTuple):
    """An annotation: a comment, a field of a form, a file that is pinned to a page."""

    kind: int
    texts: dict[str, str]
    has_file: bool
    file: bytes | None
    """None where there is none, or a damaged one."""


@contextlib.contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a PDF.

    Raises:
        NotReadError: It is encrypted, or no page can be found in it.
    """
    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    if not document:
        is_locked = pdfium.FPDF_GetLastError() == pdfium.FPDF_ERR_PASSWORD
        raise NotReadError("encrypted" if is_locked else "damaged, no page can be found")
    try:
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


@contextlib.contextmanager
def page_of(document: Any, number: int) -> Iterator[Any]:
    """Open a page, counted from 0; None where it is broken."""
    page = pdfium.FPDF_LoadPage(document, number)
    try:
        yield page
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


def page_count(document: Any) -> int:
    """Give the number of pages."""
    return int(pdfium.FPDF_GetPageCount(document))


@contextlib.contextmanager
def _words_of(page: Any) -> Iterator[Any]:
    words = pdfium.FPDFText_LoadPage(page)
    if not words:
        raise NotReadError("the text of a page cannot be read")
    try:
        yield words
    finally:
        pdfium.FPDFText_ClosePage(words)


def text_and_words(page: Any, is_wanted: Callable[[str], bool]) -> tuple[str, list[Word]]:
    """Give the text of a page in the order of the file, and its words with their places.

    Args:
        page: A page.
        is_wanted: Tells by the text whether the words are wanted, since places take their time.

    Raises:
        OverBudgetError: There is more than `MOST_CHARACTERS` of it.
    """
    with _words_of(page) as words:
        count = pdfium.FPDFText_CountChars(words)
        if count > MOST_CHARACTERS:
            raise OverBudgetError("too many characters on a page")
        units = _units(words, count)
        text = _shown(units)
        return text, list(_placed(words, units, count)) if is_wanted(text) else []


def _units(words: Any, count: int) -> str:
    """Give the text of a page, one character for each 16 bits."""
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    written = pdfium.FPDFText_GetText(words, 0, count, buffer)
    return "".join(map(chr, buffer[: max(written - 1, 0)]))


def _shown(units: str) -> str:
    if not units.isascii():
        units = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return units.translate(_HYPHENS)


def _placed(words: Any, units: str, count: int) -> Iterator[Word]:
    x, y = ctypes.c_double(), ctypes.c_double()
    to_x, to_y, box = ctypes.byref(x), ctypes.byref(y), pdfium.FS_RECTF()
    to_box = ctypes.byref(box)
    is_same = len(units) == count
    place = pdfium.FPDFText_GetCharIndexFromTextIndex
    for found in _WORD.finditer(units):
        first, last = found.start(), found.end() - 1
        if not is_same:
            first, last = place(words, first), place(words, last)
        if not pdfium.FPDFText_GetCharOrigin(words, first, to_x, to_y):
            continue
        left, base = x.value, y.value
        if last != first and not pdfium.FPDFText_GetCharOrigin(words, last, to_x, to_y):
            continue
        if not pdfium.FPDFText_GetLooseCharBox(words, last, to_box):
            continue
        corners = (box.left, box.bottom, box.right, box.top)
        yield Word(_shown(found[0]), left, base, (x.value, y.value), corners)


def drawn_on(page: Any) -> Drawn:
    """Count pictures and strokes on a page, those within forms included, without opening them.

    Raises:
        OverBudgetError: There is too much to look at.
    """
    images = strokes = seen = 0
    to_see = [
        pdfium.FPDFPage_GetObject(page, at) for at in range(pdfium.FPDFPage_CountObjects(page))
    ]
    while to_see:
        thing = to_see.pop()
        seen += 1
        if seen > _MOST_OBJECTS:
            raise OverBudgetError("too many objects on a page")
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            strokes += max(pdfium.FPDFPath_CountSegments(thing), 0)
        elif kind == pdfium.FPDF_PAGEOBJ_SHADING:
            strokes += 1
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            images += 1
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            inner = range(max(pdfium.FPDFFormObj_CountObjects(thing), 0))
            to_see += [pdfium.FPDFFormObj_GetObject(thing, at) for at in inner]
    return Drawn(images, strokes)


def notes_on(page: Any, keys: tuple[str, ...]) -> Iterator[Note]:
    """Give every annotation of a page, with those of its texts that have one of the keys."""
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            texts = {
                key: _text(pdfium.FPDFAnnot_GetStringValue, note, key.encode()) for key in keys
            }
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            pinned = pdfium.FPDFAnnot_GetFileAttachment(note)
            yield Note(kind, texts, bool(pinned), _file(pinned) if pinned else None)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)


def about(document: Any, key: bytes) -> str:
    """Give a text of the dictionary that tells what the file is about; empty if there is none."""
    return _text(pdfium.FPDF_GetMetaText, document, key)


def attachments(document: Any) -> Iterator[tuple[str, bytes | None]]:
    """Give the name and the content of every file attached; None where that is broken."""
    for number in range(pdfium.FPDFDoc_GetAttachmentCount(document)):
        attached = pdfium.FPDFDoc_GetAttachment(document, number)
        if attached:
            yield _text(pdfium.FPDFAttachment_GetName, attached), _file(attached)
        else:
            yield "", None


def _file(attached: Any) -> bytes | None:
    size = ctypes.c_ulong()
    if not pdfium.FPDFAttachment_GetFile(attached, None, 0, size):
        return None
    buffer = ctypes.create_string_buffer(size.value)
    if not pdfium.FPDFAttachment_GetFile(attached, buffer, size.value, size):
        return None
    return buffer.raw


def _text(function: Any, *where: Any) -> str:
    """Ask for a text in the way of PDFium: for its size in bytes, its end included, then for it."""
    size = function(*where, None, 0)
    if size <= _EMPTY:
        return ""
    buffer = ctypes.create_string_buffer(size + 1)
    function(*where, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - _EMPTY].decode("utf-16-le", "replace")
