"""One case on disk: its journal, its files, its private part."""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import rfc8785

import breachkit
from breachkit.incident.audit import JournalReport, Line, audit, lines
from breachkit.incident.case import Incident
from breachkit.incident.disk import make_folder, write_atomic, writing
from breachkit.incident.events import Actor, Draft, Event, EventKind
from breachkit.incident.evidence import (
    Checked,
    check,
    digests,
    evidence_of,
    is_vouched_for,
    keyed,
    named_files,
)
from breachkit.incident.evidence_manifest import MANIFEST, manifest
from breachkit.incident.journal import Journal, read_journal
from breachkit.incident.leftovers import SCRATCH, clear_unfinished
from breachkit.incident.lock import exclusive, operation
from breachkit.incident.projection import replay
from breachkit.incident.summary import to_json
from breachkit.model.errors import AccessError, BreachkitError, ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock


JOURNAL = "events.jsonl"
PROJECTION = "case.json"
PRIVATE = "private"
"""Holds what must not leave this machine: mirrors, maps of object ids, backups."""
KEY = "case.key"
"""In the private part: 32 bytes that every keyed digest of the case is made with."""

_OWN_FILES = frozenset({JOURNAL, PROJECTION, MANIFEST, ".gitignore"})


class CaseFileMissingError(ConfigurationError):
    """A file of the case that an earlier step writes is not there."""


class CaseFileNameError(UsageError):
    """A name that leads out of the case folder, or to a file that only the journal writes."""


class CaseFileAccessError(AccessError):
    """A file of the case cannot be read."""


class CaseFolder:
    """A case's folder. Reading needs no write access and no lock."""

    def __init__(self, path: Path, clock: Clock, actor: Actor | None = None) -> None:
        """Stand for the case in `path`, which exists; `actor` stands in every entry written."""
        self.path = path
        self.actor = actor or Actor()
        self._clock = clock
        self._journal = Journal(path / JOURNAL, aside=path / PRIVATE, clock=clock, actor=self.actor)
        self._incident: Incident | None = None

    @property
    def private(self) -> Path:
        """The private part (mode 0700)."""
        folder = self.path / PRIVATE
        with writing(folder):
            make_folder(folder)
        return folder

    @property
    def scratch(self) -> Path:
        """A folder in the private part for what an operation needs only while it runs.

        Only who holds the case's lock may use it.
        """
        folder = self.private / SCRATCH
        with writing(folder):
            make_folder(folder)
        return folder

    @property
    def incident(self) -> Incident:
        """The case as it stands now, whoever wrote the last entry.

        Raises:
            JournalDamagedError: the journal does not hold.
        """
        known = self._incident
        fresh = self._journal.events()[known.entries if known else 0 :]
        self._incident = replay(fresh, known)
        return self._incident

    def events(self) -> tuple[Event, ...]:
        """Give every whole journal entry, oldest first.

        Raises:
            JournalDamagedError: the journal does not hold.
        """
        return self._journal.events()

    def record(
        self, kind: str, detail: Mapping[str, object] | None = None, *, refs: Sequence[str] = ()
    ) -> Event:
        """Write a journal entry; when this returns, the disk has it.

        Args:
            kind: One of `EventKind`.
            detail: Counts, names, ids of findings and digests of breachkit's own documents; no
                value of a scanned file, no object id (40 digits and more are masked).
            refs: Ids of what it is about: F-0001, N-001, K-001, ev-0001.

        Files of the case that the detail names as `file` or `files` are vouched for: their digests
        are kept with it, under the case's key.

        Raises:
            JournalDamagedError: the journal does not hold.
            ReadOnlyCaseError: this user may not write there.
            CaseWriteError: the disk did not take it; the journal is as it was.
            CaseBusyError: other writers did not let go.
        """
        vouched = {**(detail or {}), **self._digests(detail or {})}
        event = self._journal.append(Draft(kind=kind, detail=vouched, refs=tuple(refs)))
        self.rebuild()
        if is_vouched_for(vouched) or kind == EventKind.EVIDENCE_CUSTODY:
            self.keep_manifest()
        return event

    def fingerprint(self, digest: str) -> str:
        """Give a name for a document that can be journalled: keyed, so that it confirms no guess.

        Args:
            digest: Of the document, in hexadecimal digits.
        """
        return keyed(self._made_key(), digest)

    def keep_manifest(self) -> None:
        """Write the list of evidence anew; like `case.json` it only shows what the journal says."""
        with contextlib.suppress(BreachkitError):
            content = manifest(self.incident.id, evidence_of(self.events()))
            path = self.path / MANIFEST
            with writing(path):
                make_folder(path.parent)
            write_atomic(path, content, durable=False)

    def evidence(self) -> tuple[Checked, ...]:
        """Give everything that was collected, and whether it is as it was then.

        Raises:
            JournalDamagedError: the journal does not hold.
        """
        return check(evidence_of(self.events()), self.path, self._key())

    def rebuild(self) -> None:
        """Write `case.json` anew where it does not say what the journal says.

        It is for people and other programs to read; nothing here relies on it, so a disk that
        does not take it stops nobody.
        """
        with contextlib.suppress(BreachkitError):
            content = rfc8785.dumps(to_json(self.incident)) + b"\n"
            if self._old_projection() != content:
                write_atomic(self.path / PROJECTION, content, durable=False)

    @contextlib.contextmanager
    def lock(self, what: str = "a command") -> Iterator[None]:
        """Hold the case for a long operation, so that no second process begins one.

        Entries can still be written by others meanwhile; telling people never waits. What a
        killed operation left unfinished is deleted first.

        Raises:
            CaseBusyError: another process holds it; the message names it.
        """
        with operation(self.path, self.incident.id, what, self._clock) as is_first:
            if is_first:
                clear_unfinished(self.private, self._clock.now())
            yield

    def telling(self) -> contextlib.AbstractContextManager[bool]:
        """Hold the case's messages, which waits for no long operation and only for other tellers.

        Numbers of messages are given and marks are set one after the other.

        Raises:
            CaseBusyError: another process held them for too long.
        """
        return exclusive(self.path / ".telling.lock")

    def verify(self, *anchors: str) -> JournalReport:
        """Check the journal, from the file alone.

        Args:
            *anchors: Hashes of entries that somebody outside has.

        Raises:
            AnchorError: an anchor is no hash.
        """
        with self._between_writes():
            return audit(read_journal(self.path / JOURNAL), anchors)

    def lines(self) -> tuple[Line, ...]:
        """Give every line of the journal with what is wrong with it, however damaged it is."""
        return tuple(lines(read_journal(self.path / JOURNAL)))

    def write_file(self, name: str, data: bytes) -> Path:
        """Put a file into the case folder in one step (mode 0600), and give its path.

        Raises:
            CaseFileNameError: the name leads out of the folder or is the journal's own.
            ReadOnlyCaseError: this user may not write there.
            CaseWriteError: the disk did not take it; the old content is as it was.
        """
        if PurePosixPath(name).parts[:1] == (PRIVATE,):
            raise CaseFileNameError(f"{display(name)}: use write_private for the private part")
        return self._write(self.path, name, data)

    def write_private(self, name: str, data: bytes) -> Path:
        """Put a file into the private part in one step; otherwise as `write_file`."""
        return self._write(self.private, name, data)

    def read_file(self, name: str) -> bytes:
        """Give the content of a file, `private/` included.

        Raises:
            CaseFileMissingError: it is not there.
            CaseFileNameError: the name leads out of the folder.
            CaseFileAccessError: it cannot be read.
        """
        path = _inside(self.path, name)
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise CaseFileMissingError(
                f"the case has no {display(name)} yet: `breachkit next` says which command is due"
            ) from None
        except OSError as cause:
            raise CaseFileAccessError(
                f"cannot read {display(name)} of the case: {cause.strerror}. "
                "Ask the owner of the case folder for a copy"
            ) from cause

    def read_private(self, name: str) -> bytes:
        """Give the content of a file in the private part; errors as `read_file`."""
        return self.read_file(f"{PRIVATE}/{name}")

    def has_file(self, name: str) -> bool:
        """Say whether the case has a file of that name, `private/` included."""
        return _inside(self.path, name).is_file()

    def _write(self, folder: Path, name: str, data: bytes) -> Path:
        path = _inside(folder, name)
        if folder == self.path and (name in _OWN_FILES or name.startswith(".")):
            raise CaseFileNameError(f"{display(name)} is written by the journal alone")
        with writing(path):
            make_folder(path.parent)
        write_atomic(path, data)
        return path

    def _digests(self, detail: Mapping[str, object]) -> dict[str, object]:
        """Give the digests of the files that a detail names, where it does not give them itself."""
        files = named_files(detail)
        if not files or not all((self.path / each).is_file() for each in files):
            return {}
        own = {} if is_vouched_for(detail) else digests(self.path, files, self._made_key())
        return {**own, "tool": f"breachkit {breachkit.__version__}"}

    def _made_key(self) -> bytes:
        """Give the case's key, which is made when it is first needed.

        Raises:
            CaseFileAccessError: it is there and cannot be read; a new one would make all that was
                collected look changed.
        """
        key = self._key()
        if key is None:
            with exclusive(self.path / ".journal.lock"):  # two processes must not make two
                key = self._key()
                if key is None:
                    self._refuse_second_key()
                    key = secrets.token_bytes(32)
                    self.write_private(KEY, key)
        return key

    def _refuse_second_key(self) -> None:
        path = self.path / PRIVATE / KEY
        if os.path.lexists(path):
            raise CaseFileAccessError(
                f"{display(str(path))} is there and cannot be read, so that nothing was written: without it "
                "nobody can tell whether what was collected is as it was. Let the account that you use read it"
            )

    def _key(self) -> bytes | None:
        try:
            return (self.path / PRIVATE / KEY).read_bytes()
        except OSError:
            return None

    def _old_projection(self) -> bytes | None:
        try:
            return (self.path / PROJECTION).read_bytes()
        except OSError:
            return None

    @contextlib.contextmanager
    def _between_writes(self) -> Iterator[None]:
        """Wait until no entry is half written; where that cannot be known, go on."""
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(BreachkitError):
                stack.enter_context(exclusive(self.path / ".journal.lock", timeout_s=5))
            yield


def _inside(folder: Path, name: str) -> Path:
    """Give the path of `name` in `folder`, without following links out of it."""
    parts = PurePosixPath(name)
    path = folder / parts
    bad = parts.is_absolute() or ".." in parts.parts or not parts.parts or not name.isprintable()
    if bad or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise CaseFileNameError(f"{display(name)!r} leads out of the case folder: use a plain name")
    return path
