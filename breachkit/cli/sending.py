"""`notify send`, `mark-sent`, `ack`, `chase`: messages leave, and people answer them or not."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command
from breachkit.model.errors import (
    AccessError,
    ConfigurationError,
    IncompleteError,
    RefusedError,
    UnfinishedError,
    UsageError,
)
from breachkit.model.ids import display
from breachkit.model.sensitive import Sensitive


if TYPE_CHECKING:
    from datetime import datetime

    from breachkit.actions.posting import Prospect
    from breachkit.incident.folder import CaseFolder
    from breachkit.smtp.server import Server


PASSWORD = "BREACHKIT_SMTP_PASSWORD"  # noqa: S105 - the name of the variable that holds it
_LONGEST_PASSWORD = 4096

Message = Annotated[
    str,
    typer.Argument(
        metavar="MESSAGE",
        help="Such as N-001; `notify list` shows them.",
        autocompletion=completing.messages,
    ),
]
At = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="When it was, such as 2026-03-06T17:05Z; default: now."),
]
Messages = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[MESSAGE]...", help="Such as N-001.", autocompletion=completing.messages
    ),
]
AllWaiting = Annotated[
    bool, typer.Option("--all-waiting", help="Every message that is written and not sent.")
]
Again = Annotated[
    list[str] | None,
    typer.Option(
        metavar="MESSAGE",
        help="Send this one though it may have arrived, or was refused.",
        autocompletion=completing.messages,
    ),
]
Smtp = Annotated[
    str | None,
    typer.Option(
        metavar="HOST[:PORT]",
        envvar="BREACHKIT_SMTP",
        help="Your mail server: STARTTLS on 587, TLS on 465 or with smtps://.",
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar='"NAME <ADDRESS>"',
        envvar="BREACHKIT_SMTP_FROM",
        help="Who sends the messages that do not say so.",
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        envvar="BREACHKIT_SMTP_USER", help="Name to log in with, where the mail server asks."
    ),
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|-",
        envvar="BREACHKIT_SMTP_PASSWORD_FILE",
        help=f"Holds the password; - reads it from stdin. Without it, ${PASSWORD} does.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar="BREACHKIT_SMTP_CA_FILE",
        help="Certificates to trust, where the organisation has its own.",
    ),
]
Confirm = Annotated[
    str | None, typer.Option("--confirm", metavar="CASE", help="The case's id, typed in full.")
]


def register(notify: typer.Typer) -> None:
    """Add the commands to those of `notify`."""
    commands: Mapping[str, Callable[..., int]] = {
        "send": notify_send,
        "mark-sent": notify_mark_sent,
        "ack": notify_ack,
        "chase": notify_chase,
    }
    for name, function in commands.items():
        notify.command(name)(command(function))


def notify_send(
    messages: Messages = None,
    all_waiting: AllWaiting = False,
    again: Again = None,
    smtp: Smtp = None,
    sender: From = None,
    user: User = None,
    password_file: PasswordFile = None,
    ca_file: CaFile = None,
    execute: options.Execute = False,
    confirm: Confirm = None,
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Send messages through your mail server, each to its one reader.

    Without --execute they are shown first. What leaves are the bytes that were checked. What may have
    arrived is never sent again by itself. The connection is encrypted; only a server on this machine
    may do without. The password is never an option: it is in a file or in the environment.

    Changes: nothing without --execute; with it mails leave, and the case says which.

    Exit codes: 4 where the mail server does not take the log-in, 5 where a message did not leave.

    \b
    Examples:
      breachkit notify send --all-waiting --smtp mail.example.org
      breachkit notify send N-001 --execute --confirm BK-2026-0001
      breachkit notify send --all-waiting --user jo --password-file ~/.mail
      breachkit notify send --again N-003 --execute --confirm BK-2026-0001
    """
    from breachkit.report import sending as report
    from breachkit.smtp.client import SmtpPostbox
    from breachkit.smtp.letter import sender_from
    from breachkit.workflows import sending as workflow

    _require_choice(messages, again, all_waiting=all_waiting)
    found, once_more = cases.find(case), tuple(again or ())
    address = sender_from(sender) if sender else None
    seen = workflow.prospect(found, messages or (), again=once_more, sender=address)
    if not (execute and seen.ready):
        data = report.prospect_to_json(seen, smtp)
        console.show(data, "\n".join(report.prospect_lines(seen, smtp)), as_json=json_)
        return _previewed(found, seen, [*(messages or ()), *(f"--again {n}" for n in once_more)])
    what = "sends messages, and nobody can take them back"
    cases.require_confirmation(confirm, found.incident.id, what)
    with SmtpPostbox(mail_server(smtp, user, password_file, ca_file)) as postbox:
        done = workflow.send(
            *(found, cases.clock(), postbox, seen.ready),
            by=cases.who(by),
            again=once_more,
            sender=address,
            tell=lambda notice: console.note(f"sending {notice.id} ..."),
        )
    data = report.round_to_json(done, seen, postbox.server)
    cases.show(found, data, "\n".join(report.round_lines(done, seen)), as_json=json_)
    if done.login_refused:
        return AccessError.exit_code
    return 0 if done.is_whole and seen.is_whole else IncompleteError.exit_code


def notify_mark_sent(
    notice: Message,
    case: options.Case = None,
    by: options.By = None,
    at: At = None,
    json_: options.Json = False,
) -> int:
    """Note that you sent a message yourself, by mail or through a form.

    The first alert that was sent is what lets a rewrite begin.

    Changes: files of the case; nothing is sent.

    \b
    Examples:
      breachkit notify mark-sent N-001
      breachkit notify mark-sent N-002 --by "Jo Engineer" --at 2026-03-06T17:20Z
      breachkit notify mark-sent N-003 --case BK-2026-0001
    """
    from breachkit.workflows.sending import mark_sent

    found = cases.find(case)
    with found.telling():
        mark_sent(found, notice, by=cases.who(by), at=_at(at))
    cases.show_done(found, notice, "is marked as sent", as_json=json_)
    return 0


def notify_ack(
    notice: Message,
    case: options.Case = None,
    by: options.By = None,
    at: At = None,
    json_: options.Json = False,
) -> int:
    """Note that somebody has answered; until then they are to be rung.

    Changes: files of the case; nothing is sent.

    \b
    Examples:
      breachkit notify ack N-001
      breachkit notify ack N-002 --by "Jo Engineer" --at 2026-03-06T17:40Z
      breachkit notify ack N-003 --case BK-2026-0001
    """
    from breachkit.workflows.sending import acknowledge

    found = cases.find(case)
    with found.telling():
        acknowledge(found, notice, by=cases.who(by), at=_at(at))
    cases.show_done(found, notice, "is answered", as_json=json_)
    return 0


def notify_chase(
    notice: Annotated[
        str | None,
        typer.Argument(
            metavar="[MESSAGE]",
            help="Only this one, such as N-001.",
            autocompletion=completing.messages,
        ),
    ] = None,
    called: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help='You rang: how it ended, such as "no answer".'),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 where somebody is to be chased now.")
    ] = False,
    case: options.Case = None,
    by: options.By = None,
    at: At = None,
    json_: options.Json = False,
) -> int:
    """Say who has not answered in time, whom to ring, and what to say.

    Changes: nothing; with --called, files of the case.

    Exit codes: with --strict, 8 where somebody is to be chased now.

    \b
    Examples:
      breachkit notify chase
      breachkit notify chase --strict            for cron
      breachkit notify chase N-001 --called "no answer; left my number"
    """
    from breachkit.report import chasing as report
    from breachkit.workflows import chasing as workflow

    found, clock = cases.find(case), cases.clock()
    if called is not None:
        with found.telling():
            workflow.record_call(found, notice, outcome=called, by=cases.who(by), at=_at(at))
        cases.show_done(found, notice or "", "was rung about", as_json=json_)
        return 0
    standing = workflow.standing(found, clock, notice)
    cases.show(found, report.to_json(standing), "\n".join(report.lines(standing)), as_json=json_)
    return UnfinishedError.exit_code if strict and standing.due else 0


def _at(text: str | None) -> "datetime":
    from breachkit.incident.opening import parse_moment

    return cases.clock().now() if text is None else parse_moment(text, "--at")


def _require_choice(
    messages: list[str] | None, again: list[str] | None, *, all_waiting: bool
) -> None:
    if all_waiting and (messages or again):
        raise UsageError("name messages, or add --all-waiting; not both")
    if not (all_waiting or messages or again):
        raise UsageError("say which: name messages such as N-001, or add --all-waiting")


def _previewed(found: "CaseFolder", seen: "Prospect", named: list[str]) -> int:
    """Say how what was shown is sent; a program that asked to send must not take it for done."""
    if not seen.ready:
        cases.follow(found)
        return 0 if seen.is_whole else IncompleteError.exit_code
    what = " ".join(named) or "--all-waiting"
    wanted = f"--execute --confirm {found.incident.id}"
    if not sys.stdin.isatty():
        console.note(f"breachkit: nothing was sent: add {wanted}")
        return RefusedError.exit_code
    console.following(f"breachkit notify send {what} {wanted}")
    return 0


def mail_server(
    smtp: str | None, user: str | None, password_file: str | None, ca_file: Path | None
) -> "Server":
    """Give the mail server that options and environment name.

    Raises:
        ConfigurationError: none is named, or something about it is wrong.
    """
    from breachkit.smtp.server import server_from

    if smtp is None:
        raise ConfigurationError(
            "no mail server is named: add --smtp HOST or set BREACHKIT_SMTP; or send the files with "
            "your own mail program and run `breachkit notify mark-sent`"
        )
    password = _password(password_file) if user else None
    return server_from(smtp, user=user, password=password, ca_file=ca_file)


def _password(file: str | None) -> Sensitive[str] | None:
    """Read the password from where it may be: it is no option, because options show in `ps`."""
    if file is None:
        given = os.environ.get(PASSWORD)
        return Sensitive(given) if given else None
    try:
        text = sys.stdin.readline(_LONGEST_PASSWORD) if file == "-" else _first_line(Path(file))
    except (OSError, UnicodeDecodeError) as cause:
        name = type(cause).__name__
        raise ConfigurationError(
            f"the password file {display(file)} cannot be read ({name}): name one that holds it in a line"
        ) from None
    password = text.rstrip("\r\n")
    if not password:
        raise ConfigurationError("the password is empty: put it into the first line of the file")
    return Sensitive(password)


def _first_line(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        console.note("warning: others can read the password file: run chmod 600 on it")
    with path.open(encoding="utf-8") as file:
        return file.readline(_LONGEST_PASSWORD)
