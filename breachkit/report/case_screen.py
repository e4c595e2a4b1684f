"""A case on one screen: what is late, what is reached, who decides, and the one next command.

Whoever looks is tired. What is late stands first and in red, the next command last, right above the
prompt; a colour never says what no word says.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

from breachkit.incident.commands import remedy
from breachkit.model.ids import display
from breachkit.report.case_status import (
    WIDTH,
    Beside,
    CopiesLine,
    MilestoneLine,
    Status,
    span,
    utc_time,
    why,
    wrapped,
)
from breachkit.report.colours import ALARM, AMBER, BADGE, FAINT, GOOD, RED, STRONG
from breachkit.report.words import counted


Part = str | tuple[str, str]
"""Text, or text with its style."""
Line = tuple[Part, ...]

WITHOUT_END = sys.maxsize
"""A width for lines that nobody looks at on a terminal: nothing of them is cut off."""
_NARROWEST, _WIDEST = 40, 110
_LABEL, _GAP = 10, 2
_MOST_OVERDUE = 3
_MOST_CHASES = 2
_MOST_WARNINGS = 4
_MOST_BESIDE = 2
_WORTH_SAYING = 16
_NAME = 20
"""Of a person, on a screen."""
_SOON = timedelta(hours=24)

_COLUMNS = (
    ("opened", "alerted", "contained", "scoped"),
    ("assessed", "traced", "rewritten", "pushed"),
    ("verified", "server_purged", "restored", "closed"),
)
"""The milestones; the names in one column are all of about the same length."""
_COLUMN = 25
"""Of a column, the gap before the next in it; the last is the narrowest."""
_SHORT = {"server_purged": "purged", "stood_down": "stood down"}
_UNSEEN = (
    "a sweep found it, and no person has looked: confirm it or dismiss it. Nobody is aware of it yet; "
    "the 72 hours are reckoned from the earliest moment there is"
)
_INSTEAD = {"closed": "stood_down"}
"""What stands in the place of a milestone, where it is reached."""


def lines(status: Status) -> tuple[str, ...]:
    """Give the screen as plain text, line by line, as it looks at 80 columns."""
    return tuple(_plain(line).rstrip() for line in screen(status))


def screen(
    status: Status, width: int | None = WIDTH, *, names_next: bool = True
) -> tuple[Line, ...]:
    """Give the screen, line by line, as text with styles.

    Args:
        status: Where the case stands.
        width: Of the terminal, in columns; what is very narrow or wide is left unused. None where
            there is none: sentences are wrapped at 80, and no word is cut off.
        names_next: Whether it ends with the next command; else something else names it.
    """
    used = WIDTH if width is None else min(max(width, _NARROWEST), _WIDEST)
    room = WITHOUT_END if width is None else used
    following = ((), *_next(status, used, room)) if names_next else ()
    return (*_screen(status, used, room), *following)


def _plain(line: Line) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in line)


def _screen(status: Status, width: int, room: int) -> Iterator[Line]:
    """Give the lines: `width` is what sentences are wrapped at, `room` what a row of its own may take."""
    yield from _head(status, width)
    if status.is_open:
        yield from _clock(status, width)
        yield from _back(status)
    yield from _overdue(status, room)
    yield from _chases(status, room)
    yield from _marked("STOPPED", RED, status.interrupted, width)
    yield from _milestones(status, width)
    if status.is_open:
        yield from _people(status, room)
    yield _copies(status.copies)
    yield from _marked("NOTE", AMBER, status.warnings[:_MOST_WARNINGS], width)
    if (more := len(status.warnings) - _MOST_WARNINGS) > 0:
        yield from _more(
            more, "warning", remedy(status.id, "breachkit status --json --case {case}")
        )
    yield _labelled("folder", display(status.folder))


def _head(status: Status, width: int) -> Iterator[Line]:
    state = ", closed"
    if status.is_open:
        state = ", DRAFT" if status.is_draft else ""
    severity = f", severity {status.severity or 'pending'}" if status.is_open else ""
    name = f"{status.id} {display(status.codename)}"
    what = f"  {status.kind}{severity}{state}"
    space = width - len(name + what + status.tlp)
    if space >= _GAP:
        yield (name, STRONG), what, " " * space, status.tlp
    else:
        yield from (((name, STRONG),), (what.strip(),), (status.tlp,))
    yield ((display(status.target), STRONG),)


def _clock(status: Status, width: int) -> Iterator[Line]:
    clock = status.clock
    until = short_time(clock.deadline, clock.zone)
    if not until.endswith(" UTC"):
        until += f" ({utc_time(clock.deadline)})"
    if clock.is_late:
        yield from _late(status, until, width)
    else:
        style = AMBER if clock.left < _SOON and not status.assessed else STRONG
        left, of = f"{span(clock.left)} left", f" of 72 h, until {until}"
        yield from _on_one_or_two(((left, style), of), width)
    if status.is_draft:
        found = utc_time(clock.aware_at)
        yield from _marked("DRAFT", AMBER, (f"{_UNSEEN}, from when it was found: {found}",), width)
    elif clock.assumed and not clock.is_late:
        assumed = (
            f"Nobody said when the controller became aware: {utc_time(clock.aware_at)} is assumed"
        )
        yield from (((line, FAINT),) for line in wrapped(assumed, width, indent=""))


def _on_one_or_two(line: Line, width: int) -> Iterator[Line]:
    """Give a line, or where it has no room its first part and then the rest."""
    if len(_plain(line)) <= width:
        yield line
    else:
        yield line[:1]
        yield line[1:]


def _late(status: Status, until: str, width: int) -> Iterator[Line]:
    clock = status.clock
    if status.assessed:
        yield (f"The 72 hours ended {until}; what to report is decided.",)
        return
    badge, since = f" LATE by {span(-clock.left)} ", f" since {until}"
    reasons = "a report now has to give reasons for the delay"
    if len(badge) + len(since) + len(reasons) + 2 <= width:
        yield (badge, RED), since, "; ", (reasons, ALARM)
    else:
        yield (badge, RED), since
        yield ((f"  {reasons}", ALARM),)


def _back(status: Status) -> Iterator[Line]:
    back = next((each for each in status.milestones if each.name == "recurred"), None)
    if back is not None and back.at is not None:
        since = short_time(back.at, status.clock.zone)
        yield (" BACK ", RED), f" {since}: the data came back; some clone still holds them"


def _overdue(status: Status, room: int) -> Iterator[Line]:
    if not status.overdue:
        return
    every = remedy(status.id, "breachkit checklist show --case {case}")
    yield (f" OVERDUE {len(status.overdue)} ", RED), " all of them: ", every
    shown = status.overdue[:_MOST_OVERDUE]
    widest = max(len(display(due.id)) for due in shown)
    for due in shown:
        head = f"  {display(due.id):<{widest}}  by {span(due.late)}  "
        said, left = f"{display(due.role)}: {display(due.text)}", room - len(head)
        if left >= _WORTH_SAYING:
            yield (head, ALARM), cut(said, left)
        else:
            yield from (((head, ALARM),), (f"    {cut(said, room - 4)}",))


def _chases(status: Status, room: int) -> Iterator[Line]:
    for chase in status.chases[:_MOST_CHASES]:
        how = "ring" if chase.by_phone else "write"
        head, said = f" CHASE {chase.id} ", f" {how}: {display(chase.text)}"
        yield (head, RED), cut(said, room - len(head))
    if (more := len(status.chases) - _MOST_CHASES) > 0:
        every = remedy(status.id, "breachkit notify chase --case {case}")
        yield from _more(more, "person", every, "people")


def _milestones(status: Status, width: int) -> Iterator[Line]:
    known = {line.name: line for line in status.milestones}
    legend = wrapped(
        "x reached, > can come now, . waits for what comes before it", width, indent=" "
    )
    yield from (((line, FAINT),) for line in legend)
    if width < _COLUMN * len(_COLUMNS):
        for name in (name for names in _COLUMNS for name in names):
            yield tuple(_milestone(name, known, status.clock.zone))
        return
    for row in zip(*_COLUMNS, strict=True):
        yield tuple(part for name in row for part in _milestone(name, known, status.clock.zone))


def _milestone(
    name: str, known: Mapping[str, MilestoneLine], zone: tzinfo | None
) -> Iterator[Part]:
    line = known.get(_INSTEAD.get(name, name), known.get(name))
    if line is None or line.at is None:
        mark = ">" if line is not None and line.can_come else "."
        yield f" {mark} {_SHORT.get(name, name)}".ljust(_COLUMN), "" if mark == ">" else FAINT
    else:
        yield " x ", GOOD
        yield f"{_SHORT.get(line.name, line.name)} {_short_day(line.at, zone)}".ljust(_COLUMN - 3)


def _short_day(moment: datetime, zone: tzinfo | None) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}"


def _people(status: Status, room: int) -> Iterator[Line]:
    who = status.who
    roles = {"keeper": who.keeper, "engineer": who.engineer, "decider": who.decider}
    longest = room if room == WITHOUT_END else _NAME
    named = [f"{role} {cut(display(name), longest)}" for role, name in roles.items() if name]
    nobody = [role for role, name in roles.items() if not name]
    missing: tuple[Part, ...] = ((f"nobody yet: {', '.join(nobody)}", STRONG),) if nobody else ()
    parts = (", ".join(named), "; " if named and nobody else "", *missing)
    yield _labelled("who", *parts)
    if status.lacking:
        yield _labelled("to decide", cut(", ".join(status.lacking), room - 12))


def _copies(copies: CopiesLine | None) -> Line:
    if copies is None:
        return _labelled("copies", "nobody has searched for any yet")
    if not copies.known:
        return _labelled("copies", "every place was looked at, and none applies")
    if not copies.open:
        return _labelled("copies", f"all {copies.known:,} accounted for")
    risks = {"high": copies.high, "medium": copies.medium, "low": copies.low}
    named = ", ".join(f"{number:,} {risk}" for risk, number in risks.items() if number)
    style = ALARM if copies.high or copies.overdue else STRONG
    late: list[Part] = [", ", (f"{copies.overdue:,} overdue", ALARM)] if copies.overdue else []
    said = f" of {copies.known:,}; by risk: {named}"
    return _labelled("copies", (f"{copies.open:,} open", style), said, *late)


def _marked(badge: str, style: str, said: tuple[str, ...], width: int) -> Iterator[Line]:
    for each in said:
        first, *rest = wrapped(each, width - len(badge) - 3, indent="")
        yield (f" {badge} ", style), f" {first}"
        yield from ((" " * (len(badge) + 3) + line,) for line in rest)


def _more(number: int, thing: str, command: str, things: str | None = None) -> Iterator[Line]:
    many = things and f"more {things}"
    yield (f"  and {counted(number, f'more {thing}', many)}: {command}",)


def _next(status: Status, width: int, room: int) -> Iterator[Line]:
    action = status.next_action
    yield ("Next:", BADGE), " ", (action.command, STRONG)
    yield from ((line,) for line in wrapped(why(action), width))
    for beside in action.meanwhile[:_MOST_BESIDE]:
        yield from _beside(beside, width, room)
    if (more := len(action.meanwhile) - _MOST_BESIDE) > 0:
        every = remedy(status.id, "breachkit next --case {case}")
        yield (f"  and {counted(more, 'more thing')}: {every}",)


def _beside(beside: Beside, width: int, room: int) -> Iterator[Line]:
    """Give what is due as well on one line: the command whole, of the words what fits."""
    if beside.command is None:
        yield from ((line,) for line in wrapped(f"also: {beside.what}", width))
        return
    head = f"  also: {beside.command}"
    left = room - len(head) - 2
    yield head, (f"  {cut(beside.what, left)}" if left >= _WORTH_SAYING else "", FAINT)


def _labelled(label: str, *parts: Part) -> Line:
    return ((f"  {label:<{_LABEL}}", FAINT), *parts)


def cut(text: str, width: int) -> str:
    """Give `text` in at most `width` characters; what is cut off shows as three dots."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def short_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Give a moment as short as a person near the machine needs it, such as `Fri 6 Mar 17:05 GMT`."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"
