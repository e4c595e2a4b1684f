"""A copy of somebody's repository that is kept and brought up to date, for whoever looks at it every night.

It holds what the server shows and nothing else: what a ref let go of, as when a history was rewritten to
take something out of it, is deleted here too.
"""

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from breachkit.git.access import shown_settings
from breachkit.git.clone import mirror_url, transfer_error, without_credentials
from breachkit.git.mirror import local_refs
from breachkit.git.partial import growing
from breachkit.git.process import GitCommandError, run_git
from breachkit.git.remote import RemoteRefs, list_remote
from breachkit.git.telling import option
from breachkit.model.doing import doing
from breachkit.model.errors import IncompleteError
from breachkit.model.ids import ObjectId, RefName


_ATTEMPTS = 3
ANSWER_S = 60.0
"""Within which a server has to show its refs."""
_SLOWEST = {"GIT_HTTP_LOW_SPEED_LIMIT": "1", "GIT_HTTP_LOW_SPEED_TIME": "120"}
"""Bytes a second and seconds: a server that packs says something every five. Source: git-config(1),
`uploadpack.keepAlive`."""
_DUE = "breachkit-prune-due"
"""In a copy from before its refs move until what they let go of is deleted: whoever is killed in between
leaves objects that no later comparison of refs would show."""


class RefsMovedError(IncompleteError):
    """Somebody kept pushing while a repository was being copied."""


def digest_of(refs: Mapping[RefName, ObjectId], head: bytes = b"") -> str:
    """Give what stands for all refs of a repository and its HEAD: the same as long as none changed."""
    lines = (name + b"\0" + value.encode() for name, value in sorted(refs.items()))
    return hashlib.sha256(b"\n".join((head, *lines))).hexdigest()


def digest_of_local(git_dir: Path) -> str | None:
    """Give the same for a repository on this machine; None where it has no ref."""
    refs = local_refs(git_dir)
    answer = run_git(["symbolic-ref", "-q", "HEAD"], git_dir=git_dir, check=False)
    return digest_of(refs, answer.stdout.strip()) if refs else None


def digest_of_remote(seen: RemoteRefs) -> str:
    """Give the same for what a server shows."""
    return digest_of(seen.refs, seen.head or (seen.head_value or "").encode())


def ask(url: str) -> RemoteRefs:
    """Ask a server for its refs, and not for long.

    Raises:
        NetworkError: no usable answer came in time.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    return list_remote(url, timeout_s=ANSWER_S)


def refresh(url: str, folder: Path, seen: RemoteRefs) -> RemoteRefs:
    """Bring a kept copy up to date, or make it where there is none that can be used.

    Args:
        url: Of the server.
        folder: Where the copy is to be; its parent exists and is private.
        seen: What the server showed a moment ago.

    Returns:
        What the copy holds: what the server showed while it was made, where that is not the same any more.

    Raises:
        RefsMovedError: the server's refs kept changing.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    for _ in range(_ATTEMPTS):
        if not _fetched(url, folder):
            _made_anew(url, folder)
        _follow_head(folder, seen)
        if local_refs(folder) == dict(seen.refs):
            return seen
        seen = ask(url)
    raise RefsMovedError(
        f"its refs changed while it was being copied, {_ATTEMPTS} times: look at it again later"
    )


def _fetched(url: str, folder: Path) -> bool:
    """Fetch what is new; say whether that could be done. A damaged copy is deleted."""
    if not (folder / "objects").is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        return False
    before = _refs_or_none(folder)
    if before is None:
        shutil.rmtree(folder)
        return False
    due = folder / _DUE
    was_killed = due.exists()
    due.touch()
    bare_url, settings = without_credentials(url)
    args = ["fetch", option(), "--force", "--prune", "--no-tags", "--no-auto-gc"]
    try:
        with doing("Fetching what is new") as step:
            run_git(
                [*args, "--no-write-fetch-head", "--", bare_url, "+refs/*:refs/*"],
                git_dir=folder,
                network=True,
                extra_env={**(settings or shown_settings(bare_url)), **_SLOWEST},
                step=step,
            )
    except GitCommandError as cause:
        if not _is_whole(folder):
            shutil.rmtree(folder)
            return False
        raise transfer_error(cause, url) from None
    if was_killed or _let_go(folder, before):
        run_git(["gc", "--quiet", "--prune=now"], git_dir=folder)
    due.unlink()
    return True


def _refs_or_none(folder: Path) -> Mapping[RefName, ObjectId] | None:
    try:
        return local_refs(folder)
    except GitCommandError:
        return None


def _is_whole(folder: Path) -> bool:
    checked = ["fsck", "--connectivity-only", "--no-dangling", "--no-progress"]
    return run_git(checked, git_dir=folder, check=False).code == 0


def _let_go(folder: Path, before: Mapping[RefName, ObjectId]) -> bool:
    """Say whether something that a ref held before is held by none now."""
    after = local_refs(folder)
    moved = {value for name, value in before.items() if after.get(name) != value}
    if not moved:
        return False
    # git takes options such as `--all` from its input only from 2.42 on
    asked = "".join([*(f"^{one}\n" for one in set(after.values())), *(f"{one}\n" for one in moved)])
    listed = ["rev-list", "--objects", "--max-count=1", "--stdin", "--missing=allow-any"]
    answer = run_git(listed, git_dir=folder, stdin=asked.encode(), check=False)
    return bool(answer.code or answer.stdout.strip())


def _made_anew(url: str, folder: Path) -> None:
    with growing(folder) as partial:
        mirror_url(url, partial, extra_env=_SLOWEST)
        run_git(["config", "--remove-section", "remote.origin"], git_dir=partial, check=False)
        partial.rename(folder)


def _follow_head(folder: Path, seen: RemoteRefs) -> None:
    """Let HEAD stand where the server's stands: what is in its tree counts as in use."""
    if seen.head is not None:
        run_git(["symbolic-ref", "HEAD", seen.head], git_dir=folder)
