"""Pages of HTML: every table, whatever hides it, and the data in scripts."""

import base64
import io
import itertools
import json

import pytest
from PIL import Image

from breachkit.documents.table import Origin, TextKind, Trait
from tests.support.fuzzing import CANARY
from tests.support.webpages import (
    COUNT_TABLE,
    COUNTS,
    FIGURE,
    PATIENT_TABLE,
    judged,
    read_as,
    rows,
    rules,
    tables,
    traits,
    unread,
    words,
)


PAGE = "out/page.html"
OUTPUT = "released_outputs/page.html"


def test_a_table_gives_its_header_and_its_rows():
    [table] = tables(COUNT_TABLE, PAGE)

    assert table.header == ("", "region", "deaths")
    assert rows(table)[1] == ["1", "South", "3"]
    assert table.part == "table 1"
    assert table.origin is Origin.MARKUP


def test_names_in_several_rows_are_joined_and_what_spans_columns_names_each():
    page = (
        "<table><thead><tr><th colspan=3>A title over everything</th></tr>"
        "<tr><th rowspan=2>age</th><th colspan=2>n</th></tr><tr><th>M</th><th>F</th></tr></thead>"
        "<tr><td rowspan=2>16-39</td><td>120</td><td>3</td></tr><tr><td>7</td><td>8</td></tr></table>"
    )

    [table] = tables(page, PAGE)

    assert table.header == ("age", "n M", "n F")
    assert rows(table) == [["16-39", "120", "3"], ["16-39", "7", "8"]]


@pytest.mark.parametrize(
    ("above", "names"),
    [
        ("<th></th><th colspan=2>deaths</th>", ("sex", "deaths 2019", "deaths 2020")),
        ("<th colspan=3>deaths</th>", ("sex", "2019", "2020")),
        ("<th>deaths</th><th></th><th></th>", ("sex", "2019", "2020")),
    ],
)
def test_one_name_over_some_columns_names_them_and_a_title_does_not(above, names):
    page = (
        f"<table><thead><tr>{above}</tr><tr><th>sex</th><th>2019</th><th>2020</th></tr></thead>"
        "<tr><td>F</td><td>120</td><td>3</td></tr></table>"
    )

    [table] = tables(page, PAGE)

    assert table.header == names


def test_a_heading_within_a_table_stands_in_its_first_column_alone():
    page = "<table><tr><th>a</th><th>n</th></tr><tr><td colspan=2>Sex</td></tr><tr><td>F</td><td>3</td></tr></table>"

    [table] = tables(page, PAGE)

    assert rows(table) == [["Sex", ""], ["F", "3"]]


def test_names_on_the_left_are_turned_to_the_top():
    page = (
        "<table><tr><th>deaths</th><td>3</td></tr><tr><th>population</th><td>1204</td></tr></table>"
    )

    [table] = tables(page, PAGE)

    assert table.header == ("deaths", "population")
    assert rows(table) == [["3", "1204"]]


def test_a_table_within_a_table_is_one_by_itself():
    page = "<table><tr><th>n</th></tr><tr><td>before<table><tr><th>m</th></tr><tr><td>3</td></tr></table></td></tr></table>"

    outer, inner = tables(page, PAGE)

    assert rows(outer) == [["before"]]
    assert rows(inner) == [["3"]]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("3<br>(4%)", "3 (4%)"),
        ("<p>3</p><p>10</p>", "3 10"),
        ("10<sup>a</sup>", "10*"),
        ("1&nbsp;204", "1 204"),
        ("<b>N</b> = 3", "N = 3"),
        ("3<!-- of 10 -->", "3"),
        ("<script>x = 1</script>3", "3"),
    ],
)
def test_a_cell_holds_what_a_person_reads(cell, text):
    [table] = tables(f"<table><tr><th>x</th></tr><tr><td>{cell}</td></tr></table>", PAGE)

    assert rows(table) == [[text]]


@pytest.mark.parametrize(
    "hiding",
    ["hidden", 'style="display:none"', 'style="color: red; DISPLAY : None;"', 'class="gone"', 'style="visibility:hidden"'],
)  # fmt: skip
def test_hidden_rows_are_a_hidden_table(hiding):
    page = (
        "<style>.gone { color: red; display: none }</style><table><tr><th>a</th><th>n</th></tr>"
        f"<tr><td>M</td><td>100</td></tr><tr {hiding}><td>F</td><td>3</td></tr></table>"
    )

    shown, hidden = tables(page, PAGE)

    assert (rows(shown), shown.hidden) == ([["M", "100"]], False)
    assert (rows(hidden), hidden.hidden, hidden.part) == (
        [["F", "3"]],
        True,
        "table 1, hidden rows",
    )
    assert Trait.HIDDEN_CELLS in traits(page, PAGE)


def test_a_table_in_something_hidden_or_in_a_comment_is_hidden():
    assert all(table.hidden for table in tables(f"<div hidden><p>{COUNT_TABLE}</p></div>", PAGE))
    assert all(table.hidden for table in tables(f"<p>x</p><!-- {COUNT_TABLE} -->", PAGE))
    assert all(table.hidden for table in tables(f"<template>{COUNT_TABLE}</template>", PAGE))
    assert "CNT-01" in rules(f"<p>x</p><!-- {COUNT_TABLE} -->", OUTPUT)


def test_what_cells_carry_for_sorting_is_a_hidden_table():
    page = '<table><tr><th>a</th><th>n</th></tr><tr><td>F</td><td data-order="3">&lt;8</td></tr></table>'

    shown, carried = tables(page, PAGE)

    assert rows(shown) == [["F", "<8"]]
    assert (rows(carried), carried.hidden) == ([["F", "3"]], True)


def test_words_are_told_apart_by_whether_they_are_shown():
    page = "<h1>Deaths</h1><p style='display:none'>only 3 died</p><!-- 2 in Leeds --><table><tr><td>cell</td></tr></table>"

    assert words(page, PAGE, TextKind.PROSE) == "Deaths"
    assert words(page, PAGE, TextKind.HIDDEN).split("\n") == [" 2 in Leeds ", "only 3 died"]
    assert Trait.HIDDEN_MARKUP in traits(page, PAGE)


def test_a_print_out_is_read_as_one_and_source_code_is_not():
    print_out = "<pre><code>## # A tibble: 2 x 2\n##   sex       n\n##   &lt;chr&gt; &lt;int&gt;\n## 1 F         3\n## 2 M        10\n</code></pre>"

    [table] = tables(print_out, PAGE)

    assert table.origin is Origin.PRINTED
    assert tables("<pre class='r'><code>" + "x <- c(1, 2)\n" * 3 + "</code></pre>", PAGE) == []


PLOT = f'Plotly.newPlot("id", {json.dumps(FIGURE["data"])}, {json.dumps(FIGURE["layout"])}, {{"responsive": true}})'
VARIABLES = (
    "// made by hand\nvar trace1 = {x: ['a', 'b',], y: [1204, 3], type: 'bar', name: 'Women'};\n"
    "var data = [trace1];\nvar layout = {yaxis: {title: 'Number of deaths'}};\nPlotly.newPlot('here', data, layout);"
)
DATATABLE = "var set = [['F', 3], ['M', 120]];\n$('#t').DataTable({data: set, columns: [{title: 'sex'}, {title: 'n'}]})"
ECHARTS = "chart.setOption({xAxis: {data: ['a', 'b']}, yAxis: {name: 'patients'}, series: [{name: 'F', data: [120, 3]}]})"
RECORDS = f"var data = {json.dumps([{'region': name, 'deaths': count} for name, count in COUNTS])};"
VEGA = 'vegaEmbed("#v", {"mark": "bar", "datasets": {"data-1": [{"sex": "F", "n": 3}, {"sex": "M", "n": 120}]}})'


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (PLOT, ("region", "deaths")),
        (VARIABLES, ("x", "Women Number of deaths")),
        (DATATABLE, ("sex", "n")),
        (ECHARTS, ("", "F patients")),
        (RECORDS, ("region", "deaths")),
        (VEGA, ("sex", "n")),
    ],
    ids=["plotly", "variables", "datatables", "echarts", "records", "vega"],
)
def test_the_data_in_a_script_is_a_table_with_the_names_a_reader_sees(script, names):
    page = f"<div></div><script>{script}</script>"

    assert names in {table.header for table in tables(page, PAGE)}
    assert {Trait.SCRIPT, Trait.WIDGET_DATA} <= traits(page, PAGE)
    assert "CNT-01" in rules(page, OUTPUT)


def test_variables_are_known_however_many_stand_in_a_list():
    traces = "".join(
        f"var t{number} = {{x: ['a', 'b'], y: [1204, {number}], name: 'Women {number}'}};\n"
        for number in range(150)
    )
    named = ", ".join(f"t{number}" for number in range(150))
    script = f"{traces}var data = [{named}];\nvar layout = {{yaxis: {{title: 'Number of deaths'}}}};\nPlotly.newPlot('here', data, layout);"

    found = {table.header for table in tables(f"<script>{script}</script>", PAGE)}

    assert ("x", "Women 149 Number of deaths") in found


def test_a_script_whose_variables_stand_in_too_many_places_is_said_to_be_unread():
    lists = itertools.pairwise("abcdef")
    script = f"var a = [{'1, ' * 199}1];\n" + "".join(
        f"var {name} = [{f'{inner}, ' * 199}{inner}];\n" for inner, name in lists
    )

    assert unread(f"<script>{script}</script>", PAGE)


def widget(data: object) -> str:
    return f'<script type="application/json" data-for="htmlwidget-1">{json.dumps(data)}</script>'


def test_the_table_of_an_r_widget_has_the_names_of_its_head():
    head = "<table><thead><tr><th> </th><th>sex</th><th>n</th></tr></thead></table>"
    page = widget({"x": {"data": [["1", "2"], ["F", "M"], [3, 120]], "container": head}})

    assert (("", "sex", "n"), [["1", "F", "3"], ["2", "M", "120"]]) in [
        (table.header, rows(table)) for table in tables(page, PAGE)
    ]
    assert "CNT-01" in rules(page, OUTPUT)


def test_data_in_a_script_that_does_not_read_is_said_to_be_unread():
    assert unread('<script type="application/json">{"n": [3, </script>', PAGE)


BOILERPLATE = [
    "MathJax.Hub.Config({tex2jax: {inlineMath: [['$','$']]}});",
    "window.PlotlyConfig = {MathJaxConfig: 'local'};",
    "$(document).ready(function () { window.buildTabsets('TOC'); });",
    "/*! jQuery v3.6.0 | (c) OpenJS Foundation */" + "!function(e,t){a=[[1,2],[3,4]]}(this);" * 400,
    "require.config({paths: {d3: 'd3.min'}});",
]


@pytest.mark.parametrize("script", BOILERPLATE)
def test_what_tools_put_into_every_page_is_no_trait_and_holds_no_data(script):
    page = f"<script>{script}</script><style>.btn{{display:none}}</style><p>Words</p>"

    assert traits(page, PAGE) == set()
    assert tables(page, PAGE) == []
    assert rules(page, OUTPUT) == set()


def picture(text: str) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", text)
    content = io.BytesIO()
    Image.new("L", (4, 4)).save(content, "png", pnginfo=info)
    return content.getvalue()


def test_pictures_and_files_within_a_page_are_read_as_files():
    image = base64.b64encode(picture("n = 3")).decode()
    csv = base64.b64encode(b"region,deaths\nNorth,120\nSouth,3\n").decode()
    page = f'<img src="data:image/png;base64,{image}"><img src="data:image/png;base64,{image}"><a href="data:text/csv;base64,{csv}">get</a>'

    assert words(page, PAGE, TextKind.HIDDEN) == "Comment: n = 3"
    assert {Trait.EMBEDDED_IMAGE, Trait.EMBEDDED_FILE, Trait.METADATA_TEXT} <= traits(page, PAGE)
    assert [table.part for table in tables(page, PAGE)] == ["file 1"]
    assert "CNT-01" in rules('<a href="data:text/csv,region,deaths%0ANorth,120%0ASouth,3%0A">', OUTPUT)  # fmt: skip


def test_a_page_within_a_page_is_read():
    inner = COUNT_TABLE.replace('"', "&quot;")

    assert [table.part for table in tables(f'<iframe srcdoc="{inner}"></iframe>', PAGE)] == [
        "frame 1, table 1"
    ]


def test_a_page_saved_with_its_pictures_is_read():
    saved = (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n--x\n'
        f"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n{base64.b64encode(COUNT_TABLE.encode()).decode()}\n--x--\n"
    )

    assert [table.part for table in tables(saved, "output/page.mht")] == ["piece 1, table 1"]


@pytest.mark.parametrize("path", ["output/t.csv", "output/t.txt", "output/t", "output/old.xls"])
def test_a_page_under_another_name_is_read_as_one(path):
    assert "CNT-01" in rules(COUNT_TABLE, path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_page_is_read_in_any_encoding(encoding):
    page = COUNT_TABLE.replace("South", "Sóuth").encode(encoding)

    assert rows(tables(page, PAGE)[0])[1] == ["1", "Sóuth", "3"]


def test_patients_in_a_table_are_found():
    assert "PAT-01" in rules(PATIENT_TABLE, OUTPUT)
    assert judged(COUNT_TABLE, OUTPUT).unreadable == ()


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 200_000 + COUNT_TABLE.encode(),
        b"".join(b"<b id=%d>" % number for number in range(20_000)) + b"<p>x" * 20_000,
        b"<p " + b" ".join(b"a%d=1" % number for number in range(60_000)) + b">",
        b"<table>" + b"<tr>" + b"<td colspan=1000 rowspan=65000>3" * 4000,
        b"<svg" * 100_000 + b"<script" * 1000,
        b'(data:,' * 100_000,
        b"<script>" + b"x=[" * 30_000 + b"</script>",
        b"<script>" + b"[1,[" * 100_000 + b"</script>",
        b"<!--" * 100_000,
        b'<pre>' * 3_000 + b"| x " * 20_000,
    ],
    ids=["depth", "formatting", "attributes", "spans", "drawings", "files", "opened", "nested", "comments", "prints"],
)  # fmt: skip
def test_a_hostile_page_is_read_within_bounds(page):
    from tests.support.fuzzing import holds

    holds(page, b"output/page.html")


def test_what_is_nested_beyond_the_bounds_is_said_to_be_unread():
    assert unread("<div>" * 5_000 + COUNT_TABLE, PAGE)


def test_what_stands_behind_the_end_of_a_page_is_read_as_browsers_show_it():
    page = f"<html><body><p>a</p></body></html>{COUNT_TABLE}<html><body>{COUNT_TABLE}</body></html>"

    assert len(tables(page, PAGE)) == 2


def test_a_page_in_which_nothing_is_is_read():
    assert not unread("<!-- --></table></html>", PAGE)
    assert not unread("</table>\n<script></script></body>", PAGE)


def test_no_part_holds_content():
    page = f"<table title='{CANARY}'><caption>{CANARY}</caption><tr><th>{CANARY}</th></tr><tr><td>3</td></tr></table>"

    assert all(CANARY not in str(getattr(found, "part", "")) for found in read_as(page, PAGE))
