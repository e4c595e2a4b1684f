"""The first rows of a stream of Arrow's messages, without inflating the others.

A batch has up to 65,536 rows, of which some hundred are judged; the library inflates them all. Here
only the block of each buffer is inflated that holds those rows. And since versions of a data set
repeat most of their columns, a column that is the same as one before, to the bytes of these blocks, is
that column. Whatever is out of the ordinary is left to the library.

Source: Apache Arrow, format/Message.fbs and Columnar.rst (nulls, texts and dictionaries).
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate
from typing import Any, NamedTuple

from breachkit.documents.columns import Column, KnownColumns
from breachkit.documents.formats.arrow_blocks import Packing, Piece, piece_of
from breachkit.documents.formats.arrow_cells import cells
from breachkit.documents.formats.arrow_stream import (
    BATCH,
    DICTIONARY,
    MOST_BUFFERS,
    MOST_FIELDS,
    SCHEMA,
    TEXT_BUFFERS,
    Layout,
    Message,
    Schema,
    messages,
    schema_of,
    text_width,
)
from breachkit.documents.formats.flat import FlatTable
from breachkit.documents.formats.frames import most_rows, rows_within
from breachkit.documents.reader import Budget, NotReadError


class FirstRows(NamedTuple):
    """The columns of the first rows."""

    schema: Schema
    columns: Sequence[Column]
    rows: int
    """How many there are in the first batch."""


_KNOWN = KnownColumns()


def first_rows(content: bytes, start: int, budget: Budget) -> FirstRows | None:
    """Give the first rows of a stream; None where the library has to read it.

    Args:
        content: The file.
        start: Where the stream begins in it, counted from 0.
        budget: Pays for what is inflated and for the cells.

    Raises:
        OverBudgetError: A dictionary grows too much.
    """
    try:
        return _first_rows(content, start, budget)
    except (
        NotReadError,
        ValueError,
        OSError,
    ):  # those of the library among them: it says what is wrong
        return None


def _first_rows(content: bytes, start: int, budget: Budget) -> FirstRows | None:
    stream = messages(content, start)
    head = next(stream, None)
    if head is None or head.kind != SCHEMA:
        return None
    schema = schema_of(content[head.start : head.body])
    dictionaries: dict[int | None, Message] = {}
    for message in stream:
        if message.kind == BATCH:
            break
        if message.kind != DICTIONARY or message.header is None or message.header.number(2, "<B"):
            return None
        if dictionaries.setdefault(message.header.number(0, "<q"), message) is not message:
            return None
    else:
        return None
    batch = _Batch(content, message, message.header)
    wanted = most_rows(batch.rows, len(schema.names))
    if schema.layouts is None or not wanted or (wanted == batch.rows and next(stream, None)):
        return None
    reading = _Reading(content, dictionaries, wanted, budget)
    columns = [reading.column(stored) for stored in batch.stored(schema.layouts)]
    taken = rows_within(budget, batch.rows, len(columns))
    if taken < wanted:
        columns = [Column.of(column.cells[:taken]) for column in columns]
    return FirstRows(schema, columns, batch.rows)


class _Batch:
    """A record batch: where the buffers of its columns are, and how to look into them."""

    def __init__(self, content: bytes, message: Message, header: FlatTable | None) -> None:
        if header is None or message.end > len(content):
            raise NotReadError("damaged")
        self._content = content
        self._body = message.body
        self._buffers = header.structs(2, "<qq", MOST_BUFFERS)
        self._nodes = header.structs(1, "<qq", MOST_FIELDS)
        packing = header.table(3)
        self._packing = Packing.NONE if packing is None else Packing(packing.number(0, "<b"))
        self.rows = header.number(0, "<q")

    def stored(self, layouts: Sequence[Layout]) -> Iterator["_Stored"]:
        """Give the columns of a batch.

        Raises:
            NotReadError: Their number is another one, or they have more rows, or fewer.
        """
        starts = list(accumulate((layout.buffers for layout in layouts), initial=0))
        lengths = [length for length, _ in self._nodes]
        if starts[-1] != len(self._buffers) or lengths != [self.rows] * len(layouts):
            raise NotReadError("damaged")
        for layout, start, (_, nulls) in zip(layouts, starts, self._nodes, strict=False):
            yield _Stored(self, layout, start, has_nulls=nulls != 0)

    def piece(self, buffer: int, needed: int) -> Piece:
        """Give what the first so many bytes of a buffer are stored in."""
        offset, size = self._buffers[buffer]
        return piece_of(self._content, self._body + offset, size, needed, self._packing)


class _Stored:
    """A column of a batch as it is stored."""

    def __init__(self, batch: _Batch, layout: Layout, start: int, *, has_nulls: bool) -> None:
        self._batch = batch
        self._start = start
        self._has_nulls = has_nulls
        self.layout = layout

    def pieces(self, rows: int, budget: Budget) -> list[tuple[Piece, int]]:
        """Give what its first rows are stored in, and how many bytes of each buffer are theirs."""
        bits, is_text = self.layout.bits, self.layout.buffers == TEXT_BUFFERS
        nulls, needed = (rows + 7) // 8, ((rows + is_text) * bits + 7) // 8
        found = [
            (self._batch.piece(self._start, nulls), nulls) if self._has_nulls else (Piece(), 0)
        ]
        found.append((self._batch.piece(self._start + 1, needed), needed))
        if is_text:
            places = found[1][0].first(needed, budget)
            end = int.from_bytes(places[-bits // 8 :], "little")
            found.append((self._batch.piece(self._start + 2, end), end))
        return found

    def array(self, pieces: Sequence[tuple[Piece, int]], rows: int, budget: Budget) -> Any:
        """Give its first rows as an array, checked in full."""
        import pyarrow as pa

        buffers = [pa.py_buffer(piece.first(needed, budget)) for piece, needed in pieces]
        if not self._has_nulls:
            buffers[0] = None
        found = pa.Array.from_buffers(self.layout.kind, rows, buffers)
        found.validate(full=True)
        return found


class _Reading:
    """Reads columns, unless they were read before."""

    def __init__(
        self, content: bytes, words: Mapping[int | None, Message], rows: int, budget: Budget
    ) -> None:
        self._content = content
        self._words = words
        self._rows = rows
        self._budget = budget
        self._digests: dict[int | None, bytes] = {None: b""}

    def column(self, stored: _Stored) -> Column:
        """Give the first rows of a column."""
        pieces = stored.pieces(self._rows, self._budget)
        key = self._key(stored.layout, pieces)
        return _KNOWN.get(key) or _KNOWN.keep(key, self._cells(stored, pieces))

    def _key(self, layout: Layout, pieces: Sequence[tuple[Piece, int]]) -> bytes:
        """Give what stands for all that the cells are made of."""
        told = (b"%d " % self._rows, layout.tag, self._digest(layout.dictionary))
        heads, stored = [], []
        for piece, _ in pieces:
            heads.append(piece.head)
            stored.append(piece.stored)
        return sha256(b"".join((*heads, *told, *stored))).digest()

    def _digest(self, dictionary: int | None) -> bytes:
        if dictionary not in self._digests:
            message = self._words[dictionary]
            self._digests[dictionary] = sha256(self._content[message.start : message.end]).digest()
        return self._digests[dictionary]

    def _cells(self, stored: _Stored, pieces: Sequence[tuple[Piece, int]]) -> list[str]:
        import pyarrow as pa

        array = stored.array(pieces, self._rows, self._budget)
        if stored.layout.dictionary is not None:
            array = pa.DictionaryArray.from_arrays(array, self._dictionary(stored.layout))
        return cells(array, self._budget)

    def _dictionary(self, layout: Layout) -> Any:
        message = self._words[layout.dictionary]
        header = message.header.table(1) if message.header else None
        batch = _Batch(self._content, message, header)
        text = Layout(layout.words, b"", text_width(layout.words), TEXT_BUFFERS)
        [stored] = batch.stored([text])
        return stored.array(stored.pieces(batch.rows, self._budget), batch.rows, self._budget)
