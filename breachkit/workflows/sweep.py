"""Looks at many repositories: those first that were looked at longest ago, each for what is new in it.

    result = sweep(targets, settings, folder=folder, clock=clock, run=in_processes(2), watch=nobody)

Whatever came of a repository is written down before the next one's turn, so that a sweep that is killed
goes on where it was.
"""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from breachkit.actions.sweep_due import Owed
from breachkit.actions.sweeping import (
    NOT_YET,
    Errand,
    Outcome,
    Record,
    Run,
    Standing,
    Sweep,
    Swept,
    Tally,
    Target,
    Targets,
    Weighing,
    objects_of,
    still_known,
    told_apart,
)
from breachkit.incident.disk import make_folder, writing
from breachkit.incident.lock import CaseBusyError, exclusive
from breachkit.incident.opening import plain_target
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.policy import Policies
from breachkit.model.time import Clock
from breachkit.store.database import key_of
from breachkit.store.sweeps import Owes, SweepStore, rebuilt_words
from breachkit.workflows.sweep_fates import LOOKED, annotated, no_more, remembered
from breachkit.workflows.sweep_hosts import Hosts


MIRRORS, VERDICTS, MARKS = "mirrors", "verdicts", "marks.key"


class SweepBusyError(RefusedError):
    """Another process is sweeping the same repositories."""


OnProgress = Callable[[str, int, int], None]
"""Takes the name of a repository, how many of its objects were looked at, and how many there are to."""
Work = Callable[[Errand, Clock, Callable[[int, int], None]], Outcome]


class Runs(Protocol):
    """Does errands, here or elsewhere."""

    def __call__(
        self, errands: Iterable[Errand], clock: Clock, on_progress: OnProgress
    ) -> Iterator[Outcome]:
        """Give the outcome of each as it comes; errands are taken one at a time, as there is room."""
        ...


class Watch(Protocol):
    """Is told how far a sweep is."""

    def start(self, repositories: int, done: int) -> None:
        """Take note of how many repositories there are, and how many were done before."""
        ...

    def begin(self, name: str) -> None:
        """Take note that a repository has its turn."""
        ...

    def progress(self, name: str, done: int, every: int) -> None:
        """Take note of how many objects of a repository were looked at, and how many there are to."""
        ...

    def done(self, swept: Swept) -> None:
        """Take note of what came of one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepSettings:
    """How to sweep."""

    policies: Policies
    weighing: Weighing | None = None
    budget: timedelta | None = None
    """After which no repository is begun any more."""
    disk_bytes: int | None = None
    """What the copies of repositories may take together."""
    anew: bool = False
    """Look at repositories in which nothing has changed, too."""
    owed: Owed = field(default_factory=dict)
    """What is to be done about new findings; it is done afterwards, by who asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepResult:
    """What a sweep came to, with what a report needs beside."""

    sweep: Sweep
    earlier: tuple[Run, ...] = field(repr=False)
    """Those before, and this one, oldest first."""
    tallies: Mapping[str, tuple[Tally, ...]] = field(default_factory=dict, repr=False)
    """How many findings were open in each repository, by its key, oldest first."""
    notes: tuple[str, ...] = ()
    """What whoever reads the result has to know, in words."""


def sweep(
    targets: Targets,
    settings: SweepSettings,
    *,
    folder: Path,
    clock: Clock,
    run: Runs,
    watch: Watch,
) -> SweepResult:
    """Look at repositories, and say what is new since the last time.

    Args:
        targets: Which.
        settings: How.
        folder: Where copies, verdicts and the record of sweeps are kept, for this user alone.
        clock: For dates, and for the budget.
        run: Who does the errands.
        watch: Is told how far it is.

    Raises:
        SweepBusyError: another process is sweeping the same repositories.
        StoreTooNewError, StoreWriteError: the record of sweeps cannot be used.
    """
    with writing(folder):
        make_folder(folder / MIRRORS)
    with alone(folder, targets.name):
        store = SweepStore(folder)
        try:
            return _Sweeping(targets, settings, folder, clock, store).result(run, watch)
        finally:
            store.close()


@contextlib.contextmanager
def alone(folder: Path, name: str, *, timeout_s: float = 0) -> Iterator[None]:
    """Let nobody else sweep a target meanwhile.

    Raises:
        SweepBusyError: another process does, and has not finished in time.
    """
    lock = folder / f"{short(name)}.lock"
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(exclusive(lock, timeout_s=timeout_s))
        except CaseBusyError:
            raise SweepBusyError(
                f"another process is sweeping {display(name)}: wait until it has finished"
            ) from None
        yield


def short(name: str) -> str:
    """Give a file name for anything that has a name."""
    return blake2b(os.fsencode(name), digest_size=10).hexdigest()


class _Sweeping:
    """One sweep on its way."""

    def __init__(
        self,
        targets: Targets,
        settings: SweepSettings,
        folder: Path,
        clock: Clock,
        store: SweepStore,
    ) -> None:
        self._targets = targets
        self._settings = settings
        self._folder = folder
        self._clock = clock
        self._store = store
        self._known = store.known(targets.name)
        self._run = store.begin(targets.name, settings.policies.label, clock.now())
        self._started = clock.now()
        self._mark_key = key_of(folder, MARKS)
        self._swept: dict[str, Swept] = {}
        self._hosts = Hosts()
        self._target_of = {one.key: one for one in targets.repositories}
        self._out_of_time = False

    def result(self, run: Runs, watch: Watch) -> SweepResult:
        self._settled_before()
        watch.start(len(self._targets.repositories), len(self._swept))
        left = [one for one in self._targets.repositories if one.key not in self._swept]
        for target in [one for one in left if one.settled is not None]:
            self._settle(target.settled or self._not_yet(target), watch)
        for outcome in no_more(self._targets, self._known):
            self._settle(outcome, watch)
        open_ones = sorted((one for one in left if one.settled is None), key=self._turn)
        for outcome in run(self._errands(open_ones, watch), self._clock, watch.progress):
            self._heed(outcome)
            self._settle(outcome, watch)
            self._keep_within_disk(open_ones)
        for target in open_ones:
            if target.key not in self._swept:
                self._settle(self._not_yet(target), watch)
        return self._ended()

    def _settled_before(self) -> None:
        """Take over what a sweep that was not ended had done."""
        if not self._run.resumed:
            return
        keys = {one.key for one in self._targets.repositories if one.settled is None}
        for key, known in self._known.items():
            is_done = known.run == self._run.number and known.outcome.standing in LOOKED
            if key in keys and is_done:
                self._swept[key] = Swept(outcome=known.outcome, records=known.records)
                self._store.owe(self._run, known.outcome, known.records, self._owes(key))

    def _turn(self, target: Target) -> tuple[object, ...]:
        known = self._known.get(target.key)
        looked_at = None if known is None else known.looked_at
        # Neighbours by name often share files; at once, neither would know what the other has found.
        first = looked_at is None and target.goes_first
        return (
            *(looked_at is not None, not first),
            *(looked_at or self._started, short(target.key)),
        )

    def _heed(self, outcome: Outcome) -> None:
        """Let the server of a repository be left alone where it does not answer."""
        known, url = self._known.get(outcome.key), self._target_of[outcome.key].url
        failed = known is not None and known.outcome.standing is Standing.FAILED
        self._hosts.heed(url, outcome, failed_before=failed)

    def _not_yet(self, target: Target) -> Outcome:
        why = self._hosts.put_off(target.url) or f"{NOT_YET}: the time for this sweep was over"
        return Outcome(key=target.key, name=target.name, standing=Standing.SKIPPED, reason=why)

    def _errands(self, targets: Sequence[Target], watch: Watch) -> Iterator[Errand]:
        for target in targets:
            if self._hosts.is_given_up(target.url):
                continue
            if self._is_out_of_time():
                return
            watch.begin(target.name)
            yield self._errand(target)

    def _is_out_of_time(self) -> bool:
        budget = self._settings.budget
        self._out_of_time = budget is not None and self._clock.now() - self._started >= budget
        return self._out_of_time

    def _errand(self, target: Target) -> Errand:
        known = self._known.get(target.key)
        mirror = self._folder / MIRRORS / f"{short(target.key)}.git"
        return Errand(
            key=target.key,
            name=target.name,
            url=target.url,
            mirror=str(mirror) if target.is_remote else None,
            store=str(self._folder / VERDICTS),
            mark_key=self._mark_key,
            policies=self._settings.policies,
            weighing=self._settings.weighing,
            known=None if known is None or self._settings.anew else known.outcome,
            known_objects=frozenset() if known is None else objects_of(known.records),
        )

    def _settle(self, outcome: Outcome, watch: Watch) -> None:
        known = self._known.get(outcome.key)
        before = () if known is None else known.records
        looked_at = None if known is None else known.looked_at
        if outcome.standing in LOOKED:
            looked_at = self._clock.now()
        records = self._records(outcome, before)
        if outcome.standing is Standing.GONE:  # so that no copy is here of what nobody is shown
            self._delete_copy(outcome.key)
        owes = self._owes(outcome.key)
        kept = remembered(outcome, known)
        self._store.settle(self._run, kept, records, looked_at, owes, before=before)
        swept = Swept(outcome=annotated(outcome, records, known), records=records)
        self._swept[outcome.key] = swept
        watch.done(swept)

    def _owes(self, key: str) -> Owes:
        target = self._target_of.get(key)
        url = "" if target is None else plain_target(target.url)
        return Owes(owed=self._settings.owed, url=url)

    def _records(self, outcome: Outcome, before: Sequence[Record]) -> tuple[Record, ...]:
        if outcome.standing in {Standing.SCANNED, Standing.EMPTY}:
            return told_apart(outcome, before, at=self._run.began_at)
        return still_known(before)

    def _keep_within_disk(self, targets: Sequence[Target]) -> None:
        """Delete copies that are not needed before the next sweep, until the rest has room."""
        limit = self._settings.disk_bytes
        if limit is None:
            return
        done = [one for one in targets if one.key in self._swept and one.is_remote]
        sizes = {one.key: self._swept[one.key].outcome.disk_bytes for one in done}
        for key in sorted(sizes, key=lambda key: -sizes[key]):
            if sum(sizes.values()) <= limit:
                return
            if self._delete_copy(key):
                sizes[key] = 0

    def _delete_copy(self, key: str) -> bool:
        """Delete the copy of a repository, but not under the hands of a sweep of another target.

        Returns:
            Whether it is gone.
        """
        copy = self._folder / MIRRORS / f"{short(key)}.git"
        if copy.exists():
            with (
                contextlib.suppress(CaseBusyError),
                exclusive(Path(f"{copy}.lock"), timeout_s=0),
            ):
                shutil.rmtree(copy, ignore_errors=True)
        return not copy.exists()

    def _ended(self) -> SweepResult:
        repositories = tuple(sorted(self._swept.values(), key=lambda one: one.outcome.name))
        unfinished = self._targets.problem
        over = "the time for it was over" if self._out_of_time else ""
        unfinished = "; ".join(filter(None, (unfinished, self._hosts.words(), over)))
        made = Sweep(
            number=self._run.number,
            target=self._targets.name,
            policy=self._settings.policies.label,
            began_at=self._run.began_at,
            ended_at=self._clock.now(),
            repositories=repositories,
            unfinished=unfinished,
        )
        counts = counts_of(made)
        self._store.end(self._run, made.ended_at, unfinished=unfinished, counts=counts)
        return SweepResult(
            sweep=made,
            earlier=self._store.runs(made.target),
            tallies=self._store.tallies(made.target),
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterator[str]:
        if self._store.rebuilt is not None:
            yield rebuilt_words(self._store.rebuilt)
        if self._run.resumed:
            yield f"goes on with the sweep that was begun at {self._run.began_at:%Y-%m-%d %H:%M} UTC"


def counts_of(made: Sweep) -> Mapping[str, int]:
    """Count what a sweep came to: findings by life and by severity, and repositories by standing."""
    counted: Counter[str] = Counter()
    for one in made.repositories:
        counted[f"repositories {one.outcome.standing}"] += 1
        for record in one.records:
            counted[f"findings {record.life}"] += 1
            counted[f"{record.life} {record.seen.severity.label}"] += 1
    return dict(sorted(counted.items()))
