"""What a rewrite did: where every commit and ref went. Plain data, holding old ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.model.ids import ObjectId, RefName


SCHEMA = "breachkit.rewritten/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefChange:
    """Where a ref went; the same value twice where it stayed."""

    name: RefName
    old: ObjectId
    new: ObjectId | None
    """None: it is deleted."""

    @property
    def is_change(self) -> bool:
        """Whether the ref does not stay as it is."""
        return self.new != self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDigest:
    """Every commit of a history in one line: how many, and a SHA-256 over id, tree and parents.

    Two histories with the same digest have the same files under the same paths in every commit.
    """

    commits: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """The result of a rewrite."""

    plan: str
    """Digest of the plan that was carried out."""
    commits: tuple[tuple[ObjectId, ObjectId], ...]
    """Old and new id of every rewritten commit, parents first."""
    refs: tuple[RefChange, ...]
    """Every ref the mirror had, sorted by name."""
    history: HistoryDigest
    """Of all commits that the new refs reach, those apart that only the platform can move."""

    @property
    def changes(self) -> tuple[RefChange, ...]:
        """The refs that do not stay as they are."""
        return tuple(ref for ref in self.refs if ref.is_change)

    @property
    def expected_refs(self) -> dict[RefName, ObjectId]:
        """What the refs of a repository are once the rewrite has reached it."""
        return {ref.name: ref.new for ref in self.refs if ref.new is not None}

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": SCHEMA,
            "plan": self.plan,
            "commits": [list(pair) for pair in self.commits],
            "refs": [[name_to_json(ref.name), ref.old, ref.new] for ref in self.refs],
            "history": {"commits": self.history.commits, "sha256": self.history.sha256},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, SCHEMA)
        return cls(
            plan=data["plan"],
            commits=tuple((ObjectId(old), ObjectId(new)) for old, new in data["commits"]),
            refs=tuple(
                RefChange(
                    name=RefName(name_from_json(name)),
                    old=ObjectId(old),
                    new=None if new is None else ObjectId(new),
                )
                for name, old, new in data["refs"]
            ),
            history=HistoryDigest(**data["history"]),
        )
