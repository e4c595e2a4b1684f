"""PROV-02: outputs that were committed when none were to be."""

from collections.abc import Iterable

from breachkit.detect.provenance import NONE_SINCE, arrivals
from breachkit.detect.rule import About, HistoryView
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import ObjectId


class CommittedOutputs:
    """Finds commits that brought outputs after these had no more place in git."""

    about = About(
        id="PROV-02",
        title="Outputs committed although none should be",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "A file that is released on the jobs site can be deleted there within minutes when "
            "something turns out to be wrong with it. A copy in git cannot: it is in every clone. So "
            "released outputs are no longer committed, not even final tables and figures."
        ),
        example=(
            "In 2024 a commit brings three files to released_outputs/: one finding for that commit "
            "(low; info where they lie in output/, which trial runs fill as well)."
        ),
        remedy=(
            "Point to the jobs site in place of keeping a copy. Add the folder to .gitignore, have "
            "the files checked, and take them out of the history if they hold anything disclosive."
        ),
        source="OpenSAFELY documentation b6d31a9 (2023-06-20), 'Viewing released files'",
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give one hit for each commit, at the first of its files by name."""
        for arrival, _ in arrivals(view):
            blob = arrival.first.new
            if blob is None or arrival.first.when.date() < NONE_SINCE:
                continue
            files = "an output was" if arrival.files == 1 else f"{arrival.files:,} outputs were"
            yield (
                blob,
                Hit(
                    rule=self.about.id,
                    severity=self.about.severity if arrival.released else Severity.INFO,
                    confidence=self.about.confidence,
                    message=f"{files} committed after {NONE_SINCE}, when none should be",
                ),
            )
