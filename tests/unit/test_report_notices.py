"""The list of messages: which, to whom, where it lies, and what became of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachkit.actions.notify import Notice, Recipient, kind_named
from breachkit.report import notices


SENT = datetime(2026, 3, 6, 17, 5, tzinfo=UTC)
ANSWERED = datetime(2026, 3, 6, 18, 30, tzinfo=UTC)
CASE = Path("/cases/BK-2026-0001-a-b")
WAITING = Notice(
    id="N-001",
    kind=kind_named("alert"),
    recipient=Recipient(name="Jo \x1b[2J Bloggs", email="jo@example.org", reference="dpo"),
)
FORM = Notice(
    id="N-002",
    kind=kind_named("support"),
    recipient=Recipient(name="GitHub Support", email=None, reference="platform"),
)


@dataclass(frozen=True)
class Written:
    notice: Notice
    files: tuple[Path, ...]
    mailto: str | None = None


WRITTEN = Written(
    WAITING,
    tuple(CASE / WAITING.folder / name for name in ("message.eml", "message.txt", "notice.json")),
)


def test_what_was_written_is_said_with_its_place_and_its_reader():
    assert notices.rendered_lines([WRITTEN], CASE) == (
        "Written, not sent, in /cases/BK-2026-0001-a-b:",
        r"  N-001  internal-alert   Jo \x1b[2J Bloggs <jo@example.org>",
        "         notifications/N-001-internal-alert/  (message.eml, message.txt)",
    )


def test_nothing_written_says_how_to_write_once_more():
    (said,) = notices.rendered_lines([], CASE)

    assert said.startswith("Nothing to write")
    assert "--again" in said
    assert notices.rendered_to_json([], CASE)["notices"] == []


def test_what_was_sent_before_is_named_and_with_who_sent_it_for_machines():
    gone = replace(FORM, sent_at=SENT, sent_by="Jo", rendered_at=SENT)

    said = notices.rendered_lines([WRITTEN], CASE, [gone])
    data = notices.rendered_to_json([WRITTEN], CASE, [gone])

    assert said[:3] == notices.rendered_lines([WRITTEN], CASE)
    assert said[3:] == (
        "Sent before, and left as they were without --again:",
        f"  N-002  github-support   GitHub Support, sent {SENT:%Y-%m-%d %H:%M} UTC",
    )
    [left] = data["already_sent"]
    assert (left["id"], left["sent_by"], left["written_at"]) == ("N-002", "Jo", left["sent_at"])
    assert len(data["notices"]) == 1


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "written, not sent"),
        ({"is_superseded": True}, "not to be sent: replaced"),
        ({"sent_at": SENT}, "sent 2026-03-06 17:05 UTC"),
        ({"sent_at": SENT, "acknowledged_at": ANSWERED}, "answered 2026-03-06 18:30 UTC"),
    ],
)
def test_every_message_says_what_became_of_it(changes, state):
    (said,) = notices.lines([replace(FORM, **changes)], SENT)

    assert said == f"N-002  {state:<28} github-support   GitHub Support"


def test_before_the_first_message_the_command_for_it_is_named():
    (said,) = notices.lines([], SENT)

    assert "breachkit notify render alert" in said


def test_machines_get_the_same_with_moments_in_full():
    sent = replace(FORM, sent_at=SENT, sent_by="Jo", acknowledged_at=ANSWERED, is_superseded=True)

    assert notices.to_json([WAITING, sent]) == {
        "schema": "breachkit.notices/1",
        "notices": [
            {
                "id": "N-001",
                "kind": "internal-alert",
                "recipient": "Jo \x1b[2J Bloggs",
                "email": "jo@example.org",
                "superseded": False,
                "audience": "named-contacts",
                "tlp": "TLP:AMBER+STRICT",
                "reply_by": None,
                "written_at": None,
                "sent_at": None,
                "sent_by": None,
                "attempt": None,
                "acknowledged_at": None,
            },
            {
                "id": "N-002",
                "kind": "github-support",
                "recipient": "GitHub Support",
                "email": None,
                "superseded": True,
                "audience": "platform-support",
                "tlp": "TLP:AMBER+STRICT",
                "reply_by": None,
                "written_at": None,
                "sent_at": "2026-03-06T17:05:00Z",
                "sent_by": "Jo",
                "attempt": None,
                "acknowledged_at": "2026-03-06T18:30:00Z",
            },
        ],
    }
    (written,) = notices.rendered_to_json([WRITTEN], CASE)["notices"]
    assert written["id"] == "N-001"
    assert written["files"] == [
        "notifications/N-001-internal-alert/message.eml",
        "notifications/N-001-internal-alert/message.txt",
        "notifications/N-001-internal-alert/notice.json",
    ]
    assert notices.rendered_to_json([WRITTEN], CASE)["schema"] == "breachkit.notices/1"
