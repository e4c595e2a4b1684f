"""Notebooks: what their cells show, in whatever form, and what they hold beside."""

import base64
import json

import pytest

from breachkit.documents.table import Origin, Text, TextKind, Trait
from tests.support.fuzzing import CANARY
from tests.support.webpages import (
    COUNT_TABLE,
    COUNTS,
    FIGURE,
    PATIENT_TABLE,
    judged,
    notebook,
    read_as,
    rows,
    rules,
    shown,
    tables,
    traits,
    unread,
    words,
)


PATH = "notebooks/a.ipynb"
OUTPUT = "released_outputs/a.ipynb"
PRINTED = (
    "  region  deaths\n0  North    1200\n1  South       3\n2   East    1430\n3   West    2107\n"
)
TWIN = PRINTED.splitlines(keepends=True)
LINES = COUNT_TABLE.replace("</tr>", "</tr>\n").splitlines(keepends=True)


def test_a_data_frame_is_read_once_from_its_html():
    [table] = tables(notebook(shown(text_html=LINES, text_plain=TWIN)), PATH)

    assert table.header == ("", "region", "deaths")
    assert rows(table)[1] == ["1", "South", "3"]
    assert table.part == "cell 1 output 1, table 1"
    assert table.origin is Origin.MARKUP


def test_without_html_the_printed_form_is_read():
    found = tables(notebook(shown(text_plain=TWIN)), PATH)

    assert {table.origin for table in found} == {Origin.PRINTED}
    assert ["1", "South", "3"] in rows(found[0])


@pytest.mark.parametrize(
    "output",
    [
        shown(text_html=LINES),
        {"output_type": "stream", "name": "stdout", "text": TWIN},
        {"output_type": "execute_result", "data": {"text/plain": TWIN}, "execution_count": 1},
        shown(**{"application_vnd.plotly.v1+json": FIGURE}),
        shown(**{"application_vnd.vegalite.v5+json": {"data": {"values": [{"sex": "F", "n": 3}, {"sex": "M", "n": 1200}]}}}),
        shown(application_json=[{"sex": "F", "n": 3}, {"sex": "M", "n": 1200}]),
        shown(text_markdown="| sex | n |\n|---|---|\n| F | 3 |\n| M | 1200 |\n"),
        shown(text_latex=["\\begin{tabular}{lr}\nsex & n \\\\ \\hline\n", "F & 3 \\\\\nM & 1200 \\\\\n\\end{tabular}"]),
        shown(text_html=f'<script>Plotly.newPlot("a", {json.dumps(FIGURE["data"])}, {json.dumps(FIGURE["layout"])})</script>'),
        {"output_type": "stream", "text": "| region | deaths |\n|:---|---:|\n| North | 1200 |\n| South | 3 |\n"},
        {"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["\x1b[31mError\x1b[0m", PRINTED]},
    ],
    ids=["html", "stream", "plain", "plotly", "vega", "json", "markdown", "latex", "script", "printed Markdown", "error"],
)  # fmt: skip
def test_a_small_count_is_found_in_every_form_of_output(output):
    assert rules(notebook(output), OUTPUT) & {"CNT-01", "LOG-02"}


def test_patients_in_an_output_are_found():
    assert "PAT-01" in rules(notebook(shown(text_html=PATIENT_TABLE)), OUTPUT)


def test_the_third_version_of_the_format_is_read():
    cell = {
        "cell_type": "code",
        "input": ["df"],
        "outputs": [{"output_type": "pyout", "html": LINES, "text": TWIN}],
    }
    old = json.dumps({"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [cell]}]})

    [table] = tables(old, PATH)

    assert rows(table)[1] == ["1", "South", "3"]


@pytest.mark.parametrize(
    "path",
    [
        "a.ipynb",
        "output/a.json",
        "output/a.csv",
        "output/.ipynb_checkpoints/a-checkpoint.ipynb",
        "output/a",
    ],
)
def test_a_notebook_is_one_under_every_name(path):
    assert [table.part for table in tables(notebook(shown(text_html=LINES)), path)] == [
        "cell 1 output 1, table 1"
    ]


def test_source_is_prose_and_what_is_printed_is_not():
    content = notebook(
        {"output_type": "stream", "text": ["three died\n"]}, source="print(died)  # 3"
    )

    assert words(content, PATH, TextKind.PROSE) == "print(died)  # 3"
    assert "three died" in words(content, PATH, TextKind.PRINTED)
    parts = {found.part for found in read_as(content, PATH) if isinstance(found, Text)}
    assert parts == {"cell 1", "cell 1 output 1"}


def test_tables_in_cells_of_words_are_read():
    cell = {"cell_type": "markdown", "source": ["| sex | n |\n", "|---|---|\n", "| F | 3 |\n"]}

    [table] = tables(json.dumps({"cells": [cell], "nbformat": 4}), PATH)

    assert rows(table) == [["F", "3"]]


def test_pictures_and_attachments_are_read_as_files():
    svg = "<svg><text x='1' y='1'>deaths (n = 3)</text></svg>"
    cell = {"cell_type": "markdown", "source": "x", "attachments": {CANARY: {"image/svg+xml": svg}}}
    picture = shown(**{"image_svg+xml": [svg]})
    content = json.dumps(
        {"cells": [cell, {"cell_type": "code", "outputs": [picture]}], "nbformat": 4}
    )

    assert words(content, PATH, TextKind.FIGURE).split("\n") == ["deaths (n = 3)", "deaths (n = 3)"]
    assert Trait.EMBEDDED_IMAGE in traits(content, PATH)
    assert not any(CANARY in str(getattr(found, "part", "")) for found in read_as(content, PATH))


def test_a_picture_that_is_damaged_is_said_to_be_unread():
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").decode()

    assert unread(notebook(shown(image_png=png)), PATH)


def test_what_widgets_hold_is_read():
    state = {"1": {"model_name": "HTMLModel", "state": {"value": COUNT_TABLE}}, "2": {"model_name": "LayoutModel", "state": {"n": 3}}}  # fmt: skip
    saved = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": state}}}

    [table] = tables(notebook(metadata=saved), PATH)

    assert (table.part, rows(table)[1]) == ("widgets, table 1", ["1", "South", "3"])


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"metadata": {}}', '{"cells": [{', '{"cells": 3}', '"x"']
)
def test_what_is_no_notebook_is_said_to_be_unread(content):
    assert unread(content, "a.ipynb") or not content


@pytest.mark.parametrize(
    "content",
    [
        {"cells": [3, None, "x", [], {"outputs": 3}, {"outputs": [3, {"data": 3}, {"output_type": "stream", "text": 3}]}], "nbformat": 4},
        {"cells": [{"source": [1, None], "attachments": {"a": 3, "b": {"image/png": [4]}}}], "nbformat": 4},
        {"cells": [], "metadata": {"widgets": {"application/vnd.jupyter.widget-state+json": 3}}, "nbformat": 4},
        {"cells": [{"outputs": [{"data": {"image/png": "no base64 \u00e9", "application/json": None}}]}], "nbformat": 4},
    ],
)  # fmt: skip
def test_cells_of_any_type_are_read_without_failing(content):
    assert not any("(" in reason for reason in unread(json.dumps(content), PATH))


@pytest.mark.parametrize(
    "data", [{"application/json": "no json {"}, {"text/html": f"<a {'x=1 ' * 6_000}>"}]
)
def test_an_output_that_cannot_be_read_hides_none_of_those_after_it(data):
    broken = {"output_type": "display_data", "data": data}
    content = notebook(broken, shown(text_html=COUNT_TABLE))

    [table] = tables(content, PATH)
    assert len(rows(table)) == len(COUNTS)
    [reason] = unread(content, PATH)
    assert reason.startswith("an output of a notebook: ")


def test_a_notebook_without_results_raises_nothing():
    boilerplate = (
        '<script>window.PlotlyConfig = {MathJaxConfig: "local"}; require.undef("plotly");</script>'
    )
    content = notebook(shown(text_html=boilerplate), shown(text_plain="<Figure size 432x288 with 1 Axes>"), source="n = 3")  # fmt: skip

    assert rules(content, OUTPUT) == set()
    assert not traits(content, PATH) & {Trait.SCRIPT, Trait.WIDGET_DATA, Trait.HIDDEN_MARKUP}
    assert judged(content, OUTPUT).unreadable == ()


def test_rounded_counts_raise_nothing():
    rounded = COUNT_TABLE.replace("<td>3</td>", "<td>10</td>").replace("2107", "2110")

    assert len(COUNTS) == len(rows(tables(notebook(shown(text_html=rounded)), PATH)[0]))
    assert rules(notebook(shown(text_html=rounded)), OUTPUT) == set()
