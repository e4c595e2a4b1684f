"""`checklist`: what is to do, who does it, by when."""

from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.actions.checklist import Checklist


checklist = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="What is to do, who does it, by when."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(checklist, name="checklist")


@checklist.command("show")
@command
def checklist_show(
    case: options.Case = None,
    every: Annotated[bool, typer.Option("--all", help="Every item, also what is done.")] = False,
    json_: options.Json = False,
) -> int:
    """Show what is due first, who does it, by when, and how far each group is.

    \b
    Examples:
      breachkit checklist show
      breachkit checklist show --all
      breachkit checklist show --json
    """
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    current = current_checklist(cases.find(case), cases.clock())
    form = "json" if json_ else "text" if every else "brief"
    console.emit(checklist_render.export(current, form))
    _tick_one(current, "" if every else "; `breachkit checklist show --all` shows every item")
    return 0


@checklist.command("export")
@command
def checklist_export(
    case: options.Case = None,
    format_: Annotated[
        options.ExportFormat, typer.Option("--format", "-f")
    ] = options.ExportFormat.MD,
    output: options.Output = None,
    public: Annotated[
        bool, typer.Option("--public", help="Without names of people, places and copies.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Write the checklist as Markdown, CSV, JSON or a page to print.

    \b
    Examples:
      breachkit checklist export > checklist.md
      breachkit checklist export --format html --output checklist.html
      breachkit checklist export --format csv --public --case BK-2026-0001
    """
    from breachkit.actions.checklist_public import for_outsiders
    from breachkit.report import checklist_render
    from breachkit.workflows.checklist import current_checklist

    current = current_checklist(cases.find(case), cases.clock())
    shown = for_outsiders(current) if public else current
    form = "json" if json_ else format_.value
    console.put(checklist_render.export(shown, form), output)
    _tick_one(current)
    return 0


@checklist.command("tick")
@command
def checklist_tick(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="Such as A04; `checklist show` lists them.")
    ],
    evidence: Annotated[str, typer.Option(help="What shows it: a ticket, a mail, a name.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
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
    task = workflow.tick(found, current, item, evidence=evidence, by=cases.who(by))
    cases.show_done(found, task.id, "is done", as_json=json_)
    return 0


@checklist.command("na")
@command
def checklist_na(
    item: Annotated[
        str, typer.Argument(metavar="ITEM", help="Such as A09; `checklist show` lists them.")
    ],
    reason: Annotated[str, typer.Option(help="Why it does not apply.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
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
    task = workflow.rule_out(found, current, item, reason=reason, by=cases.who(by))
    cases.show_done(found, task.id, "does not apply", as_json=json_)
    return 0


def _tick_one(current: "Checklist", more: str = "") -> None:
    waiting = [task for task in current.open if "/" not in task.id]
    item = waiting[0].id if waiting else "ITEM"
    console.following(
        f"breachkit checklist tick {item} --evidence TEXT",
        f"once it is done; `checklist na` where it does not apply{more}",
    )
