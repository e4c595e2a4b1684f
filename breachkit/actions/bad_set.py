"""The bad set: the blobs that have to go, and everywhere in history they are.

The unit of removal is the blob, not the path: the same content under another name discloses the
same, and a path may hold harmless versions beside the bad one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from breachkit.actions.wire import (
    ids_from_json,
    name_from_json,
    name_to_json,
    require_schema,
)
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import GitPath, ObjectId, RefName, is_object_id
from breachkit.model.time import parse_rfc3339, rfc3339


EMPTY_BLOB = ObjectId("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
"""The id of the file without content, in a repository that names objects by SHA-1."""
EMPTY_BLOBS = frozenset(
    {
        EMPTY_BLOB,
        ObjectId("473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"),
    }
)
"""The same, and in one that names them by SHA-256."""

SCHEMA = "breachkit.bad-set/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """A commit that puts a bad blob at a path where its first parent does not have it."""

    commit: ObjectId
    when: datetime | None
    """The committer's date; None where it cannot be read."""
    path: GitPath
    blob: ObjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class BadBlob:
    """One blob that has to go."""

    id: ObjectId
    paths: tuple[GitPath, ...]
    """Every path it ever had, sorted; empty where only a ref or tag points at it."""
    introduced_by: tuple[ObjectId, ...]
    """The commits that put it somewhere, oldest first, those without a date last."""
    first_date: datetime | None
    """The earliest committer's date among them; None where no commit holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadSet:
    """All blobs that have to go, and the refs through which they can be had."""

    blobs: tuple[BadBlob, ...]
    """Sorted by id."""
    refs: tuple[RefName, ...]
    """Every ref whose history, tag or tree holds one of them, sorted."""

    @property
    def ids(self) -> frozenset[ObjectId]:
        """The ids of the blobs."""
        return frozenset(blob.id for blob in self.blobs)

    @property
    def paths(self) -> tuple[GitPath, ...]:
        """Every path that ever held one of the blobs, sorted."""
        return tuple(sorted({path for blob in self.blobs for path in blob.paths}))

    @property
    def introducers(self) -> tuple[ObjectId, ...]:
        """Every commit that put one of the blobs somewhere, sorted."""
        return tuple(sorted({commit for blob in self.blobs for commit in blob.introduced_by}))

    @property
    def first_exposure(self) -> datetime | None:
        """The earliest committer's date among the introducing commits.

        The data may have become readable later, when somebody pushed, or the date may be wrong:
        git records what the committer's machine believed.
        """
        return min((blob.first_date for blob in self.blobs if blob.first_date), default=None)

    @property
    def pull_requests(self) -> tuple[int, ...]:
        """Numbers of the pull (or merge) requests whose refs hold one of the blobs, ascending."""
        numbers = (pull_request_number(name) for name in self.refs)
        return tuple(sorted({number for number in numbers if number is not None}))

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": SCHEMA,
            "blobs": [_blob_to_json(blob) for blob in self.blobs],
            "refs": [name_to_json(name) for name in self.refs],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, SCHEMA)
        return cls(
            blobs=tuple(map(_blob_from_json, data["blobs"])),
            refs=tuple(RefName(name_from_json(name)) for name in data["refs"]),
        )


def check_bad_ids(ids: Iterable[str], *, may_be_none: bool = False) -> frozenset[ObjectId]:
    """Give the ids as a set once they can be trusted to name blobs exactly.

    An abbreviated or upper-case id would match nothing and the run would look like a success.

    Args:
        ids: What is said to be ids.
        may_be_none: Whether something else than files may have to go.

    Raises:
        UsageError: there is none and has to be one, or one is not a full lower-case id.
        RefusedError: one is the empty file, which discloses nothing and is in most repositories
            for good reasons.
    """
    wanted = frozenset(ids)
    if not (wanted or may_be_none):
        raise UsageError("no blob to remove: name at least one")
    wrong = sum(not is_object_id(one) for one in wanted)
    if wrong:
        raise UsageError(f"{wrong} of {len(wanted)} ids are not full lower-case object ids")
    if not EMPTY_BLOBS.isdisjoint(wanted):
        raise RefusedError(
            "one of the blobs is the empty file: it holds nothing, and removing it would take "
            "every empty file out of history; leave it out"
        )
    return frozenset(map(ObjectId, wanted))


def collect_bad_set(
    ids: Iterable[ObjectId], introductions: Iterable[Introduction], refs: Iterable[RefName]
) -> BadSet:
    """Put together what is known about each blob."""
    by_blob: dict[ObjectId, list[Introduction]] = defaultdict(list)
    for introduction in introductions:
        by_blob[introduction.blob].append(introduction)
    blobs = tuple(_describe(one, by_blob.get(one, [])) for one in sorted(ids))
    return BadSet(blobs=blobs, refs=tuple(sorted(refs)))


def pull_request_number(name: RefName) -> int | None:
    """Give the number of the pull or merge request a ref belongs to, or None.

    Source: GitHub `refs/pull/N/head|merge`, GitLab `refs/merge-requests/N/head|merge`,
    Bitbucket Data Center `refs/pull-requests/N/from|merge`.
    """
    found = _REQUEST_REF.match(name)
    return int(found[1]) if found else None


_REQUEST_REF = re.compile(rb"refs/(?:pull|merge-requests|pull-requests)/(\d{1,18})/")
"""No platform counts further; whoever may push can give a ref a name of thousands of digits."""


def _describe(one: ObjectId, introductions: list[Introduction]) -> BadBlob:
    by_age = sorted(introductions, key=_age)
    return BadBlob(
        id=one,
        paths=tuple(sorted({each.path for each in by_age})),
        introduced_by=tuple(dict.fromkeys(each.commit for each in by_age)),
        first_date=by_age[0].when if by_age else None,
    )


def _age(introduction: Introduction) -> tuple[bool, datetime, ObjectId]:
    when = introduction.when
    return when is None, when or datetime.max.replace(tzinfo=UTC), introduction.commit


def _blob_to_json(blob: BadBlob) -> dict[str, Any]:
    return {
        "id": blob.id,
        "paths": [name_to_json(path) for path in blob.paths],
        "introduced_by": list(blob.introduced_by),
        "first_date": rfc3339(blob.first_date) if blob.first_date else None,
    }


def _blob_from_json(data: Mapping[str, Any]) -> BadBlob:
    (one,) = ids_from_json([data["id"]])
    return BadBlob(
        id=one,
        paths=tuple(GitPath(name_from_json(path)) for path in data["paths"]),
        introduced_by=ids_from_json(data["introduced_by"]),
        first_date=parse_rfc3339(data["first_date"]) if data["first_date"] else None,
    )
