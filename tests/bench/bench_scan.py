"""How long a scan takes, as a multiple of what git needs to inflate every object once.

    python tests/bench/bench_scan.py REPOSITORY [REPOSITORY ...] [--runs 5]

Floor and scan run in turns, so that both see the same machine; the medians are compared. What the
processor worked is the sum over all processes, git's among them; with as many cores as workers it
is shared between them. Memory is the largest sum over the scan's processes of their proportional
set size (Linux only).
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple


FLOOR = ("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")


class Measured(NamedTuple):
    """Medians of one repository, in seconds, and the most memory, in bytes."""

    floor: float
    floor_cpu: float
    scan: float
    scan_cpu: float
    memory: int


def main() -> None:
    """Measure each repository named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    print(f"{'':<45} {'floor':>18} {'scan':>18}")
    print(
        f"{'repository':<45}{'time':>10}{'cpu':>9}{'time':>10}{'cpu':>9}{'ratio':>8}{'memory':>10}"
    )
    every = []
    for repository in asked.repositories:
        every.append(measured(repository, asked.runs))
        show(str(repository)[-45:], every[-1])
    floor, floor_cpu, scan, scan_cpu, _ = map(sum, zip(*every, strict=True))
    most = max(one.memory for one in every)
    show("total, and the most memory", Measured(floor, floor_cpu, scan, scan_cpu, most))


def show(name: str, one: Measured) -> None:
    """Print one line."""
    times = f"{one.floor:9.3f}s{one.floor_cpu:8.3f}s{one.scan:9.3f}s{one.scan_cpu:8.3f}s"
    print(f"{name:<45}{times}{one.scan / one.floor:7.2f}x{one.memory / 2**20:7.0f} MB")


def measured(repository: Path, runs: int) -> Measured:
    """Measure floor and scan of a repository in turns."""
    floor_it = ["git", "--git-dir", git_dir(repository), *FLOOR]
    scan_it = [sys.executable, "-m", "breachkit", "scan", str(repository)]
    pairs = [(*timed(floor_it), *timed(scan_it)) for _ in range(runs)]
    floor, floor_cpu, scan, scan_cpu = map(statistics.median, zip(*pairs, strict=True))
    return Measured(floor, floor_cpu, scan, scan_cpu, peak_memory(scan_it))


def git_dir(repository: Path) -> str:
    """Give the git directory of a work tree or a bare repository."""
    inner = repository / ".git"
    return str(inner if inner.is_dir() else repository)


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command without its output; give its wall time and its processor's, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_memory(command: list[str]) -> int:
    """Run a command once more, watched, which slows it down, and give its memory in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sampler = Sampler(process.pid)
    sampler.start()
    process.wait()
    sampler.stop()
    return sampler.peak


class Sampler(threading.Thread):
    """Watches the memory of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        """Watch the process with this id."""
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.peak = 0

    def run(self) -> None:
        """Sample until told to stop."""
        while not self._done.wait(0.05):
            self.peak = max(self.peak, sum(map(pss, family(self._pid))))

    def stop(self) -> None:
        """Take no more samples."""
        self._done.set()
        self.join()


def family(pid: int) -> list[int]:
    """Give a process and all its descendants."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found


def pss(pid: int) -> int:
    """Give the proportional set size of a process in bytes; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    main()
