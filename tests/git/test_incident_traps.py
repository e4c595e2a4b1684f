"""Traps of copies of a repository that platforms and people keep in ways of their own."""

import pytest

from tests.support.clones import looked, result_in, run_verifier, world
from tests.support.gitrepo import git


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    old = world(tmp_path_factory.mktemp("old"))
    new = world(tmp_path_factory.mktemp("new"))
    new.clean_up()
    return old, new


def test_incident_trap_03_what_a_job_runner_fetched_survives_its_gc_and_is_found(both, tmp_path):
    """A job runner fetches single commits into a bare repository, and tags each so that gc keeps it."""
    old, new = both
    runner = tmp_path / "repos" / "study.git"
    git(tmp_path, "init", "-q", "--bare", str(runner))
    bad = git(old.server, "rev-list", "--all", "--", "released_outputs").decode().split()[-1]
    git(runner, "fetch", "-q", "--depth", "1", f"file://{old.server}", bad)
    git(runner, "tag", "--force", f"fetched/{bad}", bad)
    git(runner, "fetch", "-q", str(new.server), "+refs/heads/*:refs/heads/*")
    git(runner, "reflog", "expire", "--expire=now", "--all")
    git(runner, "gc", "-q", "--prune=now")

    own = looked(runner, new.wanted, tmp_path)
    ran = run_verifier(new.script, runner, bins=tmp_path)

    assert own.verdict == "tainted"
    assert own.hits == result_in(ran.stdout, new.wanted).hits
