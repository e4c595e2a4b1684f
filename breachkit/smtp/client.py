"""One connection to a mail server, and one transaction for each letter.

What a server does to one letter is an outcome and no exception. An exception is what concerns all
of them: a connection that is not encrypted, a server that cannot prove who it is.
"""

import contextlib
import ipaddress
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from breachkit.actions.sending import Accepted, Letter, Outcome, Rejected, Unanswered
from breachkit.model.errors import ConfigurationError, RefusedError
from breachkit.model.ids import display
from breachkit.smtp.replies import Secrets, log_in
from breachkit.smtp.server import Server


GREETING_NAME = "[127.0.0.1]"
"""How the client introduces itself: the machine's own name would travel with each message."""

Stage = Literal["connect", "login", "sender", "recipient", "data"]

_OVER = b".\r\n"
_BROKEN = "the connection broke"
_NONSENSE = "an answer that makes no sense"
_GOODBYE_S = 2.0
_FAILURES = (OSError, smtplib.SMTPException, ValueError)


class UnsafeServerError(RefusedError):
    """The connection would not be encrypted, or the server cannot prove who it is."""


class WrongCertificatesError(ConfigurationError):
    """The file of certificates to trust cannot be used."""


def _why(problem: Exception) -> str:
    """Say why a server cannot be reached, in words that hold nothing it said."""
    for kind, why in _REASONS.items():
        if isinstance(problem, kind):
            return why
    return type(problem).__name__


_REASONS: Mapping[type[Exception], str] = {
    socket.gaierror: "no server has that name, or there is no network",
    ConnectionRefusedError: "nothing takes mail on that port",
    TimeoutError: "no answer in time",
}


@contextlib.contextmanager
def _within(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Break the connection after a time, however busily the other side keeps it alive."""
    timer = threading.Timer(seconds, _break, (smtp,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _break(smtp: smtplib.SMTP) -> None:
    if smtp.sock is not None:
        with contextlib.suppress(
            OSError
        ):  # TLS has a way of its own, which waits for the other side
            socket.socket.shutdown(smtp.sock, socket.SHUT_RDWR)


class _Patient(smtplib.SMTP):
    """Waits for a greeting no longer than for other steps, though it come drop by drop."""

    def connect(self, *where: Any, **options: Any) -> tuple[int, bytes]:
        """Connect, as in the library."""
        with _within(self, self.timeout):
            return super().connect(*where, **options)


class _PatientTls(_Patient, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


class SmtpPostbox:
    """Hands letters to a mail server, over one connection for as many as it takes."""

    def __init__(self, server: Server) -> None:
        """Stand for `server`; it is reached when the first letter is to go."""
        self._server = server
        self._secrets = Secrets.of(server)
        self._smtp: smtplib.SMTP | None = None

    @property
    def server(self) -> str:
        """Its name and port."""
        return self._server.name

    def __enter__(self) -> Self:
        """Give the postbox."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Say goodbye to the server, where one is there."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None and smtp.sock is not None:
            with contextlib.suppress(*_FAILURES), _within(smtp, _GOODBYE_S):
                smtp.quit()
            smtp.close()

    def ready(self) -> Rejected | None:
        """Reach the server and log in, where that is not done yet.

        Returns:
            Why it takes no letters now, or None where it does.

        Raises:
            UnsafeServerError: the connection would not be encrypted, or who answers cannot prove
                to be the server; nothing was said.
            WrongCertificatesError: the file of certificates cannot be used.
        """
        if self._smtp is not None:
            return None
        with contextlib.ExitStack() as undo:
            try:
                smtp = self._reached()
                undo.callback(smtp.close)
                with _within(smtp, self._server.timeouts.whole):
                    refused = self._introduced(smtp)
            except ssl.SSLError as problem:
                raise self._unsafe(problem) from None
            except smtplib.SMTPResponseException as answer:
                return self._rejected(answer.smtp_code, answer.smtp_error, "connect")
            except _FAILURES as problem:
                text = f"{self._server.name} cannot be reached: {_why(problem)}"
                return Rejected(code=None, reply=text, stage="connect")
            if refused is None:
                self._smtp = smtp
                undo.pop_all()
        return refused

    def deliver(self, letter: Letter) -> Outcome:
        """Hand over one letter, in a transaction of its own.

        A server that ended an old connection meanwhile is reached once more.

        Raises:
            UnsafeServerError: as `ready`; the letter was not handed over.
        """
        is_old = self._smtp is not None
        outcome = self._attempt(letter)
        ended = isinstance(outcome, Rejected) and outcome.is_down and outcome.stage == "sender"
        return self._attempt(letter) if is_old and ended else outcome

    def _attempt(self, letter: Letter) -> Outcome:
        refused = self.ready()
        smtp = self._smtp
        if refused is not None or smtp is None:
            return refused or Rejected(code=None, reply=_BROKEN, stage="connect")
        with _within(smtp, self._server.timeouts.whole):
            outcome = self._envelope(smtp, letter) or self._content(smtp, letter)
            self._tidy(smtp, outcome)
        return outcome

    def _reached(self) -> smtplib.SMTP:
        where = self._server
        if where.security == "tls":
            return _PatientTls(
                *(where.host, where.port, GREETING_NAME),
                timeout=where.timeouts.step,
                context=self._context(),
            )
        smtp = _Patient(where.host, where.port, GREETING_NAME, timeout=where.timeouts.step)
        if where.security == "plain" and not _is_near(smtp):
            smtp.close()
            raise UnsafeServerError(
                f"{where.name} is another machine and is not to be spoken to in the open: "
                "name the server that it really is, with --smtp"
            )
        return smtp

    def _introduced(self, smtp: smtplib.SMTP) -> Rejected | None:
        code, reply = smtp.ehlo()
        if code // 100 != 2:
            return self._rejected(code, reply, "connect")
        if self._server.security == "starttls":
            self._encrypt(smtp)
            smtp.ehlo()
        if self._server.user is None or self._server.password is None:
            return None
        answer = log_in(smtp, self._server.user, self._server.password)
        return None if answer is None else self._rejected(*answer, "login")

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        """Begin TLS, or say nothing more: no other way is tried, whatever the server answers."""
        context = self._context()
        try:
            smtp.starttls(context=context)
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException):
            raise UnsafeServerError(
                f"{self._server.name} does not encrypt (STARTTLS), or somebody in between took the offer out: "
                "nothing was sent. Try smtps://HOST on port 465, or ask who runs the server"
            ) from None
        except ConnectionError:  # some answer what they do not like of TLS by ending the connection
            raise UnsafeServerError(
                f"{self._server.name} ended the connection when it was to be encrypted: nothing was sent. "
                "Try again, or ask who runs the server which versions of TLS it speaks"
            ) from None

    def _context(self) -> ssl.SSLContext:
        named = self._server.ca_file
        try:
            return ssl.create_default_context(cafile=None if named is None else str(named))
        except OSError as cause:
            raise WrongCertificatesError(
                f"the certificates in {display(str(named))} cannot be used ({type(cause).__name__}), so "
                "nothing was sent: name a file of certificates in PEM with --ca-file, or leave it out"
            ) from None

    def _unsafe(self, problem: ssl.SSLError) -> UnsafeServerError:
        if isinstance(problem, ssl.SSLCertVerificationError):
            why = f"cannot prove who it is ({problem.verify_message.rstrip('.')})"
        else:
            why = "does not speak TLS as it must on that port"
        return UnsafeServerError(
            f"{self._server.name} {why}: nothing was sent. Check its name and port, and name the "
            "organisation's own certificates with --ca-file where it has some"
        )

    def _envelope(self, smtp: smtplib.SMTP, letter: Letter) -> Rejected | None:
        """Name sender and recipient, and ask to begin; nothing of the letter has left then."""
        limit = _size_limit(smtp)
        if limit is not None and limit < len(letter.data):
            return Rejected(code=552, reply=f"it takes no more than {limit} bytes", stage="sender")
        size = f" SIZE={len(letter.data)}" if smtp.has_extn("size") else ""
        steps: tuple[tuple[Stage, str, str, int], ...] = (
            ("sender", "MAIL", f"FROM:<{letter.sender}>{size}", 2),
            ("recipient", "RCPT", f"TO:<{letter.recipient}>", 2),
            ("data", "DATA", "", 3),
        )
        for stage, command, argument, wanted in steps:
            try:
                code, reply = smtp.docmd(command, argument)
            except _FAILURES:
                return Rejected(code=None, reply=_BROKEN, stage=stage)
            if code // 100 != wanted:
                return self._rejected(code, reply, stage)
        return None

    def _content(self, smtp: smtplib.SMTP, letter: Letter) -> Outcome:
        """Hand over the letter itself.

        Until the line with a single dot begins to leave, a server must forget it (RFC 5321, 4.1.1.4
        and 4.5.4.1); after that only its answer tells.
        """
        try:
            smtp.send(_stuffed(letter.data))
        except _FAILURES:
            return Rejected(code=None, reply=_BROKEN, stage="data")
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.timeouts.verdict)
            smtp.send(_OVER)
            code, reply = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.timeouts.step)
        except _FAILURES:
            return Unanswered(reply=f"{_BROKEN} before the server answered")
        if code // 100 == 2:
            return Accepted(code=code, reply=self._secrets.without(reply))
        if code // 100 in {4, 5}:
            return self._rejected(code, reply, "data")
        return Unanswered(reply=_NONSENSE)

    def _tidy(self, smtp: smtplib.SMTP, outcome: Outcome) -> None:
        """Begin anew after a refusal; a connection of which one cannot be sure is given up."""
        usable = isinstance(outcome, Accepted)
        if isinstance(outcome, Rejected) and not outcome.is_down:
            with contextlib.suppress(*_FAILURES):
                usable = smtp.rset()[0] // 100 == 2
        if not usable or smtp.sock is None:
            self._smtp = None
            smtp.close()

    def _rejected(self, code: int, reply: bytes | str, stage: Stage) -> Rejected:
        if code // 100 not in {4, 5}:
            return Rejected(code=None, reply=_NONSENSE, stage=stage)
        return Rejected(code=code, reply=self._secrets.without(reply), stage=stage)


def _stuffed(data: bytes) -> bytes:
    """Double each dot that begins a line, which would end the message (RFC 5321, 4.5.2)."""
    whole = data if data.endswith(b"\r\n") else data + b"\r\n"
    stuffed = whole.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _size_limit(smtp: smtplib.SMTP) -> int | None:
    named = smtp.esmtp_features.get("size", "").strip()
    return int(named) if named.isdecimal() and named.isascii() and int(named) else None


def _is_near(smtp: smtplib.SMTP) -> bool:
    peer = smtp.sock.getpeername()[0] if smtp.sock is not None else ""
    try:
        return ipaddress.ip_address(peer.partition("%")[0]).is_loopback
    except ValueError:
        return False
