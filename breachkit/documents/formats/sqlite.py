"""SQLite databases to tables, from memory and read-only.

The schema of a hostile database can hold anything, but is only asked for names: no view is run (it
shows what its tables hold), no trigger can fire, no function is called, and every statement is cut
off after so many steps.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import TypeAlias

from breachkit.documents.formats.frames import (
    MOST_CELLS,
    MOST_IN_ALL,
    data_set,
    hidden_text,
    number_text,
    numbered,
)
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.table import Document, Unreadable


_HEADER = 100
_WRITTEN_BY_LOG = b"\2\2"
_FREE_PAGES = slice(36, 40)
_STEPS = 20_000
_MOST_STEPS = 3_000
_MOST_TABLES = 1_000
_MOST_LISTED = 10_000
"""Tables, views, indexes and triggers that the schema names."""
_MOST_COLUMNS = 2_000
_LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, 1 << 24),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
    (sqlite3.SQLITE_LIMIT_COLUMN, _MOST_COLUMNS),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
)
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give every table of a database, and name virtual tables and pages of deleted rows as unread."""
    if len(content) < _HEADER:
        raise NotReadError("cut off before its end")
    if any(content[_FREE_PAGES]):
        yield Unreadable("SQLite database: pages of deleted rows were not read", part)
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(_without_log(content))
        yield from _documents(_Cautious(database), part, budget)


def _without_log(content: bytes) -> bytes:
    """Mark a database as one without a log beside it, which only its folder could hold."""
    if content[18:20] != _WRITTEN_BY_LOG:
        return content
    return content[:18] + b"\1\1" + content[20:]


def _documents(database: "_Cautious", part: str | None, budget: Budget) -> Iterator[Document]:
    listed = database.rows("SELECT type, name, sql FROM sqlite_master", _MOST_LISTED + 1)
    tables = [str(name) for kind, name, sql in listed if kind == "table" and not _is_virtual(sql)]
    virtual = sum(kind == "table" and _is_virtual(sql) for kind, _, sql in listed)
    left = MOST_IN_ALL
    for number, name in enumerate(tables[:_MOST_TABLES], start=1):
        place = numbered(part, "table", number, len(tables))
        share = min(budget.cells, left) // (min(len(tables), _MOST_TABLES) - number + 1)
        share = min(share, MOST_CELLS)
        before = budget.cells
        yield from _table(database, name, place, budget, share)
        left -= before - budget.cells
    yield from hidden_text([str(sql) for _, _, sql in listed if sql], part)
    if len(tables) > _MOST_TABLES:
        yield Unreadable(f"only the first {_MOST_TABLES} tables were read", part)
    if len(listed) > _MOST_LISTED:
        yield Unreadable(f"SQLite database: only {_MOST_LISTED} parts of it were looked at", part)
    if virtual:
        yield Unreadable(f"SQLite database: {virtual} virtual tables were not read", part)


def _is_virtual(sql: object) -> bool:
    return isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE VIRTUAL")


def _table(
    database: "_Cautious", name: str, part: str | None, budget: Budget, share: int
) -> Iterator[Document]:
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        header, rows, is_whole = database.table(f"SELECT * FROM {quoted}", share, budget.bytes)  # noqa: S608 - a quoted name
    except sqlite3.Error:
        yield Unreadable("SQLite database: a table is damaged", part)
        return
    budget.take_cells(len(rows) * len(header))
    columns = [[_cell(row[index]) for row in rows] for index in range(len(header))]
    yield from data_set(header, columns, part, budget, rows=len(rows) + (not is_whole))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return number_text(value) if isinstance(value, float) else str(value).strip()


_Answer: TypeAlias = tuple[list[str], list[tuple[object, ...]], bool]
"""Names of columns, rows, and whether these are all."""


class _Cautious:
    """A database that answers no more than it is asked, within limits."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._steps = 0
        for limit, value in _LIMITS:
            database.setlimit(limit, value)
        for setting in (
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "query_only = ON",
            "mmap_size = 0",
        ):
            database.execute(f"PRAGMA {setting}")
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        database.set_authorizer(_authorize)
        database.set_progress_handler(self._is_too_long, _STEPS)

    def _is_too_long(self) -> bool:
        self._steps += 1
        return self._steps > _MOST_STEPS

    def rows(self, statement: str, most: int) -> list[tuple[object, ...]]:
        """Give the first rows that a statement finds."""
        return self._database.execute(statement).fetchmany(most)

    def table(self, statement: str, cells: int, size: int) -> _Answer:
        """Give the first rows that a statement finds.

        Args:
            statement: What to ask.
            cells: How many cells may be given.
            size: How many characters: rows of a hostile file may all hold the same long text.
        """
        cursor = self._database.execute(statement)
        header = [str(column[0]) for column in cursor.description]
        rows: list[tuple[object, ...]] = []
        for row in cursor:
            cells -= len(row)
            size -= sum(len(value) for value in row if isinstance(value, str | bytes))
            if min(cells, size) < 0:
                return header, rows, False
            rows.append(row)
        return header, rows, True


def _authorize(action: int, *_: str | None) -> int:
    """Allow reading and nothing else: no function, no pragma, no attached file."""
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
