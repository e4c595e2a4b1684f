"""Whatever a page or a workbook looks like: what was to change changes, and nothing else does."""

import html
import io
import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.documents.editing.editable import CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.sdc.marks import REDACTED
from tests.support.fuzzing import CANARY, mutations
from tests.support.office import archive


LABELS = (
    st.text("abc &<>\"'é=", min_size=1, max_size=6)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
COUNTS = st.one_of(
    st.integers(0, 5000).map(str),
    st.builds("{} ({}%)".format, st.integers(0, 99), st.integers(0, 99)),
)
NEW = st.one_of(st.just(REDACTED), st.just("10"), st.just("<8 & more"))


@st.composite
def filled(draw):
    """A table of labels and counts, and new texts for some of its cells."""
    width, height = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    header = [f"name {at}" for at in range(width)]
    body = [[draw(LABELS), *(draw(COUNTS) for _ in range(width - 1))] for _ in range(height)]
    places = st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))
    return header, body, draw(st.dictionaries(places, NEW, max_size=4))


def tables_of(content, path):
    """Give the rows of the whole tables of a file."""
    found = read(content, (path,))
    return [
        [list(row) for row in one.rows]
        for one in found
        if isinstance(one, Table) and one.above is None
    ]


def expected(body, edits):
    """Give rows with their new texts."""
    return [
        [edits.get((row, column), cell) for column, cell in enumerate(cells)]
        for row, cells in enumerate(body)
    ]


SHAPES = (
    "<td>{}</td>", "<TD class='n3' >\r\n  {}\t\n</TD>", "<td>{}", '<td style="width: 3px"><b>{}</b><!-- x --></td>',
    "<td><p><span>{}</span></p></td>", "<td>&nbsp;{}&nbsp;</td>", '<td id="r7_c2" title="about it"><i></i>{}<br></td>',
)  # fmt: skip


@given(data=filled(), shapes=st.data())
@settings(max_examples=60)
def test_a_page_reads_as_before_but_for_what_was_to_change(data, shapes):
    header, body, edits = data
    used = [[shapes.draw(st.sampled_from(SHAPES)) for _ in row] for row in body]

    def page(rows):
        lines = [
            "".join(shape.format(written(cell)) for shape, cell in zip(*pair, strict=True))
            for pair in zip(used, rows, strict=True)
        ]
        head = "".join(f"<th>{name}</th>" for name in header)
        return f"<html>\r\n<body><p>before</p><table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>\nafter</body></html>\r\n"

    def written(cell):
        return html.escape(cell, quote=False)

    content = page(body).encode()
    opened = open_editable(content, b"x.html")

    assert opened.written({}) == content
    changed = opened.written({Spot(0, *place): text for place, text in edits.items()})
    assert tables_of(changed, b"x.html") == [expected(body, edits)]
    assert changed == page(expected(body, edits)).encode()


@given(data=filled(), typed=st.booleans())
@settings(max_examples=40)
def test_a_workbook_reads_as_before_but_for_what_was_to_change(data, typed):
    header, body, edits = data
    into = io.BytesIO()
    book = xlsxwriter.Workbook(
        into, {"in_memory": True, "strings_to_numbers": typed, "strings_to_formulas": False}
    )
    sheet, look = book.add_worksheet(), book.add_format({"bold": True, "num_format": "0.00"})
    for number, cells in enumerate([header, *body]):
        for column, cell in enumerate(cells):
            sheet.write(number, column, cell, look)
    book.close()
    content = into.getvalue()
    opened = open_editable(content, b"x.xlsx")

    assert opened.written({}) == content
    changed = opened.written({Spot(0, *place): text for place, text in edits.items()})
    assert tables_of(changed, b"x.xlsx") == [expected(body, edits)]
    before, after = (openpyxl.load_workbook(io.BytesIO(one)).active for one in (content, changed))
    for one, other in zip(before.iter_rows(min_row=2), after.iter_rows(min_row=2), strict=True):
        for old, new in zip(one, other, strict=True):
            assert old._style == new._style
            text = edits.get((old.row - 2, old.column - 1))
            assert str(new.value) == text if text is not None else new.value == old.value
    everything = b"".join(
        zipfile.ZipFile(io.BytesIO(changed)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(changed)).namelist()
    )
    shown = {cell for row in expected(body, edits) for cell in row}
    for row, column in edits:
        if "(" in body[row][column] and body[row][column] not in shown:
            assert body[row][column].encode() not in everything


def _book():
    into = io.BytesIO()
    book = xlsxwriter.Workbook(into, {"in_memory": True})
    sheet = book.add_worksheet(CANARY)
    columns = [{"header": name} for name in (CANARY, "n", "n (%)")]
    sheet.add_table("A1:C3", {"data": [["a", 3, "3 (1%)"], ["b", 40, CANARY]], "columns": columns})
    sheet.write_formula(4, 1, "=SUM(B2:B3)", None, 43)
    sheet.write_comment(1, 1, CANARY)
    book.close()
    return into.getvalue()


BOOK = _book()
PAGE = f"""<html><body><p>{CANARY}</p><table class="x"><thead><tr><th rowspan=2>a<th colspan=2>F (n=3)</tr><tr><th>n<th>%</tr></thead>
<tr data-n="3"><td rowspan=2>{CANARY}<td title='3'>3<td><b>3</b> (0.5%)<!-- 3 --></tr><tr><td>12<table><tr><td>4</table><td>&#51;</table>
<script>var x = {{"n": [3, 4]}};</script><svg><text>3</text></svg></body></html>""".encode()


def changed_or_refused(content, path):
    """Take out the first number of a file; give what is written, or why it is not."""
    try:
        opened = open_editable(content, path)
        counts = (
            Spot(number, row, column)
            for number, table in enumerate(opened.tables)
            for row, cells in enumerate(table.rows)
            for column, cell in enumerate(cells)
            if re.fullmatch(r"[0-9]+", cell)
        )
        return "; ".join(opened.fixed), opened.written(dict.fromkeys(list(counts)[:1], REDACTED))
    except CannotEditError as refused:
        return str(refused), b""


@pytest.mark.parametrize(("content", "path"), [(PAGE, b"x.html"), (BOOK, b"x.xlsx")])
@given(data=st.data())
@settings(max_examples=60)
def test_a_broken_file_is_changed_rightly_or_refused_without_its_content(content, path, data):
    told, _ = changed_or_refused(data.draw(mutations(content)), path)

    assert CANARY not in told


@given(data=st.data())
@settings(max_examples=60)
def test_a_broken_sheet_is_changed_rightly_or_refused_without_its_content(data):
    with zipfile.ZipFile(io.BytesIO(BOOK)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))

    told, _ = changed_or_refused(
        archive(parts | {name: data.draw(mutations(parts[name]))}), b"x.xlsx"
    )

    assert CANARY not in told
