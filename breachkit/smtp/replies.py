"""Logging in, and what a server says made fit to be kept: bounded, harmless, without passwords."""

import base64
import smtplib
from dataclasses import dataclass, field
from typing import Self

from breachkit.model.errors import AccessError
from breachkit.model.ids import display
from breachkit.model.sensitive import Sensitive
from breachkit.smtp.server import Server


LONGEST_REPLY = 300
"""Characters that are kept of what a server says."""

_TAKEN, _GO_ON = 235, 334


class LoginError(AccessError):
    """The server offers no way to log in that is known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What must not be repeated, in all the ways in which it goes over the wire."""

    texts: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, server: Server) -> Self:
        """Take them from the login of a server."""
        if server.user is None or server.password is None:
            return cls()
        password = server.password.reveal()
        plain = _plain(server.user, server.password)
        found = (plain, _b64(password), password)
        return cls(texts=tuple(text for text in found if text))

    def without(self, reply: bytes | str) -> str:
        """Give what a server said on one line, without the secrets."""
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        for secret in self.texts:
            text = text.replace(secret, "<sensitive>")
        shown = display(" ".join(text.split()))
        return shown if len(shown) <= LONGEST_REPLY else f"{shown[:LONGEST_REPLY]} ..."


def log_in(smtp: smtplib.SMTP, user: str, password: Sensitive[str]) -> tuple[int, bytes] | None:
    """Log in with PLAIN (RFC 4616), or with LOGIN where the server knows nothing else.

    Returns:
        The server's answer where it does not accept the login, else None.

    Raises:
        LoginError: the server knows neither.
    """
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        answer = smtp.docmd("AUTH", f"PLAIN {_plain(user, password)}")
    elif "LOGIN" in offered:
        answer = smtp.docmd("AUTH", f"LOGIN {_b64(user)}")
        if answer[0] == _GO_ON:
            answer = smtp.docmd(_b64(password.reveal()))
    else:
        raise LoginError(
            "the mail server offers no login with user and password, so nothing was sent: leave --user "
            "out, or ask who runs the server for one that does"
        )
    return None if answer[0] == _TAKEN else answer


def _plain(user: str, password: Sensitive[str]) -> str:
    return _b64(f"\0{user}\0{password.reveal()}")


def _b64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8")).decode("ascii")
