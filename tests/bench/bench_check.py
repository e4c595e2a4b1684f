"""How long the check of a large release takes, and how much memory.

    python tests/bench/bench_check.py [--files 100] [--rows 5000] [--runs 3]

Makes releases of so many tables of so many rows, of several kinds, in a temporary folder, and checks
each as a user does, in processes of its own. Prints the least wall time, the processor time of all
processes together, and the memory of the largest. On a busy machine the processor time is what can be
compared: an idle one with two cores needs about half of it.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path


REGIONS = ("North East", "North West", "Yorkshire", "Midlands", "East", "London", "South")
MOST_SECONDS = 10.0
MOST_MEGABYTES = 500
CORES = 2

Rows = Callable[[int], Iterator[str]]


def measures(rows: int) -> Iterator[str]:
    """Rounded numerators and denominators with their ratios: every rule about ratios has work."""
    yield "measure,interval_start,interval_end,ratio,numerator,denominator,region,age_band"
    for row in range(rows):
        whole = 5 * random.randint(200, 40_000)
        part = 5 * random.randint(2, max(2, whole // 50))
        day = f"{2010 + row // 600}-{1 + row % 12:02}"
        region = REGIONS[row % len(REGIONS)]
        yield f"deaths,{day}-01,{day}-28,{part / whole:.4f},{part},{whole},{region},{row % 12}"


def counts(rows: int) -> Iterator[str]:
    """Counts by three labels, with a total and redacted cells."""
    yield "region,practice_size,ethnicity,patients,deaths,n_total"
    for row in range(rows):
        total = 10 * random.randint(3, 9_000)
        deaths = "[REDACTED]" if row % 17 == 0 else 10 * random.randint(1, 3)
        yield f"{REGIONS[row % 7]},{row // 7 % 40},{row // 280},{total},{deaths},{2 * total}"


def models(rows: int) -> Iterator[str]:
    """Estimates of models, in which nothing is counted."""
    yield "model,outcome,term,label,estimate,std_error,conf_low,conf_high,p"
    for row in range(rows):
        value = random.gauss(0, 1)
        yield f"{row % 5},death,age_{row % 90},level {row % 7},{value:.6f},{0.1:.3f},{value - 0.2:.6f},{value + 0.2:.6f},{random.random():.5f}"


KINDS: dict[str, Rows] = {"measures": measures, "counts": counts, "models": models}


def main() -> None:
    """Make the releases and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    random.seed(1)
    print(f"{asked.files} files of {asked.rows:,} rows; least of {asked.runs} runs")
    with tempfile.TemporaryDirectory() as name:
        for kind in (*KINDS, "mixed"):
            folder = a_release(Path(name) / kind, kind, asked.files, asked.rows)
            show(kind, folder, asked.runs)


def a_release(above: Path, kind: str, files: int, rows: int) -> Path:
    """Write the tables of a release; of all kinds in turn, where they are mixed."""
    folder = above / "release"
    folder.mkdir(parents=True)
    makers = list(KINDS.values()) if kind == "mixed" else [KINDS[kind]]
    for number in range(files):
        lines = makers[number % len(makers)](rows)
        (folder / f"table_{number}_by_region.csv").write_text("\n".join(lines) + "\n")
    return folder


def show(kind: str, folder: Path, runs: int) -> None:
    """Check a release several times, and print the least."""
    wall, processor = zip(*(checked(folder) for _ in range(runs)), strict=True)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    held = (
        "holds" if min(processor) / CORES < MOST_SECONDS and memory < MOST_MEGABYTES else "MISSED"
    )
    size = sum(each.stat().st_size for each in folder.iterdir()) / 1e6
    print(
        f"{kind:9} {size:5.1f} MB   wall {min(wall):5.1f} s   processor {min(processor):5.1f} s   "
        f"largest process {memory:4.0f} MB   {held}"
    )


def checked(folder: Path) -> tuple[float, float]:
    """Check a release once; give the wall time and the processor time in seconds."""
    before, begun = processor_time(), time.monotonic()
    command = [sys.executable, "-m", "breachkit", "check", str(folder), "--no-fail", "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun, processor_time() - before


def processor_time() -> float:
    """Give what all processes that have ended took of the processor."""
    used = os.times()
    return used.children_user + used.children_system


if __name__ == "__main__":
    main()
