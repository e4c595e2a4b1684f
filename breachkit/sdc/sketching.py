"""Tables to sketches: what comparing two tables needs, and no more."""

from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import repeat

from breachkit.documents.table import Table
from breachkit.sdc.asking import Header, of_header
from breachkit.sdc.count_cells import MOST_DIGITS, column, count_of, whole_counts
from breachkit.sdc.count_names import Role, role_of
from breachkit.sdc.counts import count_columns, statistics
from breachkit.sdc.marks import WORDS_BEGIN, Mark, mark_of
from breachkit.sdc.sketch import NO_COUNT, SMALL_CLASSES, TableSketch


MAX_ROWS_SKETCHED = 100_000
MAX_COLUMNS_SKETCHED = 1_000

_SMALL = {
    str(number): ord(name)
    for name, first, last in SMALL_CLASSES
    for number in range(first, last + 1)
}
_ONE_NUMBER = b"n"
_ZERO, _NUMBER, _MARK, _AMBIGUOUS, _EMPTY, _TEXT = map(ord, "0nma-t")
_OF_MARK = {Mark.SUPPRESSION: _MARK, Mark.AMBIGUOUS: _AMBIGUOUS, Mark.EMPTY: _EMPTY}


def sketch(table: Table, key: bytes) -> TableSketch:
    """Reduce a table to classes of cells, keyed fingerprints of labels, and counts of people.

    Rows beyond `MAX_ROWS_SKETCHED` and columns beyond `MAX_COLUMNS_SKETCHED` are left out, and so are
    the labels of a table of words alone, which has nothing to compare.

    Args:
        table: Any table.
        key: At most 64 secret bytes. Sketches made with different keys, or in processes that were
            not forked from one, cannot be compared.
    """
    kept = _bounded(table)
    class_of, fingerprint = _remembered(key)
    every = [_classed(column(kept, index), class_of) for index in range(len(kept.header))]
    classes = {index: classed for index, classed in enumerate(every) if classed.strip(b"t-")}
    uncounted = _uncounted(kept.header)
    labels = {
        index: array("Q", map(fingerprint.__getitem__, column(kept, index)))
        for index, classed in enumerate(every if classes else ())
        if _TEXT in classed or (index in uncounted and _are_codes(column(kept, index)))
    }
    return TableSketch(
        part=table.part,
        header=kept.header,
        labels=labels,
        classes=classes,
        rows=len(kept.rows),
        counts=dict(_counts(table, kept)),
    )


def _bounded(table: Table) -> Table:
    """Give the part of a table that is sketched: of nearly every table, the table."""
    if not exceeds_sketch(table):
        return table
    rows = table.rows[:MAX_ROWS_SKETCHED]
    return Table(table.header[:MAX_COLUMNS_SKETCHED], rows, table.part)


def exceeds_sketch(table: Table) -> bool:
    """Say whether a sketch leaves rows or columns of a table out, so that no comparison sees them."""
    return len(table.rows) > MAX_ROWS_SKETCHED or len(table.header) > MAX_COLUMNS_SKETCHED


MOST_SUBTRACTED = 100
"""Tables of one file that are compared with one another."""
_FEWEST_ROWS = 3


def subtractable(tables: Sequence[Table]) -> Sequence[Table]:
    """Give those tables of one file that count people in columns of the same names, twice at least.

    Of more than `MOST_SUBTRACTED` with the same names one more is given, so that whoever subtracts
    them sees that there are too many.
    """
    if len(tables) < 2:
        return ()
    by_names: dict[frozenset[str], list[Table]] = {}
    for table in tables:
        names = _certain(table.header)
        if names and len(table.rows) >= _FEWEST_ROWS:
            by_names.setdefault(names, []).append(table)
    groups = (alike for alike in by_names.values() if len(alike) > 1)
    return [table for alike in groups for table in alike[: MOST_SUBTRACTED + 1]]


@of_header
def _certain(header: Header) -> frozenset[str]:
    return frozenset(name for name in header if role_of(name) is Role.CERTAIN)


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
    taken = {found.index for found in known} | set(statistics(kept.header) if wholes else ())
    for index in range(len(kept.header) if wholes else 0):
        if index not in taken:
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
    if "." not in "".join(cells):
        return bytes(map(class_of.__getitem__, cells))
    try:
        rests = [value % 1 for value in map(float, cells)]
    except ValueError:
        return _classed_apart(cells, class_of)
    if sum(rests) > 0 and 0.0 not in rests:  # not where one is no number: the sum is none, either
        return _ONE_NUMBER * len(cells)
    rows = zip(cells, rests, strict=True)
    return bytes([_NUMBER if rest > 0 else class_of[cell] for cell, rest in rows])


def _classed_apart(cells: Sequence[str], class_of: "_Classes") -> bytes:
    """Give the class of each cell where some, such as `NA`, are no numbers: most are, and differ."""
    different = set(cells)
    numbers = [cell for cell in different if cell[-1:].isdecimal()]
    try:
        values = list(map(float, numbers))
    except ValueError:
        return bytes(map(class_of.__getitem__, cells))
    fractions = {cell for cell, value in zip(numbers, values, strict=True) if value % 1 > 0}
    others = {cell: class_of[cell] for cell in different - fractions}
    return bytes(map(others.get, cells, repeat(_NUMBER)))


@of_header
def _uncounted(header: Header) -> frozenset[int]:
    """Give the columns, counted from 0, whose names do not say that they count people."""
    return frozenset(index for index, name in enumerate(header) if role_of(name) is Role.NONE)


def _are_codes(cells: Sequence[str]) -> bool:
    """Say whether all cells that are filled are whole numbers."""
    joined = "".join(cells)
    return not joined or joined.isdecimal()


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
        self[cell] = value = plain_class(cell) or class_in_full(cell)
        return value


def plain_class(cell: str) -> int:
    """Give the class of a plain word or number, as most cells are, at the least cost; 0 for others."""
    if not cell.isascii():
        return 0
    if cell[:1].isalpha():
        may_tell = cell[0] in _MAY_BEGIN_NUMBER or cell[:2].lower() in WORDS_BEGIN
        return 0 if may_tell else _TEXT
    if cell.isdecimal():
        small = cell.lstrip("0") if len(cell) <= MOST_DIGITS else cell
        return _SMALL.get(small, _NUMBER) if small else 0
    try:
        return _NUMBER if "." in cell and float(cell) % 1 > 0 else 0
    except ValueError:
        return 0


_MAY_BEGIN_NUMBER = frozenset("nNiI")
"""As of `nan` and `inf`."""


def class_in_full(cell: str) -> int:
    """Give the class byte of any cell, as `TableSketch.classes` has it."""
    if "." in cell and is_fraction(cell):
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
    """Keyed fingerprints of the labels met so far.

    Python's hash of strings (SipHash, PEP 456) has a key of its own; the secret before each label is
    one that no setting of the interpreter gives away.
    """

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._secret = blake2b(key=key).hexdigest()

    def __missing__(self, label: str) -> int:
        self[label] = value = hash(self._secret + label) & _64_BITS
        return value


_64_BITS = (1 << 64) - 1
