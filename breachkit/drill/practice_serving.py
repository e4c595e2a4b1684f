"""Serves the whole world of a practice on 127.0.0.1, and writes every change down before it is answered.

Whoever pulls the plug finds everything as it was: what a client was told is on disk.
"""

import contextlib
from collections.abc import Callable, Iterator

from breachkit.drill.archives import ArchiveServer
from breachkit.drill.hub import operations
from breachkit.drill.hub.saving import tidy, write_hub
from breachkit.drill.hub.state import Hub
from breachkit.drill.inbox import is_free, serve_inbox
from breachkit.drill.practice import STATE, Practice
from breachkit.drill.practice_messenger import Messenger
from breachkit.drill.practice_people import People
from breachkit.drill.practice_witness import look
from breachkit.incident.disk import write_atomic
from breachkit.model.errors import RefusedError
from breachkit.model.time import Clock


class PortTakenError(RefusedError):
    """Another program listens where a part of the practice has to answer."""


class Keeper:
    """Writes the platform down whenever it has changed, and lets the witness look."""

    def __init__(self, practice: Practice, hub: Hub, clock: Clock) -> None:
        self._practice = practice
        self._hub = hub
        self._clock = clock
        self._kept = b""

    def keep(self) -> None:
        """Write down what is new, if anything is."""
        with self._hub.lock:
            data = write_hub(self._hub)
            if data != self._kept:
                write_atomic(self._practice.world / STATE, data)
                look(self._practice.world, self._hub, self._practice.facts, self._clock)
                self._kept = data


@contextlib.contextmanager
def serving(practice: Practice, clock: Clock) -> Iterator[None]:
    """Serve a practice until this ends: its platform, its mail server and its archives.

    Raises:
        CaseBusyError: another process serves it.
        PortTakenError: another program has one of its ports.
    """
    with practice.held("serving the practice", clock), contextlib.ExitStack() as stack:
        for port in practice.facts.ports.values():
            if not is_free(port):
                raise _taken(port)
        hub = practice.hub(clock)
        keep: Callable[[], None] = _keep_nothing
        if hub is not None:
            tidy(hub)
            keep = Keeper(practice, hub, clock).keep
            keep()
            port = practice.facts.ports["platform"]
            stack.enter_context(operations.serve(hub, port=port, kept=keep))
            stack.enter_context(ArchiveServer(practice.facts.ports["archives"]))
        people = People(practice, hub, clock, keep)
        mail = practice.facts.ports["mail"]
        stack.enter_context(serve_inbox(practice.world, port=mail, took=people.take_mail))
        stack.enter_context(Messenger(practice.home, people))
        yield


def _keep_nothing() -> None:
    """Do nothing: where there is no platform, everything is on disk anyway."""


def _taken(port: int) -> PortTakenError:
    return PortTakenError(
        f"port {port} of this machine, where the practice has to answer, is taken by another "
        "program: end that one, or build the practice anew with `breachkit drill reset`"
    )
