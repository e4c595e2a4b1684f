"""What a rewrite will do, decided before anything is done, as plain data.

Only what has to change does: the commits that hold or descend from a bad blob get new ids, the
refs that reach them move, and everything else keeps its id and its signature.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Self

from breachkit.actions.bad_set import (
    BadSet,
    Introduction,
    collect_bad_set,
    pull_request_number,
)
from breachkit.actions.edits import NO_EDITS, Edits
from breachkit.actions.wire import (
    ids_from_json,
    name_from_json,
    name_to_json,
    require_schema,
)
from breachkit.model.errors import RefusedError
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.rewrite-plan/3"

ObjectKind = Literal["commit", "tree", "blob", "tag"]

RefAction = Literal["keep", "move", "retag", "retree", "delete"]
"""What becomes of a ref: nothing; it moves to the rewritten commit; its annotated tags are made
again, around what they point at or without words that go; its tree is written again without the
blobs; it goes, because what it points at or is about goes."""

_REPLACE = b"refs/replace/"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefFact:
    """A ref as it is in the mirror."""

    name: RefName
    value: ObjectId
    tags: tuple[ObjectId, ...] = ()
    """The annotated tags on the way to the target, outermost first; several if nested."""
    target: ObjectId
    """The first object on the way that is no tag."""
    kind: ObjectKind
    """What the target is."""
    holds: bool = False
    """The target is a bad blob, or a tree with one in it or with a file to be renamed. Not set for
    commits."""
    reworded: bool = False
    """One of the tags holds words that go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What cannot survive a new id, counted over the commits that get one."""

    signatures: int = 0
    """Signed commits whose signature would no longer be true, so it is taken off."""
    mergetags: int = 0
    """Copies of merged signed tags inside merge commits that name a rewritten commit."""
    tag_signatures: int = 0
    """Signed tags that are made again without the signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Texts that name a commit by an id that will be gone, by which a guess could be tested."""

    messages: int = 0
    """Messages of rewritten commits (`This reverts commit ...`); they get the new ids."""
    notes: int = 0
    """Notes on rewritten commits; they follow their commits."""
    elsewhere: int = 0
    """Messages of commits and tags that stay as they are; they keep the old ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFacts:
    """What git knows that a plan depends on."""

    bad: frozenset[ObjectId]
    parents: Mapping[ObjectId, tuple[ObjectId, ...]]
    """Every commit that a ref reaches, parents before their children."""
    introductions: tuple[Introduction, ...]
    refs: tuple[RefFact, ...]
    losses: Losses
    traces: Traces
    edits: Edits = NO_EDITS
    reworded: tuple[ObjectId, ...] = ()
    """Commits whose own message or people hold words that go."""
    renamed: tuple[tuple[ObjectId, GitPath], ...] = ()
    """Commits that put a file at a name that goes, with the name."""
    holding: frozenset[ObjectId] = frozenset()
    """Commits among whose files is a bad blob, or one at a name that goes."""
    notes: frozenset[ObjectId] = frozenset()
    """Commits that only refs of notes lead to: their files are named after commits."""
    renoted: frozenset[ObjectId] = frozenset()
    """Those of them that bring in a note on a commit that gets a new id."""

    @property
    def changed_here(self) -> frozenset[ObjectId]:
        """The commits that have to change for what they hold themselves or bring in."""
        if self.edits.whole_history:
            return frozenset(self.parents)
        brought_in = {each.commit for each in self.introductions}
        renamed = {commit for commit, _ in self.renamed}
        return frozenset(brought_in | set(self.reworded) | renamed | self.renoted)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefPlan:
    """What becomes of one ref."""

    name: RefName
    old: ObjectId
    action: RefAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A blob at a path: what is taken out, from every commit that has it."""

    path: GitPath
    blob: ObjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class RewritePlan:
    """Everything a rewrite will change."""

    bad: tuple[ObjectId, ...]
    removals: tuple[Removal, ...]
    """Every pair of path and bad blob in history, sorted."""
    introducers: tuple[ObjectId, ...]
    """Commits that put a bad blob somewhere, in the order of history."""
    rewritten: tuple[ObjectId, ...]
    """Commits that get a new id: the introducers and all their descendants, parents first."""
    retreed: tuple[ObjectId, ...]
    """Those of them whose files change; the others keep their trees. Parents first."""
    kept: int
    """Number of commits that stay as they are, with their signatures."""
    refs: tuple[RefPlan, ...]
    """Every ref of the mirror, sorted by name, also those that stay."""
    losses: Losses
    traces: Traces
    first_exposure: datetime | None
    """The earliest committer's date among the introducers."""
    edits: Edits = NO_EDITS
    """What is put in the place of something; all else of the bad set is taken out."""
    reworded: tuple[ObjectId, ...] = ()
    """Commits whose own message or people hold words that go, in the order of history."""
    renamed: tuple[GitPath, ...] = ()
    """Every old name of a file that gets another, sorted."""
    notes: tuple[ObjectId, ...] = ()
    """Rewritten commits whose files are notes and follow the commits they are named after."""

    @property
    def taken_out(self) -> tuple[Removal, ...]:
        """The removals in whose place nothing is put."""
        replaced = {(each.path, each.blob) for each in self.edits.replacements}
        return tuple(each for each in self.removals if (each.path, each.blob) not in replaced)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.rewritten and not self.changed_refs

    @property
    def changed_refs(self) -> tuple[RefPlan, ...]:
        """The refs that do not stay as they are."""
        return tuple(ref for ref in self.refs if ref.action != "keep")

    @property
    def telling_refs(self) -> tuple[RefName, ...]:
        """The refs whose names hold words that are to go: a rewrite leaves names of refs alone."""
        return tuple(ref.name for ref in self.refs if self.edits.rewords(ref.name))

    @property
    def pull_requests(self) -> tuple[int, ...]:
        """Numbers of the pull requests whose refs have to change, ascending."""
        numbers = (pull_request_number(ref.name) for ref in self.changed_refs)
        return tuple(sorted({number for number in numbers if number is not None}))

    @property
    def absent(self) -> tuple[ObjectId, ...]:
        """Bad blobs that no commit holds; only a ref or tag points at them, or nothing does."""
        return tuple(sorted(set(self.bad) - {removal.blob for removal in self.removals}))

    @property
    def digest(self) -> str:
        """A SHA-256 over the whole plan, which says whether two plans are the same."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values. It holds old ids: for the case's private part only."""
        return {
            "schema": SCHEMA,
            "bad": list(self.bad),
            "removals": [[name_to_json(each.path), each.blob] for each in self.removals],
            "introducers": list(self.introducers),
            "rewritten": list(self.rewritten),
            "retreed": list(self.retreed),
            "kept": self.kept,
            "refs": [[name_to_json(ref.name), ref.old, ref.action] for ref in self.refs],
            "losses": asdict(self.losses),
            "traces": asdict(self.traces),
            "first_exposure": rfc3339(self.first_exposure) if self.first_exposure else None,
            "edits": self.edits.to_json(),
            "reworded": list(self.reworded),
            "renamed": [name_to_json(path) for path in self.renamed],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, SCHEMA)
        exposure = data["first_exposure"]
        return cls(
            bad=ids_from_json(data["bad"]),
            removals=tuple(
                Removal(path=GitPath(name_from_json(path)), blob=ObjectId(blob))
                for path, blob in data["removals"]
            ),
            introducers=ids_from_json(data["introducers"]),
            rewritten=ids_from_json(data["rewritten"]),
            retreed=ids_from_json(data["retreed"]),
            kept=data["kept"],
            refs=tuple(
                RefPlan(name=RefName(name_from_json(name)), old=ObjectId(old), action=action)
                for name, old, action in data["refs"]
            ),
            losses=Losses(**data["losses"]),
            traces=Traces(**data["traces"]),
            first_exposure=parse_rfc3339(exposure) if exposure else None,
            edits=Edits.from_json(data["edits"]),
            reworded=ids_from_json(data["reworded"]),
            renamed=tuple(GitPath(name_from_json(path)) for path in data["renamed"]),
            notes=ids_from_json(data["notes"]),
        )


def descendants(
    parents: Mapping[ObjectId, tuple[ObjectId, ...]], starts: Iterable[ObjectId]
) -> tuple[ObjectId, ...]:
    """Give the commits in `starts` and everything built on them, parents first.

    Args:
        parents: All commits, parents before their children.
        starts: Commits among them.
    """
    found = set(starts)
    for commit, its_parents in parents.items():
        if not found.isdisjoint(its_parents):
            found.add(commit)
    return tuple(commit for commit in parents if commit in found)


def plan_rewrite(facts: HistoryFacts) -> RewritePlan:
    """Decide what has to change, and with it that all else stays."""
    introducers = {each.commit for each in facts.introductions}
    rewritten = descendants(facts.parents, facts.changed_here)
    inside = frozenset(rewritten)
    pairs = {(each.path, each.blob) for each in facts.introductions}
    return RewritePlan(
        bad=tuple(sorted(facts.bad)),
        removals=tuple(Removal(path=path, blob=blob) for path, blob in sorted(pairs)),
        introducers=tuple(commit for commit in rewritten if commit in introducers),
        rewritten=rewritten,
        retreed=tuple(commit for commit in rewritten if commit in facts.holding),
        kept=len(facts.parents) - len(rewritten),
        refs=tuple(
            RefPlan(name=ref.name, old=ref.value, action=_action(ref, inside, facts.bad))
            for ref in sorted(facts.refs, key=lambda ref: ref.name)
        ),
        losses=facts.losses,
        traces=facts.traces,
        first_exposure=min((each.when for each in facts.introductions if each.when), default=None),
        edits=facts.edits,
        reworded=facts.reworded,
        renamed=tuple(sorted({path for _, path in facts.renamed})),
        notes=tuple(commit for commit in rewritten if commit in facts.notes),
    )


def bad_set_of(facts: HistoryFacts) -> BadSet:
    """Describe the bad blobs and the refs through which they can be had."""
    inside = frozenset(descendants(facts.parents, {each.commit for each in facts.introductions}))
    refs = [ref.name for ref in facts.refs if ref.holds or ref.target in inside]
    return collect_bad_set(facts.bad, facts.introductions, refs)


def require_work(plan: RewritePlan) -> None:
    """Stop a rewrite that would change nothing, which otherwise looks like a success.

    Raises:
        RefusedError: no ref leads to any of the blobs.
    """
    if plan.is_empty:
        raise RefusedError(
            f"no ref leads to any of the {len(plan.bad)} blob(s): nothing to rewrite; "
            "compare the ids with the scan's, or scan again"
        )


def _action(ref: RefFact, rewritten: frozenset[ObjectId], bad: frozenset[ObjectId]) -> RefAction:
    replaced = _replaced(ref.name)
    if replaced in rewritten or replaced in bad:
        return "delete"  # it stands in for an object that will be gone, and its name is that id
    if ref.kind == "commit":
        if ref.target not in rewritten:
            return "retag" if ref.reworded else "keep"
        return "retag" if ref.tags else "move"
    if not ref.holds:
        return "retag" if ref.reworded else "keep"
    if ref.kind == "blob":
        return "delete"
    return "retag" if ref.tags else "retree"


def _replaced(name: RefName) -> str | None:
    """Give the id that a replace ref is about."""
    return (
        name.removeprefix(_REPLACE).decode(errors="replace") if name.startswith(_REPLACE) else None
    )
