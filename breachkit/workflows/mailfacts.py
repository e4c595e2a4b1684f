"""What messages may say of a case: brought together from the journal, the scope, the register and people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import breachkit
from breachkit.actions.archives import PLACES
from breachkit.actions.bad_set import BadSet
from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.copies import Copy, open_copies
from breachkit.actions.mailfacts import (
    PEOPLE_RANGES,
    Decided,
    Held,
    MailFacts,
    Residual,
    Waiting,
    repository_name,
)
from breachkit.actions.notify import Notice, notices_from
from breachkit.actions.recipients import ASKED_FOR, Known, overdue
from breachkit.git.clone import hosted_url
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.decisions import Decision, decisions_of
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import GitPath
from breachkit.model.time import Clock
from breachkit.report.masking import Masking
from breachkit.workflows.contacts import current_contacts
from breachkit.workflows.details import Details
from breachkit.workflows.late_clones import has_whole_list
from breachkit.workflows.playbooks import playbook_of
from breachkit.workflows.register import sound_register
from breachkit.workflows.told import (
    done_so_far,
    forks_known,
    left_to_do,
    still_served,
    timeline,
    who_was_told,
)
from breachkit.workflows.trace import load_places


_IN_MAILS = frozenset(each.name for each in fields(MailFacts))
_ARCHIVES_FILE = "archives.json"
_ASKED_BY_ADDRESS = frozenset({"origin", "captures"})
_PAGES = "https://github.com/"
_RANGES = frozenset({"people_range", "records_range"})
_NOT_SAID = frozenset({"", "not-yet-known"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the scope knows."""

    bad: BadSet | None = None
    by_rule: tuple[tuple[str, int], ...] | None = None
    telling_names: frozenset[bytes] = frozenset()
    """Paths that are themselves evidence, so that no message may show them."""


def gather_facts(
    case: CaseFolder, clock: Clock, details: Details, findings: Findings | None = None
) -> MailFacts:
    """Bring together everything a message may say.

    Args:
        case: The case.
        clock: For the date of the messages, and what is late.
        details: What people said.
        findings: What the scope knows; None before it.
    """
    incident, events = case.incident, case.events()
    register, profile = sound_register(case) or (), current_contacts(case)
    notices = notices_from(events)
    known = Known(profile=profile, copies=register, notices=notices, now=clock.now())
    said = _said(details)
    given: dict[str, Any] = {
        **_of_scope(findings),
        **_of_case(incident, events),
        **_of_register(case, register),
        **_of_people(decisions_of(events), profile, notices),
        "waiting": tuple(_waiting(each, known.now) for each in overdue(known)),
        "names": _names(incident, details, register),
        "verifier": has_whole_list(case),
        **said,
        "forks": details.forks or forks_known(incident),
        "timeline": timeline(incident, details.public_since, findings.bad if findings else None),
    }
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
        **given,
    )


def _said(details: Details) -> dict[str, Any]:
    """Give what people said; a number where a range is wanted tells too much and is left out."""
    said = {f.name: getattr(details, f.name) for f in fields(details) if f.name in _IN_MAILS}
    return {
        name: value
        for name, value in said.items()
        if value is not None and (name not in _RANGES or value in PEOPLE_RANGES)
    }


def _of_scope(findings: Findings | None) -> dict[str, Any]:
    bad = findings.bad if findings else None
    if findings is None or bad is None:
        return {"findings_by_rule": findings.by_rule if findings else None}
    masking = Masking.of_names(findings.telling_names)
    return {
        "findings_by_rule": findings.by_rule,
        "paths": tuple(GitPath(masking.mask(path)) for path in bad.paths),
        "first_commit_at": bad.first_exposure,
        "refs": len(bad.refs),
        "pull_requests": bad.pull_requests,
        "tags_rewritten": sum(ref.startswith(b"refs/tags/") for ref in bad.refs),
    }


def _of_case(incident: Incident, events: Sequence[Event]) -> dict[str, Any]:
    stood_down = [each for each in events if each.known_kind is EventKind.CASE_STOOD_DOWN]
    return {
        "case_key": events[0].hash,
        "repository_url": _page(incident.target),
        "contained_at": _reached(incident, Milestone.CONTAINED),
        "pushed_at": _reached(incident, Milestone.PUSHED),
        "verified_at": _reached(incident, Milestone.VERIFIED),
        "purged_at": _reached(incident, Milestone.SERVER_PURGED),
        "restored_at": _reached(incident, Milestone.RESTORED),
        "traced_at": _reached(incident, Milestone.TRACED),
        "done": done_so_far(incident),
        "to_do": left_to_do(incident),
        "still_served": still_served(incident),
        "reason": stood_down[-1].text("reason") if stood_down else None,
        "reason_by": stood_down[-1].text("decider") if stood_down else None,
    }


def _of_register(case: CaseFolder, register: Sequence[Copy]) -> dict[str, Any]:
    if not register:
        return {"held": _held(case)}
    applying = [copy for copy in register if copy.applies != "no"]
    sorts = {place.code: place.label for place in load_places(playbook_of(case.incident.profile))}
    accepted = [copy for copy in applying if copy.state == "residual_accepted"]
    return {
        "copies": len(applying),
        "copies_open": len(open_copies(applying)),
        "residuals": tuple(_residual(copy, sorts.get(copy.place, copy.place)) for copy in accepted),
        "held": _held(case),
    }


def _residual(copy: Copy, sort: str) -> Residual:
    by = copy.proof[-1].by if copy.proof else "nobody named"
    return Residual(id=copy.id, label=copy.label, sort=sort, accepted_by=by)


def _held(case: CaseFolder) -> tuple[Held, ...]:
    """Give what public archives said they have, by place."""
    if not case.has_file(f"private/{_ARCHIVES_FILE}"):
        return ()
    from breachkit.workflows.tracing import load_answers  # brings the platform's library with it

    told = [each for each in load_answers(case).told.values() if each.found]
    found = []
    for archive, place in PLACES.items():
        own = [each for each in told if each.question.archive is archive]
        addresses = sorted({e.question.about for e in own if e.question.kind in _ASKED_BY_ADDRESS})
        latest = max((each.latest for each in own), default="")
        if own:
            found.append(Held(place=place, addresses=tuple(addresses), latest=latest))
    return tuple(found)


def _of_people(
    decisions: Sequence[Decision], profile: ContactsProfile | None, notices: Sequence[Notice]
) -> dict[str, Any]:
    newest = {each.about: each for each in sorted(decisions, key=lambda each: each.seq)}
    officers = profile.with_role("dpo") if profile else ()
    officer = officers[0] if officers else None
    reports = [n for n in notices if n.kind.to == "dpo" and n.sent_at is not None]
    said = (officer.name, officer.email, officer.phone) if officer else ()
    return {
        "decided": tuple(_decided(each) for each in newest.values() if _is_said(each)),
        "review": newest["review"].answer if "review" in newest else None,
        "ico_reference": _reference(decisions),
        "contact_point": ", ".join(filter(None, said)) or None,
        "contact_point_email": officer.email if officer else None,
        "reported_at": reports[0].sent_at if reports else None,
        "told": who_was_told(notices),
    }


def _is_said(decision: Decision) -> bool:
    return decision.answer not in _NOT_SAID


def _decided(decision: Decision) -> Decided:
    return Decided(
        about=decision.about,
        answer=decision.answer,
        by=decision.decider,
        role=decision.role,
        at=decision.at,
        reason=decision.reason,
    )


def _reference(decisions: Iterable[Decision]) -> str | None:
    """Give what the ICO called the report, wherever somebody wrote it down last."""
    given = [each.text("reference") for each in decisions if each.about.startswith("ico")]
    return next((each for each in reversed(given) if each), None)


def _waiting(notice: Notice, now: datetime) -> Waiting:
    return Waiting(
        id=notice.id,
        who=notice.recipient.name,
        what=ASKED_FOR.get(notice.kind.to, notice.kind.name).replace("your ", "their "),
        due=notice.reply_by or now,
    )


def _names(incident: Incident, details: Details, register: Sequence[Copy]) -> tuple[str, ...]:
    people = (incident.found_by, details.keeper, details.decider, details.engineer)
    holders = (copy.holder for copy in register)
    return tuple(dict.fromkeys(name for name in (*people, *holders) if name))


def _page(target: str) -> str | None:
    url = hosted_url(target)
    if not url.startswith(_PAGES):
        return None
    return f"{_PAGES}{repository_name(target)}"


def _reached(incident: Incident, milestone: Milestone) -> datetime | None:
    reached = incident.milestones.get(milestone)
    return reached.at if reached else None
