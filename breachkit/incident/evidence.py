"""What was collected in a case, from when, by whom and how, and whether it is as it was then.

The journal is the source: every entry that names a file of the case with its digest stands for a
piece of evidence, and custody is told by entries too, so neither can be edited. Digests of what may
hold data are keyed: a plain one would confirm a guess of a redacted count.

Source: NIST SP 800-61r3, RS.AN-07 (integrity and provenance of incident data are preserved: source,
date and time of collection); the evidence records of DFIR-IRIS.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from breachkit.incident.events import Event, EventKind


PLAIN_KEYS = ("file_sha256", "sha256")
"""The first that an entry has is the digest of its file: `sha256` may be of something else then."""
KEYED = "files_hmac_sha256"
"""Digests of the files that an entry names, under the case's key, in the order of the names."""
KEY_NAME = "files_key"
"""Which key that was: a case whose private part was destroyed gets another one."""

State = Literal["unchanged", "changed", "missing", "replaced", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Something was handed over."""

    at: str
    """RFC 3339."""
    by: str
    to: str
    reason: str | None
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One file of the case that an entry of the journal vouches for."""

    id: str
    """`E-001`, counted in the order of the journal."""
    file: str
    """Within the case folder."""
    digest: str
    keyed: bool
    """Whether the digest is an HMAC under the case's key, of the SHA-256 of the content."""
    key_name: str | None
    entry: str
    kind: str
    """Of the entry."""
    collected_at: str
    """RFC 3339."""
    collector: str | None
    tool: str | None
    command: str | None
    note: str | None
    custody: tuple[Custody, ...] = ()
    replaced_by: str | None = None
    """A later piece of evidence under the same name: this one's file is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Whether a piece of evidence is as it was."""

    evidence: Evidence
    state: State
    sha256: str | None
    """Of the content as it is now; None where there is none to read."""


def evidence_of(events: Iterable[Event]) -> tuple[Evidence, ...]:
    """Give everything that was collected, in the order of the journal."""
    found: dict[str, Evidence] = {}
    latest: dict[str, str] = {}
    for event in events:
        if event.known_kind is EventKind.EVIDENCE_CUSTODY:
            _hand_over(found, event)
        for each in _in_entry(event, len(found)):
            if each.file in latest:
                earlier = found[latest[each.file]]
                found[earlier.id] = replace(earlier, replaced_by=each.id)
            found[each.id] = each
            latest[each.file] = each.id
    return tuple(found.values())


def check(evidence: Iterable[Evidence], folder: Path, key: bytes | None) -> tuple[Checked, ...]:
    """Look whether each piece is as it was.

    Args:
        evidence: What `evidence_of` gave.
        folder: The case's folder.
        key: The case's key; None where the private part is gone.
    """
    return tuple(_checked(each, folder, key) for each in evidence)


def digests(folder: Path, files: Sequence[str], key: bytes) -> dict[str, Any]:
    """Give what an entry keeps of the files that it names; nothing where one is not there."""
    plain = [sha256_of(folder / file) for file in files]
    if not all(plain):
        return {}
    return {
        KEYED: [keyed(key, digest or "") for digest in plain],
        KEY_NAME: key_name(key),
    }


def named_files(detail: Mapping[str, object]) -> tuple[str, ...]:
    """Give the files of the case that the detail of an entry names."""
    files = detail.get("files")
    if not isinstance(files, (list, tuple)):
        files = [detail.get("file")]
    return tuple(each for each in files if isinstance(each, str) and _is_inside(each))


def is_vouched_for(detail: Mapping[str, object]) -> bool:
    """Say whether a detail gives the digest of what it names itself."""
    return any(detail.get(key) for key in (*PLAIN_KEYS, KEYED))


def _is_inside(file: str) -> bool:
    parts = PurePosixPath(file)
    return bool(parts.parts) and not parts.is_absolute() and ".." not in parts.parts


def keyed(key: bytes, digest: str) -> str:
    """Give a digest that confirms no guess to anybody without the key."""
    return hmac.new(key, digest.encode("ascii"), "sha256").hexdigest()


def key_name(key: bytes) -> str:
    """Tell one key from another without telling anything about it."""
    return hashlib.sha256(b"breachkit case key\0" + key).hexdigest()[:8]


def sha256_of(file: Path) -> str | None:
    """Give the SHA-256 of a file's content; None where there is no file that can be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None


def _in_entry(event: Event, before: int) -> Iterator[Evidence]:
    files = named_files(event.detail)
    digest = event.names(KEYED)
    keyed_ = len(digest) == len(files) > 0
    if not keyed_:
        plain = next((event.text(key) for key in PLAIN_KEYS if event.text(key)), None)
        digest = (plain,) if plain else ()
    for number, (file, each) in enumerate(zip(files, digest, strict=False), start=before + 1):
        yield Evidence(
            id=f"E-{number:03d}",
            file=file,
            digest=each,
            keyed=keyed_,
            key_name=event.text(KEY_NAME) if keyed_ else None,
            entry=event.id,
            kind=event.kind,
            collected_at=event.text("collected_at") or event.ts,
            collector=event.text("collector") or event.actor.name,
            tool=event.text("collected_with") or event.text("tool"),
            command=event.text("command") or _COMMANDS.get(event.kind.partition(".")[0]),
            note=event.text("note"),
        )


_COMMANDS: Mapping[str, str] = {
    "snapshot": "breachkit snapshot",
    "scope": "breachkit scope",
    "rewrite": "breachkit rewrite",
    "backup": "breachkit rewrite --execute",
    "proof": "breachkit rewrite --execute",
    "push": "breachkit push --execute",
    "verify": "breachkit verify",
    "trace": "breachkit trace",
    "copies": "breachkit copies",
    "notify": "breachkit notify render",
    "stamp": "breachkit log stamp",
    "evidence": "breachkit evidence add",
}
"""What writes the file that an entry names, by the first part of its kind."""


def _hand_over(found: dict[str, Evidence], event: Event) -> None:
    number = event.text("number") or ""
    if number not in found:
        return
    custody = Custody(
        at=event.text("at") or event.ts,
        by=event.text("by") or event.actor.name or "",
        to=event.text("to") or "",
        reason=event.text("reason"),
        entry=event.id,
    )
    earlier = found[number]
    found[number] = replace(earlier, custody=(*earlier.custody, custody))


def _checked(evidence: Evidence, folder: Path, key: bytes | None) -> Checked:
    if evidence.replaced_by:
        return Checked(evidence=evidence, state="replaced", sha256=None)
    seen = [digest for place in _places(evidence.file, folder) if (digest := sha256_of(place))]
    if not seen:
        return Checked(evidence=evidence, state="missing", sha256=None)
    if evidence.keyed and (key is None or key_name(key) != evidence.key_name):
        return Checked(evidence=evidence, state="unread", sha256=seen[0])
    for place in _places(evidence.file, folder):
        for digest in _digests_of(place, evidence):
            if evidence.digest == (keyed(key or b"", digest) if evidence.keyed else digest):
                return Checked(evidence=evidence, state=_state_of_parts(place), sha256=digest)
    return Checked(evidence=evidence, state="changed", sha256=seen[0])


def _state_of_parts(place: Path) -> State:
    """Look at the files that a snapshot's manifest lists with their digests."""
    if place.name != "manifest.json":
        return "unchanged"
    states: set[State] = set()
    for part in json.loads(place.read_bytes()).get("topics", ()):
        if part.get("file") and part.get("sha256"):
            found = sha256_of(place.parent / part["file"])
            states.add(
                "missing"
                if found is None
                else ("unchanged" if found == part["sha256"] else "changed")
            )
    return "changed" if "changed" in states else "missing" if "missing" in states else "unchanged"


def _places(file: str, folder: Path) -> Iterator[Path]:
    """Give where a file may be: under its name, or put away with its round."""
    yield folder / file
    private, _, name = file.partition("/")
    if private == "private":
        yield from sorted((folder / private).glob(f"round-*/{name}"))


def _digests_of(place: Path, evidence: Evidence) -> Iterator[str]:
    digest = sha256_of(place)
    if digest:
        yield digest
    if digest and evidence.kind == EventKind.NOTIFY_RENDERED:  # of the text, below its subject
        yield hashlib.sha256(place.read_bytes().partition(b"\n\n")[2]).hexdigest()
