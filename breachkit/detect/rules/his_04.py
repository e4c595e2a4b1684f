"""HIS-04: where content with findings can still be reached, when HEAD does not show it."""

from collections.abc import Iterable

from breachkit.detect.rule import About, HistoryView
from breachkit.model.findings import Confidence, Hit, Reach, Severity
from breachkit.model.ids import ObjectId


class StillReachable:
    """Says for each blob with findings what keeps it, where that is not HEAD's tree."""

    about = About(
        id="HIS-04",
        title="Not in the newest version, and still reachable",
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        why=(
            "Nine out of ten data files of a study repository are not in its newest version. What "
            "keeps them decides what must be cleaned, and how: a branch can be rewritten, a "
            "pull request's ref only by the platform's support, and what no ref reaches goes only "
            "when garbage is collected on every copy."
        ),
        example=(
            "A table with small counts that was never merged: only the ref of its pull request "
            "holds it, so that an ordinary clone does not show it and everyone can fetch it."
        ),
        remedy="Nothing by itself: it says what `breachkit scope` and `rewrite` will have to cover.",
        source=(
            "OpenSAFELY sysadmin, docs/github_redaction_failure.md (2021-10-22 to 2022-06-27); shares "
            "measured over 24 study repositories"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give one hit for each blob that has another, worse than INFO, and is not in HEAD."""
        for blob, hits in view.hits.items():
            if not any(map(_is_in_content, hits)):
                continue
            reach = view.attribution(blob).reach
            if reach != "head":
                yield blob, self._hit(reach)

    def _hit(self, reach: Reach) -> Hit:
        return Hit(
            rule=self.about.id,
            severity=self.about.severity,
            confidence=self.about.confidence,
            message=_WORDS[reach],
        )


def _is_in_content(hit: Hit) -> bool:
    """Whether a hit is in a file's content: of messages and names the newest version shows all."""
    part = hit.location.part if hit.location else None
    return hit.severity > Severity.INFO and part not in {"message", "name"}


_WORDS: dict[Reach, str] = {
    "head": "in the newest version",
    "history": "not in the newest version; older commits of HEAD hold it",
    "branch": "not in HEAD's history; another branch holds it",
    "tag": "on no branch; a tag holds it",
    "pull": (
        "only the ref of a pull request holds it: ordinary clones do not fetch it, anyone can, and "
        "only the platform's support can remove it"
    ),
    "other": "on no branch, tag or pull request; another ref holds it, such as a note or a stash",
    "unreachable": "no ref leads to it; it stays until garbage is collected in every copy",
}
