"""Everything the stand-in knows: people, organisations, repositories and networks of forks.

Roles are those of the platform: read, triage, write, maintain, admin, or a custom name.
"""

import copy
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from breachkit.model.time import Clock


Plan = Literal["free", "team", "enterprise"]
ROLES = ("read", "triage", "write", "maintain", "admin")


@dataclass(slots=True, kw_only=True, eq=False)
class Account:
    """A person or an organisation."""

    id: int
    login: str
    name: str = ""
    email: str = ""
    plan: Plan = "free"
    is_organisation: bool = False
    members: dict[int, Literal["member", "admin"]] = field(default_factory=dict)
    """Of an organisation: id of the person to role."""
    base_permission: str = "read"
    """What every member of the organisation may do in each of its repositories; `none` for nothing."""
    members_may_change_visibility: bool = True
    """Whether administrators of a repository may, or owners of the organisation alone."""
    teams: dict[str, "Team"] = field(default_factory=dict)
    rulesets: dict[int, dict[str, Any]] = field(default_factory=dict)
    audit_log: list[dict[str, Any]] = field(default_factory=list)
    installations: list[dict[str, Any]] = field(default_factory=list)
    packages: list[dict[str, Any]] = field(default_factory=list)
    codespaces: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Team:
    """People of an organisation, and what they may do where."""

    id: int
    slug: str
    name: str
    members: set[int] = field(default_factory=set)
    repositories: dict[int, str] = field(default_factory=dict)
    """Id of the repository to role."""


@dataclass(slots=True, kw_only=True, eq=False)
class Invitation:
    """Somebody was asked to join a repository."""

    id: int
    role: str
    inviter: int
    created_at: datetime
    invitee: int | None = None
    """None where an address was invited."""
    expired: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class PullRequest:
    """A pull request; its head keeps a ref that nobody can push to."""

    number: int
    title: str
    author: int
    head_branch: str
    head_repository: int | None
    """None where the fork it came from is gone."""
    base_branch: str
    head: str
    """The commit it ends in."""
    created_at: datetime
    state: Literal["open", "closed"] = "open"
    merged_at: datetime | None = None
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenLimits:
    """What narrows a token beyond what its person may do."""

    repositories: frozenset[int] | None = None
    """Ids of the only repositories that a fine-grained token knows of; None for all."""
    read_only: bool = False
    """Whether it lacks every permission to write."""
    needs_sso: bool = False
    """Whether the organisation asks for single sign-on that this token never went through."""


@dataclass(slots=True, kw_only=True, eq=False)
class Repository:
    """A repository, and everything that hangs on it."""

    id: int
    owner: Account
    name: str
    git_dir: Path
    network: int
    """Repositories of one network share their objects."""
    created_at: datetime
    pushed_at: datetime | None
    visibility: Literal["public", "private", "internal"] = "public"
    parent: int | None = None
    """The repository it was forked from; None once it was detached."""
    default_branch: str = "main"
    description: str = ""
    topics: list[str] = field(default_factory=list)
    archived: bool = False
    disabled: bool = False
    has_wiki: bool = False
    allow_forking: bool = True
    former_names: set[str] = field(default_factory=set)
    """Each as `owner/name`, in lower case."""
    collaborators: dict[int, str] = field(default_factory=dict)
    """Id of the person to role: what was granted in the repository itself."""
    invitations: dict[int, Invitation] = field(default_factory=dict)
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)
    hooks: dict[int, dict[str, Any]] = field(default_factory=dict)
    protections: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Pattern of branches, most often the name of one, to the protection as the PUT set it, with
    `required_signatures` beside, and what only GraphQL knows: `force_pushers`, `environments`."""
    rule_numbers: dict[str, int] = field(default_factory=dict)
    """Pattern to the number of its protection, also of those that are gone."""
    rulesets: dict[int, dict[str, Any]] = field(default_factory=dict)
    pages: dict[str, Any] | None = None
    actions: dict[str, Any] = field(
        default_factory=lambda: {"enabled": True, "allowed_actions": "all"}
    )
    selected_actions: dict[str, Any] = field(default_factory=dict)
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    artifacts: dict[int, dict[str, Any]] = field(default_factory=dict)
    caches: dict[int, dict[str, Any]] = field(default_factory=dict)
    releases: dict[int, dict[str, Any]] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    environments: list[dict[str, Any]] = field(default_factory=list)
    deliveries: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Id of the hook to what was delivered."""
    stars: dict[int, datetime] = field(default_factory=dict)
    watchers: set[int] = field(default_factory=set)
    traffic: dict[str, Any] = field(default_factory=dict)
    """`clones`, `views`: lists of {timestamp, count, uniques}; `paths`, `referrers`: lists."""
    activity: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    interaction_limit: dict[str, Any] | None = None
    wiki: Path | None = None
    """The git directory of its wiki, which has a history of its own."""
    cached_views: set[str] = field(default_factory=set)
    """What the platform shows from memory until support clears it: pages of commits by id, patches by
    `id.patch`, files by `id:path`."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"


class Hub:
    """The whole state; one lock around each request keeps it consistent."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.accounts: dict[int, Account] = {}
        self.repositories: dict[int, Repository] = {}
        self.tokens: dict[str, int] = {}
        """Token to the id of its person."""
        self.scopes: dict[str, str] = {}
        """Token to what `X-OAuth-Scopes` says; a fine-grained one is not in it."""
        self.limits: dict[str, TokenLimits] = {}
        self.rejects_whole_pushes = False
        """Whether one refused ref stops all of a push; nothing documents which GitHub does."""
        self.lock = threading.RLock()
        """Held by whoever changes anything."""
        self._last_id = 1000

    def copy(self) -> "Hub":
        """Give the same state once more, which later changes do not reach; git is not copied."""
        other = Hub(self.folder, self.clock)
        other.accounts, other.repositories = copy.deepcopy((self.accounts, self.repositories))
        other.tokens, other.scopes = dict(self.tokens), dict(self.scopes)
        other.limits = dict(self.limits)
        other._last_id = self._last_id
        return other

    def next_id(self) -> int:
        """Give a number that nothing has yet."""
        self._last_id += 1
        return self._last_id

    def account(self, login: str) -> Account | None:
        """Find an account by its login, in any case."""
        wanted = login.lower()
        return next((a for a in self.accounts.values() if a.login.lower() == wanted), None)

    def repository(self, owner: str, name: str) -> Repository | None:
        """Find a repository by its present name, in any case."""
        wanted = f"{owner}/{name}".lower()
        return next((r for r in self.repositories.values() if r.full_name.lower() == wanted), None)

    def formerly(self, owner: str, name: str) -> Repository | None:
        """Find a repository by a name it once had."""
        wanted = f"{owner}/{name}".lower()
        return next((r for r in self.repositories.values() if wanted in r.former_names), None)

    def forks(self, repository: Repository) -> Iterator[Repository]:
        """Give the direct forks of a repository, oldest first."""
        return (r for r in self.repositories.values() if r.parent == repository.id)

    def role(self, person: Account | None, repository: Repository) -> str | None:
        """Give the highest role that a person has in a repository, whatever it comes from; None for none."""
        sources = self.sources(person, repository)
        return max(sources.values(), key=_rank, default=None)

    def sources(self, person: Account | None, repository: Repository) -> Mapping[str, str]:
        """Give every grant that a person has: `repository`, `owner`, `organisation`, `team:SLUG` to role."""
        if person is None:
            return {}
        found: dict[str, str] = {}
        owner = repository.owner
        if owner is person:
            found["owner"] = "admin"
        if person.id in repository.collaborators:
            found["repository"] = repository.collaborators[person.id]
        membership = owner.members.get(person.id)
        if membership == "admin":
            found["owner"] = "admin"
        elif membership == "member" and owner.base_permission != "none":
            found["organisation"] = owner.base_permission
        for team in owner.teams.values():
            if person.id in team.members and repository.id in team.repositories:
                found[f"team:{team.slug}"] = team.repositories[repository.id]
        return found

    def may_see(self, person: Account | None, repository: Repository) -> bool:
        """Say whether a person, or a stranger where None, can see a repository at all."""
        return repository.visibility == "public" or self.role(person, repository) is not None


def _rank(role: str) -> int:
    return ROLES.index(role) if role in ROLES else ROLES.index("write")
