"""Pushes a rewritten history: all refs or none, and none that somebody else has moved.

Never `--mirror`: it would delete what colleagues pushed meanwhile. Every ref is named with the
value it has to have on the server for the push to go ahead (its lease).
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breachkit.actions.push import (
    PushResult,
    RefOutcome,
    compare_leases,
    is_platform_ref,
    judge,
    outstanding,
)
from breachkit.actions.rewritten import RefChange, Rewritten
from breachkit.git.access import shown_settings
from breachkit.git.clone import transfer_error, without_credentials
from breachkit.git.process import Completed, GitCommandError
from breachkit.git.remote import list_remote, run_remote
from breachkit.model.doing import doing, is_heard
from breachkit.model.errors import AccessError, BreachkitError, IncompleteError, RefusedError
from breachkit.model.ids import ObjectId, RefName, display


logger = logging.getLogger(__name__)

MAX_ARGUMENT_BYTES = 400_000
"""Of one push. macOS takes 1 MiB for arguments and environment together; git reads refs to push
from nowhere else. Beyond this a push goes in parts, each all or nothing; about 2,000 refs."""

_AROUND = 160
"""Bytes of the arguments for a ref beside its name, twice: two ids, an option, and what the system adds."""

_NAMED = 10
"""An error names at most this many refs."""


class LeaseError(RefusedError):
    """Somebody moved refs on the server since the mirror was made; nothing was pushed.

    Attributes:
        refs: The refs.
    """

    def __init__(self, refs: Sequence[RefName]) -> None:
        self.refs = tuple(refs)
        super().__init__(
            f"the server's refs are not those the rewrite started from: {_list(refs)}; "
            "ask the writers to stop, make a new mirror, and plan and rewrite again"
        )


class PushRejectedError(AccessError):
    """The server refused refs, so none was changed by that push.

    Attributes:
        result: What became of every ref.
    """

    def __init__(self, result: PushResult) -> None:
        self.result = result
        refused = [each for each in result.outcomes if each.state == "refused"]
        reasons = sorted({display(each.reason) for each in refused if each.reason})
        super().__init__(
            f"the server refused {_list([each.name for each in refused])} "
            f"({'; '.join(reasons) or 'no reason given'}): lift the protection or hook that "
            "refuses them, and push again"
        )


class NotStoredError(IncompleteError):
    """The server could not store what was pushed; nothing changed there."""


class UnknownOutcomeError(IncompleteError):
    """The connection broke in a push: whether the server took it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a push is made."""

    extra_env: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Environment variables for git, such as those of `access.token_settings`."""
    partly: bool = False
    """Whether the rest is pushed where the server refuses some refs."""


def push(
    url: str,
    repository: Path,
    done: Rewritten,
    leases: Mapping[RefName, ObjectId],
    manner: Manner | None = None,
) -> PushResult:
    """Bring every changed ref to a server; what is there already is left alone.

    Args:
        url: The server.
        repository: The rewritten repository.
        done: What the rewrite did.
        leases: The server's refs when the mirror was made.
        manner: How; by default all or none, and with git's own credentials.

    Returns:
        What became of each changed ref. Refs that only the platform can change do not stop it.

    Raises:
        LeaseError: a ref of the server moved, appeared or vanished.
        PushRejectedError: the server refused a ref; the other refs of that push did not move. Not
            where a part may be pushed: the result says what was refused.
        NotStoredError: the server's disk is full, or it checks objects; nothing changed.
        UnknownOutcomeError: the connection broke; running it again finds out.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    manner = manner or Manner()
    waiting, server = _waiting(url, done, leases, manner)
    names = {change.name for change in waiting}
    outcomes = [
        RefOutcome(name=change.name, state="already")
        for change in done.changes
        if change.name not in names
    ]
    remote = _Remote(url, repository, manner.extra_env, frozenset(server))
    _require_told_apart(waiting, server)
    ours = [change for change in waiting if not is_platform_ref(change.name)]
    theirs = [change for change in waiting if is_platform_ref(change.name)]
    for part in _parts(ours):
        outcomes += remote.push_what_passes(part) if manner.partly else remote.push_all(part)
        _require_complete(outcomes, manner)
    for part in _parts(theirs):
        outcomes += remote.push_platform(part, server)
    result = _require_complete(outcomes, manner)
    return _confirmed(result, done, list_remote(url, extra_env=manner.extra_env).refs)


def look(
    url: str,
    repository: Path,
    done: Rewritten,
    leases: Mapping[RefName, ObjectId],
    manner: Manner | None = None,
) -> tuple[RefChange, ...]:
    """Give the changes that a push would still make, and find out whether git may push at all.

    Nothing is changed. Refs that only the platform can change are left out.

    Raises:
        LeaseError: a ref of the server moved, appeared or vanished.
        AccessError, ConfigurationError, IncompleteError: as `push`.
    """
    manner = manner or Manner()
    waiting, server = _waiting(url, done, leases, manner)
    _require_told_apart(waiting, server)
    ours = tuple(change for change in waiting if not is_platform_ref(change.name))
    if ours:
        remote = _Remote(url, repository, manner.extra_env, frozenset(server))
        list(remote.run(ours[:1], ["--dry-run", remote.lease(ours[0].name, ours[0].old)]))
    return ours


def push_one(url: str, repository: Path, change: RefChange) -> RefOutcome:
    """Bring one ref to a server if it is still what the change says it was; never by force alone.

    Args:
        url: The server.
        repository: Where the new value is.
        change: An empty `old` says that the ref must not be there yet.

    Raises:
        NotStoredError, UnknownOutcomeError: as `push`.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    bare_url, settings = without_credentials(url)
    remote = _Remote(url, repository, {} if settings else shown_settings(bare_url))
    whole = "--no-thin"  # or git looks for files of the server's that may not be here
    (outcome,) = remote.run([change], [whole, remote.lease(change.name, change.old or None)])
    return outcome


def _waiting(
    url: str, done: Rewritten, leases: Mapping[RefName, ObjectId], manner: Manner
) -> tuple[tuple[RefChange, ...], Mapping[RefName, ObjectId]]:
    """Give what is still to be pushed, and the server's refs."""
    server = list_remote(url, extra_env=manner.extra_env).refs
    report = compare_leases(leases, server, done.refs)
    if not report.holds:
        raise LeaseError(report.broken)
    return outstanding(done.changes, server), server


def _require_complete(outcomes: Sequence[RefOutcome], manner: Manner) -> PushResult:
    result = PushResult(outcomes=tuple(sorted(outcomes, key=lambda each: each.name)))
    stale = result.names("stale")
    if stale:
        raise LeaseError(stale)
    if not result.complete and not manner.partly:
        raise PushRejectedError(result)
    return result


def _confirmed(
    result: PushResult, done: Rewritten, server: Mapping[RefName, ObjectId]
) -> PushResult:
    """Believe the server's refs, not its report."""
    claimed = set(result.names("done", "already"))
    missing = [change for change in outstanding(done.changes, server) if change.name in claimed]
    if missing:
        raise LeaseError([change.name for change in missing])
    logger.info("pushed %d of %d changed refs", len(claimed), len(result.outcomes))
    return result


@dataclass(frozen=True, slots=True)
class _Remote:
    """Where is pushed to, and from where."""

    url: str
    repository: Path
    extra_env: Mapping[str, str] = field(repr=False)
    names: frozenset[RefName] = frozenset()
    """All refs of the server, as far as they are known."""

    def lease(self, name: RefName, value: ObjectId | None) -> bytes:
        """Give the option that says what a ref has to be on the server."""
        return b"--force-with-lease=" + self._spelled(name) + b":" + (value or "").encode()

    def _spelled(self, name: RefName) -> bytes:
        return _spelling(name, self.names) or name

    def _refspec(self, change: RefChange) -> bytes:
        """Name source and destination; without a `+`, which would override the lease."""
        return (change.new or "").encode() + b":" + self._spelled(change.name)

    def push_all(self, changes: Sequence[RefChange]) -> Sequence[RefOutcome]:
        """Push some refs, all or none."""
        leases: list[str | bytes] = [self.lease(change.name, change.old) for change in changes]
        return list(self.run(changes, ["--atomic", *leases]))

    def push_what_passes(self, changes: Sequence[RefChange]) -> Sequence[RefOutcome]:
        """Push some refs, and where some are refused the others, so that each goes that can.

        A server may refuse all because of one, and then blame each: they are pushed one by one.
        """
        settled: dict[RefName, RefOutcome] = {}
        groups = [list(changes)]
        while groups:
            group = groups.pop()
            found = {each.name: each for each in self.push_all(group)}
            held = [change for change in group if found[change.name].state == "held"]
            refused = [change for change in group if found[change.name].state == "refused"]
            settled |= found
            if refused and held:
                groups.append(held)
            elif len(refused) == len(group) > 1:
                groups += [[change] for change in group]
        return [settled[change.name] for change in changes]

    def push_platform(
        self, changes: Sequence[RefChange], server: Mapping[RefName, ObjectId]
    ) -> Iterator[RefOutcome]:
        """Push refs of the platform, each for itself: it usually refuses them all.

        What a server hides from pushing looks as if it were not there. So each ref is pushed first
        with the lease that nothing is there to be seen, and the answer is the server's own; where
        there is something to be seen, that lease breaks, and the ref is pushed with its real one.
        """
        as_before = [change for change in changes if server.get(change.name) == change.old]
        for change in changes:
            if change not in as_before:
                yield RefOutcome(name=change.name, state="platform", reason="moved by the platform")
        hidden = [self.lease(change.name, None) for change in as_before]
        visible: list[RefChange] = []
        for change, outcome in zip(as_before, self.run(as_before, hidden), strict=True):
            if outcome.state == "stale":
                visible.append(change)
            else:
                yield outcome
        yield from self.run(visible, [self.lease(each.name, each.old) for each in visible])

    def run(
        self, changes: Sequence[RefChange], options: Sequence[str | bytes]
    ) -> Iterator[RefOutcome]:
        """Push and give what became of each ref, in the order of `changes`."""
        if not changes:
            return
        specs: list[str | bytes] = [self._refspec(change) for change in changes]
        command = [
            "push",
            "--porcelain",
            "--progress" if is_heard() else "--no-progress",
            *options,
            "--",
        ]
        with doing("Pushing") as step:
            answer = run_remote(
                *(command, self.url, specs),
                git_dir=self.repository,
                check=False,
                extra_env=self.extra_env,
                step=step,
            )
        reports = dict(_reports(answer.stdout))
        if answer.code and (not reports or b"unpacker error" in answer.stdout):
            raise _failure(answer, self.url)
        for change in changes:
            yield judge(change, *reports.get(change.name, ("", "git did not report on it")))


def _failure(answer: Completed, url: str) -> BreachkitError:
    if b"does not support --atomic" in answer.stderr:
        return RefusedError(
            "the server cannot push all refs or none, and a half-pushed history is worse than an "
            "old one: push to a server that can (git 2.4 or newer)"
        )
    if b"unpacker error" in answer.stdout or b"unpack failed" in answer.stderr:
        return NotStoredError(
            "the server could not store what was pushed, and nothing changed there: its disk may be "
            "full, or it accepts no old objects that its checks find fault with "
            "(receive.fsckObjects); ask who runs it, then push again"
        )
    meant = transfer_error(GitCommandError("push", answer.code, answer.stderr), url)
    if isinstance(meant, IncompleteError):
        return UnknownOutcomeError(
            f"{meant}; whether the server took the push is not known, and running it again looks first"
        )
    return meant


def _reports(porcelain: bytes) -> Iterator[tuple[RefName, tuple[str, str]]]:
    """Read `git push --porcelain`: flag, source and destination, and a summary with a reason."""
    for line in porcelain.split(b"\n"):
        flag, tab, rest = line.partition(b"\t")
        spec, _, summary = rest.partition(b"\t")
        if tab and len(flag) <= 1:
            _, _, reason = summary.partition(b"(")
            name = RefName(spec.rpartition(b":")[2])
            yield name, (flag.decode(), reason.removesuffix(b")").decode(errors="replace"))


_ALSO = (b"refs/%s", b"refs/tags/%s", b"refs/heads/%s", b"refs/remotes/%s", b"refs/remotes/%s/HEAD")
"""What else a name stands for, even a full one. Source: gitrevisions(7), and git's refs.c, `refname_match`."""


def _spelling(name: RefName, names: Collection[RefName]) -> bytes | None:
    """Give what git takes for this ref of a server's and for no other; None where there is no such name."""
    for spelled in (name, name.removeprefix(b"refs/")):
        meant = {spelled, *(form % spelled for form in _ALSO)}
        if not any(one != name and one in names for one in meant):
            return spelled
    return None


def _require_told_apart(changes: Iterable[RefChange], names: Collection[RefName]) -> None:
    unclear = [each.name for each in changes if _spelling(each.name, names) is None]
    if unclear:
        alike = [one for one in names if any(one.endswith(b"/" + name) for name in unclear)]
        raise RefusedError(
            f"git cannot tell {_list(unclear)} from {_list(sorted(alike))} on the server, so nothing was "
            "pushed: delete or rename the latter there, make a new mirror, and plan and rewrite again"
        )


def _parts(changes: Sequence[RefChange]) -> Iterator[list[RefChange]]:
    """Cut into parts whose arguments fit."""
    part: list[RefChange] = []
    size = 0
    for change in changes:
        needs = 2 * len(change.name) + _AROUND
        if part and size + needs > MAX_ARGUMENT_BYTES:
            yield part
            part, size = [], 0
        part.append(change)
        size += needs
    if part:
        yield part


def _list(refs: Sequence[RefName]) -> str:
    shown = ", ".join(display(name) for name in refs[:_NAMED])
    return f"{shown} and {len(refs) - _NAMED} more" if len(refs) > _NAMED else shown
