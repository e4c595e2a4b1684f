"""HIS-03: data that a deletion or a revert was meant to take back, and did not."""

import re
from collections.abc import Iterable, Iterator

from breachkit.detect.rule import About, HistoryView, Transition
from breachkit.documents.kinds import Reading, is_codelist_path, is_output_path, kind_by_name
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass


class TakenBack:
    """Finds blobs whose file was deleted, reverted or redacted, and which git still holds."""

    about = About(
        id="HIS-03",
        title="Deleted or reverted, and still in the history",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "`git revert`, or deleting a file and committing that, changes what the newest commit "
            "shows and nothing else: the old content stays in every clone, one `git show` away. "
            "A commit that reads like a correction also points at what it was meant to hide."
        ),
        example=(
            "A commit 'Revert \"Add results\"' or 'remove table with small numbers' takes "
            "released_outputs/table2.csv away. Files are deleted for many reasons, so a "
            "deletion alone is no finding: either its message reads like a correction, or "
            "another rule found something in the file. 'Remove old results' is low, and so is a "
            "revert of a file in which no other rule found anything."
        ),
        remedy=(
            "Somebody who may see the data looks at the old content (`git show COMMIT:PATH`, on their "
            "own machine). If it must not be public, take it out of the whole "
            "history (`breachkit scope`, `breachkit rewrite`) and have every clone cleaned."
        ),
        source=(
            "OpenSAFELY documentation, 'Redaction data breaches and how to recover from them' "
            "(2021-01-13): neither revert nor delete-and-commit is safe"
        ),
    )

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give at most one hit for each blob: that of the clearest commit."""
        worst: dict[ObjectId, _Claim] = {}
        for blob, claim in _claims(view):
            if blob not in worst or claim.rank > worst[blob].rank:
                worst[blob] = claim
        for blob, claim in worst.items():
            if view.attribution(blob).reach != "head":
                yield blob, self._hit(claim)

    def _hit(self, claim: "_Claim") -> Hit:
        return Hit(
            rule=self.about.id,
            severity=claim.severity,
            confidence=claim.confidence,
            message=f"{claim.words}: that leaves the content in the history, for anyone to read",
        )


@dataclass(frozen=True, slots=True)
class _Claim:
    severity: Severity
    confidence: Confidence
    words: str

    @property
    def rank(self) -> tuple[Severity, Confidence]:
        return self.severity, self.confidence


# What people write when they take something back. Tuned on the subjects of ten study
# repositories, where three deletions out of four say nothing and most of the rest is tidying up.
_CORRECTION = regex(
    r"\bredact|\bunredact|\bsuppress|\bdisclos|\bidentif(?:y|iab)|\bsensitive|\bconfidential|\boops|\bwhoops"
    r"|\baccident|\bby mistake|\bmistaken|\bleak|\bbreach|\bdata protection|\bgdpr\b"
    r"|\b(?:small|low)[ _-](?:number|count|cell|n\b)"
    r"|\bpatient[ _-]?(?:level|data|id|info|identif|record)|\bshould(?:n't| not)\b|\bnot (?:be )?(?:public|released)",
    re.IGNORECASE,
)
_REDACTION = regex(
    r"\bredact|\bunredact|\bsuppress|\bdisclos|\b(?:small|low)[ _-](?:number|count|cell|n\b)",
    re.IGNORECASE,
)
_REVERT = regex(r"^\W*(?:revert|undo)\b|\broll(?:ed)? ?back\b", re.IGNORECASE)
_REMOVAL = regex(r"\b(?:remov|delet|tak(?:e|ing|en) (?:out|down)|withdr[ae]w)\w*\b", re.IGNORECASE)
_RESULTS = regex(
    r"\b(?:outputs?|results?|tables?|data|csvs?|release[ds]?|logs?|files?|figures?|numbers?|counts?)\b",
    re.IGNORECASE,
)
_TIDYING = regex(
    r"\b(?:old|older|outdated|stale|unused|unneeded|unnecessary|not needed|superseded|duplicates?d?|redundant|temp|temporary|dummy"
    r"|test|tests|tidy\w*|clean\w*|rename\w*|mov(?:e|ed|ing)|reorgani[sz]\w*|refactor\w*|restructur\w*|obsolete|replaced?"
    r"|empty|backup|codelists?)\b",
    re.IGNORECASE,
)
_MERGE = regex(r"^\W*merge\b", re.IGNORECASE)


def _claims(view: HistoryView) -> Iterator[tuple[ObjectId, _Claim]]:
    kept = _kept_elsewhere(view.transitions)
    versions: dict[GitPath, set[ObjectId]] = {}
    for change in view.transitions:
        known = versions.setdefault(change.path, set())
        if change.old is not None and (change.commit, change.old) not in kept:
            claim = _claim(change, _interest(view, change.old), change.new in known)
            if claim is not None:
                yield change.old, claim
        known |= {blob for blob in (change.old, change.new) if blob is not None}


def _kept_elsewhere(changes: Iterable[Transition]) -> frozenset[tuple[ObjectId, ObjectId]]:
    """What a commit only moved: the same content appears at another path in the same commit."""
    return frozenset((change.commit, change.new) for change in changes if change.new is not None)


def _interest(view: HistoryView, blob: ObjectId) -> Severity | None:
    """The worst finding in a blob; INFO for results without one, None for anything else."""
    worst = max((hit.severity for hit in view.hits.get(blob, ())), default=Severity.INFO)
    if worst > Severity.INFO:
        return worst
    return Severity.INFO if any(map(_holds_results, view.context(blob).paths)) else None


def _holds_results(path: GitPath) -> bool:
    kind = kind_by_name(path)
    is_data = kind is not None and kind.reading is not Reading.TEXT
    return is_data and is_output_path(path) and not is_codelist_path(path)


def _claim(change: Transition, interest: Severity | None, was_there_before: bool) -> _Claim | None:  # noqa: FBT001
    if interest is None or _MERGE.search(change.subject):
        return None
    if change.new is None or was_there_before:
        return _taken_away(change, interest)
    if _REDACTION.search(change.subject):
        words = "changed by a commit that reads like a redaction"
        return _Claim(Severity.MEDIUM, Confidence.LOW, words)
    return None


def _taken_away(change: Transition, interest: Severity) -> _Claim | None:
    done = "deleted" if change.new is None else "put back to an earlier version"
    if _CORRECTION.search(change.subject):
        words = f"{done} by a commit that reads like a correction"
        return _Claim(Severity.MEDIUM, Confidence.HIGH, words)
    if _REVERT.search(change.subject):
        gravity = Severity.MEDIUM if interest > Severity.LOW else Severity.LOW
        return _Claim(gravity, Confidence.MEDIUM, f"{done} by a revert")
    if interest > Severity.INFO:  # as bad as what was found in it, and no worse
        return _Claim(min(interest, Severity.MEDIUM), Confidence.MEDIUM, done)
    if _removes_results(change.subject) and not _TIDYING.search(change.subject):
        words = f"{done} by a commit that removes results"
        return _Claim(Severity.LOW, Confidence.LOW, words)
    return None


def _removes_results(subject: str) -> bool:
    """Say whether a subject speaks of removing and then of results; strangers write it, at any length."""
    removal = _REMOVAL.search(subject)
    return removal is not None and _RESULTS.search(subject, removal.end()) is not None
