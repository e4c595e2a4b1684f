"""Which refs a push may move, and what became of each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from breachkit.actions.rewritten import RefChange
from breachkit.actions.wire import name_from_json, name_to_json, require_schema
from breachkit.model.ids import ObjectId, RefName


SCHEMA = "breachkit.push/1"

PLATFORM_NAMESPACES = (
    b"refs/pull/",  # GitHub
    b"refs/merge-requests/",  # GitLab
    b"refs/pull-requests/",  # Bitbucket
    b"refs/changes/",  # Gerrit
    b"refs/keep-around/",  # GitLab
)
"""Refs that the platform makes for itself and keeps from being pushed to."""

_VOLATILE = re.compile(rb"refs/(?:pull|merge-requests|pull-requests)/[^/]+/merge")

_PLATFORM_REFUSALS = (
    "hidden ref",  # git's receive.hideRefs; GitHub says the same
    "funny refname",  # a ref right under refs/
    "hook declined",  # Bitbucket Data Center, Gerrit
    "prohibited by gerrit",
    "read only",  # Bitbucket Cloud
    "read-only",
)

_STALE = ("stale info", "fetch first", "remote ref updated since checkout")

_FOLLOWS = ("atomic push fail", "atomic transaction failed", "transaction failed")

RefState = Literal["done", "already", "platform", "refused", "stale", "held"]
"""What became of a ref: the server took it; it was so before; only the platform's support can
change it; the server refused it; it had moved; it was not tried or taken back because of others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefOutcome:
    """What became of one ref of a push."""

    name: RefName
    state: RefState
    reason: str = ""
    """The server's own words, where it refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReport:
    """How a server's refs differ from what they were when the mirror was made."""

    moved: tuple[RefName, ...] = ()
    appeared: tuple[RefName, ...] = ()
    vanished: tuple[RefName, ...] = ()
    volatile: tuple[RefName, ...] = ()
    """Test merges that the platform makes again whenever it likes; they stop nothing."""

    @property
    def holds(self) -> bool:
        """Whether the push may go ahead."""
        return not self.broken

    @property
    def broken(self) -> tuple[RefName, ...]:
        """Every ref that stops the push."""
        return tuple(sorted((*self.moved, *self.appeared, *self.vanished)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What became of every ref that had to change."""

    outcomes: tuple[RefOutcome, ...]

    def names(self, *states: RefState) -> tuple[RefName, ...]:
        """Give the refs in any of these states."""
        return tuple(each.name for each in self.outcomes if each.state in states)

    @property
    def complete(self) -> bool:
        """Whether everything that can be pushed was."""
        return not self.names("refused", "stale", "held")

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values."""
        outcomes = [[name_to_json(each.name), each.state, each.reason] for each in self.outcomes]
        return {"schema": SCHEMA, "outcomes": outcomes}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationError: it is something else.
        """
        require_schema(data, SCHEMA)
        return cls(
            outcomes=tuple(
                RefOutcome(name=RefName(name_from_json(name)), state=state, reason=reason)
                for name, state, reason in data["outcomes"]
            )
        )


def is_platform_ref(name: RefName) -> bool:
    """Whether only the platform can move this ref: it keeps it for itself, or no push reaches it.

    git's push does not see refs right under `refs/`, such as `refs/stash`, and its server side
    refuses to write them. Source: git's connect.c, `check_ref`, and builtin/receive-pack.c.
    """
    return name.startswith(PLATFORM_NAMESPACES) or name.count(b"/") == 1


def compare_leases(
    leases: Mapping[RefName, ObjectId],
    server: Mapping[RefName, ObjectId],
    changes: Iterable[RefChange],
) -> LeaseReport:
    """Compare a server's refs with what they are expected to be.

    A ref may be as it was or already as it is to become. Once some ref is as it is to become, the
    push has begun, and the platform has begun to move its own refs after it (a pull request's head
    follows its branch); from then on only other people's refs can stop it.

    Args:
        leases: The refs when the mirror was made.
        server: The refs now.
        changes: What is to be pushed.
    """
    wanted = {change.name: change.new for change in changes if change.is_change}
    begun = any(server.get(name) == new for name, new in wanted.items())
    off = {
        name
        for name in leases.keys() | server.keys()
        if server.get(name) != leases.get(name)
        and not (name in wanted and server.get(name) == wanted[name])
    }
    volatile = {name for name in off if _stops_nothing(name, begun=begun)}
    off -= volatile
    return LeaseReport(
        moved=tuple(sorted(name for name in off if name in leases and name in server)),
        appeared=tuple(sorted(name for name in off if name not in leases)),
        vanished=tuple(sorted(name for name in off if name not in server)),
        volatile=tuple(sorted(volatile)),
    )


def outstanding(
    changes: Iterable[RefChange], server: Mapping[RefName, ObjectId]
) -> tuple[RefChange, ...]:
    """Give the changes that the server does not show yet."""
    return tuple(
        change for change in changes if change.is_change and server.get(change.name) != change.new
    )


def judge(change: RefChange, flag: str, reason: str) -> RefOutcome:
    """Say what git's report on one pushed ref means.

    Args:
        change: The ref.
        flag: The first character of its line in `git push --porcelain`; empty where git said
            nothing about it.
        reason: What stands in brackets behind it.
    """
    said = reason.lower()
    if flag == "=":
        state: RefState = "already"
    elif flag and flag != "!":
        state = "done"
    elif not flag or any(sign in said for sign in _FOLLOWS):
        state = "held"
    elif any(sign in said for sign in _STALE):
        state = "stale"
    elif is_platform_ref(change.name) and any(sign in said for sign in _PLATFORM_REFUSALS):
        state = "platform"
    else:
        state = "refused"
    return RefOutcome(name=change.name, state=state, reason=reason if state != "done" else "")


def _stops_nothing(name: RefName, *, begun: bool) -> bool:
    return is_platform_ref(name) and (begun or _VOLATILE.fullmatch(name) is not None)
