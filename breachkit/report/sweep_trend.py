"""How the findings of sweeps went over time, as a picture with its numbers beside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from breachkit.actions.sweeping import Run, Tally
from breachkit.report import escape
from breachkit.report.words import counted


MOST_RUNS = 90
"""Sweeps that are drawn: a season, where there is one each night."""
_WIDE, _HIGH = 720, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 128, 14, 26
_DOTS = 31
"""Up to so many sweeps each has a dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is known of earlier sweeps of the same repositories."""

    runs: Sequence[Run]
    """The sweeps, the one that is reported last, oldest first."""
    tallies: Mapping[str, Sequence[Tally]] = field(default_factory=dict)
    """How many findings were open in each repository, by its key, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one sweep ended with."""

    day: str
    open: int
    """New and known findings."""
    new: int


def points(runs: Sequence[Run]) -> list[Point]:
    """Give a point for each sweep that came to its end, oldest first."""
    return [
        Point(
            day=f"{run.began_at:%Y-%m-%d}",
            open=run.counts.get("findings new", 0) + run.counts.get("findings known", 0),
            new=run.counts.get("findings new", 0),
        )
        for run in runs
        if run.counts
    ]


def trend(runs: Sequence[Run]) -> str:
    """Give the picture as safe HTML; empty where there are not two sweeps to compare."""
    every = points(runs)
    drawn = every[-MOST_RUNS:]
    if len(drawn) < 2:
        return ""
    said = escape.html(_said(drawn, len(every)))
    return (
        f'<h2>Over time</h2>\n<figure class="trend">{_picture(drawn, said)}'
        f'<figcaption><span class="key-open">Line: open findings.</span> '
        f'<span class="key-new">Bars: new in that sweep.</span> {said}</figcaption>\n{_numbers(drawn)}</figure>\n'
    )


def _said(drawn: Sequence[Point], every: int) -> str:
    most = max(point.open for point in drawn)
    which = (
        f"{counted(len(drawn), 'sweep')}"
        if len(drawn) == every
        else f"the last {len(drawn)} of {every:,} sweeps"
    )
    return (
        f"Open findings over {which}, from {drawn[0].day} to {drawn[-1].day}: "
        f"{drawn[0].open:,} then, {drawn[-1].open:,} now, at most {most:,}."
    )


def _picture(drawn: Sequence[Point], said: str) -> str:
    return (
        f'<svg role="img" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}">'
        f"<title>{said}</title>{''.join(_shapes(drawn))}</svg>"
    )


def _shapes(drawn: Sequence[Point]) -> Iterator[str]:
    top = _round_up(max(point.open for point in drawn))
    step = (_WIDE - _LEFT - _RIGHT) / (len(drawn) - 1)
    floor = _HIGH - _BOTTOM

    def height(count: int) -> float:
        return floor - count * (floor - _TOP) / top

    for level in dict.fromkeys((0, top // 2, top)):
        y = height(level)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{level:,}</text>'
    bar = max(2.0, min(14.0, step * 0.5))
    places = [(_LEFT + number * step, point) for number, point in enumerate(drawn)]
    for x, point in places:
        y = height(point.new)
        if point.new:
            yield f'<rect class="new" x="{x - bar / 2:.1f}" y="{y:.1f}" width="{bar:.1f}" height="{floor - y:.1f}"/>'
    line = " ".join(f"{x:.1f},{height(point.open):.1f}" for x, point in places)
    yield f'<polyline class="open" points="{line}"/>'
    if len(drawn) <= _DOTS:
        yield from (f'<circle class="dot" cx="{x:.1f}" cy="{height(point.open):.1f}" r="3"/>' for x, point in places)  # fmt: skip
    yield from _labels(drawn, height(drawn[-1].open))


def _labels(drawn: Sequence[Point], last: float) -> Iterator[str]:
    """Give the days at both ends, and what is open now at the end of the line."""
    low = _HIGH - 8
    yield f'<text x="{_LEFT}" y="{low}">{drawn[0].day}</text>'
    yield f'<text x="{_WIDE - _RIGHT}" y="{low}" text-anchor="end">{drawn[-1].day}</text>'
    right = _WIDE - _RIGHT + 8
    yield f'<text class="now" x="{right}" y="{last + 4:.1f}">{drawn[-1].open:,} open</text>'


def _round_up(number: int) -> int:
    """Give an even number not below this one that can be read at an axis: 2, 4, ..., 18, 20, 40, ..."""
    unit = 2
    while number > 9 * unit:
        unit *= 10
    return max(-(-number // unit), 1) * unit


def _numbers(drawn: Sequence[Point]) -> str:
    """Give the same as a table, the latest first."""
    rows = "".join(
        f"<tr><td>{point.day}</td><td>{point.open:,}</td><td>{point.new:,}</td></tr>\n"
        for point in reversed(drawn)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Sweep", "Open", "New"))
    return (
        '<details><summary>As numbers</summary><table class="plain"><caption>Findings at the end of each sweep</caption>'
        f"\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></details>"
    )
