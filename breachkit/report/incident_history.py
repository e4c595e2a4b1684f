"""The history of the data, from where they sat to how they went: what the picture and its words show.

Readers differ in what they may know: `Shown` says how a ref is called and how exact a date is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from breachkit.actions.whereabouts import Lane, Mark, Namespace, State, Stretch, Whereabouts
from breachkit.incident.case import Milestone
from breachkit.model.ids import RefName
from breachkit.model.time import from_epoch
from breachkit.report.incident_document import Bullets, Line, Span, day, line, moment, name
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.words import counted


DateWords = Callable[[datetime], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A moment of the response."""

    at: datetime
    milestone: Milestone | None
    """None for the moment of awareness."""
    label: str
    """A few words; for the picture."""
    words: str
    """What it means; for the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A history as one audience may see it."""

    where: Whereabouts
    """Its lanes carry the names to be shown."""
    labels: tuple[Line, ...]
    """Of the lanes, in their order."""
    columns: tuple[Column, ...]
    date: DateWords
    """How exact the date of a commit may be."""
    moment: DateWords
    """The same for the response."""
    first: datetime | None = None
    """The earliest commit that holds the data, on a lane or not."""
    gap: str = ""
    """Why there are no lanes."""

    @property
    def pushed(self) -> int | None:
        """The column at which refs got their new history, counted from 0."""
        return self._column(Milestone.PUSHED)

    @property
    def purged(self) -> int | None:
        """The column at which the platform's own refs were gone."""
        return self._column(Milestone.SERVER_PURGED)

    @property
    def closed(self) -> tuple[int, int] | None:
        """The columns between which outsiders had no access; the second is one past the last."""
        start = self._column(Milestone.CONTAINED)
        if start is None:
            return None
        end = self._column(Milestone.RESTORED)
        return start, len(self.columns) if end is None or end < start else end

    def gone(self, lane: Lane) -> int | None:
        """Give the column from which a lane no longer leads to the data; None while it does."""
        return self.purged if lane.namespace == "pull request" else self.pushed

    def _column(self, milestone: Milestone) -> int | None:
        found = (n for n, each in enumerate(self.columns) if each.milestone is milestone)
        return next(found, None)


COLUMN_WORDS: Mapping[Milestone, tuple[str, str]] = {
    Milestone.CONTAINED: ("closed", "access was restricted"),
    Milestone.REWRITTEN: ("rewritten", "the history was rewritten in a private mirror"),
    Milestone.PUSHED: ("pushed", "the server's refs were replaced"),
    Milestone.VERIFIED: ("clone clean", "a fresh clone from the server was found clean"),
    Milestone.SERVER_PURGED: ("server clean", "nothing was left on the server"),
    Milestone.RESTORED: ("reopened", "access was settled as it is to stay"),
    Milestone.RECURRED: ("back again", "the data came back"),
}


def columns(facts: CaseFacts) -> tuple[Column, ...]:
    """Give the moments of the response in the order in which they came."""
    aware = Column(
        at=facts.incident.aware_at, milestone=None, label="aware", words="somebody became aware"
    )
    reached = [
        Column(at=found.at, milestone=each, label=label, words=words)
        for each, (label, words) in COLUMN_WORDS.items()
        if (found := facts.incident.milestones.get(each))
    ]
    return (aware, *sorted(reached, key=lambda column: column.at))


def in_full(facts: CaseFacts) -> Shown:
    """Show refs by their names."""
    where = facts.where or Whereabouts()
    labels = tuple((name(facts.masking.shown(lane.name)),) for lane in where.lanes)
    return _shown(facts, where, labels)


def opaque(facts: CaseFacts) -> Shown:
    """Show refs by their kind and a number."""
    where = facts.where or Whereabouts()
    numbers: dict[Namespace, int] = {}
    labels: list[Line] = []
    for lane in where.lanes:
        numbers[lane.namespace] = numbers.get(lane.namespace, 0) + 1
        labels.append((f"{lane.namespace} {numbers[lane.namespace]}",))
    return _shown(facts, where, tuple(labels))


def as_one(facts: CaseFacts, date: DateWords, *, to_month: bool) -> Shown:
    """Show the repository as a whole: the worst that any ref was in at each moment.

    Args:
        facts: The case.
        date: How a date is written.
        to_month: Whether bars begin and end with a month, for a place in a picture tells a day too.
    """
    where = _by_month(facts.where or Whereabouts()) if to_month else facts.where or Whereabouts()
    if not where.lanes:
        return replace(_shown(facts, where, ()), date=date, moment=date)
    whole = Lane(
        name=RefName(b""),
        namespace="pull request",  # as a whole it is clean when its pull requests are
        start=min(lane.start for lane in where.lanes),
        end=max(lane.end for lane in where.lanes),
        parent=None,
        stretches=tuple(_worst(where.lanes)),
    )
    one = Whereabouts(lanes=(whole,))
    shown = _shown(facts, one, (("repository",),))
    return replace(shown, date=date, moment=date, first=None)


def _by_month(where: Whereabouts) -> Whereabouts:
    return replace(where, lanes=tuple(map(_lane_by_month, where.lanes)))


def _lane_by_month(lane: Lane) -> Lane:
    stretches = tuple(replace(each, start=_month(each.start)) for each in lane.stretches)
    return replace(
        lane, start=_month(lane.start), end=_month(lane.end), stretches=stretches, marks=()
    )


def _month(seconds: int) -> int:
    when = from_epoch(seconds)
    return int(datetime(when.year, when.month, 1, tzinfo=UTC).timestamp())


def _shown(facts: CaseFacts, where: Whereabouts, labels: tuple[Line, ...]) -> Shown:
    return Shown(
        where=where,
        labels=labels,
        columns=columns(facts),
        date=day,
        moment=moment,
        first=facts.bad.first_exposure if facts.bad else None,
        gap="" if where.lanes else facts.where_gap,
    )


def _worst(lanes: Sequence[Lane]) -> Iterator[Stretch]:
    moments = sorted({stretch.start for lane in lanes for stretch in lane.stretches})
    before: State | None = None
    for when in moments:
        state = max(_state_at(lane, when) for lane in lanes)
        if state is not before:
            yield Stretch(start=when, state=state)
            before = state


def _state_at(lane: Lane, moment: int) -> State:
    past = [stretch.state for stretch in lane.stretches if stretch.start <= moment]
    return past[-1] if past else State.CLEAN


# --- in words ------------------------------------------------------------------------------


def words(shown: Shown) -> Bullets:
    """Say all that the picture shows."""
    items: list[Line] = list(_before(shown))
    under: dict[int, Sequence[Line]] = {}
    for number, lane in enumerate(shown.where.lanes):
        under[len(items)] = tuple(_marks(shown, lane))
        items.append(line(*shown.labels[number], f": {_course(shown, lane)}"))
    return Bullets([*items, *_rest(shown), *_response_words(shown)], under=under)


def summary(shown: Shown) -> str:
    """Say in a sentence or two what the picture is of."""
    lanes = len(shown.where.lanes)
    if not lanes:
        return f"The moments of the response. {shown.gap}".strip()
    more = sum(shown.where.not_drawn.values())
    others = f" {counted(more, 'more ref')} counted below." if more else ""
    drawn = (
        "the repository as a whole"
        if lanes == 1 and not shown.where.lanes[0].name
        else counted(lanes, "ref")
    )
    return (
        f"A timeline of {drawn}: on the left by the dates of commits, on the right step by step "
        "through the response. A full bar means that the data are among the files, a striped one that "
        "they are in the history alone, from where anybody can take them, a thin line that they are not there."
        f"{others}"
    )


def _before(shown: Shown) -> Iterator[Line]:
    if shown.gap:
        yield (shown.gap,)
    if shown.first:
        yield (f"{shown.date(shown.first)}: the date of the earliest commit that holds the data",)


def _course(shown: Shown, lane: Lane) -> str:
    parts = [
        f"{STATE_WORDS[stretch.state]} from {_date(shown, stretch.start)}"
        for stretch in lane.stretches
        if stretch.state or stretch.start > lane.start
    ]
    gone = shown.gone(lane)
    if not parts:
        return "never led to the data"
    if gone is None:
        return f"{'; '.join(parts)}; and still so"
    return f"{'; '.join(parts)}; gone from it since {shown.moment(shown.columns[gone].at)}"


STATE_WORDS: Mapping[State, str] = {
    State.CLEAN: "clean",
    State.FILES: "the data among its files",
    State.HISTORY: "out of its files and still in its history",
}


def _marks(shown: Shown, lane: Lane) -> Iterator[Line]:
    """Say how the data came and which commits took them out of the files alone."""
    for mark in lane.marks:
        source: tuple[Span, ...] = ()
        if mark.source is not None:
            source = (", by a merge of ", *shown.labels[mark.source])
        yield line(f"{_date(shown, mark.when)}: {_mark(mark)}", *source)
    if lane.marks_left_out:
        yield (f"{counted(lane.marks_left_out, 'later commit')} not listed",)


def _mark(mark: Mark) -> str:
    files = counted(mark.files, "file")
    match mark.kind:
        case "came":
            return f"{files} came in"
        case "moved":
            return f"{files} got another name"
        case "went":
            still = f"{counted(mark.left, 'other')} stayed" if mark.left else "none stayed"
            return f"{_WAYS[mark.way]} took {files} out of the files ({still}) and none out of the history"


_WAYS = {
    "revert": "a revert",
    "delete": "a commit that deletes",
    "overwrite": "a commit that overwrites",
}


def _rest(shown: Shown) -> Iterator[Line]:
    if shown.where.not_drawn:
        yield (f"Not drawn, and lead to the data as well: {_by_kind(shown.where.not_drawn)}",)
    if shown.where.clean:
        yield (f"Never led to the data: {_by_kind(shown.where.clean)}",)
    if shown.where.wrong_dates:
        number = counted(shown.where.wrong_dates, "commit")
        yield (f"{number} with an impossible date stand where the commit before them does",)


_PLURALS: Mapping[Namespace, str] = {
    "branch": "branches",
    "tag": "tags",
    "pull request": "pull requests",
    "other ref": "other refs",
}


def _by_kind(refs: Mapping[Namespace, int]) -> str:
    return ", ".join(counted(number, kind, _PLURALS[kind]) for kind, number in refs.items())


def _response_words(shown: Shown) -> Iterator[Line]:
    for column in shown.columns:
        yield (f"{shown.moment(column.at)}: {column.words}",)
    closed = shown.closed
    if closed and closed[1] == len(shown.columns):
        yield ("Access is restricted since then",)


def _date(shown: Shown, seconds: int) -> str:
    return shown.date(from_epoch(seconds).astimezone(UTC))
