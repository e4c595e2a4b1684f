"""What a sweep costs: 300 repositories that are made up, and mirrors of real ones with nothing new.

    python tests/bench/bench_sweep.py [--repositories 300] [--mirrors FOLDER] [--workers 2]

The 300 are swept once without interruption and once killed twice on the way; both have to say the same.
Half of them are near-copies of the other half. Memory is the largest sum over all processes of their
proportional set size (Linux only). Of the mirrors it is measured how long a repository takes in which
nothing is new, and one in which a commit is.
"""

import argparse
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any


HOME = "BREACHKIT_HOME"


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repositories", type=int, default=300)
    parser.add_argument("--mirrors", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        many(Path(place), asked.repositories, asked.workers)
        if asked.mirrors:
            warm(Path(place), asked.mirrors, asked.workers)


def many(place: Path, number: int, workers: int) -> None:
    """Sweep repositories that are made up: whole, killed twice, and again."""
    folder = place / "repositories"
    folder.mkdir()
    begun = time.monotonic()
    for one in range(number // 2):
        make(folder, one)
    print(f"made {len(list(folder.iterdir()))} repositories in {time.monotonic() - begun:.0f} s")
    whole = Sweeping(place / "whole", folder, workers)
    told, seconds, memory = whole.run()
    known = told["took"]["recalled"] / told["took"]["objects"]
    print(
        f"cold: {seconds:.1f} s, {memory / 2**20:.0f} MB, {known:.0%} of objects known from another"
    )
    killed = Sweeping(place / "killed", folder, workers)
    for share in (0.3, 0.6):
        killed.run(kill_after=seconds * share * 0.5)
    again, seconds, memory = killed.run()
    same = "the same" if plain(told) == plain(again) else "ANOTHER RESULT"
    print(f"killed twice, then to the end: {seconds:.1f} s, {memory / 2**20:.0f} MB, {same}")
    warm_told, seconds, memory = whole.run()
    each = seconds / len(warm_told["repositories"])
    print(
        f"nothing new: {seconds:.1f} s, {each * 1000:.0f} ms a repository, {memory / 2**20:.0f} MB"
    )


def make(folder: Path, number: int) -> None:
    """Make a repository of some tables and code, and a near-copy with one commit more."""
    chance = random.Random(number)
    path = folder / f"study-{number:03}"
    git(folder, "init", "-q", "-b", "main", str(path))
    for commit in range(6):
        for file in range(5):
            rows = (
                f"area{row},{chance.randrange(20, 9000)},{chance.random():.4f}"
                for row in range(200)
            )
            target = path / "output" / f"table{file}.csv"
            target.parent.mkdir(exist_ok=True)
            target.write_text("area,patients,rate\n" + "\n".join(rows) + "\n")
        (path / "analysis.py").write_text(f"print({commit})\n" * chance.randrange(5, 300))
        save(path, f"Version {commit}")
    copy = folder / f"study-{number:03}-copy"
    git(folder, "clone", "-q", "--no-hardlinks", str(path), str(copy))
    (copy / "README.md").write_text(f"A copy of {number}\n")
    save(copy, "Make it ours")


def save(path: Path, message: str) -> None:
    """Commit everything."""
    git(path, "add", "-A")
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(path, *who, "commit", "-q", "-m", message)


def git(place: Path, *args: str) -> None:
    """Run git."""
    subprocess.run(["git", *args], cwd=place, check=True, stdout=subprocess.DEVNULL)


class Sweeping:
    """Sweeps a folder with a store of its own."""

    def __init__(self, home: Path, target: Path, workers: int) -> None:
        self._env = os.environ | {HOME: str(home)}
        self._command = [
            *(sys.executable, "-m", "breachkit", "sweep", str(target), "--quiet"),
            *("--workers", str(workers), "--json", "--no-fail"),
        ]

    def run(self, kill_after: float | None = None) -> tuple[dict[str, Any], float, int]:
        """Sweep once; give the result, how long it took, and the most memory."""
        begun = time.monotonic()
        process = subprocess.Popen(self._command, env=self._env, stdout=subprocess.PIPE)
        most = [0]
        watching = threading.Thread(target=watch, args=(process, most), daemon=True)
        watching.start()
        try:
            said, _ = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return {}, kill_after or 0.0, most[0]
        return json.loads(said), time.monotonic() - begun, most[0]


def watch(process: "subprocess.Popen[bytes]", most: list[int]) -> None:
    """Note the most memory that a process and its children take together."""
    while process.poll() is None:
        most[0] = max(most[0], sum(map(memory_of, family(process.pid))))
        time.sleep(0.1)


def family(root: int) -> list[int]:
    """Give a process and all below it."""
    found = [root]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def memory_of(process: int) -> int:
    """Give a process's proportional set size, in bytes; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def plain(told: dict[str, Any]) -> object:
    """Give a result without times, and without marks, whose key each store has for itself."""
    for one in told["repositories"]:
        one.pop("took", None)
        for finding in one["findings"]:
            for name in ("mark", "since", "last"):
                finding.pop(name, None)
        one["findings"].sort(key=json.dumps)
    return told["repositories"], told["findings"], told["standing"]


def warm(place: Path, mirrors: Path, workers: int) -> None:
    """Sweep copies of mirrors: cold, with nothing new, and with one commit more in one of them."""
    folder = place / "mirrors"
    folder.mkdir()
    sources = [each for each in sorted(mirrors.iterdir()) if each.is_dir()]
    for number in range(20):
        source = sources[number % len(sources)]
        shutil.copytree(source, folder / f"{number:02}-{source.name}", symlinks=True)
    sweeping = Sweeping(place / "warm", folder, workers)
    _, seconds, memory = sweeping.run()
    print(f"20 mirrors, cold: {seconds:.1f} s, {memory / 2**20:.0f} MB")
    times = [sweeping.run()[1] for _ in range(3)]
    print(f"20 mirrors, nothing new: {statistics.median(times) / 20 * 1000:.0f} ms a repository")
    for each in sorted(folder.iterdir())[: len(sources)]:
        one_more(each)
    told = sweeping.run()[0]
    for one in told["repositories"]:
        if one["standing"] == "scanned":
            print(f"  one commit more: {one['took']['seconds']:.2f} s  {one['name']}")


def one_more(repository: Path) -> None:
    """Commit one file more to a bare repository."""
    stream = (
        "commit refs/heads/one-more\ncommitter Ada <ada@example.org> 1700000000 +0000\ndata 3\nnew\n"
        "M 644 inline output/new.csv\ndata 32\nregion,patients\nA,120\nB,340\nC,9\n\n"
    )
    command = ["git", "fast-import", "--quiet", "--force"]
    subprocess.run(command, cwd=repository, input=stream.encode(), check=True)


if __name__ == "__main__":
    main()
