"""Takes a case through scope, rewrite, push and verify, as the commands do, on a real server."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breachkit.actions.choice import Wanted
from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.events import Event
from breachkit.incident.folder import CaseFolder
from breachkit.workflows import push, rewrite
from breachkit.workflows import scope as scoping
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions
from breachkit.workflows.verify import Verification, verify
from tests.support.cases import HandClock, a_store, prepared
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, git


OTHER = b"released_outputs/output/by_age.csv"
OTHER_COUNTS = b"age,patients\n18-29,364\n30-39,4\n40-49,2\n50-59,128\n"


class Recorded:
    """Keeps the progress it is told of."""

    def __init__(self) -> None:
        self.objects = 0
        self.advanced = 0

    def start(self, objects: int) -> None:
        self.objects = objects

    def advance(self, objects: int, size_bytes: int) -> None:
        self.advanced += objects


@dataclass(frozen=True)
class Response:
    """A case on a server, of which the contacts have been told."""

    server: Path
    case: CaseFolder
    clock: HandClock
    keys: Path

    def scope(
        self, *paths: bytes, again: bool = False, policy: str = "auto", **wanted: Any
    ) -> scoping.Scope:
        wanted["paths"] = paths
        options = ScanOptions(policies=load_policies().choose(policy))
        return scoping.scope(
            self.case,
            Wanted(**wanted),
            options,
            progress=Recorded(),
            again=again,
        )

    def rewrite(self, **options: Any) -> rewrite.RewriteResult:
        rewrite.plan(self.case)
        incident = self.case.incident
        if incident.has(Milestone.RECURRED) and "freeze" not in incident.messages_sent:
            self.case.record("notify.sent", {"message": "freeze"})
        return rewrite.execute(self.case, self.clock, self.keys, **options)

    def push(self) -> None:
        push.plan(self.case)
        push.execute(self.case)

    def verify(self) -> Verification:
        return verify(self.case)

    def purge(self) -> None:
        """Do what the platform's support does: let go of what no ref reaches."""
        git(self.server, "prune", "--expire=now")

    def all_of_it(self, **wanted: Any) -> Verification:
        self.scope(**wanted)
        self.rewrite()
        self.push()
        self.purge()
        return self.verify()

    def events(self, kind: str) -> list[Event]:
        return [event for event in self.case.events() if event.kind == kind]

    def private(self, name: str) -> Path:
        return self.case.path / "private" / name


def responding(
    folder: Path, history: History | None = None, *, told: bool = True, **request: Any
) -> Response:
    """Build a server and open a case on it; by default one with a table that was deleted again."""
    server = (history or breached()).build(folder / "server" / "study.git")
    return on_target(folder, server, told=told, **request)


def on_target(folder: Path, target: Path | str, *, told: bool = True, **request: Any) -> Response:
    """Open a case on a repository that is there."""
    clock = HandClock()
    opened = OpenRequest(target=str(target), **request)
    case = a_store(folder, clock).create(opened)
    if told:
        prepared(case)
    return Response(Path(target), case, clock, folder / "keys")


def breached() -> History:
    """A history with a table of small counts that was deleted again, and a harmless one."""
    history = History()
    history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    history.commit({OUTPUT: SMALL_COUNTS}, message="Add results")
    history.commit({OUTPUT: None}, message="Remove results with small numbers")
    return history


def pushed_by_somebody(
    server: Path, path: bytes, content: bytes, *, ref: str = "refs/heads/main"
) -> str:
    """Put a commit with one more file on a branch of the server, as a colleague's push does."""
    blob = git(server, "hash-object", "-w", "--stdin", stdin=content).decode().strip()
    index = {"GIT_INDEX_FILE": str(server / "index.tmp")}
    tip = git(server, "rev-parse", "--verify", "-q", "refs/heads/main").decode().strip()
    git(server, "read-tree", tip, env=index)
    entry = f"100644,{blob},{os.fsdecode(path)}"
    git(server, "update-index", "--add", "--cacheinfo", entry, env=index)
    tree = git(server, "write-tree", env=index).decode().strip()
    (server / "index.tmp").unlink()
    made = git(server, "commit-tree", tree, "-p", tip, "-m", "Work on").decode().strip()
    git(server, "update-ref", ref, made)
    return made


def pushed_response(folder: Path) -> Response:
    """Give a response whose rewritten history is on the server; a colleague has an old clone."""
    response = responding(folder)
    colleagues_clone(response.server, folder)
    response.scope(OUTPUT)
    response.rewrite()
    response.push()
    return response


def colleagues_clone(server: Path, folder: Path) -> Path:
    """Clone a server as a colleague did who has not heard of anything."""
    git(folder, "clone", "-q", "--bare", str(server), "colleague.git")
    return folder / "colleague.git"
