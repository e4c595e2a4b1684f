"""Killed at any moment, a rewrite has not happened or has; running it again ends the same."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from breachkit.git import filter_repo
from breachkit.git.filter_repo import open_rewritten, rewrite
from breachkit.git.proof import prove
from tests.support.gitrepo import History, blob_oid, refs
from tests.support.rewriting import BAD, Rewrite, rewrite_server


STEPS = ("run_git", "run_module", "write_objects", "_write_refs", "_make_independent", "_record")

CHILD = """
import json, sys
from pathlib import Path
from breachkit.actions.rewrite import plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
mirror, target, bad = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
plan = plan_rewrite(gather_facts(mirror, [bad]))
print("ready", flush=True)
rewrite(mirror, plan, target)
"""


class Killed(BaseException):
    """What a kill does to the code: it goes no further."""


@pytest.fixture
def finished(tmp_path: Path) -> Rewrite:
    history = History()
    history.commit({b"code.py": b"one"})
    bad = history.commit({b"out/a.csv": BAD})
    for number in range(30):
        history.commit({b"code.py": b"%d" % number})
    history.tag("v1", bad)
    server = history.build(tmp_path / "server.git")
    return rewrite_server(server, [blob_oid(server, BAD)], tmp_path)


@pytest.mark.parametrize("step", STEPS)
def test_trap_35_a_rewrite_stopped_before_or_after_a_step_leaves_nothing_and_can_be_run_again(
    finished: Rewrite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    honest = getattr(filter_repo, step)
    target = tmp_path / "again.git"
    before = refs(finished.mirror.path)
    for survive in range(40):
        calls = 0

        def fatal(*args, survive=survive, **kwargs):
            nonlocal calls
            calls += 1
            if calls > survive:
                raise Killed
            return honest(*args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(filter_repo, step, fatal)
            try:
                rewrite(finished.mirror.path, finished.plan, target)
                break
            except Killed:
                assert not target.exists()
                assert refs(finished.mirror.path) == before

    assert rewrite(finished.mirror.path, finished.plan, target) == finished.done
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.3])
def test_trap_35_a_rewrite_killed_by_the_system_can_be_run_again(
    finished: Rewrite, tmp_path: Path, delay: float
):
    target = tmp_path / "killed.git"
    places = (str(finished.mirror.path), str(target))
    command = [sys.executable, "-c", CHILD, *places, finished.plan.bad[0]]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)

    assert refs(finished.mirror.path) == refs(finished.server)
    if target.exists():
        assert open_rewritten(target, finished.plan) == finished.done
    done = rewrite(finished.mirror.path, finished.plan, target)
    assert done == finished.done
    assert prove(finished.mirror.path, target, finished.plan, done).ok
    assert not list(tmp_path.glob("*.partial*"))
