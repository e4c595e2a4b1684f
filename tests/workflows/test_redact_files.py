"""Files are taken in whole and as they are, or one clear line says why not."""

import fcntl
import os
import socket
from pathlib import Path

import pytest

from breachkit.workflows import redact_files
from breachkit.workflows.redact_files import NotTaken, Taken, take, take_all


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(b"region,patients\nLondon,364\n")
    path.chmod(0o640)
    return path


def reason(path: Path) -> str:
    found = take(path)
    assert isinstance(found, NotTaken)
    return found.reason


def test_a_plain_file_is_taken_as_it_is(file: Path):
    found = take(file)

    assert isinstance(found, Taken)
    assert (found.content, found.mode, found.remarks) == (file.read_bytes(), 0o640, ())


def test_one_file_under_two_names_is_taken_once(file: Path, monkeypatch):
    monkeypatch.chdir(file.parent)
    (file.parent / "up").symlink_to(".")

    found = take_all([Path("t.csv"), file, Path("./t.csv"), Path("up/t.csv")])

    assert [each.given for each in found] == [Path("t.csv")]


def test_links_are_not_followed_and_it_is_said_where_they_lead(file: Path):
    for name, target in (("in.csv", "t.csv"), ("out.csv", "/etc/passwd"), ("gone.csv", "nowhere")):
        link = file.parent / name
        link.symlink_to(target)
        assert reason(link).startswith(f"it is a symbolic link to {target}, and links are not")


def test_a_link_that_acts_on_a_terminal_is_shown_escaped(file: Path):
    link = file.parent / "l.csv"
    link.symlink_to("a\x1b[2J\nb")

    assert "a\\x1b[2J\\x0ab" in reason(link)


def test_what_is_no_ordinary_file_is_not_opened(file: Path):
    pipe = file.parent / "pipe.csv"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(file.parent / "socket.csv"))

    assert reason(pipe) == "it is no ordinary file"  # and reading did not wait for a writer
    assert reason(file.parent / "socket.csv") == "it is no ordinary file"
    assert reason(Path("/dev/zero")) == "it is no ordinary file"
    assert reason(file.parent).startswith("it is a folder")


def test_a_file_that_is_too_large_is_not_read(file: Path, monkeypatch):
    monkeypatch.setattr(redact_files, "MOST_BYTES", 20)

    assert "larger than" in reason(file)


@pytest.mark.parametrize("name", ["none.csv", "none/t.csv", "t.csv/x.csv", ""])
def test_what_is_not_there_is_nothing_to_work_on(file: Path, name: str):
    found = take(file.parent / name)

    assert isinstance(found, NotTaken)
    assert found.error.exit_code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_this_user_may_not_read_is_said(file: Path):
    file.chmod(0)

    found = take(file)

    assert isinstance(found, NotTaken)
    assert found.error.exit_code == 4


def test_what_the_system_forbids_is_told_apart(file: Path, monkeypatch):
    def forbidden(*_args: object, **_options: object) -> int:
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "open", forbidden)
    found = take(file)

    assert isinstance(found, NotTaken)
    assert (found.reason, found.error.exit_code) == ("this user may not read it", 4)


def test_a_file_that_another_program_has_locked_is_left_alone(file: Path):
    with file.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        assert reason(file) == "another program has locked it: close that first"
    assert isinstance(take(file), Taken)


@pytest.mark.parametrize("how", ["appended", "written over", "replaced", "cut"])
def test_a_file_that_changes_while_it_is_read_is_not_taken(file: Path, monkeypatch, how: str):
    read = os.read

    def meanwhile(descriptor: int, size: int) -> bytes:
        piece = read(descriptor, size)
        if how == "appended":
            file.write_bytes(file.read_bytes() + b"East,3\n")
        elif how == "written over":
            file.write_bytes(file.read_bytes().replace(b"364", b"365"))
        elif how == "cut":
            os.truncate(file, 3)
        else:
            (file.parent / "new").write_bytes(file.read_bytes())
            (file.parent / "new").replace(file)
        return piece

    monkeypatch.setattr(os, "read", meanwhile)

    assert reason(file).startswith("it changed while it was read")


def test_names_under_which_the_old_content_stays_are_told(file: Path):
    (file.parent / "same.csv").hardlink_to(file)

    found = take(file)

    assert isinstance(found, Taken)
    assert "another name" in found.remarks[0]


@pytest.mark.parametrize("name", [".~lock.t.csv#", "~$t.csv", "~$csv"])
def test_a_file_that_a_spreadsheet_program_has_open_is_told(file: Path, name: str):
    (file.parent / name).write_bytes(b"")

    found = take(file)

    assert isinstance(found, Taken)
    assert "has it open" in found.remarks[0]


def test_folders_that_link_in_a_circle_are_said(file: Path):
    (file.parent / "a").symlink_to("b")
    (file.parent / "b").symlink_to("a")

    assert reason(file.parent / "a" / "t.csv")
