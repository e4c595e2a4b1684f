"""Tables to sketches: what comparing two tables needs, and no more."""

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from breachkit.documents.table import Table
from breachkit.sdc.count_cells import column, count_of, whole_counts
from breachkit.sdc.count_names import Role, is_statistic, role_of
from breachkit.sdc.counts import count_columns
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.sketch import NO_COUNT, SMALL_CLASSES, TableSketch


MAX_ROWS_SKETCHED = 20_000
MAX_COLUMNS_SKETCHED = 300

_SMALL = {
    str(number): ord(name)
    for name, first, last in SMALL_CLASSES
    for number in range(first, last + 1)
}
_ZERO, _NUMBER, _MARK, _AMBIGUOUS, _EMPTY, _TEXT = map(ord, "0nma-t")
_OF_MARK = {Mark.SUPPRESSION: _MARK, Mark.AMBIGUOUS: _AMBIGUOUS, Mark.EMPTY: _EMPTY}


def sketch(table: Table, key: bytes) -> TableSketch:
    """Reduce a table to classes of cells, keyed fingerprints of labels, and counts of people.

    Rows beyond `MAX_ROWS_SKETCHED` and columns beyond `MAX_COLUMNS_SKETCHED` are left out.

    Args:
        table: Any table.
        key: At most 64 secret bytes; sketches made with different keys cannot be compared.
    """
    rows = table.rows[:MAX_ROWS_SKETCHED]
    kept = Table(table.header[:MAX_COLUMNS_SKETCHED], rows, table.part)
    class_of, fingerprint = _remembered(key)
    labels: dict[int, array[int]] = {}
    classes: dict[int, bytes] = {}
    for index, name in enumerate(kept.header):
        cells = column(kept, index)
        classed = _classed(cells, class_of)
        if _holds_labels(name, cells, classed):
            labels[index] = array("Q", [fingerprint[cell] for cell in cells])
        if classed.strip(b"t-"):
            classes[index] = classed
    return TableSketch(
        part=table.part,
        header=kept.header,
        labels=labels,
        classes=classes,
        rows=len(rows),
        counts=dict(_counts(table, kept)),
    )


MOST_SUBTRACTED = 30
"""Tables of one file that are compared with one another."""
_FEWEST_ROWS = 3


def subtractable(tables: Sequence[Table]) -> Sequence[Table]:
    """Give those tables of one file that count people in columns of the same names, twice at least."""
    if len(tables) < 2:
        return ()
    by_names: dict[frozenset[str], list[Table]] = {}
    for table in tables:
        names = frozenset(name for name in table.header if role_of(name) is Role.CERTAIN)
        if names and len(table.rows) >= _FEWEST_ROWS:
            by_names.setdefault(names, []).append(table)
    return [
        table for alike in by_names.values() if len(alike) > 1 for table in alike[:MOST_SUBTRACTED]
    ]


def _counts(table: Table, kept: Table) -> Iterator[tuple[int, "array[int]"]]:
    """Give the counts of columns that count people, and of those that count some of them.

    The whole table is asked for its count columns, because rules before have asked the same of it.
    """
    rows = len(kept.rows)
    known = [found for found in count_columns(table) if found.index < MAX_COLUMNS_SKETCHED]
    for found in known:
        if not (found.rounded or found.midpoint):
            yield found.index, _packed(found.counts[:rows])
    wholes = [found.counts[:rows] for found in known if found.role is Role.CERTAIN]
    taken = {found.index for found in known}
    for index, name in enumerate(kept.header if wholes else ()):
        if index not in taken and not is_statistic(name):
            counts = whole_counts(column(kept, index))
            if counts and any(_are_parts(counts, whole) for whole in wholes):
                yield index, _packed(counts)


def _packed(counts: Sequence[int | None]) -> "array[int]":
    return array("i", [NO_COUNT if count is None else count for count in counts])


def _are_parts(counts: Sequence[int | None], whole: Sequence[int | None]) -> bool:
    """Say whether in no row more people are counted than there are in all, and in some row fewer."""
    pairs = [
        (part, all_)
        for part, all_ in zip(counts, whole, strict=True)
        if part is not None and all_ is not None
    ]
    return all(part <= all_ for part, all_ in pairs) and any(part < all_ for part, all_ in pairs)


def _classed(cells: Sequence[str], class_of: "_Classes") -> bytes:
    """Give the class of each cell; a column of numbers, which most are, is read in one go."""
    try:
        values = list(map(float, cells))
    except ValueError:
        return bytes([class_of[cell] for cell in cells])
    return bytes(
        [
            _NUMBER if value % 1 > 0 else class_of[cell]
            for cell, value in zip(cells, values, strict=True)
        ]
    )


def _holds_labels(name: str, cells: Sequence[str], classed: bytes) -> bool:
    if _TEXT in classed:
        return True
    if role_of(name) is not Role.NONE:
        return False
    return all(cell.isdecimal() for cell in cells if cell)


_MOST_REMEMBERED = 100_000
_memory: dict[bytes, tuple["_Classes", "_Fingerprints"]] = {}


def _remembered(key: bytes) -> tuple["_Classes", "_Fingerprints"]:
    """Give what is known of the cells of earlier tables: versions of one file have most in common."""
    known = _memory.get(key)
    if known is None or max(map(len, known)) > _MOST_REMEMBERED:
        _memory.clear()
        known = _memory[key] = (_Classes(), _Fingerprints(key))
    return known


class _Classes(dict[str, int]):
    """Class bytes of the cells met so far."""

    def __missing__(self, cell: str) -> int:
        self[cell] = value = _class_of(cell)
        return value


def _class_of(cell: str) -> int:
    if "." in cell and is_fraction(cell):  # most cells that differ are, and this is quick to say
        return _NUMBER
    count = count_of(cell)
    if count is not None:
        return _ZERO if count == 0 else _SMALL.get(str(count), _NUMBER)
    mark = mark_of(cell)
    if mark is not None:
        return _OF_MARK[mark]
    return _NUMBER if is_number(cell) else _TEXT


def is_fraction(cell: str) -> bool:
    """Say whether a cell is a finite number that is not whole."""
    try:
        return float(cell) % 1 > 0
    except ValueError:
        return False


def is_number(cell: str) -> bool:
    """Say whether a cell is any number: signed, decimal, in scientific notation, a percentage."""
    try:
        float(cell.rstrip("%").replace(",", ""))
    except ValueError:
        return False
    return True


class _Fingerprints(dict[str, int]):
    """Keyed fingerprints of the labels met so far."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._key = key

    def __missing__(self, label: str) -> int:
        digest = blake2b(label.encode("utf-8", "surrogatepass"), key=self._key, digest_size=8)
        self[label] = value = int.from_bytes(digest.digest(), "big")
        return value
