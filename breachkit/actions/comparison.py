"""What differs between two snapshots, and which of it was bound to: the documented losses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from breachkit.actions.hosting import Answered, Reading, Topic


Kind = Literal["missing", "new", "changed", "not read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it was."""

    topic: Topic
    kind: Kind
    name: str
    """What it is, such as a login or a branch."""
    documented: str = ""
    """Why it was bound to happen; empty where it was not."""


Readings = Mapping[Topic, Reading]
Things = Mapping[str, Any]
"""Each thing of a topic by its name, without what changes by itself."""


def differences(
    before: Readings, after: Readings, *, was_private: bool, invited: frozenset[str] = frozenset()
) -> tuple[Difference, ...]:
    """Say what differs between two snapshots of a repository.

    Args:
        before: The one before containment.
        after: The one after access was given back.
        was_private: Whether it was made private in between.
        invited: Logins, in lower case, of who was invited again and has not accepted.
    """
    found: list[Difference] = []
    for topic, things in _THINGS.items():
        if topic in before and topic in after:
            found += _of_topic(before[topic], after[topic], things)
    return tuple(
        Difference(
            topic=each.topic,
            kind=each.kind,
            name=each.name,
            documented=_reason(each, was_private=was_private, invited=invited),
        )
        for each in found
    )


_READ = frozenset({Answered.COMPLETE, Answered.ABSENT})


def _of_topic(
    before: Reading, after: Reading, things: Callable[[Reading], Things]
) -> Iterator[Difference]:
    if before.answered not in _READ or after.answered not in _READ:
        why = before.reason if before.answered not in _READ else after.reason
        yield Difference(topic=before.topic, kind="not read", name=why)
        return
    old, new = things(before), things(after)
    for name in sorted({*old, *new}):
        if name not in new:
            yield Difference(topic=before.topic, kind="missing", name=name)
        elif name not in old:
            yield Difference(topic=before.topic, kind="new", name=name)
        elif old[name] != new[name]:
            yield Difference(topic=before.topic, kind="changed", name=name)


_ERASED = {
    Topic.STARGAZERS: "stars are erased when a repository goes private",
    Topic.SUBSCRIBERS: "watchers are erased when a repository goes private",
    Topic.FORKS: "public forks are cut off when a repository goes private: they are still there",
}


def _reason(each: Difference, *, was_private: bool, invited: frozenset[str]) -> str:
    if each.topic in _ERASED and was_private and each.kind == "missing":
        return _ERASED[each.topic]
    if each.topic is Topic.COLLABORATORS and each.name.lower() in invited:
        return "invited again, and has not accepted yet"
    if each.topic is Topic.INVITATIONS and each.name.lower() in invited:
        return "the new invitation, which waits to be accepted"
    if each.topic is Topic.INVITATIONS and each.name.startswith("#"):
        return "an invitation by e-mail: GitHub does not tell the address"
    if each.topic is Topic.REPOSITORY and each.name == "forks_count" and was_private:
        return _ERASED[Topic.FORKS]
    return ""


def _by(key: str, *kept: str) -> Callable[[Reading], Things]:
    return lambda reading: {
        str(one[key]): {name: one.get(name) for name in kept} for one in reading.items
    }


def _fields(*kept: str) -> Callable[[Reading], Things]:
    """Each field of a topic that is a single thing."""
    return lambda reading: {name: reading.only.get(name) for name in kept} if reading.items else {}


def _person(reading: Reading) -> Things:
    return {str((one.get("user") or one)["login"]): None for one in reading.items}


def _invitations(reading: Reading) -> Things:
    """By login; those by e-mail by number."""
    return {
        str((one.get("invitee") or {}).get("login") or f"#{one['id']}"): one.get("permissions")
        for one in reading.items
        if not one.get("expired")
    }


def _keys(reading: Reading) -> Things:
    """By title and the key itself: one that was added again has a new number and date."""
    return {
        f"{one['title']} ({' '.join(one['key'].split()[:2])[-12:]})": one["read_only"]
        for one in reading.items
    }


_MOVES = frozenset({"url", "updated_at", "node_id", "_links", "current_user_can_bypass"})


def _still(value: Any) -> Any:
    """Give a setting without addresses and dates of its own."""
    if isinstance(value, Mapping):
        return {
            name: _still(each)
            for name, each in value.items()
            if name not in _MOVES and not name.endswith("_url")
        }
    return [_still(each) for each in value] if isinstance(value, list) else value


def _protections(reading: Reading) -> Things:
    return {one["branch"]: _still(one) for one in reading.items}


_OF_RULES = frozenset({"id", "databaseId", "branches", "viewer"})
"""Of a protection by pattern: what it is called, and what it holds for just now."""


def _rules(reading: Reading) -> Things:
    """By pattern, the oldest first where two have the same."""
    found: dict[str, list[Any]] = {}
    for one in reading.items:
        if "id" in one:
            still = {name: value for name, value in one.items() if name not in _OF_RULES}
            found.setdefault(one["pattern"], []).append(still)
    return found


def _rulesets(reading: Reading) -> Things:
    return {f"{one['name']} ({one['id']})": _still(one) for one in reading.items}


def _hooks(reading: Reading) -> Things:
    return {
        str(one["id"]): [one["active"], one.get("events"), one.get("config")]
        for one in reading.items
    }


_THINGS: Mapping[Topic, Callable[[Reading], Things]] = {
    Topic.REPOSITORY: _fields(
        "full_name", "visibility", "default_branch", "archived", "allow_forking", "has_wiki",
        "has_pages", "description", "topics", "forks_count",
    ),
    Topic.ORGANISATION: _fields("default_repository_permission"),
    Topic.FORKS: _by("full_name", "id"),
    Topic.STARGAZERS: _person,
    Topic.SUBSCRIBERS: _person,
    Topic.COLLABORATORS: _by("login", "id", "role_name", "affiliation"),
    Topic.INVITATIONS: _invitations,
    Topic.TEAMS: _by("slug", "permission"),
    Topic.KEYS: _keys,
    Topic.HOOKS: _hooks,
    Topic.PROTECTIONS: _protections,
    Topic.RULES: _rules,
    Topic.RULESETS: _rulesets,
    Topic.PAGES: _fields("build_type", "source", "cname", "https_enforced"),
    Topic.ACTIONS: _fields("enabled", "allowed_actions", "sha_pinning_required", "selected_actions"),
}  # fmt: skip
"""What is compared; traffic moves by itself."""
