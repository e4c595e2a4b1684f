"""The JSON of people and repositories, with every field that GitHub's description requires."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from breachkit.drill.hub.server import API
from breachkit.drill.hub.state import ROLES, Account, Hub, Repository, Team
from breachkit.model.time import rfc3339


JSON = dict[str, Any]

_USER_URLS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_URLS = {
    "archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}", "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}", "contributors_url": "/contributors",
    "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
    "forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
    "languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}", "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}", "subscribers_url": "/subscribers",
    "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}  # fmt: skip


def time(moment: datetime | None) -> str | None:
    """Write a moment as GitHub does."""
    return None if moment is None else rfc3339(moment.replace(microsecond=0))


def node_id(kind: str, number: int) -> str:
    """Give the id that GraphQL would use."""
    return f"{kind}_{number}"


def user(account: Account, base: str) -> JSON:
    """Give a `simple-user`."""
    address = f"{base}{API}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{base}/avatars/{account.id}",
        "gravatar_id": "",
        "url": address,
        "html_url": f"{base}/{account.login}",
        **{name: address + rest for name, rest in _USER_URLS.items()},
        "type": "Organization" if account.is_organisation else "User",
        "site_admin": False,
    }


def account(hub: Hub, found: Account, base: str) -> JSON:
    """Give a `public-user`: what anybody is told of a person or an organisation."""
    public = [each for each in hub.repositories.values() if each.visibility == "public"]
    return {
        **user(found, base),
        "name": found.name or None, "company": None, "blog": None, "location": None,
        "email": None, "hireable": None, "bio": None, "public_gists": 0,
        "public_repos": sum(each.owner is found for each in public),
        "followers": 0, "following": 0,
        "created_at": "2015-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
    }  # fmt: skip


def permissions(role: str | None) -> dict[str, bool]:
    """Spell out what a role allows."""
    rank = ROLES.index(role) if role in ROLES else (ROLES.index("write") if role else -1)
    names = ("pull", "triage", "push", "maintain", "admin")
    return {name: rank >= number for number, name in enumerate(names)}


def collaborator(hub: Hub, account: Account, repository: Repository, base: str) -> JSON:
    """Give a person with what they may do in a repository, from whatever grant."""
    role = hub.role(account, repository) or "read"
    return {**user(account, base), "permissions": permissions(role), "role_name": role}


def minimal_repository(repository: Repository, base: str) -> JSON:
    """Give a `minimal-repository`: how a repository stands in other things."""
    address = f"{base}{API}/repos/{repository.full_name}"
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.visibility != "public",
        "owner": user(repository.owner, base),
        "html_url": f"{base}/{repository.full_name}",
        "description": repository.description or None,
        "fork": repository.parent is not None,
        "url": address,
        **{name: address + rest for name, rest in _REPOSITORY_URLS.items()},
    }


def repository(hub: Hub, found: Repository, base: str, person: Account | None) -> JSON:
    """Give a repository as a list shows it to a person."""
    pushed = found.pushed_at
    forks = sum(1 for _ in hub.forks(found))
    web = f"{base}/{found.full_name}"
    return {
        **minimal_repository(found, base),
        "git_url": f"git:{web}.git",
        "ssh_url": f"git@127.0.0.1:{found.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "forks_count": forks,
        "forks": forks,
        "stargazers_count": len(found.stars),
        "watchers_count": len(found.stars),
        "watchers": len(found.stars),
        "size": 108,
        "default_branch": found.default_branch,
        "open_issues_count": sum(pull.state == "open" for pull in found.pulls.values()),
        "open_issues": sum(pull.state == "open" for pull in found.pulls.values()),
        "is_template": False,
        "topics": list(found.topics),
        "has_issues": True,
        "has_projects": False,
        "has_wiki": found.has_wiki,
        "has_pages": found.pages is not None,
        "has_downloads": True,
        "has_discussions": False,
        "archived": found.archived,
        "disabled": found.disabled,
        "visibility": found.visibility,
        "pushed_at": time(pushed),
        "created_at": time(found.created_at),
        "updated_at": time(pushed or found.created_at),
        "license": None,
        "allow_forking": found.allow_forking,
        "web_commit_signoff_required": False,
        "permissions": permissions(hub.role(person, found)),
    }


def full_repository(hub: Hub, found: Repository, base: str, person: Account | None) -> JSON:
    """Give a `full-repository`: what its own address answers."""
    network = [each for each in hub.repositories.values() if each.network == found.network]
    answer = {
        **repository(hub, found, base, person),
        "subscribers_count": len(found.watchers),
        "network_count": len(network) - 1,
        "temp_clone_token": None,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "use_squash_pr_title_as_default": False,
        "delete_branch_on_merge": False,
    }
    if found.owner.is_organisation:
        answer["organization"] = user(found.owner, base)
    parent = hub.repositories.get(found.parent or 0)
    if parent is not None and hub.may_see(person, parent):
        answer |= {"parent": repository(hub, parent, base, person)}
        answer |= {"source": repository(hub, root(hub, parent), base, person)}
    return answer


def root(hub: Hub, found: Repository) -> Repository:
    """Give the repository that a line of forks began with."""
    while (parent := hub.repositories.get(found.parent or 0)) is not None:
        found = parent
    return found


def team(found: Team, organisation: Account, role: str, base: str) -> JSON:
    """Give a team with its role in a repository."""
    address = f"{base}{API}/organizations/{organisation.id}/team/{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("T", found.id),
        "name": found.name,
        "slug": found.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": as_put(role),
        "permissions": permissions(role),
        "url": address,
        "html_url": f"{base}/orgs/{organisation.login}/teams/{found.slug}",
        "members_url": address + "/members{/member}",
        "repositories_url": address + "/repos",
        "type": "organization",
        "organization_id": organisation.id,
        "parent": None,
    }


_PUT = {"read": "pull", "write": "push"}


def as_put(role: str) -> str:
    """Give the word that writing a role wants: `push` for write, `pull` for read, else the same."""
    return _PUT.get(role, role)


def as_read(word: str) -> str:
    """Give the word that reading a role shows."""
    words: Mapping[str, str] = {put: read for read, put in _PUT.items()}
    return words.get(word, word)
