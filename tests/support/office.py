"""Files of office programs, archives and PDF, small ones, made for single claims."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import docx
import openpyxl
import xlwt
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from odf import opendocument, style, table, text

from tests.support.fuzzing import CANARY


COUNTS: Sequence[Sequence[object]] = (
    ("ageband", "n"),
    ("16-39", 3),
    ("40-64", 1204),
    ("65-79", 846),
    ("80+", 271),
)
"""A table with a count that must not be released."""


def saved(write: Callable[[io.BytesIO], object]) -> bytes:
    """Give what a library writes."""
    into = io.BytesIO()
    write(into)
    return into.getvalue()


def workbook(change: Callable[[openpyxl.Workbook], object] = lambda _: None) -> bytes:
    """A workbook of Excel: a first sheet with words, a second one with counts."""
    book = openpyxl.Workbook()
    book.properties.creator = CANARY
    first = book.active
    assert first is not None
    first.title = "Notes"
    first.append(["topic", "status"])
    first.append(["design", "done"])
    second = book.create_sheet(CANARY)
    for row in COUNTS:
        second.append(list(row))
    change(book)
    return saved(book.save)


def binary_workbook(state: int = 0) -> bytes:
    """A workbook in the binary format, with a sheet of counts that may be hidden."""
    strings = [str(cell) for row in COUNTS for cell in row if isinstance(cell, str)]
    cells = b""
    for number, row in enumerate(COUNTS):
        cells += _record(0, struct.pack("<2IH3B", number, 0, 0, 0, 0x10 * (number == 3), 0))
        for column, cell in enumerate(row):
            place = struct.pack("<2I", column, 0)
            if isinstance(cell, int):
                cells += _record(2, place + struct.pack("<I", cell << 2 | 2))
            else:
                cells += _record(7, place + struct.pack("<I", strings.index(str(cell))))
    cells += _record(0, struct.pack("<2IH3B", 9, 0, 0, 0, 0, 0))
    cells += _record(5, struct.pack("<2Id", 0, 1, 44256.0)) + _record(
        4, struct.pack("<2IB", 1, 0, 1)
    )
    cells += _record(8, struct.pack("<2I", 2, 0) + _wide("made")) + _record(
        2, struct.pack("<3I", 3, 0, 125 << 2 | 3)
    )
    relation = '<Relationship Id="r1" Type="t" Target="worksheets/s.bin"/>'
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>',
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="r">{relation}</Relationships>',
            "xl/workbook.bin": _record(131)
            + _record(156, struct.pack("<2I", state, 1) + _wide("r1") + _wide(CANARY)),
            "xl/sharedStrings.bin": _record(159) + b"".join(_record(19, b"\0" + _wide(text)) for text in strings),
            "xl/styles.bin": _record(278) + _record(44, struct.pack("<H", 170) + _wide("dd/mm/yyyy"))
            + _record(617) + _record(47, bytes(8)) + _record(47, struct.pack("<4H", 0, 170, 0, 0)) + _record(618),
            "xl/worksheets/s.bin": _record(129) + cells,
            "xl/comments1.bin": _record(628) + _record(637, b"\0" + _wide("only 2 died")),
        }
    )  # fmt: skip


def _record(kind: int, data: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + bytes([len(data)]) + data


def _wide(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def old_workbook(visibility: int = 0) -> bytes:
    """A workbook as Excel wrote it until 2003, with a sheet of counts that may be hidden."""
    book = xlwt.Workbook()
    book.add_sheet("Notes").write(0, 0, "nothing here")
    sheet = book.add_sheet(CANARY)
    sheet.visibility = visibility
    dated = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for number, row in enumerate(COUNTS):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.write(0, 2, "when")
    sheet.write(1, 2, date(2021, 3, 1), dated)
    sheet.write(2, 2, True)
    return saved(book.save)


def document(change: Callable[..., object] = lambda _: None) -> bytes:
    """A document of Word with a paragraph and a table of counts."""
    made = docx.Document()
    made.core_properties.author = CANARY
    made.add_paragraph(f"Words of {CANARY}")
    word_table(made, COUNTS)
    change(made)
    return saved(made.save)


def word_table(made: Any, rows: Sequence[Sequence[object]]) -> Any:
    """Add a table to a document of Word."""
    added = made.add_table(rows=len(rows), cols=len(rows[0]))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            added.cell(number, column).text = str(cell)
    return added


def delete_tracked(paragraph: Any) -> None:
    """Delete the runs of a paragraph as Word does while it tracks changes."""
    for run in list(paragraph.runs):
        gone = OxmlElement("w:del")
        run._r.addprevious(gone)
        gone.append(run._r)
        for words in run._r.findall(qn("w:t")):
            words.tag = qn("w:delText")


def open_spreadsheet(*, hidden: bool = False) -> bytes:
    """A spreadsheet of OpenDocument with a sheet of counts."""
    made = opendocument.OpenDocumentSpreadsheet()
    look = style.Style(name="unseen", family="table")
    look.addElement(style.TableProperties(display="false" if hidden else "true"))
    made.automaticstyles.addElement(look)
    sheet = table.Table(name=CANARY, stylename=look)
    _fill(sheet, COUNTS)
    made.spreadsheet.addElement(sheet)
    return saved(made.write)


def open_text() -> bytes:
    """A text of OpenDocument with a table of counts."""
    made = opendocument.OpenDocumentText()
    made.text.addElement(text.P(text=f"Words of {CANARY}"))
    counts = table.Table(name="T")
    _fill(counts, COUNTS)
    made.text.addElement(counts)
    return saved(made.write)


def _fill(sheet: table.Table, rows: Iterable[Sequence[object]]) -> None:
    for row in rows:
        line = table.TableRow()
        sheet.addElement(line)
        for cell in row:
            filled = (
                table.TableCell(valuetype="float", value=cell)
                if isinstance(cell, int)
                else table.TableCell(valuetype="string")
            )
            filled.addElement(text.P(text=str(cell)))
            line.addElement(filled)


_DRAWING = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_SLIDES = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'


def slides(attributes: str = "") -> bytes:
    """A presentation with one slide that holds a table of counts, and its notes."""
    rows = "".join(
        "<a:tr>"
        + "".join(f"<a:tc><a:txBody>{_said(cell)}</a:txBody></a:tc>" for cell in row)
        + "</a:tr>"
        for row in COUNTS
    )
    return archive(
        {
            "[Content_Types].xml": '<Types xmlns="t"/>',
            "ppt/presentation.xml": f"<p:presentation {_SLIDES}/>",
            "ppt/slides/slide1.xml": f"<p:sld {_SLIDES} {_DRAWING} {attributes}><a:tbl>{rows}</a:tbl></p:sld>",
            "ppt/notesSlides/n1.xml": f"<p:notes {_SLIDES} {_DRAWING}>{_said('only 2 died')}</p:notes>",
        }
    )


def _said(words: object) -> str:
    return f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>"


def archive(
    members: Mapping[str, Any] | Iterable[tuple[str, Any]],
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """A zip archive."""
    listed = members.items() if isinstance(members, Mapping) else members

    def write(into: io.BytesIO) -> None:
        with zipfile.ZipFile(into, "w", method) as opened:
            for name, content in listed:
                opened.writestr(name, content)

    return saved(write)


def changed(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """An archive with other members: `change` gives the new content of each, None to drop it."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        given = [(name, change(name, opened.read(name))) for name in opened.namelist()]
    return archive([(name, new) for name, new in given if new is not None])


def added(content: bytes, more: Mapping[str, str]) -> bytes:
    """An archive with further members."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        kept = [(name, opened.read(name)) for name in opened.namelist()]
    return archive([*kept, *more.items()])


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A member of an archive with whatever it claims about itself."""

    name: str
    data: bytes
    """As it is stored."""
    size: int
    checksum: int = 0
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    offset: int | None = None
    """Where the list of members says that it begins."""


def raw_archive(*members: Raw, between: bytes = b"") -> bytes:
    """Write an archive by hand, with bytes of no member before the list of members."""
    body, listed = b"", b""
    for member in members:
        name = member.name.encode()
        told = struct.pack(
            "<5H3I2H", 20, member.flags, member.method, 0, 0x21,
            member.checksum, len(member.data), member.size, len(name), 0,
        )  # fmt: skip
        offset = len(body) if member.offset is None else member.offset
        listed += (
            b"PK\1\2"
            + struct.pack("<H", 20)
            + told
            + struct.pack("<3H2I", 0, 0, 0, 0, offset)
            + name
        )
        body += b"PK\3\4" + told + name + member.data
    start = len(body + between)
    end = struct.pack("<4H2IH", 0, 0, len(members), len(members), len(listed), start, 0)
    return body + between + listed + b"PK\5\6" + end


def deflated_zeros(megabytes: int) -> bytes:
    """Raw deflate data that inflates to so many megabytes of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * megabytes + packer.flush()


def pdf(*pages: Sequence[tuple[int, int, str]], more: bytes = b"", page_more: bytes = b"") -> bytes:
    """A PDF: for each page, texts with their places from the lower left corner, in points."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R" + more + b">>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    ]
    kids = []
    for page in pages:
        shown = b"".join(
            b"BT /F1 10 Tf %d %d Td (%s) Tj ET\n" % (x, y, words.encode()) for x, y, words in page
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown))
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>"
            b"/Contents %d 0 R%s>>" % (len(objects), page_more)
        )
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (
        b" ".join(b"%d 0 R" % kid for kid in kids),
        len(kids),
    )
    content = b"%PDF-1.7\n"
    places = []
    for number, thing in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    index = b"".join(b"%010d 00000 n \n" % at for at in places)
    size = len(objects) + 1
    return content + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, index, size, len(content),
    )  # fmt: skip


def laid_out(rows: Sequence[Sequence[object]], top: int = 700) -> list[tuple[int, int, str]]:
    """Put rows on a page of a PDF, columns 150 points apart."""
    return [
        (60 + 150 * column, top - 14 * number, str(cell))
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    ]
