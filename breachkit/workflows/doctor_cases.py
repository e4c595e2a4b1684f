"""Are the cases whole: journals that hold, nothing left by a killed command, contacts that can be relied on?"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.incident.commands import remedy
from breachkit.incident.folder import CaseFolder
from breachkit.incident.leftovers import unfinished
from breachkit.incident.lock import held_by
from breachkit.incident.store import CaseStore
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.records import dataclass
from breachkit.model.time import Clock
from breachkit.report.words import counted
from breachkit.store import database, sweeps, verdicts
from breachkit.workflows.contacts import current_contacts, doubts
from breachkit.workflows.next_action import interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is known about one case."""

    id: str
    damaged: str = ""
    """Why nothing can be said about it."""
    is_open: bool = True
    newer: int = 0
    """Entries that a later version wrote."""
    newest: datetime | None = None
    """When the newest entry was written."""
    stopped: tuple[str, ...] = ()
    """What was begun and has no result."""
    left: int = 0
    """Files and folders that a killed command left, which may hold data."""
    contacts: str | None = None
    """The profile in force; None where nobody chose one."""
    doubts: tuple[str, ...] = ()
    """About the contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database of sweeps."""

    path: Path
    condition: str
    """As `store.database.condition` says; empty where it is sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """What is known about all cases."""

    problem: str = ""
    """Why the folder of cases cannot be looked into."""
    cases: tuple[Looked, ...] = ()
    unmade: int = 0
    """Cases that were being opened when the command was killed."""
    databases: tuple[Database, ...] = ()

    @property
    def newest(self) -> datetime | None:
        """When the newest entry of all was written."""
        return max((each.newest for each in self.cases if each.newest), default=None)


def gather(store: CaseStore, clock: Clock) -> Cases:
    """Read every case, changing nothing."""
    try:
        listed = store.list()
    except BreachkitError as cause:
        return Cases(problem=str(cause))
    folders = (CaseFolder(store.home / each.folder, clock) for each in listed)
    return Cases(
        cases=tuple(
            _looked(folder, each.id, clock.now())
            for each, folder in zip(listed, folders, strict=True)
        ),
        unmade=len(list(store.home.glob(".new-*"))),
        databases=tuple(_databases(store.home)),
    )


def judge(cases: Cases) -> Iterator[Diagnosis]:
    """Say what about the cases would stop whoever goes on with them."""
    if cases.problem:
        yield broken("cases.list", display(cases.problem), "no case can be found")
        return
    looked = [each for case in cases.cases for each in _of_case(case)]
    yield from looked
    if not cases.cases:
        yield fine("cases.list", "there is no case yet")
    elif not looked:
        yield fine("cases.list", f"{counted(len(cases.cases), 'case')}, each journal holds")
    if cases.unmade:
        yield doubtful(
            "cases.unmade",
            f"{counted(cases.unmade, 'case')} was being opened when the command was killed",
            "there is no such case: the next one that is opened clears it away",
        )
    for found in cases.databases:
        yield from _database(found)


def _looked(case: CaseFolder, name: str, now: datetime) -> Looked:
    try:
        report = case.verify()
        if not report.ok:
            wrong = counted(len(report.problems), "line")
            return Looked(id=name, damaged=f"{wrong} of it do not hold", left=_left(case, now))
        return _sound(case, now, report.newer_entries)
    except BreachkitError as cause:
        return Looked(id=name, damaged=str(cause), left=_left(case, now))


def _left(case: CaseFolder, now: datetime) -> int:
    """Count what a killed command left; what a living one is making is none of it."""
    return 0 if held_by(case.path) else len(unfinished(case.private, now))


def _sound(case: CaseFolder, now: datetime, newer: int) -> Looked:
    incident = case.incident
    profile, doubtful_about = _contacts(case, now)
    return Looked(
        id=incident.id,
        is_open=incident.is_open,
        newer=newer,
        newest=_newest(case),
        stopped=interrupted(incident),
        left=_left(case, now),
        contacts=profile,
        doubts=doubtful_about,
    )


def _newest(case: CaseFolder) -> datetime | None:
    try:
        return max((event.at for event in case.events()), default=None)
    except ValueError:  # a later version writes time in another way
        return None


def _contacts(case: CaseFolder, now: datetime) -> tuple[str | None, tuple[str, ...]]:
    try:
        profile = current_contacts(case)
        if profile is None:
            return None, ()
        return profile.name, doubts(profile, now.date())
    except BreachkitError as cause:
        return "", (str(cause),)


def _databases(home: Path) -> Iterator[Database]:
    for file, schema in ((sweeps.FILE, sweeps.SCHEMA), (verdicts.FILE, verdicts.SCHEMA)):
        path = home / "sweeps" / file
        if path.is_file():
            yield Database(path=path, condition=database.condition(path.absolute(), schema))


def _of_case(case: Looked) -> Iterator[Diagnosis]:
    if case.damaged:
        yield broken(
            "cases.journal",
            f"the journal of {case.id} does not hold: {display(case.damaged)}",
            "nothing is done in this case until people have decided what happened to it",
            remedy(case.id, "breachkit log verify --case {case}"),
        )
    if case.newer:
        yield broken(
            "cases.newer",
            f"{counted(case.newer, 'entry', 'entries')} of {case.id} were written by a later breachkit",
            "what they say is not taken into account by this one",
            "uv tool upgrade breachkit   # or: python -m pip install --upgrade breachkit",
        )
    if case.stopped:
        yield doubtful(
            "cases.stopped",
            f"{case.id}: {'; '.join(map(display, case.stopped))}",
            "a change is half done: running it again looks first how far it came",
            remedy(case.id, "breachkit next --case {case}"),
        )
    if case.left:
        yield doubtful(
            "cases.left",
            f"a killed command left {counted(case.left, 'unfinished thing')} in the private part of "
            f"{case.id}",
            "it may hold the data unencrypted; the next command on the case clears it away",
            remedy(case.id, "breachkit next --case {case}"),
        )
    if case.is_open and not case.damaged:
        yield from _of_contacts(case)


def _of_contacts(case: Looked) -> Iterator[Diagnosis]:
    if case.contacts is None:
        yield doubtful(
            "cases.contacts",
            f"nobody chose whom {case.id} is told to",
            "no message of it has anybody to go to",
            remedy(case.id, "breachkit notify render alert --case {case} --contacts PROFILE"),
        )
    for doubt in case.doubts:
        yield doubtful(
            "cases.contacts",
            f"contacts of {case.id}: {display(doubt)}",
            "a message may go to nobody, or to somebody who left",
        )


_CONDITIONS: dict[str, tuple[str, str]] = {
    "damaged": ("is damaged", "the next sweep sets it aside, and everything counts as new again"),
    "newer": ("was written by a later breachkit", "this one does not sweep with it"),
}


def _database(found: Database) -> Iterator[Diagnosis]:
    if not found.condition:
        yield fine("sweeps.database", f"{found.path.name} is whole")
    elif found.condition == "busy":
        yield not_tried("sweeps.database", f"{found.path.name} is busy or cannot be read")
    else:
        what, means = _CONDITIONS[found.condition]
        diagnose = broken if found.condition == "newer" else doubtful
        yield diagnose("sweeps.database", f"{found.path.name} {what}", means)
