"""What a page holds beside its tables that may tell a count, named without content."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.documents.editing.page import Page
from breachkit.documents.formats.html_cut import drawings
from breachkit.documents.table import (
    Document,
    Embedded,
    Origin,
    Table,
    Text,
    TextKind,
    Trait,
    Unreadable,
)


_TRAITS = {
    Trait.WIDGET_DATA: "data of a widget or an interactive figure",
    Trait.SCRIPT: "a script",
    Trait.EMBEDDED_IMAGE: "a picture",
    Trait.EMBEDDED_FILE: "a file within the page",
    Trait.PLOTTED_DATA: "a figure",
}
_ORIGINS = {
    Origin.PRINTED: "a table that was printed",
    Origin.FIGURE: "a figure",
    Origin.RECORDS: "data of a widget or an interactive figure",
}
_TEXTS = {
    TextKind.PROSE: "running text",
    TextKind.PRINTED: "a print-out",
    TextKind.FIGURE: "a figure",
    TextKind.HIDDEN: "comments or text that is not shown",
}
_CAPTION = re.compile(rb"<caption\b(?:[^<]|<(?!/caption))*", re.IGNORECASE)
_NUMBERED = re.compile(rb"<[^>]*>|\b(?:sup\w*\s+)?tab\w*\.?\s+[a-z]?\d[\w.]*", re.IGNORECASE)
"""Tags, and what only says which table it is."""
_BARS = re.compile(
    rb"<t[dh]\b[^>]*\bstyle\s*=\s*[\"'][^\"'>]*gradient\("
    rb"|<t[dh]\b[^>]*>\s*<(?:span|div)\b[^>]*\bstyle\s*=\s*[\"'][^\"'>]*\bwidth\s*:\s*[\d.]+%",
    re.IGNORECASE,
)
_DRAWN = re.compile(rb">[^<]*\d[^<]*<")
_STYLED = re.compile(r"#T_\w{1,80}_row\d+_col\d+[^{}]*\{[^{}]*(?:gradient|background|width)")


def rest_of(
    documents: Iterable[Document], others: Sequence[Table], page: Page, text: str
) -> tuple[str, ...]:
    """Name what may tell a count and is no cell of the page's tables.

    Args:
        documents: All that was read of the page.
        others: The tables that are none of its markup.
        page: The page.
        text: Of the page.
    """
    found = [*_of_documents(documents, others), *_of_looks(page.markup, text)]
    return tuple(dict.fromkeys(found))


def _of_documents(documents: Iterable[Document], others: Sequence[Table]) -> Iterator[str]:
    for table in others:
        yield _ORIGINS.get(table.origin, "tables in comments, scripts or files within the page")
    for document in documents:
        match document:
            case Text() if any(map(str.isdecimal, document.text)) and document.kind in _TEXTS:
                yield _TEXTS[document.kind]
            case Embedded() if document.trait in _TRAITS:
                yield _TRAITS[document.trait]
            case Unreadable():
                yield "what could not be read of it"
            case _:
                pass


def _of_looks(markup: bytes, text: str) -> Iterator[str]:
    """Name drawings and captions with numbers, and bars and colours that a style draws by the values of cells.

    Source: pandas 2, `Styler.bar` and `Styler.background_gradient`; R's formattable and kableExtra.
    """
    page = text.encode()
    if any(_DRAWN.search(page, start, end) for start, end in drawings(page)):
        yield "a figure"
    captions = (_NUMBERED.sub(b"", found[0]) for found in _CAPTION.finditer(markup))
    if any(re.search(rb"\d", caption) for caption in captions):
        yield "a caption"
    if _BARS.search(markup) or _STYLED.search(text):
        yield "bars or colours of cells that follow their values"
