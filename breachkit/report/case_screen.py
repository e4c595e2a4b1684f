"""A case on one screen of 80 columns: what is late, what is reached, who decides, and the one next command.

Whoever looks is tired. What is late stands first and in red, the next command last, right above the
prompt; a colour never says what no word says.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo

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
from breachkit.report.words import counted


Part = str | tuple[str, str]
"""Text, or text with its style."""
Line = tuple[Part, ...]

RED = "bold white on red"
"""A badge: it stands out on a dark and on a light background alike."""
ALARM = "bold red"
AMBER = "bold black on yellow"
GOOD = "green"
BADGE = "bold reverse"
STRONG = "bold"
FAINT = "dim"

_LABEL = 10
_HALF = 40
_WORTH_SAYING = 16
_MOST_OVERDUE = 3
_MOST_CHASES = 3
_MOST_WARNINGS = 4
_MOST_BESIDE = 3
_SOON = timedelta(hours=24)

_AT_ANY_TIME = ("opened", "alerted", "contained", "scoped", "assessed", "traced")
_IN_THIS_ORDER = ("rewritten", "pushed", "verified", "server_purged", "restored", "closed")
_INSTEAD = {"closed": "stood_down"}
"""What stands in the place of a milestone, where it is reached."""


def lines(status: Status) -> tuple[str, ...]:
    """Give the screen as plain text, line by line."""
    return tuple(_plain(line).rstrip() for line in screen(status))


def screen(status: Status) -> tuple[Line, ...]:
    """Give the screen, line by line, as text with styles."""
    return tuple(_screen(status))


def _plain(line: Line) -> str:
    return "".join(part if isinstance(part, str) else part[0] for part in line)


def _screen(status: Status) -> Iterator[Line]:
    yield from _head(status)
    if status.is_open:
        yield from _clock(status)
        yield from _back(status)
        yield from _overdue(status)
        yield from _chases(status)
    yield from _marked("STOPPED", RED, status.interrupted)
    yield ()
    yield from _milestones(status)
    yield ()
    if status.is_open:
        yield from _people(status)
    yield _copies(status.copies)
    yield from _marked("NOTE", AMBER, status.warnings[:_MOST_WARNINGS])
    if (more := len(status.warnings) - _MOST_WARNINGS) > 0:
        yield from _more(more, "warning", f"breachkit status --json --case {status.id}")
    yield _labelled("folder", display(status.folder))
    entries = counted(status.entries, "entry", "entries")
    yield _labelled("journal", f"{entries}, the last ", (f"{status.head[:16]}...", FAINT))
    yield ()
    yield from _next(status)


def _head(status: Status) -> Iterator[Line]:
    state = "" if status.is_open else ", closed"
    severity = f", severity {status.severity or 'pending'}"
    name = f"{status.id} {display(status.codename)}"
    what = f"  {status.kind}{severity}{state}"
    yield (name, STRONG), what, " " * max(WIDTH - len(name + what + status.tlp), 2), status.tlp
    yield ((display(status.target), STRONG),)


def _clock(status: Status) -> Iterator[Line]:
    clock = status.clock
    until = short_time(clock.deadline, clock.zone)
    if not until.endswith(" UTC"):
        until += f" ({utc_time(clock.deadline)})"
    if clock.is_late:
        yield from _late(status, until)
    else:
        style = AMBER if clock.left < _SOON and not status.assessed else STRONG
        yield (f"{span(clock.left)} left", style), f" of 72 h, until {until}"
    if clock.assumed and not clock.is_late:
        assumed = (
            f"Nobody said when the controller became aware: {utc_time(clock.aware_at)} is assumed"
        )
        yield from (((line, FAINT),) for line in wrapped(assumed, indent=""))


def _late(status: Status, until: str) -> Iterator[Line]:
    clock = status.clock
    if status.assessed:
        yield (f"The 72 hours ended {until}; what to report is decided.",)
        return
    yield (f" LATE by {span(-clock.left)} ", RED), f" since {until}"
    yield (("A report to the authority now has to give reasons for the delay.", ALARM),)


def _back(status: Status) -> Iterator[Line]:
    back = next((each for each in status.milestones if each.name == "recurred"), None)
    if back is not None and back.at is not None:
        since = short_time(back.at, status.clock.zone)
        yield (" BACK ", RED), f" {since}: the data came back; some clone still holds them"


def _overdue(status: Status) -> Iterator[Line]:
    if not status.overdue:
        return
    yield (f" OVERDUE {len(status.overdue)} ", RED), " the longest first"
    for due in status.overdue[:_MOST_OVERDUE]:
        head = f"  {display(due.id):<6} by {span(due.late)}  "
        yield (head, ALARM), cut(f"{display(due.role)}: {display(due.text)}", WIDTH - len(head))
    if (more := len(status.overdue) - _MOST_OVERDUE) > 0:
        yield from _more(more, "item", f"breachkit checklist show --case {status.id}")


def _chases(status: Status) -> Iterator[Line]:
    if not status.chases:
        return
    yield (f" CHASE {len(status.chases)} ", RED), " who has not answered"
    for chase in status.chases[:_MOST_CHASES]:
        head = f"  {chase.id:<6} "
        how = "ring" if chase.by_phone else "write"
        yield (head, ALARM), cut(f"{how}: {display(chase.text)}", WIDTH - len(head))
    if (more := len(status.chases) - _MOST_CHASES) > 0:
        yield from _more(more, "message", f"breachkit notify list --case {status.id}")


def _milestones(status: Status) -> Iterator[Line]:
    known = {line.name: line for line in status.milestones}
    yield ((f"{'at any time':<40}in this order", FAINT),)
    for left, right in zip(_AT_ANY_TIME, _IN_THIS_ORDER, strict=True):
        instead = _INSTEAD.get(right, right)
        name, zone = instead if instead in known else right, status.clock.zone
        yield (*_milestone(left, known, zone), *_milestone(name, known, zone))


def _milestone(
    name: str, known: Mapping[str, MilestoneLine], zone: tzinfo | None
) -> Iterator[Part]:
    line = known.get(name)
    if line is None or line.at is None:
        yield f"  . {name}".ljust(_HALF), FAINT
    else:
        yield "  x ", GOOD
        yield f"{name:<14}{short_time(line.at, zone)}".ljust(_HALF - 4)


def _people(status: Status) -> Iterator[Line]:
    who = status.who
    roles = {"keeper": who.keeper, "engineer": who.engineer, "decider": who.decider}
    named = [f"{role} {cut(display(name), 20)}" for role, name in roles.items() if name]
    nobody = [role for role, name in roles.items() if not name]
    missing: tuple[Part, ...] = ((f"nobody yet: {', '.join(nobody)}", STRONG),) if nobody else ()
    parts = (", ".join(named), "; " if named and nobody else "", *missing)
    yield _labelled("who", *parts)
    if status.lacking:
        yield _labelled("to decide", cut(", ".join(status.lacking), WIDTH - 12))


def _copies(copies: CopiesLine | None) -> Line:
    if copies is None:
        return _labelled("copies", "nobody has searched for any yet")
    if not copies.open:
        return _labelled("copies", f"all {copies.known:,} accounted for")
    risks = {"high": copies.high, "medium": copies.medium, "low": copies.low}
    named = ", ".join(f"{number:,} {risk}" for risk, number in risks.items() if number)
    style = ALARM if copies.high or copies.overdue else STRONG
    late: list[Part] = [", ", (f"{copies.overdue:,} overdue", ALARM)] if copies.overdue else []
    said = f" of {copies.known:,}; by risk: {named}"
    return _labelled("copies", (f"{copies.open:,} open", style), said, *late)


def _marked(badge: str, style: str, said: tuple[str, ...]) -> Iterator[Line]:
    for each in said:
        first, *rest = wrapped(each, WIDTH - len(badge) - 3, indent="")
        yield (f" {badge} ", style), f" {first}"
        yield from ((" " * (len(badge) + 3) + line,) for line in rest)


def _more(number: int, thing: str, command: str) -> Iterator[Line]:
    yield (f"  and {counted(number, 'more ' + thing)}: {command}",)


def _next(status: Status) -> Iterator[Line]:
    action = status.next_action
    yield ("next:", BADGE), " ", (action.command, STRONG)
    yield from ((line,) for line in wrapped(why(action)))
    for beside in action.meanwhile[:_MOST_BESIDE]:
        yield from _beside(beside)
    if (more := len(action.meanwhile) - _MOST_BESIDE) > 0:
        yield (f"  and {counted(more, 'more thing')}: breachkit next --case {status.id}",)


def _beside(beside: Beside) -> Iterator[Line]:
    """Give what is due as well on one line: the command whole, of the words what fits."""
    if beside.command is None:
        yield from ((line,) for line in wrapped(f"also: {beside.what}"))
        return
    head = f"  also: {beside.command}"
    room = WIDTH - len(head) - 2
    yield head, (f"  {cut(beside.what, room)}" if room >= _WORTH_SAYING else "", FAINT)


def _labelled(label: str, *parts: Part) -> Line:
    return ((f"  {label:<{_LABEL}}", FAINT), *parts)


def cut(text: str, width: int) -> str:
    """Give `text` in at most `width` characters; what is cut off shows as three dots."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def short_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Give a moment as short as a person near the machine needs it, such as `Fri 6 Mar 17:05 GMT`."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"
