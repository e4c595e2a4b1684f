"""May the account do on the platform what a response needs? All of it is found out by reading."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.actions.hosting import Answered, HostedRepository, Topic
from breachkit.actions.platform_health import Platform, Seen
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field
from breachkit.model.time import Clock
from breachkit.report.words import counted


TOPICS: Mapping[Topic, tuple[str, str]] = {
    Topic.COLLABORATORS: ("Administration", "who has access cannot be recorded or taken out"),
    Topic.INVITATIONS: ("Administration", "open invitations cannot be found and cancelled"),
    Topic.KEYS: ("Administration", "deploy keys cannot be found"),
    Topic.HOOKS: ("Webhooks", "webhooks cannot be found and switched off"),
    Topic.ACTIONS: ("Administration", "Actions cannot be switched off"),
    Topic.RULESETS: ("Administration", "rulesets that would refuse the push cannot be lifted"),
    Topic.RUNS: ("Actions", "logs and artifacts of workflows cannot be found"),
    Topic.TEAMS: ("Members (of the organisation)", "access by way of teams cannot be seen"),
}
"""What a response reads: the permission that a fine-grained token needs for it, and what is lost without."""

SOON = timedelta(days=14)
"""A response takes days, and its proofs and reminders weeks."""
FEW_REQUESTS = 500
"""A snapshot of a busy repository takes some hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Where a token comes from; never the token."""

    source: str | None
    """Name of the variable; None where there is none."""
    differing: tuple[str, ...] = ()
    """Further variables that hold another token."""
    has_gh: bool = False
    """Whether GitHub's own `gh` is on this machine, which may be logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the token may do with one repository."""

    name: str
    """As it was asked for."""
    repository: HostedRepository | None = None
    problem: str = ""
    """Why it was not found."""
    topics: Mapping[Topic, Answered] = field(default_factory=dict)
    may_push: bool | None = None
    size: int | None = None
    """Bytes of a clone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Github:
    """What is known about the platform."""

    token: Token
    web: str
    """Address of its pages."""
    seen: Seen | None = None
    asked_at: datetime | None = None
    """When the platform was asked, by this machine's clock."""
    unasked: str = ""
    """Why nothing was asked, or why no answer came."""
    failed: bool = False
    """Whether it was asked, and no answer came."""
    is_misnamed: bool = False
    """Whether it could not be asked, because its address or the target's name is none."""
    target: str | None = None
    rights: Rights | None = None


def gather(token: Token, platform: Platform, web: str, clock: Clock, target: str | None) -> Github:
    """Ask the platform.

    Args:
        token: Where the token comes from.
        platform: As the token sees it.
        web: Address of the platform's pages.
        clock: Tells when, to compare it with the platform's.
        target: `owner/name`, where it is asked for one.
    """
    try:
        seen = platform.look()
    except BreachkitError as cause:
        return Github(token=token, web=web, unasked=str(cause), failed=True, target=target)
    asked_at, rights = clock.now(), None
    if target is not None and token.source is not None and seen.status < 300:
        rights = _rights(platform, target)
    return Github(token=token, web=web, seen=seen, asked_at=asked_at, target=target, rights=rights)


def judge(github: Github, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the token holds, and whether it may do what a response does."""
    yield _source(github)
    if github.seen is None:
        yield _unasked(github)
    elif github.token.source is not None:
        yield from _account(github, github.seen, now)
        yield from _limit(github.seen)
    if not github.is_misnamed:
        yield from _target(github)


def _rights(platform: Platform, target: str) -> Rights:
    try:
        repository = platform.repository(target)
        topics = platform.topics(repository, tuple(TOPICS))
        may_push, size = platform.may_push(repository), platform.size(repository)
    except BreachkitError as cause:
        return Rights(name=target, problem=str(cause))
    return Rights(name=target, repository=repository, topics=topics, may_push=may_push, size=size)


def _source(github: Github) -> Diagnosis:
    token = github.token
    if token.source is None:
        means = (
            "restrict, push, restore and half of verify and trace have to be asked of somebody who "
            "has one; scan, scope, rewrite and the messages work without"
        )
        says = "no GitHub token in the environment"
        if token.has_gh:
            says += "; that of gh is not taken unasked"
        if github.target is not None:
            return broken("github.token", says, means, *_repairs(github), is_access=True)
        return doubtful("github.token", says, means, *_repairs(github))
    if token.differing:
        return doubtful(
            "github.token",
            f"${token.source} is used, and {_variables(token.differing)} another token",
            "git or gh may act as somebody else than breachkit does",
            f"unset {' '.join(token.differing)}",
        )
    return fine("github.token", f"a GitHub token is in ${token.source}")


def _variables(names: tuple[str, ...]) -> str:
    shown = " and ".join(f"${name}" for name in names)
    return f"{shown} {'holds' if len(names) == 1 else 'hold'}"


def _repairs(github: Github) -> tuple[str, ...]:
    asked = "read -rs BREACHKIT_GITHUB_TOKEN && export BREACHKIT_GITHUB_TOKEN"
    if github.token.has_gh:
        host = github.web.partition("://")[2]
        return (f'export BREACHKIT_GITHUB_TOKEN="$(gh auth token --hostname {host})"',)
    return f"{github.web}/settings/tokens", asked


def _unasked(github: Github) -> Diagnosis:
    if not (github.failed or github.is_misnamed):
        return not_tried("github.account", github.unasked)
    means = "nothing on the platform can be closed, pushed or checked"
    if github.target is None and not github.is_misnamed:
        return doubtful("github.account", display(github.unasked), means)
    return broken("github.account", display(github.unasked), means)


def _account(github: Github, seen: Seen, now: datetime) -> Iterator[Diagnosis]:
    if seen.status == 401:
        yield broken(
            "github.account",
            f"the platform does not know the token in ${github.token.source} (any more)",
            "nothing on the platform can be closed, pushed or checked",
            *_repairs(github),
            is_access=True,
        )
        return
    if seen.status >= 300:
        yield broken(
            "github.account",
            f"the platform refuses the token: {display(seen.problem) or seen.status}",
            "nothing on the platform can be closed, pushed or checked",
            *_repairs(github),
            is_access=True,
        )
        return
    yield fine("github.account", f"the token is {display(seen.login)}'s")
    yield from _end(github, seen, now)
    yield from _scopes(github, seen)


def _end(github: Github, seen: Seen, now: datetime) -> Iterator[Diagnosis]:
    if seen.expires is None:
        return
    left, day = seen.expires - now, seen.expires.date()
    if left < SOON:
        yield doubtful(
            "github.token-end",
            f"the token ends on {day}, in {counted(max(left.days, 0), 'day')}",
            "a response goes on for weeks: proofs, reminders and restore come after the first day",
            *_repairs(github),
        )
    else:
        yield fine("github.token-end", f"the token ends on {day}")


def _scopes(github: Github, seen: Seen) -> Iterator[Diagnosis]:
    if seen.scopes is None:
        if github.target is None:
            yield not_tried(
                "github.scopes",
                "a fine-grained token does not say what it may do: it is tried on a repository",
                "breachkit doctor --target OWNER/NAME",
            )
        return
    given = set(seen.scopes)
    if "repo" not in given:
        yield broken(
            "github.scopes",
            "the token lacks the scope repo",
            "it can neither see nor change what a response changes",
            f"{github.web}/settings/tokens",
            is_access=True,
        )
        return
    lacking = [
        f"{scope} ({why})"
        for scope, why in _FURTHER.items()
        if given.isdisjoint({scope, *_INCLUDED.get(scope, ())})
    ]
    if lacking:
        yield doubtful(
            "github.scopes",
            f"the token lacks {'; '.join(lacking)}",
            "that part of a response has to be asked of somebody else: add what is lacking",
            f"{github.web}/settings/tokens",
        )
    else:
        yield fine("github.scopes", f"the token has {', '.join(('repo', *_FURTHER))}")


_FURTHER = {
    "workflow": "a history with changed workflow files is not taken without it",
    "read:org": "teams and their access are not seen without it",
}
_INCLUDED = {"read:org": ("write:org", "admin:org")}


def _limit(seen: Seen) -> Iterator[Diagnosis]:
    if seen.requests_left is not None and seen.requests_left < FEW_REQUESTS:
        yield doubtful(
            "github.limit",
            f"GitHub takes {counted(seen.requests_left, 'more request')} before its hourly limit",
            "a snapshot may stop half-way; it goes on where it stopped when run again",
        )


def _target(github: Github) -> Iterator[Diagnosis]:
    if github.target is None:
        yield not_tried(
            "target.rights",
            "no repository was named, so that it is not known whether the token may close one",
            "breachkit doctor --target OWNER/NAME",
        )
        return
    rights = github.rights
    if rights is None:
        yield not_tried(
            "target.rights",
            f"{display(github.target)}: nothing is known until the platform answers for the token",
        )
    elif rights.repository is None:
        yield broken(
            "target.rights",
            f"{display(github.target)} is not shown to this token: {display(rights.problem)}",
            "it cannot be closed, nor its history replaced",
            is_access=True,
        )
    else:
        yield from _of_repository(github, rights, rights.repository)


def _of_repository(
    github: Github, rights: Rights, repository: HostedRepository
) -> Iterator[Diagnosis]:
    name = display(repository.full_name)
    if repository.full_name.lower() != rights.name.lower():
        yield doubtful(
            "target.name",
            f"{display(rights.name)} is now called {name}",
            "clones and links go by the old name; open a case under the new one",
        )
    yield _administers(github, name, repository)
    yield from _reads(github, name, rights)
    yield _pushes(github, name, rights, repository)
    if github.seen is not None and github.seen.scopes is None:
        yield not_tried(
            "target.writes",
            "whether this token may write settings shows only when it does: nothing was changed "
            "to find out. It needs, for this repository, Administration, Pages, Webhooks, Actions, "
            "Contents and Workflows: read and write",
        )


def _administers(github: Github, name: str, repository: HostedRepository) -> Diagnosis:
    if repository.is_admin:
        return fine("target.restrict", f"the account administers {name}")
    whom = f"an owner of {repository.owner}" if repository.is_organisation else repository.owner
    return broken(
        "target.restrict",
        f"the account does not administer {name}",
        f"it cannot be closed, nor its protections lifted, by this account: ask {display(whom)}, "
        "now rather than in an incident",
        f"{github.web}/{name}/settings/access",
        is_access=True,
    )


def _reads(github: Github, name: str, rights: Rights) -> Iterator[Diagnosis]:
    refused = [t for t, how in rights.topics.items() if how is Answered.REFUSED]
    failed = [t for t, how in rights.topics.items() if how in {Answered.FAILED, Answered.PARTIAL}]
    if refused:
        yield doubtful(
            "target.snapshot",
            f"of {name} the token may not read {', '.join(each.value for each in refused)}",
            "; ".join(dict.fromkeys(TOPICS[each][1] for each in refused))
            + ". A fine-grained token needs "
            + ", ".join(dict.fromkeys(TOPICS[each][0] for each in refused)),
            f"{github.web}/settings/personal-access-tokens",
        )
    if failed:
        yield not_tried(
            "target.snapshot",
            f"no usable answer about {', '.join(each.value for each in failed)}: run this again",
        )
    if not refused and not failed:
        yield fine("target.snapshot", f"everything that snapshot records of {name} can be read")


def _pushes(github: Github, name: str, rights: Rights, repository: HostedRepository) -> Diagnosis:
    if repository.archived:
        return broken(
            "target.push",
            f"{name} is archived",
            "its settings and history cannot be changed until it is not",
            f"gh repo unarchive {name}",
            is_access=True,
        )
    if rights.may_push is None:
        return not_tried("target.push", f"git got no usable answer about pushing to {name}")
    if rights.may_push:
        return fine("target.push", f"git may push to {name} (asked without sending anything)")
    return broken(
        "target.push",
        f"git may not push to {name} with this token",
        "the rewritten history does not reach the server: it needs Contents and Workflows, read and "
        "write, and an account that may write",
        f"{github.web}/settings/tokens",
        is_access=True,
    )
