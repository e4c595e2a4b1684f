"""How the open findings of one repository went over the last sweeps, as a picture the size of a word.

Source: E. Tufte, Beautiful Evidence (2006): sparklines, data-intense graphics in the line of a table.
"""

from collections.abc import Iterator, Sequence

from breachkit.actions.sweeping import Run, Tally
from breachkit.report import escape
from breachkit.report.sweep_trend import MOST_RUNS
from breachkit.report.words import counted


_WIDE, _HIGH = 96, 22
_EDGE = 3
"""What the dot at the end of the line needs around it."""


def open_at(runs: Sequence[Run], tallies: Sequence[Tally]) -> list[int]:
    """Give how many findings were open after each sweep that came to its end, from the first that is known.

    Args:
        runs: Oldest first.
        tallies: Oldest first; each holds until the next.
    """
    found: list[int] = []
    left = list(tallies)[::-1]
    now: int | None = None
    for run in runs:
        while left and left[-1].run <= run.number:
            now = left.pop().open
        if now is not None and run.counts:
            found.append(now)
    return found


def spark(runs: Sequence[Run], tallies: Sequence[Tally]) -> tuple[int, str]:
    """Draw it.

    Returns:
        By how many open findings there are more than at first, and the picture as safe HTML, which is
        empty where there are not two sweeps to compare or where nothing ever was open.
    """
    drawn = open_at(runs, tallies)[-MOST_RUNS:]
    if len(drawn) < 2 or not any(drawn):
        return 0, ""
    said = f"{drawn[0]:,} open at first, {drawn[-1]:,} now, in {counted(len(drawn), 'sweep')}"
    line = " ".join(_line(drawn))
    end = line.rpartition(" ")[2].split(",")
    picture = (
        f'<svg class="spark" role="img" viewBox="0 0 {_WIDE} {_HIGH}" width="{_WIDE}" height="{_HIGH}">'
        f'<title>{escape.html(said)}</title><polyline points="{line}"/>'
        f'<circle cx="{end[0]}" cy="{end[1]}" r="2.5"/></svg>'
    )
    return drawn[-1] - drawn[0], picture


def _line(drawn: Sequence[int]) -> Iterator[str]:
    """Give the corners of the line: it stays where it is until a sweep finds another number."""
    top = max(drawn)
    step = (_WIDE - 2 * _EDGE) / (len(drawn) - 1)
    before: str | None = None
    for number, each in enumerate(drawn):
        x = f"{_EDGE + number * step:.1f}"
        y = f"{_HIGH - _EDGE - each * (_HIGH - 2 * _EDGE) / top:.1f}"
        if before is not None and before != y:
            yield f"{x},{before}"
        if before != y or number == len(drawn) - 1:
            yield f"{x},{y}"
        before = y
