"""Writes down what a repository is and who can see it, before containment destroys that.

First, within seconds, what going private erases (forks, stars, watchers, access, protections); then
what stays. Each topic is a file in the case's private folder, for they name people and old commits.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breachkit.actions.hosting import Answered, HostedRepository, Hosting, Reading, Topic
from breachkit.actions.wire import name_to_json
from breachkit.git.remote import RemoteRefs, list_remote
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.doing import Step, doing
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.time import Clock, rfc3339


FOLDER = "snapshots"
MANIFEST = "manifest.json"
SCHEMA = "breachkit.snapshot/1"

FAST = (
    Topic.REPOSITORY,
    Topic.ORGANISATION,
    Topic.FORKS,
    Topic.STARGAZERS,
    Topic.SUBSCRIBERS,
    Topic.COLLABORATORS,
    Topic.GRANTS,
    Topic.INVITATIONS,
    Topic.PROTECTIONS,
    Topic.RULES,
    Topic.RULESETS,
    Topic.PAGES,
    Topic.TEAMS,
    Topic.KEYS,
    Topic.HOOKS,
    Topic.ACTIONS,
    Topic.CLONES,
    Topic.VIEWS,
    Topic.PATHS,
    Topic.REFERRERS,
)
"""What containment destroys or changes, what matters most first."""

SLOW = (Topic.AUDIT_LOG, *(topic for topic in Topic if topic not in {*FAST, Topic.AUDIT_LOG}))
"""What survives; git events of the audit log last seven days only, so they come first."""

REFS = "refs"
"""What `git ls-remote` shows, beside the platform's topics."""

_SECRETS = frozenset({"temp_clone_token"})

ListRefs = Callable[[str], RemoteRefs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was written down."""

    number: str
    """Three digits, counted from 001 in each case."""
    taken_at: datetime
    fast: bool
    repository: HostedRepository
    readings: Mapping[Topic, Reading] = field(repr=False)
    refs: int | None
    """Refs that the server shows; None where it could not be asked."""
    manifest: str
    """Where it is, within the case."""

    @property
    def missing(self) -> tuple[Reading, ...]:
        """What could not be read, or not all of it."""
        bad = {Answered.PARTIAL, Answered.REFUSED, Answered.FAILED}
        return tuple(each for each in self.readings.values() if each.answered in bad)

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return not self.missing and self.refs is not None

    @property
    def exit_code(self) -> int:
        """5 where another run may read more, 4 where this account may not see something, else 0.

        The audit log that an organisation's plan lacks is said and costs nothing: no run and no
        right of this account would change it.
        """
        bad = {each.answered for each in self.missing}
        if self.refs is None or bad & {Answered.PARTIAL, Answered.FAILED}:
            return 5
        return 4 if any(each.topic is not Topic.AUDIT_LOG for each in self.missing) else 0

    @property
    def requests(self) -> int:
        """How many requests it took."""
        return sum(each.requests for each in self.readings.values())


def snapshot(
    case: CaseFolder,
    hosting: Hosting,
    name: str,
    clock: Clock,
    *,
    fast: bool = False,
    list_refs: ListRefs = list_remote,
) -> Snapshot:
    """Take a snapshot of a case's repository.

    What cannot be read is recorded as such, and the rest is read all the same.

    Args:
        case: The case.
        hosting: The platform.
        name: `owner/name`.
        clock: For the dates.
        fast: Only what containment destroys.
        list_refs: How git is asked for the refs behind a URL.

    Raises:
        AccessError, IncompleteError: the repository itself could not be read.
    """
    with case.lock("snapshot"):
        found = hosting.repository(name)
        return take(case, hosting, found, clock, fast=fast, list_refs=list_refs)


def take(
    case: CaseFolder,
    hosting: Hosting,
    repository: HostedRepository,
    clock: Clock,
    *,
    fast: bool,
    list_refs: ListRefs = list_remote,
) -> Snapshot:
    """Take a snapshot; the case's lock is held by the caller."""
    number, taken_at = _next_number(case), clock.now()
    readings: dict[Topic, Reading] = {}
    lines = []

    def read(topics: Sequence[Topic], step: Step) -> None:
        for topic in topics:
            step.tell(len(readings), len(FAST) if fast else len(FAST) + len(SLOW), note=topic)
            readings[topic] = hosting.read(topic, repository)
            lines.append(_kept(case, number, readings[topic], clock))

    with doing("Writing down what is there") as step:
        read(FAST, step)
        refs, line = _refs(case, number, repository, list_refs, clock)
        lines.append(line)
        read(() if fast else SLOW, step)
    made = Snapshot(
        number=number,
        taken_at=taken_at,
        fast=fast,
        repository=repository,
        readings=readings,
        refs=refs,
        manifest=f"private/{FOLDER}/{number}/{MANIFEST}",
    )
    _record(case, made, lines, clock)
    return made


def _next_number(case: CaseFolder) -> str:
    folder = case.private / FOLDER
    taken = [int(each.name) for each in folder.glob("[0-9]*") if each.name.isdecimal()]
    return f"{max(taken, default=0) + 1:03}"


def _kept(case: CaseFolder, number: str, reading: Reading, clock: Clock) -> dict[str, Any]:
    items = [
        {name: value for name, value in item.items() if name not in _SECRETS}
        for item in reading.items
    ]
    body = {"topic": reading.topic, "answered": reading.answered, "reason": reading.reason}
    line = _written(case, number, str(reading.topic), {**body, "items": items}, clock)
    return {**line, **body, "items": len(items), "requests": reading.requests}


def _refs(
    case: CaseFolder,
    number: str,
    repository: HostedRepository,
    list_refs: ListRefs,
    clock: Clock,
) -> tuple[int | None, dict[str, Any]]:
    try:
        shown = list_refs(repository.clone_url)
    except BreachkitError as problem:
        body = {"topic": REFS, "answered": Answered.FAILED, "reason": str(problem)}
        line = _written(case, number, REFS, {**body, "refs": []}, clock)
        return None, {**line, **body, "items": 0, "requests": 1}
    refs = [[name_to_json(name), value] for name, value in sorted(shown.refs.items())]
    body = {"topic": REFS, "answered": Answered.COMPLETE, "reason": ""}
    line = _written(case, number, REFS, {**body, "refs": refs}, clock)
    return len(refs), {**line, **body, "items": len(refs), "requests": 1}


def _written(
    case: CaseFolder, number: str, name: str, body: Mapping[str, Any], clock: Clock
) -> dict[str, Any]:
    data = json.dumps(body, indent=1).encode("ascii") + b"\n"
    case.write_private(f"{FOLDER}/{number}/{name}.json", data)
    return {
        "file": f"{name}.json",
        "sha256": hashlib.sha256(data).hexdigest(),
        "read_at": rfc3339(clock.now()),
    }


def _record(
    case: CaseFolder, made: Snapshot, lines: Sequence[Mapping[str, Any]], clock: Clock
) -> None:
    body = {
        "schema": SCHEMA,
        "snapshot": made.number,
        "taken_at": rfc3339(made.taken_at),
        "finished_at": rfc3339(clock.now()),
        "fast": made.fast,
        "complete": made.complete,
        "repository": _identity(made.repository),
        "topics": list(lines),
    }
    data = json.dumps(body, indent=1).encode("ascii") + b"\n"
    case.write_private(f"{FOLDER}/{made.number}/{MANIFEST}", data)
    case.record(
        EventKind.SNAPSHOT_RECORDED,
        {
            "snapshot": made.number,
            "fast": made.fast,
            "complete": made.complete,
            "topics": len(lines),
            "not_read": len(made.missing) + (made.refs is None),
            **{str(topic): len(made.readings[topic].items) for topic in _COUNTED},
            "file": made.manifest,
            "sha256": hashlib.sha256(data).hexdigest(),
        },
    )


_COUNTED = (
    Topic.FORKS,
    Topic.STARGAZERS,
    Topic.SUBSCRIBERS,
    Topic.COLLABORATORS,
    Topic.INVITATIONS,
    Topic.PROTECTIONS,
    Topic.RULESETS,
)


def _identity(repository: HostedRepository) -> dict[str, Any]:
    names = ("id", "full_name", "visibility", "default_branch", "forks", "is_fork", "archived")
    return {name: getattr(repository, name) for name in names}


def load_readings(case: CaseFolder, number: str) -> dict[Topic, Reading]:
    """Give what a snapshot says, each file checked against its digest.

    Raises:
        ConfigurationError: there is no such snapshot, or a file of it was altered.
    """
    place = f"{FOLDER}/{number}"
    manifest = json.loads(case.read_private(f"{place}/{MANIFEST}"))
    found = {}
    for line in manifest["topics"]:
        data = case.read_private(f"{place}/{line['file']}")
        if hashlib.sha256(data).hexdigest() != line["sha256"]:
            raise ConfigurationError(
                f"private/{place}/{line['file']} is not what was written: take it from a backup"
            )
        if line["topic"] != REFS:
            found[Topic(line["topic"])] = _reading(json.loads(data))
    return found


def _reading(body: Mapping[str, Any]) -> Reading:
    return Reading(
        topic=Topic(body["topic"]),
        answered=Answered(body["answered"]),
        items=tuple(body["items"]),
        reason=body["reason"],
    )


def latest(case: CaseFolder) -> str | None:
    """Give the number of the case's newest finished snapshot; None where there is none."""
    return next(reversed(numbers(case)), None)


def numbers(case: CaseFolder) -> tuple[str, ...]:
    """Give the numbers of all finished snapshots of a case, oldest first."""
    finished = (e for e in case.events() if e.known_kind is EventKind.SNAPSHOT_RECORDED)
    return tuple(dict.fromkeys(filter(None, (each.text("snapshot") for each in finished))))
