"""How far a practice has come: points for each lesson, what is open, and what went wrong."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachkit.drill.certificate import Certificate, Entry
from breachkit.drill.practice import Practice
from breachkit.drill.practice_lessons import COST, LESSONS, MISTAKES, Lesson, Mistake, State
from breachkit.drill.practice_look import Look
from breachkit.drill.stories.shelf import story_named
from breachkit.model.time import Clock, parse_rfc3339
from breachkit.report.words import counted


SCHEMA = "breachkit.drill-check/1"
_WIDTH = 78


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One lesson as it stands."""

    lesson: Lesson
    state: State

    @property
    def points(self) -> int:
        """What it counts."""
        return self.lesson.points if self.state is State.DONE else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A practice as it stands."""

    scenario: str
    began: datetime
    at: datetime
    lessons: tuple[Judged, ...]
    mistakes: tuple[Mistake, ...]

    @property
    def of(self) -> int:
        """Points that there are."""
        return sum(one.lesson.points for one in self.lessons)

    @property
    def points(self) -> int:
        """Points reached; none is less than nothing."""
        reached = sum(one.points for one in self.lessons)
        return max(0, reached - COST * len(self.mistakes))

    @property
    def open(self) -> tuple[Judged, ...]:
        """What can still be done."""
        return tuple(one for one in self.lessons if one.state is State.OPEN)

    @property
    def exit_code(self) -> int:
        """0 once nothing is open, else 8."""
        return 8 if self.open else 0


def score(practice: Practice, clock: Clock) -> Score:
    """Look at a practice, whether it is being served or not, and score it; nothing is changed."""
    look = Look(practice, clock)
    judged = ((lesson, lesson.judge(look)) for lesson in LESSONS)
    return Score(
        scenario=practice.facts.scenario,
        began=parse_rfc3339(practice.facts.made),
        at=clock.now(),
        lessons=tuple(Judged(lesson=one, state=state) for one, state in judged if state),
        mistakes=tuple(one for one in MISTAKES if one.happened(look)),
    )


def score_json(found: Score) -> dict[str, Any]:
    """Give the object that `breachkit drill check --json` prints."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "points": found.points,
        "of": found.of,
        "open": len(found.open),
        "lessons": [
            {
                "id": one.lesson.id,
                "title": one.lesson.title,
                "state": one.state.value,
                "points": one.points,
                "of": one.lesson.points,
                "hint": one.lesson.hint if one.state is State.OPEN else "",
            }
            for one in found.lessons
        ],
        "mistakes": [{"id": one.id, "title": one.title, "cost": COST} for one in found.mistakes],
    }


def score_text(found: Score, *, hints: bool) -> str:
    """Write a score for a terminal, at most 78 columns wide."""
    return "\n".join(_lines(found, hints=hints))


def certificate_of_practice(found: Score, by: Sequence[str]) -> Certificate:
    """Give the record of a practice for the organisation's files."""
    story = story_named(found.scenario)
    slips = tuple(Entry(what=one.title, failed=("this must not happen",)) for one in found.mistakes)
    return Certificate(
        scenario=story.name,
        teaches=story.teaches,
        manner="hands-on",
        by=tuple(by),
        began=found.began,
        ended=found.at,
        entries=(*map(_entry, found.lessons), *slips),
        not_practised=story.not_practised,
        score=f"{found.points} of {counted(found.of, 'point')}",
    )


def _entry(one: Judged) -> Entry:
    points = counted(one.lesson.points, "point")
    if one.state is State.DONE:
        return Entry(what=one.lesson.title, held=(points,))
    return Entry(what=one.lesson.title, failed=(f"{one.state.value}: 0 of {points}",))


def _lines(found: Score, *, hints: bool) -> Iterator[str]:
    yield f"Practice {found.scenario}, since {found.began:%Y-%m-%d %H:%M} UTC"
    yield ""
    for one in found.lessons:
        yield f"  {one.state.value:<7} {one.points:>2}/{one.lesson.points:<2}  {one.lesson.title}"
        if hints and one.state is State.OPEN:
            yield from _wrapped(one.lesson.hint)
    for slip in found.mistakes:
        yield f"  mistake -{COST:<3}  {slip.title}"
        yield from _wrapped(slip.why)
    yield ""
    yield f"{found.points} of {found.of} points, {_left(found)}."


def _left(found: Score) -> str:
    if found.open:
        return f"{counted(len(found.open), 'lesson')} open"
    return "nothing is open"


def _wrapped(words: str) -> list[str]:
    """Wrap words, and no command in them."""
    indent = " " * 17
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _NO_BREAK), words)
    lines = textwrap.wrap(
        whole, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return [line.replace(_NO_BREAK, " ") for line in lines]


_COMMAND = re.compile("`[^`]*`")
_NO_BREAK = "\u00a0"
