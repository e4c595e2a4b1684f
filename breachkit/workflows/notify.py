"""Telling people: choose the contacts, write the messages, note what was sent and answered.

Nothing is sent from here. A person sends the files, and says so.
"""

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path

import breachkit
from breachkit.actions.bad_set import BadSet
from breachkit.actions.contacts import (
    ContactsError,
    ContactsProfile,
    phone_script,
    profile_from_mapping,
    warnings_for,
)
from breachkit.actions.mailfacts import MailFacts, repository_name
from breachkit.actions.notify import (
    NobodyToTellError,
    Notice,
    NoticeKind,
    acknowledged_detail,
    notice_to_mark,
    notices_from,
    plan_notices,
    recipients,
    rendered_detail,
    sent_detail,
)
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import GitPath, display
from breachkit.model.time import Clock
from breachkit.report.mail import Rendered, Sender, render
from breachkit.report.masking import Masking
from breachkit.workflows.details import Details, details_of  # noqa: F401 - callers find it here
from breachkit.workflows.playbooks import DEFAULT_ORGANISATION, contacts_profiles, read_text
from breachkit.workflows.told import done_so_far, forks_known, left_to_do, still_served
from breachkit.workflows.trace import load_register
from breachkit.workflows.verify_clone import has_whole_list, write_verifier


CONTACTS_FILE = "contacts.toml"
SUPPORT_IDS_FILE = "support-ids.txt"

_IN_MAILS = frozenset(each.name for each in fields(MailFacts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the scope knows."""

    bad: BadSet | None = None
    by_rule: tuple[tuple[str, int], ...] | None = None
    telling_names: frozenset[bytes] = frozenset()
    """Paths that are themselves evidence, so that no message may show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One message that was written."""

    notice: Notice
    rendered: Rendered
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """What `render_notices` did."""

    written: tuple[Written, ...]
    already_sent: tuple[Notice, ...] = ()
    """Left as they were; asking again would need `again`."""
    warnings: tuple[str, ...] = ()
    phone: tuple[str, ...] = field(default=())
    """Whom to ring, in order."""


def choose_contacts(
    case: CaseFolder, name: str, clock: Clock, *, folder: Path | None = None
) -> tuple[ContactsProfile, tuple[str, ...]]:
    """Make a contacts profile the one in force, and give it with its warnings.

    Args:
        case: The case, which keeps a copy of the file.
        name: A shipped profile such as `opensafely-2026`, or a path that ends in `.toml`.
        clock: Tells how old the profile is.
        folder: Playbooks of the caller's own.

    Raises:
        ContactsError: the profile is missing or wrong.
    """
    profile, text = read_contacts(name, folder=folder)
    case.write_file(CONTACTS_FILE, text.encode("utf-8"))
    detail = {
        "profile": profile.name,
        "as_of": profile.as_of.isoformat(),
        "verified_on": profile.verified_on.isoformat(),
        "source": profile.source,
        "sha256": profile.sha256,
    }
    case.record(EventKind.CONTACTS_CHOSEN, detail)
    return profile, warnings_for(profile, clock.now().date())


def read_contacts(name: str, *, folder: Path | None = None) -> tuple[ContactsProfile, str]:
    """Read a profile without choosing it, and give it with its text; see `choose_contacts`."""
    text = _profile_text(name, folder)
    return _parse(text, Path(name).stem if name.endswith(".toml") else name), text


def current_contacts(case: CaseFolder) -> ContactsProfile | None:
    """Give the contacts in force; None until somebody chose them.

    Raises:
        ContactsError: the case's copy is not the file that was chosen.
    """
    chosen = [event for event in case.events() if event.kind == EventKind.CONTACTS_CHOSEN]
    if not chosen:
        return None
    text = case.read_file(CONTACTS_FILE).decode("utf-8", "replace")
    profile = _parse(text, chosen[-1].text("profile") or "contacts")
    if profile.sha256 != chosen[-1].text("sha256"):
        raise ContactsError(
            f"{CONTACTS_FILE} of the case was changed after it was chosen: "
            "choose it again with --contacts, so that the journal knows"
        )
    return profile


def gather_facts(
    case: CaseFolder, clock: Clock, details: Details, findings: Findings | None = None
) -> MailFacts:
    """Bring together everything a message may say."""
    incident = case.incident
    bad = findings.bad if findings else None
    masking = Masking.of_names(findings.telling_names if findings else ())
    return MailFacts(
        case_id=incident.id,
        codename=incident.codename,
        kind=incident.kind,
        repository=repository_name(incident.target),
        now=clock.now(),
        found_by=incident.found_by,
        aware_at=incident.aware_at,
        aware_assumed=incident.aware_assumed,
        log_head=incident.head,
        tool_version=breachkit.__version__,
        paths=tuple(GitPath(masking.mask(path)) for path in bad.paths) if bad else None,
        findings_by_rule=findings.by_rule if findings else None,
        first_commit_at=bad.first_exposure if bad else None,
        refs=len(bad.refs) if bad else None,
        pull_requests=bad.pull_requests if bad else None,
        pushed_at=_reached(incident, Milestone.PUSHED),
        tags_rewritten=sum(ref.startswith(b"refs/tags/") for ref in bad.refs) if bad else None,
        done=done_so_far(incident),
        to_do=left_to_do(incident),
        still_served=still_served(incident),
        verifier=has_whole_list(case),
        **{
            **{f.name: getattr(details, f.name) for f in fields(details) if f.name in _IN_MAILS},
            "forks": details.forks or forks_known(incident),
        },
    )


def render_notices(
    case: CaseFolder,
    kinds: Sequence[NoticeKind],
    facts: MailFacts,
    *,
    bad: BadSet | None = None,
    sender: Sender | None = None,
    again: bool = False,
    organisation: str = DEFAULT_ORGANISATION,
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
        organisation: Whose templates.
        folder: Playbooks of the caller's own.

    Raises:
        LintError: a message could disclose something.
        NobodyToTellError: a kind has no recipient.
        TemplateRefusedError: a template is wrong.
    """
    profile = current_contacts(case)
    _need_contacts(profile, kinds, folder)
    existing = notices_from(case.events())
    ready: list[tuple[Notice, Rendered]] = []
    skipped: list[Notice] = []
    for kind in kinds:
        template = read_text(kind.template, organisation, folder=folder)
        addressees = recipients(kind, profile, load_register(case))
        waiting = [n for n, _ in ready]
        planned = plan_notices(kind, addressees, [*existing, *waiting], again=again)
        ready += [(notice, render(notice, facts, template, sender)) for notice in planned]
        skipped += _left_out(kind, existing, planned)
    if bad is not None and any(kind.to == "platform" for kind in kinds):
        _write_support_ids(case, bad)
    if facts.verifier and any(kind.to == "holders" for kind in kinds):
        write_verifier(case)  # in the private part: it holds old ids, as no message does
    return RenderResult(
        written=tuple(_write(case, notice, rendered) for notice, rendered in ready),
        already_sent=tuple(skipped),
        warnings=warnings_for(profile, facts.now.date()) if profile else (),
        phone=_phone(profile, kinds),
    )


def list_notices(case: CaseFolder) -> tuple[Notice, ...]:
    """Give every message and what became of it."""
    return notices_from(case.events())


def mark_sent(
    case: CaseFolder, notice_id: str, *, by: str, at: datetime, how: str = "by hand"
) -> Event:
    """Note that a person sent a message; the first alert sent is what lets a rewrite begin.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it is marked already.
    """
    notice = notice_to_mark(list_notices(case), notice_id, sent=True)
    detail = sent_detail(notice, by=by, at=at, how=how)
    return case.record(EventKind.NOTIFY_SENT, detail, refs=[notice.id])


def acknowledge(case: CaseFolder, notice_id: str, *, by: str, at: datetime) -> Event:
    """Note that a recipient has answered.

    Raises:
        UnknownNoticeError: no message has that id.
        AlreadySentError: it was not sent.
    """
    notice = notice_to_mark(list_notices(case), notice_id, sent=False)
    detail = acknowledged_detail(notice, by=by, at=at)
    return case.record(EventKind.NOTIFY_ACKNOWLEDGED, detail, refs=[notice.id])


def _profile_text(name: str, folder: Path | None) -> str:
    if name.endswith(".toml"):
        try:
            return Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as cause:
            raise ContactsError(
                f"contacts file {display(name)} cannot be read: check its name"
            ) from cause
    profiles = contacts_profiles(folder=folder)
    if name not in profiles:
        raise ContactsError(
            f"no contacts profile {display(name)!r}: choose one of {', '.join(profiles)}, or give a "
            "file of your own whose name ends in .toml"
        )
    return read_text(CONTACTS_FILE, name, folder=folder)


def _parse(text: str, name: str) -> ContactsProfile:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ContactsError(
            f"contacts profile {display(name)} is not TOML: {cause}; correct it"
        ) from cause
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return profile_from_mapping(data, name=name, sha256=digest)


def _reached(incident: Incident, milestone: Milestone) -> datetime | None:
    reached = incident.milestones.get(milestone)
    return reached.at if reached else None


def _left_out(
    kind: NoticeKind, existing: Sequence[Notice], planned: Sequence[Notice]
) -> list[Notice]:
    written = {notice.id for notice in planned}
    return [n for n in existing if n.kind == kind and n.sent_at is not None and n.id not in written]


def _write(case: CaseFolder, notice: Notice, rendered: Rendered) -> Written:
    files = [case.write_file(f"{notice.folder}/message.txt", _with_subject(rendered))]
    if rendered.eml is not None:
        files.append(case.write_file(f"{notice.folder}/message.eml", rendered.eml))
    meta = {
        "schema": "breachkit.notice/1",
        "id": notice.id,
        "kind": notice.kind.name,
        "tlp": notice.kind.tlp,
        "name": notice.recipient.name,
        "email": notice.recipient.email,
        "subject": rendered.subject,
        "paths": rendered.paths,
        "sha256": rendered.sha256,
        "template_sha256": rendered.template_sha256,
    }
    files.append(
        case.write_file(f"{notice.folder}/meta.json", json.dumps(meta, indent=2).encode("ascii"))
    )
    detail = rendered_detail(
        notice, sha256=rendered.sha256, template_sha256=rendered.template_sha256
    )
    case.record(EventKind.NOTIFY_RENDERED, detail, refs=[notice.id])
    return Written(notice=notice, rendered=rendered, files=tuple(files))


def _with_subject(rendered: Rendered) -> bytes:
    """Give the text as a person pastes it; a form has a field of its own for the subject."""
    return f"{rendered.subject}\n\n{rendered.text}".encode()


def _write_support_ids(case: CaseFolder, bad: BadSet) -> None:
    lines = (
        "First changed commits, for the form of the platform's support and nowhere else:",
        *bad.introducers,
    )
    case.write_private(SUPPORT_IDS_FILE, ("\n".join(lines) + "\n").encode("ascii"))


def _need_contacts(
    profile: ContactsProfile | None, kinds: Sequence[NoticeKind], folder: Path | None
) -> None:
    if profile is None and any(kind.to in {"alert", "engineer"} for kind in kinds):
        names = ", ".join(contacts_profiles(folder=folder))
        raise NobodyToTellError(
            f"no contacts are chosen: add --contacts with one of {names}, or with a .toml file of your own"
        )


def _phone(profile: ContactsProfile | None, kinds: Sequence[NoticeKind]) -> tuple[str, ...]:
    if profile is None or not any(kind.to == "alert" for kind in kinds):
        return ()
    return phone_script(profile, profile.to_alert()[0])
