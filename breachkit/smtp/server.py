"""Which mail server, and how it is reached: never in the open, but on this machine itself."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.sensitive import Sensitive


SUBMISSION_PORT = 587
"""Where mail programs hand messages over, with STARTTLS (RFC 6409)."""
SUBMISSIONS_PORT = 465
"""The same with TLS from the first byte (RFC 8314)."""

Security = Literal["tls", "starttls", "plain"]

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class WrongServerError(ConfigurationError):
    """The address of the mail server is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long a server may take, in seconds."""

    step: float = 60
    """Until it reacts to one step."""
    verdict: float = 600
    """Until it says whether it took a whole message: shorter makes duplicates (RFC 5321, 4.5.3.2.6)."""
    whole: float = 1200
    """For one message in all, so that a server that answers drop by drop holds nobody for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server to hand messages to."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: Sensitive[str] | None = field(default=None, repr=False)
    ca_file: Path | None = None
    """Certificates to trust instead of the machine's, as an organisation's own."""
    timeouts: Timeouts = Timeouts()

    @property
    def name(self) -> str:
        """Its name and port, to show."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def server_from(
    address: str,
    *,
    user: str | None = None,
    password: Sensitive[str] | None = None,
    ca_file: Path | None = None,
) -> Server:
    """Read how a server is reached.

    Port 465 and `smtps://` speak TLS from the first byte, all others STARTTLS. On this machine
    itself nothing is encrypted, unless certificates are named.

    Args:
        address: `HOST`, `HOST:PORT` or `smtps://HOST[:PORT]`.
        user: Under which name to log in; None logs nobody in.
        password: Goes with it.
        ca_file: Certificates in PEM to trust instead of the machine's.

    Raises:
        WrongServerError: it is no such address, or only one of user and password is there.
    """
    host, port, implicit = _split(address)
    if (user is None) != (password is None):
        raise WrongServerError(
            "a user and a password belong together: add --user and --password-file, or neither"
        )
    return Server(
        host=host,
        port=port,
        security=_security(host, port, implicit=implicit, named=ca_file is not None),
        user=user,
        password=password,
        ca_file=ca_file,
    )


def is_this_machine(host: str) -> bool:
    """Say whether a name or address is the machine's own, which nobody can listen in on."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _security(host: str, port: int, *, implicit: bool, named: bool) -> Security:
    if implicit or port == SUBMISSIONS_PORT:
        return "tls"
    return "plain" if is_this_machine(host) and not named else "starttls"


def _split(address: str) -> tuple[str, int, bool]:
    scheme, found, rest = address.strip().rpartition("://")
    implicit = scheme == "smtps"
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong(address) from None
    known = not found or scheme in {"smtp", "smtps"}
    bare = rest.removesuffix(f":{port}").strip("[]").casefold() == host
    if not (known and bare and _is_host(host)) or port == 0:
        raise _wrong(address)
    return host, port or (SUBMISSIONS_PORT if implicit else SUBMISSION_PORT), implicit


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def _wrong(address: str) -> WrongServerError:
    # What stands before an @ could be a password.
    shown = display(address.rpartition("@")[2])
    return WrongServerError(
        f"{shown!r} is no mail server: write HOST, HOST:PORT or smtps://HOST:PORT"
    )
