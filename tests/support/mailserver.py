"""A real mail server on 127.0.0.1 that can be told to misbehave, recipient by recipient."""

import asyncio
import functools
import socket
import ssl
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


AT_RECIPIENT = {
    "450": "450 4.2.0 Greylisted, come back in five minutes",
    "452": "452 4.5.3 Too many recipients",
    "550": "550 5.1.1 No such user here",
    "530": "530 5.7.0 Authentication required",
    "421": "421 4.3.2 Service shutting down",
}
AT_END = {
    "451-end": "451 4.3.0 Try again later",
    "552-end": "552 5.3.4 Message too big for this mailbox",
    "554-end": "554 5.7.1 Looks like spam",
    "nonsense": "xyz?",
}
ARRIVES = ("mute", "hang", "nonsense-kept")
"""Faults after which the message is in the mailbox though nobody says so."""


@dataclass
class Mail:
    """One message as it arrived."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    encrypted: bool


@dataclass
class Mailbox:
    """What arrived, and what the server does with each recipient's next messages."""

    mails: list[Mail] = field(default_factory=list)
    faults: dict[str, deque[str]] = field(default_factory=dict)
    transactions: list[tuple[str, ...]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    greetings: list[str] = field(default_factory=list)

    def will(self, recipient: str, *faults: str) -> None:
        self.faults[recipient] = deque(faults)

    def arrived(self, recipient: str) -> list[bytes]:
        return [mail.data for mail in self.mails if recipient in mail.recipients]

    def fault_of(self, recipient: str) -> str:
        waiting = self.faults.get(recipient)
        return waiting[0] if waiting else ""

    def next_fault(self, recipient: str) -> str:
        waiting = self.faults.get(recipient)
        return waiting.popleft() if waiting else ""


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.mailbox.greetings.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - aiosmtpd's name
        fault = self.mailbox.fault_of(address)
        if fault in AT_RECIPIENT:
            self.mailbox.next_fault(address)
            if fault == "421":
                server.loop.call_later(0.01, server.transport.close)
            return AT_RECIPIENT[fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        rcpts = tuple(envelope.rcpt_tos)
        self.mailbox.transactions.append(rcpts)
        fault = self.mailbox.next_fault(rcpts[0])
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        mail = Mail(envelope.mail_from, rcpts, envelope.content, encrypted)
        if fault in AT_END:
            return AT_END[fault]
        if fault != "lost":
            self.mailbox.mails.append(mail)
        if fault in {"mute", "lost"}:
            server.transport.abort()
        if fault == "hang":
            await asyncio.sleep(30)
        if fault == "slow":
            await asyncio.sleep(1.3)
        return "250 2.0.0 Taken as 4F2A1"


class _Server(SMTP):
    async def smtp_DATA(self, arg):  # noqa: N802 - aiosmtpd's name
        rcpts = self.envelope.rcpt_tos if self.envelope else []
        if rcpts and self.event_handler.mailbox.fault_of(rcpts[0]) == "cut":
            self.event_handler.mailbox.next_fault(rcpts[0])
            await self.push("354 Go on")
            await self._reader.readline()
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self):
        return _Server(self.handler, **self.SMTP_kwargs)


@functools.cache
def authority() -> trustme.CA:
    """Who vouches for the servers of these tests."""
    return trustme.CA()


def ca_file(folder: Path) -> Path:
    path = folder / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


def server_context(*names: str, issuer: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    (issuer or authority()).issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server(
    mailbox: Mailbox,
    *,
    port: int | None = None,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    mechanisms: str = "PLAIN LOGIN",
    size: int = 1 << 20,
) -> Iterator[str]:
    """Serve a mailbox until this ends; gives HOST:PORT."""

    def authenticate(server, session, envelope, mechanism, data):
        assert isinstance(data, LoginPassword)
        pair = (data.login.decode(), data.password.decode())
        mailbox.logins.append(pair)
        return AuthResult(success=pair == login, handled=False)

    chosen = port or free_port()
    controller = _Controller(
        _Handler(mailbox),
        hostname="127.0.0.1",
        port=chosen,
        ssl_context=tls,
        server_hostname="mail.example.org",
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=authenticate if login else None,
        auth_required=login is not None and (tls is not None or starttls is not None),
        auth_require_tls=tls is None and starttls is not None,
        auth_exclude_mechanism={"PLAIN", "LOGIN"} - set(mechanisms.split() if login else ()),
        data_size_limit=size,
    )
    controller.start()
    try:
        yield f"127.0.0.1:{chosen}"
    finally:
        controller.stop()
