"""Manners towards the servers that a sweep asks: few connections at once, and no more once one does not answer.

Many processes share the places at a server, those of other sweeps in the same folder too: a place is a
locked file, which the system lets go of however a process ends.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from breachkit.actions.sweeping import NOT_YET, Outcome
from breachkit.incident.disk import make_folder
from breachkit.incident.lock import CaseBusyError, exclusive
from breachkit.model.ids import display


AT_ONCE = 4
"""Connections to one server at the same time, however many look at repositories."""
MOST_SILENT = 3
"""Repositories in a row for which a server gave no answer, before it is left alone."""
HOSTS = "hosts"
_PAUSE_S = 0.02


def host_of(url: str) -> str | None:
    """Give the server of a URL, with its port where one is named; None for what is on this machine."""
    if "://" not in url:
        before, colon, _ = url.partition(":")
        return before.rpartition("@")[2].lower() if colon and "/" not in before else None
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2].lower() or None


@contextlib.contextmanager
def place_at(folder: Path, url: str) -> Iterator[None]:
    """Wait for one of the few places at a server, and hold it.

    Args:
        folder: Of the sweep; whoever shares it shares the places.
        url: Of a repository; what is on this machine needs none.
    """
    host = host_of(url)
    if host is None:
        yield
        return
    make_folder(folder / HOSTS)
    name = "".join(each if each.isalnum() or each in ".-" else "_" for each in host)
    places = [folder / HOSTS / f"{name}.{number}.lock" for number in range(AT_ONCE)]
    with contextlib.ExitStack() as stack:
        while not any(_taken(place, stack) for place in places):
            time.sleep(_PAUSE_S)
        yield


def _taken(place: Path, stack: contextlib.ExitStack) -> bool:
    try:
        stack.enter_context(exclusive(place, timeout_s=0))
    except CaseBusyError:
        return False
    return True


class Hosts:
    """The servers of one sweep, and which of them are left alone for the rest of it."""

    def __init__(self) -> None:
        self._silent: dict[str, list[bool]] = {}
        self._given_up: set[str] = set()

    def heed(self, url: str, outcome: Outcome, *, failed_before: bool) -> None:
        """Take note of what came of a repository.

        A server is left alone once it gave no answer for `MOST_SILENT` repositories in a row, of which
        one at least could be looked at the last time, or was never tried: those that fail night after
        night say nothing about the rest.
        """
        host = host_of(url)
        if host is None:
            return
        if not outcome.silent:
            self._silent.pop(host, None)
            return
        row = self._silent.setdefault(host, [])
        row.append(not failed_before)
        if len(row) >= MOST_SILENT and any(row):
            self._given_up.add(host)

    def is_given_up(self, url: str) -> bool:
        """Say whether the server of a URL is left alone."""
        return host_of(url) in self._given_up

    def put_off(self, url: str) -> str | None:
        """Give why a repository has to wait for the next sweep; None where its server is no reason."""
        if not self.is_given_up(url):
            return None
        return f"{NOT_YET}: {display(host_of(url) or '')} does not answer"

    def words(self) -> str:
        """Say which servers did not answer; empty where all did."""
        return ", ".join(f"{display(host)} does not answer" for host in sorted(self._given_up))
