"""Messages in a guided response leave with somebody's address, and calls are asked about where one is due."""

from datetime import timedelta
from pathlib import Path

import pytest

from breachkit.incident.store import CaseStore
from breachkit.model.time import SystemClock
from breachkit.workflows.respond_mails import send_waiting
from breachkit.workflows.respond_people import ring
from breachkit.workflows.respond_sitting import Means, Sitting
from breachkit.workflows.respond_talk import Talk
from tests.support.cases import HandClock


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
FROM = "Ada Hartley <ada@example.org>"


class Answering:
    """Gives the answer whose question is asked; the first that fits, in the order they are given."""

    def __init__(self, **answers):
        self._answers = answers
        self.told = ""
        self._answered = 0

    def show(self, lines):
        self.told += "".join(
            part if isinstance(part, str) else part[0] for line in lines for part in (*line, "\n")
        )

    def ask(self, prompt):
        self.told += prompt
        asked, self._answered = self.told[self._answered :], len(self.told)
        found = (given for words, given in self._answers.items() if words in asked)
        return f"{next(found, '')}\n"


@pytest.fixture
def alerted(breachkit):
    """A case with an alert that is written and not sent."""
    breachkit.expect(0, "open", "owner/name", "--contacts", CONTACTS)

    def render(*more):
        breachkit.expect(0, "notify", "render", "alert", *more)
        return CaseStore(breachkit.home, SystemClock()).find(None)

    return render


def sent_as(case, answers, clock=None, **means):
    """Give the commands that send, as they are run, and what was told."""
    person, ran = Answering(**answers), []

    def execute(words):
        ran.append(words)
        return 0

    sitting = Sitting(
        case=case,
        clock=clock or SystemClock(),
        talk=Talk(person),
        means=Means(has_token=False, mail_server="127.0.0.1:25", **means),
        execute=execute,
    )
    return sitting, person, ran


ANSWERS = {"How do they leave?": "1", "From which address": FROM}


def sending(ran):
    return [words for words in ran if words[:2] == ("notify", "send")]


def test_who_sends_is_asked_where_neither_messages_nor_settings_say_so(alerted):
    sitting, person, ran = sent_as(alerted(), ANSWERS)
    send_waiting(sitting)

    assert "From which address do they leave?" in person.told
    [words] = sending(ran)
    assert words[words.index("--from") + 1] == FROM


def test_without_an_address_nothing_is_sent_and_nothing_is_refused(alerted):
    sitting, person, ran = sent_as(alerted(), {"How do they leave?": "1"})
    send_waiting(sitting)

    assert sending(ran) == []
    assert "The messages stay written." in person.told


def test_who_sends_is_not_asked_where_settings_or_the_messages_say_so(alerted):
    for case, means in ((alerted(), {"sender": FROM}), (alerted("--from", FROM, "--again"), {})):
        sitting, person, ran = sent_as(case, ANSWERS, **means)
        send_waiting(sitting)

        assert "From which address" not in person.told
        assert all("--from" not in words for words in sending(ran))
        assert sending(ran)


def test_nobody_is_asked_how_a_call_ended_that_was_not_due(breachkit, alerted):
    case = alerted("--engineer", "Sam")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "notify", "render", "freeze")
    [freeze] = case.path.glob("notifications/*freeze")
    number = freeze.name[:5]
    breachkit.expect(0, "notify", "mark-sent", number, "--by", "Jo")
    clock = HandClock(SystemClock().now() + timedelta(hours=13))  # half of the day that they have

    sitting, person, ran = sent_as(case, {}, clock)
    ring(sitting)

    assert ran == [("notify", "chase", "--case", case.incident.id)]
    assert "N-001 to " in person.told
    assert f"{number} to " not in person.told
