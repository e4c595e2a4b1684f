"""How long a large case takes: its journal read, checked and replayed, and the commands that read it.

    python tests/bench/bench_case.py [--entries 10000] [--copies 10000] [--findings 100000] [--runs 3]

Makes a case in a temporary folder with so many journal entries, copies in its register and findings
in its scan, then prints the least wall time and the least processor time of several runs: first of the
parts, in one process, then of whole commands, each a process of its own, with what the interpreter
needs to start beside them. On a busy machine the processor time is what can be compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from breachkit.actions.copies_file import to_json
from breachkit.actions.copy_record import Copy
from breachkit.incident.audit import audit
from breachkit.incident.case import OpenRequest
from breachkit.incident.entries import decode, encode
from breachkit.incident.events import Actor, Draft, EventKind
from breachkit.incident.evidence import evidence_of
from breachkit.incident.folder import JOURNAL, CaseFolder
from breachkit.incident.projection import replay
from breachkit.incident.store import CaseStore
from breachkit.model.time import SystemClock, rfc3339
from breachkit.report.timesketch import timesketch


SOMEBODY = Actor(name="Jo Bloggs", how="option")
LEAST_S = 1.0
"""A command that only looks should take less, for the large case."""

COMMANDS = (
    ("status",),
    ("next",),
    ("log", "show", "--last", "5"),
    ("log", "verify"),
    ("log", "anchor"),
    ("checklist", "show"),
    ("copies", "list"),
    ("evidence", "list"),
)


def main() -> None:
    """Make the case and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=10_000)
    parser.add_argument("--findings", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        case = a_large_case(home, asked.entries, asked.copies, asked.findings)
        sizes = f"{asked.entries} entries, {asked.copies} copies, {asked.findings} findings"
        print(f"{sizes}; journal of {(case.path / JOURNAL).stat().st_size / 1e6:.1f} MB\n")
        for part, work in parts(case):
            show(part, work, asked.runs)
        print()
        show("python -c pass", lambda: started("-c", "pass"), asked.runs)
        for command in (("--help",), *COMMANDS):
            show(f"breachkit {' '.join(command)}", partial(breachkit, home, *command), asked.runs)


def parts(case: CaseFolder) -> tuple[tuple[str, Callable[[], object]], ...]:
    """Give what is measured in one process."""
    data = (case.path / JOURNAL).read_bytes()
    events = case.events()
    return (
        ("decode and check every entry", lambda: [decode(line) for line in data.splitlines()]),
        ("audit the file", lambda: audit(data)),
        ("replay the case", lambda: replay(events)),
        ("list the evidence", lambda: evidence_of(events)),
        ("append one entry", lambda: case.record("decision", {"about": "one more"})),
        ("export to Timesketch", lambda: timesketch(case.incident, events)),
    )


def a_large_case(home: Path, entries: int, copies: int, findings: int) -> CaseFolder:
    """Make a case that is as large as asked for."""
    case = CaseStore(home, SystemClock(), actor=SOMEBODY).create(
        OpenRequest(target="https://github.com/example/study")
    )
    register = [a_copy(number) for number in range(copies)]
    content = json.dumps(to_json(register), indent=2).encode("ascii") + b"\n"
    case.write_file("copies.json", content)
    scan = {"findings": [a_finding(number) for number in range(findings)]}
    case.write_private("scan.json", json.dumps(scan).encode("ascii"))
    case.record("scope.recorded", {"blobs": findings, "files": ["private/scan.json"]})
    append_at_once(case, entries - len(case.events()))
    return CaseFolder(case.path, SystemClock(), SOMEBODY)


def append_at_once(case: CaseFolder, count: int) -> None:
    """Write entries as breachkit would, without waiting for the disk after each."""
    last = case.events()[-1]
    seq, prev, now = last.seq, last.hash, datetime.now(UTC)
    with (case.path / JOURNAL).open("ab") as file:
        for number in range(count):
            seq += 1
            kind, detail = KINDS[number % len(KINDS)]
            draft = Draft(kind=kind, detail=dict(detail), refs=(f"K-{number % 999:03d}",))
            line = encode(draft, seq=seq, prev=prev, now=now, actor=SOMEBODY)
            prev = json.loads(line)["hash"]
            file.write(line)


KINDS: tuple[tuple[EventKind, dict[str, object]], ...] = (
    (EventKind.CHECKLIST_TICKED, {"item": "A12", "evidence": "call", "by": "Jo Bloggs"}),
    (EventKind.COPIES_RECORDED, {"copies": 10_000, "open": 9_000, "state": "requested"}),
    (EventKind.NOTIFY_SENT, {"number": "N-001", "message": "update", "how": "by hand"}),
    (EventKind.WATCH_RECORDED, {"ok": True, "drifted": 0, "unknown": 0}),
    (EventKind.DECISION, {"about": "finding", "answer": "stays", "decider": "Jo", "reason": "ok"}),
)


def a_copy(number: int) -> Copy:
    """Make an entry of the register."""
    return Copy(
        id=f"K-{number + 1:03d}",
        key=f"C30:person{number}@example.org",
        place="C30",
        label=f"clone of person {number}",
        signal="author of a commit",
        applies="yes",
        risk="high",
        holder=f"Person {number}",
        email=f"person{number}@example.org",
        due=datetime.now(UTC) + timedelta(days=number % 30 - 3),
    )


def a_finding(number: int) -> dict[str, object]:
    """Make a finding as a scan keeps it, as far as its size goes."""
    return {
        "id": f"F-{number:04d}",
        "rule": "CNT-01",
        "severity": "high",
        "blob": f"{number:040x}",
        "path": f"released_outputs/table_{number}.csv",
        "first_date": rfc3339(datetime.now(UTC)),
    }


def show(what: str, work: Callable[[], object], runs: int) -> None:
    """Print a line of the table."""
    wall, processor = least(work, runs)
    slow = f"  <- more than {LEAST_S:.0f} s" if processor > LEAST_S else ""
    print(f"{what:<40} {wall:>8.3f} s {processor:>8.3f} s{slow}", flush=True)


def least(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Give the least of several wall times, and of several processor times, in seconds."""
    times = []
    for _ in range(runs):
        wall, processor = time.perf_counter(), used()
        work()
        times.append((time.perf_counter() - wall, used() - processor))
    walls, processors = zip(*times, strict=True)
    return min(walls), min(processors)


def used() -> float:
    """Give the processor time of this process and of those that it has waited for."""
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def breachkit(home: Path, *args: str) -> None:
    """Run a command as a process; what it exits with is its own affair."""
    started("-m", "breachkit", *args, env={**os.environ, "BREACHKIT_HOME": str(home)})


def started(*args: str, env: dict[str, str] | None = None) -> None:
    """Run Python."""
    ran = subprocess.run([sys.executable, *args], capture_output=True, check=False, env=env)
    if ran.returncode not in {0, 6, 7}:
        raise SystemExit(f"{' '.join(args)}: {ran.returncode}\n{ran.stderr.decode()[:2000]}")


if __name__ == "__main__":
    main()
