"""A report for machines: the same document, block by block; schema `breachkit.report/1`."""

from collections.abc import Mapping
from typing import Any

from breachkit.model.time import rfc3339
from breachkit.report.incident_document import (
    Block,
    Bullets,
    Document,
    Facts,
    Paragraph,
    Picture,
    Section,
    Table,
    plain,
)
from breachkit.report.incident_facts import CaseFacts


def to_json(document: Document, facts: CaseFacts) -> dict[str, Any]:
    """Give a report in JSON's own types. The picture stands in it as its words."""
    return {
        "schema": "breachkit.report/1",
        "audience": document.audience,
        "tlp": document.tlp,
        "title": document.title,
        "state": document.state.text,
        "made_at": rfc3339(facts.now),
        "tool_version": facts.tool_version,
        "entries": facts.integrity.entries,
        "head": facts.integrity.head,
        "about": _facts(document.about),
        "milestones": {step.label: step.when or None for step in document.steps},
        "sections": [_section(section) for section in document.sections],
        "footer": [plain(line) for line in document.footer],
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "blocks": [_block(block) for block in section.blocks],
    }


def _block(block: Block) -> Mapping[str, Any]:
    match block:
        case Paragraph():
            return {"kind": "paragraph", "text": plain(block.line)}
        case Bullets():
            return {"kind": "list", **_list("items", block)}
        case Facts():
            return {"kind": "facts", "facts": _facts(block)}
        case Table():
            return {
                "kind": "table",
                "caption": block.caption,
                "header": list(block.header),
                "rows": [[plain(cell) for cell in row] for row in block.rows],
            }
        case Picture():
            return {
                "kind": "picture",
                "title": block.title,
                "summary": block.summary,
                **_list("words", block.words),
            }


def _list(key: str, bullets: Bullets) -> Mapping[str, Any]:
    """Give the items under a key, and by the number of an item, from 0, what stands under it."""
    under = {
        str(number): [plain(each) for each in lines]
        for number, lines in bullets.under.items()
        if lines
    }
    return {key: [plain(item) for item in bullets.items], **({"under": under} if under else {})}


def _facts(facts: Facts) -> dict[str, str]:
    return {label: plain(fact) for label, fact in facts.pairs}
