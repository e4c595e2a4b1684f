"""SUP-03: tables of which one can be subtracted from the other."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from breachkit.detect.grading import UNDECIDED
from breachkit.detect.rule import About, HistoryView, Transition
from breachkit.documents.kinds import is_codelist_path, is_dummy_path, is_output_path
from breachkit.documents.table import column_label
from breachkit.model.errors import TookTooLongError
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.sdc.differencing import Difference, left_over
from breachkit.sdc.sketch import TableSketch
from breachkit.sdc.sketching import MOST_SUBTRACTED
from breachkit.sdc.strata import Stratum, header_tells, stratum_of


def related_blobs(transitions: Iterable[Transition]) -> frozenset[ObjectId]:
    """Give the blobs that the rule subtracts from one another, if they are tables.

    A scan needs to keep the sketches of no others.
    """
    return frozenset(blob for pair in related_pairs(transitions, []) for blob in pair[:2])


class Subtractable:
    """Finds tables of all people beside tables of some, where few people are left."""

    about = About(
        id="SUP-03",
        title="Small counts that follow from subtracting one table from another",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "A table of everyone and the same table of men give that of women, though nobody "
            "released it. Where two large counts differ by a few people, those few are disclosed. "
            "Each table may have been checked, and have passed, by itself."
        ),
        example=(
            "deaths_all.csv and deaths_male.csv in one folder: 40 deaths in a region, 38 of them "
            "of men (medium). It is low where the two were committed apart, where they are "
            "tables of one file that nothing names as a part and the whole, or where no outputs are "
            "kept. Rounded tables are not compared."
        ),
        remedy=(
            "Round all tables to the same base, or leave one of them out. Take the finer table out "
            "of the history, or redact the cells that the finding names in all of them."
        ),
        source=(
            "OpenSAFELY documentation, 'Disclosure control' (2023), secondary disclosure: total minus "
            "male tables; threshold by the policy of the finer table's date"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give the worst for each blob that holds a part, and say where too many alike were left out."""
        worst: dict[ObjectId, Hit] = {}
        left_out: list[ObjectId] = []
        crowded: dict[ObjectId, None] = {}
        between = _between_files(view, left_out)
        for blob, severity, found in itertools.chain(between, _within_files(view, crowded)):
            hit = self._hit(found, severity, view.context(blob).policy.threshold)
            if blob not in worst or _rank(hit) > _rank(worst[blob]):
                worst[blob] = hit
        yield from worst.items()
        if left_out and left_out[0] not in worst:
            yield left_out[0], self._not_judged(_TOO_MANY_FILES)
        for blob in crowded:
            yield blob, self._not_judged(_TOO_MANY_TABLES)

    def _not_judged(self, what: str) -> Hit:
        return Hit(
            rule=self.about.id,
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            message=what,
        )

    def _hit(self, found: Difference, severity: Severity, threshold: int) -> Hit:
        columns = sorted({column for _, column in found.cells})
        cells = "cell" if len(found.cells) == 1 else "cells"
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.MEDIUM if severity >= Severity.MEDIUM else Confidence.LOW,
            message=(
                f"subtracting this table from that of all leaves 1 to {threshold} people in "
                f"{len(found.cells):,} {cells}"
            ),
            location=Location(
                part=found.part,
                rows=tuple(sorted({row + 1 for row, _ in found.cells})[:MAX_ROWS]),
                columns=tuple(column_label(found.header, column) for column in columns),
                cells=len(found.cells),
            ),
        )


def _rank(hit: Hit) -> tuple[int, int]:
    return hit.severity, hit.location.cells if hit.location else 0


_Found = tuple[ObjectId, Severity, Difference]

_TOO_MANY_FILES = (
    f"tables from this one on {UNDECIDED}: too many are parts of others by their names"
)
_TOO_MANY_TABLES = (
    f"tables after the first {MOST_SUBTRACTED} of those alike {UNDECIDED}: they are too many"
)

_LEAST_NAMED = 3
"""Cells that must be no larger in the part, where names say that it is one: by chance 1 in 8."""
_LEAST_UNNAMED = 8
"""The same where nothing says so: 1 in 256."""
_MOST_RELATIVES = 40
_MOST_PAIRS = 20_000


def _between_files(view: HistoryView, left_out: list[ObjectId]) -> Iterator[_Found]:
    parts_of: dict[ObjectId, set[ObjectId]] = {}
    pairs = list(related_pairs(view.transitions, left_out))
    for whole, part, _ in pairs:
        parts_of.setdefault(whole, set()).add(part)
    for whole, part, together in pairs:
        one, other = _only(view, whole), _only(view, part)
        if one is None or other is None:
            continue
        rest = [_only(view, blob) for blob in parts_of[whole] - {part}]
        threshold = view.context(part).policy.threshold
        others = [table for table in rest if table is not None]
        found = None
        with view.comparing(whole, part):
            found = left_over(one, other, threshold, least=_LEAST_NAMED, others=others)
        if found is not None:
            yield part, Severity.MEDIUM if together else Severity.LOW, found


def _only(view: HistoryView, blob: ObjectId) -> TableSketch | None:
    tables = [table for table in view.sketches.get(blob, ()) if table.counts]
    return tables[0] if len(tables) == 1 else None


def _within_files(view: HistoryView, crowded: dict[ObjectId, None]) -> Iterator[_Found]:
    known: dict[object, list[tuple[Severity, Difference]]] = {}
    too_slow: set[object] = set()
    for blob, tables in view.sketches.items():
        counting = [table for table in tables if table.counts]
        if len(counting) < 2 or not _is_result(view.context(blob).paths):
            continue
        threshold = view.context(blob).policy.threshold
        for group in _alike(counting):
            alike = group[:MOST_SUBTRACTED]
            if len(alike) < len(group):
                crowded[blob] = None
            key = (threshold, *map(_identity, alike))
            if key not in known:  # most versions of a file change few of its tables
                with view.comparing(blob):
                    if key in too_slow:
                        raise TookTooLongError
                    too_slow.add(key)
                    known[key] = list(_among(alike, threshold))
            yield from ((blob, severity, found) for severity, found in known.get(key, ()))


def _identity(table: TableSketch) -> tuple[object, ...]:
    counts = tuple((index, bytes(counts)) for index, counts in table.counts.items())
    labels = tuple((index, bytes(labels)) for index, labels in table.labels.items())
    return table.part, table.header, counts, labels


def _among(tables: Sequence[TableSketch], threshold: int) -> Iterator[tuple[Severity, Difference]]:
    for whole, part in itertools.permutations(tables, 2):
        named = header_tells(part.header, whole.header)
        if not named and not _may_be_part(whole, part):
            continue
        others = [table for table in tables if table is not whole and table is not part]
        least = _LEAST_NAMED if named else _LEAST_UNNAMED
        found = left_over(whole, part, threshold, least=least, others=others)
        if found is not None:
            yield Severity.MEDIUM if named else Severity.LOW, found


def _may_be_part(whole: TableSketch, part: TableSketch) -> bool:
    """Ask the cheap questions first: where no name tells, both have the same rows and columns."""
    if whole.rows != part.rows or whole.header != part.header:
        return False
    shared = whole.counts.keys() & part.counts.keys()
    return bool(shared) and all(max(part.counts[at]) <= max(whole.counts[at]) for at in shared)


def _alike(tables: Iterable[TableSketch]) -> Iterator[Sequence[TableSketch]]:
    """Give groups of tables with one header, but for who they are about."""
    groups: dict[tuple[object, ...], list[TableSketch]] = {}
    for table in tables:
        names = tuple(stratum_of(name).family for name in table.header)
        groups.setdefault(names, []).append(table)
    for group in groups.values():
        if len(group) > 1:
            yield group


class _Relative(NamedTuple):
    path: GitPath
    stratum: Stratum
    blob: ObjectId
    commit: ObjectId


class _Family:
    """Paths whose names differ in nothing but who is in their tables."""

    def __init__(self) -> None:
        self.latest: dict[GitPath, _Relative] = {}
        """The last versions of the paths that came last, in the order in which these came."""
        self._earlier: set[GitPath] = set()
        self._strata: set[Stratum] = set()
        self._wholes: set[Stratum] = set()

    def has_earlier_relative(self, stratum: Stratum) -> bool:
        """Say whether a path that is not among the latest is of a part of a stratum, or of a whole."""
        return stratum in self._wholes or not self._strata.isdisjoint(stratum.wholes())

    def add(self, new: _Relative) -> None:
        """Take note of a version of a path."""
        if new.path in self._earlier:
            return
        self.latest[new.path] = new
        if len(self.latest) > _MOST_RELATIVES:
            first = self.latest.pop(next(iter(self.latest)))
            self._earlier.add(first.path)
            self._strata.add(first.stratum)
            self._wholes.update(first.stratum.wholes())


def related_pairs(
    transitions: Iterable[Transition], left_out: list[ObjectId]
) -> Iterator[tuple[ObjectId, ObjectId, bool]]:
    """Give blobs whose names say that the second is a part of the first, each pair once.

    A new version is paired with the last one of its relatives, even if that was deleted since: the
    history holds it.

    Args:
        transitions: Oldest first.
        left_out: Is given the blobs that were not paired with all of their relatives.

    Yields:
        The whole, the part, and whether one commit brought both.
    """
    families: dict[tuple[str, ...], _Family] = {}
    found: dict[tuple[ObjectId, ObjectId], bool] = {}
    for change in transitions:
        if change.new is None or change.new == change.old or not _is_result((change.path,)):
            continue
        stratum = stratum_of(display(change.path))
        family = families.setdefault(stratum.family, _Family())
        new = _Relative(change.path, stratum, change.new, change.commit)
        if family.has_earlier_relative(stratum):
            left_out.append(new.blob)
        for known in family.latest.values():
            if pair := _ordered(new, known):
                found[pair] = found.get(pair, False) or new.commit == known.commit
        family.add(new)
        if len(found) > _MOST_PAIRS:
            left_out.append(new.blob)
            break
    for (whole, part), together in found.items():
        yield whole, part, together


def _ordered(one: _Relative, other: _Relative) -> tuple[ObjectId, ObjectId] | None:
    if one.blob == other.blob:
        return None
    if one.stratum.is_part_of(other.stratum):
        return other.blob, one.blob
    return (one.blob, other.blob) if other.stratum.is_part_of(one.stratum) else None


def _is_result(paths: Iterable[GitPath]) -> bool:
    return any(
        is_output_path(path) and not is_dummy_path(path) and not is_codelist_path(path)
        for path in paths
    )
