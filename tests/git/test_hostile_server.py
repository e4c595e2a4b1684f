"""A server is a stranger too: one on this machine executes nothing while it is asked or copied."""

from collections.abc import Callable
from pathlib import Path

import pytest

from breachkit.git.mirror import make_mirror
from breachkit.git.remote import ask_for_object, list_remote, protocol_version
from breachkit.git.verify import check_fresh_clone
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, git, loose_object, oid


HOOKS = ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc")


@pytest.fixture(params=[True, False], ids=["bare", "work tree"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    made = History()
    made.commit({b"a.csv": b"1\n", b".gitattributes": b"* filter=evil diff=evil\n"})
    made.commit({b"a.csv": b"2\n"})
    return made.build(tmp_path / "server", bare=request.param)


def plant(server: Path, marker: Path, url: str) -> None:
    """Name a command wherever a repository can name one."""
    script = marker.parent / "planted.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\nfalse\n")
    script.chmod(0o755)
    git_dir = server / ".git" if (server / ".git").is_dir() else server
    settings = {
        "alias.upload-pack": f"!{script}",
        "core.alternateRefsCommand": str(script),
        "core.fsmonitor": str(script),
        "core.gitProxy": str(script),
        "core.hooksPath": str(marker.parent / "hooks"),
        "core.repositoryFormatVersion": "1",
        "core.sshCommand": str(script),
        "credential.helper": f"!{script}",
        "extensions.partialClone": "evil",
        "filter.evil.process": str(script),
        "gc.recentObjectsHook": str(script),
        "include.path": str(marker.parent / "included"),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.evil.promisor": "true",
        "remote.evil.uploadpack": str(script),
        "remote.evil.url": url.format(script),
        "uploadpack.packObjectsHook": str(script),
    }
    for key, value in settings.items():
        git(server, "config", "--file", str(git_dir / "config"), key, value)
    (marker.parent / "included").write_text(f"[core]\n\tfsmonitor = {script}\n")
    for hooks in (marker.parent / "hooks", git_dir / "hooks"):
        hooks.mkdir(exist_ok=True)
        for name in HOOKS:
            (hooks / name).write_text(script.read_text())
            (hooks / name).chmod(0o755)


@pytest.mark.parametrize("url", ["ext::{}", "file:///tmp", "ssh://localhost/x", "/tmp"])
@pytest.mark.parametrize("lacks_an_object", [False, True])
def test_asking_and_copying_a_local_server_executes_nothing(
    server: Path, tmp_path: Path, lacks_an_object: bool, url: str
) -> None:
    blob, marker = oid(server, "HEAD~1:a.csv"), tmp_path / "executed"
    tip = oid(server)
    if lacks_an_object:
        loose_object(server, blob).unlink()
    plant(server, marker, url)
    place = str(server)
    steps: list[Callable[[], object]] = [
        lambda: list_remote(place).refs,
        lambda: make_mirror(place, tmp_path / "mirror.git"),
        lambda: check_fresh_clone(place, [ObjectId(blob)]),
        lambda: ask_for_object(place, ObjectId(blob)),
        lambda: protocol_version(place),
    ]

    outcomes = []
    for step in steps:
        try:
            outcomes.append(step())
        except BreachkitError:
            outcomes.append(None)
        assert not marker.exists()

    assert outcomes[0] == {b"refs/heads/main": tip}
    assert [outcome is None for outcome in outcomes[1:3]] == [lacks_an_object] * 2


def test_the_planted_script_would_leave_its_mark(server: Path, tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    plant(server, marker, "{}")

    with pytest.raises(AssertionError, match="aborted by hook"):
        git(server, "update-ref", "refs/heads/x", "HEAD")

    assert marker.exists()
