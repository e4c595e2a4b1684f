"""How each change is sent, and how it is seen whether it happened."""

from collections.abc import Callable, Mapping
from typing import Any

from breachkit.actions.hosting import HostedRepository, ReadBack, WriteKind
from breachkit.actions.protection_body import put_body
from breachkit.github.agreement import agrees, same_key
from breachkit.github.client import Client
from breachkit.github.errors import HiddenError, MovedError, PlatformRefusedError
from breachkit.github.paths import path_of, repository_path
from breachkit.github.rules import rule_set, set_rule


Detail = Mapping[str, Any]
Send = Callable[[Client, HostedRepository, Detail], None]
Look = Callable[[Client, HostedRepository, Detail], ReadBack]

AS_WRITTEN = {"read": "pull", "write": "push"}
"""Roles that are written with another word than they are read; all others are the same."""
_AS_READ = {written: read for read, written in AS_WRITTEN.items()}
_OF_RULESETS = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")


def _judged(holds: bool) -> ReadBack:  # noqa: FBT001 - a truth value turned into its name
    return ReadBack.DONE if holds else ReadBack.NOT_DONE


def _simple(verb: str, *parts: str, what: str) -> Send:
    """A change without a body; a part in braces is taken from the write's detail."""

    def send(client: Client, repository: HostedRepository, detail: Detail) -> None:
        filled = [detail[part[1:-1]] if part.startswith("{") else part for part in parts]
        client.write(verb, repository_path(repository, *filled), what)

    return send


def _setting(name: str, key: str) -> tuple[Send, Look]:
    """A field of the repository itself; the body has nothing else, so nothing else is changed."""

    def send(client: Client, repository: HostedRepository, detail: Detail) -> None:
        client.write(
            "PATCH", repository_path(repository), f"the repository's {name}", {name: detail[key]}
        )

    def look(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
        shown = client.get(path_of("repositories", repository.id), "the repository").json
        return _judged(shown.get(name) == detail[key])

    return send, look


def _invitation_gone(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    pages = client.pages(repository_path(repository, "invitations"), "the invitations")
    return _judged(all(each["id"] != detail["id"] for each in pages.items))


def _remove(client: Client, repository: HostedRepository, detail: Detail) -> None:
    """Remove somebody by the login that they have now: they may have changed it meanwhile."""
    login = detail["login"]
    if not _is_still(client, repository, detail):
        login = _granted(client, repository, detail["id"]) or login
    client.write("DELETE", repository_path(repository, "collaborators", login), "a collaborator")


def _is_still(client: Client, repository: HostedRepository, detail: Detail) -> bool:
    """Say whether a login is that of the same person as when it was read."""
    path = repository_path(repository, "collaborators", detail["login"], "permission")
    try:
        shown = client.get(path, "a collaborator").json
    except HiddenError:
        return False
    return bool((shown.get("user") or {}).get("id") == detail["id"])


def _granted(client: Client, repository: HostedRepository, person: int) -> str | None:
    """Give the login of somebody with a grant in the repository itself; None where there is no grant."""
    path = repository_path(repository, "collaborators")
    pages = client.pages(path, "the collaborators", query={"affiliation": "direct"})
    logins = [each["login"] for each in pages.items if each["id"] == person]
    return logins[0] if logins else None


def _removed(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    """Say whether the grant is gone: access through a team or the organisation may be left."""
    path = repository_path(repository, "collaborators", detail["login"])
    if not client.exists(path, "a collaborator"):
        return ReadBack.DONE
    return _judged(_granted(client, repository, detail["id"]) is None)


def _invite(client: Client, repository: HostedRepository, detail: Detail) -> None:
    role = detail["role"]
    client.write(
        "PUT",
        repository_path(repository, "collaborators", detail["login"]),
        "a collaborator",
        {"permission": AS_WRITTEN.get(role, role)},
    )


def _invited(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    login = str(detail["login"]).lower()
    path = repository_path(repository, "collaborators")
    direct = client.pages(path, "the collaborators", query={"affiliation": "direct"})
    if any(
        each["login"].lower() == login and each["role_name"] == detail["role"]
        for each in direct.items
    ):
        return ReadBack.DONE
    waiting = client.pages(repository_path(repository, "invitations"), "the invitations")
    for each in waiting.items:
        invitee = (each.get("invitee") or {}).get("login", "")
        if invitee.lower() == login and _as_read(each["permissions"]) == detail["role"]:
            return ReadBack.INVITED
    return ReadBack.NOT_DONE


def _as_read(role: str) -> str:
    return _AS_READ.get(role, role)


def _publish(client: Client, repository: HostedRepository, detail: Detail) -> None:
    """Put the site up as it was: making it takes its source alone, the rest is set after."""
    path = repository_path(repository, "pages")
    first = {name: detail[name] for name in ("build_type", "source") if detail.get(name)}
    try:
        client.write("POST", path, "Pages", first)
    except PlatformRefusedError:
        if not client.exists(path, "Pages"):
            raise
    if detail.get("cname"):
        client.write("PUT", path, "Pages", {"cname": detail["cname"]})
    if detail.get("https_enforced") is not None:
        enforced = {"https_enforced": detail["https_enforced"]}
        client.write("PUT", path, "Pages", enforced)


def _published(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    try:
        shown = client.get(repository_path(repository, "pages"), "Pages").json
    except HiddenError:
        return ReadBack.NOT_DONE
    return _judged(all(shown.get(name) == value for name, value in detail.items()))


def _unpublished(client: Client, repository: HostedRepository, _detail: Detail) -> ReadBack:
    return _judged(not client.exists(repository_path(repository, "pages"), "Pages"))


def _set_actions(client: Client, repository: HostedRepository, detail: Detail) -> None:
    path = repository_path(repository, "actions", "permissions")
    names = ("enabled", "allowed_actions", "sha_pinning_required")
    body = {name: detail[name] for name in names if detail.get(name) is not None}
    client.write("PUT", path, "what Actions may do", body)
    if detail.get("selected_actions"):
        selected = detail["selected_actions"]
        client.write("PUT", f"{path}/selected-actions", "the actions that may run", selected)


def _actions_set(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    path = repository_path(repository, "actions", "permissions")
    shown = dict(client.get(path, "what Actions may do").json)
    if detail.get("selected_actions"):
        selected = client.get(f"{path}/selected-actions", "the actions that may run").json
        shown["selected_actions"] = selected
    wanted = {name: value for name, value in detail.items() if value is not None}
    return _judged(agrees(wanted, shown))


def _add_key(client: Client, repository: HostedRepository, detail: Detail) -> None:
    body = {name: detail[name] for name in ("title", "key", "read_only")}
    client.write("POST", repository_path(repository, "keys"), "a deploy key", body)


def _key_there(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    pages = client.pages(repository_path(repository, "keys"), "the deploy keys")
    same = [each for each in pages.items if same_key(each["key"], detail["key"])]
    return _judged(any(each["read_only"] is detail["read_only"] for each in same))


def _key_gone(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    pages = client.pages(repository_path(repository, "keys"), "the deploy keys")
    return _judged(all(each["id"] != detail["id"] for each in pages.items))


def _set_hook(client: Client, repository: HostedRepository, detail: Detail) -> None:
    path = repository_path(repository, "hooks", detail["id"])
    client.write("PATCH", path, "a hook", {"active": detail["active"]})


def _hook_set(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    try:
        shown = client.get(repository_path(repository, "hooks", detail["id"]), "a hook").json
    except HiddenError:
        return _judged(not detail["active"])
    return _judged(shown["active"] is detail["active"])


def _team_path(repository: HostedRepository, detail: Detail) -> str:
    owner, _, name = repository.full_name.partition("/")
    return path_of("orgs", detail["organisation"], "teams", detail["slug"], "repos", owner, name)


def _add_team(client: Client, repository: HostedRepository, detail: Detail) -> None:
    role = detail["role"]
    body = {"permission": AS_WRITTEN.get(role, role)}
    client.write("PUT", _team_path(repository, detail), "a team", body)


def _remove_team(client: Client, repository: HostedRepository, detail: Detail) -> None:
    client.write("DELETE", _team_path(repository, detail), "a team")


def _team_role(client: Client, repository: HostedRepository, detail: Detail) -> str | None:
    pages = client.pages(repository_path(repository, "teams"), "the teams")
    roles = [each["permission"] for each in pages.items if each["slug"] == detail["slug"]]
    return _as_read(roles[0]) if roles else None


def _team_there(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    return _judged(_team_role(client, repository, detail) == _as_read(detail["role"]))


def _team_gone(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    return _judged(_team_role(client, repository, detail) is None)


def _protection_path(repository: HostedRepository, detail: Detail) -> str:
    return repository_path(repository, "branches", detail["branch"], "protection")


def _put_protection(client: Client, repository: HostedRepository, detail: Detail) -> None:
    path = _protection_path(repository, detail)
    client.write("PUT", path, "a branch's protection", detail["protection"])
    shown = client.get(f"{path}/required_signatures", "whether commits must be signed").json
    if bool(shown.get("enabled")) is not bool(detail.get("required_signatures")):
        verb = "POST" if detail.get("required_signatures") else "DELETE"
        client.write(verb, f"{path}/required_signatures", "whether commits must be signed")


def _protected(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    try:
        shown = client.get(_protection_path(repository, detail), "a branch's protection").json
    except HiddenError:
        return ReadBack.NOT_DONE
    signed = bool((shown.get("required_signatures") or {}).get("enabled"))
    same = _ordered(put_body(shown)) == _ordered(detail["protection"])
    return _judged(same and signed is bool(detail.get("required_signatures")))


def _ordered(body: Any) -> Any:
    """Give the body of a protection with its lists in order, and names without their case."""
    if isinstance(body, Mapping):
        return {name: _ordered(value) for name, value in body.items()}
    if isinstance(body, list):
        return sorted((_ordered(each) for each in body), key=str)
    return body.lower() if isinstance(body, str) else body


def _unprotected(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    return _judged(not client.exists(_protection_path(repository, detail), "a branch's protection"))


def _lift_protection(client: Client, repository: HostedRepository, detail: Detail) -> None:
    client.write("DELETE", _protection_path(repository, detail), "a branch's protection")


def _set_ruleset(client: Client, repository: HostedRepository, detail: Detail) -> None:
    path = repository_path(repository, "rulesets", detail["id"])
    body = {name: detail["body"][name] for name in _OF_RULESETS if name in detail["body"]}
    client.write("PUT", path, "a ruleset", body)


def _ruleset_set(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    shown = client.get(repository_path(repository, "rulesets", detail["id"]), "a ruleset").json
    body = detail["body"]
    wanted = {name: body[name] for name in _OF_RULESETS if name in body}
    return _judged(agrees(wanted, shown))


def _gone(*parts: str, what: str) -> Look:
    def look(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
        filled = [detail[part[1:-1]] if part.startswith("{") else part for part in parts]
        try:
            return _judged(not client.exists(repository_path(repository, *filled), what))
        except MovedError:  # to where the file itself lies
            return ReadBack.NOT_DONE

    return look


def _cache_gone(client: Client, repository: HostedRepository, detail: Detail) -> ReadBack:
    path = repository_path(repository, "actions", "caches")
    pages = client.pages(path, "the caches", key="actions_caches")
    return _judged(all(each["id"] != detail["id"] for each in pages.items))


WRITES: Mapping[WriteKind, tuple[Send, Look]] = {
    WriteKind.SET_VISIBILITY: _setting("visibility", "visibility"),
    WriteKind.SET_FORKING: _setting("allow_forking", "allowed"),
    WriteKind.CANCEL_INVITATION: (
        _simple("DELETE", "invitations", "{id}", what="an invitation"),
        _invitation_gone,
    ),
    WriteKind.REMOVE_COLLABORATOR: (_remove, _removed),
    WriteKind.INVITE: (_invite, _invited),
    WriteKind.UNPUBLISH_PAGES: (_simple("DELETE", "pages", what="Pages"), _unpublished),
    WriteKind.PUBLISH_PAGES: (_publish, _published),
    WriteKind.SET_ACTIONS: (_set_actions, _actions_set),
    WriteKind.DELETE_KEY: (_simple("DELETE", "keys", "{id}", what="a deploy key"), _key_gone),
    WriteKind.ADD_KEY: (_add_key, _key_there),
    WriteKind.SET_HOOK: (_set_hook, _hook_set),
    WriteKind.REMOVE_TEAM: (_remove_team, _team_gone),
    WriteKind.ADD_TEAM: (_add_team, _team_there),
    WriteKind.LIFT_PROTECTION: (_lift_protection, _unprotected),
    WriteKind.PUT_PROTECTION: (_put_protection, _protected),
    WriteKind.SET_RULE: (set_rule, rule_set),
    WriteKind.SET_RULESET: (_set_ruleset, _ruleset_set),
    WriteKind.DELETE_ARTIFACT: (
        _simple("DELETE", "actions", "artifacts", "{id}", what="an artifact"),
        _gone("actions", "artifacts", "{id}", what="an artifact"),
    ),
    WriteKind.DELETE_CACHE: (
        _simple("DELETE", "actions", "caches", "{id}", what="a cache"),
        _cache_gone,
    ),
    WriteKind.DELETE_RUN_LOGS: (
        _simple("DELETE", "actions", "runs", "{id}", "logs", what="a run's logs"),
        _gone("actions", "runs", "{id}", "logs", what="a run's logs"),
    ),
}
"""Every change, so that a new one cannot be forgotten."""
