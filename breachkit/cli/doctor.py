"""`doctor`: is everything here that a response needs, and how is it mended."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, hosting, options, sending
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.report.case_screen import Line
    from breachkit.workflows.doctor_github import Github, Token
    from breachkit.workflows.doctor_mail import Mail
    from breachkit.workflows.doctor_settings import File
    from breachkit.workflows.doctor_terminal import Terminal


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(doctor))


def doctor(
    ctx: typer.Context,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="OWNER/NAME", help="Also: may the token close it and replace its history?"
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Try nothing over the network.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 where there are warnings.")
    ] = False,
    api: hosting.Api = hosting.DEFAULT_API,
    smtp: sending.Smtp = None,
    sender: sending.From = None,
    user: sending.User = None,
    password_file: sending.PasswordFile = None,
    ca_file: sending.CaFile = None,
    json_: options.Json = False,
) -> int:
    """Say whether everything is here that a response needs.

    What is wrong comes with what it means and the command that mends it.

    GitHub is asked only where there is a token or a --target, a mail server only where one is
    named. What could not be looked at is `not tried`, never `ok`.

    Changes: nothing, and sends nothing; two small files are tried and deleted.

    \b
    Examples:
      breachkit doctor
      breachkit doctor --target owner/name        may this token do it?
      breachkit doctor --offline --strict         for cron: 8 at a warning
      breachkit doctor --smtp mail.example.org --json

    \b
    Exit codes: 0 nothing stops a response, 3 something does, 4 permissions alone
    do, 8 with --strict where there are warnings.
    """
    from breachkit.actions.health import Health, worst_code
    from breachkit.report import doctor as report
    from breachkit.report.escape import shell
    from breachkit.workflows.doctor import Surroundings, examine

    found = examine(
        Surroundings(
            store=cases.store(),
            clock=cases.clock(),
            variables=tuple(os.environ),
            zone_named=os.environ.get("TZ"),
            temporary=_temporary(),
            terminal=_terminal(),
            settings=lambda: _settings(ctx),
            github=lambda: _github(api, target, offline=offline),
            mail=lambda: _mail(smtp, sender, (user, password_file, ca_file), offline=offline),
        )
    )
    if json_:
        console.emit_json(report.to_json(found, target=target))
    else:
        _draw(lambda width: report.screen(found, width))
    if any(each.health is Health.FAIL for each in found):
        again = "" if target is None else f" --target {shell(target)}"
        console.following(f"breachkit doctor{again}", "again, once that is mended")
    else:
        console.following("breachkit drill", "practise a whole response, offline")
    return worst_code(found, strict=strict)


def _draw(screen: "Callable[[int], Iterable[Line]]") -> None:
    """Print lines made for the width of the terminal; a command to paste is never broken."""
    from rich.text import Text

    from breachkit.report.case_status import WIDTH
    from breachkit.report.terminal import make_console

    drawn = make_console(sys.stdout)
    for line in screen(drawn.width if sys.stdout.isatty() else WIDTH):
        drawn.print(Text.assemble(*line), soft_wrap=True)


def _settings(ctx: typer.Context) -> "File":
    """Say whether the user's own file can be used, at whatever command."""
    from breachkit.cli import settings, settings_shown
    from breachkit.model.errors import AccessError, BreachkitError, RefusedError
    from breachkit.workflows.doctor_settings import File

    try:
        place = settings.place(ctx.find_root())
        if place.file is None or not settings.is_there(place):
            return File()
        return File(name=os.fspath(place.file), mistakes=len(settings_shown.mistakes(place.file)))
    except BreachkitError as cause:
        return File(problem=str(cause), is_access=isinstance(cause, (AccessError, RefusedError)))


def _temporary() -> Path:
    """Give where temporary files are to go: Python quietly goes elsewhere where that place is unfit."""
    named = next(filter(None, (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))), None)
    if named is not None:
        return Path(named)
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:  # nowhere can be written: the first place that was tried says why
        return Path("/tmp")  # noqa: S108 - looked at, and nothing of consequence is put there


def _terminal() -> "Terminal":
    from breachkit.workflows.doctor_terminal import Terminal

    return Terminal(
        encoding=sys.stdout.encoding,
        file_names=sys.getfilesystemencoding(),
        is_terminal=sys.stdout.isatty(),
        columns=shutil.get_terminal_size().columns,
        kind=os.environ.get("TERM", ""),
    )


def _token() -> "Token":
    """Say where the token is, and which other variables hold another one."""
    from breachkit.workflows.doctor_github import Token

    values = {name: os.environ.get(name, "").strip() for name in hosting.TOKENS}
    given = [name for name, value in values.items() if value]
    return Token(
        source=given[0] if given else None,
        differing=tuple(name for name in given[1:] if values[name] != values[given[0]]),
        has_gh=shutil.which("gh") is not None,
    )


def _github(api: str, target: str | None, *, offline: bool) -> "Github":
    from breachkit.model.errors import ConfigurationError
    from breachkit.workflows import doctor_github

    token = _token()
    try:
        return _asked(api, token, target, offline=offline)
    except ConfigurationError as cause:  # an address that is none, or a target somewhere else
        return doctor_github.Github(
            token=token, web="https://github.com", unasked=str(cause), is_misnamed=True
        )


def _asked(api: str, token: "Token", target: str | None, *, offline: bool) -> "Github":
    from breachkit.github.anyone import web_of
    from breachkit.workflows import doctor_github
    from breachkit.workflows.platform import platform_name

    web = web_of(api)
    with hosting.looking(api) as platform:
        named = None if target is None else platform_name(target, api)
        if offline:
            why = "--offline: the platform was not asked"
            return doctor_github.Github(token=token, web=web, unasked=why, target=named)
        if token.source is None and target is None and api == hosting.DEFAULT_API:
            why = "there is no token, so that the platform was not asked"
            return doctor_github.Github(token=token, web=web, unasked=why)
        return doctor_github.gather(token, platform, web, cases.clock(), named)


def _mail(
    smtp: str | None,
    sender: str | None,
    login: tuple[str | None, str | None, Path | None],
    *,
    offline: bool,
) -> "Mail":
    from dataclasses import replace

    from breachkit.model.errors import BreachkitError
    from breachkit.smtp.client import SmtpPostbox
    from breachkit.smtp.server import Timeouts
    from breachkit.workflows.doctor_mail import Mail, gather

    if smtp is None:
        return Mail(server=None)
    said = _sender(sender)
    try:
        server = sending.mail_server(smtp, *login)
    except BreachkitError as cause:
        return Mail(server=None, problem=str(cause), sender=said)
    if offline:
        return Mail(server=server.name, untried="--offline: it was not reached", sender=said)
    quick = Timeouts(step=_MAIL_S, verdict=_MAIL_S, whole=_MAIL_S)
    with SmtpPostbox(replace(server, timeouts=quick)) as postbox:
        return gather(server.name, postbox.ready, has_login=server.user is not None, sender=said)


_MAIL_S = 20.0
"""Who waits longer for a mail server should know that it is slow."""


def _sender(text: str | None) -> str | None:
    from breachkit.model.errors import BreachkitError
    from breachkit.smtp.letter import sender_from

    if not text:
        return None
    try:
        sender_from(text)
    except BreachkitError as cause:
        return str(cause)
    return ""
