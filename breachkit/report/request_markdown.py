"""A release request as Markdown."""

from collections.abc import Iterator, Sequence

from breachkit.actions.request import Request
from breachkit.report.escape import markdown_shown
from breachkit.report.request_blocks import OPEN, Block, Grid, Heading, Line, Paragraph, blocks


def to_markdown(request: Request, *, tool_version: str) -> str:
    """Give the form; every text in it is escaped."""
    written = (_block(each) for each in blocks(request, tool_version=tool_version))
    return "\n\n".join("\n".join(lines) for lines in written) + "\n"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {markdown_shown(text)}"
        case Paragraph(lines, is_list):
            yield from (f"{'- ' if is_list else ''}{_line(each)}" for each in lines)
        case Grid(header, rows, _):
            yield _cells([markdown_shown(each) for each in header])
            yield "|---" * len(header) + "|"
            yield from (_cells(["<br>".join(map(_line, cell)) for cell in row]) for row in rows)


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(line: Line) -> str:
    text = markdown_shown(line.text)
    if line.is_open:
        return f"**{OPEN}:** {text}"
    return f"**{text}**" if line.is_strong and text else text
