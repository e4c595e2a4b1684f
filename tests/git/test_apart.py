"""A process for native code: it may crash, hang, print and be orphaned, and nothing comes of it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from breachkit.git.apart import run_apart


LIMITS = "from breachkit.git.apart import limit_to; limit_to(seconds={}, memory_bytes=1 << 30)"
FOR_EVER = "all(iter(lambda: True, False))"
"""Hangs in native code as far as signals are concerned that Python itself would have to handle."""


def run(folder: Path, *statements: str, seconds: float = 30) -> int | None:
    """Run statements in a process apart, by a module of the standard library that does so."""
    return run_apart("timeit", ["-n", "1", "-r", "1", *statements], folder=folder, seconds=seconds)


def test_it_runs_in_its_folder_and_leaves_what_it_found_there(tmp_path):
    code = run(tmp_path, "open('found', 'w').write('7')")

    assert code == 0
    assert (tmp_path / "found").read_text() == "7"


def test_nothing_that_it_says_reaches_anybody(tmp_path, capfd):
    run(tmp_path, "import os; os.write(1, b'4711'); os.write(2, b'4711'); print('4711')")

    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_a_crash_is_an_exit_status_and_nothing_more(tmp_path):
    assert run(tmp_path, "import os; os.kill(os.getpid(), 11)") == -signal.SIGSEGV


def test_a_crash_leaves_no_core_behind(tmp_path):
    code = run(
        tmp_path,
        LIMITS.format(20),
        "import resource; open('core', 'w').write(str(resource.getrlimit(resource.RLIMIT_CORE)))",
    )

    assert code == 0
    assert (tmp_path / "core").read_text() == "(0, 0)"


def test_what_takes_too_long_is_killed_with_all_that_it_started(tmp_path):
    started = (
        "import subprocess; open('pid', 'w').write(str(subprocess.Popen(['sleep', '60']).pid))"
    )

    code = run(tmp_path, started, FOR_EVER, seconds=2)

    assert code is None
    assert gone(int((tmp_path / "pid").read_text()))


def test_it_ends_at_its_own_limit_where_nobody_waits_for_it(tmp_path):
    assert run(tmp_path, LIMITS.format(0.3), FOR_EVER) == -signal.SIGALRM


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit what is allocated")
def test_it_cannot_take_all_memory(tmp_path):
    taken = "try: bytearray(2 << 30)\nexcept MemoryError: open('refused', 'w').close()"

    run(tmp_path, LIMITS.format(20), taken)

    assert (tmp_path / "refused").exists()


@pytest.mark.parametrize("fatal", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_whoever_started_it(tmp_path, fatal):
    alive = tmp_path / "alive"
    statements = (
        LIMITS.format(60),
        f"import os; open({str(alive)!r}, 'w').write(str(os.getpid()))",
    )
    call = (
        "from pathlib import Path; from breachkit.git.apart import run_apart;"
        f"run_apart('timeit', ['-n', '1', '-r', '1', *{(*statements, FOR_EVER)!r}],"
        f" folder=Path({str(tmp_path)!r}), seconds=60)"
    )
    with subprocess.Popen([sys.executable, "-c", call]) as starter:
        pid = int(wait_for(lambda: alive.exists() and alive.read_text()))
        assert not gone(pid, seconds=0)

        starter.send_signal(fatal)

    assert gone(pid)


def wait_for(question, seconds: float = 20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.02)
    pytest.fail("it did not happen")


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
