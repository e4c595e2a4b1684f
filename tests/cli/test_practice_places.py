"""Where a practice may be: what cannot be a folder is said to be none, and no link is followed unsaid."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from breachkit.drill.folder import DRILLED, PRACTICE, own_folder
from breachkit.drill.practice import open_practice
from tests.support.by_hand import CLOCK
from tests.support.command_line import CommandLine


STORY = ("--scenario", "stale-clone")
"""That of a server without a platform is built soonest."""


def enters(folder: Path) -> tuple[str | Path, ...]:
    return ("drill", "enter", folder, *STORY, "--", "true")


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A link to a folder that is empty."""
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    return link


def test_a_practice_that_is_reached_over_a_link_says_where_it_is(
    breachkit: CommandLine, tmp_path: Path, linked: Path
) -> None:
    real = tmp_path / "elsewhere"
    for command in (enters(linked), enters(linked), ("drill", "reset", linked, "--yes")):
        told = breachkit.expect(0, *command).err
        assert f"{linked} leads over a link to {real}: what is written goes there" in told

    assert open_practice(real).facts.scenario == "stale-clone"
    assert "over a link" not in breachkit.expect(0, *enters(real)).err


def test_a_drill_is_told_where_a_link_leads_before_anything_is_written(
    breachkit: CommandLine, tmp_path: Path, linked: Path
) -> None:
    (tmp_path / "elsewhere" / "thesis.txt").write_text("ten years of work")

    told = breachkit.expect(6, "drill", "--keep", linked).err

    assert f"{linked} leads over a link to {tmp_path}/elsewhere" in told
    assert "was not made by a drill" in told


def test_other_commands_that_write_into_a_folder_say_where_a_link_leads_too(
    breachkit: CommandLine, tmp_path: Path, linked: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("group,count\na,3\nb,20\nc,40\nd,50\n")
    said = f"{linked} leads over a link to {tmp_path}/elsewhere: what is written goes there"

    assert said in breachkit.expect(0, "redact", table, "--output", f"{linked}/").err
    assert said in breachkit.expect(0, "playbook", "new", "example-tre", "--into", linked).err
    assert said in breachkit.expect(0, "man", "--write", linked).err
    assert {"table.csv", "example-tre", "breachkit.1"} <= {
        one.name for one in (tmp_path / "elsewhere").iterdir()
    }


@pytest.mark.parametrize("part", [PRACTICE, DRILLED])
def test_a_link_inside_a_drills_folder_is_not_written_through(
    breachkit: CommandLine, tmp_path: Path, part: str
) -> None:
    kept = own_folder(tmp_path / "kept", CLOCK)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("ten years of work")
    (kept / part).symlink_to(tmp_path / "mine")

    assert "is a link" in breachkit.expect(6, "drill", "--keep", kept).err
    if part == PRACTICE:
        assert "is a link" in breachkit.expect(6, *enters(kept)).err
        assert "is a link" in breachkit.expect(6, "drill", "reset", kept, "--yes").err
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("place", ["/proc/nope", "/dev/null", "/dev/null/x", "table.csv"])
def test_a_place_where_no_folder_can_be_is_a_wrong_call(
    breachkit: CommandLine, tmp_path: Path, place: str
) -> None:
    (tmp_path / "table.csv").write_text("group,count\n")

    for command in (
        enters(tmp_path / place),
        ("drill", "serve", tmp_path / place),
        ("drill", "--keep", tmp_path / place),
    ):
        told = breachkit.expect(2, *command).err
        assert f"no folder can be made at {tmp_path / place}" in told


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk on which no world of a practice has room."""
    (tmp_path / "disk").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(tmp_path / "disk")]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a disk")
    yield tmp_path / "disk"
    subprocess.run(["umount", "-l", tmp_path / "disk"], check=True)


def test_a_practice_for_which_the_disk_has_no_room_goes_on_once_there_is_some(
    breachkit: CommandLine, disk: Path
) -> None:
    for _ in range(2):
        told = breachkit.expect(5, *enters(disk / "practice")).err
        assert "disk is full" in told or "No space left" in told

    subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
    breachkit.expect(0, *enters(disk / "practice"))


def test_a_disk_that_cannot_be_written_is_a_question_of_permission(
    breachkit: CommandLine, disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

    told = breachkit.expect(4, *enters(disk / "practice")).err

    assert "Read-only file system" in told
    assert "name a folder of your own" in told
