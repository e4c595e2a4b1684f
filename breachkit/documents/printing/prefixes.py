"""What stands before each line of a print-out and is no part of it: stamps, levels of logging, marks of pytest."""

import re
from collections.abc import Callable, Sequence


_DAY = r"\d{4}-\d\d-\d\d"
_AT = rf"\[?{_DAY}[T ]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?(?:Z|[+-]\d\d:?\d\d)?\]?"
_AT_ALONE = rf"\[{_DAY}[T ]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?Z?\]|{_DAY}T\d\d:\d\d:\d\d\.\d{{1,9}}Z"
"""As no index of a table is written."""
_NAME = r"[A-Za-z_][\w.]{0,59}"
_LEVEL = r"\[?(?:DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|debug|info|warning|error|critical) {0,5}\]?"
_SIGN = r"(?: ?[-|:]| )"
_SOURCE = rf"(?:(?: |:| - )\[?{_NAME}\]?(?= ?[-|:]))?"
_LOGGED = re.compile(
    rf"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):{_NAME}:|(?:(?:{_AT}{_SIGN} ?(?:{_NAME}{_SIGN} ?)?)?{_LEVEL}{_SOURCE}|{_AT_ALONE})"
    r"(?: ?[-|:])?(?: |$|(?<=:))"
)
"""As `logging`, structlog and runners of jobs write it, up to the one blank that parts it from the words."""
_MAY_LOG = re.compile(rf"^(?:\[?{_DAY}[T ]|\[?(?:DEBUG|INFO|WARN|ERROR|info|debug))", re.MULTILINE)
_SAMPLE = 20_000
_LINES, _NEARLY = 40, 0.9
_RAISED = re.compile(r"E( {3,11})(?:[\w.]{0,60}(?:Error|Exception): )")
_MARKED = re.compile(r"E {3,13}")
_OF_PYTEST = re.compile(
    r"^(?:> {3,11}\S|E {3,11}(?:[\w.]{0,60}(?:Error|Exception)\b|assert\b))", re.MULTILINE
)
"""What pytest writes beside its marks: an `E` may as well be the East of a table's rows."""
_DEEPER = 2
"""Blanks by which pytest indents the further lines of what an assertion says."""


def without_prefixes(text: str) -> str:
    """Give a print-out whose lines begin where their words do; itself, where nothing stands before them.

    Lines stay as many as they are.
    """
    if _MAY_LOG.search(text, 0, _SAMPLE):
        text = _without(text, _logged)
    if "\nE   " in text and _OF_PYTEST.search(text):
        text = _without(text, _marked)
    return text


def is_logged(text: str) -> bool:
    """Say whether a logger wrote nearly all of the first lines, whatever delimiter they agree on."""
    if not _MAY_LOG.match(text.lstrip("\n")):
        return False
    lines = [line for line in text[:_SAMPLE].split("\n") if line.strip()][:_LINES]
    return len(lines) > 1 and sum(map(bool, map(_LOGGED.match, lines))) >= _NEARLY * len(lines)


def _without(text: str, plain: Callable[[Sequence[str]], Sequence[str]]) -> str:
    return "\n".join(plain(text.split("\n")))


def _logged(lines: Sequence[str]) -> Sequence[str]:
    found = map(_LOGGED.match, lines)
    return [line[each.end() :] if each else line for line, each in zip(lines, found, strict=True)]


def _marked(lines: Sequence[str]) -> Sequence[str]:
    """Take off the `E` of pytest, and before the first line of a message the name of the error."""
    made: list[str] = []
    indent = 0
    for line in lines:
        raised = _RAISED.match(line)
        if raised is not None:
            indent = 1 + len(raised[1]) + _DEEPER
            made.append(line[raised.end() :])
        elif indent and line[:indent].rstrip() == "E" and len(line) > indent:
            made.append(line[indent:])
        else:
            indent = 0
            marked = _MARKED.match(line)
            made.append(" " * marked.end() + line[marked.end() :] if marked else line)
    return made
