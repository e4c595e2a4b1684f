"""Killed at any moment, a rewrite has not happened or has; running it again ends the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from breachkit.actions.edits import Edits, Renaming, Replacement, Wording
from breachkit.git import filter_repo
from breachkit.git.filter_repo import rewrite
from breachkit.git.proof import prove
from breachkit.git.rewritten import open_rewritten
from breachkit.model.ids import GitPath, ObjectId
from tests.support.gitrepo import History, blob_oid, refs
from tests.support.rewriting import BAD, Rewrite, rewrite_server


STEPS = (
    "run_git",
    "in_children",
    "write_objects",
    "_write_refs",
    "_make_independent",
    "write_record",
)

CLEAN = b"practice,n\na,[REDACTED]\n"

CHILD = """
import json, sys
from pathlib import Path
from breachkit.actions.rewrite import RewritePlan
from breachkit.git.filter_repo import rewrite
mirror, target, plan = map(Path, sys.argv[1:])
plan = RewritePlan.from_json(json.loads(plan.read_text()))
print("ready", flush=True)
rewrite(mirror, plan, target, lambda _: b"practice,n\\na,[REDACTED]\\n")
"""


class Killed(BaseException):
    """What a kill does to the code: it goes no further."""


def edits(server: Path) -> Edits:
    """A redacted file in the place of the bad one, words gone, and a file renamed."""
    bad, by = ObjectId(blob_oid(server, BAD)), ObjectId(blob_oid(server, CLEAN))
    return Edits(
        replacements=(Replacement(path=GitPath(b"out/a.csv"), blob=bad, by=by),),
        wordings=(Wording(find=b"outputs"),),
        renamings=(Renaming(old=GitPath(b"code.py"), new=GitPath(b"src/code.py")),),
    )


@pytest.fixture(params=[False, True], ids=["taken out", "with edits"])
def finished(request: pytest.FixtureRequest, tmp_path: Path) -> Rewrite:
    history = History()
    history.commit({b"code.py": b"one"})
    bad = history.commit({b"out/a.csv": BAD})
    for number in range(30):
        history.commit({b"code.py": b"%d" % number})
    history.tag("v1", bad)
    server = history.build(tmp_path / "server.git")
    wanted, by = [blob_oid(server, BAD)], blob_oid(server, CLEAN)
    if request.param:
        return rewrite_server(server, wanted, tmp_path, edits(server), {by: CLEAN})
    return rewrite_server(server, wanted, tmp_path)


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
                rewrite(finished.mirror.path, finished.plan, target, lambda _: CLEAN)
                break
            except Killed:
                assert not target.exists()
                assert refs(finished.mirror.path) == before

    again = rewrite(finished.mirror.path, finished.plan, target, lambda _: CLEAN)
    assert again == finished.done
    assert not list(tmp_path.glob("*.partial*"))


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.15, 0.3])
def test_trap_35_a_rewrite_killed_by_the_system_can_be_run_again(
    finished: Rewrite, tmp_path: Path, delay: float
):
    target = tmp_path / "killed.git"
    places = (str(finished.mirror.path), str(target))
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(finished.plan.to_json()))
    command = [sys.executable, "-c", CHILD, *places, str(plan)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)

    assert refs(finished.mirror.path) == refs(finished.server)
    if target.exists():
        assert open_rewritten(target, finished.plan) == finished.done
    done = rewrite(finished.mirror.path, finished.plan, target, lambda _: CLEAN)
    assert done == finished.done
    assert prove(finished.mirror.path, target, finished.plan, done).ok
    assert not list(tmp_path.glob("*.partial*"))
