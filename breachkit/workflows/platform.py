"""Whether a case's repository is on the platform whose API is used, and under which name."""

import re
from urllib.parse import urlsplit

from breachkit.git.clone import hosted_url
from breachkit.github.anyone import web_of
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.ids import display


class NotOnPlatformError(ConfigurationError):
    """The case is about a repository somewhere else."""


_SCP = re.compile(r"(?:[^@/:\s]+@)?([^/:\s]+):(?!//)(.+)")
_NAME = re.compile(r"/*([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9_.-]+?)(?:\.git)?/*")


def platform_name(target: str, api: str) -> str:
    """Give the `owner/name` of a target on the platform with this API.

    Raises:
        NotOnPlatformError: it is on another server, or on this machine.
    """
    host, path = _host_and_path(hosted_url(target))
    here = urlsplit(web_of(api))
    name = _NAME.fullmatch(path)
    known = {here.netloc, here.hostname, "github.com" if target != hosted_url(target) else None}
    if name is None or not host or host not in known:
        raise NotOnPlatformError(
            f"{display(target)} is not on {here.netloc}: this command is for repositories there. "
            "For GitHub Enterprise Server add --github-api https://HOST/api/v3; for any other "
            "server close the repository by hand and tick A07 of the checklist"
        )
    return f"{name[1]}/{name[2]}"


def is_hosted(target: str, api: str) -> bool:
    """Say whether a target is on the platform with this API, as far as its name shows."""
    try:
        platform_name(target, api)
    except BreachkitError:
        return False
    return True


def _host_and_path(url: str) -> tuple[str, str]:
    if "://" in url:
        parts = urlsplit(url)
        at_web = parts.scheme in {"http", "https"}
        return parts.netloc.rpartition("@")[2] if at_web else parts.hostname or "", parts.path
    found = _SCP.fullmatch(url)
    return (found[1], found[2]) if found else ("", "")
