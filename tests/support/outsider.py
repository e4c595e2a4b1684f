"""Somebody who has the files of a redacted release, knows how they are laid out, and wants what was taken out.

They read the files with readers of their own, and count in whole numbers with SciPy: nothing here
is shared with the package, nor is the model of what tables tell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tests.support.released_tables import Cell, Release


MARK = "[REDACTED]"
MOST = 10**7
"""Nobody thinks that there are more people than that in any cell."""

Grids = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """How counts were rounded, as whoever did so says."""

    base: int
    midpoint: bool = False

    def of(self, count: int) -> int:
        """Round a count, as half of the base never occurs."""
        if self.midpoint:
            return -(-count // self.base) * self.base - self.base // 2 if count else 0
        return (count + self.base // 2) // self.base * self.base

    def before(self, shown: int) -> tuple[int, int]:
        """Give the least and the most that is rounded to a number."""
        able = [
            at
            for at in range(max(0, shown - self.base), shown + self.base + 1)
            if self.of(at) == shown
        ]
        return (able[0], able[-1]) if able else (shown, shown)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a release shows after redaction, and what follows from it."""

    hidden: set[int] = field(default_factory=set)
    """Counts that stand nowhere any more."""
    disclosed: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Small ones among them of which too much is known."""
    narrow: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The others of them of which as much is known."""
    told_apart: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Small counts that never stood anywhere, of which too much is known."""
    left: set[int] = field(default_factory=set)
    """Small counts that still stand somewhere."""
    changed: list[str] = field(default_factory=list)
    """Cells that neither were taken out nor are what they have to be."""


class Outsider:
    """Looks at one release."""

    def __init__(
        self,
        release: Release,
        before: Grids,
        after: Grids,
        threshold: int,
        rounding: Rounding | None = None,
    ) -> None:
        self._release, self._before, self._after = release, before, after
        self._threshold, self._rounding = threshold, rounding
        self._low = [0] * len(release.counts)
        self._high = [MOST] * len(release.counts)
        self._lines: list[tuple[dict[int, float], float, float]] = []
        self._outcome = Outcome()

    def look(self) -> Outcome:
        """Work out what can be."""
        shown = self._shown()
        self._add_sums()
        self._add_counts(shown)
        self._add_shares(shown)
        if not self._outcome.changed:
            self._judge(shown)
        return self._outcome

    def _cells(self) -> Iterator[tuple[str, Cell, str, str]]:
        for name, sheet in self._release.files.items():
            before, after = self._before[name], self._after[name]
            if [len(line) for line in before] != [len(line) for line in after]:
                self._outcome.changed.append(f"{name}: another shape")
                continue
            for (row, column), cell in sheet.cells:
                yield f"{name} {row},{column}", cell, before[row][column], after[row][column]

    def _shown(self) -> dict[int, set[int]]:
        """Give what each count that is shown anywhere is shown as, and find what should not have changed."""
        found: dict[int, set[int]] = {}
        for place, cell, before, after in self._cells():
            if cell.count is not None:
                count = _count_in(cell, after)
                if count is not None:
                    found.setdefault(cell.count, set()).add(count)
                elif MARK not in after:
                    self._outcome.changed.append(f"{place}: no count")
            if self._rounding is None and after != before and MARK not in after:
                self._outcome.changed.append(f"{place}: {before!r} became {after!r}")
            if cell.count is None and cell.part is None and after != before:
                self._outcome.changed.append(f"{place}: the name {before!r} became {after!r}")
        return found

    def _add_sums(self) -> None:
        for parts, whole in self._release.sums:
            self._lines.append(({**dict.fromkeys(parts, 1.0), whole: -1.0}, 0, 0))
        for part, whole in self._release.within:
            self._lines.append(({part: 1.0, whole: -1.0}, -np.inf, 0))

    def _add_counts(self, shown: Mapping[int, set[int]]) -> None:
        parts_of: dict[int, list[tuple[int, ...]]] = {}
        for parts, whole in self._release.sums:
            parts_of.setdefault(whole, []).append(parts)
        for at, texts in shown.items():
            for text in texts:
                low, high = self._origin(at, text, parts_of.get(at, []), shown)
                self._low[at], self._high[at] = max(self._low[at], low), min(self._high[at], high)

    def _origin(
        self, at: int, text: int, sums: Sequence[tuple[int, ...]], shown: Mapping[int, set[int]]
    ) -> tuple[int, int]:
        truth = self._release.counts[at]
        if self._rounding is None:
            return text, text
        added = {sum(min(shown[part]) for part in parts if part in shown) for parts in sums}
        if text in added:
            return 0, MOST
        if text != self._rounding.of(truth):
            self._outcome.changed.append(
                f"{truth} became {text}, which is neither rounded nor added up of {added}"
            )
        return self._rounding.before(text)

    def _add_shares(self, shown: Mapping[int, set[int]]) -> None:
        for _, cell, _, after in self._cells():
            text = _share_in(after)
            if (
                cell.part is None
                or cell.whole is None
                or text is None
                or self._truth(cell.whole) == 0
            ):
                continue
            low, high = _ends(text, cell)
            if self._rounding and self._is_rounded_share(cell, shown, low, high):
                continue
            if cell.part != cell.whole:
                self._lines.append(({cell.part: 1.0, cell.whole: -float(low)}, -1e-7, np.inf))
                self._lines.append(({cell.part: 1.0, cell.whole: -float(high)}, -np.inf, 1e-7))

    def _truth(self, at: int) -> int:
        return self._release.counts[at]

    def _is_rounded_share(
        self, cell: Cell, shown: Mapping[int, set[int]], low: Fraction, high: Fraction
    ) -> bool:
        parts, wholes = shown.get(cell.part or 0, set()), shown.get(cell.whole or 0, set())
        return any(
            whole and low <= Fraction(part, whole) <= high for part in parts for whole in wholes
        )

    def _judge(self, shown: Mapping[int, set[int]]) -> None:
        on_paper = {cell.count for _, cell, _, _ in self._cells() if cell.count is not None}
        for at, truth in enumerate(self._release.counts):
            is_small = 1 <= truth <= self._threshold
            if at in shown:
                if is_small and self._rounding is None:
                    self._outcome.left.add(at)
                continue
            if at in on_paper:
                self._outcome.hidden.add(at)
            elif not is_small:
                continue
            low, high = self._bounds(at)
            if not (low <= truth <= high):
                self._outcome.changed.append(f"{truth} is said to be in {low}..{high}")
            few = low >= 1 and high <= self._threshold
            if high - low < self._threshold - 1 or few:
                kind = (
                    self._outcome.told_apart
                    if at not in on_paper
                    else self._outcome.disclosed
                    if is_small
                    else self._outcome.narrow
                )
                kind[at] = (low, high)

    def _bounds(self, at: int) -> tuple[int, int]:
        return self._end(at, 1), self._end(at, -1)

    def _end(self, at: int, sign: int) -> int:
        size = len(self._low)
        entries = [
            (row, column, value)
            for row, (terms, _, _) in enumerate(self._lines)
            for column, value in terms.items()
        ]
        rows, columns, values = zip(*entries, strict=True)
        matrix = csr_array((values, (rows, columns)), shape=(len(self._lines), size))
        _, low, high = zip(*self._lines, strict=True)
        wanted = np.zeros(size)
        wanted[at] = sign
        found = milp(
            wanted,
            integrality=np.ones(size),
            bounds=Bounds(self._low, self._high),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": 0, "time_limit": 20},
        )
        if found.x is None:
            self._outcome.changed.append(f"no numbers fit what is shown: {found.message}")
            return 0 if sign == 1 else MOST
        return round(float(found.x[at]))


def _count_in(cell: Cell, text: str) -> int | None:
    head = text.split("(", maxsplit=1)[0] if cell.part is not None else text
    if "{}" in cell.words:
        start, end = cell.words.split("{}")
        head = text.removeprefix(start).removesuffix(end)
    digits = head.strip().replace(",", "")
    return int(digits) if digits.isdigit() else None


_SHARE = re.compile(r"(\d+(?:\.\d+)?)(?:%\))?$")


def _share_in(text: str) -> str | None:
    head = text.rsplit("(", maxsplit=1)[-1]
    found = _SHARE.match(head.strip())
    return found[1] if found else None


def _ends(text: str, cell: Cell) -> tuple[Fraction, Fraction]:
    """Give the least and the most share that is printed so."""
    value = Fraction(text) / cell.scale
    half = Fraction(
        1,
        2
        * cell.scale
        * 10 ** (len(text.partition(".")[2]) if cell.decimals is None else cell.decimals),
    )
    low = max(Fraction(0), value - half)
    return low, value + half
