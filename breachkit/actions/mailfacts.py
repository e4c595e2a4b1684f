"""The facts a message may carry. None always means "not yet known", and is printed so."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal

from breachkit.model.ids import GitPath, display


PathPolicy = Literal["full", "basename", "opaque"]
"""How much of a path a message shows: all, its last part, or only the type of file."""

REPORTING_WINDOW = timedelta(hours=72)
"""Elapsed hours, weekends included, that a controller has. Source: UK GDPR Art 33(1)."""

_KNOWN_SUFFIXES = frozenset(
    {
        *(
            "arrow",
            "csv",
            "dta",
            "feather",
            "gz",
            "html",
            "ipynb",
            "jpeg",
            "jpg",
            "json",
            "log",
            "md",
        ),
        *("parquet", "pdf", "png", "rds", "svg", "tex", "tsv", "txt", "xls", "xlsx", "yaml", "zip"),
    }
)


PEOPLE_RANGES = ("fewer than 10", "10 to 99", "100 to 999", "1000 to 9999", "10000 or more")
"""How many people or records are concerned, as a report says it: never as a number that tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a person decided, as a report says it."""

    about: str
    """A code such as `ico-report`; see `incident.decisions`."""
    answer: str
    by: str
    role: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of a timeline."""

    at: datetime
    what: str
    source: str
    """Where that is known from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Residual:
    """A copy of which nothing can prove that it is gone, and who accepted that."""

    id: str
    """`K-012`."""
    label: str
    """As the register has it; it can hold somebody's name."""
    sort: str
    """The same in words of our own, which name nobody."""
    accepted_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request without an answer."""

    id: str
    """`N-005`."""
    who: str
    what: str
    """Which kind of request, in words."""
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a public archive said it has."""

    place: str
    """Code of the catalogue, such as `C41`."""
    addresses: tuple[str, ...]
    """Under which it keeps something of the repository."""
    latest: str
    """Day of the newest capture; empty where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """What is known about a case when a message about it is written. No value, no object id."""

    case_id: str
    codename: str
    kind: str
    """`suspected`, `confirmed` or `near-miss`."""
    repository: str
    """As people name it: `owner/name`, or the last part of a path; see `repository_name`."""
    now: datetime
    found_by: str | None = None
    aware_at: datetime | None = None
    aware_assumed: bool = False
    """Nobody said when we became aware: the earliest moment known stands in for it."""
    log_head: str
    """Hash of the journal's last event: every message that leaves fixes the journal up to there."""
    tool_version: str
    visibility: str | None = None
    public_since: datetime | None = None
    paths: tuple[GitPath, ...] | None = None
    """Every path concerned; None until the history was searched."""
    findings_by_rule: tuple[tuple[str, int], ...] | None = None
    first_commit_at: datetime | None = None
    refs: int | None = None
    pull_requests: tuple[int, ...] | None = None
    """Numbers of the pull requests that hold the data and that no push can change."""
    shared_with: str | None = None
    keeper: str | None = None
    """Who keeps the case folder."""
    phone: str | None = None
    decider: str | None = None
    engineer: str | None = None
    next_update_at: datetime | None = None
    reply_by: datetime | None = None
    done: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()
    pushed_at: datetime | None = None
    tags_rewritten: int | None = None
    lfs_orphans: bool | None = None
    verifier: bool = False
    """Whether the script that looks through a clone goes with the message to its holder."""
    forks: str | None = None
    still_served: str | None = None
    """What the platform still gave away when it was asked last, in numbers."""

    case_key: str = ""
    """What no other case has; ids of messages are made from it."""
    repository_url: str | None = None
    """Address of its page on the platform; None where it has none."""
    contained_at: datetime | None = None
    verified_at: datetime | None = None
    purged_at: datetime | None = None
    """When nothing was left on the server, by every way of asking."""
    restored_at: datetime | None = None
    traced_at: datetime | None = None
    copies: int | None = None
    """How many copies the register has; None before copies were looked for."""
    copies_open: int | None = None
    residuals: tuple[Residual, ...] | None = None
    waiting: tuple[Waiting, ...] = ()
    held: tuple[Held, ...] = ()
    review: str | None = None
    """When what happened is looked back at."""
    reason: str | None = None
    """Why the case was stood down."""
    reason_by: str | None = None

    what_happened: str | None = None
    how_found: str | None = None
    cyber: str | None = None
    categories_of_data: str | None = None
    categories_of_people: str | None = None
    people_range: str | None = None
    """One of `PEOPLE_RANGES`."""
    records_range: str | None = None
    """One of `PEOPLE_RANGES`."""
    consequences: str | None = None
    """What is likely to follow, in the words of whoever judged it."""
    measures_before: str | None = None
    training: str | None = None
    """Whether those involved were trained in data protection, and when."""
    contact_point: str | None = None
    """Of the data protection officer: name, address and number."""
    contact_point_email: str | None = None
    ico_reference: str | None = None
    """What the ICO called the first report."""
    reported_at: datetime | None = None
    """When the first such account left; None for the first."""
    lessons: str | None = None
    stopped_by: str | None = None
    """What kept a near miss from becoming a breach."""
    decided: tuple[Decided, ...] = ()
    """The latest decision about each thing that was decided."""
    timeline: tuple[Happening, ...] = ()
    told: tuple[str, ...] = ()
    """Who was told and when, a line each, by role."""
    names: tuple[str, ...] = ()
    """Names of people and copies, of which a text for the public holds none."""

    @property
    def deadline(self) -> datetime | None:
        """When the 72 hours end; whether they apply is the controller's decision."""
        return None if self.aware_at is None else self.aware_at + REPORTING_WINDOW

    @property
    def unknown(self) -> tuple[str, ...]:
        """What an alert still has to say it does not know."""
        return tuple(words for words, value in self._questions() if value is None)

    @property
    def unknown_for_report(self) -> tuple[str, ...]:
        """What the account for the data protection officer still lacks."""
        return tuple(words for words, value in self._report_questions() if value is None)

    def decision(self, about: str) -> Decided | None:
        """Give what was decided last about something."""
        return next((each for each in self.decided if each.about == about), None)

    def _report_questions(self) -> tuple[tuple[str, object], ...]:
        return (
            ("what happened, in words", self.what_happened),
            ("how it was found", self.how_found),
            ("when we became aware", None if self.aware_assumed else self.aware_at),
            ("since when the repository was public", self.public_since),
            ("when access was restricted", self.contained_at),
            ("categories of personal data", self.categories_of_data),
            ("categories of people concerned", self.categories_of_people),
            ("how many people, as a range", self.people_range),
            ("how many records, as a range", self.records_range),
            ("with whom the files were shared", self.shared_with),
            ("what is likely to follow", self.consequences),
            ("measures in place before", self.measures_before),
            ("training of those involved", self.training),
            ("contact of the data protection officer", self.contact_point),
            ("whether living individuals are concerned", self.decision("living")),
            ("how likely a risk to them is", self.decision("risk")),
            ("whether the risk is high", self.decision("high-risk")),
            ("whether the ICO is told", self.decision("ico-report")),
        )

    def _questions(self) -> tuple[tuple[str, object], ...]:
        return (
            ("who found it", self.found_by),
            ("when we became aware", self.aware_at),
            ("whether the repository is public now", self.visibility),
            ("since when it was public", self.public_since),
            ("which files hold the data", self.paths),
            ("what kinds of finding there are", self.findings_by_rule),
            ("the date of the earliest commit that holds the data", self.first_commit_at),
            ("which pull requests hold the data", self.pull_requests),
            ("with whom the files were already shared", self.shared_with),
            ("who decides", self.decider),
            ("which engineer does the clean-up", self.engineer),
        )


def repository_name(target: str) -> str:
    """Give the name people use for a target: `owner/name` of a URL, the last part of a local path.

    The directories of a local path say something about a person's machine, and a URL can hold a
    password; neither belongs in a message.
    """
    bare = target.replace("\\", "/").rstrip("/").removesuffix(".git").rstrip("/")
    remote = _REMOTE.fullmatch(bare)
    if remote is not None:
        name = "/".join([part for part in remote.group(1).split("/") if part][-2:])
    elif _SLUG.fullmatch(bare):
        name = bare
    else:
        name = bare.rsplit("/", 1)[-1]
    return display(name).strip(". ~") or "repository"


_REMOTE = re.compile(r"(?:(?!file:)\w+://[^/]*/|[^/:@]+@[^/:]+:)(.*)", re.DOTALL)
_SLUG = re.compile(r"[^/.~:][^/:]*/[^/:]+")


def shown_paths(paths: Iterable[GitPath], policy: PathPolicy) -> tuple[str, ...]:
    """Give one line for each path, or for each type of file where paths stay hidden."""
    match policy:
        case "full":
            return tuple(sorted(map(display, paths)))
        case "basename":
            return tuple(sorted({display(path.rsplit(b"/", 1)[-1]) for path in paths}))
        case "opaque":
            counted = sorted(Counter(map(file_type, paths)).items())
            return tuple(f"{kind}: {count}" for kind, count in counted)


def file_type(path: GitPath) -> str:
    """Give a path's type of file, such as `csv`; `other` for a suffix that is not a common one.

    Only a known word is ever shown: a suffix is part of a name and can hold anything.
    """
    suffix = PurePosixPath(path.decode("ascii", "replace")).suffix.lower().lstrip(".")
    return suffix if suffix in _KNOWN_SUFFIXES else "other"
