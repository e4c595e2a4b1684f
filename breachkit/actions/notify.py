"""Who gets which message, and what became of each: decisions and plain data."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from breachkit.actions.events import JournalEvent
from breachkit.actions.notice_kinds import (
    KINDS,
    TLP_LABELS,
    NobodyToTellError,
    NoticeKind,
    UnknownNoticeError,
    kind_named,
)
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.time import parse_rfc3339, rfc3339


__all__ = [
    "KINDS",
    "TLP_LABELS",
    "AlreadySentError",
    "NobodyToTellError",
    "Notice",
    "NoticeKind",
    "Recipient",
    "UnknownNoticeError",
    "acknowledged_detail",
    "address_of",
    "alerted_at",
    "answer_by",
    "by_address",
    "first_to",
    "kind_named",
    "message_id",
    "notice_to_mark",
    "notices_from",
    "plan_notices",
    "rendered_detail",
    "sent_detail",
]

RENDERED, SENT, ACKNOWLEDGED = "notify.rendered", "notify.sent", "notify.acknowledged"
SENDING, REFUSED, UNSURE = "notify.sending", "notify.refused", "notify.unsure"
CONTACTS_CHOSEN = "contacts.chosen"
_ABOUT_ONE = frozenset({SENT, ACKNOWLEDGED, SENDING, REFUSED, UNSURE})

_ID = re.compile(r"N-\d{3,9}")
_MAIL_DOMAIN = "mail.invalid"
"""Stands where the machine's own name would tell outsiders about it; says nothing of an incident."""
_ONE_COPY_EACH = frozenset({"holders", "forks", "archives", "asked"})
"""Kinds of audience in which one person may get several messages, each about something else."""


class AlreadySentError(RefusedError):
    """A message that left cannot be marked as sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One addressee. Nobody sees another addressee's name or address."""

    name: str
    email: str | None
    reference: str
    """Why they get it: the role, or the id of the copy they hold."""
    deputy: str | None = None
    place: str | None = None
    """Code of the place of their copy in the catalogue, such as `C40`."""
    about: str | None = None
    """What they are asked about, where that is not the repository itself: the name of a fork."""
    asked: str | None = None
    """What a reminder reminds of, in words."""
    due: datetime | None = None
    """By when the register wants their copy closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one recipient, as the journal knows it."""

    id: str
    """`N-001`, counted in order of first rendering."""
    kind: NoticeKind
    recipient: Recipient
    sha256: str | None = None
    """Of the text; None before the first rendering."""
    eml_sha256: str | None = None
    """Of the mail's bytes, as they were checked; None where it is no mail."""
    message_id: str | None = None
    """As its header has it, with the angle brackets; None where it is no mail."""
    reply_by: datetime | None = None
    """By when it asks for an answer; None where it asks for none by a day."""
    rendered_at: datetime | None = None
    sent_at: datetime | None = None
    sent_by: str | None = None
    is_superseded: bool = False
    """Never sent, and other contacts were chosen since: nobody should send it."""
    acknowledged_at: datetime | None = None
    attempt: Literal["unknown", "refused", "later"] | None = None
    """What became of the last attempt to send it from here, where it is not known to have left;
    `unknown` may have arrived. See `actions.sending.Fate`."""

    @property
    def number(self) -> int:
        """The number in its id, counted from 1."""
        return int(self.id.removeprefix("N-"))

    @property
    def folder(self) -> str:
        """Its folder inside the case folder."""
        return f"notifications/{self.id}-{self.kind.name}"

    @property
    def text_file(self) -> str:
        """Its text inside the case folder, with the subject as first line."""
        return f"{self.folder}/message.txt"

    @property
    def eml_file(self) -> str:
        """Its mail inside the case folder.

        One that may carry the script for clone holders lies in the private part: the script holds old
        object ids.
        """
        place = f"private/{self.folder}" if self.kind.may_attach else self.folder
        return f"{place}/message.eml"

    @property
    def waits_for_answer(self) -> bool:
        """Whether it left, asks for an answer and has none."""
        return self.kind.asks and self.sent_at is not None and self.acknowledged_at is None


def notices_from(events: Iterable[JournalEvent]) -> tuple[Notice, ...]:
    """Read every message and its fate from the journal, in the order of their ids.

    An entry that lacks what a message needs, as one of another version may, is passed over.
    """
    found: dict[str, Notice] = {}
    for event in events:
        if event.kind == RENDERED:
            notice = _rendered(event)
            found |= {notice.id: _still_unknown(notice, found)} if notice else {}
        elif event.kind == CONTACTS_CHOSEN:
            found = {key: _superseded(notice) for key, notice in found.items()}
        elif event.kind in _ABOUT_ONE:
            notice = found.get(str(event.detail.get("number")))
            found |= {notice.id: _moved(notice, event)} if notice else {}
    return tuple(sorted(found.values(), key=lambda notice: notice.number))


def plan_notices(
    kind: NoticeKind, addressees: Sequence[Recipient], existing: Sequence[Notice], *, again: bool
) -> tuple[Notice, ...]:
    """Decide which messages to write: one for each addressee.

    A message that was not sent yet is written again under its own number. One that was sent, or
    may have been, stays as it left and is left out, unless `again` asks for a new one, or its kind
    is one of which there is always a next one.
    """
    number = max((notice.number for notice in existing), default=0)
    planned = []
    written: dict[str | None, list[Notice]] = {}
    for each in existing:
        if each.kind == kind:
            written.setdefault(_reader(kind, each.recipient), []).append(each)
    for addressee in addressees:
        earlier = written.get(_reader(kind, addressee), [])
        waiting = next((n for n in earlier if n.sent_at is None and n.attempt != "unknown"), None)
        if waiting is not None:
            planned.append(replace(waiting, recipient=addressee))
        elif again or kind.repeats or not earlier:
            number += 1
            planned.append(Notice(id=f"N-{number:03d}", kind=kind, recipient=addressee))
    return tuple(planned)


def message_id(case_key: str, notice: Notice) -> str:
    """Give a message's id, the same however often it is written.

    Args:
        case_key: What no other case has; a random nonce is in the hash of its first journal entry.
        notice: Which message, to whom.
    """
    parts = (case_key, notice.id, notice.recipient.email or "")
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return f"<{digest[:32]}@{_MAIL_DOMAIN}>"


def answer_by(notice: Notice, *, reply_by: datetime | None, now: datetime) -> datetime | None:
    """Give by when a message asks for an answer: a day that was said and is to come, or the register's."""
    if not notice.kind.asks:
        return None
    said = reply_by if reply_by is not None and reply_by > now else None
    return said or notice.recipient.due


def address_of(notice: Notice) -> str:
    """Give a message's address as threads are told apart by it; empty where it has none."""
    return (notice.recipient.email or "").casefold()


def by_address(notices: Iterable[Notice]) -> dict[str, list[Notice]]:
    """Give the messages to each address, in their order."""
    found: dict[str, list[Notice]] = {}
    for each in notices:
        found.setdefault(address_of(each), []).append(each)
    return found


def first_to(notices: Iterable[Notice], notice: Notice) -> Notice | None:
    """Give the first message to the same address, which a later one answers: a thread for each."""
    address = address_of(notice)
    before = [
        each
        for each in notices
        if address_of(each) == address
        and each.message_id is not None
        and each.number < notice.number
        and not each.is_superseded
    ]
    left = [each for each in before if each.sent_at is not None]
    return next(iter(left or before), None) if address else None


def rendered_detail(notice: Notice, *, template_sha256: str) -> dict[str, object]:
    """Give what the journal keeps of a message that was written."""
    who = notice.recipient
    return {
        **_naming(notice),
        "name": who.name,
        "email": who.email,
        "reference": who.reference,
        "deputy": who.deputy,
        "place": who.place,
        "about_copy": who.about,
        "reply_by": rfc3339(notice.reply_by) if notice.reply_by else None,
        "file": notice.text_file,
        "message_id": notice.message_id,
        "sha256": notice.sha256,
        "eml_sha256": notice.eml_sha256,
        "template_sha256": template_sha256,
    }


def sent_detail(notice: Notice, *, by: str, at: datetime, how: str) -> dict[str, object]:
    """Give what the journal keeps of a message that left; `at` can be earlier than the entry."""
    return {
        **_naming(notice),
        "name": notice.recipient.name,
        "by": by,
        "at": rfc3339(at),
        "how": how,
    }


def acknowledged_detail(notice: Notice, *, by: str, at: datetime) -> dict[str, object]:
    """Give what the journal keeps of an answer."""
    return {**_naming(notice), "name": notice.recipient.name, "by": by, "at": rfc3339(at)}


def no_such_notice(notice_id: str, notices: Iterable[Notice]) -> UnknownNoticeError:
    """Give the error for an id that no message has."""
    return UnknownNoticeError(
        f"no message {display(notice_id)!r}: `breachkit notify list` shows them."
        f"{meant(notice_id, (notice.id for notice in notices))}"
    )


def notice_to_mark(notices: Sequence[Notice], notice_id: str, *, sent: bool) -> Notice:
    """Give the message to mark as sent (`sent=True`) or as acknowledged.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it is marked already, or is to be acknowledged before it was sent.
    """
    notice = next((n for n in notices if n.id == notice_id), None)
    if notice is None:
        raise no_such_notice(notice_id, notices)
    if sent and notice.sent_at is not None:
        raise AlreadySentError(
            f"{notice.id} is marked as sent already, so nothing was changed: "
            "`breachkit notify list` shows which are left"
        )
    if not sent and notice.sent_at is None:
        raise AlreadySentError(
            f"{notice.id} was not sent: run `breachkit notify mark-sent {notice.id}`"
        )
    return notice


def alerted_at(notices: Iterable[Notice]) -> datetime | None:
    """Give when the first alert to a named contact left; None while none has."""
    times = [n.sent_at for n in notices if n.kind.to == "alert" and n.sent_at is not None]
    return min(times, default=None)


def _reader(kind: NoticeKind, recipient: Recipient) -> str | None:
    """Give what tells one reader of a kind of message from another."""
    if kind.to in _ONE_COPY_EACH:
        return recipient.reference
    return recipient.email or f"without an address: {recipient.name}"


def _naming(notice: Notice) -> dict[str, object]:
    return {"number": notice.id, "message": notice.kind.name, "audience": notice.kind.audience}


def _rendered(event: JournalEvent) -> Notice | None:
    text = {key: value for key, value in event.detail.items() if isinstance(value, str)}
    kind = next((kind for kind in KINDS if kind.name == text.get("message")), None)
    if kind is None or not _ID.fullmatch(text.get("number", "")):
        return None
    recipient = Recipient(
        name=text.get("name", "not recorded"),
        email=text.get("email"),
        reference=text.get("reference", ""),
        deputy=text.get("deputy"),
        place=text.get("place"),
        about=text.get("about_copy"),
    )
    return Notice(
        id=text["number"],
        kind=kind,
        recipient=recipient,
        sha256=text.get("sha256"),
        eml_sha256=text.get("eml_sha256"),
        message_id=text.get("message_id"),
        reply_by=_moment(text.get("reply_by")),
        rendered_at=parse_rfc3339(event.ts),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return parse_rfc3339(text) if text else None
    except ValueError:  # an entry of another version
        return None


def _superseded(notice: Notice) -> Notice:
    to_contacts = notice.kind.to in {"alert", "engineer", "dpo"}
    return replace(notice, is_superseded=to_contacts and notice.sent_at is None)


def _still_unknown(notice: Notice, found: Mapping[str, Notice]) -> Notice:
    """Keep that it may have arrived, whatever was written under its number since."""
    earlier = found.get(notice.id)
    unknown = earlier is not None and earlier.attempt == "unknown"
    return replace(notice, attempt="unknown") if unknown else notice


def _moved(notice: Notice, event: JournalEvent) -> Notice:
    if event.kind in {SENDING, UNSURE}:
        return replace(notice, attempt="unknown")
    if event.kind == REFUSED:
        return replace(notice, attempt="later" if event.detail.get("later") is True else "refused")
    at = parse_rfc3339(event.detail.get("at", event.ts))
    if event.kind == SENT:
        who = event.detail.get("by")
        return replace(notice, sent_at=at, sent_by=who, is_superseded=False, attempt=None)
    return replace(notice, acknowledged_at=at)
