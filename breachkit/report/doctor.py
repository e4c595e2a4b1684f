"""What `doctor` found, for people and machines: what is well first, what would stop a response last.

The last lines are those that stand above the prompt. Commands to paste are never broken.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.actions.health import Diagnosis, Health
from breachkit.incident.commands import as_typed
from breachkit.report.case_screen import Line, Part
from breachkit.report.case_status import WIDTH
from breachkit.report.colours import AMBER, FAINT, GOOD, RED, STRONG
from breachkit.report.words import counted


_ORDER = (Health.NOT_TRIED, Health.WARN, Health.FAIL)
_BADGES: dict[Health, Part] = {
    Health.OK: ("ok", GOOD),
    Health.NOT_TRIED: ("not tried", FAINT),
    Health.WARN: (" WARN ", AMBER),
    Health.FAIL: (" FAIL ", RED),
}
_INDENT = 11
"""Columns of the badge."""
_NARROWEST, _WIDEST = 40, 120
"""Columns: sentences that go on for longer are hard to read, and shorter ones fall apart."""


def to_json(diagnoses: Sequence[Diagnosis], *, target: str | None) -> dict[str, Any]:
    """Give everything in JSON's own types; schema `breachkit.doctor/1`.

    Args:
        diagnoses: In the order in which they were made.
        target: The repository that was asked about.
    """
    return {
        "schema": "breachkit.doctor/1",
        "target": target,
        "counts": {health.value: _count(diagnoses, health) for health in Health},
        "checks": [_check(each) for each in diagnoses],
    }


def screen(diagnoses: Sequence[Diagnosis], width: int = WIDTH) -> tuple[Line, ...]:
    """Give everything line by line, with styles.

    Args:
        diagnoses: In the order in which they were made.
        width: Of the terminal, in columns; what is very narrow or wide is left unused.
    """
    return tuple(_screen(diagnoses, min(max(width, _NARROWEST), _WIDEST) - _INDENT))


def _check(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "id": diagnosis.id,
        "area": diagnosis.area,
        "health": diagnosis.health.value,
        "says": diagnosis.says,
        "means": diagnosis.means,
        "repairs": list(map(as_typed, diagnosis.repairs)),
    }


def _count(diagnoses: Sequence[Diagnosis], health: Health) -> int:
    return sum(each.health is health for each in diagnoses)


def _screen(diagnoses: Sequence[Diagnosis], room: int) -> Iterator[Line]:
    """Give the lines; `room` is what a sentence has beside the badge."""
    yield from _well(diagnoses, room)
    for health in _ORDER:
        for each in diagnoses:
            if each.health is health:
                yield from _lines(each, room)
    yield ()
    yield from _verdict(diagnoses)


def _well(diagnoses: Sequence[Diagnosis], room: int) -> Iterator[Line]:
    """Give what is well, a paragraph for each area."""
    areas: dict[str, list[str]] = {}
    for each in diagnoses:
        if each.health is Health.OK:
            areas.setdefault(each.area, []).append(each.says)
    for area, said in areas.items():
        yield from _paragraph(Health.OK, f"{area}: {'; '.join(said)}", room)


def _lines(diagnosis: Diagnosis, room: int) -> Iterator[Line]:
    yield from _paragraph(diagnosis.health, f"{diagnosis.area}: {diagnosis.says}", room)
    yield from ((" " * _INDENT, line) for line in _wrapped(diagnosis.means, room))
    yield from ((" " * (_INDENT + 2), as_typed(repair)) for repair in diagnosis.repairs)


def _paragraph(health: Health, text: str, room: int) -> Iterator[Line]:
    badge = _BADGES[health]
    style = STRONG if health in {Health.WARN, Health.FAIL} else ""
    first, *more = _wrapped(text, room) or [""]
    yield badge, " " * (_INDENT - len(badge[0])), (first, style)
    yield from ((" " * _INDENT, (line, style)) for line in more)


def _wrapped(text: str, room: int) -> list[str]:
    return textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False)


def _verdict(diagnoses: Sequence[Diagnosis]) -> Iterator[Line]:
    failed, warned, untried = (
        _count(diagnoses, health) for health in (Health.FAIL, Health.WARN, Health.NOT_TRIED)
    )
    if failed:
        verb = "stops" if failed == 1 else "stop"
        yield ((f"{counted(failed, 'thing')} {verb} a response here", STRONG),)
    elif warned or untried:
        yield (("Nothing that was looked at stops a response here", STRONG),)
    else:
        yield (("Everything that a response needs is here", STRONG),)
    rest = [
        text
        for number, text in (
            (warned, counted(warned, "warning")),
            (untried, f"{untried} not tried"),
        )
        if number
    ]
    yield (f"{_count(diagnoses, Health.OK)} ok{''.join(f', {text}' for text in rest)}.",)
