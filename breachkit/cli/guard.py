"""`guard`: stop it coming back."""

import enum
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit import __version__
from breachkit.cli import cases, checked, console, options
from breachkit.cli.command import command, group
from breachkit.report.escape import shell


if TYPE_CHECKING:
    from breachkit.actions.guarding import GuardCheck, GuardList
    from breachkit.workflows.guard import CheckOptions


HELP = """
Stop it coming back: hooks and a CI workflow that refuse what was taken out.

Changes: hooks in the repository that you name.

\b
Examples:
  breachkit guard install .
  breachkit guard status .
  breachkit guard workflow --output .github/workflows/guard.yml
"""

guard = group(HELP)

IDS_VARIABLE = "BREACHKIT_GUARD_IDS"


class Hook(enum.StrEnum):
    """The hooks that a guard can be put into."""

    PRE_COMMIT = "pre-commit"
    PRE_PUSH = "pre-push"
    PRE_RECEIVE = "pre-receive"


Place = Annotated[
    Path, typer.Argument(metavar="PATH", help="A work tree, or a bare repository on a server.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(guard, name="guard")


@guard.command("install")
@command
def guard_install(
    path: Place,
    hook: Annotated[
        list[Hook] | None,
        typer.Option(
            help="Which hooks; may be repeated. Default: pre-commit and pre-push, on a server pre-receive."
        ),
    ] = None,
    ids: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The list of another guard, where there is no case here."
        ),
    ] = None,
    contact: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whom to ask whose push is refused.")
    ] = None,
    outputs: Annotated[
        bool,
        typer.Option("--outputs", help="Refuse outputs that nobody has checked; needs no case."),
    ] = False,
    case: options.Case = None,
    json_: options.Json = False,
) -> int:
    """Put hooks into a repository, beside those that are there.

    They refuse what was taken out, by a list of old ids, or with --outputs outputs that nobody has
    checked: files in folders of outputs pass that were released, or that `guard allow` checked. The
    hooks need git and sh alone. The list lies in the git directory, readable by its owner, and is in
    no commit; a refusal names no id, and of what was taken out no file.

    Changes: hooks in PATH; the journal of the case.

    \b
    Examples:
      breachkit guard install .
      breachkit guard install . --outputs
      breachkit guard install . --hook pre-push --case BK-2026-0001
      breachkit guard install /srv/git/study.git --contact "oncall@example.org"
    """
    from breachkit.actions.guarding import HOOKS
    from breachkit.report import guarding as report
    from breachkit.workflows import case_files
    from breachkit.workflows import guard as workflow

    found, listed = None, None
    if ids is not None:
        listed = workflow.read_guard_list(ids)
    elif case is not None or not outputs:
        found = cases.find(case)
        listed = workflow.guard_list(found)
    wanted = [name for name in HOOKS if name in set(hook or ())]
    made = workflow.install(path, listed, wanted, contact, outputs=outputs)
    if found and listed:
        workflow.record_guard(found, made, listed)
        if not case_files.has_mirror(found):
            console.note(
                "warning: copies in other formats are not told here: the mirror, which they are told by, is destroyed"
            )
    number = len(listed.ids) if listed else 0
    data = report.installed_to_json(made, number, outputs=outputs)
    console.show(data, report.installed_text(made, number, outputs=outputs), as_json=json_)
    console.following(
        f"breachkit guard status {shell(str(path))}", "at any time: does it still work?"
    )
    return 0


@guard.command("allow")
@command
def guard_allow(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="Files, checked and redacted.")
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help="Instead of a folder: the files of this release, of `breachkit release --list`.",
        ),
    ] = None,
    in_: Annotated[
        Path | None,
        typer.Option(
            "--in", metavar="PATH", help="The copy on guard; default: the one around the folder."
        ),
    ] = None,
    checked_by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who answers for what only a person can say.")
    ] = None,
    acceptances: checked.Acceptances = None,
    notes: checked.Notes = None,
    answer: checked.Answers = None,
    policy: options.PolicyName = "auto",
    json_: options.Json = False,
) -> int:
    """Let checked outputs through, as they are now.

    In a copy that refuses unchecked outputs. The folder is checked first, as by `breachkit check`,
    and nothing is let in that does not pass.

    Changes: the list of what the hooks of that copy let through.

    \b
    Examples:
      breachkit guard allow output --checked-by "Bo Lind"
      breachkit guard allow ../release --in . --notes release-notes.toml
      breachkit guard allow --release R-20261122-1f3a9c --in .
    """
    from breachkit.model.errors import UsageError
    from breachkit.report import guarding as report
    from breachkit.workflows import guard_outputs
    from breachkit.workflows.release_records import Records

    if (folder is None) == (release is None):
        raise UsageError("say what is let in: FOLDER, or --release NUMBER")
    if folder is not None:
        word = checked.Word(by=checked_by, answers=tuple(answer or ()), notes=notes)
        check = checked.checker(policy, word, acceptances)
        files, known = guard_outputs.allow_folder(folder, in_, check, checked_by)
    else:
        manifest = Records.at(cases.home()).find(release or "")
        files, known = guard_outputs.allow_release(manifest, in_ or Path())
    console.show(
        report.allowed_to_json(files, known), report.allowed_text(files, known), as_json=json_
    )
    console.following("git commit", "and git push: the hooks let these files through")
    return 0


@guard.command("remove")
@command
def guard_remove(path: Place, json_: options.Json = False) -> int:
    """Take the hooks and the list out again; earlier hooks come back.

    Changes: hooks in PATH.

    \b
    Examples:
      breachkit guard remove .
      breachkit guard remove /srv/git/study.git
      breachkit guard remove ~/study --json
    """
    from breachkit.git import hooks
    from breachkit.report import guarding as report

    gone = hooks.remove(hooks.find_guarded(path))
    console.show(report.removed_to_json(gone), report.removed_text(gone), as_json=json_)
    console.following("breachkit watch", "on the server itself: does it come back?")
    return 0


@guard.command("status")
@command
def guard_status(path: Place, json_: options.Json = False) -> int:
    """Is a repository on guard, and does the guard work?

    Changes: nothing.

    Exit codes: 3 where no guard works there.

    \b
    Examples:
      breachkit guard status ~/study
      breachkit guard status /srv/git/study.git --json
      breachkit guard status . || breachkit guard install .
    """
    from breachkit.git import hooks
    from breachkit.model.errors import ConfigurationError
    from breachkit.report import guarding as report

    found = hooks.status(hooks.find_guarded(path))
    console.show(report.status_to_json(found), report.status_text(found), as_json=json_)
    if found.works:
        console.following(
            "breachkit guard check --staged", "look at the next commit before it is one"
        )
        return 0
    console.following(f"breachkit guard install {shell(str(path))}")
    return ConfigurationError.exit_code


@guard.command("check")
@command
def guard_check(
    path: Annotated[
        Path | None, typer.Argument(metavar="[PATH]", help="Plain files: one, or a folder.")
    ] = None,
    staged: Annotated[
        bool, typer.Option("--staged", help="Look at what the next commit here changes.")
    ] = False,
    range_: Annotated[
        list[str] | None,
        typer.Option(
            "--range", metavar="OLD..NEW", help="Look at what these commits bring; may be repeated."
        ),
    ] = None,
    severity: Annotated[
        options.Level,
        typer.Option("--min-severity", help="From which severity on a finding counts."),
    ] = options.Level.HIGH,
    policy: options.PolicyName = "auto",
    counts: Annotated[
        bool, typer.Option("--counts", help="Say numbers alone: for a log that anybody can read.")
    ] = False,
    json_: options.Json = False,
) -> int:
    """Look at what is about to come in, by every rule.

    It is also compared with what was taken out, which finds copies that no id tells: other line ends,
    another order of columns, exported anew. The list is that in $BREACHKIT_GUARD_IDS (a file), or the
    one installed here.

    Changes: nothing.

    Exit codes: 7 where something comes back that was taken out; else 11 to 14 for the worst finding;
    else 5 where something could not be read.

    \b
    Examples:
      breachkit guard check --staged
      breachkit guard check --range origin/main..HEAD --counts
      breachkit guard check released_outputs --min-severity medium
    """
    from breachkit.model.errors import UsageError
    from breachkit.workflows import guard as workflow

    if bool(path) + staged + bool(range_) != 1:
        raise UsageError("say what to look at: --staged, --range OLD..NEW, or a path")
    chosen = _chosen(policy, severity)
    if path is not None:
        found = workflow.check_files(path, chosen)
    elif staged:
        found = workflow.check_staged(_here(), chosen, _index())
    else:
        found = workflow.check_ranges(_here(), range_ or (), chosen)
    return _show_check(found, counts=counts, as_json=json_)


@guard.command("workflow")
@command
def guard_workflow(
    from_: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="VERSION|URL@COMMIT",
            help="Install breachkit from there: a version on pip's index, or a commit of an https git URL.",
        ),
    ] = __version__,
    output: options.Output = None,
    json_: options.Json = False,
) -> int:
    """Write a workflow for GitHub Actions that looks at every push.

    It installs this version of breachkit, or what --from names, may read the repository and no more,
    and logs numbers alone. How to give it the ids as a secret stands in its first lines.

    Changes: nothing but the file of --output.

    \b
    Examples:
      breachkit guard workflow
      breachkit guard workflow --output .github/workflows/guard.yml
      breachkit guard workflow --from 1.2.0 --json
    """
    from breachkit.actions.guard_source import requirement_of
    from breachkit.report.guarding import workflow_file

    requirement = requirement_of(from_)
    text = workflow_file(requirement).decode("ascii")
    if json_:
        data = {"schema": "breachkit.guard-workflow/1", "installs": requirement, "text": text}
        text = json.dumps(data, indent=2)
    console.put(text, output)
    console.following(
        "breachkit guard install .", "the list that its secret is made of, and hooks for this copy"
    )
    return 0


def _show_check(found: "GuardCheck", *, counts: bool, as_json: bool) -> int:
    from breachkit.report import guarding as report

    data = report.check_to_json(found, counts_only=counts)
    console.show(data, report.check_text(found, counts_only=counts), as_json=as_json)
    if found.exit_code:
        console.following("breachkit scan .", "all of it, with every detail")
    else:
        console.following("breachkit guard status .", "are the hooks in place?")
    return found.exit_code


def _chosen(policy: str, severity: options.Level) -> "CheckOptions":
    from breachkit.workflows.guard import CheckOptions
    from breachkit.workflows.playbooks import choose_policies

    return CheckOptions(
        policies=choose_policies(policy),
        today=cases.clock().now().date(),
        severity=severity.severity,
        listed=_listed(),
    )


def _listed() -> "GuardList | None":
    from breachkit.workflows.guard import read_guard_list

    named = os.environ.get(IDS_VARIABLE, "")
    return read_guard_list(Path(named)) if named else None


def _here() -> Path:
    """Give the repository around this folder, or the one whose hook this is run by."""
    named = os.environ.get("GIT_DIR")
    if named and not Path(named, "commondir").exists():  # a linked work tree is where we stand
        return Path(named).absolute()
    here = Path.cwd()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def _index() -> Path | None:
    """Give the index that git tells a hook of: `git commit FILE` makes one of its own."""
    named = os.environ.get("GIT_INDEX_FILE")
    return Path(named).absolute() if named else None
