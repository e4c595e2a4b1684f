"""Tables of Markdown and in frames: where their upright lines stand one under the other."""

import itertools
import re
from collections.abc import Sequence

from breachkit.documents.printing.columns import Span


_UPRIGHT = re.compile(r"(?<!\\)\|")


def is_aligned(lines: Sequence[str]) -> bool:
    """Say whether all lines have their pipes at the same places; a cell may hold an escaped one."""
    places = {tuple(found.start() for found in _UPRIGHT.finditer(line)) for line in lines}
    return len(places) == 1


def compartments(lines: Sequence[str]) -> Sequence[Span]:
    """Give the columns between upright lines; nothing where one of these parts holds several columns.

    Args:
        lines: With words, those of the header too.
    """
    first = min(lines, key=len, default="")
    places = [at for at, sign in enumerate(first) if sign == "|"]
    places = [at for at in places if all(line[at] == "|" for line in lines)]
    if len(places) < _FEWEST or not is_aligned(lines):
        return ()
    spans = [(left + 1, right) for left, right in itertools.pairwise(places)]
    if any("  " in line[start:end].strip() for line in lines for start, end in spans):
        return ()
    return [_inner(lines, span) for span in spans if span[1] - span[0] > _FEWEST]


_FEWEST = 2


def _inner(lines: Sequence[str], span: Span) -> Span:
    """Leave out the blank on either side of a column, where there is one in all lines."""
    start, end = span
    start += all(line[start] == " " for line in lines)
    end -= all(line[end - 1] == " " for line in lines)
    return start, end
