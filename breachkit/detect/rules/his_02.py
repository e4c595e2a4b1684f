"""HIS-02: counts that changed by a few people between two versions of a table."""

from collections.abc import Iterable, Iterator

from breachkit.detect.paths import describes_nobody
from breachkit.detect.rule import About, HistoryView
from breachkit.detect.rules.his_01 import versions
from breachkit.documents.table import column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.sdc.differencing import EXTRACTED_AGAIN, Difference, few_changed


class FewChanged:
    """Finds pairs of versions whose difference counts a handful of people."""

    about = About(
        id="HIS-02",
        title="Counts that differ by a few people from another version",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        why=(
            "Two versions of a table are two releases: whoever has both can subtract. Where one "
            "patient was taken out or added, the cells that changed say what that patient is. "
            "Both versions stay in the history."
        ),
        example=(
            "A commit 'drop withdrawn patient' changes three counts of a table by 1 (low). Where most "
            "counts changed, the data were extracted again, so that no difference is about "
            "anyone in particular (info). Rounded counts are not compared."
        ),
        remedy=(
            "Release rounded counts, of which small changes do not show, and take the older version "
            "out of the history where the difference tells something about the few."
        ),
        source=(
            "OpenSAFELY documentation ae20409 (2021-10-29): repeated releases are rounded; 31 % of 232 "
            "pairs of versions with changed counts differ by 1 to 5 somewhere"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give at most one hit for each older version, and of new extractions a few for each path."""
        worst: dict[ObjectId, Hit] = {}
        for older, found, are_more in _told(view):
            hit = self._hit(found, view.context(older).policy.threshold, are_more=are_more)
            if older not in worst or hit.severity > worst[older].severity:
                worst[older] = hit
        yield from worst.items()

    def _hit(self, found: Difference, threshold: int, *, are_more: bool) -> Hit:
        is_correction = found.share_changed <= EXTRACTED_AGAIN
        columns = sorted({column for _, column in found.cells})
        cells = (
            "a count differs" if len(found.cells) == 1 else f"{len(found.cells):,} counts differ"
        )
        why = "" if is_correction else "; most counts changed, as when data are extracted again"
        why += "; later such versions of this file are not listed" if are_more else ""
        return Hit(
            rule=self.about.id,
            severity=self.about.severity if is_correction else Severity.INFO,
            confidence=self.about.confidence if is_correction else Confidence.LOW,
            message=f"{cells} by 1 to {threshold} from the next version of this table{why}",
            location=Location(
                part=found.part,
                rows=tuple(sorted({row + 1 for row, _ in found.cells})[:MAX_ROWS]),
                columns=tuple(column_label(found.header, column) for column in columns),
                cells=len(found.cells),
            ),
        )


_MOST_EXTRACTED = 5
"""Of each path: a table that is extracted weekly would bury the rest, and corrections among it."""


def _told(view: HistoryView) -> Iterator[tuple[ObjectId, Difference, bool]]:
    """Give the differences to tell of, and of each whether more of its file are left out."""
    extracted: dict[GitPath, list[tuple[ObjectId, Difference]]] = {}
    for older, found in _compared(view):
        if found.share_changed <= EXTRACTED_AGAIN:
            yield older, found, False
        else:
            first = next(iter(view.context(older).paths), GitPath(b""))
            extracted.setdefault(first, []).append((older, found))
    for each in extracted.values():
        for number, (older, found) in enumerate(each[:_MOST_EXTRACTED], start=1):
            yield older, found, number == _MOST_EXTRACTED < len(each)


def _compared(view: HistoryView) -> Iterator[tuple[ObjectId, Difference]]:
    seen: set[tuple[ObjectId, ObjectId]] = set()
    for older, newer in versions(view.transitions):
        if (older, newer) in seen or (newer, older) in seen or older == newer:
            continue
        seen.add((older, newer))
        context = view.context(older)
        if describes_nobody(context):
            continue
        old, new = view.sketches.get(older, ()), view.sketches.get(newer, ())
        differences: tuple[Difference, ...] = ()
        with view.comparing(older, newer):
            differences = few_changed(old, new, context.policy.threshold)
        yield from ((older, found) for found in differences)
