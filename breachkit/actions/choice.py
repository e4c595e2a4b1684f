"""Chooses which files have to go: those of findings that are bad enough, and those that are named."""

import fnmatch
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from breachkit.actions.bad_set import EMPTY_BLOBS
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.findings import Finding, Severity
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.meant import meant


class NothingToRemoveError(ConfigurationError):
    """No file was chosen, so there is nothing to respond to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody says has to go."""

    severity: Severity = Severity.HIGH
    """Files with a finding of this severity or worse are chosen."""
    paths: tuple[bytes, ...] = ()
    """Files of which every version has to go: a path, a folder ending in `/`, or a pattern in
    which `*` also stands for `/`."""
    reported: tuple[str, ...] = ()
    """The same, as `display` shows them, from the opening of the case."""
    findings: tuple[str, ...] = ()
    """Ids of findings to choose, whatever their severity."""
    exclude: tuple[str, ...] = ()
    """Ids of findings that somebody judged to be harmless; needs a reason."""
    reason: str | None = None
    no_files: bool = False
    """No file has to go: words of messages hold the data, or names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a history."""

    versions: Collection[tuple[GitPath, ObjectId]]
    """Every path with every object it ever was."""
    blobs: Collection[ObjectId]
    """Every blob, also those without a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The files that were chosen, and the findings sorted by it."""

    blobs: frozenset[ObjectId]
    findings: tuple[Finding, ...]
    """Everything found in a file that was chosen."""
    left: tuple[Finding, ...]
    """Findings in files that were not chosen; info is left out."""
    not_files: tuple[Finding, ...]
    """Findings in messages and names, which a rewrite of files does not remove."""
    unmatched: tuple[str, ...]
    """Reported paths that no commit has."""


def choose(wanted: Wanted, findings: Sequence[Finding], files: Files) -> Choice:
    """Choose the files that have to go.

    The empty file is never chosen: it discloses nothing, and most histories have it for good
    reasons at places that nobody asked about.

    Raises:
        UsageError: a path or finding that is named is not there or cannot be chosen; a reason is
            missing; or no file is said to have to go, and one would.
        NothingToRemoveError: no file was chosen, though one is said to have to go.
    """
    in_files = [each for each in findings if _is_in_a_file(each, files)]
    elsewhere = tuple(each for each in findings if not _is_in_a_file(each, files))
    _check(wanted, findings, elsewhere)
    telling = {each.object_id for each in elsewhere if _part(each) == "name"}
    named, unmatched = _named_blobs(wanted, files, telling)
    found = {each.object_id for each in in_files if _is_chosen(each, wanted)}
    blobs = frozenset(found | named) - EMPTY_BLOBS
    if wanted.no_files:
        _require_none(wanted, found, named)
        blobs = frozenset()
    elif not blobs:
        raise NothingToRemoveError(_nothing(wanted, elsewhere))
    return Choice(
        blobs=blobs,
        findings=tuple(each for each in in_files if each.object_id in blobs),
        left=tuple(each for each in in_files if _is_left(each, blobs)),
        not_files=elsewhere,
        unmatched=unmatched,
    )


def _is_in_a_file(finding: Finding, files: Files) -> bool:
    return finding.object_id in files.blobs and _part(finding) != "name"


def _part(finding: Finding) -> str | None:
    return finding.hit.location.part if finding.hit.location else None


def _is_chosen(finding: Finding, wanted: Wanted) -> bool:
    if finding.id in wanted.exclude:
        return False
    return finding.id in wanted.findings or finding.hit.severity >= wanted.severity


def _is_left(finding: Finding, blobs: Collection[ObjectId]) -> bool:
    return finding.object_id not in blobs and finding.hit.severity > Severity.INFO


def _check(wanted: Wanted, findings: Iterable[Finding], elsewhere: Iterable[Finding]) -> None:
    if wanted.exclude and not (wanted.reason or "").strip():
        raise UsageError("leaving a finding out needs a --reason that can be understood later")
    known = {finding.id for finding in findings}
    named = {*wanted.findings, *wanted.exclude}
    if unknown := named - known:
        raise UsageError(
            f"no finding {_list(unknown)}: `breachkit scan` on the target lists them."
            f"{meant(min(unknown), known)}"
        )
    if both := set(wanted.findings) & set(wanted.exclude):
        raise UsageError(f"{_list(both)} is both chosen and left out: decide for one")
    if no_file := set(wanted.findings) & {finding.id for finding in elsewhere}:
        raise UsageError(
            f"{_list(no_file)} is in a message or a name, which a rewrite of files does not "
            "remove: name a file's finding, or a file with --path"
        )


def _require_none(wanted: Wanted, found: Collection[ObjectId], named: Collection[ObjectId]) -> None:
    """Believe that no file has to go only where nothing says otherwise."""
    if wanted.paths or wanted.findings:
        raise UsageError("--no-files says that no file has to go: leave --path and --finding out")
    if found:
        raise UsageError(
            f"{len(found)} versions of files have findings that are {wanted.severity.label} or worse: "
            "leave the harmless ones out with --exclude and a --reason, or scope without --no-files"
        )
    if named and not (wanted.reason or "").strip():
        raise UsageError(
            "the file that was reported is there: say with --reason why no file has to go"
        )


def _nothing(wanted: Wanted, elsewhere: Sequence[Finding]) -> str:
    bad = [each for each in elsewhere if each.hit.severity >= wanted.severity]
    if bad:
        return (
            f"nothing was found in a file, but {len(bad)} in messages or names, which a rewrite of "
            "files does not remove: `breachkit scan` shows where. If no file has to go, scope with "
            "--no-files, then name words or names to `breachkit rewrite`; otherwise name files with "
            "--path"
        )
    return (
        f"no finding is {wanted.severity.label} or worse and no file was named: look at "
        "`breachkit scan`, then name files with --path or findings with --finding"
    )


def _list(names: Iterable[str] | Iterable[bytes]) -> str:
    return ", ".join(sorted(map(display, names)))


def _near(name: bytes, files: Files, telling: Collection[ObjectId]) -> str:
    """Say which file may be meant; none whose own name was found to tell something."""
    within = b"/" + name
    shown = {display(path): path for path, one in files.versions if one not in telling}
    below = [each for each, path in shown.items() if path.endswith(within)]
    return meant(display(name), shown) if not below else f" Did you mean {min(below)}?"


def _named_blobs(
    wanted: Wanted, files: Files, telling: Collection[ObjectId]
) -> tuple[set[ObjectId], tuple[str, ...]]:
    """Give every version of the files that are named, and the reported names that fit nothing.

    A name given now has to fit something; one from the report may be a slip of a hurried hand.
    """
    blobs = [(path, one) for path, one in files.versions if one in files.blobs]
    now = {name: _versions(name, blobs) for name in wanted.paths}
    if wrong := [name for name, found in now.items() if not found]:
        raise UsageError(
            f"no commit has {_list(wrong)}: name it as in the repository's root, a folder "
            f"with / at its end.{_near(wrong[0], files, telling)}"
        )
    shown = [(display(path).encode(), one) for path, one in blobs]
    then = {name: _versions(name.encode(), shown) for name in wanted.reported}
    unmatched = tuple(name for name, found in then.items() if not found)
    return set().union(*now.values(), *then.values()), unmatched


def _versions(wanted: bytes, files: Iterable[tuple[bytes, ObjectId]]) -> set[ObjectId]:
    return {one for path, one in files if _fits(path, wanted)}


def _fits(path: bytes, wanted: bytes) -> bool:
    if wanted.endswith(b"/"):
        return path.startswith(wanted)
    return path == wanted or fnmatch.fnmatchcase(
        path.decode("utf-8", "surrogateescape"), wanted.decode("utf-8", "surrogateescape")
    )
