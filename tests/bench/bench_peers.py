"""What a scan costs and finds beside git's own reading and the scanners one would take instead.

    PYTHONPATH=. python tests/bench/bench_peers.py CLONE [CLONE ...] [--peers FOLDER] [--install] [--runs 3]

Everything runs on one copy of a clone, in turns, without a network, its output counted or thrown away:
git's reading of every object (the floor), breachkit with nothing known, with every verdict known and with
nothing new, and each peer. Medians. On a machine that does other work the processor's time is the one to
compare: user and system of all processes. Memory is the largest sum of their proportional set sizes, in a
run of its own (Linux only).

Found are, in a second copy in which invented breaches were planted, those whose file a tool names: a peer
with any finding at all, breachkit with one of the expected rules, of medium severity or worse. Decoys are
planted files that disclose nothing. Tools that read only the files at HEAD cannot name the rest. A tool
that reports nothing at all, not even that it found nothing, has failed.

With `--install` the peers that PyPI has are installed into FOLDER first. A peer that is not there is
named. One that takes longer than `--slow` seconds is timed once, one that takes over `--limit` is ended.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.bench.bench_detection import AT_LEAST, Plant, blob_id, choose
from tests.bench.bench_scan import Sampler
from tests.bench.peer_tools import (
    COLD,
    FLOOR_TOOL,
    TOOLS,
    Tool,
    install,
    isolation,
    surroundings,
    versions,
)
from tests.bench.planting.decoys import files as decoy_files
from tests.bench.planting.places import Planted, Planter


SMALL_SECONDS, RATIO, MORE_SECONDS = 0.3, 1.5, 0.5
"""What a cold scan may take: so many times the floor, or where the floor is small so much more."""
_NAMED = re.compile(rb"(?:planted|moved)[\\\\/]+result_(\d+)\.")
_DECOY = re.compile(rb"decoys[\\\\/]+([\w.-]+)")


@dataclass(slots=True)
class Measured:
    """What was measured of one tool on one clone."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int = 0
    found: str = "-"
    decoys: str = "-"
    failure: str = ""
    """Why it has not done its work."""

    @property
    def times(self) -> tuple[float, float]:
        """Wall and processor time in seconds, medians."""
        return statistics.median(self.wall), statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a tool: seconds, bytes, and what it reported."""

    wall: float
    cpu: float
    memory: int
    said: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bench:
    """The copies of one clone, and how tools are run on them."""

    place: Path
    peers: Path
    limit: float
    alone: Sequence[str]
    """What takes a command's network away."""

    def run(self, tool: Tool, clone: Path, *, watched: bool = False) -> Ran | None:
        """Run a tool on a copy; None where it took too long."""
        home = self._home(tool, clone)
        report = home / "report.json"
        report.unlink(missing_ok=True)
        with (Path(os.devnull) if tool is FLOOR_TOOL else home / "said").open("wb") as said:
            command = tool.filled(self.peers, clone, report, home)
            ran = self._timed(command, clone, home, said.fileno(), watched=watched)
        if ran is None:
            return None
        if tool is FLOOR_TOOL:
            return Ran(*ran, b"every object")
        told = report if tool.writes_report else home / "said"
        return Ran(*ran, told.read_bytes() if told.is_file() else b"")

    def _home(self, tool: Tool, clone: Path) -> Path:
        """Give a tool's own folder, in which it keeps what it makes once: compiled rules, verdicts."""
        home = self.place / "homes" / re.sub(r"\W+", "-", tool.name)
        if not home.exists():
            home.mkdir(parents=True)
            (home / "repositories.txt").write_text(f"{clone}\n")
            if tool.before:
                before = tool.prepared(clone, home / "report.json", home)
                self._timed(before, clone, home, subprocess.DEVNULL, watched=False)
        return home

    def _timed(
        self, command: Sequence[str], clone: Path, home: Path, said: int, *, watched: bool
    ) -> tuple[float, float, int] | None:
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        process = subprocess.Popen(
            [*self.alone, *command],
            cwd=clone,
            env=surroundings(home),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        sampler = Sampler(process.pid)
        if watched:
            sampler.start()
        try:
            process.wait(self.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None
        took = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if watched:
            sampler.stop()
        return took, cpu, sampler.peak


@dataclass(frozen=True, slots=True)
class Hidden:
    """What was planted: breaches by their number, and decoys by their file's name."""

    plants: Sequence[Plant]
    decoys: Mapping[str, str]
    """Blob id to name."""

    def named(self, tool: Tool, said: bytes) -> tuple[int, int]:
        """Count the breaches and the decoys that a tool names."""
        if not tool.is_peer:
            return self._by_rule(json.loads(said))
        names = set(self.decoys.values())
        decoys = {found.decode() for found in _DECOY.findall(said)} & names
        return len(set(_NAMED.findall(said))), len(decoys)

    def _by_rule(self, told: Mapping[str, Sequence[Mapping[str, str]]]) -> tuple[int, int]:
        bad = {
            (each["blob"], each["rule"])
            for each in told["findings"]
            if each["severity"] in AT_LEAST
        }
        found = sum(any((plant.blob, rule) in bad for rule in plant.rules) for plant in self.plants)
        return found, len({blob for blob, _ in bad} & self.decoys.keys())


def main() -> None:
    """Compare on each clone named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("clones", nargs="+", type=Path)
    parser.add_argument("--peers", type=Path, default=Path("peers"), help="their environment")
    parser.add_argument("--install", action="store_true", help="install the peers there first")
    parser.add_argument(
        "--python", default=sys.executable, help="to install with; phi-scan needs 3.12"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds")
    parser.add_argument("--slow", type=float, default=20.0, help="seconds")
    asked = parser.parse_args()
    if asked.install:
        install(asked.peers, asked.python)
    alone = isolation()
    tools = there(asked.peers.absolute(), alone)
    for clone in asked.clones:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(Path(folder), asked.peers.absolute(), asked.limit, alone)
            show(str(clone)[-45:], measured(bench, clone, tools, asked.runs, asked.slow))


def there(peers: Path, alone: Sequence[str]) -> list[Tool]:
    """Say which tools there are, in which versions, and which there are not."""
    known = versions(peers)
    tools = [tool for tool in TOOLS if tool.program(peers)]
    print("without a network:", " ".join(alone) or "NO, this machine does not let us")
    for tool in TOOLS:
        if tool not in tools:
            print(f"missing: {tool.name}, {tool.package or 'which no package brought here'}")
        elif tool.package:
            print(f"{tool.name} {known.get(tool.package, '')}, reads {tool.reads}")
    return tools


def measured(
    bench: Bench, source: Path, tools: Iterable[Tool], runs: int, slow: float
) -> dict[Tool, Measured]:
    """Measure every tool on one clone: what it finds first, then in turns how long it takes."""
    clone, planted = copied(source, bench.place / "clone"), copied(source, bench.place / "planted")
    hidden = hide(planted)
    every = {tool: Measured() for tool in tools}
    for tool, one in every.items():
        look(bench, tool, one, planted, hidden)
    for turn in range(runs):
        for tool, one in every.items():
            if turn == 0 or (not one.failure and max(one.wall) <= slow):
                take(one, bench.run(tool, clone))
    for tool, one in every.items():
        watched = None if one.failure else bench.run(tool, clone, watched=True)
        one.memory = watched.memory if watched else 0
    return every


def look(bench: Bench, tool: Tool, one: Measured, planted: Path, hidden: Hidden) -> None:
    """Count what a tool finds; this also lets it build whatever it keeps for later runs."""
    if not (tool.is_peer or tool.command[: len(COLD.command)] == COLD.command):
        return
    ran = bench.run(tool, planted)
    if ran is None or not ran.said:
        one.found = "too long" if ran is None else "failed"
        return
    found, decoys = hidden.named(tool, ran.said)
    one.found = f"{found / len(hidden.plants):.1%}"
    one.decoys = str(decoys)


def take(one: Measured, ran: Ran | None) -> None:
    """Take note of a run."""
    if ran is None or not ran.said:
        one.failure = "takes too long" if ran is None else "fails"
        return
    one.wall.append(ran.wall)
    one.cpu.append(ran.cpu)


def hide(planted: Path) -> Hidden:
    """Plant breaches and decoys in a copy."""
    plants, files = choose(1)
    decoys = decoy_files(Random(1))
    files += [Planted(path=path, content=content, place="HEAD") for path, content in decoys.items()]
    Planter(planted / ".git").plant(files)
    git(planted, "reset", "-q", "--hard")
    names = {blob_id(content): Path(path).name for path, content in decoys.items()}
    return Hidden(plants, names)


def copied(source: Path, target: Path) -> Path:
    """Copy every object and ref of a repository into a new one with a work tree."""
    target.mkdir(parents=True)
    git(target, "init", "-q")
    objects = git(source, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    shutil.copytree(objects.decode().strip(), target / ".git" / "objects", dirs_exist_ok=True)
    refs = git(source, "for-each-ref", "--format=create %(refname) %(objectname)")
    head = git(source, "symbolic-ref", "HEAD").decode().strip()
    git(target, "symbolic-ref", "HEAD", head)
    git(target, "update-ref", "--stdin", said=refs)
    git(target, "pack-refs", "--all")
    git(target, "reset", "-q", "--hard")
    return target


def git(repository: Path, *words: str, said: bytes = b"") -> bytes:
    """Run git in a repository."""
    command = ["git", "-C", str(repository), *words]
    return subprocess.run(command, input=said, capture_output=True, check=True).stdout


def show(name: str, every: Mapping[Tool, Measured]) -> None:
    """Print the table of one clone, and what it says of a cold scan."""
    print(f"\n{name}")
    heads = ("time", "floor", "cpu", "floor", "memory", "runs", "found", "decoys")
    print(f"{'':<42}" + "".join(f"{head:>9}" for head in heads))
    floor = every[FLOOR_TOOL].times
    for tool, one in every.items():
        print(f"{tool.name:<42}" + line(one, floor))
    print(verdict(every))


def line(one: Measured, floor: tuple[float, float]) -> str:
    """Write what was measured of one tool; ratios are to the floor."""
    if not one.wall:
        return f"{one.failure:>45}{'':9}{one.found:>9}{one.decoys:>9}"
    wall, cpu = one.times
    times = f"{wall:8.2f}s{wall / floor[0]:8.1f}x{cpu:8.2f}s{cpu / floor[1]:8.1f}x"
    return f"{times}{one.memory / 2**20:6.0f} MB{len(one.wall):9}{one.found:>9}{one.decoys:>9}"


def verdict(every: Mapping[Tool, Measured]) -> str:
    """Say whether a cold scan takes no longer than it may, and which peers take less."""
    floor, _ = every[FLOOR_TOOL].times
    wall, cpu = every[COLD].times
    may = floor * RATIO if floor > SMALL_SECONDS else floor + MORE_SECONDS
    said = "within" if wall <= may else "OVER"
    peers = [(tool.name, one.times) for tool, one in every.items() if tool.is_peer and one.wall]
    faster = [name for name, (took, _) in peers if took < wall]
    less = [name for name, (_, work) in peers if work < cpu]
    return (
        f"a cold scan is {said} the {may:.2f} s it may take; faster: {', '.join(faster) or 'none'};"
        f" less of the processor: {', '.join(less) or 'none'}"
    )


if __name__ == "__main__":
    main()
