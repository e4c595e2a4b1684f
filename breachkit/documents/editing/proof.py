"""Reading back: whether a changed file holds the same tables but for the cells that were to change."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.printing.aligned import UNSURE
from breachkit.documents.printing.frequencies import FREQUENCY
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table


def check_rewritten(
    content: bytes, path: bytes, before: Sequence[Table], edits: Mapping[Spot, str]
) -> None:
    """Refuse a file that reads otherwise than it was to.

    A table that is a part of the table of the whole file shows its cells again: it is not compared.

    In running text the gaps within a cell may be wider than they were: a table that is read in two
    ways has cells of the one in those of the other.

    Args:
        content: What is to be written.
        path: Of the file.
        before: All tables that it held.
        edits: The new words of every cell that changes.

    Raises:
        CannotEditError: Some other cell reads otherwise, or one that was to change does not read so.
    """
    after = [found for found in read(content, (path,)) if isinstance(found, Table)]
    wanted: dict[int, dict[int, dict[int, str]]] = defaultdict(lambda: defaultdict(dict))
    for spot, words in edits.items():
        wanted[spot.table][spot.row][spot.column] = words
    found = iter([table for table in after if table.above is None])
    for number, table in enumerate(before):
        if table.above is None and not _comes(table, found, wanted[number]):
            raise CannotEditError(_READS_OTHERWISE)
    if not all(map(_may_be_new, found)):
        raise CannotEditError(_READS_OTHERWISE)


_READS_OTHERWISE = "the changed file would not read as the same tables"


def _comes(table: Table, found: Iterator[Table], edits: Mapping[int, Mapping[int, str]]) -> bool:
    """Say whether a table is the next that is read but for those that may be new."""
    for other in found:
        if _are_alike(table, other, edits):
            return True
        if not _may_be_new(other):
            return False
    return False


def _may_be_new(table: Table) -> bool:
    """Say whether chance may make a table: of lines that are now as long as each other, or have as many commas.

    What else is read of the same lines is the same as before.
    """
    return table.origin in {Origin.PRINTED, Origin.FILE}


def _are_alike(before: Table, after: Table, edits: Mapping[int, Mapping[int, str]]) -> bool:
    alike = (before.part, before.origin, before.hidden, before.more_rows, len(before.rows))
    if alike != (after.part, after.origin, after.hidden, after.more_rows, len(after.rows)):
        return False
    header = _changed(before.header, edits.get(HEADER))
    return _is_same_header(header, after.header, before.origin) and all(
        _is_same(_changed(old, edits.get(number)), tuple(new), before.origin)
        for number, (old, new) in enumerate(zip(before.rows, after.rows, strict=True))
    )


def _is_same(wanted: tuple[str, ...], found: tuple[str, ...], origin: Origin) -> bool:
    if wanted == found:
        return True
    may_be_wider = origin in {Origin.PRINTED, Origin.MARKUP} and len(wanted) == len(found)
    return may_be_wider and list(map(str.split, wanted)) == list(map(str.split, found))


def _is_same_header(before: Sequence[str], after: Sequence[str], origin: Origin) -> bool:
    """Compare headers; readers of print-outs name columns by what stands in them, as they do here."""
    if origin is not Origin.PRINTED or len(before) != len(after):
        return _is_same(tuple(before), tuple(after), origin)
    pairs = zip(before, after, strict=True)
    return all(
        _is_same((old,), (new,), origin) or new in _NAMES or old in _NAMES for old, new in pairs
    )


_NAMES = frozenset({FREQUENCY, UNSURE, "value"})


def _changed(row: Sequence[str], edits: Mapping[int, str] | None) -> tuple[str, ...]:
    if not edits:
        return tuple(row)
    return tuple(edits.get(at, cell) for at, cell in enumerate(row))
