"""Would the mail server take letters? It is reached, has to prove who it is, and is logged in to; nothing is sent."""

from collections.abc import Callable, Iterator

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.actions.sending import Rejected
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is known about the mail server."""

    server: str | None
    """Its name and port; None where none is named."""
    untried: str = ""
    """Why it was not reached."""
    problem: str = ""
    """What is wrong with the settings, or with how it proves who it is."""
    refused: Rejected | None = None
    has_login: bool = False
    sender: str | None = None
    """What is wrong with the sender's address; empty where nothing is, None where there is none."""


Ready = Callable[[], Rejected | None]


def gather(server: str, ready: Ready, *, has_login: bool, sender: str | None) -> Mail:
    """Reach a mail server as far as a letter would.

    Args:
        server: Its name and port.
        ready: Reaches it and logs in; see `smtp.client.SmtpPostbox.ready`.
        has_login: Whether a user is named.
        sender: As in `Mail`.
    """
    try:
        refused = ready()
    except BreachkitError as cause:
        return Mail(server=server, problem=str(cause), has_login=has_login, sender=sender)
    return Mail(server=server, refused=refused, has_login=has_login, sender=sender)


def judge(mail: Mail) -> Iterator[Diagnosis]:
    """Say whether messages can be sent from here. Without a server they are sent as files, by hand."""
    if mail.server is None and not mail.problem:
        yield not_tried(
            "mail.server",
            "no mail server is named: messages are files that you send with your own mail program",
            "export BREACHKIT_SMTP=mail.example.org",
        )
        return
    yield _server(mail)
    yield from _sender(mail)


_BY_HAND = "until then messages have to be sent by hand, with your own mail program"


def _server(mail: Mail) -> Diagnosis:
    if mail.problem:
        return broken("mail.server", display(mail.problem), _BY_HAND)
    if mail.untried:
        return not_tried("mail.server", f"{mail.server}: {mail.untried}")
    refused = mail.refused
    if refused is None:
        how = (
            "it is reached, proves who it is and takes the login"
            if mail.has_login
            else "it is reached"
        )
        return fine("mail.server", f"{mail.server}: {how}; no mail was sent")
    said = display(refused.reply)
    if refused.stage == "login":
        return broken(
            "mail.server",
            f"{mail.server} does not take the login ({said})",
            _BY_HAND,
            "read -rs BREACHKIT_SMTP_PASSWORD && export BREACHKIT_SMTP_PASSWORD",
            is_access=True,
        )
    return broken("mail.server", f"{mail.server}: {said}", _BY_HAND)


def _sender(mail: Mail) -> Iterator[Diagnosis]:
    if mail.sender is None:
        yield doubtful(
            "mail.sender",
            "nobody is named as the sender",
            "messages that do not name one themselves are not sent",
            "export BREACHKIT_SMTP_FROM='Your Name <you@example.org>'",
        )
    elif mail.sender:
        yield broken(
            "mail.sender",
            display(mail.sender),
            "messages would not be sent",
            "export BREACHKIT_SMTP_FROM='Your Name <you@example.org>'",
        )
    else:
        yield fine("mail.sender", "the sender's address is one")
