"""How far a response is, and how its clock stands."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from breachkit.incident.case import REPORTING_PERIOD, Milestone
from breachkit.incident.decisions import Decision
from breachkit.incident.events import EventKind
from breachkit.report.case_status import span
from breachkit.report.incident_document import (
    NO_DECISION,
    Block,
    Facts,
    Line,
    Section,
    Step,
    Strong,
    line,
    moment,
    name,
    named,
    paragraph,
)
from breachkit.report.incident_facts import CaseFacts


_STEPS: Mapping[Milestone, str] = {
    Milestone.OPENED: "Opened",
    Milestone.ALERTED: "Contacts told",
    Milestone.CONTAINED: "Access restricted",
    Milestone.SCOPED: "Extent known",
    Milestone.ASSESSED: "Assessed",
    Milestone.REWRITTEN: "History rewritten",
    Milestone.PUSHED: "Server replaced",
    Milestone.VERIFIED: "Clone found clean",
    Milestone.SERVER_PURGED: "Server found clean",
    Milestone.TRACED: "Copies accounted for",
    Milestone.RESTORED: "Access settled",
    Milestone.CLOSED: "Closed",
}


def steps(facts: CaseFacts) -> tuple[Step, ...]:
    """Give the milestones of a response, reached or not."""
    reached = facts.incident.milestones
    shown = dict(_STEPS)
    if Milestone.STOOD_DOWN in reached:
        shown = {each: words for each, words in shown.items() if each in reached}
        shown[Milestone.STOOD_DOWN] = "Stood down"
    if Milestone.RECURRED in reached:
        shown[Milestone.RECURRED] = "The data came back"
    return tuple(
        Step(
            label=words,
            when=moment(reached[each].at) if each in reached else "",
            is_reached=each in reached,
        )
        for each, words in shown.items()
    )


def state(facts: CaseFacts) -> Strong:
    """Say in a few words how the case stands."""
    incident = facts.incident
    if incident.has(Milestone.STOOD_DOWN):
        return Strong("Stood down: it was a false alarm", "good")
    if incident.has(Milestone.CLOSED):
        return Strong("Closed", "good")
    if incident.has(Milestone.RECURRED) and not incident.has(Milestone.VERIFIED):
        return Strong("Open: the data came back after they were removed", "bad")
    if incident.is_draft:
        return Strong("Draft: a sweep found something, and no person has looked at it", "warn")
    for milestone, said, tone in _STATES:
        if incident.has(milestone):
            return Strong(f"Open: {said}", "good" if tone else "warn")
    return Strong("Open: access is not restricted yet", "bad")


_STATES = (
    (Milestone.RESTORED, "access is settled, and the case is still to be closed", True),
    (Milestone.SERVER_PURGED, "nothing is left on the server", True),
    (Milestone.PUSHED, "the history is replaced, and the server is still to be found clean", False),
    (Milestone.CONTAINED, "access is restricted, and the data are still in the history", False),
)


# --- the clock -------------------------------------------------------------------------------


def clock(facts: CaseFacts) -> Section:
    """When somebody became aware, when the 72 hours end, who was told by then."""
    incident = facts.incident
    pairs: list[tuple[str, Line]] = [
        ("Discovered", (moment(incident.discovered_at),)),
        ("Aware", (_aware(facts),)),
        ("72 hours end", (f"{moment(incident.deadline)}, {incident.deadline:%A}",)),
        ("First message sent", (_after(facts, EventKind.NOTIFY_SENT),)),
        ("Access restricted", (_since_aware(facts, Milestone.CONTAINED),)),
        ("Report to the ICO", answered(facts, "ico-report")),
    ]
    blocks: list[Block] = [Facts(pairs), *_lateness(facts)]
    return Section(id="clock", title="The clock", blocks=blocks)


def _aware(facts: CaseFacts) -> str:
    said = moment(facts.incident.aware_at)
    if facts.incident.is_draft:
        return f"nobody yet; reckoned from {said}, when a sweep found it, until a person has looked"
    if facts.incident.aware_assumed:
        return f"{said}, assumed: nobody said when, and the earliest moment known stands in"
    return said


def _after(facts: CaseFacts, kind: EventKind) -> str:
    event = facts.first_event(kind)
    return f"{moment(event.at)}, {_gap(event.at - facts.incident.aware_at)}" if event else "not yet"


def _since_aware(facts: CaseFacts, milestone: Milestone) -> str:
    at = facts.reached(milestone)
    return f"{moment(at)}, {_gap(at - facts.incident.aware_at)}" if at else "not yet"


def _gap(length: timedelta) -> str:
    return f"{span(max(length, timedelta(0)))} after awareness"


def _lateness(facts: CaseFacts) -> Iterator[Block]:
    """Say whether the 72 hours are over, and why no report was made in them."""
    incident = facts.incident
    decision = facts.decision("ico-report")
    late = facts.now - incident.deadline
    if decision and decision.at <= incident.deadline:
        yield paragraph(
            "Whether to report was decided ",
            span(max(decision.at - incident.aware_at, timedelta(0))),
            " after awareness, within the 72 hours.",
        )
        return
    if late <= timedelta(0):
        yield paragraph(Strong(f"{span(-late)} left.", "warn"), _APPLIES)
        return
    yield paragraph(
        Strong("The 72 hours are over.", "bad"),
        " A report after them has to give the reasons for the delay (Article 33(1)). Reasons: ",
        *named(facts.delay, "none recorded"),
        ".",
    )


_APPLIES = f" Whether the {int(REPORTING_PERIOD.total_seconds()) // 3600} hours apply is for the controller to decide."


def answered(facts: CaseFacts, about: str) -> Line:
    """Give what was decided, by whom and when; where nobody has, that."""
    decision = facts.decision(about)
    if decision is None:
        return (Strong(NO_DECISION, "warn"),)
    return line(name(decision.answer or "not said"), ", ", *decided(decision), moment(decision.at))


def decided(decision: Decision) -> Line:
    """Say who decided and as whom, with a comma after it; empty where an old entry does not say."""
    if not decision.decider:
        return ()
    role: Line = (" (", name(decision.role), ")") if decision.role else ()
    return (name(decision.decider), *role, ", ")
