"""Which servers git shows the platform's token to, and how."""

from pathlib import Path

import pytest

from breachkit.git.access import showing, shown_settings
from breachkit.git.clone import mirror_url
from breachkit.git.remote import list_remote, protocol_version
from breachkit.model.errors import BreachkitError
from breachkit.model.sensitive import Sensitive
from tests.support.hubs import Served


TOKEN = Sensitive("ghp_nobody")


def close(hub: Served) -> str:
    hub.small.study.visibility = "private"
    return hub.url()


def web(hub: Served) -> str:
    return hub.url().removesuffix("/example-org/study.git")


def test_a_private_repository_is_read_with_the_token_that_is_shown(hub: Served, tmp_path: Path):
    url = close(hub)

    with showing(web(hub), Sensitive(hub.small.token)):
        refs = list_remote(url).refs
        mirror_url(url, tmp_path / "mirror.git")

    assert b"refs/heads/main" in refs
    assert (tmp_path / "mirror.git" / "HEAD").exists()
    config = (tmp_path / "mirror.git" / "config").read_text()
    assert hub.small.token not in config
    assert "extraHeader" not in config


def test_the_version_of_the_protocol_is_asked_with_it_too(hub: Served):
    url = close(hub)

    with showing(web(hub), Sensitive(hub.small.token)):
        assert protocol_version(url) == 2
    assert protocol_version(url) is None


def test_without_it_a_private_repository_is_not_there(hub: Served, tmp_path: Path):
    url = close(hub)

    with pytest.raises(BreachkitError):
        list_remote(url)
    with pytest.raises(BreachkitError):
        mirror_url(url, tmp_path / "mirror.git")


def test_who_says_otherwise_shows_none(hub: Served):
    url = close(hub)

    with showing(web(hub), Sensitive(hub.small.token)), pytest.raises(BreachkitError):
        list_remote(url, extra_env={})


def test_credentials_of_a_url_come_first(hub: Served):
    url = close(hub).replace("://", "://x:wrong-token@")

    with showing(web(hub), Sensitive(hub.small.token)), pytest.raises(BreachkitError):
        list_remote(url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.net/o/r.git", "http://example.org/o/r.git", "git@example.org:o/r.git"),
        *("https://example.org:8443/o/r.git", "https://example.org.example.net/o/r", "/srv/r.git"),
    ],
)
def test_no_other_server_is_shown_it(url: str):
    with showing("https://example.org", TOKEN):
        assert shown_settings(url) == {}
        assert shown_settings("https://example.org/o/r.git")
    assert shown_settings("https://example.org/o/r.git") == {}
