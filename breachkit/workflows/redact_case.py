"""Redact what has to go from a case's history, so that a rewrite can put it in its place."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from breachkit.actions.bad_set import BadBlob
from breachkit.actions.redacted import Redaction
from breachkit.git.rawobjects import RawObject, read_objects
from breachkit.incident.commands import as_typed
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import UsageError
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass
from breachkit.report.escape import shell
from breachkit.workflows import case_files
from breachkit.workflows.playbooks import policies_of_case
from breachkit.workflows.redact import Origin, Source
from breachkit.workflows.replacing import bad_file, blobs_of_findings


FOLDER = "redacted"
"""In the private part: redacted versions of what has to go."""

_OWNER_ONLY = 0o600
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadFile:
    """A version of a file that has to go, read from the case's mirror."""

    what: str
    """How commands name it: as it was named, or by a finding where its path is evidence itself."""
    source: Source
    place: Path
    """In the case's private part, where its redacted version goes unless another place is named."""
    policy: Policy
    """Of the day on which it came in, by which a rewrite judges its replacement."""


def bad_files(case: CaseFolder, named: Sequence[str]) -> tuple[BadFile, ...]:
    """Read versions of files that have to go.

    Args:
        case: The case; its scope is known.
        named: As `rewrite --replace` takes them: findings such as `F-0003`, paths, `path@2`.

    Raises:
        UsageError: what is bad is not named exactly, or is named twice.
        NotYetError: the scope is not known yet.
    """
    bad = case_files.load_bad_set(case)
    chosen = [(what, bad_file(case, what)) for what in named]
    if len({blob.id for _, blob in chosen}) < len(chosen):
        raise UsageError("one version of a file is named twice: name it once")
    ids = [blob.id for _, blob in chosen]
    sources = _sources(chosen, read_objects(case_files.mirror_of(case).path, ids))
    policies = policies_of_case(case.incident.policy)
    numbers = {blob.id: number for number, blob in enumerate(bad.blobs, 1)}
    return tuple(
        BadFile(
            what=_untelling(case, what, blob),
            source=source,
            place=case.private / FOLDER / _file_name(blob, numbers[blob.id]),
            policy=policies.at(blob.first_date.date() if blob.first_date else None),
        )
        for (what, blob), source in zip(chosen, sources, strict=True)
    )


def origins_of(files: Sequence[BadFile]) -> tuple[Origin, ...]:
    """Give the places in the case where redacted versions go."""
    return tuple(Origin(name=file.source.path, path=file.place, mode=_OWNER_ONLY) for file in files)


def rewrite_command(case: CaseFolder, files: Sequence[BadFile], redaction: Redaction) -> str:
    """Give the command that plans a rewrite with the redacted files in place of the bad ones."""
    written = {each.path: each.output for each in redaction.files if each.output is not None}
    replaced = [
        shell(f"{file.what}={written[file.source.path]}")
        for file in files
        if file.source.path in written
    ]
    options = "".join(f" --replace {each}" for each in replaced)
    return as_typed(f"breachkit rewrite --case {case.incident.id}{options}")


def _untelling(case: CaseFolder, what: str, blob: BadBlob) -> str:
    """Name a version by one of its findings where its path may not be shown."""
    if not case_files.telling_names(case).intersection(blob.paths):
        return what
    known = blobs_of_findings(case)
    return what if what in known else next((one for one in known if known[one] == blob.id), what)


def _sources(
    chosen: Sequence[tuple[str, BadBlob]], contents: Iterable[RawObject]
) -> Iterator[Source]:
    """Give what is to be redacted, each version under a name of its own."""
    known: set[bytes] = set()
    for (what, blob), raw in zip(chosen, contents, strict=True):
        path = next(iter(blob.paths), GitPath(os.fsencode(what)))
        while path in known:
            path = GitPath(b"another version/" + path)
        known.add(path)
        yield Source(path=path, within=path, content=raw.data)


def _file_name(blob: BadBlob, number: int) -> str:
    """Name a redacted file by its number and its format: the case's own id of it would be telling."""
    suffix = PurePosixPath(os.fsdecode(blob.paths[0])).suffix if blob.paths else ""
    return f"{number:04}{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def strictest(files: Sequence[BadFile]) -> Policy:
    """Give the policy that lets the least of all files pass: they are protected together."""
    return max((file.policy for file in files), key=lambda policy: (policy.threshold, policy.since))
