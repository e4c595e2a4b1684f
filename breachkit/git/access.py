"""How git shows a platform that it may: with the API's token, to the platform's own host alone.

Once a repository is closed, git needs what the API needs. The token travels in the environment of
the git process, as a header for one origin; it is on no command line and in no configuration.
"""

import base64
import contextlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from breachkit.model.sensitive import Sensitive


_shown: dict[str, Mapping[str, str]] = {}
"""Environment variables for git, by origin."""


@contextlib.contextmanager
def showing(web: str, token: Sensitive[str]) -> Iterator[None]:
    """Let git show a token to one origin wherever a command does not say otherwise, until this ends.

    Credentials in a URL come before it; `ssh` and other hosts never see it.

    Args:
        web: Where the platform's web pages and repositories are, such as `https://github.com`.
        token: Of its API.
    """
    before = dict(_shown)
    _shown[_origin(web)] = token_settings(web, token)
    try:
        yield
    finally:
        _shown.clear()
        _shown.update(before)


def shown_settings(url: str) -> Mapping[str, str]:
    """Give the environment variables by which git shows the host of a URL a token, if it is to."""
    return _shown.get(_origin(url), {})


def token_settings(url: str, token: Sensitive[str]) -> Mapping[str, str]:
    """Give environment variables by which git shows an API token to the host of a URL, and to no other."""
    return password_settings(_origin(url), "x-access-token", token.reveal())


def password_settings(origin: str, user: str, password: str) -> Mapping[str, str]:
    """Give environment variables by which git shows a name and a password to one origin."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{origin}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {pair}",
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
