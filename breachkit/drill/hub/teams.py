"""Teams: who is in them and what they may do in a repository.

GitHub gives a team's own address by numbers, which it describes nowhere; clients follow it.
"""

from breachkit.drill.hub import access, organisations, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, not_found, number_in, page
from breachkit.drill.hub.networks import drop_private_forks
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import Repository, Team


router = Router()

_BY_NUMBER = "/organizations/{org_id}/team/{team_id}"


@router.on("GET", "/orgs/{org}/teams")
def list_teams(call: Call, *, org: str) -> Answer:
    """Give the teams of an organisation."""
    found = organisations.organisation(call, org)
    inside = access.known(call).id in found.members
    listed = [shapes.team(one, found, "read", call.request.base) for one in found.teams.values()]
    return page(call.request, listed if inside else [])


@router.on("GET", "/orgs/{org}/teams/{team_slug}")
def show_team(call: Call, *, org: str, team_slug: str) -> Answer:
    """Give one team."""
    found = organisations.organisation(call, org)
    team = _team(call, org, team_slug)
    shown = {
        **shapes.team(team, found, "read", call.request.base),
        "members_count": len(team.members),
        "repos_count": len(team.repositories),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "organization": organisations.full(call, found),
    }
    return Answer(json=shown)


@router.on("GET", _BY_NUMBER + "/members")
def members_by_number(call: Call, *, org_id: str, team_id: str) -> Answer:
    """Give the people of a team."""
    return _members(call, _by_number(call, org_id, team_id))


@router.on("DELETE", _BY_NUMBER + "/repos/{owner}/{repo}")
def remove_by_number(call: Call, *, org_id: str, team_id: str, owner: str, repo: str) -> Answer:
    """Take a team's access."""
    found = access.administered(call, owner, repo)
    return _removed(call, _by_number(call, org_id, team_id), found)


@router.on("GET", "/repos/{owner}/{repo}/teams")
def teams(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the teams with access."""
    found = access.administered(call, owner, repo)
    granted = [
        shapes.team(team, found.owner, team.repositories[found.id], call.request.base)
        for team in found.owner.teams.values()
        if found.id in team.repositories
    ]
    return page(call.request, granted)


@router.on("GET", "/orgs/{org}/teams/{team_slug}/members")
def team_members(call: Call, *, org: str, team_slug: str) -> Answer:
    """Give the people of a team."""
    return _members(call, _team(call, org, team_slug))


@router.on("GET", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}")
def team_repository(call: Call, *, org: str, team_slug: str, owner: str, repo: str) -> Answer:
    """Say whether a team has access."""
    found = access.find(call, owner, repo)
    if found.id not in _team(call, org, team_slug).repositories:
        raise not_found()
    return NO_CONTENT


@router.on("PUT", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}")
def add_team(call: Call, *, org: str, team_slug: str, owner: str, repo: str) -> Answer:
    """Give a team access, or another role."""
    found = access.administered(call, owner, repo)
    team = _team(call, org, team_slug)
    team.repositories[found.id] = shapes.as_read(call.request.json().get("permission", "push"))
    return NO_CONTENT


@router.on("DELETE", "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}")
def remove_team(call: Call, *, org: str, team_slug: str, owner: str, repo: str) -> Answer:
    """Take a team's access."""
    found = access.administered(call, owner, repo)
    return _removed(call, _team(call, org, team_slug), found)


def _team(call: Call, org: str, slug: str) -> Team:
    """Find a team, which strangers are told nothing of."""
    found = organisations.organisation(call, org).teams.get(slug)
    if found is None or call.person is None:
        raise not_found()
    return found


def _by_number(call: Call, org_id: str, team_id: str) -> Team:
    owner = call.hub.accounts.get(number_in(org_id))
    teams = owner.teams.values() if owner is not None else ()
    found = next((one for one in teams if one.id == number_in(team_id)), None)
    if found is None or call.person is None:
        raise not_found()
    return found


def _members(call: Call, team: Team) -> Answer:
    members = [call.hub.accounts[number] for number in sorted(team.members)]
    return page(call.request, [shapes.user(one, call.request.base) for one in members])


def _removed(call: Call, team: Team, found: Repository) -> Answer:
    team.repositories.pop(found.id, None)
    drop_private_forks(call.hub, found)
    return NO_CONTENT
