"""`status` and `next`: where a case stands, and what to do now."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.report.case_screen import Line


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(command(status))
    app.command("next")(command(next_))


def status(
    case: options.Case = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 8 where something is overdue or unfinished.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every case on a line, the worst first.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Show where a case stands on one screen, with the 72-hour clock.

    Changes: nothing.

    Exit codes: with --strict, 8 where something is overdue.

    \b
    Examples:
      breachkit status
      breachkit status --case BK-2026-0001 --json
      breachkit status --all --strict || echo "somebody has to act"
    """
    if every:
        return _show_all(json_=json_, strict=strict)
    return show_status(case, json_=json_, strict=strict)


def next_(case: options.Case = None, json_: options.Json = False) -> int:
    """Name the one thing to do now, as a command to paste.

    Changes: nothing.

    \b
    Examples:
      breachkit next
      breachkit next --case sapphire-otter       of several open cases, this one
      breachkit next --json                      for a program that asks
    """
    from breachkit.report import case_status
    from breachkit.workflows.standing import what_next

    action = what_next(cases.find(case), cases.clock())
    if json_:
        console.emit_json({"schema": "breachkit.next/1", **case_status.next_to_json(action)})
    else:
        console.say("\n".join(case_status.next_lines(action)))
    return 0


def show_status(selector: str | None, *, json_: bool, strict: bool = False) -> int:
    """Show where a case stands, as `status` does and as commands that change it end.

    Args:
        selector: The case, as `--case` names it.
        json_: As JSON.
        strict: Give 8 where something is overdue or unfinished.
    """
    from breachkit.report import case_screen, case_status
    from breachkit.workflows.standing import status as read_status

    found = read_status(cases.find(selector), cases.clock())
    if json_:
        console.emit_json(case_status.to_json(found))
    else:
        names_next = not console.is_led()
        _draw(lambda width: case_screen.screen(found, width, names_next=names_next))
    return 8 if strict and found.is_overdue else 0


def _show_all(*, json_: bool, strict: bool) -> int:
    from breachkit.report import case_list
    from breachkit.workflows.standing import statuses

    found = statuses(cases.store(), cases.clock())
    if json_:
        console.emit_json(case_list.list_to_json(found))
    else:
        _draw(lambda width: case_list.screen(found, width))
    return 8 if strict and any(each.is_overdue for each in found) else 0


def _draw(screen: "Callable[[int | None], Iterable[Line]]") -> None:
    """Print lines made for the width and with the colours that the terminal has; none is broken.

    A pipe or a file has no width, so that nothing is cut off there: somebody may look for any word.
    """
    from rich.text import Text

    from breachkit.report.terminal import make_console

    drawn = make_console(sys.stdout)
    for line in screen(drawn.width if drawn.is_terminal or "COLUMNS" in os.environ else None):
        text = Text.assemble(*line)
        text.rstrip()
        drawn.print(text, soft_wrap=True)
