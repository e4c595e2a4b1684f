"""Who may do what in a repository: collaborators, invitations, deploy keys, hooks."""

from collections.abc import Iterator
from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import (
    NO_CONTENT,
    Answer,
    Problem,
    invalid,
    not_found,
    number_in,
    page,
)
from breachkit.drill.hub.networks import drop_private_forks
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Account, Invitation, Repository


router = Router()

_MOST_INVITATIONS = 50
"""In a repository in a day."""


@router.on("GET", "/user")
def me(call: Call) -> Answer:
    """Give who asks."""
    if call.person is None:
        raise Problem(401, "Requires authentication")
    return Answer(json=shapes.account(call.hub, call.person, call.request.base))


@router.on("GET", "/users/{username}")
def show_user(call: Call, *, username: str) -> Answer:
    """Give a person or an organisation."""
    found = access.person(call, username)
    return Answer(json=shapes.account(call.hub, found, call.request.base))


@router.on("GET", "/repos/{owner}/{repo}/collaborators")
def collaborators(call: Call, *, owner: str, repo: str) -> Answer:
    """Give everybody with access, or those of one affiliation."""
    found = access.pushed_to(call, owner, repo)
    wanted = call.request.query.get("affiliation", "all")
    people = [one for one in _with_access(call, found) if _is(one, found, wanted)]
    base = call.request.base
    return page(call.request, [shapes.collaborator(call.hub, one, found, base) for one in people])


@router.on("GET", "/repos/{owner}/{repo}/collaborators/{username}")
def is_collaborator(call: Call, *, owner: str, repo: str, username: str) -> Answer:
    """Say whether somebody has access."""
    found = access.pushed_to(call, owner, repo)
    who = access.person(call, username)
    if not call.hub.sources(who, found):
        raise not_found()
    return NO_CONTENT


@router.on("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission")
def permission(call: Call, *, owner: str, repo: str, username: str) -> Answer:
    """Give the highest role of somebody."""
    found = access.pushed_to(call, owner, repo)
    who = access.person(call, username)
    role = call.hub.role(who, found)
    if role is None and found.visibility == "public":
        role = "read"
    old = {"maintain": "write", "triage": "read", None: "none"}.get(role, role)
    user = {
        **shapes.user(who, call.request.base),
        "permissions": shapes.permissions(role),
        "role_name": role or "none",
    }
    return Answer(json={"permission": old, "role_name": role or "none", "user": user})


@router.on("PUT", "/repos/{owner}/{repo}/collaborators/{username}")
def add_collaborator(call: Call, *, owner: str, repo: str, username: str) -> Answer:
    """Give somebody access: at once where they have some or belong to it, else by invitation."""
    found = access.administered(call, owner, repo)
    who = access.person(call, username)
    role = shapes.as_read(call.request.json().get("permission", "push"))
    if who is found.owner:
        raise Problem(422, "Repository owner cannot be a collaborator")
    is_member = who.id in found.owner.members
    if is_member or who.id in found.collaborators:
        found.collaborators[who.id] = role
        return NO_CONTENT
    made = _invitation(call, found, _invite(call, found, who, role))
    return Answer(status=201, json=made, headers={"Location": made["url"]})


@router.on("DELETE", "/repos/{owner}/{repo}/collaborators/{username}")
def remove_collaborator(call: Call, *, owner: str, repo: str, username: str) -> Answer:
    """Take somebody's access, and with it all that GitHub documents to go too.

    Source: "Remove a repository collaborator": their invitations, assignments and star go, and
    their private fork is deleted.
    """
    found = access.find(call, owner, repo)
    who = access.person(call, username)
    if call.person is not who:
        access.at_least(call, found, "admin")
    found.collaborators.pop(who.id, None)
    found.stars.pop(who.id, None)
    found.watchers.discard(who.id)
    sent = [one for one in found.invitations.values() if one.inviter == who.id]
    for invitation in sent:
        del found.invitations[invitation.id]
    drop_private_forks(call.hub, found)
    return NO_CONTENT


@router.on("GET", "/repos/{owner}/{repo}/invitations")
def invitations(call: Call, *, owner: str, repo: str) -> Answer:
    """Give who was invited and has not accepted."""
    found = access.administered(call, owner, repo)
    return page(call.request, [_invitation(call, found, one) for one in found.invitations.values()])


@router.on("DELETE", "/repos/{owner}/{repo}/invitations/{invitation_id}")
def cancel_invitation(call: Call, *, owner: str, repo: str, invitation_id: str) -> Answer:
    """Take an invitation back."""
    found = access.administered(call, owner, repo)
    if found.invitations.pop(number_in(invitation_id), None) is None:
        raise not_found()
    return NO_CONTENT


@router.on("PATCH", "/repos/{owner}/{repo}/invitations/{invitation_id}")
def change_invitation(call: Call, *, owner: str, repo: str, invitation_id: str) -> Answer:
    """Give an invitation another role."""
    found = access.administered(call, owner, repo)
    invitation = found.invitations.get(number_in(invitation_id))
    if invitation is None:
        raise not_found()
    invitation.role = call.request.json().get("permissions", invitation.role)
    return Answer(json=_invitation(call, found, invitation))


@router.on("PATCH", "/user/repository_invitations/{invitation_id}")
def accept_invitation(call: Call, *, invitation_id: str) -> Answer:
    """Accept an invitation."""
    if call.person is None:
        raise Problem(401, "Requires authentication")
    for found in call.hub.repositories.values():
        invitation = found.invitations.get(number_in(invitation_id))
        if invitation is not None and invitation.invitee == call.person.id:
            del found.invitations[invitation.id]
            found.collaborators[call.person.id] = invitation.role
            return NO_CONTENT
    raise not_found()


@router.on("GET", "/repos/{owner}/{repo}/keys")
def keys(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the deploy keys."""
    found = access.administered(call, owner, repo)
    return page(call.request, [_key(call, found, one) for one in found.keys.values()])


@router.on("POST", "/repos/{owner}/{repo}/keys")
def add_key(call: Call, *, owner: str, repo: str) -> Answer:
    """Add a deploy key: a new one, whatever was there before."""
    found = access.administered(call, owner, repo)
    wanted = call.request.json()
    if any(one["key"] == wanted["key"] for one in found.keys.values()):
        raise invalid("PublicKey", "key", "key is already in use")
    key = {
        "id": call.hub.next_id(),
        "key": wanted["key"],
        "title": wanted.get("title", ""),
        "read_only": bool(wanted.get("read_only", False)),
        "created_at": shapes.time(call.hub.clock.now()),
        "last_used": None,
    }
    found.keys[key["id"]] = key
    return Answer(status=201, json=_key(call, found, key))


@router.on("DELETE", "/repos/{owner}/{repo}/keys/{key_id}")
def delete_key(call: Call, *, owner: str, repo: str, key_id: str) -> Answer:
    """Delete a deploy key."""
    found = access.administered(call, owner, repo)
    if found.keys.pop(number_in(key_id), None) is None:
        raise not_found()
    return NO_CONTENT


@router.on("GET", "/repos/{owner}/{repo}/hooks")
def hooks(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the webhooks, their secrets masked."""
    found = access.administered(call, owner, repo)
    return page(call.request, [_hook(call, found, one) for one in found.hooks.values()])


@router.on("GET", "/repos/{owner}/{repo}/hooks/{hook_id}")
def show_hook(call: Call, *, owner: str, repo: str, hook_id: str) -> Answer:
    """Give a webhook."""
    found = access.administered(call, owner, repo)
    hook = found.hooks.get(number_in(hook_id))
    if hook is None:
        raise not_found()
    return Answer(json=_hook(call, found, hook))


@router.on("PATCH", "/repos/{owner}/{repo}/hooks/{hook_id}")
def change_hook(call: Call, *, owner: str, repo: str, hook_id: str) -> Answer:
    """Switch a webhook on or off."""
    found = access.administered(call, owner, repo)
    hook = found.hooks.get(number_in(hook_id))
    if hook is None:
        raise not_found()
    hook |= {
        name: value for name, value in call.request.json().items() if name in {"active", "events"}
    }
    return Answer(json=_hook(call, found, hook))


@router.on("GET", "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries")
def deliveries(call: Call, *, owner: str, repo: str, hook_id: str) -> Answer:
    """Give what a webhook sent out."""
    found = access.administered(call, owner, repo)
    if number_in(hook_id) not in found.hooks:
        raise not_found()
    return page(call.request, found.deliveries.get(number_in(hook_id), []))


def _with_access(call: Call, found: Repository) -> Iterator[Account]:
    for account in call.hub.accounts.values():
        if not account.is_organisation and call.hub.sources(account, found):
            yield account


def _is(who: Account, found: Repository, affiliation: str) -> bool:
    is_member = who.id in found.owner.members or who is found.owner
    is_direct = who.id in found.collaborators
    match affiliation:
        case "outside":
            return is_direct and not is_member
        case "direct":
            return is_direct or who is found.owner
        case _:
            return True


def _invite(call: Call, found: Repository, who: Account, role: str) -> Invitation:
    for invitation in found.invitations.values():
        if invitation.invitee == who.id:
            invitation.role = role
            return invitation
    if len(found.invitations) >= _MOST_INVITATIONS:
        raise Problem(422, "You have exceeded the number of invitations for this repository.")
    assert call.person is not None  # noqa: S101 - it was asked for before
    made = Invitation(
        id=call.hub.next_id(),
        role=role,
        inviter=call.person.id,
        invitee=who.id,
        created_at=call.hub.clock.now(),
    )
    found.invitations[made.id] = made
    return made


def _invitation(call: Call, found: Repository, one: Invitation) -> dict[str, Any]:
    base = call.request.base
    invitee = None if one.invitee is None else shapes.user(call.hub.accounts[one.invitee], base)
    return {
        "id": one.id,
        "node_id": shapes.node_id("RI", one.id),
        "repository": shapes.minimal_repository(found, base),
        "invitee": invitee,
        "inviter": shapes.user(call.hub.accounts[one.inviter], base),
        "permissions": one.role,
        "created_at": shapes.time(one.created_at),
        "expired": one.expired,
        "url": f"{base}{API}/user/repository_invitations/{one.id}",
        "html_url": f"{base}/{found.full_name}/invitations",
    }


def _key(call: Call, found: Repository, key: dict[str, Any]) -> dict[str, Any]:
    url = f"{call.request.base}{API}/repos/{found.full_name}/keys/{key['id']}"
    return {**key, "url": url, "verified": True}


def _hook(call: Call, found: Repository, hook: dict[str, Any]) -> dict[str, Any]:
    url = f"{call.request.base}{API}/repos/{found.full_name}/hooks/{hook['id']}"
    config = dict(hook.get("config", {}))
    if "secret" in config:
        config["secret"] = "********"  # noqa: S105 - how GitHub masks it
    return {
        "type": "Repository",
        "id": hook["id"],
        "name": "web",
        "active": hook["active"],
        "events": hook.get("events", ["push"]),
        "config": config,
        "created_at": hook.get("created_at", "2021-01-01T00:00:00Z"),
        "updated_at": hook.get("updated_at", "2021-01-01T00:00:00Z"),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }
