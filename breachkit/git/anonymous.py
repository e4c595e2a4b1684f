"""Whether a stranger's git can read a repository: without a token, a helper or a password file."""

import os
from collections.abc import Mapping
from pathlib import Path

from breachkit.git.complaint import reason_in
from breachkit.git.remote import run_remote
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import BreachkitError


_STRANGER = {
    "GIT_ASKPASS": "",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_SSH_COMMAND": "false",
    "SSH_ASKPASS": "",
    "SSH_AUTH_SOCK": "",
}
"""Nothing of the user's own that could let git in."""

_REFUSED = (
    "not found",
    "authentication failed",
    "could not read username",
    "error: 403",
    "error: 404",
)
"""What git says where a server answered and gives nothing."""


def as_stranger(home: Path) -> Mapping[str, str]:
    """Give environment variables under which git has nothing of the user's own to be let in with.

    Args:
        home: An empty folder, in place of the user's.
    """
    return {
        **_STRANGER,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "credential.helper",
        "GIT_CONFIG_VALUE_0": "",
    }


def read_by_anyone(url: str) -> bool | None:
    """Say whether git reads the refs of `url` as a stranger; None where no usable answer came."""
    with scratch_folder(None) as home:
        try:
            answer = run_remote(["ls-remote", "--"], url, check=False, extra_env=as_stranger(home))
        except BreachkitError:
            return None
    if answer.code == 0:
        return True
    said = reason_in(answer.stderr.decode(errors="replace"), url)
    return False if any(sign in said for sign in _REFUSED) else None
