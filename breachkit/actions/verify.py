"""What a proof and a verification found, and what it takes to call data gone.

Gone is said only where the whole place was looked at, or where the server showed in the same
breath that it gives such objects to whoever asks. Anything else that is not present is unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from breachkit.actions.push import is_platform_ref
from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.model.ids import GitPath, ObjectId, RefName


PROOF_SCHEMA = "breachkit.proof/1"
CHECK_SCHEMA = "breachkit.place-check/1"

MAX_FAILURES = 500
"""A proof lists at most this many failures; `failed` still counts them all."""

Verdict = Literal["gone", "present", "unknown"]

Place = Literal["mirror", "clone", "server"]

Answer = Literal["served", "refused", "unknown"]
"""The server gave an object; it said that it has none, or gives none that no ref shows; or it said
something else, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something a proof found to be otherwise than planned."""

    what: str
    object_id: ObjectId | None = None
    """The old commit or tag it is about, or an object that should not be there."""
    path: GitPath | None = None
    ref: RefName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCounts:
    """How much a proof compared."""

    commits: int = 0
    """Pairs of old and new commit: author, committer, dates, message, headers, parents, tree."""
    trees: int = 0
    """Distinct pairs of old and new tree compared path by path."""
    removed: int = 0
    """Planned deletions found in them."""
    replaced: int = 0
    """Files that have the planned content in place of the old, whatever their name."""
    renamed: int = 0
    """Files that have their old content under the planned name."""
    refs: int = 0
    objects: int = 0
    """Objects in the new repository, reachable or not, none of which may be a bad one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether the bad blobs are gone from the rewritten repository and nothing else changed."""

    counts: ProofCounts
    failures: tuple[Failure, ...] = ()
    failed: int = 0
    """Number of failures, also of those that are not listed."""

    @property
    def ok(self) -> bool:
        """Whether the rewrite did what was planned, exactly."""
        return self.failed == 0

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": PROOF_SCHEMA,
            "ok": self.ok,
            "counts": asdict(self.counts),
            "failed": self.failed,
            "failures": [_failure_to_json(failure) for failure in self.failures],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, PROOF_SCHEMA)
        return cls(
            counts=ProofCounts(**data["counts"]),
            failed=data["failed"],
            failures=tuple(map(_failure_from_json, data["failures"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectCheck:
    """What is known about one object in one place."""

    id: ObjectId
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCheck:
    """What one place was found to hold."""

    place: Place
    objects: tuple[ObjectCheck, ...]
    """One for each object that should be gone."""
    leftover_refs: tuple[RefName, ...] = ()
    """Refs through which a bad blob, or an old commit or tag, can still be had."""
    wrong_refs: tuple[RefName, ...] = ()
    """Refs that are not what the rewrite made them, the platform's own refs apart."""
    history_intact: bool | None = None
    """Whether every commit has the tree and parents recorded at the rewrite; None: not asked."""
    problems: tuple[str, ...] = ()
    """Why the place, or part of it, could not be looked at."""
    examined: int = 0
    """Objects looked at; for the server: questions asked."""
    controls: tuple[tuple[ObjectId, Answer], ...] = field(default=())
    """Harmless objects that no ref shows, asked for in the same way, and what came."""

    @property
    def verdict(self) -> Verdict:
        """The worst about any of the objects."""
        found = {check.verdict for check in self.objects}
        if "present" in found:
            return "present"
        return "unknown" if self.problems or "unknown" in found or not found else "gone"

    @property
    def ok(self) -> bool:
        """Whether the data are gone and everything else is as it was made."""
        return self.verdict == "gone" and not self.wrong_refs and self.history_intact is not False

    @property
    def platform_refs(self) -> tuple[RefName, ...]:
        """Those of the leftover refs that only the platform's support can remove."""
        return tuple(name for name in self.leftover_refs if is_platform_ref(name))

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": CHECK_SCHEMA,
            "place": self.place,
            "verdict": self.verdict,
            "objects": [[check.id, check.verdict] for check in self.objects],
            "leftover_refs": [name_to_json(name) for name in self.leftover_refs],
            "wrong_refs": [name_to_json(name) for name in self.wrong_refs],
            "history_intact": self.history_intact,
            "problems": list(self.problems),
            "examined": self.examined,
            "controls": [list(pair) for pair in self.controls],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, CHECK_SCHEMA)
        return cls(
            place=data["place"],
            objects=tuple(ObjectCheck(id=ObjectId(i), verdict=v) for i, v in data["objects"]),
            leftover_refs=tuple(RefName(name_from_json(n)) for n in data["leftover_refs"]),
            wrong_refs=tuple(RefName(name_from_json(n)) for n in data["wrong_refs"]),
            history_intact=data["history_intact"],
            problems=tuple(data["problems"]),
            examined=data["examined"],
            controls=tuple((ObjectId(one), answer) for one, answer in data["controls"]),
        )


def judge_answer(answer: Answer, controls: Iterable[Answer]) -> Verdict:
    """Say what a server's answer about an object means.

    "No such object" is what a server also says of objects it has and will not give; so it counts
    only where a harmless object that no ref shows, asked for in the same way, did come.
    """
    if answer == "served":
        return "present"
    known = list(controls)
    proven = bool(known) and all(control == "served" for control in known)
    return "gone" if answer == "refused" and proven else "unknown"


def wrong_refs(
    expected: Mapping[RefName, ObjectId], found: Mapping[RefName, ObjectId]
) -> tuple[RefName, ...]:
    """Give the refs that are missing, too many or elsewhere, the platform's own apart."""
    names = expected.keys() | found.keys()
    return tuple(
        sorted(
            name
            for name in names
            if not is_platform_ref(name) and expected.get(name) != found.get(name)
        )
    )


def _failure_to_json(failure: Failure) -> dict[str, Any]:
    return {
        "what": failure.what,
        "object": failure.object_id,
        "path": None if failure.path is None else name_to_json(failure.path),
        "ref": None if failure.ref is None else name_to_json(failure.ref),
    }


def _failure_from_json(data: Mapping[str, Any]) -> Failure:
    path, ref = data["path"], data["ref"]
    return Failure(
        what=data["what"],
        object_id=data["object"],
        path=None if path is None else GitPath(name_from_json(path)),
        ref=None if ref is None else RefName(name_from_json(ref)),
    )
