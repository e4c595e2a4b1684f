"""`verify-clone` and `verifier`: is one copy clean?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from breachkit.actions.clone_list import CloneList


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("verify-clone")(command(verify_clone))
    app.command()(command(verifier))


def verify_clone(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A clone, its .git, or a linked work tree.")
    ],
    case: options.Case = None,
    list_: Annotated[
        Path | None,
        typer.Option(
            "--list",
            metavar="FILE",
            help="The script that came with a message, where there is no case here.",
        ),
    ] = None,
    advice: Annotated[
        bool, typer.Option("--advice", help="Also the commands that clean this very copy.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Prove one clone clean: every object it has, and everything beside them.

    The clone is only read. With --list this works on a machine that has no case: it takes the script
    that came with a message.

    Changes: nothing.

    Exit codes: 0 if it is clean, 7 if it still holds something, 5 if something in it could not be
    looked at.

    \b
    Examples:
      breachkit verify-clone ~/study
      breachkit verify-clone ~/study --advice     also how this copy is cleaned
      breachkit verify-clone ~/study --list verifier.txt --json
    """
    from breachkit.report import clones
    from breachkit.workflows import verify_clone as workflow

    wanted, early = _wanted(list_, case)
    result = workflow.verify_clone(path, wanted, cases.clock())
    asked = advice and result.verdict != "clean"
    told = workflow.advise(path, wanted) if asked and not early else ""
    if asked and early:
        console.note(f"no advice yet: {clones.TOO_EARLY}")
    if json_:
        extra = {"advice": told} if told else {}
        console.emit_json({**result.to_json(wanted.seed), **extra})
    else:
        console.say("\n\n".join(part for part in (clones.result_text(result), told) if part))
    if result.verdict == "clean" or not early:
        _follow(result.verdict, path, list_, shown=bool(told))
    else:
        console.following("breachkit next", "on the way to a history that it can move onto")
    return result.exit_code


def _wanted(list_: Path | None, case: str | None) -> tuple["CloneList", bool]:
    """Give what a copy must not hold, and whether it is too early to tell how it is cleaned."""
    from breachkit.workflows import verify_clone as workflow

    if list_ is not None:
        return workflow.list_in_script(list_), False
    found = cases.find(case)
    return workflow.list_of_case(found), not workflow.is_there_a_new_history(found)


def _follow(verdict: str, path: Path, list_: Path | None, *, shown: bool) -> None:
    if verdict != "clean" and not shown:
        console.following(_again(path, list_, "--advice"), "to see how it is cleaned")
    elif verdict != "clean":
        console.following(_again(path, list_), "once that is done")
    elif list_ is not None:
        console.following(_again(path, list_, "--json"), "and send that back")
    else:
        console.following(
            "breachkit copies prove COPY --from FILE", "with what --json gives, kept in a file"
        )


def _again(path: Path, list_: Path | None, *more: str) -> str:
    by = () if list_ is None else ("--list", str(list_))
    return " ".join(map(shell, ("breachkit", "verify-clone", str(path), *by, *more)))


def verifier(
    output: options.Output = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Write the one-file script with which a clone holder proves a clone.

    Its reader needs git and a Unix shell alone. It holds old ids, with which blacked-out figures can
    be guessed: it goes to clone holders and to nobody else.

    Changes: nothing but the file: that of --output, else one in the private part of the case.

    \b
    Examples:
      breachkit verifier
      breachkit verifier --output verifier.txt
      breachkit verifier --case BK-2026-0001 --json
    """
    from breachkit.report import clones
    from breachkit.report.output import write_report
    from breachkit.workflows.verify_clone import is_there_a_new_history, write_verifier

    found = cases.find(case)
    written = write_verifier(found)
    if not is_there_a_new_history(found):
        console.note(f"warning: send it to nobody yet: {clones.TOO_EARLY}")
    if output is not None:
        write_report(output, written.content)
    file = str(output or written.path)
    data = clones.verifier_to_json(written.wanted, file, written.sha256)
    console.show(data, clones.verifier_text(data), as_json=json_)
    console.following(
        "breachkit copies prove COPY --from FILE", "with what a holder's run sent back"
    )
    return 0
