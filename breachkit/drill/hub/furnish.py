"""Puts into a repository what hangs on it: access, keys, hooks, protections, runs, releases, traffic."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from breachkit.drill.hub import gitstore, shapes
from breachkit.drill.hub.protected import keep
from breachkit.drill.hub.state import Account, Hub, Invitation, Repository


JSON = dict[str, Any]

EVERY_PROTECTION: Mapping[str, Any] = {
    "required_status_checks": {
        "strict": True,
        "contexts": ["tests"],
        "checks": [{"context": "tests", "app_id": 15368}],
    },
    "enforce_admins": True,
    "required_pull_request_reviews": {
        "dismiss_stale_reviews": True,
        "require_code_owner_reviews": True,
        "required_approving_review_count": 2,
        "require_last_push_approval": True,
    },
    "restrictions": {"users": [], "teams": [], "apps": []},
    "required_linear_history": True,
    "allow_force_pushes": False,
    "allow_deletions": False,
    "block_creations": True,
    "required_conversation_resolution": True,
    "lock_branch": False,
    "allow_fork_syncing": True,
}
"""A protection that says something about every field of the PUT."""

_PLAIN: Mapping[str, Any] = {
    "required_status_checks": None,
    "enforce_admins": True,
    "required_pull_request_reviews": None,
    "restrictions": None,
}


def invite(
    hub: Hub, found: Repository, inviter: Account, invitee: Account | None, role: str = "write"
) -> Invitation:
    """Let an invitation wait; without an invitee an address was invited."""
    made = Invitation(
        id=hub.next_id(),
        role=role,
        inviter=inviter.id,
        invitee=invitee.id if invitee else None,
        created_at=hub.clock.now() - timedelta(days=1),
    )
    found.invitations[made.id] = made
    return made


def key(hub: Hub, found: Repository, title: str, *, read_only: bool = True) -> JSON:
    """Add a deploy key."""
    number = hub.next_id()
    made = {
        "id": number,
        "key": f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{number:032d}",
        "title": title,
        "read_only": read_only,
        "created_at": _ago(hub, 300),
        "last_used": _ago(hub, 2),
    }
    found.keys[number] = made
    return made


def hook(hub: Hub, found: Repository, url: str, *, deliveries: int = 0) -> JSON:
    """Add a webhook with a secret, and some deliveries of pushes."""
    number = hub.next_id()
    config = {"url": url, "content_type": "json", "insecure_ssl": "0", "secret": f"hush{number}"}
    made = {"id": number, "active": True, "events": ["push"], "config": config}
    found.hooks[number] = made
    found.deliveries[number] = [_delivery(hub, found) for _ in range(deliveries)]
    return made


def protect(found: Repository, branch: str, *, signed: bool = False, **fields: Any) -> JSON:
    """Protect a branch, or all that a pattern is about; fields as in the PUT, everything else off."""
    keep(found, branch, {**_PLAIN, **fields, "required_signatures": signed})
    return found.protections[branch]


def ruleset(
    hub: Hub,
    holder: Repository | Account,
    name: str,
    *,
    rules: Sequence[str] = ("deletion", "non_fast_forward"),
    include: Sequence[str] = ("~DEFAULT_BRANCH",),
    target: str = "branch",
    enforcement: str = "active",
    bypass: Sequence[Mapping[str, Any]] = (),
) -> JSON:
    """Add a ruleset to a repository or an organisation."""
    conditions: JSON = {"ref_name": {"include": list(include), "exclude": []}}
    if isinstance(holder, Account):
        conditions["repository_name"] = {"include": ["~ALL"], "exclude": [], "protected": False}
    made: JSON = {
        "id": hub.next_id(),
        "name": name,
        "target": target,
        "enforcement": enforcement,
        "bypass_actors": [dict(one) for one in bypass],
        "conditions": conditions,
        "rules": [{"type": kind} for kind in rules],
    }
    holder.rulesets[made["id"]] = made
    return made


def pages(found: Repository, *, cname: str | None = None) -> JSON:
    """Publish a site from the default branch."""
    source = {"branch": found.default_branch, "path": "/"}
    found.pages = {
        "build_type": "legacy",
        "source": source,
        "cname": cname,
        "https_enforced": cname is None,
    }
    return found.pages


def run(hub: Hub, found: Repository, *, artifacts: Iterable[str] = ()) -> JSON:
    """Let a workflow have run on the default branch, and leave artifacts."""
    number = hub.next_id()
    made = {
        "id": number,
        "name": "tests",
        "number": len(found.runs) + 1,
        "head_branch": found.default_branch,
        "head_sha": gitstore.branches(found)[found.default_branch],
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "created_at": _ago(hub, 3),
        "has_logs": True,
    }
    found.runs[number] = made
    for name in artifacts:
        one = hub.next_id()
        found.artifacts[one] = {
            "id": one,
            "name": name,
            "size_in_bytes": 2048,
            "run": number,
            "expired": False,
            "created_at": made["created_at"],
            "expires_at": _ago(hub, -87),
        }
    return made


def cache(hub: Hub, found: Repository, name: str, *, ref: str = "refs/heads/main") -> JSON:
    """Add a cache of Actions."""
    number = hub.next_id()
    found.caches[number] = {
        "id": number,
        "ref": ref,
        "key": name,
        "version": f"{number:064x}",
        "last_accessed_at": _ago(hub, 1),
        "created_at": _ago(hub, 3),
        "size_in_bytes": 1024,
    }
    return found.caches[number]


def release(
    hub: Hub, found: Repository, tag: str, author: Account, *, assets: Mapping[str, int]
) -> JSON:
    """Publish a release with files, each of a size in bytes."""
    number = hub.next_id()
    found.releases[number] = {
        "id": number,
        "tag_name": tag,
        "name": tag,
        "author": author.id,
        "created_at": _ago(hub, 30),
        "assets": [
            {"id": hub.next_id(), "name": name, "size": size} for name, size in assets.items()
        ],
    }
    return found.releases[number]


def deployment(hub: Hub, found: Repository, environment: str, creator: Account) -> JSON:
    """Deploy the default branch to an environment, which is made with it."""
    about = {"id": hub.next_id(), "name": environment, "created_at": _ago(hub, 90)}
    found.environments.append(about)
    made = {
        "id": hub.next_id(),
        "sha": gitstore.branches(found)[found.default_branch],
        "ref": found.default_branch,
        "environment": environment,
        "creator": creator.id,
        "created_at": _ago(hub, 10),
    }
    found.deployments.append(made)
    return made


def comment(hub: Hub, found: Repository, kind: str, user: Account, body: str, **about: Any) -> JSON:
    """Add a comment.

    Args:
        hub: Where it all stands.
        found: Where to.
        kind: `issue`, with `number`; `pull`, with `number`, `path`, `commit_id`; or `commit`, with `commit_id`.
        user: Who says it.
        body: What.
        about: See `kind`.
    """
    made = {
        "id": hub.next_id(),
        "kind": kind,
        "user": user.id,
        "body": body,
        "created_at": _ago(hub, 5),
        **about,
    }
    found.comments.append(made)
    return made


def traffic(hub: Hub, found: Repository, *, clones: int, cloners: int, views: int) -> None:
    """Spread clones and views of the last fourteen days: the cloners all came on the first."""
    days = [hub.clock.now() - timedelta(days=number) for number in range(14, 0, -1)]
    found.traffic["clones"] = _days(days, clones, cloners)
    found.traffic["views"] = _days(days, views, min(views, cloners * 2))
    path = f"/{found.full_name}"
    found.traffic["paths"] = [
        {"path": path, "title": found.name, "count": views, "uniques": cloners}
    ]
    found.traffic["referrers"] = [{"referrer": "example.org", "count": views // 2, "uniques": 1}]


def star(hub: Hub, found: Repository, people: Iterable[Account], *, watch: bool = False) -> None:
    """Let people star a repository, and watch it."""
    for number, person in enumerate(people):
        found.stars[person.id] = hub.clock.now() - timedelta(days=100 - number % 99)
        if watch:
            found.watchers.add(person.id)


def audit(hub: Hub, organisation: Account, action: str, actor: Account, found: Repository) -> JSON:
    """Write a line into an organisation's audit log, such as `git.clone`."""
    made = {
        "@timestamp": int(hub.clock.now().timestamp() * 1000),
        "_document_id": f"d{hub.next_id()}",
        "action": action,
        "actor": actor.login,
        "actor_id": actor.id,
        "org": organisation.login,
        "org_id": organisation.id,
        "repo": found.full_name,
        "repo_id": found.id,
        "created_at": int(hub.clock.now().timestamp() * 1000),
    }
    organisation.audit_log.append(made)
    return made


def install(hub: Hub, organisation: Account, slug: str, *, everywhere: bool = True) -> JSON:
    """Install an App in an organisation."""
    made = {
        "id": hub.next_id(),
        "app_id": hub.next_id(),
        "app_slug": slug,
        "repository_selection": "all" if everywhere else "selected",
    }
    organisation.installations.append(made)
    return made


def package(hub: Hub, organisation: Account, name: str, found: Repository) -> JSON:
    """Publish a container image of a repository."""
    made = {
        "id": hub.next_id(),
        "name": name,
        "package_type": "container",
        "repository": found.id,
        "visibility": "public",
    }
    organisation.packages.append(made)
    return made


def codespace(hub: Hub, organisation: Account, owner: Account, found: Repository) -> JSON:
    """Open a codespace, which is a clone that somebody works in."""
    number = hub.next_id()
    made = {
        "id": number,
        "name": f"{owner.login}-space-{number}",
        "owner": owner.id,
        "repository": found.id,
        "created_at": _ago(hub, 4),
    }
    organisation.codespaces.append(made)
    return made


def _ago(hub: Hub, days: float) -> str | None:
    return shapes.time(hub.clock.now() - timedelta(days=days))


def _days(days: Sequence[datetime], count: int, uniques: int) -> list[JSON]:
    first = {"count": count, "uniques": uniques}
    return [
        {"timestamp": shapes.time(_midnight(day)), **(first if day is days[0] else _QUIET)}
        for day in days
    ]


_QUIET = {"count": 0, "uniques": 0}


def _midnight(day: datetime) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _delivery(hub: Hub, found: Repository) -> JSON:
    number = hub.next_id()
    return {
        "id": number,
        "guid": str(uuid.UUID(int=number)),
        "delivered_at": _ago(hub, 3),
        "redelivery": False,
        "duration": 0.2,
        "status": "OK",
        "status_code": 200,
        "event": "push",
        "action": None,
        "installation_id": None,
        "repository_id": found.id,
        "throttled_at": None,
    }
