"""The exact words to send to who can close a repository, where the person at the keyboard cannot."""

from collections.abc import Iterator

from breachkit.actions.containment import Area, Plan
from breachkit.actions.hosting import HostedRepository


def ask_for_token(name: str, web: str) -> str:
    """Say what a token has to be able to do, and whom to ask where there is none.

    Args:
        name: `owner/name`.
        web: Address of the platform's pages, such as `https://github.com`.
    """
    return "\n".join(
        (
            f"No token: {name} cannot be read as its administrator sees it, and not be changed.",
            "",
            "Somebody who administers it makes one and gives it to this shell, not to anybody else:",
            f"  {web}/settings/personal-access-tokens/new",
            f"    only the repository {name}; read and write: Administration, Pages, Webhooks,",
            "    Actions; read: Contents, Metadata, Pull requests; of the organisation: Members",
            "  read -rs BREACHKIT_GITHUB_TOKEN && export BREACHKIT_GITHUB_TOKEN",
            "",
            "Or send this to an administrator of the repository:",
            "",
            *_by_hand(name, web),
        )
    )


def ask_administrator(repository: HostedRepository, web: str, plan: Plan | None = None) -> str:
    """Say whom to ask for what, for an account that does not administer the repository."""
    name = repository.full_name
    who = (
        f"an owner of {repository.owner} ({web}/orgs/{repository.owner}/people?query=role%3Aowner)\n"
        f"or somebody who administers {name}"
        if repository.is_organisation
        else f"{repository.owner}, who owns it ({web}/{repository.owner})"
    )
    return "\n".join(
        (
            f"This account does not administer {name}, so that it cannot close it. Ask {who}:",
            "",
            *_by_hand(name, web),
            *(() if plan is None else _people(plan)),
        )
    )


def ask_owner(repository: HostedRepository, web: str) -> str:
    """Say whom to ask where the organisation lets only its owners change the visibility."""
    address = f"{web}/orgs/{repository.owner}/people?query=role%3Aowner"
    return (
        f"{repository.owner} lets only its owners change who can see a repository. Ask one of them "
        f"({address}) to make {repository.full_name} private at once: "
        f"{web}/{repository.full_name}/settings, Danger Zone, Change visibility"
    )


def _by_hand(name: str, web: str) -> Iterator[str]:
    address = f"{web}/{name}/settings"
    yield f"  Please close {name} now: it may hold confidential data. Do not delete and do not"
    yield "  archive it, and change nothing in its files. In this order:"
    yield f"  1. {address}/access: note who has which role, and"
    yield f"     {web}/{name}/forks: note every fork (going private hides them)"
    yield f"  2. {address}: Danger Zone, Change visibility, Make private"
    yield f"  3. {address}/pages: Unpublish site, if there is one"
    yield f"  4. {address}/access: cancel invitations, remove outside collaborators who may not"
    yield "     handle sensitive data; note the role of each"
    yield f"  5. {address}/actions: Disable actions"
    yield f"  6. {address}/keys and {address}/hooks: note, then delete keys and switch hooks off"
    yield "  7. Write back what was done and when"


def _people(plan: Plan) -> Iterator[str]:
    areas = {Area.INVITATIONS, Area.COLLABORATORS, Area.KEYS, Area.HOOKS, Area.TEAMS}
    told = [step.says for step in plan.steps if step.area in areas]
    if told:
        yield ""
        yield "  As far as this account sees it, that is:"
        yield from (f"  - {text}" for text in told)
