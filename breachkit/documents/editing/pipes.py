"""Tables of Markdown and in frames: whether their upright lines stand one under the other."""

import re
from collections.abc import Sequence


_UPRIGHT = re.compile(r"(?<!\\)\|")


def is_aligned(lines: Sequence[str]) -> bool:
    """Say whether all lines have their pipes at the same places; a cell may hold an escaped one."""
    places = {tuple(found.start() for found in _UPRIGHT.finditer(line)) for line in lines}
    return len(places) == 1
