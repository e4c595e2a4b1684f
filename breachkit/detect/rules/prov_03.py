"""PROV-03: outputs that are not what was released."""

from collections.abc import Iterable
from datetime import datetime

from breachkit.detect.provenance import manifest_root
from breachkit.detect.rule import About, HistoryView, Transition
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import ObjectId


class EditedAfterRelease:
    """Finds files whose digest differs from the one that the manifest of a release gives them."""

    about = About(
        id="PROV-03",
        title="Output edited after its release",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "The manifest of a release holds the SHA-256 of each file as it was checked. A file that "
            "differs from it was changed by somebody afterwards, and nobody has checked the change; "
            "often it is a redaction that was forgotten, and then the version before is in the history."
        ),
        example=(
            "released_outputs/metadata/manifest.json lists output/table2.csv, and the committed "
            "released_outputs/output/table2.csv has another digest. Line endings are not looked at."
        ),
        remedy=(
            "Compare the file with the released copy on the jobs site. If cells were redacted by hand, "
            "release it again properly, and take the older version out of the history."
        ),
        source="OpenSAFELY job-runner, manifest.json: content_hash (2022 and later); osrelease",
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give one hit for each blob whose digest no version of a manifest has."""
        listed = _listed(view)
        found: set[ObjectId] = set()
        for change in view.transitions if listed else ():
            blob = change.new
            if blob is not None and blob not in found and _is_edited(change, view, listed):
                found.add(blob)
                yield (
                    blob,
                    Hit(
                        rule=self.about.id,
                        severity=self.about.severity,
                        confidence=self.about.confidence,
                        message="the content is not what the manifest of the release lists",
                    ),
                )


_Listed = dict[bytes, tuple[datetime, set[bytes]]]
"""For each path when a manifest first listed it, and every digest that any gave it."""


def _listed(view: HistoryView) -> _Listed:
    listed: _Listed = {}
    for change in view.transitions:
        root = manifest_root(change.path)
        known = view.provenance.get(change.new) if change.new is not None else None
        if root is not None and known is not None:
            for name, digest in known.listed.items():
                listed.setdefault(root + name, (change.when, set()))[1].add(digest)
    return listed


def _is_edited(change: Transition, view: HistoryView, listed: _Listed) -> bool:
    if change.new is None or change.path not in listed or change.new not in view.provenance:
        return False
    since, digests = listed[change.path]
    return change.when >= since and digests.isdisjoint(view.provenance[change.new].digests)
