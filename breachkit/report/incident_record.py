"""The record behind a report: what was proven, who was told, what was decided, what is open."""

from collections.abc import Iterator, Mapping, Sequence

from breachkit.actions.notify import Notice
from breachkit.incident.decisions import Decision
from breachkit.incident.events import Event, EventKind
from breachkit.incident.matters import MATTERS
from breachkit.report.entry_words import sentence
from breachkit.report.incident_document import (
    NO_DECISION,
    Block,
    Bullets,
    Code,
    Facts,
    Line,
    Section,
    Strong,
    Table,
    Tone,
    limited,
    line,
    moment,
    name,
    named,
    note,
    paragraph,
)
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.incident_state import decided
from breachkit.report.words import counted


def proven(facts: CaseFacts) -> Section:
    """What was looked at, how, and what showed that the look would have found it."""
    return Section(
        id="proven",
        title="What was proven, and how",
        blocks=[*_looks(facts), *_ways(facts)],
    )


def _looks(facts: CaseFacts) -> Iterator[Block]:
    if not facts.looked:
        yield paragraph("Nothing was verified yet.")
        return
    shown, more = limited(facts.looked, "look")
    rows = [
        (
            (moment(each.at),),
            (each.where,),
            (Strong(each.result, _TONES[each.ok]),),
            (each.control,),
        )
        for each in shown
    ]
    header = (
        "When",
        "What was looked at",
        "Result",
        "What shows that the look could have found it",
    )
    yield Table(
        caption="Every look for the data", header=header, rows=rows, widths=(15, 31, 25, 29)
    )
    yield from more


_TONES: Mapping[bool | None, Tone] = {True: "good", False: "bad", None: "warn"}


def _ways(facts: CaseFacts) -> Iterator[Block]:
    if not facts.ways:
        return
    rows = [
        ((each.how,), (each.who,), *((f"{each.counts.get(one, 0):,}",) for one in _VERDICTS))
        for each in facts.ways
    ]
    yield Table(
        caption="Answers of the platform when it was asked last",
        header=("Ways", "Asked", *map(str.capitalize, _VERDICTS)),
        rows=rows,
        widths=(32, 20, 12, 12, 12, 12),
        numbers=frozenset({2, 3, 4, 5}),
    )
    yield note(
        "Gone: it did not come, while a harmless object asked for in the same way did. Closed: "
        "nothing of the repository comes that way, so that the answer proves nothing."
    )


_VERDICTS = ("gone", "served", "unknown", "closed")


# --- who was told --------------------------------------------------------------------------


def told(facts: CaseFacts) -> Section:
    """Every message that left, to whom, and whether there was an answer."""
    sent = [each for each in facts.notices if each.sent_at]
    waiting = [each for each in facts.notices if not each.sent_at and not each.is_superseded]
    blocks: list[Block] = []
    if sent:
        shown, more = limited(sent, "message")
        header = ("Message", "To", "Sent", "Answered")
        rows = [_told(each) for each in shown]
        blocks.append(
            Table(caption="Messages that left", header=header, rows=rows, widths=(26, 34, 20, 20))
        )
        blocks += more
    else:
        blocks.append(paragraph(Strong("Nobody was told yet, as far as the record says.", "bad")))
    if waiting:
        number = counted(len(waiting), "message")
        blocks.append(paragraph(Strong(f"{number} written and not sent yet.", "warn")))
    return Section(id="told", title="Who was told", blocks=blocks)


def _told(notice: Notice) -> tuple[Line, ...]:
    answered = moment(notice.acknowledged_at) if notice.acknowledged_at else "no answer recorded"
    role: Line = (" (", name(notice.recipient.reference), ")") if notice.recipient.reference else ()
    return (
        (f"{notice.id} {notice.kind.name}",),
        (name(notice.recipient.name), *role),
        (moment(notice.sent_at),),
        (answered,),
    )


# --- decisions -----------------------------------------------------------------------------


EXPECTED = (
    *("living", "risk", "high-risk", "dspt", "controller", "ico-report", "individuals"),
    *("severity", "retention", "review", "public-summary"),
)
"""Decisions that every case needs, whatever was decided."""


def decisions(facts: CaseFacts) -> Section:
    """Every decision with who took it and why; where there is none, that."""
    expected = [_expected(facts, about) for about in EXPECTED]
    standing = {each.seq for about in EXPECTED if (each := facts.decision(about))}
    others = [each for each in facts.decisions if each.seq not in standing]
    header = ("Decision", "Answer", "By whom, and when", "Why")
    widths = (25, 20, 25, 30)
    blocks: list[Block] = [
        Table(caption="Decisions that a case needs", header=header, rows=expected, widths=widths)
    ]
    if others:
        shown, more = limited(others, "decision")
        rows = [_decision(each) for each in shown]
        caption = "Other decisions, and earlier ones"
        blocks.append(Table(caption=caption, header=header, rows=rows, widths=widths))
        blocks += more
    blocks += overrides(facts)
    return Section(id="decisions", title="Decisions", blocks=blocks)


def _question(about: str) -> str:
    return MATTERS[about].question if about in MATTERS else about or "not said"


def _expected(facts: CaseFacts, about: str) -> tuple[Line, ...]:
    decision = facts.decision(about)
    if decision is None:
        return ((_question(about),), (Strong(NO_DECISION, "warn"),), ("",), ("",))
    return _decision(decision)


def _decision(decision: Decision) -> tuple[Line, ...]:
    return (
        (name(_question(decision.about)),),
        named(decision.answer, "not said"),
        (*decided(decision), moment(decision.at)),
        named(decision.reason, "no reason recorded"),
    )


def overrides(facts: CaseFacts) -> Iterator[Block]:
    """Every guard that a person set aside."""
    events = [each for each in facts.events if each.known_kind is EventKind.OVERRIDE]
    if not events:
        yield paragraph("No guard was set aside.")
        return
    shown, more = limited(events, "guard")
    rows = [
        (
            named(each.text("action")),
            line(name(", ".join(each.names("guards")) or each.text("guards"))),
            (*_actor(each), moment(each.at)),
            named(each.text("reason"), "no reason recorded"),
        )
        for each in shown
    ]
    header = ("What went ahead", "Without", "By whom, and when", "Why")
    yield Table(
        caption="Guards that were set aside", header=header, rows=rows, widths=(20, 25, 25, 30)
    )
    yield from more


def _actor(event: Event) -> Line:
    return (name(event.actor.name), ", ") if event.actor.name else ()


# --- what is open, and how it went ---------------------------------------------------------


def left(facts: CaseFacts) -> Section:
    """What is still to be done before the case can be closed."""
    incident = facts.incident
    if not incident.is_open:
        said: list[Block] = [paragraph("Nothing: the case is closed.")]
        return Section(id="open", title="What is open", blocks=said)
    items: list[Line] = [(guard,) for guard in facts.open_guards]
    items += [(f"{each.what} was begun and has no result",) for each in incident.open_intents]
    items += _waiting(facts)
    blocks: list[Block] = [Bullets(items) if items else paragraph("Nothing but closing the case.")]
    if facts.next_command:
        blocks.append(paragraph("Next: ", Code(facts.next_command)))
    return Section(id="open", title="What is open", blocks=blocks)


def _waiting(facts: CaseFacts) -> Iterator[Line]:
    unanswered = sum(
        each.sent_at is not None and each.acknowledged_at is None for each in facts.notices
    )
    if unanswered:
        yield (f"{counted(unanswered, 'message')} without a recorded answer",)
    open_ = sum(not copy.closed for copy in facts.register)
    if open_:
        yield (f"{counted(open_, 'copy', 'copies')} to account for",)


def course(facts: CaseFacts, *, in_full: bool) -> Section:
    """The response as the journal tells it, without its small steps.

    Args:
        facts: The case.
        in_full: Whether entries speak for themselves; else each is put into words of our own.
    """
    main = [event for event in facts.events if event.known_kind in _WORDS]
    shown = main if len(main) <= MOST_ENTRIES else [*main[:HALF], *main[-HALF:]]
    rows = [
        (
            (event.id,),
            (moment(event.at),),
            (name(sentence(event)),) if in_full else (in_words(event),),
            named(event.actor.name, "not recorded"),
        )
        for event in shown
    ]
    header = ("Entry", "When", "What", "Who")
    table = Table(
        caption="What was done, in order", header=header, rows=rows, widths=(11, 22, 49, 18)
    )
    blocks: list[Block] = [table]
    if len(main) > len(shown):
        number = counted(len(main) - len(shown), "entry", "entries")
        blocks.append(
            note(f"{number} in the middle not listed here; `breachkit log show` has them.")
        )
    return Section(id="course", title="What was done", blocks=blocks)


MOST_ENTRIES = 80
HALF = MOST_ENTRIES // 2
"""How a case begins and how it ends is what a reader looks for."""

_WORDS: Mapping[EventKind, str] = {
    EventKind.CASE_OPENED: "case opened",
    EventKind.CASE_AMENDED: "what was known was corrected",
    EventKind.CASE_STOOD_DOWN: "stood down: a false alarm",
    EventKind.CASE_CLOSED: "case closed",
    EventKind.CASE_RECURRED: "the data came back",
    EventKind.CONTACTS_CHOSEN: "contacts chosen",
    EventKind.SNAPSHOT_RECORDED: "written down what restricting access destroys",
    EventKind.CONTAINMENT_RECORDED: "access restricted by hand, or a reason given",
    EventKind.RESTRICT_DONE: "access restricted and read back",
    EventKind.RESTRICT_FAILED: "restricting access stopped half-way",
    EventKind.RESTORE_DONE: "access given back and read back",
    EventKind.RESTORE_FAILED: "giving access back stopped half-way",
    EventKind.SCOPE_RECORDED: "whole history searched",
    EventKind.ASSESSMENT_RECORDED: "assessed",
    EventKind.BACKUP_MADE: "encrypted backup made",
    EventKind.BACKUP_DESTROYED: "backup destroyed",
    EventKind.REWRITE_DONE: "history rewritten in a private mirror",
    EventKind.REWRITE_FAILED: "the rewrite stopped half-way",
    EventKind.PROOF_RECORDED: "rewritten history compared with the old one",
    EventKind.PUSH_DONE: "server's refs replaced",
    EventKind.PUSH_FAILED: "the push stopped half-way",
    EventKind.LIFT_DONE: "protections put back after the push",
    EventKind.LIFT_FAILED: "protections put back by hand",
    EventKind.VERIFY_RECORDED: "fresh clone and server searched",
    EventKind.VERIFY_SERVER: "platform asked by every way",
    EventKind.NOTIFY_SENT: "message sent",
    EventKind.NOTIFY_ACKNOWLEDGED: "message answered",
    EventKind.SUPPORT_REQUESTED: "platform's support asked",
    EventKind.SUPPORT_ANSWERED: "platform's support answered",
    EventKind.TRACE_RECORDED: "copies looked for",
    EventKind.DECISION: "decision",
    EventKind.OVERRIDE: "a guard set aside",
    EventKind.JOURNAL_RECOVERED: "an entry cut short by a crash set aside",
    EventKind.CLOCK_BACKWARDS: "the machine's clock went backwards",
}
"""What a reader wants to follow; steps of a step, plans and single copies are left out."""


def in_words(event: Event) -> str:
    """Say what an entry says, in a few words of our own; empty for what the course leaves out."""
    kind = event.known_kind
    said = _WORDS.get(kind, "") if kind else ""
    number = event.text("number")
    if said and number and kind in {EventKind.NOTIFY_SENT, EventKind.NOTIFY_ACKNOWLEDGED}:
        return f"{said}: {name(number).shown}"
    about = event.text("about") if kind is EventKind.DECISION else None
    return f"{said}: {name(about).shown}" if about else said


# --- integrity -----------------------------------------------------------------------------


def integrity(facts: CaseFacts) -> Section:
    """What shows that the record is whole, and how to check it."""
    found = facts.integrity
    holds = Strong("whole", "good") if found.holds else Strong("damaged", "bad")
    pairs: Sequence[tuple[str, Line]] = [
        ("Journal", line(holds, f", {counted(found.entries, 'entry', 'entries')}")),
        ("Its last hash", (Code(found.head),)),
        ("Anchored in", ("; ".join(found.anchors) or "no message and no stamp yet",)),
        ("Made by", (f"breachkit {facts.tool_version}, {moment(facts.now)}",)),
    ]
    check = paragraph(
        "Whoever has this report can check later that nothing of the journal up to here was changed or "
        "cut off: ",
        Code(f"breachkit log verify --anchor {found.head}"),
    )
    blocks: list[Block] = [Facts(pairs), check]
    if facts.gaps:
        blocks += [paragraph(Strong("What could not be read for this report:", "bad"))]
        blocks += [Bullets([(name(gap),) for gap in facts.gaps])]
    return Section(id="integrity", title="Integrity", blocks=blocks)
