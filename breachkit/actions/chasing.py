"""Whom to run after, and when: alerts without an answer, requests that come due.

An alert that nobody confirms within half an hour did not reach anybody: mail is not enough then.
Whoever was asked for something by a day is reminded a day before, or half way there if that is later, and
on that day those who were alerted hear of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from breachkit.actions.copies import Copy
from breachkit.actions.events import JournalEvent
from breachkit.actions.notify import Notice
from breachkit.actions.sending import WAITING, Fate
from breachkit.model.time import parse_rfc3339, rfc3339


ALERT, REMINDER = "internal-alert", "reminder"
CALLED = "notify.called"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseRule:
    """After how long somebody is chased, where the organisation's playbook says nothing else."""

    alert: timedelta = timedelta(minutes=30)
    """From sending an alert, or from the last call about it, to the phone."""
    reminder: timedelta = timedelta(days=1)
    """How long before the day due somebody is reminded."""
    answer: timedelta = timedelta(days=3)
    """The day due where a message named none, counted from sending: what the messages say then."""


ChaseKind = Literal["alert", "undelivered", "reminder", "escalation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """Somebody to run after."""

    kind: ChaseKind
    """`alert`: no answer to an alert. `undelivered`: an alert that a server refused, or of which
    nobody knows whether it arrived. `reminder`, `escalation`: before and after the day due."""
    notice: Notice
    due_at: datetime
    """From when on somebody has to act."""
    answer_due: datetime | None = None
    """The day that they were given; None for an alert."""

    @property
    def by_phone(self) -> bool:
        """Whether writing again is not enough."""
        return self.kind != "reminder"


def chases(
    notices: Sequence[Notice],
    copies: Mapping[str, Copy],
    known: Mapping[str, Fate],
    called: Mapping[str, datetime],
    rule: ChaseRule,
) -> tuple[Chase, ...]:
    """Give everybody who has to be chased now or later, the most urgent first.

    Args:
        notices: All messages of the case.
        copies: The register, by the ids of the copies.
        known: What became of sending each message.
        called: When somebody last rang about a message, by its number.
        rule: The organisation's numbers.
    """
    latest = {_addressee(notice): notice for notice in notices if not notice.is_superseded}
    reminded = {_person(n) for n in notices if n.kind.name == REMINDER and n.sent_at}
    found: list[Chase] = []
    for notice in latest.values():
        if notice.kind.name == ALERT:
            found += _of_alert(notice, known.get(notice.id, WAITING), rule)
        elif notice.kind.asks and notice.kind.name != REMINDER and notice.sent_at is not None:
            copy = copies.get(notice.recipient.reference)
            is_reminded = _person(notice) in reminded
            found += _of_request(notice, notice.sent_at, copy, rule, is_reminded=is_reminded)
    waited = (_after_the_call(chase, called.get(chase.notice.id), rule) for chase in found)
    return tuple(sorted(waited, key=lambda chase: (chase.due_at, chase.notice.number)))


def overdue(found: Sequence[Chase], now: datetime) -> tuple[Chase, ...]:
    """Give those that somebody has to act on now; once the day is there, no reminder is left."""
    due = [chase for chase in found if chase.due_at <= now]
    return tuple(c for c in due if not (c.kind == "reminder" and (c.answer_due or now) <= now))


def called_at(events: Sequence[JournalEvent]) -> Mapping[str, datetime]:
    """Read from the journal when somebody last rang about each message, by its number."""
    return {
        str(event.detail.get("number")): parse_rfc3339(event.detail.get("at", event.ts))
        for event in events
        if event.kind == CALLED
    }


def called_detail(notice: Notice, *, outcome: str, by: str, at: datetime) -> dict[str, object]:
    """Give what the journal keeps of a call that changed nothing; `at` can be before the entry."""
    return {
        "number": notice.id,
        "message": notice.kind.name,
        "name": notice.recipient.name,
        "outcome": outcome,
        "by": by,
        "at": rfc3339(at),
    }


def _person(notice: Notice) -> tuple[str, str]:
    return notice.recipient.reference, notice.recipient.email or notice.recipient.name


def _addressee(notice: Notice) -> tuple[str, str, str]:
    """Say who is written to about what: a later message to them stands for the earlier one."""
    return notice.kind.name, *_person(notice)


def _of_alert(notice: Notice, fate: Fate, rule: ChaseRule) -> Iterator[Chase]:
    """Chase an alert that left and has no answer, or that perhaps never arrived."""
    if notice.acknowledged_at is not None:
        return
    if notice.sent_at is not None:
        yield Chase(kind="alert", notice=notice, due_at=notice.sent_at + rule.alert)
    elif fate.state in {"refused", "unknown"} and fate.at is not None:
        yield Chase(kind="undelivered", notice=notice, due_at=fate.at)


def _of_request(
    notice: Notice, sent_at: datetime, copy: Copy | None, rule: ChaseRule, *, is_reminded: bool
) -> Iterator[Chase]:
    """Chase somebody who was asked, until they answered; a holder until their copy is closed."""
    has_answered = notice.acknowledged_at is not None
    if copy.closed if copy is not None else has_answered:
        return
    due = notice.reply_by or (copy.due if copy else None) or sent_at + rule.answer
    yield Chase(kind="escalation", notice=notice, due_at=max(due, sent_at), answer_due=due)
    if not (has_answered or is_reminded or (copy is not None and not copy.needs_request)):
        remind_at = max(due - rule.reminder, sent_at + (due - sent_at) / 2, sent_at)
        yield Chase(kind="reminder", notice=notice, due_at=remind_at, answer_due=due)


def _after_the_call(chase: Chase, at: datetime | None, rule: ChaseRule) -> Chase:
    """Wait as long after a call as after the message, before somebody is rung again."""
    if at is None:
        return chase
    wait = rule.alert if chase.answer_due is None else rule.reminder
    return replace(chase, due_at=max(chase.due_at, at + wait))
