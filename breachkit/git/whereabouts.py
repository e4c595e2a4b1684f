"""Reads from a mirror where the bad blobs were, commit by commit, for the picture of a report."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from breachkit.actions.whereabouts import CommitNote, RefNote, Way
from breachkit.git.facts import read_refs
from breachkit.git.nul import split_at_nul
from breachkit.git.process import run_git, stream_git
from breachkit.model.ids import ObjectId, RefName


_LOG = (
    *("log", "--all", "--topo-order", "--reverse", "--diff-merges=first-parent", "--raw", "-r"),
    *("-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", "--encoding=none"),
    "--format=tformat:%H %ct %P%n%s",
)
_OLD_ID = slice(len(b":100644 100644 "), len(b":100644 100644 ") + 40)
_NEW_ID = slice(_OLD_ID.stop + 1, _OLD_ID.stop + 41)
_NONE = b"0" * 40


def read_commits(mirror: Path, bad: Iterable[ObjectId]) -> Mapping[ObjectId, CommitNote]:
    """Give every commit that a ref reaches with what it does to the bad blobs, parents first.

    Args:
        mirror: A complete bare repository.
        bad: Full ids of the blobs.

    Raises:
        GitCommandError: the repository is damaged.
    """
    ids = frozenset(one.encode("ascii") for one in bad)
    reader = _Reader()
    with stream_git(_LOG, git_dir=mirror) as stream:
        words = split_at_nul(stream.stdout.read)
        for word in words:
            start = word.find(b":", 0, 2)
            if start < 0:
                if word:
                    reader.begin(word)
                continue
            path = next(words, b"")
            line = word[start:]
            old, new = line[_OLD_ID], line[_NEW_ID]
            if old in ids or new in ids:
                reader.change(
                    path, old if old in ids else None, new if new in ids else None, new == _NONE
                )
    reader.end()
    return reader.notes


def read_ref_notes(mirror: Path, bad: Iterable[ObjectId]) -> tuple[RefNote, ...]:
    """Give every ref with the commit it leads to."""
    facts, _ = read_refs(mirror, frozenset(bad))
    return tuple(
        RefNote(
            name=each.name,
            target=each.target if each.kind == "commit" else None,
            holds=each.holds,
        )
        for each in facts
    )


def read_default_branch(mirror: Path) -> RefName | None:
    """Give the branch that the server shows first; None where it names none."""
    said = run_git(["symbolic-ref", "-q", "HEAD"], git_dir=mirror, check=False).stdout
    return RefName(said.rstrip(b"\n")) or None


class _Reader:
    """Follows the places of the bad blobs from each commit's first parent to it."""

    def __init__(self) -> None:
        self.notes: dict[ObjectId, CommitNote] = {}
        self._places: dict[ObjectId, frozenset[bytes]] = {}
        """Only commits whose files hold a bad blob have an entry."""
        self._now: tuple[ObjectId, CommitNote] | None = None
        self._came: dict[bytes, bytes] = {}
        self._went: dict[bytes, bytes] = {}
        self._way: Way = "delete"
        self._is_revert = False

    def begin(self, header: bytes) -> None:
        """Begin with the next commit."""
        self.end()
        about, _, subject = header.lstrip(b"\n").partition(b"\n")
        commit, when, *parents = about.decode("ascii", "replace").split(" ")
        ids = tuple(ObjectId(one) for one in parents if one)
        seconds = int(when) if when.isdigit() else 0
        self._now = ObjectId(commit), CommitNote(parents=ids, when=seconds)
        self._is_revert = subject.startswith(b"Revert ")

    def change(self, path: bytes, old: bytes | None, new: bytes | None, gone: bool) -> None:  # noqa: FBT001 - one of four facts
        """Take in one path of it: the bad blobs before and after, and whether no file is left."""
        if new is not None:
            self._came[path] = new
        elif old is not None:
            self._went[path] = old
            self._way = "delete" if gone else "overwrite"

    def end(self) -> None:
        """Finish the commit before."""
        if self._now is None:
            return
        oid, note = self._now
        before = self._places.get(note.parents[0], frozenset()) if note.parents else frozenset()
        places = before
        if self._came or self._went:
            places = (before | self._came.keys()) - self._went.keys()
            note = self._noted(note, before)
        if places:
            self._places[oid] = places
        self.notes[oid] = note._replace(holds=len(places))
        self._came, self._went, self._way = {}, {}, "delete"
        self._now = None

    def _noted(self, note: CommitNote, before: frozenset[bytes]) -> CommitNote:
        """Tell a new name for what was there from something that came or went."""
        came = Counter(blob for path, blob in self._came.items() if path not in before)
        went = Counter(self._went.values())
        moved = came & went
        gone = (went - moved).total()
        return note._replace(
            came=(came - moved).total(),
            went=gone,
            moved=moved.total(),
            way="revert" if self._is_revert and gone else self._way,
        )
