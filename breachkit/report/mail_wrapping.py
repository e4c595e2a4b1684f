"""Breaking the lines of a message between words, and telling which of them its template wrote alone."""

import functools
import re
import textwrap


WIDTH = 76

_LABELLED = re.compile(r"(  [A-Z][\w ,'-]{1,18}? {2,})\S|( *(?:[-*] |[\da-z]+\. )?)")


@functools.lru_cache(maxsize=32)
def own_lines(template: str) -> frozenset[str]:
    """Give the lines of a message that hold nothing but words of its template."""
    alone = (line for line in template.split("\n") if "{" not in line)
    return frozenset(part for line in alone for part in _wrap_line(line.rstrip()))


def wrapped(text: str) -> str:
    """Give a text with every line that is too long broken between words, and what continues it indented."""
    return "\n".join(part for line in text.split("\n") for part in _wrap_line(line.rstrip()))


def _wrap_line(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    found = _LABELLED.match(line)
    indent = len((found.group(1) or found.group(2) or "") if found else "")
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
