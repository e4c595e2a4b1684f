"""That a server cannot be reached says nothing about what it would have said."""

import socket

import pytest

from breachkit.git.anonymous import read_by_anyone
from breachkit.git.may_push import may_push
from breachkit.model.sensitive import Sensitive


@pytest.fixture
def nobody() -> str:
    """Give an address at which nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("name", ["study", "study-404", "not found"])
def test_a_server_that_does_not_answer_has_not_refused_a_stranger_whatever_the_name(
    nobody: str, name: str
) -> None:
    assert read_by_anyone(f"{nobody}/example-org/{name}.git") is None


@pytest.mark.parametrize("name", ["study", "permission", "denied"])
def test_a_server_that_does_not_answer_has_not_refused_a_push_whatever_the_name(
    nobody: str, name: str
) -> None:
    assert may_push(f"{nobody}/example-org/{name}.git", Sensitive("none")) is None
