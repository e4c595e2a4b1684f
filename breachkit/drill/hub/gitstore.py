"""The git side of the stand-in's repositories: one store of objects for a whole network of forks.

A repository has its own refs and borrows every object from its network, as on GitHub: what one fork
holds each other gives away by id, and a deleted ref leaves its objects until support collects them.
"""

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from breachkit.drill.hub.state import Hub, Repository
from breachkit.git.process import GitCommandError, run_git


_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[receive]
\thideRefs = refs/pull
\tautogc = false
\tdenyDeleteCurrent = refuse
[uploadpack]
\tallowTipSHA1InWant = true
\tallowReachableSHA1InWant = true
\tallowFilter = true
[http]
\treceivepack = true
[gc]
\tauto = 0
"""
"""Pull requests are shown to everybody and writable for nobody. Version 2 of git's protocol gives any
object to who knows its id, whatever is set here; those before it give what some ref leads to.
"""


def create(folder: Path, network: int, number: int, default_branch: str) -> Path:
    """Make the git directory of a repository in a network, and the network's store if it is new.

    Written file by file: three hundred forks are made while git would make ten.
    """
    git_dir = folder / "repositories" / f"{number}.git"
    for part in ("objects/info", "refs/heads", "refs/tags"):
        (git_dir / part).mkdir(parents=True)
    (git_dir / "config").write_text(_CONFIG, "utf-8")
    set_head(git_dir, default_branch)
    borrow(folder, network, git_dir)
    return git_dir


def borrow(folder: Path, network: int, git_dir: Path) -> None:
    """Let a repository take its objects from the store of a network."""
    store = objects_of(folder, network)
    (store / "pack").mkdir(parents=True, exist_ok=True)
    (store / "info").mkdir(exist_ok=True)
    (git_dir / "objects" / "info" / "alternates").write_text(f"{store}\n", "utf-8")


def set_head(git_dir: Path, branch: str) -> None:
    """Make a branch the default one."""
    (git_dir / "HEAD").write_text(f"ref: refs/heads/{branch}\n", "utf-8")


def objects_of(folder: Path, network: int) -> Path:
    """Give the store of objects of a network."""
    return folder / "networks" / str(network) / "objects"


def add_objects(folder: Path, network: int, source: Path) -> None:
    """Put every object of a bare repository into the store of a network."""
    store = objects_of(folder, network)
    skipped = shutil.ignore_patterns("alternates", "commit-graph*", "multi-pack-index*")
    shutil.copytree(source / "objects", store, dirs_exist_ok=True, ignore=skipped)


def split(folder: Path, network: int, new: int) -> None:
    """Give a new network everything that another holds so far."""
    source, target = objects_of(folder, network), objects_of(folder, new)
    shutil.copytree(source, target, copy_function=os.link)


def write_refs(git_dir: Path, refs: Mapping[str, str]) -> None:
    """Set all refs of a repository at once, those it has included.

    Source: git-pack-refs(1), the file `packed-refs`.
    """
    shutil.rmtree(git_dir / "refs")
    for part in ("heads", "tags"):
        (git_dir / "refs" / part).mkdir(parents=True)
    lines = (f"{oid} {name}\n" for name, oid in sorted(refs.items()))
    header = "# pack-refs with: sorted \n"
    (git_dir / "packed-refs").write_text(header + "".join(lines), "utf-8")


def branches(found: Repository) -> dict[str, str]:
    """Give every branch with its commit, by name."""
    names = refs(found, "refs/heads/")
    return {name.removeprefix("refs/heads/"): commit for name, commit in names.items()}


def refs(found: Repository, prefix: str = "refs/") -> dict[str, str]:
    """Give every ref under a prefix with the object it names, sorted.

    Read from the files, which only this hub writes: a process for each fork would take seconds.
    """
    known = _packed_refs(found.git_dir)
    for file in (found.git_dir / "refs").rglob("*"):
        if file.suffix == ".lock" or not file.is_file():
            continue
        with contextlib.suppress(FileNotFoundError):  # a push deletes it meanwhile
            known[file.relative_to(found.git_dir).as_posix()] = file.read_text("ascii").strip()
    return {name: known[name] for name in sorted(known) if name.startswith(prefix)}


def _packed_refs(git_dir: Path) -> dict[str, str]:
    try:
        lines = (git_dir / "packed-refs").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split(" ", 1) for line in lines if line[:1] not in {"#", "^"})
    return {name: oid for oid, name in pairs}


def refs_of(git_dir: Path, prefix: str = "refs/") -> dict[str, str]:
    """Give every ref of a git directory under a prefix, sorted."""
    said = run_git(["for-each-ref", "--format=%(refname) %(objectname)", prefix], git_dir=git_dir)
    lines = (line.rpartition(" ") for line in said.stdout.decode().splitlines())
    return {name: value for name, _, value in lines}


def set_ref(found: Repository, ref: str, value: str | None) -> None:
    """Let a ref name an object, or delete it."""
    args = ["update-ref", "-d", ref] if value is None else ["update-ref", ref, value]
    run_git(args, git_dir=found.git_dir)


def read(found: Repository, oid: str) -> tuple[str, bytes] | None:
    """Give the type and content of an object that the network holds; None where it holds none."""
    try:
        said = run_git(["cat-file", "--batch"], git_dir=found.git_dir, stdin=f"{oid}\n".encode())
    except GitCommandError:
        return None
    header, _, rest = said.stdout.partition(b"\n")
    words = header.decode().split()
    if len(words) != 3:
        return None
    return words[1], rest[: int(words[2])]


def resolve(found: Repository, name: str) -> str | None:
    """Give the full id of what a name, an id or an abbreviated id stands for, if the network has it."""
    peeled = name if ":" in name else f"{name}^{{}}"  # what a tag is about, or a file of a commit
    said = run_git(
        ["rev-parse", "--verify", "--quiet", "--end-of-options", peeled],
        git_dir=found.git_dir,
        check=False,
    )
    return said.stdout.decode().strip() or None


def is_ancestor(found: Repository, older: str, newer: str) -> bool:
    """Say whether a commit is contained in another."""
    args = ["merge-base", "--is-ancestor", older, newer]
    return run_git(args, git_dir=found.git_dir, check=False).code == 0


def reaches(found: Repository, tips: Iterable[str], oids: Iterable[str]) -> set[str]:
    """Give those of some objects that some tips lead to."""
    wanted = set(oids)
    feed = "".join(f"{tip}\n" for tip in sorted(set(tips)))
    if not feed or not wanted:
        return set()
    args = ["rev-list", "--objects", "--no-object-names", "--ignore-missing", "--stdin"]
    listed = run_git(args, git_dir=found.git_dir, stdin=feed.encode()).stdout.decode().split()
    return wanted & set(listed)


def writing_to(hub: Hub, found: Repository) -> Mapping[str, str]:
    """Give the environment in which git writes new objects into the store of the network."""
    return {"GIT_OBJECT_DIRECTORY": str(objects_of(hub.folder, found.network))}


def collect_garbage(hub: Hub, network: int) -> None:
    """Drop every object that no ref of any repository of a network reaches, as support does."""
    members = [each for each in hub.repositories.values() if each.network == network]
    tips = sorted({value for each in members for value in refs(each).values()})
    keeper = hub.folder / "networks" / str(network) / "keeper.git"
    for part in ("objects/info", "refs/heads"):
        (keeper / part).mkdir(parents=True, exist_ok=True)
    (keeper / "config").write_text(_CONFIG, "utf-8")
    set_head(keeper, "main")
    write_refs(keeper, {f"refs/keep/{number}": tip for number, tip in enumerate(tips)})
    env = {"GIT_OBJECT_DIRECTORY": str(objects_of(hub.folder, network))}
    run_git(["repack", "-a", "-d", "-q"], git_dir=keeper, extra_env=env)
    run_git(["prune", "--expire=now"], git_dir=keeper, extra_env=env)
    shutil.rmtree(keeper)
