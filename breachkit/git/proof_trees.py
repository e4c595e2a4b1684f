"""The part of a proof that compares trees, path by path, with what the plan makes of each file."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from breachkit.actions.edits import Entry
from breachkit.git.commits import note_about, rename_note
from breachkit.git.nul import split_at_nul
from breachkit.git.process import stream_git
from breachkit.git.proof_ledger import Holder, Ledger, TreePair
from breachkit.model.ids import GitPath, ObjectId, is_object_id


_NO_MODE = b"000000"
"""Of a file that one of two trees does not have. Source: git-diff-tree(1)."""


@dataclass(slots=True)
class _Difference:
    """What two trees do not have in common."""

    old: set[Entry] = field(default_factory=set)
    new: set[Entry] = field(default_factory=set)


def check_trees(ledger: Ledger, view: Path) -> None:
    """Compare the trees path by path: nothing but what is planned may differ."""
    pairs = list(dict.fromkeys(pair for pair, _ in ledger.trees))
    holders: dict[TreePair, list[Holder]] = {}
    for pair, holder in ledger.trees:
        holders.setdefault(pair, []).append(holder)
    ledger.counts.update(removed=0, replaced=0, renamed=0)
    for pair, difference in _tree_differences(view, pairs):
        counted = [_check_tree(ledger, pair, holder, difference) for holder in holders[pair]]
        ledger.counts.update(Counter(ledger.counts) + counted[0])
    ledger.counts["trees"] = len(pairs)


def _check_tree(ledger: Ledger, pair: TreePair, holder: Holder, found: _Difference) -> Counter[str]:
    become = _law(ledger, holder)
    counts: Counter[str] = Counter()
    expected: set[Entry] = set()
    wrong: set[Entry] = set()
    for old in found.old:
        new = become(old)
        if new == old:
            wrong.add(old)
        elif new is None:
            counts["removed"] += 1
        else:
            expected.add(new)
            counts["renamed" if new.id == old.id else "replaced"] += 1
    there = found.new
    if holder == "notes":  # of two notes that get one name, one goes deeper into folders
        expected, there = set(map(_flat, expected)), set(map(_flat, there))
    for path in sorted({entry.path for entry in wrong | expected ^ there}):
        ledger.fail("a path changed that was not planned to", object_id=pair[0], path=path)
    return counts


def _law(ledger: Ledger, holder: Holder) -> Callable[[Entry], Entry | None]:
    """Give what the plan makes of each file; in commits it names every path with a bad blob."""
    if holder == "notes":
        return lambda entry: _noted(ledger, entry)
    plan = ledger.plan
    bad = frozenset(plan.bad)
    if holder == "ref":
        return partial(plan.edits.entry, bad=bad)
    planned = {(each.path, each.blob) for each in plan.removals}
    return lambda old: plan.edits.entry(old, bad if (old.path, old.id) in planned else ())


def _noted(ledger: Ledger, entry: Entry) -> Entry | None:
    kept = ledger.plan.edits.entry(entry, frozenset(ledger.plan.bad))
    return None if kept is None else rename_note(kept, ledger.new_ids, ledger.plan.bad)


def _flat(note: Entry) -> Entry:
    is_note = is_object_id(note_about(note.path))
    return note._replace(path=GitPath(note.path.replace(b"/", b""))) if is_note else note


def _tree_differences(view: Path, pairs: list[TreePair]) -> Iterator[tuple[TreePair, _Difference]]:
    current: TreePair | None = None
    found = _Difference()
    for pair, change, path in _tree_changes(view, pairs):
        if current is not None and pair != current:
            yield current, found
            found = _Difference()
        current = pair
        mode, new_mode, old, new, _ = change.removeprefix(b":").split(b" ")
        if mode != _NO_MODE:
            found.old.add(Entry(path, mode, ObjectId(old.decode())))
        if new_mode != _NO_MODE:
            found.new.add(Entry(path, new_mode, ObjectId(new.decode())))
    if current is not None:
        yield current, found


def _tree_changes(view: Path, pairs: list[TreePair]) -> Iterator[tuple[TreePair, bytes, GitPath]]:
    """Give every path in which two trees differ, as lines of git's raw format."""
    asked = "".join(f"{old} {new}\n" for old, new in pairs if old != new).encode()
    if not asked:
        return
    command = ["diff-tree", "-r", "--stdin", "--raw", "-z", "--no-renames", "--no-abbrev"]
    pair = pairs[0]
    with stream_git(command, git_dir=view, stdin=asked) as stream:
        words = split_at_nul(stream.stdout.read)
        for word in words:
            *headers, change = word.split(b"\n")  # a pair's own line ends in a newline, not a NUL
            if headers:
                old, new = headers[-1].decode().split()
                pair = ObjectId(old), ObjectId(new)
            if change:
                yield pair, change, GitPath(next(words, b""))
