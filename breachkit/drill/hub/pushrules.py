"""What a push may do to a ref: branch protections and rulesets, with GitHub's words for a refusal.

Source: GitHub's "About protected branches" (the rules for force pushes and deletions apply to
everyone, the others spare administrators unless told otherwise) and "Available rules for rulesets".
"""

import enum
import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from breachkit.actions.ref_patterns import matches
from breachkit.drill.hub.protected import rule_of
from breachkit.drill.hub.state import Account, Hub, Repository


class Change(enum.Enum):
    """What a push does to a ref."""

    CREATE = "creation"
    UPDATE = "update"
    FORCE = "non_fast_forward"
    """An update that takes commits away."""
    DELETE = "deletion"


_ROLE_IDS = {1: "read", 2: "triage", 3: "write", 4: "maintain", 5: "admin"}
"""The `actor_id` of a bypass of type RepositoryRole."""

_NEVER_MET = {
    "pull_request": "Changes must be made through a pull request.",
    "required_status_checks": "Required status checks are expected.",
    "required_signatures": "Commits must have verified signatures.",
}
"""Rules that no push of the stand-in's plain, unsigned commits fulfils."""


def refuses(hub: Hub, person: Account | None, found: Repository, ref: str, change: Change) -> str:
    """Say in GitHub's words why a push to a ref is refused, one reason on each line; or nothing.

    Args:
        hub: Where it all stands.
        person: Who pushes.
        found: Where.
        ref: In full.
        change: What happens to it.
    """
    protected = list(_protection(hub, person, found, ref, change))
    if protected:
        return "\n".join((f"GH006: Protected branch update failed for {ref}.", *protected))
    ruled = list(_rules(hub, person, found, ref, change))
    if ruled:
        return "\n".join((f"GH013: Repository rule violations found for {ref}.", *ruled))
    return ""


def covers(ruleset: dict[str, Any], ref: str, found: Repository) -> bool:
    """Say whether a ruleset is about a ref."""
    kind = {"branch": "refs/heads/", "tag": "refs/tags/"}.get(ruleset.get("target", "branch"), "\0")
    if not ref.startswith(kind):
        return False
    names = ruleset.get("conditions", {}).get("ref_name", {})
    return any(_meets(one, ref, found) for one in names.get("include", ())) and not any(
        _meets(one, ref, found) for one in names.get("exclude", ())
    )


def applying(found: Repository) -> Iterator[dict[str, Any]]:
    """Give every ruleset of a repository and of its organisation."""
    for one in found.rulesets.values():
        yield {**one, "source_type": "Repository", "source": found.full_name}
    for one in found.owner.rulesets.values():
        if _names(one, found):
            yield {**one, "source_type": "Organization", "source": found.owner.login}


def _names(ruleset: dict[str, Any], found: Repository) -> bool:
    """Say whether a ruleset of an organisation is about a repository."""
    names = ruleset.get("conditions", {}).get("repository_name", {"include": ["~ALL"]})
    return any(one == "~ALL" or fnmatch.fnmatch(found.name, one) for one in names["include"])


def _meets(pattern: str, ref: str, found: Repository) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == f"refs/heads/{found.default_branch}"
    return matches(pattern, ref)


def _protection(
    hub: Hub, person: Account | None, found: Repository, ref: str, change: Change
) -> Iterator[str]:
    rule = (
        rule_of(found, ref.removeprefix("refs/heads/")) if ref.startswith("refs/heads/") else None
    )
    if rule is None or (found.visibility != "public" and found.owner.plan == "free"):
        return  # a plan without protections does not enforce those that are left
    kept = found.protections[rule]
    if change is Change.DELETE and not kept.get("allow_deletions"):
        yield "Cannot delete this protected branch"
    pushers = {"users": kept.get("force_pushers", ())}
    forced = change is Change.FORCE and not _among(person, found, pushers)
    if forced and not kept.get("allow_force_pushes"):
        yield "Cannot force-push to this protected branch"
    if not _is_spared(hub, person, found, kept):
        yield from _restrained(person, found, kept)


def may_push(hub: Hub, person: Account | None, found: Repository, kept: dict[str, Any]) -> bool:
    """Say whether a protection lets a person push at all, by force or not."""
    role = hub.role(person, found)
    if role in {None, "read", "triage"}:
        return False
    return _is_spared(hub, person, found, kept) or not any(_restrained(person, found, kept))


def _is_spared(hub: Hub, person: Account | None, found: Repository, kept: dict[str, Any]) -> bool:
    return hub.role(person, found) == "admin" and not kept["enforce_admins"]


def _restrained(person: Account | None, found: Repository, kept: dict[str, Any]) -> Iterator[str]:
    if kept.get("lock_branch"):
        yield "Cannot change this locked branch"
    reviews = kept["required_pull_request_reviews"]
    if reviews is not None:
        allowed = reviews.get("bypass_pull_request_allowances") or {}
        if not _among(person, found, allowed):
            yield _NEVER_MET["pull_request"]
    if kept["required_status_checks"] is not None:
        yield _NEVER_MET["required_status_checks"]
    if kept.get("required_signatures"):
        yield _NEVER_MET["required_signatures"]
    if kept["restrictions"] is not None and not _among(person, found, kept["restrictions"]):
        yield "You're not authorized to push to this branch."


def _among(person: Account | None, found: Repository, named: dict[str, Any]) -> bool:
    if person is None:
        return False
    if person.login.lower() in {login.lower() for login in named.get("users", ())}:
        return True
    teams = (found.owner.teams.get(slug) for slug in named.get("teams", ()))
    return any(team is not None and person.id in team.members for team in teams)


def _rules(
    hub: Hub, person: Account | None, found: Repository, ref: str, change: Change
) -> Iterator[str]:
    if found.visibility != "public" and found.owner.plan == "free":
        return
    for one in applying(found):
        if one["enforcement"] != "active" or not covers(one, ref, found):
            continue
        if may_bypass(hub, person, found, one) != "always":
            yield from (said for rule in one["rules"] if (said := _broken(rule["type"], change)))


def file_rules(
    hub: Hub, person: Account | None, found: Repository, ref: str
) -> Iterator[tuple[str, str]]:
    """Give what no file of a push may be called, as a regular expression without spaces, and what is said then.

    Of push rulesets the stand-in knows those against extensions. Source: "Available rules for rulesets".
    """
    if found.visibility == "public" or found.owner.plan == "free":
        return  # push rulesets are for private repositories
    for one in applying(found):
        passes = may_bypass(hub, person, found, one) == "always"
        if one.get("target") != "push" or one["enforcement"] != "active" or passes:
            continue
        for rule in one["rules"]:
            for extension in (rule.get("parameters") or {}).get("restricted_file_extensions", ()):
                said = f"File extension {extension} is restricted"
                text = f"GH013: Repository rule violations found for {ref}.\\n{said}"
                yield re.escape(extension) + "$", text


def may_bypass(hub: Hub, person: Account | None, found: Repository, ruleset: dict[str, Any]) -> str:
    """Say whether a person passes a ruleset: `always`, `pull_requests_only` or `never`."""
    actors = [one for one in ruleset.get("bypass_actors") or () if _is(hub, person, found, one)]
    if any(one.get("bypass_mode", "always") != "pull_request" for one in actors):
        return "always"
    return "pull_requests_only" if actors else "never"


def _broken(kind: str, change: Change) -> str:
    """Say what of a rule a change breaks, or nothing."""
    if kind == "update" and change in {Change.UPDATE, Change.FORCE}:
        return "Cannot update this protected ref."
    if kind == "creation" and change is Change.CREATE:
        return "Cannot create ref due to creations being restricted."
    if kind == "deletion" and change is Change.DELETE:
        return "Cannot delete this branch"
    if kind == "non_fast_forward" and change is Change.FORCE:
        return "Cannot force-push to this branch"
    return _NEVER_MET.get(kind, "") if change is not Change.DELETE else ""


def _is(hub: Hub, person: Account | None, found: Repository, actor: dict[str, Any]) -> bool:
    """Say whether a person is one of those whom a ruleset lets pass."""
    if person is None:
        return False
    match actor["actor_type"]:
        case "OrganizationAdmin":
            return found.owner.members.get(person.id) == "admin"
        case "RepositoryRole":
            return hub.role(person, found) == _ROLE_IDS.get(actor["actor_id"])
        case "Team":
            teams = (t for t in found.owner.teams.values() if t.id == actor["actor_id"])
            return any(person.id in team.members for team in teams)
        case "User":
            return bool(person.id == actor["actor_id"])
        case _:
            return False
