"""Killed before, in the middle of or after any call that changes the disk, a case goes on."""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from breachkit.incident.evidence_manifest import MANIFEST
from breachkit.incident.store import CaseStore
from breachkit.workflows.evidence import add
from tests.support.cases import HandClock, a_case, a_store, journal, reopened


CALLS = ("open", "write", "fsync", "truncate", "ftruncate", "replace", "rename", "mkdir", "unlink")
DEAD, FAILED = 9, 1


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Run `work` in a process that dies at its `step`-th change of the disk; False if it ended."""
    child = os.fork()
    if child == 0:
        ended = FAILED
        try:
            die_at(step)
            work()
            ended = 0
        finally:
            os._exit(ended)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, DEAD}, "the work failed before it was killed"
    return code == DEAD


def die_at(step: int) -> None:
    """Let each call count twice: the process dies before it, or half-way through or after it."""
    count = itertools.count(1)

    def dying(name, real):
        def call(*args, **kwargs):
            if next(count) == step:
                os._exit(DEAD)
            if next(count) == step:
                try:
                    if name == "write":
                        real(args[0], bytes(args[1])[: len(args[1]) // 2])
                    else:
                        real(*args, **kwargs)
                finally:
                    os._exit(DEAD)
            return real(*args, **kwargs)

        return call

    for name in CALLS:
        setattr(os, name, dying(name, getattr(os, name)))


def every_step(run: Callable[[int], bool]) -> int:
    """Kill at the first change, the second, ... until the work ends before it is killed."""
    for step in itertools.count(1):
        if not run(step):
            return step
    raise AssertionError("unreachable")


def goes_on(home: Path, store: CaseStore) -> None:
    """Every case that is listed is whole, takes another entry, and holds."""
    for summary in store.list():
        assert summary.damaged is None
        case = store.find(summary.id)
        case.record("decision", {"about": "going on"})
        assert case.verify().ok
        assert not list(case.path.glob(".torn*"))


def test_a_case_that_is_being_opened_exists_whole_or_not_at_all(tmp_path):
    def run(step):
        home = tmp_path / str(step)
        died = killed_at(step, lambda: a_case(home))
        store = a_store(home)
        assert len(store.list()) <= 1
        goes_on(home, store)
        assert a_case(home).incident.id in {"BK-2026-0001", "BK-2026-0002"}
        assert not list(store.home.glob(".new-*"))
        return died

    assert every_step(run) > 20


@pytest.mark.parametrize("torn", [b"", b'{"actor":{"how"', b"\0" * 50])
def test_an_entry_that_is_being_written_is_whole_or_gone_and_a_torn_one_is_never_lost(
    tmp_path, torn
):
    def run(step):
        home = tmp_path / str(step)
        case = a_case(home)
        case.record("decision", {"about": "before"})
        with journal(case).open("ab") as file:
            file.write(torn)

        died = killed_at(step, lambda: reopened(case).record("decision", {"about": "now"}))
        goes_on(home, a_store(home))

        events = reopened(case).events()
        about = [event.text("about") for event in events if event.kind == "decision"]
        assert about in (["before", "now", "going on"], ["before", "going on"])
        assert died or "now" in about
        named = {event.text("file") for event in events if event.kind == "journal.recovered"}
        saved = {path.name: path.read_bytes() for path in case.private.glob("torn-*")}
        assert set(saved) == named - {None}
        assert not torn or torn in saved.values()
        return died

    assert every_step(run) > 8


def test_a_file_that_is_being_written_has_the_old_or_the_new_content(tmp_path):
    def run(step):
        case = a_case(tmp_path / str(step))
        case.write_private("plan/rewrite.json", b"old")

        died = killed_at(step, lambda: case.write_private("plan/rewrite.json", b"new"))

        assert case.read_private("plan/rewrite.json") in ({b"old", b"new"} if died else {b"new"})
        return died

    assert every_step(run) > 8


def test_an_entry_that_vouches_for_a_file_never_vouches_for_another_content(tmp_path):
    """Neither the key, nor the entry, nor the list of evidence is left half made."""

    def run(step):
        case = a_case(tmp_path / str(step))
        case.write_private("scan.json", b"{}")

        died = killed_at(
            step, lambda: reopened(case).record("scope.recorded", {"file": "private/scan.json"})
        )
        goes_on(tmp_path / str(step), a_store(tmp_path / str(step)))

        again = reopened(case)
        states = [each.state for each in again.evidence()]
        assert states in (["unchanged"], [] if died else None)
        again.record("scope.recorded", {"file": "private/scan.json"})
        assert [each.state for each in again.evidence()] == ["replaced"] * len(states) + [
            "unchanged"
        ]
        assert len(json.loads((case.path / MANIFEST).read_bytes())["evidence"]) == len(states) + 1
        return died

    assert every_step(run) > 20


def test_what_is_collected_is_there_with_its_entry_or_not_in_the_list(tmp_path):
    (tmp_path / "found.log").write_bytes(b"x")

    def run(step):
        home = tmp_path / str(step)
        case = a_case(home)

        died = killed_at(
            step, lambda: add(reopened(case), tmp_path / "found.log", HandClock(), by="Jo")
        )
        goes_on(home, a_store(home))

        listed = reopened(case).evidence()
        assert [each.state for each in listed] in (["unchanged"], [] if died else None)
        kept = add(reopened(case), tmp_path / "found.log", HandClock(), by="Jo")
        assert kept.id == f"E-{len(listed) + 1:03d}"
        assert {each.state for each in reopened(case).evidence()} == {"unchanged"}
        return died

    assert every_step(run) > 30
