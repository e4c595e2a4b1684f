import errno
import os
import resource
import signal
import time

import pytest

from breachkit.incident.case import OpenRequest
from breachkit.incident.disk import CaseWriteError
from breachkit.incident.entries import decode
from breachkit.incident.folder import (
    CaseFolder,
)
from breachkit.incident.journal import JournalDamagedError, JournalMissingError
from breachkit.incident.store import CaseStore
from breachkit.model.time import SystemClock
from tests.support.cases import (
    SOMEBODY,
    HandClock,
    a_case,
    append_raw,
    in_child,
    journal,
    reopened,
    writer,
)


REQUEST = OpenRequest(target="example/study")


def test_an_entry_is_on_disk_when_record_returns_and_says_who_and_when(tmp_path):
    case = a_case(tmp_path)

    event = case.record("decision", {"about": "freeze", "n": 3}, refs=["F-0001"])

    kept = decode(journal(case).read_bytes().splitlines()[-1])
    assert kept == event
    assert (kept.seq, kept.id, kept.ts) == (2, "ev-0002", "2026-03-06T12:00:00Z")
    assert (kept.actor, kept.refs, kept.number("n")) == (SOMEBODY, ("F-0001",), 3)


def test_record_waits_for_the_disk_before_it_returns(tmp_path, monkeypatch):
    case = a_case(tmp_path)
    synced = []
    real = os.fsync

    def watched(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)

    case.record("decision")

    assert journal(case).stat().st_ino in synced


def test_a_name_is_never_made_up(tmp_path):
    case = CaseStore(tmp_path / "cases", HandClock()).create(REQUEST)

    assert case.events()[0].actor.name is None
    assert case.events()[0].actor.how == "not given"


def test_two_processes_that_append_at_once_lose_nothing_and_keep_their_order(tmp_path):
    case = a_case(tmp_path)
    names = ["one", "two", "three"]

    running = [writer(case, name, 12) for name in names]
    case.record("decision", {"n": 99})
    said = {
        name: process.communicate(timeout=120)[0]
        for name, process in zip(names, running, strict=True)
    }

    events = case.events()
    assert case.verify().ok
    assert len(events) == 1 + 1 + 36
    for name in names:
        mine = [event for event in events if event.actor.name == name]
        assert [event.number("n") for event in mine] == list(range(12))
        assert [str(event.seq) for event in mine] == said[name].split()


def test_what_a_killed_process_was_told_is_kept_is_kept(tmp_path):
    case = a_case(tmp_path)
    acknowledged = 0
    for pause in (0.002, 0.011, 0.023):
        process = writer(case, "victim", 10_000)
        assert process.stdout is not None
        said = process.stdout.readline()
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        said += process.communicate(timeout=60)[0]
        acknowledged = int(said.rpartition("\n")[0].rsplit("\n", 1)[-1])

        event = reopened(case).record("decision", {"n": -1})

        assert event.seq > acknowledged
        assert case.verify().ok
    assert acknowledged > 3


def test_a_full_disk_leaves_the_journal_as_it_was_and_says_so(tmp_path):
    case = a_case(tmp_path)
    before = journal(case).read_bytes()

    def nearly_full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = len(before) + 100  # the kernel takes 100 bytes of the entry, then no more
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    said = in_child(lambda: case.record("decision", {"about": "x" * 500}), nearly_full)

    assert said.startswith(CaseWriteError.__name__)
    assert "run the command again" in said
    assert journal(case).read_bytes() == before
    assert case.record("decision").seq == 2


def test_ctrl_c_between_writing_and_waiting_for_the_disk_leaves_no_half_entry(
    tmp_path, monkeypatch
):
    case = a_case(tmp_path)
    before = journal(case).read_bytes()
    real = os.fsync

    def interrupted(descriptor):
        if os.fstat(descriptor).st_ino == journal(case).stat().st_ino:
            monkeypatch.setattr(os, "fsync", real)
            raise KeyboardInterrupt
        real(descriptor)

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        case.record("decision")

    assert journal(case).read_bytes() == before
    assert case.record("decision").seq == 2


def test_a_second_crash_while_recovering_loses_nothing_and_is_journalled_later(
    tmp_path, monkeypatch
):
    case = a_case(tmp_path)
    torn = b'{"actor":{"how":"op'
    with journal(case).open("ab") as file:
        file.write(torn)

    def crash(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "truncate", crash)
    with pytest.raises(KeyboardInterrupt):
        case.record("decision")
    monkeypatch.undo()
    event = reopened(case).record("decision")

    named = [each.text("file") for each in case.events() if each.kind == "journal.recovered"]
    saved = sorted(case.private.glob("torn-entry-*"))
    assert sorted(filter(None, named)) == [path.name for path in saved]
    assert {path.read_bytes() for path in saved} == {torn}
    assert (event.seq, case.verify().ok) == (len(case.events()), True)


def test_a_recovery_is_journalled_though_the_first_attempt_to_write_failed(tmp_path, monkeypatch):
    case = a_case(tmp_path)
    with journal(case).open("ab") as file:
        file.write(b'{"act')

    def full(_descriptor, _data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("breachkit.incident.journal.write_all", full)
    with pytest.raises(CaseWriteError):
        case.record("decision")
    monkeypatch.undo()
    case.record("decision")
    case.record("decision")

    assert [each.kind for each in case.events()[1:]] == [
        "journal.recovered",
        "decision",
        "decision",
    ]


def test_a_damaged_journal_is_not_built_upon_and_says_where_it_is_damaged(tmp_path):
    case = a_case(tmp_path)
    case.record("decision", {"n": 1})
    case.record("decision", {"n": 2})
    data = journal(case).read_bytes()
    journal(case).write_bytes(data.replace(b'"n":1', b'"n":7'))

    with pytest.raises(JournalDamagedError, match=r"line 2.*log verify") as caught:
        reopened(case).record("decision")

    assert caught.value.exit_code == 7
    assert [line.number for line in case.lines() if line.problem] == [2]


def test_entries_that_vanish_while_a_process_runs_are_noticed(tmp_path):
    case = a_case(tmp_path)
    one = journal(case).read_bytes()
    case.record("decision")
    journal(case).write_bytes(one)

    with pytest.raises(JournalDamagedError, match="gone"):
        case.record("decision")


def test_a_folder_without_a_journal_says_what_to_pass(tmp_path):
    with pytest.raises(JournalMissingError, match="--case") as caught:
        CaseFolder(tmp_path, HandClock()).events()

    assert caught.value.exit_code == 3


def test_entries_of_a_later_version_are_kept_checked_shown_and_not_understood(tmp_path):
    case = a_case(tmp_path)
    append_raw(case, v=2, kind="moon.landed", ts="tomorrow", extra={"deep": [1]})
    append_raw(case, v=1, kind="never.heard")
    append_raw(case, v=2, kind="case.closed")

    event = reopened(case).record("decision")

    incident = case.incident
    assert (event.seq, incident.newer_entries, incident.is_open) == (5, 3, True)
    assert case.verify().ok
    assert case.verify().newer_entries == 2
    assert case.events()[1].ts == "tomorrow"


def test_an_unknown_kind_cannot_be_written(tmp_path):
    case = a_case(tmp_path)

    with pytest.raises(ValueError, match=r"never\.heard"):
        case.record("never.heard")
    with pytest.raises(ValueError, match="float"):
        case.record("decision", {"share": 0.5})

    assert len(case.events()) == 1


def test_a_clock_that_goes_back_is_recorded_and_order_is_by_number(tmp_path):
    clock = HandClock()
    case = a_case(tmp_path, clock)
    clock.move(minutes=-90)

    case.record("decision")
    clock.move(seconds=1)
    case.record("decision")

    kinds = [(event.seq, event.kind) for event in case.events()[1:]]
    assert kinds == [(2, "clock.backwards"), (3, "decision"), (4, "decision")]
    assert case.events()[1].number("seconds") == 90 * 60
    assert case.events()[1].refs == ("ev-0001",)


def test_the_machine_clock_serves(tmp_path):
    case = CaseStore(tmp_path / "cases", SystemClock()).create(REQUEST)

    assert case.incident.opened_at <= SystemClock().now()
