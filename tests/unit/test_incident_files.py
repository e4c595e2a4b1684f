import json
import os
import resource
import signal
import stat
import time

import pytest

from breachkit.incident.disk import CaseWriteError, ReadOnlyCaseError
from breachkit.incident.folder import (
    CaseFileAccessError,
    CaseFileMissingError,
    CaseFileNameError,
)
from breachkit.incident.lock import CaseBusyError, exclusive
from breachkit.incident.store import CaseStore
from tests.support.cases import (
    HandClock,
    a_case,
    in_child,
    journal,
    reopened,
)


NOBODY = 65534


def _become_nobody():
    if os.getuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _open_to_all_but_read_only(folder):
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


def test_a_file_of_the_case_is_on_disk_with_its_name_before_anybody_relies_on_it(
    tmp_path, monkeypatch
):
    case = a_case(tmp_path)
    synced = []
    real = os.fsync

    def watched(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    path = case.write_file("scope.json", b"{}")

    assert synced == [path.stat().st_ino, case.path.stat().st_ino]


def test_folders_are_for_their_owner_alone_even_with_a_lax_umask(tmp_path):
    old = os.umask(0)
    try:
        case = a_case(tmp_path)
        case.write_file("notifications/N-001/message.txt", b"x")
        case.write_private("scope.json", b"x")
        case.record("decision")
        with case.lock():
            pass
    finally:
        os.umask(old)

    for path in [case.path.parent, *case.path.parent.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path
    assert (case.path / ".gitignore").read_bytes() == b"*\n"


def test_a_full_disk_leaves_the_old_file_and_no_half_of_the_new_one(tmp_path):
    case = a_case(tmp_path)
    case.write_file("scope.json", b"old")

    def nearly_full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

    said = in_child(lambda: case.write_file("scope.json", b"new" * 1000), nearly_full)

    assert said.startswith(CaseWriteError.__name__)
    assert case.read_file("scope.json") == b"old"
    assert not [path for path in case.path.rglob("*") if path.name.endswith(".tmp")]


def test_case_json_is_rebuilt_when_deleted_or_when_it_disagrees(tmp_path):
    case = a_case(tmp_path)
    case.record("contacts.chosen", {"profile": "opensafely-2026"})
    good = (case.path / "case.json").read_bytes()

    for spoil in (lambda p: p.unlink(), lambda p: p.write_bytes(b'{"id": "other"}')):
        spoil(case.path / "case.json")
        CaseStore(tmp_path / "cases", HandClock()).find(None)

        assert (case.path / "case.json").read_bytes() == good
    assert json.loads(good)["profile"] == "opensafely-2026"
    assert json.loads(good)["head"] == case.incident.head


def test_a_case_that_cannot_be_written_can_be_read(tmp_path_factory):
    case = a_case(tmp_path_factory.mktemp("ro"))
    case.write_file("scope.json", b"{}")
    _open_to_all_but_read_only(case.path)
    other = reopened(case)

    def read():
        assert other.incident.id == "BK-2026-0001"
        assert other.verify().ok
        assert other.read_file("scope.json") == b"{}"
        other.rebuild()

    assert in_child(read, _become_nobody) == "done"
    for write in (
        lambda: other.record("decision"),
        lambda: other.write_file("new.json", b"{}"),
        lambda: other.lock().__enter__(),
    ):
        said = in_child(write, _become_nobody)
        assert said.startswith(ReadOnlyCaseError.__name__), said
        assert "copy it" in said


def test_a_second_process_is_refused_a_long_operation_and_told_who_holds_it(tmp_path):
    case = a_case(tmp_path)

    with case.lock("rewrite"):
        said = in_child(lambda: reopened(case).lock("push").__enter__())
        alerting = in_child(lambda: reopened(case).record("notify.sent"))

    assert said.startswith(CaseBusyError.__name__)
    assert f"process {os.getpid()}" in said
    assert "since 2026-03-06 12:00 UTC" in said
    assert "rewrite" in said
    assert alerting == "done"
    assert in_child(lambda: reopened(case).lock("push").__enter__()) == "done"


def test_who_holds_a_case_is_told_from_what_it_says_and_never_from_what_a_dead_process_left(
    tmp_path,
):
    case = a_case(tmp_path)
    holder = case.path / ".operation.json"
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)

    def note(pid):
        holder.write_text(json.dumps({"pid": pid, "since": "now", "what": "push"}))

    with exclusive(case.path / ".operation.lock"):
        note(child)
        said = in_child(lambda: reopened(case).lock("scope").__enter__())
        assert "(another process)" in said
        parent = os.getpid()
        late = os.fork()
        if late == 0:
            time.sleep(0.1)
            note(parent)
            os._exit(0)
        said = in_child(lambda: reopened(case).lock("scope").__enter__())
        os.waitpid(late, 0)
        assert f"(process {os.getpid()}, since now, doing: push)" in said


def test_a_long_operation_may_hold_its_case_twice(tmp_path):
    case = a_case(tmp_path)

    with case.lock("respond"), case.lock("rewrite"), reopened(case).lock("push"):
        case.record("decision")

    assert in_child(lambda: reopened(case).lock("push").__enter__()) == "done"


def test_the_lock_of_a_killed_process_holds_nobody_up(tmp_path):
    case = a_case(tmp_path)

    def die():
        reopened(case).lock("rewrite").__enter__()
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(die) == ""
    with case.lock("push"):
        pass


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/x",
        "a/../../x",
        "",
        ".",
        "events.jsonl",
        "case.json",
        ".gitignore",
        "a\nb",
        "a\0b",
        "private/x",
    ],
)
def test_a_file_is_only_written_inside_the_case_and_never_over_its_journal(tmp_path, name):
    case = a_case(tmp_path)
    before = journal(case).read_bytes()

    with pytest.raises(CaseFileNameError):
        case.write_file(name, b"x")

    assert journal(case).read_bytes() == before


def test_a_link_out_of_the_case_is_not_followed(tmp_path):
    case = a_case(tmp_path)
    (case.path / "plan").symlink_to(tmp_path)

    with pytest.raises(CaseFileNameError):
        case.write_file("plan/x", b"x")
    with pytest.raises(CaseFileNameError):
        case.read_file("plan/x")


def test_files_come_back_and_a_missing_one_names_the_next_step(tmp_path):
    case = a_case(tmp_path)

    path = case.write_private("scope/bad.json", b"\x00\xff")

    assert path == case.private / "scope" / "bad.json"
    assert case.read_private("scope/bad.json") == b"\x00\xff"
    assert case.has_file("private/scope/bad.json")
    assert not case.has_file("scope/bad.json")
    with pytest.raises(CaseFileMissingError, match="breachkit next"):
        case.read_file("scope.json")
    with pytest.raises(CaseFileAccessError, match="private"):
        case.read_file("private")


def test_the_private_part_is_made_again_after_it_was_destroyed(tmp_path):
    case = a_case(tmp_path)
    case.private.rmdir()

    case.write_private("scope.json", b"{}")

    assert stat.S_IMODE(case.private.stat().st_mode) == 0o700
