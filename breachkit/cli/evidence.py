"""`evidence`: what was collected, from whom, and through whose hands it went."""

from pathlib import Path
from typing import Annotated

import typer

from breachkit.cli import cases, console, options
from breachkit.cli.command import command, group


HELP = """
What was collected: when, by whom, how, and whether it is as it was then.

Changes: files of the case.

\b
Examples:
  breachkit evidence list
  breachkit evidence add reply.pdf --note "the registry's letter"
  breachkit evidence hand-over E-001 --to "R. Lindqvist"
"""

evidence = group(HELP)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(evidence, name="evidence")


@evidence.command("list")
@command
def evidence_list(case: options.Case = None, json_: options.Json = False) -> int:
    """Show everything that was collected, and whether it is as it was.

    Files that commands write are in the list too.

    Changes: nothing.

    Exit codes: 7 where one was changed since; 5 where one is missing, or cannot be checked.

    \b
    Examples:
      breachkit evidence list
      breachkit evidence list --case sapphire-otter
      breachkit evidence list --json
    """
    from breachkit.report import evidence as report
    from breachkit.workflows.evidence import list_evidence

    found = cases.find(case)
    listed = list_evidence(found)
    console.show(
        report.evidence_to_json(found.incident.id, listed),
        "\n".join(report.evidence_lines(listed)),
        as_json=json_,
    )
    console.following("breachkit evidence add FILE", "keeps what you collected with the case")
    return report.exit_code(listed)


@evidence.command("add")
@command
def evidence_add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What was collected.")],
    by: options.By = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it was, such as 2026-03-06T16:40:00Z.")
    ] = None,
    how: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="How it was made or where it is from.")
    ] = None,
    tool: Annotated[
        str | None, typer.Option(metavar="NAME VERSION", help="What made it, with its version.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="What it is; never a value.")] = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Keep a file with the case: a private copy, its digest journalled.

    Changes: files of the case; FILE is only read.

    \b
    Examples:
      breachkit evidence add access.log --how "gh api /repos/o/n/traffic/clones"
      breachkit evidence add reply.pdf --by Ada --note "the registry's letter"
      breachkit evidence add export.json --tool "gh 2.60" --at 2026-03-06T16:40Z
    """
    from breachkit.incident.evidence_manifest import item_to_json
    from breachkit.workflows.evidence import add

    kept = add(
        cases.find(case),
        file,
        cases.clock(),
        by=cases.who(by),
        at=at,
        command=how,
        tool=tool,
        note=note,
    )
    said = (
        f"{kept.id}: {kept.file} ({kept.entry}); its SHA-256 stands in private/evidence/SHA256SUMS"
    )
    console.show({"schema": "breachkit.evidence-item/1", **item_to_json(kept)}, said, as_json=json_)
    console.following(
        f"breachkit evidence hand-over {kept.id} --to NAME", "when it leaves your hands"
    )
    return 0


@evidence.command("hand-over")
@command
def evidence_hand_over(
    evidence_id: Annotated[str, typer.Argument(metavar="ID", help="Such as E-001.")],
    to: Annotated[str, typer.Option(metavar="NAME", help="Who has it from now on.")],
    by: options.By = None,
    reason: Annotated[str | None, typer.Option(help="What for.")] = None,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Note who has something from now on: the chain of custody.

    It is only ever added to.

    Changes: files of the case.

    \b
    Examples:
      breachkit evidence hand-over E-001 --to "R. Lindqvist"
      breachkit evidence hand-over E-002 --to "Police" --reason "investigation"
      breachkit evidence hand-over E-003 --by "R. Lee" --to "the safe in room 2"
    """
    from breachkit.workflows.evidence import hand_over

    event = hand_over(cases.find(case), evidence_id, to=to, by=cases.who(by), reason=reason)
    number = event.text("number") or ""
    console.show(
        {"schema": "breachkit.evidence-custody/1", "evidence": number, "entry": event.id},
        f"{number} was handed over ({event.id})",
        as_json=json_,
    )
    console.following("breachkit evidence list")
    return 0
