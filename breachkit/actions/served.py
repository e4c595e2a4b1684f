"""Whether a platform still gives away what should be gone: ways of asking, and what answers mean.

A platform keeps objects that no ref shows, shares them between forks, and remembers pages. So each
object is asked for by every way, as a stranger and with the token. "Not found" means: not by this way,
for who asks. It counts only where a harmless object of the same kind, asked for by the very same way
before and after, did come. Source: GitHub's "Removing sensitive data from a repository".
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from breachkit.actions.wire import name_from_json, name_to_json
from breachkit.model.errors import IncompleteError
from breachkit.model.ids import GitPath, ObjectId, RefName, path_b64


class StoppedError(IncompleteError):
    """The platform takes no more questions of this sort for now."""


class Kind(enum.StrEnum):
    """What is asked for."""

    COMMIT = "commit"
    TREE = "tree"
    BLOB = "blob"
    TAG = "tag"
    FILE = "file"
    """A blob at a path of a commit."""
    REFS = "refs"
    """Which refs lead to something that should be gone."""


class Identity(enum.StrEnum):
    """Who asks."""

    ACCOUNT = "account"
    ANYONE = "anyone"


class Channel(enum.StrEnum):
    """What has limits, and fails, of its own."""

    REST = "rest"
    WEB = "web"
    GIT = "git"


class Way(enum.StrEnum):
    """A way to ask. The names stand in the case's files and in JSON: they are only ever added."""

    GIT_COMMIT = "git/commits"
    COMMIT = "commits"
    SHORT = "commits by short id"
    TREE_OF = "git/trees of a commit"
    COMPARE = "compare"
    BRANCHES = "branches-where-head"
    PULLS = "commits/pulls"
    TARBALL = "tarball"
    ZIPBALL = "zipball"
    PAGE = "commit page"
    SHORT_PAGE = "commit page by short id"
    PATCH = "patch page"
    BLOB = "git/blobs"
    CONTENTS = "contents"
    FILE_PAGE = "file page"
    RAW = "raw file"
    TREE = "git/trees"
    TAG = "git/tags"
    GIT = "git by id"
    MATCHING_REFS = "matching-refs"
    LS_REMOTE = "git ls-remote"
    HISTORY = "history of its refs"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a way is for."""

    kinds: frozenset[Kind]
    channel: Channel
    takes_token: bool = True
    """Web pages take none: for who is logged in, a person has to look."""


def _way(channel: Channel, *kinds: Kind, takes_token: bool = True) -> About:
    return About(kinds=frozenset(kinds), channel=channel, takes_token=takes_token)


def _page(kind: Kind) -> About:
    return _way(Channel.WEB, kind, takes_token=False)


WAYS: Mapping[Way, About] = {
    **{
        way: _way(Channel.REST, Kind.COMMIT)
        for way in (
            *(Way.GIT_COMMIT, Way.COMMIT, Way.SHORT, Way.TREE_OF, Way.COMPARE),
            *(Way.BRANCHES, Way.PULLS, Way.TARBALL, Way.ZIPBALL),
        )
    },
    **{way: _page(Kind.COMMIT) for way in (Way.PAGE, Way.SHORT_PAGE, Way.PATCH)},
    Way.BLOB: _way(Channel.REST, Kind.BLOB),
    Way.CONTENTS: _way(Channel.REST, Kind.FILE),
    Way.FILE_PAGE: _page(Kind.FILE),
    Way.RAW: _way(Channel.WEB, Kind.FILE),
    Way.TREE: _way(Channel.REST, Kind.TREE),
    Way.TAG: _way(Channel.REST, Kind.TAG),
    Way.GIT: _way(Channel.GIT, Kind.COMMIT, Kind.TREE, Kind.BLOB, Kind.TAG),
    Way.MATCHING_REFS: _way(Channel.REST, Kind.REFS),
    Way.LS_REMOTE: _way(Channel.GIT, Kind.REFS),
    Way.HISTORY: _way(Channel.GIT, Kind.REFS),
}
"""Every way, so that a new one cannot be forgotten."""

SHORT_ID = 12
"""Characters of an abbreviated id: few enough to be one, enough to mean a single object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Something that is asked for."""

    kind: Kind
    id: ObjectId
    """Of the blob, where it is a file; empty for refs."""
    commit: ObjectId | None = None
    path: GitPath | None = None

    @property
    def key(self) -> str:
        """What tells it from every other; holds old ids, for the case's private part only."""
        if self.commit is None or self.path is None:
            return f"{self.kind}:{self.id}"
        return f"{self.kind}:{self.id}:{self.commit}:{path_b64(self.path) or self.path.decode()}"


REFS = Subject(kind=Kind.REFS, id=ObjectId(""))
"""All refs of a place at once."""


Role = Literal["study", "parent", "fork"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A repository that may give it away."""

    id: int
    """By which it is found, whatever its name is by now."""
    name: str
    """As the platform spells it now, or as it was last known."""
    role: Role
    visibility: str
    """public, private or internal; `hidden` where the account does not see it at all."""
    default_branch: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether it is deleted, or private: the platform says the same of both."""
        return self.visibility == "hidden"


Answer = Literal["served", "absent", "unknown"]
Verdict = Literal["served", "gone", "unknown", "closed"]
"""`closed`: strangers see nothing at all of a private repository, so that their "not found" means
nothing; with the token it is judged all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came back."""

    answer: Answer
    reason: str = ""
    """Why nothing can be told, in words without address and id."""
    refs: tuple[RefName, ...] = ()
    """Refs that lead to it."""
    is_silence: bool = False
    """Whether nothing usable came at all: the network or the platform failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing by one way, as somebody."""

    place: int
    identity: Identity
    way: Way
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a question."""

    question: Question
    verdict: Verdict
    reason: str = ""
    refs: tuple[RefName, ...] = ()

    def to_row(self) -> list[object]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        asked = self.question
        refs = [name_to_json(name) for name in self.refs]
        return [asked.place, asked.identity, asked.way, asked.key, self.verdict, self.reason, refs]


def result_from_row(row: list[object]) -> Result:
    """Read what `Result.to_row` wrote.

    Raises:
        ValueError, TypeError: it is something else.
    """
    place, identity, way, key, verdict, reason, refs = row
    if not isinstance(place, int) or not isinstance(refs, list):
        raise TypeError("no result")
    checked: Verdict
    match verdict:
        case "served" | "gone" | "unknown" | "closed":
            checked = verdict
        case _:
            raise ValueError("no verdict")
    asked = Question(place=place, identity=Identity(str(identity)), way=Way(str(way)), key=str(key))
    names = tuple(RefName(name_from_json(name)) for name in refs)
    return Result(question=asked, verdict=checked, reason=str(reason), refs=names)


class Asker(Protocol):
    """What asks a platform. Nothing of what comes back is kept but whether it came."""

    def ask(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
        """Ask once.

        Raises:
            StoppedError: no more questions of this sort are taken for now.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds."""
        ...

    def own_control(self, place: Place, kind: Kind) -> Subject | None:
        """Give something of a kind that the place's own default branch shows; None where there is none."""
        ...


NO_CONTROL = "nothing harmless of this kind is known to be there to compare with"
CONTROL_FAILED = "a harmless object asked for in the same way did not come either"


def judge(said: Said, controls: tuple[Said, ...], place: Place, identity: Identity) -> Verdict:
    """Say what an answer means.

    Args:
        said: The answer.
        controls: What came of the harmless object, before and after; empty where there is none.
        place: Where it was asked.
        identity: As whom.
    """
    if said.answer == "served":
        return "served"
    proven = bool(controls) and all(each.answer == "served" for each in controls)
    if said.answer == "absent" and proven:
        return "gone"
    seen = any(each.answer == "served" for each in controls)
    if identity is Identity.ANYONE and place.visibility != "public" and not seen:
        return "unknown" if said.is_silence else "closed"
    return "unknown"


def reason_of(said: Said, controls: tuple[Said, ...]) -> str:
    """Say in words why an answer tells nothing."""
    if said.answer == "unknown":
        return said.reason
    if not controls:
        return NO_CONTROL
    failed = next((each for each in controls if each.answer != "served"), None)
    return "" if failed is None else failed.reason or CONTROL_FAILED
