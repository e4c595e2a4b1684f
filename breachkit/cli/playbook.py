"""`playbook`: what an organisation has decided, looked at, checked and begun."""

from pathlib import Path
from typing import Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command, group


HELP = """
What an organisation has decided: rules, contacts, texts, checklist.

Changes: nothing; `new` makes a folder.

\b
Examples:
  breachkit playbook list
  breachkit playbook show opensafely-2026
  breachkit playbook new example-tre --into my-playbooks
"""

playbook = group(HELP)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME|DIR",
        help="A playbook; `playbook list` shows those there are.",
        autocompletion=completing.playbooks,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(playbook, name="playbook")


@playbook.command("list")
@command
def playbook_list(json_: options.Json = False) -> int:
    """List the playbooks: those that breachkit ships, and your own.

    Changes: nothing.

    \b
    Examples:
      breachkit playbook list
      breachkit playbook list --playbooks my-playbooks
      breachkit playbook list --json
    """
    from breachkit.report import playbooks as report
    from breachkit.workflows.playbook_view import list_playbooks

    listed = list_playbooks()
    console.show(report.listed_json(listed), report.listed_text(listed), as_json=json_)
    console.following("breachkit playbook show NAME", "what applies, and where each part is from")
    return 0


@playbook.command("show")
@command
def playbook_show(name: Name, json_: options.Json = False) -> int:
    """Show what applies under a playbook, and where each part is from.

    Changes: nothing.

    \b
    Examples:
      breachkit playbook show opensafely-2026
      breachkit playbook show my-playbooks/example-tre
      breachkit playbook show generic --json
    """
    from breachkit.report import playbooks as report
    from breachkit.report.escape import shell
    from breachkit.workflows.playbook_view import view_playbook
    from breachkit.workflows.playbooks import named_or_at

    with named_or_at(name) as found:
        view = view_playbook(found)
    console.show(report.view_json(view), report.view_text(view), as_json=json_)
    console.following(f"breachkit playbook check {shell(name)}")
    return 0


@playbook.command("check")
@command
def playbook_check(name: Name, json_: options.Json = False) -> int:
    """Check every file of a playbook, and say all that is wrong.

    Each mistake comes with its file and line. Templates are tried with invented facts.

    Changes: nothing.

    Exit codes: 3 where it cannot be used like this.

    \b
    Examples:
      breachkit playbook check my-playbooks/example-tre
      breachkit playbook check opensafely-2026
      breachkit playbook check example-tre --playbooks my-playbooks --json
    """
    from breachkit.model.errors import ConfigurationError
    from breachkit.report import playbooks as report
    from breachkit.report.escape import shell
    from breachkit.workflows.playbook_check import check_playbook
    from breachkit.workflows.playbooks import named_or_at

    with named_or_at(name) as found:
        checked = check_playbook(found, cases.clock().now().date())
    console.show(report.checked_json(checked), report.checked_text(checked), as_json=json_)
    if checked.problems:
        console.following(
            f"breachkit playbook check {shell(name)}", "once these lines are corrected"
        )
        return ConfigurationError.exit_code
    console.following(f"breachkit playbook show {shell(name)}")
    return 0


@playbook.command("new")
@command
def playbook_new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the new playbook: a-z, 0-9 and hyphens.")
    ],
    into: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder in which it gets a folder of its name.")
    ],
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="NAME",
            help="The playbook to begin with.",
            autocompletion=completing.playbooks,
        ),
    ] = "generic",
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Copy every file; else what you do not change is taken from it."
        ),
    ] = False,
    json_: options.Json = False,
) -> int:
    """Begin a playbook of your own: a copy, blank where only you know.

    Changes: a new folder in the one that --into names.

    \b
    Examples:
      breachkit playbook new example-tre --into my-playbooks
      breachkit playbook new our-drill --from opensafely-2026 --into my-playbooks
      breachkit playbook new other-tre --into my-playbooks --whole
    """
    from breachkit.report.escape import shell
    from breachkit.workflows.playbook_new import begin_playbook

    console.tell_of_link(into)
    begun = begin_playbook(name, into, like=from_, whole=whole)
    data = {
        "schema": "breachkit.playbook-new/1",
        "folder": str(begun.folder),
        "files": list(begun.files),
        "blanks": list(begun.blanks),
    }
    lines = [f"{begun.folder}: {', '.join(begun.files)}", "To fill in:"]
    text = "\n".join([*lines, *(f"  {each}" for each in begun.blanks)])
    console.show(data, text, as_json=json_)
    console.following(
        f"breachkit playbook check {shell(str(begun.folder))}", "once they are filled in"
    )
    return 0
