"""What a rewrite changes beside taking files out: content, words and names put in place of others.

One law for the engine that makes the new history and for the proof that judges it; each applies
it to what it has read itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Self

from breachkit.actions.wire import name_from_json, name_to_json
from breachkit.actions.words import Words
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import GitPath, ObjectId


MARK = b"[REDACTED]"
"""What stands for words that were taken out. Source: OpenSAFELY's rules for redacting outputs."""

_FILE_MODES = frozenset({b"100644", b"100755", b"100664"})
"""Modes of plain files; a link or a submodule is never given other content."""


class Entry(NamedTuple):
    """A file of a tree."""

    path: GitPath
    mode: bytes
    id: ObjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A redacted version of one version of a file."""

    path: GitPath
    blob: ObjectId
    """The bad one."""
    by: ObjectId
    bits: float | None = None
    """Binary logarithm of the fillings to try for who holds an old id; None: not to be reckoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words in messages, in the texts of tags and in people's names, and what stands for them."""

    find: bytes = field(repr=False)
    """In upper and lower case as given; UTF-8 where it is text. `Words` says how it is found."""
    put: bytes = MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Renaming:
    """A file, or with `/` at its end a folder, that gets another name in every commit."""

    old: GitPath = field(repr=False)
    new: GitPath


@dataclass(frozen=True, kw_only=True)
class Edits:
    """Everything a rewrite changes beside taking files out."""

    replacements: tuple[Replacement, ...] = ()
    wordings: tuple[Wording, ...] = ()
    renamings: tuple[Renaming, ...] = ()
    whole_history: bool = False
    """Make every commit again without its signature, also where nothing has to change in it."""

    def entry(self, old: Entry, bad: Collection[ObjectId]) -> Entry | None:
        """Give what a file of an old tree is in the new one; None: it goes.

        Args:
            old: The file.
            bad: Blobs that go, whether or not something is put in their place.
        """
        kept = old.id
        if old.id in bad:
            by = self._by.get((old.path, old.id)) if old.mode in _FILE_MODES else None
            if by is None:
                return None
            kept = by
        return Entry(self.name(old.path), old.mode, kept)

    def name(self, path: GitPath) -> GitPath:
        """Give the name a file has in the new history."""
        for each in self.renamings:
            if path == each.old:
                return each.new
            if each.old.endswith(b"/") and path.startswith(each.old):
                return GitPath(each.new + path[len(each.old) :])
        return path

    def words(self, text: bytes, encoding: str = "utf-8") -> bytes:
        """Give a message or a header with the words that go replaced.

        Args:
            text: As git stores it.
            encoding: Of the text, where a commit names one.
        """
        return self._words.replace(text, encoding)

    def rewords(self, text: bytes, encoding: str = "utf-8") -> bool:
        """Say whether a text holds words that go."""
        return self._words.are_in(text, encoding)

    def renames(self, path: GitPath) -> bool:
        """Say whether a file gets another name."""
        return bool(self.renamings) and self.name(path) != path

    @cached_property
    def _by(self) -> dict[tuple[GitPath, ObjectId], ObjectId]:
        return {(each.path, each.blob): each.by for each in self.replacements}

    @cached_property
    def _words(self) -> Words:
        return Words((each.find, each.put) for each in self.wordings)

    def to_json(self) -> dict[str, Any]:
        """Write them as JSON values: for the case's private part only, they hold the words."""
        return {
            "replacements": [
                [name_to_json(each.path), each.blob, each.by, each.bits]
                for each in self.replacements
            ],
            "wordings": [
                [name_to_json(each.find), name_to_json(each.put)] for each in self.wordings
            ],
            "renamings": [
                [name_to_json(each.old), name_to_json(each.new)] for each in self.renamings
            ],
            "whole_history": self.whole_history,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        return cls(
            replacements=tuple(
                Replacement(
                    path=GitPath(name_from_json(path)),
                    blob=ObjectId(blob),
                    by=ObjectId(by),
                    bits=bits,
                )
                for path, blob, by, bits in data["replacements"]
            ),
            wordings=tuple(
                Wording(find=name_from_json(find), put=name_from_json(put))
                for find, put in data["wordings"]
            ),
            renamings=tuple(
                Renaming(old=GitPath(name_from_json(old)), new=GitPath(name_from_json(new)))
                for old, new in data["renamings"]
            ),
            whole_history=data["whole_history"],
        )


NO_EDITS = Edits()


def read_wordings(text: bytes) -> tuple[Wording, ...]:
    """Read words to replace, a line each: `words` or `words==>what stands for them`.

    Raises:
        UsageError: there are none, a line has no words or too little of them, or what stands for
            some holds others.
    """
    wordings = tuple(_wording(*pair) for pair in _lines(text))
    if not wordings:
        raise UsageError("the file of words holds no line: write a word or more in each")
    for number, each in enumerate(wordings, 1):
        if len(each.find) < _SHORTEST:
            raise UsageError(
                f"line {number} of the file of words is shorter than {_SHORTEST} bytes: it would be "
                "found inside other words"
            )
        if set(each.put) & set(b"<>\0"):
            raise UsageError(
                f"what stands for line {number} of the file of words holds < or >, which may not be in "
                "the name of a person"
            )
        if Edits(wordings=wordings).rewords(each.put):
            raise UsageError(
                f"what stands for line {number} of the file of words holds words that are to go"
            )
    return wordings


_SHORTEST = 3


def _wording(find: bytes, put: bytes | None) -> Wording:
    find = find.strip()  # a blank at the end of a line nobody sees, and it would be looked for
    return Wording(find=find) if put is None else Wording(find=find, put=put.strip())


def read_renamings(text: bytes) -> tuple[Renaming, ...]:
    """Read names to change, a line each: `old name==>new name`; a folder's end in `/`.

    Raises:
        UsageError: a line is no such pair, a name leads out of the repository, or a new name would
            be changed again.
    """
    renamings: list[Renaming] = []
    for number, (old, new) in enumerate(_lines(text), 1):
        if not (old and new) or old.endswith(b"/") != new.endswith(b"/"):
            raise UsageError(
                f"line {number} of the file of names is no `old==>new`, a folder's with / at both ends"
            )
        if not (_is_inside(old) and _is_inside(new)):
            raise UsageError(
                f"line {number} of the file of names leads out of the repository, or into .git"
            )
        renamings.append(Renaming(old=GitPath(old), new=GitPath(new)))
    if not renamings:
        raise UsageError("the file of names holds no line: write `old name==>new name` in each")
    edits = Edits(renamings=tuple(renamings))
    if any(edits.renames(each.new) for each in renamings):
        raise UsageError("a new name in the file of names is the old one of another line")
    return tuple(renamings)


def _lines(text: bytes) -> list[tuple[bytes, bytes | None]]:
    found: list[tuple[bytes, bytes | None]] = []
    for line in text.removeprefix(b"\xef\xbb\xbf").splitlines():
        if line.strip():
            old, arrow, new = line.partition(b"==>")
            found.append((old, new if arrow else None))
    return found


def _is_inside(path: bytes) -> bool:
    parts = path.removesuffix(b"/").split(b"/")
    outside = {b"", b".", b".."}
    return not any(part in outside or part.lower() == b".git" or b"\0" in part for part in parts)


def require_free_names(edits: Edits, paths: Collection[GitPath]) -> None:
    """Stop a plan that would put a file where another one is, or was.

    Args:
        edits: What is to change.
        paths: Every path that any commit has.

    Raises:
        RefusedError: two paths would become one, or a file a folder.
        UsageError: no commit has what is to be renamed.
    """
    renamed = {path: edits.name(path) for path in paths if edits.renames(path)}
    for number, each in enumerate(edits.renamings, 1):
        if not any(_is_of(path, each) for path in renamed):
            raise UsageError(f"no commit has the old name in line {number} of the file of names")
    came_from = {renamed.get(path, path): path for path in paths}
    if len(came_from) < len(set(paths)) or _is_in_the_way(came_from):
        raise RefusedError(
            "a new name in the file of names is that of another file or folder in some commit: "
            "choose one that no commit has"
        )


def _is_of(path: GitPath, renaming: Renaming) -> bool:
    return path == renaming.old or (renaming.old.endswith(b"/") and path.startswith(renaming.old))


def _is_in_the_way(came_from: Mapping[GitPath, GitPath]) -> bool:
    """Say whether a file is where another's folder is; as long as it was there before, that is fine.

    Args:
        came_from: The old path by the new one, the same where a file keeps its own.
    """
    return any(
        folder in came_from and not old.startswith(came_from[folder] + b"/")
        for new, old in came_from.items()
        for folder in _parents(new)
    )


def _parents(path: GitPath) -> list[GitPath]:
    parts = path.split(b"/")
    return [GitPath(b"/".join(parts[:depth])) for depth in range(1, len(parts))]
