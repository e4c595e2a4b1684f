import errno
import os
import socket
import stat
from pathlib import Path

import pytest

from breachkit.model.errors import BreachkitError
from breachkit.report import output
from tests.support import results
from tests.support.reports import every_format


REPORT = b'{"schema": "breachkit.scan/1"}\n'


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_report_is_readable_by_its_owner_alone(tmp_path):
    target = tmp_path / "scan.json"
    before = os.umask(0)
    try:
        output.write_report(target, REPORT)
    finally:
        os.umask(before)

    assert target.read_bytes() == REPORT
    assert mode(target) == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_an_earlier_report_and_an_empty_file_are_replaced_and_become_private(tmp_path):
    for content in (REPORT * 1000, b""):
        target = tmp_path / "scan.json"
        target.write_bytes(content)
        target.chmod(0o644)

        output.write_report(target, REPORT)

        assert target.read_bytes() == REPORT
        assert mode(target) == 0o600


@pytest.mark.parametrize("name", every_format(results.result()))
@pytest.mark.parametrize("result", [results.result(), results.hostile()], ids=["clean", "hostile"])
def test_every_format_is_known_again_as_a_report(tmp_path, name, result):
    target = tmp_path / "report"
    output.write_report(target, every_format(result)[name].encode())

    output.write_report(target, REPORT)

    assert target.read_bytes() == REPORT


def test_a_file_that_is_no_report_is_left_alone(tmp_path):
    target = tmp_path / "table.csv"
    target.write_bytes(b"region,n\nA,8\n")

    with pytest.raises(output.OutputRefusedError, match="no report of breachkit") as refusal:
        output.write_report(target, REPORT)

    assert refusal.value.exit_code == 6
    assert target.read_bytes() == b"region,n\nA,8\n"
    assert list(tmp_path.iterdir()) == [target]


def a_link(path):
    path.with_name("behind").write_bytes(REPORT)
    path.symlink_to("behind")


def a_dangling_link(path):
    path.symlink_to("nowhere")


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(path))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (a_link, "a symbolic link"),
        (a_dangling_link, "a symbolic link"),
        (a_socket, "no ordinary file"),
        (os.mkfifo, "no ordinary file"),
        (Path.mkdir, "a folder"),
    ],
    ids=["link", "dangling link", "socket", "pipe", "folder"],
)
def test_what_is_not_an_ordinary_file_is_never_replaced(tmp_path, make, kind):
    target = tmp_path / "t"
    make(target)
    before = target.lstat()

    with pytest.raises(output.OutputRefusedError, match=f"is {kind}: name a new file"):
        output.write_report(target, REPORT)

    after = target.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert not (tmp_path / "nowhere").exists()


def test_a_device_is_never_replaced():
    with pytest.raises(output.OutputRefusedError, match="/dev/null is no ordinary file"):
        output.write_report(Path("/dev/null"), REPORT)

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_missing_folder_is_named(tmp_path, folder):
    (tmp_path / "file").touch()

    with pytest.raises(output.NoSuchFolderError, match="create it first") as error:
        output.write_report(tmp_path / folder / "scan.json", REPORT)

    assert error.value.exit_code == 2


def test_a_full_disk_leaves_nothing_and_the_earlier_report_whole(tmp_path, monkeypatch):
    target = tmp_path / "scan.json"
    target.write_bytes(REPORT)

    def full(_descriptor):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(output.OutputFailedError, match="No space left"):
        output.write_report(target, b"breachkit " * 100)

    assert target.read_bytes() == REPORT
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_appears_while_we_write_is_not_overwritten(tmp_path, monkeypatch):
    target = tmp_path / "scan.json"
    real = os.fsync

    def meanwhile(descriptor):
        target.write_bytes(b"theirs")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(output.OutputRefusedError, match="appeared meanwhile"):
        output.write_report(target, REPORT)

    assert target.read_bytes() == b"theirs"


def test_a_file_system_without_hard_links_gets_the_report_too(tmp_path, monkeypatch):
    def refused(*_arguments, **_options):
        raise OSError(errno.ENOTSUP, "no links")

    monkeypatch.setattr(os, "link", refused)
    output.write_report(tmp_path / "scan.json", REPORT)

    assert (tmp_path / "scan.json").read_bytes() == REPORT
    assert mode(tmp_path / "scan.json") == 0o600


def test_a_disk_that_fills_up_where_there_are_no_hard_links_leaves_nothing(tmp_path, monkeypatch):
    synced = []

    def full_at_the_second_file(descriptor):
        synced.append(descriptor)
        if len(synced) > 1:
            raise OSError(errno.ENOSPC, "no space")

    def refused(*_arguments, **_options):
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(os, "fsync", full_at_the_second_file)
    with pytest.raises(output.OutputFailedError):
        output.write_report(tmp_path / "scan.json", REPORT)

    assert list(tmp_path.iterdir()) == []


def test_a_place_we_may_not_write_to_is_named(tmp_path, monkeypatch):
    def forbidden(*_arguments, **_options):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", forbidden)
    with pytest.raises(output.OutputNotAllowedError, match="not allowed to write") as error:
        output.write_report(tmp_path / "scan.json", REPORT)

    assert error.value.exit_code == 4


def test_a_disk_that_fails_is_not_taken_for_one_without_hard_links(tmp_path, monkeypatch):
    def broken(*_arguments, **_options):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(os, "link", broken)
    with pytest.raises(output.OutputFailedError, match="Input/output error"):
        output.write_report(tmp_path / "scan.json", REPORT)

    assert list(tmp_path.iterdir()) == []


def test_a_hostile_name_is_escaped_in_the_error(tmp_path):
    with pytest.raises(BreachkitError) as error:
        output.write_report(tmp_path / "a\x1bb" / "c", REPORT)

    assert "\x1b" not in str(error.value)
    assert r"a\x1bb" in str(error.value)
