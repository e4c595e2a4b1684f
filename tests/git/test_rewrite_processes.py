"""Most of a small rewrite is starting git: how often is fixed, whatever the history holds."""

import logging
from pathlib import Path

import pytest

from breachkit.actions.rewrite import plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.proof import prove
from tests.support.gitrepo import History, blob_oid
from tests.support.rewriting import BAD


MOST = 24
"""Beside those that git-filter-repo starts. Each takes two to three thousandths of a second; whoever adds one should
know why."""


def built(path: Path, branches: int) -> Path:
    history = History()
    history.commit({b"code.py": b"1"})
    bad = history.commit({b"out/a.csv": BAD})
    for number in range(branches):
        ref = b"refs/heads/b%d" % number
        one = history.commit({b"code.py": b"%d" % number}, parents=[bad], ref=ref)
        two = history.commit({b"out/a.csv": None}, parents=[one], ref=ref)
        history.tag(f"v{number}", two)
        history.commit({b"x": BAD}, parents=[two], ref=ref, message=f"Revert {number}")
    return history.build(path)


def test_finding_rewriting_and_proving_start_git_so_often_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[int] = []
    for branches in (2, 40):
        mirror = built(tmp_path / f"{branches}.git", branches)
        target = tmp_path / f"{branches}-new.git"
        caplog.set_level(logging.DEBUG, "breachkit.git.process")
        caplog.clear()

        plan = plan_rewrite(gather_facts(mirror, [blob_oid(mirror, BAD)]))
        done = rewrite(mirror, plan, target)

        assert prove(mirror, target, plan, done).ok
        taken.append(sum(each.name == "breachkit.git.process" for each in caplog.records))
    assert taken[0] == taken[1] <= MOST
