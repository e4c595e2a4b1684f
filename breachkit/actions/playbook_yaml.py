"""YAML as a playbook may use it: text, whole numbers, true, false, lists and tables.

No tag makes an object of anything, nothing stands for something written elsewhere, and no word means
something else than it says: `no` is a word. The parser's events are put together here, because
the loaders that come with it accept what is written twice, and end the process on deep nesting.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from breachkit.actions.playbook_text import DEEPEST, Located, Place, PlaybookTextError


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})")


@dataclass(slots=True)
class _Open:
    """A list or a table that is being read."""

    value: Any
    place: Place
    key: str | None = None

    def next_place(self) -> Place:
        return (*self.place, len(self.value) if isinstance(self.value, list) else self.key or "")


def read_yaml(text: str) -> Located:
    """Read the one document of a YAML text.

    Raises:
        PlaybookTextError: it is no YAML, or uses what no playbook needs: aliases, tags, a key twice.
    """
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as cause:
        mark = cause.problem_mark or cause.context_mark
        raise PlaybookTextError(_problem(cause), mark.line + 1 if mark else None) from None
    except yaml.reader.ReaderError as cause:
        line = text.count("\n", 0, cause.position) + 1
        raise PlaybookTextError("a character that YAML does not allow", line) from None
    return Located(value=reader.value, lines=reader.lines)


def _problem(cause: yaml.MarkedYAMLError) -> str:
    return f"not YAML: {cause.problem or cause.context or 'it ends too early'}"


class _Reader:
    """Puts the values of one file together."""

    def __init__(self) -> None:
        self.value: Any = None
        self.lines: dict[Place, int] = {}
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        """Take one event."""
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None) is not None:
            raise PlaybookTextError("anchors and aliases are not read: write it out", line)
        if getattr(event, "tag", None) is not None:
            raise PlaybookTextError("tags are not read: leave out what begins with !", line)
        match event:
            case yaml.DocumentStartEvent():
                self._document(line)
            case yaml.SequenceStartEvent():
                self._begin([], line)
            case yaml.MappingStartEvent():
                self._begin({}, line)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._end()
            case yaml.ScalarEvent():
                self._scalar(event.value, line, is_plain=event.implicit[0])
            case _:
                pass  # where the file, or its one document, begins or ends

    def _document(self, line: int) -> None:
        self._documents += 1
        if self._documents > 1:
            raise PlaybookTextError("a second document begins: keep all in one", line)

    def _begin(self, value: list[Any] | dict[str, Any], line: int) -> None:
        if len(self._open) >= DEEPEST:
            raise PlaybookTextError("nested too deep", line)
        if self._is_key():
            raise PlaybookTextError("a key must be a word", line)
        self._open.append(_Open(value, self._put(value, line)))

    def _end(self) -> None:
        self._open.pop()
        self._filled()

    def _scalar(self, written: str, line: int, *, is_plain: bool) -> None:
        if not self._is_key():
            self._put(_plain_value(written) if is_plain else written, line)
            self._filled()
            return
        table = self._open[-1]
        if written in table.value:
            raise PlaybookTextError(f"{written!r} stands twice: keep one of them", line)
        table.key = written
        self.lines[table.next_place()] = line

    def _is_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None  # fmt: skip

    def _put(self, value: Any, line: int) -> Place:
        if not self._open:
            self.value = value
            return ()
        around = self._open[-1]
        place = around.next_place()
        self.lines.setdefault(place, line)
        if isinstance(around.value, list):
            around.value.append(value)
        else:
            around.value[around.key] = value
        return place

    def _filled(self) -> None:
        if self._open and isinstance(self._open[-1].value, dict):
            self._open[-1].key = None


def _plain_value(written: str) -> Any:
    if written in _WORDS:
        return _WORDS[written]
    return int(written) if _INTEGER.fullmatch(written) else written
