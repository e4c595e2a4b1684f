"""The checklist of a case: brought together from playbook, journal and register; ticked by people."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from breachkit.actions.checklist import Checklist, ChecklistFacts, Task, instantiate
from breachkit.actions.checklist_evidence import Shelf, na_detail, reopen_detail, tick_detail
from breachkit.actions.checklist_import import LARGEST, ImportPlan, plan_import
from breachkit.actions.checklist_public import Telling
from breachkit.actions.checklist_template import (
    OWNERS,
    Template,
    TemplateError,
    template_from_mapping,
)
from breachkit.actions.copy_record import Copy
from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_yaml import read_yaml
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFileNameError, CaseFolder
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.ids import display
from breachkit.model.time import Clock
from breachkit.workflows import case_files, checklist_facts
from breachkit.workflows.contacts import current_contacts
from breachkit.workflows.plain_file import plain
from breachkit.workflows.playbooks import (
    DEFAULT_ORGANISATION,
    lineage,
    load_settings,
    playbook_of,
    read_text,
)
from breachkit.workflows.register import load_register


CHECKLIST = "checklist.yaml"


class NotMarkdownError(ConfigurationError):
    """A file is no checklist that could have come back."""


def load_template(
    organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> Template:
    """Read an organisation's checklist, on top of those of the playbooks that it extends.

    Raises:
        TemplateError: it is no YAML, or an item is wrong; the message names file and line.
    """
    made: Template | None = None
    last = ""
    for each in reversed(lineage(organisation, folder=folder)):
        text = read_text(CHECKLIST, each, folder=folder)
        if text != last:  # a playbook without a checklist of its own has that of the one it extends
            made = _on_top(text, made, f"{each}/{CHECKLIST}")
        last = text
    if made is None:
        raise TemplateError("no items: put them back")
    return made


def _on_top(text: str, base: Template | None, shown: str) -> Template:
    try:
        located = read_yaml(text)
    except PlaybookTextError as cause:
        where = shown if cause.line is None else f"{shown}:{cause.line}"
        raise TemplateError(f"{where}: {cause.problem}; correct it") from cause
    try:
        return template_from_mapping(located.value, base)
    except TemplateError as cause:
        where = f"{shown}:{located.line(cause.place) or 1}"
        raise TemplateError(f"{where}: {cause.message}", cause.place) from cause


def current_checklist(
    case: CaseFolder,
    clock: Clock,
    *,
    known: Mapping[str, bool] | None = None,
    organisation: str | None = None,
    folder: Path | None = None,
    register: Sequence[Copy] | None = None,
    each_copy: bool = True,
) -> Checklist:
    """Give the checklist of a case as it stands.

    Args:
        case: The case.
        clock: Decides what is overdue.
        known: Conditions that the caller knows, such as `has_lfs`; they win over what the case says.
        organisation: Whose checklist; None for that of the contacts that the case chose.
        folder: Playbooks of the caller's own.
        register: The register of copies, where the caller has read it.
        each_copy: With an item for each copy; without them where the register is told by itself.

    Raises:
        TemplateError: the playbook's checklist is wrong.
        BrokenRegisterError: the register of copies does not hold.
        ConfigurationError: a snapshot was altered.
    """
    incident, events = case.incident, case.events()
    register = load_register(case) if register is None else register
    playbook = organisation or playbook_of(incident.profile, folder=folder)
    template = load_template(playbook, folder=folder)
    months = load_settings(playbook, folder=folder).auto_publish_after_months
    shown = checklist_facts.shown_by_snapshots(case, events)
    found = checklist_facts.conditions(case, register, shown, months)
    facts = ChecklistFacts(
        case_id=incident.id,
        codename=incident.codename,
        now=clock.now(),
        moments=checklist_facts.moments(case, events, shown, months),
        conditions={**found, **(known or {})},
        copies=register if each_copy else (),
        profile=current_contacts(case),
        people=checklist_facts.people(case),
    )
    return instantiate(template, facts, events)


def tick(case: CaseFolder, checklist: Checklist, task_id: str, *, evidence: str, by: str) -> Task:
    """Note that a person has done something, and what shows it.

    Raises:
        NoSuchTaskError: there is no such item.
        NoEvidenceError: evidence or name is missing.
        WrongEvidenceError: what it names is not there, or is of another sort.
        InRegisterError: the item is about a copy.
    """
    task = checklist.task(task_id)
    detail = tick_detail(task, evidence=evidence, by=by, shelf=shelf_of(case))
    case.record(EventKind.CHECKLIST_TICKED, detail)
    return task


def rule_out(case: CaseFolder, checklist: Checklist, task_id: str, *, reason: str, by: str) -> Task:
    """Note that an item does not apply, and why; errors as `tick`."""
    task = checklist.task(task_id)
    case.record(EventKind.CHECKLIST_NA, na_detail(task, reason=reason, by=by))
    return task


def reopen(case: CaseFolder, checklist: Checklist, task_id: str, *, reason: str, by: str) -> Task:
    """Note that an item is to do again, whatever was said of it; errors as `tick`."""
    task = checklist.task(task_id)
    case.record(EventKind.CHECKLIST_REOPENED, reopen_detail(task, reason=reason, by=by))
    return task


def read_markdown(file: Path) -> str:
    """Read a checklist that came back.

    Raises:
        NotMarkdownError: it cannot be read, is far too long, or is no text.
    """
    shown = display(str(file))
    try:
        with plain(file).open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError:
        raise NotMarkdownError(f"{shown} cannot be read: check its name") from None
    if len(content) > LARGEST:
        raise NotMarkdownError(f"{shown} is too long for a checklist: check its name")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotMarkdownError(f"{shown} is not UTF-8 text: save it as UTF-8") from None


def import_markdown(
    case: CaseFolder, checklist: Checklist, text: str, *, by: str, execute: bool
) -> ImportPlan:
    """Merge an edited export into the case, or only say what that would change.

    Doing it again changes nothing more; what a killed process left undone is done then.

    Args:
        case: Which.
        checklist: As it stands now.
        text: The Markdown.
        by: Who vouches for what was ticked.
        execute: Whether to journal it.

    Raises:
        ImportRefusedError: a line cannot be believed; then nothing is taken.
    """
    plan = plan_import(checklist, text, by=by, shelf=shelf_of(case))
    for taken in plan.taken if execute else ():
        done = taken.mark == "done"
        kind = EventKind.CHECKLIST_TICKED if done else EventKind.CHECKLIST_NA
        case.record(kind, taken.detail)
    return plan


def shelf_of(case: CaseFolder) -> Shelf:
    """Give where evidence is looked up."""
    return Shelf(
        events={event.seq: event for event in case.events()},
        copies={copy.id: copy for copy in load_register(case)},
        has_file=partial(_has_file, case),
    )


def _has_file(case: CaseFolder, name: str) -> bool:
    try:
        return bool(name) and case.has_file(name)
    except (CaseFileNameError, OSError, ValueError):  # words that are no name of a file
        return False


def telling(case: CaseFolder) -> Telling:
    """Give what may not stand in a checklist for outsiders: as far as the case knows it."""
    profile = current_contacts(case)
    names = [contact.name for contact in profile.contacts] if profile else []
    return Telling(
        repository=case.incident.shown_target,
        paths=tuple(_bad_paths(case)),
        people=tuple(name for name in names if name.casefold() not in _OFFICES),
    )


_OFFICES = frozenset(role.replace("_", " ") for role in OWNERS)
"""A mailbox that is called as its office is nobody's name."""


def _bad_paths(case: CaseFolder) -> frozenset[str]:
    named = frozenset(case.incident.paths)
    try:
        return named | {display(path) for path in case_files.load_bad_set(case).paths}
    except BreachkitError:  # not known yet: then no path of it is in any text either
        return named
