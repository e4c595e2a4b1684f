"""What closes a repository, in order, and what gives each part back: decided from what was read.

The order loses no evidence and shuts the widest door first: visibility, Pages, invitations, outside
collaborators, Actions, deploy keys, hooks, teams that are named, forking. Source: OpenSAFELY's engineer
runbook, "make safe", and GitHub's "Setting repository visibility".
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from breachkit.actions.hosting import (
    Account,
    Answered,
    HostedRepository,
    Reading,
    Topic,
    Write,
    WriteKind,
)


class Area(enum.StrEnum):
    """A part of containment that can be left as it is."""

    VISIBILITY = "visibility"
    PAGES = "pages"
    INVITATIONS = "invitations"
    COLLABORATORS = "collaborators"
    ACTIONS = "actions"
    KEYS = "keys"
    HOOKS = "hooks"
    TEAMS = "teams"
    FORKING = "forking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change, what undoes it, and what does not come back."""

    write: Write
    inverse: Write | None
    """None where nothing undoes it."""
    area: Area
    says: str
    """The change in words, for a person."""
    lost: tuple[str, ...] = ()
    """What undoing it does not bring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person decided before the plan was made."""

    authorised: frozenset[str] = frozenset()
    """Logins, in lower case, of who may handle sensitive data and keeps their access."""
    keep: frozenset[Area] = frozenset()
    teams: frozenset[str] = frozenset()
    """Slugs of teams that lose access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What containment would change."""

    repository: HostedRepository
    account: Account
    steps: tuple[Step, ...]
    spared: tuple[str, ...] = ()
    """Who and what keeps access, and why, in words."""
    readers: tuple[str, ...] = ()
    """Who can still read the repository afterwards."""
    unread: tuple[str, ...] = ()
    """What could not be read, so that the plan may lack something."""
    unknown: tuple[str, ...] = ()
    """Logins and slugs that were named and that nobody has."""

    @property
    def lost(self) -> tuple[str, ...]:
        """What cannot be undone, each once."""
        return tuple(dict.fromkeys(text for step in self.steps for text in step.lost))


Readings = Mapping[Topic, Reading]

NEEDED = (
    Topic.REPOSITORY,
    Topic.ORGANISATION,
    Topic.PAGES,
    Topic.INVITATIONS,
    Topic.COLLABORATORS,
    Topic.ACTIONS,
    Topic.KEYS,
    Topic.HOOKS,
    Topic.TEAMS,
)
"""What a plan is made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that a plan is made from."""

    repository: HostedRepository
    account: Account
    readings: Readings
    wanted: Wanted = field(default_factory=Wanted)

    def items(self, topic: Topic) -> tuple[Mapping[str, Any], ...]:
        """Give what was read about a topic; empty where it was not."""
        reading = self.readings.get(topic)
        return () if reading is None else tuple(reading.items)


def plan(situation: Situation) -> Plan:
    """Give the changes that close a repository, and what they leave open."""
    steps = [
        step
        for area, make in _AREAS.items()
        if area not in situation.wanted.keep
        for step in make(situation)
    ]
    return Plan(
        repository=situation.repository,
        account=situation.account,
        steps=tuple(steps),
        spared=tuple(_spared(situation)),
        readers=tuple(_readers(situation)),
        unread=tuple(_unread(situation)),
        unknown=tuple(_unknown(situation)),
    )


# --- the areas, in order ---------------------------------------------------------------------

_LOST_BY_PRIVACY = (
    "stars and watchers are erased",
    "public forks are cut off: they stay public, in a network of their own",
    "the repository leaves the GitHub Archive Program",
    "on the way back push rulesets are switched off and the logs of Actions become public",
)


def _visibility(at: Situation) -> Iterator[Step]:
    now = at.repository.visibility
    if now == "private":
        return
    yield Step(
        area=Area.VISIBILITY,
        write=Write(kind=WriteKind.SET_VISIBILITY, detail={"visibility": "private"}),
        inverse=Write(kind=WriteKind.SET_VISIBILITY, detail={"visibility": now}),
        says=f"make it private (it is {now})",
        lost=_LOST_BY_PRIVACY if now == "public" else (),
    )


_LOST_TO_A_STRANGER = (
    "the site's own domain still points to the platform: until it is back anybody there may claim it, "
    "so have its DNS entry taken out"
)
"""Source: GitHub's documentation, on verifying a custom domain for Pages (takeovers)."""


def _pages(at: Situation) -> Iterator[Step]:
    for site in at.items(Topic.PAGES):
        names = ("build_type", "source", "cname", "https_enforced")
        kept = {name: site[name] for name in names if site.get(name) is not None}
        lost = ("the history of the Pages builds; a certificate takes time to come back",)
        yield Step(
            area=Area.PAGES,
            write=Write(kind=WriteKind.UNPUBLISH_PAGES),
            inverse=Write(kind=WriteKind.PUBLISH_PAGES, detail=kept),
            says="take the Pages site down",
            lost=(*lost, _LOST_TO_A_STRANGER) if site.get("cname") else lost,
        )


def _invitations(at: Situation) -> Iterator[Step]:
    for one in at.items(Topic.INVITATIONS):
        invitee = one.get("invitee") or {}
        login = str(invitee.get("login") or "")
        if one.get("expired") or _is_authorised(at, login):
            continue
        role = as_read(str(one.get("permissions") or "read"))
        detail = {"id": one["id"], "login": login, "role": role}
        again = {"login": login, "id": invitee.get("id"), "role": role}
        yield Step(
            area=Area.INVITATIONS,
            write=Write(kind=WriteKind.CANCEL_INVITATION, detail=detail),
            inverse=Write(kind=WriteKind.INVITE, detail=again) if login else None,
            says=f"cancel the invitation of {login or 'somebody by e-mail'} ({role})",
            lost=("a cancelled invitation comes back as a new one, with a new mail",)
            if login
            else ("an invitation by e-mail: GitHub does not tell the address",),
        )


_LOST_WITH_A_PERSON = (
    "a removed collaborator loses their private fork, their star, their assignments and the "
    "invitations they sent, and has to accept a new invitation"
)


def _collaborators(at: Situation) -> Iterator[Step]:
    for person in removable(at):
        detail = {
            "login": person["login"],
            "id": person["id"],
            "role": person.get("role_name") or "read",
        }
        yield Step(
            area=Area.COLLABORATORS,
            write=Write(kind=WriteKind.REMOVE_COLLABORATOR, detail=detail),
            inverse=Write(kind=WriteKind.INVITE, detail=detail),
            says=f"remove the outside collaborator {person['login']} ({detail['role']})",
            lost=(_LOST_WITH_A_PERSON,),
        )


def removable(at: Situation) -> tuple[Mapping[str, Any], ...]:
    """Give the outside collaborators who lose access.

    Never the acting account, nobody authorised, and never the last administrator.
    """
    people = at.items(Topic.COLLABORATORS)
    chosen = [
        one
        for one in people
        if one.get("affiliation") == "outside"
        and one["id"] != at.account.id
        and not _is_authorised(at, str(one["login"]))
    ]
    gone = {one["id"] for one in chosen}
    if any(one.get("role_name") == "admin" and one["id"] not in gone for one in people):
        return tuple(chosen)
    return tuple(one for one in chosen if one.get("role_name") != "admin")


def _is_authorised(at: Situation, login: str) -> bool:
    return bool(login) and login.lower() in at.wanted.authorised


def _actions(at: Situation) -> Iterator[Step]:
    for one in at.items(Topic.ACTIONS):
        if not one.get("enabled"):
            continue
        names = ("enabled", "allowed_actions", "sha_pinning_required", "selected_actions")
        kept = {name: one[name] for name in names if one.get(name) is not None}
        yield Step(
            area=Area.ACTIONS,
            write=Write(kind=WriteKind.SET_ACTIONS, detail={"enabled": False}),
            inverse=Write(kind=WriteKind.SET_ACTIONS, detail=kept),
            says="switch Actions off, so that no workflow publishes or gives access back",
            lost=("workflow runs that would have started meanwhile",),
        )


def _keys(at: Situation) -> Iterator[Step]:
    for one in at.items(Topic.KEYS):
        kept = {name: one[name] for name in ("title", "key", "read_only")}
        may = "read" if one["read_only"] else "read and write"
        yield Step(
            area=Area.KEYS,
            write=Write(kind=WriteKind.DELETE_KEY, detail={"id": one["id"], **kept}),
            inverse=Write(kind=WriteKind.ADD_KEY, detail=kept),
            says=f"delete the deploy key {one['title']!r} ({may})",
            lost=("a deploy key comes back with a new number and date",),
        )


def _hooks(at: Situation) -> Iterator[Step]:
    for one in at.items(Topic.HOOKS):
        if not one.get("active"):
            continue
        yield Step(
            area=Area.HOOKS,
            write=Write(kind=WriteKind.SET_HOOK, detail={"id": one["id"], "active": False}),
            inverse=Write(kind=WriteKind.SET_HOOK, detail={"id": one["id"], "active": True}),
            says=f"switch the webhook {one['id']} off (its secret cannot be read, so it stays)",
            lost=("what webhooks would have sent meanwhile",),
        )


def _teams(at: Situation) -> Iterator[Step]:
    for one in at.items(Topic.TEAMS):
        if one["slug"].lower() not in at.wanted.teams:
            continue
        detail = {
            "slug": one["slug"],
            "organisation": at.repository.owner,
            "role": as_read(one["permission"]),
        }
        yield Step(
            area=Area.TEAMS,
            write=Write(kind=WriteKind.REMOVE_TEAM, detail=detail),
            inverse=Write(kind=WriteKind.ADD_TEAM, detail=detail),
            says=f"take access from the team {one['slug']} ({detail['role']})",
            lost=("private forks of members of a team that loses access",),
        )


def _forking(at: Situation) -> Iterator[Step]:
    allowed = any(one.get("allow_forking") for one in at.items(Topic.REPOSITORY))
    if not (allowed and at.repository.is_organisation):
        return
    yield Step(
        area=Area.FORKING,
        write=Write(kind=WriteKind.SET_FORKING, detail={"allowed": False}),
        inverse=Write(kind=WriteKind.SET_FORKING, detail={"allowed": True}),
        says="forbid private forks",
    )


_AREAS = {
    Area.VISIBILITY: _visibility,
    Area.PAGES: _pages,
    Area.INVITATIONS: _invitations,
    Area.COLLABORATORS: _collaborators,
    Area.ACTIONS: _actions,
    Area.KEYS: _keys,
    Area.HOOKS: _hooks,
    Area.TEAMS: _teams,
    Area.FORKING: _forking,
}


def as_read(role: str) -> str:
    """Give a role in the word in which it is read: `write` for push, `read` for pull."""
    return {"push": "write", "pull": "read"}.get(role, role)


# --- what stays ------------------------------------------------------------------------------


def _spared(at: Situation) -> Iterator[str]:
    gone = {one["id"] for one in removable(at)}
    for one in at.items(Topic.COLLABORATORS):
        if one.get("affiliation") != "outside" or one["id"] in gone:
            continue
        if one["id"] == at.account.id:
            why = "acts here"
        elif _is_authorised(at, str(one["login"])):
            why = "authorised"
        else:
            why = "the last administrator"
        yield f"{one['login']} ({one.get('role_name')}): {why}"
    yield from (f"{area}: kept as asked" for area in Area if area in at.wanted.keep)


def _readers(at: Situation) -> Iterator[str]:
    """Say who reads a private repository beside its outside collaborators."""
    if at.repository.is_organisation:
        yield f"owners of {at.repository.owner}"
        yield from _members(at)
    else:
        yield f"{at.repository.owner}, who owns it"
    left = {team["slug"]: as_read(team["permission"]) for team in at.items(Topic.TEAMS)}
    for slug, role in left.items():
        if slug.lower() not in at.wanted.teams:
            yield f"the team {slug} ({role})"
    for one in at.items(Topic.COLLABORATORS):
        if one.get("affiliation") == "direct" and one["login"] != at.repository.owner:
            yield f"{one['login']} ({one.get('role_name')}), a member of {at.repository.owner}"
    if Area.KEYS in at.wanted.keep and at.items(Topic.KEYS):
        yield "whoever holds a deploy key"
    if at.repository.is_organisation:
        yield "apps that are installed for all repositories of the organisation"


def _members(at: Situation) -> Iterator[str]:
    found = at.items(Topic.ORGANISATION)
    base = found[0].get("default_repository_permission") if found else None
    if base is None:
        yield "members, if the organisation gives them a base permission (this account is not told)"
    elif base != "none":
        yield f"every member of {at.repository.owner} (base permission: {base})"


def _unread(at: Situation) -> Iterator[str]:
    for topic in NEEDED:
        reading = at.readings.get(topic)
        if reading is None:
            yield f"{topic}: not read"
        elif reading.answered not in {Answered.COMPLETE, Answered.ABSENT}:
            yield f"{topic}: {reading.answered} ({reading.reason})"


def _unknown(at: Situation) -> Iterator[str]:
    people = {str(one["login"]).lower() for one in at.items(Topic.COLLABORATORS)}
    invited = {
        str((one.get("invitee") or {}).get("login", "")).lower()
        for one in at.items(Topic.INVITATIONS)
    }
    yield from sorted(at.wanted.authorised - people - invited)
    yield from sorted(at.wanted.teams - {t["slug"].lower() for t in at.items(Topic.TEAMS)})
