"""Parquet files to batches of rows, of which none may take more than it should.

A few bytes can stand for a billion rows, for one list of a billion values, for a million times the
same long string, or for a page of gigabytes. So dictionaries stay dictionaries, pages are looked at
before they are opened, and rows are read in small batches until there are enough.
"""

from collections.abc import Iterator
from typing import Any

from breachkit.documents.formats.frames import MOST_CELLS
from breachkit.documents.formats.parquet_pages import Chunk, Page, chunks, pages
from breachkit.documents.reader import Budget, NotReadError
from breachkit.model.records import dataclass, field


_MOST_METADATA = 1 << 20
"""Bytes of metadata, which become hundreds of times as many in memory."""
_MOST_BATCH = 1 << 16
_MOST_VALUES = 1 << 20
"""In all lists of a column."""
_BATCH_BYTES = 1 << 25
_ARROW_SCHEMA = b"ARROW:schema"


@dataclass(slots=True)
class ParquetData:
    """A Parquet file, opened but not read."""

    rows: int
    columns: list[int]
    """Those that are read, counted from 0 among the leaves of the schema."""
    left_out: int
    """How many leaves are not read, because one row of them may hold anything."""
    notes: dict[bytes, bytes] = field(repr=False)
    _loose: frozenset[int]
    """Those of texts that the library does not keep as a dictionary: each row may be a whole page."""
    _file: Any = field(repr=False)
    _content: bytes = field(repr=False)
    _chunks: list[list[Chunk]] = field(repr=False)

    def batches(self, budget: Budget) -> Iterator[Any]:
        """Give record batches, in the order of the file."""
        metadata = self._file.metadata
        for group in range(metadata.num_row_groups):
            size = self._batch_rows(group, budget)
            for batch in self._file.iter_batches(
                batch_size=size,
                row_groups=[group],
                columns=[metadata.schema.column(leaf).path for leaf in self.columns],
                use_threads=False,
            ):
                if self._may_grow:
                    budget.take_bytes(batch.nbytes)
                yield batch

    def _pages(self, group: int, leaf: int, wanted: int) -> Iterator[Page]:
        """Give the pages that are opened for so many rows; all of them for lists of any length."""
        chunk = self._chunks[group][leaf]
        seen = 0
        for page in pages(self._content, chunk.start, chunk.size):
            yield page
            seen += page.values
            if seen >= wanted and not self._file.metadata.schema.column(leaf).max_repetition_level:
                return

    @property
    def _may_grow(self) -> bool:
        """Whether values of a few bytes may be long ones, again and again."""
        schema = self._file.metadata.schema
        return bool(self._loose) or any(schema.column(leaf).length > 0 for leaf in self.columns)

    def _batch_rows(self, group: int, budget: Budget) -> int:
        """Look at all pages of a row group, and say how many rows of it may be read at once."""
        wanted = max(MOST_CELLS // max(len(self.columns), 1), 1) + 1
        most = min(_MOST_BATCH, wanted)
        for leaf in self.columns:
            for page in self._pages(group, leaf, wanted):
                budget.take_bytes(page.bytes)
                if leaf in self._loose:
                    most = min(most, _BATCH_BYTES // max(page.bytes, 1))
            most = min(most, _BATCH_BYTES // max(self._file.metadata.schema.column(leaf).length, 1))
        return max(most, 1)


def open_parquet(content: bytes) -> ParquetData:
    """Open a Parquet file.

    Raises:
        NotReadError: It is encrypted, or too much of it is metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if content.endswith(b"PARE"):
        raise NotReadError("encrypted")
    length = int.from_bytes(content[-8:-4], "little")
    if length > _MOST_METADATA:
        raise NotReadError("too much metadata")
    groups = chunks(content, length)
    plain = pq.ParquetFile(pa.BufferReader(content))
    metadata = plain.metadata
    leaves = range(len(metadata.schema))
    if len(groups) != metadata.num_row_groups or any(len(group) != len(leaves) for group in groups):
        raise NotReadError("damaged")
    texts = {leaf for leaf in leaves if metadata.schema.column(leaf).physical_type == "BYTE_ARRAY"}
    loose = frozenset(leaf for leaf in texts if _shares_strings(groups, leaf))
    words = [metadata.schema.column(leaf).path for leaf in sorted(texts - loose)]
    columns = [leaf for leaf in leaves if _is_bounded(content, metadata, groups, leaf)]
    opened = pq.ParquetFile(
        pa.BufferReader(content), metadata=metadata, read_dictionary=words, pre_buffer=False
    )
    notes = {**(metadata.metadata or {}), **(plain.schema_arrow.metadata or {})}
    notes.pop(_ARROW_SCHEMA, None)
    return ParquetData(
        rows=metadata.num_rows,
        columns=columns,
        left_out=len(leaves) - len(columns),
        notes=notes,
        _loose=loose,
        _file=opened,
        _content=content,
        _chunks=groups,
    )


def _shares_strings(groups: list[list[Chunk]], leaf: int) -> bool:
    return any(group[leaf].shares_strings for group in groups)


def _is_bounded(content: bytes, metadata: Any, groups: list[list[Chunk]], leaf: int) -> bool:
    """Say whether rows of a column hold one value each, or lists that are not too long together."""
    column = metadata.schema.column(leaf)
    if column.length > _BATCH_BYTES:
        return False
    if not column.max_repetition_level:
        return True
    parts = (group[leaf] for group in groups)
    values = sum(page.values for part in parts for page in pages(content, part.start, part.size))
    return values <= _MOST_VALUES
