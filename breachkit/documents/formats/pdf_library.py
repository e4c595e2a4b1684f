"""What PDFium tells of a PDF: its pages, their words, pictures and notes, and the files attached.

PDFium is called as it is in C: handles are closed here, and texts come as it keeps them, UTF-16. Only the bare
functions are imported: the helpers of pypdfium2 take as long again, and nothing is drawn or written here.
"""

import contextlib
import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import compress, repeat
from typing import Any, NamedTuple

import pypdfium2_raw as pdfium

from breachkit.documents.reader import NotReadError, OverBudgetError


MOST_CHARACTERS = 1 << 20
"""Of a page; a book has some thousand."""
_MOST_OBJECTS = 1 << 20
"""Drawn on a page, those within forms included."""
_FORM = pdfium.FPDF_PAGEOBJ_FORM
_EMPTY = 2
"""Bytes of an empty text: its end."""
_WORD = re.compile(r"[^\s\0]+")
_HYPHENS = (("\x02", "-"), ("\ufffe", "-"), ("\r", ""), ("\0", ""))
"""What PDFium gives for a hyphen at the end of a line, and what is no character."""
_NOT_AS_SHOWN = re.compile("[\x02\ufffe\ud800-\udfff]")
"""What makes a word another one, or none, once it is written as it is shown."""


# Whoever imports it begins it; where that is done already, nothing changes.
pdfium.FPDF_InitLibraryWithConfig(pdfium.FPDF_LIBRARY_CONFIG(version=2))

Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class Words(NamedTuple):
    """Words and where they stand, in points from the lower left corner of the page."""

    texts: Sequence[str] = ()
    lefts: Sequence[float] = ()
    bases: Sequence[float] = ()
    """Heights of their base lines."""
    ends: Sequence[float] = ()
    end_bases: Sequence[float] = ()
    """Where their last characters start: it tells which way a word runs."""
    boxes: Sequence[Box] = ()
    """Of their last characters."""


class Drawn(NamedTuple):
    """What a page shows beside words."""

    images: int
    strokes: int
    """Lines and curves, where they were asked for; one for each shading."""


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


def is_as_it_says(document: Any) -> bool:
    """Say whether objects are where the table of places says; PDFium looks for them where that is broken."""
    return bool(pdfium.FPDF_DocumentHasValidCrossReferenceTable(document))


@contextlib.contextmanager
def _words_of(page: Any) -> Iterator[Any]:
    words = pdfium.FPDFText_LoadPage(page)
    if not words:
        raise NotReadError("the text of a page cannot be read")
    try:
        yield words
    finally:
        pdfium.FPDFText_ClosePage(words)


def text_and_words(page: Any, is_wanted: Callable[[str], bool]) -> tuple[str, Words]:
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
        return text, _placed(words, units, count) if is_wanted(text) else Words()


def _units(words: Any, count: int) -> str:
    """Give the text of a page, one character for each 16 bits."""
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    written = max(pdfium.FPDFText_GetText(words, 0, count, buffer) - 1, 0)
    units = bytes(buffer)[: 2 * written].decode("utf-16-le", "surrogatepass")
    return units if len(units) == written else "".join(map(chr, buffer[:written]))


def _shown(units: str) -> str:
    if not units.isascii():
        units = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    for sign, meant in _HYPHENS:
        units = units.replace(sign, meant)
    return units


def _placed(words: Any, units: str, count: int) -> Words:
    spans = [found.span() for found in _WORD.finditer(units)]
    texts = [units[start:end] for start, end in spans]
    first, last = [start for start, _ in spans], [end - 1 for _, end in spans]
    if len(units) != count:
        first, last = (_indices(words, of_text) for of_text in (first, last))
    if _NOT_AS_SHOWN.search(units):
        texts = [_shown(text) if _NOT_AS_SHOWN.search(text) else text for text in texts]
    has_start, lefts, bases = _origins(words, first)
    has_end, ends, end_bases = _origins(words, last)
    has_box, boxes = _boxes(words, last)
    placed = Words(texts, lefts, bases, ends, end_bases, boxes)
    if all(has_start) and all(has_end) and all(has_box):
        return placed
    found = list(map(all, zip(has_start, has_end, has_box, strict=True)))
    return Words._make(list(compress(column, found)) for column in placed)


def _indices(words: Any, of_text: list[int]) -> list[int]:
    return [pdfium.FPDFText_GetCharIndexFromTextIndex(words, index) for index in of_text]


def _origins(words: Any, of: Sequence[int]) -> tuple[list[int], list[float], list[float]]:
    """Give whether characters have an origin, which is 0 for those without, and where it is."""
    room = (ctypes.c_double * (2 * len(of)))()
    start, end = ctypes.addressof(room), ctypes.addressof(room) + ctypes.sizeof(room)
    to_x, to_y = range(start, end, 16), range(start + 8, end, 16)
    found = list(map(_origin_of, repeat(_address(words)), of, to_x, to_y))
    return found, room[::2], room[1::2]


def _boxes(words: Any, of: Sequence[int]) -> tuple[list[int], list[Box]]:
    """Give whether characters have a box, of which all sides are 0 for those without, and which."""
    room = (pdfium.FS_RECTF * len(of))()
    start, end = ctypes.addressof(room), ctypes.addressof(room) + ctypes.sizeof(room)
    to_box = range(start, end, ctypes.sizeof(pdfium.FS_RECTF))
    found = list(map(_box_of, repeat(_address(words)), of, to_box))
    sides = memoryview(room).cast("B").cast("f").tolist()
    lefts, tops, rights, bottoms = (sides[side::4] for side in range(4))
    return found, list(zip(lefts, bottoms, rights, tops, strict=True))


def _address(handle: Any) -> int | None:
    return ctypes.cast(handle, ctypes.c_void_p).value


def _bare(function: Any, gives: Any, *takes: Any) -> Callable[..., int]:
    """Give a function of PDFium that takes and gives addresses as numbers.

    Called a hundred thousand times in a file, most of its time would go into objects for them.
    """
    address = _address(function)
    return ctypes.CFUNCTYPE(gives, *takes)(address or 0)


_ADDRESS = ctypes.c_void_p
_origin_of = _bare(
    pdfium.FPDFText_GetCharOrigin, ctypes.c_int, _ADDRESS, ctypes.c_int, _ADDRESS, _ADDRESS
)
_box_of = _bare(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, _ADDRESS, ctypes.c_int, _ADDRESS)
_on_page = _bare(pdfium.FPDFPage_GetObject, _ADDRESS, _ADDRESS, ctypes.c_int)
_in_form = _bare(pdfium.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_how_many_in = _bare(pdfium.FPDFFormObj_CountObjects, ctypes.c_int, _ADDRESS)
_kind_of = _bare(pdfium.FPDFPageObj_GetType, ctypes.c_int, _ADDRESS)
_segments_of = _bare(pdfium.FPDFPath_CountSegments, ctypes.c_int, _ADDRESS)


def drawn_on(page: Any, *, strokes: bool) -> Drawn:
    """Count pictures on a page, those within forms included, without opening them.

    Args:
        page: A page.
        strokes: Whether strokes are counted too.

    Raises:
        OverBudgetError: There is too much to look at.
    """
    images = drawn = 0
    room = _MOST_OBJECTS - pdfium.FPDFPage_CountObjects(page)
    if room < 0:
        raise OverBudgetError("too many objects on a page")
    things = list(map(_on_page, repeat(_address(page)), range(_MOST_OBJECTS - room)))
    while things:
        kinds = list(map(_kind_of, things))
        images += kinds.count(pdfium.FPDF_PAGEOBJ_IMAGE)
        drawn += _strokes(things, kinds) if strokes else 0
        forms = [thing for thing, kind in zip(things, kinds, strict=True) if kind == _FORM]
        sizes = [max(_how_many_in(form), 0) for form in forms]
        room -= sum(sizes)
        if room < 0:
            raise OverBudgetError("too many objects on a page")
        things = [
            _in_form(form, at)
            for form, size in zip(forms, sizes, strict=True)
            for at in range(size)
        ]
    return Drawn(images, drawn)


def _strokes(things: Sequence[int], kinds: Sequence[int]) -> int:
    paths = (
        thing for thing, kind in zip(things, kinds, strict=True) if kind == pdfium.FPDF_PAGEOBJ_PATH
    )
    shadings = kinds.count(pdfium.FPDF_PAGEOBJ_SHADING)
    return shadings + sum(max(segments, 0) for segments in map(_segments_of, paths))


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


def bookmarks(document: Any) -> Iterator[str]:
    """Give the titles of the bookmarks, as long as they are asked for: they may refer to themselves."""
    left = [pdfium.FPDFBookmark_GetFirstChild(document, None)]
    while left:
        bookmark = left.pop()
        if bookmark:
            yield _text(pdfium.FPDFBookmark_GetTitle, bookmark)
            left.append(pdfium.FPDFBookmark_GetNextSibling(document, bookmark))
            left.append(pdfium.FPDFBookmark_GetFirstChild(document, bookmark))


def scripts(document: Any) -> Iterator[str]:
    """Give the scripts of the document; those of its fields are elsewhere."""
    for number in range(pdfium.FPDFDoc_GetJavaScriptActionCount(document)):
        action = pdfium.FPDFDoc_GetJavaScriptAction(document, number)
        if action:
            yield _text(pdfium.FPDFJavaScriptAction_GetScript, action)
            pdfium.FPDFDoc_CloseJavaScriptAction(action)


def forms_in_xml(document: Any) -> Iterator[bytes | None]:
    """Give the pieces of a form in XML; None for one that is broken."""
    for number in range(pdfium.FPDF_GetXFAPacketCount(document)):
        size = ctypes.c_ulong()
        if not pdfium.FPDF_GetXFAPacketContent(document, number, None, 0, size):
            yield None
            continue
        buffer = ctypes.create_string_buffer(size.value)
        pdfium.FPDF_GetXFAPacketContent(document, number, buffer, size.value, size)
        yield buffer.raw


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
