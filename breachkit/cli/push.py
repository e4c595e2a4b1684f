"""`push`: on GitHub through its protections, anywhere else by git alone."""

from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases, console, hosting, options


if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from breachkit.github.hosting import GitHubHosting
    from breachkit.incident.folder import CaseFolder
    from breachkit.model.sensitive import Sensitive
    from breachkit.report.masking import Masking
    from breachkit.workflows.platform_push import PlatformPlan, Pushed, Pushing


_OWN = {"GIT_CONFIG_COUNT": "0"}
"""git finds credentials by itself: in a credential helper, in ~/.netrc, or as a key of ssh."""


def push(
    case: options.Case = None,
    execute: options.Execute = False,
    confirm: options.Confirm = None,
    override: options.Override = None,
    keep_protections: Annotated[
        bool, typer.Option("--keep-protections", help="Lift no rule of GitHub; push what passes.")
    ] = False,
    back_by_hand: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Say that a person put back what a push had lifted; the reason is journalled.",
        ),
    ] = None,
    github_api: hosting.Api = hosting.DEFAULT_API,
    json_: options.Json = False,
) -> int:
    """Replace the server's history by the rewritten one.

    Without --execute this is a plan: what every ref becomes, and which rules of GitHub give way for
    as long as it takes. They are put back and compared whatever happens. A ref that somebody changed
    since the plan is left as it is. Without a token, or on another server, git alone pushes.

    Changes: nothing without --execute; with it the history on the server, and that cannot be undone.

    Exit codes: 4 where the server refused refs; 5 where rules could not be compared; 6 without --confirm,
    or where somebody changed a ref since the plan; 7 where rules are not as before.

    \b
    Examples:
      breachkit push
      breachkit push --execute --confirm owner/name
      breachkit push --keep-protections --json
    """
    from breachkit.workflows.case_files import confirmation_name
    from breachkit.workflows.platform_push import said_to_be_back

    found = cases.find(case)
    if back_by_hand is not None:
        said_to_be_back(found, back_by_hand)
        cases.show_done(found, found.incident.id, "has all its rules back, by hand", as_json=json_)
        return 0
    if execute:
        name = confirmation_name(found.incident.target)
        cases.require_confirmation(
            confirm, name, "replaces the server's history and cannot be undone"
        )
    at = _on_platform(found, github_api)
    if at is None:
        return _by_git(found, override, execute=execute, as_json=json_)
    token = hosting.token()
    if token is None:
        return _without_token(found, at, override, github_api, execute=execute, as_json=json_)
    with hosting.connected(token, github_api) as platform:
        doing = _pushing(found, platform, at, token, github_api, keep=keep_protections)
        if execute:
            return _show_pushed(found, doing.execute(override=override), github_api, as_json=json_)
        return _show_plan(found, doing.plan(), github_api, keeps=keep_protections, as_json=json_)


def _on_platform(case: "CaseFolder", api: str) -> str | None:
    """Give `owner/name` where the platform hosts the repository."""
    from breachkit.workflows.platform import NotOnPlatformError

    try:
        return hosting.name_of(case, api)
    except NotOnPlatformError:
        return None


def _pushing(
    case: "CaseFolder",
    platform: "GitHubHosting",
    name: str,
    token: "Sensitive[str]",
    api: str,
    *,
    keep: bool,
) -> "Pushing":
    from breachkit.git.access import token_settings
    from breachkit.github.anyone import web_of
    from breachkit.workflows.case_files import server_url
    from breachkit.workflows.platform_push import Pushing

    url = server_url(case.incident.target)
    own = url.startswith(f"{web_of(api)}/")
    settings: Sequence[Mapping[str, str]] = (_OWN,)
    if own:
        settings = (token_settings(url, token), _OWN)
    return Pushing(
        case=case,
        hosting=platform,
        name=name,
        clock=cases.clock(),
        settings=settings,
        keep=keep,
        sleep=hosting.sleep,
    )


def _by_git(case: "CaseFolder", override: str | None, *, execute: bool, as_json: bool) -> int:
    """Push as to any server: all or none, and nothing is lifted."""
    from breachkit.report import push_report
    from breachkit.workflows import push as workflow

    if not execute:
        return _show_git_plan(case, "", as_json=as_json)
    result = workflow.execute(case, override=override)
    masking = _masking(case)
    cases.show(
        case,
        push_report.result_to_json(result, masking),
        push_report.result_text(result, masking),
        as_json=as_json,
    )
    return 0


def _show_git_plan(case: "CaseFolder", more: str, *, as_json: bool) -> int:
    from breachkit.report import push_report
    from breachkit.workflows import push as workflow

    plan = workflow.plan(case)
    masking = _masking(case)
    text = push_report.plan_text(plan.changes, plan.leases, masking, plan.already)
    data = push_report.plan_to_json(plan.changes, plan.leases, masking)
    asked = {"ask": more} if more else {}
    cases.show(case, {**data, **asked}, _joined(text, more), as_json=as_json, planned=True)
    return 0 if plan.leases.holds else 6


def _without_token(
    case: "CaseFolder",
    name: str,
    override: str | None,
    api: str,
    *,
    execute: bool,
    as_json: bool,
) -> int:
    """Push what passes, and say what a token would do."""
    from breachkit.actions.asking_push import ask_for_push_token
    from breachkit.github.anyone import web_of
    from breachkit.model.errors import AccessError
    from breachkit.report import push_report
    from breachkit.report.escape import terminal
    from breachkit.workflows.platform_push import push_without_token

    ask = ask_for_push_token(name, web_of(api))
    if not execute:
        return _show_git_plan(case, ask, as_json=as_json)
    try:
        result = push_without_token(case, override=override)
    except AccessError as problem:  # git has no credentials of its own either
        said = {"schema": "breachkit.ask/1", "case": case.incident.id, "ask": ask}
        console.show(said, f"Nothing was pushed: {terminal(str(problem))}\n{ask}", as_json=as_json)
        return problem.exit_code
    masking = _masking(case)
    ask = "" if result.complete else ask
    data = {**push_report.result_to_json(result, masking), "ask": ask or None}
    text = _joined(push_report.result_text(result, masking), ask)
    cases.show(case, data, text, as_json=as_json)
    return 0 if result.complete else 4


def _show_plan(
    case: "CaseFolder", plan: "PlatformPlan", api: str, *, keeps: bool, as_json: bool
) -> int:
    from breachkit.report import protections, push_report

    masking, made = _masking(case), plan.push
    lines = list(protections.plan_lines(plan.survey, plan.lifted, masking, keeps=keeps))
    if plan.earlier is not None:
        lines += protections.earlier_lines(plan.earlier, plan.snapshot, masking)
    ask = _asked(plan, api, masking)
    data = {
        **push_report.plan_to_json(made.changes, made.leases, masking),
        "protections": protections.survey_to_json(plan.survey, masking),
        "not_read": list(plan.survey.unread),
        "still_lifted": plan.lifted is not None,
        "ask": ask or None,
    }
    text = push_report.plan_text(made.changes, made.leases, masking, made.already)
    cases.show(case, data, _joined(text, *lines, ask), as_json=as_json, planned=True)
    if plan.lifted is not None:
        return 5
    return 0 if made.leases.holds else 6


def _show_pushed(case: "CaseFolder", pushed: "Pushed", api: str, *, as_json: bool) -> int:
    from breachkit.report import protections, push_report

    masking = _masking(case)
    lines = _back_lines(pushed)
    ask = "" if pushed.result.complete else _asked(pushed, api, masking) or _look(pushed, api)
    data = {
        **push_report.result_to_json(pushed.result, masking),
        "protections": protections.survey_to_json(pushed.survey, masking),
        "not_read": list(pushed.survey.unread),
        "not_lifted": len(pushed.not_lifted),
        "put_back": sum(len(each.outcomes) for each in (pushed.before, pushed.back) if each),
        "not_as_before": protections.differences_to_json(pushed.differences),
        "ask": ask or None,
    }
    text = push_report.result_text(pushed.result, masking)
    cases.show(case, data, _joined(text, *lines, ask), as_json=as_json)
    return pushed.exit_code


def _back_lines(pushed: "Pushed") -> "list[str]":
    from breachkit.report import protections
    from breachkit.report.escape import terminal

    lines: list[str] = []
    for each in (pushed.before, pushed.back):
        if each is not None:
            first = each is pushed.before
            lines += protections.back_lines(len(each.outcomes), each.differences, first=first)
    lines += [f"Not lifted: {terminal(each.reason)}" for each in pushed.not_lifted]
    lines += [f"Not known: {terminal(each)}" for each in pushed.survey.unread]
    return lines


def _asked(what: "PlatformPlan | Pushed", api: str, masking: "Masking") -> str:
    from breachkit.actions.asking_push import ask_to_lift
    from breachkit.github.anyone import web_of
    from breachkit.report.protections import named

    return ask_to_lift(
        what.repository.full_name,
        web_of(api),
        what.login,
        what.survey.firm,
        lambda one: named(masking, one),
    )


def _look(pushed: "Pushed", api: str) -> str:
    from breachkit.actions.asking_push import ask_to_look
    from breachkit.github.anyone import web_of

    return ask_to_look(pushed.repository.full_name, web_of(api))


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _masking(case: "CaseFolder") -> "Masking":
    from breachkit.report.masking import Masking
    from breachkit.workflows.case_files import telling_names

    return Masking.of_names(telling_names(case))
