"""HIS-01: numbers that another version of the same table hides."""

from collections.abc import Iterable, Iterator

from breachkit.detect.rule import About, HistoryView, Transition
from breachkit.documents.table import column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.sdc.redaction_history import Hidden, hidden_later


Verdict = tuple[Severity, Confidence, str]


def compared_blobs(transitions: Iterable[Transition]) -> frozenset[ObjectId]:
    """Give the blobs that the rule compares with another version, if they are tables.

    A scan needs to keep the sketches of no others.
    """
    return frozenset(blob for pair in versions(transitions) if pair[0] != pair[1] for blob in pair)


class LaterRedacted:
    """Finds old versions of tables in which a redacted cell can still be read."""

    about = About(
        id="HIS-01",
        title="Cell redacted in another version, readable in this one",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "Redacting a table in a new commit leaves the old version in the history, one "
            "`git show` away. Worse, the new version tells everyone which cells are worth looking "
            "up. The old version is what has to go; the redacted one can stay."
        ),
        example=(
            "released_outputs/deaths.csv has the row `North,3`; two commits later the row reads "
            "`North,[REDACTED]`. The finding is on the first version: high where the hidden "
            "number was small, medium for any other number behind a mark that only redaction "
            "leaves, low where counts became NA or empty, which a failed model leaves as well, or "
            "where most counts changed, so that the marks stand for what other data say. "
            "Rows are matched by their labels, so a new order or new columns make no difference. "
            "A version that shows a small number which an earlier one hid is found too."
        ),
        remedy=(
            "Take the old version out of the history (`breachkit scope`, `breachkit rewrite`). "
            "A new commit, or `git revert`, does not do that."
        ),
        source=(
            "OpenSAFELY documentation, 'Redaction data breaches and how to recover from them' "
            "(2021-01-13); threshold by the policy of the old version's date"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give at most one hit for each blob: the worst of its comparisons."""
        worst: dict[ObjectId, tuple[tuple[object, ...], Hit]] = {}
        for readable, redacted, is_older in _comparisons(view):
            told: tuple[Hidden, ...] = ()
            with view.comparing(readable, redacted):
                told = _hidden(view, readable, redacted)
            for hidden in told:
                if not is_older and not (hidden.small and hidden.marked):
                    continue
                hit = self._hit(hidden, is_older=is_older)
                rank = (hit.severity, *hidden.weight)
                if readable not in worst or rank > worst[readable][0]:
                    worst[readable] = (rank, hit)
        for blob, (_, hit) in worst.items():
            yield blob, hit

    def _hit(self, hidden: Hidden, *, is_older: bool) -> Hit:
        severity, confidence, what = _judge(hidden)
        when = "a later version" if is_older else "an earlier version"
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=f"{what} that {when} of this file hides: still readable in this version",
            location=Location(
                part=hidden.part,
                rows=hidden.rows[:MAX_ROWS],
                columns=tuple(column_label(hidden.header, index) for index in hidden.columns),
                cells=hidden.cells,
            ),
        )


def _judge(hidden: Hidden) -> Verdict:
    table = "a whole table with " if hidden.whole_table else ""
    if hidden.small:
        confidence = Confidence.HIGH if hidden.marked else Confidence.MEDIUM
        return Severity.HIGH, confidence, f"{table}small counts"
    if hidden.marked and hidden.extracted_again:
        return Severity.LOW, Confidence.LOW, "larger counts of other data (most counts changed)"
    if hidden.marked:
        return Severity.MEDIUM, Confidence.MEDIUM, f"{table}numbers"
    return Severity.LOW, Confidence.LOW, "counts (empty or missing there)"


def _hidden(view: HistoryView, readable: ObjectId, redacted: ObjectId) -> tuple[Hidden, ...]:
    threshold = view.context(readable).policy.threshold
    return hidden_later(view.sketches[readable], view.sketches[redacted], threshold)


def _comparisons(view: HistoryView) -> Iterator[tuple[ObjectId, ObjectId, bool]]:
    """Give each pair of versions once each way, as (readable, redacted, whether readable is older)."""
    seen: set[tuple[ObjectId, ObjectId, bool]] = set()
    for older, newer in versions(view.transitions):
        if older == newer or older not in view.sketches or newer not in view.sketches:
            continue
        for found in ((older, newer, True), (newer, older, False)):
            if found not in seen:
                seen.add(found)
                yield found


def versions(transitions: Iterable[Transition]) -> Iterator[tuple[ObjectId, ObjectId]]:
    """Give consecutive versions: changed in place, put back later, or moved in one commit."""
    changes = tuple(transitions)
    moved = _moved_away(changes)
    last: dict[GitPath, ObjectId | None] = {}
    for change in changes:
        if change.old is not None and change.new is not None:
            yield change.old, change.new
        elif change.new is not None:
            before = last.get(change.path) or moved.get((change.commit, _file_name(change.path)))
            if before is not None:
                yield before, change.new
        last[change.path] = change.new or change.old


def _moved_away(changes: Iterable[Transition]) -> dict[tuple[ObjectId, bytes], ObjectId]:
    """Blobs deleted by a commit, by that commit and file name, where the name is unambiguous."""
    gone: dict[tuple[ObjectId, bytes], set[ObjectId]] = {}
    for change in changes:
        if change.old is not None and change.new is None:
            gone.setdefault((change.commit, _file_name(change.path)), set()).add(change.old)
    return {key: next(iter(blobs)) for key, blobs in gone.items() if len(blobs) == 1}


def _file_name(path: GitPath) -> bytes:
    return path.rpartition(b"/")[2]
