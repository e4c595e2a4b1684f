"""The process of a command ends at once, and loses nothing by that."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import study


PROGRAM = """
import atexit, sys
atexit.register(lambda: sys.stdout.write("registered\\n"))
from breachkit.cli.app import main
sys.argv = ["breachkit", *sys.argv[1:]]
sys.stdout.write("before\\n")
{more}
code = main()
print("the interpreter goes on")
sys.exit(code)
"""


def end(*args: str, more: str = "", out: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(more=more), *args],
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_everything_is_written_and_what_was_registered_is_done(tmp_path: Path) -> None:
    ended = end("scan", str(study(tmp_path / "study.git")), "--json")

    assert ended.returncode == 13
    assert ended.stdout.startswith("before\n{")
    assert ended.stdout.endswith("}\nregistered\n")


def test_a_thread_that_still_works_is_waited_for() -> None:
    more = (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.5), print('worked'))).start()"
    )
    ended = end("explain", "CNT-01", more=more)

    assert ended.returncode == 0
    assert "worked" in ended.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_what_cannot_be_written_at_the_end_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        ended = end("nonsense", more="", out=full.fileno())

    assert ended.returncode not in {0, 2}
    assert "No space left" in ended.stderr
