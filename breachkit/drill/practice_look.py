"""What a practice is scored from: the world itself as it stands, with plain git and plain files.

The case's journal is asked only what nothing else knows, such as when a snapshot was taken.
"""

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path

from breachkit.actions.copies import open_copies
from breachkit.drill.comparison import compare
from breachkit.drill.hub.state import Hub
from breachkit.drill.hub.state import Repository as Hosted
from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import Detector
from breachkit.drill.platform import settings
from breachkit.drill.practice import Facts, Practice
from breachkit.drill.practice_post import Letter, Post, contents
from breachkit.drill.practice_witness import Seen, read_seen
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import PRIVATE, CaseFolder
from breachkit.incident.store import CaseStore
from breachkit.model.errors import BreachkitError
from breachkit.model.time import Clock
from breachkit.workflows.register import load_register
from breachkit.workflows.verify_clone import VERIFIER_FILE


_PULLS = "refs/pull/"
HISTORY = "shell-history"
"""Where the practice's shell keeps what was typed."""
FISH_SESSION = "drill"
FISH_HISTORY = f"shell/data/fish/{FISH_SESSION}_history"
"""Where fish does."""


class Look:
    """One look at a practice; everything is looked up at most once.

    Args:
        practice: Which.
        clock: For reading only.
    """

    def __init__(self, practice: Practice, clock: Clock) -> None:
        self.practice = practice
        self.facts: Facts = practice.facts
        self.hub: Hub | None = practice.hub(clock)
        self.seen: Seen = read_seen(practice.world)
        self.letters: tuple[Letter, ...] = Post(practice.world).letters()
        self.case: CaseFolder | None = case_of(practice, clock)
        self.planted = frozenset(self.facts.planted)

    @property
    def study(self) -> Hosted | None:
        """The study on its platform; None where it is gone, or there is no platform."""
        return self.hub.repositories.get(self.facts.study) if self.hub else None

    @functools.cached_property
    def server(self) -> Repository | None:
        """The study's git; None where it is gone."""
        if self.study is not None:
            return Repository(self.study.git_dir)
        return None if self.facts.is_hosted else Repository(Path(self.practice.target))

    @functools.cached_property
    def holding(self) -> frozenset[str]:
        """The refs of the server that lead to what must go."""
        return frozenset() if self.server is None else _holding(self.server, self.planted)

    @property
    def branches_are_clean(self) -> bool:
        """Whether no ref but those of pull requests leads to what must go."""
        held = any(not ref.startswith(_PULLS) for ref in self.holding)
        return self.server is not None and not held

    @functools.cached_property
    def server_is_clean(self) -> bool:
        """Whether the server has none of it any more, for whoever knows an id."""
        if self.server is None or self.holding:
            return False
        return not self.server.object_ids() & self.planted

    @functools.cached_property
    def nothing_else_changed(self) -> bool:
        """Whether every other file, author, date and message is what it was."""
        if self.server is None:
            return False
        refs = [ref for ref in self.facts.refs if not ref.startswith(_PULLS)]
        return compare(self.practice.before, self.server, refs, self.planted).same

    @functools.cached_property
    def forks_holding(self) -> int:
        """How many other repositories of the platform lead to what must go."""
        others = [] if self.hub is None else [*self.hub.repositories.values()]
        theirs = (one for one in others if one.id != self.facts.study)
        return sum(bool(_holding(Repository(one.git_dir), self.planted)) for one in theirs)

    @property
    def is_as_before(self) -> bool:
        """Whether everything that hangs on the study is what it was."""
        return self.study is not None and settings(self.study) == self.facts.settings

    def sign(self, name: str) -> str:
        """Give when the witness first noted something; empty where it never did."""
        return self.seen.signs.get(name, "")

    def heard(self, address: str, *, before: str = "") -> bool:
        """Say whether a mail arrived at an address, at all or before a moment."""
        mails = (one for one in self.letters if not one.is_answer and address in one.recipients)
        return any(not before or one.at <= before for one in mails)

    def asked(self, address: str) -> bool:
        """Say whether a holder got the script that checks a clone."""
        return any(
            address in one.recipients and VERIFIER_FILE in one.attached for one in self.letters
        )

    @functools.cached_property
    def written(self) -> Mapping[str, str]:
        """When each kind of entry was first written into the journal, RFC 3339."""
        if self.case is None or not self.journal_holds:
            return {}
        found: dict[str, str] = {}
        for event in self.case.events():
            if event.known_kind is not EventKind.SNAPSHOT_RECORDED or event.flag("complete"):
                found.setdefault(event.kind, event.ts)
        return found

    @functools.cached_property
    def journal_holds(self) -> bool:
        """Whether no entry of the journal was changed, and none is missing."""
        return self.case is not None and not self.case.verify().problems

    def reached(self, milestone: Milestone) -> str:
        """Give when a milestone was reached, RFC 3339; empty where it was not."""
        if self.case is None or not self.journal_holds:
            return ""
        reached = self.case.incident.milestones.get(milestone)
        return reached.at.isoformat().replace("+00:00", "Z") if reached else ""

    @functools.cached_property
    def copies_left(self) -> int | None:
        """How many copies of the register are open; None where nobody has looked for any."""
        try:
            register = () if self.case is None else load_register(self.case)
        except BreachkitError:
            return None
        return len(open_copies(register)) if register else None

    @functools.cached_property
    def detector(self) -> Detector:
        """Finds what betrays the data."""
        return Detector(self.facts.telltales)

    @functools.cached_property
    def mails_tell(self) -> bool:
        """Whether any message that left holds data."""
        mails = Post(self.practice.world).raw()
        faces = [face for _, message in mails for face in contents(message)]
        faces += [one.text.encode() for one in self.letters if not one.is_answer]
        return any(map(self.detector.finds_in, faces))

    @functools.cached_property
    def files_tell(self) -> bool:
        """Whether data stand in what others may read: shared files of the case, and what was typed."""
        world = self.practice.world
        places = (self.practice.home, world / "handed-over", world / HISTORY, world / FISH_HISTORY)
        files = (file for place in places for file in _files(place))
        shared = (file for file in files if PRIVATE not in file.parts and file.suffix != ".lock")
        return any(self.detector.finds_in(file.read_bytes()) for file in shared)


def case_of(practice: Practice, clock: Clock) -> CaseFolder | None:
    """Give the newest case about the practice's study."""
    if not practice.home.is_dir():
        return None
    cases = CaseStore(practice.home, clock).list()
    found = [one for one in cases if practice.facts.name in one.target or one.damaged]
    return CaseFolder(Path(practice.home, found[-1].folder), clock) if found else None


def _holding(repository: Repository, planted: Iterable[str]) -> frozenset[str]:
    """Give the refs of a repository that lead to any of some objects."""
    wanted = set(planted)
    return frozenset(
        ref
        for ref, oid in repository.refs().items()
        if wanted & set(repository.lines("rev-list", "--objects", "--no-object-names", oid))
    )


def _files(place: Path) -> Iterable[Path]:
    return [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
