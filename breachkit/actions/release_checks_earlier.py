"""Compares tables of a release with those of an earlier one: what the two tell that neither does."""

from collections.abc import Iterator, Sequence

from breachkit.documents.table import column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.model.ids import GitPath
from breachkit.sdc.differencing import EXTRACTED_AGAIN, Difference, few_changed
from breachkit.sdc.redaction_history import Hidden, hidden_later
from breachkit.sdc.sketch import TableSketch


Tables = Sequence[TableSketch]


def differences(new: Tables, earlier: Tables, threshold: int) -> Iterator[Hit]:
    """Give what one version of a file, released before, tells together with the one to be released.

    Args:
        new: The tables to be released.
        earlier: Those of an earlier version; made with the same key.
        threshold: Largest count that may not be released.

    Source: OpenSAFELY documentation, 'Requesting release of research outputs': small changes in new
    outputs may be subject to small number suppression.
    """
    for found in few_changed(new, earlier, threshold):
        yield _few(found, threshold)
    for hidden in hidden_later(earlier, new, threshold):
        yield _readable_before(hidden)
    for hidden in hidden_later(new, earlier, threshold):
        if hidden.small and hidden.marked:
            yield _readable_now(hidden)


def _few(found: Difference, threshold: int) -> Hit:
    is_correction = found.share_changed <= EXTRACTED_AGAIN
    columns = sorted({column for _, column in found.cells})
    cells = "a count differs" if len(found.cells) == 1 else f"{len(found.cells):,} counts differ"
    why = "" if is_correction else "; most counts changed, as when data are extracted again"
    return Hit(
        rule="HIS-02",
        severity=Severity.MEDIUM if is_correction else Severity.LOW,
        confidence=Confidence.MEDIUM if is_correction else Confidence.LOW,
        message=f"{cells} by 1 to {threshold} from an earlier release of this table{why}",
        location=Location(
            part=found.part,
            rows=tuple(sorted({row + 1 for row, _ in found.cells})[:MAX_ROWS]),
            columns=tuple(column_label(found.header, column) for column in columns),
            cells=len(found.cells),
        ),
    )


def _readable_before(hidden: Hidden) -> Hit:
    severity, confidence, what = _judged(hidden)
    return Hit(
        rule="HIS-01",
        severity=severity,
        confidence=confidence,
        message=f"{what} that this file hides can be read in an earlier release: that one has to go",
        location=Location(part=hidden.part, cells=hidden.cells),
    )


def _readable_now(hidden: Hidden) -> Hit:
    return Hit(
        rule="HIS-01",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        message="small counts that an earlier release hides can be read in this file",
        location=Location(
            part=hidden.part,
            rows=hidden.rows[:MAX_ROWS],
            columns=tuple(column_label(hidden.header, index) for index in hidden.columns),
            cells=hidden.cells,
        ),
    )


def _judged(hidden: Hidden) -> tuple[Severity, Confidence, str]:
    """Grade as HIS-01 does: how small the numbers were, and how surely they were taken out."""
    if hidden.small:
        confidence = Confidence.HIGH if hidden.marked else Confidence.MEDIUM
        return Severity.HIGH, confidence, "small counts"
    if hidden.marked and hidden.extracted_again:
        return Severity.LOW, Confidence.LOW, "larger counts of other data (most counts changed)"
    if hidden.marked:
        return Severity.MEDIUM, Confidence.MEDIUM, "numbers"
    return Severity.LOW, Confidence.LOW, "counts (empty or missing here)"


def counterparts(within: GitPath, earlier: Sequence[GitPath]) -> tuple[int, ...]:
    """Give which earlier paths (from 0) are of the same file: same name, and as much of the folders.

    Args:
        within: A file, within its folder.
        earlier: Paths of earlier files, within a folder or a repository.
    """
    parts = within.split(b"/")[::-1]
    alike = {at: _in_common(parts, path.split(b"/")[::-1]) for at, path in enumerate(earlier)}
    most = max(alike.values(), default=0)
    return tuple(at for at, number in alike.items() if number == most) if most else ()


def _in_common(one: Sequence[bytes], other: Sequence[bytes]) -> int:
    """Give how many parts two paths share from their ends on."""
    number = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        number += 1
    return number
