"""Puts a guard's hooks into a repository beside those that are there, and takes them out again.

The hooks are POSIX sh and need git alone; the lists of ids lie in the git directory, which no
commit takes along. Nothing in the repository is run, and nothing is written outside of it.
"""

import contextlib
import fcntl
import importlib.resources
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from breachkit.actions.guard_outputs import FOLDERS
from breachkit.actions.guarding import (
    HOOKS,
    GuardList,
    GuardStatus,
    HookName,
    HookState,
    HookStatus,
    NoGuardListError,
)
from breachkit.git import guard_lists, layout
from breachkit.git.guard_lists import ALONE, IDS, OUTPUTS
from breachkit.git.process import run_git
from breachkit.incident.disk import make_folder, write_atomic, writing
from breachkit.model.errors import ConfigurationError, RefusedError
from breachkit.model.ids import ObjectId, display
from breachkit.model.records import dataclass


FOLDER = "breachkit-guard"
"""In the git directory, common to all work trees (mode 0700)."""

CONTACT, PLACE = "contact", "hooks-folder"
KEPT = "kept-by-guard"
"""Ends the name of a hook that was there before."""

_MARK = b"# breachkit-guard: "


class HooksElsewhereError(RefusedError):
    """Hooks are kept where this repository is not alone, or in its files."""


class HookInTheWayError(RefusedError):
    """A hook and the one kept before it are both somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Where the parts of a guard are in one repository."""

    main: Path
    """The git directory, common to all work trees."""
    top: Path | None
    """The folder of its files; None where it is bare."""

    @property
    def folder(self) -> Path:
        """Where the list is."""
        return self.main / FOLDER

    @property
    def usual_hooks(self) -> tuple[HookName, ...]:
        """The hooks that make sense here."""
        return HOOKS[2:] if self.top is None else HOOKS[:2]


def find_guarded(place: Path) -> Guarded:
    """Find a repository by its work tree, its git directory or itself, if it is bare.

    Raises:
        ConfigurationError: there is none.
    """
    found = layout.find(place)
    main = found.common_dir.resolve()
    bare = run_git(
        ["config", "--file", str(main / "config"), "--no-includes", "--type=bool", "core.bare"],
        check=False,
    )
    if os.path.lexists(place / ".git"):
        return Guarded(main=main, top=place.resolve())
    return Guarded(main=main, top=None if bare.stdout.strip() == b"true" else main.parent)


def install(
    guarded: Guarded,
    listed: GuardList | None,
    hooks: Sequence[HookName],
    contact: str | None = None,
    *,
    outputs: bool = False,
) -> tuple[HookStatus, ...]:
    """Put hooks in, each beside the one that is there; twice is the same as once.

    Args:
        guarded: Where.
        listed: What may not come back; None leaves what was said before.
        hooks: Which.
        contact: Whom a person asks whose push is refused; None leaves what was said before.
        outputs: Whether outputs that nobody has checked are refused too, from now on.

    Raises:
        HooksElsewhereError: hooks are kept where this repository is not alone.
        HookInTheWayError: there are two others already.
        ReadOnlyCaseError, CaseWriteError: the disk did not take it.
    """
    folder = hooks_folder(guarded)
    for hook in hooks:
        _refuse_if_in_the_way(folder, hook)
    with _held(guarded):
        with writing(guarded.folder):
            make_folder(guarded.folder)
        guard_lists.write(guarded.folder, listed, outputs=outputs)
        write_atomic(guarded.folder / PLACE, os.fsencode(folder) + b"\n")
        if contact is not None:
            write_atomic(guarded.folder / CONTACT, display(contact).encode() + b"\n")
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for hook in hooks:
                _put(folder, hook)
    return tuple(_status(folder, hook, is_used=True) for hook in hooks)


def allow(guarded: Guarded, ids: Iterable[ObjectId]) -> int:
    """Let files be committed where outputs are, and give how many are known now.

    Raises:
        NoGuardListError: unchecked outputs are not refused here, or the list is damaged.
        ReadOnlyCaseError, CaseWriteError: the disk did not take it.
    """
    with _held(guarded):
        known = guard_lists.read_checked(guarded.folder)
        if known is None:
            raise NoGuardListError(
                "outputs are not guarded here: run `breachkit guard install . --outputs` first"
            )
        more = known.with_more(ids)
        guard_lists.write_checked(guarded.folder, more)
    return len(more.ids)


def remove(guarded: Guarded) -> tuple[HookName, ...]:
    """Take every hook of ours out, put back what was there before, and delete the list.

    Returns:
        The hooks that were taken out; where there is nothing of ours, none.

    Raises:
        ReadOnlyCaseError, CaseWriteError: the disk did not take it.
    """
    if not guarded.folder.is_dir():
        return ()
    gone: list[HookName] = []
    with _held(guarded):
        for folder in _folders(guarded):
            with writing(folder):
                gone += [hook for hook in HOOKS if _take_out(folder, hook)]
        for name in (IDS, OUTPUTS, ALONE, CONTACT, PLACE):
            (guarded.folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's file is in it
            guarded.folder.rmdir()
    return tuple(dict.fromkeys(gone))


def status(guarded: Guarded) -> GuardStatus:
    """Say how a repository is guarded; nothing is changed."""
    ids, problem = 0, None
    try:
        ids = len(read_list(guarded).ids)
    except NoGuardListError as found:
        is_needed = guarded.folder.is_dir() and not (guarded.folder / ALONE).exists()
        problem = str(found) if is_needed else None
    outputs = None
    try:
        known = guard_lists.read_checked(guarded.folder)
        outputs = None if known is None else len(known.ids)
    except NoGuardListError as found:
        problem = str(found)
    try:
        used: Path | None = hooks_folder(guarded)
    except HooksElsewhereError:
        used = None
    folders = _folders(guarded)
    return GuardStatus(
        hooks=tuple(_best(folders, hook, used) for hook in HOOKS),
        ids=ids,
        problem=problem,
        outputs=outputs,
    )


def read_list(guarded: Guarded) -> GuardList:
    """Give the installed list.

    Raises:
        NoGuardListError: it is missing, cannot be read, or is not whole.
    """
    try:
        return GuardList.parse((guarded.folder / IDS).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise NoGuardListError(
            "there is no list of ids that can be read: run `breachkit guard install`"
        ) from None


def hooks_folder(guarded: Guarded) -> Path:
    """Give the folder in which git looks for hooks, if it is this repository's own.

    Raises:
        HooksElsewhereError: it is shared with other repositories, or is among the files that
            commits take along.
    """
    said = _configured(guarded)
    folder = guarded.main / "hooks" if said is None else (guarded.top or guarded.main) / said
    real = Path(os.path.realpath(folder))
    if real.is_relative_to(guarded.main):
        return folder
    shown = display(str(folder))
    if guarded.top is not None and real.is_relative_to(guarded.top):
        raise HooksElsewhereError(
            f"hooks are files of the project here ({shown}), so a guard in them would be published "
            "and not everybody's: run `git config --unset core.hooksPath` in this copy, or have "
            "the push refused by the server's pre-receive hook"
        )
    raise HooksElsewhereError(
        f"git looks for hooks outside this repository ({shown}), where other repositories may use "
        "them too: set `git config core.hooksPath .git/hooks` in this copy, then run this again"
    )


def _configured(guarded: Guarded) -> Path | None:
    """Read core.hooksPath as git would, from the user's and the repository's configuration."""
    args = ["config", "--show-scope", "--null", "--type=path", "--get-all", "core.hooksPath"]
    answer = run_git(args, git_dir=guarded.main, network=True, check=False)
    words = answer.stdout.split(b"\0")
    pairs = list(zip(words[::2], words[1::2], strict=False))
    said = [value for scope, value in pairs if scope != b"command"]
    if answer.code not in {0, 1}:
        raise ConfigurationError(
            "git cannot read the configuration of this repository: mend it, then run this again"
        )
    return Path(os.fsdecode(said[-1])) if said and said[-1] else None


@contextlib.contextmanager
def _held(guarded: Guarded) -> Iterator[None]:
    """Let nobody else put in or take out meanwhile; the lock is on the folder and leaves no file."""
    with writing(guarded.main):
        lock = os.open(guarded.main, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _script(hook: HookName) -> bytes:
    template = importlib.resources.files("breachkit.git").joinpath("guard_hook.sh")
    text = template.read_text(encoding="ascii")
    filled = text.replace("@HOOK@", hook).replace("@KEPT@", KEPT).replace("@FOLDERS@", FOLDERS)
    return filled.encode("ascii")


def _is_ours(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as opened:
        return _MARK in opened.read(512)


def _refuse_if_in_the_way(folder: Path, hook: HookName) -> None:
    path, kept = folder / hook, folder / f"{hook}.{KEPT}"
    if path.is_dir():
        raise HookInTheWayError(
            f"{display(str(path))} is a folder: move it away, then run this again"
        )
    if not os.path.lexists(path) or not os.path.lexists(kept):
        return
    try:
        is_in_the_way = not _is_ours(path) and not _same(path, kept)
    except FileNotFoundError:  # taken out meanwhile: whoever puts one in looks again, alone
        return
    if is_in_the_way:
        raise HookInTheWayError(
            f"{display(str(path))} was put in the guard's place, and {display(kept.name)} was "
            "kept before: make one hook of the two, delete the other, and run this again"
        )


def _same(one: Path, other: Path) -> bool:
    """Whether two names stand for one file: a command was killed before it put ours in."""
    first, second = one.lstat(), other.lstat()
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)


def _put(folder: Path, hook: HookName) -> None:
    path, kept = folder / hook, folder / f"{hook}.{KEPT}"
    _refuse_if_in_the_way(folder, hook)
    if os.path.lexists(path) and not _is_ours(path) and not os.path.lexists(kept):
        _keep(path, kept)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        write_atomic(temporary, _script(hook))
        temporary.chmod(0o755)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _keep(path: Path, kept: Path) -> None:
    """Put a hook aside; where there are hard links, there is a hook at every moment."""
    if os.link in os.supports_follow_symlinks:
        with contextlib.suppress(OSError):  # a file system without them
            os.link(path, kept, follow_symlinks=False)
            return
    path.rename(kept)


def _take_out(folder: Path, hook: HookName) -> bool:
    path, kept = folder / hook, folder / f"{hook}.{KEPT}"
    ours = _is_ours(path)
    if os.path.lexists(kept) and (ours or not os.path.lexists(path)):
        kept.replace(path)
    elif ours:
        path.unlink()
    elif os.path.lexists(kept) and os.path.lexists(path) and _same(path, kept):
        kept.unlink()
    return ours


def _folders(guarded: Guarded) -> tuple[Path, ...]:
    """Give the folders in which hooks of ours may be: where they were put, and where git looks."""
    found: list[Path] = []
    with contextlib.suppress(OSError):
        recorded = (guarded.folder / PLACE).read_bytes().rstrip(b"\n")
        found.append(Path(os.fsdecode(recorded)))
    with contextlib.suppress(HooksElsewhereError):
        found.append(hooks_folder(guarded))
    inside = [each for each in found if Path(os.path.realpath(each)).is_relative_to(guarded.main)]
    return tuple(dict.fromkeys(inside))


def _best(folders: Iterable[Path], hook: HookName, used: Path | None) -> HookStatus:
    """Say how a hook stands, where git looks for it or, failing that, where it was put."""
    every = [_status(each, hook, is_used=each == used) for each in folders]
    order: tuple[HookState, ...] = ("installed", "not called", "foreign", "absent")
    every.sort(key=lambda one: order.index(one.state))
    return every[0] if every else HookStatus(hook=hook, state="absent")


def _status(folder: Path, hook: HookName, *, is_used: bool) -> HookStatus:
    path = folder / hook
    ours = _is_ours(path)
    state: HookState = "foreign" if os.path.lexists(path) else "absent"
    if ours:
        state = "installed" if is_used else "not called"
    return HookStatus(
        hook=hook,
        state=state,
        keeps=ours and os.path.lexists(folder / f"{hook}.{KEPT}"),
        runs=not ours or os.access(path, os.X_OK),
    )
