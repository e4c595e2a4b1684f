"""Nothing is said to be destroyed while something in the case's folder still holds the data."""

import shutil

import pytest

from breachkit.workflows.case_files import NotYetError, mirror_of
from breachkit.workflows.decisions import StillThereError, Word, decide
from breachkit.workflows.held import still_held
from tests.support.command_line import SMALL_COUNTS
from tests.support.responding import OTHER, OTHER_COUNTS, pushed_by_somebody, responding


DESTROYED = Word(about="retention", answer="destroyed", by="Ros", reason="all of it is deleted")


def held(response):
    private = response.case.path / "private"
    return {each.relative_to(private).as_posix() for each in still_held(response.case)}


def test_the_mirror_backups_of_every_round_and_earlier_rewrites_hold_the_data(tmp_path):
    response = responding(tmp_path)
    assert held(response) == set()
    response.scope()
    assert held(response) == {"mirror.git"}
    response.rewrite()
    assert held(response) == {"mirror.git", "backup.age"}  # the rewrite is proven clean
    response.push()
    pushed_by_somebody(response.server, OTHER, OTHER_COUNTS)
    response.scope(again=True)

    earlier = {"round-1/backup.age", "round-1/rewritten.git"}
    assert held(response) == {"mirror.git", *earlier}

    with pytest.raises(StillThereError) as refused:
        decide(response.case, DESTROYED, response.clock)
    for name in ("mirror.git", *earlier):
        assert str(response.private(name)) in str(refused.value)
        place = response.private(name)
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    decide(response.case, DESTROYED, response.clock)
    assert response.events("backup.destroyed")
    with pytest.raises(NotYetError, match="is gone"):
        mirror_of(response.case)


def test_a_copy_of_what_had_to_go_holds_the_data_wherever_it_lies_in_the_case(tmp_path):
    response = responding(tmp_path)
    response.scope()
    shutil.rmtree(response.private("mirror.git"))
    folder = response.private("evidence") / "seen"
    folder.mkdir(parents=True)
    (folder / "harmless.csv").write_bytes(SMALL_COUNTS + b"\n")
    assert held(response) == set()

    (folder / "found.csv").write_bytes(SMALL_COUNTS)
    (response.case.path / "notes.csv").write_bytes(SMALL_COUNTS)
    left = response.private("scratch") / "left"
    left.mkdir(parents=True)

    assert {each.name for each in still_held(response.case)} == {"found.csv", "notes.csv", "left"}


def test_a_rewrite_that_is_not_proven_clean_holds_the_data(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()
    response.case.record("proof.recorded", {"ok": False})

    assert "rewritten.git" in held(response)
