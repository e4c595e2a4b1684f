"""The frame of a page that stands alone: nothing is loaded from anywhere, and it prints well."""

from collections.abc import Iterable, Sequence

from breachkit.report import escape


_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #ccc; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #444; } tr.done td, tr.na td { color: #666; } tr.overdue td { background: #fdecea; }
.late { color: #a40000; font-weight: 600; } code { font-size: .92em; } .meta { color: #555; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } tr { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; } }
"""


def page(title: str, lead: Sequence[str], body: Iterable[str]) -> str:
    """Give a whole HTML page.

    Args:
        title: Plain text; escaped here.
        lead: Lines under the title, plain text; escaped here.
        body: HTML that is safe already.
    """
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    intro = "".join(f'<p class="meta">{escape.html(line)}</p>\n' for line in lead)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="generator" content="breachkit">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape.html(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape.html(title)}</h1>\n{intro}{''.join(body)}</body>\n</html>\n"
    )


def table(header: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    """Give a table; each row is a class and its cells as safe HTML."""
    head = "".join(f'<th scope="col">{escape.html(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr class="{kind}">{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'
        for kind, cells in rows
    )
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"
