"""Checks a release before it is released: every rule on plain files, and the request's own checklist."""

import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from breachkit.actions.acceptance import Book, Key
from breachkit.actions.release_checks import Answer, CheckedFile, CheckResult
from breachkit.actions.release_checks_deciding import (
    Answers,
    asked_of_people,
    decide,
    from_findings,
    from_skipped,
    matches,
    not_compared,
)
from breachkit.actions.release_checks_folder import FileFacts, FolderFacts, folder_concerns
from breachkit.actions.release_checks_items import Items
from breachkit.actions.release_checks_tables import Told
from breachkit.actions.weighing import with_acceptances
from breachkit.detect.registry import ALL_RULES
from breachkit.git.plain_files import Beside
from breachkit.model.findings import (
    Attribution,
    Coverage,
    Finding,
    Hit,
    ObjectCount,
    ScanResult,
    Severity,
    Skipped,
    Stats,
)
from breachkit.model.ids import display
from breachkit.model.policy import Policies, Policy
from breachkit.model.records import dataclass, field
from breachkit.report import words
from breachkit.workflows.checking_between import against_earlier, between_files, related_files
from breachkit.workflows.checking_earlier import Earlier, read_earlier
from breachkit.workflows.checking_files import Looked, Looker, digested_files, look_at
from breachkit.workflows.checking_listing import Given, beside, changes, listed
from breachkit.workflows.scan import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """How to check."""

    policies: Policies
    items: Items
    """The checklist, as `checking_notes.ITEMS` reads it."""
    today: date
    """In UTC."""
    answers: Sequence[Answer] = ()
    """What people said to what no program can decide."""
    book: tuple[Book, Key] | None = None
    """Accepted findings, and their key."""
    against: Sequence[str] = ()
    """Earlier releases to compare with: folders, or repositories."""
    workers: int = 1


class _Silent:
    """Is told how far a check is, and keeps it to itself."""

    def start(self, objects: int) -> None:
        """Do nothing."""

    def advance(self, objects: int, size_bytes: int) -> None:
        """Do nothing."""


def check_folder(
    places: Path | Sequence[Path], options: CheckOptions, *, progress: Progress | None = None
) -> CheckResult:
    """Check what is to be released; no git is needed unless it is compared with a repository.

    Args:
        places: A folder; or several, and files by themselves.
        options: How.
        progress: Is told how far it is.

    Raises:
        ConfigurationError: there is nothing of that name.
        AccessError, IncompleteError: a remote to compare with refused, or could not be reached.
    """
    begun = time.monotonic()
    wanted = [places] if isinstance(places, Path) else list(places)
    given = listed([os.fsencode(each) for each in wanted])
    checking = _Checking(given, options)
    checking.look(progress or _Silent())
    return checking.result(begun)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    hits: list[tuple[int, Hit]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class _Checking:
    """One check on its way."""

    def __init__(self, given: Given, options: CheckOptions) -> None:
        self._given = given
        self._options = options
        self._policy: Policy = options.policies.at(None)
        self._looked: dict[int, Looked] = {}
        self._earlier: list[Earlier] = []
        self._gathered = _Gathered()

    def look(self, progress: Progress) -> None:
        """Look at every file once, then at all of them together."""
        given, key = self._given, os.urandom(32)
        judged = given.judged
        compared = range(len(judged)) if self._options.against else related_files(judged)
        looker = Looker(
            judged=judged,
            policy=self._policy,
            compared=frozenset(compared),
            digested=digested_files(judged),
            key=key,
        )
        files, workers = [each.file for each in given.files], self._options.workers
        for one in look_at(files, looker, workers=workers, progress=progress):
            self._looked[one.number] = one
        self._alone()
        self._together(looker, key)
        self._gathered.skipped += changes(given)

    def _alone(self) -> None:
        for at in sorted(self._looked):
            one = self._looked[at]
            path = self._given.files[at].path
            self._gathered.hits += [(at, hit) for hit in (*one.hits, *one.name_hits)]
            gaps = dict.fromkeys(gap.reason for gap in one.unreadable)
            self._gathered.skipped += [Skipped(reason=reason, path=path) for reason in gaps]
        for other in self._given.others:
            self._gathered.skipped.append(Skipped(reason=other.why.value, path=other.path))

    def _together(self, looker: Looker, key: bytes) -> None:
        given, options = self._given, self._options
        context = lambda at: looker.context(at, given.files[at].file.size)  # noqa: E731
        found = [between_files(self._looked, given.judged, context)]
        within = [each.file.within for each in given.files]
        for place in options.against:
            earlier = read_earlier(place, within, self._policy, key, workers=options.workers)
            self._earlier.append(earlier)
            self._gathered.skipped += earlier.skipped
            found.append(against_earlier(self._looked, within, given.judged, earlier, self._policy))
        for hits, skipped in found:
            self._gathered.hits += hits
            self._gathered.skipped += skipped

    def result(self, begun: float) -> CheckResult:
        scan = self._scan(begun)
        if self._options.book is not None:
            scan = with_acceptances(scan, *self._options.book, self._options.today)
        decided = decide(
            self._options.items.items,
            self._told(scan),
            Answers(
                given=tuple(self._options.answers),
                today=self._options.today,
                hold=self._options.items.answers_hold,
            ),
            self._notes(),
            self._has_file,
        )
        return CheckResult(
            scan=scan,
            items=decided.items,
            files=tuple(self._files()),
            unused=decided.unused,
            lapsed=decided.lapsed,
            policy=self._policy,
        )

    def _has_file(self, pattern: str) -> bool:
        return any(matches(pattern, each.path) for each in self._given.files)

    def _files(self) -> Iterator[CheckedFile]:
        for at, each in enumerate(self._given.files):
            one = self._looked.get(at)
            yield CheckedFile(
                path=each.path,
                place=each.file.place,
                within=each.file.within,
                size=each.file.size,
                sha256=one.sha256 if one else "",
            )

    def _told(self, scan: ScanResult) -> Iterator[Told]:
        titles = {rule.about.id: rule.about.title for rule in ALL_RULES}
        yield from from_findings(scan, titles)
        yield from from_skipped(scan.skipped)
        yield from asked_of_people()
        if not self._options.against:
            yield not_compared()
        yield from folder_concerns(self._facts(), self._policy)

    def _facts(self) -> FolderFacts:
        given = self._given
        found: dict[int, set[str]] = defaultdict(set)
        for at, hit in self._gathered.hits:
            if hit.severity > Severity.INFO:
                found[at].add(hit.rule)
        return FolderFacts(
            name=given.name,
            given=given.number,
            files=[
                FileFacts(
                    path=each.path,
                    within=each.file.within,
                    size=each.file.size,
                    seen=self._looked[at].seen,
                    found=frozenset(found[at]),
                )
                for at, each in enumerate(given.files)
            ],
            folders=given.folders,
            others=[(other.path, other.why.value) for other in given.others if other.why in _UNFIT],
            beside=beside(given),
        )

    def _notes(self) -> Mapping[str, str]:
        notes = {"everything-read": words.counted(len(self._given.files), "file")}
        if self._options.against:
            number = sum(each.looked_at for each in self._earlier)
            notes["earlier-results"] = f"compared with {words.counted(number, 'earlier file')}"
        return notes

    def _scan(self, begun: float) -> ScanResult:
        read = [one for one in self._looked.values() if not one.unreadable]
        size = sum(one.size for one in read)
        number = len(self._given.files)
        return ScanResult(
            target=", ".join(map(display, self._given.shown)),
            policy=_policy_name(self._options.policies, self._policy),
            coverage=Coverage(
                refs={},
                objects={"file": ObjectCount(read=len(read), skipped=number - len(read))},
            ),
            stats=Stats(
                commits=0,
                refs=0,
                objects=number,
                blobs=number,
                blobs_examined=len(read),
                bytes_examined=size,
                seconds=time.monotonic() - begun,
            ),
            findings=tuple(self._findings()),
            skipped=tuple(dict.fromkeys(self._gathered.skipped)),
            telling_names=tuple(
                self._given.files[at].path for at, one in self._looked.items() if one.name_hits
            ),
        )

    def _findings(self) -> Iterator[Finding]:
        """Give the findings, the worst first, then by path."""
        files, looked = self._given.files, self._looked

        def order(found: tuple[int, Hit]) -> tuple[object, ...]:
            at, hit = found
            part = hit.location.part or "" if hit.location else ""
            return (-hit.severity, -hit.confidence, files[at].path, hit.rule, part)

        for number, (at, hit) in enumerate(sorted(self._gathered.hits, key=order), start=1):
            yield Finding(
                id=f"F-{number:04}",
                hit=hit,
                object_id=looked[at].blob,
                size=files[at].file.size,
                attribution=Attribution(paths=(files[at].path,), reach="file"),
                masked_path=bool(looked[at].name_hits),
            )


_UNFIT = frozenset({Beside.LINK, Beside.SPECIAL, Beside.REPOSITORY})
"""What is not meant for release, whatever it leads to."""


def _policy_name(policies: Policies, policy: Policy) -> str:
    """Say by which profile everything was judged: files have no date, so that there is but one."""
    return f"{policies.of}:{policy.name}" if policies.of else policy.name
