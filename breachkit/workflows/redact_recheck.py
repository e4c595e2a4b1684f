"""Looks at redacted files as whoever checks a release will: every rule, on the bytes themselves.

Files of one call are looked at together, as if one commit had brought them: what one of them tells
about another is found by the rules that compare files.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from breachkit.actions.redaction_proof import answered_by_proof
from breachkit.detect.engine import Examination, examine, examine_name
from breachkit.detect.grading import is_undecided
from breachkit.detect.registry import HISTORY_RULES, TABLE_RULES, Rules
from breachkit.detect.rule import FileContext, HistoryView, Transition
from breachkit.documents.table import Table, Unreadable
from breachkit.git.limits import TimeLimit
from breachkit.model.errors import TookTooLongError
from breachkit.model.findings import Attribution, Hit, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.sketch import TableSketch
from breachkit.workflows.comparisons import TOO_SLOW, Comparisons


OUTPUTS = b"released_outputs/"
"""Where a file is taken to lie that is about to be released, whatever folder it is in now."""

_COMPARING = tuple(rule for rule in HISTORY_RULES if rule.about.id.startswith("SUP-"))
"""What the others of them judge is how files changed, and who released them."""
_OF_PATIENTS = Rules(
    table=tuple(rule for rule in TABLE_RULES if rule.about.id in {"PAT-01", "PAT-02"})
)
_TOGETHER = ObjectId("0" * 40)
_THEN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file as it would be released."""

    path: GitPath
    """Below the folder that holds all files of the call."""
    data: bytes = field(repr=False)
    policy: Policy
    proven: tuple[Table, ...] = field(default=(), repr=False)
    """Its tables that are proven safe (`TablePlan.is_proven`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the rules say of one file."""

    hits: tuple[Hit, ...] = ()
    unread: tuple[str, ...] = ()
    is_telling: bool = False
    """Whether its name itself is evidence."""


def look_at(files: Sequence[Content]) -> tuple[Found, ...]:
    """Judge files together, in their order; never raises, whatever the bytes."""
    key = os.urandom(32)
    limit = TimeLimit()
    with limit.available():
        examined = [_examine(each, key, limit) for each in files]
    between, gaps = _between(files, examined)
    return tuple(
        _found(each, one, between[number], gaps[number])
        for number, (each, one) in enumerate(zip(files, examined, strict=True))
    )


def is_of_patients(file: Content) -> bool:
    """Whether a file has a row for each patient, so that no cell of it may be released."""
    found = examine(
        file.data, _context(file), sketch_key=b"", want_sketch=False, rules=_OF_PATIENTS
    )
    return any(hit.severity >= Severity.HIGH for hit in found.hits)


def _context(file: Content) -> FileContext:
    return FileContext(
        paths=(GitPath(OUTPUTS + file.path),),
        size=len(file.data),
        first_date=None,
        policy=file.policy,
        is_output=True,
    )


def _examine(file: Content, key: bytes, limit: TimeLimit) -> Examination:
    try:
        with limit.for_one():
            return examine(file.data, _context(file), sketch_key=key, want_sketch=True)
    except TookTooLongError:
        return Examination(unreadable=(Unreadable("took too long to look at"),))


def _found(
    file: Content, examined: Examination, between: Sequence[Hit], gaps: Sequence[str]
) -> Found:
    named = examine_name(file.path, _context(file)).hits
    answered = _answered(file, examined)
    unread = tuple(gap.reason for gap in examined.unreadable)
    own = [hit for hit in examined.hits if hit not in answered]
    hits = sorted((*own, *between, *named), key=lambda hit: (-hit.severity, hit.rule))
    return Found(hits=tuple(hits), unread=(*unread, *gaps), is_telling=bool(named))


def _answered(file: Content, examined: Examination) -> Sequence[Hit]:
    """Give what a rule leaves open, and the proof of the plan answers."""
    if not any(map(is_undecided, examined.hits)):
        return ()
    return list(answered_by_proof(file.proven, _context(file)))


def _between(
    files: Sequence[Content], examined: Sequence[Examination]
) -> tuple[list[list[Hit]], list[list[str]]]:
    """Let the rules that compare files see all of them; what one cannot judge is said with the first."""
    ids = [ObjectId(f"{number + 1:040x}") for number in range(len(files))]
    comparing = Comparisons()
    view = replace(_view(files, ids, examined), comparing=comparing)
    hits: list[list[Hit]] = [[] for _ in files]
    gaps: list[list[str]] = [[] for _ in files]
    for rule in _COMPARING:
        try:
            with comparing.limited():
                for oid, hit in rule.check_history(view):
                    hits[ids.index(oid)].append(hit)
        except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
            gaps[0].append(f"rule {rule.about.id} failed: {type(error).__name__}")
    for oid in comparing.take_cut():
        gaps[ids.index(oid)].append(TOO_SLOW)
    return hits, gaps


def _view(
    files: Sequence[Content], ids: Sequence[ObjectId], examined: Sequence[Examination]
) -> HistoryView:
    sketches: dict[ObjectId, Sequence[TableSketch]] = {
        oid: one.sketches for oid, one in zip(ids, examined, strict=True)
    }
    contexts = {oid: _context(file) for oid, file in zip(ids, files, strict=True)}
    return HistoryView(
        transitions=tuple(_arrivals(contexts, ids)),
        sketches=sketches,
        hits={oid: one.hits for oid, one in zip(ids, examined, strict=True)},
        context=contexts.__getitem__,
        attribution=lambda _: Attribution(),
    )


def _arrivals(
    contexts: dict[ObjectId, FileContext], ids: Sequence[ObjectId]
) -> Iterator[Transition]:
    for oid in ids:
        (path,) = contexts[oid].paths
        yield Transition(
            path=path, commit=_TOGETHER, when=_THEN, old=None, new=oid, subject="", is_release=False
        )
