"""Cells of workbooks change, and nothing else of them does."""

import io
import re
import struct
import zipfile

import openpyxl
import pytest
import xlsxwriter

from breachkit.documents.editing import sheet_cells
from breachkit.documents.editing import workbook as editing
from breachkit.documents.editing.chart_caches import ChartCache
from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.documents.editing.xml_bytes import Piece
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.sdc.marks import REDACTED
from tests.support.office import (
    archive,
    binary_workbook,
    document,
    old_workbook,
    open_spreadsheet,
    workbook,
)


PATH = b"released_outputs/x.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def made(write):
    """Give a workbook that XlsxWriter writes, with shared strings as Excel does."""
    into = io.BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    write(book)
    book.close()
    return into.getvalue()


def counts(book):
    """Put a table of counts into a workbook, with formats, widths and a formula with its result."""
    sheet = book.add_worksheet("Counts")
    sheet.set_column(0, 1, 22)
    share = book.add_format({"num_format": "0.0%", "bold": True})
    for row, cells in enumerate(
        [("age", "n", "n (%)"), ("16-39", 3, "3 (0.5%)"), ("40-64", 597, "597 (99.5%)")]
    ):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell, share)
    sheet.write(3, 0, "All")
    sheet.write_formula(3, 1, "=SUM(B2:B3)", share, 600)
    sheet.write_formula(3, 2, "=1+1", None, 2)
    return sheet


def sheet_of(content, number=1):
    """Give the cells of a sheet as another program reads them, formulas as such."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return book.worksheets[number - 1]


def values(content, number=1):
    """Give the cells of a sheet as another program shows them."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return [[cell.value for cell in row] for row in book.worksheets[number - 1].iter_rows()]


def members(content):
    """Give the members of an archive with their times and their compressed bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        found = {}
        for info in opened.infolist():
            names = struct.unpack_from("<2H", content, info.header_offset + 26)
            start = info.header_offset + 30 + sum(names)
            told = (info.date_time, info.compress_type, info.external_attr)
            found[info.filename] = (*told, content[start : start + info.compress_size])
        return found


def part(content, name):
    """Give what a member of an archive holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return opened.read(name).decode()


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def package(sheet, more=(), strings=(), workbook_more=""):
    """Put a workbook together of the XML of its only sheet and further parts."""
    shared = "".join(f"<si><t>{text}</t></si>" for text in strings)
    kinds = {
        "workbook": "sheet.main",
        "worksheets/s": "worksheet",
        "sharedStrings": "sharedStrings",
        "calcChain": "calcChain",
    }
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    targets = {"r1": "worksheet", "r2": "calcChain", "r3": "sharedStrings"}
    files = {"r1": "worksheets/s.xml", "r2": "calcChain.xml", "r3": "/xl/sharedStrings.xml"}
    relations = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{files[key]}"/>'
        for key, kind in targets.items()
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="One" sheetId="1" r:id="r1"/></sheets>{workbook_more}</workbook>',
        "xl/worksheets/s.xml": f'<?xml version="1.0" encoding="UTF-8"?>\r\n<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
    }
    return archive(parts | dict(more))


def rows(*lines):
    """Write rows of a sheet, each of which is the XML of its cells."""
    written = "".join(
        f'<row r="{number}">{line}</row>' for number, line in enumerate(lines, start=1)
    )
    return f"<sheetData>{written}</sheetData>"


HEAD = (
    '<c r="A1" t="inlineStr"><is><t>age</t></is></c><c r="B1" t="inlineStr"><is><t>n</t></is></c>'
)
LABEL = '<c r="A{0}" t="inlineStr"><is><t>g{0}</t></is></c>'


def redacted(content, *spots, text=REDACTED):
    """Take out cells."""
    return open_editable(content, PATH).written(dict.fromkeys(spots, text))


def test_without_edits_the_bytes_are_the_same():
    content = made(counts)

    assert open_editable(content, PATH).written({}) == content
    assert redacted(content, Spot(0, 0, 1), text="3") == content


def test_cells_change_and_keep_their_style_while_other_parts_keep_their_very_bytes():
    content = made(counts)

    written = redacted(content, Spot(0, 0, 1), Spot(0, 0, 2))

    assert values(written)[1] == ["16-39", REDACTED, REDACTED]
    assert values(written)[2:] == values(content)[2:]
    before, after = sheet_of(content), sheet_of(written)
    assert [[cell._style for cell in row] for row in after] == [
        [cell._style for cell in row] for row in before
    ]
    assert after.column_dimensions["A"].width == before.column_dimensions["A"].width
    was, now = members(content), members(written)
    assert list(was) == list(now)
    changed = {name for name in was if was[name] != now[name]}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"}
    assert all(was[name][0] == now[name][0] for name in changed)


class _Stream(io.RawIOBase):
    """Takes what is written, and cannot go back: as where a workbook is sent while it is made."""

    def __init__(self):
        self.written = bytearray()

    def writable(self):
        return True

    def write(self, content):
        self.written += bytes(content)
        return len(content)


def test_members_that_were_streamed_stored_and_remarked_on_stay_as_they_are():
    content, into = made(counts), _Stream()
    with zipfile.ZipFile(into, "w") as streamed:
        streamed.comment = b"made by hand"
        for name in members(content):
            info = zipfile.ZipInfo(name, (2021, 2, 3, 4, 5, 6))
            info.comment, info.extra = b"remark", struct.pack("<2H", 0xCAFE, 0)
            info.compress_type = zipfile.ZIP_STORED if "theme" in name else zipfile.ZIP_DEFLATED
            with streamed.open(info, "w") as member:
                member.write(part(content, name).encode())
    content = bytes(into.written)

    written = redacted(content, Spot(0, 0, 1), Spot(0, 0, 2))

    assert values(written)[1] == ["16-39", REDACTED, REDACTED]
    was, now = members(content), members(written)
    assert {name for name in was if was[name] != now[name]} == {
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
    }
    with zipfile.ZipFile(io.BytesIO(written)) as opened:
        assert opened.testzip() is None
        assert opened.comment == b"made by hand"
        assert all(info.comment == b"remark" and info.extra for info in opened.infolist())
        assert {info.date_time for info in opened.infolist()} == {(2021, 2, 3, 4, 5, 6)}


def test_a_string_goes_when_its_last_cell_does_and_stays_while_another_shows_it():
    def write(book):
        sheet = book.add_worksheet()
        for row, cells in enumerate([("a", "b"), ("4 (1%)", "4 (1%)"), ("7 (2%)", "9 (3%)")]):
            sheet.write_row(row, 0, cells)

    content = made(write)

    written = redacted(content, Spot(0, 0, 0), Spot(0, 1, 0))

    assert values(written) == [["a", "b"], [REDACTED, "4 (1%)"], [REDACTED, "9 (3%)"]]
    strings = part(written, "xl/sharedStrings.xml")
    assert "4 (1%)" in strings
    assert "7 (2%)" not in strings


def test_a_rounded_count_stays_a_number_in_the_look_of_the_others():
    written = redacted(made(counts), Spot(0, 0, 1), text="10")

    assert values(written)[1][1] == 10
    assert sheet_of(written)["B2"].number_format == "0.0%"


def test_a_formula_over_a_changed_cell_leaves_what_it_came_to_and_others_stay():
    written = redacted(made(counts), Spot(0, 0, 1))

    assert sheet_of(written)["B4"].value == 600
    assert sheet_of(written)["C4"].value == "=1+1"


@pytest.mark.parametrize(
    "formula",
    [
        "B2*2", "SUM($B$2:B9)", "SUM(B:B)", "SUM(2:2)", "SUM(one!B2)", "SUM('One'!B1:B3)", "INDIRECT(&quot;C9&quot;)",
        "total*2", "Table1[n]", "OFFSET(C9,1,1)", "3/100", "IF(C9,&quot;n=3&quot;,0)", "SUM(One:Two!C9)", "[1]One!C9",
        "SUM(C9:INDEX(B:B,2))",
    ],
)  # fmt: skip
def test_a_formula_goes_that_may_look_at_a_changed_cell_or_names_its_number(formula):
    content = package(
        rows(
            HEAD,
            LABEL.format(2) + '<c r="B2"><v>3</v></c>',
            LABEL.format(3) + f'<c r="B3"><f>{formula}</f><v>77</v></c>',
        )
    )

    written = redacted(content, Spot(0, 0, 1))

    assert sheet_of(written)["B3"].value == 77


@pytest.mark.parametrize(
    "formula",
    ["C9*2", "SUM(C3:C9)", "LOG10(C9)+1.5%", "SUM(Other!B2)", "IF(TRUE,&quot;B2&quot;,13)"],
)
def test_a_formula_stays_that_looks_at_no_changed_cell(formula):
    title = '<sheet name="Other" sheetId="2" r:id="r9"/>'
    sheet = rows(
        HEAD,
        LABEL.format(2) + '<c r="B2"><v>3</v></c>',
        LABEL.format(3) + f'<c r="B3"><f>{formula}</f><v>77</v></c>',
    )
    content = package(sheet, workbook_more=f'<x xmlns:r="r">{title}</x>')

    written = redacted(content, Spot(0, 0, 1))

    assert f"<f>{formula}</f>" in part(written, "xl/worksheets/s.xml")


def test_a_shared_formula_goes_from_all_its_cells_when_one_of_them_does():
    cells = (
        LABEL.format(2)
        + '<c r="B2"><f t="shared" ref="B2:B4" si="0">C2*2</f><v>3</v></c><c r="C2"><v>1.5</v></c>',
        LABEL.format(3) + '<c r="B3"><f t="shared" si="0"/><v>40</v></c><c r="C3"><v>20</v></c>',
        LABEL.format(4) + '<c r="B4"><f t="shared" si="0"/><v>50</v></c><c r="C4"><v>25</v></c>',
    )

    by_owner = redacted(package(rows(HEAD, *cells)), Spot(0, 0, 1))
    by_input = redacted(package(rows(HEAD, *cells)), Spot(0, 2, 2))

    assert [row[1] for row in values(by_owner)] == ["n", REDACTED, 40, 50]
    assert "<f" not in part(by_owner, "xl/worksheets/s.xml")
    assert "<f" not in part(by_input, "xl/worksheets/s.xml")


def test_a_formula_of_an_array_goes_when_a_cell_that_it_fills_does():
    cells = (
        LABEL.format(2) + '<c r="B2" cm="1"><f t="array" ref="B2:B3">C8:C9*2</f><v>40</v></c>',
        LABEL.format(3) + '<c r="B3"><v>3</v></c>',
    )

    written = part(redacted(package(rows(HEAD, *cells)), Spot(0, 1, 1)), "xl/worksheets/s.xml")

    assert '<c r="B2"><v>40</v></c>' in written


def test_the_list_of_formulas_goes_with_the_first_formula_and_so_do_references_to_it():
    chain = {"xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="B3" i="1"/></calcChain>'}
    cells = (
        LABEL.format(2) + '<c r="B2"><v>3</v></c>',
        LABEL.format(3) + '<c r="B3"><f>B2*2</f><v>6</v></c><c r="C3"><v>9</v></c>',
    )
    content = package(rows(HEAD, *cells), chain)

    kept, gone = redacted(content, Spot(0, 1, 2)), redacted(content, Spot(0, 0, 1))

    assert "xl/calcChain.xml" in members(kept)
    assert "xl/calcChain.xml" not in members(gone)
    assert "calcChain" not in part(gone, "[Content_Types].xml") + part(
        gone, "xl/_rels/workbook.xml.rels"
    )


def test_columns_of_a_table_are_called_as_the_cells_of_its_header():
    def write(book):
        sheet = book.add_worksheet()
        columns = [{"header": "age"}, {"header": "Female (n=3)"}, {"header": "Male (n=4)"}]
        sheet.add_table("A1:C3", {"data": [["a", 30, 40], ["b", 50, 60]], "columns": columns})

    content = made(write)

    written = redacted(content, Spot(0, HEADER, 1), text=f"Female (n={REDACTED})")

    assert f'name="Female (n={REDACTED})"' in part(written, "xl/tables/table1.xml")
    assert sheet_of(written).tables["Table1"].column_names == [
        "age",
        f"Female (n={REDACTED})",
        "Male (n=4)",
    ]
    with pytest.raises(CannotEditError, match="same name"):
        redacted(content, Spot(0, HEADER, 1), text="male (n=4)")


def test_all_that_stands_at_one_place_of_a_sheet_changes():
    cells = LABEL.format(2) + '<c r="B2"><v>3</v></c><c r="B2"><v>4</v></c>'

    written = part(redacted(package(rows(HEAD, cells)), Spot(0, 0, 1)), "xl/worksheets/s.xml")

    assert "<v>" not in written


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B2" t="inlineStr"><is><t>3 (1%)</t></is></c>',
        '<c r="B2" t="inlineStr"><is><r><rPr><b/></rPr><t>3</t></r><r><t xml:space="preserve"> (1%)</t></r></is></c>',
        '<c r="B2" t="str"><f>A2&amp;&quot;!&quot;</f><v>3 (1%)</v></c>',
        '<c r="B2" t="s"><v>0</v></c>',
        "<c  r='B2'  t = 's' ><v> 0 </v></c >",
        '<c t="s"><v>0</v><extLst/></c>',
    ],
)
def test_every_way_to_write_a_cell_is_changed(cell):
    content = package(rows(HEAD, LABEL.format(2) + cell), strings=["3 (1%)"])

    written = redacted(content, Spot(0, 0, 1))

    assert values(written)[1][1] == REDACTED
    assert "3 (1%)" not in part(written, "xl/worksheets/s.xml") + part(
        written, "xl/sharedStrings.xml"
    )


def test_sheets_with_prefixes_and_of_the_strict_standard_are_changed():
    sheet = (f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>n</x:v></x:c></x:row>'
            '<x:row r="2"><x:c r="A2" s="0"><x:f>B9</x:f><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>')  # fmt: skip
    content = package("", {"xl/worksheets/s.xml": sheet})
    strict = archive(
        {
            name: part(made(counts), name).replace(
                "schemas.openxmlformats.org/spreadsheetml/2006", "purl.oclc.org/ooxml/spreadsheetml"
            )
            for name in members(made(counts))
        }
    )

    assert values(redacted(content, Spot(0, 0, 0))) == [["n"], [REDACTED]]
    written = redacted(strict, Spot(0, 0, 1))
    assert REDACTED in part(written, "xl/worksheets/sheet1.xml")


def test_hidden_sheets_rows_columns_and_merged_cells_are_changed():
    def write(book):
        counts(book)
        sheet = counts_again(book)
        sheet.hide()
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.merge_range(5, 0, 5, 1, "4 (1%)")

    def counts_again(book):
        sheet = book.add_worksheet("Other")
        for row, cells in enumerate([("age", "n"), ("16-39", 3), ("40-64", 5)]):
            sheet.write_row(row, 0, cells)
        return sheet

    content = made(write)
    tables = open_editable(content, PATH).tables
    hidden = next(
        number for number, table in enumerate(tables) if table.hidden and table.above is None
    )

    written = redacted(content, Spot(hidden, 0, 1), Spot(hidden, 4, 0))

    assert values(written, 2)[1] == ["16-39", REDACTED]
    assert values(written, 2)[5][0] == REDACTED
    assert values(written, 1) == values(content, 1)


def test_what_may_repeat_a_count_and_is_not_changed_is_named():
    def write(book):
        sheet = counts(book)
        sheet.write_comment(1, 1, "3 people")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Counts!$B$2:$B$3", "values_data": [5, 597]})
        sheet.insert_chart(8, 0, chart)
        sheet.insert_textbox(20, 0, "only 3")
        sheet.set_header("&L&8only 3")
        sheet.autofilter("A1:C3")
        sheet.filter_column("B", "x == 3")
        book.define_name("few", "=3")
        book.set_properties({"title": "3 people"})
        book.set_custom_property("Few", 3)
        sheet.data_validation("F1", {"validate": "list", "source": ["3", "4"]})

    fixed = open_editable(made(write), PATH).fixed

    assert set(fixed) == {
        "comments", "a figure, which keeps numbers that are no copies of cells", "words in a drawing",
        "headers of pages, or lists to choose from", "values of a filter", "defined names", "document properties",
    }  # fmt: skip
    assert open_editable(made(counts), PATH).fixed == ()


def charted(book, **more):
    """Put a chart of counts into a workbook, by rows and by columns."""
    sheet = book.add_worksheet("It's")
    for row, cells in enumerate([("age", "F (n=7)", "M"), ("a", 3, 30), ("b", 4, 40)]):
        sheet.write_row(row, 0, cells)
    chart = book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "='It''s'!$B$1",
            "categories": "='It''s'!$A$2:$A$3",
            "values": "='It''s'!$B$2:$B$3",
            **more,
        }
    )
    chart.add_series({"values": "='It''s'!$B$3:$C$3"})
    sheet.insert_chart("F1", chart)


def test_a_chart_loses_the_points_of_cells_that_are_taken_out_and_follows_the_others():
    content = made(charted)
    opened = open_editable(content, PATH)
    edits = {Spot(0, 0, 1): REDACTED, Spot(0, 1, 1): "10", Spot(0, HEADER, 1): f"F (n={REDACTED})"}

    written = opened.written(edits)

    assert opened.fixed == ()
    chart = part(written, "xl/charts/chart1.xml")
    assert re.findall(r"<c:v>([^<]*)</c:v>", chart) == [
        f"F (n={REDACTED})",
        "a",
        "b",
        "10",
        "10",
        "40",
    ]
    assert re.findall(r'<c:pt idx="(\d)">', chart) == ["0", "0", "1", "1", "0", "1"]
    assert [one for one in members(content) if members(content)[one] != members(written)[one]] == [
        "xl/worksheets/sheet1.xml", "xl/charts/chart1.xml", "xl/sharedStrings.xml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<c:v>40</c:v>", "<c:v>41</c:v>"),
        ("</c:chart>", "<c:numLit><c:pt idx='0'><c:v>3</c:v></c:pt></c:numLit></c:chart>"),
        ("</c:chart>", "<a:t xmlns:a='a'>3 people</a:t></c:chart>"),
        ("</c:chart>", "<c:tx><c:v>3 people</c:v></c:tx></c:chart>"),
        ("</c:chart>", "<c:pt idx='0'><c:v>3</c:v></c:pt></c:chart>"),
        ("$B$2:$B$3", "$B$2:$B$2"),
        ("$B$2:$B$3", "$B$2:$C$3"),
        ("It''s", "Other"),
    ],
)
def test_a_chart_that_keeps_something_of_its_own_is_named(old, new):
    content = made(charted)
    parts = {name: part(content, name) for name in members(content)}
    assert open_editable(archive(parts), PATH).fixed == ()
    assert old in parts["xl/charts/chart1.xml"]

    parts["xl/charts/chart1.xml"] = parts["xl/charts/chart1.xml"].replace(old, new)

    assert open_editable(archive(parts), PATH).fixed == (
        "a figure, which keeps numbers that are no copies of cells",
    )


def test_other_traces_are_named_too():
    more = {
        "xl/p.xml": '<pivotCacheDefinition xmlns="x"><cacheField name="n"><sharedItems><n v="3"/></sharedItems></cacheField></pivotCacheDefinition>',
        "xl/e.xml": '<externalLink xmlns="x"/>',
        "xl/rich.xml": '<rvData xmlns="x"><v>3</v></rvData>',
        "xl/vbaProject.bin": b"\0macros",
        "xl/media/image1.png": b"\x89PNG\r\n\x1a\n",
        "xl/embeddings/o.bin": b"\0other",
    }
    cells = LABEL.format(2) + '<c r="B2"><f>C2</f></c><c r="C2"><v>3</v></c>'

    fixed = open_editable(package(rows(HEAD, cells), more, ["3 old"]), PATH).fixed

    assert set(fixed) == {
        "a pivot table, which keeps its source", "cells of another workbook", "a part of an unknown kind", "macros",
        "a picture", "a file within the workbook", "strings that no cell shows", "what could not be read of it", "formulas whose results are not stored",
    }  # fmt: skip


def test_the_same_cell_shown_in_two_tables_changes_in_both_and_cannot_be_two_things():
    def write(book):
        sheet = book.add_worksheet()
        lines = [("age", "n"), ("a", 3), ("b", 40), (), ("sex", "count"), ("F", 4), ("M", 70)]
        for row, cells in enumerate(lines):
            sheet.write_row(row, 0, cells)

    content = made(write)
    opened = open_editable(content, PATH)
    part_of_it = next(
        number for number, table in enumerate(opened.tables) if table.header == ("sex", "count")
    )

    written = opened.written({Spot(part_of_it, 0, 1): REDACTED})

    assert values(written)[5] == ["F", REDACTED]
    with pytest.raises(CannotEditError, match="two different texts"):
        opened.written({Spot(part_of_it, 0, 1): REDACTED, Spot(0, 4, 1): "5"})


def test_writing_twice_is_writing_once():
    once = redacted(made(counts), Spot(0, 0, 1))

    assert redacted(once, Spot(0, 0, 1)) == once


@pytest.mark.parametrize(
    "spot",
    [Spot(9, 0, 0), Spot(-1, 0, 0), Spot(0, 99, 0), Spot(0, -2, 0), Spot(0, 0, 9), Spot(0, 0, -1)],
)
def test_a_spot_in_no_table_is_refused(spot):
    with pytest.raises(CannotEditError):
        redacted(made(counts), spot)


def test_a_cell_that_holds_nothing_is_refused():
    content = package(rows(HEAD, '<c r="B2"><v>3</v></c>'))

    with pytest.raises(CannotEditError, match="holds nothing"):
        redacted(content, Spot(0, 0, 0))


def test_signs_that_xml_cannot_hold_are_refused():
    with pytest.raises(CannotEditError, match="signs"):
        redacted(made(counts), Spot(0, 0, 1), text="\0")


def _with_bytes_before(content):
    return b"PK\x03\x04" + content


def _encrypted(content):
    central = content.rfind(b"PK\x01\x02")
    return content[: central + 8] + b"\x01" + content[central + 9 :]


def _declares_entities():
    return package(
        "",
        {
            "xl/worksheets/s.xml": f'<!DOCTYPE x [<!ENTITY a "3">]><worksheet xmlns="{MAIN}">{rows(HEAD)}</worksheet>'
        },
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (made(counts)[:-400], "zip archive"),
        (_with_bytes_before(made(counts)), "zip archive"),
        (_encrypted(made(counts)), "password"),
        (old_workbook(), "xlsx"),
        (open_spreadsheet(), "xlsx"),
        (binary_workbook(), "xlsx"),
        (document(), "no workbook"),
        (archive({"a.csv": "n\n3\n"}), "no workbook"),
        (package("", {"xl/macrosheets/m.xml": '<macrosheet xmlns="x"/>'}), "macros"),
        (package("", {"_xmlsignatures/s.xml": '<Signature xmlns="x"/>'}), "signed"),
        (package("<sheetData><row><c>"), "damaged"),
        (_declares_entities(), "no workbook|without sheets"),
        (package("", {"xl/worksheets/s.xml": f'<worksheet xmlns="{MAIN}">{rows(HEAD)}</worksheet>'.encode("utf-16")}), "encoding"),
    ],
)  # fmt: skip
def test_what_cannot_be_changed_is_refused_with_a_reason(content, reason):
    with pytest.raises(CannotEditError, match=reason):
        redacted(content, Spot(0, 0, 1))


def test_the_tables_are_those_of_the_reader():
    for content in (made(counts), workbook()):
        found = [one for one in read(content, (PATH,)) if isinstance(one, Table)]
        given = open_editable(content, PATH).tables
        assert [(t.header, t.part, [list(r) for r in t.rows]) for t in given] == [
            (t.header, t.part, [list(r) for r in t.rows]) for t in found
        ]


@pytest.mark.parametrize("broken", ["", "<c/>", '<c r="B2"><v>4</v></c>', '<c r="F9"><v>3</v></c>'])
def test_nothing_is_given_out_that_reads_otherwise(monkeypatch, broken):
    monkeypatch.setattr(
        editing, "other_text", lambda _c, cell, _t, _l: Piece(cell.start, cell.end, broken.encode())
    )

    with pytest.raises(CannotEditError, match="same tables"):
        redacted(made(counts), Spot(0, 0, 1))


def test_no_string_that_no_cell_shows_any_more_is_given_out(monkeypatch):
    monkeypatch.setattr(editing, "strings_cleaned", lambda content, _: content)

    with pytest.raises(CannotEditError, match="same tables"):
        redacted(made(counts), Spot(0, 0, 2))


def test_no_chart_is_given_out_that_keeps_what_was_taken_out(monkeypatch):
    monkeypatch.setattr(ChartCache, "pieces", lambda *_: [])

    with pytest.raises(CannotEditError, match="same tables"):
        redacted(made(charted), Spot(0, 0, 1))


def test_readings_of_characters_are_no_part_of_a_cell_and_go_with_it():
    cell = '<c r="B2" t="inlineStr"><is><t>3 x</t><rPh sb="0" eb="1"><t>three</t></rPh></is></c>'
    content = package(rows(HEAD, LABEL.format(2) + cell))

    written = part(redacted(content, Spot(0, 0, 1)), "xl/worksheets/s.xml")

    assert "three" not in written


@pytest.mark.parametrize(
    "formula",
    [
        '<f t="dataTable" ref="B3:B4" dt2D="0" r1="C9"/>', '<f t="shared" si="7"/>', '<f t="array">C9</f>',
        '<f t="shared" si="1" ref="B3:B4">C9</f>',
    ],
)  # fmt: skip
def test_formulas_of_which_it_is_not_known_what_they_fill_or_are_go(formula):
    more = '<c r="B4"><f t="shared" si="1"/><v>5</v></c><c r="C4"><f t="shared" ref="C4" si="1">C9</f><v>5</v></c>'
    cells = (
        LABEL.format(2) + '<c r="B2"><v>3</v></c>',
        LABEL.format(3) + f'<c r="B3">{formula}<v>77</v></c>',
        LABEL.format(4) + more,
    )

    written = part(redacted(package(rows(HEAD, *cells)), Spot(0, 0, 1)), "xl/worksheets/s.xml")

    assert '<c r="B3"><v>77</v></c>' in written


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_a_sheet_in_another_encoding_is_refused(encoding):
    sheet = f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{MAIN}">{rows(HEAD)}</worksheet>'

    with pytest.raises(CannotEditError, match="encoding"):
        redacted(package("", {"xl/worksheets/s.xml": sheet.encode(encoding)}), Spot(0, HEADER, 0))


def test_a_sheet_of_too_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr(sheet_cells, "MOST_CELLS", 11)
    with pytest.raises(CannotEditError, match="more than 11 cells"):
        redacted(made(counts), Spot(0, 0, 1))

    monkeypatch.setattr(sheet_cells, "MOST_CELLS", 12)
    assert redacted(made(counts), Spot(0, 0, 1))
