"""Office files: every cell, and everything that a person who opens one does not see."""

import io
import re
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import docx
import openpyxl
import pandas as pd
import pytest
import xlwt
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from breachkit.detect.engine import Examination, examine
from breachkit.documents.reader import Budget
from breachkit.documents.readers import read
from breachkit.documents.table import (
    Embedded,
    Origin,
    Table,
    Text,
    TextKind,
    Trait,
    Unreadable,
)
from breachkit.model.findings import Severity
from tests.support.fuzzing import CANARY, holds
from tests.support.judging import context_of
from tests.support.office import (
    COUNTS,
    added,
    archive,
    binary_workbook,
    changed,
    delete_tracked,
    document,
    old_workbook,
    open_spreadsheet,
    open_text,
    saved,
    slides,
    word_table,
    workbook,
)


HEADER = ("ageband", "n")
ROWS = [tuple(map(str, row)) for row in COUNTS[1:]]


def tables(content: bytes) -> list[Table]:
    found = holds(content, b"released_outputs/x")
    return [table for table in found if isinstance(table, Table) and table.above is None]


def traits(content: bytes) -> dict[Trait, int]:
    found = holds(content, b"released_outputs/x")
    return {trait.trait: trait.count for trait in found if isinstance(trait, Embedded)}


def hidden(content: bytes) -> str:
    found = holds(content, b"released_outputs/x")
    return "\n".join(
        text.text for text in found if isinstance(text, Text) and text.kind is TextKind.HIDDEN
    )


def unread(content: bytes) -> list[str]:
    found = holds(content, b"released_outputs/x")
    return [trouble.reason for trouble in found if isinstance(trouble, Unreadable)]


def examined(content: bytes) -> Examination:
    context = context_of("released_outputs/x")
    found = examine(content, context, sketch_key=b"k", want_sketch=False)
    assert CANARY not in repr((found.hits, found.unreadable))
    return found


def hide(state: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[1].sheet_state = state

    return change


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (workbook(hide("veryHidden")), "sheet 2"),
        (old_workbook(visibility=2), "sheet 2"),
        (binary_workbook(2), "sheet 1"),
        (open_spreadsheet(hidden=True), "sheet 1"),
        (document(), "table 1"),
        (open_text(), "table 1"),
        (slides(), "slide 1, table 1"),
    ],
    ids=["xlsx", "xls", "xlsb", "ods", "docx", "odt", "pptx"],
)
def test_a_count_of_a_few_people_is_found_in_every_format(content, part):
    [hit] = [hit for hit in examined(content).hits if hit.rule == "CNT-01"]

    assert hit.location is not None
    assert (hit.location.part, hit.location.rows, hit.location.columns) == (part, (1,), ("n",))


@pytest.mark.parametrize(
    "content",
    [workbook(), old_workbook(), binary_workbook(), open_spreadsheet(), open_text(), slides()],
    ids=["xlsx", "xls", "xlsb", "ods", "odt", "pptx"],
)
def test_nothing_of_an_ordinary_file_is_left_unread(content):
    assert unread(content) == []
    [counts] = [table for table in tables(content) if table.header[:2] == HEADER]
    assert [row[:2] for row in counts.rows][:4] == ROWS
    assert not counts.hidden


def test_cells_are_read_as_a_person_sees_them():
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet()
        sheet.append(["n", "sum", "day", "moment", "flag", "small", "word", "wrong"])
        sheet.append(
            [
                3.0,
                0.1 + 0.2,
                date(2021, 3, 1),
                datetime(2021, 3, 1, 9, 30),  # noqa: DTZ001 - as sheets have them
                True,
                1e-7,
                " a ",
            ]
        )
        sheet["H2"] = "#N/A"

    assert tables(workbook(change))[2].rows == [
        ("3", "0.3", "2021-03-01", "2021-03-01 09:30:00", "TRUE", "1e-07", "a", "#N/A")
    ]


def test_dates_that_count_from_1904_are_told():
    def change(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.worksheets[0]["C1"] = date(2021, 3, 1)

    assert tables(workbook(change))[0].header == ("topic", "status", "2021-03-01")


def test_old_workbooks_tell_dates_and_truth_as_new_ones_do():
    counts = tables(old_workbook())[1]

    assert counts.header == (*HEADER, "when")
    assert [row[2:] for row in counts.rows] == [("2021-03-01",), ("TRUE",), (), ()]


def test_binary_workbooks_tell_every_kind_of_cell_and_what_is_hidden():
    content = binary_workbook()

    assert tables(content)[0].rows[-1] == ("2021-03-01", "TRUE", "made", "1.25")
    assert traits(content) == {Trait.HIDDEN_CELLS: 1, Trait.COMMENTS: 1}
    assert hidden(content) == "only 2 died"


@pytest.mark.parametrize(
    ("content", "trait"),
    [
        (workbook(hide("hidden")), Trait.HIDDEN_SHEET),
        (workbook(hide("veryHidden")), Trait.VERY_HIDDEN_SHEET),
        (old_workbook(visibility=1), Trait.HIDDEN_SHEET),
        (old_workbook(visibility=2), Trait.VERY_HIDDEN_SHEET),
        (binary_workbook(1), Trait.HIDDEN_SHEET),
        (open_spreadsheet(hidden=True), Trait.HIDDEN_SHEET),
    ],
)
def test_a_hidden_sheet_is_read_and_said_to_be_hidden(content, trait):
    *shown, counts = tables(content)

    assert counts.hidden
    assert counts.origin is Origin.SHEET
    assert not any(table.hidden for table in shown)
    assert trait in traits(content)


def with_empty_sheet(state: str) -> Callable[[openpyxl.Workbook], None]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Empty")
        sheet.sheet_state = state
        sheet.column_dimensions["B"].hidden = True

    return change


def old_workbook_with_empty_sheet() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("Notes").write(0, 0, "nothing here")
    book.add_sheet("Empty").visibility = 1
    return saved(book.save)


@pytest.mark.parametrize(
    "content",
    [
        workbook(with_empty_sheet("hidden")),
        workbook(with_empty_sheet("veryHidden")),
        old_workbook_with_empty_sheet(),
        changed(
            binary_workbook(1),
            lambda name, part: b"\x81\x01\0" if name.endswith("/s.bin") else part,
        ),
        changed(
            open_spreadsheet(hidden=True),
            lambda name, part: (
                re.sub(rb"<table:table-row>.*</table:table-row>", b"", part)
                if name == "content.xml"
                else part
            ),
        ),
    ],
    ids=["xlsx", "very hidden", "xls", "xlsb", "ods"],
)
def test_a_hidden_sheet_without_cells_is_told_and_is_no_alert(content):
    assert traits(content)[Trait.EMPTY_SHEET] == 1
    assert not {Trait.HIDDEN_SHEET, Trait.VERY_HIDDEN_SHEET, Trait.HIDDEN_CELLS} & {
        *traits(content)
    }
    assert all(
        hit.severity <= Severity.LOW for hit in examined(content).hits if hit.rule == "EMB-05"
    )


def test_a_hidden_sheet_that_shows_a_chart_only_is_not_empty():
    def change(book: openpyxl.Workbook) -> None:
        with_empty_sheet("hidden")(book)
        chart = openpyxl.chart.BarChart()
        chart.add_data(
            openpyxl.chart.Reference(book.worksheets[1], min_col=2, min_row=1, max_row=3)
        )
        book.worksheets[2].add_chart(chart)

    assert Trait.HIDDEN_SHEET in traits(workbook(change))


def test_a_sheet_that_the_workbook_forgot_is_read_as_a_hidden_one():
    def forget(name: str, part: bytes) -> bytes:
        return part.replace(b'r:id="rId2"', b'r:id="rId77"') if name == "xl/workbook.xml" else part

    content = changed(workbook(), forget)

    assert [(table.part, table.hidden) for table in tables(content)] == [
        ("sheet 1", False),
        ("sheet 3", True),
    ]
    assert Trait.VERY_HIDDEN_SHEET in traits(content)


def test_a_sheet_under_an_odd_name_is_read():
    def rename(name: str, part: bytes) -> bytes:
        return part.replace(b"/xl/worksheets/sheet2.xml", b"/odd/name.bin")

    content = changed(workbook(), rename)
    moved = archive([
        ("odd/name.bin" if name.endswith("sheet2.xml") else name, part) for name, part in members(content)
    ])  # fmt: skip

    assert [(table.part, table.hidden) for table in tables(moved)] == [
        ("sheet 1", False),
        ("sheet 2", False),
    ]


def members(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return [(name, opened.read(name)) for name in opened.namelist()]


def test_two_cells_in_opposite_corners_take_no_room_between_them():
    def change(book: openpyxl.Workbook) -> None:
        book.worksheets[1]["XFD1048576"] = 7

    content = workbook(change)
    tracemalloc.start()
    begun = time.perf_counter()
    try:
        counts = tables(content)[1]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert counts.header == HEADER
    assert counts.rows[:4] == ROWS
    assert counts.rows[-1][-1] == "7"
    assert peak < 20 << 20
    assert time.perf_counter() - begun < 1


def test_old_and_open_sheets_with_a_cell_far_out_take_no_room_either():
    content = changed(
        open_spreadsheet(),
        lambda name, part: (
            part.replace(
                b"</table:table>",
                b'<table:table-row table:number-rows-repeated="1048000"><table:table-cell'
                b' table:number-columns-repeated="16000"/></table:table-row><table:table-row>'
                b'<table:table-cell office:value-type="float" office:value="7"/></table:table-row></table:table>',
            )
            if name == "content.xml"
            else part
        ),
    )

    [counts] = tables(content)

    assert counts.rows[:4] == ROWS
    assert counts.rows[-1] == ("7",)
    assert len(counts.rows) < 200


def test_a_sheet_that_repeats_a_cell_without_end_is_said_to_be_unread():
    content = changed(
        open_spreadsheet(),
        lambda name, part: (
            part.replace(
                b"<table:table-cell ",
                b'<table:table-cell table:number-columns-repeated="999999999" ',
            )
            if name == "content.xml"
            else part
        ),
    )

    assert unread(content) == ["zip or office file: too many cells"]


def test_a_table_below_another_one_in_a_sheet_is_given_by_itself():
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet()
        sheet.append(["Table 1: everybody"])
        sheet.append([])
        for row in (("sex", "n"), ("F", 1200), ("M", 1100), (), ("region", "deaths"), ("North", 4)):
            sheet.append(row)

    found = holds(workbook(change))

    assert [
        (table.header, table.above)
        for table in found
        if isinstance(table, Table) and table.part == "sheet 3"
    ] == [(("sex", "n"), None), (("sex", "n"), 0), (("region", "deaths"), 4)]


def test_comments_hidden_lines_and_names_of_cells_are_told_and_read():
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["A1"].comment = Comment("really only 2 died", "Somebody")
        sheet["B1"].comment = Comment("and this", "Somebody")
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.oddHeader.center.text = "for nobody"
        book.defined_names["raw_total"] = DefinedName("raw_total", attr_text="Notes!$A$1")

    content = workbook(change)

    assert traits(content)[Trait.COMMENTS] == 2
    assert traits(content)[Trait.HIDDEN_CELLS] == 2
    assert traits(content)[Trait.DEFINED_NAMES] == 1
    for words in ("really only 2 died", "and this", "raw_total", "for nobody"):
        assert words in hidden(content)


def test_comments_of_threads_are_read_wherever_they_lie():
    content = added(
        workbook(),
        {
            "xl/threadedComments/t.xml": '<ThreadedComments xmlns="x"><threadedComment ref="A1"><text>only 2 left'
            "</text></threadedComment></ThreadedComments>",
            "xl/persons/p.xml": '<personList xmlns="x"><person displayName="Somebody"/></personList>',
        },
    )

    assert "only 2 left" in hidden(content)
    assert traits(content)[Trait.COMMENTS] == 1


def test_authors_are_counted_and_never_shown():
    content = workbook()

    assert traits(content)[Trait.AUTHOR] == 1
    assert CANARY not in hidden(content).replace(f"{CANARY}\n", "")


def test_the_source_of_a_pivot_table_is_a_hidden_table():
    content = added(
        workbook(),
        {
            "xl/pivotCache/d1.xml": '<pivotCacheDefinition xmlns="x"><cacheFields>'
            '<cacheField name="region"><sharedItems><s v="North"/><s v="South"/></sharedItems></cacheField>'
            '<cacheField name="n"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>',
            "xl/pivotCache/_rels/d1.xml.rels": '<Relationships xmlns="x"><Relationship Id="r" Type="t"'
            ' Target="r1.xml"/></Relationships>',
            "xl/pivotCache/r1.xml": '<pivotCacheRecords xmlns="x"><r><x v="1"/><n v="3"/></r>'
            '<r><x v="0"/><n v="1204"/></r></pivotCacheRecords>',
        },
    )

    source = tables(content)[2]

    assert (source.header, source.rows) == (("region", "n"), [("South", "3"), ("North", "1204")])
    assert source.hidden
    assert source.part == "pivot cache 1"
    assert Trait.PIVOT_CACHE in traits(content)


def test_the_values_that_a_pivot_table_shares_are_read_where_its_records_are_not_kept():
    content = added(
        workbook(),
        {
            "d1.xml": '<pivotCacheDefinition xmlns="x"><cacheField name="deaths"><sharedItems><n v="3"/>'
            '<n v="1204"/></sharedItems></cacheField></pivotCacheDefinition>',
        },
    )

    assert tables(content)[2].rows == [("3",), ("1204",)]


def test_cells_kept_of_another_workbook_are_a_hidden_table():
    content = added(
        workbook(),
        {
            "xl/externalLinks/e1.xml": '<externalLink xmlns="x"><externalBook><sheetDataSet><sheetData sheetId="0">'
            '<row r="1"><cell r="A1" t="str"><v>region</v></cell><cell r="B1" t="str"><v>n</v></cell></row>'
            '<row r="2"><cell r="A2" t="str"><v>North</v></cell><cell r="B2"><v>3</v></cell></row>'
            "</sheetData></sheetDataSet></externalBook></externalLink>",
        },
    )

    linked = tables(content)[2]

    assert (linked.header, linked.rows) == (("region", "n"), [("North", "3")])
    assert linked.hidden
    assert Trait.EXTERNAL_LINK in traits(content)


@pytest.mark.parametrize("make", [workbook, document])
def test_the_data_of_a_chart_are_a_hidden_table(make):
    points = '<c:pt idx="0"><c:v>{}</c:v></c:pt><c:pt idx="1"><c:v>{}</c:v></c:pt>'.format
    content = added(
        make(),
        {
            "charts/c1.xml": '<c:chartSpace xmlns:c="x" xmlns:a="y"><c:title><a:t>Deaths</a:t></c:title><c:ser>'
            f"<c:tx><c:v>deaths</c:v></c:tx><c:cat>{points('North', 'South')}</c:cat>"
            f"<c:val><c:numCache>{points('3', '1204.0')}</c:numCache></c:val></c:ser></c:chartSpace>",
        },
    )

    drawn = tables(content)[-1]

    assert (drawn.header, drawn.rows) == (("", "deaths"), [("North", "3"), ("South", "1204")])
    assert drawn.hidden
    assert drawn.part == "chart 1"
    assert Trait.PLOTTED_DATA in traits(content)


def test_macros_are_told_and_said_to_be_unread():
    content = added(workbook(), {"xl/vbaProject.bin": "\0 program"})

    assert Trait.MACROS in traits(content)
    assert unread(content) == ["macros are not read"]


def test_what_settles_a_printer_is_no_content():
    assert unread(added(workbook(), {"xl/printerSettings/printerSettings1.bin": "\0\1"})) == []


def test_a_workbook_in_a_document_is_read():
    inner = workbook()

    def embed(name: str, part: bytes) -> bytes:
        return part

    content = archive([*members(changed(document(), embed)), ("word/embeddings/x.xlsx", inner)])

    parts = [table.part for table in tables(content)]
    assert parts[0] == "table 1"
    assert [part.rpartition(", ")[2] for part in parts[1:] if part] == ["sheet 1", "sheet 2"]
    assert Trait.EMBEDDED_FILE in traits(content)


def with_shared_strings(*references: int) -> bytes:
    """A workbook whose first sheet ends in cells that show shared strings."""
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in references)

    def show(name: str, part: bytes) -> bytes:
        row = f"<row>{cells}</row></sheetData>".encode()
        return part.replace(b"</sheetData>", row) if name.endswith("sheet1.xml") else part

    strings = (
        '<sst xmlns="x"><si><t>first</t></si><si><r><t>sec</t></r><r><t>ond</t></r><rPh><t>kana</t></rPh></si>'
        "<si><t>only 2 died</t></si></sst>"
    )
    return changed(added(workbook(), {"xl/sharedStrings.xml": strings}), show)


def test_strings_that_cells_share_are_read():
    content = with_shared_strings(1, 0, 2, 99)

    assert tables(content)[0].rows[-1] == ("second", "first", "only 2 died")
    assert "only 2 died" not in hidden(content)


def test_strings_that_no_cell_shows_any_more_are_read():
    content = with_shared_strings(0, 1)

    assert "only 2 died" in hidden(content)
    assert "first" not in hidden(content)
    assert traits(content)[Trait.HIDDEN_TEXT] == 1


def test_what_was_deleted_from_a_document_is_read_and_so_is_the_table_it_stood_in():
    def change(made: docx.document.Document) -> None:
        delete_tracked(made.add_paragraph("only 2 died"))
        table = word_table(made, (("region", "n"), ("North", 3), ("South", 1204)))
        delete_tracked(table.cell(1, 1).paragraphs[0])

    content = document(change)
    _, now, before = tables(content)

    assert (now.rows, now.hidden) == ([("North", ""), ("South", "1204")], False)
    assert (before.rows, before.hidden) == ([("North", "3"), ("South", "1204")], True)
    assert "only 2 died" in hidden(content)
    assert traits(content)[Trait.TRACKED_CHANGES] == 2


def test_headers_footnotes_and_comments_of_a_document_are_read():
    def change(made: docx.document.Document) -> None:
        made.sections[0].header.paragraphs[0].text = "header words"
        made.sections[0].footer.paragraphs[0].text = "footer words"
        made.add_comment(made.paragraphs[0].runs, text="comment words", author="Somebody")

    found = holds(document(change))
    texts = {text.text.strip(): text.part for text in found if isinstance(text, Text)}

    assert texts["header words"] == "header 1"
    assert texts["footer words"] == "footer 1"
    assert "comment words" in texts
    assert Embedded(Trait.COMMENTS, carrier="zip or office file") in found


def test_words_that_are_set_not_to_show_are_read():
    def change(made: docx.document.Document) -> None:
        made.add_paragraph().add_run("only 2 died").font.hidden = True

    assert "only 2 died" in hidden(document(change))
    assert Trait.HIDDEN_TEXT in traits(document(change))


def test_merged_cells_keep_the_columns_in_their_places():
    def change(made: docx.document.Document) -> None:
        table = word_table(made, (("group", "n", "deaths"), ("all", "", 3), ("F", 600, 2)))
        table.cell(1, 0).merge(table.cell(1, 1))

    assert tables(document(change))[1].rows == [("all", "", "3"), ("F", "600", "2")]


def test_notes_and_hidden_slides_are_told():
    assert "only 2 died" in hidden(slides())
    assert Trait.HIDDEN_TEXT not in traits(slides())
    assert Trait.HIDDEN_TEXT in traits(slides('show="0"'))
    assert tables(slides('show="0"'))[0].hidden


def test_changes_comments_and_names_in_open_documents_are_read():
    more = (
        b"<text:tracked-changes><text:changed-region><text:deletion><table:table><table:table-row>"
        b"<table:table-cell><text:p>n</text:p></table:table-cell></table:table-row><table:table-row>"
        b"<table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>"
        b"<text:p>only 2 died</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        b"<text:p>seen<office:annotation><dc:creator>Somebody</dc:creator><text:p>and 3 left</text:p>"
        b"</office:annotation></text:p></office:text>"
    )
    content = changed(
        open_text(),
        lambda name, part: part.replace(b"</office:text>", more) if name == "content.xml" else part,
    )

    assert "only 2 died" in hidden(content)
    assert "and 3 left" in hidden(content)
    assert "Somebody" not in hidden(content)
    assert [table.hidden for table in tables(content)] == [False, True]
    found = traits(content)
    assert (found[Trait.TRACKED_CHANGES], found[Trait.COMMENTS], found[Trait.AUTHOR]) == (1, 1, 1)


@pytest.mark.parametrize("content", [workbook(), document(), open_spreadsheet()])
def test_xml_that_declares_entities_is_said_to_be_unread(content):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    main = ("xl/worksheets/sheet2.xml", "word/document.xml", "content.xml")

    def arm(name: str, part: bytes) -> bytes:
        if name not in main:
            return part
        declaration, _, rest = part.rpartition(b"?>")
        return (declaration + b"?>" if declaration else b"") + bomb + rest

    assert "XML that is not read as such" in unread(changed(content, arm))
    assert "aaaa" not in repr(holds(changed(content, arm)))


def test_an_encrypted_open_document_is_said_to_be_unread():
    content = changed(
        open_spreadsheet(),
        lambda name, part: (
            part.replace(
                b"<manifest:file-entry ", b"<manifest:encryption-data/><manifest:file-entry ", 1
            )
            if name.endswith("manifest.xml")
            else part
        ),
    )

    assert unread(content) == ["zip or office file: encrypted"]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (b"<worksheet><sheetData><row><c>", "XML that is damaged"),
        (b"<worksheet>" + b" " * (33 << 20) + b"</worksheet>", "a part too large to read"),
    ],
)
def test_a_sheet_that_is_not_read_keeps_no_other_one_from_being_read(broken, told):
    content = changed(
        workbook(), lambda name, part: broken if name.endswith("sheet1.xml") else part
    )

    assert unread(content) == [told]
    assert [table.header for table in tables(content)] == [HEADER]


@pytest.mark.parametrize(
    ("make", "part", "table"),
    [(document, "word/document.xml", b"<tbl/>"), (open_text, "content.xml", b"<table/>")],
)
def test_a_document_with_more_tables_than_are_read_is_said_to_be_unread(make, part, table):
    root = b"document-content" if part == "content.xml" else b"document"
    many = b"<%s>%s</%s>" % (root, table * 1_001, root)
    content = changed(make(), lambda name, kept: many if name == part else kept)

    assert unread(content) == ["zip or office file: too many tables"]


def test_many_cells_that_show_one_long_string_are_bounded():
    long = "x" * (1 << 20)
    cells = b"<row>" + b'<c t="s"><v>0</v></c>' * 200 + b"</row></sheetData>"
    strings = f'<sst xmlns="x"><si><t>{long}</t></si></sst>'
    content = changed(
        added(workbook(), {"xl/sharedStrings.xml": strings}),
        lambda name, part: part.replace(b"</sheetData>", cells) if "sheet1" in name else part,
    )

    assert unread(content) == ["zip or office file: grows too much when decompressed"]


@pytest.mark.parametrize("depth", [300, 100_000])
def test_xml_nested_without_end_is_bounded(depth):
    deep = b"<x>" * depth + b"3" + b"</x>" * depth

    def dig(name: str, part: bytes) -> bytes:
        return part.replace(b"</worksheet>", deep + b"</worksheet>") if "sheet2" in name else part

    assert bool(unread(changed(workbook(), dig))) == (depth > 1000)


def test_a_sheet_with_more_cells_than_are_read_is_said_to_be_unread(monkeypatch):
    monkeypatch.setattr(Budget, "take_cells", _few_cells)

    assert unread(workbook()) == ["zip or office file: too many cells"]


def _few_cells(budget: Budget, number: int) -> None:
    from breachkit.documents.reader import OverBudgetError

    budget.cells = min(budget.cells, 5) - number
    if budget.cells < 0:
        raise OverBudgetError("too many cells")


def test_the_note_of_who_has_a_file_open_names_an_author():
    content = bytes([len(CANARY)]) + CANARY.encode().ljust(54) + bytes(110)

    [found] = holds(content, b"released_outputs/~$x.xlsx")

    assert isinstance(found, Embedded)
    assert found.trait is Trait.AUTHOR


def test_a_name_over_several_columns_of_a_sheet_is_that_of_each():
    index = pd.MultiIndex.from_tuples([("East", "F"), ("East", "M")], names=["region", "sex"])
    columns = pd.MultiIndex.from_product([["2020", "2021"], ["n", "deaths"]])
    frame = pd.DataFrame([[400, 30, 410, 3], [390, 31, 400, 29]], index=index, columns=columns)
    out = io.BytesIO()
    frame.to_excel(out)

    found = next(each for each in read(out.getvalue(), [b"x.xlsx"]) if isinstance(each, Table))

    assert found.header == ("region", "sex", "2020 n", "2020 deaths", "2021 n", "2021 deaths")
    assert tuple(found.rows[0]) == ("East", "F", "400", "30", "410", "3")


def test_a_column_whose_name_stands_above_the_header_has_it():
    book = openpyxl.Workbook()
    rows = (
        ("Table 1",),
        (None, None, "n"),
        ("region", "sex"),
        ("East", "F", 400),
        ("East", "M", 3),
    )
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)

    found = next(each for each in read(out.getvalue(), [b"x.xlsx"]) if isinstance(each, Table))

    assert found.header == ("region", "sex", "n")
