"""What a sweep is about: a folder of repositories, or an account's public ones; a list: `sweep_list`."""

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from breachkit.actions.listing import Catalogue, Choice, Listed, Listing, Missing, Whereabouts
from breachkit.actions.listing_file import listing_from_json, listing_to_json
from breachkit.actions.sweeping import Outcome, Standing, Target, Targets
from breachkit.git.clone import is_slug
from breachkit.incident.disk import make_folder, write_atomic, writing
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock
from breachkit.workflows.listing import Looked, look
from breachkit.workflows.sweep import short
from breachkit.workflows.sweep_list import NothingToSweepError, on_disk


LISTINGS = "listings"
OF_OUTPUTS = "github-releases"
"""The topic of repositories that hold outputs: they come first. Source: OpenSAFELY's job-server, which sets
it (`update_repo_has_github_outputs`)."""


def in_folder(folder: Path) -> Targets:
    """Give the repositories in a folder: those that lie in it, and in the folders in it.

    A folder that this user may not look into has failed already: what is in it nobody knows.

    Raises:
        NothingToSweepError: there are none.
    """
    try:
        found = tuple(_repositories(folder.absolute(), 2))
    except OSError as cause:
        shown = display(os.fsencode(folder))
        raise NothingToSweepError(f"{shown} cannot be looked into: {cause.strerror}") from cause
    if not found:
        raise NothingToSweepError(
            f"{display(os.fsencode(folder))} holds no git repository, nor do the folders in it"
        )
    return Targets(
        name=str(folder.absolute()),
        repositories=tuple(
            _in_place(each, str(each.relative_to(folder.absolute())), closed)
            for each, closed in found
        ),
        no_more="it is not in the folder any more",
    )


def _in_place(place: Path, name: str, closed: str) -> Target:
    target = on_disk(place, name)
    if not closed:
        return target
    reason = f"it cannot be looked into: {closed}"
    failed = Outcome(key=target.key, name=target.name, standing=Standing.FAILED, reason=reason)
    return replace(target, settled=failed)


def _repositories(folder: Path, depth: int) -> Iterator[tuple[Path, str]]:
    """Give each repository, and each folder that may hold some, with why nobody can tell."""
    for each in sorted(folder.iterdir()):
        try:
            yield from _from_here(each, depth)
        except OSError as cause:
            yield each, cause.strerror or type(cause).__name__


def _from_here(place: Path, depth: int) -> Sequence[tuple[Path, str]]:
    if place.name == ".git" or not stat.S_ISDIR(place.lstat().st_mode):
        return ()
    # Which fails where nobody may look; `exists` and `is_dir` need not (Python 3.14).
    names = {each.name for each in place.iterdir()}
    if ".git" in names or names >= {"objects", "HEAD"}:
        return ((place, ""),)
    return tuple(_repositories(place, depth - 1)) if depth > 1 else ()


def of_account(
    login: str, catalogue: Catalogue, clock: Clock, *, folder: Path, choice: Choice
) -> Targets:
    """Give the public repositories of an account on the platform, and what became of those that are no more.

    Args:
        login: A person or an organisation.
        catalogue: The platform's lists.
        clock: For the date of the listing.
        folder: Of the sweep; the listing is kept in it until the next one.
        choice: What is left out, which is told.

    Raises:
        AccessError, IncompleteError: not even the first page came.
        UsageError: there is no such account.
    """
    place = folder / LISTINGS / f"{short(login.lower())}.json"
    before = _earlier(place)
    looked = look(catalogue, login, clock, before=before, choice=choice)
    targets = tuple(_of_listing(looked))
    if not targets:
        raise NothingToSweepError(f"{display(login)} has no public repositories")
    with writing(place.parent):
        make_folder(place.parent)
    write_atomic(place, json.dumps(listing_to_json(_kept(looked))).encode())
    return Targets(
        name=login.lower(),  # whatever its owner calls it now: what is known belongs to this name
        repositories=targets,
        problem=looked.listing.problem,
        no_more="it is not listed any more",
    )


def _kept(looked: Looked) -> Listing:
    """Give what the next listing is compared with: with those, too, that could not be asked for."""
    unknown = [
        each.repository for each in looked.missing if each.whereabouts is Whereabouts.UNKNOWN
    ]
    together = sorted((*looked.listing.repositories, *unknown), key=lambda one: one.id)
    return replace(looked.listing, repositories=tuple(together))


def _earlier(place: Path) -> Listing | None:
    """Read the last listing; without one that reads, every repository is new."""
    try:
        return listing_from_json(json.loads(place.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError):
        return None


def _of_listing(looked: Looked) -> Iterable[Target]:
    left_out = {one.id: reason for one, reason in looked.listing.left_out()}
    for one in looked.listing.repositories:
        settled = None
        if one.id in left_out:
            settled = _skipped(one, left_out[one.id])
        elif one.blocked:
            settled = _outcome(one, Standing.GONE, "blocked by the platform")
        yield _target(one, settled)
    for missing in looked.missing:
        yield _target(missing.repository, _missing(missing))


def _target(one: Listed, settled: Outcome | None) -> Target:
    return Target(
        key=f"github:{one.id}",
        name=display(one.full_name),
        url=one.clone_url,
        is_remote=True,
        settled=settled,
        goes_first=OF_OUTPUTS in one.topics,
    )


def _skipped(one: Listed, reason: str) -> Outcome:
    return _outcome(one, Standing.SKIPPED, reason)


def _missing(missing: Missing) -> Outcome:
    """Say what became of a repository that is listed no more; of what cannot be said, that it cannot."""
    if missing.whereabouts is Whereabouts.UNKNOWN:
        return _outcome(missing.repository, Standing.FAILED, missing.says)
    says = missing.says
    if missing.whereabouts is Whereabouts.TRANSFERRED and missing.now is not None:
        says = f"{says} as {display(missing.now.full_name)}"
    return _outcome(missing.repository, Standing.GONE, says)


def _outcome(one: Listed, standing: Standing, reason: str) -> Outcome:
    return Outcome(
        key=f"github:{one.id}", name=display(one.full_name), standing=standing, reason=reason
    )


_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}")


def require_login(target: str) -> None:
    """Refuse what names no account: the platform is asked for no name with a slip in it.

    Raises:
        UsageError: it is neither a file, nor a folder, nor the name of an account.
    """
    if is_slug(target):
        raise UsageError(
            f"{display(target)} is one repository: `breachkit scan {display(target)}` looks at it"
        )
    if not _LOGIN.fullmatch(target):
        raise UsageError(
            f"{display(target)} is no file, no folder, and no name of an account: name one of these"
        )
