"""Notebooks of Jupyter: what their cells show, what they printed, and what they are made of.

A table that a cell shows as HTML it carries as text too, and as LaTeX: only the first is read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any

from breachkit.documents.formats import html
from breachkit.documents.formats.html_cut import decoded
from breachkit.documents.formats.html_frames import frames_of
from breachkit.documents.json_text import parse
from breachkit.documents.markup import tables_in_text
from breachkit.documents.media import suffix_of
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.records import Finder
from breachkit.documents.repeated import RepeatedParts
from breachkit.documents.table import Document, Embedded, Table, Text, Trait, Unreadable


MOST_BYTES = 128 * 1024 * 1024
_IMAGES = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml"}
_FIRST_FORMAT = {"html": "text/html", "text": "text/plain", "latex": "text/latex", "json": "application/json", "javascript": "application/javascript"} | _IMAGES  # fmt: skip
"""What the third version of the format calls what the fourth names by its media type."""
_TWINS = ("text/plain", "text/markdown", "text/latex")
"""Other forms of what is shown as HTML, the fullest first."""
_STATE = "application/vnd.jupyter.widget-state+json"
_NO_DATA = ("application/vnd.jupyter.widget-view+json", "application/vnd.holoviews_load.v0+json", "application/vnd.holoviews_exec.v0+json")  # fmt: skip
_PAGES, _PRINTED = RepeatedParts(), RepeatedParts()
_LOOKS = ("LayoutModel", "StyleModel")


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give everything that the cells of a notebook show and hold."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    value = parse(content, may_repeat=False)
    if not isinstance(value, dict):
        raise NotReadError("no notebook, though its name says it is")
    yield from documents_of(value, part, budget)


def documents_of(
    notebook: Mapping[str, Any], part: str | None, budget: Budget
) -> Iterator[Document | Member]:
    """Give what is in a parsed notebook."""
    seen = _Seen(part, budget)
    for number, cell in enumerate(_cells(notebook), start=1):
        if isinstance(cell, dict):
            yield from seen.cell(cell, inside(part, f"cell {number}"))
    yield from seen.widgets(notebook)
    yield from seen.traits()


def _cells(notebook: Mapping[str, Any]) -> Sequence[Any]:
    cells = notebook.get("cells")
    if isinstance(cells, list):
        return cells
    sheets = notebook.get("worksheets")
    if isinstance(sheets, list):
        return [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if "nbformat" not in notebook:
        raise NotReadError("no notebook, though its name says it is")
    return ()


def _joined(value: object) -> str:
    """Give a text, which a notebook may hold as a list of its lines."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    try:
        return "".join(value)
    except TypeError:
        return "".join(line for line in value if isinstance(line, str))


class _Seen:
    """Reads the cells of one notebook, and keeps count of what they carry."""

    def __init__(self, part: str | None, budget: Budget) -> None:
        self._part, self._budget = part, budget
        self._images = self._data = self._outputs = 0

    def cell(self, cell: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        source = _joined(cell.get("source", cell.get("input")))
        if source.strip():
            yield Text(source, name)
            if cell.get("cell_type") in {"markdown", "raw", "html"}:
                yield from tables_in_text(source, name, self._budget)
        for number, files in enumerate(_values(cell.get("attachments")), start=1):
            yield from self._pictures(files, f"{name}, attachment {number}")
        outputs = cell.get("outputs")
        for number, output in enumerate(outputs if isinstance(outputs, list) else (), start=1):
            if isinstance(output, dict):
                self._outputs += 1
                yield from self._told(output, f"{name} output {number}")

    def _told(self, output: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        """Give one output; where it is not what it says it is, the others are read all the same."""
        try:
            yield from self._output(output, name)
        except NotReadError as stop:
            yield Unreadable(f"an output of a notebook: {stop}", name)

    def _output(self, output: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        kind = output.get("output_type")
        if kind == "stream":
            yield from self._printed(_joined(output.get("text")), name)
            return
        if kind in {"error", "pyerr"}:
            trace = output.get("traceback")
            lines = trace if isinstance(trace, list) else [output.get("evalue", "")]
            yield from self._printed(_without_colours("\n".join(filter(_is_text, lines))), name)
            return
        data = output.get("data")
        if not isinstance(data, dict):
            data = {new: output[old] for old, new in _FIRST_FORMAT.items() if old in output}
        yield from self._shown(data, name)

    def _shown(self, data: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        """Give one output, which may be there in several forms."""
        found = list(self._page(_joined(data.get("text/html")), name))
        found += self._values(data, name)
        yield from found
        if not any(isinstance(one, Table) for one in found):
            yield from self._as_text(data, name)
        yield from self._pictures(data, name)
        if script := _joined(data.get("application/javascript", data.get("text/javascript"))):
            yield from html.read(f"<script>{script}</script>".encode("utf-8", "replace"), name, self._budget)  # fmt: skip

    def _page(self, page: str, name: str) -> Iterator[Document | Member]:
        if page and not page.isspace():
            content = page.encode("utf-8", "replace")
            reader = partial(self._frames_or_page, page, content, name)
            yield from _PAGES.read(_key(content), name, self._budget, reader)

    def _frames_or_page(self, page: str, content: bytes, name: str) -> Iterable[Document | Member]:
        frames = frames_of(page, name, self._budget)
        return html.read(content, name, self._budget) if frames is None else frames

    def _printed(self, text: str, name: str) -> Iterator[Document | Member]:
        key = _key(text.encode("utf-8", "surrogatepass"))
        return _PRINTED.read(key, name, self._budget, partial(html.printed, text, name))

    def _as_text(self, data: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        """Give the fullest of the forms of an output that are text."""
        for kind in _TWINS:
            text = _joined(data.get(kind))
            if not text.strip():
                continue
            found = list(self._printed(text, name) if kind == "text/plain" else tables_in_text(text, name, self._budget))  # fmt: skip
            if any(isinstance(one, Table) for one in found) or kind == "text/plain":
                yield from found
            if any(isinstance(one, Table) for one in found):
                return

    def _values(self, data: Mapping[str, Any], name: str) -> Iterator[Document | Member]:
        """Give the data of interactive figures and of tables."""
        for kind, value in data.items():
            if "json" not in kind or kind in _NO_DATA:
                continue
            finder = Finder(name, self._budget)
            finder.look(
                parse(value.encode("utf-8", "replace")) if isinstance(value, str) else value
            )
            found = finder.result()
            self._data += any(isinstance(one, Table) for one in found)
            yield from found
            if finder.markup:
                markup = "\n".join(finder.markup).encode("utf-8", "replace")
                yield from html.tables_in(markup, inside(name, "data"), self._budget)

    def _pictures(self, data: object, name: str) -> Iterator[Member]:
        images = data.items() if isinstance(data, dict) else ()
        for kind, value in images:
            is_image = str(kind).startswith("image/") or kind == "application/pdf"
            text = _joined(value)
            if is_image and text:
                self._images += 1
                content = text.encode("utf-8", "replace") if "<" in text[:400] else decoded(text)
                self._budget.take_bytes(len(content))
                yield Member(content=content, path=suffix_of(str(kind)), part=f"{name}, image")

    def widgets(self, notebook: Mapping[str, Any]) -> Iterator[Document | Member]:
        """Give the data of widgets that the notebook was saved with."""
        metadata = notebook.get("metadata")
        widgets = metadata.get("widgets") if isinstance(metadata, dict) else None
        saved = widgets.get(_STATE) if isinstance(widgets, dict) else None
        models = saved.get("state") if isinstance(saved, dict) else None
        finder = Finder(inside(self._part, "widgets"), self._budget)
        for model in _values(models):
            if isinstance(model, dict) and not str(model.get("model_name", "")).endswith(_LOOKS):
                finder.look(model.get("state"))
        found = finder.result()
        self._data += any(isinstance(one, Table) for one in found)
        yield from found
        if finder.markup:
            markup = "\n".join(finder.markup).encode("utf-8", "replace")
            yield from html.tables_in(markup, inside(self._part, "widgets"), self._budget)

    def traits(self) -> Iterator[Embedded]:
        if self._outputs:
            yield Embedded(Trait.NOTEBOOK_OUTPUT, self._part, self._outputs)
        if self._images:
            yield Embedded(Trait.EMBEDDED_IMAGE, self._part, self._images)
        if self._data:
            yield Embedded(Trait.WIDGET_DATA, self._part, self._data)


def _key(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _values(value: object) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, dict) else ()


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _without_colours(text: str) -> str:
    from breachkit.documents.encoding import decode

    return decode(text.encode("utf-8", "replace")) or ""
