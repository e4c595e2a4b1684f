"""A push through protections and rulesets: what gives way, for how long, and that all of it is back."""

import pytest

from tests.support.hubs import served, small_hub
from tests.support.pushing import FORCED, Scene, set_up


REWRITTEN = {*(f"refs/heads/{name}" for name in FORCED), "refs/tags/v1", "refs/tags/data"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    with served(small.world) as server:
        yield set_up(small, tmp_path_factory.mktemp("case"), server)


@pytest.fixture
def scene(stage, tmp_path):
    return Scene(stage, tmp_path)


def test_a_push_gets_through_and_everything_is_as_it_was(scene):
    pushed = scene.push()

    assert pushed.exit_code == 0
    assert scene.moved() == REWRITTEN
    assert scene.holds_data() == set()
    assert scene.rules == scene.rules_before
    assert pushed.differences == ()
