"""The private mirror a rewrite starts from: complete, and agreeing with the server ref by ref."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.git.clone import mirror_url
from breachkit.git.partial import growing
from breachkit.git.process import mask_credentials, run_git
from breachkit.git.remote import RemoteRefs, list_remote
from breachkit.incident.disk import write_atomic
from breachkit.model.errors import ConfigurationError, IncompleteError, RefusedError
from breachkit.model.ids import ObjectId, RefName


SCHEMA = "breachkit.mirror/1"

MARKER = "breachkit-mirror.json"
"""Says that a directory is a mirror breachkit made, so that it may be made again or deleted."""


class UnfitMirrorError(RefusedError):
    """A repository is in a state in which a rewrite would harm it or miss something."""


class MirrorMarkerError(ConfigurationError):
    """A mirror of ours does not say any more what it is a mirror of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A complete copy of a server's repository, and the server's refs it agrees with."""

    path: Path
    url: str
    """Without credentials."""
    head: RefName | None
    """The server's default branch; None where it has none yet."""
    leases: Mapping[RefName, ObjectId]
    """What every ref of the server was when the mirror was made. A push expects them unchanged."""

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values, without its path. For the case's private part only."""
        return {
            "schema": SCHEMA,
            "url": self.url,
            "head": name_to_json(self.head) if self.head else None,
            "leases": [[name_to_json(name), value] for name, value in sorted(self.leases.items())],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any], path: Path) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
            KeyError, TypeError, ValueError, AttributeError: it is damaged.
        """
        require_schema(data, SCHEMA)
        head = data["head"]
        return cls(
            path=path,
            url=data["url"],
            head=RefName(name_from_json(head)) if head else None,
            leases={RefName(name_from_json(name)): ObjectId(v) for name, v in data["leases"]},
        )


def make_mirror(url: str, folder: Path, *, attempts: int = 3) -> Mirror:
    """Mirror a server, or find that the mirror in `folder` still agrees with it.

    The server is asked for its refs before and after the copy; both answers and the copy have to
    agree, else it is made again.

    Args:
        url: Of the server, or an absolute path.
        folder: Where the mirror is to be; its parent exists and is private.
        attempts: How often to try while somebody is pushing.

    Raises:
        UnfitMirrorError: the repository cannot be rewritten safely; the message says why.
        RefusedError: `folder` holds something breachkit did not make.
        IncompleteError: the server's refs kept changing, or the network failed.
        AccessError, ConfigurationError: as `clone.transfer_error` says.
    """
    if known := current_mirror(url, folder):
        return known
    for _ in range(attempts):
        before = list_remote(url)
        with growing(folder) as partial:
            mirror_url(url, partial)
            made = _describe(partial, url, before)
            if _agrees(made, list_remote(url)) and local_refs(partial) == dict(before.refs):
                return _settle(made, folder)
    raise IncompleteError(
        f"the server's refs changed during {attempts} attempts to mirror it: ask the writers to "
        "stop pushing and run the command again"
    )


def current_mirror(url: str, folder: Path) -> Mirror | None:
    """Give the mirror in `folder` if it agrees with the server as it is now, and says so.

    Raises:
        RefusedError: `folder` holds something breachkit did not make.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    if not folder.exists():
        return None
    try:
        known = open_mirror(folder)
    except ConfigurationError:  # ours, and to be made anew like one that is out of date
        return None
    is_current = known.url == mask_credentials(url) and _agrees(known, list_remote(url))
    return known if is_current else None


def open_mirror(folder: Path) -> Mirror:
    """Open a mirror that `make_mirror` made.

    Raises:
        RefusedError: the folder holds something else.
        MirrorMarkerError: its marker is damaged, as by a machine that stopped while it was written.
        ConfigurationError: another version of breachkit made it.
    """
    _require_ours(folder)
    try:
        return Mirror.from_json(json.loads((folder / MARKER).read_bytes()), folder)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MirrorMarkerError(
            f"{folder} does not say any more what it is a mirror of ({MARKER} in it is damaged): "
            "`breachkit scope` makes it anew"
        ) from None


def _require_ours(folder: Path) -> None:
    if not (folder / MARKER).is_file():
        raise RefusedError(
            f"{folder} is not a mirror that breachkit made: choose another folder or move it away"
        )


def discard_mirror(folder: Path) -> None:
    """Delete a mirror that breachkit made; nothing happens where there is none.

    Raises:
        RefusedError: the folder holds something else.
    """
    if folder.exists():
        _require_ours(folder)
        shutil.rmtree(folder)


def local_refs(git_dir: Path) -> dict[RefName, ObjectId]:
    """Give every ref of a repository and the object it points at."""
    command = ["for-each-ref", "--format=%(objectname) %(refname)"]
    lines = run_git(command, git_dir=git_dir).stdout.split(b"\n")
    pairs = (line.split(b" ", 1) for line in lines if line)
    return {RefName(name): ObjectId(value.decode()) for value, name in pairs}


def require_fit(git_dir: Path) -> None:
    """Refuse a repository whose history is not all there, or is kept elsewhere too.

    Raises:
        UnfitMirrorError: shallow, partial, borrowing objects, damaged, of another object format,
            or holding a pack that is never collected.
    """
    problem = _problem(git_dir)
    if problem:
        raise UnfitMirrorError(f"this repository cannot be rewritten safely: {problem}")


def _problem(git_dir: Path) -> str | None:
    asked = ["rev-parse", "--is-shallow-repository", "--show-object-format"]
    shallow, object_format = run_git(asked, git_dir=git_dir).stdout.decode().split()
    if shallow == "true":
        return "the server's history is shallow (cut off); rewrite where the whole history is"
    if object_format != "sha1":
        return f"its object format is {object_format}, and git-filter-repo knows only sha1"
    if (git_dir / "objects" / "info" / "alternates").exists():
        return "it borrows objects from another repository; repack it there first"
    packs = git_dir / "objects" / "pack"
    if any(packs.glob("*.promisor")):
        return "it is a partial clone, which need not have all objects; mirror the full repository"
    if any(packs.glob("*.keep")):
        return "it has packs marked never to be collected (.keep); remove the marks first"
    return _missing(git_dir)


def _missing(git_dir: Path) -> str | None:
    command = ["rev-list", "--all", "--objects", "--missing=print"]
    answer = run_git(["fsck", "--connectivity-only", "--no-dangling"], git_dir=git_dir, check=False)
    if answer.code == 0:
        return None
    missing = run_git(command, git_dir=git_dir, check=False).stdout
    count = sum(line.startswith(b"?") for line in missing.split(b"\n"))
    return f"{count or 'some'} of its objects are missing or damaged; repair the server first"


def _describe(partial: Path, url: str, seen: RemoteRefs) -> Mirror:
    if seen.head is None and seen.head_value is not None:
        raise UnfitMirrorError(
            "the server's HEAD stands at a commit instead of a branch, which no push can move: "
            "set it to a branch on the server (git symbolic-ref HEAD refs/heads/NAME) and try again"
        )
    require_fit(partial)
    return Mirror(path=partial, url=mask_credentials(url), head=seen.head, leases=seen.refs)


def _agrees(mirror: Mirror, seen: RemoteRefs) -> bool:
    return dict(mirror.leases) == dict(seen.refs) and mirror.head == seen.head


def _settle(made: Mirror, folder: Path) -> Mirror:
    """Put a finished mirror in its place, forgetting how to reach the server.

    The remote's section in the configuration could hold credentials, and its `mirror` setting
    would make any push overwrite everything.
    """
    run_git(["config", "--remove-section", "remote.origin"], git_dir=made.path, check=False)
    text = json.dumps(made.to_json(), indent=1)
    write_atomic(made.path / MARKER, text.encode())
    if folder.exists():
        discard_mirror(folder)
    made.path.rename(folder)
    return open_mirror(folder)
