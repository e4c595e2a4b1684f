"""PROV-01: outputs that were committed by hand while a tool was there to release them."""

from collections.abc import Iterable

from breachkit.detect.provenance import NONE_SINCE, TOOL_SINCE, arrivals
from breachkit.detect.rule import About, HistoryView
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import ObjectId


class ByHand:
    """Finds commits that brought outputs and do not carry the release tool's trailer."""

    about = About(
        id="PROV-01",
        title="Outputs committed by hand, not by the release tool",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "The release tool commits only files that two people have checked, and says so in a "
            "trailer. Outputs that came another way may be of a trial run on invented data, may have "
            "been edited after their check, or were never checked."
        ),
        example=(
            "In 2021 a commit 'update tables' brings twelve files to released_outputs/ without the "
            "trailer `Opensafely-released-from`: one finding for that commit. Where the tool "
            "released the same content elsewhere, nothing is found."
        ),
        remedy=(
            "Ask who committed them where they came from. Compare them with the copies on the jobs "
            "site; have them checked, or take them out of the history."
        ),
        source=(
            "OpenSAFELY osrelease, in use from 2020-10-14; files from before that day are not judged. "
            "Of 10,384 outputs of 24 study repositories 74 % came with the trailer"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give one hit for each commit, at the first of its files by name."""
        for arrival, by_tool in arrivals(view):
            blob, day = arrival.first.new, arrival.first.when.date()
            if by_tool or blob is None or not TOOL_SINCE <= day < NONE_SINCE:
                continue
            files = "an output" if arrival.files == 1 else f"{arrival.files:,} outputs"
            yield (
                blob,
                Hit(
                    rule=self.about.id,
                    severity=self.about.severity if arrival.released else Severity.INFO,
                    confidence=self.about.confidence,
                    message=f"{files} came by a commit without the trailer of the release tool",
                ),
            )
