"""Whether a server would take a push: asked of git itself, which then sends nothing."""

import secrets

from breachkit.git.access import token_settings
from breachkit.git.complaint import reason_in
from breachkit.git.process import Completed, run_git
from breachkit.git.remote import run_remote
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import BreachkitError
from breachkit.model.sensitive import Sensitive


_NOT_THERE = "remote ref does not exist"
_DENIED = ("error: 401", "error: 403", "authentication failed", "permission", "denied")


def may_push(url: str, token: Sensitive[str], *, timeout_s: float = 30) -> bool | None:
    """Say whether a server lets somebody write; None where it gives neither answer.

    A dry run asks the server's `receive-pack` for its refs, which only who may write is given, and
    ends there. The ref that it names, to be deleted, is on no server.

    Args:
        url: The server.
        token: Shown to that server alone.
        timeout_s: Seconds after which there is no answer.
    """
    try:
        answer = _asked(url, token, timeout_s)
    except (BreachkitError, OSError):  # no git, no server, no room
        return None
    said = reason_in(answer.stderr.decode(errors="replace"), url)
    if answer.code == 0 or _NOT_THERE in said:
        return True
    return False if any(sign in said for sign in _DENIED) else None


def _asked(url: str, token: Sensitive[str], timeout_s: float) -> Completed:
    with scratch_folder() as folder:
        private = folder / "asking.git"
        run_git(["init", "--quiet", "--bare", str(private)])
        return run_remote(
            ["push", "--dry-run", "--"],
            url,
            [f":refs/heads/breachkit-{secrets.token_hex(8)}"],
            git_dir=private,
            check=False,
            extra_env=token_settings(url, token),
            timeout_s=timeout_s,
        )
