"""How long it takes to take a file's versions out of a history, beside what git and upstream need.

    python tests/bench/bench_rewrite.py REPOSITORY [REPOSITORY ...] [--versions 4] [--no-text]

Takes some versions of an ordinary text file out of a mirror of each repository: discovery, rewrite,
proof and purge, all as `breachkit rewrite --execute` does them. Beside it, in the same run and on the
same refs: `git fast-export --no-data | git fast-import`, which writes every commit and tree once, and
`git filter-repo --replace-text` with one line of those versions. Memory is the largest sum over all
processes of what is theirs alone, files mapped from disk left out (Linux only). Nothing of the
repositories is printed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

from breachkit.actions.rewrite import plan_rewrite
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


def main() -> None:
    """Measure each repository named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--versions", type=int, default=4, help="how many versions to take out")
    parser.add_argument("--no-text", action="store_true", help="leave --replace-text out")
    asked = parser.parse_args()
    print(
        f"{'repository':<30} {'commits':>8} {'new ids':>8} {'git':>7} {'text':>8} {'breachkit':>10} {'of git':>7} {'of text':>8} {'memory':>8}"
    )
    for repository in asked.repositories:
        with tempfile.TemporaryDirectory() as name:
            measure(repository, Path(name), asked.versions, text=not asked.no_text)


def measure(repository: Path, folder: Path, versions: int, *, text: bool) -> None:
    """Print the line of one repository."""
    mirror = make_mirror(str(repository), folder / "mirror.git").path
    path, bad = choose(mirror, versions)
    floor = timed(lambda: copy_by_export(mirror, folder / "copy.git"))
    upstream = timed(lambda: replace_text(mirror, folder, path, bad)) if text else None
    with Sampler(os.getpid()) as sampler:
        started = time.perf_counter()
        plan = plan_rewrite(gather_facts(mirror, bad))
        done = rewrite(mirror, plan, folder / "rewritten.git")
        proof = prove(mirror, folder / "rewritten.git", plan, done, scratch=folder)
        seconds = time.perf_counter() - started
    if not proof.ok:
        raise SystemExit("the proof failed")
    commits = len(plan.rewritten) + plan.kept
    of_text = f"{seconds / upstream:7.2f}x" if upstream else "-"
    shown = f"{upstream:7.2f}s" if upstream else "-"
    print(
        f"{repository.parent.name[-30:]:<30} {commits:8,} {len(plan.rewritten):8,} {floor:6.2f}s {shown:>8} "
        f"{seconds:9.2f}s {seconds / floor:6.2f}x {of_text:>8} {sampler.peak / 2**20:5.0f} MB"
    )


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


def timed(work: Callable[[], None]) -> float:
    """Give how long something takes, in seconds of wall time."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


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
