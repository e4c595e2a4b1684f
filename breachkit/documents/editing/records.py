"""JSON: where each cell of its tables stands among its values, and how other words are written there.

The file is read a second time with a number of its own in place of every value: a cell then shows
which value it was made of, whatever nesting it was found in.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change, EncodedText
from breachkit.documents.editing.layout import padded_as
from breachkit.documents.editing.text_file import TextFile, has_digit, tables_of, unread_of
from breachkit.documents.readers import read
from breachkit.documents.records import cell_of
from breachkit.documents.table import Table


_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*+")(?P<key>\s*:)?|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)',
    re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,15})?(?:[eE][-+]?[0-9]{1,2})?")
_COUNTS = re.compile(r"(?<![A-Za-z_0-9])[0-9]")
_FIRST = 10_000_000
"""What is added to the number of a token, so that all are equally long."""
_SAID = re.compile(r"(?:(?P<words>.*) )?(?P<number>[0-9]{8,12})(?:\.5)?", re.DOTALL)
_LONGEST = 4_000
"""Characters of a string that is a cell or a title, and not a page of its own."""


class _Token(NamedTuple):
    """A value, or the name of one, as it is written."""

    start: int
    end: int
    shown: str
    """What the reader of tables shows for it."""
    is_number: bool
    is_key: bool


class RecordPlaces:
    """Knows the places of the cells of JSON; see `text_file.Places`."""

    ways = 1

    def __init__(self, text: str, path: bytes, tables: Sequence[Table]) -> None:
        """Look for the values of tables that were read from a text."""
        self._text = text
        self._tokens = list(_tokens(text))
        self._keys = _keys(self._tokens)
        self._token_of: dict[Spot, int] = {}
        for number, table, other in _read_again(text, path, self._tokens, self._keys, tables):
            self._token_of.update(self._found(number, table, other))
        self._spots: dict[int, list[Spot]] = {}
        for spot, token in self._token_of.items():
            self._spots.setdefault(token, []).append(spot)
        found = {spot.table for spot in self._token_of}
        self.known: Collection[int] = [
            number for number, table in enumerate(tables) if number in found or not has_digit(table)
        ]

    def has_others(self) -> bool:
        """Say whether there are values with numbers that no cell shows."""
        return any(
            (token.is_number or _COUNTS.search(token.shown)) and number not in self._spots
            for number, token in enumerate(self._tokens)
            if not token.is_key
        )

    def twins(self, spot: Spot, words: str) -> Iterator[tuple[Spot, str]]:
        """Give every cell that shows the same value, or the same name of values."""
        token = self._token_of.get(spot)
        if token is None:
            raise CannotEditError("a cell that is not to be found again in the text")
        if self._tokens[token].is_number and _NUMBER.fullmatch(words):
            words = cell_of(json.loads(words))
        for twin in self._spots[token]:
            yield twin, words

    def changes(self, edits: Mapping[Spot, str], ways: Mapping[int, int]) -> Iterator[Change]:  # noqa: ARG002
        """Give the changes of the text, value by value."""
        wanted = {self._token_of[spot]: words for spot, words in edits.items()}
        for number, words in wanted.items():
            token = self._tokens[number]
            for at in self._keys[token.shown] if token.is_key else (number,):
                start, end = self._tokens[at].start, self._tokens[at].end
                yield Change(start, end, self._written(self._tokens[at], words))

    def _written(self, token: _Token, words: str) -> str:
        if token.is_number:
            return words if _NUMBER.fullmatch(words) else self._string(words)
        inner = json.loads(self._text[token.start : token.end], strict=False)
        return self._string(padded_as(inner, words) if inner.strip() else inner + words)

    def _string(self, words: str) -> str:
        return json.dumps(words, ensure_ascii=self._text.isascii())

    def _found(self, number: int, table: Table, other: Table) -> Iterator[tuple[Spot, int]]:
        """Match what a table shows with what it shows of numbered values."""
        pairs = zip((table.header, *table.rows), (other.header, *other.rows), strict=True)
        for row, (cells, coded) in enumerate(pairs, start=HEADER):
            for column, (cell, code) in enumerate(zip(cells, coded, strict=True)):
                token = self._decoded(cell, code) if cell != code else None
                if token is not None:
                    yield Spot(number, row, column), token

    def _decoded(self, cell: str, code: str) -> int | None:
        said = _SAID.fullmatch(code)
        if said is None:
            return None
        at = int(said["number"]) - _FIRST
        if not 0 <= at < len(self._tokens):
            return None
        return at if self._tokens[at].shown == cell else None


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        is_number = found["number"] is not None
        start, end = found.span("number" if is_number else "string")
        try:
            value = json.loads(text[start:end], strict=False)
        except ValueError:  # half a character, or a number with a zero in front
            continue
        yield _Token(start, end, cell_of(value), is_number, found["key"] is not None)


def _keys(tokens: Sequence[_Token]) -> Mapping[str, Sequence[int]]:
    """Give where each name stands, by the name."""
    found: dict[str, list[int]] = {}
    for number, token in enumerate(tokens):
        if token.is_key:
            found.setdefault(token.shown, []).append(number)
    return found


_Pairs = Iterable[tuple[int, Table, Table]]


def _read_again(
    text: str,
    path: bytes,
    tokens: Sequence[_Token],
    keys: Mapping[str, Sequence[int]],
    tables: Sequence[Table],
) -> _Pairs:
    """Give each table with what it shows of numbered values: those of words too, where that goes."""
    for with_words in (True, False):
        coded = "".join(_coded(text, tokens, keys, with_words=with_words))
        try:
            others = tables_of(read(coded.encode(), (path,)))
        except UnicodeEncodeError:
            break
        if len(others) == len(tables) and all(map(_is_as_large, tables, others)):
            return zip(range(len(tables)), tables, others, strict=True)
    raise CannotEditError("values that cannot be told apart")


def _coded(
    text: str, tokens: Sequence[_Token], keys: Mapping[str, Sequence[int]], *, with_words: bool
) -> Iterator[str]:
    """Write a text with the number of each value in its place, or behind its words."""
    at = 0
    for number, token in enumerate(tokens):
        if token.is_number:
            is_whole = token.shown.lstrip("-").isdecimal()
            yield text[at : token.start]
            yield f"{_FIRST + number}" if is_whole else f"{_FIRST + number}.5"
        elif with_words and _may_be_shown(token):
            first = keys[token.shown][0] if token.is_key else number
            yield text[at : token.end - 1]
            yield f' {_FIRST + first}"'
        else:
            yield text[at : token.end]
        at = token.end
    yield text[at:]


def _may_be_shown(token: _Token) -> bool:
    """Say whether a string may state a count, and is no markup, no JSON and no place in a list."""
    shown = token.shown
    return (
        len(shown) < _LONGEST
        and _COUNTS.search(shown) is not None
        and "<" not in shown[1:]
        and shown[:1] not in {"{", "["}
        and not (token.is_key and shown.isdecimal())
    )


def _is_as_large(table: Table, other: Table) -> bool:
    if len(table.rows) != len(other.rows) or len(table.header) != len(other.header):
        return False
    return all(len(row) == len(its) for row, its in zip(table.rows, other.rows, strict=True))


def open_records(content: bytes, path: bytes) -> TextFile:
    """Open a file of JSON; its tables may nest in anything."""
    documents = read(content, (path,))
    text = EncodedText(content)
    tables = tables_of(documents)
    places = RecordPlaces(text.text, path, tables)
    fixed = []
    if len(places.known) < len(tables):
        fixed.append("tables within its strings")
    if places.has_others():
        fixed.append("numbers that stand in no table")
    return TextFile(path, text, documents, places, (*fixed, *unread_of(documents)))
