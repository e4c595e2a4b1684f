"""What a sweep is about: a file with a list, a folder of repositories, or an account's public ones."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from breachkit.actions.listing import Catalogue, Choice, Listed, Listing, Missing, Whereabouts
from breachkit.actions.listing_file import listing_from_json, listing_to_json
from breachkit.actions.sweeping import Outcome, Standing, Target, Targets
from breachkit.git.clone import hosted_url, is_slug, local_path
from breachkit.git.process import mask_credentials
from breachkit.incident.disk import make_folder, write_atomic
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock
from breachkit.workflows.listing import Looked, look
from breachkit.workflows.sweep import short


LISTINGS = "listings"
_LARGEST_LIST = 16 * 1024 * 1024
_MOST = 100_000


class NothingToSweepError(ConfigurationError):
    """There is no repository in what was named."""


def in_file(file: Path) -> Targets:
    """Give the repositories that a file lists: a URL, an `owner/name` or a path a line; `#` begins a comment.

    Raises:
        ConfigurationError: it cannot be read, or a line names nothing.
        NothingToSweepError: it lists none.
    """
    shown = display(os.fsencode(file))
    try:
        with file.open("rb") as stream:
            text = stream.read(_LARGEST_LIST).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as cause:
        raise ConfigurationError(f"{shown} cannot be read as a list of repositories") from cause
    lines = [line.partition(" #")[0].strip() for line in text.splitlines()]
    wanted = dict.fromkeys(line for line in lines if line and not line.startswith("#"))
    if not wanted:
        raise NothingToSweepError(f"{shown} lists no repository: write a URL or a path a line")
    return Targets(
        name=str(file.absolute()),
        repositories=tuple(_listed(line, file.absolute().parent) for line in wanted),
    )


def _listed(line: str, folder: Path) -> Target:
    # A list is data: a relative path in it is meant from where the list lies.
    if not is_slug(line) and (folder / line).exists():
        return _on_disk(folder / line, line)
    url = hosted_url(line)
    place = local_path(url)
    if place is not None:
        return _on_disk(place, line)
    masked = mask_credentials(url)
    return Target(key=masked, name=_name_of(masked), url=url, is_remote=True)


def _name_of(url: str) -> str:
    """Give what people call a repository: the last two parts of its URL."""
    parts = url.rstrip("/").removesuffix(".git").replace(":", "/").split("/")
    return display("/".join(parts[-2:]))


def _on_disk(place: Path, name: str) -> Target:
    shown = display(os.fsencode(name))
    path = str(place.absolute())
    settled = None
    if not place.exists():
        settled = Outcome(
            key=path, name=shown, standing=Standing.GONE, reason="there is nothing at this path"
        )
    return Target(key=path, name=shown, url=path, is_remote=False, settled=settled)


def in_folder(folder: Path) -> Targets:
    """Give the repositories in a folder: those that lie in it, and in the folders in it.

    Raises:
        NothingToSweepError: there are none.
    """
    found = tuple(_repositories(folder.absolute(), 2))
    if not found:
        raise NothingToSweepError(
            f"{display(os.fsencode(folder))} holds no git repository, nor do the folders in it"
        )
    return Targets(
        name=str(folder.absolute()),
        repositories=tuple(
            _on_disk(each, os.fsdecode(os.fsencode(each.relative_to(folder.absolute()))))
            for each in found
        ),
    )


def _repositories(folder: Path, depth: int) -> Iterator[Path]:
    for each in sorted(folder.iterdir()):
        if each.is_symlink() or not each.is_dir() or each.name == ".git":
            continue
        if _is_repository(each):
            yield each
        elif depth > 1:
            yield from _repositories(each, depth - 1)


def _is_repository(folder: Path) -> bool:
    return (folder / ".git").exists() or (
        (folder / "objects").is_dir() and (folder / "HEAD").is_file()
    )


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
    targets = tuple(_of_listing(looked, before))
    if not targets:
        raise NothingToSweepError(f"{display(login)} has no public repositories")
    make_folder(place.parent)
    write_atomic(place, json.dumps(listing_to_json(looked.listing)).encode())
    return Targets(
        name=looked.listing.owner.login.lower(),
        repositories=targets,
        problem=looked.listing.problem,
    )


def _earlier(place: Path) -> Listing | None:
    """Read the last listing; without one that reads, every repository is new."""
    try:
        return listing_from_json(json.loads(place.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError):
        return None


def _of_listing(looked: Looked, before: Listing | None) -> Iterable[Target]:
    left_out = {one.id: reason for one, reason in looked.listing.left_out()}
    names = {} if before is None else {one.id: one.full_name for one in before.repositories}
    for one in looked.listing.repositories:
        settled = None
        if one.id in left_out:
            settled = _skipped(one, left_out[one.id])
        elif one.blocked:
            settled = _outcome(one, Standing.GONE, "blocked by the platform")
        renamed = names.get(one.id, one.full_name)
        yield _target(one, settled, renamed_from=renamed if renamed != one.full_name else None)
    for missing in looked.missing:
        yield _target(missing.repository, _missing(missing))


def _target(one: Listed, settled: Outcome | None, renamed_from: str | None = None) -> Target:
    name = one.full_name if renamed_from is None else f"{one.full_name} (was {renamed_from})"
    return Target(
        key=f"github:{one.id}",
        name=display(name),
        url=one.clone_url,
        is_remote=True,
        settled=settled,
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
