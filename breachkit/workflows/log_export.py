"""A case's journal for other programs: as a timeline, as lines, as a playbook."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, assert_never

from breachkit.actions.checklist_dates import Due, Unit
from breachkit.actions.checklist_template import Item, Template
from breachkit.incident.folder import CaseFolder
from breachkit.report import timesketch
from breachkit.report.cacao import Origin, Step, cacao_text
from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbooks import playbook_of


LogFormat = Literal["timesketch", "jsonl", "cacao"]


def export_log(case: CaseFolder, form: LogFormat, *, public: bool = False) -> str:
    """Give a case's journal, or the playbook it is worked by, as a file for other programs.

    Args:
        case: Which.
        form: What it is for.
        public: For readers outside of the response: nothing that a person or a server chose the
            words of. A playbook never holds any of that.

    Raises:
        JournalDamagedError: the journal does not hold, so a timeline made from it would mislead.
        TemplateError: the playbook's checklist is wrong.
    """
    match form:
        case "timesketch":
            return timesketch.timesketch(case.incident, case.events(), public=public)
        case "jsonl":
            return timesketch.jsonl(case.incident, case.events(), public=public)
        case "cacao":
            return _as_playbook(case)
        case _:
            assert_never(form)


def as_object(text: str, form: LogFormat) -> dict[str, Any]:
    """Give an export as one object, for programs that want one; schema `breachkit.log-export/1`."""
    content = (
        {"playbook": json.loads(text)}
        if form == "cacao"
        else {"lines": [json.loads(line) for line in text.splitlines()]}
    )
    return {"schema": "breachkit.log-export/1", "format": form, **content}


def _as_playbook(case: CaseFolder) -> str:
    incident = case.incident
    organisation, template = _template(incident.profile)
    origin = Origin(
        name=f"Response to a data breach: {incident.id} {incident.codename}",
        organisation=organisation,
        created_at=incident.opened_at,
        modified_at=incident.changed_at,
    )
    return cacao_text(template.groups, [_step(item) for item in template.items], origin)


def _template(profile: str | None) -> tuple[str, Template]:
    """Give the playbook that the case goes by, and its checklist."""
    name = playbook_of(profile)
    return name, load_template(name)


def _step(item: Item) -> Step:
    return Step(
        id=item.id,
        group=item.group,
        text=re.sub(r"\{([a-z]+)\}", r"each \1", item.text),
        role=item.role,
        command=item.help,
        about=tuple(_about(item)),
        conditions=tuple((each.name, each.wanted) for each in item.conditions),
    )


_EVIDENCE = {
    "event": "the journal's own entry",
    "file": "a file",
    "proof": "a proof",
    "ack": "somebody's word",
    "decision": "a decision by a named person",
}

_UNITS: dict[Unit, str] = {"m": "minute", "h": "hour", "d": "day", "wd": "working day"}


def _about(item: Item) -> Iterator[str]:
    if item.due is not None:
        yield f"Due {_due(item.due)}."
    yield f"Done is shown by {_EVIDENCE[item.evidence]}."
    if item.blocks != "none":
        yield f"To be done before: {item.blocks}."
    if item.milestone:
        yield f"Reaches the milestone {item.milestone.replace('_', ' ')}."


def _due(due: Due) -> str:
    if due.period is None:
        return f"when {due.waits_for}"
    number, unit = due.period.number, _UNITS[due.period.unit]
    return f"{number} {unit}{'s' if number != 1 else ''} after {due.waits_for}"
