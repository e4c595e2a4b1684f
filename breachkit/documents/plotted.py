"""What tables charts and widgets carry: plotly, ECharts, Highcharts, Chart.js, DataTables, Google, pandas.

Each has the data in arrays, and what they count in another place: a title of an axis, the name of a
series, the head of a container. Here the two come together again.

Source: the JSON that plotly 4 to 6, DT and rmarkdown (R), DataTables 1.10, ECharts 5, Highcharts, Chart.js and
`DataFrame.to_json(orient="split")` write.
"""

import html
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """A table found in a JSON object: values still as they were parsed."""

    header: Sequence[str] = field(repr=False)
    rows: Sequence[Sequence[Any]] = field(repr=False)
    used: frozenset[str] = field(repr=False)
    """Keys of the object that have gone into it and are not looked into again."""


_NAME_KEYS = (
    "columns",
    "headers",
    "header",
    "fields",
    "names",
    "column_names",
    "columnNames",
    "cols",
)
_ROW_KEYS = ("data", "rows", "values", "cells", "body", "records", "results", "aaData")
_TITLE_KEYS = (
    "title",
    "sTitle",
    "label",
    "name",
    "text",
    "headerName",
    "Header",
    "field",
    "data",
    "key",
)
_TITLE_CELL = re.compile(r"<th\b[^>]{0,500}>(.{0,500}?)</th\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,500}>")
_HOVER = re.compile(r"([^<>=%{}]{1,80})=%\{(\w{1,20})(?:\[(\d{1,3})\])?(?:[:|][^{}]{0,40})?\}")
_TRACE_KEYS = ("x", "y", "z", "labels", "values", "text", "hovertext", "ids", "parents", "locations", "theta", "r")  # fmt: skip
_PLURALS = {"label": "labels", "value": "values", "location": "locations", "id": "ids"}


def shapes_in(value: Mapping[str, Any]) -> Iterator[Shape]:
    """Give the tables whose names stand apart from their values in an object."""
    for shapes in (_named_rows, _paged, _container, _table_trace, _figure, _series):
        yield from shapes(value)


def title_of(value: object) -> str:
    """Give what an axis, a column or a series is called: text, or an object with a title."""
    for _ in range(4):
        if isinstance(value, list):
            if value and all(isinstance(part, str) for part in value):
                return " ".join(value)
            value = value[0] if value else None
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in _TITLE_KEYS if value.get(key)), None)
    return plain(value) if isinstance(value, str) else ""


def plain(markup: str) -> str:
    """Give the words of a title that may hold tags and entities."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _is_rows(value: object) -> TypeGuard[list[list[Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(row, list) for row in value)


def _named_rows(value: Mapping[str, Any]) -> Iterator[Shape]:
    """Names of columns beside rows: pandas, DataTables, Google's charts, and many others."""
    names = next((key for key in _NAME_KEYS if isinstance(value.get(key), list)), None)
    rows_key = next((key for key in _ROW_KEYS if isinstance(value.get(key), list)), None)
    if names is None or rows_key is None or not value[names]:
        return
    rows: object = [_google(row) for row in value[rows_key]]
    if not _is_rows(rows):
        return
    header = [title_of(name) if not _is_plain(name) else str(name) for name in value[names]]
    used = {names, rows_key}
    index = value.get("index")
    if isinstance(index, list) and len(index) == len(rows) and max(map(len, rows)) == len(header):
        header = ["", *header]
        rows = [[_label(name), *row] for name, row in zip(index, rows, strict=True)]
        used.add("index")
    yield Shape(header, rows, frozenset(used))


def _paged(value: Mapping[str, Any]) -> Iterator[Shape]:
    """R Markdown's paged tables, as notebooks show data frames: rows by the numbers of the columns."""
    columns, rows = value.get("columns"), value.get("data")
    if not _are_objects(columns) or not _are_objects(rows):
        return
    keys = [title_of(column.get("name")) or _number(column.get("name")) for column in columns]
    if all(keys) and set().union(*rows).issubset(keys):
        header = [title_of(column.get("label")) for column in columns]
        cells = [[row.get(key) for key in keys] for row in rows]
        yield Shape(header, cells, frozenset({"columns", "data", "options"}))


def _are_objects(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _number(value: object) -> str:
    """Give the number that stands in a list of one, as text."""
    only = value[0] if isinstance(value, list) and len(value) == 1 else None
    return str(only) if _is_plain(only) else ""


def _is_plain(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _label(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list) else value


def _google(row: object) -> object:
    """Open `{"c": [{"v": 3}]}`, as Google's charts write a row."""
    if isinstance(row, dict) and isinstance(cells := row.get("c"), list):
        return [cell.get("v") if isinstance(cell, dict) else cell for cell in cells]
    return row


def _container(value: Mapping[str, Any]) -> Iterator[Shape]:
    """R's DT: the head of the table as HTML, and its columns, each a list."""
    head, columns = value.get("container"), value.get("data")
    if not isinstance(head, str) or not isinstance(columns, list) or not _is_rows(columns):
        return
    names = [plain(name) for name in _TITLE_CELL.findall(head)]
    rows = columns
    if len(names) != len(columns[0]) or len(names) == len(columns):
        rows = [list(row) for row in itertools.zip_longest(*columns)]
    width = max(map(len, rows))
    yield Shape(names[-width:] if len(names) > width else names, rows, frozenset({"data"}))


def _table_trace(value: Mapping[str, Any]) -> Iterator[Shape]:
    """A plotly trace that is a table: its cells stand column by column."""
    head, cells = value.get("header"), value.get("cells")
    if not isinstance(head, dict) or not isinstance(cells, dict):
        return
    names, columns = head.get("values"), cells.get("values")
    if isinstance(names, list) and _is_rows(columns) and isinstance(columns, list):
        rows = [list(row) for row in itertools.zip_longest(*columns)]
        yield Shape([title_of(name) for name in names], rows, frozenset({"header", "cells"}))


def _figure(value: Mapping[str, Any]) -> Iterator[Shape]:
    """The traces of a plotly figure, with what its axes and its hovers call their values."""
    traces, layout = value.get("data"), value.get("layout")
    if not isinstance(traces, list) or not isinstance(layout, dict):
        return
    for trace in traces:
        if isinstance(trace, dict):
            yield from _table_trace(trace)
            yield from _trace(trace, layout)
    written = [[words] for words in _written(layout, 0)]
    yield Shape(["text"], written, frozenset({"data", "layout"}))


def _written(value: object, depth: int) -> Iterator[str]:
    """Give what a figure says in its titles and notes, but for the pattern that it follows."""
    inner = value.items() if isinstance(value, dict) else ()
    for key, one in inner:
        if isinstance(one, str) and key in {"text", "title"}:
            yield plain(one)
        elif key != "template" and depth < 4:
            for part in one if isinstance(one, list) else [one]:
                yield from _written(part, depth + 1)


def _trace(trace: Mapping[str, Any], layout: Mapping[str, Any]) -> Iterator[Shape]:
    told = _hovers(trace)
    columns: dict[str, Sequence[Any]] = {}
    for key in _TRACE_KEYS:
        values = trace.get(key)
        if not isinstance(values, list) or not values:
            continue
        if _is_rows(values):
            yield _matrix(trace, values)
        else:
            columns[_trace_name(key, trace, layout, told)] = values
    custom = trace.get("customdata")
    if isinstance(custom, list) and custom:
        rows = custom if _is_rows(custom) else [[cell] for cell in custom]
        for at, column in enumerate(itertools.zip_longest(*rows)):
            columns[told.get(f"customdata{at}") or f"customdata {at + 1}"] = column
    if columns:
        yield Shape(
            list(columns), list(itertools.zip_longest(*columns.values())), frozenset({"data"})
        )


def _hovers(trace: Mapping[str, Any]) -> dict[str, str]:
    """Read `sex=%{x}<br>count=%{y}<br>deaths=%{customdata[0]}`, as plotly express writes it."""
    template = trace.get("hovertemplate")
    if not isinstance(template, str):
        return {}
    return {
        _PLURALS.get(key, key) + (at or ""): name.strip()
        for name, key, at in _HOVER.findall(template[:10_000])
    }


def _trace_name(
    key: str, trace: Mapping[str, Any], layout: Mapping[str, Any], told: Mapping[str, str]
) -> str:
    """Call a column what a person reads: the hover's name, or the axis's with the trace's before it."""
    if name := told.get(key):
        return name
    if key not in {"x", "y", "z"}:
        return key
    axis = layout.get(f"{key}axis" + str(trace.get(f"{key}axis") or key).removeprefix(key))
    title = title_of(axis) if isinstance(axis, dict) else ""
    across = "x" if trace.get("orientation") == "h" else "y"
    if key != across:
        return title or key
    return _named(title_of(trace.get("name")), title or key)


def _named(series: str, title: str) -> str:
    """Join the name of a series and what its axis counts."""
    if not title or title.lower() in series.lower():
        return series or title
    return f"{series} {title}".strip()


def _matrix(trace: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> Shape:
    """A heat map, with the names along its sides."""
    across, down = trace.get("x"), trace.get("y")
    width = max(map(len, rows))
    header = list(map(str, across)) if isinstance(across, list) and len(across) == width else []
    names = down if isinstance(down, list) and len(down) == len(rows) else [""] * len(rows)
    lines = [[name, *row] for name, row in zip(names, rows, strict=True)]
    return Shape(["", *(header or [""] * width)], lines, frozenset({"data"}))


def _series(value: Mapping[str, Any]) -> Iterator[Shape]:
    """Series over common categories: ECharts, Highcharts, Chart.js."""
    key = next((key for key in ("series", "datasets") if isinstance(value.get(key), list)), None)
    if key is None:
        return
    across = value.get("xAxis", value.get("labels", value.get("xaxis")))
    across = (
        across[0] if isinstance(across, list) and across and isinstance(across[0], dict) else across
    )
    categories = _categories(across)
    title = title_of(_only_titled(value.get("yAxis", value.get("yaxis"))))
    named = [
        (_named(title_of(one.get("name", one.get("label"))), title), list(map(_point, one["data"])))
        for one in value[key]
        if isinstance(one, dict) and isinstance(one.get("data"), list) and one["data"]
    ]
    columns = [points for _, points in named if len(points) == len(categories)]
    if columns:
        header = ["", *(name for name, points in named if len(points) == len(categories))]
        rows = [list(row) for row in zip(categories, *columns, strict=True)]
        yield Shape(header, rows, frozenset({key}))
    for name, points in named:
        if len(points) != len(categories):
            yield Shape(["", name], [_pair(point) for point in points], frozenset({key}))


def _categories(across: object) -> Sequence[Any]:
    if isinstance(across, dict):
        across = next((across[key] for key in ("data", "categories") if across.get(key)), [])
    return across if isinstance(across, list) else []


def _only_titled(axis: object) -> object:
    axis = axis[0] if isinstance(axis, list) and axis else axis
    if isinstance(axis, dict):
        return axis.get("title") or axis.get("name")
    return None


def _point(point: object) -> object:
    """Give the height of a point written as an object; pie charts write its name beside it."""
    if not isinstance(point, dict):
        return point
    height = point.get("y", point.get("value"))
    name = point.get("name", point.get("x"))
    return [name, height] if name is not None else height


def _pair(point: object) -> Sequence[Any]:
    return [point[0], point[-1]] if isinstance(point, list) and point else ["", point]
