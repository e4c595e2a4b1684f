"""Proves, object by object, that a rewrite took out the bad blobs and changed nothing else.

The proof believes nothing the rewrite says: it takes the plan, the repository before and the one
after, and compares them. It can be repeated as long as both exist.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from breachkit.actions.rewrite import RefPlan, RewritePlan
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.verify import Proof
from breachkit.git.changes import names_left
from breachkit.git.commits import what_is_told
from breachkit.git.digests import Commits
from breachkit.git.facts import read_refs
from breachkit.git.filter_repo import LITTLE_MEMORY, pushable_tips
from breachkit.git.mentions import Mentions
from breachkit.git.mirror import local_refs
from breachkit.git.partial import borrow_objects, make_bare
from breachkit.git.process import run_git, stream_git
from breachkit.git.proof_ledger import Holder, Ledger
from breachkit.git.proof_trees import check_trees
from breachkit.git.rawobjects import (
    SIGNATURE_HEADERS,
    Kind,
    Parsed,
    all_objects,
    parse,
    read_objects,
    read_present,
    unsigned,
)
from breachkit.git.rewording import holds_words, is_lost, retell, told_in
from breachkit.git.scratch import scratch_folder
from breachkit.git.tag_chains import follow_tags
from breachkit.model.doing import Step, counted, doing
from breachkit.model.ids import ObjectId, RefName


_ELSEWHERE = (
    *("objects/info/alternates", "shallow", "info/grafts", "worktrees", "modules", "lfs"),
    *("rr-cache", "filter-repo", "logs", "FETCH_HEAD", "ORIG_HEAD"),
)
"""Parts of a repository that can hold or borrow old objects, or name them."""

_COMPARED = {
    b"author": "author changed",
    b"committer": "committer changed",
    b"encoding": "encoding changed",
}


def prove(
    mirror: Path, target: Path, plan: RewritePlan, done: Rewritten, *, scratch: Path | None = None
) -> Proof:
    """Compare the repository before and after with the plan.

    Args:
        mirror: The repository before.
        target: The repository after.
        plan: What was to happen.
        done: What the rewrite says it did.
        scratch: An existing directory for a view of both; by default the system's.
    """
    new_ids = dict(done.commits)
    mentions = Mentions([*new_ids, *plan.bad])
    ledger = Ledger(plan=plan, new_ids=new_ids, mentions=mentions)
    if done.plan != plan.digest:
        ledger.fail("the rewrite was of another plan")
    with (
        doing("Proving that nothing else changed") as step,
        ThreadPoolExecutor(max_workers=1) as beside,  # git walks all objects meanwhile
    ):
        damage = beside.submit(_is_damaged, target)
        history = beside.submit(Commits.read, target)
        held = beside.submit(lambda: list(all_objects(target)))
        after = local_refs(target)
        with both_stores(mirror, target, scratch=scratch) as view:
            _check_commits(ledger, view, done.commits, step)
            _check_refs(ledger, view, done, local_refs(mirror), after)
            check_trees(ledger, view)
        _check_shape(ledger, mirror, history)
        _check_absence(ledger, held.result())
        _check_words(ledger, target, history.result().lines)
        _check_elsewhere(ledger, target)
        if damage.result():
            ledger.fail("the repository is damaged or lacks objects")
        elif history.result().digest(pushable_tips(after)) != done.history:
            ledger.fail("the history is not the one that was recorded")
    return ledger.proof()


@contextlib.contextmanager
def both_stores(*repositories: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Give an empty repository that can read the objects of several others."""
    with scratch_folder(scratch) as folder:
        view = folder / "view.git"
        borrow_objects(make_bare(view), repositories)
        yield view


def _check_commits(
    ledger: Ledger, view: Path, commits: Iterable[tuple[ObjectId, ObjectId]], step: Step
) -> None:
    """Compare each rewritten commit with its original, byte by byte but for what must differ."""
    pairs = dict(commits)
    for one in pairs.keys() ^ set(ledger.plan.rewritten):
        ledger.fail("commit missing from the map of commits, or not planned", object_id=one)
    ledger.gone.update(one for one in ledger.plan.rewritten if pairs.get(one) != one)
    mentions, notes = ledger.mentions, frozenset(ledger.plan.notes)
    doubtful: list[ObjectId] = []
    read = read_present(view, (one for pair in pairs.items() for one in pair))
    lost: list[ObjectId] = []
    every = counted(zip(pairs, read, read, strict=True), step, len(pairs))
    for asked, old, new in every:
        if old is None or new is None:
            ledger.fail("commit missing", object_id=asked)
            lost.append(asked)
            continue
        before, after = parse(old.data), parse(new.data)
        found = list(_differences(ledger, mentions, before, after, ledger.new_ids))
        if found and told_in(before, mentions):
            doubtful.append(old.id)
            found = []
        for what in found:
            ledger.fail(what, object_id=old.id)
        holder: Holder = "notes" if old.id in notes else "commit"
        for tree, new_tree in zip(before.values(b"tree"), after.values(b"tree"), strict=False):
            pair = ObjectId(tree.decode()), ObjectId(new_tree.decode())
            ledger.trees[pair, holder] = None
    for one in lost:
        del pairs[one]
    _check_doubtful(ledger, view, pairs, mentions, doubtful)
    ledger.counts["commits"] = len(pairs)


def _check_doubtful(
    ledger: Ledger,
    view: Path,
    pairs: Mapping[ObjectId, ObjectId],
    mentions: Mentions,
    doubtful: Sequence[ObjectId],
) -> None:
    """Compare commits again that could not learn the new id of each commit they name."""
    if not doubtful:
        return
    in_order = [one for one in ledger.plan.rewritten if one in pairs]
    _, told = what_is_told(view, in_order, mentions, frozenset(ledger.plan.notes))
    olds, news = read_objects(view, doubtful), read_objects(view, [pairs[one] for one in doubtful])
    for old, new in zip(olds, news, strict=True):
        known = {one: pairs[one] for one in told.get(old.id, ())}
        for what in _differences(ledger, mentions, parse(old.data), parse(new.data), known):
            ledger.fail(what, object_id=old.id)


def _differences(
    ledger: Ledger,
    mentions: Mentions,
    before: Parsed,
    after: Parsed,
    known: Mapping[ObjectId, ObjectId],
) -> Iterator[str]:
    """Give what is not as planned in a commit, which can tell the new ids that are `known`."""
    kept = (each for each in before.headers if not is_lost(each, mentions, ledger.plan.edits))
    wanted = retell(Parsed(tuple(kept), before.rest), ledger.plan.edits, mentions, known)
    for name, what in _COMPARED.items():
        if wanted.values(name) != after.values(name):
            yield what
    parents = [ObjectId(parent.decode()) for parent in before.values(b"parent")]
    expected = [ledger.new_ids.get(parent, parent).encode() for parent in parents]
    if expected != list(after.values(b"parent")):
        yield "parents changed"
    if len(before.values(b"tree")) != 1 or len(after.values(b"tree")) != 1:
        yield "tree missing"
    if wanted.rest != after.rest:
        yield "message changed"
    if _other_headers(wanted) != _other_headers(after):
        yield "extra headers changed"
    if any(name in SIGNATURE_HEADERS for name, _ in after.headers):
        yield "a signature that is no longer true was left"


def _other_headers(parsed: Parsed) -> list[tuple[bytes, bytes]]:
    """Give the headers that have no check of their own."""
    apart = {b"tree", b"parent", *_COMPARED, *SIGNATURE_HEADERS}
    return [header for header in parsed.headers if header[0] not in apart]


def _check_refs(
    ledger: Ledger,
    view: Path,
    done: Rewritten,
    before: Mapping[RefName, ObjectId],
    after: Mapping[RefName, ObjectId],
) -> None:
    """Compare each ref with the plan, and what was recorded with what is there."""
    recorded = {ref.name: ref.new for ref in done.refs}
    planned = {ref.name: ref for ref in ledger.plan.refs}
    made_again = [ref for ref in ledger.plan.refs if ref.action in {"retag", "retree"}]
    ends = [(ref.old, after.get(ref.name)) for ref in made_again]
    layers = _Layers(view, [one for pair in ends for one in pair if one is not None])
    for name in sorted(planned.keys() | recorded.keys() | before.keys() | after.keys()):
        ref = planned.get(name)
        if ref is None or before.get(name) != ref.old:
            ledger.fail("the ref was not planned, or its old value is another", ref=name)
        elif name not in recorded or recorded[name] != after.get(name):
            ledger.fail("the ref is not what was recorded", ref=name)
        elif not _is_as_planned(ledger, layers, ref, after.get(name)):
            ledger.fail("the ref is not where the plan moves it", ref=name)
    ledger.counts["refs"] = len(after)


def _is_as_planned(ledger: Ledger, layers: "_Layers", ref: RefPlan, new: ObjectId | None) -> bool:
    match ref.action:
        case "keep":
            return new == ref.old
        case "delete":
            return new is None
        case "move":
            return new is not None and new == ledger.new_ids.get(ref.old)
        case "retag" | "retree":
            return new is not None and _check_target(ledger, layers, ref.old, new)


class _Layers:
    """The tags that some refs lead to, nested ones too, and the kinds of all they are about."""

    def __init__(self, view: Path, wanted: Sequence[ObjectId]) -> None:
        chains = follow_tags(view, wanted)
        self.kinds: dict[ObjectId, Kind] = chains.kinds
        self.tags = {one: parse(tag.data) for one, tag in chains.tags.items()}


def _objects(tag: Parsed) -> tuple[bytes, ...]:
    return tag.values(b"object")


def _check_target(ledger: Ledger, layers: _Layers, old: ObjectId, new: ObjectId) -> bool:
    """Compare tags layer by layer down to the commit or tree they are about."""
    while layers.kinds.get(old) == layers.kinds.get(new) == "tag":
        ledger.gone.update({old} - {new})  # a tag comes out as it was if what it is about does
        one, other = layers.tags[old], layers.tags[new]
        kept = Parsed(_tag_headers(one), unsigned(one.rest))
        wanted = retell(kept, ledger.plan.edits, ledger.mentions, ledger.new_ids)
        if wanted != Parsed(_tag_headers(other), other.rest):
            return False
        (inner,), (new_inner,) = _objects(one), _objects(other)
        old, new = ObjectId(inner.decode()), ObjectId(new_inner.decode())
    kind = layers.kinds.get(old)
    if kind is None or layers.kinds.get(new) != kind:
        return False
    if kind == "commit":
        return ledger.new_ids.get(old, old) == new
    if kind == "tree":
        ledger.trees[(old, new), "ref"] = None
        ledger.gone.update({old} - {new})
        return True
    return old == new


def _tag_headers(parsed: Parsed) -> tuple[tuple[bytes, bytes], ...]:
    apart = {b"object", *SIGNATURE_HEADERS}
    return tuple(header for header in parsed.headers if header[0] not in apart)


def _check_shape(ledger: Ledger, mirror: Path, history: "Future[Commits]") -> None:
    """Compare the sets of commits: none is lost, none is new, and the rest keep their ids."""
    kept = {ref.old for ref in ledger.plan.refs if ref.action != "delete"}
    asked = "".join(f"{one}\n" for one in kept).encode()
    old: set[ObjectId] = set()
    if asked:
        with stream_git(["rev-list", "--stdin"], git_dir=mirror, stdin=asked) as stream:
            old = {ObjectId(line.decode().strip()) for line in stream.stdout}
    expected = {ledger.new_ids.get(commit, commit) for commit in old}
    for commit in expected ^ history.result().lines.keys():
        ledger.fail("a commit is missing or was not planned", object_id=commit)


def _check_absence(ledger: Ledger, held: Sequence[ObjectId]) -> None:
    """Look at every object of the new repository, reachable or not."""
    bad = frozenset(ledger.plan.bad)
    for one in held:
        if one in bad:
            ledger.fail("a bad blob is still there", object_id=one)
        elif one in ledger.gone:
            ledger.fail("an old commit, tag or tree is still there", object_id=one)
    ledger.counts["objects"] = len(held)


def _check_words(ledger: Ledger, target: Path, commits: Iterable[ObjectId]) -> None:
    """Look for words and names that were to go in every commit and tag of the new repository."""
    edits = ledger.plan.edits
    if edits.wordings:
        _, tags = read_refs(target, frozenset())
        for raw in (*read_objects(target, commits), *tags.values()):
            if holds_words(parse(raw.data), edits):
                ledger.fail("words that were to go are still there", object_id=raw.id)
    if edits.renamings:
        for commit, path in names_left(target, edits):
            ledger.fail("a name that was to go is still there", object_id=commit, path=path)


def _check_elsewhere(ledger: Ledger, target: Path) -> None:
    for part in _ELSEWHERE:
        if (target / part).exists():
            ledger.fail(f"the repository has something it should not have: {part}")
    if any((target / "objects" / "pack").glob("*.keep")):
        ledger.fail("the repository has a pack marked never to be collected")


def _is_damaged(target: Path) -> bool:
    """Say whether objects are missing that something leads to, or cannot be read."""
    connected = [*LITTLE_MEMORY, "fsck", "--connectivity-only"]
    return run_git(connected, git_dir=target, check=False).code != 0
