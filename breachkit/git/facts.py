"""What git knows about the bad blobs: everything a plan of a rewrite depends on."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from breachkit.actions.bad_set import Introduction, check_bad_ids
from breachkit.actions.rewrite import HistoryFacts, Losses, RefFact, Traces, descendants
from breachkit.git.process import run_git, stream_git
from breachkit.git.rawobjects import (
    SIGNATURE_HEADERS,
    Kind,
    RawObject,
    as_kind,
    is_signed_tag,
    lost_headers,
    parse,
    read_objects,
    tagged,
)
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.time import from_epoch


_NOTES = b"refs/notes/"
_ID_IN_MESSAGE = re.compile(rb"\b[0-9a-f]{7,40}\b")
_LOG = (
    *("log", "--all", "--diff-merges=first-parent", "--raw", "-r", "-z"),
    *("--no-abbrev", "--no-renames", "--no-ext-diff", "--format=tformat:%H %ct"),
)


def gather_facts(mirror: Path, bad_ids: Iterable[str]) -> HistoryFacts:
    """Find everything in a mirror that has to do with the bad blobs.

    Args:
        mirror: A complete bare repository.
        bad_ids: Full ids of blobs.

    Raises:
        UsageError: an id is no full object id, or there is none.
        RefusedError: the empty file is among them.
        GitCommandError: the repository is damaged.
    """
    bad = check_bad_ids(bad_ids)
    parents = read_parents(mirror)
    introductions = tuple(find_introductions(mirror, bad))
    rewritten = descendants(parents, {each.commit for each in introductions})
    refs, tags = read_refs(mirror, bad)
    inside = frozenset(rewritten)
    losses, messages = _read_commits(mirror, rewritten)
    changed = [ref for ref in refs if ref.target in inside or ref.holds]
    gone = {tag for ref in changed for tag in ref.tags if ref.kind != "blob"}
    return HistoryFacts(
        bad=bad,
        parents=parents,
        introductions=introductions,
        refs=refs,
        losses=Losses(
            signatures=losses.signatures,
            mergetags=losses.mergetags,
            tag_signatures=sum(is_signed_tag(tags[tag].data) for tag in gone),
        ),
        traces=Traces(messages=messages, notes=_count_notes(mirror, refs, inside)),
    )


def read_parents(git_dir: Path) -> dict[ObjectId, tuple[ObjectId, ...]]:
    """Give every commit that a ref reaches with its parents; parents come before children."""
    parents: dict[ObjectId, tuple[ObjectId, ...]] = {}
    command = ["rev-list", "--all", "--parents", "--topo-order", "--reverse"]
    with stream_git(command, git_dir=git_dir) as stream:
        for line in stream.stdout:
            commit, *its_parents = line.decode().split()
            parents[ObjectId(commit)] = tuple(map(ObjectId, its_parents))
    return parents


def find_introductions(git_dir: Path, bad: frozenset[ObjectId]) -> Iterator[Introduction]:
    """Give each commit and path at which a bad blob appears, against the first parent.

    A commit that has a bad blob either gets it here or has it from its first parent, so the
    commits found and their descendants are all that ever hold one.
    """
    with stream_git(_LOG, git_dir=git_dir) as stream:
        commit, when = ObjectId(""), None
        words = split_at_nul(stream.stdout.read)
        for word in words:
            text = word.removeprefix(b"\n")
            if text.startswith(b":"):
                path = next(words)
                blob = ObjectId(text.split(b" ", 4)[3].decode())
                if blob in bad:
                    yield Introduction(
                        commit=commit,
                        when=when,
                        path=GitPath(path),
                        blob=blob,
                    )
            elif text:
                name, _, date = text.partition(b" ")
                commit, when = ObjectId(name.decode()), _moment(date)


def _moment(seconds: bytes) -> datetime | None:
    """Read git's seconds; None where the commit has a date that git cannot read."""
    return from_epoch(int(seconds)) if seconds.isdigit() else None


def split_at_nul(read: Callable[[int], bytes], size: int = 1 << 20) -> Iterator[bytes]:
    """Cut a stream at its NUL bytes."""
    rest = b""
    while chunk := read(size):
        *words, rest = (rest + chunk).split(b"\0")
        yield from words
    if rest:
        yield rest


def read_refs(
    git_dir: Path, bad: frozenset[ObjectId]
) -> tuple[tuple[RefFact, ...], dict[ObjectId, RawObject]]:
    """Give every ref, and every annotated tag that a ref leads to, by its id."""
    command = ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)"]
    lines = run_git(command, git_dir=git_dir).stdout.removesuffix(b"\n").split(b"\n")
    values = [line.split(b" ", 2) for line in lines if line]
    tags = _read_tags(git_dir, [_id(value) for value, kind, _ in values if kind == b"tag"])
    held: dict[ObjectId, bool] = {}
    facts: list[RefFact] = []
    for value, kind, name in values:
        chain, target, target_kind = _peel(_id(value), as_kind(kind), tags)
        if target_kind == "tree" and target not in held:
            held[target] = tree_holds(git_dir, target, bad)
        fact = RefFact(
            name=RefName(name),
            value=_id(value),
            tags=chain,
            target=target,
            kind=target_kind,
            holds=target in bad or held.get(target, False),
        )
        facts.append(fact)
    return tuple(facts), tags


def _read_tags(git_dir: Path, wanted: Sequence[ObjectId]) -> dict[ObjectId, RawObject]:
    """Read tags, the tags they point at, and so on."""
    found: dict[ObjectId, RawObject] = {}
    while wanted:
        found.update((tag.id, tag) for tag in read_objects(git_dir, dict.fromkeys(wanted)))
        pointed = (tagged(found[tag].data) for tag in wanted)
        wanted = [one for one, kind in pointed if kind == "tag" and one not in found]
    return found


def _peel(
    value: ObjectId, kind: Kind, tags: Mapping[ObjectId, RawObject]
) -> tuple[tuple[ObjectId, ...], ObjectId, Kind]:
    chain: list[ObjectId] = []
    while kind == "tag":
        chain.append(value)
        value, kind = tagged(tags[value].data)
    return tuple(chain), value, kind


def tree_holds(git_dir: Path, tree: ObjectId, bad: Collection[ObjectId]) -> bool:
    """Say whether a bad blob is anywhere in a tree."""
    lines = run_git(["ls-tree", "-r", "-z", "--full-tree", tree], git_dir=git_dir).stdout
    return any(
        line.split(b"\t", 1)[0].split(b" ")[2].decode() in bad
        for line in lines.split(b"\0")
        if line
    )


def _read_commits(git_dir: Path, rewritten: Sequence[ObjectId]) -> tuple[Losses, int]:
    """Count what the commits lose, and the messages that name one of them."""
    inside = frozenset(rewritten)
    by_start: dict[str, list[ObjectId]] = defaultdict(list)
    for one in rewritten:
        by_start[one[:7]].append(one)
    signatures = mergetags = messages = 0
    for commit in read_objects(git_dir, rewritten):
        parsed = parse(commit.data)
        lost = list(lost_headers(parsed.headers, inside))
        signatures += any(header in SIGNATURE_HEADERS for header in lost)
        mergetags += lost.count(b"mergetag")
        messages += _names_one_of(parsed.rest, by_start)
    return Losses(signatures=signatures, mergetags=mergetags), messages


def _names_one_of(message: bytes, by_start: Mapping[str, Iterable[ObjectId]]) -> bool:
    words = (word.decode() for word in _ID_IN_MESSAGE.findall(message))
    return any(one.startswith(word) for word in words for one in by_start.get(word[:7], ()))


def _count_notes(git_dir: Path, refs: Iterable[RefFact], rewritten: frozenset[ObjectId]) -> int:
    """Count the notes whose name in the notes tree is the id of a rewritten commit."""
    count = 0
    for ref in refs:
        if ref.name.startswith(_NOTES) and ref.kind == "commit":
            command = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", ref.target]
            names = run_git(command, git_dir=git_dir).stdout.split(b"\0")
            count += sum(name.replace(b"/", b"").decode("latin-1") in rewritten for name in names)
    return count


def _id(raw: bytes) -> ObjectId:
    return ObjectId(raw.decode())
