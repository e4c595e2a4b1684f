"""Whatever mail servers do and whenever a process dies: each message at most once, or it is said."""

import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from breachkit.actions.sending import WAITING, NotSendableError, fates
from breachkit.incident.folder import CaseFolder
from breachkit.smtp.client import SmtpPostbox
from breachkit.smtp.server import Timeouts, server_from
from breachkit.workflows import notify, sending
from tests.support.cases import HandClock, a_case
from tests.support.mailserver import Mailbox, mail_server
from tests.support.people import ALERT, CONTACTS, written


ADDRESSES = {"N-001": "incidents@example.org", "N-002": "jo.bloggs@example.org"}
FAULTS = ("", "450", "550", "421", "451-end", "554-end", "cut", "mute", "lost", "nonsense")
QUICK = Timeouts(step=1, verdict=0.5, whole=3)


@dataclass(frozen=True)
class Run:
    """One run of the command, which may be killed around the hand-over of a message."""

    killed: str = ""
    """`before` or `after` the hand-over of `at`; empty where it runs to its end."""
    at: str = "N-001"
    again: bool = False
    """A person says of every message that is unknown or refused: send it once more."""


@dataclass
class World:
    """A mail server that runs on, and a case whose two alerts are written."""

    prepared: Path
    address: str
    mailbox: Mailbox
    number: int = 0
    clock: HandClock = field(default_factory=HandClock)

    def fresh(self, faults: dict[str, list[str]]) -> CaseFolder:
        self.number += 1
        folder = self.prepared.parent / f"copy-{self.number}"
        shutil.copytree(self.prepared, folder)
        self.mailbox.mails.clear()
        for number, address in ADDRESSES.items():
            self.mailbox.will(address, *faults[number])
        return CaseFolder(folder, self.clock)


class _Killed(BaseException):
    pass


class _DyingPostbox(SmtpPostbox):
    """Ends the process, as it were, before or after one message is handed over."""

    run: Run

    def deliver(self, letter: Any) -> Any:
        is_it = letter.recipient == ADDRESSES[self.run.at]
        if is_it and self.run.killed == "before":
            raise _Killed
        outcome = super().deliver(letter)
        if is_it and self.run.killed == "after":
            raise _Killed
        return outcome


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    home = tmp_path_factory.mktemp("sending")
    clock = HandClock()
    case = a_case(home, clock)
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    mailbox = Mailbox()
    with mail_server(mailbox) as address:
        yield World(prepared=case.path, address=address, mailbox=mailbox)


def perform(world: World, case: CaseFolder, run: Run) -> Counter[str]:
    """Run the command once; gives how often a person said to send each message again."""
    seen = sending.prospect(case)
    again = [n.id for n in (*seen.unknown, *seen.refused)] if run.again else []
    if again:
        seen = sending.prospect(case, again=again)
    server = replace(server_from(world.address), timeouts=QUICK)
    with _DyingPostbox(server) as postbox, suppress(_Killed, NotSendableError):
        postbox.run = run
        sending.send(case, world.clock, postbox, seen.ready, by="Sam", again=again)
    return Counter(again)


runs = st.lists(
    st.builds(
        Run,
        killed=st.sampled_from(("", "", "before", "after")),
        at=st.sampled_from(sorted(ADDRESSES)),
        again=st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
faults = st.fixed_dictionaries(
    {number: st.lists(st.sampled_from(FAULTS), max_size=3) for number in ADDRESSES}
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=faults, runs=runs)
@example(faults={"N-001": ["mute"], "N-002": []}, runs=[Run(), Run(), Run(again=True)])
@example(faults={"N-001": [], "N-002": []}, runs=[Run(killed="after"), Run(), Run()])
@example(faults={"N-001": ["lost"], "N-002": ["550"]}, runs=[Run(), Run(killed="before"), Run()])
def test_incident_trap_60_each_message_arrives_at_most_once_or_as_often_as_a_person_said(
    world, faults, runs
):
    case = world.fresh(faults)
    said: Counter[str] = Counter()
    for run in runs:
        said += perform(world, case, run)

    assert case.verify().ok
    known = fates(case.events())
    for number, address in ADDRESSES.items():
        arrived, state = len(world.mailbox.arrived(address)), known.get(number, WAITING).state
        assert arrived <= 1 + said[number]
        if state == "sent":
            assert arrived >= 1
        elif state != "unknown" and not said[number]:
            assert arrived == 0
    shutil.rmtree(case.path)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=faults, runs=runs)
def test_once_servers_and_processes_behave_every_message_arrives_or_a_person_is_asked(
    world, faults, runs
):
    case = world.fresh(faults)
    for run in runs:
        perform(world, case, run)
    for address in ADDRESSES.values():
        world.mailbox.will(address)
    perform(world, case, Run())

    seen = sending.prospect(case)
    asked = {notice.id for notice in (*seen.unknown, *seen.refused)}
    for number, address in ADDRESSES.items():
        assert number in asked or world.mailbox.arrived(address)
    assert seen.ready == ()
    shutil.rmtree(case.path)
