"""PDF: the text of every page and the tables in it, and what no page shows.

A PDF holds no tables but words at places; `pdf_layout` makes lines of them. Pictures are not read.
"""

import contextlib
import io
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from breachkit.documents.formats.pdf_layout import rows_of, shown_lines
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait, Unreadable


if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader


_MOST_PAGES = 300
_MOST_STREAM = 1 << 25
"""Bytes that one stream may grow to."""
_MOST_FORMS = 200
_INLINE_IMAGE = re.compile(rb"\bBI\s[^\0]{1,400}?\sID\s")
_DRAWING = 200
"""Bytes of a page without text beyond which something is drawn on it."""
_END = b"%%EOF"
_LINEARIZED = b"/Linearized"
_PADDING = 64


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give text and tables of every page, comments, metadata, attachments and earlier versions.

    Raises:
        NotReadError: It is encrypted.
    """
    with _limits():
        reader = _opened(content)
        pages = len(reader.pages)
    for number in range(min(pages, _MOST_PAGES)):
        with _limits():
            found = list(_page(reader.pages[number], inside(part, f"page {number + 1}"), budget))
        yield from found
    if pages > _MOST_PAGES:
        yield Unreadable(f"only the first {_MOST_PAGES} pages were read", part)
    with _limits():
        beside = [*_metadata(reader, part), *_attachments(reader, part, budget)]
    yield from beside
    yield from _versions(content, part, budget)


@contextlib.contextmanager
def _limits() -> Iterator[None]:
    """Bound what pypdf inflates, and let it start no program."""
    import pypdf

    with pypdf.apply_configuration(
        zlib_maximum_output_length=_MOST_STREAM,
        lzw_maximum_output_length=_MOST_STREAM,
        run_length_maximum_output_length=_MOST_STREAM,
        array_based_stream_maximum_output_length=_MOST_STREAM,
        stream_decoding_work_maximum_length=4 * _MOST_STREAM,
        jbig2dec_binary=None,
    ):
        yield


def _opened(content: bytes) -> "PdfReader":
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and reader.decrypt("") is pypdf.PasswordType.NOT_DECRYPTED:
        raise NotReadError("encrypted")
    return reader


def _page(page: "PageObject", part: str, budget: Budget) -> Iterator[Document | Member]:
    text, lines = shown_lines(page)
    if text.strip():
        yield Text(text, part)
    for number, rows in enumerate(rows_of(lines), start=1):
        budget.take_cells(sum(map(len, rows)))
        yield from tables_of(rows, inside(part, f"table {number}"), origin=Origin.MARKUP)
    images = _images(page)
    if images:
        yield Embedded(Trait.EMBEDDED_IMAGE, part, images)
    if not text.strip():
        yield from _wordless(page, part, images)
    yield from _annotations(page, part, budget)


def _wordless(page: "PageObject", part: str, images: int) -> Iterator[Document]:
    """Say that a page without words may still show something."""
    if images:
        yield Unreadable("a page that is a picture", part)
        return
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) > _DRAWING:
        yield Unreadable("a page that is drawn, without text", part)


def _images(page: "PageObject") -> int:
    """Count the pictures on a page, those within forms included, without opening them."""
    found = 0
    to_see: list[Any] = [page]
    seen: set[int] = set()
    while to_see and len(seen) < _MOST_FORMS:
        holder = to_see.pop()
        seen.add(len(seen))
        for thing in _values(_entry(_entry(holder, "/Resources"), "/XObject")):
            kind = _entry(thing, "/Subtype")
            found += kind == "/Image"
            if kind == "/Form" and not any(thing is other for other in to_see):
                to_see.append(thing)
    contents = page.get_contents()
    data = contents.get_data() if contents is not None else b""
    return found + len(_INLINE_IMAGE.findall(data))


def _entry(holder: Any, name: str) -> Any:
    """Give an entry of a dictionary of the PDF, references followed; None where there is none."""
    from pypdf.generic import DictionaryObject

    if not isinstance(holder, DictionaryObject):
        return None
    found = holder.get(name)
    return None if found is None else found.get_object()


def _values(holder: Any) -> Iterator[Any]:
    from pypdf.generic import DictionaryObject

    if isinstance(holder, DictionaryObject):
        yield from (_entry(holder, name) for name in holder)


def _items(holder: Any) -> Iterator[Any]:
    from pypdf.generic import ArrayObject

    if isinstance(holder, ArrayObject):
        yield from (item.get_object() for item in holder)


def _annotations(page: "PageObject", part: str, budget: Budget) -> Iterator[Document | Member]:
    """Give comments, the values of fields, and the files that are pinned to a page."""
    notes: list[str] = []
    fields: list[str] = []
    authors: set[str] = set()
    for number, note in enumerate(_items(_entry(page, "/Annots")), start=1):
        kind = _entry(note, "/Subtype")
        words = [_entry(note, name) for name in ("/Contents", "/TU", "/V", "/RC")]
        told = [str(word) for word in words if isinstance(word, str) and word.strip()]
        (fields if kind == "/Widget" else notes).extend(told)
        author = _entry(note, "/T")
        if told and kind != "/Widget" and isinstance(author, str):
            authors.add(author)
        yield from _pinned(note, inside(part, f"note {number}"), budget)
    if notes:
        yield Embedded(Trait.COMMENTS, part, len(notes))
    if authors:
        yield Embedded(Trait.AUTHOR, part, len(authors))
    if notes or fields:
        yield Text("\n".join([*notes, *fields]), part, TextKind.HIDDEN)


def _pinned(note: Any, part: str, budget: Budget) -> Iterator[Document | Member]:
    for file in _values(_entry(_entry(note, "/FS"), "/EF")):
        content = file.get_data()
        budget.take_bytes(len(content))
        yield Embedded(Trait.EMBEDDED_FILE, part)
        yield Member(content=content, path=b"", part=part)


_ABOUT = ("/Title", "/Subject", "/Keywords")
_NOT_ABOUT = frozenset(
    {*_ABOUT, "/Author", "/Creator", "/Producer", "/CreationDate", "/ModDate", "/Trapped"}
)


def _metadata(reader: "PdfReader", part: str | None) -> Iterator[Document]:
    about: Mapping[str, object] = reader.metadata or {}
    if str(about.get("/Author") or "").strip():
        yield Embedded(Trait.AUTHOR, part)
    names = [*_ABOUT, *(name for name in about if name not in _NOT_ABOUT)]
    told = [str(about[name]) for name in names if isinstance(about.get(name), str)]
    told = [text for text in told if text.strip()]
    if told:
        yield Embedded(Trait.METADATA_TEXT, part, len(told))
        yield Text("\n".join(told), part, TextKind.HIDDEN)


def _attachments(
    reader: "PdfReader", part: str | None, budget: Budget
) -> Iterator[Document | Member]:
    for number, file in enumerate(reader.attachment_list, start=1):
        place = inside(part, f"attachment {number}")
        content = file.content
        budget.take_bytes(len(content))
        yield Embedded(Trait.EMBEDDED_FILE, place)
        name = file.alternative_name or file.name or ""
        yield Member(content=content, path=str(name).encode("utf-8", "replace"), part=place)


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
