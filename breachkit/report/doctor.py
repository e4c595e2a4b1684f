"""What `doctor` found, for people and machines: what is well first, what would stop a response last.

The last lines are those that stand above the prompt. Commands to paste are never broken.
"""

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.actions.health import Diagnosis, Health
from breachkit.report.case_screen import Line, Part
from breachkit.report.case_status import WIDTH
from breachkit.report.colours import AMBER, FAINT, GOOD, RED, STRONG
from breachkit.report.words import counted


_ORDER = (Health.OK, Health.NOT_TRIED, Health.WARN, Health.FAIL)
_BADGES: dict[Health, Part] = {
    Health.OK: ("ok", GOOD),
    Health.NOT_TRIED: ("not tried", FAINT),
    Health.WARN: (" WARN ", AMBER),
    Health.FAIL: (" FAIL ", RED),
}
_INDENT = 11
"""Columns of the badge."""


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


def screen(diagnoses: Sequence[Diagnosis]) -> tuple[Line, ...]:
    """Give everything line by line, with styles."""
    return tuple(_screen(diagnoses))


def _check(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "id": diagnosis.id,
        "area": diagnosis.area,
        "health": diagnosis.health.value,
        "says": diagnosis.says,
        "means": diagnosis.means,
        "repairs": list(diagnosis.repairs),
    }


def _count(diagnoses: Sequence[Diagnosis], health: Health) -> int:
    return sum(each.health is health for each in diagnoses)


def _screen(diagnoses: Sequence[Diagnosis]) -> Iterator[Line]:
    for health in _ORDER:
        for each in diagnoses:
            if each.health is health:
                yield from _lines(each)
    yield ()
    yield from _verdict(diagnoses)


def _lines(diagnosis: Diagnosis) -> Iterator[Line]:
    badge = _BADGES[diagnosis.health]
    said = f"{diagnosis.area}: {diagnosis.says}"
    first, *more = textwrap.wrap(said, WIDTH - _INDENT, break_on_hyphens=False) or [""]
    space = " " * (_INDENT - len(badge[0]))
    yield badge, space, first if diagnosis.health is Health.OK else (first, STRONG)
    yield from ((" " * _INDENT, (line, STRONG)) for line in more)
    means = textwrap.wrap(diagnosis.means, WIDTH - _INDENT, break_on_hyphens=False)
    yield from ((" " * _INDENT, line) for line in means)
    yield from ((" " * (_INDENT + 2), repair) for repair in diagnosis.repairs)


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
