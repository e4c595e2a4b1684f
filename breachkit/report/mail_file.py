"""From a text to the bytes that a mail program opens as a draft, and to a `mailto:` address.

The same text, addresses and moment always give the same bytes: nothing is drawn by chance, and
nothing is asked of the machine.
"""

import hashlib
import re
import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import quote

from breachkit.actions.contacts import normalised_address
from breachkit.report.escape import mail_header
from breachkit.report.mail_template import TemplateRefusedError


MAX_MAILTO = 2000
"""Characters of a `mailto:` address that programs are known to take; longer ones are cut off."""
MAX_NAME = 80
"""A display name is cut to so many characters."""
_LINE = 76
_SUBJECT_BELOW = re.compile(rb"^Subject: ?\r\n ([^\r\n]+)(?=\r\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends the message: a person, by hand."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """The one file that may go with a message: the script for clone holders."""

    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Everything around the text of a mail."""

    subject: str
    to_name: str
    to_email: str
    at: datetime
    message_id: str
    sender: Sender | None = None
    """None leaves it to the mail program."""
    answers: str | None = None
    """Id of the message that it continues; None where it begins a thread."""
    attachment: Attachment | None = None
    by_itself: bool = False
    """Whether a program may send it with nobody at the keyboard, so that no out-of-office note answers it
    (RFC 3834)."""


def mail_bytes(head: Letterhead, text: str) -> bytes:
    r"""Give a mail as a file that Outlook, Thunderbird and Apple Mail open as a draft.

    One recipient, no copies, `\r\n` at the end of lines.

    Raises:
        TemplateRefusedError: an address cannot be used.
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = head.subject
    if head.sender is not None:
        message["From"] = _address(head.sender.name, head.sender.email)
    message["To"] = _address(head.to_name, head.to_email)
    message["Date"] = head.at
    message["Message-ID"] = head.message_id
    if head.answers is not None:
        message["In-Reply-To"] = head.answers
        message["References"] = head.answers
    message["Auto-Submitted"] = "auto-generated" if head.by_itself else "no"
    message["X-Unsent"] = "1"  # Outlook and others open it as a draft
    message["X-Uniform-Type-Identifier"] = "com.apple.mail-draft"  # as Apple Mail marks its own
    message.set_content(text, cte=_encoding(text))
    if head.attachment is not None:
        _attach(message, head.attachment, head.message_id)
    return _SUBJECT_BELOW.sub(_refolded, message.as_bytes(), count=1)


def mailto(email: str, subject: str, text: str) -> str | None:
    """Give an address that opens a new message in a mail program; None where it would be too long.

    Source: RFC 6068: everything is percent-encoded, and a line ends in `%0D%0A`.

    Raises:
        TemplateRefusedError: the address cannot be used.
    """
    to = quote(_address("", email).addr_spec, safe="@")
    body = quote(text.replace("\n", "\r\n").encode("utf-8", "replace"), safe="")
    found = f"mailto:{to}?subject={quote(subject.encode('utf-8', 'replace'), safe='')}&body={body}"
    return found if len(found) < MAX_MAILTO else None


def _refolded(match: re.Match[bytes]) -> bytes:
    """Begin a subject on the line of its name: some programs take the space before it for a part of it."""
    words = f"Subject: {match.group(1).decode('ascii')}"
    return "\r\n ".join(
        textwrap.wrap(words, _LINE, break_long_words=False, break_on_hyphens=False)
    ).encode("ascii")


def _encoding(text: str) -> str:
    """Keep a plain text readable as it is; whatever else is written in printable characters."""
    short = all(len(line) <= _LINE for line in text.split("\n"))
    return "7bit" if text.isascii() and short else "quoted-printable"


def _attach(message: EmailMessage, attachment: Attachment, message_id: str) -> None:
    """Add the script as text, byte for byte: a shell minds what a mail program does to line ends."""
    message.add_attachment(
        attachment.content,
        maintype="text",
        subtype="plain",
        cte="base64",
        filename=attachment.name,
        params={"charset": "us-ascii"},
    )
    message.set_boundary(f"part-{hashlib.sha256(message_id.encode()).hexdigest()[:24]}")


def _address(name: str, email: str) -> Address:
    try:
        shown = mail_header(name)[:MAX_NAME].strip()
        return Address(display_name=shown, addr_spec=normalised_address(email))
    except ValueError as cause:
        raise TemplateRefusedError(
            f"an address cannot be used: {cause}; correct the contacts"
        ) from None
