"""Scan a repository's whole history: every object once, every rule, and what was not read."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from breachkit.git.clone import hosted_url, is_slug
from breachkit.git.layout import NoObjectsError
from breachkit.git.repository import Repository, open_repository
from breachkit.model.findings import ScanResult
from breachkit.model.policy import Policies
from breachkit.model.records import dataclass, field
from breachkit.workflows.inventory import Inventory, take_inventory


if TYPE_CHECKING:
    from breachkit.workflows.remembering import Memory


class Progress(Protocol):
    """Is told how far a scan is."""

    def start(self, objects: int) -> None:
        """Take note of how many objects there are to examine."""
        ...

    def advance(self, objects: int, size_bytes: int) -> None:
        """Take note that so many more objects, of so many bytes, have been examined."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How to scan."""

    policies: Policies
    unreachable: bool = False
    since: str | None = None
    """A date or a commit, see `workflows.since`; None for the whole history."""
    workers: int = 1
    memory: "Memory | None" = field(default=None, repr=False)
    """Where verdicts are kept from one scan to the next; None looks at everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A result, with what a response to it needs to know beside."""

    result: ScanResult
    inventory: Inventory = field(repr=False)


def scan_target(
    target: str,
    options: ScanOptions,
    *,
    progress: Progress,
    scratch: Path | None = None,
) -> ScanResult:
    """Open a repository wherever it is and scan it.

    Args:
        target: A path (work tree, bare repository, bundle), a git URL, or `owner/name` on GitHub.
        options: How.
        progress: Is told how far the scan is.
        scratch: An existing directory for a private mirror of a URL or a bundle.

    Raises:
        ConfigurationError: there is no repository.
        AccessError, IncompleteError: a remote refused, or could not be reached.
    """
    started = time.monotonic()
    place = hosted_url(target) if is_slug(target) else target
    with open_repository(place, scratch=scratch) as repository:
        return scan_repository(repository, options, progress=progress, started=started).result


def scan_repository(
    repository: Repository,
    options: ScanOptions,
    *,
    progress: Progress,
    started: float | None = None,
) -> Scan:
    """Scan an open repository; see `scan_target`.

    Raises:
        NoObjectsError: no ref leads to anything, and nothing else was to be looked at.
    """
    begun = time.monotonic() if started is None else started
    inventory = take_inventory(repository, unreachable=options.unreachable)
    if inventory.is_empty:
        raise NoObjectsError(
            f"{repository.display_name} has no branch, tag or other ref, so there is nothing to scan: "
            "check the target; --unreachable looks at the objects that are there all the same"
        )
    # Here and not in a thread beside: a signal whose handler raises within an import leaves Python's
    # import lock taken, and whatever else imports then waits for ever.
    from breachkit.workflows import judging

    result = judging.judge(repository, inventory, options, progress=progress, begun=begun)
    return Scan(result=result, inventory=inventory)
