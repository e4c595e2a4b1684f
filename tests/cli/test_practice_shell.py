"""What a practice's shell keeps of what was typed: in the practice, for the next sitting, and looked at."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from breachkit.drill.practice import Practice
from breachkit.drill.practice_look import FISH_HISTORY, HISTORY, Look
from breachkit.drill.practice_shell import MARK, start_shell
from tests.support.by_hand import CLOCK, ByHand


KEPT = {"bash": HISTORY, "zsh": HISTORY, "fish": FISH_HISTORY}


@pytest.fixture(params=KEPT)
def shell(request: pytest.FixtureRequest) -> str:
    found = shutil.which(str(request.param))
    if found is None or shutil.which("setsid") is None:
        pytest.skip(f"needs {request.param} and setsid")
    return found


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return ByHand(tmp_path / "practice", "stale-clone").practice


def types(practice: Practice, shell: str, home: Path, *lines: tuple[str, str], **own: str) -> None:
    """Sit at a terminal: type each line, wait for what it shows, and leave."""
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TERM": "dumb",
        "PAGER": "cat",
        **own,
    }
    start = start_shell(practice, shell, None, settings)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *start.command],  # fish looks whose terminal it is
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**settings, **practice.environment, **start.environment},
    )
    os.close(theirs)
    read_until(ours, re.escape(MARK))
    for line, shown in lines:
        os.write(ours, f"{line}\n".encode())
        read_until(ours, rf"{re.escape(shown)}.*{re.escape(MARK)}")
    os.write(ours, b"exit\n")
    while not ended(ours):
        pass
    process.wait(timeout=30)
    os.close(ours)


def read_until(descriptor: int, pattern: str) -> None:
    """Read what a terminal shows until it fits a pattern."""
    seen, end = "", time.monotonic() + 30
    while not re.search(pattern, seen, re.DOTALL):
        assert time.monotonic() < end, seen
        if select.select([descriptor], [], [], 1)[0]:
            seen += os.read(descriptor, 4096).decode("utf-8", "replace")


def ended(descriptor: int) -> bool:
    """Say whether nobody writes to a terminal any more."""
    try:
        return not os.read(descriptor, 4096)
    except OSError:
        return True


def holding(folder: Path, words: str) -> list[str]:
    """Name the files of a folder in which something stands."""
    files = (one for one in folder.rglob("*") if one.is_file() and not one.is_symlink())
    return [one.name for one in files if words.encode() in one.read_bytes()]


def test_what_is_typed_is_kept_in_the_practice_alone_and_known_in_the_next_sitting(
    practice: Practice, shell: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()

    types(practice, shell, home, ("echo ty''ped", "typed"))
    time.sleep(1 - time.time() % 1)  # fish leaves out what is as young as itself, in whole seconds
    types(practice, shell, home, ("history", "echo ty''ped"))

    assert "echo ty''ped" in (practice.world / KEPT[Path(shell).name]).read_text()
    assert holding(home, "ty''ped") == []


def test_a_value_that_was_typed_is_found_by_whoever_scores_the_practice(
    practice: Practice, shell: str, tmp_path: Path
) -> None:
    before = Look(practice, CLOCK).files_tell

    types(practice, shell, tmp_path, (f"echo {practice.facts.telltales[0]}", ""))

    assert (before, Look(practice, CLOCK).files_tell) == (False, True)


@pytest.mark.parametrize("shell", ["fish"], indirect=True)
@pytest.mark.parametrize("where", [".local/share", "elsewhere"])
def test_fish_finds_the_persons_own_data_and_gives_programs_the_folder_they_had(
    practice: Practice, shell: str, tmp_path: Path, where: str
) -> None:
    own = tmp_path / where
    (own / "fish" / "vendor_functions.d").mkdir(parents=True)
    (own / "fish" / "vendor_functions.d" / "mine.fish").write_text(
        "function mine; echo mi''ne; end\n"
    )
    (own / "fish" / "fish_history").write_text("- cmd: echo of old\n  when: 1700000000\n")
    (own / "prompt").write_text("of a pro''gram\n")
    named = {"XDG_DATA_HOME": str(own)} if where == "elsewhere" else {}
    shown = f"<{own}>" if named else "<>"

    for _ in range(2):  # links of an earlier sitting are made anew
        types(
            practice, shell, tmp_path,
            ("mine", "mine"),
            ('echo "<$XDG_DATA_HOME>"', shown),
            **named,
        )  # fmt: skip

    assert (own / "fish" / "fish_history").read_text().count("cmd:") == 1
    assert sorted(one.name for one in own.iterdir()) == ["fish", "prompt"]
