"""What a platform is asked for, and what is left out for the number of questions: told, never silent.

Every bad blob and every old commit is asked for in the repository itself. The many other ways are
there to find what only they remember, and take those commits that brought the data or ended a branch;
forks share their objects, so a few objects each and the history of their own refs do.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from breachkit.actions.served import (
    REFS,
    WAYS,
    Channel,
    Identity,
    Kind,
    Place,
    Question,
    Subject,
    Way,
)


T = TypeVar("T")

BATCH = 50
"""Questions between two looks at the control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Everything that should be gone. What matters most stands first in each."""

    commits: tuple[Subject, ...]
    """Every commit that was replaced."""
    telling: tuple[Subject, ...]
    """Those of them that brought the data, and those in which refs ended."""
    trees: tuple[Subject, ...] = ()
    """The root trees of the telling ones."""
    blobs: tuple[Subject, ...] = ()
    files: tuple[Subject, ...] = ()
    tags: tuple[Subject, ...] = ()
    not_placed: int = 0
    """Bad blobs of which no path in a commit is known: they are asked for by id alone."""

    def of(self, kind: Kind) -> tuple[Subject, ...]:
        """Give all of a kind; of commits the telling ones first."""
        match kind:
            case Kind.COMMIT:
                return (*self.telling, *self._between)
            case Kind.TREE:
                return self.trees
            case Kind.BLOB:
                return self.blobs
            case Kind.FILE:
                return self.files
            case Kind.TAG:
                return self.tags
            case Kind.REFS:
                return (REFS,)
            case _:
                assert_never(kind)

    def some(self, kind: Kind, most: int) -> tuple[Subject, ...]:
        """Give so many of a kind, evenly spread; of commits others only once the telling ones are in."""
        if kind is not Kind.COMMIT:
            return spread(self.of(kind), most)
        first = spread(self.telling, most)
        return (*first, *spread(self._between, most - len(first)))

    @property
    def _between(self) -> tuple[Subject, ...]:
        telling = frozenset(self.telling)
        return tuple(each for each in self.commits if each not in telling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How many of each kind are asked for; None for all."""

    telling: int | None = 40
    """In the repository, by each of the many ways."""
    of_git: int | None = 10
    """As a stranger by git, each of which takes a process."""
    of_strangers: int | None = 1
    """As a stranger by REST, where GitHub takes 60 requests in an hour."""
    in_forks: int | None = 3


EVERYTHING = Extent(telling=None, of_git=None, of_strangers=None, in_forks=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions that share a place, a way, an identity and a control."""

    place: Place
    identity: Identity
    way: Way
    kind: Kind
    subjects: tuple[Subject, ...]

    @property
    def channel(self) -> tuple[Identity, Channel]:
        """What stops all of it where it stops."""
        return self.identity, WAYS[self.way].channel

    def question(self, subject: Subject) -> Question:
        """Give one of the questions."""
        return Question(place=self.place.id, identity=self.identity, way=self.way, key=subject.key)

    def without(self, done: frozenset[Question]) -> "Batch":
        """Leave out what is answered."""
        left = tuple(each for each in self.subjects if self.question(each) not in done)
        return replace(self, subjects=left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was not asked for in full."""

    where: str
    """`study` or `forks`."""
    identity: Identity
    way: Way
    asked: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPlan:
    """Every question there is."""

    batches: tuple[Batch, ...]
    samples: tuple[Sample, ...]
    hidden: tuple[Place, ...] = ()
    """Repositories that cannot be asked: deleted, or private and not this account's."""
    by_channel: Mapping[tuple[Identity, Channel], int] = field(default_factory=dict)
    """How many questions go where, controls left out."""

    @property
    def questions(self) -> int:
        """How many questions there are, controls left out."""
        return sum(len(batch.subjects) for batch in self.batches)


def plan_questions(places: Sequence[Place], subjects: Subjects, extent: Extent) -> QuestionPlan:
    """Decide what is asked: first the repository itself, then its parents, then forks.

    Args:
        places: Where, with what the account sees of each.
        subjects: What should be gone.
        extent: How many of each; `EVERYTHING` for all.
    """
    asked = [place for place in places if not place.is_hidden]
    samples: dict[Sample, None] = {}
    batches: list[Batch] = []
    for place in sorted(asked, key=lambda each: _ORDER[each.role]):
        for identity, way, kind, most in _extents(place, extent):
            wanted = subjects.of(kind)
            chosen = wanted if most is None else subjects.some(kind, most)
            batches += _cut(place, identity, way, kind, chosen)
            if len(chosen) < len(wanted):
                where = "forks" if place.role == "fork" else "study"
                samples[_sample(where, identity, way, len(chosen), len(wanted))] = None
    counted: dict[tuple[Identity, Channel], int] = {}
    for batch in batches:
        counted[batch.channel] = counted.get(batch.channel, 0) + len(batch.subjects)
    return QuestionPlan(
        batches=tuple(batches),
        samples=tuple(samples),
        hidden=tuple(place for place in places if place.is_hidden),
        by_channel=counted,
    )


_ORDER = {"study": 0, "parent": 1, "fork": 2}


def spread(items: Sequence[T], most: int) -> tuple[T, ...]:
    """Choose so many of a sequence: the first, the last, and evenly between."""
    if len(items) <= most:
        return tuple(items)
    if most <= 1:
        return tuple(items[:most])
    step = (len(items) - 1) / (most - 1)
    return tuple(items[round(number * step)] for number in range(most))


def _sample(where: str, identity: Identity, way: Way, asked: int, of: int) -> Sample:
    return Sample(where=where, identity=identity, way=way, asked=asked, of=of)


def _cut(
    place: Place, identity: Identity, way: Way, kind: Kind, subjects: Sequence[Subject]
) -> Iterator[Batch]:
    for start in range(0, len(subjects), BATCH):
        part = tuple(subjects[start : start + BATCH])
        yield Batch(place=place, identity=identity, way=way, kind=kind, subjects=part)


Line = tuple[Identity, Way, Kind, int | None]
"""As whom, how, what, and how many at most."""

_IN_FULL = frozenset(
    {
        (Way.GIT_COMMIT, Kind.COMMIT),
        (Way.BLOB, Kind.BLOB),
        (Way.TAG, Kind.TAG),
        (Way.GIT, Kind.BLOB),
        (Way.GIT, Kind.TAG),
    }
)
"""What is asked of the repository itself for every object, with the token."""


def _extents(place: Place, extent: Extent) -> Iterable[Line]:
    if place.role == "fork" and extent.in_forks is not None:
        return _of_fork(place, extent)
    lines = (*_with_token(extent), *_of_strangers(extent))
    cloned = place.role == "study"  # `verify` looks through a whole clone of it
    return tuple(line for line in lines if not (cloned and line[1] is Way.HISTORY))


def _with_token(extent: Extent) -> Iterator[Line]:
    for way, about in WAYS.items():
        if not about.takes_token:
            continue
        for kind in sorted(about.kinds):
            most = None if (way, kind) in _IN_FULL else extent.telling
            yield Identity.ACCOUNT, way, kind, most


def _of_strangers(extent: Extent) -> Iterator[Line]:
    most = {
        Channel.REST: extent.of_strangers,
        Channel.WEB: extent.telling,
        Channel.GIT: extent.of_git,
    }
    for way, about in WAYS.items():
        for kind in sorted(about.kinds):
            yield Identity.ANYONE, way, kind, most[about.channel]


_OF_FORKS: tuple[tuple[Identity, Way, Kind], ...] = (
    (Identity.ACCOUNT, Way.HISTORY, Kind.REFS),
    (Identity.ACCOUNT, Way.GIT_COMMIT, Kind.COMMIT),
    (Identity.ACCOUNT, Way.BLOB, Kind.BLOB),
    (Identity.ACCOUNT, Way.CONTENTS, Kind.FILE),
    (Identity.ACCOUNT, Way.GIT, Kind.BLOB),
    (Identity.ANYONE, Way.PAGE, Kind.COMMIT),
    (Identity.ANYONE, Way.RAW, Kind.FILE),
    (Identity.ANYONE, Way.GIT, Kind.BLOB),
)


def _of_fork(place: Place, extent: Extent) -> Iterator[Line]:
    for identity, way, kind in _OF_FORKS:
        if identity is Identity.ACCOUNT or place.visibility == "public":
            yield identity, way, kind, extent.in_forks
