"""The mail server of the practice world: it takes what is sent over TLS, after a login, and keeps it.

It listens on 127.0.0.1 alone, and its certificate is made anew for each drill.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from breachkit.drill import study
from breachkit.model.sensitive import Sensitive


_NAME = "mail.example.org"
_USER = "ada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One message as the server took it."""

    recipients: tuple[str, ...]
    """Of the envelope."""
    data: bytes
    encrypted: bool
    """Whether it came over TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The server while it runs, and everything that arrived."""

    address: str
    password: Sensitive[str]
    ca_file: Path
    arrived: list[Arrived] = field(default_factory=list)

    @classmethod
    def at(cls, folder: Path, port: int) -> "Inbox":
        """Give the mail server of a folder and a port, whether it runs or not."""
        return cls(
            address=f"127.0.0.1:{port}",
            password=Sensitive("a password that is asked for, and stands nowhere"),
            ca_file=folder / "mail-authority.pem",
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What a user has set who sends mails through it."""
        return {
            "BREACHKIT_SMTP": self.address,
            "BREACHKIT_SMTP_FROM": f"{study.ADA.name} <{study.ADA.email}>",
            "BREACHKIT_SMTP_USER": _USER,
            "BREACHKIT_SMTP_PASSWORD": self.password.reveal(),
            "BREACHKIT_SMTP_CA_FILE": str(self.ca_file),
        }

    def of(self, recipient: str) -> tuple[Arrived, ...]:
        """Give what arrived for one address."""
        return tuple(each for each in self.arrived if recipient in each.recipients)


@contextlib.contextmanager
def serve_inbox(
    folder: Path, *, port: int = 0, took: Callable[[Arrived], None] = lambda _arrived: None
) -> Iterator[Inbox]:
    """Run a mail server until this ends.

    Args:
        folder: An existing folder, for the certificate that its clients have to trust.
        port: Where to listen; 0 for any that is free.
        took: Gets each message before the server says that it has it.
    """
    authority = trustme.CA()
    inbox = Inbox.at(folder, port or free_port())
    authority.cert_pem.write_to_path(str(inbox.ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    controller = _controller(inbox, context, took)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


def _controller(
    inbox: Inbox, context: ssl.SSLContext, took: Callable[[Arrived], None]
) -> Controller:
    def authenticate(
        _server: object, _session: object, _envelope: object, _mechanism: str, login: Any
    ) -> AuthResult:
        known = LoginPassword(_USER.encode(), inbox.password.reveal().encode())
        return AuthResult(success=login == known, handled=False)

    return Controller(
        _Handler(inbox, took),
        hostname="127.0.0.1",
        port=int(inbox.address.rpartition(":")[2]),
        server_hostname=_NAME,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )


class _Handler:
    """Keeps what arrives in memory, and hands it to whoever keeps it elsewhere."""

    def __init__(self, inbox: Inbox, took: Callable[[Arrived], None]) -> None:
        self._inbox = inbox
        self._took = took

    async def handle_DATA(self, server: Any, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        message = Arrived(
            recipients=tuple(envelope.rcpt_tos), data=envelope.content, encrypted=encrypted
        )
        self._took(message)
        self._inbox.arrived.append(message)
        return f"250 2.0.0 Taken as {len(self._inbox.arrived)}"


def free_port() -> int:
    """Give a port on 127.0.0.1 that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nothing listens on a port of 127.0.0.1 just now."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
