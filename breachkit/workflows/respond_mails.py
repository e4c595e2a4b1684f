"""Messages in a guided response: written, read by a person, sent, and said to be sent."""

from collections.abc import Sequence
from pathlib import Path

from breachkit.actions.notify import Notice, NoticeKind, kind_named
from breachkit.model.ids import display
from breachkit.report.words import counted
from breachkit.workflows.details import details_of
from breachkit.workflows.notify import list_notices
from breachkit.workflows.respond_opening import choose_contacts
from breachkit.workflows.respond_sitting import LEFT_ALONE, Sitting


_BY = "Who sends them? Your full name; leave it, and your account's name is kept."

_OTHERWISE = {
    "freeze": (
        "Was everybody who can push asked to stop in another way, by phone or in person?",
        'breachkit decide freeze --answer asked --by {by} --reason "{reason}" --case {case}',
    ),
    "dpo-factual": (
        "Was the controller told in another way?",
        'breachkit decide controller --answer told --by {by} --reason "{reason}" --case {case}',
    ),
}
"""What a person can say instead, where a message cannot be written or reaches nobody."""


def write_and_send(sitting: Sitting, words: Sequence[str]) -> int | None:
    """Write the messages of a kind, unless they are written already, and see them off."""
    kind = kind_named(words[2])
    written = unsent(sitting, kind.name)
    if written:
        numbers = ", ".join(each.id for each in written)
        sitting.talk.say(f"Written already, and not sent: {numbers}.")
    else:
        more = _more(sitting, kind)
        if more is None:
            sitting.talk.say(LEFT_ALONE)
            return None
        code = sitting.run((*words, *more))
        written = unsent(sitting, kind.name)
        if not written:
            return _otherwise(sitting, kind.name, code)
    return see_off(sitting, written)


def send_waiting(sitting: Sitting) -> int | None:
    """See off every message that is written and not sent."""
    written = unsent(sitting)
    if not written:
        return sitting.run(sitting.on_case("notify", "list"))
    return see_off(sitting, written)


def unsent(sitting: Sitting, kind: str | None = None) -> tuple[Notice, ...]:
    """Give the messages that wait to be sent, of one kind or of all."""
    return tuple(
        each
        for each in list_notices(sitting.case)
        if each.sent_at is None and not each.is_superseded and kind in {None, each.kind.name}
    )


_TO_CONTACTS = frozenset({"alert", "dpo", "told", "everybody"})
"""Audiences that are found among the contacts of the case."""


def _more(sitting: Sitting, kind: NoticeKind) -> tuple[str, ...] | None:
    """Ask for what a message needs and only people know; None where it has no reader."""
    contacts = _contacts(sitting) if kind.to in _TO_CONTACTS else ()
    if contacts is None or kind.to != "alert":
        return contacts
    known = details_of(sitting.case)
    asked = [(option, text) for option, field, text in _KNOWN if getattr(known, field) is None]
    said = [(option, sitting.talk.text(text)) for option, text in asked]
    return (*contacts, *(word for option, given in said if given for word in (option, given)))


_KNOWN = (
    ("--keeper", "keeper", "Who handles the case? Your full name."),
    ("--phone", "phone", "Under which number do they reach you now?"),
    ("--decider", "decider", "Who decides what is published and reported? A full name, if known."),
)
"""What the contacts need to know and no program does: an option, what it fills, and the question."""


def _contacts(sitting: Sitting) -> tuple[str, ...] | None:
    """Ask whose contacts are to be told, where nobody has chosen them; None where that is left."""
    if sitting.incident.profile is not None:
        return ()
    return choose_contacts(sitting.talk)


def _otherwise(sitting: Sitting, kind: str, code: int) -> int | None:
    """Offer to say that people were told in another way, where no message could be written."""
    other = _OTHERWISE.get(kind)
    if other is None:
        return code
    question, template = other
    if not sitting.talk.yes(question):
        return code
    return sitting.fill_and_run(sitting.command(template))


def see_off(sitting: Sitting, notices: Sequence[Notice]) -> int | None:
    """Show messages, and have them sent, here or by hand."""
    for kind in dict.fromkeys(each.kind.name for each in notices):
        alike = [each for each in notices if each.kind.name == kind]
        sitting.run(sitting.on_case("notify", "show", alike[0].id))
        if others := ", ".join(each.id for each in alike[1:]):
            sitting.talk.say(
                f"{others}: the same for other readers; `breachkit notify show` shows each."
            )
    mails = [each for each in notices if _can_be_sent(sitting, each)]
    rest = [each for each in notices if each not in mails]
    code = _leave(sitting, mails) if mails else None
    return _by_hand(sitting, rest) if rest else code


def _can_be_sent(sitting: Sitting, notice: Notice) -> bool:
    """Say whether a message can leave from here: it is a mail, to somebody with an address."""
    is_mail = notice.kind.as_mail and notice.recipient.email is not None
    return is_mail and sitting.means.mail_server is not None


def _leave(sitting: Sitting, mails: Sequence[Notice]) -> int | None:
    """Ask whether mails leave from here, or left by hand."""
    options = (
        f"send {counted(len(mails), 'message')} now, over {display(sitting.means.mail_server or '')}",
        "I sent them myself",
    )
    chosen = sitting.talk.choice("How do they leave?", options)
    if chosen is None:
        sitting.talk.say(LEFT_ALONE + " They stay written.")
        return None
    return _send(sitting, [each.id for each in mails]) if chosen == 0 else _mark(sitting, mails)


def _send(sitting: Sitting, numbers: Sequence[str]) -> int | None:
    """Show what would leave, ask for the case's id to be typed, and send it."""
    sender = _address(sitting, numbers)
    if sender is None:
        sitting.talk.say(LEFT_ALONE + " The messages stay written.")
        return None
    plan = sitting.on_case("notify", "send", *numbers, *sender)
    code = sitting.run(plan)
    if code != 0:
        return code
    case, by = sitting.incident.id, _sender(sitting)
    sitting.talk.say("What is sent cannot be taken back.")
    if not sitting.talk.typed_in_full(case):
        sitting.talk.say(LEFT_ALONE + " Nothing was sent; the messages stay written.")
        return None
    return sitting.run((*plan, "--execute", "--confirm", case, *_by(by)))


def _address(sitting: Sitting, numbers: Sequence[str]) -> tuple[str, ...] | None:
    """Ask from which address messages leave that do not say so; None where that is left out."""
    notices = [each for each in list_notices(sitting.case) if each.id in numbers]
    files = [sitting.case.path / each.eml_file for each in notices]
    if sitting.means.sender is not None or all(map(_says_from, files)):
        return ()
    given = sitting.talk.text(_FROM, wanted=_no_address, usual=sitting.named.get(_FROM, ""))
    sitting.named[_FROM] = given
    return ("--from", given) if given else None


_FROM = "From which address do they leave? Such as: Ada Hartley <ada@example.org>."


def _no_address(given: str) -> str:
    """Say what is wrong with an address; the command that sends looks closer."""
    return "" if "@" in given else "That is no address: type it with its @, or Enter to leave it."


def _says_from(mail: Path) -> bool:
    """Say whether a message names who sends it."""
    try:
        head = mail.read_bytes().partition(b"\r\n\r\n")[0]
    except OSError:
        return False
    return any(line.lower().startswith(b"from:") for line in head.split(b"\r\n"))


def _by_hand(sitting: Sitting, notices: Sequence[Notice]) -> int | None:
    """Say where messages are that do not leave from here, and ask which of them reached their reader."""
    sitting.talk.say(
        "", "These do not leave from here. Send them, or reach the people another way:"
    )
    for notice in notices:
        to = notice.recipient.email or _NO_ADDRESS[notice.kind.as_mail]
        mail = sitting.case.path / notice.eml_file
        file = mail if mail.exists() else sitting.case.path / notice.text_file
        sitting.talk.say(f"{notice.id}  {display(notice.recipient.name)}: {display(to)}")
        sitting.talk.show([(f"    {file}",)])
    return _mark(sitting, notices)


_NO_ADDRESS = {
    True: "no address is known; ring, or write where you work together, never in public",
    False: "paste the text into their form",
}
"""How a reader without an address is reached, by whether the message is a mail."""


def _mark(sitting: Sitting, notices: Sequence[Notice]) -> int | None:
    """Ask which messages left, and by whom, and write it down."""
    sent = [each for each in notices if _left(sitting, each)]
    if not sent:
        sitting.talk.say("None is marked as sent; they stay written.")
        return None
    by = _sender(sitting)
    commands = [sitting.on_case("notify", "mark-sent", each.id, *_by(by)) for each in sent]
    if not sitting.agreed(*commands):
        return None
    codes = [sitting.run(words) for words in commands]
    return max(codes)


def _left(sitting: Sitting, notice: Notice) -> bool:
    who = display(notice.recipient.name)
    how = "sent to" if notice.kind.as_mail else "handed over to"
    return sitting.talk.yes(f"Was {notice.id} {how} {who}?")


def _sender(sitting: Sitting) -> str:
    """Ask who sends messages: usually whoever handles the case."""
    return sitting.name(_BY, details_of(sitting.case).keeper or "")


def _by(name: str) -> tuple[str, ...]:
    return ("--by", name) if name else ()
