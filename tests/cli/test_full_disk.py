"""A disk that is full, or that cannot be written: said so, nothing lost, and it goes on afterwards."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import OUTPUT, SMALL_COUNTS, CommandLine, study
from tests.support.gitrepo import History, refs


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
CONFIRM = ("--execute", "--confirm", "study", "--override", "practice")
NOISE = bytes((7 * n * n + n // 3) % 251 for n in range(60_000))


def mount(*args: str | Path) -> bool:
    return not subprocess.run(["mount", *args], capture_output=True, check=False).returncode


@pytest.fixture
def disk(breachkit: CommandLine) -> Iterator[Path]:
    """A small disk of its own for the user's cases."""
    breachkit.home.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", breachkit.home):
        pytest.skip("this user may not mount a disk")
    yield breachkit.home
    subprocess.run(["umount", "-l", breachkit.home], check=True)


def fill(disk: Path, leave: int) -> None:
    """Leave so many bytes on a disk."""
    (disk / "filler").unlink(missing_ok=True)
    status = os.statvfs(disk)
    free = status.f_bavail * status.f_frsize
    (disk / "filler").write_bytes(bytes(max(0, free - leave)))


def test_every_command_goes_on_once_there_is_room_again(breachkit, disk, tmp_path):
    history = History()
    history.commit({b"README.md": b"#", b"noise.bin": NOISE})
    history.commit({OUTPUT: SMALL_COUNTS})
    server = history.build(tmp_path / "study.git")
    before = refs(server)

    def squeezed(code: int, *args: str | Path) -> None:
        for leave in (0, 4096, 20_000, 80_000):
            fill(disk, leave)
            ran = breachkit(*args)
            if ran.code == code:
                break
            assert ran.code == 5, (args, leave, ran.all)
            assert "No space left" in ran.err or "disk is full" in ran.err
            assert args[0] == "open" or breachkit("log", "verify").code == 0
            assert args[0] == "push" or refs(server) == before
        else:
            (disk / "filler").unlink()
            breachkit.expect(code, *args)

    squeezed(0, "open", server)
    squeezed(0, "notify", "render", "alert", "--contacts", CONTACTS)
    squeezed(0, "scope")
    squeezed(0, "rewrite")
    squeezed(0, "rewrite", *CONFIRM)
    squeezed(0, "push", *CONFIRM)
    before = refs(server)
    squeezed(7, "verify")
    squeezed(0, "trace")
    assert list(disk.glob("*/private/*.partial*")) == []


def test_a_disk_that_cannot_be_written_can_be_read(breachkit, disk, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    assert mount("-o", "remount,ro", disk)

    for args in (["scope"], ["notify", "render"], ["open", "owner/other"]):
        assert "Read-only file system" in breachkit.expect(4, *args).err
    for args in (
        ["status"],
        ["next"],
        ["log", "verify"],
        ["log", "show"],
        ["log", "anchor"],
        ["log", "export"],
        ["evidence", "list"],
        ["checklist", "show"],
        ["copies", "list"],
        ["notify", "list"],
    ):
        breachkit.expect(0, *args)


def test_a_full_disk_for_temporary_files_is_no_bug(breachkit, monkeypatch, tmp_path):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("breachkit.git.process.tempfile.TemporaryFile", full)

    ran = breachkit.expect(5, "scan", study(tmp_path / "study.git"))

    assert "the disk is full" in ran.err
    assert "TMPDIR" in ran.err


@pytest.mark.parametrize(
    "name", ["a [red]b ünï 'q' \"d\" $x;y", "line\nbreak", "-dash: c", "\udcff"]
)
def test_cases_live_under_any_name(tmp_path, monkeypatch, capfd, name):
    home = tmp_path / name / "cases"
    server = study(tmp_path / name / "study.git")
    monkeypatch.setenv("BREACHKIT_HOME", str(home))
    breachkit = CommandLine(home, capfd)

    breachkit.expect(0, "open", server)
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.expect(0, "rewrite", *CONFIRM)
    breachkit.expect(0, "push", *CONFIRM)
    breachkit.expect(7, "verify")
    assert "[red]" in breachkit.expect(0, "status").out or "[red]" not in name
