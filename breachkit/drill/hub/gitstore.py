"""The git side of the stand-in's repositories: one store of objects for a whole network of forks.

A repository has its own refs and borrows every object from its network, as on GitHub: what one fork
holds each other gives away by id, and a deleted ref leaves its objects until support collects them.
"""

from collections.abc import Mapping
from pathlib import Path

from breachkit.drill.hub.state import Hub, Repository
from breachkit.git.process import GitCommandError, run_git


_SETTINGS = {
    "receive.hideRefs": "refs/pull",
    "uploadpack.allowAnySHA1InWant": "true",
    "http.receivepack": "true",
    "gc.auto": "0",
    "receive.autogc": "false",
    "receive.denyDeleteCurrent": "warn",
}


def create(folder: Path, network: int, name: str, default_branch: str) -> Path:
    """Make the git directory of a repository in a network, and the network's store if it is new."""
    store = objects_of(folder, network)
    git_dir = folder / "repositories" / f"{name.replace('/', '-')}.git"
    run_git(["init", "--quiet", "--bare", f"--initial-branch={default_branch}", str(git_dir)])
    store.mkdir(parents=True, exist_ok=True)
    (git_dir / "objects" / "info" / "alternates").write_text(f"{store}\n", "utf-8")
    for key, value in _SETTINGS.items():
        run_git(["config", key, value], git_dir=git_dir)
    return git_dir


def objects_of(folder: Path, network: int) -> Path:
    """Give the store of objects of a network."""
    return folder / "networks" / str(network) / "objects"


def branches(found: Repository) -> dict[str, str]:
    """Give every branch with its commit, by name."""
    names = refs(found, "refs/heads/")
    return {name.removeprefix("refs/heads/"): commit for name, commit in names.items()}


def refs(found: Repository, prefix: str = "refs/") -> dict[str, str]:
    """Give every ref under a prefix with the object it names, sorted."""
    said = run_git(
        ["for-each-ref", "--format=%(refname) %(objectname)", prefix], git_dir=found.git_dir
    )
    lines = (line.rpartition(" ") for line in said.stdout.decode().splitlines())
    return {name: value for name, _, value in lines}


def set_ref(found: Repository, ref: str, value: str | None) -> None:
    """Let a ref name an object, or delete it."""
    args = ["update-ref", "-d", ref] if value is None else ["update-ref", ref, value]
    run_git(args, git_dir=found.git_dir)


def read(found: Repository, oid: str) -> tuple[str, bytes] | None:
    """Give the type and content of an object that the network holds; None where it holds none."""
    try:
        kind = run_git(["cat-file", "-t", oid], git_dir=found.git_dir).stdout.decode().strip()
        return kind, run_git(["cat-file", kind, oid], git_dir=found.git_dir).stdout
    except GitCommandError:
        return None


def resolve(found: Repository, name: str) -> str | None:
    """Give the full id of what a name, an id or an abbreviated id stands for."""
    said = run_git(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", name],
        git_dir=found.git_dir,
        check=False,
    )
    return said.stdout.decode().strip() or None


def writing_to(hub: Hub, found: Repository) -> Mapping[str, str]:
    """Give the environment in which git writes new objects into the store of the network."""
    return {"GIT_OBJECT_DIRECTORY": str(objects_of(hub.folder, found.network))}


def collect_garbage(hub: Hub, network: int) -> None:
    """Drop every object that no ref of any repository of a network reaches, as support does."""
    members = [each for each in hub.repositories.values() if each.network == network]
    tips = {value for each in members for value in refs(each).values()}
    keeper = hub.folder / "networks" / str(network) / "keeper.git"
    run_git(["init", "--quiet", "--bare", str(keeper)])
    store = objects_of(hub.folder, network)
    env = {"GIT_OBJECT_DIRECTORY": str(store)}
    feed = "".join(f"create refs/keep/{number} {tip}\n" for number, tip in enumerate(sorted(tips)))
    run_git(["update-ref", "--stdin"], git_dir=keeper, stdin=feed.encode(), extra_env=env)
    run_git(["repack", "-a", "-d", "-q"], git_dir=keeper, extra_env=env)
    run_git(["prune", "--expire=now"], git_dir=keeper, extra_env=env)
    for number in range(len(tips)):
        run_git(["update-ref", "-d", f"refs/keep/{number}"], git_dir=keeper, extra_env=env)
