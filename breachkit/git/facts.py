"""What git knows about the bad blobs: everything a plan of a rewrite depends on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from breachkit.actions.bad_set import check_bad_ids
from breachkit.actions.edits import NO_EDITS, Edits, require_free_names
from breachkit.actions.rewrite import HistoryFacts, Losses, RefFact, Traces, descendants
from breachkit.git.changes import Changes, read_changes
from breachkit.git.commits import note_about
from breachkit.git.mentions import Mentions
from breachkit.git.process import run_git, stream_git
from breachkit.git.rawobjects import (
    SIGNATURE_HEADERS,
    Kind,
    MissingObjectError,
    Parsed,
    RawObject,
    as_kind,
    is_signed_tag,
    parse,
    read_objects,
    tagged,
)
from breachkit.git.rewording import holds_words, is_lost, reword, told_in
from breachkit.git.tag_chains import follow_tags
from breachkit.git.treemaker import list_files
from breachkit.model.doing import doing
from breachkit.model.errors import RefusedError
from breachkit.model.ids import GitPath, ObjectId, RefName


_NOTES = b"refs/notes/"


def gather_facts(
    mirror: Path, bad_ids: Iterable[str], edits: Edits = NO_EDITS, *, may_be_none: bool = False
) -> HistoryFacts:
    """Find everything in a mirror that has to do with the bad blobs.

    Args:
        mirror: A complete bare repository.
        bad_ids: Full ids of blobs; may be none where words or names are to go.
        edits: What is to be changed beside.
        may_be_none: Whether there may be nothing to do.

    Raises:
        UsageError: an id is no full object id, there is nothing to do, or a name that is to go is
            nowhere.
        RefusedError: the empty file is among the blobs, or a new name is taken.
        GitCommandError: the repository is damaged.
    """
    others = bool(edits.wordings or edits.renamings)
    bad = check_bad_ids(bad_ids, may_be_none=may_be_none or others)
    refs, tags = read_refs(mirror, bad, edits)
    notes = any(ref.name.startswith(_NOTES) for ref in refs)
    with doing("Reading how the files came in"):
        changes = read_changes(mirror, bad, edits, notes=notes)
    _check_names(mirror, refs, changes, edits)
    facts = HistoryFacts(
        bad=bad,
        parents=changes.parents,
        introductions=tuple(changes.introductions),
        refs=refs,
        losses=Losses(),
        traces=Traces(),
        edits=edits,
        reworded=_find_reworded(mirror, changes.parents, edits),
        renamed=tuple(changes.renamed),
        holding=changes.holding,
    )
    facts = _with_notes(mirror, facts, changes.notes)
    return replace(facts, **_weigh(mirror, facts, tags))


def _with_notes(
    mirror: Path, facts: HistoryFacts, arrivals: Sequence[tuple[ObjectId, ObjectId]]
) -> HistoryFacts:
    """Find the commits that bring in a note on a commit that gets a new id."""
    notes = _only_notes(mirror, facts.refs)
    of_notes = [pair for pair in arrivals if pair[0] in notes]
    facts = replace(facts, notes=notes)
    while True:  # notes may be about notes
        inside = facts.bad.union(descendants(facts.parents, facts.changed_here))
        renoted = frozenset(commit for commit, about in of_notes if about in inside)
        if renoted == facts.renoted:
            return facts
        facts = replace(facts, renoted=renoted)


def _only_notes(mirror: Path, refs: Iterable[RefFact]) -> frozenset[ObjectId]:
    tips = [ref for ref in refs if ref.kind == "commit"]
    notes = [ref.target for ref in tips if ref.name.startswith(_NOTES)]
    if not notes:
        return frozenset()
    others = (f"^{ref.target}" for ref in tips if not ref.name.startswith(_NOTES))
    asked = "\n".join([*notes, *others]).encode() + b"\n"
    listed = run_git(["rev-list", "--stdin"], git_dir=mirror, stdin=asked).stdout
    return frozenset(map(ObjectId, listed.decode().split()))


def _weigh(mirror: Path, facts: HistoryFacts, tags: Mapping[ObjectId, RawObject]) -> dict[str, Any]:
    """Count what is lost and what is left, once it is known which commits change."""
    rewritten = descendants(facts.parents, facts.changed_here)
    inside = frozenset(rewritten)
    mentions = Mentions([*rewritten, *facts.bad])
    kept = [one for one in facts.parents if one not in inside]
    read = read_objects(mirror, chain(rewritten, kept))  # the rewritten come first
    losses, messages = _count_losses(islice(read, len(rewritten)), mentions, facts.edits)
    changed = [ref for ref in facts.refs if ref.target in inside or ref.holds or ref.reworded]
    gone = {tag for ref in changed for tag in ref.tags if ref.kind != "blob" or ref.reworded}
    stay = (tag for one, tag in tags.items() if one not in gone)
    texts = (parse(each.data) for each in chain(read, stay))
    followed, left = _count_notes(mirror, facts, inside)
    return {
        "losses": replace(
            losses, tag_signatures=sum(is_signed_tag(tags[tag].data) for tag in gone)
        ),
        "traces": Traces(
            messages=messages,
            notes=followed,
            elsewhere=left + sum(bool(told_in(text, mentions)) for text in texts),
        ),
    }


def read_parents(git_dir: Path) -> dict[ObjectId, tuple[ObjectId, ...]]:
    """Give every commit that a ref reaches with its parents; parents come before children."""
    parents: dict[ObjectId, tuple[ObjectId, ...]] = {}
    command = ["rev-list", "--all", "--parents", "--topo-order", "--reverse"]
    with stream_git(command, git_dir=git_dir) as stream:
        for line in stream.stdout:
            commit, *its_parents = line.decode().split()
            parents[ObjectId(commit)] = tuple(map(ObjectId, its_parents))
    return parents


def _check_names(git_dir: Path, refs: Iterable[RefFact], changes: Changes, edits: Edits) -> None:
    if edits.renamings:
        trees = dict.fromkeys(ref.target for ref in refs if ref.kind == "tree")
        listed = (each.path for tree in trees for each in list_files(git_dir, tree)[1])
        require_free_names(edits, changes.paths.union(listed))


def _find_reworded(
    git_dir: Path, commits: Iterable[ObjectId], edits: Edits
) -> tuple[ObjectId, ...]:
    """Give the commits whose message, people or other headers hold words that go."""
    if not edits.wordings:
        return ()
    read = read_objects(git_dir, commits)
    return tuple(each.id for each in read if _is_reworded(parse(each.data), edits))


def _is_reworded(parsed: Parsed, edits: Edits) -> bool:
    """Say whether words go from a commit or tag.

    Raises:
        RefusedError: what is put in makes words again with what is beside it, without end.
    """
    once = reword(parsed, edits)
    if reword(once, edits) != once:
        raise RefusedError(
            "what stands for some line of the file of words makes one of the words again: choose "
            "something else"
        )
    return holds_words(parsed, edits)


def read_refs(
    git_dir: Path, bad: frozenset[ObjectId], edits: Edits = NO_EDITS
) -> tuple[tuple[RefFact, ...], dict[ObjectId, RawObject]]:
    """Give every ref, and every annotated tag that a ref leads to, by its id."""
    command = ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)"]
    lines = run_git(command, git_dir=git_dir).stdout.removesuffix(b"\n").split(b"\n")
    values = [line.split(b" ", 2) for line in lines if line]
    tags = _read_tags(git_dir, [_id(value) for value, kind, _ in values if kind == b"tag"])
    held: dict[ObjectId, bool] = {}
    facts: list[RefFact] = []
    for value, kind, name in values:
        layers, target, target_kind = _peel(_id(value), as_kind(kind), tags)
        if target_kind == "tree" and target not in held:
            held[target] = tree_holds(git_dir, target, bad, edits)
        fact = RefFact(
            name=RefName(name),
            value=_id(value),
            tags=layers,
            target=target,
            kind=target_kind,
            holds=target in bad or held.get(target, False),
            reworded=any(_is_reworded(parse(tags[tag].data), edits) for tag in layers),
        )
        facts.append(fact)
    return tuple(facts), tags


def _read_tags(git_dir: Path, wanted: Sequence[ObjectId]) -> dict[ObjectId, RawObject]:
    """Read tags, the tags they point at, and so on."""
    tags = follow_tags(git_dir, wanted).tags
    pointed = (tagged(tag.data) for tag in tags.values())
    inner = [one for one, kind in pointed if kind == "tag"]
    if any(one not in tags for one in (*wanted, *inner)):
        raise MissingObjectError(
            "a tag, or one that it is about, is missing from the repository or no tag: make a new "
            "mirror and try again"
        )
    return tags


def _peel(
    value: ObjectId, kind: Kind, tags: Mapping[ObjectId, RawObject]
) -> tuple[tuple[ObjectId, ...], ObjectId, Kind]:
    layers: list[ObjectId] = []
    while kind == "tag":
        layers.append(value)
        value, kind = tagged(tags[value].data)
    return tuple(layers), value, kind


def tree_holds(
    git_dir: Path, tree: ObjectId, bad: Collection[ObjectId], edits: Edits = NO_EDITS
) -> bool:
    """Say whether a bad blob is anywhere in a tree, or a file at a name that goes."""
    if not (bad or edits.renamings):
        return False
    lines = run_git(["ls-tree", "-r", "-z", "--full-tree", tree], git_dir=git_dir).stdout
    entries = (line.split(b"\t", 1) for line in lines.split(b"\0") if line)
    return any(
        about.split(b" ")[2].decode() in bad or edits.renames(GitPath(path))
        for about, path in entries
    )


def _count_losses(
    rewritten: Iterable[RawObject], mentions: Mentions, edits: Edits
) -> tuple[Losses, int]:
    """Count what the commits lose, and those that name one of them."""
    signatures = mergetags = messages = 0
    for commit in rewritten:
        parsed = parse(commit.data)
        lost = [header[0] for header in parsed.headers if is_lost(header, mentions, edits)]
        signatures += any(header in SIGNATURE_HEADERS for header in lost)
        mergetags += lost.count(b"mergetag")
        messages += bool(told_in(parsed, mentions))
    return Losses(signatures=signatures, mergetags=mergetags), messages


def _count_notes(
    git_dir: Path, facts: HistoryFacts, rewritten: frozenset[ObjectId]
) -> tuple[int, int]:
    """Count the notes on rewritten commits that follow them, and those that keep the old ids.

    The latter are in commits that a branch has as well: there they are files like any other.
    """
    counts = {True: 0, False: 0}
    for ref in facts.refs:
        if ref.name.startswith(_NOTES) and ref.kind == "commit":
            command = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", ref.target]
            names = run_git(command, git_dir=git_dir).stdout.split(b"\0")
            counts[ref.target in facts.notes] += sum(note_about(one) in rewritten for one in names)
    return counts[True], counts[False]


def _id(raw: bytes) -> ObjectId:
    return ObjectId(raw.decode())
