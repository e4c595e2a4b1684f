"""A table reduced to what comparing two versions of it needs: no value survives in it."""

from collections.abc import Mapping
from dataclasses import dataclass


SMALL_CLASSES = (("s", 1, 5), ("S", 6, 7), ("w", 8, 9))
"""Classes of small whole numbers, cut where thresholds in use lie: 5, 7 and 9. Each has several
pre-images, so a class does not say what the number was."""


@dataclass(frozen=True, slots=True)
class TableSketch:
    """Classes of cells and fingerprints of row labels, kept in memory only.

    A fingerprint is keyed with a secret of the process, so that even a memory dump of sketches
    does not tell what a label was.
    """

    part: str | None
    header: tuple[str, ...]
    labels: Mapping[int, tuple[int, ...]]
    """Column index to one keyed 64-bit fingerprint per row, for columns that may identify a row:
    text, and whole numbers in columns that count nobody (a year, a code, a model's number). A
    column may be here and in `classes`."""
    classes: Mapping[int, bytes]
    """Column index to one byte per row, for columns that hold numbers or suppression marks:
    `s`, `S`, `w` a small whole number (`SMALL_CLASSES`), `0` zero, `n` another number, `m` a mark
    that only suppression leaves ([REDACTED], <=5, ...), `a` one that a missing value leaves too
    (NA, NaN, -), `-` an empty cell, `t` text."""
    rows: int


def small_classes(threshold: int) -> frozenset[int]:
    """Give the class bytes of whole numbers from 1 that do not exceed `threshold`.

    Numbers from 10 on have no class of their own: thresholds above 9 are served up to 9.
    """
    return frozenset(ord(name) for name, _, last in SMALL_CLASSES if last <= threshold)
