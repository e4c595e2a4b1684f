"""`verify-clone` and `verifier`: is one copy clean?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from breachkit.actions.clone_list import CloneList
    from breachkit.incident.folder import CaseFolder


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
            help="The script that came with a message, or was sealed, where there is no case here.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Opens the script of --list, where it was sealed."),
    ] = None,
    advice: Annotated[
        bool, typer.Option("--advice", help="Also the commands that clean this very copy.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Prove one clone clean: every object it has, and everything beside them.

    The clone is only read. With --list this works on a machine that has no case: it takes the script
    that came with a message; with --key too, the sealed one that is left of a case whose private part
    is destroyed.

    Changes: nothing.

    Exit codes: 0 if it is clean, 7 if it still holds something, 5 if something in it could not be
    looked at.

    \b
    Examples:
      breachkit verify-clone ~/study
      breachkit verify-clone ~/study --advice     also how this copy is cleaned
      breachkit verify-clone ~/study --list verifier.txt --json
    """
    from breachkit.model.errors import UsageError
    from breachkit.report import clones
    from breachkit.workflows import verify_clone as workflow

    if key is not None and list_ is None:
        raise UsageError("--key opens the sealed script: name that with --list FILE")
    by = _by(list_, key)
    wanted, early = _wanted(list_, key, case)
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
        _follow(result.verdict, path, by, shown=bool(told))
    else:
        console.following("breachkit next", "on the way to a history that it can move onto")
    return result.exit_code


def _wanted(list_: Path | None, key: Path | None, case: str | None) -> tuple["CloneList", bool]:
    """Give what a copy must not hold, and whether it is too early to tell how it is cleaned."""
    from breachkit.workflows import verify_clone as workflow

    if list_ is not None:
        return workflow.list_in_script(list_, key), False
    found = cases.find(case)
    return workflow.list_of_case(found), not workflow.is_there_a_new_history(found)


def _follow(verdict: str, path: Path, by: tuple[str, ...], *, shown: bool) -> None:
    if verdict != "clean" and not shown:
        console.following(_again(path, *by, "--advice"), "to see how it is cleaned")
    elif verdict != "clean":
        console.following(_again(path, *by), "once that is done")
    elif by:
        console.following(_again(path, *by, "--json"), "and send that back")
    else:
        console.following(
            "breachkit copies prove COPY --from FILE", "with what --json gives, kept in a file"
        )


def _by(list_: Path | None, key: Path | None) -> tuple[str, ...]:
    """Give the options that name what a copy is compared with, where that is no case."""
    named = {"--list": list_, "--key": key}
    return tuple(word for name, file in named.items() if file for word in (name, str(file)))


def _again(path: Path, *more: str) -> str:
    return " ".join(map(shell, ("breachkit", "verify-clone", str(path), *more)))


def verifier(
    output: options.Output = None,
    case: options.Case = None,
    seal: Annotated[
        bool,
        typer.Option(
            "--seal", help="Keep it encrypted, for clones that turn up once private/ is destroyed."
        ),
    ] = False,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            metavar="age1...",
            help="With --seal: whose age key opens it, instead of a new one; may be repeated.",
        ),
    ] = None,
    json_: options.Json = False,
) -> int:
    """Write the one-file script with which a clone holder proves a clone.

    Its reader needs git and a Unix shell alone. It holds old ids, with which blacked-out figures can
    be guessed: it goes to clone holders and to nobody else. --seal keeps it for later: encrypted, in
    the case's folder, readable by whoever has the key and by nobody who has the folder alone.

    Changes: nothing but the file: that of --output, else one in the private part of the case; with
    --seal one beside that part, and a key outside the case.

    \b
    Examples:
      breachkit verifier
      breachkit verifier --output verifier.txt
      breachkit verifier --seal     before private/ is destroyed
    """
    from breachkit.report import clones
    from breachkit.report.output import write_report
    from breachkit.workflows.verify_clone import is_there_a_new_history, write_verifier

    _require_fit(output, recipient, seal=seal)
    found = cases.find(case)
    if seal:
        return _seal(found, tuple(recipient or ()), as_json=json_)
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


def _require_fit(output: Path | None, recipient: list[str] | None, *, seal: bool) -> None:
    """Refuse options of which one means nothing without, or beside, the other.

    Raises:
        UsageError: they do not go together.
    """
    from breachkit.model.errors import UsageError

    if recipient and not seal:
        raise UsageError("--recipient says who opens a sealed verifier: add --seal")
    if output and seal:
        raise UsageError("--seal has a place of its own, in the case: leave --output out")


def _seal(case: "CaseFolder", recipients: tuple[str, ...], *, as_json: bool) -> int:
    """Keep the verifier encrypted; without recipients for a new key, outside the case."""
    from breachkit.git.backup import make_key
    from breachkit.report import clones
    from breachkit.workflows.late_clones import SEAL_KEY
    from breachkit.workflows.verify_clone import seal_verifier

    key = None if recipients else cases.home() / "keys" / f"{case.incident.id}{SEAL_KEY}"
    sealed = seal_verifier(case, (make_key(key),) if key else recipients)
    data = clones.sealed_to_json(str(sealed), str(key) if key else None, len(recipients) or 1)
    console.show(data, clones.sealed_text(data), as_json=as_json)
    again = _again(Path("PATH"), *_by(sealed, key or Path("KEY")))
    console.following(again, "when an old clone turns up")
    return 0
