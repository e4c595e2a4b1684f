"""What an answer of a server means, and what a journal says became of a message."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from breachkit.actions.notify import notices_from
from breachkit.actions.sending import Rejected, fates


@dataclass(frozen=True)
class Entry:
    """A journal entry about N-001."""

    kind: str
    detail: dict[str, Any] = field(default_factory=dict)
    seq: int = 1
    ts: str = "2026-03-06T12:00:00Z"


def entry(kind, **detail):
    return Entry(f"notify.{kind}", {"number": "N-001", "message": "internal-alert", **detail})


@pytest.mark.parametrize(
    ("code", "stage", "login", "stops", "later"),
    [
        (None, "connect", False, True, True),
        (None, "data", False, True, True),
        (421, "recipient", False, True, True),
        (450, "recipient", False, False, True),
        (454, "login", False, True, True),
        (530, "sender", True, True, True),
        (534, "login", True, True, True),
        (535, "login", True, True, True),
        (535, "sender", True, True, True),
        (550, "recipient", False, False, False),
        (552, "data", False, False, False),
        (554, "connect", False, True, True),
        (554, "login", True, True, True),
    ],
)
def test_an_answer_is_about_the_letter_the_login_or_the_server(code, stage, login, stops, later):
    rejected = Rejected(code=code, reply="", stage=stage)
    assert rejected.is_login is login
    assert rejected.stops_all is stops
    assert rejected.may_go_later is later


REFUSED, LATER = entry("refused", later=False, reply="550 no"), entry("refused", later=True)


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        ((), "waiting"),
        ((entry("sending"),), "unknown"),
        ((entry("sending"), entry("unsure")), "unknown"),
        ((entry("sending"), entry("sent")), "sent"),
        ((entry("sending"), REFUSED), "refused"),
        ((entry("sending"), LATER), "later"),
        ((entry("sending"), REFUSED, entry("rendered")), "waiting"),
        ((entry("sending"), LATER, entry("rendered")), "waiting"),
        ((entry("sending"), entry("rendered")), "unknown"),
        ((entry("sent"), entry("rendered")), "sent"),
        ((entry("sending"), entry("sending"), REFUSED), "refused"),
        ((entry("acknowledged"), Entry("decision")), "waiting"),
    ],
)
def test_the_journal_tells_what_became_of_a_message(kinds, state):
    events = (entry("rendered"), *kinds)
    assert fates(events)["N-001"].state == state
    (notice,) = notices_from(events)
    attempt = None if state in {"waiting", "sent"} else state
    assert notice.attempt == attempt


def test_an_entry_without_a_number_is_about_no_message():
    assert fates([Entry("notify.sent", {})]) == {}
