"""`open` and `close`."""

import enum
from datetime import datetime
from typing import Annotated

import typer

from breachkit.cli import cases, console, options, standing
from breachkit.cli.command import command


class Kind(enum.StrEnum):
    """What an incident is believed to be; a suspicion is enough to open a case."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    NEAR_MISS = "near-miss"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("open")(command(open_))
    app.command("close")(command(close_))


def open_(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The repository: URL, owner/name or path.")
    ],
    kind: Annotated[Kind, typer.Option(help="A suspicion is enough.")] = Kind.SUSPECTED,
    path: Annotated[
        list[str] | None, typer.Option(help="A file that was named in the report; may be repeated.")
    ] = None,
    found_by: Annotated[str | None, typer.Option(help="Who found it.")] = None,
    discovered_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, such as 2026-03-06T16:40:00Z.")
    ] = None,
    aware_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the controller became aware: 72 hours from then."),
    ] = None,
    contacts: Annotated[
        str | None,
        typer.Option(metavar="PROFILE|FILE", help="Whom to tell; none is active until chosen."),
    ] = None,
    policy: options.PolicyName = "auto",
    another: Annotated[
        bool,
        typer.Option("--another", help="Although a case on the same repository is open."),
    ] = False,
    json_: options.Json = False,
) -> int:
    """Open a case: with nothing but a name, offline, at once.

    \b
    Examples:
      breachkit open https://github.com/owner/name
      breachkit open . --path released_outputs/table2.csv --found-by "A. Checker"
      breachkit open owner/name --kind confirmed --aware-at 2026-03-06T16:40:00Z
    """
    from breachkit.incident.case import OpenRequest
    from breachkit.workflows.case import open_case
    from breachkit.workflows.notify import choose_contacts, read_contacts
    from breachkit.workflows.playbooks import choose_policies
    from breachkit.workflows.server import server_of_clone

    policy = choose_policies(policy).label  # a wrong name is said before there is a case
    if contacts:
        read_contacts(contacts)
    server = server_of_clone(target)
    if server is not None:
        console.note(f"{target} is a clone: the case is on the server that it came from")
    request = OpenRequest(
        target=server or target,
        kind=kind.value,
        paths=tuple(path or ()),
        found_by=found_by,
        discovered_at=_moment(discovered_at, "--discovered-at"),
        aware_at=_moment(aware_at, "--aware-at"),
        policy=policy,
    )
    opened = open_case(request, cases.store(), cases.clock(), another=another)
    if contacts:
        choose_contacts(opened.case, contacts, cases.clock())
    for warning in opened.warnings:
        console.note(f"warning: {warning}")
    for other in opened.related:
        console.note(f"an earlier case on the same repository: {other.id} ({other.codename})")
    return standing.show_status(opened.case.incident.id, json_=json_)


def close_(
    reason: Annotated[str, typer.Option(help="What was concluded; never a value.")],
    decided_by: Annotated[str, typer.Option(metavar="NAME", help="Who decided it.")],
    false_alarm: Annotated[
        bool, typer.Option("--false-alarm", help="There was no breach: stand the case down.")
    ] = False,
    case: options.Case = None,
    override: options.Override = None,
    json_: options.Json = False,
) -> int:
    """Close a case: only when all is done, or as a false alarm before anything was rewritten.

    The backup, its key and the case's private folder still hold the data: destroy them.

    \b
    Examples:
      breachkit close --reason "all copies accounted for" --decided-by "R. Lindqvist"
      breachkit close --false-alarm --reason "counts were rounded" --decided-by "R. Lindqvist"
      breachkit close --reason "stays private" --decided-by SIRO --override "never public again"
    """
    from breachkit.workflows.case import close, stand_down

    found = cases.find(case)
    if false_alarm:
        stand_down(found, reason, decided_by)
    else:
        close(found, reason, decided_by, override)
    for left in (found.private, cases.home() / "keys" / f"{found.incident.id}.agekey"):
        if left.exists():
            console.note(f"still on this machine: {left}; destroy it, or write down why not")
    return standing.show_status(found.incident.id, json_=json_)


def _moment(text: str | None, option: str) -> datetime | None:
    from breachkit.incident.opening import parse_moment

    return None if text is None else parse_moment(text, option)
