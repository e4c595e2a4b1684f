"""Who gets which message. Each is written to alone; nobody sees another's name or address."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from breachkit.actions.contacts import ContactsProfile, normalised_address
from breachkit.actions.copies import Copy
from breachkit.actions.notice_kinds import NobodyToTellError, NoticeKind, To
from breachkit.actions.notify import Notice, Recipient


FORKS = frozenset({"C10", "C11"})
"""Places of the catalogue that are forks: their owners get the neutral message."""
ARCHIVES = frozenset({"C40", "C41", "C42", "C43", "C44", "C47", "C48", "C49", "C50", "C51"})
"""Places that others keep for the public: each is asked by a text for its form."""
WRITERS = frozenset({"C16", "C30"})
"""Places of people who work, or worked, on the repository."""

ASKED_FOR: Mapping[To, str] = {
    "engineer": "to take the clean-up",
    "writers": "to stop pushing",
    "holders": "to account for your copies",
    "forks": "to delete your fork",
    "archives": "to remove an archived copy",
}
"""What each kind of request asks of its reader."""

_UNSETTLED = frozenset({"suspected", "confirmed", "requested"})
"""States of a copy about which nobody has answered."""

ALL_WRITERS = "everybody who can push"
"""Stands for people whom nobody knows by name yet: the text is passed on as it is."""

REMIND_BEFORE = timedelta(days=1)
"""A reminder is due so long before the answer is, where no playbook says otherwise."""
SHORTEST = timedelta(days=1)
"""Nobody is asked for an answer by a day that is past, or sooner than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everybody whom a case knows."""

    profile: ContactsProfile | None
    copies: Sequence[Copy] = ()
    notices: Sequence[Notice] = ()
    """What was written before, and to whom."""
    can_push: Sequence[str] | None = None
    """Accounts that could push when the last snapshot was taken; None where there is none."""
    now: datetime
    remind_before: timedelta = REMIND_BEFORE
    """As the playbook has it."""


def recipients(kind: NoticeKind, known: Known) -> tuple[Recipient, ...]:
    """Decide who gets a kind of message.

    Raises:
        NobodyToTellError: nobody does; the message says what to do.
    """
    found = _unique(_WHO[kind.to](kind, known))
    if not found:
        raise NobodyToTellError(_WHY_NOBODY.get(kind.name) or _WHY_NOBODY[kind.to])
    return tuple(replace(each, due=_answer_by(kind, each, known.now)) for each in found)


def unanswered(known: Known) -> tuple[Notice, ...]:
    """Give the requests that were sent, and whose answer is due soon or past due."""
    settled = {c.id for c in known.copies if c.applies == "no" or c.state not in _UNSETTLED}
    return tuple(
        notice
        for notice in known.notices
        if notice.waits_for_answer
        and notice.kind.to not in {"alert", "asked"}
        and notice.recipient.reference not in settled
        and notice.reply_by is not None
        and known.now >= notice.reply_by - known.remind_before
    )


def overdue(known: Known) -> tuple[Notice, ...]:
    """Give the requests whose answer was due before now."""
    return tuple(n for n in unanswered(known) if n.reply_by and n.reply_by < known.now)


def _answer_by(kind: NoticeKind, recipient: Recipient, now: datetime) -> datetime | None:
    if not kind.asks or recipient.due is None:
        return None
    if kind.to == "asked":
        return recipient.due  # the day that was said, though it may be past
    return max(recipient.due, now + SHORTEST)


def _unique(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Give each once: by reference where it is about a copy, else by address or name."""
    return tuple({_key(each): each for each in reversed(tuple(found))}.values())[::-1]


def _key(each: Recipient) -> str:
    if each.reference.startswith(("K-", "N-")):
        return each.reference
    return (each.email or each.name).casefold()


def _alerted(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    return _contacts(known.profile, known.profile.alert_roles if known.profile else ())


def _engineers(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    return _contacts(known.profile, ("engineer",))


def _officers(kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    """Whoever decides about the report; those who are alerted pass it on where none is named."""
    found = _contacts(known.profile, ("dpo", "controller"))
    return found or _alerted(kind, known)


def _contacts(profile: ContactsProfile | None, roles: Sequence[str]) -> tuple[Recipient, ...]:
    chosen = profile.with_role(*roles) if profile else ()
    return tuple(
        Recipient(name=c.name, email=c.email, reference=c.roles[0], deputy=c.deputy)
        for c in chosen
        if c.email
    )


def _writers(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    """People who worked on it, and accounts that may push; a name and an account may be one."""
    able = None if known.can_push is None else {login.casefold() for login in known.can_push}
    people = [c for c in known.copies if c.place in WRITERS and c.holder and c.applies != "no"]
    due = known.now + SHORTEST
    for copy in people:
        if copy.email or able is None or str(copy.holder).casefold() in able:
            yield replace(_holder(copy, reference="writer"), due=due)
    named = {str(copy.holder).casefold() for copy in people}
    for login in known.can_push or ():
        if login.casefold() not in named:
            yield Recipient(name=login, email=None, reference="writer", due=due)
    if not people and not known.can_push:
        yield Recipient(name=ALL_WRITERS, email=None, reference="writer", due=due)


def _holders(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    apart = FORKS | ARCHIVES
    return (_holder(c) for c in known.copies if c.needs_request and c.place not in apart)


def _fork_owners(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    forks = (c for c in known.copies if c.needs_request and c.place in FORKS)
    return (replace(_holder(copy), about=_fork_name(copy)) for copy in forks)


def _fork_name(copy: Copy) -> str:
    return copy.label.removeprefix("fork ").partition(" of the fork ")[0]


def _holder(copy: Copy, *, reference: str | None = None) -> Recipient:
    return Recipient(
        name=copy.holder or "colleague",
        email=_usable(copy.email),
        reference=reference or copy.id,
        due=copy.due,
        place=copy.place,
    )


def _usable(address: str | None) -> str | None:
    """Give an address that a mail can be sent to; one that a history made up stops no other message."""
    try:
        return normalised_address(address) if address else None
    except ValueError:
        return None


def _platform(_kind: NoticeKind, _known: Known) -> Iterable[Recipient]:
    return (Recipient(name="GitHub Support", email=None, reference="platform"),)


def _archives(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    """Every archive that certainly has a copy; of the others nobody knows yet what to ask."""
    return (
        Recipient(name=c.label, email=None, reference=c.id, due=c.due, place=c.place)
        for c in known.copies
        if c.place in ARCHIVES and c.applies == "yes" and not c.closed
    )


def _record(kind: NoticeKind, _known: Known) -> Iterable[Recipient]:
    return (Recipient(name=kind.readers, email=None, reference="record"),)


def _told(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    sent = [n for n in known.notices if n.sent_at is not None and n.kind.to == "alert"]
    return (replace(n.recipient, due=None) for n in sent)


def _everybody(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    """Everybody who was told what it is about; owners of forks and archives were told nothing."""
    informed = {"alert", "engineer", "writers", "holders", "dpo"}
    sent = [n for n in known.notices if n.sent_at is not None and n.kind.to in informed]
    by_person = {_person(n.recipient): n.recipient for n in reversed(sent)}
    return (replace(each, due=None) for each in reversed(by_person.values()))


def _person(recipient: Recipient) -> str:
    return (recipient.email or recipient.name).casefold()


def _asked(_kind: NoticeKind, known: Known) -> Iterable[Recipient]:
    return (
        replace(n.recipient, reference=n.id, asked=ASKED_FOR.get(n.kind.to), due=n.reply_by)
        for n in unanswered(known)
        if n.kind.as_mail
    )


_WHO: Mapping[To, Callable[[NoticeKind, Known], Iterable[Recipient]]] = {
    "alert": _alerted,
    "engineer": _engineers,
    "writers": _writers,
    "holders": _holders,
    "forks": _fork_owners,
    "platform": _platform,
    "archives": _archives,
    "dpo": _officers,
    "told": _told,
    "everybody": _everybody,
    "asked": _asked,
    "record": _record,
}

_NO_CONTACT = (
    "the contacts have nobody to alert with an address: add one to the file and choose it again"
)
_WHY_NOBODY: Mapping[str, str] = {
    "alert": _NO_CONTACT,
    "dpo": _NO_CONTACT,
    "engineer": "the contacts name no engineer: copy the file, add somebody with the role engineer, "
    "and choose it with --contacts FILE",
    "holders": "the register has nobody to ask: run `breachkit trace` first",
    "forks": "the register has no fork whose owner has to be asked: `breachkit trace` looks for them",
    "archives": "no archive is known to have a copy: `breachkit trace --allow HOST` asks them",
    "told": "no alert is marked as sent: run `breachkit notify mark-sent` once it is",
    "everybody": "nobody was told yet: no message is marked as sent",
    "asked": "nobody who was asked has to answer soon yet: nothing to remind of",
}
