"""A table reduced to what comparing two versions of it needs: no value survives in it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableSketch:
    """Classes of cells and fingerprints of row labels, kept in memory only.

    A fingerprint is keyed with a secret of the process, so that even a memory dump of sketches
    does not tell what a label was.
    """

    part: str | None
    header: tuple[str, ...]
    labels: Mapping[int, tuple[int, ...]]
    """Column index to one keyed 64-bit fingerprint per row, for columns that hold labels."""
    classes: Mapping[int, bytes]
    """Column index to one byte per row, for columns that hold numbers or suppression marks:
    `s` a small integer (1 to 9), `0` zero, `n` another number, `m` a mark, `-` empty, `t` text."""
    rows: int
