"""Samples of what browsers show, and short ways to judge them."""

import json
from typing import Any

from breachkit.detect.engine import Examination, examine
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Embedded, Table, Text, TextKind, Trait, Unreadable
from breachkit.model.findings import Severity
from tests.support.judging import context_of


def read_as(content: bytes | str, path: str) -> tuple[Document, ...]:
    """Read content under a name."""
    raw = content.encode() if isinstance(content, str) else content
    return read(raw, [path.encode()])


def tables(content: bytes | str, path: str) -> list[Table]:
    """Give the tables of a file."""
    return [found for found in read_as(content, path) if isinstance(found, Table)]


def rows(table: Table) -> list[list[str]]:
    """Give the rows of a table as lists."""
    return [list(row) for row in table.rows]


def words(content: bytes | str, path: str, kind: TextKind) -> str:
    """Join the texts of one kind in a file."""
    found = read_as(content, path)
    return "\n".join(one.text for one in found if isinstance(one, Text) and one.kind is kind)


def traits(content: bytes | str, path: str) -> set[Trait]:
    """Give what a file carries beside what it shows."""
    return {found.trait for found in read_as(content, path) if isinstance(found, Embedded)}


def unread(content: bytes | str, path: str) -> list[str]:
    """Give the reasons why something of a file was not read."""
    return [found.reason for found in read_as(content, path) if isinstance(found, Unreadable)]


def judged(content: bytes | str, path: str) -> Examination:
    """Judge a file by every rule, in the name under which it was released."""
    raw = content.encode() if isinstance(content, str) else content
    return examine(raw, context_of(path, size=len(raw)), sketch_key=b"k", want_sketch=False)


def rules(content: bytes | str, path: str) -> set[str]:
    """Give the rules that find something of medium severity or worse, but for the type of file."""
    hits = judged(content, path).hits
    return {hit.rule for hit in hits if hit.severity >= Severity.MEDIUM and hit.rule != "TYPE-01"}


def notebook(*outputs: dict[str, Any], source: str = "df", **more: object) -> str:
    """Write a notebook of one cell."""
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs), "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


def shown(**data: object) -> dict[str, Any]:
    """Write what a cell shows; `text_html` stands for the media type `text/html`."""
    named = {name.replace("_", "/", 1): value for name, value in data.items()}
    return {"output_type": "display_data", "data": named, "metadata": {}}


COUNTS = [("North", 1200), ("South", 3), ("East", 1430), ("West", 2107), ("Mid", 870)]
PATIENTS = [(7_000_003 + 1_357 * number, "MF"[number % 2], f"2021-03-{10 + number % 19}") for number in range(60)]  # fmt: skip
COUNT_TABLE = (
    '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>region</th><th>deaths</th></tr></thead><tbody>'
    + "".join(
        f"<tr><th>{number}</th><td>{name}</td><td>{count}</td></tr>"
        for number, (name, count) in enumerate(COUNTS)
    )
    + "</tbody></table>"
)
PATIENT_TABLE = (
    "<table><tr><th>patient_id</th><th>sex</th><th>admitted</th></tr>"
    + "".join(f"<tr><td>{one}</td><td>{sex}</td><td>{day}</td></tr>" for one, sex, day in PATIENTS)
    + "</table>"
)
FIGURE = {
    "data": [
        {
            "type": "bar",
            "x": [name for name, _ in COUNTS],
            "y": [count for _, count in COUNTS],
            "hovertemplate": "region=%{x}<br>deaths=%{y}<extra></extra>",
            "marker": {"color": "#636efa"},
        }
    ],
    "layout": {"template": {"data": {"bar": [{"type": "bar", "n": 3}]}}, "xaxis": {"title": {"text": "region"}}},
}  # fmt: skip
