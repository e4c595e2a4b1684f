"""What Python prints of lists and dictionaries, in one line or in many: records, and counts by label."""

import bisect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.printing.page import Found, Page, PageSign, is_echo
from breachkit.documents.printing.python_values import (
    NoValueError,
    Values,
    cell,
    is_flat,
    is_number,
)
from breachkit.documents.reader import OverBudgetError


LITERAL_SIGN = PageSign("{'", '{"', "[{", "{(", "'}", '"}')

_BEGIN = re.compile(r"(?:\[\{|\{)(?=\s*(?:['\"(]|[\w.]{1,40}[(:]))")
_NAMED = re.compile(
    r"([^\W\d][\w %()-]{0,60}?)\s{0,3}[:=]\s{0,3}(?:Counter\(|defaultdict\([^{}]{0,40}|OrderedDict\()?$"
)
_TOO_MUCH = "only the first lists and dictionaries of a print-out were read: there are too many"

_Record = Mapping[str, Any]
_Rows = tuple[tuple[str, ...], Sequence[tuple[str, ...]]]


class _Literal(NamedTuple):
    """A value, and where it stands."""

    value: Any
    first: int
    end: int
    """The line behind its last one."""
    before: str
    """What stands before it in its first line."""
    behind: str
    """What stands behind it in its last line."""

    def take(self, page: Page, *, is_told: bool) -> None:
        """Take its lines, but for what no table tells of them."""
        if not is_told:
            page.take(self.first, self.end, leaving=page.lines[self.first : self.end])
            return
        left = [""] * (self.end - self.first)
        left[0] = self.before
        left[-1] += self.behind
        page.take(self.first, self.end, leaving=left)


def literals(page: Page) -> Iterator[Found]:
    """Give records and counts by label; records of one kind that stand in a line each are one table.

    What no table tells of a line stays in the text.
    """
    alike: dict[tuple[str, ...], list[_Literal]] = {}
    for literal in _literals(page):
        value = literal.value
        if is_flat(value):
            alike.setdefault(tuple(value), []).append(literal)
        elif found := list(_tables_in(value, _counted(literal.before))):
            literal.take(page, is_told=_is_told(value))
            yield from (Found(literal.first, literal.end, *each) for each in found)
    for those in alike.values():
        first, last = those[0], those[-1]
        name = _counted(first.before) if first is last else ""
        for each in _of_alike([one.value for one in those], name):
            for one in those:
                one.take(page, is_told=True)
            yield Found(first.first, last.end, *each)


def _literals(page: Page) -> Iterator[_Literal]:
    """Give each that begins on a line of which no table was made so far, and is all on such lines."""
    text = "\n".join(page.lines)
    starts = [0, *itertools.accumulate(len(line) + 1 for line in page.lines)]
    values = Values(text)
    beyond = 0
    for number, line in enumerate(page.lines):
        if number < beyond or "{" not in line or not page.is_free(number):
            continue
        begun = None if is_echo(line) else _BEGIN.search(line)
        if begun is None:
            continue
        try:
            value, stop = values.at(starts[number] + begun.start())
        except NoValueError:
            continue
        except OverBudgetError:
            page.unread.append(_TOO_MUCH)
            return
        end = bisect.bisect_left(starts, stop)
        if any(page.taken[number:end]):
            continue
        if is_flat(value):  # in what holds others, one that begins a line may be of its own kind
            beyond = end
        behind = text[stop : starts[end] - 1]
        yield _Literal(value, number, end, line[: begun.start()], behind)


def _of_alike(records: Sequence[_Record], name: str) -> Iterator[_Rows]:
    """Give the table of records with the same names; none where they hold no number."""
    first = records[0]
    if name and len(first) > 1 and all(map(is_number, first.values())):
        yield ("", name), [(key, cell(one)) for key, one in first.items()]
    elif any(is_number(one) for record in records for one in record.values()):
        yield tuple(first), [tuple(map(cell, record.values())) for record in records]


def _tables_in(value: Any, name: str) -> Iterator[_Rows]:
    """Give the tables of a value, and of what stands in it: a nested cell of a record is empty there.

    Args:
        value: Anything.
        name: What its numbers are called by what stands before it.
    """
    if isinstance(value, list):
        records = [one for one in value if isinstance(one, dict)]
        within = [(name, one) for one in value if isinstance(one, list)]
        yield from _rows_of([(None, one) for one in records])
    elif is_flat(value):
        yield from _of_alike([value], name)
        return
    elif isinstance(value, dict):
        named = [(key, one) for key, one in value.items() if isinstance(one, dict)]
        is_table = sum(is_flat(one) for _, one in named) > 1
        records = [one for _, one in named] if is_table else []
        within = [
            pair
            for pair in value.items()
            if isinstance(pair[1], list if is_table else (list, dict))
        ]
        yield from _rows_of(named if is_table else [])
        yield from _of_alike([_scalars(value)], "")
    else:
        return
    for record in records:
        within += [pair for pair in record.items() if isinstance(pair[1], (list, dict))]
    for called, one in within:
        yield from _tables_in(one, called)


def _rows_of(named: Sequence[tuple[str | None, _Record]]) -> Iterator[_Rows]:
    """Give a table with a row for each record, which begins with its name, if it has one."""
    with_scalars = [(name, record) for name, record in named if _scalars(record)]
    if not with_scalars:
        return
    keys = list(dict.fromkeys(key for _, record in with_scalars for key in _scalars(record)))
    has_names = with_scalars[0][0] is not None
    yield (
        (*([""] if has_names else []), *keys),
        [
            (*([name or ""] if has_names else []), *(cell(record.get(key, "None")) for key in keys))
            for name, record in with_scalars
        ],
    )


def _scalars(record: _Record) -> _Record:
    return {key: one for key, one in record.items() if not isinstance(one, (list, dict))}


def _is_told(value: Any) -> bool:
    """Say whether the tables of a value tell all of it: records alone, or several by name alone."""
    if isinstance(value, list):
        return all(map(is_flat, value))
    return len(value) > 1 and all(map(is_flat, value.values()))


def _counted(before: str) -> str:
    """Give what the numbers of a dictionary are called by the words before it in its line."""
    if before.endswith("Counter("):
        return FREQUENCY
    named = _NAMED.search(before)
    return named[1].strip() if named else ""
