"""A release request as a document of Word.

The same request gives the same bytes: times inside are those of the request's day, and nothing of the
machine stands in it, neither its user nor a path.
"""

import importlib.util
import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from breachkit.actions.request import Request
from breachkit.model.errors import UsageError
from breachkit.report.request_blocks import OPEN, Block, Grid, Heading, Line, Paragraph, blocks


if TYPE_CHECKING:
    from docx.document import Document


_PROPERTIES = "docProps/core.xml"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment that a zip file knows."""


def to_docx(request: Request, *, tool_version: str, author: str = "") -> bytes:
    """Give the form.

    Args:
        request: What is asked for.
        tool_version: Of breachkit.
        author: Who asks, as said by name; empty where nobody said it.

    Raises:
        UsageError: what writes such documents is not installed.
    """
    require_docx()
    import docx

    document = docx.Document()
    _set_properties(document, request, author)
    for each in blocks(request, tool_version=tool_version):
        _add(document, each)
    written = io.BytesIO()
    document.save(written)
    return _with_fixed_times(written.getvalue())


def require_docx() -> None:
    """Stop where what writes such documents is not installed.

    Raises:
        UsageError: it is not; the message says how to get it.
    """
    if importlib.util.find_spec("docx") is None:
        raise UsageError(
            "a .docx is written with python-docx, which is not installed: "
            'pip install "breachkit[forms]", or name a file that ends in .md'
        )


def _set_properties(document: "Document", request: Request, author: str) -> None:
    moment = datetime.combine(request.day, time(), UTC)
    properties = document.core_properties
    properties.author = _within(author)
    properties.title = _within(f"{request.form.title}: {request.folder}")
    properties.comments = "Filled in by breachkit"
    properties.last_modified_by = ""
    properties.keywords = "release request"
    properties.created = properties.modified = moment
    properties.revision = 1


def _within(text: str) -> str:
    """Give as much as a property may hold."""
    from breachkit.model.ids import display

    return display(text)[:_LONGEST]


_LONGEST = 100
"""Characters of a title or a name: what names breachkit has to stand near the start of the file."""


def _add(document: "Document", block: Block) -> None:
    match block:
        case Heading(level, text):
            document.add_heading(text, level)
        case Paragraph(lines, is_list):
            for line in lines:
                _write(document.add_paragraph(style="List Bullet" if is_list else None), line)
        case Grid():
            _add_table(document, block)


def _add_table(document: "Document", grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.header), style="Table Grid")
    table.autofit = False
    _fill(table.rows[0], [(Line(each, is_strong=True),) for each in grid.header])
    _repeat(table.rows[0])
    for cells in grid.rows:
        _fill(table.add_row(), cells)
    section = document.sections[0]
    width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
    for at, share in enumerate(grid.widths):
        for cell in table.columns[at].cells:
            cell.width = width * share // 100
    document.add_paragraph()


def _repeat(row: Any) -> None:
    """Let a header stand again on every page that the table goes on to."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - python-docx has no other way


def _fill(row: Any, cells: Iterable[tuple[Line, ...]]) -> None:
    for cell, lines in zip(row.cells, cells, strict=True):
        for number, line in enumerate(lines):
            _write(cell.add_paragraph() if number else cell.paragraphs[0], line)


def _write(paragraph: Any, line: Line) -> None:
    if line.is_open:
        from docx.enum.text import WD_COLOR_INDEX

        mark = paragraph.add_run(f"{OPEN}: ")
        mark.bold = True
        mark.font.highlight_color = WD_COLOR_INDEX.YELLOW
    paragraph.add_run(line.text).bold = line.is_strong or None


def _with_fixed_times(content: bytes) -> bytes:
    """Write a zip file again with the same times for all, and what names breachkit first, in clear.

    By that an earlier request is known from a file of somebody's own, which is not written over.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in sorted(old.namelist(), key=lambda each: (each != _PROPERTIES, each)):
            about = zipfile.ZipInfo(name, _EPOCH)
            about.compress_type = (
                zipfile.ZIP_STORED if name == _PROPERTIES else zipfile.ZIP_DEFLATED
            )
            about.create_system = 0
            new.writestr(about, old.read(name))
    return made.getvalue()
