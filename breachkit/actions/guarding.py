"""What a guard refuses and how it judges what it looked at. Plain data; the list holds old ids.

A guard compares by id, which tells the very files and commits that were taken out, and lets the
rules look at what is new, which tell a copy with other line ends, other columns or in another
format. Only the list is secret, so it lies where no commit takes it along.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from breachkit.actions.clone_list import blob_id
from breachkit.actions.near_copies import MAX_TABLES, TablePrint
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Hit, Severity
from breachkit.model.ids import GitPath, ObjectId


HookName = Literal["pre-commit", "pre-push", "pre-receive"]

HOOKS: tuple[HookName, ...] = ("pre-commit", "pre-push", "pre-receive")
"""The first two belong to a work tree, the last to a server. Source: githooks(5)."""

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TABLE = re.compile(r"t (?:[0-9a-f]{2}){16,64}(?: [0-9a-f]{16})+")
_HEAD = (
    "# breachkit guard: ids of what was taken back. With one of them, figures that were blacked out",
    "# can be guessed: put this file into no repository, no ticket and no log.",
)


class NoGuardListError(ConfigurationError):
    """A file is no list of ids, or not the whole of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardList:
    """The ids that may not come back: files first, then commits, trees and tags."""

    ids: tuple[ObjectId, ...]
    key: str = ""
    """Of the prints, hexadecimal; empty where there are none."""
    tables: tuple[TablePrint, ...] = ()
    """The tables among the files, by which copies in other formats are told."""

    @property
    def text(self) -> str:
        """The list as it is stored: a line each, and the number of them last."""
        tables = (" ".join(("t", self.key, *sorted(each))) for each in self.tables)
        lines = (*_HEAD, *tables, *self.ids, f"# end {len(self.ids)}")
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def of(cls, ids: Iterable[ObjectId], key: str = "", tables: Iterable[TablePrint] = ()) -> Self:
        """Make a list, each id and table once, in the order given.

        Raises:
            NoGuardListError: there is none.
        """
        once = tuple(dict.fromkeys(ids))
        if not once:
            raise NoGuardListError("there is no id to guard against: run `breachkit scope` first")
        return cls(ids=once, key=key, tables=tuple(dict.fromkeys(tables))[:MAX_TABLES])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a list: as it is stored, or as bare lines, as a secret of a CI service holds it.

        Raises:
            NoGuardListError: a line is no whole id, there is none, or the end is missing from what
                was stored.
        """
        lines = [line.strip() for line in text.splitlines()]
        prints = [line.split(" ")[1:] for line in lines if _TABLE.fullmatch(line)]
        ids = [line for line in lines if line and not line.startswith(("#", "t "))]
        if not ids or not all(map(_ID.fullmatch, ids)):
            raise NoGuardListError(
                "the list of ids is empty, or a line of it is no whole object id: "
                "`breachkit guard install` writes one"
            )
        if lines[0] == _HEAD[0] and f"# end {len(ids)}" not in lines:
            raise NoGuardListError(
                "the list of ids is not whole: run `breachkit guard install` again"
            )
        key = prints[0][0] if prints else ""
        tables = [frozenset(columns) for one, *columns in prints if one == key]
        return cls.of(map(ObjectId, ids), key, tables)


_BOM = b"\xef\xbb\xbf"


def near_ids(content: bytes) -> frozenset[ObjectId]:
    """Give the ids of a file and of those that say the same: other line ends, a mark at the start.

    A spreadsheet, an editor or another computer makes one of the other.
    """
    unix = content.removeprefix(_BOM).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    ended = unix.rstrip(b"\n") + b"\n"
    texts = {
        content,
        *(start + text for start in (b"", _BOM) for text in (unix, ended, ended[:-1])),
    }
    windows = {text.replace(b"\n", b"\r\n") for text in texts if b"\r" not in text}
    return frozenset(map(blob_id, {content} if b"\0" in content else texts | windows))


HookState = Literal["installed", "absent", "foreign", "not called"]
"""It is ours; there is none; it is somebody else's; it is ours, and git looks for hooks elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookStatus:
    """How one hook stands."""

    hook: HookName
    state: HookState
    keeps: bool = False
    """Whether a hook that was there before is called after it."""
    runs: bool = True
    """Whether it may be executed: git passes over a hook that may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardStatus:
    """How a repository is guarded."""

    hooks: tuple[HookStatus, ...]
    """All three, in the order of `HOOKS`."""
    ids: int
    """How many are listed; 0 where there is no list."""
    problem: str | None = None
    """Why the list is of no use."""
    outputs: int | None = None
    """How many files are known as checked; None where unchecked outputs are let through."""

    @property
    def works(self) -> bool:
        """Whether something is installed and every hook of ours can do its work."""
        ours = [each for each in self.hooks if each.state not in {"absent", "foreign"}]
        called = all(each.state == "installed" and each.runs for each in ours)
        guards = bool(self.ids) or self.outputs is not None
        return bool(ours) and called and guards and self.problem is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One file or message that was looked at."""

    path: GitPath | None
    """None for a message."""
    hits: tuple[Hit, ...] = ()
    unread: tuple[str, ...] = ()
    """Why it, or a part of it, was not examined."""
    is_telling: bool = False
    """Whether the name itself is evidence, so that it is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardCheck:
    """What `guard check` found."""

    judged: tuple[Judged, ...]
    """Those with a finding or with a gap."""
    examined: int
    """How many files and messages were looked at."""
    severity: Severity
    """From which severity on a finding counts."""
    compared: int | None = None
    """With how many ids; None where there is no list."""
    listed: int = 0
    """How many of the objects stand on the list, or say the same as one that does."""
    gaps: tuple[str, ...] = ()
    """What else was not looked at."""

    @property
    def counting(self) -> tuple[tuple[Judged, Hit], ...]:
        """The findings that count, the worst first."""
        pairs = [(one, hit) for one in self.judged for hit in one.hits]
        kept = [pair for pair in pairs if pair[1].severity >= self.severity]
        return tuple(sorted(kept, key=lambda pair: -pair[1].severity))

    @property
    def unread(self) -> int:
        """How many files and other things could not be examined."""
        return sum(bool(one.unread) for one in self.judged) + len(self.gaps)

    @property
    def exit_code(self) -> int:
        """7 something on the list, 11 to 14 the worst finding, 5 not all was examined, else 0."""
        if self.listed:
            return 7
        if self.counting:
            return self.counting[0][1].severity.exit_code
        return 5 if self.unread else 0
