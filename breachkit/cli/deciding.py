"""`decide` and `approve`: what people decided, by name and with a reason."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.incident.folder import CaseFolder
    from breachkit.workflows.decisions import Word


class Approvable(enum.StrEnum):
    """What a second person can be asked to approve."""

    PUSH = "push"
    RESTORE = "restore"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(command(decide))
    app.command()(command(approve))


def decide(
    about: Annotated[
        str,
        typer.Argument(
            metavar="ABOUT",
            help="What is decided, such as ico-report; or: list.",
            autocompletion=completing.matters,
        ),
    ] = "list",
    answer: Annotated[
        str | None, typer.Option(help="The answer; `breachkit decide list` shows those there are.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decided it.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; never a value.")] = None,
    role: Annotated[str, typer.Option(help="As whom: dpo, controller, siro, ...")] = "",
    finding: Annotated[
        str | None,
        typer.Option(
            metavar="F-0001",
            help="Which finding is harmless, or is not.",
            autocompletion=completing.findings,
        ),
    ] = None,
    effect: Annotated[
        int | None, typer.Option(help="Level of effect in the playbook's table.")
    ] = None,
    likelihood: Annotated[
        int | None, typer.Option(help="Level of likelihood in the playbook's table.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="The number that the ICO gave to the first report.")
    ] = None,
    delay: Annotated[
        str | None, typer.Option(metavar="REASON", help="Why the ICO hears after 72 hours.")
    ] = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Write down what somebody decided, by name and with a reason.

    breachkit decides nothing, and never that nobody need be told. `breachkit decide list` shows every
    question with its answers, and what is open.

    Changes: files of the case.

    \b
    Examples:
      breachkit decide list
      breachkit decide ico-report --answer no --by Lee --role dpo --reason minor
      breachkit decide finding --finding F-0003 --answer dismissed --by Ada \\
        --reason "numbers of practices"
    """
    from breachkit.workflows import decisions

    found = cases.find(case)
    if about == "list":
        return _list(found, json_=json_)
    word = decisions.Word(
        about=about,
        answer=answer,
        by=by or "",
        reason=reason or "",
        role=role,
        finding=finding,
        effect=effect,
        likelihood=likelihood,
        reference=reference,
        delay=delay,
    )
    made = decisions.decide(found, word, cases.clock())
    _note(word)
    cases.show_done(
        found, f"{about}: {made.text('answer')}", f"by {made.text('decider')}", as_json=json_
    )
    return 0


def approve(
    action: Annotated[Approvable, typer.Argument(metavar="push|restore", help="What is approved.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="The second person.")],
    reason: Annotated[str, typer.Option(help="What they looked at.")],
    role: Annotated[str, typer.Option(help="As whom: siro, controller, ...")] = "",
    refuse: Annotated[bool, typer.Option("--refuse", help="They do not approve.")] = False,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Write down that a second person agrees to a push, or to a restore.

    It counts for what stands now, and only where they are not the one who does it. Playbooks can ask
    for it; so can a case: breachkit amend two-person push,restore.

    Changes: files of the case.

    \b
    Examples:
      breachkit approve push --by "R. Lee" --reason "read the plan and the proof"
      breachkit approve restore --by Lee --role siro --reason "saw the register"
      breachkit approve push --refuse --by "R. Lee" --reason "a tag is missing"
    """
    from breachkit.incident.guards import Action
    from breachkit.workflows.decisions import approve as write_down

    found = cases.find(case)
    made = write_down(
        found, Action(action.value), by=by, reason=reason, is_approved=not refuse, role=role
    )
    cases.show_done(found, action.value, f"{made.text('answer')} by {by}", as_json=json_)
    return 0


def _list(case: "CaseFolder", *, json_: bool) -> int:
    from breachkit.report import decisions as rendering
    from breachkit.workflows.decisions import overview

    found = overview(case)
    cases.show(case, rendering.to_json(found), "\n".join(rendering.lines(found)), as_json=json_)
    return 0


def _note(word: "Word") -> None:
    """Say what else belongs to a decision; what follows from it stands in the guide it is from."""
    if word.about == "dspt" and word.effect is not None:
        console.note(
            "the cell is written down; what follows from it stands in the guide: read it there"
        )
    if word.about == "finding":
        console.note("`breachkit scope --exclude` leaves a finding out of what has to go")
