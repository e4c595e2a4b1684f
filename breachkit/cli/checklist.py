"""`checklist`: what is to do, who does it, by when."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command, group
from breachkit.model.errors import UnfinishedError


if TYPE_CHECKING:
    from breachkit.actions.checklist import Checklist
    from breachkit.incident.folder import CaseFolder


HELP = """
What is to do, who does it, by when, and what shows that it is done.

Much of it ticks itself, from what the journal says.

Changes: files of the case.

\b
Examples:
  breachkit checklist show
  breachkit checklist tick A12 --evidence "named on the call at 17:40"
  breachkit checklist export --format html --output checklist.html
"""

checklist = group(HELP)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(checklist, name="checklist")


@checklist.command("show")
@command
def checklist_show(
    case: options.Case = None,
    every: Annotated[bool, typer.Option("--all", help="Every item, also what is done.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 where something is overdue: for cron.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Show what is due first, who does it, by when, and how far all is.

    Changes: nothing.

    Exit codes: with --strict, 8 where an item is overdue.

    \b
    Examples:
      breachkit checklist show
      breachkit checklist show --all
      breachkit checklist show --strict --json
    """
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    current = current_checklist(cases.find(case), cases.clock())
    form = "json" if json_ else "text" if every else "brief"
    text = checklist_render.export(current, form)
    if json_:
        console.emit(text)
    else:
        console.say(text)
    _tick_one(current, "" if every else "; `breachkit checklist show --all` shows every item")
    return UnfinishedError.exit_code if strict and current.overdue else 0


@checklist.command("export")
@command
def checklist_export(
    case: options.Case = None,
    format_: Annotated[
        options.ExportFormat, typer.Option("--format", "-f", help="What it is written as.")
    ] = options.ExportFormat.MD,
    output: options.Output = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="Without names of people, places and copies; refused where the repository, an object "
            "id or a path would still stand in it.",
        ),
    ] = False,
    json_: options.Json = False,
) -> int:
    """Write the checklist as Markdown, CSV, JSON or a page to print.

    Changes: nothing but the file of --output.

    \b
    Examples:
      breachkit checklist export > checklist.md
      breachkit checklist export --format html --output checklist.html
      breachkit checklist export --format csv --public --case BK-2026-0001
    """
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    found = cases.find(case)
    current = current_checklist(found, cases.clock())
    form = "json" if json_ else format_.value
    text = _public(found, current, form) if public else checklist_render.export(current, form)
    console.put(text, output)
    _tick_one(current)
    return 0


def _public(case: "CaseFolder", current: "Checklist", form: str) -> str:
    from breachkit.actions.checklist_public import for_outsiders, refuse_telling
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import telling

    text = checklist_render.export(for_outsiders(current), form)
    refuse_telling(text, telling(case))
    return text


@checklist.command("import")
@command
def checklist_import(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="An export in Markdown, with boxes ticked in it.")
    ],
    case: options.Case = None,
    by: options.By = None,
    execute: options.Execute = False,
    json_: options.Json = False,
) -> int:
    """Take over what people ticked in an exported Markdown file.

    A box that is ticked needs what shows it behind **Evidence:**, and [-] needs why the item does not
    apply. One line that cannot be believed refuses the whole file and is named by its number. What is
    done in the case stays done, and copies are closed in the register alone.

    Changes: nothing without --execute; with it, files of the case.

    \b
    Examples:
      breachkit checklist import checklist.md
      breachkit checklist import checklist.md --execute --by "Jo Engineer"
      breachkit checklist import checklist.md --case BK-2026-0001 --json
    """
    from breachkit.report import checklist_render
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    text = workflow.read_markdown(file)
    plan = workflow.import_markdown(found, current, text, by=cases.who(by), execute=execute)
    data = checklist_render.import_to_json(plan, executed=execute)
    console.show(data, checklist_render.import_text(plan, executed=execute), as_json=json_)
    if plan.taken and not execute:
        console.following("breachkit checklist import FILE --execute", "once it says what you mean")
    else:
        console.following("breachkit checklist show", "what is left")
    return 0


@checklist.command("tick")
@command
def checklist_tick(
    item: Annotated[
        str,
        typer.Argument(
            metavar="ITEM",
            help="Such as A04; `checklist show` lists them.",
            autocompletion=completing.items,
        ),
    ],
    evidence: Annotated[
        str,
        typer.Option(
            help="What shows it: ev-0012, N-004, K-031, a file of the case; else it is a note."
        ),
    ],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Note that an item is done, and what shows it.

    What names an entry of the journal, a message, a copy or a file of the case is looked up, and has to
    be what the item asks for. Words of your own are kept as a note, and shown as a note.

    Changes: files of the case.

    \b
    Examples:
      breachkit checklist tick A12 --evidence "named on the call at 17:40"
      breachkit checklist tick B08 --evidence N-001 --by "Jo Engineer"
      breachkit checklist tick A03 --evidence "all know" --case BK-2026-0001
    """
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    task = workflow.tick(found, current, item, evidence=evidence, by=cases.who(by))
    cases.show_done(found, task.id, "is done", as_json=json_)
    return 0


@checklist.command("na")
@command
def checklist_na(
    item: Annotated[
        str,
        typer.Argument(
            metavar="ITEM",
            help="Such as A09; `checklist show` lists them.",
            autocompletion=completing.items,
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why it does not apply.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Note that an item does not apply, and why.

    Changes: files of the case.

    \b
    Examples:
      breachkit checklist na A09 --reason "the repository has no website"
      breachkit checklist na A10 --reason "no workflows" --by "Jo Engineer"
      breachkit checklist na A11 --reason "no forks" --case BK-2026-0001
    """
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    task = workflow.rule_out(found, current, item, reason=reason, by=cases.who(by))
    cases.show_done(found, task.id, "does not apply", as_json=json_)
    return 0


@checklist.command("reopen")
@command
def checklist_reopen(
    item: Annotated[
        str,
        typer.Argument(
            metavar="ITEM",
            help="Such as A09; `checklist show --all` lists them.",
            autocompletion=completing.items,
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why it is to do after all.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Note that an item is open again, after it was done or ruled out.

    Changes: files of the case.

    \b
    Examples:
      breachkit checklist reopen A09 --reason "the website is back"
      breachkit checklist reopen A12 --reason "ticked by mistake" --by Jo
      breachkit checklist reopen A10 --reason "it runs again" --case BK-2026-0001
    """
    from breachkit.workflows import checklist as workflow

    found = cases.find(case)
    current = workflow.current_checklist(found, cases.clock())
    task = workflow.reopen(found, current, item, reason=reason, by=cases.who(by))
    cases.show_done(found, task.id, "is open again", as_json=json_)
    return 0


def _tick_one(current: "Checklist", more: str = "") -> None:
    waiting = [task for task in current.open if "/" not in task.id]
    item = waiting[0].id if waiting else "ITEM"
    console.following(
        f"breachkit checklist tick {item} --evidence TEXT",
        f"once it is done; `checklist na` where it does not apply{more}",
    )
