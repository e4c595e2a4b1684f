"""What a rewrite is to put in the place of something: redacted files, other words, other names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.bad_set import BadBlob, BadSet
from breachkit.actions.edits import (
    Edits,
    Renaming,
    Replacement,
    Wording,
    read_renamings,
    read_wordings,
)
from breachkit.detect.engine import Examination, examine
from breachkit.detect.rule import FileContext
from breachkit.documents.encoding import decode
from breachkit.documents.kinds import is_output_path
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.git.rawobjects import object_id, read_objects
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.findings import Severity
from breachkit.model.ids import ObjectId, display
from breachkit.model.policy import Policy
from breachkit.sdc.guessing import bits_to_guess
from breachkit.sdc.recovery import told_by
from breachkit.workflows import case_files
from breachkit.workflows.plain_file import plain
from breachkit.workflows.playbooks import policies_of_case


WORST = Severity.MEDIUM
"""A redacted file in which a rule finds this or worse is not taken for one without a reason."""


class NotRedactedError(RefusedError):
    """What is given as a redacted file is not safe to release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEdits:
    """What somebody wants to be put in the place of something."""

    files: tuple[tuple[str, Path], ...] = ()
    """What is bad (a finding such as `F-0003`, a path, or `path@2` for its second version from the
    oldest), and the redacted file for it."""
    words: Path | None = None
    """A file as `read_wordings` reads it."""
    names: Path | None = None
    """A file as `read_renamings` reads it."""
    whole_history: bool = False


NOTHING_ELSE = WantedEdits()


def edits_of(case: CaseFolder, wanted: WantedEdits, *, override: str | None = None) -> Edits:
    """Read what is wanted, judge it, and keep the redacted files with the case.

    Args:
        case: The case; its bad set is known.
        wanted: What is to be put in the place of something.
        override: Why a redacted file in which the rules find something is taken all the same.

    Raises:
        UsageError: what is bad is not named exactly, or a file of words or names is no such file.
        ConfigurationError: a file cannot be read.
        NotRedactedError: the rules find something in a redacted file.
    """
    bad = case_files.load_bad_set(case)
    taken: dict[ObjectId, Path] = {}
    replacements: list[Replacement] = []
    for what, file in wanted.files:
        blob = _named(case, bad, what)
        if blob.id in taken:
            raise UsageError(f"{display(what)} is given two redacted files: give one")
        taken[blob.id] = file
        replacements += _replacements(case, bad, blob, file, override)
    return Edits(
        replacements=tuple(sorted(replacements, key=lambda each: (each.path, each.blob))),
        wordings=_wordings(wanted.words),
        renamings=_renamings(wanted.names),
        whole_history=wanted.whole_history,
    )


def content_of(case: CaseFolder, one: ObjectId) -> bytes:
    """Give the content of a redacted file that a plan was made with.

    Raises:
        CaseFileMissingError: somebody took it out of the case.
    """
    return case.read_private(f"{case_files.REPLACEMENTS}/{one}")


def bad_file(case: CaseFolder, what: str) -> BadBlob:
    """Find the version of a file that has to go and that somebody names.

    Args:
        case: The case; its bad set is known.
        what: A finding such as `F-0003`, a path, or `path@2` for its second version from the oldest.

    Raises:
        UsageError: it is none of those, or not exactly one.
    """
    return _named(case, case_files.load_bad_set(case), what)


def _replacements(
    case: CaseFolder, bad: BadSet, blob: BadBlob, file: Path, override: str | None
) -> list[Replacement]:
    content = _read_file(file)
    by = object_id("blob", content)
    if by in bad.ids:
        raise NotRedactedError(f"{_shown(file)} is one of the files that have to go, as it is")
    policy = policies_of_case(case.incident.policy)
    day = blob.first_date.date() if blob.first_date else None
    judged = policy.at(day)
    _require_safe(case, file, _examine(blob, content, judged), override)
    case.write_private(f"{case_files.REPLACEMENTS}/{by}", content)
    bits = _bits(case, blob, content, judged)
    return [Replacement(path=path, blob=blob.id, by=by, bits=bits) for path in blob.paths]


def _examine(blob: BadBlob, content: bytes, policy: Policy) -> Examination:
    context = FileContext(
        paths=blob.paths,
        size=len(content),
        first_date=blob.first_date,
        policy=policy,
        is_output=any(map(is_output_path, blob.paths)),
    )
    return examine(content, context, sketch_key=b"", want_sketch=False)


def _require_safe(case: CaseFolder, file: Path, found: Examination, override: str | None) -> None:
    rules = sorted({hit.rule for hit in found.hits if hit.severity >= WORST})
    if not (rules or found.unreadable):
        return
    why = f"the rules find {', '.join(rules)} in it" if rules else "not all of it could be examined"
    if not (override or "").strip():
        raise NotRedactedError(
            f"{_shown(file)} is not redacted enough: {why}. `breachkit explain RULE` says how to "
            'redact it; to use it all the same add --override "reason"'
        )
    guards = ["redacted file is safe"]
    detail = {"action": "rewrite", "guards": guards, "reason": (override or "").strip()}
    case.record(EventKind.OVERRIDE, detail)


def _bits(case: CaseFolder, blob: BadBlob, content: bytes, policy: Policy) -> float | None:
    """Reckon the guesses an old id makes possible; what is no text has too many bytes to guess."""
    (raw,) = read_objects(case_files.mirror_of(case).path, [blob.id])
    old, new = decode(raw.data), decode(content)
    if old is None or new is None:
        return None
    tables = (each for each in read(content, blob.paths) if isinstance(each, Table))
    told = [found for found in map(told_by, tables) if found is not None]
    return round(bits_to_guess(old, new, policy.threshold, told), 1)


def _named(case: CaseFolder, bad: BadSet, what: str) -> BadBlob:
    by_finding = blobs_of_findings(case)
    if what in by_finding:
        found = [blob for blob in bad.blobs if blob.id == by_finding[what]]
        if not found:
            raise UsageError(
                f"{what} is not among what has to go: choose it with `breachkit scope`"
            )
        return found[0]
    versions = _versions(bad, what)
    name, at, number = what.rpartition("@")
    if not versions and at and number.isdecimal():
        versions = _versions(bad, name)[int(number) - 1 : int(number)] if int(number) else ()
    match versions:
        case [only]:
            return only
        case []:
            raise UsageError(
                f"{display(what)} is not among what has to go: `breachkit rewrite` lists it"
            )
        case _:
            raise UsageError(
                f"{len(versions)} versions of {display(what)} have to go: name a finding, or one "
                f"version, {display(what)}@1 for the oldest to @{len(versions)} for the newest"
            )


def _versions(bad: BadSet, path: str) -> Sequence[BadBlob]:
    """Give the bad versions of a file, the oldest first."""
    raw = path.encode("utf-8", "surrogateescape")
    found = [blob for blob in bad.blobs if raw in blob.paths]
    dated = [blob for blob in found if blob.first_date is not None]
    undated = [blob for blob in found if blob.first_date is None]
    return [*sorted(dated, key=lambda blob: (blob.first_date, blob.id)), *undated]


def blobs_of_findings(case: CaseFolder) -> Mapping[str, str]:
    """Give the id of the blob that each finding of a case is about, by the id of the finding."""
    return case_files.load(
        case,
        case_files.SCAN,
        lambda data: {each["id"]: each["blob"] for each in data["findings"]},
        "scope",
    )


def _wordings(file: Path | None) -> tuple[Wording, ...]:
    return () if file is None else read_wordings(_read_file(file))


def _renamings(file: Path | None) -> tuple[Renaming, ...]:
    return () if file is None else read_renamings(_read_file(file))


def _read_file(file: Path) -> bytes:
    try:
        return plain(file).read_bytes()
    except OSError as cause:
        reason = cause.strerror or type(cause).__name__
        raise ConfigurationError(f"{_shown(file)} cannot be read: {reason}") from None


def _shown(file: Path) -> str:
    return display(str(file))
