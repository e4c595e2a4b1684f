"""A checklist that came back as Markdown: what people ticked in it, merged into the case by the items' ids.

The file is only read for marks and evidence. Lines that were moved or taken out change nothing, and
what is done in the case is never undone by a file. One line that cannot be believed refuses all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from breachkit.actions.checklist import Checklist, Task, normalised
from breachkit.actions.checklist_evidence import Shelf, na_detail, tick_detail
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display


Mark = Literal["open", "done", "na"]

EVIDENCE = "Evidence:"
"""Stands in bold before what a person writes; the words of an item can never be in bold."""

LARGEST = 1 << 25
"""Bytes; ten thousand copies need a tenth of it."""


class ImportRefusedError(RefusedError):
    """Nothing was taken from a file, because of at least one of its lines.

    Attributes:
        problems: Each line, counted from 1, with what is wrong with it.
    """

    def __init__(self, problems: tuple[tuple[int, str], ...]) -> None:
        self.problems = problems
        listed = "; ".join(f"line {line}: {problem}" for line, problem in problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        super().__init__(f"nothing was taken from the file: {listed}{more}")


_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One item that the file brings forward."""

    line: int
    """Counted from 1."""
    task: Task
    mark: Mark
    detail: Mapping[str, object]
    """What the journal will keep."""

    @property
    def text(self) -> str:
        """The evidence, or the reason."""
        return str(self.detail["evidence" if self.mark == "done" else "reason"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What a file would change."""

    taken: tuple[Taken, ...]
    """In the order of the checklist, wherever they stand in the file."""
    kept: int
    """Items that are open in the file and settled in the case: they stay settled."""
    absent: int
    """Items of the case that the file does not have."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a task list."""

    number: int
    id: str
    mark: str
    evidence: str


def plan_import(checklist: Checklist, text: str, *, by: str, shelf: Shelf) -> ImportPlan:
    """Decide what an edited export changes.

    Args:
        checklist: As the case stands now.
        text: The Markdown, with any line ends.
        by: Who vouches for what was ticked.
        shelf: Where evidence is looked up.

    Raises:
        ImportRefusedError: at least one line cannot be believed; the message names each.
    """
    _refuse_other_case(checklist, text)
    reader = _Reader(checklist, by, shelf)
    for line in _lines(text):
        reader.take(line)
    if reader.problems:
        raise ImportRefusedError(tuple(reader.problems))
    order = {task.id: number for number, task in enumerate(checklist.tasks)}
    return ImportPlan(
        taken=tuple(sorted(reader.taken, key=lambda taken: order[taken.task.id])),
        kept=reader.kept,
        absent=len(checklist.tasks) - len(reader.met),
    )


class _Reader:
    """Merges the lines of a file, one after the other."""

    def __init__(self, checklist: Checklist, by: str, shelf: Shelf) -> None:
        self._by_id = {normalised(display(task.id)): task for task in checklist.tasks}
        self._by, self._shelf = by, shelf
        self.taken: list[Taken] = []
        self.problems: list[tuple[int, str]] = []
        self.met: dict[str, tuple[Mark, str, int]] = {}
        self.kept = 0

    def take(self, line: _Line) -> None:
        """Take one line in, or note what is wrong with it."""
        try:
            self._take(line)
        except RefusedError as problem:
            self.problems.append((line.number, str(problem)))

    def _take(self, line: _Line) -> None:
        task = self._by_id.get(normalised(line.id))
        if task is None:
            raise RefusedError("an item that this case does not have")
        mark, text = _meaning(task, line)
        before = self.met.setdefault(task.id, (mark, text, line.number))
        if before[2] != line.number:
            if before[:2] != (mark, text):
                raise RefusedError(
                    f"{task.id} stands in line {before[2]} too, and says otherwise there"
                )
            return
        if mark == "open":
            self.kept += task.state != "open"
        elif task.state == "open":
            self.taken.append(self._taken(task, mark, text, line.number))

    def _taken(self, task: Task, mark: Mark, text: str, number: int) -> Taken:
        if not text:
            what = "evidence" if mark == "done" else "a reason"
            raise RefusedError(f"{task.id} is marked without {what}: write it after **{EVIDENCE}**")
        if mark == "done":
            detail = tick_detail(task, evidence=text, by=self._by, shelf=self._shelf)
        else:
            detail = na_detail(task, reason=text, by=self._by)
        return Taken(line=number, task=task, mark=mark, detail=detail)


_TICKED = frozenset("xX✓✔☑✅*vV")
_RULED_OUT = frozenset("-~/–—")  # noqa: RUF001 - dashes of three lengths
_OPEN = frozenset({"", "_", "☐", "o"})
_NOT_APPLICABLE = re.compile(
    r"(?:n/?a|not applicable|does not apply)\s*[:,-]\s*(.*)", re.IGNORECASE
)


def _meaning(task: Task, line: _Line) -> tuple[Mark, str]:
    if line.mark in _OPEN:
        return "open", ""
    if line.mark in _RULED_OUT:
        return "na", line.evidence
    if line.mark not in _TICKED:
        raise RefusedError(f"{task.id} has a mark that is neither [x], [-] nor [ ]")
    ruled_out = _NOT_APPLICABLE.fullmatch(line.evidence)
    return ("na", ruled_out[1].strip()) if ruled_out else ("done", line.evidence)


_LINE = re.compile(
    r"[\s>]*(?:[-*+•]|\d{1,6}[.)])?\s*\\?\[\s{0,3}(?P<mark>[^\s\[\]]?)\s{0,3}\\?\](?!\()\s*(?P<rest>.*)"
)
_BOLD_ID = re.compile(r"(?:~~)?\s*(?P<bold>\*\*|__)(?P<id>.+?)(?<!\\)(?P=bold)")
_PLAIN_ID = re.compile(r"(?:~~)?\s*(?P<id>[A-Za-z]\d{1,3}(?:/[A-Za-z]-\d{3,})?)(?![\w/])")
_EVIDENCE = re.compile(rf"(?<!\\)(\*\*|__)\s*{re.escape(EVIDENCE)}\s*\1", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_CASE = re.compile(r"BK-\d{4}-\d{4,}")


def _lines(text: str) -> Iterator[_Line]:
    """Give every line that is a task; whatever else stands in the file is left alone."""
    for number, raw in enumerate(_split(text), 1):
        found = _LINE.fullmatch(raw)
        named = found and (_BOLD_ID.match(found["rest"]) or _PLAIN_ID.match(found["rest"]))
        if found and named:
            yield _Line(number, _unescaped(named["id"]), found["mark"], _after(found["rest"]))


def _split(text: str) -> list[str]:
    """Give the lines as an editor shows them: U+2028 and its like end none."""
    return re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff").replace("\u00a0", " "))


def _after(rest: str) -> str:
    found = _EVIDENCE.search(rest)
    return " ".join(rest[found.end() :].split()) if found else ""


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text.replace("<!-- -->", ""))


def _refuse_other_case(checklist: Checklist, text: str) -> None:
    """Refuse a file whose heading names another case."""
    for number, line in enumerate(_split(text), 1):
        if line.lstrip().startswith("# "):
            named = _CASE.search(line)
            if named and named.group() != checklist.case_id:
                raise ImportRefusedError(((number, "this is the checklist of another case"),))
            return
