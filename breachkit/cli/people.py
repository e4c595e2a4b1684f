"""`notify`, `trace`, `copies` and `checklist`: who has to be told, and who has a copy."""

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command
from breachkit.model.errors import UsageError
from breachkit.model.ids import display


if TYPE_CHECKING:
    from breachkit.report.mail import Sender


class ExportFormat(enum.StrEnum):
    """What a checklist or a register of copies can be written as."""

    MD = "md"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


notify = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The incident's e-mails: written as files, checked so that no value leaves.",
)
copies = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The register of copies that may exist."
)
checklist = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What is to do, who does it, by when."
)

By = Annotated[str | None, typer.Option("--by", help="Who did it; default: the user logged in.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(notify, name="notify")
    app.command()(command(trace))
    app.add_typer(copies, name="copies")
    app.add_typer(checklist, name="checklist")


@notify.command("render")
@command
def notify_render(
    kinds: Annotated[
        list[str] | None,
        typer.Argument(help="alert, engineer, holders or support; none writes the alert."),
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
    json_: options.Json = False,
) -> int:
    """Write messages into the case folder; nothing is sent.

    Each recipient gets a message alone, as .eml (opens as a draft) and .txt.

    \b
    Examples:
      breachkit notify render alert --contacts opensafely-2026
      breachkit notify render holders --from "Jo Engineer <jo@example.org>"
      breachkit notify render support        text for the platform's form
    """
    from breachkit.actions.notify import kind_named
    from breachkit.report import notices
    from breachkit.workflows import notify as workflow
    from breachkit.workflows.scope import findings_of

    found = cases.find(case)
    chosen = [kind_named(name) for name in dict.fromkeys(kinds or ["alert"])]
    if contacts:
        workflow.choose_contacts(found, contacts, cases.clock())
    findings = findings_of(found)
    facts = workflow.gather_facts(found, cases.clock(), workflow.details_of(found), findings)
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
    if result.written:
        first = result.written[0].notice.id
        console.following(f"breachkit notify mark-sent {first}", "once you have sent it")
    return 0


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


@notify.command("mark-sent")
@command
def notify_mark_sent(
    notice: Annotated[str, typer.Argument(help="Such as N-001.")],
    case: options.Case = None,
    by: By = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When; default: now.")] = None,
) -> int:
    """Note that you sent a message. The first alert sent is what lets a rewrite begin.

    \b
    Examples:
      breachkit notify mark-sent N-001
      breachkit notify mark-sent N-001 --by "Jo Engineer" --at 2026-03-06T17:20Z
      breachkit notify mark-sent N-002 --case BK-2026-0001
    """
    from breachkit.incident.opening import parse_moment
    from breachkit.workflows.notify import mark_sent

    found = cases.find(case)
    moment = parse_moment(at, "--at") if at else cases.clock().now()
    mark_sent(found, notice, by=_who(by), at=moment)
    console.emit(f"{notice} is marked as sent.")
    _next(case)
    return 0


def trace(case: options.Case = None, json_: options.Json = False) -> int:
    """Find who and what else has a copy, from what git itself shows; nobody is asked.

    \b
    Examples:
      breachkit trace
      breachkit trace --case BK-2026-0001
      breachkit trace --json
    """
    from breachkit.report import copies_render
    from breachkit.workflows.case_files import mirror_of
    from breachkit.workflows.scope import findings_of
    from breachkit.workflows.trace import trace as find_copies

    found = cases.find(case)
    result = find_copies(found, mirror_of(found).path, findings_of(found).bad)
    console.emit(copies_render.export(result.register, "json" if json_ else "text"))
    if result.unreachable:
        number = len(result.unreachable)
        console.note(f"{number} people have no address that takes mail: reach them another way")
    console.following("breachkit notify render holders", "one message to each holder of a clone")
    return 0


@copies.command("list")
@command
def copies_list(
    case: options.Case = None,
    format_: Annotated[
        ExportFormat | None, typer.Option("--format", help="Instead of text.")
    ] = None,
    output: options.Output = None,
    json_: options.Json = False,
) -> int:
    """Show the register of copies: what is certain, and what is not known yet.

    \b
    Examples:
      breachkit copies list
      breachkit copies list --format csv --output copies.csv
      breachkit copies list --json
    """
    from breachkit.report import copies_render
    from breachkit.workflows.trace import load_register

    form = "json" if json_ else format_.value if format_ else "text"
    _put(copies_render.export(load_register(cases.find(case)), form), output)
    console.following("breachkit checklist show")
    return 0


@checklist.command("show")
@command
def checklist_show(case: options.Case = None, json_: options.Json = False) -> int:
    """Show what is done, what is to do, who does it, and by when.

    \b
    Examples:
      breachkit checklist show
      breachkit checklist show --case sapphire-otter
      breachkit checklist show --json
    """
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    current = current_checklist(cases.find(case), cases.clock())
    console.emit(checklist_render.export(current, "json" if json_ else "text"))
    console.following("breachkit checklist tick ITEM --evidence TEXT")
    return 0


@checklist.command("export")
@command
def checklist_export(
    case: options.Case = None,
    format_: Annotated[ExportFormat, typer.Option("--format", "-f")] = ExportFormat.MD,
    output: options.Output = None,
) -> int:
    """Write the checklist as Markdown, CSV, JSON or a page to print.

    \b
    Examples:
      breachkit checklist export > checklist.md
      breachkit checklist export --format html --output checklist.html
      breachkit checklist export --format csv --case BK-2026-0001
    """
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    current = current_checklist(cases.find(case), cases.clock())
    _put(checklist_render.export(current, format_.value), output)
    console.following("breachkit checklist tick ITEM --evidence TEXT")
    return 0


@checklist.command("tick")
@command
def checklist_tick(
    item: Annotated[str, typer.Argument(help="Such as A4.")],
    evidence: Annotated[str, typer.Option(help="What shows it: a ticket, a mail, a name.")],
    case: options.Case = None,
    by: By = None,
) -> int:
    """Note that an item is done, and what shows it.

    \b
    Examples:
      breachkit checklist tick A12 --evidence "named on the call at 17:40"
      breachkit checklist tick B7 --evidence N-001 --by "Jo Engineer"
      breachkit checklist tick A12 --evidence "call" --case BK-2026-0001
    """
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    task = workflow.tick(found, current, item, evidence=evidence, by=_who(by))
    console.emit(f"{task.id} is done.")
    _next(case)
    return 0


@checklist.command("na")
@command
def checklist_na(
    item: Annotated[str, typer.Argument(help="Such as A9.")],
    reason: Annotated[str, typer.Option(help="Why it does not apply.")],
    case: options.Case = None,
    by: By = None,
) -> int:
    """Note that an item does not apply, and why.

    \b
    Examples:
      breachkit checklist na A9 --reason "the repository has no website"
      breachkit checklist na A10 --reason "no workflows" --by "Jo Engineer"
      breachkit checklist na A9 --reason "no website" --case BK-2026-0001
    """
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    task = workflow.rule_out(found, current, item, reason=reason, by=_who(by))
    console.emit(f"{task.id} does not apply.")
    _next(case)
    return 0


def _next(case: str | None) -> None:
    from breachkit.workflows.next_action import next_action

    action = next_action(cases.find(case).incident)
    console.following(action.command, action.why)


def _who(by: str | None) -> str:
    name = by or cases.actor().name
    if not name:
        raise UsageError("say who: add --by NAME")
    return name


def _sender(text: str | None) -> "Sender | None":
    if text is None:
        return None
    from email.utils import parseaddr

    from breachkit.report.mail import Sender

    name, address = parseaddr(text)
    if "@" not in address:
        raise UsageError('--from: write "Name <address>"')
    return Sender(name=name or address, email=address)


def _put(text: str, output: Path | None) -> None:
    if output is None:
        console.emit(text)
        return
    from breachkit.report.output import write_report

    write_report(output, text.encode("utf-8"))
    console.note(f"Wrote {display(str(output))}")
