"""What every test can ask for."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support import browsers, scratch
from tests.support.command_line import CommandLine


# The same examples at every run, and no deadline: a busy machine is no bug.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=False)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

browser = browsers.browser


def pytest_configure() -> None:
    """Keep what tests write in memory, where that can be, and let Ctrl-C reach what they start."""
    scratch.keep_in_memory()
    # What a shell runs in the background ignores it and hands that down: tests would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_case_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep out what the person who runs the tests has set for a case of theirs."""
    for name in ("BREACHKIT_CASE", "BREACHKIT_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BREACHKIT_CONFIG", os.devnull)


@pytest.fixture
def breachkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> CommandLine:
    """Give a user at a terminal, with a home of their own for cases."""
    home = tmp_path / "home"
    monkeypatch.setenv("BREACHKIT_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "100")
    return CommandLine(home, capfd)


PROTECTING = re.compile(r"protection|redact")


@pytest.fixture(scope="module", autouse=True)
def _second_opinion(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have those judge what is called safe who did not write it: every table that is protected here."""
    if not PROTECTING.search(request.path.name):
        yield
        return
    from breachkit.sdc.audit import prove
    from tests.support.second_opinion import Watcher

    watcher = Watcher()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("breachkit.sdc.protection.protect.prove", watcher.watching(prove))
        yield
    assert watcher.objections() == []
