"""Serves the whole world of a practice on 127.0.0.1, and writes every change down before it is answered.

Whoever pulls the plug finds everything as it was: what a client was told is on disk.
"""

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict

from breachkit.drill.archives import ArchiveServer
from breachkit.drill.hub import web
from breachkit.drill.hub.answers import Answer, Problem
from breachkit.drill.hub.operations import ROUTERS
from breachkit.drill.hub.saving import tidy, write_hub
from breachkit.drill.hub.server import Call, HubServer, Plain
from breachkit.drill.hub.state import Hub
from breachkit.drill.inbox import is_free, serve_inbox
from breachkit.drill.practice import STATE, Practice
from breachkit.drill.practice_people import Handed, People
from breachkit.drill.practice_witness import look
from breachkit.incident.disk import write_atomic
from breachkit.model.errors import IncompleteError, RefusedError
from breachkit.model.time import Clock


HAND_OVER = "/-/hand-over"
"""Where messages that go by no mail are taken, beside what a platform has."""
_TIMEOUT_S = 60.0


class PortTakenError(RefusedError):
    """Another program listens where a part of the practice has to answer."""


class NotAnsweringError(IncompleteError):
    """The practice is being served, and did not take a message."""


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
        people = People(practice, hub, clock)
        mail = practice.facts.ports["mail"]
        stack.enter_context(serve_inbox(practice.world, port=mail, took=people.take_mail))
        if hub is not None:
            stack.enter_context(_platform(practice, hub, people, clock))
            stack.enter_context(ArchiveServer(practice.facts.ports["archives"]))
        yield


def hand_over(practice: Practice, handed: Handed, clock: Clock) -> str:
    """Hand a message to whom no mail reaches, whether the practice is served or not; give the answer.

    Raises:
        NotAnsweringError: it is served, and its platform does not answer.
    """
    if not practice.facts.is_hosted:
        with practice.held("handing over a message", clock):
            return People(practice, None, clock).take_by_hand(handed).text
    with contextlib.ExitStack() as stack:
        if is_free(practice.facts.ports["platform"]):
            stack.enter_context(serving(practice, clock))
        return _post(practice, handed)


@contextlib.contextmanager
def _platform(practice: Practice, hub: Hub, people: People, clock: Clock) -> Iterator[None]:
    tidy(hub)
    keeper = Keeper(practice, hub, clock)
    keeper.keep()
    with HubServer(
        hub,
        ROUTERS,
        _beside(people),
        port=practice.facts.ports["platform"],
        kept=keeper.keep,
    ):
        yield


def _beside(people: People) -> Plain:
    """Give what answers everything that is no REST."""

    def answer(call: Call) -> Answer:
        if call.request.path != HAND_OVER:
            return web.beside(call)
        if call.person is None or call.request.method != "POST":
            raise Problem(401, "Requires authentication")
        with call.hub.lock:
            return Answer(json={"text": people.take_by_hand(Handed(**call.request.json())).text})

    return answer


def _post(practice: Practice, handed: Handed) -> str:
    port = practice.facts.ports["platform"]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{HAND_OVER}",
        data=json.dumps(asdict(handed)).encode(),
        headers={"Authorization": f"Bearer {practice.facts.token}"},
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return str(json.load(answer)["text"])
    except (OSError, ValueError, LookupError) as cause:
        raise NotAnsweringError(
            "the practice did not take the message: leave it, enter it again, and repeat this"
        ) from cause


def _taken(port: int) -> PortTakenError:
    return PortTakenError(
        f"port {port} of this machine, where the practice has to answer, is taken by another "
        "program: end that one, or build the practice anew with `breachkit drill reset`"
    )
