"""The platform as the commands reach it: whose token, which address."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from breachkit.cli import cases
from breachkit.model.errors import AccessError


if TYPE_CHECKING:
    from pathlib import Path

    from breachkit.actions.platform_health import Platform
    from breachkit.git.remote import RemoteRefs
    from breachkit.github.hosting import GitHubHosting
    from breachkit.github.listing import GitHubCatalogue
    from breachkit.incident.folder import CaseFolder
    from breachkit.model.sensitive import Sensitive
    from breachkit.workflows.snapshot import ListRefs


TOKENS = ("BREACHKIT_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN")
"""Where a token may be, the first that is set; never on a command line, which others can see."""

Api = Annotated[
    str,
    typer.Option(
        "--github-api",
        metavar="URL",
        envvar="BREACHKIT_GITHUB_API",
        help="Address of GitHub's API; of GitHub Enterprise Server: https://HOST/api/v3.",
    ),
]
DEFAULT_API = "https://api.github.com"

sleep = time.sleep
"""How the commands wait."""


def token() -> "Sensitive[str] | None":
    """Give the token of the environment; None where there is none."""
    from breachkit.model.sensitive import Sensitive

    found = next((value for name in TOKENS if (value := os.environ.get(name, "").strip())), None)
    return None if found is None else Sensitive(found)


def api_in_force() -> str:
    """Give the address of the platform's API to a command that has no option for it."""
    from breachkit.cli.settings import in_force

    return in_force("github-api", "BREACHKIT_GITHUB_API") or DEFAULT_API


def git_shows_token(api: str | None = None) -> "contextlib.AbstractContextManager[None]":
    """Let git show the token of the environment to the platform's own host, and to no other.

    Args:
        api: Address of the platform's API; None for the one in force.
    """
    found = token()
    if found is None:
        return contextlib.nullcontext()
    from breachkit.git.access import showing
    from breachkit.github.anyone import web_of

    return showing(web_of(api or api_in_force()), found)


def name_of(case: "CaseFolder", api: str) -> str:
    """Give the `owner/name` of a case's repository on the platform."""
    from breachkit.workflows.platform import platform_name

    return platform_name(case.incident.target, api)


def run(
    case: "CaseFolder",
    api: str,
    work: "Callable[[GitHubHosting, str], int]",
    *,
    as_json: bool,
) -> int:
    """Do something with a case's repository on the platform, and give the exit code.

    Where there is no token, or the account does not administer the repository, it is shown whom to
    ask for what, and the code is 4.

    Args:
        case: The case.
        api: Address of the platform's API.
        work: Takes the platform and `owner/name`.
        as_json: For whom what is to be asked is shown.
    """
    from breachkit.actions.asking import ask_administrator, ask_for_token
    from breachkit.github.anyone import web_of
    from breachkit.workflows.restrict import NotAdministratorError

    name, found = name_of(case, api), token()
    if found is None:
        return _ask(case, ask_for_token(name, web_of(api)), as_json=as_json)
    try:
        with connected(found, api) as platform:
            return work(platform, name)
    except NotAdministratorError as problem:
        text = ask_administrator(problem.plan.repository, web_of(api), problem.plan)
    return _ask(case, text, as_json=as_json)


def _ask(case: "CaseFolder", text: str, *, as_json: bool) -> int:
    from breachkit.cli import console

    console.show(
        {"schema": "breachkit.ask/1", "case": case.incident.id, "ask": text}, text, as_json=as_json
    )
    return AccessError.exit_code


@contextlib.contextmanager
def connected(token: "Sensitive[str]", api: str) -> "Iterator[GitHubHosting]":
    """Give the platform for the account of a token."""
    from breachkit.git.anonymous import read_by_anyone
    from breachkit.github.client import Client
    from breachkit.github.hosting import GitHubHosting

    with Client(api, token, cases.clock(), sleep=sleep) as client:
        yield GitHubHosting(client, ask_git=read_by_anyone, sleep=sleep)


@contextlib.contextmanager
def looking(api: str) -> "Iterator[Platform]":
    """Give the platform as `doctor` asks it: with the token where there is one, each question once."""
    from breachkit.git.may_push import may_push
    from breachkit.github.client import Client
    from breachkit.github.health import GitHubHealth

    found = token()
    with Client(api, found, cases.clock(), sleep=sleep, patience_s=0) as client:
        yield GitHubHealth(client, found, may_push)


@contextlib.contextmanager
def catalogue(api: str, folder: "Path") -> "Iterator[GitHubCatalogue]":
    """Give the platform's lists of public repositories, with the token where there is one.

    Args:
        api: The address of its API.
        folder: Of the sweep, in which pages of the lists are kept.
    """
    from breachkit.github.client import Client
    from breachkit.github.listing import GitHubCatalogue
    from breachkit.store.pages import PageStore

    clock, found = cases.clock(), token()
    with (
        Client(api, found, clock, sleep=sleep) as client,
        contextlib.closing(PageStore(folder, client.api, found, clock)) as memory,
    ):
        yield GitHubCatalogue(client, memory)


def list_refs(api: str) -> "ListRefs":
    """Give what asks git for the refs behind a URL, with the token where that is the platform's own host."""
    from breachkit.git.access import token_settings
    from breachkit.git.remote import list_remote
    from breachkit.github.anyone import web_of

    found = token()

    def ask(url: str) -> "RemoteRefs":
        own = found is not None and url.startswith(f"{web_of(api)}/")
        return list_remote(url, extra_env=token_settings(url, found) if found and own else None)

    return ask
