"""Copies of a repository, each with the bad table in another place, or with a place nobody can see."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.clones import BAD, OUTPUT, World
from tests.support.gitrepo import git, loose_object, oid, write_blob


Build = Callable[[World, World, Path], Path]
"""Takes a server that still has the data, one that was cleaned, and where the copy is to be."""

AWKWARD = 'it\'s "a" $(b)\n;c'


@dataclass(frozen=True)
class Trap:
    """One copy and what has to be said of it."""

    build: Build
    verdict: str
    places: tuple[str, ...] = ()
    """Some of the places that are named."""
    unread: tuple[str, ...] = ()


TRAPS: dict[str, Trap] = {}


def trap(verdict: str, *places: str, unread: tuple[str, ...] = ()) -> Callable[[Build], Build]:
    """Add a copy to the collection."""

    def add(build: Build) -> Build:
        TRAPS[build.__name__] = Trap(build, verdict, places, unread)
        return build

    return add


def put(folder: Path, name: str | bytes, content: bytes = BAD) -> Path:
    """Write a file into a copy."""
    path = folder / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@trap("clean")
def cloned_after_the_rewrite(old: World, new: World, at: Path) -> Path:
    return new.clone(at)


@trap("tainted", "objects", "names")
def cloned_before_the_rewrite(old: World, new: World, at: Path) -> Path:
    return old.clone(at)


@trap("tainted", "objects")
def bare(old: World, new: World, at: Path) -> Path:
    return old.clone(at, "--mirror")


@trap("clean")
def bare_and_clean(old: World, new: World, at: Path) -> Path:
    return new.clone(at, "--bare")


@trap("tainted", "objects")
def named_by_its_git_directory(old: World, new: World, at: Path) -> Path:
    return old.clone(at) / ".git"


@trap("tainted", "objects", "index", "files")
def staged(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "staged.csv")
    git(at, "add", "staged.csv")
    return at


@trap("tainted", "index")
def staged_and_nowhere_else(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "staged.csv")
    git(at, "add", "staged.csv")
    (at / "staged.csv").unlink()
    loose_object(at, new.bad).unlink()
    return at


@trap("tainted", "index")
def staged_in_a_split_index(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "staged.csv")
    git(at, "add", "staged.csv")
    git(at, "update-index", "--split-index")
    (at / "staged.csv").unlink()
    return at


@trap("tainted", "objects")
def untracked_file_in_a_stash(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "more.csv")
    git(at, "stash", "-q", "-u")
    return at


@trap("tainted", "objects")
def second_stash(old: World, new: World, at: Path) -> Path:
    untracked_file_in_a_stash(old, new, at)
    put(at, "harmless.csv", b"x\n")
    git(at, "stash", "-q", "-u")
    return at


@trap("tainted", "objects")
def dangling_blob(old: World, new: World, at: Path) -> Path:
    write_blob(new.clone(at), BAD)
    return at


@trap("tainted", "objects")
def kept_pack(old: World, new: World, at: Path) -> Path:
    one = write_blob(new.clone(at), BAD)
    pack = at / ".git" / "objects" / "pack" / "pack"
    made = git(at, "pack-objects", "-q", str(pack), stdin=f"{one}\n".encode()).decode().strip()
    loose_object(at, one).unlink()
    (pack.parent / f"pack-{made}.keep").touch()
    return at


@trap("tainted", "objects")
def reset_but_in_the_reflog(old: World, new: World, at: Path) -> Path:
    old.clone(at)
    git(at, "remote", "set-url", "origin", str(new.server))
    git(at, "fetch", "-q", "--prune", "--tags", "--force", "origin")
    git(at, "reset", "-q", "--hard", "origin/main")
    git(at, "config", "gc.reflogExpire", "never")
    git(at, "config", "gc.reflogExpireUnreachable", "never")
    git(at, "gc", "-q", "--prune=now")
    return at


@trap("tainted", "objects")
def clobbered_tag(old: World, new: World, at: Path) -> Path:
    reset_but_in_the_reflog(old, new, at)
    git(at, "update-ref", "refs/tags/mine", oid(old.server, "light"))
    git(at, "reflog", "expire", "--expire=now", "--all")
    git(at, "gc", "-q", "--prune=now")
    return at


@trap("tainted", "objects")
def tag_on_a_blob(old: World, new: World, at: Path) -> Path:
    git(new.clone(at), "tag", "-a", "-m", "m", "t", write_blob(at, BAD))
    git(at, "gc", "-q", "--prune=now")
    return at


@trap("tainted", "objects")
def note(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "n")
    git(at, "notes", "--ref=data", "add", "-F", "n", "HEAD")
    (at / "n").unlink()
    return at


@trap("tainted", "objects")
def replace_ref(old: World, new: World, at: Path) -> Path:
    one = write_blob(new.clone(at), BAD)
    git(at, "replace", oid(at, f"HEAD:{OUTPUT.decode()}"), one)
    return at


@trap("tainted", "names")
def id_in_orig_head_alone(old: World, new: World, at: Path) -> Path:
    (new.clone(at) / ".git" / "ORIG_HEAD").write_text(f"{oid(old.server, 'light')}\n")
    return at


@trap("clean")
def list_of_a_guard(old: World, new: World, at: Path) -> Path:
    line = f"{oid(old.server, 'light')} {oid(new.server, 'light')}\n"
    put(new.clone(at), ".git/breachkit-guard/list", line.encode())
    put(at, ".git/hooks/pre-push", line.encode())
    return at


@trap("tainted", "names", unread=("objects:leftovers",))
def commit_map_of_filter_repo(old: World, new: World, at: Path) -> Path:
    line = f"{oid(old.server, 'light')} {oid(new.server, 'light')}\n"
    put(new.clone(at), ".git/filter-repo/commit-map", line.encode())
    return at


@trap("tainted", "files")
def untracked_copy(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "output/copy.csv")
    return at


@trap("tainted", "files")
def untracked_copy_with_line_ends_of_windows(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "copy.csv", BAD.replace(b"\n", b"\r\n"))
    return at


@trap("tainted", "files")
def untracked_copy_with_mixed_line_ends(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "copy.csv", BAD.replace(b"\n", b"\r\n", 1))
    return at


@trap("tainted", "objects")
def committed_with_line_ends_of_windows(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "own.csv", BAD.replace(b"\n", b"\r\n"))
    git(at, "add", "own.csv")
    git(at, "commit", "-q", "-m", "Add")
    return at


@trap("tainted", "files")
def awkward_file_name(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), f"{AWKWARD}/-x {AWKWARD}\r")
    return at


@trap("tainted", "objects")
def awkward_folder_name(old: World, new: World, at: Path) -> Path:
    return old.clone(at / f"-{AWKWARD}\n")


@trap("clean")
def awkward_folder_name_and_clean(old: World, new: World, at: Path) -> Path:
    put(new.clone(at / f"=x {AWKWARD}\n"), f"{AWKWARD}\r", b"harmless\r\n")
    return at / f"=x {AWKWARD}\n"


@trap("tainted", "files")
def linked_worktree_elsewhere(old: World, new: World, at: Path) -> Path:
    git(new.clone(at), "worktree", "add", "-q", str(at.parent / f"{at.name}-linked"), "-b", "side")
    put(at.parent / f"{at.name}-linked", "copy.csv")
    return at


@trap("tainted", "files")
def named_by_its_linked_worktree(old: World, new: World, at: Path) -> Path:
    git(new.clone(at), "worktree", "add", "-q", str(at.parent / f"{at.name}-linked"), "-b", "side")
    put(at, "copy.csv")
    return at.parent / f"{at.name}-linked"


@trap("tainted", "index")
def staged_in_a_linked_worktree(old: World, new: World, at: Path) -> Path:
    linked = at.parent / f"{at.name}-linked"
    git(new.clone(at), "worktree", "add", "-q", str(linked), "-b", "side")
    put(linked, "staged.csv")
    git(linked, "add", "staged.csv")
    return at


@trap("tainted", "objects")
def head_of_a_linked_worktree(old: World, new: World, at: Path) -> Path:
    reset_but_in_the_reflog(old, new, at)
    linked = at.parent / f"{at.name}-linked"
    git(at, "worktree", "add", "-q", "--detach", str(linked), oid(old.server, "light"))
    git(at, "reflog", "expire", "--expire=now", "--all")
    git(at, "gc", "-q", "--prune=now")
    return at


@trap("unknown", unread=("files:worktree",))
def linked_worktree_that_is_not_there(old: World, new: World, at: Path) -> Path:
    linked = at.parent / f"{at.name}-linked"
    git(new.clone(at), "worktree", "add", "-q", str(linked), "-b", "side")
    linked.rename(at.parent / f"{at.name}-moved")
    return at


@trap("tainted", "borrowed")
def borrowing(old: World, new: World, at: Path) -> Path:
    new.clone(at)
    lender = old.clone(at.parent / f"{at.name}-lender")
    put(at, ".git/objects/info/alternates", f"{lender}/.git/objects\n".encode())
    return at


@trap("tainted", "borrowed")
def borrowing_over_a_relative_path(old: World, new: World, at: Path) -> Path:
    new.clone(at)
    old.clone(at.parent / f"{at.name}-lender")
    relative = f"../../../{at.name}-lender/.git/objects\n"
    put(at, ".git/objects/info/alternates", relative.encode())
    return at


@trap("tainted", "borrowed")
def with_nothing_of_its_own(old: World, new: World, at: Path) -> Path:
    return old.clone(at, "--shared")


@trap("unknown", unread=("objects:objects",))
def borrowing_from_what_is_gone(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), ".git/objects/info/alternates", b"/no/such/objects\n")
    return at


@trap("tainted", "module")
def submodule(old: World, new: World, at: Path) -> Path:
    new.clone(at)
    old.clone(at / ".git" / "modules" / "a" / "b", "--bare")
    return at


@trap("tainted", "nested")
def clone_within_the_clone(old: World, new: World, at: Path) -> Path:
    new.clone(at)
    old.clone(at / "sub" / "study")
    return at


@trap("tainted", "bundle")
def bundle(old: World, new: World, at: Path) -> Path:
    new.clone(at)
    git(old.server, "bundle", "create", "-q", str(at / "backup.dat"), "--all")
    return at


@trap("tainted", "bundle")
def bundle_of_the_last_commits(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "own.csv")
    git(at, "add", "own.csv")
    git(at, "commit", "-q", "-m", "Add")
    git(at, "bundle", "create", "-q", str(at / "last"), "origin/main..main")
    git(at, "reset", "-q", "--hard", "origin/main")
    git(at, "reflog", "expire", "--expire=now", "--all")
    git(at, "gc", "-q", "--prune=now")
    return at


@trap("clean")
def clean_bundle(old: World, new: World, at: Path) -> Path:
    git(new.clone(at), "bundle", "create", "-q", str(at / "backup.dat"), "--all")
    return at


@trap("unknown", unread=("bundle:bundle",))
def cut_bundle(old: World, new: World, at: Path) -> Path:
    clean_bundle(old, new, at)
    (at / "backup.dat").write_bytes((at / "backup.dat").read_bytes()[:-40])
    return at


@trap("unknown", unread=("objects:leftovers",))
def recorded_conflict(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), ".git/rr-cache/a/preimage", b"<<<<<<<\n" + BAD)
    return at


@trap("tainted", "objects")
def shallow(old: World, new: World, at: Path) -> Path:
    return old.clone(at, "--depth", "4", transport="file://")


@trap("clean")
def shallow_and_clean(old: World, new: World, at: Path) -> Path:
    return new.clone(at, "--depth", "2", transport="file://")


@trap("tainted", "objects")
def partial(old: World, new: World, at: Path) -> Path:
    git(old.server, "config", "uploadpack.allowFilter", "true")
    return old.clone(at, "--filter=blob:none", transport="file://")


@trap("clean")
def partial_and_clean(old: World, new: World, at: Path) -> Path:
    git(new.server, "config", "uploadpack.allowFilter", "true")
    return new.clone(at, "--filter=blob:none", transport="file://")


@trap("unknown", unread=("objects:pack",))
def pack_without_its_index(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), ".git/objects/pack/pack-1234.pack", b"PACK")
    return at


@trap("unknown", unread=("objects:objects",))
def damaged_pack_index(old: World, new: World, at: Path) -> Path:
    one = write_blob(new.clone(at), b"harmless\n")
    pack = at / ".git" / "objects" / "pack" / "pack"
    made = git(at, "pack-objects", "-q", str(pack), stdin=f"{one}\n".encode()).decode().strip()
    index = pack.parent / f"pack-{made}.idx"
    index.chmod(0o600)
    index.write_bytes(b"\xfftOc" + b"\0" * 64)
    return at


@trap("unknown", unread=("objects:unfinished",))
def unfinished_transfer(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), ".git/objects/pack/tmp_pack_x", b"PACK")
    return at


@trap("unknown", unread=("objects:links",))
def linked_objects(old: World, new: World, at: Path) -> Path:
    objects = new.clone(at) / ".git" / "objects"
    objects.rename(at.parent / f"{at.name}-objects")
    objects.symlink_to(at.parent / f"{at.name}-objects")
    return at


@trap("unknown", unread=("objects:format",))
def other_object_format(old: World, new: World, at: Path) -> Path:
    at.mkdir(parents=True)
    git(at, "init", "-q", "--object-format=sha256")
    put(at, "a", b"x\n")
    git(at, "add", "a")
    return at


@trap("unknown", unread=("objects:empty",))
def empty(old: World, new: World, at: Path) -> Path:
    at.mkdir(parents=True)
    git(at, "init", "-q")
    return at


@trap("clean")
def git_directory_elsewhere(old: World, new: World, at: Path) -> Path:
    return new.clone(at, f"--separate-git-dir={at.parent / at.name}-git")


@trap("tainted", "files", "objects")
def git_directory_elsewhere_with_a_copy_in_it(old: World, new: World, at: Path) -> Path:
    old.clone(at, f"--separate-git-dir={at.parent / at.name}-git")
    put(at.parent / f"{at.name}-git", "copy.csv")
    return at


@trap("clean")
def local_work(old: World, new: World, at: Path) -> Path:
    put(new.clone(at), "own.py", b"b = 1\n")
    git(at, "add", "own.py")
    git(at, "commit", "-q", "-m", "Work of my own")
    git(at, "stash", "list")
    put(at, "code.py", b"a = 9\n")
    git(at, "stash", "-q")
    return at
