"""What became of the attempts to send a message: decisions and plain data.

Before a message is handed to a server the journal says so, and after it what the server answered.
An attempt without an answer means that nobody knows: the message may have arrived, so that it is
never sent again unless a person says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from breachkit.actions.events import JournalEvent
from breachkit.actions.notify import Notice, no_such_notice
from breachkit.incident.commands import as_typed
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.time import parse_rfc3339, rfc3339


RENDERED, SENDING, SENT = "notify.rendered", "notify.sending", "notify.sent"
REFUSED, UNSURE = "notify.refused", "notify.unsure"

FateState = Literal["waiting", "later", "refused", "unknown", "sent"]
"""`later`: a server did not take it yet, as greylisting does. `refused`: it will not take it as it
is. `unknown`: it was handed over, and no answer is known."""

_SENT_BY_ITSELF: frozenset[FateState] = frozenset({"waiting", "later"})


class NotSendableError(RefusedError):
    """A message must not be sent as things stand; the text says what a person has to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What goes to the server for one recipient."""

    sender: str
    """Envelope address, in ASCII."""
    recipient: str
    """Envelope address, in ASCII."""
    data: bytes
    """Headers and body with CRLF, without the final dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server took the message and answers for it from now on."""

    code: int
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The server did not take the message, or it never reached it: it cannot arrive."""

    code: int | None
    """None where the connection broke before the message was whole."""
    reply: str
    stage: Literal["connect", "login", "sender", "recipient", "data"]

    @property
    def is_login(self) -> bool:
        """Whether the server wants another login (RFC 4954), which only a person can give."""
        return self.code in {530, 535} or (self.stage == "login" and not self.passes)

    @property
    def is_down(self) -> bool:
        """Whether the server ended the conversation or cannot be spoken to."""
        return self.code in {None, 421}

    @property
    def stops_all(self) -> bool:
        """Whether it is not about this letter, so that no other would be taken either."""
        return self.is_down or self.is_login or self.stage in {"connect", "login"}

    @property
    def passes(self) -> bool:
        """Whether the server says that it is for a time (RFC 5321, 4.2.1)."""
        return self.code is None or self.code < 500

    @property
    def may_go_later(self) -> bool:
        """Whether the same letter may be taken later, without anybody changing it."""
        return self.passes or self.stops_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """The whole message was handed over and no answer came: it may have arrived."""

    reply: str


Outcome: TypeAlias = Accepted | Rejected | Unanswered


class Postbox(Protocol):
    """Where letters are handed over, one transaction for each."""

    @property
    def server(self) -> str:
        """Its name and port, for the journal."""
        ...

    def ready(self) -> Rejected | None:
        """Reach the server; say why it takes nothing now, or give None where it does."""
        ...

    def deliver(self, letter: Letter) -> Outcome:
        """Hand one letter over and say what became of it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of sending one message."""

    state: FateState
    at: datetime | None = None
    """Of the latest attempt or answer."""
    reply: str = ""
    """What the server said, where it said something."""

    @property
    def goes_by_itself(self) -> bool:
        """Whether a run over all waiting messages sends it."""
        return self.state in _SENT_BY_ITSELF


WAITING = Fate(state="waiting")


def fates(events: Iterable[JournalEvent]) -> Mapping[str, Fate]:
    """Read from the journal what became of each message, by its number.

    Writing a message anew lets a refused one wait again; one that may have arrived stays unknown.
    """
    found: dict[str, Fate] = {}
    for event in events:
        number = event.detail.get("number")
        if isinstance(number, str) and event.kind in _STEPS:
            found[number] = _after(found.get(number, WAITING), event)
    return found


_STEPS = frozenset({RENDERED, SENDING, SENT, REFUSED, UNSURE})


def _after(fate: Fate, event: JournalEvent) -> Fate:
    at = parse_rfc3339(event.ts)
    reply = str(event.detail.get("reply") or "")
    match event.kind:
        case "notify.rendered":
            return WAITING if fate.state in {"refused", "later"} else fate
        case "notify.sending":
            return Fate(state="unknown", at=at)
        case "notify.unsure":
            return Fate(state="unknown", at=at, reply=reply)
        case "notify.refused":
            later = event.detail.get("later") is True
            return Fate(state="later" if later else "refused", at=at, reply=reply)
        case _:
            return Fate(state="sent", at=at, reply=reply)


def choose(
    notices: Sequence[Notice],
    known: Mapping[str, Fate],
    ids: Sequence[str],
    *,
    again: Sequence[str] = (),
) -> tuple[Notice, ...]:
    """Decide which messages to send, in the order of their numbers.

    Args:
        notices: All messages of the case.
        known: What became of them so far.
        ids: Which are wanted; none stands for all that wait.
        again: Those of which a person says that they did not arrive, or should be tried once more.

    Raises:
        UnknownNoticeError: no message has that id.
        NotSendableError: one that was named is not to be sent; the text says why.
    """
    named = {*ids, *again}
    if missing := sorted(named - {notice.id for notice in notices}):
        raise no_such_notice(missing[0], notices)
    if named:
        chosen = tuple(notice for notice in notices if notice.id in named)
        for notice in chosen:
            require_sendable(notice, known.get(notice.id, WAITING), again=notice.id in again)
        return chosen
    return tuple(
        notice
        for notice in notices
        if _can_go(notice) and known.get(notice.id, WAITING).goes_by_itself
    )


def unknown_of(notices: Sequence[Notice], known: Mapping[str, Fate]) -> tuple[Notice, ...]:
    """Give the messages of which nobody knows whether they arrived."""
    return tuple(n for n in notices if known.get(n.id, WAITING).state == "unknown")


def refused_of(notices: Sequence[Notice], known: Mapping[str, Fate]) -> tuple[Notice, ...]:
    """Give the messages that a server does not take as they are."""
    return tuple(n for n in notices if known.get(n.id, WAITING).state == "refused")


def require_sendable(notice: Notice, fate: Fate, *, again: bool) -> None:
    """Let a message pass only where it is right to send it.

    Raises:
        NotSendableError: it is not; the text says what a person has to do.
    """
    reason = _why_not(notice, fate, again=again)
    if reason is not None:
        raise NotSendableError(f"{notice.id} {reason}")


def without_address(notices: Sequence[Notice]) -> tuple[Notice, ...]:
    """Give the messages to people whose address nobody knows: they are reached in another way."""
    waiting = (n for n in notices if n.kind.as_mail and n.sent_at is None and not n.is_superseded)
    return tuple(notice for notice in waiting if notice.recipient.email is None)


def _can_go(notice: Notice) -> bool:
    waits = notice.sent_at is None and not notice.is_superseded
    return notice.kind.as_mail and waits and notice.recipient.email is not None


def _why_not(notice: Notice, fate: Fate, *, again: bool) -> str | None:
    never = _why_never(notice, fate)
    if never is not None or again:
        return never
    mark = as_typed(f"breachkit notify mark-sent {notice.id}")
    once_more = as_typed(f"breachkit notify send --again {notice.id}")
    if fate.state == "unknown":
        return (
            "was handed over and no answer is known, so it may have arrived: look into the sender's mailbox or ask "
            f"the recipient; then run `{mark}` if it did, or `{once_more}` if it did not"
        )
    if fate.state == "refused":
        return (
            f"was refused ({fate.reply}): phone the recipient; correct the address and render it anew, or run "
            f"`{once_more}`"
        )
    return None


def _why_never(notice: Notice, fate: Fate) -> str | None:
    """Say why a message is not sent from here, whatever a person says."""
    mark = as_typed(f"breachkit notify mark-sent {notice.id}")
    if not notice.kind.as_mail:
        return f"is a text for a form, not a mail: paste it there, then run `{mark}`"
    if notice.sent_at is not None or fate.state == "sent":
        return "was sent already: `breachkit notify render --again` writes a new message"
    if notice.is_superseded:
        return "is not to be sent: other contacts were chosen since; `breachkit notify render` writes to them"
    if notice.recipient.email is None:
        name = display(notice.recipient.name)
        return f"has no address: reach {name} in another way, then run `{mark}`"
    return None


def sending_detail(
    notice: Notice, *, sha256: str, message_id: str, server: str
) -> dict[str, object]:
    """Give what the journal keeps before a message is handed over."""
    return {
        **_naming(notice),
        "email": notice.recipient.email,
        "sha256": sha256,
        "message_id": message_id,
        "server": server,
    }


def accepted_detail(
    outcome: Accepted, sending: Mapping[str, object], *, by: str, at: datetime
) -> dict[str, object]:
    """Give what the journal keeps of a message that a server took."""
    return {
        **sending,
        "how": "smtp",
        "by": by,
        "at": rfc3339(at),
        "code": outcome.code,
        "reply": outcome.reply,
    }


def rejected_detail(outcome: Rejected, sending: Mapping[str, object]) -> dict[str, object]:
    """Give what the journal keeps of a message that a server did not take."""
    return {
        **sending,
        "code": outcome.code,
        "reply": outcome.reply,
        "stage": outcome.stage,
        "later": outcome.may_go_later,
    }


def unanswered_detail(outcome: Unanswered, sending: Mapping[str, object]) -> dict[str, object]:
    """Give what the journal keeps of a message of which no answer came."""
    return {**sending, "reply": outcome.reply}


def _naming(notice: Notice) -> dict[str, object]:
    return {
        "number": notice.id,
        "message": notice.kind.name,
        "audience": notice.kind.audience,
        "name": notice.recipient.name,
    }
