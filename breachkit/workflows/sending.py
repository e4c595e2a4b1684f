"""Sending messages, one at a time, and noting what became of each.

Before a message is handed over the journal says so, and after it what the server answered. A process
that is killed in between leaves a message of which nobody knows whether it arrived: it is never sent
again by itself, because a second alert with the same words sows doubt about both.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address

from breachkit.actions.notify import (
    Notice,
    acknowledged_detail,
    notice_to_mark,
    notices_from,
    sent_detail,
)
from breachkit.actions.posting import Prepared, Prospect, Round, Sent
from breachkit.actions.sending import (
    WAITING,
    Accepted,
    NotSendableError,
    Outcome,
    Postbox,
    Rejected,
    accepted_detail,
    choose,
    fates,
    refused_of,
    rejected_detail,
    require_sendable,
    sending_detail,
    unanswered_detail,
    unknown_of,
    without_address,
)
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock
from breachkit.smtp.client import UnsafeServerError, WrongCertificatesError
from breachkit.smtp.letter import LetterError, letter_from, look_into
from breachkit.smtp.replies import LoginError
from breachkit.workflows.may_tell import still_holds


SERVER_PROBLEMS = (UnsafeServerError, WrongCertificatesError, LoginError)
"""What keeps every message from a server, before any is handed over."""


def prospect(
    case: CaseFolder,
    ids: Sequence[str] = (),
    *,
    again: Sequence[str] = (),
    sender: Address | None = None,
) -> Prospect:
    """Look at what would be sent, file by file; nothing is sent.

    Args:
        case: The case.
        ids: Which messages; none stands for all that wait.
        again: Messages to try once more, though they may have arrived or were refused.
        sender: Who sends those that do not say so themselves.

    Raises:
        UnknownNoticeError: no message has that id.
        NotSendableError: one that was named is not to be sent, or a file is not as it was checked.
        LetterError: a file is not what may be sent.
        CaseBusyError: another process held the messages for too long.
    """
    with case.telling():  # whoever is sending now first hears what became of it
        events = case.events()
    notices, known = notices_from(events), fates(events)
    chosen = choose(notices, known, ids, again=again)
    outdated = tuple(n for n in chosen if not still_holds(n.kind, case.incident))
    if outdated and (ids or again):
        raise _outdated(outdated[0])
    taken = {notice.id for notice in chosen}
    return Prospect(
        ready=tuple(_prepared(case, n, sender) for n in chosen if n not in outdated),
        outdated=outdated,
        unknown=tuple(n for n in unknown_of(notices, known) if n.id not in taken),
        refused=tuple(n for n in refused_of(notices, known) if n.id not in taken),
        without_address=without_address(notices),
    )


def send(
    case: CaseFolder,
    clock: Clock,
    postbox: Postbox,
    ready: Sequence[Prepared],
    *,
    by: str,
    again: Sequence[str] = (),
    sender: Address | None = None,
    tell: Callable[[Notice], None] = lambda _notice: None,
) -> Round:
    """Send what was looked at, one message after the other, each noted before and after.

    A refusal of one recipient stops no other; a server that takes nothing more, or wants another
    login, ends the round.

    Args:
        case: The case.
        clock: Tells when a server took a message.
        postbox: Where they are handed over.
        ready: From `prospect`.
        by: Who sends them.
        again: As for `prospect`.
        sender: As for `prospect`.
        tell: Is told of each message before it goes.

    Raises:
        NotSendableError: another process was quicker, or a file was changed meanwhile.
        UnsafeServerError: the server cannot prove who it is, or would not encrypt.
    """
    results: list[Sent] = []
    for number, prepared in enumerate(ready):
        with case.telling():
            current = _still(case, prepared.notice.id, again, sender)
            tell(current.notice)
            outcome = _hand_over(case, clock, postbox, current, by)
        results.append(Sent(notice=current.notice, outcome=outcome))
        if isinstance(outcome, Rejected) and outcome.stops_all:
            left = tuple(each.notice for each in ready[number + 1 :])
            return Round(results=tuple(results), left=left)
    return Round(results=tuple(results))


def mark_sent(
    case: CaseFolder, notice_id: str, *, by: str, at: datetime, how: str = "by hand"
) -> Event:
    """Note that a person sent a message; the first alert sent is what lets a rewrite begin.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it is marked already.
    """
    notice = notice_to_mark(notices_from(case.events()), notice_id, sent=True)
    detail = sent_detail(notice, by=by, at=at, how=how)
    return case.record(EventKind.NOTIFY_SENT, detail, refs=[notice.id])


def acknowledge(case: CaseFolder, notice_id: str, *, by: str, at: datetime) -> Event:
    """Note that a recipient has answered.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it was not sent.
    """
    notice = notice_to_mark(notices_from(case.events()), notice_id, sent=False)
    detail = acknowledged_detail(notice, by=by, at=at)
    return case.record(EventKind.NOTIFY_ACKNOWLEDGED, detail, refs=[notice.id])


def _still(
    case: CaseFolder, notice_id: str, again: Sequence[str], sender: Address | None
) -> Prepared:
    """Look at a message once more, now that no other process sends or marks any."""
    events = case.events()
    (notice,) = (each for each in notices_from(events) if each.id == notice_id)
    fate = fates(events).get(notice_id, WAITING)
    require_sendable(notice, fate, again=notice_id in again)
    if not still_holds(notice.kind, case.incident):
        raise _outdated(notice)
    return _prepared(case, notice, sender)


def _outdated(notice: Notice) -> NotSendableError:
    return NotSendableError(
        f"{notice.id} ({notice.kind.name}) promises what is not so any more: look at `breachkit status`, and "
        "render it anew once it is"
    )


def _hand_over(
    case: CaseFolder, clock: Clock, postbox: Postbox, prepared: Prepared, by: str
) -> Outcome:
    notice, enclosed = prepared.notice, prepared.enclosed
    detail = sending_detail(
        notice, sha256=enclosed.sha256, message_id=enclosed.message_id, server=postbox.server
    )
    outcome: Outcome | None = None
    try:
        outcome = postbox.ready()
        if outcome is None:
            case.record(EventKind.NOTIFY_SENDING, detail, refs=[notice.id])
            outcome = postbox.deliver(prepared.letter)
    except SERVER_PROBLEMS as problem:
        never = Rejected(code=None, reply=type(problem).__name__, stage="connect")
        _note(case, clock, notice, never, detail, by)
        raise
    _note(case, clock, notice, outcome, detail, by)
    return outcome


def _note(
    case: CaseFolder,
    clock: Clock,
    notice: Notice,
    outcome: Outcome,
    sending: Mapping[str, object],
    by: str,
) -> None:
    match outcome:
        case Accepted():
            kind = EventKind.NOTIFY_SENT
            detail = accepted_detail(outcome, sending, by=by, at=clock.now())
        case Rejected():
            kind, detail = EventKind.NOTIFY_REFUSED, rejected_detail(outcome, sending)
        case _:
            kind, detail = EventKind.NOTIFY_UNSURE, unanswered_detail(outcome, sending)
    case.record(kind, detail, refs=[notice.id])


def _prepared(case: CaseFolder, notice: Notice, sender: Address | None) -> Prepared:
    """Read a message's file, and make sure that it is the one that was checked."""
    data = case.read_file(notice.eml_file)
    try:
        enclosed = look_into(data)
        if notice.eml_sha256 is None or enclosed.sha256 != notice.eml_sha256:
            raise NotSendableError(
                f"{notice.id}: message.eml is not the file that was checked: it was changed after it was "
                "written. Render it again, or send it yourself and mark it as sent"
            )
        letter = letter_from(data, recipient=notice.recipient.email or "", sender=sender)
    except LetterError as problem:
        raise LetterError(f"{notice.id}: {problem}") from None
    return Prepared(notice=notice, enclosed=enclosed, letter=letter)
