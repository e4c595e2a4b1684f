"""Cases on disk for tests: a clock moved by hand, and other processes that use the same case."""

import hashlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rfc8785

from breachkit.incident.case import OpenRequest
from breachkit.incident.entries import encode
from breachkit.incident.events import Actor, Draft, Event, EventKind
from breachkit.incident.folder import JOURNAL, CaseFolder
from breachkit.incident.store import CaseStore


NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
SOMEBODY = Actor(name="Jo Bloggs", how="option")


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def a_store(home: Path, clock: HandClock | None = None) -> CaseStore:
    return CaseStore(home / "cases", clock or HandClock(), actor=SOMEBODY)


def a_case(home: Path, clock: HandClock | None = None, target: str = "example/study") -> CaseFolder:
    return a_store(home, clock).create(OpenRequest(target=target))


def reopened(case: CaseFolder, clock: HandClock | None = None) -> CaseFolder:
    """The same case as another process would see it."""
    return CaseFolder(case.path, clock or HandClock(), SOMEBODY)


def journal(case: CaseFolder) -> Path:
    return case.path / JOURNAL


def said(event: Event) -> dict[str, object]:
    """What an entry says, but for the digests of the files that it names."""
    vouching = {"files_hmac_sha256", "files_key", "tool"}
    return {key: value for key, value in event.detail.items() if key not in vouching}


def drafts(count: int) -> list[Draft]:
    return [
        Draft(kind=EventKind.DECISION, detail={"about": f"thing {n}", "n": n}) for n in range(count)
    ]


def append_raw(case: CaseFolder, **changes: object) -> None:
    """Append an entry as another version of breachkit might."""
    last = case.events()[-1]
    line = encode(
        Draft(kind="decision", detail={}),
        seq=last.seq + 1,
        prev=last.hash,
        now=NOON,
        actor=SOMEBODY,
    )
    body = {**json.loads(line), **changes}
    del body["hash"]
    body["hash"] = hashlib.sha256(rfc8785.dumps(body)).hexdigest()
    with journal(case).open("ab") as file:
        file.write(rfc8785.dumps(body) + b"\n")


def alert(case: CaseFolder) -> None:
    """The named contacts were told."""
    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert"})
    case.record("notify.sent", {"number": "N-001", "message": "internal-alert"})


def prepared(case: CaseFolder) -> None:
    """The contacts were told, somebody does the clean-up, and whoever can push was asked to stop."""
    alert(case)
    case.record("fact.recorded", {"field": "engineer", "value": "Jo Bloggs"})
    case.record("notify.sent", {"number": "N-002", "message": "freeze"})


def scoped(case: CaseFolder) -> None:
    prepared(case)
    case.record("scope.recorded", {"blobs": 2, "commits": 5, "complete": True})


def rewritten(case: CaseFolder) -> None:
    scoped(case)
    case.record("rewrite.planned", {"blobs": 2})
    case.record("rewrite.intent", {})
    case.record("rewrite.done", {"commits": 5})
    case.record("proof.recorded", {"ok": True})


def verified(case: CaseFolder, hidden_refs: int = 0) -> None:
    rewritten(case)
    case.record("push.planned", {"refs": 3})
    case.record("push.intent", {})
    case.record("push.done", {"refs": 3})
    case.record("verify.recorded", {"ok": True, "hidden_refs": hidden_refs})


_WRITER = """
import sys
from pathlib import Path
from breachkit.incident.events import Actor
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import SystemClock
case = CaseFolder(Path(sys.argv[1]), SystemClock(), Actor(name=sys.argv[2], how="option"))
for number in range(int(sys.argv[3])):
    event = case.record("decision", {"n": number})
    print(event.seq, flush=True)
"""


def writer(case: CaseFolder, name: str, count: int) -> "subprocess.Popen[str]":
    """Start a process that appends `count` entries and prints the number of each once it is kept."""
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(case.path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def in_child(work: Callable[[], object], before: Callable[[], object] | None = None) -> str:
    """Run `work` in a forked process after `before`; give `done`, or the error's name and text."""
    reader, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            if before:
                before()
            work()
            said = "done"
        except BaseException as error:  # noqa: BLE001 - the parent judges it
            said = f"{type(error).__name__}: {error}"
            if isinstance(error, AssertionError):
                said += traceback.format_exc()
        os.write(sender, said.encode("utf-8", "replace"))
        os._exit(0)
    os.close(sender)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def replaced(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]


Detail = Mapping[str, object]
