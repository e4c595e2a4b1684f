"""`log`: the case's journal, shown and checked."""

from typing import Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command


log = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The case's journal: every step, who and when, chained by hashes.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(log, name="log")


@log.command("show")
@command
def log_show(
    case: options.Case = None,
    last: Annotated[int | None, typer.Option(min=1, help="Only so many of the newest.")] = None,
    json_: options.Json = False,
) -> int:
    """Show the journal, oldest first.

    \b
    Examples:
      breachkit log show
      breachkit log show --last 5
      breachkit log show --json > journal.json
    """
    from breachkit.report import case_log
    from breachkit.workflows.log import show_log

    entries = show_log(cases.find(case), last)
    if json_:
        console.emit_json(case_log.log_to_json(entries))
    else:
        console.emit("\n".join(case_log.log_lines(entries)))
        console.following("breachkit log verify", "checks that nothing was changed")
    return 0


@log.command("verify")
@command
def log_verify(
    case: options.Case = None,
    anchor: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="The hash from a mail's footer: finds cuts as well."),
    ] = None,
    json_: options.Json = False,
) -> int:
    """Check the journal: edited, inserted, deleted or reordered entries are found.

    A journal cut off at its end, or written anew, is found only with an anchor: every mail
    carries one.

    \b
    Examples:
      breachkit log verify
      breachkit log verify --anchor 3f5a0c...
      breachkit log verify --json
    """
    from breachkit.report import case_log
    from breachkit.workflows.log import verify_log

    report = verify_log(cases.find(case), anchor)
    if json_:
        console.emit_json(case_log.verdict_to_json(report))
    else:
        console.emit("\n".join(case_log.verdict_lines(report)))
        console.following("breachkit next")
    return report.exit_code
