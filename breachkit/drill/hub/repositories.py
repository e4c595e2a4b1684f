"""A repository itself: reading it, renaming, making it private, forks, stars, watchers, traffic."""

import re
from typing import Any

from breachkit.drill.hub import access, gitstore, shapes
from breachkit.drill.hub.answers import Answer, Problem, invalid, number_in, page, page_number
from breachkit.drill.hub.networks import set_visibility
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import Repository


router = Router()

_VISIBILITIES = ("public", "private")
_SWITCHES = ("has_wiki", "allow_forking", "archived")
_STAR_JSON = "star+json"
_MOST_TOPICS = 20
_TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


@router.on("GET", "/repos/{owner}/{repo}")
def show(call: Call, *, owner: str, repo: str) -> Answer:
    """Give a repository."""
    return _shown(call, access.find(call, owner, repo))


@router.on("GET", "/repositories/{repository_id}")
def show_by_id(call: Call, *, repository_id: str) -> Answer:
    """Give a repository by what never changes."""
    return _shown(call, _by_id(call, repository_id))


@router.on("PATCH", "/repos/{owner}/{repo}")
def change(call: Call, *, owner: str, repo: str) -> Answer:
    """Change a repository."""
    return _changed(call, access.administered(call, owner, repo, archived_too=True))


@router.on("PATCH", "/repositories/{repository_id}")
def change_by_id(call: Call, *, repository_id: str) -> Answer:
    """Change a repository, found by its id."""
    found = _by_id(call, repository_id)
    access.at_least(call, found, "admin")
    return _changed(call, found)


@router.on("GET", "/repos/{owner}/{repo}/topics")
def topics(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what a repository is said to be about."""
    return Answer(json={"names": list(access.find(call, owner, repo).topics)})


@router.on("PUT", "/repos/{owner}/{repo}/topics")
def set_topics(call: Call, *, owner: str, repo: str) -> Answer:
    """Replace all topics; at most twenty, in small letters, digits and hyphens."""
    found = access.administered(call, owner, repo)
    names = call.request.json().get("names", [])
    if len(names) > _MOST_TOPICS or not all(map(_TOPIC.fullmatch, names)):
        raise invalid("Repository", "topics")
    found.topics = list(names)
    return Answer(json={"names": list(found.topics)})


@router.on("GET", "/repos/{owner}/{repo}/forks")
def forks(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the direct forks that the caller may see."""
    found = access.find(call, owner, repo)
    seen = [each for each in call.hub.forks(found) if call.may_see(each)]
    newest = call.request.query.get("sort", "newest") == "newest"
    seen.sort(key=lambda each: (each.created_at, each.id), reverse=newest)
    base = call.request.base
    answer = page(call.request, seen)
    shown = [shapes.repository(call.hub, one, base, call.person) for one in answer.json]
    return Answer(json=shown, headers=answer.headers)


@router.on("GET", "/repos/{owner}/{repo}/stargazers")
def stargazers(call: Call, *, owner: str, repo: str) -> Answer:
    """Give who starred it, with dates where they are asked for."""
    found = access.find(call, owner, repo)
    if page_number(call.request) > 400:
        raise Problem(422, "In order to keep the API fast for everyone, pagination is limited.")
    dated = _STAR_JSON in call.request.headers.get("accept", "")
    people = [
        (shapes.user(call.hub.accounts[number], call.request.base), when)
        for number, when in found.stars.items()
    ]
    return page(
        call.request,
        [
            {"starred_at": shapes.time(when), "user": user} if dated else user
            for user, when in people
        ],
    )


@router.on("GET", "/repos/{owner}/{repo}/subscribers")
def subscribers(call: Call, *, owner: str, repo: str) -> Answer:
    """Give who watches it."""
    found = access.find(call, owner, repo)
    accounts = [call.hub.accounts[number] for number in sorted(found.watchers)]
    return page(call.request, [shapes.user(each, call.request.base) for each in accounts])


@router.on("GET", "/repos/{owner}/{repo}/traffic/clones")
def clones(call: Call, *, owner: str, repo: str) -> Answer:
    """Give how often it was cloned in the last fourteen days."""
    return _traffic(call, owner, repo, "clones")


@router.on("GET", "/repos/{owner}/{repo}/traffic/views")
def views(call: Call, *, owner: str, repo: str) -> Answer:
    """Give how often it was looked at in the last fourteen days."""
    return _traffic(call, owner, repo, "views")


@router.on("GET", "/repos/{owner}/{repo}/traffic/popular/paths")
def popular_paths(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the ten pages that were looked at most."""
    return Answer(json=access.pushed_to(call, owner, repo).traffic.get("paths", [])[:10])


@router.on("GET", "/repos/{owner}/{repo}/traffic/popular/referrers")
def referrers(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the ten sites that most came from."""
    return Answer(json=access.pushed_to(call, owner, repo).traffic.get("referrers", [])[:10])


def _by_id(call: Call, repository_id: str) -> Repository:
    found = call.hub.repositories.get(number_in(repository_id))
    if found is None or not call.may_see(found):
        raise Problem(404, "Not Found")
    return found


def _shown(call: Call, found: Repository) -> Answer:
    if found.disabled:
        raise Problem(451, "Repository access blocked", block={"reason": "dmca"})
    return Answer(
        json=shapes.full_repository(call.hub, found, call.request.base, call.person),
    )


def _changed(call: Call, found: Repository) -> Answer:
    wanted = call.request.json()
    if "visibility" in wanted and wanted["visibility"] not in _VISIBILITIES:
        raise invalid("Repository", "visibility")
    visibility = wanted.get("visibility")
    if visibility is None and "private" in wanted:
        hidden = found.visibility != "public"  # which an internal repository is as well
        visibility = (
            found.visibility
            if wanted["private"] == hidden
            else ("private" if wanted["private"] else "public")
        )
    if visibility is not None and visibility != found.visibility:
        _may_change_visibility(call, found)
        set_visibility(call.hub, found, visibility)
    for name in _SWITCHES:
        if name in wanted:
            setattr(found, name, bool(wanted[name]))
    _rename(found, wanted)
    return _shown(call, found)


def _may_change_visibility(call: Call, found: Repository) -> None:
    if found.parent is not None:
        raise invalid("Repository", "visibility", "Visibility can't be changed for a fork")
    owner = found.owner
    is_owner = call.person is not None and owner.members.get(call.person.id) == "admin"
    if owner.is_organisation and not owner.members_may_change_visibility and not is_owner:
        what = "Organization members cannot change the visibility of repositories"
        raise invalid("Repository", "visibility", what)


def _rename(found: Repository, wanted: dict[str, Any]) -> None:
    name = wanted.get("name", found.name)
    if name != found.name:
        found.former_names.add(found.full_name.lower())
        found.name = name
    if "default_branch" in wanted:
        if wanted["default_branch"] not in gitstore.branches(found):
            raise invalid("Repository", "default_branch")
        found.default_branch = wanted["default_branch"]
        gitstore.set_head(found.git_dir, found.default_branch)


def _traffic(call: Call, owner: str, repo: str, kind: str) -> Answer:
    days = access.pushed_to(call, owner, repo).traffic.get(kind, [])
    return Answer(
        json={
            "count": sum(day["count"] for day in days),
            "uniques": sum(day["uniques"] for day in days),
            kind: days,
        }
    )
