"""The frame of a page that stands alone: nothing is loaded from anywhere, and it prints well."""

import base64
import hashlib
from collections.abc import Iterable, Sequence

from breachkit.report import escape


_STYLE = """
:root { color-scheme: light; --ink: #1b1b1b; --paper: #fff; --soft: #555; --done: #595959; --line: #ccc; --rule: #444; --late: #a40000; --late-paper: #fdecea; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e8e8e8; --paper: #161616; --soft: #b4b4b4; --done: #a8a8a8; --line: #444; --rule: #999; --late: #ff9d92; --late-paper: #3a1a17; }
}
body { font: 15px/1.45 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { border-bottom: 2px solid var(--rule); font-size: .9em; } tr.done td, tr.na td { color: var(--done); } tr.overdue td { background: var(--late-paper); }
.day { white-space: nowrap; } .late { color: var(--late); font-weight: 600; } code { font-size: .88em; overflow-wrap: anywhere; } .meta { color: var(--soft); margin: .2rem 0; }
.how { color: var(--soft); font-size: .92em; display: block; margin-top: .15rem; }
@media screen and (max-width: 46rem) {
  body { margin: 1rem auto; } thead { display: none; } col { width: auto !important; }
  table, tbody, tr, td { display: block; } tr { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 .8rem; padding: .3rem 0; }
  td { border: 0; padding: .2rem .7rem .2rem 6.2rem; min-height: 1.45em; position: relative; }
  td::before { content: attr(data-label); position: absolute; left: .7rem; width: 5rem; color: var(--soft); font-size: .85em; }
}
@media print { body { margin: 0; max-width: none; font-size: 9.5pt; } th, td { padding: .25rem .4rem; } tr { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } tr.overdue td { background: none; } }
@page { size: A4 landscape; margin: 12mm; }
"""


def page(title: str, lead: Sequence[str], body: Iterable[str], *, script: str = "") -> str:
    """Give a whole HTML page.

    Args:
        title: Plain text; escaped here.
        lead: Lines under the title, plain text; escaped here.
        body: HTML that is safe already.
        script: The one script that may run in it, by its digest; the page says the same without it.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
        policy += f"; script-src 'sha256-{digest}'"
    intro = "".join(f'<p class="meta">{escape.html(line)}</p>\n' for line in lead)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="generator" content="breachkit">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape.html(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape.html(title)}</h1>\n{intro}{''.join(body)}</main>\n"
        f"{f'<script>{script}</script>' if script else ''}</body>\n</html>\n"
    )


def table(
    header: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]], *, widths: Sequence[int]
) -> str:
    """Give a table, which becomes one card a row on a narrow screen.

    Args:
        header: The names of the columns, plain text.
        rows: Each a class and its cells as safe HTML.
        widths: The columns' shares of the width, in percent.
    """
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    labels = [escape.html(cell) for cell in header]
    head = "".join(f'<th scope="col">{escape.html(cell)}</th>' for cell in header)
    body = "".join(f'<tr class="{kind}">{_cells(labels, cells)}</tr>\n' for kind, cells in rows)
    return f"<table>\n<colgroup>{columns}</colgroup>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _cells(labels: Sequence[str], cells: Sequence[str]) -> str:
    pairs = zip(labels, cells, strict=True)
    return "".join(f'<td data-label="{label}">{cell}</td>' for label, cell in pairs)


def moment(text: str) -> str:
    """Give `2026-03-01 09:00 UTC` as safe HTML whose parts stay whole on a narrow column."""
    return " ".join(f'<span class="day">{escape.html(part)}</span>' for part in text.split(" ", 1))
