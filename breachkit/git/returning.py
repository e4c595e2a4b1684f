"""Fetches refs of a server into a private repository, and looks which of them lead to old objects."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from breachkit.git.leading import leading_to, walk_from
from breachkit.git.mirror import local_refs
from breachkit.git.partial import borrow_objects
from breachkit.git.process import GitCommandError, run_git
from breachkit.git.remote import run_remote
from breachkit.git.scratch import scratch_folder
from breachkit.git.telling import option
from breachkit.model.doing import doing
from breachkit.model.errors import IncompleteError
from breachkit.model.ids import ObjectId, RefName
from breachkit.model.records import dataclass


_NOT_IN_A_NAME = frozenset(b"*:^? ~\\[")


class RefsMovedError(IncompleteError):
    """A ref went away between the list of refs and their being fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What some refs of a server lead to."""

    clean: Mapping[RefName, ObjectId]
    """Refs that lead to nothing that was looked for, and what each was when it was fetched."""
    tainted: tuple[RefName, ...]
    """Refs that do, sorted."""
    untold: tuple[RefName, ...]
    """Refs that could not be fetched, or lead to objects that did not come."""


def look_at_refs(
    url: str,
    names: Sequence[RefName],
    wanted: Collection[ObjectId],
    *,
    known: Path | None = None,
    scratch: Path | None = None,
) -> Reached:
    """Fetch refs and walk everything that each of them reaches.

    Args:
        url: The server.
        names: Which refs.
        wanted: Ids of what should not be reached.
        known: A clean repository of the same study, from which objects are borrowed.
        scratch: A private folder for what is fetched, which is deleted at once.

    Raises:
        RefsMovedError: one of them is not there any more.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    odd = tuple(name for name in names if not _NOT_IN_A_NAME.isdisjoint(name))
    plain = [name for name in names if name not in set(odd)]
    if not plain:
        return Reached(clean={}, tainted=(), untold=odd)
    with scratch_folder(scratch) as folder:
        store = folder / "refs.git"
        run_git(["init", "--quiet", "--bare", str(store)])
        if known is not None:
            borrow_objects(store, [known])
        _fetch(store, url, plain)
        return _judge(store, frozenset(wanted), odd)


def _fetch(store: Path, url: str, names: Sequence[RefName]) -> None:
    options = ["fetch", option(), "--no-tags", "--no-write-fetch-head", "--"]
    specs = [b"+%s:%s" % (name, name) for name in names]
    try:
        with doing("Fetching what is new") as step:
            run_remote(options, url, specs, git_dir=store, step=step)
    except GitCommandError:
        raise RefsMovedError(
            "the refs of the server could not be fetched as it listed them: somebody may have "
            "moved or deleted one meanwhile; run the command again"
        ) from None


def _judge(store: Path, wanted: frozenset[ObjectId], odd: tuple[RefName, ...]) -> Reached:
    refs = local_refs(store)
    values = frozenset(refs.values())
    hit, lacking = _hit_and_lacking(store, values, wanted)
    return Reached(
        clean={name: value for name, value in refs.items() if value not in hit | lacking},
        tainted=tuple(sorted(name for name, value in refs.items() if value in hit)),
        untold=(*odd, *sorted(name for name, value in refs.items() if value in lacking - hit)),
    )


def _hit_and_lacking(
    store: Path, values: frozenset[ObjectId], wanted: frozenset[ObjectId]
) -> tuple[frozenset[ObjectId], frozenset[ObjectId]]:
    """Give what leads to anything wanted, and what leads to objects that are not there."""
    walk = walk_from(store, values, wanted)
    nothing: frozenset[ObjectId] = frozenset()
    if not walk.is_done:
        each = {one: walk_from(store, [one], wanted) for one in values}
        hit = frozenset(one for one, its in each.items() if its.is_hit)
        return hit, frozenset(one for one, its in each.items() if its.missing or not its.is_done)
    return (
        leading_to(store, values, wanted) if walk.is_hit else nothing,
        leading_to(store, values, walk.missing) if walk.missing else nothing,
    )
