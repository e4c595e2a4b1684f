"""A case with everybody who can be told about it, and mails read by a parser that did not write them."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import fast_mail_parser

from breachkit.actions.clone_list import CloneList, Entry
from breachkit.actions.copies import Copy, Proof
from breachkit.actions.notify import Notice, Recipient, kind_named
from breachkit.incident.case import OpenRequest
from breachkit.incident.folder import CaseFolder
from breachkit.report.mail import VERIFIER, Attachment, Sender
from breachkit.report.verifier_script import verifier_script
from breachkit.workflows import notify
from breachkit.workflows.details import Details, details_of, remember
from breachkit.workflows.register import vouched_for
from breachkit.workflows.sending import mark_sent
from tests.support.cases import HandClock, a_store
from tests.support.people import CONTACTS


TARGET = "example/asthma-reviews"
SENDER = Sender(name="Ada Hartley", email="ada@example.org")
BY_RULE = (("CNT-01", 10), ("PAT-01", 1))
KNOWN = Details(
    visibility="public",
    phone="+44 20 7946 0000",
    keeper="Ada Hartley",
    decider="R. Lindqvist",
    engineer="Sam Engineer",
    shared_with="nobody that we know of",
)


@dataclass(frozen=True)
class Read:
    """A mail as the other parser reads it."""

    subject: str
    to: list[str]
    headers: dict[str, list[str]]
    text: str
    attached: list[tuple[str, bytes]]
    warnings: list[str]


def read(eml: bytes) -> Read:
    """Read a mail by the rules of a library that had no part in writing it."""
    mail = fast_mail_parser.parse_email(eml)
    return Read(
        subject=mail.subject,
        to=[address.address for address in mail.to],
        headers={name.lower(): values for name, values in mail.headers.items()},
        text="".join(mail.text_plain).replace("\r\n", "\n"),
        attached=[(each.filename, bytes(each.content)) for each in mail.attachments],
        warnings=[str(each) for each in mail.warnings],
    )


def header_lines(eml: bytes) -> list[bytes]:
    """Give the headers of a mail, unfolded, from its bytes alone."""
    head = eml.partition(b"\r\n\r\n")[0]
    return re.sub(rb"\r\n[ \t]", b" ", head).split(b"\r\n")


def header_names(eml: bytes) -> list[str]:
    """Give the names of the headers, in order, from a mail's bytes alone."""
    return [line.partition(b":")[0].decode("ascii") for line in header_lines(eml)]


def a_verifier() -> Attachment:
    """A script as holders get it, for ids that are made up."""
    wanted = CloneList(
        entries=(Entry(kind="d", id="ab" * 20, number=1), Entry(kind="h", id="cd" * 20, number=0)),
        token="ghjk",
        round=1,
        seed="mnpq",
    )
    return Attachment(name=VERIFIER, content=verifier_script(wanted))


def a_notice(
    kind: str,
    *,
    name: str = "Jo Bloggs",
    email: str | None = "jo@example.org",
    place: str | None = None,
    about: str | None = None,
    due: datetime | None = None,
) -> Notice:
    """A message of a kind to one made-up recipient."""
    found = kind_named(kind)
    return Notice(
        id="N-001",
        kind=found,
        recipient=Recipient(
            name=name,
            email=email if found.as_mail else None,
            reference="K-001",
            place=place,
            about=about,
            due=due,
        ),
    )


def copies_of(now: datetime) -> tuple[Copy, ...]:
    """A register with people, an account without an address, a fork, archives and a residual."""
    due = now + timedelta(hours=48)
    there = Copy(
        id="K-001",
        key="C30:jo.author@example.org",
        place="C30",
        label="clone of Jo Author",
        holder="Jo Author",
        email="jo.author@example.org",
        signal="author since the exposure",
        applies="yes",
        state="confirmed",
        due=due,
    )
    return (
        there,
        replace(
            there,
            id="K-002",
            key="account:7",
            place="C16",
            label="may read: octo-sam",
            holder="octo-sam",
            email=None,
        ),
        replace(
            there,
            id="K-003",
            key="fork:12",
            place="C10",
            label="fork octo-sam/asthma-reviews of the fork x/y",
            holder="octo-sam",
            email=None,
        ),
        replace(there, id="K-004", key="C40:", place="C40", label="Software Heritage", holder=None),
        replace(there, id="K-005", key="C41:", place="C41", label="Wayback Machine", holder=None),
        replace(
            there,
            id="K-006",
            key="C45:",
            place="C45",
            label="public records of events, kept by Jo Author",
            holder=None,
            state="residual_accepted",
            proof=(Proof(kind="decision", at=now, by="R. Lindqvist", note="nothing can be done"),),
        ),
    )


class Telling:
    """A case whose messages are written one kind after the other."""

    def __init__(self, home: Path, clock: HandClock, target: str = TARGET, **known: object) -> None:
        request = OpenRequest(target=target, found_by="Ben Okafor", aware_at=clock.now(), **known)  # type: ignore[arg-type]
        self.clock = clock
        self.case: CaseFolder = a_store(home, clock).create(request)
        self.findings = notify.Findings()
        notify.choose_contacts(self.case, CONTACTS, clock)
        remember(self.case, KNOWN)

    def with_copies(self) -> "Telling":
        vouched_for(self.case, copies_of(self.clock.now()), by="Ada", note="invented")
        return self

    def facts(self):
        return notify.gather_facts(self.case, self.clock, details_of(self.case), self.findings)

    def write(self, *kinds: str, **options):
        """Write kinds of messages and give them."""
        return notify.render_notices(
            self.case,
            [kind_named(kind) for kind in kinds],
            self.facts(),
            bad=self.findings.bad,
            sender=SENDER,
            **options,
        ).written

    def send(self, *kinds: str, **options):
        """Write them, and note that they left."""
        written = self.write(*kinds, **options)
        for each in written:
            mark_sent(self.case, each.notice.id, by="Ada", at=self.clock.now())
        return written

    def eml(self, written) -> bytes:
        return self.case.read_file(written.notice.eml_file)

    def cleaned(self) -> "Telling":
        """Everything was done, down to the last copy."""
        for kind, detail in (
            ("scope.recorded", {"blobs": 1, "commits": 2, "complete": True}),
            ("rewrite.planned", {}),
            ("rewrite.intent", {}),
            ("rewrite.done", {}),
            ("proof.recorded", {"ok": True}),
            ("push.planned", {}),
            ("push.intent", {}),
            ("push.done", {"refs": 3}),
            ("verify.recorded", {"ok": True, "hidden_refs": 0}),
            ("copies.recorded", {"open": 0}),
        ):
            self.case.record(kind, detail)
        return self

    def decide(self, about: str, answer: str, reason: str = "", **more: object) -> None:
        detail = {
            "about": about,
            "answer": answer,
            "decider": "P. Singh",
            "role": "dpo",
            "reason": reason,
        }
        self.case.record("decision", {**detail, **more})
