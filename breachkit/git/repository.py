"""Opens a repository to be read, wherever it is, without trusting or touching it.

A repository on this machine is read in place, through a *shadow*: a private git directory whose
`objects`, `refs` and so on are links to the real ones (as in git's contrib `git-new-workdir`),
and whose configuration is ours. So nothing in the real one's configuration, hooks or attributes
is ever in force, its owner does not matter, and nothing in it is written. What lies elsewhere (a
URL, a bundle file) is mirrored into a private directory first, and that goes away at the end.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from breachkit.git import clone, layout
from breachkit.git.layout import Layout
from breachkit.git.process import git_version, mask_credentials, run_git
from breachkit.git.scratch import scratch_folder
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.records import dataclass


_REFTABLE_GIT = (2, 45)

_SHARED = ("objects", "refs", "packed-refs", "reftable", "shallow", "worktrees")
"""Parts of a shadow that are the repository's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository that can be read."""

    git_dir: Path
    """What git is run on: a shadow or a private mirror."""
    display_name: str
    """The target as it was named, without credentials, on one line."""
    head: bytes = b"HEAD"
    """The name HEAD has in `git_dir`; `worktrees/x/HEAD` for a linked work tree."""
    source: Path | None = None
    """The real git directory; None for a URL or a bundle."""
    is_shallow: bool = False
    is_partial: bool = False
    """Objects may be left with a promisor remote, from which nothing is fetched."""
    object_format: str = "sha1"
    origin_url: str | None = None
    """Where `origin` is, without credentials."""


@contextlib.contextmanager
def open_repository(target: str, *, scratch: Path | None = None) -> Iterator[Repository]:
    """Open a work tree, a bare repository, a `.git` directory or file, a bundle or a URL.

    A `file://` URL of this machine is read in place like a path. Nothing remains when the context
    is left, however it is left.

    Args:
        target: A path, or a URL (`https`, `http`, `ssh`, `git`, `file`, or `host:path`).
        scratch: An existing directory for the private one; by default the system's.

    Raises:
        ConfigurationError: there is no repository that could be read.
        AccessError: the remote wants other credentials.
        IncompleteError: the network failed on the way.
    """
    with scratch_folder(scratch) as private:
        place = clone.local_path(target)
        if place is None:
            yield _mirror_of_url(target, private)
        elif place.is_file() and clone.is_bundle(place):
            yield _mirror_of_bundle(place, target, private)
        else:
            yield _shadow(layout.find(place), target, private)


def _mirror_of_url(url: str, private: Path) -> Repository:
    mirror = clone.mirror_url(url, private / "mirror.git")
    shown = display(mask_credentials(url))
    return _described(Layout.of_bare(mirror), mirror, shown, origin_url=mask_credentials(url))


def _mirror_of_bundle(bundle: Path, target: str, private: Path) -> Repository:
    mirror = clone.mirror_bundle(bundle, private / "mirror.git")
    return _described(Layout.of_bare(mirror), mirror, display(target), origin_url=None)


def _described(found: Layout, git_dir: Path, shown: str, *, origin_url: str | None) -> Repository:
    facts = _facts(found)
    return Repository(
        git_dir=git_dir,
        display_name=shown,
        is_shallow=_is_shallow(found),
        is_partial=facts.is_partial,
        object_format=facts.object_format,
        origin_url=origin_url,
    )


def _shadow(found: Layout, target: str, private: Path) -> Repository:
    layout.refuse_unreadable(found)
    facts = _facts(found)
    shadow = private / "shadow.git"
    shadow.mkdir(mode=0o700)
    for part in _SHARED:
        _link(shadow / part, found.common_dir / part)
    _link(shadow / "index", found.common_dir / "index")
    for shared_index in found.common_dir.glob("sharedindex.*"):
        _link(shadow / shared_index.name, shared_index)
    (shadow / "HEAD").write_bytes(found.main_head)
    (shadow / "config").write_text(facts.own_configuration(), encoding="utf-8")
    return Repository(
        git_dir=shadow,
        display_name=display(target),
        head=found.head,
        source=found.git_dir,
        is_shallow=_is_shallow(found),
        is_partial=facts.is_partial,
        object_format=facts.object_format,
        origin_url=facts.origin_url,
    )


def _link(link: Path, to: Path) -> None:
    if os.path.lexists(to):
        link.symlink_to(to)


def _is_shallow(found: Layout) -> bool:
    boundary = found.common_dir / "shallow"
    return boundary.is_file() and boundary.stat().st_size > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """The few things that must be known of a repository's own configuration."""

    object_format: str
    ref_format: str
    is_partial: bool
    origin_url: str | None

    def own_configuration(self) -> str:
        """Write the configuration of the shadow: what it takes to read it, and no more."""
        lines = ["[core]", "\trepositoryformatversion = 1", "\tbare = true", "[extensions]"]
        lines.append(f"\tobjectFormat = {self.object_format}")
        if self.ref_format != "files":
            lines.append(f"\trefStorage = {self.ref_format}")
        return "\n".join(lines) + "\n"


_EXTENSIONS = frozenset(
    {
        *("noop", "noop-v1", "preciousobjects", "worktreeconfig", "relativeworktrees"),
        *("partialclone", "objectformat", "compatobjectformat", "refstorage"),
    }
)
"""Extensions of the repository format whose effect on reading is known."""


def _facts(found: Layout) -> _Facts:
    settings = _settings(found.common_dir / "config")
    extensions = {
        key.removeprefix("extensions."): value
        for key, value in settings.items()
        if key.startswith("extensions.")
    }
    unknown = sorted(display(name) for name in extensions.keys() - _EXTENSIONS)
    if unknown:
        message = f"the repository uses extensions of git's format that breachkit does not know: {', '.join(unknown)}"
        raise ConfigurationError(f"{message}; clone it with git and scan the clone")
    origin = settings.get("remote.origin.url")
    return _Facts(
        object_format=_known(extensions.get("objectformat", "sha1"), ("sha1", "sha256")),
        ref_format=_ref_format(extensions.get("refstorage", "files")),
        is_partial="partialclone" in extensions
        or any(re.fullmatch(r"remote\..*\.promisor", key, re.DOTALL) for key in settings)
        or any((found.common_dir / "objects" / "pack").glob("*.promisor")),
        origin_url=mask_credentials(origin) if origin else None,
    )


def _ref_format(value: str) -> str:
    name = _known(value.split(":", 1)[0], ("files", "reftable"))
    if name == "reftable" and git_version() < _REFTABLE_GIT:
        message = "the repository keeps its refs in a reftable, which this git cannot read"
        raise ConfigurationError(f"{message}: install git 2.45 or newer")
    return name


def _known(value: str, names: tuple[str, ...]) -> str:
    if value.lower() in names:
        return value.lower()
    message = f"the repository's format {display(value)!r} is none of {', '.join(names)}"
    raise ConfigurationError(f"{message}; clone it with a newer git and scan the clone")


def _settings(config: Path) -> dict[str, str]:
    """Read a configuration file without obeying it; of repeated keys the last counts."""
    if not config.is_file():
        return {}
    args = ["config", "--file", str(config), "--no-includes", "--null", "--list"]
    answer = run_git(args, check=False)
    if answer.code:
        message = f"{display(str(config))} is damaged or cannot be read"
        raise ConfigurationError(f"{message}: mend it, or clone the repository and scan the clone")
    entries = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
    pairs = (entry.partition("\n") for entry in entries if entry)
    return {key: value for key, _, value in pairs}
