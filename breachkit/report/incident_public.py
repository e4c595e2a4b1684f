"""The summary for everybody: kinds in words, months, and nothing that leads to a copy.

No repository, person, path or number stands in it, and no table: what a playbook's texts add has to
pass the strictest lint like everything else. Source: SATRE 1.7.04, sharing details of incidents.
"""

import re
from collections.abc import Callable
from datetime import datetime

from breachkit.incident.case import Milestone
from breachkit.report.incident_document import (
    Block,
    Bullets,
    Code,
    Document,
    Facts,
    Line,
    Section,
    Strong,
    every_line,
    month,
    note,
    paragraph,
    plain,
)
from breachkit.report.incident_extent import history
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.incident_history import COLUMN_WORDS, STATE_WORDS, as_one
from breachkit.report.incident_markdown import to_markdown
from breachkit.report.incident_texts import Texts
from breachkit.report.incident_words import for_everybody
from breachkit.report.lint import Licence, check


TLP = "TLP:CLEAR"

_SORTS = {
    "CNT": "tables in which small groups were not hidden",
    "PAT": "rows about individual records",
    "SUP": "hidden cells that could be worked out from what was left",
    "RAT": "rates and percentages from which small groups could be worked out",
    "GEO": "results for small areas",
    "LOG": "print-outs and logs of programs",
    "EMB": "data inside figures, documents or notebooks",
    "CODE": "data written into program code",
    "META": "text about the data, such as messages and names",
}
"""Kinds of findings, by the first part of the rule's name; other rules say nothing about data."""

_FIGURES = frozenset({"png", "jpg", "jpeg", "svg", "pdf", "eps", "emf", "wmf"})
_MONTH = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}\b"
)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")

_SAID = {
    "title": "Summary of an incident with health research results",
    "unknown": "This is not yet known.",
    "otherwise": "results that were not redacted enough",
    "figures": "Some of them were figures.",
    "few": "How few people a result was about is not told here, for that would disclose it.",
    "false": "A false alarm",
    "over": "The response is over",
    "on": "The response goes on",
    "draft": "A draft: nobody has decided yet that it may be published.",
    "refused": "Not for publication: it was decided that no summary is published.",
    "chain": "The record behind it is a chain of entries that cannot be changed unnoticed. Its last hash:",
    "none": "This summary names no repository, no person and no file, and holds no numbers.",
    "pictured": "Where the data sat, and how they went. The same in words. The moments of the response.",
}
"""Sentences that stand in every summary, or may: a repository whose name is a word of them is not named by them."""


def public(
    facts: CaseFacts, texts: Texts, date: Callable[[datetime | None], str] = month
) -> Document:
    """Give the summary.

    Args:
        facts: The case.
        texts: The words of the playbook.
        date: How exact a date may be.
    """
    said = for_everybody(facts, date)
    shown = as_one(facts, date, to_month=date is month)
    sections = [
        Section(id="what", title="What happened", blocks=texts.blocks("what", said)),
        Section(id="kinds", title="What kind of information", blocks=_kinds(facts)),
        Section(id="how-long", title="For how long", blocks=texts.blocks("how-long", said)),
        Section(id="did", title="What we did", blocks=texts.blocks("did", said)),
        *([history(shown)] if shown.where.lanes else []),
        Section(id="left", title="What we could not do", blocks=texts.blocks("left", said)),
        Section(id="change", title="What changes", blocks=texts.blocks("change", said)),
        Section(id="about", title="About this summary", blocks=_about(facts)),
    ]
    return Document(
        audience="public",
        tlp=TLP,
        title=_SAID["title"],
        about=Facts([("Case", (facts.incident.codename,)), ("Written in", (date(facts.now),))]),
        state=_state(facts),
        sections=sections,
        footer=((f"Made by breachkit {facts.tool_version}.",),),
    )


def is_approved(facts: CaseFacts) -> bool:
    """Say whether somebody decided that a summary may be published."""
    decision = facts.decision("public-summary")
    return decision is not None and decision.answer == "yes"


def lint(document: Document, facts: CaseFacts, *, own_words: str, exact: bool = False) -> None:
    """Refuse a summary that could disclose something.

    Args:
        document: The summary.
        facts: The case, for the names that nobody may learn.
        own_words: The texts of the playbook: a name that stands in them tells nothing of the case.
        exact: Whether days may stand in it.

    Raises:
        LintError: a rule objects.
    """
    licence = Licence(
        paths="opaque",
        tlp=TLP,
        tokens=(
            facts.incident.codename,
            facts.integrity.head,
            facts.tool_version,
            *_dates(document, exact=exact),
        ),
        forbidden=_names(facts),
        codename=facts.incident.codename,
        own_words=_own_words(own_words),
        counts_allowed=False,
    )
    text = "\n".join([*map(plain, every_line(document)), TLP])
    check(text, licence, what="the public summary")
    check(to_markdown(document), licence, what="the public summary")


def _kinds(facts: CaseFacts) -> list[Block]:
    found = facts.findings
    if found is None:
        return [paragraph(_SAID["unknown"])]
    families = {rule.partition("-")[0] for rule, count in found.by_rule.items() if count}
    sorts: list[Line] = [(words,) for family, words in _SORTS.items() if family in families]
    blocks: list[Block] = [Bullets(sorts or [(_SAID["otherwise"],)])]
    if _FIGURES.intersection(facts.file_types):
        blocks.append(paragraph(_SAID["figures"]))
    return [*blocks, paragraph(_SAID["few"])]


def _state(facts: CaseFacts) -> Strong:
    incident = facts.incident
    if incident.has(Milestone.STOOD_DOWN):
        return Strong(_SAID["false"], "good")
    if incident.has(Milestone.CLOSED):
        return Strong(_SAID["over"], "good")
    return Strong(_SAID["on"], "warn")


def _about(facts: CaseFacts) -> list[Block]:
    decision = facts.decision("public-summary")
    refused = decision is not None and not is_approved(facts)
    why = _SAID["refused" if refused else "draft"]
    draft = [] if is_approved(facts) else [paragraph(Strong(why, "warn"))]
    head = paragraph(Code(facts.integrity.head))
    return [*draft, paragraph(_SAID["chain"]), head, note(_SAID["none"])]


def _dates(document: Document, *, exact: bool) -> tuple[str, ...]:
    """Give the dates that we wrote into it ourselves; a date of a template is judged like any text."""
    text = "\n".join(map(plain, every_line(document)))
    return tuple(sorted({*_MONTH.findall(text), *(_DAY.findall(text) if exact else ())}))


def _own_words(texts: str) -> str:
    """Give all words that a summary may hold whatever the case is."""
    pictured = [words for each in COLUMN_WORDS.values() for words in each]
    return " ".join([texts, *_SAID.values(), *_SORTS.values(), *STATE_WORDS.values(), *pictured])


def _names(facts: CaseFacts) -> tuple[str, ...]:
    """Give every word by which the repository or a person could be found."""
    people = [notice.recipient.name for notice in facts.notices]
    people += [holder for copy in facts.register if (holder := copy.holder)]
    people += [event.actor.name for event in facts.events if event.actor.name]
    repository = facts.repository
    named = [
        facts.incident.found_by,
        facts.text("engineer"),
        facts.text("keeper"),
        facts.text("decider"),
    ]
    return tuple({*people, repository, *repository.split("/"), *filter(None, named)})
