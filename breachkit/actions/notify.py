"""Who gets which message, and what became of each: decisions and plain data."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never

from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.copies import Copy
from breachkit.actions.events import JournalEvent
from breachkit.actions.mailfacts import PathPolicy
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.time import parse_rfc3339, rfc3339


TLP_LABELS = ("TLP:RED", "TLP:AMBER+STRICT", "TLP:AMBER", "TLP:GREEN", "TLP:CLEAR")
"""Source: FIRST, Traffic Light Protocol 2.0. Capitals, no spaces, never translated."""

RENDERED, SENT, ACKNOWLEDGED = "notify.rendered", "notify.sent", "notify.acknowledged"
CONTACTS_CHOSEN = "contacts.chosen"

_ID = re.compile(r"N-\d{3,9}")
_AUDIENCES = {
    "alert": "named-contacts",
    "engineer": "engineer",
    "holders": "clone-holders",
    "platform": "platform-support",
}
_PERMISSIVE: tuple[PathPolicy, ...] = ("full", "basename", "opaque")
_STRICT: tuple[PathPolicy, ...] = ("opaque",)


class UnknownNoticeError(UsageError):
    """No message of that kind or number."""


class NobodyToTellError(ConfigurationError):
    """A message has no recipient."""


class AlreadySentError(RefusedError):
    """A message that left cannot be marked as sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeKind:
    """One sort of message."""

    name: str
    alias: str
    to: Literal["alert", "engineer", "holders", "platform"]
    outside: bool
    """Whether it may reach people outside the response, who get no path at all."""
    tlp: str = "TLP:AMBER+STRICT"

    @property
    def template(self) -> str:
        """Its file in a playbook."""
        return f"mail/{self.name}.txt.j2"

    @property
    def audience(self) -> str:
        """Whom the journal says it is for."""
        return _AUDIENCES[self.to]

    @property
    def path_policies(self) -> tuple[PathPolicy, ...]:
        """How paths may be shown, the most telling first; the next is used where the lint objects."""
        return _STRICT if self.outside else _PERMISSIVE

    @property
    def as_mail(self) -> bool:
        """Whether it is a mail; else a text for a form on a web page, with no address."""
        return self.to != "platform"


KINDS = (
    NoticeKind(name="internal-alert", alias="alert", to="alert", outside=False),
    NoticeKind(name="engineer-liaison", alias="engineer", to="engineer", outside=False),
    NoticeKind(name="clone-holder", alias="holders", to="holders", outside=True),
    NoticeKind(name="github-support", alias="support", to="platform", outside=True),
)


def kind_named(name: str) -> NoticeKind:
    """Find a kind of message by its name or alias.

    Raises:
        UnknownNoticeError: there is none; the message lists those there are.
    """
    for kind in KINDS:
        if name in {kind.name, kind.alias}:
            return kind
    known = ", ".join(f"{kind.alias} ({kind.name})" for kind in KINDS)
    raise UnknownNoticeError(f"no message of that kind: choose from {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One addressee. Nobody sees another addressee's name or address."""

    name: str
    email: str | None
    reference: str
    """Why they get it: the role, or the id of the copy they hold."""
    deputy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one recipient, as the journal knows it."""

    id: str
    """`N-001`, counted in order of first rendering."""
    kind: NoticeKind
    recipient: Recipient
    sha256: str | None = None
    """Of the text; None before the first rendering."""
    rendered_at: datetime | None = None
    sent_at: datetime | None = None
    sent_by: str | None = None
    is_superseded: bool = False
    """Never sent, and other contacts were chosen since: nobody should send it."""
    acknowledged_at: datetime | None = None

    @property
    def number(self) -> int:
        """The number in its id, counted from 1."""
        return int(self.id.removeprefix("N-"))

    @property
    def folder(self) -> str:
        """Its folder inside the case folder."""
        return f"notifications/{self.id}-{self.kind.name}"


def recipients(
    kind: NoticeKind, profile: ContactsProfile | None, copies: Sequence[Copy]
) -> tuple[Recipient, ...]:
    """Decide who gets a kind of message.

    Raises:
        NobodyToTellError: nobody does; the message says what to set.
    """
    match kind.to:
        case "alert":
            found = _contacts(profile, profile.alert_roles if profile else ())
        case "engineer":
            found = _contacts(profile, ("engineer",))
        case "holders":
            found = _holders(copies)
        case "platform":
            found = (Recipient(name="GitHub Support", email=None, reference="platform"),)
        case _:
            assert_never(kind.to)
    if not found:
        raise NobodyToTellError(_WHY_NOBODY[kind.to])
    return found


_WHY_NOBODY = {
    "alert": "the contacts have nobody to alert with an address: add one to the file and choose it again",
    "engineer": "the contacts name no engineer: copy the file, add somebody with the role engineer, "
    "and choose it with --contacts FILE",
    "holders": "the register has nobody to ask: run `breachkit trace` first",
    "platform": "",
}


def notices_from(events: Iterable[JournalEvent]) -> tuple[Notice, ...]:
    """Read every message and its fate from the journal, in the order of their ids.

    An entry that lacks what a message needs, as one of another version may, is passed over.
    """
    found: dict[str, Notice] = {}
    for event in events:
        if event.kind == RENDERED:
            notice = _rendered(event)
            found |= {notice.id: notice} if notice else {}
        elif event.kind == CONTACTS_CHOSEN:
            found = {key: _superseded(notice) for key, notice in found.items()}
        elif event.kind in {SENT, ACKNOWLEDGED}:
            notice = found.get(str(event.detail.get("number")))
            found |= {notice.id: _moved(notice, event)} if notice else {}
    return tuple(sorted(found.values(), key=lambda notice: notice.number))


def plan_notices(
    kind: NoticeKind, addressees: Sequence[Recipient], existing: Sequence[Notice], *, again: bool
) -> tuple[Notice, ...]:
    """Decide which messages to write: one for each addressee.

    A message that was not sent yet is written again under its own number. One that was sent
    stays as it left and is left out, unless `again` asks for a new one.
    """
    number = max((notice.number for notice in existing), default=0)
    planned = []
    for addressee in addressees:
        earlier = [n for n in existing if _is_same(n, kind, addressee)]
        waiting = next((n for n in earlier if n.sent_at is None), None)
        if waiting is not None:
            planned.append(replace(waiting, recipient=addressee))
        elif again or not earlier:
            number += 1
            planned.append(Notice(id=f"N-{number:03d}", kind=kind, recipient=addressee))
    return tuple(planned)


def rendered_detail(notice: Notice, *, sha256: str, template_sha256: str) -> dict[str, object]:
    """Give what the journal keeps of a message that was written."""
    return {
        **_naming(notice),
        "name": notice.recipient.name,
        "email": notice.recipient.email,
        "reference": notice.recipient.reference,
        "deputy": notice.recipient.deputy,
        "file": f"{notice.folder}/message.txt",
        "sha256": sha256,
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


def notice_to_mark(notices: Sequence[Notice], notice_id: str, *, sent: bool) -> Notice:
    """Give the message to mark as sent (`sent=True`) or as acknowledged.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it is marked already, or is to be acknowledged before it was sent.
    """
    notice = next((n for n in notices if n.id == notice_id), None)
    if notice is None:
        raise UnknownNoticeError(f"no message {notice_id!r}: `breachkit notify list` shows them")
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


def _contacts(profile: ContactsProfile | None, roles: Sequence[str]) -> tuple[Recipient, ...]:
    chosen = profile.with_role(*roles) if profile else ()
    return tuple(
        Recipient(name=c.name, email=c.email, reference=c.roles[0], deputy=c.deputy)
        for c in chosen
        if c.email
    )


def _holders(copies: Sequence[Copy]) -> tuple[Recipient, ...]:
    return tuple(
        Recipient(name=copy.holder or "colleague", email=copy.email, reference=copy.id)
        for copy in copies
        if copy.needs_request and copy.email
    )


def _is_same(notice: Notice, kind: NoticeKind, addressee: Recipient) -> bool:
    if notice.kind != kind:
        return False
    if kind.to == "holders":
        return notice.recipient.reference == addressee.reference
    return notice.recipient.email == addressee.email


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
    )
    return Notice(
        id=text["number"],
        kind=kind,
        recipient=recipient,
        sha256=text.get("sha256"),
        rendered_at=parse_rfc3339(event.ts),
    )


def _superseded(notice: Notice) -> Notice:
    to_contacts = notice.kind.to in {"alert", "engineer"}
    return replace(notice, is_superseded=to_contacts and notice.sent_at is None)


def _moved(notice: Notice, event: JournalEvent) -> Notice:
    at = parse_rfc3339(event.detail.get("at", event.ts))
    if event.kind == SENT:
        return replace(notice, sent_at=at, sent_by=event.detail.get("by"), is_superseded=False)
    return replace(notice, acknowledged_at=at)
