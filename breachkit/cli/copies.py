"""`trace` and `copies`: who and what else has the data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, hosting, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.actions.copies import Proof


_STATES = (
    "suspected, confirmed, requested, acknowledged, cleaned, unreachable or refused; closed are "
    "deleted, proven_clean and residual_accepted."
)
_PLACES = (
    "The kind of place, such as C30 a clone, C31 files outside git, C32 a backup, C33 shared by "
    "hand; `copies list` shows all."
)

copies = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="The register of copies that may exist."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(command(trace))
    app.add_typer(copies, name="copies")


def trace(
    case: options.Case = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HOST",
            help="An archive that may be asked: archive.softwareheritage.org, web.archive.org, "
            "zenodo.org; may be repeated.",
        ),
    ] = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Find who and what else has a copy: from git, from GitHub, and from archives that --allow names.

    No person is asked. Software Heritage is sent old object ids once it knows the repository: those
    confirm a guess of a redacted value, and --allow is your consent.

    \b
    Examples:
      breachkit trace
      breachkit trace --allow archive.softwareheritage.org --allow web.archive.org
      breachkit trace --case BK-2026-0001 --json
    """
    from breachkit.cli import tracing

    return tracing.run(cases.find(case), allow or [], github_api, as_json=json_)


@copies.command("list")
@command
def copies_list(
    case: options.Case = None,
    format_: Annotated[
        options.ExportFormat | None, typer.Option("--format", help="Instead of text.")
    ] = None,
    output: options.Output = None,
    json_: options.Json = False,
) -> int:
    """Show the register of copies: what is certain, and what is not known yet.

    \b
    Examples:
      breachkit copies list
      breachkit copies list --format csv --output copies.csv
      breachkit copies list --json
    """
    from breachkit.report import copies_render
    from breachkit.report.case_status import utc_time
    from breachkit.workflows.trace import load_places, load_register

    form = "json" if json_ else format_.value if format_ else "text"
    found = cases.find(case)
    incident, now = found.incident, utc_time(cases.clock().now())
    of = f"{incident.id} ({incident.codename}), {now}"
    console.put(copies_render.export(load_register(found), form, load_places(), of=of), output)
    console.following(
        "breachkit copies set COPY STATE --note TEXT", "once something is known of one"
    )
    return 0


@copies.command("set")
@command
def copies_set(
    copy: Annotated[
        str, typer.Argument(metavar="COPY", help="Such as K-031; `copies list` shows them.")
    ],
    state: Annotated[str, typer.Argument(metavar="STATE", help=_STATES)],
    note: Annotated[str, typer.Option(help="What shows it; never a value.")] = "",
    proof: Annotated[
        str, typer.Option(help="attestation, verify_clone_json, vendor_letter, decision, ...")
    ] = "attestation",
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Move a copy to a state. Only proof, a deletion or a named acceptance closes it.

    \b
    Examples:
      breachkit copies set K-031 requested
      breachkit copies set K-031 deleted --note "mail of 9 March, filed under N-004" --by "Ada H."
      breachkit copies set K-019 residual_accepted --proof decision --note "see minutes" --by SIRO
    """
    from breachkit.workflows.trace import set_copy

    found = cases.find(case)
    changed = set_copy(found, copy, state, _proof(proof, note, by))
    cases.show_done(found, changed.id, f"is {changed.state}", as_json=json_)
    return 0


@copies.command("prove")
@command
def copies_prove(
    copy: Annotated[
        str, typer.Argument(metavar="COPY", help="Such as K-031; `copies list` shows them.")
    ],
    from_: Annotated[
        Path,
        typer.Option("--from", metavar="FILE", help="The result, also with a mail around it."),
    ],
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Prove a copy clean by what `verify-clone --json` gave, or what a holder's verifier sent back.

    A result of another case or round, one that was changed, and one that is not clean are refused.
    A holder's result is their word with evidence; a look of our own weighs more.

    \b
    Examples:
      breachkit copies prove K-031 --from reply.txt
      breachkit copies prove K-031 --from result.json --case BK-2026-0001
      breachkit copies prove K-032 --from result.json --json
    """
    from breachkit.workflows.verify_clone import prove_copy, read_result

    found = cases.find(case)
    changed, result = prove_copy(found, copy, read_result(from_), cases.clock())
    how = "by its holder's verifier" if result.by == "verifier" else "by our own look"
    cases.show_done(found, changed.id, f"is proven clean {how}", as_json=json_)
    return 0


@copies.command("na")
@command
def copies_na(
    copy: Annotated[
        str, typer.Argument(metavar="COPY", help="Such as K-040; `copies list` shows them.")
    ],
    note: Annotated[str, typer.Option(help="Why the place does not apply.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Note that a place does not apply to this case, and why.

    \b
    Examples:
      breachkit copies na K-043 --note "no DOI was ever made"
      breachkit copies na K-048 --note "no container is built from it" --by "Jo Engineer"
      breachkit copies na K-043 --note "no DOI" --case BK-2026-0001
    """
    from breachkit.workflows.trace import rule_out_copy

    found = cases.find(case)
    changed = rule_out_copy(found, copy, _proof("decision", note, by))
    cases.show_done(found, changed.id, "does not apply", as_json=json_)
    return 0


@copies.command("add")
@command
def copies_add(
    place: Annotated[str, typer.Argument(metavar="PLACE", help=_PLACES)],
    label: Annotated[
        str, typer.Argument(metavar="TEXT", help="What and where it is; never a value.")
    ],
    case: options.Case = None,
    holder: Annotated[str | None, typer.Option(help="Who holds it.")] = None,
    email: Annotated[str | None, typer.Option(help="The holder's address.")] = None,
    json_: options.Json = False,
) -> int:
    """Add a copy that somebody told you about: a mail, a slide, a shared folder.

    \b
    Examples:
      breachkit copies add C33 "draft of the paper, shared with the co-authors"
      breachkit copies add C30 "clone on the group's server" --holder "Chen Li"
      breachkit copies add C32 "nightly backup" --holder IT --email it@example.org
    """
    from breachkit.workflows.trace import add_copy, load_places

    found = cases.find(case)
    added = add_copy(found, place, label, holder=holder, email=email, places=load_places())
    cases.show_done(found, added.id, "is in the register", as_json=json_)
    return 0


def _proof(kind: str, note: str, by: str | None) -> "Proof":
    from breachkit.actions.copies import Proof

    return Proof(kind=kind, at=cases.clock().now(), by=cases.who(by), note=note)
