"""Tables that a text of SQL fills: what a database was written out to, with a statement for each row or for many.

Nothing is run, and nothing of a query is understood but the lists of values that it inserts: those of
PostgreSQL's `COPY`, and of `INSERT` as PostgreSQL, MySQL, SQLite, SQL Server and Oracle write it.

Source: PostgreSQL documentation, "COPY" (text format) and "Lexical Structure"; MySQL manual, "String Literals".
"""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from breachkit.documents.formats.frames import data_set, numbered, rows_within
from breachkit.documents.reader import Budget
from breachkit.documents.table import Document, Unreadable
from breachkit.model.records import dataclass, field


MOST_TABLES = 1_000
_NAME = r"(?:[^\W\d][\w$#]*|#+\w+|@\w+|\"[^\"\n]+\"|`[^`\n]+`|\[[^\]\n]+\])"
_PATH = rf"{_NAME}(?:\s{{0,3}}\.\s{{0,3}}{_NAME}){{0,3}}"
_INSERT = re.compile(
    rf"\b(?:INSERT|REPLACE)\s+(?:(?:OR|IGNORE|LOW_PRIORITY|DELAYED|REPLACE|ALL)\s+){{0,3}}(?:INTO\s+)?"
    rf"(?P<table>{_PATH})\s*(?:\((?P<columns>[^()']{{1,60000}})\)\s*)?"
    r"(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES?\s*(?=\()",
    re.IGNORECASE,
)
_COPY = re.compile(
    rf"^COPY\s+(?P<table>{_PATH})\s*(?:\((?P<columns>[^()']{{1,60000}})\)\s*)?FROM\s+stdin\b[^;\n]*;[ \t\r]*\n",
    re.IGNORECASE | re.MULTILINE,
)
_CREATE = re.compile(
    rf"\bCREATE\s+(?:\w+\s+){{0,3}}TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<table>{_PATH})\s*(?=\()",
    re.IGNORECASE,
)
_NO_COLUMN = re.compile(
    r"\s*(?:CONSTRAINT|PRIMARY|KEY|UNIQUE|FOREIGN|INDEX|CHECK|FULLTEXT|SPATIAL|EXCLUDE|LIKE|PERIOD)\b",
    re.IGNORECASE,
)
_FIRST_NAME = re.compile(rf"\s*({_NAME})")
_QUOTES = '"`[]'


def _value(string: str) -> re.Pattern[str]:
    """Give what matches one value or definition, with the sign behind it, where strings are written in a way."""
    plain = rf"[^'\"(),]++|{string}|\"(?:[^\"]|\"\")*+\""
    within = rf"(?:{plain}|,)*+"
    once = rf"\((?:{plain}|,|\({within}\))*+\)"
    return re.compile(rf"((?:{plain}|{once})*+)([,)])")


_STANDARD = _value(r"'(?:[^']|'')*+'")
_ESCAPED = _value(r"'(?:[^'\\]|''|\\.)*+'")
"""As MySQL writes strings."""
_BETWEEN = re.compile(r"(?:[\s,]++|--[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/)*+\(")
"""Two rows, or a list and its first one."""
_LITERAL = re.compile(r"'((?:[^']|'')*+)'|(?<![\w.])([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)(?![\w.])")
_WHOLE_STRING = re.compile(r"(?:[NnEeBbXx]|_\w{1,20}\s*)?'(.*)'", re.DOTALL)
_CALL = re.compile(r"\w{1,40}\s*\(")
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r", "0": ""}
_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class _Filled:
    """What the statements of a text put into one table."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list, repr=False)


def tables_of_sql(text: str, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the tables that a text of SQL fills, in the order in which it begins to.

    Args:
        text: Any text.
        part: The member of the file.
        budget: Pays for the cells.
    """
    dump = _Dump(text)
    dump.read()
    for number, filled in enumerate(dump.filled.values(), start=1):
        if number > MOST_TABLES:
            yield Unreadable(f"only the first {MOST_TABLES} tables of SQL were read", part)
            return
        where = numbered(part, "table", number, len(dump.filled))
        yield from _table(filled, where, budget)
    if dump.broken:
        yield Unreadable("a list of values in SQL that breaks off", part)


def _table(filled: _Filled, part: str | None, budget: Budget) -> Iterator[Document]:
    width = max(map(len, filled.rows))
    header = filled.header if len(filled.header) == width else ("",) * width
    kept = filled.rows[: rows_within(budget, len(filled.rows), width)]
    columns = [list(column) for column in zip_longest(*kept, fillvalue="")]
    yield from data_set(header, columns or [[]] * width, part, budget, rows=len(filled.rows))


class _Dump:
    """A text of SQL while it is read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._value = _ESCAPED if "`" in text else _STANDARD
        self._layouts: dict[str, tuple[str, ...]] = {}
        self.filled: dict[tuple[str, tuple[str, ...]], _Filled] = {}
        self.broken = False

    def read(self) -> None:
        for found in _CREATE.finditer(self._text):
            values, _ = self._list_at(found.end() + 1)
            self._layouts[_plain(found["table"])] = tuple(
                _plain(name[1])
                for value in values
                if not _NO_COLUMN.match(value) and (name := _FIRST_NAME.match(value))
            )
        at = 0
        while inserting := _INSERT.search(self._text, at):
            at = self._inserted(inserting)
        at = 0
        while copying := _COPY.search(self._text, at):
            at = self._copied(copying)

    def _to(self, found: re.Match[str]) -> _Filled:
        table = _plain(found["table"])
        listed = found["columns"]
        names = tuple(map(_plain, listed.split(","))) if listed else self._layouts.get(table, ())
        return self.filled.setdefault((table, names), _Filled(names))

    def _inserted(self, found: re.Match[str]) -> int:
        """Read the rows of one statement, and give where it ends."""
        rows: list[tuple[str, ...]] = []
        between: re.Match[str] | None = _BETWEEN.match(self._text, found.end())
        at = found.end()
        while between is not None:
            values, end = self._list_at(between.end())
            if end < 0:
                self.broken = self.broken or bool(rows)
                break
            rows.append(tuple(map(self._cell, values)))
            at = end
            between = _BETWEEN.match(self._text, at)
        if any(any(map(str.isalnum, cell)) for row in rows for cell in row):
            self._to(found).rows += rows
        return at

    def _list_at(self, at: int) -> tuple[list[str], int]:
        """Read values up to the bracket that closes them; -1 where none does."""
        values = []
        while found := self._value.match(self._text, at):
            values.append(found[1].strip())
            at = found.end()
            if found[2] == ")":
                return values, at
        return values, -1

    def _cell(self, value: str) -> str:
        if value.upper() == "NULL":
            return ""
        if whole := _WHOLE_STRING.fullmatch(value):
            return self._string(whole[1])
        if _CALL.match(value) and (within := _LITERAL.search(value)):
            return within[2] or self._string(within[1] or "")
        return value

    def _string(self, written: str) -> str:
        if self._value is _ESCAPED and "\\" in written:
            written = _BACKSLASH.sub(lambda sign: _UNESCAPED.get(sign[1], sign[1]), written)
        return written.replace("''", "'").strip()

    def _copied(self, found: re.Match[str]) -> int:
        """Read the rows of one copy, and give where it ends."""
        end = self._text.find("\n\\.", found.end() - 1)
        if end < 0:
            self.broken = True
            end = len(self._text)
        lines = self._text[found.end() : end].splitlines()
        if lines:
            self._to(found).rows += [tuple(map(_copied_cell, line.split("\t"))) for line in lines]
        return max(end, found.end())


def _copied_cell(written: str) -> str:
    if written == "\\N":
        return ""
    if "\\" in written:
        written = _BACKSLASH.sub(lambda sign: _UNESCAPED.get(sign[1], sign[1]), written)
    return written.strip()


def _plain(name: str) -> str:
    """Give a name without its quotes, and that of a table without its schema."""
    parts: Sequence[str] = re.findall(_NAME, name) or [name]
    return parts[-1].strip().strip(_QUOTES)
