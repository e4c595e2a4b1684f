"""The report to the data protection officer: facts in the order of Article 33(3), then the ICO's form.

It concludes nothing. Source: UK GDPR, Article 33(3) and (4); the ICO's form for personal data
breaches, whose fields come in this order and which cannot be saved half-way.
"""

from collections.abc import Mapping, Sequence

from breachkit.actions.contacts import Contact
from breachkit.report.incident_copies import copies
from breachkit.report.incident_document import (
    NO_DECISION,
    NOT_KNOWN,
    Block,
    Bullets,
    Document,
    Facts,
    Line,
    Section,
    Strong,
    Table,
    day,
    line,
    moment,
    name,
    named,
    paragraph,
)
from breachkit.report.incident_extent import exposure, history, rules_table
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.incident_history import opaque
from breachkit.report.incident_internal import about, footer
from breachkit.report.incident_record import course, decisions, integrity, proven, told
from breachkit.report.incident_state import answered, clock, state, steps
from breachkit.report.incident_texts import Texts
from breachkit.report.incident_words import for_insiders


TLP = "TLP:AMBER+STRICT"


def for_dpo(facts: CaseFacts, texts: Texts) -> Document:
    """Give the report."""
    said = for_insiders(facts)
    sections = (
        _phase(facts, texts, said),
        clock(facts),
        _nature(facts, texts, said),
        _contact(facts),
        _consequences(facts),
        _measures(facts, texts, said),
        history(opaque(facts)),
        exposure(facts),
        copies(facts, in_full=False),
        proven(facts),
        told(facts),
        decisions(facts),
        _form(facts),
        _unknown(facts),
        course(facts, in_full=False),
        integrity(facts),
    )
    return Document(
        audience="dpo",
        tlp=TLP,
        title=f"Account for the data protection officer {facts.incident.id} {facts.incident.codename}",
        about=about(facts),
        state=state(facts),
        steps=steps(facts),
        sections=sections,
        footer=footer(facts),
    )


def _phase(facts: CaseFacts, texts: Texts, said: Mapping[str, object]) -> Section:
    """Say which of several accounts this is, and what the ICO was told before."""
    blocks: list[Block] = [*texts.blocks("phase", said)]
    told_ico = [each for each in facts.decisions if each.about == "ico-told"]
    if told_ico:
        rows = [
            (
                (moment(each.at),),
                named(each.answer),
                named(each.text("reference"), "none yet"),
                named(each.reason),
            )
            for each in told_ico
        ]
        header = ("When", "What", "Reference", "Why")
        blocks.append(
            Table(
                caption="What the ICO was told before",
                header=header,
                rows=rows,
                widths=(22, 18, 22, 38),
            )
        )
    return Section(id="phase", title="This account", blocks=blocks)


def _nature(facts: CaseFacts, texts: Texts, said: Mapping[str, object]) -> Section:
    pairs: list[tuple[str, Line]] = [
        ("Categories of personal data", named(facts.text("categories_of_data"))),
        ("Data subjects, about", named(facts.text("people_range"))),
        ("Who they are", named(facts.text("categories_of_people"))),
        ("Records, about", named(facts.text("records_range"))),
    ]
    blocks: list[Block] = [
        *texts.blocks("what", said),
        *_told_what(facts),
        Facts(pairs),
        *rules_table(facts),
    ]
    return Section(id="nature", title="(a) Nature of the breach", blocks=blocks)


def _told_what(facts: CaseFacts) -> Sequence[Block]:
    happened = facts.text("what_happened")
    return (
        [paragraph("In the words of whoever handles it: ", name(happened, most=1200))]
        if happened
        else []
    )


def _contact(facts: CaseFacts) -> Section:
    rows = [_reach(contact) for contact in _officers(facts)]
    pairs: list[tuple[str, Line]] = [
        ("Contact point", named(facts.text("contact_point"))),
        ("Handled by", named(facts.text("keeper"))),
        ("Phone", named(facts.text("phone"))),
        ("Decides", named(facts.text("decider"))),
    ]
    blocks: list[Block] = [Facts(pairs)]
    if rows:
        header = ("Name", "Role", "Mail", "Phone")
        blocks.append(
            Table(
                caption="From the contacts in force",
                header=header,
                rows=rows,
                widths=(26, 24, 30, 20),
            )
        )
    return Section(id="contact", title="(b) Contact point", blocks=blocks)


def _officers(facts: CaseFacts) -> Sequence[Contact]:
    if facts.contacts is None:
        return ()
    return facts.contacts.with_role("dpo", "controller", "ig_lead", "caldicott_guardian", "siro")


def _reach(contact: Contact) -> tuple[Line, ...]:
    return (
        (name(contact.name),),
        (name(", ".join(contact.roles)),),
        named(contact.email, "none given"),
        named(contact.phone, "none given"),
    )


def _consequences(facts: CaseFacts) -> Section:
    pairs: list[tuple[str, Line]] = [
        ("Likely consequences", named(facts.text("consequences"))),
        ("Living individuals", answered(facts, "living")),
        ("A risk to them is likely", answered(facts, "risk")),
        ("The risk is high", answered(facts, "high-risk")),
        ("Effect and likelihood (DSPT)", answered(facts, "dspt")),
    ]
    said = paragraph("In the words of those who judged it; breachkit concludes nothing.")
    return Section(id="consequences", title="(c) Likely consequences", blocks=[Facts(pairs), said])


def _measures(facts: CaseFacts, texts: Texts, said: Mapping[str, object]) -> Section:
    blocks: list[Block] = [*texts.blocks("measures", said)]
    if facts.steps_closed:
        blocks.append(
            paragraph(
                f"Access was restricted in {len(facts.steps_closed):,} steps, each read back."
            )
        )
    pairs: list[tuple[str, Line]] = [
        ("In place before", named(facts.text("measures_before"))),
        ("Training of those involved", named(facts.text("training"))),
    ]
    blocks.append(Facts(pairs))
    if facts.open_guards and facts.incident.is_open:
        blocks += [paragraph("Still to be done:"), Bullets([(each,) for each in facts.open_guards])]
    return Section(id="measures", title="(d) Measures taken and proposed", blocks=blocks)


def _form(facts: CaseFacts) -> Section:
    rows = [((field,), answer) for field, answer in _fields(facts)]
    table = Table(
        caption="Fields of the ICO's form, in its order",
        header=("Field", "Answer"),
        rows=rows,
        widths=(38, 62),
    )
    warning = paragraph(
        Strong("Put no personal data of the breach into the form.", "warn"),
        " It cannot be saved half-way: have this at hand while it is filled in.",
    )
    return Section(id="form", title="The ICO's form", blocks=[warning, table])


def _fields(facts: CaseFacts) -> Sequence[tuple[str, Line]]:
    incident, bad = facts.incident, facts.bad
    reference = facts.ico_reference
    return (
        ("Initial or follow-up report", ("follow-up" if reference else "initial",)),
        ("ICO case reference", named(reference, "none yet")),
        ("What happened", ("see (a)",)),
        ("Cyber incident", named(facts.text("cyber"))),
        ("How it was found", _found(facts)),
        ("When it was discovered", (moment(incident.discovered_at),)),
        ("When it happened", (f"from {day(bad.first_exposure)}" if bad else NOT_KNOWN,)),
        ("Categories of personal data", named(facts.text("categories_of_data"))),
        ("Number of personal data records", named(facts.text("records_range"))),
        ("How many data subjects", named(facts.text("people_range"))),
        ("Categories of data subjects", named(facts.text("categories_of_people"))),
        ("Potential consequences", named(facts.text("consequences"))),
        ("Likelihood of a risk", answered(facts, "risk")),
        ("Training of the staff involved", named(facts.text("training"))),
        ("Measures in place before", named(facts.text("measures_before"))),
        ("Actions taken since", ("see (d)",)),
        ("Individuals told", answered(facts, "individuals")),
        ("Other organisations told", answered(facts, "controller")),
        ("Reasons for a delay", _delay(facts)),
        ("Contact point", named(facts.text("contact_point"))),
    )


def _found(facts: CaseFacts) -> Line:
    how = facts.text("how_found")
    by = facts.incident.found_by
    return line(*named(how), *((", by ", name(by)) if by else ()))


def _delay(facts: CaseFacts) -> Line:
    in_time = facts.now <= facts.incident.deadline
    return named(facts.delay, "within the 72 hours so far" if in_time else "none recorded")


def _unknown(facts: CaseFacts) -> Section:
    """Gather what is not known, so that the next phase can begin with it."""
    items: list[Line] = [
        (f"{field}",) for field, answer in _fields(facts) if answer == (NOT_KNOWN,)
    ]
    items += [
        (f"{field}: {NO_DECISION}",)
        for field, answer in _fields(facts)
        if answer == (Strong(NO_DECISION, "warn"),)
    ]
    blocks: list[Block] = [
        Bullets(items) if items else paragraph("Nothing on the form is unknown.")
    ]
    return Section(id="unknown", title="Not yet known: for the next phase", blocks=blocks)
