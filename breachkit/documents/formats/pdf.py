"""PDF: the text of every page and the tables in it, and what no page shows.

A PDF holds no tables but words at places; `pdf_layout` makes lines of them. Pictures are not read.
PDFium reads it (`pdf_library`), which is in C: pypdf takes twenty times as long, and only decrypts.
"""

import io
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pypdfium2_raw as pdfium

from breachkit.documents.formats import pdf_library as library
from breachkit.documents.formats.pdf_beside import beside_pages
from breachkit.documents.formats.pdf_layout import Line, lines_of, may_hold_rows, rows_of
from breachkit.documents.formats.pdf_pages import PageParts, page_parts
from breachkit.documents.formats.pdf_streams import Streams, look_at_streams, names_in_info
from breachkit.documents.formats.svg_layout import Label
from breachkit.documents.formats.svg_risk import risk_tables
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import Budget, Member, NotReadError, OverBudgetError, inside
from breachkit.documents.repeated import RepeatedParts
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait, Unreadable


_MOST_PAGES = 300
_MOST_NOTES = 10_000
"""Annotations of a page."""
_DRAWING = 10
"""Strokes on a page without text beyond which something is drawn on it."""
_END = b"%%EOF"
_LINEARIZED = b"/Linearized"
_PADDING = 64
_KNOWN = RepeatedParts()
_ENCRYPTED = b"/Encrypt"


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give text and tables of every page, what lies beside pages, attachments and earlier versions.

    Raises:
        NotReadError: It is encrypted, or no page can be found in it.
        OverBudgetError: It grows too much when it is decompressed.
    """
    plain = _decrypted(content) if _ENCRYPTED in content else content
    streams = look_at_streams(plain)
    plain = streams.content
    if streams.damaged:
        yield Unreadable("holds streams that are damaged", part)
    if streams.unread_drawings:
        yield Unreadable(
            "holds drawings that are too large to be read: look at them yourself", part
        )
    with library.opened(plain) as document:
        pages = library.page_count(document)
        if pages < 1:
            raise NotReadError("damaged, no page can be found")
        is_shared = pages > 1 and library.is_as_it_says(document)
        parts = page_parts(plain, pages) if is_shared else None
        for number in range(min(pages, _MOST_PAGES)):
            place = inside(part, f"page {number + 1}")
            made_of = parts[number] if parts else None
            read_page = partial(_page, document, number, place, budget, streams, made_of)
            yield from (
                read_page()
                if made_of is None
                else _KNOWN.read(made_of.key, place, budget, read_page)
            )
        if pages > _MOST_PAGES:
            yield Unreadable(f"only the first {_MOST_PAGES} pages were read", part)
        yield from _metadata(document, plain, part)
        yield from _attachments(document, part, budget)
        yield from beside_pages(document, plain, part, budget)
    yield from _versions(content, part, budget)


def _decrypted(content: bytes) -> bytes:
    """Give the file without encryption, where no password is needed to see it.

    Encrypted streams cannot be measured, and PDFium would inflate them without bounds.
    """
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if not reader.is_encrypted:
        return content
    if reader.decrypt("") is pypdf.PasswordType.NOT_DECRYPTED:
        raise NotReadError("encrypted")
    into = io.BytesIO()
    pypdf.PdfWriter(clone_from=reader).write(into)
    return into.getvalue()


def _page(
    document: Any,
    number: int,
    part: str,
    budget: Budget,
    streams: Streams,
    made_of: PageParts | None,
) -> Iterator[Document | Member]:
    named = streams.may_name_pictures and (made_of is None or made_of.may_show_pictures)
    with library.page_of(document, number) as page:
        if page:
            yield from _shown(page, part, budget, pictures=named or streams.may_hold_pictures)
            yield from _annotations(page, part, budget)
        else:
            yield Unreadable("a page that is damaged", part)


def _shown(page: Any, part: str, budget: Budget, *, pictures: bool) -> Iterator[Document]:
    """Give what a page shows; pictures are looked for where there may be any."""
    try:
        text, words = library.text_and_words(page, may_hold_rows)
        is_drawn = pictures or not text.strip()
        drawn = library.Drawn(0, 0)
        if is_drawn:
            drawn = library.drawn_on(page, strokes=not text.strip())
    except (NotReadError, OverBudgetError) as stop:
        yield Unreadable(str(stop), part)
        return
    if text.strip():
        yield Text(text, part)
    lines = list(lines_of(words))
    yield from _at_risk(lines, inside(part, "numbers at risk"))
    for number, rows in enumerate(rows_of(lines), start=1):
        budget.take_cells(sum(map(len, rows)))
        yield from tables_of(rows, inside(part, f"table {number}"), origin=Origin.MARKUP)
    if drawn.images:
        yield Embedded(Trait.EMBEDDED_IMAGE, part, drawn.images)
    if not text.strip():
        yield from _wordless(drawn, part)


_AT_RISK = re.compile(r"\bat[\s-]{1,3}risk\b|\brisk\s+(?:table|set)s?\b", re.IGNORECASE)
_LINES_UNDER = 60
"""Under the name of a table of numbers at risk, in which its rows are looked for."""


def _at_risk(lines: Sequence[Line], part: str) -> Iterator[Document]:
    """Give the numbers at risk that stand under a survival curve, whose columns have no names of counts."""
    heads = (
        at for at, line in enumerate(lines) if any(_AT_RISK.search(cell.text) for cell in line)
    )
    at = next(heads, None)
    if at is not None:
        under = enumerate(lines[at : at + _LINES_UNDER])
        labels = [Label(cell.text, cell.left, float(row)) for row, line in under for cell in line]
        yield from risk_tables(labels, part)


def _wordless(drawn: library.Drawn, part: str) -> Iterator[Document]:
    """Say that a page without words may still show something."""
    if drawn.images:
        yield Unreadable("a page that is a picture", part)
    elif drawn.strokes > _DRAWING:
        yield Unreadable("a page that is drawn, without text", part)


_TOLD = ("Contents", "TU", "V", "RC")
_BY = "T"
"""Who made a comment; of a field it is the name."""


def _annotations(page: Any, part: str, budget: Budget) -> Iterator[Document | Member]:
    """Give comments, the values of fields, and the files that are pinned to a page."""
    notes: list[str] = []
    fields: list[str] = []
    authors: set[str] = set()
    found = library.notes_on(page, (*_TOLD, _BY))
    for number, note in enumerate(itertools.islice(found, _MOST_NOTES), start=1):
        told = [note.texts[key] for key in _TOLD if note.texts[key].strip()]
        is_field = note.kind == pdfium.FPDF_ANNOT_WIDGET
        (fields if is_field else notes).extend(told)
        if told and not is_field and note.texts[_BY]:
            authors.add(note.texts[_BY])
        if note.has_file:
            yield from _file(b"", note.file, inside(part, f"note {number}"), budget)
    if next(found, None) is not None:
        yield Unreadable(f"only the first {_MOST_NOTES} notes were read", part)
    if notes:
        yield Embedded(Trait.COMMENTS, part, len(notes))
    if authors:
        yield Embedded(Trait.AUTHOR, part, len(authors))
    if notes or fields:
        yield Text("\n".join([*notes, *fields]), part, TextKind.HIDDEN)


def _file(
    name: bytes, content: bytes | None, part: str, budget: Budget
) -> Iterator[Document | Member]:
    yield Embedded(Trait.EMBEDDED_FILE, part)
    if content is None:
        yield Unreadable("a file within that is damaged", part)
    else:
        budget.take_bytes(len(content))
        yield Member(content=content, path=name, part=part)


_ABOUT = (b"Title", b"Subject", b"Keywords")
_NOT_ABOUT = frozenset(
    {*_ABOUT, b"Author", b"Creator", b"Producer", b"CreationDate", b"ModDate", b"Trapped"}
)


def _metadata(document: Any, content: bytes, part: str | None) -> Iterator[Document]:
    if library.about(document, b"Author").strip():
        yield Embedded(Trait.AUTHOR, part)
    names = [*_ABOUT, *(name for name in names_in_info(content) if name not in _NOT_ABOUT)]
    told = [library.about(document, name) for name in names]
    told = [text for text in told if text.strip()]
    if told:
        yield Embedded(Trait.METADATA_TEXT, part, len(told))
        yield Text("\n".join(told), part, TextKind.HIDDEN)


def _attachments(document: Any, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    for number, (name, content) in enumerate(library.attachments(document), start=1):
        place = inside(part, f"attachment {number}")
        yield from _file(name.encode("utf-8", "replace"), content, place, budget)


def _versions(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the file as it was before it was last changed, which a PDF keeps in front of changes."""
    last = content.rfind(_END)
    behind = content[last + len(_END) :].strip(b"\0 \r\n\t") if last >= 0 else b""
    if len(behind) > _PADDING:
        yield Unreadable("holds bytes behind its end", part)
    earlier = content.rfind(_END, 0, max(last, 0))
    if earlier < 0 or (_LINEARIZED in content[:1024] and content.count(_END) == 2):
        return
    before = content[: earlier + len(_END)] + b"\n"
    budget.take_bytes(len(before))
    yield Member(content=before, path=b"", part=inside(part, "earlier version"))
