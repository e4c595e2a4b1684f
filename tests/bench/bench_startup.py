"""How long commands take to start, as ratios to the interpreter itself, which this machine starts as slowly.

    python tests/bench/bench_startup.py [--runs 15]

Starts each command and `python -c pass` in turn, each a process of its own, and prints the least
processor time of all runs, the least wall time, and the processor time as a ratio to that of the
interpreter. `next` and `status` look at a case with a short journal in a temporary folder. On a busy
machine the ratio is what can be compared.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


COMMANDS = (
    ("--help",),
    ("--version",),
    ("scan", "--help"),
    ("respond", "--help"),
    ("doctor", "--help"),
    ("drill", "--help"),
    ("config", "--help"),
    ("notify", "send", "--help"),
    ("next",),
    ("status",),
)
LEAST_S = 0.25
"""On a machine that does nothing else, the help should take less."""


def main() -> None:
    """Print a line for the interpreter and for each command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "BREACHKIT_HOME": str(Path(home) / "cases"),
        }
        run = [sys.executable, "-m", "breachkit"]
        subprocess.run([*run, "open", "owner/name"], env=env, check=True, capture_output=True)
        calls = {"python -c pass": [sys.executable, "-c", "pass"]}
        calls |= {f"breachkit {' '.join(each)}": [*run, *each] for each in COMMANDS}
        taken = {name: least(call, env, wanted.runs) for name, call in calls.items()}
    bare = taken["python -c pass"][0]
    print(f"{'command':<32}{'processor':>11}{'wall':>9}{'ratio':>8}")
    for name, (processor, wall) in taken.items():
        told = f"   over {LEAST_S} s" if wall > LEAST_S else ""
        print(f"{name:<32}{processor:>9.3f} s{wall:>7.3f} s{processor / bare:>8.1f}{told}")


def least(call: Sequence[str], env: dict[str, str], runs: int) -> tuple[float, float]:
    """Give the least processor time and the least wall time of several runs, in seconds."""
    measured = [once(call, env) for _ in range(runs)]
    return min(each[0] for each in measured), min(each[1] for each in measured)


def once(call: Sequence[str], env: dict[str, str]) -> tuple[float, float]:
    """Run a command once; what it prints goes nowhere."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(call, env=env, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


if __name__ == "__main__":
    main()
