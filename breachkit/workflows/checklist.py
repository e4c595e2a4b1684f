"""The checklist of a case: brought together from playbook, journal and register; ticked by people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from breachkit.actions.checklist import (
    Checklist,
    ChecklistFacts,
    Task,
    instantiate,
    na_detail,
    tick_detail,
)
from breachkit.actions.checklist_template import Template, TemplateError, template_from_mapping
from breachkit.actions.copies import Copy
from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_yaml import plain_yaml
from breachkit.git.clone import hosted_url
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock
from breachkit.workflows.details import details_of
from breachkit.workflows.notify import current_contacts
from breachkit.workflows.playbooks import DEFAULT_ORGANISATION, read_text
from breachkit.workflows.trace import load_register


def load_template(
    organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> Template:
    """Read an organisation's checklist.

    Raises:
        TemplateError: it is no YAML, or an item is wrong.
    """
    text = read_text("checklist.yaml", organisation, folder=folder)
    try:
        return template_from_mapping(plain_yaml(text))
    except PlaybookTextError as cause:
        raise TemplateError(f"checklist.yaml:{cause.line}: {cause}; correct it") from cause


def current_checklist(
    case: CaseFolder,
    clock: Clock,
    *,
    known: Mapping[str, bool] | None = None,
    organisation: str = DEFAULT_ORGANISATION,
    folder: Path | None = None,
) -> Checklist:
    """Give the checklist of a case as it stands.

    Args:
        case: The case.
        clock: Decides what is overdue.
        known: Conditions that the caller knows, such as `has_lfs`; they win over what the case says.
        organisation: Whose checklist.
        folder: Playbooks of the caller's own.
    """
    incident = case.incident
    register = load_register(case)
    facts = ChecklistFacts(
        case_id=incident.id,
        codename=incident.codename,
        now=clock.now(),
        opened_at=incident.opened_at,
        aware_at=incident.aware_at,
        conditions={**conditions(case, register), **(known or {})},
        copies=register,
        profile=current_contacts(case),
    )
    return instantiate(load_template(organisation, folder=folder), facts, case.events())


def conditions(case: CaseFolder, register: Sequence[Copy]) -> dict[str, bool | None]:
    """Say what the case knows about which items apply; None where it does not know."""
    visibility = details_of(case).visibility
    keys = {copy.key for copy in register}
    return {
        "public": None if visibility is None else visibility.strip().lower() == "public",
        "on_platform": "github.com" in hosted_url(case.incident.target).lower() or None,
        "has_pull_requests": ("C02:pull" in keys) or None,
        "has_tags": "C01:tags" in keys if register else None,
    }


def tick(case: CaseFolder, checklist: Checklist, task_id: str, *, evidence: str, by: str) -> Task:
    """Note that a person has done something, and what shows it.

    Raises:
        NoSuchTaskError: there is no such item.
        NoEvidenceError: evidence or name is missing.
    """
    task = checklist.task(task_id)
    case.record(EventKind.CHECKLIST_TICKED, tick_detail(task, evidence=evidence, by=by))
    return task


def rule_out(case: CaseFolder, checklist: Checklist, task_id: str, *, reason: str, by: str) -> Task:
    """Note that an item does not apply, and why; errors as `tick`."""
    task = checklist.task(task_id)
    case.record(EventKind.CHECKLIST_NA, na_detail(task, reason=reason, by=by))
    return task
