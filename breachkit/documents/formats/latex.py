"""LaTeX: the tables that it sets, and its text."""

import re
from collections.abc import Iterator, Sequence

from breachkit.documents.encoding import decode
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.spans import Cell, Row, table_of
from breachkit.documents.table import Document, Text, Unreadable


MOST_TABLES = 1_000
_BEGIN = re.compile(
    r"\\begin\{(tabular[xy*]?|longtable|longtabu|tabu|tabularray|tblr|xltabular|supertabular|array)\}"
)
_COMMENT = re.compile(r"(?<!\\)%(?!\)[^\n]{0,4000}(?:&|\\\\))[^\n]*")
"""But for the sign behind a percentage that whoever wrote the table forgot to mark: cells follow it."""
_ROW_END = re.compile(r"\\\\(?:\s*\[[^\[\]]{0,20}\])?|\\tabularnewline\b|\\cr\b")
_RULE = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|addlinespace(?:\[[^\]]{0,20}\])?"
    r"|(?:cmidrule|cline|specialrule|cmidrule\([lr]{1,2}\))(?:\([lr]{0,2}\))?(?:\{[^{}]{0,40}\}){1,3})"
)
_HEAD_END = re.compile(r"\\(?:midrule|endhead|endfirsthead|hline|cmidrule|cline)\b")
_CELL_END = re.compile(r"(?<!\\)&")
_SPAN = re.compile(
    r"^\s*\\multicolumn\s*\{\s*(\d{1,3})\s*\}\s*\{[^{}]{0,80}(?:\{[^{}]{0,40}\}[^{}]{0,40}){0,3}\}\s*"
)
_DOWN = re.compile(
    r"^\s*\\multirow(?:\[[^\]]{0,20}\])?\s*\{\s*(\d{1,3})\s*\}(?:\[[^\]]{0,20}\])?\s*\{[^{}]{0,40}\}\s*"
)
_RAISED = re.compile(
    r"\\(?:textsuperscript|tnote|footnotemark|footnote|tablefootnote)(?:\[[^\[\]]{0,20}\])?(?:\{[^{}]{0,200}\})?"
    r"|\$\s*\^\s*(?:\{[^{}$]{0,20}\}|\S)\s*\$"
)
_COMMAND = re.compile(r"\\[a-zA-Z]{1,40}\*?(?:\[[^\[\]]{0,80}\])?\s*")
_ESCAPED = re.compile(r"\\([%&$#_{}])")
_SPACING = re.compile(r"\\[ ,;:!]|~")
_GROUPING = re.compile(r"[{}$]")
_SPACE = re.compile(r"\s+")


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the text of a LaTeX file and its tables."""
    text = decode(content)
    if text is None:
        raise NotReadError("no text, though its name says it is")
    yield Text(text, part)
    yield from tables_in(text, part, budget)


def tables_in(text: str, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the tables that a text sets."""
    number = end = 0
    for start in _BEGIN.finditer(text):
        if start.start() < end:
            continue
        if number >= MOST_TABLES:
            yield Unreadable(f"only the first {MOST_TABLES} tables of LaTeX were read", part)
            return
        closing = text.find(f"\\end{{{start[1]}}}", start.end())
        if closing < 0:  # what LaTeX would refuse: nothing ends it, nor any other of its kind
            closing = len(text)
        end = closing
        number += 1
        made = table_of(_rows(text[start.end() : closing]), inside(part, f"table {number}"), budget)
        if made is not None:
            yield made


def _rows(body: str) -> Sequence[Row]:
    body = _without_columns(_COMMENT.sub("", body))
    lines = _ROW_END.split(body)
    heads = _heads(lines)
    rows = [Row(_cells(line), number < heads) for number, line in enumerate(lines)]
    return [row for row in rows if any(cell.text for cell in row.cells)]


def _without_columns(body: str) -> str:
    """Leave out what stands before the first row: the width, and how the columns are set."""
    position = 0
    for _ in range(3):
        while body[position : position + 1].isspace():
            position += 1
        opening = body[position : position + 1]
        if opening not in {"{", "["}:
            break
        position = _closing(body, position, "}" if opening == "{" else "]")
    return body[position:]


def _closing(body: str, position: int, sign: str) -> int:
    depth = 0
    for at in range(position, min(len(body), position + 2_000)):
        depth += (body[at] in "{[") - (body[at] in "}]")
        if not depth and body[at] == sign:
            return at + 1
    return position + 1


def _heads(lines: Sequence[str]) -> int:
    """Count the lines above the rule under the header: the first rule that has text above it."""
    has_text = False
    for number, line in enumerate(lines):
        rule = _HEAD_END.search(line)
        if rule and has_text and not _RULE.sub("", line[: rule.start()]).strip():
            return number
        has_text = has_text or bool(_RULE.sub("", line).strip())
        if number > 10:
            break
    return 0


def _cells(line: str) -> Sequence[Cell]:
    return [_cell(cell) for cell in _CELL_END.split(_RULE.sub(" ", line))]


def _cell(written: str) -> Cell:
    columns = rows = 1
    for _ in range(3):
        if found := _SPAN.match(written):
            columns, written = int(found[1]), written[found.end() :]
        elif found := _DOWN.match(written):
            rows, written = int(found[1]), written[found.end() :]
    return Cell(plain(written), columns=max(columns, 1), rows=max(rows, 1))


def plain(written: str) -> str:
    """Give the words of a cell without its commands."""
    text = _SPACING.sub(
        " ", _RAISED.sub("", written).replace("\\textless", "<").replace("\\textgreater", ">")
    )
    marked = _ESCAPED.sub(lambda sign: f"\0{sign[1]}", text)
    bare = _GROUPING.sub("", _COMMAND.sub("", re.sub(r"\0([{}$])", "", marked)))
    return _SPACE.sub(" ", bare.replace("\0", "")).strip()
