"""Words into aligned lines: where they are longer than their column is wide, every line gets room.

A column is told, as readers of print-outs tell it, by the blanks that part it from others in all
lines. Lines that rule a table off are drawn out by the sign that they are drawn with.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from breachkit.documents.editing.encoded import Change
from breachkit.documents.editing.pipes import compartments
from breachkit.documents.printing.columns import Span, spans_of


class Lines(NamedTuple):
    """The lines of a text."""

    text: str
    starts: Sequence[int]
    """Where each begins, counted from 0."""
    lines: Sequence[str]
    """Without what ends them."""


class Edit(NamedTuple):
    """New words for a piece of a line."""

    line: int
    """Counted from 0, as are the characters within it."""
    start: int
    end: int
    words: str


_RULE_SIGNS = frozenset("+-=|: _" + "".join(map(chr, range(0x2500, 0x2580))))
_DRAWN = frozenset("-=_─━═╌╍┄┅┈┉")
_KEPT_GAP = 2
"""Blanks before a column that stay where there are as many: fewer may not part it from the next."""


def is_rule(line: str) -> bool:
    """Say whether a line is drawn and holds no words."""
    return bool(line.strip()) and _RULE_SIGNS.issuperset(line)


def laid_out(lines: Lines, numbers: Sequence[int], edits: Sequence[Edit]) -> Iterator[Change]:
    """Give the changes that put words into aligned lines and keep them aligned.

    Args:
        lines: Of the text.
        numbers: Those that are aligned with each other, from 0.
        edits: In these lines.
    """
    filled = [lines.lines[at] for at in numbers if not is_rule(lines.lines[at])]
    spans = compartments(filled) or spans_of(filled)
    columns: dict[Span, list[Edit]] = {}
    for edit in edits:
        columns.setdefault(_column(spans, edit), []).append(edit)
    for column, those in _merged(columns):
        yield from _widened(lines, numbers, _gaps(spans, column), column, those)


def is_title(line: str) -> bool:
    """Say whether a line holds one run of words alone."""
    return not is_rule(line) and "  " not in line.strip()


def _column(spans: Sequence[Span], edit: Edit) -> Span:
    within = [span for span in spans if span[0] < edit.end and edit.start < span[1]]
    return (within[0][0], within[-1][1]) if within else (edit.start, edit.end)


def _merged(columns: dict[Span, list[Edit]]) -> Iterator[tuple[Span, list[Edit]]]:
    """Join columns that share a part, since some cell runs over several."""
    waiting: tuple[Span, list[Edit]] | None = None
    for span, edits in sorted(columns.items()):
        if waiting and span[0] < waiting[0][1]:
            waiting = (waiting[0][0], max(waiting[0][1], span[1])), [*waiting[1], *edits]
            continue
        if waiting:
            yield waiting
        waiting = span, edits
    if waiting:
        yield waiting


def _gaps(spans: Sequence[Span], column: Span) -> tuple[int, int]:
    """Give how many blanks on either side of a column may be used."""
    before = max((end for _, end in spans if end <= column[0]), default=-_KEPT_GAP)
    behind = min((start for start, _ in spans if start >= column[1]), default=column[1])
    left, right = column[0] - before, behind - column[1]
    return left - min(left, _KEPT_GAP), right - min(right, _KEPT_GAP)


def _widened(
    lines: Lines,
    numbers: Sequence[int],
    gaps: tuple[int, int],
    column: Span,
    edits: Sequence[Edit],
) -> Iterator[Change]:
    to_the_right = _is_to_the_right([lines.lines[at] for at in numbers], column, edits)
    low, high = max(column[0] - gaps[0], 0), column[1] + gaps[1]
    bounds = [_free(lines.lines[edit.line], edit, low, high) for edit in edits]
    rooms = [
        edit.end - left if to_the_right else right - edit.start
        for edit, (left, right) in zip(edits, bounds, strict=True)
    ]
    more = max(len(edit.words) - room for edit, room in zip(edits, rooms, strict=True))
    more = max(more, 0)
    for edit, (left, right) in zip(edits, bounds, strict=True):
        if to_the_right:
            yield _before(lines, edit, left, more)
        else:
            yield _behind(lines, edit, right, more)
    edited = {edit.line for edit in edits}
    for number in numbers if more else ():
        line = lines.lines[number]
        if number not in edited:
            at = _place(line, column, to_the_right=to_the_right)
            yield from _drawn_out(lines, number, at, more)


def _place(line: str, column: Span, *, to_the_right: bool) -> int:
    """Give where a line gets room for a column: before what stands in it, or behind that."""
    start, end = column
    inner = line[start:end].ljust(end - start)
    begins, ends = inner[0] != " ", inner[-1] != " "
    if begins != ends and not is_rule(line):
        return start if ends else end
    return start if to_the_right else end


def _free(line: str, edit: Edit, low: int, high: int) -> tuple[int, int]:
    """Give the bounds within which words may stand: as far as there are blanks around those before."""
    before = len(line[: edit.start].rstrip(" "))
    behind = len(line) - len(line[edit.end :].lstrip(" "))
    behind = high if behind == len(line) else behind - 1
    low = min(max(low, before + bool(before)), edit.start)
    return low, max(min(high, behind), edit.end)


def _is_to_the_right(lines: Sequence[str], column: Span, edits: Sequence[Edit]) -> bool:
    """Say whether cells end at the end of their column, or else begin at its start: numbers mostly end."""
    start, end = column
    own = sum((edit.end == end) - (edit.start == start) for edit in edits)
    if own:
        return own > 0
    filled = [line.ljust(end) for line in lines if not is_rule(line)]
    return sum((line[end - 1] != " ") - (line[start] != " ") for line in filled) >= 0


def _before(lines: Lines, edit: Edit, low: int, more: int) -> Change:
    """Write words that end where those before ended."""
    start = min(max(low, edit.end - len(edit.words)), edit.start)
    words = edit.words.rjust(edit.end - start + more)
    return Change(lines.starts[edit.line] + start, lines.starts[edit.line] + edit.end, words)


def _behind(lines: Lines, edit: Edit, high: int, more: int) -> Change:
    """Write words that begin where those before began; at the end of a line they need no blanks."""
    length = len(lines.lines[edit.line])
    end = min(high, max(edit.end, edit.start + len(edit.words)), length)
    end = max(end, edit.end)
    is_last = edit.end == length
    words = edit.words if is_last else edit.words.ljust(end - edit.start + more)
    return Change(lines.starts[edit.line] + edit.start, lines.starts[edit.line] + end, words)


def _drawn_out(lines: Lines, number: int, at: int, more: int) -> Iterator[Change]:
    line = lines.lines[number]
    if at > len(line):
        return
    sign = next((sign for sign in line[max(at - 1, 0) : at + 1][::-1] if sign in _DRAWN), " ")
    place = lines.starts[number] + at
    yield Change(place, place, (sign if is_rule(line) else " ") * more)


def padded_as(written: str, words: str) -> str:
    """Give words with blanks around them so that they are as wide as what stood there.

    The same blanks would tell how many digits a number had. Where there were some, one stays.

    Args:
        written: What stood there, with its blanks.
        words: What is to stand there, without.
    """
    core = written.strip()
    before, _, behind = written.partition(core)
    if behind.strip(" ") or before.strip(" "):
        return f"{before}{words}{behind}"
    if behind:
        return f"{before}{words} ".ljust(len(written))
    return f" {words}".rjust(len(written)) if before else words
