"""What a proof has compared so far, and what it found wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from breachkit.actions.rewrite import RewritePlan
from breachkit.actions.verify import MAX_FAILURES, Failure, Proof, ProofCounts
from breachkit.git.mentions import Mentions
from breachkit.model.ids import GitPath, ObjectId, RefName


TreePair = tuple[ObjectId, ObjectId]
Holder = Literal["commit", "notes", "ref"]
"""What holds a tree: a commit, one whose files are notes, or a ref or tag without a commit."""


@dataclass(slots=True, kw_only=True)
class Ledger:
    """What was compared, and what is wrong."""

    plan: RewritePlan
    new_ids: Mapping[ObjectId, ObjectId]
    mentions: Mentions
    """Finds the ids that are to be gone."""
    trees: dict[tuple[TreePair, Holder], None] = field(default_factory=dict)
    """Pairs of trees to compare, and what holds them."""
    gone: set[ObjectId] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    failed: int = 0

    def fail(
        self,
        what: str,
        *,
        object_id: ObjectId | None = None,
        path: GitPath | None = None,
        ref: RefName | None = None,
    ) -> None:
        """Note that something is not as planned."""
        self.failed += 1
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(what=what, object_id=object_id, path=path, ref=ref))

    def proof(self) -> Proof:
        """Give the result."""
        return Proof(
            counts=ProofCounts(**self.counts), failures=tuple(self.failures), failed=self.failed
        )
