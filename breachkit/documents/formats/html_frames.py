"""Data frames as pandas shows them in notebooks, read off their text: most tables of most notebooks.

A page that is anything but such a frame is left to the reader of pages, and what that would make of a frame
is what is made here, in a tenth of the time.

Source: pandas, pandas.io.formats.html.NotebookFormatter.
"""

import re
from collections.abc import Iterator

from breachkit.documents.encoding import decode
from breachkit.documents.formats.html_tables import MOST_TABLES
from breachkit.documents.formats.stated_size import with_rows_stated
from breachkit.documents.reader import Budget, inside
from breachkit.documents.spans import Cell, Row, plain_table, table_of
from breachkit.documents.table import Document, Table, Text


_FRAME = re.compile(
    r"\s*(?:<div>\s*)*(?:<style scoped>(?P<style>[^<]*)</style>\s*)?"
    r'<table border="1" class="dataframe">\s*'
    r"(?:<thead>(?P<head>[^<]*+(?:<(?!/thead>)[^<]*+)*+)</thead>\s*)?<tbody>(?P<body>[^<]*+(?:<(?!/tbody>)[^<]*+)*+)</tbody>\s*"
    r"</table>\s*(?:<p>(?P<words>[^<]*)</p>\s*)?(?:(?:</div>|<br>)\s*)*"
)
_OPENING = r'<t([hd])(?: style="min-width: \d{1,4}px;")?>'
_TAG, _TEXT = re.compile(_OPENING), re.compile(r">([^<]*)</t[hd]>")
_ROWS = re.compile(
    rf'(?:\s*<tr(?: style="text-align: (?:right|left|center);")?>(?:\s*{_OPENING}[^<]*</t\1>)++\s*</tr>)*+\s*'
)
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNEVEN = re.compile(r"[^\S ]|  | \x00|\x00 ")
"""In cells with a NUL around each: white space that a person does not see as one space."""
_HIDING = re.compile("display|visibility|opacity", re.IGNORECASE)


def frames_of(page: str, part: str | None, budget: Budget) -> list[Document] | None:
    """Give the tables of data frames and the lines below them; None where a page holds anything else.

    Args:
        page: The HTML that an output of a notebook is shown as.
        part: What reports call the output.
        budget: Asked for each row of a table.
    """
    frames = _frames(page)
    if not frames or len(frames) > MOST_TABLES or not _is_plain(page):
        return None
    tables: list[Document] = []
    for number, frame in enumerate(frames, start=1):
        table = _table(frame, inside(part, f"table {number}"), budget)
        if table is not None:
            tables.append(with_rows_stated(table, frame["words"]))
    words = "\n".join(filter(None, (_unescaped(frame["words"] or "").strip() for frame in frames)))
    return [*tables, *([Text(words, part)] if words else [])]


def _frames(page: str) -> list[re.Match[str]]:
    """Cut a page into its frames; none where there is anything beside."""
    found: list[re.Match[str]] = []
    end = 0
    while end < len(page):
        frame = _FRAME.match(page, end)
        if frame is None or _HIDING.search(frame["style"] or ""):
            return []
        if not (_ROWS.fullmatch(frame["head"] or "") and _ROWS.fullmatch(frame["body"])):
            return []
        found.append(frame)
        end = frame.end()
    return found


def _is_plain(page: str) -> bool:
    """Say whether a page holds nothing that a reader of pages reads as something else."""
    if _CONTROL.search(page) or _ENTITY.search(page) or "data:" in page.lower():
        return False
    return page.isascii() or decode(page.encode("utf-8")) == page


def _table(frame: re.Match[str], part: str, budget: Budget) -> Table | None:
    head, body = frame["head"] or "", frame["body"]
    if head.strip() and body.strip():
        return plain_table(list(_texts(head)), list(_texts(body)), part, budget)
    return table_of([*_rows(head, in_head=True), *_rows(body, in_head=False)], part, budget)


def _texts(section: str) -> Iterator[list[str]]:
    for row in section.split("</tr>")[:-1]:
        cells = (
            [_unescaped(text) for text in _TEXT.findall(row)] if "&" in row else _TEXT.findall(row)
        )
        if _UNEVEN.search("\0" + "\0".join(cells) + "\0"):
            cells = [" ".join(cell.split()) for cell in cells]
        yield cells


def _rows(section: str, *, in_head: bool) -> Iterator[Row]:
    for row in section.split("</tr>")[:-1]:
        cells = zip(_TAG.findall(row), next(_texts(row + "</tr>")), strict=True)
        yield Row([Cell(text, is_header=tag == "h") for tag, text in cells], in_head)


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
