"""What a release is: which files go where on the study repository, in whose name, and what stops it.

Source: OpenSAFELY's `osrelease` (2020-10-14 to 2024-11-07), whose branch, folder and index are kept.
Not kept are its force push and its trailer, which told the host and the folder that files came from.

No digest of a file goes into the commit or beside the files: a message outlives the file that it is
about, and once a count in it is blacked out, the digest confirms any guess of it. The digests are in
the manifest, which stays with whoever released.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Self

from breachkit.actions.release_checks import CheckResult
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import GitPath, ObjectId, RefName, display
from breachkit.model.judgement import Acceptance


BRANCH = RefName(b"refs/heads/release-candidates")
FOLDER = b"released_outputs"
INDEX = GitPath(b"README.md")
"""Within the folder: a table of contents."""
SUBJECT = "Release outputs"

_PERSON = re.compile(r"(?P<name>[^<>]+?)\s*(?:<(?P<email>[^<>\s]*)>)?")
_LONGEST_LINE = 200
_NO_NAME = re.compile(r"[/\\:]|\b(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b", re.IGNORECASE)
"""In what is to be no path, no URL and no computer."""
_NAMED = 5
"""An error names at most this many files."""


class UnfitFilesError(RefusedError):
    """The folder holds something that is never published, or a name with no place on the branch."""


class NotCheckedError(RefusedError):
    """The check does not pass, so nothing is released."""


class FolderChangedError(RefusedError):
    """Files are not those that were checked: somebody wrote in the folder meanwhile."""


class TellingMessageError(RefusedError):
    """What would be published with the files says something about people."""


class InStudyError(RefusedError):
    """The folder is a part of the study repository itself, or shares its history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """In whose name the commit is made."""

    name: str
    email: str = ""
    """Empty where they want none in public."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Ada Hartley <ada@example.org>`, or a name alone.

        Raises:
            UsageError: it is neither.
        """
        found = _PERSON.fullmatch(one_line(text, "--by").strip())
        if found is None or not re.search(r"\w", found["name"]):
            raise UsageError("--by takes a name, or 'Ada Hartley <ada@example.org>'")
        return cls(name=found["name"], email=found["email"] or "")

    def signed(self, when: datetime) -> bytes:
        """Give what follows `author` in a commit, in UTC."""
        return f"{self.name} <{self.email}> {int(when.timestamp())} +0000".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What people say of a release; all of it is published."""

    by: Person
    checked_by: str | None = None
    source: str | None = None
    """What the outputs are called where they come from: never a host or a path."""
    subject: str = SUBJECT

    @classmethod
    def given(
        cls, by: str, *, checked_by: str | None, source: str | None, subject: str | None
    ) -> Self:
        """Take what was given on a command line.

        Raises:
            UsageError: something is empty, longer than a line, or names a host or a path.
        """
        if source is not None and _NO_NAME.search(source):
            raise UsageError(
                "--from is published: give the outputs a name, no path, URL or computer"
            )
        return cls(
            by=Person.parse(by),
            checked_by=None if checked_by is None else one_line(checked_by, "--checked-by"),
            source=None if source is None else one_line(source, "--from"),
            subject=SUBJECT if subject is None else one_line(subject, "--message"),
        )

    def message(self, policy: str, version: str) -> str:
        """Give the whole message of the commit.

        Args:
            policy: Which rules the files were checked by, such as `opensafely-2026:2025-11`.
            version: Of breachkit.
        """
        trailers = {
            "Released-from": self.source,
            "Released-by": self.by.name,
            "Checked-by": self.checked_by,
            "Checked-policy": policy,
            "Released-with": f"breachkit {version}",
        }
        lines = [f"{name}: {value}\n" for name, value in trailers.items() if value]
        return f"{self.subject}\n\n{''.join(lines)}"


def one_line(text: str, option: str) -> str:
    """Give a text that was given, if it is one line that a message can hold.

    Raises:
        UsageError: it is empty, too long, or holds what no line of text holds.
    """
    plain = text.strip()
    if not plain or len(plain) > _LONGEST_LINE or not plain.isprintable():
        raise UsageError(f"{option} takes one line of text, {_LONGEST_LINE} characters at most")
    return plain


FileState = Literal["new", "changed", "same"]
"""Against what is on the branch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFile:
    """A file with exactly the bytes that were checked."""

    path: GitPath
    """Within the folder that is released."""
    size: int
    sha256: str = field(repr=False)
    blob: ObjectId = field(repr=False)
    state: FileState = "new"

    @property
    def target(self) -> GitPath:
        """Where it is on the branch."""
        return GitPath(FOLDER + b"/" + self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What the commit stands on, as the server showed it."""

    on: RefName
    """The release branch, or the default branch where that is not there yet."""
    tip: ObjectId
    base: RefName | None
    """The default branch, into which a pull request goes; None where HEAD stands for none."""
    seen: ObjectId | None
    """What the release branch was: its lease; None where there was none."""


Visibility = Literal["public", "private", "internal", "local", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """What a release does."""

    name: str
    """What `--confirm` takes."""
    url: str
    """Of the study repository, without credentials."""
    files: tuple[ReleaseFile, ...]
    """By path."""
    kept: int
    """How many files of earlier releases stay as they are beside these."""
    index: FileState
    stand: Stand
    message: str
    policy: str
    word: Word
    check: CheckResult = field(repr=False)
    left_out: tuple[GitPath, ...] = ()
    """What begins with a dot, such as `.git`: never released."""
    warnings: tuple[str, ...] = ()
    visibility: Visibility = "unknown"
    pull_request: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether the branch has all of it already; or the default branch, where it was merged."""
        return self.index == "same" and not self.changing

    @property
    def changing(self) -> tuple[ReleaseFile, ...]:
        """The files that the branch does not have as they are."""
        return tuple(each for each in self.files if each.state != "same")

    @property
    def acceptances(self) -> tuple[Acceptance, ...]:
        """Whose word lets findings pass, each once."""
        return tuple(dict.fromkeys(each.acceptance for each in self.check.scan.accepted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What a fresh fetch showed to be new on the server."""

    commits: int
    trees: int
    files: int
    """Blobs: the released files that were not there in any form, and the index."""
    read: int
    """How many files were fetched and had the checked bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What became of a release."""

    plan: ReleasePlan
    commit: ObjectId
    arrived: Arrived
    number: str
    """Of the manifest, such as `R-20261122-1f3a9c`: it is made of nothing and tells nothing."""
    found: bool = False
    """Whether an earlier run, which was ended, had pushed it."""


def require_passed(result: CheckResult, folder: str, checked_by: str | None) -> None:
    """Let pass only what was examined whole, and where every finding and open item is settled.

    Args:
        result: Of the check.
        folder: What was checked, as a shell takes it.
        checked_by: Who answers, with their name in the commit, for what only a person can settle.

    Raises:
        NotCheckedError: the message says what is in the way, and how to go on.
    """
    reasons = list(_in_the_way(result))
    if reasons:
        raise NotCheckedError(
            f"nothing was released, for the check does not pass: {'; '.join(reasons)}. Look with "
            f"`breachkit check {folder}`, redact (`breachkit redact`), or have each finding accepted "
            "by name (`breachkit accept`)"
        )
    waiting = len(result.waits_for_person)
    if waiting and checked_by is None:
        raise NotCheckedError(
            f"nothing was released: {_number(waiting, 'question')} of the checklist only a person can "
            f"settle (`breachkit check {folder}` shows them): say who did with --checked-by NAME, or "
            "answer them with --notes or --answer"
        )


def _in_the_way(result: CheckResult) -> Iterable[str]:
    counting = [each for each in result.scan.findings if each.hit.severity]
    if counting:
        yield _number(len(counting), "finding")
    own = [each.item.title for each in result.failed if not any(c.findings for c in each.open)]
    if own:
        yield f"{_number(len(own), 'item')} of the checklist failed"
    if not result.scan.complete:
        unread = _number(len(result.scan.skipped), "file or part", "files or parts")
        yield f"{unread} could not be examined, and unread is not clean"
    if not (counting or own) and not result.passes and result.scan.complete:
        yield "it fails"


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def require_fit_names(
    paths: Collection[GitPath], there: Collection[GitPath], folders: Collection[GitPath]
) -> None:
    """Refuse names that the branch has no place for.

    Args:
        paths: Of the files to release, within the folder.
        there: Of the files that the branch has below `released_outputs/`.
        folders: The folders that it has there.

    Raises:
        UnfitFilesError: the message names some of them.
    """
    for reason, found in (
        ("holds characters that a name on another computer may not show", _unprintable(paths)),
        ("would be taken for a part of git", _for_git(paths)),
        ("has the name of the table of contents", _indexes(paths)),
        ("differs from another only in upper and lower case", _alike([*paths, *there])),
        ("is a folder on the branch, or would stand below a file", _crossed(paths, there, folders)),
    ):
        if found:
            raise UnfitFilesError(
                f"{named(found)}: {reason}; rename it, then run the command again"
            )


def named(paths: Sequence[GitPath]) -> str:
    """Name some files for an error."""
    shown = ", ".join(display(path) for path in paths[:_NAMED])
    return f"{shown} and {len(paths) - _NAMED} more" if len(paths) > _NAMED else shown


def _unprintable(paths: Iterable[GitPath]) -> list[GitPath]:
    return sorted(each for each in paths if display(each).encode() != each)


def _for_git(paths: Iterable[GitPath]) -> list[GitPath]:
    """Find what Windows and macOS take for `.git`. Source: git's `is_ntfs_dotgit`, CVE-2014-9390."""
    return sorted(
        each
        for each in paths
        if any(
            part.startswith(b".") or part.lower().startswith(b"git~") for part in each.split(b"/")
        )
    )


def _indexes(paths: Iterable[GitPath]) -> list[GitPath]:
    return sorted(each for each in paths if each.lower() == INDEX.lower())


def _alike(paths: Iterable[GitPath]) -> list[GitPath]:
    seen: dict[str, GitPath] = {}
    found = []
    for each in dict.fromkeys(paths):
        folded = each.decode("utf-8", "replace").casefold()
        if folded in seen:
            found.append(each)
        seen.setdefault(folded, each)
    return found


def _crossed(
    paths: Iterable[GitPath], there: Collection[GitPath], folders: Collection[GitPath]
) -> list[GitPath]:
    files, dirs = set(there), set(folders)
    return sorted(
        each for each in paths if each in dirs or any(above in files for above in _above(each))
    )


def _above(path: GitPath) -> Iterable[GitPath]:
    parts = path.split(b"/")
    return (GitPath(b"/".join(parts[:count])) for count in range(1, len(parts)))
