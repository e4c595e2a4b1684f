"""Two furnished hubs: a small organisation with one of everything, and a large network of forks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from breachkit.drill.hub import furnish
from breachkit.drill.hub.state import ROLES, Account, PullRequest, Repository
from breachkit.drill.hub.world import HubWorld
from breachkit.model.time import Clock


_README = {"README.md": b"# Study\n", "output/table.csv": b"group,count\na,10\nb,20\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Small:
    """One repository with one of everything, and the people around it."""

    world: HubWorld
    organisation: Account
    study: Repository
    fork: Repository
    """Public, with a commit of its own."""
    grandfork: Repository
    people: Mapping[str, Account]
    """By login: ada (owner of the organisation, acts), bea (member), cat (writes, outside), dan
    (maintains, outside), eve (forked), fay (forked the fork), gil (stranger, forked once)."""
    token: str
    """A classic one of ada's."""
    tip: str
    """The commit of the default branch."""
    lost: str
    """A commit that a force-push took off the default branch."""
    orphan: PullRequest
    """Its fork was deleted."""


def small(folder: Path, clock: Clock) -> Small:
    """Build the small hub.

    Args:
        folder: Existing and empty; an absolute path.
        clock: The time that the hub goes by.
    """
    world = HubWorld(folder, clock)
    logins = ("ada", "bea", "cat", "dan", "eve", "fay", "gil")
    people = {login: world.person(login) for login in logins}
    ada = people["ada"]
    organisation = world.organisation(
        "example-org", admins=[ada], members=[people["bea"]], plan="team"
    )
    study = world.repository(organisation, "study", files=_README)
    lost = world.commit(study, {"output/table.csv": b"group,count\na,3\nb,20\n"}, author=ada)
    fork = world.fork(study, people["eve"], files={"notes.md": b"of my own\n"})
    grandfork = world.fork(fork, people["fay"], name="study-again")
    orphan = _orphan(world, study, people["gil"])
    world.pull(study, fork, "main", title="Take my notes")
    tip = world.replace_tip(study, {"output/table.csv": b"group,count\na,[REDACTED]\n"}, author=ada)
    made = Small(
        world=world,
        organisation=organisation,
        study=study,
        fork=fork,
        grandfork=grandfork,
        people=people,
        token=world.token(ada),
        tip=tip,
        lost=lost,
        orphan=orphan,
    )
    _give_access(made)
    _furnish(made)
    return made


def _orphan(world: HubWorld, study: Repository, stranger: Account) -> PullRequest:
    fork = world.fork(study, stranger, files={"patch.md": b"a patch\n"})
    pull = world.pull(study, fork, "main", title="A patch")
    world.delete(fork)
    return pull


def _give_access(made: Small) -> None:
    hub, study, people = made.world.hub, made.study, made.people
    study.collaborators |= {people["cat"].id: "write", people["dan"].id: "maintain"}
    made.world.team(made.organisation, "analysts", [people["bea"]], {study.id: "triage"})
    furnish.invite(hub, study, people["ada"], people["gil"], "write")
    furnish.invite(hub, study, people["ada"], None, "read")
    furnish.key(hub, study, "backup server")
    furnish.key(hub, study, "publisher", read_only=False)
    furnish.hook(hub, study, "https://hooks.example.org/push", deliveries=2)
    furnish.install(hub, made.organisation, "example-app")


def _furnish(made: Small) -> None:
    hub, study, people = made.world.hub, made.study, made.people
    furnish.protect(study, "main", signed=True, **furnish.EVERY_PROTECTION)
    furnish.ruleset(hub, study, "keep tags", target="tag", include=["refs/tags/v*"])
    furnish.ruleset(hub, made.organisation, "no deletion", rules=["deletion"])
    furnish.pages(study)
    furnish.run(hub, study, artifacts=["tables"])
    furnish.cache(hub, study, "packages-linux")
    furnish.release(hub, study, "v1.0", people["ada"], assets={"tables.zip": 4096})
    furnish.deployment(hub, study, "website", people["ada"])
    furnish.comment(hub, study, "issue", people["cat"], "Looks right.", number=1)
    furnish.comment(
        hub, study, "pull", people["cat"], "Why?", number=1, path="notes.md", commit_id=made.lost
    )
    furnish.comment(hub, study, "commit", people["dan"], "Well spotted.", commit_id=made.lost)
    furnish.traffic(hub, study, clones=30, cloners=6, views=80)
    furnish.star(hub, study, [people["eve"], people["bea"], people["gil"]], watch=True)
    furnish.package(hub, made.organisation, "study-image", study)
    furnish.codespace(hub, made.organisation, people["bea"], study)
    for action in ("git.clone", "git.push", "repo.download_zip"):
        furnish.audit(hub, made.organisation, action, people["bea"], study)


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A repository with a great many forks, people and rules."""

    world: HubWorld
    organisation: Account
    study: Repository
    token: str
    """Of an owner of the organisation."""


def large(
    folder: Path, clock: Clock, *, forks: int = 300, people: int = 120, rules: int = 40
) -> Large:
    """Build the large hub: forks in three levels, half of the rules protections and half rulesets.

    Args:
        folder: Existing and empty; an absolute path.
        clock: The time that the hub goes by.
        forks: How many, of all levels.
        people: How many outside collaborators, of all roles.
        rules: How many protected branches and rulesets together.
    """
    world = HubWorld(folder, clock)
    ada = world.person("ada")
    organisation = world.organisation("example-org", plan="team", admins=[ada])
    study = world.repository(organisation, "study", files=_README)
    collaborators = [world.person(f"person-{number}") for number in range(people)]
    roles = {one.id: ROLES[number % 4] for number, one in enumerate(collaborators)}
    study.collaborators |= roles
    _fork_widely(world, study, forks)
    for number in range(rules // 2):
        world.branch(study, f"branch/{number}")
        furnish.protect(study, f"branch/{number}", **furnish.EVERY_PROTECTION)
        furnish.ruleset(world.hub, study, f"rules {number}", include=[f"refs/heads/r{number}"])
    furnish.traffic(world.hub, study, clones=900, cloners=400, views=3000)
    furnish.star(world.hub, study, collaborators, watch=True)
    return Large(world=world, organisation=organisation, study=study, token=world.token(ada))


def _fork_widely(world: HubWorld, study: Repository, forks: int) -> None:
    """Fork in three levels: of ten forks seven are of the study, two of those and one of these."""
    levels: list[list[Repository]] = [[study], [], [], []]
    began = study.created_at
    for number in range(forks):
        level = {8: 2, 9: 3, 7: 2}.get(number % 10, 1)
        parents = levels[level - 1]
        owner = world.person(f"forker-{number}")
        parent = parents[number % len(parents)]
        when = began + timedelta(hours=number)
        own = {f"own-{number}.md": b"mine\n"} if number % 20 == 0 else None
        levels[level].append(world.fork(parent, owner, files=own, created_at=when))
