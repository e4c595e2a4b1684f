"""A folder of outputs, a study repository on a server, and a release from the one to the other."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from breachkit.actions.release import Released, ReleasePlan, Word
from breachkit.actions.release_checks import CheckedFile, CheckResult
from breachkit.model.findings import Coverage, ScanResult, Stats
from breachkit.model.ids import GitPath
from breachkit.workflows.release import Platform, Releasing
from breachkit.workflows.release_records import Records
from tests.support.gitrepo import History, git, refs


TABLE = b"region,patients\nLondon,364\nNorth East,230\nSouth West,225\nEast,130\n"
ROUNDED = TABLE.replace(b"364", b"365")
"""What the check lets pass."""
BRANCH = b"refs/heads/release-candidates"


class Hours:
    """A clock that goes on by an hour whenever it is looked at."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(hours=1)
        return self._now


def study(path: Path, released: Mapping[bytes, Any] | None = None) -> Path:
    """Build a study repository with code, and with files that were released and merged before."""
    history = History()
    history.commit({b"README.md": b"# A study\n", b"analysis/model.py": b"print('hello')\n"})
    history.commit({b"analysis/model.py": b"print('better')\n"})
    if released:
        history.commit({b"released_outputs/" + name: what for name, what in released.items()})
    return history.build(path)


def outputs(folder: Path, files: Mapping[str | bytes, bytes] | None = None) -> Path:
    """Write a folder of outputs."""
    for name, content in (files or {"by_region.csv": TABLE}).items():
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def clean(folder: Path) -> CheckResult:
    """Give what a check says that found nothing, with the digests of what is there."""
    root = folder.resolve()
    files = []
    for path in sorted(root.rglob("*")):
        within = GitPath(os.fsencode(path.relative_to(root)))
        if path.is_file() and not any(part.startswith(b".") for part in within.split(b"/")):
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            place = os.fsencode(path)
            files.append(
                CheckedFile(
                    path=within, place=place, within=within, size=len(content), sha256=digest
                )
            )
    return CheckResult(scan=scan_of(), items=(), files=tuple(files))


def scan_of(**more: Any) -> ScanResult:
    """Give a result of a scan in which nothing was found."""
    stats = Stats(commits=0, refs=0, objects=0, blobs=0, blobs_examined=0, bytes_examined=0, seconds=0.0)  # fmt: skip
    said: dict[str, Any] = {"target": "outputs", "policy": "2025-11", "stats": stats}
    return ScanResult(**{**said, "coverage": Coverage(refs={}, objects={}), **more})


@dataclass
class Desk:
    """Somebody who releases: a folder, a server, and what they keep."""

    home: Path
    folder: Path
    url: str
    check: Any = clean
    word: Word = field(
        default_factory=lambda: Word.given(
            "Ada Hartley <ada@example.org>", checked_by="Bo Lind", source="asthma", subject=None
        )
    )
    clock: Hours = field(default_factory=Hours)

    @property
    def releasing(self) -> Releasing:
        return Releasing(
            folder=self.folder,
            target=self.url,
            word=self.word,
            check=self.check,
            platform=Platform(visibility=lambda _: "unknown", pull_request=lambda *_: None),
            clock=self.clock,
            records=Records(self.home / "releases"),
        )

    def plan(self) -> ReleasePlan:
        return self.releasing.plan()

    def release(self) -> Released:
        done = self.releasing.execute()
        assert isinstance(done, Released)
        return done

    @property
    def manifests(self) -> list[Any]:
        return [each.data for each in Records(self.home / "releases").every()]


def files_at(server: Path, name: str = "release-candidates") -> dict[bytes, bytes]:
    """Give mode and path of every file of a branch, with its content."""
    found = {}
    for line in git(server, "ls-tree", "-r", "-z", name).split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, kind, one = about.split()
        content = git(server, "cat-file", "blob", one.decode()) if kind == b"blob" else one
        found[mode + b" " + path] = content
    return found


def every_object(server: Path) -> set[bytes]:
    """Give the id of every object that a server has, whether or not anything reaches it."""
    listed = git(server, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return set(listed.split())


def branches(server: Path) -> set[bytes]:
    """Name the branches of a server."""
    return {name.removeprefix(b"refs/heads/") for name in refs(server)}
