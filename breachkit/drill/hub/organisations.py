"""Organisations: their plan, repositories and people, and what only their owners are told."""

from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem, not_found, number_in, page
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Account, Repository


router = Router()

JSON = dict[str, Any]

_MEMBERS_CAN = (
    *(f"members_can_create_{kind}_repositories" for kind in ("public", "private", "internal")),
    *("members_can_create_pages", "members_can_create_public_pages"),
    *("members_can_create_private_pages", "members_can_fork_private_repositories"),
)


@router.on("GET", "/orgs/{org}")
def show(call: Call, *, org: str) -> Answer:
    """Give an organisation; its plan and base permission to its members alone."""
    return Answer(json=full(call, organisation(call, org)))


@router.on("GET", "/orgs/{org}/repos")
def repositories(call: Call, *, org: str) -> Answer:
    """Give the repositories that the caller may see, sorted as asked."""
    found = organisation(call, org)
    kind = call.request.query.get("type", "all")
    owned = [one for one in call.hub.repositories.values() if one.owner is found]
    return _listed(call, [one for one in owned if _is(one, kind)], "created")


@router.on("GET", "/users/{username}/repos")
def repositories_of(call: Call, *, username: str) -> Answer:
    """Give the public repositories of an account, or those that it may write to as well."""
    found = access.person(call, username)
    kind = call.request.query.get("type", "owner")
    public = [one for one in call.hub.repositories.values() if one.visibility == "public"]
    own = [one for one in public if one.owner is found and kind in {"owner", "all"}]
    others = [one for one in public if one.owner is not found and kind in {"member", "all"}]
    theirs = [one for one in others if call.hub.role(found, one) is not None]
    return _listed(call, own + theirs, "full_name")


@router.on("GET", "/user/{account_id}")
def by_id(call: Call, *, account_id: str) -> Answer:
    """Give an account by what its new name does not change."""
    found = call.hub.accounts.get(number_in(account_id))
    if found is None:
        raise not_found()
    return Answer(json=shapes.account(call.hub, found, call.request.base))


@router.on("GET", "/orgs/{org}/members")
def members(call: Call, *, org: str) -> Answer:
    """Give the members, to members alone; strangers see none, for none is public here."""
    found = organisation(call, org)
    inside = call.person is not None and call.person.id in found.members
    role = call.request.query.get("role", "all")
    numbers = [n for n, has in found.members.items() if inside and role in {"all", has}]
    base = call.request.base
    return page(call.request, [shapes.user(call.hub.accounts[one], base) for one in numbers])


@router.on("GET", "/orgs/{org}/memberships/{username}")
def membership(call: Call, *, org: str, username: str) -> Answer:
    """Say what somebody is in an organisation."""
    found = organisation(call, org)
    asking = access.known(call)
    who = access.person(call, username)
    if asking.id not in found.members:
        raise Problem(403, "You must be a member of this organization to see its memberships.")
    return Answer(json=_membership(call, found, who))


@router.on("GET", "/user/memberships/orgs/{org}")
def own_membership(call: Call, *, org: str) -> Answer:
    """Say what the caller is in an organisation."""
    return Answer(json=_membership(call, organisation(call, org), access.known(call)))


@router.on("GET", "/user/orgs")
def own_organisations(call: Call) -> Answer:
    """Give the organisations of the caller."""
    who = access.known(call)
    found = [one for one in call.hub.accounts.values() if who.id in one.members]
    return page(call.request, [_simple(call, one) for one in found])


@router.on("GET", "/orgs/{org}/outside_collaborators")
def outside_collaborators(call: Call, *, org: str) -> Answer:
    """Give everybody who has access to some repository without being a member."""
    found = owned(call, org)
    theirs = (one for one in call.hub.repositories.values() if one.owner is found)
    numbers = {number for one in theirs for number in one.collaborators} - set(found.members)
    base = call.request.base
    return page(call.request, [shapes.user(call.hub.accounts[n], base) for n in sorted(numbers)])


@router.on("DELETE", "/orgs/{org}/outside_collaborators/{username}")
def remove_outside_collaborator(call: Call, *, org: str, username: str) -> Answer:
    """Take somebody's access to every repository of the organisation at once."""
    found = owned(call, org)
    who = access.person(call, username)
    if who.id in found.members:
        raise Problem(
            422, "You cannot specify an organization member to remove as an outside collaborator."
        )
    for one in call.hub.repositories.values():
        if one.owner is found:
            one.collaborators.pop(who.id, None)
    return NO_CONTENT


def full(call: Call, found: Account) -> JSON:
    """Give an `organization-full`, with what its members alone are told."""
    public = sum(
        one.owner is found and one.visibility == "public" for one in call.hub.repositories.values()
    )
    shown = {
        **_simple(call, found),
        "name": found.name,
        "is_verified": False,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": public,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{call.request.base}/{found.login}",
        "type": "Organization",
        "created_at": "2015-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "archived_at": None,
    }
    if call.person is not None and call.person.id in found.members:
        shown |= _for_members(found)
    return shown


def organisation(call: Call, org: str) -> Account:
    """Find an organisation.

    Raises:
        Problem: 404 where there is none of that name.
    """
    found = call.hub.account(org)
    if found is None or not found.is_organisation:
        raise not_found()
    return found


def owned(call: Call, org: str) -> Account:
    """Find an organisation that the caller owns.

    Raises:
        Problem: 404 where there is none; 401 for strangers; 403 where the caller does not own it.
    """
    found = organisation(call, org)
    who = access.known(call)
    access.signed_on(call, found)
    if found.members.get(who.id) != "admin":
        raise Problem(403, "You must be an admin of this organization.")
    return found


def _for_members(found: Account) -> JSON:
    plan = {
        "name": found.plan,
        "space": 976562499,
        "private_repos": 9999,
        "filled_seats": 3,
        "seats": 5,
    }
    return {
        "default_repository_permission": found.base_permission,
        "members_can_create_repositories": True,
        "members_allowed_repository_creation_type": "all",
        **dict.fromkeys(_MEMBERS_CAN, True),
        "web_commit_signoff_required": False,
        "billing_email": f"billing@{found.login}.example.org",
        "collaborators": 0,
        "disk_usage": 0,
        "private_gists": 0,
        "two_factor_requirement_enabled": True,
        "plan": plan,
        "total_private_repos": 0,
        "owned_private_repos": 0,
    }


def _simple(call: Call, found: Account) -> JSON:
    address = f"{call.request.base}{API}/orgs/{found.login}"
    paths = ("repos", "events", "hooks", "issues")
    return {
        "login": found.login,
        "id": found.id,
        "node_id": shapes.node_id("O", found.id),
        "url": address,
        **{f"{name}_url": f"{address}/{name}" for name in paths},
        "members_url": f"{address}/members{{/member}}",
        "public_members_url": f"{address}/public_members{{/member}}",
        "avatar_url": f"{call.request.base}/avatars/{found.id}",
        "description": None,
    }


def _is(one: Repository, kind: str) -> bool:
    match kind:
        case "forks":
            return one.parent is not None
        case "sources":
            return one.parent is None
        case "public" | "private" | "internal":
            return one.visibility == kind
        case _:
            return True


def _listed(call: Call, found: list[Repository], falls: str) -> Answer:
    """Give a page of those that the caller may see, sorted as asked, or by what `falls` names."""
    seen = [one for one in found if call.may_see(one)]
    answer = page(call.request, _sorted(call, seen, falls))
    base = call.request.base
    shown = [shapes.repository(call.hub, one, base, call.person) for one in answer.json]
    return Answer(json=shown, headers=answer.headers)


def _sorted(call: Call, kept: list[Repository], falls: str) -> list[Repository]:
    order = call.request.query.get("sort", falls)
    keys = {
        "pushed": lambda one: one.pushed_at or one.created_at,
        "updated": lambda one: one.pushed_at or one.created_at,
        "full_name": lambda one: one.full_name.lower(),
    }
    direction = "asc" if order == "full_name" else "desc"
    descending = call.request.query.get("direction", direction) == "desc"
    return sorted(kept, key=keys.get(order, lambda one: one.created_at), reverse=descending)


def _membership(call: Call, found: Account, who: Account) -> JSON:
    role = found.members.get(who.id)
    if role is None:
        raise not_found()
    address = f"{call.request.base}{API}/orgs/{found.login}"
    return {
        "url": f"{address}/memberships/{who.login}",
        "state": "active",
        "role": role,
        "organization_url": address,
        "organization": _simple(call, found),
        "user": shapes.user(who, call.request.base),
    }
