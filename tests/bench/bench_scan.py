"""How long a scan takes, as a multiple of what git needs to inflate every object once.

    python tests/bench/bench_scan.py REPOSITORY [REPOSITORY ...] [--runs 5]

Floor and scan run in turns, so that both see the same machine; the medians are compared. Memory is
the largest sum over the scan's processes of their proportional set size (Linux only).
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path


FLOOR = ("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")


def main() -> None:
    """Measure each repository named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    print(f"{'repository':<45} {'floor':>8} {'scan':>8} {'ratio':>7} {'memory':>10}")
    for repository in asked.repositories:
        floors, scans = [], []
        scan_it = [sys.executable, "-m", "breachkit", "scan", str(repository)]
        for _ in range(asked.runs):
            floors.append(timed(["git", "--git-dir", git_dir(repository), *FLOOR]))
            scans.append(timed(scan_it))
        memory = peak_memory(scan_it)
        floor, scan = statistics.median(floors), statistics.median(scans)
        name = str(repository)[-45:]
        print(
            f"{name:<45} {floor:7.3f}s {scan:7.3f}s {scan / floor:6.2f}x {memory / 2**20:7.0f} MB"
        )


def git_dir(repository: Path) -> str:
    """Give the git directory of a work tree or a bare repository."""
    inner = repository / ".git"
    return str(inner if inner.is_dir() else repository)


def timed(command: list[str]) -> float:
    """Run a command without its output and give its wall time in seconds."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - begun


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
