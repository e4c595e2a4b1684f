"""One errand of a sweep: is there anything new in this repository, and what do the rules say of it?

Everything it is given and everything it gives are plain values, so that any process on any machine can do
it, and the outcome is the same. It never raises: what goes wrong with one repository is its outcome.
"""

import contextlib
import dataclasses
import hashlib
import hmac
import importlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from breachkit.actions.sweeping import Errand, Outcome, Seen, Standing
from breachkit.actions.weighing import with_acceptances
from breachkit.git import kept_mirror
from breachkit.git.clone import NetworkError
from breachkit.git.layout import NoObjectsError
from breachkit.git.process import mask_credentials
from breachkit.git.repository import open_repository
from breachkit.incident.disk import make_folder, writing
from breachkit.incident.lock import CaseBusyError, exclusive
from breachkit.model.errors import BreachkitError, IncompleteError
from breachkit.model.findings import Finding, ScanResult
from breachkit.model.ids import ObjectId, display
from breachkit.model.time import Clock
from breachkit.report import json_v1
from breachkit.report.masking import Masking
from breachkit.store.verdicts import VerdictStore
from breachkit.workflows.remembering import is_unsure
from breachkit.workflows.rules_in_force import rules_in_force
from breachkit.workflows.scan import Scan, ScanOptions, scan_repository
from breachkit.workflows.sweep_hosts import place_at


OTHERS_S = 60.0
"""Within which another sweep has to be done with a copy."""

_OBJECT_MARK_LETTERS = 16
"""64 bits: that two objects of a repository share them keeps a finding known, and never makes one gone."""

Tell = Callable[[int, int], None]
"""Takes how many objects were looked at, and how many there are to look at."""


def nobody(_done: int, _every: int) -> None:
    """Tell nobody."""


def do_errand(errand: Errand, clock: Clock, tell: Tell = nobody) -> Outcome:
    """Look at one repository; never raises but for an interruption."""
    begun = time.monotonic()
    done = _Done(errand, clock, begun, tell)
    try:
        with _alone(errand):
            return done.outcome()
    except NoObjectsError:
        return done.empty()
    except NetworkError as cause:
        return _failed(errand, _without_url(cause, errand), begun, silent=not done.answered)
    except BreachkitError as cause:
        return _failed(errand, _without_url(cause, errand), begun)
    except MemoryError:
        return _failed(errand, "there was not enough memory", begun)
    except Exception as cause:  # noqa: BLE001 - its text may quote content, its type does not
        reason = f"{type(cause).__name__}, which is a mistake in breachkit: please report it"
        return _failed(errand, reason, begun)


@contextlib.contextmanager
def _alone(errand: Errand) -> Iterator[None]:
    """Let nobody else fetch into the same copy meanwhile, as a sweep of another list may.

    Raises:
        IncompleteError: somebody does, and goes on with it.
    """
    with contextlib.ExitStack() as stack:
        if errand.mirror is not None:
            with writing(Path(errand.mirror).parent):
                make_folder(Path(errand.mirror).parent)
            try:
                stack.enter_context(exclusive(Path(f"{errand.mirror}.lock"), timeout_s=OTHERS_S))
            except CaseBusyError:
                raise IncompleteError("another sweep is looking at it: wait for its end") from None
        yield


def _without_url(cause: BreachkitError, errand: Errand) -> str:
    """Give what went wrong without the URL, which the repository's name says and which is never the same."""
    return str(cause).removeprefix(f"{display(mask_credentials(errand.url))}: ")


def _failed(errand: Errand, reason: str, begun: float, *, silent: bool = False) -> Outcome:
    return Outcome(
        key=errand.key,
        name=errand.name,
        standing=Standing.FAILED,
        reason=reason,
        seconds=time.monotonic() - begun,
        silent=silent,
    )


def get_ready() -> None:
    """Load and find out what every errand needs, for the processes that are forked from this one."""
    rules_in_force()
    importlib.import_module("breachkit.workflows.judging")


class _Telling:
    """The progress of a scan, as it is told on."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._done = self._every = 0

    def start(self, objects: int) -> None:
        """Tell how many objects there are to look at."""
        self._every = objects
        self._tell(0, objects)

    def advance(self, objects: int, size_bytes: int) -> None:  # noqa: ARG002 - of `Progress`
        """Tell how many more were looked at."""
        self._done += objects
        self._tell(self._done, self._every)


class _Done:
    """One errand on its way."""

    def __init__(self, errand: Errand, clock: Clock, begun: float, tell: Tell) -> None:
        self._errand = errand
        self._tell = tell
        self._clock = clock
        self._begun = begun
        self.answered = False
        """Whether the server showed its refs."""

    def outcome(self) -> Outcome:
        """Ask for the refs first: where they are as they were, nothing else has to be asked."""
        refs, is_empty, place = self._refs()
        if is_empty:
            return self.empty()
        state = self._state(refs)
        known = self._errand.known
        if known is not None and known.state == state:
            return self._said(
                Standing.UNCHANGED,
                state=state,
                complete=known.complete,
                unread=known.unread,
                objects=known.objects,
                recalled=known.objects,
            )
        found, refs = place()
        return self._scanned(found, self._state(refs))

    def empty(self) -> Outcome:
        """Say that there is nothing in it."""
        errand, reason = self._errand, "nothing was ever pushed to it"
        if errand.mirror is not None:  # which holds what the server does not show any more
            shutil.rmtree(errand.mirror, ignore_errors=True)
        if errand.known is not None and errand.known.objects:
            reason = "every ref of it was deleted"
        elif errand.known is not None and errand.known.standing is Standing.EMPTY:
            reason = errand.known.reason
        return self._said(Standing.EMPTY, reason, complete=True)

    def _refs(self) -> tuple[str, bool, Callable[[], tuple[Path, str]]]:
        """Give what stands for the refs, whether there are none, and what brings the repository here."""
        errand = self._errand
        if errand.mirror is None:
            with open_repository(errand.url) as repository:
                refs = kept_mirror.digest_of_local(repository.git_dir)
            return refs or "", refs is None, lambda: (Path(errand.url), refs or "")
        folder, mirror = Path(errand.store).parent, Path(errand.mirror)
        with place_at(folder, errand.url):
            seen = kept_mirror.ask(errand.url)
        self.answered = True

        def brought() -> tuple[Path, str]:
            with place_at(folder, errand.url):
                copied = kept_mirror.refresh(errand.url, mirror, seen)
            return mirror, kept_mirror.digest_of_remote(copied)

        return kept_mirror.digest_of_remote(seen), not seen.refs, brought

    def _state(self, refs: str) -> str:
        errand = self._errand
        told = [refs, rules_in_force().hex(), _plain(errand.policies)]
        if errand.weighing is not None:
            told += [_plain(errand.weighing.book), str(errand.weighing.today)]
        return hashlib.sha256("\0".join(told).encode()).hexdigest()

    def _scanned(self, place: Path, state: str) -> Outcome:
        store = VerdictStore(Path(self._errand.store), rules_in_force(), self._clock)
        try:
            options = ScanOptions(policies=self._errand.policies, memory=store)
            with open_repository(str(place)) as repository:
                scan = scan_repository(repository, options, progress=_Telling(self._tell))
        finally:
            store.close()
        result = scan.result
        weighing = self._errand.weighing
        if weighing is not None:
            result = with_acceptances(result, weighing.book, weighing.key, weighing.today)
        return self._said(
            Standing.SCANNED,
            state=None if any(map(is_unsure, result.skipped)) else state,
            complete=result.complete,
            seen=tuple(seen_of(result, self._errand.mark_key)),
            departed=self._departed(scan),
            unread=len(result.skipped),
            objects=result.stats.objects,
            recalled=sum(count.cached for count in result.coverage.objects.values()),
        )

    def _departed(self, scan: Scan) -> frozenset[str]:
        """Give the marks of known findings' objects that are not in the repository any more."""
        wanted = self._errand.known_objects
        if not wanted or scan.result.coverage.shallow or not scan.inventory.lists_all:
            return frozenset()
        key = self._errand.mark_key
        return wanted.difference(object_mark(key, each.oid) for each in scan.inventory.chosen)

    def _said(self, standing: Standing, reason: str = "", **more: Any) -> Outcome:
        errand = self._errand
        return Outcome(
            key=errand.key,
            name=errand.name,
            standing=standing,
            reason=reason,
            seconds=time.monotonic() - self._begun,
            disk_bytes=0 if errand.mirror is None else _size(Path(errand.mirror)),
            **more,
        )


def _plain(record: Any) -> str:
    """Write a record of plain values so that equal ones are written alike, in every process."""
    return json.dumps(dataclasses.asdict(record), default=_as_text, sort_keys=True)


def _as_text(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _size(folder: Path) -> int:
    """Give what a folder takes on disk; 0 where it is not there."""
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def seen_of(result: ScanResult, key: bytes) -> Iterator[Seen]:
    """Give the findings of a scan as a sweep tells them: accepted ones too, without object ids.

    Args:
        result: Nothing in it was set aside but by acceptances.
        key: Secret; findings are marked with it, the same in every sweep.
    """
    masking = Masking.of(result)
    accepted = {each.finding.id for each in result.accepted}
    number: Counter[bytes] = Counter()
    for finding in result.everything:
        if not finding.hit.severity:
            continue
        part = finding.hit.location.part if finding.hit.location else None
        told = f"{finding.hit.rule}\0{finding.object_id}\0{part}".encode("utf-8", "surrogatepass")
        number[told] += 1
        mark = hmac.new(key, b"%s\0%d" % (told, number[told]), hashlib.sha256).hexdigest()[:32]
        seen = _seen(finding, mark, masking, accepted=finding.id in accepted)
        yield dataclasses.replace(seen, object_mark=object_mark(key, finding.object_id))


def object_mark(key: bytes, oid: ObjectId) -> str:
    """Mark an object so that whoever has the key knows it again, and nobody else can tell its id."""
    return hmac.digest(key, b"object\0" + oid.encode(), "sha256").hex()[:_OBJECT_MARK_LETTERS]


def _seen(finding: Finding, mark: str, masking: Masking, *, accepted: bool) -> Seen:
    told = json_v1.finding_to_json(finding, masking)
    place = told["location"] or {"part": None, "rows": (), "columns": (), "cells": 0}
    return Seen(
        mark=mark,
        rule=finding.hit.rule,
        severity=finding.hit.severity,
        confidence=finding.hit.confidence.label,
        message=told["message"],
        path=told["path"],
        part=place["part"],
        rows=tuple(place["rows"]),
        columns=tuple(place["columns"]),
        cells=place["cells"],
        reach=finding.attribution.reach,
        first_date=finding.attribution.first_date,
        accepted=accepted,
    )
