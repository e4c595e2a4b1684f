"""Draws where the data sat, as one `svg` element: refs as lanes, time from left to right.

On the left the dates of commits, to scale; on the right the steps of the response, one width each, for
a response of hours would vanish beside a history of years. Colours come from the page; shapes and
stripes say the same without them.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import escape

from breachkit.actions.whereabouts import Lane, Mark, State
from breachkit.model.time import from_epoch
from breachkit.report.incident_document import plain
from breachkit.report.incident_history import Shown


WIDTH = 960
_LABELS = 186
"""Where the lanes begin."""
_LEAST_STEPS = 176
"""Width of the part with the response, for its heading."""
_GAP = 26
"""Between the two parts."""
_STEP = 44
"""Width of one step of the response."""
_HEAD, _LANE, _FOOT = 54, 32, 30
_KEY_LINE, _KEYS = 22, 3
_BAR = 15
_MOST_LABEL = 26
"""Characters of a label; the words beside the picture have it in full."""
_LETTER = 5.7
"""Width of a letter in a bar."""
_SIGN = 9
"""Half the room that a sign takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where things stand."""

    shown: Shown
    left: float
    """The first moment that is drawn, in seconds since 1970."""
    right: float
    split: float
    """Where the dates of commits end."""
    steps: float
    """Where the steps of the response begin."""
    end: float

    def time(self, seconds: float) -> float:
        """Give the place of a moment among the commits."""
        share = (seconds - self.left) / (self.right - self.left)
        return _LABELS + (self.split - _LABELS) * min(max(share, 0.0), 1.0)

    def step(self, number: int) -> float:
        """Give the middle of a step of the response."""
        width = (self.end - self.steps) / len(self.shown.columns)
        return self.steps + width * (number + 0.5)

    @property
    def bottom(self) -> float:
        """Where the lanes end."""
        return _HEAD + _LANE * max(1, len(self.shown.where.lanes))


def draw(shown: Shown, *, id_: str, title: str, summary: str) -> str:
    """Give the picture.

    Args:
        shown: What this audience may see.
        id_: A word of our own, unique in the page.
        title: What it is, in a few words.
        summary: What it shows, for somebody who cannot see it.
    """
    frame = _frame(shown)
    keys = list(_keys(frame, frame.bottom + _FOOT + 16))
    height = frame.bottom + _FOOT + 4 + _KEY_LINE * _key_lines(shown)
    body = "\n".join((*_ground(frame), *_lanes(frame), *keys))
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-labelledby="{id_}-title {id_}-desc" xmlns="http://www.w3.org/2000/svg">\n'
        f'<title id="{id_}-title">{escape(title)}</title>\n'
        f'<desc id="{id_}-desc">{escape(summary)}</desc>\n{_PATTERNS}\n{body}\n</svg>'
    )


_PATTERNS = (
    '<defs><pattern id="stripes" width="7" height="7" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="p-tint" width="7" height="7"/>'
    '<rect class="p-stripe" width="2.4" height="7"/></pattern></defs>'
)


def _frame(shown: Shown) -> _Frame:
    lanes = shown.where.lanes
    steps = max(_STEP * len(shown.columns), _LEAST_STEPS)
    end = WIDTH - 12.0
    if not lanes:
        return _Frame(shown=shown, left=0, right=1, split=_LABELS, steps=_LABELS, end=end)
    split = max(end - steps - _GAP, _LABELS + 280)
    first = min(filter(None, (_seconds(shown.first), shown.where.first)), default=0)
    last = max(shown.where.last or first, first + 86_400)
    margin = (last - first) * 0.1
    return _Frame(
        shown=shown,
        left=first - margin,
        right=last + margin * 0.4,
        split=split,
        steps=split + _GAP,
        end=end,
    )


def _seconds(when: datetime | None) -> int | None:
    return int(when.timestamp()) if when else None


# --- what stands behind the lanes ----------------------------------------------------------


def _ground(frame: _Frame) -> Iterator[str]:
    bottom = frame.bottom
    closed = frame.shown.closed
    if closed:
        start = frame.step(closed[0])
        stop = frame.end if closed[1] == len(frame.shown.columns) else frame.step(closed[1])
        yield (
            f'<rect class="p-closed" x="{start:.1f}" y="{_HEAD - 6}" width="{stop - start:.1f}" '
            f'height="{bottom - _HEAD + 10:.1f}" rx="4"/>'
        )
    yield '<g class="axis">'
    if frame.shown.where.lanes:
        yield _text(_LABELS, 16, "commits, by their dates", "p-part")
        yield from _ticks(frame)
    yield _text(frame.steps, 16, "the response, step by step", "p-part")
    for number in range(len(frame.shown.columns)):
        x = frame.step(number)
        yield f'<path class="p-grid" d="M{x:.1f} {_HEAD - 8}V{bottom + 4:.1f}"/>'
        yield f'<circle class="p-step" cx="{x:.1f}" cy="{_HEAD - 18}" r="10"/>'
        yield _text(x, _HEAD - 14, str(number + 1), "p-number", "middle")
    yield "</g>"


def _ticks(frame: _Frame) -> Iterator[str]:
    for when, label in _dates(frame.left, frame.right, (frame.split - _LABELS) / 74):
        x = frame.time(when.timestamp())
        yield f'<path class="p-grid" d="M{x:.1f} {_HEAD - 8}V{frame.bottom + 6:.1f}"/>'
        yield _text(x, frame.bottom + 20, label, "p-tick", "middle")


def _dates(left: float, right: float, most: float) -> Iterator[tuple[datetime, str]]:
    """Give round dates between two moments, not more than `most`."""
    start, stop = from_epoch(int(left)), from_epoch(int(right))
    days = (stop - start).days
    if days < 60:
        step = max(1, round(days / max(most, 1) + 0.5))
        day = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
        while day <= stop:
            yield day, f"{day.day} {day:%b %Y}"
            day += timedelta(days=step)
        return
    months = days / 30.4
    wanted = next((n for n in (1, 2, 3, 6, 12, 24, 60) if months / n <= most), 120)
    number = start.year * 12 + start.month  # counted so that the next month is + 1
    number += -number % wanted
    while (when := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) <= stop:
        yield when, f"{when:%b %Y}" if wanted < 12 else f"{when.year}"
        number += wanted


# --- the lanes -----------------------------------------------------------------------------


def _lanes(frame: _Frame) -> Iterator[str]:
    shown = frame.shown
    if not shown.where.lanes:
        yield _text(12, _y(0) + 4, "where the data sat", "p-label")
        yield f'<path class="p-unknown" d="M{frame.steps:.1f} {_y(0)}H{frame.end:.1f}"/>'
        return
    for number, lane in enumerate(shown.where.lanes):
        yield from _joins(frame, number, lane)
    for number, lane in enumerate(shown.where.lanes):
        yield f"<g>{_lane_label(frame, number)}"
        yield from _bars(frame, number, lane)
        yield from _response(frame, number, lane)
        yield from (_mark(frame, number, mark) for mark in lane.marks)
        yield "</g>"


def _y(number: int) -> float:
    return _HEAD + _LANE * (number + 0.5)


def _lane_label(frame: _Frame, number: int) -> str:
    label = plain(frame.shown.labels[number]).removeprefix("refs/").removeprefix("heads/")
    return _text(12, _y(number) + 4, _shortened(label), "p-label")


def _shortened(label: str) -> str:
    if len(label) <= _MOST_LABEL:
        return label
    return f"{label[: _MOST_LABEL - 11]}\u2026{label[-10:]}"


def _joins(frame: _Frame, number: int, lane: Lane) -> Iterator[str]:
    """Draw from where a lane leaves, and what merges brought."""
    y = _y(number)
    if lane.parent is not None and lane.forked is not None:
        fork, x, above = frame.time(lane.forked), frame.time(lane.start), _y(lane.parent)
        bend = min(8.0, x - fork)
        yield (
            f'<path class="p-join" d="M{fork:.1f} {above}V{y - 8}'
            f'Q{fork:.1f} {y} {fork + bend:.1f} {y}H{x:.1f}"/>'
        )
    for mark in lane.marks:
        if mark.source is not None:
            x = frame.time(mark.when)
            yield f'<path class="p-merge" d="M{x:.1f} {_y(mark.source)}V{y}"/>'


_CLASSES = {State.CLEAN: "p-clean", State.HISTORY: "p-history", State.FILES: "p-files"}
_BAR_WORDS = {
    State.CLEAN: (),
    State.FILES: ("the data are in the files", "in the files"),
    State.HISTORY: ("out of the files, still in the history", "still in the history", "in history"),
}


def _bars(frame: _Frame, number: int, lane: Lane) -> Iterator[str]:
    starts = [frame.time(stretch.start) for stretch in lane.stretches]
    signs = [frame.time(mark.when) for mark in lane.marks if mark.kind != "came"]
    for stretch, x, end in zip(lane.stretches, starts, [*starts[1:], frame.split], strict=True):
        yield from _bar(stretch.state, x, end, _y(number))
        yield from _bar_words(stretch.state, _free(x, end, signs), _y(number))


def _free(x: float, end: float, signs: Sequence[float]) -> tuple[float, float]:
    """Give the widest part of a bar on which no sign stands."""
    edges = [
        x - _SIGN,
        *sorted(sign for sign in signs if x - _SIGN < sign < end + _SIGN),
        end + _SIGN,
    ]
    parts = [(left + _SIGN, right - _SIGN) for left, right in itertools.pairwise(edges)]
    return max(parts, key=lambda part: part[1] - part[0])


def _bar(state: State, x: float, end: float, y: float) -> Iterator[str]:
    if state is State.CLEAN:
        yield f'<path class="p-clean" d="M{x:.1f} {y}H{end:.1f}"/>'
        return
    width = max(end - x, 2.0)
    yield (
        f'<rect class="{_CLASSES[state]}" x="{x:.1f}" y="{y - _BAR / 2}" width="{width:.1f}" '
        f'height="{_BAR}" rx="2"/>'
    )


def _bar_words(state: State, free: tuple[float, float], y: float) -> Iterator[str]:
    x, end = free
    said = next((each for each in _BAR_WORDS[state] if len(each) * _LETTER + 6 < end - x), None)
    if said:
        yield _text((x + end) / 2, y + 3.7, said, f"{_CLASSES[state]}-words", "middle")


def _response(frame: _Frame, number: int, lane: Lane) -> Iterator[str]:
    """Carry a lane on through the response, to where it no longer leads to the data."""
    y, gone = _y(number), frame.shown.gone(lane)
    yield f'<path class="p-break" d="M{frame.split + 4:.1f} {y}H{frame.steps - 4:.1f}"/>'
    if lane.state is State.CLEAN:
        yield f'<path class="p-clean" d="M{frame.steps:.1f} {y}H{frame.end:.1f}"/>'
        return
    until = frame.end if gone is None else frame.step(gone)
    yield from _bar(lane.state, frame.steps, until, y)
    if gone is None:
        yield f'<path class="p-on" d="M{frame.end - 9:.1f} {y - 12}l11 12l-11 12"/>'
        return
    yield f'<path class="p-gone" d="M{until:.1f} {y}H{frame.end:.1f}"/>'
    yield f'<circle class="p-good" cx="{until:.1f}" cy="{y}" r="8"/>'
    yield f'<path class="p-tick-mark" d="M{until - 3.6:.1f} {y + 0.2}l2.6 2.8l4.8 -5.6"/>'


def _mark(frame: _Frame, number: int, mark: Mark) -> str:
    x, y = frame.time(mark.when), _y(number)
    return _symbol(mark.kind, x, y)


def _symbol(kind: str, x: float, y: float) -> str:
    if kind == "came":
        return f'<path class="p-came" d="M{x - 6:.1f} {y - 14}h12l-6 10z"/>'
    if kind == "moved":
        return f'<path class="p-moved" d="M{x:.1f} {y - 5}l5 5l-5 5l-5 -5z"/>'
    return (
        f'<circle class="p-went" cx="{x:.1f}" cy="{y}" r="6.5"/>'
        f'<path class="p-cross" d="M{x - 3:.1f} {y - 3}l6 6m0 -6l-6 6"/>'
    )


# --- what the signs mean -------------------------------------------------------------------


def _key_lines(shown: Shown) -> int:
    return -(-len(shown.columns) // _KEYS) + -(-len(list(_signs(shown))) // _KEYS)


def _keys(frame: _Frame, y: float) -> Iterator[str]:
    yield '<g class="key">'
    for number, column in enumerate(frame.shown.columns):
        x, row = 12 + (number % _KEYS) * 316, y + (number // _KEYS) * _KEY_LINE
        yield f'<circle class="p-step" cx="{x + 15:.1f}" cy="{row - 4:.1f}" r="9"/>'
        yield _text(x + 15, row, str(number + 1), "p-number", "middle")
        yield _text(x + 40, row, f"{column.label}, {frame.shown.moment(column.at)}", "p-key")
    below = y + -(-len(frame.shown.columns) // _KEYS) * _KEY_LINE
    for number, (sign, words) in enumerate(_signs(frame.shown)):
        x, row = 12 + (number % _KEYS) * 316, below + (number // _KEYS) * _KEY_LINE
        yield f'<g transform="translate({x} {row - 4:.1f})">{sign}</g>'
        yield _text(x + 40, row, words, "p-key")
    yield "</g>"


def _signs(shown: Shown) -> Iterator[tuple[str, str]]:
    lanes = shown.where.lanes
    states = {stretch.state for lane in lanes for stretch in lane.stretches}
    kinds = {mark.kind for lane in lanes for mark in lane.marks}
    for state in (State.FILES, State.HISTORY):
        if state in states:
            yield "".join(_bar(state, 0, 30, 0)), _KEY_WORDS[state]
    for kind, words in _MARK_WORDS.items():
        if kind in kinds:
            yield _symbol(kind, 15, 5 if kind == "came" else 0), words
    if lanes and any(shown.gone(lane) is not None for lane in lanes):
        yield (
            '<circle class="p-good" cx="15" cy="0" r="8"/><path class="p-tick-mark" d="M11.4 0.2l2.6 2.8l4.8 -5.6"/>',
            "no longer leads to the data",
        )
    if shown.closed:
        yield (
            '<rect class="p-closed" x="0" y="-8" width="30" height="16" rx="3"/>',
            "access restricted",
        )


_KEY_WORDS = {
    State.FILES: "the data are among the files",
    State.HISTORY: "in the history alone: still there",
}
_MARK_WORDS = {
    "came": "the data came in",
    "moved": "the file got another name",
    "went": "a fix that did not fix: the history kept it",
}


def _text(x: float, y: float, text: str, kind: str, anchor: str = "") -> str:
    at = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{at}>{escape(text)}</text>'
