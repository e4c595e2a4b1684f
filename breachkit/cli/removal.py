"""`scope`, `rewrite` and `verify`; between the last two comes `push`, of its own module."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, completing, console, hosting, options
from breachkit.cli.command import command
from breachkit.cli.push import push


if TYPE_CHECKING:
    from breachkit.incident.folder import CaseFolder
    from breachkit.report.masking import Masking
    from breachkit.workflows.replacing import WantedEdits


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(command(scope))
    app.command()(command(rewrite))
    app.command()(command(push))
    app.command()(command(verify))


def scope(
    case: options.Case = None,
    severity: Annotated[
        options.Level, typer.Option(help="Choose files with a finding of this severity or worse.")
    ] = options.Level.HIGH,
    path: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Choose every version of this file, folder/ or pattern; may be repeated.",
        ),
    ] = None,
    finding: Annotated[
        list[str] | None,
        typer.Option(
            metavar="F-0003",
            help="Choose the file of this finding, whatever its severity; may be repeated.",
            autocompletion=completing.findings,
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            metavar="F-0003",
            help="Leave out a finding that was judged harmless, with --reason; may be repeated.",
            autocompletion=completing.findings,
        ),
    ] = None,
    no_files: Annotated[
        bool,
        typer.Option(
            "--no-files", help="No file has to go: only words of commit messages, or names."
        ),
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why findings are left out; journalled.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Begin another round, after the data came back.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Find everything that holds the data, and choose what has to go.

    The server is mirrored into the private part of the case, all of its history is scanned, and every
    file with a finding that is bad enough is chosen, in all its versions and under all its names.

    Changes: files of the case; nothing on the server.

    \b
    Examples:
      breachkit scope
      breachkit scope --path outputs/table2.csv --severity critical
      breachkit scope --exclude F-0007 --reason "rounded by hand, see the mail"
      breachkit scope --no-files && breachkit rewrite --words words.txt
    """
    from breachkit.actions.choice import Wanted
    from breachkit.cli.scan import workers_or_default
    from breachkit.report import removal
    from breachkit.workflows.playbooks import policies_of_case
    from breachkit.workflows.scan import ScanOptions
    from breachkit.workflows.scope import scope as find_scope

    found = cases.find(case)
    wanted = Wanted(
        severity=severity.severity,
        paths=tuple(map(os.fsencode, path or ())),
        findings=tuple(finding or ()),
        exclude=tuple(exclude or ()),
        reason=reason,
        no_files=no_files,
    )
    policies = policies_of_case(found.incident.policy)
    settings = ScanOptions(policies=policies, workers=workers_or_default(0))
    with hosting.git_shows_token(), console.progress() as progress:
        result = find_scope(found, wanted, settings, progress=progress, again=again)
    view = removal.ScopeView(
        bad=result.bad,
        chosen=result.chosen,
        left=result.left,
        not_files=result.not_files,
        unmatched=result.unmatched,
        result=result.result,
    )
    masking = _masking(found)
    cases.show(
        found,
        removal.scope_to_json(view, masking),
        removal.scope_text(view, masking),
        as_json=json_,
    )
    return 0


def rewrite(
    case: options.Case = None,
    execute: options.Execute = False,
    confirm: options.Confirm = None,
    override: options.Override = None,
    backup_recipient: Annotated[
        list[str] | None,
        typer.Option(
            metavar="age1...",
            help="Who else can open the backup, by their age key; may be repeated.",
        ),
    ] = None,
    replace: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=FILE",
            help="Put a redacted file in the place of a finding (F-0003) or a path; may be repeated.",
        ),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Take words out of messages, tags and people's names: a line each, `words` or "
            "`words==>others`.",
        ),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Rename files: a line each, `old==>new`."),
    ] = None,
    whole_history: Annotated[
        bool,
        typer.Option(
            "--whole-history",
            help="Make every commit anew, which takes signatures off all of them.",
        ),
    ] = False,
    json_: options.Json = False,
) -> int:
    """Take the data out of the history, in a private mirror.

    Without --execute this is a plan: what goes, what is put in its place, what every ref becomes. What
    the options say is kept with the plan, so that --execute takes none of them. It makes an encrypted
    backup first, and proves afterwards that the data are gone and that nothing else changed.

    Changes: files of the case; nothing on the server, which `breachkit push` changes.

    Exit codes: 6 without --confirm, or while no alert was sent; 7 where the proof does not hold.

    \b
    Examples:
      breachkit rewrite
      breachkit rewrite --replace outputs/table2.csv=table2-redacted.csv
      breachkit rewrite --execute --confirm owner/name --backup-recipient age1...
    """
    from breachkit.model.errors import UsageError
    from breachkit.report import removal
    from breachkit.workflows import rewrite as workflow
    from breachkit.workflows.case_files import confirmation_name
    from breachkit.workflows.replacing import NOTHING_ELSE

    found = cases.find(case)
    name = confirmation_name(found.incident.target)
    wanted = _wanted_edits(replace, words, names, whole_history=whole_history)
    if not execute:
        plan = workflow.plan(found, wanted, override=override)
        masking = _masking(found)
        cases.show(
            found,
            removal.plan_to_json(plan, masking),
            removal.plan_text(plan, masking),
            as_json=json_,
            planned=True,
        )
        return 0
    if wanted != NOTHING_ELSE:
        raise UsageError(
            "--execute carries out the plan that was shown: run `breachkit rewrite` with these "
            "options first, look at it, then execute without them"
        )
    cases.require_confirmation(
        confirm,
        name,
        "rewrites the private mirror, from which the server's history is to be replaced",
    )
    result = workflow.execute(
        found,
        cases.clock(),
        cases.home() / "keys",
        recipients=tuple(backup_recipient or ()),
        override=override,
    )
    backup = removal.BackupView(
        file=result.backup.path, key=result.key, destroy_by=result.backup.destroy_by
    )
    cases.show(
        found,
        removal.rewritten_to_json(result.proof, backup),
        removal.rewritten_text(result.plan, result.proof, backup),
        as_json=json_,
    )
    return 0


def _wanted_edits(
    replace: Sequence[str] | None, words: Path | None, names: Path | None, *, whole_history: bool
) -> "WantedEdits":
    from breachkit.model.errors import UsageError
    from breachkit.workflows.replacing import WantedEdits

    pairs = [each.rpartition("=") for each in replace or ()]
    if any(not (what and file) for what, _, file in pairs):
        raise UsageError("--replace takes WHAT=FILE: a finding or a path, =, and the redacted file")
    return WantedEdits(
        files=tuple((what, Path(file)) for what, _, file in pairs),
        words=words,
        names=names,
        whole_history=whole_history,
    )


def verify(
    case: options.Case = None,
    server: Annotated[
        bool,
        typer.Option(
            "--server", help="Ask the platform, by every way and in every fork; needs a token."
        ),
    ] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--every",
            help="With --server: ask for everything by every way, everywhere; takes long.",
        ),
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="With --server: begin anew, instead of going on from the last run."
        ),
    ] = False,
    most: Annotated[
        int,
        typer.Option(
            min=1, help="With --server: the most requests of one run; the next one goes on."
        ),
    ] = 4000,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Is it gone? From the rewritten mirror, a fresh clone, and the server.

    With --server the platform itself is asked, with the token and as a stranger: REST, web pages, raw
    files, archives, git, and in every fork that ever was. Each time a harmless object has to come:
    an answer "not found" counts only where the same question finds something that is there.

    Changes: files of the case; nothing on the server.

    Exit codes: 0 only if it is gone from everywhere and everything else is as it was made; 7 if it is
    still somewhere; 5 if a place could not be judged.

    \b
    Examples:
      breachkit verify
      breachkit verify --server
      breachkit verify --case BK-2026-0001 || breachkit notify render support
    """
    from breachkit.report import verify_report
    from breachkit.workflows.trace import settle_refs
    from breachkit.workflows.verify import verify as look

    found = cases.find(case)
    if server:
        from breachkit.actions.served_plan import EVERYTHING, Extent
        from breachkit.cli.verify_server import ask_platform
        from breachkit.workflows.verify_server import Options

        extent = EVERYTHING if every else Extent()
        wanted = Options(extent=extent, again=again, most=most)
        return ask_platform(found, github_api, wanted, as_json=json_)
    with hosting.git_shows_token():
        result = look(found)
    for place in result.places:
        if place.place == "clone" and place.verdict != "unknown":
            settle_refs(found, cases.clock(), gone=place.verdict == "gone")
    view = verify_report.VerifyView(
        places=result.places, outcome=result.outcome, history_holds=result.history_holds
    )
    masking = _masking(found)
    cases.show(
        found,
        verify_report.verify_to_json(view, masking),
        verify_report.verify_text(view, masking),
        as_json=json_,
    )
    return result.exit_code


def _masking(case: "CaseFolder") -> "Masking":
    from breachkit.report.masking import Masking
    from breachkit.workflows.case_files import telling_names

    return Masking.of_names(telling_names(case))
