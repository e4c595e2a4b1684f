"""The platform that hosts a repository, as decisions see it: what is read, what is changed, the port.

A reading keeps the platform's own JSON, because it is evidence; a write is plain data that can be
shown, journalled before it is sent, read back after it, and undone by another write.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


class Topic(enum.StrEnum):
    """Something that is read about a repository, in one or many requests."""

    REPOSITORY = "repository"
    ORGANISATION = "organisation"
    """Its plan and base permission; absent where a person owns the repository."""
    FORKS = "forks"
    """Of all levels: each with the `parent` it was found under."""
    STARGAZERS = "stargazers"
    SUBSCRIBERS = "subscribers"
    CLONES = "traffic-clones"
    VIEWS = "traffic-views"
    PATHS = "traffic-paths"
    REFERRERS = "traffic-referrers"
    COLLABORATORS = "collaborators"
    """Everybody with access, `role_name` as the platform says it, and `affiliation`: outside, direct or other."""
    GRANTS = "grants"
    """Everybody with access, with the `sources` it comes from: the repository, teams, the organisation."""
    INVITATIONS = "invitations"
    TEAMS = "teams"
    KEYS = "deploy-keys"
    HOOKS = "hooks"
    PROTECTIONS = "protections"
    """Of every protected branch: `branch`, `protection`, `required_signatures`."""
    RULES = "protection-rules"
    """Protections by `pattern`, with the `branches` each holds for; what REST does not show, too."""
    RULESETS = "rulesets"
    """In full, those of the organisation too (`source_type`)."""
    PAGES = "pages"
    ACTIONS = "actions-permissions"
    """With `selected_actions` where only some are allowed."""
    PULLS = "pulls"
    ACTIVITY = "activity"
    EVENTS = "events"
    RUNS = "workflow-runs"
    ARTIFACTS = "artifacts"
    CACHES = "caches"
    RELEASES = "releases"
    DEPLOYMENTS = "deployments"
    ENVIRONMENTS = "environments"
    HOOK_DELIVERIES = "hook-deliveries"
    PACKAGES = "packages"
    CODESPACES = "codespaces"
    INSTALLATIONS = "installations"
    AUDIT_LOG = "audit-log"
    """Git events of the organisation's audit log, where it has one."""
    COMMENTS = "comments"
    """Of issues, pull requests and commits: numbers and addresses, without their text."""


class Answered(enum.StrEnum):
    """How a reading ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    """Some pages are missing."""
    ABSENT = "absent"
    """There is none: a 404 where the repository itself answers."""
    REFUSED = "refused"
    """This account may not see it, or the organisation's plan lacks it."""
    FAILED = "failed"
    """The platform or the network gave no usable answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the platform said about one topic."""

    topic: Topic
    answered: Answered
    items: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """The platform's JSON: one for a topic that is a single thing."""
    reason: str = ""
    """Why it is not complete, in words that need no token or address."""
    requests: int = 0

    @property
    def only(self) -> Mapping[str, Any]:
        """The one item of a topic that is a single thing; empty where there is none."""
        return self.items[0] if self.items else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who acts."""

    login: str
    id: int
    scopes: tuple[str, ...] | None = None
    """Of a classic token; None where the platform does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedRepository:
    """A repository on the platform, by what does not change when it is renamed."""

    id: int
    full_name: str
    """As the platform spells it now."""
    owner: str
    is_organisation: bool
    visibility: str
    """public, private or internal."""
    is_admin: bool
    """Whether the acting account may administer it."""
    default_branch: str
    forks: int
    is_fork: bool = False
    archived: bool = False
    clone_url: str = ""
    html_url: str = ""


class WriteKind(enum.StrEnum):
    """A change on the platform. The names stand in journals: they are only ever added."""

    SET_VISIBILITY = "set-visibility"
    """`visibility`"""
    SET_FORKING = "set-forking"
    """`allowed`"""
    CANCEL_INVITATION = "cancel-invitation"
    """`id`, `login` (may be empty), `role`"""
    REMOVE_COLLABORATOR = "remove-collaborator"
    """`login`, `id`, `role`"""
    INVITE = "invite"
    """`login`, `role`: gives access to a member, and invites anybody else."""
    UNPUBLISH_PAGES = "unpublish-pages"
    PUBLISH_PAGES = "publish-pages"
    """`build_type`, `source`, `cname`, `https_enforced`"""
    SET_ACTIONS = "set-actions"
    """`enabled`, `allowed_actions`, `selected_actions`"""
    DELETE_KEY = "delete-key"
    """`id`, `title`, `key`, `read_only`"""
    ADD_KEY = "add-key"
    """`title`, `key`, `read_only`"""
    SET_HOOK = "set-hook"
    """`id`, `active`"""
    REMOVE_TEAM = "remove-team"
    """`slug`, `organisation`, `role`"""
    ADD_TEAM = "add-team"
    """`slug`, `organisation`, `role`"""
    LIFT_PROTECTION = "lift-protection"
    """`branch`"""
    PUT_PROTECTION = "put-protection"
    """`branch`, `protection` (the body of the PUT), `required_signatures`"""
    SET_RULE = "set-protection-rule"
    """`id`, `values`: switches of a protection, by their names in GraphQL; the others stay"""
    SET_RULESET = "set-ruleset"
    """`id`, `body`: the whole ruleset as it is to be"""
    DELETE_ARTIFACT = "delete-artifact"
    """`id`; there is no way back"""
    DELETE_CACHE = "delete-cache"
    """`id`; there is no way back"""
    DELETE_RUN_LOGS = "delete-run-logs"
    """`id`; there is no way back"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change, complete: sending it needs nothing else."""

    kind: WriteKind
    detail: Mapping[str, Any] = field(default_factory=dict)


class ReadBack(enum.StrEnum):
    """What the platform shows of a write."""

    DONE = "done"
    NOT_DONE = "not-done"
    INVITED = "invited"
    """Somebody was invited who has not accepted yet: access is not back."""
    UNKNOWN = "unknown"


class Hosting(Protocol):
    """What breachkit needs of a platform. Every error is one of `model.errors`; none holds a token."""

    def account(self) -> Account:
        """Give who acts.

        Raises:
            AccessError: the token is missing, wrong or expired.
            IncompleteError: the platform could not be reached.
        """
        ...

    def repository(self, name: str | int) -> HostedRepository:
        """Find a repository by `owner/name` or by its id, wherever it was renamed to.

        Raises:
            AccessError: it is not there for this account, which may only mean that it is hidden.
            IncompleteError: the platform could not be reached.
        """
        ...

    def read(self, topic: Topic, repository: HostedRepository) -> Reading:
        """Read everything about one topic; what went wrong is in the answer."""
        ...

    def send(self, write: Write, repository: HostedRepository) -> None:
        """Send one change. Whether it happened is what `read_back` says, even after an error.

        Raises:
            AccessError: this account may not.
            RefusedError: the platform refuses it as things stand (409, 422, a redirect).
            IncompleteError: no usable answer; it may have happened or not.
        """
        ...

    def read_back(self, write: Write, repository: HostedRepository) -> ReadBack:
        """Say whether the platform shows a change, without changing anything.

        Raises:
            AccessError, IncompleteError: as for `repository`.
        """
        ...

    def seen_by_anyone(self, repository: HostedRepository) -> Mapping[str, bool | None]:
        """Say by which ways a stranger without a token can see the repository: `api`, `git`, `web`, `raw`.

        None where the way gave no usable answer.
        """
        ...
