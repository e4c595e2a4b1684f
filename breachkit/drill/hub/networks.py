"""Networks of forks: making and deleting forks, and what becomes of them when a parent goes private.

Source: GitHub's "Setting repository visibility" and "What happens to forks when a repository is
deleted or changes visibility?".
"""

from typing import Any

from breachkit.drill.hub import access, gitstore, pushes, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import Account, Hub, Repository


router = Router()


@router.on("POST", "/repos/{owner}/{repo}/forks")
def fork(call: Call, *, owner: str, repo: str) -> Answer:
    """Fork a repository; GitHub says 202 and takes its time."""
    found = access.find(call, owner, repo)
    person = access.known(call)
    if found.visibility != "public" and not found.allow_forking:
        raise Problem(403, "The repository exists, but forking is disabled.")
    wanted = call.request.json()
    account = person
    if wanted.get("organization"):
        account = access.person(call, wanted["organization"])
        if person.id not in account.members:
            raise Problem(403, "You do not have permission to fork into this organization.")
    made = existing_fork(call.hub, found, account)
    if made is None:
        made = make_fork(call.hub, found, account, name=wanted.get("name") or found.name)
        forkee = {"id": made.id, "full_name": made.full_name}
        found.events.append(pushes.event(call.hub, person, "ForkEvent", {"forkee": forkee}))
    shown = shapes.full_repository(call.hub, made, call.request.base, call.person)
    return Answer(status=202, json=shown)


@router.on("DELETE", "/repos/{owner}/{repo}")
def delete(call: Call, *, owner: str, repo: str) -> Answer:
    """Delete a repository; its public forks live on."""
    delete_repository(call.hub, access.administered(call, owner, repo, archived_too=True))
    return NO_CONTENT


def existing_fork(hub: Hub, found: Repository, account: Account) -> Repository | None:
    """Give the fork that somebody already has."""
    return next((each for each in hub.forks(found) if each.owner is account), None)


def make_fork(hub: Hub, found: Repository, account: Account, *, name: str) -> Repository:
    """Make a fork with the branches and tags of its parent."""
    number = hub.next_id()
    git_dir = gitstore.create(hub.folder, found.network, number, found.default_branch)
    refs = gitstore.refs(found)
    taken = {ref: oid for ref, oid in refs.items() if not ref.startswith("refs/pull/")}
    gitstore.write_refs(git_dir, taken)
    made = Repository(
        id=number,
        owner=account,
        name=name,
        git_dir=git_dir,
        network=found.network,
        created_at=hub.clock.now(),
        pushed_at=found.pushed_at,
        visibility="public" if found.visibility == "public" else "private",
        parent=found.id,
        default_branch=found.default_branch,
    )
    hub.repositories[number] = made
    return made


def delete_repository(hub: Hub, found: Repository) -> None:
    """Take a repository away; the objects stay in the network's store.

    Public forks live on and one of them leads the network; private forks of a private repository go
    with it. Pull requests from it stay, with no head repository.
    """
    if found.visibility == "public":
        _lead_on(hub, found)
    else:
        for each in list(hub.forks(found)):
            delete_repository(hub, each)
    for base in hub.repositories.values():
        for pull in base.pulls.values():
            if pull.head_repository == found.id:
                pull.head_repository = None
    del hub.repositories[found.id]


def drop_private_forks(hub: Hub, found: Repository) -> None:
    """Delete the private forks of people who may no longer see what they forked."""
    for each in list(hub.forks(found)):
        theirs = each.visibility != "public" and not each.owner.is_organisation
        if theirs and not hub.may_see(each.owner, found):
            delete_repository(hub, each)


def set_visibility(hub: Hub, found: Repository, visibility: Any) -> None:
    """Change who can see a repository, with what GitHub documents as consequences.

    Stars and watchers are erased, public forks are detached and stay public in a network of their
    own, and Pages of a free plan are unpublished; on the way back push rulesets are disabled.
    """
    found.visibility = visibility
    found.stars.clear()
    found.watchers.clear()
    if visibility != "public":
        _detach(hub, found)
        if found.owner.plan == "free":
            found.pages = None
    else:
        for ruleset in found.rulesets.values():
            if ruleset.get("target") == "push":
                ruleset["enforcement"] = "disabled"


def _detach(hub: Hub, found: Repository) -> None:
    """Let the public forks go, with their forks: the oldest leads a network of its own."""
    public = [each for each in hub.forks(found) if each.visibility == "public"]
    if not public:
        return
    gone = _lead_on(hub, found, public)
    new = hub.next_id()
    gitstore.split(hub.folder, found.network, new)
    for each in gone:
        each.network = new
        gitstore.borrow(hub.folder, new, each.git_dir)


def _lead_on(
    hub: Hub, found: Repository, forks: list[Repository] | None = None
) -> list[Repository]:
    """Make the oldest of some forks the parent of the others; give all of them with their forks."""
    chosen = sorted(
        hub.forks(found) if forks is None else forks, key=lambda each: (each.created_at, each.id)
    )
    for each in chosen:
        each.parent = None if each is chosen[0] else chosen[0].id
    return [one for each in chosen[:1] for one in _family(hub, each)]


def _family(hub: Hub, found: Repository) -> list[Repository]:
    """Give a repository with its forks of all levels."""
    return [found, *(one for each in hub.forks(found) for one in _family(hub, each))]
