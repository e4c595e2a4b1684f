"""Where the data sat, and when: the refs of a repository as lanes through time.

A ref has been in one of three states at any moment: clean, with the data among its files, or with
the data in its history alone. The third is what `git revert` and deleting a file lead to, and what
people take for the first. Decided here from plain facts; drawn elsewhere.
"""

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from breachkit.actions.bad_set import pull_request_number
from breachkit.model.ids import ObjectId, RefName


MOST_LANES = 12
"""More cannot be told apart on a page; the rest is counted."""

MOST_MARKS = 24
"""Of one lane; the first are kept, for they say how it began."""

FIRST_DATE, LAST_DATE = 1_112_832_000, 4_102_444_800
"""The first commit that git ever made (2005-04-07), and the year 2100: dates beyond are wrong."""

Namespace = Literal["branch", "tag", "pull request", "other ref"]
Way = Literal["revert", "delete", "overwrite"]
"""How a commit took the data out of the files, and left it in history."""


class State(enum.IntEnum):
    """Whether the data can be had from a commit, the best first."""

    CLEAN = 0
    HISTORY = 1
    """Only from an earlier commit: the files of this one do not hold it."""
    FILES = 2


class CommitNote(NamedTuple):
    """What a commit does to the bad files. A tuple for speed: a history has many."""

    parents: tuple[ObjectId, ...]
    when: int
    """Seconds since 1970, by the committer's clock."""
    came: int = 0
    """Bad files it puts somewhere, against its first parent."""
    went: int = 0
    """Places from which it takes one."""
    moved: int = 0
    """Bad files that get another name."""
    way: Way = "delete"
    holds: int = 0
    """Places at which its files hold one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefNote:
    """A ref, and what it leads to."""

    name: RefName
    target: ObjectId | None
    """The commit; None where it leads to something else."""
    holds: bool = False
    """For something else than a commit: whether it holds the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened on a lane."""

    when: int
    kind: Literal["came", "went", "moved"]
    files: int
    """Places concerned: a file under two names counts twice."""
    left: int
    """Places at which the files still hold the data after it."""
    way: Way = "delete"
    source: int | None = None
    """The lane from which a merge brought it, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A lane in one state, from `start` until the next stretch or the end of what git knows."""

    start: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One ref through time."""

    name: RefName
    namespace: Namespace
    start: int
    """Its first commit of its own, or its only one."""
    end: int
    """Its last commit."""
    parent: int | None
    """The lane it leaves from, counted from 0; None for the first, and where none is drawn."""
    forked: int | None = None
    """When the commit was made from which it leaves."""
    stretches: tuple[Stretch, ...]
    marks: tuple[Mark, ...] = ()
    marks_left_out: int = 0

    @property
    def state(self) -> State:
        """How it was found."""
        return self.stretches[-1].state


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The refs that matter as lanes, and the others as numbers."""

    lanes: tuple[Lane, ...] = ()
    not_drawn: Mapping[Namespace, int] = field(default_factory=dict)
    """Refs that lead to the data and have no lane."""
    clean: Mapping[Namespace, int] = field(default_factory=dict)
    """Refs that never led to it, drawn or not."""
    wrong_dates: int = 0
    """Commits of the lanes whose date cannot be right; they stand where the one before them does."""

    @property
    def tainted(self) -> int:
        """How many refs lead to the data."""
        drawn = sum(lane.state is not State.CLEAN for lane in self.lanes)
        return drawn + sum(self.not_drawn.values())

    @property
    def first(self) -> int | None:
        """When the data first came into a lane; None where they never did."""
        starts = (s.start for lane in self.lanes for s in lane.stretches if s.state)
        return min(starts, default=None)

    @property
    def last(self) -> int | None:
        """The last commit of any lane."""
        return max((lane.end for lane in self.lanes), default=None)


def namespace_of(name: RefName) -> Namespace:
    """Say what kind of ref a name stands for."""
    if name.startswith(b"refs/heads/"):
        return "branch"
    if name.startswith(b"refs/tags/"):
        return "tag"
    return "pull request" if pull_request_number(name) is not None else "other ref"


def trace_refs(
    commits: Mapping[ObjectId, CommitNote],
    refs: Iterable[RefNote],
    *,
    default: RefName | None = None,
    most: int = MOST_LANES,
) -> Whereabouts:
    """Follow the refs through time.

    Args:
        commits: Every commit that a ref reaches, parents before children.
        refs: Every ref.
        default: The branch that people see first; it is drawn whether it holds the data or not.
        most: How many lanes are drawn.
    """
    states = _states(commits)
    known = list(refs)
    held = [ref for ref in known if _state(ref, states) is not State.CLEAN]
    first = [ref for ref in known if ref.name == default]
    chosen = sorted(held, key=lambda ref: _weight(ref, commits, default))
    if first and first[0] not in chosen:
        chosen = [*first, *chosen]
    drawn = chosen[:most]
    builder = _Builder(commits, states)
    for ref in drawn:
        builder.add(ref)
    lanes = builder.lanes()
    tainted = {ref.name for ref in held}
    return Whereabouts(
        lanes=lanes,
        not_drawn=_by_namespace(ref for ref in chosen[most:]),
        clean=_by_namespace(ref for ref in known if ref.name not in tainted),
        wrong_dates=builder.wrong_dates,
    )


def _states(commits: Mapping[ObjectId, CommitNote]) -> Mapping[ObjectId, State]:
    states: dict[ObjectId, State] = {}
    for oid, note in commits.items():
        if note.holds:
            states[oid] = State.FILES
        elif any(states.get(parent) for parent in note.parents) or note.went:
            states[oid] = State.HISTORY
    return states


def _state(ref: RefNote, states: Mapping[ObjectId, State]) -> State:
    if ref.target is None:
        return State.FILES if ref.holds else State.CLEAN
    return states.get(ref.target, State.CLEAN)


_ORDER: Mapping[Namespace, int] = {"branch": 0, "tag": 1, "pull request": 2, "other ref": 3}


def _weight(
    ref: RefNote, commits: Mapping[ObjectId, CommitNote], default: RefName | None
) -> tuple[bool, int, int, bytes]:
    """Put the default branch first, then branches, tags, pull requests; the oldest first."""
    note = commits.get(ref.target) if ref.target else None
    when = note.when if note else 0
    return (ref.name != default, _ORDER[namespace_of(ref.name)], when, ref.name)


def _by_namespace(refs: Iterable[RefNote]) -> Mapping[Namespace, int]:
    counted = Counter(namespace_of(ref.name) for ref in refs)
    return {each: counted[each] for each in _ORDER if counted[each]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A ref with the commits that no lane before it has, oldest first."""

    ref: RefNote
    own: Sequence[ObjectId]
    times: Sequence[int]
    start: int
    parent: int | None
    forked: int | None


@dataclass(slots=True)
class _Builder:
    """Takes one ref after the other; a commit belongs to the first lane that has it."""

    commits: Mapping[ObjectId, CommitNote]
    states: Mapping[ObjectId, State]
    wrong_dates: int = 0
    _lines: list[_Line] = field(default_factory=list)
    _lane_of: dict[ObjectId, int] = field(default_factory=dict)
    _when: dict[ObjectId, int] = field(default_factory=dict)

    def add(self, ref: RefNote) -> None:
        """Add a ref."""
        own, base = self._own_commits(ref.target)
        earlier = self._when.get(base, 0) if base else 0
        times = self._times(own, earlier)
        for oid, when in zip(own, times, strict=True):
            self._lane_of[oid] = len(self._lines)
            self._when[oid] = when
        parent = self._lane_of.get(base) if base else None
        self._lines.append(
            _Line(
                ref=ref,
                own=own,
                times=times,
                start=times[0] if times else earlier,
                parent=parent,
                forked=None if parent is None else earlier,
            )
        )

    def lanes(self) -> tuple[Lane, ...]:
        """Give the lanes, once all refs are in."""
        return tuple(map(self._lane, self._lines))

    def _own_commits(self, target: ObjectId | None) -> tuple[Sequence[ObjectId], ObjectId | None]:
        """Give the first-parent line down to a commit of another lane, oldest first, and that one."""
        own: list[ObjectId] = []
        oid = target
        while oid is not None and oid in self.commits and oid not in self._lane_of:
            own.append(oid)
            parents = self.commits[oid].parents
            oid = parents[0] if parents else None
        return own[::-1], oid

    def _times(self, own: Collection[ObjectId], earlier: int) -> Sequence[int]:
        """Give dates that never go backwards along a line, as moments on a line cannot."""
        times: list[int] = []
        for oid in own:
            when = self.commits[oid].when
            if not FIRST_DATE <= when < LAST_DATE:
                self.wrong_dates += 1
                when = earlier
            earlier = max(earlier, when)
            times.append(earlier)
        return times

    def _lane(self, line: _Line) -> Lane:
        marks = tuple(self._marks(line))
        return Lane(
            name=line.ref.name,
            namespace=namespace_of(line.ref.name),
            start=line.start,
            end=line.times[-1] if line.times else line.start,
            parent=line.parent,
            forked=line.forked,
            stretches=tuple(self._stretches(line)),
            marks=marks[:MOST_MARKS],
            marks_left_out=max(0, len(marks) - MOST_MARKS),
        )

    def _stretches(self, line: _Line) -> Iterator[Stretch]:
        if not line.own:
            yield Stretch(start=line.start, state=_state(line.ref, self.states))
            return
        before: State | None = None
        for oid, when in zip(line.own, line.times, strict=True):
            state = self.states.get(oid, State.CLEAN)
            if state is not before:
                yield Stretch(start=when, state=state)
                before = state

    def _marks(self, line: _Line) -> Iterator[Mark]:
        for oid, when in zip(line.own, line.times, strict=True):
            note = self.commits[oid]
            merged = (self._lane_of.get(parent) for parent in note.parents[1:])
            source = next((each for each in merged if each is not None), None)
            if note.came:
                yield Mark(when=when, kind="came", files=note.came, left=note.holds, source=source)
            if note.moved:
                yield Mark(when=when, kind="moved", files=note.moved, left=note.holds)
            if note.went:
                yield Mark(when=when, kind="went", files=note.went, left=note.holds, way=note.way)
