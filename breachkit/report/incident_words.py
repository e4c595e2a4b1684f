"""What the texts of a playbook are told about a case: words of our own, and names set apart.

The texts of the public summary are told less: a template cannot print what it is not given.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from breachkit.actions.copy_states import Grade
from breachkit.actions.whereabouts import State
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.report.case_status import span
from breachkit.report.escape import markdown_shown
from breachkit.report.incident_document import NO_DECISION, day, moment, month, name
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.incident_texts import mark
from breachkit.report.words import counted


_KINDS = {
    "suspected": "A suspected disclosure",
    "confirmed": "A disclosure",
    "near-miss": "A near miss of a disclosure",
}

WORKING_DAYS = 5
"""After the closing of a case, for its review. Source: PagerDuty, postmortem process."""


_INSIDERS = frozenset(
    {
        *("Kind", "repository", "found_by", "discovered", "aware", "files", "file_types"),
        *("no_files", "first_commit", "refs", "fixes", "stood_down", "contained_at"),
        *("pushed_at", "purged_at", "copies", "copies_open", "recurred", "review"),
        *("reference", "lessons", "stopped_by"),
    }
)

GIVEN: Mapping[str, frozenset[str]] = {
    "internal.txt.j2": _INSIDERS,
    "dpo.txt.j2": _INSIDERS,
    "public.txt.j2": frozenset(
        {
            *("near_miss", "stood_down", "discovered", "public_since", "first_commit", "contained"),
            *("pushed", "purged", "traced", "residual", "lessons"),
        }
    ),
    "review.md.j2": frozenset(
        {
            *("case", "version", "now", "due", "overrides", "words_alone", "residuals"),
            *("unanswered", "recurrences", "public_summary", "retention", "tlp", "spans"),
        }
    ),
}
"""The facts that each file of a playbook is given."""


def for_insiders(facts: CaseFacts) -> Mapping[str, Any]:
    """Give what the texts of the internal report and of the data protection officer's may say."""
    incident, bad = facts.incident, facts.bad
    left = sum(not copy.closed for copy in facts.register)
    reference, lessons, stopped = (
        facts.ico_reference,
        facts.text("lessons"),
        facts.text("stopped_by"),
    )
    copies = counted(len(facts.register), "place") if facts.register else ""
    return {
        "Kind": _KINDS.get(incident.kind, _KINDS["suspected"]),
        "repository": mark(name(facts.repository)),
        "found_by": mark(name(incident.found_by)) if incident.found_by else None,
        "discovered": moment(incident.discovered_at),
        "aware": moment(incident.aware_at),
        "files": counted(len(bad.blobs), "version of files", "versions of files")
        if bad and bad.blobs
        else None,
        "file_types": ", ".join(facts.file_types) or "of unknown type",
        "no_files": bad is not None and not bad.blobs,
        "first_commit": day(bad.first_exposure) if bad else None,
        "refs": counted(len(bad.refs), "ref") if bad else None,
        "fixes": _fixes(facts),
        "stood_down": _stood_down(facts),
        "contained_at": _reached(facts, Milestone.CONTAINED),
        "pushed_at": _reached(facts, Milestone.PUSHED),
        "purged_at": _reached(facts, Milestone.SERVER_PURGED),
        "copies": copies,
        "copies_open": f"{left:,}" if left else None,
        "recurred": _reached(facts, Milestone.RECURRED),
        "review": _decided(facts, "review"),
        "reference": mark(name(reference)) if reference else None,
        "lessons": mark(name(lessons, most=2000)) if lessons else None,
        "stopped_by": mark(name(stopped)) if stopped else None,
    }


def for_everybody(
    facts: CaseFacts, date: Callable[[datetime | None], str] = month
) -> Mapping[str, Any]:
    """Give what the texts of the public summary may say: months and what was done, no number and no name.

    Args:
        facts: The case.
        date: How exact a date may be.
    """
    incident = facts.incident

    def at(milestone: Milestone) -> str | None:
        found = facts.reached(milestone)
        return date(found) if found else None

    public = facts.when("public_since")
    first = facts.bad.first_exposure if facts.bad else None
    lessons = facts.text("lessons")
    return {
        "near_miss": incident.kind == "near-miss",
        "stood_down": incident.has(Milestone.STOOD_DOWN),
        "discovered": date(incident.discovered_at),
        "public_since": date(public) if public else None,
        "first_commit": date(first) if first else None,
        "contained": at(Milestone.CONTAINED),
        "pushed": at(Milestone.PUSHED),
        "purged": at(Milestone.SERVER_PURGED),
        "traced": incident.has(Milestone.TRACED),
        "lessons": mark(name(lessons, most=2000)) if lessons else None,
        "residual": any(copy.state == "residual_accepted" for copy in facts.register),
    }


def for_review(facts: CaseFacts, tlp: str) -> Mapping[str, Any]:
    """Give what the form of the review is filled in with; it is Markdown, and escaped for that."""
    closed = facts.reached(Milestone.CLOSED) or facts.reached(Milestone.STOOD_DOWN)
    unanswered = sum(bool(n.sent_at) and n.acknowledged_at is None for n in facts.notices)
    graded = [copy.grade for copy in facts.register]
    events = [event.known_kind for event in facts.events]
    shown = {
        "case": f"{facts.incident.id} {facts.incident.codename}",
        "version": facts.tool_version,
        "now": moment(facts.now),
        "due": day(working_days_after(closed)) if closed else None,
        "overrides": str(events.count(EventKind.OVERRIDE)),
        "words_alone": str(sum(grade is Grade.WORD for grade in graded)),
        "residuals": str(sum(grade is Grade.ACCEPTED for grade in graded)),
        "unanswered": str(unanswered),
        "recurrences": str(_recurrences(facts)),
        "public_summary": _answer(facts, "public-summary"),
        "retention": _answer(facts, "retention"),
    }
    escaped = {key: markdown_shown(text) if text else text for key, text in shown.items()}
    return {**escaped, "tlp": tlp, "spans": _spans(facts)}


def _answer(facts: CaseFacts, about: str) -> str:
    """Give what was decided and not by whom: the review names nobody."""
    decision = facts.decision(about)
    return name(decision.answer or "not said").shown if decision else NO_DECISION


def working_days_after(moment_: datetime, days: int = WORKING_DAYS) -> datetime:
    """Give the moment so many working days later: weekends do not count, bank holidays do."""
    while days:
        moment_ += timedelta(days=1)
        days -= moment_.weekday() < 5
    return moment_


def _reached(facts: CaseFacts, milestone: Milestone) -> str | None:
    at = facts.reached(milestone)
    return moment(at) if at else None


def _decided(facts: CaseFacts, about: str) -> str | None:
    decision = facts.decision(about)
    return mark(name(f"{decision.answer} {decision.reason}".strip())) if decision else None


def _stood_down(facts: CaseFacts) -> str | None:
    if not facts.incident.has(Milestone.STOOD_DOWN):
        return None
    event = facts.last_event(EventKind.CASE_STOOD_DOWN)
    reason = name(event.text("reason") if event else "")
    return mark(reason) if reason.shown else "no reason recorded"


def _fixes(facts: CaseFacts) -> str | None:
    """Count the commits that took the data out of the newest files alone."""
    if facts.where is None:
        return None
    fixes = [
        mark_
        for lane in facts.where.lanes
        for mark_ in lane.marks
        if mark_.kind == "went" and lane.state is not State.CLEAN
    ]
    return counted(len(fixes), "commit") if fixes else None


def _recurrences(facts: CaseFacts) -> int:
    return sum(event.known_kind is EventKind.CASE_RECURRED for event in facts.events)


_SPANS = (
    ("discovered", "first message sent", EventKind.NOTIFY_SENT),
    ("first message sent", "access restricted", EventKind.RESTRICT_DONE),
    ("access restricted", "extent known", EventKind.SCOPE_RECORDED),
    ("extent known", "server's refs replaced", EventKind.PUSH_DONE),
    ("server's refs replaced", "access given back", EventKind.RESTORE_DONE),
    ("access given back", "closed", EventKind.CASE_CLOSED),
)


def _spans(facts: CaseFacts) -> list[dict[str, str]]:
    """Give how long each part of the response took; what did not happen is said to be so."""
    before: datetime | None = facts.incident.discovered_at
    spans = []
    for start, end, kind in _SPANS:
        event = facts.first_event(kind)
        took = "not done" if event is None else "not known"
        if event is not None and before is not None:
            took = span(event.at - before) if event.at >= before else "before that"
        spans.append({"start": start, "end": end, "took": took})
        before = event.at if event else None
    return spans
