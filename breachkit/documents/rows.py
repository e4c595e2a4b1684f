"""The rows of a table that is kept by its columns, which is how rules look at it."""

from collections.abc import Iterator, Sequence
from typing import overload


class ColumnRows(Sequence[Sequence[str]]):
    """The rows of columns of equal length; each is put together when somebody asks for it."""

    __slots__ = ("_rows", "columns")

    def __init__(self, columns: Sequence[Sequence[str]], rows: int) -> None:
        """Take columns, one at least, of `rows` cells each."""
        self.columns = columns
        self._rows = rows

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        if isinstance(index, slice):
            return list(zip(*[column[index] for column in self.columns], strict=True))
        return tuple([column[index] for column in self.columns])

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Sequence[str]]:
        return zip(*self.columns, strict=True)

    def __repr__(self) -> str:
        return "<rows>"
