"""From the bytes of a message that was written and checked to what goes over the wire.

Nothing is composed anew: the headers and the body are those of the file, without the mark that
makes mail programs open it as a draft.
"""

import email
import email.policy
import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage

from breachkit.actions.contacts import normalised_address
from breachkit.actions.posting import Enclosed
from breachkit.actions.sending import Letter
from breachkit.model.errors import RefusedError, UsageError


DRAFT_MARK = b"x-unsent"
_HIDDEN = frozenset({b"bcc", b"resent-bcc"})
_LONGEST_LINE = 998
"""Characters in a line without its end (RFC 5322, 2.1.1)."""


_NAMED = re.compile(r"([^<>]*)<([^<>]*)>")


class LetterError(RefusedError):
    """A message's file is not what may be sent."""


class WrongSenderError(UsageError):
    """Who sends is not said in a way that can be used."""


def sender_from(text: str) -> Address:
    """Read who sends the messages.

    Args:
        text: `Name <address>`, or an address alone; a comma in the name needs no quotes.

    Raises:
        WrongSenderError: it is neither.
    """
    found = _NAMED.fullmatch(text.strip())
    name, address = found.groups() if found else ("", text.strip())
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).strip(' "').split())
    try:
        return Address(display_name=shown, addr_spec=normalised_address(address))
    except ValueError:
        raise WrongSenderError('--from: write "Name <address>"') from None


def look_into(data: bytes) -> Enclosed:
    """Say what a message's file holds.

    Raises:
        LetterError: it is no message.
    """
    message = _parsed(data)
    return Enclosed(
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or ""),
        sender=_one_address(message, "From"),
        attachments=tuple(part.get_filename() or "unnamed" for part in message.iter_attachments()),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def letter_from(data: bytes, *, recipient: str, sender: Address | None) -> Letter:
    """Make a letter for exactly one recipient out of a message's file.

    Args:
        data: The file.
        recipient: The address that the journal has for it.
        sender: Who sends it; put into a message that does not say so.

    Raises:
        LetterError: it is addressed to somebody else or to several, hides a recipient, or is not
            fit for the wire; nothing was sent.
    """
    message = _parsed(data)
    _check_recipient(message, recipient)
    own = _one_address(message, "From")
    if own is None and sender is None:
        raise LetterError("the message does not say who sends it: add --from")
    if own is not None and sender is not None and _plain(own) != _plain(sender.addr_spec):
        raise LetterError(
            "the message is from somebody else than --from says: render it again with the same --from"
        )
    head, body = _split(data)
    kept = [field for field in head if _name(field) != DRAFT_MARK]
    if own is None and sender is not None:
        kept.insert(0, _from_line(sender))
    wire = b"".join(kept) + b"\r\n" + body
    _check_wire(wire)
    return Letter(
        sender=_plain(own or (sender.addr_spec if sender else "")),
        recipient=_plain(recipient),
        data=wire,
    )


def _parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.SMTP)
    if not len(message):
        raise LetterError("its message.eml is no message: render it again")
    return message


def _check_recipient(message: EmailMessage, recipient: str) -> None:
    to = message.get_all("To") or []
    addresses = [address.addr_spec for header in to for address in header.addresses]
    if len(to) != 1 or len(addresses) != 1 or _plain(addresses[0]) != _plain(recipient):
        raise LetterError(
            "its message.eml is not addressed to its one recipient alone: render it again"
        )
    if message.get_all("Cc") or any(name.lower().encode() in _HIDDEN for name in message):
        raise LetterError("its message.eml names more recipients: render it again")


def _one_address(message: EmailMessage, name: str) -> str | None:
    found = [each.addr_spec for header in message.get_all(name) or [] for each in header.addresses]
    if len(found) > 1:
        raise LetterError(
            f"its message.eml has more than one address under {name}: render it again"
        )
    return str(found[0]) if found else None


def _plain(address: str) -> str:
    try:
        return normalised_address(address)
    except ValueError as cause:
        raise LetterError(f"an address cannot be used: {cause}") from None


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Give the header fields, each with the lines it is folded into, and the body."""
    head, _, body = data.partition(b"\r\n\r\n")
    fields: list[bytes] = []
    for line in (head + b"\r\n").splitlines(keepends=True):
        if line[:1] in {b" ", b"\t"} and fields:
            fields[-1] += line
        else:
            fields.append(line)
    return fields, body


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _from_line(sender: Address) -> bytes:
    only = EmailMessage(policy=email.policy.SMTP)
    only["From"] = sender
    return only.as_bytes().removesuffix(b"\r\n")


def _check_wire(wire: bytes) -> None:
    """Keep out what servers read in different ways, so that one could see two messages in it."""
    bare = wire.replace(b"\r\n", b"")
    if b"\r" in bare or b"\n" in bare or b"\0" in bare:
        raise LetterError(
            "its message.eml has line ends that servers disagree about: render it again"
        )
    if not wire.isascii():
        raise LetterError("its message.eml is not plain ASCII: render it again")
    if any(len(line) > _LONGEST_LINE for line in wire.split(b"\r\n")):
        raise LetterError("its message.eml has a line that is too long for mail: render it again")
