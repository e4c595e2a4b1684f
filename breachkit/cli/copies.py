"""`trace` and `copies`: who and what else has the data."""

from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, hosting, options, proving
from breachkit.cli.command import command, group
from breachkit.model.errors import VerificationError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from breachkit.actions.copies import Copy, Proof
    from breachkit.incident.folder import CaseFolder


_STATES = (
    "confirmed, requested, acknowledged, cleaned, unreachable or refused; deleted closes it. "
    "`copies prove` and `copies accept` close it in other ways."
)
_PLACES = (
    "The kind of place, such as C30 a clone, C31 files outside git, C32 a backup, C33 shared by "
    "hand; `copies list` shows all."
)


def _no_copy(state: str | None) -> str | None:
    """Call the state what is missing where the last word is another copy."""
    if state and state.upper().startswith("K-"):
        raise typer.BadParameter(
            f"{state} is a copy; say after it how far it is, such as requested"
        )
    return state


Expires = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="The last day on which a backup still holds it; then look."),
]


HELP = """
The register of copies that may exist: who has one, and how it ends.

`breachkit trace` fills it. A case is closed only when every copy in it is: proven gone, deleted by
somebody's word, or accepted by name.

Changes: the register of copies in the case.

\b
Examples:
  breachkit copies list
  breachkit copies set K-031 K-032 requested
  breachkit copies prove K-031 --from reply.txt
"""

copies = group(HELP)


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
    """Find who and what else has a copy: git, GitHub, and archives.

    No person is asked, and no archive that --allow does not name. Software Heritage is sent old object
    ids once it knows the repository: those confirm a guess of a redacted value, so --allow is consent.

    Changes: the register of copies in the case; nothing on the server.

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
        options.ExportFormat | None,
        typer.Option("--format", help="Write it as this, instead of text."),
    ] = None,
    output: options.Output = None,
    json_: options.Json = False,
) -> int:
    """Show the register: what is certain, and what is not known yet.

    Changes: nothing.

    \b
    Examples:
      breachkit copies list
      breachkit copies list --format csv --output copies.csv
      breachkit copies list --json
    """
    from breachkit.report import copies_render
    from breachkit.report.case_status import utc_time
    from breachkit.workflows.copies import reconciliation
    from breachkit.workflows.playbooks import playbook_of
    from breachkit.workflows.trace import load_places, load_register

    form = "json" if json_ else format_.value if format_ else "text"
    found = cases.find(case)
    incident, now = found.incident, utc_time(cases.clock().now())
    of = f"{incident.id} ({incident.codename}), {now}"
    register = load_register(found)
    text = copies_render.export(
        register,
        form,
        load_places(playbook_of(incident.profile)),
        of=of,
        reconciled=reconciliation(found, register),
    )
    if form == "text" and output is None:
        console.say(text)
    else:
        console.put(text, output)
    if register:
        console.following(
            "breachkit copies set COPY STATE --note TEXT", "once one is known more of"
        )
    else:
        console.following("breachkit trace", "nobody has looked for copies yet")
    return 0


@copies.command("show")
@command
def copies_show(copy: proving.Id, case: options.Case = None, json_: options.Json = False) -> int:
    """Show one copy: how it is found, closed and proven, and by whom.

    Changes: nothing.

    \b
    Examples:
      breachkit copies show K-031
      breachkit copies show K-032 --json
      breachkit copies show K-001 --case BK-2026-0001
    """
    from breachkit.actions.copies import copy_with_id
    from breachkit.report import copies_render
    from breachkit.workflows.playbooks import playbook_of
    from breachkit.workflows.trace import load_places, load_register

    found = cases.find(case)
    one = copy_with_id(load_register(found), copy)
    places = load_places(playbook_of(found.incident.profile))
    text = copies_render.one_as_text(one, places)
    console.show(copies_render.one_to_json(one), text, as_json=json_)
    console.following(f"breachkit copies set {one.id} STATE --note TEXT", "once more is known")
    return 0


@copies.command("set")
@command
def copies_set(
    copy: Annotated[
        list[str],
        typer.Argument(
            metavar="COPY...",
            help="Such as K-031; of several the same is said. `copies list` shows them.",
            autocompletion=completing.copies_and_states,
        ),
    ],
    state: Annotated[
        str, typer.Argument(metavar="STATE", help=_STATES, is_eager=True, callback=_no_copy)
    ],
    note: Annotated[str, typer.Option(help="What shows it; never a value.")] = "",
    proof: Annotated[
        str, typer.Option(help="How it is known: attestation, or decision.")
    ] = "attestation",
    expires: Expires = None,
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Say how far a copy is: asked for, answered, deleted, refused.

    A person's word closes a copy as `deleted`, and is shown as a word everywhere; `copies prove` takes
    proofs, and `copies accept` what nobody can close. Where one of several cannot move, none does.

    Changes: the register of copies in the case.

    \b
    Examples:
      breachkit copies set K-031 K-033 requested
      breachkit copies set K-031 deleted --note "mail of 9 March" --by Ada
      breachkit copies set K-032 acknowledged --expires 2026-12-31
    """
    from breachkit.workflows.copies import set_copies

    found = cases.find(case)
    told = _proof(proof, note, by)
    changed = set_copies(found, copy, state, told, expires=proving.day(expires))
    worth = proving.worth(changed[0])
    _show_done(found, changed, ("is", "are"), f"{changed[0].state}{worth}", as_json=json_)
    return 0


@copies.command("accept")
@command
def copies_accept(
    copy: proving.Id,
    by: Annotated[str, typer.Option(help="The person who accepts it, by name; nobody by default.")],
    role: Annotated[str, typer.Option(help="As whom: SIRO, controller, ...")],
    reason: Annotated[str, typer.Option(help="Why nothing more can be done, or need be.")],
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Note that somebody accepts by name what nobody can close.

    Such as an archive that deletes nothing, or clones of people who cannot be known.

    Changes: the register of copies in the case.

    \b
    Examples:
      breachkit copies accept K-019 --by Lee --role SIRO --reason "never deletes"
      breachkit copies accept K-017 --by Lee --role controller --reason "unknown"
      breachkit copies accept K-018 --by Lee --role SIRO --reason "expires" --json
    """
    from breachkit.workflows.copies import accept_copy

    found = cases.find(case)
    changed = accept_copy(found, copy, by=by, role=role, reason=reason, clock=cases.clock())
    what = f"is accepted as it is by {by}, {role}"
    cases.show_done(found, changed.id, what, as_json=json_)
    return 0


copies.command("prove")(command(proving.copies_prove))


@copies.command("na")
@command
def copies_na(
    copy: Annotated[
        list[str],
        typer.Argument(
            metavar="COPY...",
            help="Such as K-043; of several the same is said. `copies list` shows them.",
            autocompletion=completing.copies,
        ),
    ],
    note: Annotated[str, typer.Option(help="Why the place does not apply.")],
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Note that places do not apply to this case, and why.

    Changes: the register of copies in the case.

    \b
    Examples:
      breachkit copies na K-043 --note "no DOI was ever made"
      breachkit copies na K-048 K-049 --note "no container has it"
      breachkit copies na K-044 --note "never deposited" --case BK-2026-0001
    """
    from breachkit.workflows.trace import rule_out_copies

    found = cases.find(case)
    changed = rule_out_copies(found, copy, _proof("decision", note, by))
    _show_done(found, changed, ("does", "do"), "not apply", as_json=json_)
    return 0


@copies.command("add")
@command
def copies_add(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help=_PLACES, autocompletion=completing.places)
    ],
    label: Annotated[
        str, typer.Argument(metavar="TEXT", help="What and where it is; never a value.")
    ],
    case: options.Case = None,
    holder: Annotated[str | None, typer.Option(help="Who holds it.")] = None,
    email: Annotated[str | None, typer.Option(help="The holder's address.")] = None,
    expires: Expires = None,
    note: Annotated[str, typer.Option(help="How we know of it.")] = "",
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Add a copy that somebody told you about: a mail, a slide, a folder.

    Changes: the register of copies in the case.

    \b
    Examples:
      breachkit copies add C33 "draft of the paper, with the co-authors"
      breachkit copies add C30 "clone on the group's server" --holder "Chen Li"
      breachkit copies add C32 "nightly backup" --holder IT --expires 2026-12-31
    """
    from breachkit.workflows.copies import Told, add_copy
    from breachkit.workflows.playbooks import playbook_of
    from breachkit.workflows.trace import load_places

    found = cases.find(case)
    places = load_places(playbook_of(found.incident.profile))
    told = Told(by=cases.who(by), note=note, expires=proving.day(expires))
    added = add_copy(found, place, label, holder=holder, email=email, told=told, places=places)
    cases.show_done(found, added.id, "is in the register", as_json=json_)
    return 0


@copies.command("rebuild")
@command
def copies_rebuild(
    vouch: Annotated[
        str | None,
        typer.Option(
            metavar="NOTE",
            help="Take the file as it is instead, because you vouch for it; say why.",
        ),
    ] = None,
    execute: options.Execute = False,
    case: options.Case = None,
    by: options.By = None,
    json_: options.Json = False,
) -> int:
    """Compare the register with the journal, and put it back from there.

    What the journal cannot tell any more is named, entry by entry; then nothing is put back.

    Changes: nothing without --execute; with it, the register of copies in the case.

    Exit codes: 7 where the journal does not tell all of it.

    \b
    Examples:
      breachkit copies rebuild
      breachkit copies rebuild --execute
      breachkit copies rebuild --vouch "dates corrected by hand" --by Jo
    """
    from breachkit.report import copies_render
    from breachkit.workflows import copies as workflow

    found = cases.find(case)
    if vouch is not None:
        register = workflow.vouch(found, by=cases.who(by), note=vouch)
        what = f"is taken as it is, with {len(register)} entries"
        cases.show_done(found, "copies.json", what, as_json=json_)
        return 0
    made = workflow.rebuild(found, write=execute)
    data = copies_render.rebuilt_to_json(made.told, made.differs, written=made.written)
    text = copies_render.rebuilt_text(made.told, made.differs, written=made.written)
    console.show(data, text, as_json=json_)
    if made.differs and not made.written:
        console.following(
            "breachkit copies rebuild --execute", "puts it back as the journal tells it"
        )
    else:
        console.following("breachkit copies list")
    return VerificationError.exit_code if made.told.gaps else 0


def _show_done(
    case: "CaseFolder",
    changed: "Sequence[Copy]",
    verbs: tuple[str, str],
    what: str,
    *,
    as_json: bool,
) -> None:
    """Say of one or of several copies what is now so; the verb is that of one, and that of several."""
    ids = ", ".join(each.id for each in changed)
    verb = verbs[0] if len(changed) == 1 else verbs[1]
    cases.show_done(case, ids, f"{verb} {what}", as_json=as_json)


def _proof(kind: str, note: str, by: str | None) -> "Proof":
    from breachkit.actions.copies import Proof

    return Proof(kind=kind, at=cases.clock().now(), by=cases.who(by), note=note)
