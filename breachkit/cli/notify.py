"""`notify`: the incident's e-mails."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options, sending
from breachkit.cli.command import command
from breachkit.model.errors import UsageError


if TYPE_CHECKING:
    from breachkit.incident.folder import CaseFolder
    from breachkit.report.mail import Sender
    from breachkit.workflows.details import Details


Moment = Annotated[str | None, typer.Option(metavar="TIME", help="Such as 2026-03-06T17:05Z.")]

notify = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The incident's e-mails: written as files, checked so that no value leaves.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    sending.register(notify)
    app.add_typer(notify, name="notify")


@notify.command("render")
@command
def notify_render(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KIND]...", help="alert, engineer, holders or support; none: the alert."
        ),
    ] = None,
    case: options.Case = None,
    contacts: Annotated[
        str | None,
        typer.Option(metavar="PROFILE|FILE", help="Whom to tell, such as opensafely-2026."),
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar='"NAME <ADDRESS>"', help="Who sends them.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also to those who were told.")] = False,
    visibility: Annotated[str | None, typer.Option(help="public, private, ...")] = None,
    public_since: Moment = None,
    shared_with: Annotated[str | None, typer.Option(help="With whom files were shared.")] = None,
    phone: Annotated[str | None, typer.Option(help="Under which you can be reached.")] = None,
    decider: Annotated[str | None, typer.Option(help="Who decides.")] = None,
    keeper: Annotated[
        str | None, typer.Option(help="Who handles the case and keeps its folder.")
    ] = None,
    forks: Annotated[
        str | None, typer.Option(help="What is known of forks, for the platform's support.")
    ] = None,
    lfs: Annotated[
        bool | None, typer.Option("--lfs/--no-lfs", help="Whether removed files were in Git LFS.")
    ] = None,
    engineer: Annotated[str | None, typer.Option(help="Who does the technical work.")] = None,
    reply_by: Moment = None,
    next_update: Moment = None,
    json_: options.Json = False,
) -> int:
    """Write messages into the case folder; nothing is sent.

    Each recipient gets a message alone, as .eml (opens as a draft) and .txt. What only people know
    is kept with the case once it is given; until then a message says "not yet known".

    \b
    Examples:
      breachkit notify render alert --contacts opensafely-2026
      breachkit notify render holders --from "Jo Engineer <jo@example.org>"
      breachkit notify render support        text for the platform's form
      breachkit notify render alert --visibility public --phone "+44 20 7946 0000"
    """
    from breachkit.actions.notify import kind_named
    from breachkit.report import notices
    from breachkit.workflows import notify as workflow
    from breachkit.workflows.details import Details, remember
    from breachkit.workflows.scope import findings_of

    found = cases.find(case)
    chosen = [kind_named(name) for name in dict.fromkeys(kinds or ["alert"])]
    details = Details(
        visibility=visibility,
        public_since=_moment(public_since, "--public-since"),
        shared_with=shared_with,
        phone=phone,
        decider=decider,
        keeper=keeper,
        forks=forks,
        lfs_orphans=lfs,
        engineer=engineer,
        reply_by=_moment(reply_by, "--reply-by"),
        next_update_at=_moment(next_update, "--next-update"),
    )
    with found.telling():
        if contacts:
            workflow.choose_contacts(found, contacts, cases.clock())
        findings = findings_of(found)
        known = remember(found, details)
        facts = workflow.gather_facts(found, cases.clock(), known, findings)
        result = workflow.render_notices(
            found, chosen, facts, bad=findings.bad, sender=_sender(sender), again=again
        )
    for warning in result.warnings:
        console.note(f"warning: {warning}")
    if json_:
        console.emit_json(notices.rendered_to_json(result.written, found.path))
        return 0
    console.emit("\n".join(notices.rendered_lines(result.written, found.path)))
    for line in result.phone:
        console.note(f"by phone: {line}")
    kinds_written = {each.notice.kind.to for each in result.written}
    if "platform" in kinds_written:
        _about_the_form(found, known)
    if "holders" in kinds_written and facts.verifier:
        console.note("attach private/verifier.txt of the case to each message to a holder, and to")
        console.note("no other: it holds old ids")
    if "alert" in kinds_written and (missing := _not_said(known)):
        console.note("only you can say, if you know; give them and render again:")
        console.note(f"  {' '.join(missing)}")
    if result.written:
        first = result.written[0].notice
        how = "sent it" if first.kind.as_mail else "put it into the form"
        console.following(f"breachkit notify mark-sent {first.id}", f"once you have {how}")
    else:
        cases.follow(found)
    return 0


def _not_said(known: "Details") -> list[str]:
    asked = ("visibility", "public_since", "shared_with", "phone", "decider", "keeper", "engineer")
    return [f"--{name.replace('_', '-')}" for name in asked if getattr(known, name) is None]


def _about_the_form(case: "CaseFolder", known: "Details") -> None:
    from breachkit.incident.case import Milestone
    from breachkit.workflows.notify import SUPPORT_IDS_FILE

    if not case.incident.has(Milestone.PUSHED):
        console.note("warning: nothing is pushed yet: send this only once `breachkit push` is done")
    if case.has_file(f"private/{SUPPORT_IDS_FILE}"):
        console.note(
            "paste the marked part of message.txt into the form that it names, and with it"
        )
        console.note(f"the ids of commits in private/{SUPPORT_IDS_FILE}, which go nowhere else")
    options = (("--forks", known.forks), ("--lfs or --no-lfs", known.lfs_orphans))
    if missing := [option for option, value in options if value is None]:
        console.note(f"only you can say: {', '.join(missing)}; give them and render again")


@notify.command("list")
@command
def notify_list(case: options.Case = None, json_: options.Json = False) -> int:
    """List every message and what became of it.

    \b
    Examples:
      breachkit notify list
      breachkit notify list --case BK-2026-0001
      breachkit notify list --json
    """
    from breachkit.report import notices
    from breachkit.workflows.notify import list_notices

    found = cases.find(case)
    written = list_notices(found)
    if json_:
        console.emit_json(notices.to_json(written))
    else:
        console.emit("\n".join(notices.lines(written)))
        console.following("breachkit next")
    return 0


def _moment(text: str | None, option: str) -> datetime | None:
    from breachkit.incident.opening import parse_moment

    return None if text is None else parse_moment(text, option)


def _sender(text: str | None) -> "Sender | None":
    if text is None:
        return None
    from email.utils import parseaddr

    from breachkit.report.mail import Sender

    name, address = parseaddr(text)
    if "@" not in address:
        raise UsageError('--from: write "Name <address>"')
    return Sender(name=name or address, email=address)
