"""What many rules ask of one table, or of one header, answered once.

Rules judge a table one after the other, and ask it the same questions: which of its columns count
people, whether something was taken out. And few headers are new: nine tables out of ten have the header
of an earlier one, of another version of their file or another file of the same program.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, TypeVar

from breachkit.documents.table import Table


Header = tuple[str, ...]
Answer = TypeVar("Answer")

_MOST_HEADERS: Final = 1 << 12
_LONGEST_HEADER: Final = 4_000
"""Characters of a header that is remembered; others are asked about anew for each table."""
_UNKNOWN: Final = object()


class _Answers:
    """What is known of the last table, and of its header."""

    __slots__ = ("header", "of_header", "of_table", "table")

    def __init__(self) -> None:
        self.table: Table | None = None
        self.of_table: dict[Callable[..., object], Any] = {}
        self.header: Header | None = None
        self.of_header: dict[Callable[..., object], Any] = {}


_last = _Answers()
_headers: dict[Header, dict[Callable[..., object], Any]] = {}


_MOST_CELLS: Final = 1 << 16
_LONGEST_CELL: Final = 60


class OfCells(dict[str, Answer]):
    """The answers to a question about single cells; those of released tables repeat."""

    def __init__(self, question: Callable[[str], Answer]) -> None:
        """Keep what a question says of cells, until there are too many."""
        super().__init__()
        self._question = question

    def __missing__(self, cell: str) -> Answer:
        answer = self._question(cell)
        if len(cell) <= _LONGEST_CELL:
            if len(self) >= _MOST_CELLS:
                self.clear()
            self[cell] = answer
        return answer


def of_table(question: Callable[[Table], Answer]) -> Callable[[Table], Answer]:
    """Make a question one that is answered once for each table; the answers to the last are kept."""

    @wraps(question)
    def asked(table: Table) -> Answer:
        if _last.table is not table:
            _last.table, _last.of_table = table, {}
        known = _last.of_table
        answer = known.get(question, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = known[question] = question(table)
        return answer  # type: ignore[no-any-return]

    return asked


def of_header(question: Callable[[Header], Answer]) -> Callable[[Header], Answer]:
    """Make a question one that is answered once for each header; those of many are kept."""

    @wraps(question)
    def asked(header: Header) -> Answer:
        if _last.header is not header:
            _last.header, _last.of_header = header, _known(header)
        known = _last.of_header
        answer = known.get(question, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = known[question] = question(header)
        return answer  # type: ignore[no-any-return]

    return asked


Cells = Sequence[str]
_MOST_KEPT: Final = 1 << 19
"""Cells of all columns that are kept, at least one for each."""
_kept: dict[int, tuple[Cells, dict[Callable[..., object], Any]]] = {}
_room = [_MOST_KEPT]


def keep_columns(columns: Sequence[Cells]) -> None:
    """Remember what will be asked of columns that their reader may give again, as the same objects."""
    for cells in columns:
        if id(cells) in _kept:
            continue
        _room[0] -= len(cells) + 1
        if _room[0] < 0:
            _kept.clear()
            _room[0] = _MOST_KEPT
        _kept[id(cells)] = (cells, {})  # which keeps the object, and with it its number


def of_column(question: Callable[[Cells], Answer]) -> Callable[[Cells], Answer]:
    """Make a question one that is answered once for each column that is kept."""

    @wraps(question)
    def asked(cells: Cells) -> Answer:
        kept = _kept.get(id(cells))
        if kept is None:
            return question(cells)
        answer = kept[1].get(question, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = kept[1][question] = question(cells)
        return answer  # type: ignore[no-any-return]

    return asked


def _known(header: Header) -> dict[Callable[..., object], Any]:
    """Give what is known of a header; of long ones nothing is, for they may fill the memory."""
    known = _headers.get(header)
    if known is None:
        known = {}
        if sum(map(len, header)) + len(header) <= _LONGEST_HEADER:
            if len(_headers) >= _MOST_HEADERS:
                _headers.clear()
            _headers[header] = known
    return known
