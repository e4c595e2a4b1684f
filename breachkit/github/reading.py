"""What is read about a repository: for each topic the requests that give it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from breachkit.actions.hosting import Answered, HostedRepository, Reading, Topic
from breachkit.github.client import Client, Pages
from breachkit.github.errors import HiddenError, understood
from breachkit.github.forks import all_forks
from breachkit.github.grants import grants
from breachkit.github.paths import path_of, repository_path
from breachkit.github.rules import branch_rules
from breachkit.github.wordless import wordless
from breachkit.model.errors import AccessError, BreachkitError, RefusedError


Source = Callable[[Client, HostedRepository], Pages]

_DATED_STARS = {"Accept": "application/vnd.github.star+json"}
_PACKAGE_KINDS = ("container", "docker", "maven", "npm", "nuget", "rubygems")
_MOST_DELIVERIES = 3
"""Pages of what one hook sent out."""
_OF_COMMENTS = ("id", "html_url", "created_at", "updated_at", "commit_id", "pull_request_url")


def read(client: Client, topic: Topic, repository: HostedRepository) -> Reading:
    """Read everything about one topic; what went wrong is in the answer."""
    before = client.requests
    if topic in _OF_ORGANISATIONS and not repository.is_organisation:
        return Reading(topic=topic, answered=Answered.ABSENT, reason="a person owns the repository")
    try:
        with understood(topic.value):
            pages = SOURCES[topic](client, repository)
            items = wordless(topic, tuple(map(_item, pages.items)))
    except BreachkitError as problem:
        answered = _failed(topic, problem)
        return Reading(
            topic=topic,
            answered=answered,
            reason=str(problem),
            requests=client.requests - before,
        )
    return Reading(
        topic=topic,
        answered=Answered.COMPLETE if pages.problem is None else Answered.PARTIAL,
        items=items,
        reason="" if pages.problem is None else str(pages.problem),
        requests=client.requests - before,
    )


def _item(found: Any) -> Any:
    """Give an item of an answer as it is.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(found, Mapping):
        raise TypeError(type(found).__name__)
    return found


def _failed(topic: Topic, problem: BreachkitError) -> Answered:
    if isinstance(problem, HiddenError) and topic in _MAY_BE_ABSENT:
        return Answered.ABSENT
    return Answered.REFUSED if isinstance(problem, AccessError | RefusedError) else Answered.FAILED


_OF_ORGANISATIONS = frozenset(
    {Topic.ORGANISATION, Topic.TEAMS, Topic.PACKAGES, Topic.CODESPACES, Topic.INSTALLATIONS, Topic.AUDIT_LOG}
)  # fmt: skip
_MAY_BE_ABSENT = frozenset({Topic.PAGES})
"""A 404 says that there is none, and not that it may not be seen."""


def _one(*parts: str) -> Source:
    def source(client: Client, repository: HostedRepository) -> Pages:
        what = " ".join(parts) or "the repository"
        return Pages(items=(client.get(repository_path(repository, *parts), what).json,))

    return source


def _many(*parts: str, key: str | None = None, **query: str) -> Source:
    def source(client: Client, repository: HostedRepository) -> Pages:
        path = repository_path(repository, *parts)
        return client.pages(path, " ".join(parts), key=key, query=query)

    return source


def _listed(*parts: str) -> Source:
    """A short list that comes whole, without pages."""

    def source(client: Client, repository: HostedRepository) -> Pages:
        found = client.get(repository_path(repository, *parts), " ".join(parts)).json
        return Pages(items=tuple(found if isinstance(found, list) else ()))

    return source


def _organisation(client: Client, repository: HostedRepository) -> Pages:
    return Pages(items=(client.get(path_of("orgs", repository.owner), "the organisation").json,))


def _forks(client: Client, repository: HostedRepository) -> Pages:
    return all_forks(client, repository.full_name)


def _stargazers(client: Client, repository: HostedRepository) -> Pages:
    path = repository_path(repository, "stargazers")
    return client.pages(path, "the stars", headers=_DATED_STARS)


def _collaborators(client: Client, repository: HostedRepository) -> Pages:
    """Give everybody with access once, with how they belong: outside, direct or other."""
    path = repository_path(repository, "collaborators")
    people: dict[int, dict[str, Any]] = {}
    problem = None
    for affiliation in ("all", "direct", "outside"):
        pages = client.pages(path, "the collaborators", query={"affiliation": affiliation})
        problem = problem or pages.problem
        named = "other" if affiliation == "all" else affiliation
        for person in pages.items:
            people[person["id"]] = {**person, "affiliation": named}
    if (
        not repository.is_organisation
    ):  # where nobody is a member, whoever is not the owner is outside
        for person in people.values():
            is_owner = str(person["login"]).lower() == repository.owner.lower()
            person["affiliation"] = "direct" if is_owner else "outside"
    return Pages(items=tuple(people.values()), problem=problem)


def _protections(client: Client, repository: HostedRepository) -> Pages:
    """Give the protection of every protected branch, in the shape in which it is read."""
    path = repository_path(repository, "branches")
    pages = client.pages(path, "the protected branches", query={"protected": "true"})
    found = []
    for branch in pages.items:
        name = branch["name"]
        address = repository_path(repository, "branches", name, "protection")
        try:
            shown = client.get(address, "a branch's protection").json
        except HiddenError:  # protected by a ruleset alone
            continue
        signed = bool((shown.get("required_signatures") or {}).get("enabled"))
        found.append({"branch": name, "protection": shown, "required_signatures": signed})
    return Pages(items=tuple(found), problem=pages.problem)


def _rulesets(client: Client, repository: HostedRepository) -> Pages:
    """Give every ruleset in full; the list leaves their rules out."""
    path = repository_path(repository, "rulesets")
    pages = client.pages(path, "the rulesets", query={"includes_parents": "true"})
    found = [
        client.get(repository_path(repository, "rulesets", each["id"]), "a ruleset").json
        for each in pages.items
    ]
    return Pages(items=tuple(found), problem=pages.problem)


def _actions(client: Client, repository: HostedRepository) -> Pages:
    path = repository_path(repository, "actions", "permissions")
    found = dict(client.get(path, "what Actions may do").json)
    if found.get("allowed_actions") == "selected":
        selected = client.get(f"{path}/selected-actions", "the actions that may run").json
        found["selected_actions"] = selected
    return Pages(items=(found,))


def _deliveries(client: Client, repository: HostedRepository) -> Pages:
    hooks = client.pages(repository_path(repository, "hooks"), "the hooks")
    found: list[Mapping[str, Any]] = []
    problem = hooks.problem
    for hook in hooks.items:
        path = repository_path(repository, "hooks", hook["id"], "deliveries")
        pages = client.pages(path, "what a hook sent out", most=_MOST_DELIVERIES)
        found += [{**each, "hook_id": hook["id"]} for each in pages.items]
        problem = problem or pages.problem
    return Pages(items=tuple(found), problem=problem)


def _packages(client: Client, repository: HostedRepository) -> Pages:
    path = path_of("orgs", repository.owner, "packages")
    return _joined(
        client.pages(path, "the packages", query={"package_type": kind}) for kind in _PACKAGE_KINDS
    )


def _codespaces(client: Client, repository: HostedRepository) -> Pages:
    path = path_of("orgs", repository.owner, "codespaces")
    pages = client.pages(path, "the codespaces", key="codespaces")
    own = (
        each for each in pages.items if (each.get("repository") or {}).get("id") == repository.id
    )
    return Pages(items=tuple(own), problem=pages.problem)


def _installations(client: Client, repository: HostedRepository) -> Pages:
    path = path_of("orgs", repository.owner, "installations")
    return client.pages(path, "the apps of the organisation", key="installations")


def _audit_log(client: Client, repository: HostedRepository) -> Pages:
    path = path_of("orgs", repository.owner, "audit-log")
    query = {"include": "git", "phrase": f"repo:{repository.full_name}"}
    return client.pages(path, "the audit log", query=query)


def _comments(client: Client, repository: HostedRepository) -> Pages:
    """Give where comments are, without what they say: somebody may have pasted the numbers."""
    kinds = {
        "issue": ("issues", "comments"),
        "pull": ("pulls", "comments"),
        "commit": ("comments",),
    }
    found = []
    problem = None
    for kind, parts in kinds.items():
        pages = client.pages(repository_path(repository, *parts), "the comments")
        problem = problem or pages.problem
        for each in pages.items:
            kept = {name: each[name] for name in _OF_COMMENTS if name in each}
            found.append({**kept, "kind": kind, "login": (each.get("user") or {}).get("login")})
    return Pages(items=tuple(found), problem=problem)


def _joined(lists: Iterable[Pages]) -> Pages:
    items: list[Any] = []
    problem = None
    for pages in lists:
        items += pages.items
        problem = problem or pages.problem
    return Pages(items=tuple(items), problem=problem)


SOURCES: Mapping[Topic, Source] = {
    Topic.REPOSITORY: _one(),
    Topic.ORGANISATION: _organisation,
    Topic.FORKS: _forks,
    Topic.STARGAZERS: _stargazers,
    Topic.SUBSCRIBERS: _many("subscribers"),
    Topic.CLONES: _one("traffic", "clones"),
    Topic.VIEWS: _one("traffic", "views"),
    Topic.PATHS: _listed("traffic", "popular", "paths"),
    Topic.REFERRERS: _listed("traffic", "popular", "referrers"),
    Topic.COLLABORATORS: _collaborators,
    Topic.GRANTS: grants,
    Topic.INVITATIONS: _many("invitations"),
    Topic.TEAMS: _many("teams"),
    Topic.KEYS: _many("keys"),
    Topic.HOOKS: _many("hooks"),
    Topic.PROTECTIONS: _protections,
    Topic.RULES: branch_rules,
    Topic.RULESETS: _rulesets,
    Topic.PAGES: _one("pages"),
    Topic.ACTIONS: _actions,
    Topic.PULLS: _many("pulls", state="all"),
    Topic.ACTIVITY: _many("activity", time_period="year"),
    Topic.EVENTS: _many("events"),
    Topic.RUNS: _many("actions", "runs", key="workflow_runs"),
    Topic.ARTIFACTS: _many("actions", "artifacts", key="artifacts"),
    Topic.CACHES: _many("actions", "caches", key="actions_caches"),
    Topic.RELEASES: _many("releases"),
    Topic.DEPLOYMENTS: _many("deployments"),
    Topic.ENVIRONMENTS: _many("environments", key="environments"),
    Topic.HOOK_DELIVERIES: _deliveries,
    Topic.PACKAGES: _packages,
    Topic.CODESPACES: _codespaces,
    Topic.INSTALLATIONS: _installations,
    Topic.AUDIT_LOG: _audit_log,
    Topic.COMMENTS: _comments,
}
"""Every topic, so that a new one cannot be forgotten."""
