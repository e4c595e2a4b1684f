"""Who has not answered, in words. A line names a person and a message, and nothing of the data."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from breachkit.actions.chasing import Chase
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal


def lines(found: Sequence[Chase], now: datetime) -> tuple[str, ...]:
    """Give one line for each who has to be chased now, the most urgent first."""
    return tuple(f"{chase.notice.id}: {sentence(chase, now)}" for chase in found)


def sentence(chase: Chase, now: datetime) -> str:
    """Say about one of them what is the matter and what to do."""
    name = terminal(chase.notice.recipient.name)
    late = _span(now - chase.due_at)
    match chase.kind:
        case "alert":
            return f"{name} has not confirmed the alert: ring them, due since {late}"
        case "undelivered":
            return f"the alert to {name} may not have arrived: ring them, due since {late}"
        case "reminder":
            return f"{name} has not answered and their day is {_day(chase.holder_due)}: remind them"
        case "escalation":
            return (
                f"{name} was asked to answer by {_day(chase.holder_due)} and their copy is open: "
                "ring them, then their head of team"
            )


def to_json(found: Sequence[Chase]) -> list[dict[str, Any]]:
    """Give them in JSON's own types."""
    return [
        {
            "kind": chase.kind,
            "notice": chase.notice.id,
            "message": chase.notice.kind.name,
            "name": chase.notice.recipient.name,
            "due_at": rfc3339(chase.due_at),
            "holder_due": rfc3339(chase.holder_due) if chase.holder_due else None,
            "by_phone": chase.by_phone,
        }
        for chase in found
    ]


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%a %-d %B, %H:%M} UTC" if moment else "not set"


def _span(length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds())) // 60
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
