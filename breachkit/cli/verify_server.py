"""The part of `verify` that asks the platform itself."""

from typing import TYPE_CHECKING

from breachkit.cli import cases, console, hosting


if TYPE_CHECKING:
    from breachkit.actions.served_plan import QuestionPlan
    from breachkit.github.hosting import GitHubHosting
    from breachkit.github.served import GitHubAsker
    from breachkit.incident.folder import CaseFolder
    from breachkit.model.ids import ObjectId
    from breachkit.workflows.verify_server import Options


def ask_platform(case: "CaseFolder", api: str, options: "Options", *, as_json: bool) -> int:
    """Ask the platform by every way, show what it still gives away, and give the exit code."""

    def work(platform: "GitHubHosting", name: str) -> int:
        return _ask(case, platform, name, options, as_json=as_json)

    return hosting.run(case, api, work, as_json=as_json)


def _ask(
    case: "CaseFolder",
    platform: "GitHubHosting",
    name: str,
    options: "Options",
    *,
    as_json: bool,
) -> int:
    from breachkit.report import served as report
    from breachkit.report.masking import Masking
    from breachkit.workflows import verify_server as workflow
    from breachkit.workflows.case_files import telling_names

    def announce(plan: "QuestionPlan", kept: int) -> None:
        console.note(report.announcement(plan, kept))

    with console.progress("Asking the platform") as progress:
        found = workflow.verify_server(
            case,
            platform,
            name,
            lambda wanted: _asker(case, platform, wanted),
            cases.clock(),
            options=options,
            progress=progress,
            announce=announce,
        )
    workflow.settle_copies(case, found, cases.clock())
    masking = Masking.of_names(telling_names(case))
    data, text = report.to_json(found, masking), report.text(found, masking)
    cases.show(case, data, text, as_json=as_json)
    return found.exit_code


def _asker(
    case: "CaseFolder", platform: "GitHubHosting", wanted: "frozenset[ObjectId]"
) -> "GitHubAsker":
    from breachkit.git.by_id import GitAsker
    from breachkit.github.served import GitHubAsker

    token = hosting.token()
    if token is None:  # `hosting.run` has asked for one
        raise RuntimeError("no token")
    by_git = GitAsker(token, wanted, case.scratch)
    return GitHubAsker(platform.client, token, wanted, by_git, sleep=hosting.sleep)
