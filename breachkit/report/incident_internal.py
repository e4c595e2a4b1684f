"""The report for the people of the response: everything but values and object ids."""

from breachkit.report.incident_copies import copies
from breachkit.report.incident_document import (
    Block,
    Bullets,
    Document,
    Facts,
    Line,
    Section,
    moment,
    name,
    paragraph,
)
from breachkit.report.incident_extent import exposure, files, history, rules_table
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.incident_history import in_full
from breachkit.report.incident_record import course, decisions, integrity, left, proven, told
from breachkit.report.incident_state import clock, state, steps
from breachkit.report.incident_texts import Texts
from breachkit.report.incident_words import for_insiders
from breachkit.report.words import counted


TLP = "TLP:AMBER+STRICT"


def internal(facts: CaseFacts, texts: Texts) -> Document:
    """Give the report."""
    said = for_insiders(facts)
    sections = (
        Section(id="what", title="What happened", blocks=texts.blocks("what", said)),
        clock(facts),
        history(in_full(facts)),
        exposure(facts),
        Section(id="found", title="What was found", blocks=[*rules_table(facts), *files(facts)]),
        _contained(facts),
        copies(facts, in_full=True),
        proven(facts),
        told(facts),
        decisions(facts),
        left(facts),
        course(facts, in_full=True),
        Section(id="lessons", title="Lessons and review", blocks=_lessons(facts, texts)),
        integrity(facts),
    )
    return Document(
        audience="internal",
        tlp=TLP,
        title=f"Incident report {facts.incident.id} {facts.incident.codename}",
        about=about(facts),
        state=state(facts),
        steps=steps(facts),
        sections=sections,
        footer=footer(facts),
    )


def about(facts: CaseFacts) -> Facts:
    """Say which case this is, and when the report was made."""
    incident = facts.incident
    entries = counted(facts.integrity.entries, "journal entry", "journal entries")
    pairs: list[tuple[str, Line]] = [
        ("Repository", (name(facts.repository),)),
        ("Kind and severity", (f"{incident.kind}, {incident.severity or 'pending'}",)),
        ("Opened", (moment(incident.opened_at),)),
        (
            "This report",
            (f"{moment(facts.now)}, after {entries}",),
        ),
    ]
    if incident.related:
        pairs.append(("Related cases", (name(", ".join(incident.related)),)))
    return Facts(pairs)


def footer(facts: CaseFacts) -> tuple[Line, ...]:
    """Say what made this, and what it does not hold."""
    said = (
        f"Made by breachkit {facts.tool_version} from the journal of {facts.incident.id}. It holds no "
        "value of a file, no row, no object id and no digest of content: those stay in the case folder."
    )
    return ((said,),)


def _contained(facts: CaseFacts) -> Section:
    blocks: list[Block] = []
    if facts.steps_closed:
        blocks += [paragraph("What was closed, and read back:")]
        blocks += [Bullets([(name(step),) for step in facts.steps_closed])]
    else:
        blocks += [
            paragraph(
                "breachkit closed nothing itself: what people did by hand is in the checklist."
            )
        ]
    if facts.steps_lost:
        blocks += [paragraph("What giving access back does not bring back:")]
        blocks += [Bullets([(name(lost),) for lost in facts.steps_lost])]
    return Section(id="contained", title="What was closed", blocks=blocks)


def _lessons(facts: CaseFacts, texts: Texts) -> list[Block]:
    form = paragraph("A form for the review: `breachkit report --audience review`.")
    return [*texts.blocks("lessons", for_insiders(facts)), form]
