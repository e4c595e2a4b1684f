"""On a platform `watch` looks both at access and at what refs bring back, and the worse one counts."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from breachkit.cli import hosting
from breachkit.drill.hub import furnish, gitstore
from breachkit.incident.case import Milestone
from tests.support.command_line import CommandLine, Ran
from tests.support.containing import NAME, Naps
from tests.support.gitrepo import git
from tests.support.served import Breach, breach


@pytest.fixture
def breached(tmp_path: Path) -> Iterator[Breach]:
    with breach(tmp_path) as made:
        yield made


@pytest.fixture
def owner(breached: Breach, breachkit: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """Somebody with a token of the platform."""
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", breached.token)
    monkeypatch.setenv("BREACHKIT_GITHUB_API", breached.server.api)
    monkeypatch.setattr(hosting, "sleep", Naps())
    return breachkit


def watch(owner: CommandLine, breached: Breach, code: int, *more: str) -> Ran:
    return owner.expect(code, "watch", "--case", breached.case.path, *more)


def brought_back(breached: Breach) -> None:
    env = gitstore.writing_to(breached.world.hub, breached.study)
    git(breached.study.git_dir, "update-ref", "refs/heads/new", breached.bad_commit, env=env)


def closed(owner: CommandLine, breached: Breach) -> None:
    owner.expect(0, "restrict", "--execute", "--confirm", NAME, "--case", breached.case.path)


def test_pull_requests_that_support_has_not_removed_yet_are_no_recurrence(
    breached: Breach, owner: CommandLine
) -> None:
    ran = watch(owner, breached, 0)

    assert "only the platform can move" in ran.out
    assert breached.case.incident.has(Milestone.PUSHED)


def test_it_is_watched_without_anything_having_been_closed(
    breached: Breach, owner: CommandLine
) -> None:
    brought_back(breached)

    assert "refs/heads/new" in watch(owner, breached, 7).out
    assert breached.case.incident.has(Milestone.RECURRED)


def test_access_and_refs_are_told_together(breached: Breach, owner: CommandLine) -> None:
    closed(owner, breached)
    assert "is closed as it was left" in watch(owner, breached, 0).out
    brought_back(breached)

    data = json.loads(watch(owner, breached, 7, "--json").out)

    assert data["drift"] == []
    assert data["refs"]["returned"] == ["refs/heads/new"]
    assert data["ok"] is False
    assert breached.case.incident.has(Milestone.CONTAINED)


def test_what_is_open_again_is_told_though_nothing_came_back(
    breached: Breach, owner: CommandLine
) -> None:
    closed(owner, breached)
    breached.study.visibility = "public"

    assert json.loads(watch(owner, breached, 7, "--json").out)["drift"]


def test_what_came_back_is_told_though_the_platform_gives_no_answer(
    breached: Breach, owner: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(owner, breached)
    breached.study.visibility = "public"
    brought_back(breached)
    monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")

    assert "IT CAME BACK" in watch(owner, breached, 7).out
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", "nobody's")
    watch(owner, breached, 4)  # git shows the same token, and is refused


def test_what_is_open_again_is_told_though_git_gives_no_answer(
    breached: Breach, owner: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed(owner, breached)
    monkeypatch.setattr(hosting, "git_shows_token", contextlib.nullcontext)  # so git is refused
    assert "not allowed" in watch(owner, breached, 4).err
    furnish.key(breached.world.hub, breached.study, "new key")

    ran = watch(owner, breached, 7)

    assert "deploy key" in ran.out
    assert "refs were not looked at" in ran.err
