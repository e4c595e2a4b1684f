"""Which objects are older than a day or a commit that somebody names."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from breachkit.detect.rule import Transition
from breachkit.git.refs import Ref
from breachkit.model.errors import UsageError
from breachkit.model.ids import ObjectId, display
from breachkit.model.judgement import Since
from breachkit.model.meant import meant
from breachkit.model.records import dataclass, field
from breachkit.model.time import from_epoch, parse_rfc3339
from breachkit.workflows.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """What came in before a scan's beginning."""

    said: Since | None = None
    objects: frozenset[ObjectId] = field(default=frozenset(), repr=False)
    """Commits, and blobs that one of them brought in."""
    unread: frozenset[ObjectId] = field(default=frozenset(), repr=False)
    """Those of them that nothing newer is compared with."""


def older_objects(
    inventory: Inventory, since: str | None, transitions: Iterable[Transition]
) -> Older:
    """Find what is older than a day or a commit.

    With a day, by the committer's clock, as commits say it. With a commit, by descent: older are
    its ancestors and what they brought in, itself not among them. An object that no commit brought
    in (a tag, a blob under a ref, what is in the index) has no age and is never older.

    Args:
        inventory: What there is.
        since: A date, a moment as RFC 3339, a commit's id or the beginning of one, or the name of
            a branch or tag; None for the whole history.
        transitions: Every change of a path.

    Raises:
        UsageError: it is none of these, or this repository has no such commit.
    """
    if since is None:
        return Older()
    is_old, said = _border(inventory, since)
    commits = inventory.history.commits
    old = {oid for oid in commits if is_old(oid)}
    brought = {each.new for each in inventory.history.changes if each.commit in old and each.new}
    objects = frozenset(old | brought)
    compared = {
        oid
        for each in transitions
        for oid, other in ((each.old, each.new), (each.new, each.old))
        if oid in objects and other is not None and other not in objects
    }
    return Older(said=replace(said, older=len(objects)), objects=objects, unread=objects - compared)


def _border(inventory: Inventory, since: str) -> tuple[Callable[[ObjectId], bool], Since]:
    """Give what tells an old commit, and in words where the scan begins."""
    commits = inventory.history.commits
    moment = _moment(since)
    if moment is not None:
        start = moment.timestamp()
        return lambda oid: commits[oid].when < start, Since(words=since)
    commit = _commit(inventory, since)
    ancestors = _ancestors(inventory, commit)
    day = from_epoch(commits[commit].when).date()
    return lambda oid: oid in ancestors, Since(words=f"a commit of {day}", by_descent=True)


def _moment(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    except ValueError:
        pass
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):  # the latter: year 1 or 9999, and an offset beyond
        return None


_START_OF_ID = re.compile(r"[0-9a-f]{7,64}")


def _commit(inventory: Inventory, name: str) -> ObjectId:
    commits = inventory.history.commits
    named = {each.peeled for each in inventory.refs if _is_called(each, name)}
    found = {oid for oid in named if oid in commits}
    if not found and _START_OF_ID.fullmatch(name):
        found = {oid for oid in commits if oid.startswith(name)}
    if len(found) != 1:
        what = "more than one commit" if found else "no date, and no commit of this history"
        raise UsageError(
            f"--since {name}: {what}. Name a date such as 2026-01-01, a branch, a tag, or a "
            f"commit by its id.{meant(name, _short_names(inventory.refs))}"
        )
    return ObjectId(next(iter(found)) or "")


def _short_names(refs: Iterable[Ref]) -> list[str]:
    """Give branches and tags as people call them."""
    shown = [display(ref.name) for ref in refs]
    starts = ("refs/heads/", "refs/tags/")
    return [
        name.removeprefix(start) for start in starts for name in shown if name.startswith(start)
    ]


def _is_called(ref: Ref, name: str) -> bool:
    wanted = name.encode("utf-8", "surrogateescape")
    return ref.name in {wanted, b"refs/heads/" + wanted, b"refs/tags/" + wanted}


def _ancestors(inventory: Inventory, commit: ObjectId) -> set[ObjectId]:
    commits = inventory.history.commits
    found: set[ObjectId] = set()
    waiting = list(commits[commit].parents)
    while waiting:
        oid = waiting.pop()
        if oid not in found and oid in commits:
            found.add(oid)
            waiting += commits[oid].parents
    return found
