"""How long it takes to take a file's versions out of a history, beside what git and upstream need.

    python tests/bench/bench_rewrite.py REPOSITORY [REPOSITORY ...] [--versions 4] [--no-text]

Takes some versions of an ordinary text file out of a mirror of each repository: discovery, rewrite,
proof and purge, all as `breachkit rewrite --execute` does them. Beside it, in the same run and on the
same refs: `git fast-export --no-data | git fast-import`, which writes every commit and tree once, and
`git filter-repo --replace-text` with one line of those versions. Seconds are those of the clock and, after
the `+`, of the processor (of all processes), which say more on a busy machine; each is the least of
`--times` runs. Memory is the largest sum over all
processes of what is theirs alone, files mapped from disk left out (Linux only). Nothing of the
repositories is printed.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

from breachkit.actions.rewrite import RewritePlan, plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.mirror import make_mirror
from breachkit.git.proof import prove


CLEAN = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}


class Spent(NamedTuple):
    """Seconds."""

    clock: float = 0.0
    processor: float = 0.0

    def __str__(self) -> str:
        return f"{self.clock:.2f}+{self.processor:.2f}s"

    def plus(self, other: "Spent") -> "Spent":
        """Add up."""
        return Spent(self.clock + other.clock, self.processor + other.processor)

    def of(self, other: "Spent") -> str:
        """Say how many times as much it is."""
        return f"{self.clock / other.clock:.2f}+{self.processor / other.processor:.2f}x"


NOTHING = Spent()


def main() -> None:
    """Measure each repository named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--versions", type=int, default=4, help="how many versions to take out")
    parser.add_argument("--no-text", action="store_true", help="leave --replace-text out")
    parser.add_argument("--times", type=int, default=1, help="how often to run all but the text")
    asked = parser.parse_args()
    tell(
        "repository",
        "commits",
        "new ids",
        "git",
        "text",
        "breachkit",
        "of git",
        "of text",
        "memory",
    )
    git_all = our_all = NOTHING
    for repository in asked.repositories:
        with tempfile.TemporaryDirectory() as name:
            spent = measure(repository, Path(name), asked, text=not asked.no_text)
        git_all, our_all = git_all.plus(spent[0]), our_all.plus(spent[1])
    tell("all", "", "", str(git_all), "", str(our_all), our_all.of(git_all), "", "")


def tell(*fields: str) -> None:
    """Print a line of the table."""
    name, commits, new, *rest, memory = fields
    seconds = " ".join(f"{field:>15}" for field in rest)
    print(f"{name[-30:]:<30} {commits:>8} {new:>8} {seconds} {memory:>8}", flush=True)


def measure(
    repository: Path, folder: Path, asked: argparse.Namespace, *, text: bool
) -> tuple[Spent, Spent]:
    """Print the line of one repository, and give what git and breachkit took."""
    mirror = make_mirror(str(repository), folder / "mirror.git").path
    path, bad = choose(mirror, asked.versions)
    upstream = timed(lambda: replace_text(mirror, folder, path, bad)) if text else None
    git_took, own, plan, peak = repeated(mirror, bad, folder, asked.times)
    tell(
        repository.parent.name,
        f"{len(plan.rewritten) + plan.kept:,}",
        f"{len(plan.rewritten):,}",
        str(git_took),
        str(upstream or "-"),
        str(own),
        own.of(git_took),
        own.of(upstream) if upstream else "-",
        f"{peak / 2**20:.0f} MB",
    )
    return git_took, own


def repeated(
    mirror: Path, bad: list[str], folder: Path, times: int
) -> tuple[Spent, Spent, RewritePlan, int]:
    """Give the least that git and breachkit take, the plan, and the most memory that this took, in bytes."""
    floors: list[Spent] = []
    ours: list[Spent] = []
    plans: list[RewritePlan] = []
    peak = 0
    for _ in range(times):
        with tempfile.TemporaryDirectory(dir=folder) as name:
            floors.append(timed(partial(copy_by_export, mirror, Path(name) / "copy.git")))
            with Sampler(os.getpid()) as sampler:
                ours.append(timed(partial(whole, mirror, bad, Path(name), plans)))
            peak = max(peak, sampler.peak)
    return least(floors), least(ours), plans[0], peak


def least(several: list[Spent]) -> Spent:
    """Give the least of each."""
    return Spent(*map(min, zip(*several, strict=True)))


def whole(mirror: Path, bad: list[str], folder: Path, plans: list[RewritePlan]) -> None:
    """Find, rewrite and prove, and keep the plan."""
    plan = plan_rewrite(gather_facts(mirror, bad))
    done = rewrite(mirror, plan, folder / "rewritten.git")
    if not prove(mirror, folder / "rewritten.git", plan, done, scratch=folder).ok:
        raise SystemExit("the proof failed")
    plans.append(plan)


def choose(mirror: Path, versions: int) -> tuple[bytes, list[str]]:
    """Give the versions, from the middle of its history, of the text file that has most of them."""
    log = ["log", "--all", "--no-renames", "--raw", "--no-abbrev", "-z", "--format=", "-r"]
    words = git(mirror, *log).split(b"\0")
    held: dict[bytes, list[str]] = {}
    for about, path in zip(words[::2], words[1::2], strict=False):
        if about.startswith(b":") and about.split(b" ")[4] in {b"A", b"M"}:
            held.setdefault(path, []).append(about.split(b" ")[3].decode())
    ordinary = Counter({path: len(set(found)) for path, found in held.items()})
    ((path, number),) = ordinary.most_common(1)
    found = list(dict.fromkeys(held[path]))
    start = max(0, number // 2 - versions // 2)
    return path, found[start : start + versions]


def copy_by_export(mirror: Path, target: Path) -> None:
    """Write every commit and tree of a repository once into another that shares its blobs."""
    git(None, "init", "-q", "--bare", str(target))
    (target / "objects" / "info" / "alternates").write_text(f"{mirror / 'objects'}\n")
    export = ["fast-export", "--no-data", "--all", "--signed-tags=strip", "--reencode=no"]
    flags = ["--tag-of-filtered-object=rewrite", "--fake-missing-tagger"]
    with subprocess.Popen(
        ["git", "--git-dir", mirror, *export, *flags], stdout=subprocess.PIPE, env=CLEAN
    ) as source:
        command = ["git", "--git-dir", str(target), "fast-import", "--quiet", "--force"]
        subprocess.run(command, stdin=source.stdout, env=CLEAN, check=True)


def replace_text(mirror: Path, folder: Path, path: bytes, bad: list[str]) -> None:
    """Let upstream replace one line of the versions wherever it is."""
    copy = folder / "text.git"
    shutil.copytree(mirror, copy)
    lines = git(mirror, "cat-file", "blob", bad[0]).splitlines()
    line = max((each for each in lines if each.strip()), key=len, default=path)
    (folder / "expressions.txt").write_bytes(b"literal:" + line + b"==>[REDACTED]\n")
    command = [sys.executable, "-m", "git_filter_repo", "--force", "--quiet"]
    subprocess.run(
        [*command, "--replace-text", folder / "expressions.txt"],
        cwd=copy,
        env={**CLEAN, "GIT_DIR": "."},
        check=True,
    )


def timed(work: Callable[[], None]) -> Spent:
    """Give how long something takes."""
    clock, processor = time.perf_counter(), processor_time()
    work()
    return Spent(time.perf_counter() - clock, processor_time() - processor)


def processor_time() -> float:
    """Give the seconds that this process and all that it started and saw end took of the processor."""
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def git(repository: Path | None, *args: str) -> bytes:
    """Run git and give its output."""
    place = ["--git-dir", str(repository)] if repository else []
    return subprocess.run(["git", *place, *args], env=CLEAN, check=True, capture_output=True).stdout


class Sampler(threading.Thread):
    """Watches the memory of a process and all below it while it is entered.

    Attributes:
        peak: The largest sum, in bytes.
    """

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._process = process
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Sample until the end."""
        while not self._ended.wait(0.05):
            self.peak = max(self.peak, sum(map(own_memory, family(self._process))))


def family(process: int) -> list[int]:
    """Give a process and all below it."""
    found = [process]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").glob("*/children"):
                found += map(int, task.read_text().split())
        except OSError:  # it has ended
            continue
    return found


def own_memory(process: int) -> int:
    """Give what a process holds beside mapped files, in bytes, shared pages in part; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))


if __name__ == "__main__":
    main()
