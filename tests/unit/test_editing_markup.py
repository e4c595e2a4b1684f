"""Cells of pages change, and nothing else of them does."""

import html

import pandas as pd
import pytest

from breachkit.documents.editing import markup
from breachkit.documents.editing import page as pages
from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.documents.editing.page_cells import Piece
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.sdc.marks import REDACTED


def changed(page, edits):
    """Give a page with other cells."""
    content = page.encode() if isinstance(page, str) else page
    return open_editable(content, b"x.html").written(edits)


def table(*rows, head="<tr><th>age</th><th>n</th></tr>"):
    """Write a page with a table."""
    return f"<html><body><table>{head}{''.join(rows)}</table></body></html>"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<td>3</td>", f"<td>{REDACTED}</td>"),
        ("<TD Class=a3 >\r\n 3\t</TD>", f"<TD Class=a3 >\r\n {REDACTED}\t</TD>"),
        ("<td><b>3</b> (0.5%)</td>", f"<td><b>{REDACTED}</b> </td>"),
        ("<td>3<sup>1</sup></td>", f"<td>{REDACTED}<sup></sup></td>"),
        ("<td>3<!-- was 3 --></td>", f"<td>{REDACTED}<!-- --></td>"),
        (
            '<td data-order="3.2" id="r3">3</td>',
            f'<td data-order="{REDACTED}" id="r3">{REDACTED}</td>',
        ),
        (
            "<td title=3><i aria-label='n 3'>3</i></td>",
            f"<td title=\"{REDACTED}\"><i aria-label='{REDACTED}'>{REDACTED}</i></td>",
        ),
        (
            '<td><span style="display:none">0003</span>3</td>',
            f'<td><span style="display:none"></span>{REDACTED}</td>',
        ),
        ("<td>&nbsp;&#51;&nbsp;<br>of 9", f"<td>&nbsp;{REDACTED}&nbsp;<br>"),
        ("<td><template>3</template>3", f"<td><template> </template>{REDACTED}"),
    ],
)
def test_a_cell_changes_with_all_that_repeats_it_and_keeps_its_markup(before, after):
    page = table("<tr><td>16-39</td>", before, "</tr><tr><td>40-64</td><td>12</td></tr>")

    written = changed(page, {Spot(0, 0, 1): REDACTED}).decode()

    assert written == page.replace(before, after)


def rows_of(page, number=0):
    """Give the rows of a table of a page as the reader gives them."""
    content = page.encode() if isinstance(page, str) else page
    found = [one for one in read(content, (b"x.html",)) if isinstance(one, Table)]
    return [list(row) for row in found[number].rows]


PANDAS = pd.DataFrame(
    {("F", "n"): [3, 40], ("F", "%"): [0.5, 9.5], ("M", "n"): [12, 7]},
    index=["16\N{EN DASH}39", "40 & over"],
).to_html()
GT = """<div id="x1" style="padding: 0px;"><style>#x1 .gt_row { padding: 3px; }</style>
<table class="gt_table" data-quarto-disable-processing="false"><thead><tr class="gt_col_headings">
  <th class="gt_col_heading gt_left" rowspan="1" colspan="1" scope="col" id="label"><span class='gt_from_md'><p><strong>Characteristic</strong></p></span></th>
  <th class="gt_col_heading" rowspan="1" colspan="1" scope="col" id="stat_1"><span class='gt_from_md'><p><strong>Female</strong><br />
N = 3<span class="gt_footnote_marks" style="white-space:nowrap;"><sup>1</sup></span></p></span></th></tr></thead>
<tbody class="gt_table_body"><tr><td headers="label" class="gt_row gt_left">Stage</td>
<td headers="stat_1" class="gt_row gt_center"><br /></td></tr>
    <tr><td headers="label" class="gt_row gt_left">&nbsp;&nbsp;&nbsp;&nbsp;II</td>
<td headers="stat_1" class="gt_row gt_center">3 (75%)</td></tr></tbody>
<tfoot class="gt_footnotes"><tr><td class="gt_footnote" colspan="2"><sup>1</sup> n (%)</td></tr></tfoot></table></div>"""
KABLE = """<table class="table" style="width: auto !important; ">\r\n<caption>Table 1</caption>\r\n <thead>\r\n<tr>
<th style="empty-cells: hide;" colspan="1"></th><th colspan="2"><div style="border-bottom: 1px solid #ddd;">Sex</div></th></tr>
  <tr>\r\n   <th style="text-align:left;"> age </th>\r\n   <th> F </th>\r\n   <th> M </th>\r\n  </tr>\r\n </thead>\r\n<tbody>
  <tr grouplength="1"><td colspan="3" style="border-bottom: 1px solid;"><strong>Young</strong></td></tr>
  <tr>\r\n   <td style="text-align:left;padding-left: 2em;" indentlevel="1"> 16-39 </td>
   <td style="text-align:right;"> <span style="font-weight: bold;">3</span> </td>\r\n   <td> 12 </td>\r\n  </tr>\r\n</tbody>\r\n</table>"""
STATA = """<!DOCTYPE html>\n<html><head><meta charset="utf-8"/></head><body><table style="border-collapse: collapse">
<tr><td></td><td>Freq.</td><td>Percent</td></tr><tr><td style="border-top: 1px">F</td><td>3</td><td>20.00</td></tr>
<tr><td>M</td><td>12</td><td>80.00</td></tr></table></body></html>"""


@pytest.mark.parametrize(
    ("page", "spot", "old"),
    [
        (PANDAS, Spot(0, 0, 1), "3"),
        (PANDAS, Spot(0, 1, 0), "40 &amp; over"),
        (GT, Spot(0, 1, 1), "3 (75%)"),
        (KABLE, Spot(0, 1, 1), "3"),
        (STATA, Spot(0, 0, 1), "3"),
    ],
)
def test_tables_that_programs_write_change_in_one_place(page, spot, old):
    written = changed(page, {spot: REDACTED}).decode()

    expected = rows_of(page)
    expected[spot.row][spot.column] = REDACTED
    assert rows_of(written) == expected
    places = [at for at in range(len(page)) if page.startswith(f">{old}<", at)]
    assert written in {page[: at + 1] + REDACTED + page[at + 1 + len(old) :] for at in places}


def test_a_count_stated_in_a_name_goes_and_the_name_stays_as_it_was_written():
    opened = open_editable(GT.encode(), b"x.html")
    name = opened.tables[0].header[1]

    written = opened.written({Spot(0, HEADER, 1): name.replace("3", REDACTED)}).decode()

    assert written == GT.replace("N = 3<", f"N = {REDACTED}<")


SPANNED = """<table><thead><tr><th rowspan=2>age<th colspan=2>Female (n=3)<th colspan=2>Male (n=40)</tr>
<tr><th>n<th>%<th>n<th>%</tr></thead><tr><td rowspan=2>a &amp; b<td>1<td>2<td>3<td>4<tr><td>5<td>6<td>7<td>8</table>"""


def test_a_name_over_several_columns_changes_once_for_all_of_them():
    new = f"Female (n={REDACTED})"

    one = changed(SPANNED, {Spot(0, HEADER, 1): f"{new} n"}).decode()
    both = changed(
        SPANNED, {Spot(0, HEADER, 1): f"{new} n", Spot(0, HEADER, 2): f"{new} %"}
    ).decode()

    assert one == both == SPANNED.replace("n=3", f"n={REDACTED}")


def test_names_of_two_levels_that_both_change_are_told_apart():
    written = changed(SPANNED, {Spot(0, HEADER, 1): f"Female (n={REDACTED}) N"}).decode()

    assert written == SPANNED.replace("n=3", f"n={REDACTED}").replace(
        "<th>n<th>%<th>n", "<th>N<th>%<th>n"
    )


def test_counts_in_a_row_of_the_header_go_though_the_row_names_no_columns_then():
    page = "<table><thead><tr><th>age<th>F<th>M</tr><tr><th><th>n=3<th>n=4</tr></thead><tr><td>a<td>2<td>1</table>"

    written = changed(
        page, {Spot(0, HEADER, 1): f"F n={REDACTED}", Spot(0, HEADER, 2): f"M n={REDACTED}"}
    )

    assert written.decode() == page.replace("n=3", f"n={REDACTED}").replace("n=4", f"n={REDACTED}")


def test_a_cell_over_several_rows_changes_for_all_of_them():
    written = changed(SPANNED, {Spot(0, 1, 0): "c"}).decode()

    assert written == SPANNED.replace("a &amp; b", "c")
    with pytest.raises(CannotEditError, match="two different texts"):
        changed(SPANNED, {Spot(0, 1, 0): "c", Spot(0, 0, 0): "d"})


def test_a_table_with_its_names_on_the_left_changes():
    page = "<table><tr><th>age</th><td>a</td><td>b</td></tr><tr><th>n</th><td>3</td><td>40</td></tr></table>"

    written = changed(page, {Spot(0, 0, 1): REDACTED, Spot(0, HEADER, 1): "count"}).decode()

    assert written == page.replace(">3<", f">{REDACTED}<").replace(">n<", ">count<")


def test_a_table_within_a_cell_stays_when_the_cell_changes():
    inner = "<table><tr><th>x</th></tr><tr><td>3</td></tr></table>"
    page = table(f"<tr><td>4 {inner} of 9</td><td>3</td></tr>")

    written = changed(page, {Spot(0, 0, 0): REDACTED}).decode()

    assert written == page.replace("4 <table", f"{REDACTED} <table").replace(" of 9", " ")
    assert changed(page, {Spot(1, 0, 0): REDACTED}).decode() == page.replace(
        ">3</td></tr></table>", f">{REDACTED}</td></tr></table>", 1
    )


def test_hidden_tables_and_rows_change():
    page = table('<tr style="display:none"><td>a</td><td>3</td></tr><tr><td>b</td><td>9</td></tr>')
    page += page.replace("<table>", "<table hidden>")
    tables = open_editable(page.encode(), b"x.html").tables
    spots = [
        Spot(at, r, c)
        for at, one in enumerate(tables)
        for r, row in enumerate(one.rows)
        for c, cell in enumerate(row)
        if cell == "3"
    ]

    written = changed(page, dict.fromkeys(spots, REDACTED)).decode()

    assert len(spots) == 2
    assert written == page.replace(">3<", f">{REDACTED}<")


def test_a_value_for_sorting_changes_by_itself():
    page = table(
        '<tr><td>a</td><td data-order="3">&lt;8</td></tr><tr><td>b</td><td data-order="40">40</td></tr>'
    )
    tables = open_editable(page.encode(), b"x.html").tables
    assert [one.part for one in tables] == ["table 1", "table 1, attributes"]

    written = changed(page, {Spot(1, 0, 1): REDACTED}).decode()

    assert written == page.replace('"3"', f'"{REDACTED}"')


def test_the_number_goes_from_the_row_too_and_other_attributes_of_the_row_stay():
    page = table('<tr data-n="3" data-index="13" id="r3" class="c3"><td>a</td><td>3</td></tr>')

    written = changed(page, {Spot(0, 0, 1): REDACTED}).decode()

    assert written == page.replace('data-n="3"', f'data-n="{REDACTED}"').replace(
        ">3<", f">{REDACTED}<"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_every_byte_elsewhere_stays_whatever_the_encoding(encoding):
    page = table(
        "<tr><td>Größe \N{EN DASH} (é)</td>\r\n<td>3</td></tr>\r",
        head='<meta charset="x"><tr><th>a</th><th>n</th></tr>',
    )
    content = page.encode(encoding)

    written = open_editable(content, b"x.html").written({Spot(0, 0, 1): "≤ 5"})

    assert written == page.replace(">3<", ">&#8804; 5<").encode(encoding)


def test_signs_that_markup_knows_are_written_by_their_names():
    page = table('<tr><td>a</td><td title="3">3</td></tr>')

    written = changed(page, {Spot(0, 0, 1): '<8 & "x"'}).decode()

    assert written == page.replace('"3">3<', '"&lt;8 &amp; &quot;x&quot;">&lt;8 &amp; "x"<')


PRINTED = """<p>Grüße</p><pre class="r"><code>table(x) # 3</code></pre>
<pre><code>##   dept  n  pct
## 1  R&amp;D  3  0.5
## 2   HR 12  9.5
</code></pre><pre>\r\n        sex |      Freq.     Percent\r\n------------+----------------------\r
     female |          3       20.00\r\n       male |         12       80.00\r\n</pre>"""


def test_tables_that_were_printed_change_as_logs_do():
    page = table("<tr><td>a</td><td>3</td></tr>").replace("</body>", f"{PRINTED}</body>")
    opened = open_editable(page.encode(), b"x.html")
    spots = [Spot(at, 0, list(one.rows[0]).index("3")) for at, one in enumerate(opened.tables)]

    written = opened.written(dict.fromkeys(spots, REDACTED)).decode()

    assert len(spots) == 3
    new = [
        [list(row) for row in one.rows] for one in open_editable(written.encode(), b"x.html").tables
    ]
    old = [
        [[REDACTED if cell == "3" else cell for cell in row] for row in one.rows]
        for one in opened.tables
    ]
    assert new == old
    assert f"## 1  R&amp;D {REDACTED}  0.5\n" in written
    assert f"female |  {REDACTED}       20.00\r\n" in written
    for old_line, new_line in zip(page.split("\n"), written.split("\n"), strict=True):
        assert old_line.split() == new_line.split() or REDACTED in new_line or "---" in new_line
    assert "a table that was printed" not in opened.fixed


@pytest.mark.parametrize(
    ("printed", "line"),
    [
        ("\n sex0 count1    n2\n 2.26      F     3\n    F     33 16-39", f"2.26 F {REDACTED}"),
        ("## # A tibble: 2 x 2\n##   sex       n\n##   &lt;chr> &lt;int&gt;\n## 1 F         3\n## 2 M        12\n", f"## 1 F {REDACTED}"),
    ],
)  # fmt: skip
def test_print_outs_are_read_as_the_page_is_read(printed, line):
    page = f"<html><body><pre><code>{printed}</code></pre></body></html>"
    opened = open_editable(page.encode(), b"x.html")
    spot = next(
        Spot(0, at, list(row).index("3"))
        for at, row in enumerate(opened.tables[0].rows)
        if "3" in row
    )

    written = opened.written({spot: REDACTED}).decode().replace("<", "\n<").splitlines()

    assert line in [" ".join(one.split()) for one in written]
    assert "a table that was printed" not in opened.fixed


@pytest.mark.parametrize("words", ["<8", "R&D"])
def test_words_that_are_markup_are_written_by_their_names_in_print_outs_too(words):
    page = "<html><body><pre>    n  pct\nF   3  0.5\nM  12  9.5\n</pre></body></html>"

    written = changed(page, {Spot(0, 0, 1): words}).decode()

    assert html.escape(words) in written
    assert rows_of(written)[0][1] == words


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("<p>of 3 people</p>", "running text"),
        ("<!-- 3 people -->", "comments or text that is not shown"),
        ('<div style="display:none">3</div>', "comments or text that is not shown"),
        ("<script>var x = [{'n': 3}, {'n': 4}];</script>", "data of a widget or an interactive figure"),
        ("<pre><b>sex</b> |  Freq.\n----+-------\nF   |  3\nM   | 12\n</pre>", "a table that was printed"),
        ("<svg><text>3</text></svg>", "a figure"),
        ('<img src="data:image/png;base64,iVBORw0KGgo=">', "a picture"),
        ("<table><caption>of 3</caption><tr><td>a</table>", "a caption"),
        ('<table><tr><td style="background: linear-gradient(90deg,red 3%)">a</table>', "bars or colours of cells that follow their values"),
        ('<table><tr><td><span style="display: inline-block; width: 3.50%">a</span></table>', "bars or colours of cells that follow their values"),
        ("<style>#T_a_row0_col1 { background-color: #fff }</style>", "bars or colours of cells that follow their values"),
        ("<!-- <table><tr><td>3</td><td>4</td></tr></table> -->", "tables in comments, scripts or files within the page"),
    ],
)  # fmt: skip
def test_what_may_tell_a_count_and_is_not_changed_is_named(more, named):
    plain = table("<tr><td>a</td><td>3</td></tr>")
    page = plain.replace("</body>", f"{more}</body>")

    assert named in open_editable(page.encode(), b"x.html").fixed
    assert open_editable(plain.encode(), b"x.html").fixed == ()


@pytest.mark.parametrize(
    "spot",
    [Spot(1, 0, 0), Spot(-1, 0, 0), Spot(0, 1, 0), Spot(0, -2, 0), Spot(0, 0, 2), Spot(0, 0, -1)],
)
def test_a_spot_in_no_table_is_refused(spot):
    with pytest.raises(CannotEditError):
        changed(table("<tr><td>a</td><td>3</td></tr>"), {spot: REDACTED})


def test_a_place_that_a_wider_cell_takes_is_refused():
    page = table("<tr><td colspan=2>a</td></tr><tr><td>b</td><td>3</td></tr>")

    with pytest.raises(CannotEditError, match="wider"):
        changed(page, {Spot(0, 0, 1): REDACTED})


def test_an_empty_cell_is_filled():
    page = table("<tr><td>a</td><td></td></tr>")

    assert changed(page, {Spot(0, 0, 1): REDACTED}).decode() == page.replace(
        "<td></td>", f"<td>{REDACTED}</td>"
    )


def test_without_edits_and_once_written_the_bytes_are_the_same():
    once = changed(GT, {Spot(0, 1, 1): REDACTED})

    assert changed(GT, {}) == GT.encode()
    assert changed(once, {Spot(0, 1, 1): REDACTED}) == once


@pytest.mark.parametrize(
    "content",
    [
        (
            b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
            b"<table><tr><td>a<td>n<tr><td>b<td>3</table>\r\n--x--"
        ),
        b"<html>" + bytes(range(128, 256)) * 40,
    ],
)
def test_what_is_no_page_of_its_own_is_refused(content):
    with pytest.raises(CannotEditError):
        open_editable(content, b"x.mht").written({Spot(0, 0, 1): REDACTED})


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ("<td><textarea rows=3><b>3</textarea>", f"<td><textarea rows=3>{REDACTED}</textarea>"),
        ("<td><!-->3<!-- > --> of 9", f"<td><!-->{REDACTED}<!-- > --> "),
        ('<td title="a > b">3', f'<td title="a > b">{REDACTED}'),
        ("<td><a href='#3' >3</a >", f"<td><a href='#3' >{REDACTED}</a >"),
        ("<td>3<?php 3 ?><!odd 3>", f"<td>{REDACTED}<?php 3 ?><!odd 3>"),
        ("<td>3 < 4 & 5 &c", f"<td>{REDACTED}"),
        ("<td\n>3<td hidden>4", f"<td\n>{REDACTED}<td hidden>4"),
        ("<td>3<p>4</div></span>", f"<td>{REDACTED}<p></div></span>"),
    ],
)
def test_markup_with_mistakes_is_followed_as_browsers_do(cell, after):
    page = table("<tr><td>a", cell, "<tr><td>b<td>12")

    assert changed(page, {Spot(0, 0, 1): REDACTED}).decode() == page.replace(cell, after)


def test_a_print_out_that_the_page_would_read_otherwise_is_refused():
    page = "<html><body><pre>Counts\n  by age\n0      5\n1     17\n2      8\n9      3</pre></body></html>"

    with pytest.raises(CannotEditError, match="same tables"):
        changed(page, {Spot(0, 3, 1): REDACTED})


PLAIN = table(
    '<tr data-n="13"><td>a</td><td title="3" data-order="4">3</td></tr><tr><td>b</td><td>12</td></tr>'
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">12<", ">13<"),
        (">3<", "><"),
        (">3<", "></td><td><"),
        (">3<", "><table><tr><td>x</table><"),
        ("<table>", "<table hidden>"),
        ("</table>", "</table><pre>    n  pct\nF   3  0.5\nM  12  9.5\n</pre>"),
    ],
)
def test_nothing_is_given_out_that_reads_otherwise(monkeypatch, old, new):
    start = PLAIN.index(old)
    monkeypatch.setattr(markup, "rewritten", lambda *_: [Piece(start, start + len(old), new)])
    monkeypatch.setattr(markup, "attributes_rewritten", lambda *_: [])

    with pytest.raises(CannotEditError, match="same tables"):
        changed(PLAIN, {Spot(0, 0, 1): REDACTED})


def test_nothing_is_given_out_in_which_a_number_stays(monkeypatch):
    monkeypatch.setattr(markup, "attributes_rewritten", lambda *_: [])

    with pytest.raises(CannotEditError, match="stays"):
        changed(table('<tr><td>a</td><td aria-label="3">3</td></tr>'), {Spot(0, 0, 1): REDACTED})


def test_a_page_of_too_many_tags_is_refused(monkeypatch):
    monkeypatch.setattr(pages, "MOST_TAGS", PLAIN.count("<") - 1)
    with pytest.raises(CannotEditError, match="tags"):
        changed(PLAIN, {Spot(0, 0, 1): REDACTED})

    monkeypatch.setattr(pages, "MOST_TAGS", PLAIN.count("<"))
    assert changed(PLAIN, {Spot(0, 0, 0): "c"})
