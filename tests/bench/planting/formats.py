"""One table in every format that a study repository carries: names of formats to bytes."""

import bz2
import contextlib
import csv
import gzip
import html
import io
import itertools
import json
import lzma
import re
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Content:
    """What a table is written from."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows as objects, numbers as numbers."""
        return [dict(zip(self.header, map(_typed, row), strict=True)) for row in self.rows]

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns as lists, each of one type."""
        return {
            name: _one_type([_typed(row[index]) for row in self.rows])
            for index, name in enumerate(self.header)
        }


def _typed(cell: str) -> Any:
    if re.fullmatch(r"-?\d{1,15}", cell):
        return int(cell)
    return float(cell) if re.fullmatch(r"-?\d+\.\d+(?:e-?\d+)?", cell) else cell


def _one_type(values: list[Any]) -> list[Any]:
    if all(isinstance(value, int) for value in values):
        return values
    if all(isinstance(value, int | float) for value in values):
        return list(map(float, values))
    return [None if value == "NA" else str(value) for value in values]


def delimited(table: Content, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Delimited text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([table.header, *table.rows])
    return out.getvalue().encode(encoding)


def titled(table: Content) -> bytes:
    """A CSV under two title lines, with a note below, as spreadsheets export it."""
    return (
        b"Table 3: results\n\n"
        + delimited(table).replace(b"\n", b"\r\n")
        + b"\r\nSource: study\r\n"
    )


def json_records(table: Content) -> bytes:
    """A list of objects."""
    return json.dumps(table.records, indent=1).encode()


def json_columns(table: Content) -> bytes:
    """An object of lists."""
    return json.dumps({"name": "results", "data": table.columns}).encode()


def json_lines(table: Content) -> bytes:
    """An object a line."""
    return "".join(json.dumps(record) + "\n" for record in table.records).encode()


def html_table(table: Content) -> str:
    """A table of HTML, as pandas writes it."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.header)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n"
        for row in table.rows
    )
    return (
        f'<table border="1" class="dataframe"><thead><tr style="text-align: right;">{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table>"
    )


def page(table: Content) -> bytes:
    """A page with a table."""
    return (
        "<!DOCTYPE html><html><head><title>Report</title><style>td {color: red}</style></head>"
        f"<body><h1>Results</h1><p>Some words.</p>{html_table(table)}</body></html>"
    ).encode()


def widget(table: Content) -> bytes:
    """A page whose data are in the JSON of a widget."""
    data = {"x": {"data": table.columns, "options": {"pageLength": 10}}, "evals": [], "jsHooks": []}
    return (
        '<!DOCTYPE html><html><body><div id="w1" class="datatables html-widget"></div>'
        f'<script type="application/json" data-for="w1">{json.dumps(data)}</script></body></html>'
    ).encode()


def markdown(table: Content) -> bytes:
    """A page of Markdown."""
    lines = ["# Results", "", "Some words.", "", "| " + " | ".join(table.header) + " |"]
    lines.append("|" + "|".join(" --- " for _ in table.header) + "|")
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join([*lines, "", "More words.", ""]).encode()


def notebook_html(table: Content) -> bytes:
    """A notebook that shows a data frame."""
    return _notebook(
        {"output_type": "execute_result", "execution_count": 1, "metadata": {},
         "data": {"text/html": [html_table(table)], "text/plain": ["<a table>"]}}
    )  # fmt: skip


def notebook_stream(table: Content) -> bytes:
    """A notebook that prints a data frame."""
    return _notebook(
        {"output_type": "stream", "name": "stdout", "text": [pandas_print(table).decode()]}
    )


def _notebook(output: Mapping[str, Any]) -> bytes:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "metadata": {},
        "source": ["df"],
        "outputs": [output],
    }
    return json.dumps(
        {
            "cells": [cell],
            "metadata": {"kernelspec": {"name": "python3"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


def pandas_print(table: Content) -> bytes:
    """What printing a data frame of pandas gives."""
    return _aligned([["", *table.header], *([str(n), *row] for n, row in enumerate(table.rows))])


def r_print(table: Content) -> bytes:
    """What printing a data.frame of R gives."""
    rows = [["", *table.header], *([str(n), *row] for n, row in enumerate(table.rows, 1))]
    return b"> print(results)\n" + _aligned(rows) + b"> \n"


def _aligned(rows: Sequence[Sequence[str]]) -> bytes:
    widths = [max(map(len, column)) for column in itertools.zip_longest(*rows, fillvalue="")]
    lines = (
        " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
    return "\n".join([*lines, ""]).encode()


def stata_list(table: Content) -> bytes:
    """What `list` of Stata prints."""
    rows = [list(table.header), *map(list, table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    number = len(str(len(table.rows)))
    bar = " " * (number + 3)
    inner = sum(widths) + 3 * (len(widths) - 1) + 2
    line = f"{bar}+{'-' * inner}+"
    shown = [
        line,
        f"{bar}| {'   '.join(c.rjust(w) for c, w in zip(rows[0], widths, strict=True))} |",
    ]
    shown.append(f"{bar}|{'-' * inner}|")
    for count, row in enumerate(table.rows, 1):
        cells = "   ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        shown.append(f" {count:>{number}}. | {cells} |")
    return "\n".join([". list", "", *shown, line, "", ". ", ""]).encode()


def boxed(table: Content) -> bytes:
    """What a SQL console prints."""
    rows = [list(table.header), *map(list, table.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    bar = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    shown = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join(
        [bar, shown[0], bar, *shown[1:], bar, f"{len(table.rows)} rows in set", ""]
    ).encode()


def workbook(table: Content, state: str = "visible", filename: str = "") -> bytes:
    """A workbook of Excel; the table may be on a sheet that is hidden."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Read me"])
    sheet = book.create_sheet("Results")
    for row in [table.header, *table.rows]:
        sheet.append([_typed(cell) for cell in row])
    sheet.sheet_state = state
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def open_document(table: Content) -> bytes:
    """A spreadsheet of LibreOffice."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    sheet = Table(name="Results")
    for row in [table.header, *table.rows]:
        line = TableRow()
        for cell in row:
            box = TableCell(valuetype="string")
            box.addElement(P(text=cell))
            line.addElement(box)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def word(table: Content) -> bytes:
    """A document of Word."""
    import docx

    document = docx.Document()
    document.add_paragraph("Results")
    grid = document.add_table(rows=0, cols=len(table.header))
    for row in [table.header, *table.rows[:60]]:
        for box, cell in zip(grid.add_row().cells, row, strict=True):
            box.text = cell
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rich_text(table: Content) -> bytes:
    """A document of rich text with one table."""

    def cell(words: str) -> str:
        plain = re.sub(r"([\\{}])", r"\\\1", words)
        return "".join(sign if sign.isascii() else f"\\u{ord(sign)}?" for sign in plain) + "\\cell"

    borders = "".join(f"\\cellx{1500 * number}" for number in range(1, len(table.header) + 1))
    rows = (
        f"\\trowd{borders}\\pard\\intbl " + " ".join(map(cell, row)) + "\\row\n"
        for row in (table.header, *table.rows)
    )
    begins = "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}\n\\pard Results\\par\n"
    return (begins + "".join(rows) + "\\pard\\par}").encode("ascii")


def pdf(table: Content) -> bytes:
    """A PDF of one page for every fifty rows, set in Courier."""
    rows = [[f"  {cell}" for cell in row] for row in [table.header, *table.rows]]
    lines = _aligned(rows).decode().splitlines()
    pages = [lines[start : start + 50] for start in range(0, len(lines), 50)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    for number, shown in enumerate(pages):
        escaped = [
            line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in shown
        ]
        text = (
            "BT /F1 8 Tf 10 TL 40 780 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * number} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text.encode()))
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )


def parquet(table: Content) -> bytes:
    """A Parquet file."""
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(table.columns), out)
    return out.getvalue()


def feather(table: Content) -> bytes:
    """A Feather file."""
    import pyarrow.feather

    out = io.BytesIO()
    pyarrow.feather.write_feather(pyarrow.table(table.columns), out)
    return out.getvalue()


def stata(table: Content) -> bytes:
    """A data set of Stata."""
    import pandas as pd

    frame = pd.DataFrame(
        {re.sub(r"\W", "_", name): values for name, values in table.columns.items()}
    )
    out = io.BytesIO()
    frame.to_stata(out, write_index=False, version=118)
    return out.getvalue()


def r_data(table: Content) -> bytes:
    """A data frame of R."""
    import pandas as pd
    import rdata

    out = io.BytesIO()
    frame = pd.DataFrame(table.columns)
    texts = [name for name, values in table.columns.items() if isinstance(values[0], str | None)]
    large = [name for name in frame if name not in texts and frame[name].max() >= 1 << 31]
    types = {
        **dict.fromkeys(texts, object),
        **dict.fromkeys(large, float),
    }  # R's integers are short
    rdata.write_rds(out, frame.astype(types))  # type: ignore[arg-type] # it takes files too
    return out.getvalue()


def sqlite(table: Content) -> bytes:
    """A database with one table."""
    names = ", ".join(f'"{name}"' for name in table.header)
    holes = ", ".join("?" for _ in table.header)
    rows = [list(map(_typed, row)) for row in table.rows]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"CREATE TABLE results ({names})")
        connection.executemany(f"INSERT INTO results VALUES ({holes})", rows)
        connection.commit()
        return connection.serialize()


def sql_dump(table: Content) -> bytes:
    """What SQLite writes a database out as."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(sqlite(table))
        return "\n".join(connection.iterdump()).encode()


def zipped(table: Content) -> bytes:
    """A CSV in a zip archive in a zip archive."""
    return _zip("inner.zip", _zip("results.csv", delimited(table)))


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def tarred(table: Content) -> bytes:
    """A CSV in a compressed tar archive."""
    out = io.BytesIO()
    content = delimited(table)
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        about = tarfile.TarInfo("results/results.csv")
        about.size = len(content)
        archive.addfile(about, io.BytesIO(content))
    return out.getvalue()


def r_write_table(table: Content) -> bytes:
    """What `write.table` of R writes unasked: words in quotes, rows with names, no name over these."""
    names = " ".join(f'"{name}"' for name in table.header)
    rows = (
        [f'"{number}"', *(_r_cell(cell) for cell in row)]
        for number, row in enumerate(table.rows, start=1)
    )
    return "\n".join([names, *map(" ".join, rows), ""]).encode()


def _r_cell(cell: str) -> str:
    return cell if isinstance(_typed(cell), int | float) else f'"{cell}"'


def knitted(table: Content) -> bytes:
    """A page of Markdown into which knitr wrote what R printed, names of rows to the left."""
    rows = [["", *table.header]]
    rows += [[str(number), *row] for number, row in enumerate(table.rows, start=1)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        " ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows
    )
    printed = "\n".join(f"    ## {line}" for line in lines)
    return f"# Report\n\n``` r\nresults\n```\n\n{printed}\n\nThe end.\n".encode()


def r_notebook(table: Content) -> bytes:
    """A notebook of R Markdown, whose tables are turned over page by page."""
    columns = [
        {"label": [name], "name": [number], "type": ["chr"], "align": ["left"]}
        for number, name in enumerate(table.header, start=1)
    ]
    rows = [{str(number): cell for number, cell in enumerate(row, start=1)} for row in table.rows]
    data = json.dumps({"columns": columns, "data": rows, "options": {"pages": {}}})
    script = f'<script data-pagedtable-source type="application/json">\n{data}\n</script>'
    page_ = f'<html><body><h1>Report</h1><div data-pagedtable="false">{script}</div></body></html>'
    return page_.encode()


FORMATS: Mapping[str, tuple[str, Callable[[Content], bytes]]] = {
    "csv": ("csv", delimited),
    "csv, titled": ("csv", titled),
    "csv, UTF-16": ("csv", lambda table: delimited(table, ";", "utf-16")),
    "tsv": ("tsv", lambda table: delimited(table, "\t")),
    "csv.gz": ("csv.gz", lambda table: gzip.compress(delimited(table), mtime=0)),
    "csv.bz2": ("csv.bz2", lambda table: bz2.compress(delimited(table))),
    "csv.xz": ("csv.xz", lambda table: lzma.compress(delimited(table))),
    "zip in zip": ("zip", zipped),
    "tar.gz": ("tar.gz", tarred),
    "json records": ("json", json_records),
    "json columns": ("json", json_columns),
    "jsonl": ("jsonl", json_lines),
    "html": ("html", page),
    "html widget": ("html", widget),
    "Markdown": ("md", markdown),
    "notebook, html": ("ipynb", notebook_html),
    "notebook, stream": ("ipynb", notebook_stream),
    "xlsx": ("xlsx", workbook),
    "xlsx, hidden": ("xlsx", lambda table: workbook(table, "hidden")),
    "xlsx, very hidden": ("xlsx", lambda table: workbook(table, "veryHidden")),
    "ods": ("ods", open_document),
    "docx": ("docx", word),
    "rtf": ("rtf", rich_text),
    "pdf": ("pdf", pdf),
    "parquet": ("parquet", parquet),
    "feather": ("feather", feather),
    "Stata data": ("dta", stata),
    "R data": ("rds", r_data),
    "SQLite": ("sqlite", sqlite),
    "SQL dump": ("sql", sql_dump),
    "pandas print": ("log", pandas_print),
    "R print": ("txt", r_print),
    "R write.table": ("txt", r_write_table),
    "R Markdown, print": ("md", knitted),
    "R notebook": ("nb.html", r_notebook),
    "Stata list": ("log", stata_list),
    "SQL console": ("txt", boxed),
}
