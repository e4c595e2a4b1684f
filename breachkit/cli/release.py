"""`release`: publish checked files to the release branch of a study repository."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from breachkit.cli import cases, checked, console, hosting, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.actions.release import Released, ReleasePlan, Stand, Visibility, Word
    from breachkit.workflows.release import Platform, Releasing
    from breachkit.workflows.release_records import Records


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(command(release))


def release(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="The files, checked and redacted.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="REPO", help="The study repository: owner/name, a URL, a bare path."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who releases: 'Ada Hartley <ada@example.org>'; public."),
    ] = None,
    checked_by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who checked the files; public.")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="TEXT", help="What the outputs are called; no path; public."
        ),
    ] = None,
    message: Annotated[
        str | None, typer.Option(metavar="TEXT", help="First line of the commit; public.")
    ] = None,
    acceptances: checked.Acceptances = None,
    notes: checked.Notes = None,
    answer: checked.Answers = None,
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="EARLIER", help="An earlier release to compare with; repeatable."),
    ] = None,
    policy: options.PolicyName = "auto",
    execute: options.Execute = False,
    confirm: options.Confirm = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Show the releases that were made from here.")
    ] = False,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Publish checked files as one commit, and nothing of their history.

    They go to the branch release-candidates of the study repository, below released_outputs/. It is
    refused unless the check passes, or each finding was accepted and each question answered by name.
    Without --execute this is a plan. That no history comes along is proven from the server.

    Changes: nothing without --execute; with it, one branch of the study repository.

    Exit codes: 6 where the check does not pass, or without --confirm.

    \b
    Examples:
      breachkit release outputs --to owner/study --by "Ada Hartley"
      breachkit release outputs --to owner/study --by "Ada Hartley" --execute \\
        --confirm owner/study
      breachkit release --list
    """
    from breachkit.model.errors import UsageError

    if list_:
        if folder or to or execute:
            raise UsageError("--list shows what was released, and takes no folder")
        return _show_list(_records(), as_json=json_)
    if folder is None or to is None or by is None:
        raise UsageError(
            "say what to release, where to and in whose name: FOLDER --to REPO --by NAME"
        )
    from breachkit.actions.release import Word
    from breachkit.workflows.case_files import confirmation_name
    from breachkit.workflows.release import Releasing, target_of

    target = target_of(to)
    word = Word.given(by, checked_by=checked_by, source=from_, subject=message)
    if execute:
        what = "publishes files, which nobody can take back from whoever fetched them"
        cases.require_confirmation(confirm, confirmation_name(target), what)
    word_of = checked.Word(by=checked_by, answers=tuple(answer or ()), notes=notes)
    check = checked.checker(policy, word_of, acceptances, against or ())
    releasing = Releasing(
        folder=folder,
        target=target,
        word=word,
        check=check,
        platform=_platform(github_api),
        clock=cases.clock(),
        records=_records(),
    )
    with hosting.git_shows_token():
        return _carry_out(releasing, execute=execute, as_json=json_)


def _carry_out(releasing: "Releasing", *, execute: bool, as_json: bool) -> int:
    from breachkit.actions.release import Released

    if not execute:
        return _show_plan(releasing.plan(), releasing, as_json=as_json)
    done = releasing.execute()
    if isinstance(done, Released):
        return _show_released(done, as_json=as_json)
    return _show_plan(done, releasing, as_json=as_json)


def _show_plan(plan: "ReleasePlan", releasing: "Releasing", *, as_json: bool) -> int:
    from breachkit.report import release as report
    from breachkit.report.escape import shell

    text = report.nothing_text(plan) if plan.is_there else report.plan_text(plan)
    console.show(report.plan_to_json(plan), text, as_json=as_json)
    if plan.is_there:
        console.following("breachkit release --list", "what was released from here")
        return 0
    words = ["breachkit", "release", str(releasing.folder), "--to", plan.url]
    words += _given(releasing.word)
    again = " ".join(map(shell, [*words, "--execute", "--confirm", plan.name]))
    console.following(again, "with --policy, --notes and the like as they were")
    return 0


def _given(word: "Word") -> list[str]:
    """Give the options by which somebody said what they say of a release."""
    from breachkit.actions.release import SUBJECT

    address = f" <{word.by.email}>" if word.by.email else ""
    options = ("--by", word.by.name + address), ("--checked-by", word.checked_by)
    more = ("--from", word.source), ("--message", word.subject if word.subject != SUBJECT else None)
    return [text for name, value in (*options, *more) if value for text in (name, value)]


def _show_released(done: "Released", *, as_json: bool) -> int:
    from breachkit.report import release as report

    console.show(report.released_to_json(done), report.released_text(done), as_json=as_json)
    console.following(
        "breachkit guard install . --outputs",
        "in each copy of the study: outputs that were not released are not committed there",
    )
    return 0


def _show_list(records: "Records", *, as_json: bool) -> int:
    from breachkit.report import release as report

    rows = [each.summary for each in records.every()]
    console.show(report.listed_to_json(rows), report.list_text(rows), as_json=as_json)
    console.following("breachkit release FOLDER --to REPO --by NAME", "plan another")
    return 0


def _records() -> "Records":
    from breachkit.workflows.release_records import Records

    return Records.at(cases.home())


def _platform(api: str) -> "Platform":
    from breachkit.workflows.release import Platform

    return Platform(
        visibility=lambda url: _visibility(url, api),
        pull_request=lambda url, stand: _pull_request(url, api, stand),
    )


def _visibility(url: str, api: str) -> "Visibility":
    """Ask the platform, or whether a stranger can read what was just read with one's own rights."""
    from breachkit.git.anonymous import read_by_anyone
    from breachkit.git.clone import local_path
    from breachkit.github.anyone import web_of
    from breachkit.model.errors import BreachkitError

    if local_path(url) is not None:
        return "local"
    name, token = _name(url, api), hosting.token()
    if name is not None and token is not None:
        try:
            with hosting.connected(token, api) as platform:
                said = platform.repository(name).visibility
        except BreachkitError:
            said = ""
        for known in ("public", "private", "internal"):
            if said == known:
                return known
    answers: dict[bool | None, Visibility] = {True: "public", False: "private", None: "unknown"}
    page = f"{web_of(api)}/{name}.git" if name else url  # a stranger has no key for ssh
    return answers[read_by_anyone(page)]


def _pull_request(url: str, api: str, stand: "Stand") -> str | None:
    """Give the page on which a pull request is made, where the platform has one."""
    from breachkit.github.anyone import web_of

    name = _name(url, api)
    if name is None:
        return None
    base = stand.base.removeprefix(b"refs/heads/") if stand.base else b""
    span = f"{quote(base)}...release-candidates" if base else "release-candidates"
    return f"{web_of(api)}/{name}/compare/{span}?expand=1"


def _name(url: str, api: str) -> str | None:
    from breachkit.workflows.platform import NotOnPlatformError, platform_name

    try:
        return platform_name(url, api)
    except NotOnPlatformError:
        return None
