"""Keeping what somebody collected with the case, and telling through whose hands it went."""

import re
from pathlib import Path

from breachkit.incident.events import Event, EventKind
from breachkit.incident.evidence import Checked, Evidence, evidence_of
from breachkit.incident.folder import CaseFolder
from breachkit.incident.opening import checked_moment, parse_moment
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.time import Clock, rfc3339


FOLDER = "evidence"
"""In the private part: what people collect may show data."""

SUMS = "SHA256SUMS"
"""Beside them; `sha256sum --check` reads it. Plain digests are in no other file of the case."""

MAX_BYTES = 2**30

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


class EvidenceFileError(ConfigurationError):
    """A file cannot be taken into the case."""


class NoSuchEvidenceError(UsageError):
    """Nothing that was collected has that id."""


class HandOverError(UsageError):
    """A name is missing."""


def add(
    case: CaseFolder,
    file: Path,
    clock: Clock,
    *,
    by: str,
    at: str | None = None,
    command: str | None = None,
    tool: str | None = None,
    note: str | None = None,
) -> Evidence:
    """Copy a file into the private part of the case, and journal it.

    Args:
        case: Which.
        file: What was collected; it stays where it is as well.
        clock: To refuse moments in the future.
        by: Who collected it.
        at: When, in RFC 3339; None for now.
        command: How it was made or got.
        tool: What made it, with its version.
        note: What it is; never a value.

    Raises:
        EvidenceFileError: it cannot be read, is empty or too large.
        OpeningError: `at` is no moment, has no zone or lies in the future.
    """
    now = clock.now()
    collected = now if at is None else checked_moment(parse_moment(at, "--at"), "--at", now)
    content = _content(file)
    with case.telling():  # one number for each, whoever adds at the same moment
        number = len(evidence_of(case.events())) + 1
        name = f"{FOLDER}/E-{number:03d}{_suffix(file)}"
        case.write_private(name, content)
        event = case.record(
            EventKind.EVIDENCE_RECORDED,
            {
                "file": f"private/{name}",
                "bytes": len(content),
                "collected_at": rfc3339(collected),
                "collector": by,
                "collected_with": tool,
                "command": command,
                "note": note,
            },
        )
    write_sums(case)
    return next(each for each in evidence_of(case.events()) if each.entry == event.id)


def hand_over(
    case: CaseFolder, evidence_id: str, *, to: str, by: str, reason: str | None = None
) -> Event:
    """Journal that something was handed over, or given back.

    Raises:
        NoSuchEvidenceError: nothing has that id.
        HandOverError: a name is missing.
    """
    if not to.strip() or not by.strip():
        raise HandOverError("say who handed it over and to whom: --by NAME --to NAME")
    known = {each.id: each for each in evidence_of(case.events())}
    found = known.get(evidence_id.upper())
    if found is None:
        raise NoSuchEvidenceError(
            f"no evidence {display(evidence_id)}: `breachkit evidence list` shows what there is."
            f"{meant(evidence_id, known)}"
        )
    return case.record(
        EventKind.EVIDENCE_CUSTODY,
        {"number": found.id, "to": to.strip(), "by": by.strip(), "reason": reason},
        refs=[found.entry],
    )


def list_evidence(case: CaseFolder) -> tuple[Checked, ...]:
    """Give everything that was collected and whether it is as it was; write the lists of it anew.

    Raises:
        JournalDamagedError: the journal does not hold.
    """
    case.keep_manifest()
    return case.evidence()


def write_sums(case: CaseFolder) -> None:
    """Write the digests of what is unchanged, for whoever is given the files."""
    lines = [
        f"{each.sha256}  {Path(each.evidence.file).name}\n"
        for each in case.evidence()
        if each.state == "unchanged" and each.evidence.kind == EventKind.EVIDENCE_RECORDED
    ]
    case.write_private(f"{FOLDER}/{SUMS}", "".join(lines).encode("ascii"))


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        content = file.read_bytes() if 0 < size <= MAX_BYTES else b""
    except OSError as cause:
        raise EvidenceFileError(f"cannot read {display(file.name)}: {cause.strerror}") from cause
    if not content:
        raise EvidenceFileError(
            f"{display(file.name)} is empty or larger than {MAX_BYTES // 2**20} MiB: keep it in an "
            "encrypted place of its own, and add a file that says where"
        )
    return content


def _suffix(file: Path) -> str:
    """Keep what kind of file it is, and nothing else of its name, which may tell something."""
    return file.suffix if _SUFFIX.fullmatch(file.suffix) else ""
