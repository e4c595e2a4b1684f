"""Mirrors what is not a repository on this machine, and says why where that fails."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from breachkit.git.access import password_settings, shown_settings
from breachkit.git.complaint import reason_in
from breachkit.git.process import GitCommandError, mask_credentials, run_git
from breachkit.git.telling import option
from breachkit.model.doing import doing
from breachkit.model.errors import (
    AccessError,
    BreachkitError,
    ConfigurationError,
    IncompleteError,
)
from breachkit.model.ids import display


_SHORTEST_TOKEN = 30
"""A user name this long is an access token; a shorter one leaves the rest to the user's helper."""

SCHEMES = frozenset({"https", "http", "ssh", "git", "file", "git+ssh", "ssh+git"})

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+.-]*::", re.DOTALL)
_SCP_LIKE = re.compile(r"[^/:\s-][^/:\s]*:[^\0]+")

_NOT_ALLOWED = (
    *("authentication failed", "could not read username", "could not read password"),
    *("permission denied", "access denied", "terminal prompts disabled", "invalid username"),
    *("error: 401", "error: 403", "host key verification failed", "not authorized"),
)
_NOT_THERE = (
    *("repository not found", "does not appear to be a git repository", "not a git repository"),
    "fatal: repository '",  # and a URL, and "not found": what git makes of a 404
    *(
        "does not exist",
        "error: 404",
        "no such file",
        "transport '",
        "unable to find remote helper",
    ),
)
_STRANGE = ("strange hostname", "strange pathname", "invalid characters", "cannot be parsed")
"""What git and ssh say of a URL that they take for an attempt to pass them an option."""

_DAMAGED = (
    *("possible repository corruption on the remote side", "remote: fatal: unable to read"),
    *("remote: fatal: bad ", "remote: error: could not read", "remote: fatal: loose object"),
    *("remote: fatal: packed object", "remote: error: bad ", "did not send all necessary objects"),
    *("did not receive expected object", ", not a commit", ", not a tree", ", not a blob"),
)
"""What a server says, or git of a server, that lacks objects or has broken ones."""

_NOT_EXPORTED = "access denied or repository not exported"
"""What `git daemon` says of a repository that is not there."""

_NO_GIT = (
    *("could not determine hash algorithm", "is this a git repository", "invalid server response"),
    "server doesn't support",
)
"""What git says of a page that comes in the place of a git server's answer."""
NO_GIT_SERVER = (
    "what is there does not answer as a git server does, but as a page for signing in or for repairs: "
    "check the URL in a browser, and run the command again"
)

_TOO_MANY, _NO_NAME, _UNTRUSTED = "error: 429", "could not resolve host", "certificate"
_NETWORK = (
    *("could not resolve", "connection", "timed out", "network is unreachable", "early eof"),
    *("hung up", "rpc failed", "no route to host", "gnutls", "openssl", "ssl_", _TOO_MANY),
    *("error: 5", "unexpected disconnect", "index-pack", "broken pipe", "unable to access"),
    *("expected flush", "bytes of body", "bytes of length header", "protocol error"),
    *("bad line length", "expected response end", "expected ''"),  # such as 'packfile'
)


_SLUG = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9_.-]+?)(?:\.git)?/?")


def hosted_url(target: str) -> str:
    """Give the URL that `owner/name` stands for on GitHub, and anything else as it is.

    What is a path on this machine has to be absolute, as a case's target is: whether a folder
    of that name lies where the command happens to run says nothing.
    """
    slug = _SLUG.fullmatch(target)
    return f"https://github.com/{slug[1]}/{slug[2]}.git" if slug else target


def is_slug(target: str) -> bool:
    """Say whether a target can only mean `owner/name` on GitHub.

    With a folder `owner` here it is more likely a path with a slip in it, and a slip must not
    send the name of a folder to a server.
    """
    slug = _SLUG.fullmatch(target)
    return slug is not None and not Path(slug[1]).exists()


class NetworkError(IncompleteError):
    """No usable answer came: the network failed, or the server did, or it takes no more requests."""


class DamagedServerError(IncompleteError):
    """A server cannot give or take objects because its own repository is broken."""


def local_path(target: str) -> Path | None:
    """Give the absolute path a target names on this machine, or None where it is a remote.

    What exists here is a path even if it could be read as `host:path`.

    Raises:
        ConfigurationError: the target is a URL of a kind that is not read, such as `ext::`.
    """
    url = _URL.fullmatch(target)
    if url is not None:
        _refuse_malformed(target)
        return _path_of_url(url[1].lower(), target)
    if not target or "\0" in target:
        raise ConfigurationError("no target: name a path or a URL")
    path = Path(target)
    if path.exists():
        return path.absolute()
    if _HELPER.match(target):
        raise ConfigurationError(
            "remote helpers such as ext:: can run any command and are not used: "
            "name a path, or a URL that begins with https://, ssh:// or git://"
        )
    if not _SCP_LIKE.fullmatch(target):
        return path.absolute()
    _refuse_malformed(target)
    return None


def _refuse_malformed(url: str) -> None:
    try:
        malformed = not url.isprintable() or (urlsplit(url).port or 0) < 0
    except ValueError:
        malformed = True
    if malformed:
        name = display(mask_credentials(url))
        raise ConfigurationError(
            f"{name} is no URL: check it for brackets, ports and odd characters"
        )


def _path_of_url(scheme: str, target: str) -> Path | None:
    if scheme not in SCHEMES:
        known = ", ".join(sorted(SCHEMES))
        raise ConfigurationError(f"URLs of the kind {display(scheme)}:// are not read: use {known}")
    if scheme != "file":
        return None
    host, slash, path = target.split("://", 1)[1].partition("/")
    if host not in {"", "localhost"} or not slash:
        raise ConfigurationError("a file:// URL names a path on this machine: file:///path")
    return Path("/" + unquote(path))


def is_bundle(path: Path) -> bool:
    """Say whether a file begins as git bundles do.

    Raises:
        ConfigurationError: it may not be read.
    """
    try:
        with path.open("rb") as opened:
            return re.match(rb"# v[23] git bundle\n", opened.read(16)) is not None
    except OSError as cause:
        reason = cause.strerror or type(cause).__name__
        raise ConfigurationError(
            f"{display(str(path))} cannot be read ({reason}): check its rights, or name a repository"
        ) from None


def mirror_url(url: str, to: Path, *, extra_env: Mapping[str, str] | None = None) -> Path:
    """Mirror every ref a server shows (pull requests' too) into a new bare repository.

    The credentials of a URL travel in the environment, where other users cannot see them.

    Args:
        url: The server.
        to: An existing empty folder.
        extra_env: Environment variables set on top.

    Raises:
        AccessError, ConfigurationError, IncompleteError: as `transfer_error` says.
    """
    bare_url, settings = without_credentials(url)
    try:
        with doing("Copying the repository") as step:
            run_git(
                ["clone", "--mirror", option(), "--no-local", "--", bare_url, str(to)],
                network=True,
                extra_env={**(settings or shown_settings(bare_url)), **(extra_env or {})},
                step=step,
            )
    except GitCommandError as cause:
        raise transfer_error(cause, url) from None
    return to


def mirror_bundle(bundle: Path, to: Path) -> Path:
    """Unpack a bundle with all its refs into a new bare repository.

    Raises:
        ConfigurationError: it is damaged or cut off, or builds on commits it does not hold.
    """
    try:
        run_git(
            ["clone", "--mirror", "--quiet", "--", str(bundle), str(to)],
            extra_env={"GIT_ALLOW_PROTOCOL": "file"},
        )
    except GitCommandError as cause:
        raise _bundle_error(bundle, cause) from None
    if not run_git(["for-each-ref", "--count=1"], git_dir=to).stdout:
        raise ConfigurationError(
            f"{display(str(bundle))} is a bundle without a ref, which git never makes: it was cut off. "
            "Nothing of it could be looked at; make the bundle again"
        )
    return to


def without_credentials(url: str) -> tuple[str, Mapping[str, str]]:
    """Move user name and password of an http(s) URL into a header for that host alone.

    Returns:
        The URL for the command line, and environment variables for git.
    """
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    is_secret = bool(password) or len(user) >= _SHORTEST_TOKEN
    if parts.scheme not in {"http", "https"} or not is_secret:
        return url, {}
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host).geturl(), password_settings(
        f"{parts.scheme}://{host}", user, password
    )


def transfer_error(error: GitCommandError, url: str) -> BreachkitError:
    """Say what a failed clone, fetch or push means.

    Returns:
        AccessError for credentials and rights, IncompleteError for the network and for a server
        that is damaged or full,
        ConfigurationError for a repository that is not there, else the error itself.
    """
    said, name = reason_in(error.stderr, url), display(mask_credentials(url))
    if any(sign in said for sign in _DAMAGED):
        return DamagedServerError(
            f"{name}: the repository on the server is damaged, the network is not at fault; have it "
            "repaired there (git fsck --full names what is broken), then run the command again"
        )
    if "no space left" in said:
        return IncompleteError(
            f"{name}: the server's disk is full; have room made there, and run the command again"
        )
    if _NOT_EXPORTED not in said and any(sign in said for sign in _NOT_ALLOWED):
        return AccessError(
            f"{name}: not allowed; check the credentials git uses for this host (a credential helper, "
            "~/.netrc or an ssh key), and BREACHKIT_GITHUB_TOKEN where it is set for it"
        )
    if any(sign in said for sign in (*_NOT_THERE, *_STRANGE, _NOT_EXPORTED)):
        return ConfigurationError(
            f"{name}: no repository there, or none you may see; check the URL and your rights"
        )
    if any(sign in said for sign in (*_NO_GIT, *_NETWORK)):
        return NetworkError(f"{name}: {_no_answer(said)}")
    return error


def _no_answer(said: str) -> str:
    """Say why no usable answer came, and what helps."""
    if any(sign in said for sign in _NO_GIT):
        return NO_GIT_SERVER
    if _TOO_MANY in said:
        return "the server takes no more requests for now (429); run the command again later"
    if _UNTRUSTED in said:
        return (
            "the server's certificate is not trusted here: have it renewed, or let git trust it "
            "(http.sslCAInfo); running it again alone changes nothing"
        )
    if _NO_NAME in said:
        return "no server of that name was found: check its name and the network, and run it again"
    return "the network or the server failed; run the command again"


def _bundle_error(bundle: Path, error: GitCommandError) -> BreachkitError:
    name, said = display(str(bundle)), reason_in(error.stderr, str(bundle))
    if "prerequisite" in said or "filtered bundle" in said:
        return ConfigurationError(
            f"{name} builds on commits it does not hold: make a full bundle with "
            "`git bundle create FILE --all`"
        )
    return ConfigurationError(f"{name} is damaged: make it again with `git bundle create`")
