"""What a failed transfer means, and where credentials go."""

import base64
from pathlib import Path

import pytest

from breachkit.git.clone import (
    NetworkError,
    hosted_url,
    is_bundle,
    is_slug,
    mirror_bundle,
    transfer_error,
    without_credentials,
)
from breachkit.git.process import GitCommandError
from breachkit.git.repository import open_repository
from breachkit.model.errors import (
    AccessError,
    BreachkitError,
    ConfigurationError,
    IncompleteError,
)


URL = "https://ada:secret@example.org/x.git"


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("fatal: Authentication failed for 'https://example.org/x.git/'", AccessError),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", AccessError),
        ("git@example.org: Permission denied (publickey).", AccessError),
        ("Host key verification failed.", AccessError),
        ("The requested URL returned error: 403", AccessError),
        ("remote: Repository not found.\nfatal: repository 'x' not found", ConfigurationError),
        ("fatal: 'x' does not appear to be a git repository", ConfigurationError),
        ("fatal: remote error: access denied or repository not exported", ConfigurationError),
        ("fatal: transport 'ext' not allowed", ConfigurationError),
        ("fatal: repository 'https://example.org/x.git/' not found", ConfigurationError),
        ("fatal: unable to access 'x': Could not resolve host: example.org", NetworkError),
        ("fatal: unable to connect: Connection refused", NetworkError),
        ("ssh: connect to host example.org port 22: Connection timed out", NetworkError),
        ("error: RPC failed; curl 18 transfer closed\nfatal: early EOF", NetworkError),
        ("fatal: expected flush after capabilities", NetworkError),
        ("fatal: expected 'packfile'", NetworkError),
        ("error: 8 bytes of body are still expected", NetworkError),
        ("fatal: protocol error: bad line length character: <htm", NetworkError),
        ("The requested URL returned error: 502", NetworkError),
        ("The requested URL returned error: 429", NetworkError),
        (
            "fatal: https://example.org/x.git/info/refs not valid: could not determine hash algorithm; is this a git repository?",
            NetworkError,
        ),
        ("fatal: invalid server response; expected service, got flush packet", NetworkError),
        ("fatal: server doesn't support 'ls-refs'", NetworkError),
        ("fatal: write error: No space left on device", IncompleteError),
        ("fatal: something nobody has seen", GitCommandError),
    ],
)
def test_what_git_says_tells_rights_from_networks(said: str, meaning: type[BreachkitError]) -> None:
    error = transfer_error(GitCommandError("clone", 128, said.encode()), URL)

    assert type(error) is meaning
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "said",
    [
        "SSL certificate problem: self-signed certificate",
        "server certificate verification failed. CAfile: none CRLfile: none",
        "SSL certificate problem: certificate has expired",
    ],
)
def test_a_certificate_that_is_not_trusted_is_not_said_to_be_the_networks_fault(said: str) -> None:
    error = transfer_error(
        GitCommandError("ls-remote", 128, f"fatal: unable to access '{URL}': {said}".encode()), URL
    )

    assert type(error) is NetworkError
    assert "certificate is not trusted" in str(error)


@pytest.mark.parametrize(
    ("url", "said", "meaning"),
    [
        (
            "https://example.org/openssl/connection.git",
            "fatal: something about https://example.org/openssl/connection.git/ that nobody has seen",
            GitCommandError,
        ),
        (
            "https://example.org/team/connection.git",
            "fatal: could not read from 'https://example.org/team/connection.git': no idea why",
            GitCommandError,
        ),
        (
            "https://connection.example.org/x.git",
            "fatal: could not read Username for 'https://connection.example.org'",
            AccessError,
        ),
        ("https://connection.example.org/x", "fatal: no idea of connection.example.org", GitCommandError),
        ("ada@openssl.example.org:x.git", "ada@openssl.example.org: no idea", GitCommandError),
        ("connection:x.git", "ssh: connect to host connection port 22: No idea", GitCommandError),
        (
            "connection:x.git",
            "ssh: connect to host connection port 22: Connection refused",
            NetworkError,
        ),
        ("git://localhost/timed out/hung up", "fatal: remote error: what is /timed out/hung up?", GitCommandError),
        ("/srv/permission denied/x.git", "fatal: '/srv/permission denied/x.git' is strange", GitCommandError),
        ("/srv/access denied/x", "fatal: cannot list /srv/access denied/x/refs", GitCommandError),
        (
            "https://example.org/not-authorized/error: 401",
            "fatal: repository 'https://example.org/not-authorized/error: 401/' not found",
            ConfigurationError,
        ),
        (
            "https://example.org/connection",
            "fatal: unable to access 'https://example.org/connection/': Couldn't connect to server",
            NetworkError,
        ),
        (
            "https://example.org/connection",
            "fatal: Couldn't see why; the connection was closed, it wasn't ours",
            NetworkError,
        ),
        ("https://example.org/x", "fatal: early EOF at example.org", NetworkError),
    ],
)  # fmt: skip
def test_no_word_of_an_address_is_taken_for_the_reason(
    url: str, said: str, meaning: type[BreachkitError]
) -> None:
    assert type(transfer_error(GitCommandError("clone", 128, said.encode()), url)) is meaning


def test_no_word_of_a_bundles_name_is_taken_for_the_reason(tmp_path: Path) -> None:
    bundle = tmp_path / "a prerequisite.bundle"
    bundle.write_bytes(b"# v2 git bundle\nof nothing\n")
    (tmp_path / "to").mkdir()

    with pytest.raises(ConfigurationError, match="is damaged"):
        mirror_bundle(bundle, tmp_path / "to")


def test_a_password_leaves_the_url_for_a_header_of_that_host_alone() -> None:
    url, settings = without_credentials("https://ada:s%40cret@example.org:8443/x.git")

    assert url == "https://example.org:8443/x.git"
    assert settings["GIT_CONFIG_KEY_0"] == "http.https://example.org:8443/.extraHeader"
    token = settings["GIT_CONFIG_VALUE_0"].removeprefix("Authorization: Basic ")
    assert base64.b64decode(token) == b"ada:s@cret"


def test_a_token_in_place_of_a_user_name_leaves_the_url_too() -> None:
    url, settings = without_credentials(f"https://{'t' * 40}@example.org/x.git")

    assert url == "https://example.org/x.git"
    assert settings


@pytest.mark.parametrize(
    "url",
    ["https://example.org/x", "https://ada@example.org/x", "git@example.org:x", "ssh://a:b@h/x"],
)
def test_other_urls_stay_as_they_are(url: str) -> None:
    assert without_credentials(url) == (url, {})


def test_owner_slash_name_means_github_unless_it_may_be_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "outputs").mkdir()

    assert is_slug("owner/name")
    assert hosted_url("owner/name") == "https://github.com/owner/name.git"
    assert not is_slug("outputs/nane")
    assert not any(map(is_slug, ("./owner/name", "owner/name/x", "/owner/name", "owner")))


@pytest.mark.parametrize(
    "url",
    [
        "http://a\nb/x",
        "https://[::1",
        "https://example.org:99999/x",
        "https://example.org:port/x",
        "a\x1b]0;x\x07:b",
        "ssh://-oProxyCommand=touch%20x/x",
        "x@-oProxyCommand=touch:y",
        "host:-oProxy",
        "git+ssh://-x/y",
    ],
)
def test_a_url_that_is_none_is_refused_in_words_of_our_own(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught, open_repository(url, scratch=tmp_path):
        pass

    assert str(caught.value).isprintable()


def test_a_file_that_cannot_be_read_is_refused_in_words_of_our_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        is_bundle(tmp_path)
