"""What people read beside the terminal: Markdown, the sheet, and the explanation of rules."""

import csv
import io
import re

from hypothesis import example, given, settings

from breachkit.model.findings import Location, Severity, Skipped
from breachkit.model.ids import GitPath
from breachkit.report import escape, explain, scan_csv, scan_markdown, words
from tests.support import results
from tests.support.reports import ABOUT, about


def markdown(result):
    return scan_markdown.to_markdown(result, ABOUT, tool_version="1.2.3")


def sheet(result):
    text = scan_csv.to_csv(result).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_markdown_leads_with_the_verdict_and_says_where():
    location = Location(rows=(3, 4, 5), columns=("n_deaths",), cells=3)
    finding = results.finding(1, b"old/t.csv", b"output/t.csv", hit=results.hit(location=location))
    skipped = (Skipped(reason="not text", path=GitPath(b"x.bin")),)
    lines = markdown(results.result(finding, skipped=skipped)).splitlines()

    assert lines[2] == f"**{escape.markdown('NOT CLEAN: 1 finding in 1 file (1 high)')}**"
    assert lines[4] == "**Also INCOMPLETE: 1 object was not examined**"
    assert f"## high: {escape.markdown('old/t.csv')}" in lines
    assert f"Also named {escape.markdown('output/t.csv')}." in lines
    assert any(
        f"column {escape.markdown('n_deaths')}, rows 3-5 (3 cells)" in line for line in lines
    )
    assert f"- CNT-01: {escape.markdown(ABOUT[0].remedy)}" in lines
    assert f"  - {escape.markdown('x.bin')}" in lines
    assert "| blobs | 1,203 read, 7 known from before |" in lines


@given(results.scan_results)
@settings(max_examples=60)
@example(results.hostile())
def test_a_name_never_breaks_a_markdown_table_or_starts_html(result):
    for line in markdown(result).splitlines():
        bare = re.sub(r"\\.|<!-- -->", "", line.replace(f"`{words.FETCH_MISSING}`", ""))
        assert "<" not in bare
        assert "`" not in bare
        if line.startswith("|"):
            assert bare.count("|") in {3, 8}


def test_the_sheet_tells_findings_gaps_and_the_verdict_apart():
    location = Location(part="in/t.csv", rows=(3, 4, 9), columns=("n", "m"), cells=4)
    finding = results.finding(1, b"a.csv", b"b.csv", hit=results.hit(location=location))
    skipped = (Skipped(reason="not text", path=GitPath(b"x.bin")),)
    found, gap, verdict = sheet(results.result(finding, skipped=skipped))

    assert found == {
        "breachkit": "finding",
        "id": "F-0001",
        "severity": "high",
        "confidence": "high",
        "rule": "CNT-01",
        "path": "a.csv",
        "part": "in/t.csv",
        "columns": "n; m",
        "rows": "3-4, 9",
        "cells": "4",
        "message": "Counts of people from 1 to 5 stand in a count column.",
        "first date": "2021-05-03",
        "commits": "2",
        "reach": "history",
        "other paths": "b.csv",
        "refs": "refs/heads/main",
        "accepted": "",
    }
    assert (gap["breachkit"], gap["path"], gap["message"]) == ("not examined", "x.bin", "not text")
    assert verdict["message"] == "NOT CLEAN: 1 finding in 1 file (1 high)"


def test_a_sheet_without_findings_still_says_whether_that_means_clean():
    assert [row["message"] for row in sheet(results.result())] == [
        "CLEAN: nothing found, and everything that refs reach was examined"
    ]
    assert sheet(results.result(shallow=True))[-1]["message"].startswith("INCOMPLETE")


@given(results.scan_results)
@settings(max_examples=60)
@example(results.hostile())
def test_no_cell_of_the_sheet_is_a_formula_and_every_row_has_every_column(result):
    rows = sheet(result)

    limits = len(words.limits(result))
    assert len(rows) == limits + len(result.everything) + len(result.skipped) + 1
    for row in rows:
        assert set(row) == set(scan_csv.COLUMNS)
        for cell in row.values():
            assert cell.isprintable()
            assert cell.lstrip()[:1] not in set("=+-@|%")


def test_a_rule_is_explained_in_full_at_any_width():
    rule = about(why="word " * 60)

    for width in (80, 40):
        text = explain.about_text(rule, width=width)
        assert max(map(len, text.splitlines())) <= width
        for part in (rule.id, rule.title, "Usually high, with high confidence", rule.remedy):
            assert part in " ".join(text.split())


def test_a_rule_explained_as_json_has_everything_it_says_about_itself():
    written = explain.about_json(about())

    assert written == {
        "schema": "breachkit.rule/1",
        "id": "CNT-01",
        "title": "Small counts in a count column",
        "severity": "high",
        "confidence": "high",
        "why": about().why,
        "example": about().example,
        "remedy": about().remedy,
        "source": about().source,
    }
    assert explain.rules_json(ABOUT)["rules"][0] == written


def test_a_rule_explained_in_markdown_is_one_section():
    text = explain.about_markdown(about(title="Counts | under *n*"))

    assert text.startswith("## CNT-01: Counts \\| under \\*n\\*\n\nUsually high")
    assert "**What to do.** Redact the cell" in text


def test_all_rules_are_listed_one_a_line_in_their_order():
    lines = explain.rules_text(ABOUT).splitlines()[-len(ABOUT) :]

    assert [rule.id in line for rule, line in zip(ABOUT, lines, strict=True)] == [True] * 3
    assert Severity.CRITICAL.label in lines[1]
