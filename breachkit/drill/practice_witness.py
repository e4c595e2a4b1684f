"""Notes what cannot be seen afterwards: when the study was touched and closed, and which slips happened.

It looks at the platform itself after each change. What a case's journal says plays no part in it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from breachkit.drill import plaingit
from breachkit.drill.hub import gitstore
from breachkit.drill.hub.state import Hub, Repository
from breachkit.drill.platform import settings
from breachkit.drill.practice import Facts
from breachkit.incident.disk import write_atomic
from breachkit.model.time import Clock, rfc3339


SIGNS = "witness.json"

TOUCHED = "touched"
CLOSED = "closed"
REVERTED = "reverted"
CAME_BACK = "came-back"
REOPENED = "reopened"
DELETED = "deleted"
LOST_WORK = "lost-work"

_NOTHING = "0" * 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was noted so far."""

    signs: Mapping[str, str] = field(default_factory=dict)
    """Each sign with the moment it was first seen, RFC 3339."""
    pushes: int = 0
    """How many lines of the study's activity were looked at."""


def read_seen(world: Path) -> Seen:
    """Read what was noted in a world; nothing where nobody looked yet."""
    try:
        read = json.loads((world / SIGNS).read_bytes())
    except FileNotFoundError:
        return Seen()
    return Seen(signs=read["signs"], pushes=read["pushes"])


def look(world: Path, hub: Hub, facts: Facts, clock: Clock) -> None:
    """Look at the platform after a change, and note what is new."""
    before = read_seen(world)
    study = hub.repositories.get(facts.study)
    pushes = study.activity[before.pushes :] if study else []
    found = {*signs_of(study, facts, before)}
    found |= {sign for push in pushes if study for sign in _signs_of_push(study, facts, push)}
    now = rfc3339(clock.now())
    signs = {**dict.fromkeys(sorted(found), now), **before.signs}
    after = Seen(signs=signs, pushes=before.pushes + len(pushes))
    if after != before:
        data = {"signs": dict(after.signs), "pushes": after.pushes}
        write_atomic(world / SIGNS, json.dumps(data).encode())


def signs_of(study: Repository | None, facts: Facts, before: Seen) -> Iterator[str]:
    """Give what the study's present state says."""
    if study is None:
        yield DELETED
        return
    if settings(study) != facts.settings:
        yield TOUCHED
    if is_closed(study):
        yield CLOSED
    elif CLOSED in before.signs and study.visibility == "public" and holds(study, facts):
        yield REOPENED


def is_closed(study: Repository) -> bool:
    """Say whether nobody from outside can reach a study, or is about to."""
    sends = any(hook["active"] for hook in study.hooks.values())
    return not (study.visibility == "public" or study.pages or study.invitations or sends)


def holds(study: Repository, facts: Facts) -> bool:
    """Say whether any ref of a repository leads to what must go."""
    return bool(gitstore.reaches(study, gitstore.refs(study).values(), facts.planted))


def _signs_of_push(study: Repository, facts: Facts, push: Mapping[str, Any]) -> Iterator[str]:
    old, new = push["before"], push["after"]
    if new == _NOTHING:
        return
    if gitstore.reaches(study, [new], facts.planted):
        yield REVERTED if push["activity_type"] == "push" else CAME_BACK
    if push["activity_type"] == "force_push" and _loses(study, facts, old, new):
        yield LOST_WORK


def _loses(study: Repository, facts: Facts, old: str, new: str) -> bool:
    """Say whether a push took away commits that came after the practice began."""
    return bool(_added(study, facts, old) - _added(study, facts, new))


def _added(study: Repository, facts: Facts, tip: str) -> frozenset[str]:
    """Give author, time and subject of the commits that a tip adds to how it was at the start."""
    known = sorted(set(facts.refs.values()))
    described = ("log", "--ignore-missing", "--format=%ae %at %s", tip, "--not", *known)
    return frozenset(plaingit.Repository(study.git_dir).lines(*described))
