"""Who has not answered, in words. A line names a person and a message, and nothing of the data."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from breachkit.actions.calling import Standing
from breachkit.actions.chasing import Chase
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal


def lines(standing: Standing) -> tuple[str, ...]:
    """Say who is to be chased now, what to say to them, and who comes next."""
    return tuple(_lines(standing))


def warnings(found: Sequence[Chase], now: datetime) -> tuple[str, ...]:
    """Give one line for each who has to be chased now, the most urgent first."""
    return tuple(f"{chase.notice.id}: {sentence(chase, now)}" for chase in found)


def sentence(chase: Chase, now: datetime) -> str:
    """Say about one of them what is the matter and what to do."""
    name = terminal(chase.notice.recipient.name)
    match chase.kind:
        case "alert":
            late = _span(now - chase.due_at)
            return f"{name} has not confirmed the alert: ring them, late by {late}"
        case "undelivered":
            return f"the alert to {name} may not have arrived: ring them"
        case "reminder":
            return (
                f"{name} has not answered and was asked to by {_day(chase.answer_due)}: remind them with "
                "`breachkit notify render reminder`"
            )
        case "escalation":
            return (
                f"{name} was asked to be done by {_day(chase.answer_due)} and is not: ring them, then "
                "`breachkit notify render escalation`"
            )


def to_json(standing: Standing) -> dict[str, Any]:
    """Give it in JSON's own types; schema `breachkit.chase/1`."""
    return {
        "schema": "breachkit.chase/1",
        "at": rfc3339(standing.now),
        "due": [chase_to_json(chase) for chase in standing.due],
        "later": [chase_to_json(chase) for chase in standing.later],
        "calls": [
            {"notice": call.chase.notice.id, "script": list(call.lines)} for call in standing.calls
        ],
    }


def chase_to_json(chase: Chase) -> dict[str, Any]:
    """Give one of them in JSON's own types."""
    return {
        "kind": chase.kind,
        "notice": chase.notice.id,
        "message": chase.notice.kind.name,
        "name": chase.notice.recipient.name,
        "due_at": rfc3339(chase.due_at),
        "answer_due": rfc3339(chase.answer_due) if chase.answer_due else None,
        "by_phone": chase.by_phone,
    }


def _lines(standing: Standing) -> Iterator[str]:
    if not standing.due:
        yield "Nobody is to be chased now."
    yield from warnings(standing.due, standing.now)
    for call in standing.calls:
        yield ""
        yield f"----- {call.chase.notice.id}: {terminal(call.chase.notice.recipient.name)}"
        yield from call.lines
    if standing.later:
        yield ""
        yield "Later, if they do not answer:"
    for chase in standing.later:
        yield f"  {chase.notice.id}  {chase.kind:<11} {_day(chase.due_at)}  {terminal(chase.notice.recipient.name)}"


def _day(moment: datetime | None) -> str:
    if moment is None:
        return "a day that nobody set"
    utc = moment.astimezone(UTC)
    return f"{utc:%a} {utc.day} {utc:%B, %H:%M} UTC"


def _span(length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds())) // 60
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
