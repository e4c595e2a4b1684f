"""Looks around a repository for copies: the platform now and as every snapshot has it, and archives.

Each run is a snapshot of its own, so that what is read stays as evidence and is dated. What could not
be read is said, and what an archive was asked is written down before it is.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from breachkit.actions import archives as asking
from breachkit.actions.archives import Archive, Kept, Question
from breachkit.actions.bad_set import BadSet
from breachkit.actions.hosting import Answered, HostedRepository, Hosting, Topic
from breachkit.actions.looks import Evidence, Look
from breachkit.actions.people import Person
from breachkit.actions.tracing import look_through, unread
from breachkit.actions.tracing_forks import known_ids
from breachkit.actions.tracing_people import accounts, words_by_login
from breachkit.actions.tracing_traffic import reconcile
from breachkit.actions.tracing_view import Former, View
from breachkit.git.remote import list_remote
from breachkit.github.archives import Archives
from breachkit.github.errors import BlockedError, HiddenError
from breachkit.github.hosting import hosted
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.doing import counted, doing
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.time import Clock, parse_rfc3339
from breachkit.workflows.around import Around
from breachkit.workflows.snapshot import FOLDER, MANIFEST, ListRefs, load_readings, numbers, take


ARCHIVES_FILE = "archives.json"
MOST_FORMER = 400
"""Forks of earlier lists that are asked for by their id in one run."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """Looks around the repository of a case.

    Calling it with the people whom commits name gives what is around.
    """

    case: CaseFolder
    clock: Clock
    name: str
    """`owner/name` as the case has it."""
    web: str
    """Address of the platform's pages."""
    raw: str
    """Address under which it gives files as they are."""
    hosting: Hosting | None
    """None reads only what snapshots have."""
    missing: BreachkitError | None = None
    """Why there is no platform."""
    archives: Archives | None = None
    """None asks none."""
    tell: Tell = lambda _text: None
    """Is told what leaves this machine, before it does."""
    list_refs: ListRefs = list_remote

    def __call__(self, people: Sequence[Person], bad: BadSet | None) -> Around:
        """Look around.

        Args:
            people: Whom commits name.
            bad: What the scope found; None before it.

        Raises:
            ConfigurationError: a snapshot of the case was altered, or its own list of answers is damaged.
        """
        repository, problem = self._snapped()
        evidence = Evidence(load_looks(self.case))
        repository = repository or _remembered(evidence) or _by_name(self.name)
        view = View(
            repository=repository,
            asked_name=self.name,
            web=self.web,
            evidence=evidence,
            now=self.clock.now(),
            people=people,
            bad=bad,
        )
        if self.hosting is not None and problem is None:
            view = replace(view, former=former_forks(self.hosting, view))
        return self._seen(view, problem)

    def _snapped(self) -> tuple[HostedRepository | None, BreachkitError | None]:
        """Take a snapshot, where the platform can be asked."""
        if self.hosting is None:
            return None, self.missing
        try:
            found = self.hosting.repository(self.name)
            with self.case.lock("trace"):
                take(
                    self.case, self.hosting, found, self.clock, fast=False, list_refs=self.list_refs
                )
        except ConfigurationError:
            raise
        except BreachkitError as problem:
            return None, problem
        return found, None

    def _seen(self, view: View, problem: BreachkitError | None) -> Around:
        kept, questions = self._asked(view)
        allowed = self.archives.allowed if self.archives else frozenset()
        archived = asking.entries(view, questions, kept, allowed)
        by_platform = look_through(view)
        gaps = unread(view)
        again = {Answered.PARTIAL, Answered.FAILED}
        cut_off = [topic for topic in gaps if _last(view, topic) in again]
        return Around(
            shown={
                code: (*by_platform.get(code, ()), *archived.get(code, ()))
                for code in {*by_platform, *archived}
                if by_platform.get(code) or archived.get(code)
            },
            accounts=words_by_login(view),
            unread=gaps,
            cut_off=len(cut_off),
            unanswered=asking.unanswered(questions, kept, allowed),
            reconciliation=reconcile(view) if view.evidence else None,
            problem=problem,
            at=None if problem else view.now,
            counts={
                "accounts": len(accounts(view)),
                "forks": len(known_ids(view)),
                "not_read": len(gaps),
                "answers_of_archives": len(kept.told),
                "unanswered": asking.unanswered(questions, kept, allowed),
            },
        )

    def _asked(self, view: View) -> tuple[Kept, tuple[Question, ...]]:
        """Ask the archives that may be asked; everything that they said before is kept."""
        kept = load_answers(self.case)
        questions = asking.questions(view, self.raw)
        if self.archives is None:
            return kept, questions
        archives = self.archives
        now = asking.due(questions, kept, archives.allowed)
        ids = asking.software_ids(view.bad) if Archive.HERITAGE in archives.allowed else ()
        for line in asking.announcement(now, ids, archives.hosts):
            self.tell(line)
        kept = self._answered(archives, now, kept)
        if ids and asking.knows_an_address(kept):
            kept = replace(kept, ids=self._ask_ids(archives, ids))
            _keep(self.case, kept)
        return kept, questions

    def _answered(self, archives: Archives, now: Sequence[Question], kept: Kept) -> Kept:
        """Put questions, and keep what was answered even where that is cut short."""
        told = dict(kept.told)
        try:
            with doing("Asking archives") as step:
                for answer in counted(archives.ask(now), step, len(now)):
                    if answer.found is not None or answer.question not in told:
                        told[answer.question] = answer
        finally:
            kept = replace(kept, told=told)
            _keep(self.case, kept)
        return kept

    def _ask_ids(self, archives: Archives, ids: Sequence[str]) -> asking.Ids:
        self.case.record(
            EventKind.DECISION,
            {
                "about": f"{len(ids)} old object ids sent to {archives.hosts[Archive.HERITAGE]}",
                "decision": "allowed",
                "reason": "--allow, and the archive knows an address of the repository",
            },
        )
        return archives.known(ids)


def load_looks(case: CaseFolder) -> Iterator[Look]:
    """Give every reading of every finished snapshot, each file checked against its digest.

    Raises:
        ConfigurationError: a file of a snapshot is gone, or was altered.
    """
    for number in numbers(case):
        manifest = json.loads(case.read_private(f"{FOLDER}/{number}/{MANIFEST}"))
        times = {line["topic"]: parse_rfc3339(line["read_at"]) for line in manifest["topics"]}
        for topic, reading in load_readings(case, number).items():
            yield Look(snapshot=number, at=times[str(topic)], reading=reading)


def load_answers(case: CaseFolder) -> Kept:
    """Give what archives said so far; nothing before any was asked.

    Raises:
        ConfigurationError: the file is damaged.
    """
    if not case.has_file(f"private/{ARCHIVES_FILE}"):
        return Kept()
    try:
        return Kept.from_json(json.loads(case.read_private(ARCHIVES_FILE)))
    except (KeyError, TypeError, ValueError) as cause:
        raise ConfigurationError(
            f"private/{ARCHIVES_FILE} does not read as what `breachkit trace` writes "
            f"({type(cause).__name__}): move it away, and ask the archives again"
        ) from None


def former_forks(hosting: Hosting, view: View) -> dict[int, Former]:
    """Ask by its id for every fork that an earlier list shows and the newest does not.

    Forks that were cut off lead networks of their own, whose forks are listed too. That a fork is
    not there counts only while the repository itself answers the same account.
    """
    seen = view.evidence.seen(Topic.FORKS)
    waiting = [each.item["id"] for each in seen if not each.is_there and "id" in each.item]
    found: dict[int, Former] = {}
    met: set[Any] = set()
    with doing("Asking for forks") as step:
        for number in counted(asked := waiting[:MOST_FORMER], step, len(asked)):
            found[number] = _former(hosting, number, met)
            met |= {fork.get("id") for fork in found[number].forks}
    for number in waiting[MOST_FORMER:]:
        found[number] = Former(full_name=None, reason="too many to ask for in one run")
    return _controlled(hosting, view.repository, found)


def _former(hosting: Hosting, number: int, met: set[Any]) -> Former:
    try:
        asked = hosting.repository(number)
    except (HiddenError, BlockedError):
        return Former(full_name=None)
    except BreachkitError as problem:
        return Former(full_name=None, reason=str(problem))
    former = Former(full_name=asked.full_name, is_public=asked.visibility == "public")
    if not asked.forks or number in met:
        return former
    reading = hosting.read(Topic.FORKS, asked)
    whole = reading.answered is Answered.COMPLETE
    return replace(former, forks=reading.items, gap="" if whole else reading.reason)


def _controlled(
    hosting: Hosting, repository: HostedRepository, found: dict[int, Former]
) -> dict[int, Former]:
    absent = [number for number, each in found.items() if each.full_name is None]
    if not absent:
        return found
    try:
        hosting.repository(repository.id)
    except BreachkitError as problem:
        why = f"the repository itself did not answer then ({problem})"
        return found | {number: Former(full_name=None, reason=why) for number in absent}
    return found


def _remembered(evidence: Evidence) -> HostedRepository | None:
    """Give the repository as the newest snapshot has it."""
    looks = [look for look in evidence.looks(Topic.REPOSITORY) if look.reading.items]
    return hosted(looks[-1].reading.only) if looks else None


def _by_name(name: str) -> HostedRepository:
    """Give a repository of which nothing but its name is known; its id is 0."""
    return HostedRepository(
        id=0,
        full_name=name,
        owner=name.partition("/")[0],
        is_organisation=False,
        visibility="",
        is_admin=False,
        default_branch="",
        forks=0,
    )


def _last(view: View, topic: Topic) -> Answered | None:
    last = view.evidence.last(topic)
    return None if last is None else last.reading.answered


def _keep(case: CaseFolder, kept: Kept) -> None:
    data = json.dumps(kept.to_json(), indent=1, ensure_ascii=True) + "\n"
    case.write_private(ARCHIVES_FILE, data.encode("ascii"))
