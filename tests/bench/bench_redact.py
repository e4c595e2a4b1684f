"""How long it takes to redact tables with proof, and how much memory.

    python tests/bench/bench_redact.py [--rows 200] [--columns 50] [--engine auto]

Makes tables of invented counts with totals of rows and columns, of which a share is too small to
release, and redacts each as its user does: files read, planned, written, judged again by every rule.
Beside it a table of 5,000 rows, the most that may be released, and twenty tables that are linked
because they break down the same people. Memory is the largest of the process and its children.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path


def main() -> None:
    """Measure each kind of table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--engine", default="auto")
    asked = parser.parse_args()
    print(f"{'tables':<34} {'seconds':>8} {'memory':>8} {'lost':>6} {'open':>5}  engine")
    with tempfile.TemporaryDirectory() as name:
        for share in (0.01, 0.05, 0.2):
            text = crossed(asked.rows, asked.columns, share, random.Random(7))
            label = f"{asked.rows} x {asked.columns}, {share:.0%} small"
            measure(label, {"table.csv": text}, Path(name), asked.engine)
        long = crossed(5_000, 4, 0.02, random.Random(7))
        measure("5,000 x 4, 2% small", {"long.csv": long}, Path(name), asked.engine)
        measure("20 linked tables of 10 x 6", linked(20), Path(name), asked.engine)


def crossed(rows: int, columns: int, share: float, chance: random.Random) -> str:
    """Give a table with totals of both kinds; rows and columns count them."""
    cells = [
        [
            chance.randint(0, 7) if chance.random() < share else chance.randint(20, 4_000)
            for _ in range(columns - 1)
        ]
        for _ in range(rows - 1)
    ]
    whole = [[*row, sum(row)] for row in cells]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    names = [*map(name_of, range(rows - 1)), "Total"]
    header = ["region", *(f"n_group{number}" for number in range(columns - 1)), "Total"]
    lines = [header, *([name, *map(str, row)] for name, row in zip(names, whole, strict=True))]
    return "".join(",".join(line) + "\n" for line in lines)


def name_of(number: int) -> str:
    """Give `a`, ..., `z`, `ba`, ...: a name of letters."""
    first, last = divmod(number, 26)
    return (name_of(first) if first else "") + chr(97 + last)


def linked(number: int) -> dict[str, str]:
    """Give tables of which each has the total of every region in common with all others."""
    chance = random.Random(11)
    regions = [chance.randint(600, 4_000) for _ in range(9)]
    files = {}
    for table in range(number):
        rows = []
        for region in regions:
            parts = [chance.randint(1, 90) for _ in range(4)]
            rows.append([*parts, region - sum(parts), region])
        rows.append([sum(column) for column in zip(*rows, strict=True)])
        names = [*map(name_of, range(9)), "Total"]
        header = ["region", *(f"n_{name_of(table)}{part}" for part in range(5)), "Total"]
        lines = [header, *([name, *map(str, row)] for name, row in zip(names, rows, strict=True))]
        files[f"by_{name_of(table)}.csv"] = "".join(",".join(line) + "\n" for line in lines)
    return files


def measure(label: str, files: dict[str, str], folder: Path, engine: str) -> None:
    """Print the line of one call."""
    for name, text in files.items():
        (folder / name).write_text(text, "ascii")
    command = ["redact", *files, "--engine", engine, "-o", "out/", "--write", "--json", "-q"]
    began = time.perf_counter()
    ran = run(command, folder)
    seconds = time.perf_counter() - began
    data = json.loads(ran.stdout)
    tables = [table for file in data["files"] for table in file["tables"]]
    lost, counts = (sum(table[key] for table in tables) for key in ("lost", "counts"))
    is_least = [table["is_least"] for table in tables]
    proof = "least" if all(is_least) else "bound" if None not in is_least else "no bound"
    engines = " and ".join(sorted({table["engine"] for table in tables} - {"nothing to do"}))
    left = sum(table["open"] for table in tables)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{label:<34} {seconds:>8.1f} {memory:>5.0f} MB {lost / counts:>6.1%} {left:>5}  {engines}: {proof}")  # fmt: skip


def run(command: Sequence[str], folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run one command as its user does."""
    return subprocess.run(
        [sys.executable, "-m", "breachkit", *command],
        cwd=folder,
        env={**os.environ, "BREACHKIT_HOME": str(folder / "home")},
        capture_output=True,
        check=False,
    )


if __name__ == "__main__":
    main()
