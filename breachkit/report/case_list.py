"""Every case on a line of its own, the worst first: for who keeps several, and for cron."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.incident.commands import as_typed, remedy
from breachkit.model.ids import display
from breachkit.report.case_screen import WITHOUT_END, Line, cut
from breachkit.report.case_status import WIDTH, Status, span, to_json
from breachkit.report.colours import ALARM, BADGE, FAINT, GOOD, RED, STRONG
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One case of a list."""

    id: str
    codename: str
    status: Status | None
    """None where the journal does not hold."""
    damaged: str | None = None
    """Why nothing can be said."""

    @property
    def is_open(self) -> bool:
        """Whether somebody may have to act."""
        return self.status is None or self.status.is_open or self.status.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Whether `--strict` ends with exit code 8."""
        return self.status is None or self.status.is_overdue


def screen(cases: Sequence[Listed], width: int | None = WIDTH) -> tuple[Line, ...]:
    """Give the list in the order of `cases`; those that are closed are counted.

    Args:
        cases: The worst first.
        width: Of the terminal, in columns; None where there is none, and nothing is cut off.
    """
    return tuple(_screen(cases, WITHOUT_END if width is None else width))


def list_to_json(cases: Sequence[Listed]) -> dict[str, Any]:
    """Give the list in JSON's own types; schema `breachkit.statuses/1`, closed cases with it."""
    return {
        "schema": "breachkit.statuses/1",
        "cases": [_case_json(each) for each in cases],
        "next": {"command": _command(cases)},
    }


def _case_json(listed: Listed) -> dict[str, Any]:
    if listed.status is not None:
        return {**to_json(listed.status), "damaged": None}
    return {"id": listed.id, "codename": listed.codename, "damaged": listed.damaged}


_LEAST = 12
"""Of a target something is shown, however little room there is."""


def _screen(cases: Sequence[Listed], width: int) -> Iterator[Line]:
    waiting = [each for each in cases if each.is_open]
    for each in waiting:
        yield _line(each, width)
    if not waiting:
        yield ("No case is open.",)
    if closed := len(cases) - len(waiting):
        yield ((f"and {counted(closed, 'closed case')}", FAINT),)
    yield ()
    yield ("Next:", BADGE), " ", (_command(cases), STRONG)


def _line(listed: Listed, width: int) -> Line:
    name = f"{listed.id} {display(listed.codename)}"
    head = f"{name:<30} "
    if listed.status is None:
        return ((head, STRONG), (" DAMAGED ", RED), " the journal does not hold")
    said, style = _state(listed.status)
    left = max(width - len(head) - len(said) - 2, _LEAST)
    return ((head, STRONG), (said, style), "  ", (cut(display(listed.status.target), left), FAINT))


def _state(status: Status) -> tuple[str, str]:
    late = _clock(status)
    parts = [
        "DRAFT: a person has to look" if status.is_draft and status.is_open else "",
        "STOPPED" if status.interrupted else "",
        f"{len(status.overdue):,} overdue" if status.overdue else "",
        f"{len(status.chases):,} to chase" if status.chases else "",
    ]
    said = ", ".join(part for part in (late, *parts) if part)
    return said, ALARM if status.is_overdue else GOOD


def _clock(status: Status) -> str:
    if not status.is_open:
        return "closed"
    if status.is_late:
        return f"LATE {span(-status.clock.left)}"
    return "decided" if status.assessed else f"{span(status.clock.left)} left"


def _command(cases: Sequence[Listed]) -> str:
    """Give the command that shows the first case."""
    if not cases:
        return as_typed("breachkit open TARGET")
    command = "log verify" if cases[0].status is None else "status"
    return remedy(cases[0].id, f"breachkit {command} --case {{case}}")
