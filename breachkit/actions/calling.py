"""What to say on the phone, and what not, to somebody who has not answered.

Written for a person who has never done this, at five on a Friday: whom to ring in which order, words
to read out, and what stays unsaid because nobody can see who listens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from breachkit.actions.chasing import Chase
from breachkit.actions.contacts import Contact, ContactsProfile
from breachkit.model.ids import display


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What a caller may say: names of the case, times, a number; nothing of the data."""

    case_id: str
    codename: str
    local_now: datetime
    """With the zone of whoever rings: hours of contacts are in words, and people's own."""
    caller: str | None
    call_back: str | None
    """The number under which the caller is reached."""
    deadline: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that is due, and what to say."""

    chase: Chase
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who has not answered, at one moment."""

    now: datetime
    due: tuple[Chase, ...]
    """Somebody has to act on these now."""
    later: tuple[Chase, ...]
    """Nobody has to act on these yet."""
    calls: tuple[Call, ...]


def call_script(chase: Chase, profile: ContactsProfile | None, facts: CallFacts) -> tuple[str, ...]:
    """Give the script for one call, line by line; empty lines part its sections."""
    is_alert = chase.kind in {"alert", "undelivered"}
    words = _alert_words(chase, facts) if is_alert else _holder_words(chase, facts)
    return (
        *_whom(chase, profile, facts),
        "",
        "SAY",
        *(f"  {line}" for line in words),
        "",
        *_UNSAID,
        "",
        *_afterwards(chase, facts),
    )


_UNSAID = (
    "DO NOT SAY",
    "  - any number, name or word out of the files, nor what they are called",
    "  - the name of the study: it stands in the mail, and nobody knows who listens",
    "  - whose fault it was, or whether it has to be reported: others decide that",
    "  On an answering machine: your name, your number, the case, and please ring back. Nothing else.",
    "  If somebody rings you: ring back under the number in this list, before you say more.",
)


def _whom(chase: Chase, profile: ContactsProfile | None, facts: CallFacts) -> Iterator[str]:
    yield f"RING, one after the other, until somebody answers (it is {facts.local_now:%A %H:%M} here)"
    chain = _chain(chase, profile)
    deputy = chase.notice.recipient.deputy
    for number, contact in enumerate(chain, start=1):
        yield f"  {number}. {_line(contact, is_deputy=contact.name == deputy)}"
    if not any(contact.phone for contact in chain):
        yield "  No number is known: look for one in the organisation's directory, and put it into the contacts."
    yield "  Out of somebody's hours: ring all the same, once; then go on to the next."


def _chain(chase: Chase, profile: ContactsProfile | None) -> tuple[Contact, ...]:
    """Give the person, their deputy, and then everybody else who is to be alerted."""
    recipient = chase.notice.recipient
    known = {contact.name: contact for contact in profile.contacts} if profile else {}
    first = known.get(recipient.name) or Contact(
        name=recipient.name, roles=(), email=recipient.email
    )
    deputies = [known[name] for name in (first.deputy, recipient.deputy) if name in known]
    others = profile.to_alert() if profile else ()
    second = [known[c.deputy] for c in others if c.deputy in known]
    return tuple(dict.fromkeys((first, *deputies, *others, *second)))


def _line(contact: Contact, *, is_deputy: bool) -> str:
    role = " (deputy)" if is_deputy else ""
    phone = display(contact.phone) if contact.phone else "no number known"
    hours = f", {display(contact.hours)}" if contact.hours else ""
    return f"{display(contact.name)}{role}: {phone}{hours}"


def _alert_words(chase: Chase, facts: CallFacts) -> Iterator[str]:
    sent = chase.notice.sent_at
    yield from _greeting(facts)
    if sent is not None:
        yield f'"We wrote to you at {_clock(sent, facts)}; the subject begins with TLP and has that name in it."'
    else:
        yield '"We tried to write to you, and our mail may not have reached you."'
    yield '"Results that should have been redacted may have been released. We are acting on it now."'
    yield f'"The clock of 72 hours runs until {_utc(facts.deadline)}."'
    yield '"Please do three things: read the mail and answer it; tell me who decides;'
    yield ' and say whether the repository may be closed now."'
    yield from _ring_back(facts)


def _holder_words(chase: Chase, facts: CallFacts) -> Iterator[str]:
    yield from _greeting(facts)
    if chase.notice.sent_at is not None:
        yield f'"We wrote to you on {_date(chase.notice.sent_at)} about a copy that you have or had."'
    yield '"It is not about you or your work: everybody who has a copy is asked the same."'
    yield '"Please do not use that copy, and do what the mail says, or tell me what stands in the way."'
    yield from _ring_back(facts)


def _greeting(facts: CallFacts) -> Iterator[str]:
    name = display(facts.caller) if facts.caller else "YOUR NAME"
    yield f'"This is {name}, about the incident {facts.case_id}, {facts.codename}."'


def _ring_back(facts: CallFacts) -> Iterator[str]:
    number = display(facts.call_back) if facts.call_back else "YOUR NUMBER"
    yield f'"You reach me under {number}. May I write down that we spoke, and when?"'


def _afterwards(chase: Chase, facts: CallFacts) -> Iterator[str]:
    notice, case = chase.notice, facts.case_id
    yield "AFTERWARDS"
    if notice.sent_at is None:
        yield f"  breachkit notify mark-sent {notice.id} --case {case}    they have the mail after all, or you told them"
    yield f'  breachkit notify ack {notice.id} --by "WHO ANSWERED" --case {case}'
    yield f'  breachkit notify chase {notice.id} --called "no answer" --case {case}    and try again later'


def _clock(moment: datetime, facts: CallFacts) -> str:
    return f"{moment.astimezone(facts.local_now.tzinfo):%H:%M on %A}"


def _utc(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%A} {utc.day} {utc:%B, %H:%M} UTC"


def _date(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B}"
