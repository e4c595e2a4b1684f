"""The post of a practice, kept on disk: what arrived, what was handed over, and what people answered."""

import email
import email.policy
import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from breachkit.drill.inbox import Arrived
from breachkit.incident.disk import write_atomic
from breachkit.model.ids import display


POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of a practice."""

    number: int
    """Counted from 1, in the order of arrival."""
    at: str
    """RFC 3339."""
    sender: str
    """Empty where it is from whoever practises."""
    recipients: tuple[str, ...]
    subject: str
    text: str = field(repr=False)
    attached: tuple[str, ...] = ()
    """Names of files that came with it."""

    @property
    def is_answer(self) -> bool:
        """Whether it came back."""
        return bool(self.sender)


class Post:
    """All messages of a practice.

    Args:
        world: The practice's world.
    """

    def __init__(self, world: Path) -> None:
        self._folder = world / POST
        self._lock = threading.Lock()

    def letters(self) -> tuple[Letter, ...]:
        """Give every message, oldest first."""
        return tuple(map(_read, sorted(self._folder.glob("*.json"))))

    def raw(self) -> Iterator[tuple[Letter, EmailMessage]]:
        """Give every mail as it arrived, oldest first."""
        for letter in self.letters():
            file = self._folder / f"{letter.number:04}.eml"
            if file.exists():
                yield letter, parsed(file.read_bytes())

    def take(self, mail: Arrived, at: str) -> Letter:
        """Keep a mail that arrived."""
        message = parsed(mail.data)
        with self._lock:
            letter = Letter(
                number=self._next(),
                at=at,
                sender="",
                recipients=tuple(map(str, mail.recipients)),
                subject=str(message["Subject"] or ""),
                text=_text(message),
                attached=tuple(part.get_filename() or "" for part in message.iter_attachments()),
            )
            write_atomic(self._folder / f"{letter.number:04}.eml", mail.data)
            self._keep(letter)
        return letter

    def add(self, *, at: str, sender: str, recipient: str, subject: str, text: str) -> None:
        """Keep what somebody said, or was given by hand; `sender` is empty for whoever practises."""
        with self._lock:
            letter = Letter(
                number=self._next(),
                at=at,
                sender=sender,
                recipients=(recipient,),
                subject=subject,
                text=text,
            )
            self._keep(letter)

    def _next(self) -> int:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        return max((int(file.stem) for file in self._folder.glob("*.json")), default=0) + 1

    def _keep(self, letter: Letter) -> None:
        file = self._folder / f"{letter.number:04}.json"
        write_atomic(file, json.dumps(asdict(letter), ensure_ascii=False).encode())


def parsed(data: bytes) -> EmailMessage:
    """Read a mail."""
    return email.message_from_bytes(data, policy=email.policy.default)


def contents(message: EmailMessage) -> Iterator[bytes]:
    """Give every part of a mail as its reader sees it, and the mail as it was sent."""
    yield message.as_bytes()
    for part in message.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload


def shown(letter: Letter) -> str:
    """Write a message for a terminal."""
    who = f"From: {letter.sender}" if letter.is_answer else f"To: {', '.join(letter.recipients)}"
    attached = [f"Attached: {', '.join(letter.attached)}"] if letter.attached else []
    head = [f"Message {letter.number}, {letter.at[:16].replace('T', ' ')} UTC", who]
    lines = [*head, f"Subject: {letter.subject}", *attached, "", *letter.text.splitlines()]
    return "\n".join(map(display, lines))


def listing(letters: Sequence[Letter]) -> str:
    """Write one line for each message, at most 78 columns wide."""
    if not letters:
        return "Nothing has arrived yet: a message that is written has not left."
    return "\n".join(map(_line, letters))


def to_json(letters: Sequence[Letter]) -> dict[str, Any]:
    """Give the object that `breachkit drill inbox --json` prints."""
    shown_ones = [
        {
            "number": one.number,
            "at": one.at,
            "from": one.sender,
            "to": list(one.recipients),
            "subject": one.subject,
            "attached": list(one.attached),
            "text": one.text,
        }
        for one in letters
    ]
    return {"schema": "breachkit.drill-inbox/1", "messages": shown_ones}


def _line(letter: Letter) -> str:
    way = f"from {letter.sender}" if letter.is_answer else f"to   {letter.recipients[0]}"
    subject = _TAGS.sub("", letter.subject)
    return display(f"{letter.number:>3}  {letter.at[11:16]}  {way:<32.32}  {subject}"[:78].rstrip())


_TAGS = re.compile(r"\[[^]]*\] ?")
"""What a subject says for machines."""


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def _read(file: Path) -> Letter:
    read = json.loads(file.read_bytes())
    lists = {name: tuple(read[name]) for name in ("recipients", "attached")}
    return Letter(**{**read, **lists})
