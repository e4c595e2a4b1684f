"""A table reduced to what comparing it with another needs.

Of most cells no value survives. Whole counts do, because a difference of two tables can be told no
other way; they stay in memory, and nothing shows them.
"""

from array import array
from collections.abc import Mapping

from breachkit.model.records import dataclass, field


SMALL_CLASSES = (("s", 1, 5), ("S", 6, 7), ("w", 8, 9))
"""Classes of small whole numbers, cut where thresholds in use lie: 5, 7 and 9. Each has several
pre-images, so a class does not say what the number was."""


@dataclass(frozen=True, slots=True)
class TableSketch:
    """Classes of cells, fingerprints of row labels and counts, kept in memory only.

    A fingerprint is keyed with a secret of the process, so that even a memory dump of sketches
    does not tell what a label was.
    """

    part: str | None
    header: tuple[str, ...]
    labels: Mapping[int, "array[int]"] = field(repr=False)
    """Column index to one keyed 64-bit fingerprint per row, for columns that may identify a row:
    text, and whole numbers in columns that count nobody (a year, a code, a model's number). A
    column may be here and in `classes`."""
    classes: Mapping[int, bytes]
    """Column index to one byte per row, for columns that hold numbers or suppression marks:
    `s`, `S`, `w` a small whole number (`SMALL_CLASSES`), `0` zero, `n` another number, `m` a mark
    that only suppression leaves ([REDACTED], <=5, ...), `a` one that a missing value leaves too
    (NA, NaN, -), `-` an empty cell, `t` text."""
    rows: int
    counts: Mapping[int, "array[int]"] = field(default_factory=dict, repr=False)
    """Column index to one whole number per row, for columns that count people and whose name does
    not say that they were rounded; `NO_COUNT` where a cell holds none."""


NO_COUNT = -1
EMPTY_BYTES = 1000
"""About what a sketch takes beside its columns."""


def small_classes(threshold: int) -> frozenset[int]:
    """Give the class bytes of whole numbers from 1 that do not exceed `threshold`.

    Numbers from 10 on have no class of their own: thresholds above 9 are served up to 9.
    """
    return frozenset(ord(name) for name, _, last in SMALL_CLASSES if last <= threshold)
