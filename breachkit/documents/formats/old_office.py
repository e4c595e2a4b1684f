"""Compound files, in which Office kept everything until 2007: workbooks, and files put into documents."""

import io
from collections.abc import Iterator
from typing import Any

from breachkit.documents.encoding import decode
from breachkit.documents.formats.cells import Cells, date_text, number_text
from breachkit.documents.formats.zipped import named_otherwise
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait, Unreadable


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOKS = ("Workbook", "Book")
_NOT_READ = {
    "WordDocument": "an old Word document",
    "PowerPoint Document": "an old PowerPoint presentation",
    "EncryptedPackage": "encrypted",
}
_PACKAGES = ("Package", "CONTENTS")
_STATES = {1: Trait.HIDDEN_SHEET, 2: Trait.VERY_HIDDEN_SHEET}


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give what a compound file holds, or text that has the name of an old workbook.

    Raises:
        NotReadError: It is encrypted, or of a kind that is not read.
    """
    if not content.startswith(_COMPOUND):
        yield from named_otherwise(content, part)
        return
    import olefile

    with olefile.OleFileIO(io.BytesIO(content)) as opened:
        for stream, reason in _NOT_READ.items():
            if opened.exists(stream):
                raise NotReadError(reason)
        if any(map(opened.exists, _WORKBOOKS)):
            yield from _workbook(content, part, budget)
        else:
            yield from _packed(opened, part)
        yield from _beside(opened, part)


def _packed(opened: Any, part: str | None) -> Iterator[Document | Member]:
    """Give the file that was put into a document."""
    streams = [name for name in _PACKAGES if opened.exists(name)]
    if not streams:
        raise NotReadError("of an unknown kind")
    for number, name in enumerate(streams, start=1):
        content = opened.openstream(name).read()
        yield Member(content=content, path=b"", part=inside(part, f"member {number}"))


def _beside(opened: Any, part: str | None) -> Iterator[Document]:
    """Say what lies beside the sheets, and give the words of the metadata."""
    if opened.exists("_VBA_PROJECT_CUR") or opened.exists("Macros"):
        yield Embedded(Trait.MACROS, part)
        yield Unreadable("macros are not read", part)
    if opened.exists("_SX_DB_CUR"):
        yield Embedded(Trait.PIVOT_CACHE, part)
        yield Unreadable("the cache of a pivot table is not read", part)
    about = opened.get_metadata()
    authors = {name for name in (about.author, about.last_saved_by) if name}
    if authors:
        yield Embedded(Trait.AUTHOR, part, len(authors))
    told = [about.title, about.subject, about.comments, about.keywords]
    text = "\n".join(decode(value) or "" for value in told if isinstance(value, bytes) and value)
    if text.strip():
        yield Embedded(Trait.METADATA_TEXT, part)
        yield Text(text, part, TextKind.HIDDEN)


class _Nowhere(io.TextIOBase):
    """Takes what a library has to say, which quotes the file."""

    def write(self, text: str, /) -> int:
        return len(text)


def _workbook(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=content, logfile=_Nowhere(), formatting_info=True, ragged_rows=True
        )
    except xlrd.XLRDError as error:
        reason = "encrypted" if "encrypted" in str(error) else "damaged, or of an unknown version"
        raise NotReadError(reason) from error
    for number, sheet in enumerate(book.sheets(), start=1):
        yield from _sheet(book, sheet, inside(part, f"sheet {number}"), budget)
    names = [
        f"{name.name} = {name.formula_text}" for name in book.name_obj_list if not name.builtin
    ]
    if names:
        yield Embedded(Trait.DEFINED_NAMES, part, len(names))
        yield Text("\n".join(names), part, TextKind.HIDDEN)


def _sheet(book: Any, sheet: Any, part: str, budget: Budget) -> Iterator[Document]:
    trait = _STATES.get(sheet.visibility)
    cells = Cells(budget)
    for row in range(sheet.nrows):
        for column, (kind, value) in enumerate(
            zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        ):
            cells.put(row, column, _shown(kind, value, since_1904=bool(book.datemode)))
    rows = cells.rows()
    if trait is not None:
        yield Embedded(trait if rows or sheet.cell_note_map else Trait.EMPTY_SHEET, part)
    yield from tables_of(rows, part, origin=Origin.SHEET, hidden=trait is not None)
    lines = [*sheet.rowinfo_map.values(), *sheet.colinfo_map.values()]
    unseen = sum(bool(line.hidden) for line in lines)
    if unseen and rows:
        yield Embedded(Trait.HIDDEN_CELLS, part, unseen)
    notes = sheet.cell_note_map.values()
    if notes:
        yield Embedded(Trait.COMMENTS, part, len(notes))
        yield Text("\n".join(str(note.text) for note in notes), part, TextKind.HIDDEN)


def _shown(kind: int, value: object, *, since_1904: bool) -> str:
    """Give what a person sees in a cell; xlrd numbers the kinds."""
    match kind, value:
        case 3, float():
            return date_text(value, since_1904=since_1904)
        case 4, _:
            return "TRUE" if value else "FALSE"
        case 2, float():
            return number_text(value)
        case 5, _:
            return "#N/A"
        case _:
            return str(value)
