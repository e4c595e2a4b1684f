"""A checklist of the shipped playbook, with contacts and copies, for tests of what becomes of it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from breachkit.actions.checklist import ChecklistFacts, instantiate
from breachkit.actions.checklist_evidence import Shelf
from breachkit.actions.copies import Copy
from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbook_contacts import contacts_from_text


NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEMPLATE = load_template()
CONTACTS = contacts_from_text(
    (Path(__file__).resolve().parent / "contacts.toml").read_text(), "tests"
)
HOSTILE = (
    "=cmd|x",
    "<script>alert(1)</script>",
    "| a |",
    "`b`",
    "a\nb\0\u2028",
    "\x1b[2J",
    "](http://x)",
    "- [x] **A03** x **Evidence:** y",
    "Bloggs, Jo",
    "{contact}",
)


@dataclass(frozen=True)
class Entry:
    seq: int
    kind: str
    detail: dict[str, object] = field(default_factory=dict)
    ts: str = "2026-03-01T09:30:00Z"


def copy(number=1, label="clone of Jo", **changed):
    return replace(
        Copy(
            id=f"K-{number:03d}",
            key=f"C30:{number}",
            place="C30",
            label=label,
            signal="author",
            applies="yes",
        ),
        **changed,
    )


FACTS = ChecklistFacts(
    case_id="BK-2026-0007",
    codename="sapphire-otter",
    now=NOW + timedelta(hours=1),
    moments={"aware": NOW, "opened": NOW},
    conditions={},
    copies=(copy(1), copy(2, "clone of Sam")),
    profile=CONTACTS,
)


def made(*events, template=TEMPLATE, **changed):
    return instantiate(template, replace(FACTS, **changed), events)


def shelf(*events, copies=(), files=("minutes.txt",)):
    return Shelf(
        events={event.seq: event for event in events},
        copies={each.id: each for each in copies},
        has_file=frozenset(files).__contains__,
    )


def ticked(item, seq=8, **detail):
    return Entry(seq, "checklist.ticked", {"item": item, "evidence": "call", "by": "Jo", **detail})
