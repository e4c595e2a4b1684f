"""One run of questions to a platform: each beside its control, kept as it comes, gone on from later."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from breachkit.actions.served import (
    Asker,
    Channel,
    Identity,
    Kind,
    Question,
    Result,
    Said,
    StoppedError,
    Subject,
    Way,
    judge,
    reason_of,
    result_from_row,
)
from breachkit.actions.served_plan import Batch, QuestionPlan
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock, parse_rfc3339, rfc3339
from breachkit.workflows import case_files
from breachkit.workflows.scan import Progress


FILE = "served.json"
SCHEMA = "breachkit.served/1"

GOES_ON_FOR = timedelta(hours=24)
"""An earlier run that did not get to its end is gone on from for so long; then all is asked again."""
SAVED_EVERY = 50
"""Answers that a killed process may lose, and a few more."""
MOST_SILENT = 5
"""Questions by one way in a row without any usable answer, after which that way waits for another run."""
MOST_SILENT_OF_ALL = 15
"""The same by all ways that fail together: the network is down, or the platform."""

SILENT = "no usable answer came several times in a row; run the command again"
ENOUGH = "this run has asked as much as one run does; run the command again, it goes on from here"

Key = tuple[Identity, Channel] | tuple[int, Identity, Way]


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of questions, which goes on from what an earlier one left."""

    case: CaseFolder
    asker: Asker
    controls: tuple[Mapping[Kind, Subject], ...]
    plan: QuestionPlan
    again: bool
    """Ask everything again, whatever an earlier run left."""
    most: int
    """Requests of this run, controls included."""
    clock: Clock
    progress: Progress
    began: datetime
    results: dict[Question, Result] = field(default_factory=dict)
    stopped: dict[Key, str] = field(default_factory=dict)
    silent: Counter[Key] = field(default_factory=Counter)
    own: dict[tuple[int, Kind], Subject | None] = field(default_factory=dict)
    asked: int = 0
    kept: int = 0
    unsaved: int = 0

    def take_up(self) -> None:
        """Go on from an earlier run that has questions left: what it found gone is not asked again."""
        if self.again or not self.case.has_file(f"private/{FILE}"):
            return
        earlier = case_files.load(self.case, FILE, Earlier.from_json, "verify --server --again")
        fresh = self.clock.now() - earlier.began < GOES_ON_FOR
        if not fresh or earlier.complete or earlier.about != _about(self.case):
            return
        known = {batch.question(each) for batch in self.plan.batches for each in batch.subjects}
        self.began = earlier.began
        for result in earlier.results:
            if result.question in known and result.verdict in {"gone", "closed"}:
                self.results[result.question] = result
        self.kept = len(self.results)

    def ask_all(self) -> None:
        """Ask what is left, and keep what comes whatever ends it."""
        done = frozenset(self.results)
        waiting = [batch.without(done) for batch in self.plan.batches]
        self.progress.start(sum(len(batch.subjects) for batch in waiting))
        try:
            for batch in waiting:
                if batch.subjects and not self.stopped.keys() & _keys(batch):
                    self._batch(batch)
                if self.unsaved >= SAVED_EVERY:
                    self._save()
        finally:
            self._save()

    def _batch(self, batch: Batch) -> None:
        said: dict[Subject, Said] = {}
        controls: tuple[Said, ...] = ()
        try:
            control, controls = self._control(batch)
            for subject in batch.subjects:
                said[subject] = self._ask(batch, subject)
                self.progress.advance(1, 0)
            proves = bool(controls) and controls[0].answer == "served"
            if control is not None and proves and _some_absent(said.values()):
                controls = (*controls, self._ask(batch, control))
        except _SilentError as silence:
            self.stopped[silence.key] = SILENT
        except StoppedError as limit:
            self.stopped[batch.channel] = str(limit)
        if self.stopped.keys() & _keys(batch):
            said = {one: each for one, each in said.items() if each.answer == "served"}
        for subject, answer in said.items():
            self._keep(batch, subject, answer, controls)

    def _control(self, batch: Batch) -> tuple[Subject | None, tuple[Said, ...]]:
        """Ask for something harmless of the same kind, until some comes."""
        if batch.kind is Kind.REFS:  # that it shows other refs is its own control
            return None, (Said(answer="served"),)
        first: tuple[Subject | None, tuple[Said, ...]] = (None, ())
        for candidate in self._candidates(batch):
            said = self._ask(batch, candidate)
            if said.answer == "served":
                return candidate, (said,)
            first = first if first[1] else (candidate, (said,))
        return first

    def _candidates(self, batch: Batch) -> Iterator[Subject]:
        """Give harmless objects: those that forks share, else what another repository shows of its own.

        Of git by id it is a file, which no ref shows.
        """
        kind = Kind.BLOB if batch.way is Way.GIT else batch.kind
        yield from dict.fromkeys(each[kind] for each in self.controls if kind in each)
        if batch.place.role == "study":
            return
        key = batch.place.id, kind
        if key not in self.own:
            self.own[key] = self.asker.own_control(batch.place, kind)
        own = self.own[key]
        if own is not None:
            yield own

    def _ask(self, batch: Batch, subject: Subject) -> Said:
        if self.asked >= self.most:
            raise StoppedError(ENOUGH)
        self.asked += 1
        said = self.asker.ask(batch.place, batch.identity, batch.way, subject)
        for key, most in zip(_keys(batch), (MOST_SILENT_OF_ALL, MOST_SILENT), strict=True):
            self.silent[key] = self.silent[key] + 1 if said.is_silence else 0
            if self.silent[key] >= most:
                raise _SilentError(key)
        return said

    def _keep(self, batch: Batch, subject: Subject, said: Said, controls: tuple[Said, ...]) -> None:
        if batch.kind is Kind.REFS and said.answer != "absent":
            controls = ()  # a list that did not come shows nothing else either
        verdict = judge(said, controls, batch.place, batch.identity)
        question = batch.question(subject)
        reason = reason_of(said, controls) if verdict == "unknown" else ""
        self.results[question] = Result(
            question=question, verdict=verdict, reason=reason, refs=said.refs
        )
        self.unsaved += 1

    def _save(self) -> None:
        complete = len(self.results) == self.plan.questions and not any(
            each.verdict == "unknown" for each in self.results.values()
        )
        kept = Earlier(
            about=_about(self.case),
            began=self.began,
            complete=complete,
            results=tuple(self.results.values()),
        )
        case_files.save(self.case, FILE, kept.to_json())
        self.unsaved = 0


class _SilentError(StoppedError):
    """Something does not answer at all."""

    def __init__(self, key: Key) -> None:
        super().__init__(SILENT)
        self.key = key


def _keys(batch: Batch) -> tuple[Key, Key]:
    """Give what stops a batch where it stops: all that goes its way, and it alone."""
    return batch.channel, (batch.place.id, batch.identity, batch.way)


def _some_absent(answers: Iterable[Said]) -> bool:
    return any(each.answer == "absent" for each in answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The answers on disk."""

    about: tuple[int, ...]
    """The entries of the journal that say what was asked for; answers to another question are no use."""
    began: datetime
    complete: bool
    results: tuple[Result, ...]

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": SCHEMA,
            "about": list(self.about),
            "began": rfc3339(self.began),
            "complete": self.complete,
            "results": [result.to_row() for result in self.results],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(
            about=tuple(data["about"]),
            began=parse_rfc3339(data["began"]),
            complete=data["complete"],
            results=tuple(map(result_from_row, data["results"])),
        )


def _about(case: CaseFolder) -> tuple[int, ...]:
    latest = case.incident.latest
    kinds = (EventKind.SCOPE_RECORDED, EventKind.REWRITE_DONE, EventKind.PUSH_DONE)
    return tuple(latest.get(kind, 0) for kind in kinds)
