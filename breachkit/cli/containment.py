"""Closing a repository and giving it back: `snapshot`, `restrict`, `restore`, `watch`."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, hosting, options
from breachkit.cli.command import command


if TYPE_CHECKING:
    from breachkit.actions.containment import Plan, Wanted
    from breachkit.github.hosting import GitHubHosting
    from breachkit.incident.folder import CaseFolder
    from breachkit.workflows.restore import Restored, RestorePlan
    from breachkit.workflows.restrict import Restricted


class Keep(enum.StrEnum):
    """What `restrict` can leave as it is."""

    PAGES = "pages"
    INVITATIONS = "invitations"
    COLLABORATORS = "collaborators"
    ACTIONS = "actions"
    KEYS = "keys"
    HOOKS = "hooks"
    FORKING = "forking"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for function in (snapshot, restrict, restore, watch):
        app.command()(command(function))


def snapshot(
    case: options.Case = None,
    fast: Annotated[
        bool, typer.Option("--fast", help="Only what closing destroys; takes seconds.")
    ] = False,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Write down what closing the repository destroys, while it is there.

    That is forks, stars, watchers, who has access, protections, settings, Pages, releases and every ref.

    Changes: files in the private part of the case, hashed and dated; nothing on the server.

    Exit codes: 4 where there is no token, or its account may not see something; it is said whom to ask
    for what. 5 where another run may read more.

    \b
    Examples:
      breachkit snapshot
      breachkit snapshot --fast         only what closing destroys: seconds
      breachkit snapshot --github-api https://github.example.org/api/v3
    """
    from breachkit.report import containment as report
    from breachkit.workflows.snapshot import snapshot as take

    found = cases.find(case)

    def work(platform: "GitHubHosting", name: str) -> int:
        refs = hosting.list_refs(github_api)
        made = take(found, platform, name, cases.clock(), fast=fast, list_refs=refs)
        place = str(found.path / made.manifest).rpartition("/")[0]
        shown = (made.number, made.readings, made.refs, place)
        data, text = report.snapshot_to_json(*shown), report.snapshot_text(*shown)
        cases.show(found, data, text, as_json=json_)
        return made.exit_code

    return hosting.run(found, github_api, work, as_json=json_)


def restrict(
    case: options.Case = None,
    execute: options.Execute = False,
    confirm: options.Confirm = None,
    authorised: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LOGIN", help="An account that may handle the data, and stays; may be repeated."
        ),
    ] = None,
    keep: Annotated[
        list[Keep] | None, typer.Option(help="Leave this as it is; may be repeated.")
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SLUG", help="A team to shut out, by its short name; may be repeated."
        ),
    ] = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Close the repository: private, Pages down, outsiders, keys and hooks out.

    Without --execute this is a plan. With it a fast snapshot comes first, every change is read back,
    and each has its way back on disk before it is sent: `breachkit restore` takes it. What does not
    come back, such as stars and watchers, is listed before you confirm.

    Changes: nothing without --execute; with it, access to the repository on GitHub.

    Exit codes: 4 where there is no token, or GitHub refused a change; 5 where something is left to do;
    6 without --confirm; 7 where anybody can still read the repository.

    \b
    Examples:
      breachkit restrict
      breachkit restrict --authorised ada --keep keys
      breachkit restrict --execute --confirm owner/name --authorised ada
    """
    from breachkit.workflows.restrict import Restricting

    found = cases.find(case)
    wanted = _wanted(authorised, keep, team)

    def work(platform: "GitHubHosting", name: str) -> int:
        doing = Restricting(
            case=found,
            hosting=platform,
            clock=cases.clock(),
            sleep=hosting.sleep,
            list_refs=hosting.list_refs(github_api),
        )
        if not execute:
            return _show_plan(found, doing.plan(name, wanted), as_json=json_)
        cases.require_confirmation(confirm, platform.repository(name).full_name, _CLOSES)
        return _show_restricted(found, doing.execute(name, wanted), github_api, as_json=json_)

    _confirmed(found, github_api, _CLOSES, confirm if execute else "")
    return hosting.run(found, github_api, work, as_json=json_)


def restore(
    case: options.Case = None,
    execute: options.Execute = False,
    confirm: options.Confirm = None,
    override: options.Override = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Give access back as it was before `restrict`, and compare with then.

    Without --execute this is a plan. It is refused while `verify` does not say that the data are gone
    from the server, and while high-risk copies are open; after `breachkit close --false-alarm` it is
    not.

    Changes: nothing without --execute; with it, access to the repository on GitHub.

    Exit codes: 4 where GitHub refused a change; 5 where something is left to do; 6 where it is too early,
    or without --confirm; 7 where something differs that need not.

    \b
    Examples:
      breachkit restore
      breachkit restore --execute --confirm owner/name
      breachkit restore --json
    """
    from breachkit.workflows.restore import Restoring

    found = cases.find(case)

    def work(platform: "GitHubHosting", _name: str) -> int:
        doing = Restoring(
            case=found,
            hosting=platform,
            clock=cases.clock(),
            sleep=hosting.sleep,
            list_refs=hosting.list_refs(github_api),
        )
        plan = doing.plan()
        if not execute:
            return _show_way_back(found, plan, as_json=json_)
        cases.require_confirmation(confirm, plan.repository.full_name, _OPENS)
        return _show_restored(found, doing.execute(override=override), as_json=json_)

    _confirmed(found, github_api, _OPENS, confirm if execute else "")
    return hosting.run(found, github_api, work, as_json=json_)


def watch(
    case: options.Case = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Is it still closed, and does the data come back? For cron.

    Automation gives access back within the hour, and one push from an old clone brings everything
    back. Any git server is asked for refs that lead to what was taken out; GitHub also for access
    and new forks.

    Changes: files of the case; nothing on the server.

    Exit codes: 7 where it is open again, or came back; 5 where that could not be seen.

    \b
    Examples:
      breachkit watch
      breachkit watch --json
      breachkit watch --case BK-2026-0001 || mail -s Alarm jo@example.org
    """
    from breachkit.cli import watching

    return watching.run(cases.find(case), github_api, as_json=json_)


_CLOSES = "closes the repository, and some of what that destroys does not come back"
_OPENS = "gives access to the repository back"


def _confirmed(case: "CaseFolder", api: str, what: str, confirm: str | None) -> None:
    """Refuse at once where nothing was typed; the name itself is compared with the platform's."""
    if confirm is None:
        cases.require_confirmation(None, hosting.name_of(case, api), what)


def _wanted(
    authorised: list[str] | None, keep: list[Keep] | None, team: list[str] | None
) -> "Wanted":
    from breachkit.actions.containment import Area, Wanted

    return Wanted(
        authorised=frozenset(login.strip().lower().removeprefix("@") for login in authorised or ()),
        keep=frozenset(Area(each.value) for each in keep or ()),
        teams=frozenset(slug.strip().lower() for slug in team or ()),
    )


def _show_plan(case: "CaseFolder", plan: "Plan", *, as_json: bool) -> int:
    from breachkit.report import containment as report

    data, text = report.plan_to_json(plan), report.plan_text(plan)
    cases.show(case, data, text, as_json=as_json, planned=True)
    return 5 if plan.unread else 0


def _show_restricted(case: "CaseFolder", result: "Restricted", api: str, *, as_json: bool) -> int:
    from breachkit.actions.asking import ask_owner
    from breachkit.github.anyone import web_of
    from breachkit.report import containment as report

    steps = zip(result.plan.steps, result.outcomes, strict=True)
    outcomes = [(step.says, each.result, each.reason) for step, each in steps]
    text = report.restricted_text(
        result.plan, outcomes, result.seen, result.visibility, result.is_hidden
    )
    if result.visibility_refused:
        text += "\n" + ask_owner(result.plan.repository, web_of(api))
    data = {
        "schema": "breachkit.restrict-result/1",
        "repository": result.plan.repository.full_name,
        "visibility": result.visibility,
        "hidden": result.is_hidden,
        "seen_by_anyone": dict(result.seen),
        "snapshot": result.snapshot,
        "changes": report.outcomes_to_json(outcomes),
        "readers": list(result.plan.readers),
        "not_read": list(result.plan.unread),
    }
    cases.show(case, data, text, as_json=as_json)
    return result.exit_code


def _show_way_back(case: "CaseFolder", plan: "RestorePlan", *, as_json: bool) -> int:
    from breachkit.report import containment as report

    shown = (plan.repository.full_name, plan.way, plan.waits_for, plan.failed)
    data, text = report.way_back_to_json(*shown), report.way_back_text(*shown)
    cases.show(case, data, text, as_json=as_json, planned=True)
    return 0


def _show_restored(case: "CaseFolder", result: "Restored", *, as_json: bool) -> int:
    from breachkit.report import containment as report

    changes = zip(result.plan.way.returns, result.outcomes, strict=True)
    outcomes = [(one.says, each.result, each.reason) for one, each in changes]
    shown = (
        result.plan.repository.full_name,
        outcomes,
        result.differences,
        result.plan.way.lost,
    )
    data, text = report.restored_to_json(*shown), report.restored_text(*shown)
    cases.show(case, data, text, as_json=as_json)
    return result.exit_code
