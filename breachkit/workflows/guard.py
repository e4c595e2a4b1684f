"""Stop it coming back: put a guard into a repository, and look at what is about to come in."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from breachkit.actions.clone_list import blob_id
from breachkit.actions.guarding import (
    GuardCheck,
    GuardList,
    HookName,
    HookStatus,
    Judged,
    NoGuardListError,
    near_ids,
)
from breachkit.actions.near_copies import TablePrint, is_near, prints_of
from breachkit.detect.engine import examine_name
from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_output_path
from breachkit.git import hooks as git_hooks
from breachkit.git.clone_list import contents_of
from breachkit.git.clone_places import plain_files
from breachkit.git.guard_lists import ALONE
from breachkit.git.guard_objects import NewObjects, brought, parse_range, staged
from breachkit.git.limits import TimeLimit
from breachkit.git.objects import DEFAULT_CAP, ObjectEntry, Unread, read_objects
from breachkit.git.repository import Repository, open_repository
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, TookTooLongError, UsageError
from breachkit.model.findings import Severity
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.policy import Policies
from breachkit.workflows import case_files
from breachkit.workflows.examining import Examined, Examiner
from breachkit.workflows.plain_file import plain
from breachkit.workflows.verify_clone import list_of_case


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """How to look at what is about to come in."""

    policies: Policies
    today: date
    severity: Severity = Severity.HIGH
    """From which on a finding counts."""
    listed: GuardList | None = None
    """What to compare with; None takes the list that is installed, if one is."""


def guard_list(case: CaseFolder) -> GuardList:
    """Give everything of a case that may not come back: files, then commits, trees and tags.

    Raises:
        NotYetError: the scope is not known yet.
    """
    entries = [entry for entry in list_of_case(case).entries if entry.kind != "l"]
    entries.sort(key=lambda entry: entry.kind != "d")
    key = case_files.fingerprint(case, "guard-tables")
    ids = [ObjectId(entry.id) for entry in entries]
    return GuardList.of(ids, key, _tables(case, key))


def _tables(case: CaseFolder, key: str) -> Iterator[TablePrint]:
    """Give the tables among what went; none once the mirror, which has them, is destroyed."""
    if not case_files.has_mirror(case):
        return
    blobs = case_files.load_bad_set(case).blobs
    content = contents_of(case_files.mirror_of(case).path, (blob.id for blob in blobs))
    limit = TimeLimit()
    with limit.available():
        for blob in blobs:
            if blob.id in content:
                yield from _prints(content[blob.id], blob.paths, key, limit) or ()


def _prints(
    content: bytes, paths: Iterable[GitPath], key: str, limit: TimeLimit
) -> tuple[TablePrint, ...] | None:
    """Give the prints of a file's tables; None where it could not be read."""
    try:
        with limit.for_one():
            return prints_of(content, paths, key)
    except Exception:  # noqa: BLE001 - a fault in a reader must stop no guard, and its text may quote content
        return None


def read_guard_list(file: Path) -> GuardList:
    """Read a list from a file.

    Raises:
        NoGuardListError: it is none, or not the whole of one.
    """
    try:
        return GuardList.parse(plain(file).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise NoGuardListError(
            f"{display(str(file))} cannot be read as a list of ids: check its name"
        ) from None


def install(
    place: Path,
    listed: GuardList | None,
    hooks: Sequence[HookName],
    contact: str | None,
    *,
    outputs: bool = False,
) -> tuple[HookStatus, ...]:
    """Put hooks into a repository; by default those that fit it.

    Args:
        place: Which.
        listed: What may not come back; None leaves what was said before.
        hooks: Which.
        contact: Whom a person asks whose push is refused.
        outputs: Whether outputs that nobody has checked are refused too.

    Raises:
        UsageError: a work tree has no pushes to receive, a bare repository no commits to make.
        RefusedError: the hooks are not this repository's own, or one is in the way.
    """
    guarded = git_hooks.find_guarded(place)
    wanted = tuple(hooks) or guarded.usual_hooks
    if guarded.top is None and "pre-commit" in wanted:
        raise UsageError("nobody commits in a bare repository: leave pre-commit out")
    if guarded.top is None and outputs:
        raise UsageError(
            "a server cannot tell which outputs were checked: leave --outputs out, and install that in "
            "the copies that people work in"
        )
    return git_hooks.install(guarded, listed, wanted, contact, outputs=outputs)


def record_guard(case: CaseFolder, made: Sequence[HookStatus], listed: GuardList) -> None:
    """Journal that a guard against what a case took out was put into a repository."""
    hooks = [str(status.hook) for status in made]
    case.record(EventKind.GUARD_INSTALLED, {"hooks": hooks, "listed": len(listed.ids)})


def check_staged(place: Path, options: CheckOptions, index: Path | None = None) -> GuardCheck:
    """Look at the files that the next commit changes."""
    return _check(place, options, lambda repository: staged(repository, index))


def check_ranges(place: Path, ranges: Sequence[str], options: CheckOptions) -> GuardCheck:
    """Look at what commits bring, each range `OLD..NEW`, and compare all that NEW reaches."""

    def collect(repository: Repository) -> NewObjects:
        return brought(repository, [parse_range(repository, each) for each in ranges])

    return _check(place, options, collect)


def check_files(path: Path, options: CheckOptions) -> GuardCheck:
    """Look at plain files: one, or all within a folder but git's own.

    Raises:
        ConfigurationError: there is nothing of that name.
    """
    if not path.exists():
        raise ConfigurationError(f"{display(str(path))} does not exist: check its name")
    if not (path.is_file() or path.is_dir()):
        raise ConfigurationError(f"{display(str(path))} is no plain file: nothing was looked at")
    gaps: list[str] = []
    top = path if path.is_dir() else path.parent
    found = plain_files(path, gaps.append) if path.is_dir() else iter([os.fsencode(path)])
    listed = options.listed or _installed(top)
    checking = _Checking(options, listed)
    limit = TimeLimit()
    with limit.available():
        for each in found:
            within = os.path.relpath(each, os.fsencode(top))
            if b".git" not in within.split(b"/"):
                checking.file(each, GitPath(within), limit)
    return checking.result(gaps=[f"a folder could not be read ({len(gaps)})"] if gaps else [])


def _check(
    place: Path, options: CheckOptions, collect: Callable[[Repository], NewObjects]
) -> GuardCheck:
    listed = options.listed or _installed(place)
    with open_repository(str(place)) as repository:
        new = collect(repository)
        checking = _Checking(options, listed, new)
        limit = TimeLimit()
        with limit.available():
            for entry, content in read_objects(repository, new.entries):
                checking.entry(entry, content, limit)
    checking.match(new.every)
    gaps = [f"not in this copy: {new.absent} of the new objects"] if new.absent else []
    return checking.result(gaps=gaps)


def _installed(place: Path) -> GuardList | None:
    try:
        guarded = git_hooks.find_guarded(place)
    except ConfigurationError:
        return None  # plain files need no repository
    is_listed = guarded.folder.is_dir() and not (guarded.folder / ALONE).exists()
    return git_hooks.read_list(guarded) if is_listed else None


class _Checking:
    """Gathers what is found."""

    def __init__(
        self, options: CheckOptions, listed: GuardList | None, new: NewObjects | None = None
    ) -> None:
        self._options = options
        self._policy = options.policies.at(options.today)
        self._ids = frozenset(listed.ids) if listed else None
        self._key, self._tables = (listed.key, listed.tables) if listed else ("", ())
        self._near = 0
        self._uncompared = 0
        self._paths = new.paths if new else {}
        self._found: set[ObjectId] = set()
        self._judged: list[Judged] = []
        self._examined = 0
        contexts = {
            one.oid: self._context(self._paths[one.oid], one.size)
            for one in (new.entries if new else ())
            if one.type == "blob"
        }
        self._examiner = Examiner(
            contexts=contexts, unnamed=self._policy, compared=(), sketch_key=os.urandom(32)
        )

    def match(self, ids: Collection[ObjectId]) -> None:
        """Compare ids with the list."""
        self._found |= (self._ids or frozenset()).intersection(ids)

    def compare(self, content: bytes, paths: Sequence[GitPath], limit: TimeLimit) -> None:
        """Compare a file with the list: by its id, those of other line ends, and its tables."""
        if not self._ids:
            return
        listed = near_ids(content) & self._ids
        if listed:
            own = blob_id(content)
            self._found |= {own} & listed
            self._near += own not in listed
            return
        if not self._tables:
            return
        prints = _prints(content, paths, self._key, limit)
        if prints is None:
            self._uncompared += 1
        elif is_near(self._tables, prints):
            self._near += 1

    def entry(self, entry: ObjectEntry, content: bytes | Unread, limit: TimeLimit) -> None:
        """Look at one object of a repository."""
        paths = sorted(self._paths.get(entry.oid, ())) if entry.type == "blob" else []
        if entry.type == "blob" and not isinstance(content, Unread):
            self.compare(content, paths, limit)
        self._take(self._examine(self._examiner, entry, content, limit), paths)

    def file(self, file: bytes, path: GitPath, limit: TimeLimit) -> None:
        """Look at one plain file."""
        content = _content(file)
        size = 0 if isinstance(content, Unread) else len(content)
        entry = ObjectEntry(ObjectId(""), "blob", size)
        if not isinstance(content, Unread):
            self.compare(content, [path], limit)
        examiner = Examiner(
            contexts={entry.oid: self._context([path], size)},
            unnamed=self._policy,
            compared=(),
            sketch_key=os.urandom(32),
        )
        self._take(self._examine(examiner, entry, content, limit), [path])

    def result(self, *, gaps: Sequence[str]) -> GuardCheck:
        """Give what was found so far."""
        if self._uncompared:
            gaps = [*gaps, f"not compared with what was taken out: {self._uncompared}"]
        return GuardCheck(
            judged=tuple(self._judged),
            examined=self._examined,
            severity=self._options.severity,
            compared=None if self._ids is None else len(self._ids),
            listed=len(self._found) + self._near,
            gaps=tuple(gaps),
        )

    def _context(self, paths: Iterable[GitPath], size: int) -> FileContext:
        names = tuple(sorted(paths))
        return FileContext(
            paths=names,
            size=size,
            first_date=None,
            policy=self._policy,
            is_output=any(map(is_output_path, names)),
        )

    def _examine(
        self, examiner: Examiner, entry: ObjectEntry, content: bytes | Unread, limit: TimeLimit
    ) -> Examined:
        self._examined += 1
        try:
            with limit.for_one():
                return examiner(entry, content)
        except TookTooLongError:
            return examiner(entry, Unread.TOO_SLOW)

    def _take(self, examined: Examined, paths: Sequence[GitPath]) -> None:
        context = self._context(paths, examined.entry.size)
        named = [hit for path in paths for hit in examine_name(path, context).hits]
        hits = (*examined.hits, *named)
        unread = tuple(gap.reason for gap in examined.unreadable)
        if hits or unread:
            path = paths[0] if paths else None
            self._judged.append(Judged(path=path, hits=hits, unread=unread, is_telling=bool(named)))


def _content(file: bytes) -> bytes | Unread:
    try:
        with open(file, "rb") as opened:  # noqa: PTH123 - a name that need not be text
            content = opened.read(DEFAULT_CAP + 1)
    except OSError:
        return Unread.DAMAGED
    return content if len(content) <= DEFAULT_CAP else Unread.TOO_LARGE
