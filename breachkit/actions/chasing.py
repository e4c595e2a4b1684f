"""Whom to run after, and when: alerts without an answer, requests that come due.

An alert that nobody confirms within half an hour did not reach anybody: mail is not enough then.
A holder of a copy is reminded a day before the day they were given, and on that day somebody else
is asked to help.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from breachkit.actions.copies import Copy
from breachkit.actions.notify import Notice
from breachkit.actions.sending import WAITING, Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseRule:
    """After how long somebody is chased. Source of the numbers: the organisation's playbook."""

    alert: timedelta = timedelta(minutes=30)
    """From sending an alert, or from the last call about it, to the phone."""
    reminder: timedelta = timedelta(days=1)
    """How long before a holder's day they are reminded."""
    holder: timedelta = timedelta(days=3)
    """The day of a holder who was given none, from sending: what the message says."""


ChaseKind = Literal["alert", "undelivered", "reminder", "escalation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """Somebody to run after."""

    kind: ChaseKind
    """`alert`: no answer to an alert. `undelivered`: an alert that a server refused, or of which
    nobody knows whether it arrived. `reminder`, `escalation`: a holder before and after their day."""
    notice: Notice
    due_at: datetime
    """From when on somebody has to act."""
    holder_due: datetime | None = None
    """The day that the holder was given."""

    @property
    def by_phone(self) -> bool:
        """Whether writing again is not enough."""
        return self.kind != "reminder"


def chases(
    notices: Sequence[Notice],
    copies: Mapping[str, Copy],
    known: Mapping[str, Fate],
    called: Mapping[str, datetime],
    *,
    rule: ChaseRule,
    reply_by: datetime | None = None,
) -> tuple[Chase, ...]:
    """Give everybody who has to be chased now or later, the most urgent first.

    Args:
        notices: All messages of the case.
        copies: The register, by the ids of the copies.
        known: What became of sending each message.
        called: When somebody last rang about a message, by its number.
        rule: The playbook's numbers.
        reply_by: The day that holders were asked to answer by, where the register has none.
    """
    latest = {_addressee(notice): notice for notice in notices if not notice.is_superseded}
    reminded = {n.recipient.reference for n in notices if _is_reminder(n) and n.sent_at}
    found: list[Chase] = []
    for notice in latest.values():
        reference = notice.recipient.reference
        if notice.kind.name == "internal-alert":
            found += _of_alert(notice, known.get(notice.id, WAITING), rule)
        elif notice.kind.name == "clone-holder" and notice.sent_at is not None:
            copy = copies.get(reference)
            due = (copy.due if copy else None) or reply_by or notice.sent_at + rule.holder
            if not _is_settled(notice, copy):
                found.append(_chase("escalation", notice, due, due))
            if not (_has_answered(notice, copy) or reference in reminded):
                found.append(_chase("reminder", notice, due - rule.reminder, due))
    waited = (_after_the_call(chase, called.get(chase.notice.id), rule) for chase in found)
    return tuple(sorted(waited, key=lambda chase: (chase.due_at, chase.notice.number)))


def overdue(found: Sequence[Chase], now: datetime) -> tuple[Chase, ...]:
    """Give those that somebody has to act on now; on a holder's day no reminder is left to send."""
    due = [chase for chase in found if chase.due_at <= now]
    return tuple(c for c in due if not (c.kind == "reminder" and (c.holder_due or now) <= now))


def _is_reminder(notice: Notice) -> bool:
    return notice.kind.name == "reminder"


def _addressee(notice: Notice) -> tuple[str, str]:
    """Say who is written to about what: a later message to them stands for the earlier one."""
    who = notice.recipient.reference if notice.kind.to == "holders" else notice.recipient.email
    return notice.kind.name, who or notice.recipient.name


def _of_alert(notice: Notice, fate: Fate, rule: ChaseRule) -> Iterator[Chase]:
    """Chase an alert that left and has no answer, or that perhaps never arrived."""
    if notice.acknowledged_at is not None:
        return
    if notice.sent_at is not None:
        yield Chase(kind="alert", notice=notice, due_at=notice.sent_at + rule.alert)
    elif fate.state in {"refused", "unknown"} and fate.at is not None:
        yield Chase(kind="undelivered", notice=notice, due_at=fate.at)


def _is_settled(notice: Notice, copy: Copy | None) -> bool:
    return notice.acknowledged_at is not None if copy is None else copy.closed


def _has_answered(notice: Notice, copy: Copy | None) -> bool:
    return notice.acknowledged_at is not None or (copy is not None and not copy.needs_request)


def _chase(kind: ChaseKind, notice: Notice, at: datetime, holder_due: datetime) -> Chase:
    sent_at = notice.sent_at or at
    return Chase(kind=kind, notice=notice, due_at=max(at, sent_at), holder_due=holder_due)


def _after_the_call(chase: Chase, called_at: datetime | None, rule: ChaseRule) -> Chase:
    """Wait as long after a call as after the message, before somebody is rung again."""
    if called_at is None:
        return chase
    wait = rule.alert if chase.holder_due is None else rule.reminder
    return replace(chase, due_at=max(chase.due_at, called_at + wait))
