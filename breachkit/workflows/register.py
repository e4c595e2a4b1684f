"""The file of the register of copies: each change is journalled first, and the file follows the journal.

The journal has the digest of the file before and after every change. So a file that somebody else
changed is noticed, and one that a killed process left behind the journal is brought up to it.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from breachkit.actions import copies
from breachkit.actions.copies import BrokenRegisterError, Copy, Found
from breachkit.actions.copies_file import (
    found_from_json,
    found_to_json,
    from_json,
    to_json,
)
from breachkit.actions.copy_changes import (
    Based,
    Change,
    Replayed,
    Searched,
    applied,
    from_detail,
    replay,
    to_detail,
)
from breachkit.actions.recipients import FORKS
from breachkit.incident.detail import clean_mapping
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFileMissingError, CaseFolder
from breachkit.model.errors import BreachkitError, VerificationError


REGISTER_FILE = "copies.json"
SEARCHES = "traces"
"""A folder with what each search found, for the journal would grow too long with it."""


class AlteredRegisterError(BrokenRegisterError):
    """The register is not what breachkit wrote last."""


class LostSearchError(VerificationError):
    """What a search found is gone, or was altered."""


def load_register(case: CaseFolder) -> tuple[Copy, ...]:
    """Give the register as it stands; empty before the first search.

    Raises:
        AlteredRegisterError: somebody else changed or removed the file.
        BrokenRegisterError: it does not read as a register.
    """
    return _Stored(case).register()


def sound_register(case: CaseFolder) -> tuple[Copy, ...] | None:
    """Give the register, or None where it is not the one that breachkit wrote.

    For what must be said whatever became of the register: nothing may keep an alert back.
    """
    with contextlib.suppress(BrokenRegisterError):
        return load_register(case)
    return None


def change_register(case: CaseFolder, *changes: Change) -> tuple[Copy, ...]:
    """Change the register, one journal entry for each change, and give it as it stands then.

    The caller holds the case's lock. Where one change is refused, none is made.

    Raises:
        AlteredRegisterError, BrokenRegisterError: as `load_register`.
        NoSuchCopyError, MoveError, UnprovenError: a change makes no sense.
    """
    stored = _Stored(case)
    before = stored.register()
    digest = stored.digest
    if before and not stored.entries:
        digest = _write_entry(case, _as_journalled(case, _base(before)), before, digest)
    journalled = [_as_journalled(case, change) for change in changes]
    register = before
    steps = []
    for each in journalled:
        register = applied(register, each.change)
        steps.append(register)
    for each, after in zip(journalled, steps, strict=True):
        digest = _write_entry(case, each, after, digest)
    if steps:
        case.write_file(REGISTER_FILE, _content(register))
    return register


def rebuild_register(case: CaseFolder) -> Replayed:
    """Tell the register from the journal and the searches alone, without looking at its file."""
    entries = _Stored(case).entries
    read = partial(
        from_detail, found_in=partial(_found_in, case), register_in=partial(_register_in, case)
    )
    made = replay(entries, read)
    wanted = entries[-1].text("sha256") if entries else None
    if made.gaps or wanted is None or _digest(_content(made.register)) == wanted:
        return made
    return Replayed(
        register=made.register,
        gaps=(f"what the entries tell is not what entry {entries[-1].seq} has the digest of",),
    )


def put_back(case: CaseFolder, register: Sequence[Copy]) -> None:
    """Write the file of the register as the journal tells it; the caller holds the case's lock."""
    case.write_file(REGISTER_FILE, _content(register))


def vouched_for(case: CaseFolder, register: Sequence[Copy], *, by: str, note: str) -> None:
    """Begin anew with a register that a person vouches for; the caller holds the case's lock."""
    entry = _as_journalled(case, Based(register=tuple(register), by=by, note=note))
    _write_entry(case, entry, register, _Stored(case).digest)
    case.write_file(REGISTER_FILE, _content(register))


def file_as_it_is(case: CaseFolder) -> tuple[Copy, ...]:
    """Read the file of the register, whoever wrote it; errors as `copies.from_json`."""
    return _parsed(case.read_file(REGISTER_FILE))


class _Stored:
    """The file as it is on the disk, and what the journal says of it."""

    def __init__(self, case: CaseFolder) -> None:
        self._case = case
        self._content = case.read_file(REGISTER_FILE) if case.has_file(REGISTER_FILE) else None
        self.digest = _digest(self._content)
        about = (e for e in case.events() if e.known_kind is EventKind.COPIES_RECORDED)
        self.entries: tuple[Event, ...] = tuple(e for e in about if e.text("sha256"))

    def register(self) -> tuple[Copy, ...]:
        """Give the register, brought up to the journal where a process was killed in between."""
        last = self.entries[-1] if self.entries else None
        if last is None or last.text("sha256") == self.digest:
            return _parsed(self._content) if self._content is not None else ()
        caught_up = self._caught_up(last)
        if caught_up is not None:
            return caught_up
        what = "is gone" if self._content is None else "was changed by somebody else"
        raise AlteredRegisterError(
            f"{REGISTER_FILE} {what} since entry {last.seq} of the journal: `breachkit copies rebuild` "
            "says what the journal knows, and puts it back"
        )

    def _caught_up(self, last: Event) -> tuple[Copy, ...] | None:
        """Apply the entries that the file does not have yet; None where it is another file."""
        waiting: list[Event] = []
        for entry in reversed(self.entries):
            waiting.insert(0, entry)
            if (entry.text("before_sha256") or "") == self.digest:
                break
        else:
            return None
        register = _parsed(self._content) if self._content is not None else ()
        try:
            for entry in waiting:
                register = applied(register, _change_of(self._case, entry))
        except BreachkitError:
            return None
        return register if _digest(_content(register)) == last.text("sha256") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Journalled:
    """A change exactly as its entry has it."""

    change: Change
    detail: Mapping[str, Any]


def _as_journalled(case: CaseFolder, change: Change) -> _Journalled:
    file, sha256 = _kept(case, change)
    detail = clean_mapping(to_detail(change, file, sha256))
    made = from_detail(detail, partial(_found_in, case), partial(_register_in, case))
    return _Journalled(change=made, detail=detail)


def _kept(case: CaseFolder, change: Change) -> tuple[str, str]:
    """Write what is too long for the journal into a file of its own."""
    if isinstance(change, Searched) and not change.by:
        return _keep(case, found_to_json(change.found))
    if isinstance(change, Based):
        return _keep(case, to_json(change.register))
    return "", ""


def _keep(case: CaseFolder, data: Mapping[str, Any]) -> tuple[str, str]:
    content = f"{json.dumps(data, indent=1, ensure_ascii=True)}\n".encode("ascii")
    folder = case.path / SEARCHES
    numbers = [int(each.stem) for each in folder.glob("*.json") if each.stem.isdecimal()]
    name = f"{SEARCHES}/{max(numbers, default=0) + 1:03d}.json"
    case.write_file(name, content)
    return name, _digest(content)


def _write_entry(
    case: CaseFolder, made: _Journalled, after: Sequence[Copy], before_sha256: str
) -> str:
    sha256 = _digest(_content(after))
    still = copies.open_copies(after)
    high = sum(copy.risk == "high" for copy in still)
    forks = sum(copy.needs_request and copy.place in FORKS for copy in still)
    numbers = {
        "copies": len(after),
        "open": len(still),
        "high_open": high,
        "forks_to_ask": forks,
    }
    refs = made.detail.get("copies", [])
    single = {"state": made.detail["state"]} if made.detail["op"] == "set" else {}
    case.record(
        EventKind.COPIES_RECORDED,
        {
            **numbers,
            **single,
            "states": copies.counts(after),
            "grades": {grade.name.lower(): n for grade, n in copies.graded(after).items()},
            "change": made.detail,
            "sha256": sha256,
            "before_sha256": before_sha256,
        },
        refs=refs,
    )
    return sha256


def _base(register: Sequence[Copy]) -> Based:
    note = "the register as it was when its changes began to be journalled"
    return Based(register=tuple(register), by="breachkit", note=note)


def _change_of(case: CaseFolder, entry: Event) -> Change:
    detail = entry.detail.get("change")
    told = detail if isinstance(detail, Mapping) else {}
    return from_detail(told, partial(_found_in, case), partial(_register_in, case))


def _found_in(case: CaseFolder, file: str, sha256: str) -> tuple[Found, ...]:
    return found_from_json(_checked(case, file, sha256))


def _register_in(case: CaseFolder, file: str, sha256: str) -> tuple[Copy, ...]:
    return from_json(_checked(case, file, sha256))


def _checked(case: CaseFolder, file: str, sha256: str) -> Any:
    try:
        content = case.read_file(file)
    except CaseFileMissingError:
        raise LostSearchError(f"{file} of the case is gone") from None
    if _digest(content) != sha256:
        raise LostSearchError(f"{file} of the case is not what was written")
    return json.loads(content)


def _parsed(content: bytes) -> tuple[Copy, ...]:
    try:
        data = json.loads(content)
    except ValueError as cause:
        raise BrokenRegisterError(
            "copies.json is not JSON: `breachkit copies rebuild` puts back what the journal says"
        ) from cause
    return from_json(data)


def _content(register: Sequence[Copy]) -> bytes:
    return f"{json.dumps(to_json(register), indent=1, ensure_ascii=True)}\n".encode("ascii")


def _digest(content: bytes | None) -> str:
    """Give the SHA-256 of a file; empty where there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()
