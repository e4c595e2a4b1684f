"""Are the places where cases and temporary files go fit for them: private, local, roomy, and sound?"""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.incident.places import looks_synchronised, repository_around
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field
from breachkit.report.escape import shell
from breachkit.workflows.doctor_mounts import Mount, mount_of


ROOM = 5 << 30
"""For a mirror, its rewritten twin, a backup and a fresh clone of a large study repository."""
LEAST_ROOM = 200 << 20
"""For those of a small one."""
LEAST_TEMPORARY = 100 << 20

NETWORKS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "fuse.sshfs", "fuse.s3fs"}
    | {"fuse.rclone", "davfs", "fuse.davfs2", "ncpfs", "lustre", "gpfs", "beegfs", "vboxsf"}
)
VANISHING = frozenset({"tmpfs", "ramfs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder that things are written into, and how its file system behaved when it was tried."""

    path: Path
    exists: bool
    """Otherwise everything else is about the nearest folder above that does."""
    is_folder: bool = True
    writable: bool = True
    problem: str = ""
    """Why not, in the system's words."""
    mode: int = 0o700
    own: bool = True
    """Whether this user owns it."""
    repository: Path | None = None
    """A git repository around it."""
    synchronised: bool = False
    free: int | None = None
    """Bytes that this user may still fill."""
    mount: Mount | None = None
    """None where the system does not tell."""
    faults: tuple[str, ...] = field(default=())
    """What a file system has to do and this one did not."""


def gather(path: Path) -> Place:
    """Look at a folder and try its file system with two small files, which are deleted again."""
    near = path
    while not os.path.lexists(near) and near != near.parent:
        near = near.parent
    if not near.is_dir():
        return Place(path=path, exists=near == path, is_folder=False)
    found = near.stat()
    problem, faults = _tried(near)
    return Place(
        path=path,
        exists=near == path,
        writable=not problem,
        problem=problem,
        mode=stat.S_IMODE(found.st_mode),
        own=not hasattr(os, "getuid") or found.st_uid == os.getuid(),
        repository=repository_around(path),
        synchronised=looks_synchronised(path),
        free=_free(near),
        mount=mount_of(near),
        faults=faults,
    )


def judge_home(place: Place, needed: int | None = None) -> Iterator[Diagnosis]:
    """Say whether cases can live in a place.

    Args:
        place: What was found.
        needed: Bytes that the repository asked about takes, as far as it is known.
    """
    name = display(os.fsencode(place.path))
    if not place.is_folder or not place.writable:
        yield _unusable("cases", place, "a case cannot be opened, and none can be gone on with")
        return
    yield from _privacy(place, name)
    yield _repository(place, name)
    if place.synchronised:
        yield doubtful(
            "cases.synchronised",
            f"{name} looks like a folder that is copied to a cloud service",
            "a mirror of the repository with the data in it would be copied there, too",
            "export BREACHKIT_HOME=~/.breachkit-cases",
        )
    yield from _file_system(place, name)
    yield _room(place, needed)


def judge_temporary(place: Place) -> Iterator[Diagnosis]:
    """Say whether temporary files can be where they are made."""
    name = display(os.fsencode(place.path))
    means = "fetching, proving and reading archives need room for files that are deleted at once"
    if not place.is_folder or not place.writable or not place.exists:
        yield _unusable("temporary", place, means)
        return
    if place.free is not None and place.free < LEAST_TEMPORARY:
        says = f"{name} has {_size(place.free)} left for temporary files"
        yield broken("temporary.room", says, means, *_ELSEWHERE)
        return
    yield fine("temporary.room", f"{_size(place.free)} in {name}")
    if place.mount is not None and place.mount.noexec:
        yield doubtful(
            "temporary.noexec",
            f"nothing in {name} may be run (noexec)",
            "the practice world of drill runs hooks there; a response itself does not",
            *_ELSEWHERE,
        )
    if place.mount is not None and place.mount.kind in NETWORKS:
        yield doubtful(
            "temporary.network",
            f"{name} is on another machine ({place.mount.kind})",
            "parts of a repository that holds the data pass over the network and lie there",
            *_ELSEWHERE,
        )


_ELSEWHERE = ("mkdir -m 700 -p ~/tmp && export TMPDIR=~/tmp",)


def _free(near: Path) -> int | None:
    try:
        return shutil.disk_usage(near).free
    except OSError:
        return None


def _tried(near: Path) -> tuple[str, tuple[str, ...]]:
    """Write into a folder of its own and give what stopped it, and what did not go as it must."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".breachkit-doctor-", dir=near))
    except OSError as cause:
        return cause.strerror or type(cause).__name__, ()
    try:
        return "", tuple(_faults(folder))
    except OSError as cause:
        return cause.strerror or errno.errorcode.get(cause.errno or 0, "unknown"), ()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _faults(folder: Path) -> Iterator[str]:
    one, other = folder / "aB", folder / "other"
    content = secrets.token_bytes(1 << 16)
    with one.open("xb") as opened:
        opened.write(content)
        opened.flush()
        try:
            os.fsync(opened.fileno())
        except OSError:
            yield "fsync"
    if (folder / "Ab").exists():
        yield "case"
    one.chmod(0o600)
    if stat.S_IMODE(one.stat().st_mode) != 0o600:
        yield "modes"
    other.write_bytes(b"old")
    try:
        one.replace(other)
    except OSError:
        yield "rename"
    if not _is_locked_out(folder):
        yield "locks"
    if other.read_bytes() not in {content, b"old"}:
        yield "content"


def _is_locked_out(folder: Path) -> bool:
    """Say whether a lock that is held keeps others out."""
    import filelock

    file = folder / "lock"
    try:
        with filelock.FileLock(file, timeout=0):
            with contextlib.suppress(filelock.Timeout), filelock.FileLock(file, timeout=0):
                return False
            return True
    except (OSError, RuntimeError):  # a file system without locks
        return False


def _unusable(area: str, place: Place, means: str) -> Diagnosis:
    name = display(os.fsencode(place.path))
    repair = _ELSEWHERE[0] if area == "temporary" else "export BREACHKIT_HOME=~/.breachkit-cases"
    if not place.is_folder:
        return broken(f"{area}.place", f"{name} is no folder", means, repair)
    if not place.exists and not place.problem:
        return broken(f"{area}.place", f"{name} is not there", means, repair)
    says = f"nothing can be written into {name}: {display(place.problem)}"
    if area == "cases" and place.problem in _FULL:
        means = f"{means}: make room on that disk; in another folder no open case is found"
        return broken(f"{area}.place", says, means)
    return broken(f"{area}.place", says, means, repair, is_access=place.problem in _NOT_ALLOWED)


_FULL = frozenset(map(os.strerror, (errno.ENOSPC, errno.EDQUOT)))
_NOT_ALLOWED = frozenset(map(os.strerror, (errno.EACCES, errno.EPERM, errno.EROFS)))


def _privacy(place: Place, name: str) -> Iterator[Diagnosis]:
    if not place.exists:
        yield fine("cases.place", f"{name} is made when the first case is opened")
        return
    shown = shell(os.fsencode(place.path))
    if not place.own:
        yield doubtful(
            "cases.owner",
            f"{name} belongs to another user",
            "they can read, change and delete every case",
            "export BREACHKIT_HOME=~/.breachkit-cases",
        )
    if place.mode & 0o077:
        yield doubtful(
            "cases.place",
            f"other users of this machine can open {name}",
            "what they can list and read of cases may name the repository and the people",
            f"chmod 700 {shown}",
        )
    else:
        yield fine("cases.place", f"{name} can be opened by its owner alone")


def _repository(place: Place, name: str) -> Diagnosis:
    if place.repository is None:
        return fine("cases.repository", "cases are outside of any git repository")
    return broken(
        "cases.repository",
        f"{name} is inside the git repository {display(os.fsencode(place.repository))}",
        "no case can be opened there: one `git add -A` would publish it",
        "export BREACHKIT_HOME=~/.breachkit-cases",
    )


_FAULTS = {
    "fsync": "does not promise that what is written is on the disk",
    "case": "takes aB and Ab for one file, though a repository may hold both",
    "modes": "does not keep files from other users (permissions are not stored)",
    "rename": "cannot replace a file in one step",
    "locks": "does not keep two processes apart",
    "content": "gave back something else than was written",
}
_STOPPING = frozenset({"rename", "locks", "content"})


def _file_system(place: Place, name: str) -> Iterator[Diagnosis]:
    kind = place.mount.kind if place.mount else ""
    for fault in place.faults:
        diagnose = broken if fault in _STOPPING else doubtful
        yield diagnose(
            f"cases.{fault}",
            f"the file system of {name} {_FAULTS[fault]}" + (f" ({kind})" if kind else ""),
            "a journal or a mirror may be lost, mixed up or read by others",
            "export BREACHKIT_HOME=~/.breachkit-cases",
        )
    if place.mount is None:
        yield not_tried("cases.file-system", "this system does not tell what kind of disk it is")
    elif kind in NETWORKS:
        yield doubtful(
            "cases.file-system",
            f"{name} is on another machine ({kind})",
            "the unredacted data would pass over the network and lie there, in its backups too",
            "export BREACHKIT_HOME=~/.breachkit-cases",
        )
    elif kind in VANISHING:
        yield doubtful(
            "cases.file-system",
            f"{name} is in memory ({kind})",
            "every case, with its journal, is gone when the machine restarts",
            "export BREACHKIT_HOME=~/.breachkit-cases",
        )
    elif not place.faults:
        yield fine("cases.file-system", f"{kind}: locks, renames and permissions hold")


def _room(place: Place, needed: int | None) -> Diagnosis:
    if place.free is None:
        return not_tried("cases.room", "the system does not tell how much room there is")
    free = _size(place.free)
    if place.free < max(LEAST_ROOM, needed or 0):
        return broken(
            "cases.room",
            f"{free} left for cases" + (f", and {_size(needed)} are needed" if needed else ""),
            "mirror, rewritten history, backup and fresh clone do not fit",
            "export BREACHKIT_HOME=/PLACE/WITH/ROOM",
        )
    if place.free < ROOM and needed is None:
        return doubtful(
            "cases.room",
            f"{free} left for cases",
            "a large repository takes four times its size: mirror, rewritten history, backup, clone",
            "export BREACHKIT_HOME=/PLACE/WITH/ROOM",
        )
    return fine("cases.room", f"{free} left for cases")


def _size(number: int | None) -> str:
    value, unit = float(number or 0), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
