"""Telling people: write the messages, note what was sent and answered.

Nothing is sent from here. A person sends the files, and says so.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from breachkit.actions.bad_set import BadSet
from breachkit.actions.chasing import ALERT
from breachkit.actions.contacts import ContactsProfile, phone_script
from breachkit.actions.hosting import Topic
from breachkit.actions.mailfacts import MailFacts
from breachkit.actions.notify import (
    KINDS,
    NobodyToTellError,
    Notice,
    NoticeKind,
    address_of,
    answer_by,
    by_address,
    first_to,
    message_id,
    no_such_notice,
    notices_from,
    plan_notices,
    rendered_detail,
)
from breachkit.actions.recipients import Known, recipients
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import VerificationError
from breachkit.model.time import rfc3339
from breachkit.report.lint import waivable
from breachkit.report.mail import Attachment, Beside, Rendered, Sender, render
from breachkit.workflows.chasing import chase_rule
from breachkit.workflows.contacts import (
    CONTACTS_FILE,
    choose_contacts,
    current_contacts,
    doubts,
    read_contacts,
)
from breachkit.workflows.details import Details, details_of
from breachkit.workflows.mailfacts import Findings, gather_facts
from breachkit.workflows.may_tell import NotYetTimeError, require_time_for
from breachkit.workflows.playbooks import contacts_profiles, playbook_of, read_text
from breachkit.workflows.register import load_register, sound_register
from breachkit.workflows.sending import acknowledge, mark_sent
from breachkit.workflows.snapshot import latest, load_readings
from breachkit.workflows.verify_clone import VERIFIER_FILE, write_verifier


__all__ = [
    "CONTACTS_FILE",
    "SUPPORT_IDS_FILE",
    "Details",
    "Findings",
    "NoticeAlteredError",
    "RenderResult",
    "Waiver",
    "Written",
    "acknowledge",
    "choose_contacts",
    "current_contacts",
    "details_of",
    "gather_facts",
    "kinds_due",
    "known_of",
    "list_notices",
    "mark_sent",
    "read_contacts",
    "read_notice",
    "render_notices",
]

SUPPORT_IDS_FILE = "support-ids.txt"

_MAY_PUSH_NOT = frozenset({"read", "triage", "none", ""})


class NoticeAlteredError(VerificationError):
    """A message's file is not what was checked and written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message that was written."""

    notice: Notice
    rendered: Rendered
    files: tuple[Path, ...]

    @property
    def mailto(self) -> str | None:
        """Its short form as an address to click on; None where there is none."""
        return self.rendered.mailto


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What `render_notices` did."""

    written: tuple[Written, ...]
    already_sent: tuple[Notice, ...] = ()
    """Left as they were; asking again would need `again`."""
    warnings: tuple[str, ...] = ()
    phone: tuple[str, ...] = field(default=())
    """Whom to ring, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """Rules of the lint that somebody sets aside for these messages."""

    rules: tuple[str, ...]
    reason: str
    decider: str


def render_notices(
    case: CaseFolder,
    kinds: Sequence[NoticeKind],
    facts: MailFacts,
    *,
    bad: BadSet | None = None,
    sender: Sender | None = None,
    again: bool = False,
    waiver: Waiver | None = None,
    folder: Path | None = None,
) -> RenderResult:
    """Write messages into the case folder: all of them, or none where one is refused.

    Args:
        case: The case.
        kinds: What to write.
        facts: What is known; `gather_facts` gives it.
        bad: The bad set; its commits go into the private file for the platform's support.
        sender: Who will send them.
        again: Also to those who were sent one of this kind already.
        waiver: What somebody takes upon themselves; no rule about values can be set aside.
        folder: Playbooks of the caller's own.

    Raises:
        LintError: a message could disclose something.
        NobodyToTellError: a kind has no recipient.
        NotYetTimeError: the case has not reached what a kind says.
        TemplateRefusedError: a template is wrong.
        BrokenRegisterError: a message other than the alert tells of copies, and the register is not
            the one that was written.
    """
    if any(kind.name != ALERT for kind in kinds):
        load_register(case)  # whatever became of it keeps no alert back; all others tell of copies
    writer = _Writer(case, facts, sender, waiver, folder)
    for kind in kinds:
        require_time_for(kind, case.incident, facts)
    _need_contacts(writer.known.profile, kinds, folder)
    ready: list[tuple[Notice, Rendered]] = []
    for kind in kinds:
        ready += writer.rendered(kind, [notice for notice, _ in ready], again=again)
    if bad is not None and any(kind.to == "platform" for kind in kinds):
        _write_support_ids(case, bad)
    _record_waiver(case, waiver)
    profile = writer.known.profile
    left = {notice.id for notice, _ in ready}
    return RenderResult(
        written=tuple(_write(case, notice, rendered) for notice, rendered in ready),
        already_sent=tuple(
            n
            for n in writer.known.notices
            if n.kind in kinds and n.sent_at is not None and n.id not in left
        ),
        warnings=(
            *(doubts(profile, facts.now.date(), folder=folder) if profile else ()),
            *_in_doubt(writer.known.notices, kinds),
        ),
        phone=_phone(profile, kinds),
    )


def _in_doubt(notices: Sequence[Notice], kinds: Sequence[NoticeKind]) -> Iterator[str]:
    """Say of what may have arrived that it is left as it was."""
    for notice in notices:
        if notice.kind in kinds and notice.attempt == "unknown" and notice.sent_at is None:
            yield (
                f"{notice.id} may have arrived and is left as it was: `breachkit notify send` says how to "
                "find out; --again writes a new message"
            )


def list_notices(case: CaseFolder) -> tuple[Notice, ...]:
    """Give every message and what became of it."""
    return notices_from(case.events())


def read_notice(case: CaseFolder, notice_id: str) -> tuple[Notice, str]:
    """Give one message and its text, with the subject as first line.

    Raises:
        UnknownNoticeError: no message has that id.
        NoticeAlteredError: its file is not what was written.
    """
    notices = list_notices(case)
    notice = next((n for n in notices if n.id == notice_id), None)
    if notice is None:
        raise no_such_notice(notice_id, notices)
    text = case.read_file(notice.text_file).decode("utf-8", "replace")
    body = text.partition("\n\n")[2]
    if hashlib.sha256(body.encode("utf-8")).hexdigest() != notice.sha256:
        raise NoticeAlteredError(
            f"{notice.text_file} is not the text that was checked: render it again"
        )
    return notice, text.rstrip("\n")


def kinds_due(case: CaseFolder, facts: MailFacts) -> tuple[tuple[NoticeKind, ...], tuple[str, ...]]:
    """Give every kind that may be written now and has a reader, and why the others have not."""
    known = known_of(case, facts.now)
    chosen, left = [], []
    for kind in KINDS:
        try:
            require_time_for(kind, case.incident, facts)
            recipients(kind, known)
        except (NobodyToTellError, NotYetTimeError) as why:
            left.append(f"{kind.alias}: {str(why).removeprefix(f'{kind.name} was not written: ')}")
        else:
            chosen.append(kind)
    return tuple(chosen), tuple(left)


def known_of(case: CaseFolder, now: datetime) -> Known:
    """Give everybody whom a case knows."""
    return Known(
        profile=current_contacts(case),
        copies=sound_register(case) or (),
        notices=notices_from(case.events()),
        can_push=_who_can_push(case),
        now=now,
        remind_before=chase_rule(case).reminder,
    )


class _Writer:
    """Writes the messages of one case, with what all of them need."""

    def __init__(
        self,
        case: CaseFolder,
        facts: MailFacts,
        sender: Sender | None,
        waiver: Waiver | None,
        folder: Path | None,
    ) -> None:
        self._case, self._facts, self._folder = case, facts, folder
        self._organisation = playbook_of(case.incident.profile, folder=folder)
        self._beside = Beside(
            sender=sender, waived=waivable(waiver.rules) if waiver else frozenset()
        )
        self.known = known_of(case, facts.now)

    def rendered(
        self, kind: NoticeKind, waiting: Sequence[Notice], *, again: bool
    ) -> Iterator[tuple[Notice, Rendered]]:
        """Give every message of a kind; `waiting` are those of this run before it."""
        template = self._text(kind.template)
        before = [*self.known.notices, *waiting]
        addressees = recipients(kind, self.known)
        beside = self._with(kind)
        to_each = by_address(before)
        for notice in plan_notices(kind, addressees, before, again=again):
            earlier = to_each.get(address_of(notice), ())
            yield self._one(notice, template, beside, earlier)

    def _one(
        self, notice: Notice, template: str, beside: Beside, before: Sequence[Notice]
    ) -> tuple[Notice, Rendered]:
        by = answer_by(notice, reply_by=self._facts.reply_by, now=self._facts.now)
        notice = replace(notice, reply_by=by)
        thread = first_to(before, notice)
        beside = replace(beside, answers=thread.message_id if thread else None)
        made = render(notice, self._facts, template, beside=beside)
        is_mail = made.eml is not None
        return replace(
            notice,
            sha256=made.sha256,
            eml_sha256=made.eml_sha256,
            message_id=message_id(self._facts.case_key, notice) if is_mail else None,
        ), made

    def _with(self, kind: NoticeKind) -> Beside:
        """Give what goes with messages of a kind: its short form, and the script to whom it is for."""
        beside = self._beside
        if kind.has_short_form:
            beside = replace(beside, short=self._text(kind.short_template))
        if kind.may_attach and self._facts.verifier:
            script = write_verifier(self._case)  # in the private part: it holds old ids
            attached = Attachment(name=VERIFIER_FILE, content=script.content)
            beside = replace(beside, attachment=attached)
        return beside

    def _text(self, name: str) -> str:
        return read_text(name, self._organisation, folder=self._folder)


def _who_can_push(case: CaseFolder) -> tuple[str, ...] | None:
    """Give the accounts that could push when the last snapshot was taken; None where there is none."""
    number = latest(case)
    if number is None:
        return None
    reading = load_readings(case, number).get(Topic.COLLABORATORS)
    if reading is None or not reading.items:
        return None
    people = (item for item in reading.items if str(item.get("role_name")) not in _MAY_PUSH_NOT)
    return tuple(str(item["login"]) for item in people if item.get("login"))


def _write(case: CaseFolder, notice: Notice, rendered: Rendered) -> Written:
    files = [case.write_file(notice.text_file, _with_subject(rendered))]
    if rendered.eml is not None:
        files.append(_write_mail(case, notice, rendered.eml))
    meta = json.dumps(_meta(notice, rendered), indent=2).encode("ascii")
    files.append(case.write_file(f"{notice.folder}/meta.json", meta))
    for name, text in (("mailto.txt", rendered.mailto), ("message.md", rendered.markdown)):
        if text is not None:
            files.append(case.write_file(f"{notice.folder}/{name}", f"{text.rstrip()}\n".encode()))
    detail = rendered_detail(notice, template_sha256=rendered.template_sha256)
    case.record(EventKind.NOTIFY_RENDERED, detail, refs=[notice.id])
    return Written(notice=notice, rendered=rendered, files=tuple(files))


def _write_mail(case: CaseFolder, notice: Notice, eml: bytes) -> Path:
    if notice.eml_file.startswith("private/"):
        return case.write_private(notice.eml_file.removeprefix("private/"), eml)
    return case.write_file(notice.eml_file, eml)


def _meta(notice: Notice, rendered: Rendered) -> dict[str, object]:
    return {
        "schema": "breachkit.notice/1",
        "id": notice.id,
        "kind": notice.kind.name,
        "tlp": notice.kind.tlp,
        "name": notice.recipient.name,
        "email": notice.recipient.email,
        "subject": rendered.subject,
        "paths": rendered.paths,
        "reply_by": rfc3339(notice.reply_by) if notice.reply_by else None,
        "message_id": notice.message_id,
        "attached": rendered.attachment.name if rendered.attachment else None,
        "sha256": rendered.sha256,
        "eml_sha256": rendered.eml_sha256,
        "template_sha256": rendered.template_sha256,
    }


def _with_subject(rendered: Rendered) -> bytes:
    """Give the text as a person pastes it; a form has a field of its own for the subject."""
    return f"{rendered.subject}\n\n{rendered.text}".encode()


def _record_waiver(case: CaseFolder, waiver: Waiver | None) -> None:
    if waiver is not None:
        case.record(
            EventKind.OVERRIDE,
            {
                "action": "notify",
                "guards": list(waiver.rules),
                "reason": waiver.reason,
                "decider": waiver.decider,
            },
        )


def _write_support_ids(case: CaseFolder, bad: BadSet) -> None:
    lines = (
        "First changed commits, for the form of the platform's support and nowhere else:",
        *bad.introducers,
    )
    case.write_private(SUPPORT_IDS_FILE, ("\n".join(lines) + "\n").encode("ascii"))


def _need_contacts(
    profile: ContactsProfile | None, kinds: Sequence[NoticeKind], folder: Path | None
) -> None:
    if profile is None and any(kind.to in {"alert", "engineer", "dpo"} for kind in kinds):
        names = ", ".join(contacts_profiles(folder=folder))
        raise NobodyToTellError(
            f"no contacts are chosen: add --contacts with one of {names}, or with a .toml file of your own"
        )


def _phone(profile: ContactsProfile | None, kinds: Sequence[NoticeKind]) -> tuple[str, ...]:
    if profile is None or not any(kind.to == "alert" for kind in kinds):
        return ()
    return phone_script(profile, profile.to_alert()[0])
