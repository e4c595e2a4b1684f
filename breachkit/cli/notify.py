"""`notify`: the incident's e-mails."""

from typing import Annotated

import typer

from breachkit.cli import cases, completing, console, options, rendering, sending
from breachkit.cli.command import command, group


HELP = """
The incident's e-mails: written as files, checked so that no value leaves.

Each message is for one reader and waits as a file until somebody sends it.

Changes: files of the case; mails leave with `send --execute` alone.

\b
Examples:
  breachkit notify render alert --contacts opensafely-2026
  breachkit notify send N-001 --smtp mail.example.org
  breachkit notify chase
"""


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    # anew for each program: a group keeps whatever is added to it
    notify = group(HELP)
    rendering.register(notify)
    notify.command("list")(command(notify_list))
    notify.command("show")(command(notify_show))
    sending.register(notify)
    app.add_typer(notify, name="notify")


def notify_list(case: options.Case = None, json_: options.Json = False) -> int:
    """List every message: written, sent, answered, or overdue.

    Changes: nothing.

    \b
    Examples:
      breachkit notify list
      breachkit notify list --case BK-2026-0001
      breachkit notify list --json | jq .messages
    """
    from breachkit.report import notices
    from breachkit.workflows.notify import list_notices

    found = cases.find(case)
    written = list_notices(found)
    if json_:
        console.emit_json(notices.to_json(written))
    else:
        console.say("\n".join(notices.lines(written, cases.clock().now())))
        console.following("breachkit next")
    return 0


def notify_show(
    notice: Annotated[
        str,
        typer.Argument(
            metavar="MESSAGE",
            help="Such as N-001; `notify list` shows them.",
            autocompletion=completing.messages,
        ),
    ],
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Show one message as its reader gets it, and what became of it.

    Changes: nothing.

    \b
    Examples:
      breachkit notify show N-001
      breachkit notify show N-002 --case BK-2026-0001
      breachkit notify show N-003 --json
    """
    from breachkit.report import notices
    from breachkit.workflows.notify import read_notice

    found = cases.find(case)
    one, text = read_notice(found, notice)
    if json_:
        console.emit_json(notices.shown_to_json(one, text))
        return 0
    console.say("\n".join(notices.shown_lines(one, text, cases.clock().now())))
    if one.sent_at is None and not one.is_superseded:
        console.following(f"breachkit notify mark-sent {one.id}", "once you have sent it")
    else:
        console.following("breachkit notify list")
    return 0
