"""What every test can ask for."""

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine


@pytest.fixture
def breachkit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> CommandLine:
    """Give a user at a terminal, with a home of their own for cases."""
    home = tmp_path / "home"
    monkeypatch.setenv("BREACHKIT_HOME", str(home))
    monkeypatch.delenv("BREACHKIT_CASE", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return CommandLine(home, capfd)
