"""`open`, `amend` and `close`."""

import enum
from datetime import datetime
from typing import Annotated

import typer

import breachkit
from breachkit.cli import cases, completing, console, hosting, options, standing
from breachkit.cli.command import command


class Kind(enum.StrEnum):
    """What an incident is believed to be; a suspicion is enough to open a case."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    NEAR_MISS = "near-miss"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("open")(command(open_))
    app.command()(command(amend))
    app.command("close")(command(close_))


def open_(
    target: Annotated[
        str, typer.Argument(metavar="TARGET", help="The repository: URL, owner/name or path.")
    ],
    kind: Annotated[
        Kind, typer.Option(help="What is believed; a suspicion is enough.")
    ] = Kind.SUSPECTED,
    path: Annotated[
        list[str] | None, typer.Option(help="A file that was named in the report; may be repeated.")
    ] = None,
    found_by: Annotated[str | None, typer.Option(help="Who found it.")] = None,
    discovered_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it was, such as 2026-03-06T16:40:00Z.")
    ] = None,
    aware_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the data controller became aware: the 72 hours run from then.",
        ),
    ] = None,
    contacts: Annotated[
        str | None,
        typer.Option(
            metavar="PROFILE|FILE",
            help="Whom to tell: the contacts of a playbook, or a file; nobody is chosen by itself.",
            autocompletion=completing.playbooks,
        ),
    ] = None,
    policy: options.PolicyName = "auto",
    another: Annotated[
        bool,
        typer.Option("--another", help="Open one although a case on the same repository is open."),
    ] = False,
    recurrence: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE", help="The data came back, and where: go on in the case they were in."
        ),
    ] = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Open a case: with nothing but a name, offline, at once.

    A suspicion is enough. From here on everything is written down, and 72 hours run from the moment
    at which the controller knew: the time in which the ICO has to be told, if at all.

    Changes: a new case folder on this machine; nothing on the server.

    \b
    Examples:
      breachkit open https://github.com/owner/name
      breachkit open . --path outputs/table2.csv --found-by "A. Checker"
      breachkit open owner/name --kind confirmed --aware-at 2026-03-06T16:40Z
      breachkit open owner/name --recurrence "a branch that was pushed today"
    """
    from breachkit.incident.case import OpenRequest
    from breachkit.workflows.case import open_case
    from breachkit.workflows.notify import choose_contacts, read_contacts
    from breachkit.workflows.platform import is_hosted
    from breachkit.workflows.playbooks import choose_policies, playbook_of
    from breachkit.workflows.server import server_of_clone

    if contacts:  # a wrong name is said before there is a case
        read_contacts(contacts)
    policies = choose_policies(policy, unless_named=playbook_of(contacts))
    server = server_of_clone(target)
    if server is not None:
        console.note(f"{target} is a clone: the case is on the server that it came from")
    if recurrence is not None:
        return _go_on(server or target, recurrence, json_=json_)
    request = OpenRequest(
        target=server or target,
        kind=kind.value,
        paths=tuple(path or ()),
        found_by=found_by,
        discovered_at=_moment(discovered_at, "--discovered-at"),
        aware_at=_moment(aware_at, "--aware-at"),
        policy=policies.label,
        thresholds=tuple(
            (each.name, each.threshold)
            for each in ((policies.fixed,) if policies.fixed else policies.profiles)
        ),
        tool_version=breachkit.__version__,
        is_hosted=is_hosted(server or target, github_api),
    )
    opened = open_case(request, cases.store(), cases.clock(), another=another)
    if contacts:
        choose_contacts(opened.case, contacts, cases.clock())
    for warning in opened.warnings:
        console.note(f"warning: {warning}")
    for other in opened.related:
        console.note(f"an earlier case on the same repository: {other.id} ({other.codename})")
        console.note(
            "  if it is the same incident, stand this one down: breachkit close --duplicate-of "
            f"{other.id}; if the data came back, go on there: open with --recurrence WHERE"
        )
    return standing.show_status(opened.case.incident.id, json_=json_)


def _go_on(target: str, where: str, *, json_: bool) -> int:
    """Go on in the case that the data came back in."""
    from breachkit.workflows.case import recur

    case = recur(cases.store(), target, where=where, by=cases.actor().name or "")
    console.note(f"{case.incident.id} is open again; what was reached before stands in its journal")
    return standing.show_status(case.incident.id, json_=json_)


def amend(
    field: Annotated[
        str,
        typer.Argument(
            metavar="FIELD",
            help="What is to be corrected or added; an unknown one lists them all.",
            autocompletion=completing.fields,
        ),
    ],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The right value.")],
    reason: Annotated[
        str, typer.Option(help="Why it was wrong; needed for what the case was opened with.")
    ] = "",
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Correct what a case was opened with, or add what only people know.

    Nothing is overwritten: the journal has both. FIELD is one of those that an unknown one lists, such
    as aware-at, engineer or shared-with. With whom files were shared becomes an entry of the register
    of copies for each of them: part them by a semicolon.

    Changes: files of the case; nothing on the server.

    \b
    Examples:
      breachkit amend aware-at 2026-03-06T09:00Z --reason "the DPO knew at nine"
      breachkit amend engineer "Ada Hartley"
      breachkit amend shared-with "the co-authors; a journal"
    """
    from breachkit.workflows.amending import amend as write_down

    found = cases.find(case)
    made = write_down(found, field, value, cases.clock(), reason=reason)
    for copy in made.copies:
        console.note(f"in the register of copies: {copy.id} {copy.label}")
    what = "is written down" if made.event else "was so already"
    cases.show_done(found, field, what, as_json=json_)
    return 0


def close_(
    reason: Annotated[str, typer.Option(help="What was concluded; never a value.")],
    decided_by: Annotated[str, typer.Option(metavar="NAME", help="Who decided it.")],
    false_alarm: Annotated[
        bool, typer.Option("--false-alarm", help="There was no breach: stand the case down.")
    ] = False,
    duplicate_of: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Another case is about the same: stand this one down.",
            autocompletion=completing.cases,
        ),
    ] = None,
    case: options.Case = None,
    override: options.Override = None,
    json_: options.Json = False,
) -> int:
    """Close a case: only when all is done, or as a false alarm.

    What lacks is listed, with a command for each. A near miss needs less than a breach, and a false
    alarm is one only before anything was rewritten. The backup, its key and the case's private folder
    still hold the data: destroy them by the day that is named.

    Changes: files of the case; nothing on the server.

    Exit codes: 6 where something is open that a case cannot end with.

    \b
    Examples:
      breachkit close --reason "every copy is accounted for" --decided-by "R. Lee"
      breachkit close --false-alarm --reason "all rounded" --decided-by "R. Lee"
      breachkit close --duplicate-of BK-2026-0001 --reason "same" --decided-by Lee
    """
    from breachkit.incident.commands import remedy
    from breachkit.workflows.case import close, stand_down
    from breachkit.workflows.late_clones import needs_sealing

    found, ended = cases.find(case), None
    if false_alarm or duplicate_of:
        other = cases.find(duplicate_of).incident.id if duplicate_of else ""
        stand_down(found, reason, decided_by, duplicate_of=other)
    else:
        ended = close(found, reason, decided_by, cases.clock(), override)
        due, chosen = ended.text("review_due") or "", found.incident.answer("review")
        console.note(f"look back on it by {due}: what went well, what did not")
        if chosen[:1].isdigit() and chosen > due:
            console.note(
                f"the day that was set, {chosen}, is later than five working days from now"
            )
        console.note(f"destroy its private part by {ended.text('destroy_by')}: {found.private}")
        if needs_sealing(found):
            seal = remedy(found.incident.id, "breachkit verifier --seal --case {case}")
            console.note(
                f"before that: `{seal}` keeps what a clone that turns up late is compared with"
            )
    lefts = () if ended else (found.private,)
    for left in (*lefts, cases.home() / "keys" / f"{found.incident.id}.agekey"):
        if left.exists():
            console.note(f"still on this machine: {left}; destroy it, or write down why not")
    return standing.show_status(found.incident.id, json_=json_)


def _moment(text: str | None, option: str) -> datetime | None:
    from breachkit.incident.opening import parse_moment

    return None if text is None else parse_moment(text, option)
