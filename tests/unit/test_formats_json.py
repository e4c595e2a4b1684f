"""JSON, YAML, XML, LaTeX and Markdown: every shape that a table takes in them."""

import json

import pytest

from breachkit.documents.readers import read
from breachkit.documents.records import MOST_WORDS
from breachkit.documents.table import Origin, Table, TextKind
from tests.support.fuzzing import CANARY, holds
from tests.support.webpages import (
    COUNTS,
    FIGURE,
    PATIENTS,
    judged,
    rows,
    rules,
    tables,
    unread,
    words,
)


PATH = "released_outputs/result.json"
RECORDS = [{"region": name, "deaths": count} for name, count in COUNTS]
REGIONS, DEATHS = (list(column) for column in zip(*COUNTS, strict=True))


def as_rows(
    content: object, path: str = "out/a.json"
) -> list[tuple[tuple[str, ...], list[list[str]]]]:
    text = content if isinstance(content, str) else json.dumps(content)
    return [(table.header, rows(table)) for table in tables(text, path)]


SHAPES = {
    "records": RECORDS,
    "columns": {"region": REGIONS, "deaths": DEATHS},
    "pandas": {"region": dict(enumerate(REGIONS)), "deaths": dict(enumerate(DEATHS))},
    "index": {name: {"deaths": count, "rate": count / 7} for name, count in COUNTS},
    "split": {"columns": ["region", "deaths"], "index": [0, 1, 2, 3, 4], "data": [list(row) for row in COUNTS]},
    "table": {"schema": {"fields": [{"name": "region"}, {"name": "deaths"}]}, "data": RECORDS},
    "rows": [["region", "deaths"], *map(list, COUNTS)],
    "nested": {"results": {"main": {"rows": RECORDS}}},
    "geojson": {"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [1.5, 2.5]}, "properties": row} for row in RECORDS]},
    "plotly": FIGURE,
    "plotly 6": {"data": [{"x": REGIONS, "y": {"dtype": "i2", "bdata": "sAQDAJYFOwhmAw=="}}], "layout": {"yaxis": {"title": {"text": "deaths"}}}},
    "plotly table": {"data": [{"type": "table", "header": {"values": ["region", "deaths"]}, "cells": {"values": [REGIONS, DEATHS]}}], "layout": {}},
    "bokeh": {"roots": [{"attributes": {"data": {"type": "map", "entries": [["region", REGIONS], ["deaths", DEATHS]]}}}]},
    "vega": {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar", "data": {"values": RECORDS}},
    "chart.js": {"labels": REGIONS, "datasets": [{"label": "deaths", "data": DEATHS}]},
    "highcharts": {"xAxis": {"categories": REGIONS}, "series": [{"name": "deaths", "data": DEATHS}]},
    "google": {"cols": [{"label": "region"}, {"label": "deaths"}], "rows": [{"c": [{"v": name}, {"v": count}]} for name, count in COUNTS]},
    "encoded": {"figure": json.dumps(RECORDS)},
    "page": {"html": "<table><tr><th>region</th><th>deaths</th></tr>" + "".join(f"<tr><td>{n}</td><td>{d}</td></tr>" for n, d in COUNTS) + "</table>"},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_small_count_is_found_in_every_shape(shape):
    assert "CNT-01" in rules(json.dumps(SHAPES[shape]), PATH)


@pytest.mark.parametrize(
    "shape", ["records", "columns", "split", "rows", "google", "chart.js", "plotly", "bokeh"]
)
def test_keys_become_the_names_of_columns(shape):
    expected = [[name, str(count)] for name, count in COUNTS]
    found = [
        [list(row[-2:]) for row in cells]
        for header, cells in as_rows(SHAPES[shape])
        if header[-1:] == ("deaths",)
    ]

    assert expected in found


@pytest.mark.parametrize(
    "path", ["output/a.json", "output/a.jsonl", "output/a.csv", "output/a.txt", "output/a"]
)
def test_records_are_found_under_every_name_and_a_line_each(path):
    assert "CNT-01" in rules(json.dumps(RECORDS), path)
    assert "CNT-01" in rules("\n".join(map(json.dumps, RECORDS)), path)
    assert "CNT-01" in rules(json.dumps(RECORDS, indent=2).encode("utf-8-sig"), path)
    assert "CNT-01" in rules(json.dumps(RECORDS).encode("utf-16"), path)


def test_patients_are_found():
    patients = [{"patient_id": one, "sex": sex, "admitted": day} for one, sex, day in PATIENTS]

    assert "PAT-01" in rules(json.dumps(patients), PATH)
    assert "PAT-01" in rules(json.dumps({"data": {"rows": patients}}), PATH)


def test_what_python_writes_and_the_standard_forbids_is_read():
    assert as_rows('[{"n": 3, "rate": NaN}, {"n": 40, "rate": Infinity}]') == [
        (("n", "rate"), [["3", ""], ["40", ""]])
    ]


def test_a_key_given_twice_hides_no_value():
    assert as_rows('[{"n": 3, "n": 120}, {"n": 4, "n": 130}]') == [
        (("n", "n_y"), [["3", "120"], ["4", "130"]])
    ]
    assert "CNT-01" in rules('{"deaths": 3, "deaths": 120}', PATH)


def test_lists_of_records_within_records_are_one_table():
    nested = [
        {"sex": "F", "ages": [{"age": 16, "n": 3}]},
        {"sex": "M", "ages": [{"age": 40, "n": 9}]},
    ]

    assert (("age", "n"), [["16", "3"], ["40", "9"]]) in as_rows(nested)


def test_objects_within_records_become_columns_by_their_shortest_names():
    nested = [
        {"id": 1, "counts": {"all": 30, "died": 3}},
        {"id": 2, "counts": {"all": 40, "died": 4}},
    ]

    assert as_rows(nested) == [(("id", "all", "died"), [["1", "30", "3"], ["2", "40", "4"]])]


def test_words_that_are_in_no_table_are_text():
    assert (
        words('{"note": "three died", "parts": ["a", "b"]}', "a.json", TextKind.PROSE)
        == "three died\na\nb"
    )


@pytest.mark.parametrize(
    "content", ['{"n": [3, 4', "{n: 3}", "anything", '{"a": tru', "[" * 100_000]
)
def test_what_is_no_json_is_said_to_be_unread(content):
    assert unread(content, "output/a.json")


@pytest.mark.parametrize(
    "content",
    [
        '{"a":' * 900 + "1" + "}" * 900,
        "[" * 900 + "]" * 900,
        json.dumps([{f"key{number}": number} for number in range(20_000)]),
        json.dumps([[number] for number in range(100_000)]),
        json.dumps({f"a{number}": [number, 1] for number in range(30_000)}),
        json.dumps({f"a{number}": {"n": number, "m": 2} for number in range(30_000)}),
        json.dumps([{"x": [{"n": 1}] * 2, "y": [1, 2], "z": [3, 4]}] * 5_000),
        json.dumps(["{" + '"a": 1}'] * 50_000),
    ],
    ids=["deep", "deeper", "sparse", "lists", "columns", "objects", "mixed", "encoded"],
)
def test_hostile_json_is_read_within_bounds(content):
    holds(content.encode(), b"output/a.json")


def test_what_is_nested_too_deep_is_said_to_be_unread():
    assert unread('{"a":' * 200 + "1" + "}" * 200, "a.json")


DECOYS = {
    "output/package.json": {"name": "x", "version": "1.0.0", "scripts": {"test": "n"}, "dependencies": {"d3": "^7.0.0", "left-pad": "1.3.0"}},
    "output/settings.json": {"editor.tabSize": 4, "files.exclude": {"**/.git": True}, "editor.rulers": [80, 100]},
    "analysis/config.json": {"iterations": 4, "chains": 3, "seed": 1, "verbose": True, "paths": ["a", "b"]},
    "output/spec.json": {"$schema": "https://vega.github.io/schema/vega/v5.json", "width": 400, "height": 200, "padding": 5,
        "scales": [{"name": "x", "type": "band", "range": "width"}, {"name": "y", "nice": True, "range": "height"}],
        "axes": [{"orient": "bottom", "scale": "x", "tickCount": 5}, {"orient": "left", "scale": "y", "tickCount": 3}],
        "marks": [{"type": "rect", "encode": {"enter": {"x": {"scale": "x", "field": "a"}, "width": {"value": 1}}}}]},
    "output/map.json": {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": f"area {n}"},
        "geometry": {"type": "Polygon", "coordinates": [[[n, 1], [n, 2], [n + 1, 2], [n, 1]]]}} for n in range(9)]},
    "output/rounded.json": [{"sex": "F", "n": 10}, {"sex": "M", "n": 120}, {"sex": "all", "n": 130}],
    "codelists/codes.json": [{"code": "1234567890", "term": "x"}, {"code": "1234567891", "term": "y"}],
}  # fmt: skip


@pytest.mark.parametrize("path", DECOYS)
def test_settings_and_specifications_raise_nothing(path):
    found = judged(json.dumps(DECOYS[path]), path)

    assert rules(json.dumps(DECOYS[path]), path) == set()
    assert found.unreadable == ()


MARKDOWN = "# Results\n\n| Region | Deaths | % |\n|:-------|-------:|---|\n" + "".join(
    f"| **{name}** | {count:,} | 1.5 |\n" for name, count in COUNTS
)


@pytest.mark.parametrize(
    "path", ["output/results.md", "output/results.txt", "output/r.Rmd", "README.md"]
)
def test_a_table_of_markdown_is_found_once(path):
    [table] = tables(MARKDOWN, path)

    assert table.header == ("Region", "Deaths", "%")
    assert rows(table)[:2] == [["North", "1,200", "1.5"], ["South", "3", "1.5"]]
    assert table.origin is Origin.MARKUP
    assert "CNT-01" in rules(MARKDOWN, "output/results.md")


@pytest.mark.parametrize("path", ["docs/results.md", "docs/results.txt", "output/run.log"])
def test_a_pasted_table_under_the_names_of_one_of_markdown_is_found_beside_it(path):
    text = "| region | deaths |\n|---|---|\n| North | 120 |\n\nAs it was:\n\nregion,deaths\nNorth,3\nSouth,4\n"

    assert "3" in {cell for table in tables(text, path) for row in table.rows for cell in row}
    assert "120" in {cell for table in tables(text, path) for row in table.rows for cell in row}


def test_markup_in_prose_that_no_parser_can_stand_is_said_to_be_unread_and_hides_nothing_else():
    hostile = f"<td>3</td><a {'x=1 ' * 6_000}>"
    text = f"Words\n\n| region | deaths |\n|---|---|\n| North | 3 |\n\n{hostile}\n"

    assert [table.header for table in tables(text, "a.md")] == [("region", "deaths")]
    assert unread(text, "a.md") == ["tables within text: a tag with too many attributes"]


def test_words_beyond_the_limit_are_said_to_be_unread_wherever_it_falls():
    value = ["x" * (MOST_WORDS - 1), "and more"]

    assert any("only the first" in reason for reason in unread(json.dumps(value), PATH))
    assert not unread(json.dumps(value[:1]), PATH)


def test_names_of_any_kind_head_a_table_of_markdown():
    [table] = tables(
        "Sex | N = 120 (%)\n--- | ---\nF | 3 (2.5%)\nM \\| F | 4\n\nText | goes on\n", "a.md"
    )

    assert table.header == ("Sex", "N = 120 (%)")
    assert rows(table) == [["F", "3 (2.5%)"], ["M | F", "4"]]


def test_rules_and_pipes_of_programs_are_no_tables():
    assert tables("# ----\nx <- a || b\n# ----\nif (a | b) {\n}\n# ---|---\n", "a.R") == []
    assert tables("cat x | grep -- --y\n--------\nls | wc\n", "a.sh") == []


LATEX = (
    "Text\n\\begin{table}\\begin{tabular}{@{}lr@{}}\n\\toprule\n\\multicolumn{2}{c}{Deaths by region}\\\\\n"
    "\\textbf{Region} & Deaths\\textsuperscript{a} \\\\ \\midrule % a comment & 7 \\\\\n"
    + "".join(f"{name} & {count:,} \\\\\n" for name, count in COUNTS)
    + "\\bottomrule\n\\end{tabular}\\end{table}\n"
)


@pytest.mark.parametrize("path", ["output/t.tex", "output/t.md", "output/t.txt"])
def test_a_table_of_latex_is_found(path):
    table = tables(LATEX, path)[-1]

    assert table.header == ("Region", "Deaths")
    assert rows(table)[1] == ["South", "3"]
    assert "CNT-01" in rules(LATEX, path)


YAML = "".join(f"- region: {name}\n  deaths: {count}\n" for name, count in COUNTS)


def test_yaml_among_outputs_is_read_for_tables():
    assert as_rows(YAML, "output/a.yaml") == [
        (("region", "deaths"), [[name, str(count)] for name, count in COUNTS])
    ]
    assert "CNT-01" in rules(YAML, "output/a.yml")
    assert rules(YAML, "analysis/a.yml") == set()


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)),
        "a: &a {x: 1}\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [*{chr(97 + n)}, *{chr(97 + n)}], k{n}: 1}}\n" for n in range(20)),
        "[" * 50_000,
        "&a [*a]",
        "!!python/object/apply:os.system [echo]\n",
    ],
    ids=["aliases", "merges", "deep", "itself", "objects"],
)  # fmt: skip
def test_hostile_yaml_is_read_within_bounds(content):
    holds(content.encode(), b"output/a.yaml")


def test_records_of_xml_are_found():
    content = '<?xml version="1.0"?><out xmlns="urn:x">' + "".join(
        f'<row region="{name}"><deaths>{count}</deaths></row>' for name, count in COUNTS
    )

    assert (("region", "deaths"), [[name, str(count)] for name, count in COUNTS]) in as_rows(
        content + "</out>", "output/a.xml"
    )
    assert "CNT-01" in rules(content + "</out>", "output/a.xml")
    assert unread(content, "output/a.xml")


def test_a_workbook_saved_as_xml_is_found():
    cells = "".join(
        f"<Row><Cell><Data>{one}</Data></Cell><Cell><Data>{two}</Data></Cell></Row>"
        for one, two in [("region", "deaths"), *COUNTS]
    )
    content = f'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>{cells}</Table></Worksheet></Workbook>'

    assert "CNT-01" in rules(content, "output/a.xls")


def test_tables_of_xml_are_numbered_in_the_order_of_the_file():
    sheet = "<sheet><row><cell>region</cell><cell>n</cell></row><row><cell>North</cell><cell>{}</cell></row></sheet>"
    text = f"<?xml version='1.0'?><book>{''.join(map(sheet.format, range(100, 160)))}</book>"
    found = [table for table in tables(text, "a.xml") if (table.part or "").startswith("rows ")]

    assert [int(rows(table)[0][1]) for table in found] == [*range(100, 160)]
    assert [table.part for table in found] == [f"rows {number}" for number in range(1, 61)]


def test_a_bomb_of_entities_is_read_within_bounds():
    entities = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' if n else '<!ENTITY e0 "xxxxxxxxxx">'
        for n in range(12)
    )
    for path in (b"output/a.xml", b"output/a.svg"):
        holds(f"<!DOCTYPE svg [{entities}]><svg><text>&e11;</text></svg>".encode(), path)


def test_no_part_or_reason_holds_content():
    for path in (b"a.json", b"output/a.yaml", b"a.xml", b"a.tex", b"a.md"):
        holds(json.dumps({CANARY: [{CANARY: 3}, {CANARY: [CANARY]}]}).encode(), path)


def test_columns_of_text_that_state_counts_are_a_table():
    content = json.dumps(
        {"name": "results", "data": {"region": ["North", "South"], "n": ["5 (0.2%)", "577 (20%)"]}}
    ).encode()

    [table] = [found for found in read(content, [b"a.json"]) if isinstance(found, Table)]

    assert table.header == ("region", "n")
    assert [list(row) for row in table.rows] == [["North", "5 (0.2%)"], ["South", "577 (20%)"]]


@pytest.mark.parametrize(
    "value", [{"keywords": ["1st", "b"]}, {"files": ["a", "b"], "authors": ["c", "d"]}]
)
def test_lists_of_words_are_none(value):
    documents = read(json.dumps(value).encode(), [b"a.json"])

    assert not [found for found in documents if isinstance(found, Table)]
