"""All cases of one user: opening, listing and finding them."""

import contextlib
import os
import random
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from breachkit.incident.case import CaseSummary, OpenRequest, wire_name
from breachkit.incident.codename import choose_codename
from breachkit.incident.disk import make_folder, sync_folder, write_atomic, writing
from breachkit.incident.events import Actor, Draft, EventKind
from breachkit.incident.folder import JOURNAL, PRIVATE, CaseFolder
from breachkit.incident.journal import Journal, JournalMissingError
from breachkit.incident.lock import exclusive
from breachkit.incident.opening import checked
from breachkit.incident.places import exists, refuse_repository, warnings_about
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.time import Clock, rfc3339


__all__ = ["CaseFolder", "CaseNotFoundError", "CaseStore"]

_FOLDER = re.compile(r"(?P<id>BK-(?P<year>\d{4})-(?P<number>\d{4,}))-(?P<codename>[a-z]+-[a-z]+)")

_UNFINISHED = ".new-"
"""Begins the name of a case folder that is still being made."""


class CaseNotFoundError(ConfigurationError):
    """No case fits what was asked for, or more than one does."""


class CaseStore:
    """The folder that holds every case, one folder each."""

    def __init__(
        self,
        home: Path,
        clock: Clock,
        *,
        actor: Actor | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """Stand for the cases in `home`, which is made when the first case is opened.

        Args:
            home: Where cases live.
            clock: Tells the time of entries.
            actor: Who is at the keyboard, for the journal.
            rng: Chooses codenames; by default the operating system's randomness.
        """
        self._home = home
        self._clock = clock
        self._actor = actor or Actor()
        self._rng = rng or secrets.SystemRandom()

    @property
    def home(self) -> Path:
        """Where cases live."""
        return self._home

    def warnings(self) -> tuple[str, ...]:
        """Say what is unsafe about the place where cases live."""
        return warnings_about(self._home)

    def create(self, request: OpenRequest) -> CaseFolder:
        """Open a case. It exists whole or not at all, whenever the process is killed.

        Raises:
            OpeningError: a time or a name in the request makes no sense.
            UnsafePlaceError: cases would live inside a git repository.
            ReadOnlyCaseError: this user may not write there.
            CaseWriteError: the disk did not take it.
        """
        now = self._clock.now()
        request = checked(request, now)
        with self.held():
            self._sweep()
            case_id, codename = self._next_name(now.year)
            folder = self._home / f"{case_id}-{codename}"
            self._build(folder, _first_entry(request, case_id, codename, now))
        case = self._folder(folder)
        case.rebuild()
        return case

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Let no other process open a case meanwhile; errors as `create`."""
        refuse_repository(self._home)
        with writing(self._home):
            make_folder(self._home)
        with exclusive(self._home / ".store.lock"):
            yield

    def list(self) -> tuple[CaseSummary, ...]:
        """Give every case, oldest first; one whose journal is damaged says so."""
        return tuple(_summary(case) for case in self._cases())

    def find(self, selector: str | None = None) -> CaseFolder:
        """Give the case with this id, codename or folder; for None, the only open one.

        Drafts that a sweep opened count only where there is no other.

        Raises:
            CaseNotFoundError: there is none, or more than one; the message lists them.
        """
        case = self.look(selector)
        case.rebuild()
        return case

    def look(self, selector: str | None = None) -> CaseFolder:
        """Give a case as `find` does, and write nothing at all; errors as `find`."""
        if selector is None:
            return self._only_open()
        for path in self._folders():
            match = _FOLDER.fullmatch(path.name)
            names = {path.name, *(match.group("id", "codename") if match else ())}
            if selector.lower() in {name.lower() for name in names}:
                return self._folder(path)
        if exists(os.path.join(selector, JOURNAL)):  # noqa: PTH118 - a selector need not be a path
            return self._folder(Path(selector).absolute())
        matches = [found for path in self._folders() if (found := _FOLDER.fullmatch(path.name))]
        known = [name for found in matches for name in found.group("id", "codename")]
        raise CaseNotFoundError(
            f"no case {display(selector[:80])!r}.{meant(selector, known)} {self._choices(self.list())}"
        )

    def _only_open(self) -> CaseFolder:
        cases = [(case, _summary(case)) for case in self._cases()]
        waiting = [(case, summary) for case, summary in cases if summary.is_open]
        candidates = [each for each in waiting if not each[1].is_draft] or waiting
        if len(candidates) == 1:
            return candidates[0][0]  # its journal was read: a long one takes its time
        what = "more than one case is open" if candidates else "no case is open"
        shown = [summary for _, summary in candidates or cases]
        raise CaseNotFoundError(f"{what}. {self._choices(shown)}")

    def _cases(self) -> Iterator[CaseFolder]:
        return (self._folder(path) for path in self._folders())

    def _folder(self, path: Path) -> CaseFolder:
        return CaseFolder(path, self._clock, self._actor)

    def _folders(self) -> Sequence[Path]:
        try:
            found = sorted(self._home.iterdir())
        except FileNotFoundError:
            return []
        except OSError as cause:
            raise ConfigurationError(
                f"cannot look into {display(os.fsencode(self._home))}: {cause.strerror}. "
                "Set BREACHKIT_HOME to a folder of your own"
            ) from cause
        return [path for path in found if _FOLDER.fullmatch(path.name)]

    def _choices(self, summaries: Sequence[CaseSummary]) -> str:
        if not summaries:
            return (
                f"There are no cases in {display(os.fsencode(self._home))}: "
                "`breachkit open TARGET` opens one"
            )
        shown = "; ".join(f"{each.id} ({each.codename}) {each.target}" for each in summaries)
        return f"Choose with --case ID, or for the whole session with BREACHKIT_CASE=ID: {shown}"

    def _sweep(self) -> None:
        """Remove what a process that was killed while opening a case left behind."""
        for path in self._home.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(path, ignore_errors=True)

    def _next_name(self, year: int) -> tuple[str, str]:
        found = [m for path in self._folders() if (m := _FOLDER.fullmatch(path.name))]
        numbers = [int(m["number"]) for m in found if int(m["year"]) == year]
        codename = choose_codename(self._rng, {m["codename"] for m in found})
        return f"BK-{year}-{max(numbers, default=0) + 1:04d}", codename

    def _build(self, folder: Path, first: Draft) -> None:
        """Make the folder under another name and move it in place when it is whole."""
        unfinished = self._home / f"{_UNFINISHED}{secrets.token_hex(8)}"
        with writing(folder):
            make_folder(unfinished / PRIVATE)
            write_atomic(unfinished / ".gitignore", b"*\n")
            Journal.create(unfinished / JOURNAL, first, clock=self._clock, actor=self._actor)
            unfinished.rename(folder)
            sync_folder(self._home)


def _first_entry(request: OpenRequest, case_id: str, codename: str, now: datetime) -> Draft:
    target, target_b64 = wire_name(request.target)
    discovered = request.discovered_at or min(request.aware_at or now, now)
    detail: dict[str, Any] = {
        "nonce": secrets.token_hex(16),
        "case": case_id,
        "codename": codename,
        "case_kind": request.kind,
        "target": target,
        "target_b64": target_b64,
        "paths": [wire_name(path)[0] for path in request.paths],
        "found_by": request.found_by,
        "opened_at": rfc3339(now),
        "discovered_at": rfc3339(discovered),
        "aware_at": rfc3339(request.aware_at or discovered),
        "aware_assumed": request.aware_at is None,
        **({"draft": True} if request.is_draft else {}),
        **({"hosted": True} if request.is_hosted else {}),
        "policy": request.policy,
        "ruleset": {
            "thresholds": dict(request.thresholds),
            "zeros": "kept",
            "breachkit": request.tool_version,
        },
        "related": list(request.related),
    }
    return Draft(kind=EventKind.CASE_OPENED, detail=detail)


def _summary(case: CaseFolder) -> CaseSummary:
    match = _FOLDER.fullmatch(case.path.name)
    try:
        incident = case.incident
    except BreachkitError as cause:
        return CaseSummary(
            id=match["id"] if match else case.path.name,
            codename=match["codename"] if match else "",
            folder=case.path.name,
            kind="unknown",
            target="",
            opened_at=None,
            is_open=not isinstance(cause, JournalMissingError),
            damaged=str(cause),
        )
    return CaseSummary(
        id=incident.id,
        codename=incident.codename,
        folder=case.path.name,
        kind=incident.kind,
        target=incident.shown_target,
        opened_at=incident.opened_at,
        is_open=incident.is_open,
        damaged=None,
        is_draft=incident.is_draft,
    )
