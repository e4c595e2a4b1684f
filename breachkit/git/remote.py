"""What a server shows: its refs, and whether it gives an object by its id."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.verify import Answer
from breachkit.git.access import shown_settings
from breachkit.git.clone import (
    NO_GIT_SERVER,
    NetworkError,
    transfer_error,
    without_credentials,
)
from breachkit.git.process import (
    Completed,
    GitCommandError,
    GitTimeoutError,
    mask_credentials,
    run_git,
)
from breachkit.git.scratch import scratch_folder
from breachkit.model.doing import Step
from breachkit.model.ids import ObjectId, RefName, display


_PACKET = b"packet:"
"""In what git traces, at each line of its protocol. From files alone, which a server without git gives, it
takes any page for a list of refs: one of a single line, such as for signing in, lists none."""
_NOT_SERVED = ("not our ref", "unadvertised object", "no such remote ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRefs:
    """The refs of a server at one moment."""

    refs: Mapping[RefName, ObjectId]
    """Every ref under `refs/` that the server shows."""
    head: RefName | None
    """The branch HEAD stands for; None where it is detached or stands for nothing yet."""
    head_value: ObjectId | None
    """What HEAD leads to; None where there is no such commit yet."""


def list_remote(
    url: str, *, extra_env: Mapping[str, str] | None = None, timeout_s: float | None = None
) -> RemoteRefs:
    """Ask a server for its refs.

    Args:
        url: The server.
        extra_env: Environment variables set on top, such as those of `access.token_settings`.
        timeout_s: Seconds after which there is no answer; None waits as long as git does.

    Raises:
        NetworkError: no usable answer came; a page without a ref is none, whatever its status.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    asked = ["ls-remote", "--symref", "--"]
    answer = run_remote(asked, url, extra_env=extra_env, timeout_s=timeout_s)
    if not answer.stdout.strip():
        settings = _shown(url) if extra_env is None else extra_env
        traced = {**settings, "GIT_TRACE_PACKET": "1"}
        answer = run_remote(asked, url, extra_env=traced, timeout_s=timeout_s)
        if _PACKET not in answer.stderr:
            raise NetworkError(f"{display(mask_credentials(url))}: {NO_GIT_SERVER}")
    refs: dict[RefName, ObjectId] = {}
    head: RefName | None = None
    head_value: ObjectId | None = None
    for line in answer.stdout.split(b"\n"):
        value, _, name = line.partition(b"\t")
        if name == b"HEAD" and value.startswith(b"ref: "):
            head = RefName(value.removeprefix(b"ref: "))
        elif name == b"HEAD":
            head_value = ObjectId(value.decode())
        elif name.startswith(b"refs/") and not name.endswith(b"^{}") and b" " not in value:
            refs[RefName(name)] = ObjectId(value.decode())
    return RemoteRefs(refs=refs, head=head, head_value=head_value)


def run_remote(
    args: Sequence[str | bytes],
    url: str,
    after: Sequence[str | bytes] = (),
    *,
    git_dir: Path | None = None,
    check: bool = True,
    extra_env: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
    step: Step | None = None,
) -> Completed:
    """Run a git command that talks to a server.

    Args:
        args: The subcommand and its options.
        url: The server; its credentials travel in the environment.
        after: Arguments that follow the URL.
        git_dir: The repository to work in.
        check: Raise what a failure means; otherwise give back what git wrote.
        extra_env: Environment variables set on top; also none, where it is empty, in the place of
            the token that the command shows otherwise.
        timeout_s: Seconds after which the server counts as not answering.
        step: Is told how far it is, as `process.run_git` says.

    Raises:
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    bare_url, settings = without_credentials(url)
    shown = _shown(url) if extra_env is None else extra_env
    command: list[str | bytes] = [*args, bare_url, *after]
    try:
        return run_git(
            command,
            git_dir=git_dir,
            network=True,
            extra_env={**settings, **shown},
            check=check,
            timeout_s=timeout_s,
            step=step,
        )
    except GitCommandError as cause:
        raise transfer_error(cause, url) from None
    except GitTimeoutError:
        name = display(mask_credentials(url))
        raise NetworkError(
            f"{name}: the server gave no answer in {timeout_s:g} s; run the command again"
        ) from None


def ask_for_object(
    url: str,
    one: ObjectId,
    *,
    protocol: int = 2,
    scratch: Path | None = None,
    extra_env: Mapping[str, str] | None = None,
) -> Answer:
    """Ask a server for one object by its id, whether a ref shows it or not.

    What comes is put into a private repository and thrown away at once.

    Args:
        url: The server.
        one: Id of a commit, tree, blob or tag.
        protocol: Version of git's protocol to ask for.
        scratch: An existing folder for it; by default the system's for temporary files.
        extra_env: Environment variables set on top, such as those of `access.token_settings`.
    """
    with scratch_folder(scratch) as folder:
        private = folder / "asked.git"
        run_git(["init", "--quiet", "--bare", str(private)])
        options = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1"]
        command = ["-c", f"protocol.version={protocol}", *options, "--"]
        answer = run_remote(command, url, [one], git_dir=private, check=False, extra_env=extra_env)
        if answer.code:
            said = answer.stderr.decode(errors="replace").lower()
            return "refused" if any(sign in said for sign in _NOT_SERVED) else "unknown"
        found = run_git(["cat-file", "-e", one], git_dir=private, check=False)
        return "unknown" if found.code else "served"


def protocol_version(
    url: str, *, protocol: int = 2, extra_env: Mapping[str, str] | None = None
) -> int | None:
    """Find out which version of git's protocol a server answers in; None if it does not answer.

    In version 2 `upload-pack` gives any object it has to whoever names it. In the older ones it
    may give blobs but keep back commits that no ref reaches, and says of those, and of what it
    does not have, the same. Source: git's upload-pack.c and uploadpack.allowReachableSHA1InWant.

    Args:
        url: The server.
        protocol: The version to ask for.
        extra_env: Environment variables set on top.
    """
    answer = run_remote(
        ["-c", f"protocol.version={protocol}", "ls-remote", "--"],
        url,
        ["refs/heads/none"],
        check=False,
        extra_env={**(_shown(url) if extra_env is None else extra_env), "GIT_TRACE_PACKET": "1"},
    )
    if answer.code:
        return None
    spoken = re.search(rb"^.*packet: +\S+< version (\d)\b", answer.stderr, re.MULTILINE)
    return int(spoken[1]) if spoken else 0


def _shown(url: str) -> Mapping[str, str]:
    """Give how git shows the platform's token, where the URL has no credentials of its own."""
    bare_url, settings = without_credentials(url)
    return {} if settings else shown_settings(bare_url)
