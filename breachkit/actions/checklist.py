"""The checklist of a case: what is to be done, by whom, until when, and what shows that it is done.

The items belong to a playbook. Which of them apply, and which are done, follows from the facts
and from the journal, so the checklist is never stored and cannot disagree with the case.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from breachkit.actions.checklist_template import Item, Template, Trigger, filled
from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.copies import Copy
from breachkit.actions.events import JournalEvent
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.time import parse_rfc3339, rfc3339


TICKED, NOT_APPLICABLE = "checklist.ticked", "checklist.na"

TaskState = Literal["open", "done", "na"]


class NoSuchTaskError(UsageError):
    """The checklist has no task of that id."""


class NoEvidenceError(RefusedError):
    """A task was to be ticked or ruled out without saying why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistFacts:
    """What decides which items apply and when they are due."""

    case_id: str
    codename: str
    now: datetime
    opened_at: datetime
    aware_at: datetime
    conditions: Mapping[str, bool | None]
    """Such as `has_pull_requests`; None or absent where nobody knows yet."""
    copies: Sequence[Copy] = ()
    profile: ContactsProfile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One item as it stands in one case."""

    id: str
    """`D05`, or `E01/K-003` where an item stands once for each copy or contact."""
    group: str
    text: str
    text_for_outsiders: str
    """The same without names of people, places and copies."""
    role: str
    due_at: datetime | None
    evidence_kind: str
    blocks: str
    help: str
    milestone: str | None
    state: TaskState = "open"
    why: str | None = None
    """Evidence, note or reason; where the journal ticked it, the entry's number."""
    by: str | None = None
    at: datetime | None = None
    only_if: str | None = None
    """The condition of an open task, while nobody knows whether it holds."""
    overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """All tasks of a case at one moment."""

    case_id: str
    codename: str
    now: datetime
    groups: tuple[tuple[str, str], ...]
    """Letter and title, in order."""
    tasks: tuple[Task, ...]

    @property
    def open(self) -> tuple[Task, ...]:
        """What is left, the most urgent first."""
        waiting = (task for task in self.tasks if task.state == "open")
        return tuple(sorted(waiting, key=lambda t: (t.due_at is None, t.due_at or self.now, t.id)))

    @property
    def overdue(self) -> tuple[Task, ...]:
        """What should be done by now, the longest overdue first."""
        return tuple(task for task in self.open if task.overdue)

    @property
    def applicable(self) -> int:
        """How many tasks there are without those ruled out."""
        return sum(task.state != "na" for task in self.tasks)

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(task.state == "done" for task in self.tasks)

    def blocking(self, action: str) -> tuple[Task, ...]:
        """Give the open tasks that should be done before `rewrite`, `restore` or `close`."""
        return tuple(task for task in self.open if task.blocks == action)

    def task(self, task_id: str) -> Task:
        """Give one task; `a4` and `A04` are the same.

        Raises:
            NoSuchTaskError: there is none of that id.
        """
        wanted = _normalised(task_id)
        for task in self.tasks:
            if _normalised(task.id) == wanted:
                return task
        raise NoSuchTaskError(f"no item {task_id!r}: `breachkit checklist show` lists them")


def instantiate(
    template: Template, facts: ChecklistFacts, events: Iterable[JournalEvent]
) -> Checklist:
    """Give the checklist of a case as it stands."""
    history = tuple(events)
    tasks = (
        _settled(task, item, names, facts, history)
        for item in template.items
        for task, names in _tasks(item, facts)
    )
    return Checklist(
        case_id=facts.case_id,
        codename=facts.codename,
        now=facts.now,
        groups=template.groups,
        tasks=tuple(tasks),
    )


def tick_detail(task: Task, *, evidence: str, by: str) -> dict[str, object]:
    """Give what the journal keeps of a task done by hand.

    Raises:
        NoEvidenceError: nothing says why it is believed to be done, or who says so.
    """
    if not (evidence.strip() and by.strip()):
        raise NoEvidenceError(
            f"{task.id} needs evidence ({task.evidence_kind}) or a note, and a name"
        )
    detail: dict[str, object] = {"item": task.id, "evidence": evidence.strip(), "by": by.strip()}
    return {**detail, "milestone": task.milestone} if task.milestone else detail


def na_detail(task: Task, *, reason: str, by: str) -> dict[str, object]:
    """Give what the journal keeps of a task that does not apply.

    Raises:
        NoEvidenceError: there is no reason, or nobody who gives it.
    """
    if not (reason.strip() and by.strip()):
        raise NoEvidenceError(f"{task.id} is ruled out only with a reason and a name")
    return {"item": task.id, "reason": reason.strip(), "by": by.strip()}


_CONDITIONS = {
    "on_platform": "the repository is on GitHub",
    "public": "the repository is or was public",
    "has_pages": "it has a website",
    "has_pull_requests": "there are pull requests",
    "has_protection": "branches are protected",
    "has_tags": "there are tags or releases",
    "has_lfs": "it uses Git LFS",
}


def _in_words(condition: str) -> str:
    return _CONDITIONS.get(condition, condition.replace("_", " "))


def _normalised(task_id: str) -> str:
    return re.sub(r"^([a-z])0*(?=\d)", r"\1", task_id.strip().casefold())


def for_outsiders(checklist: Checklist) -> Checklist:
    """Give the checklist without names: of people, copies, places, and without notes.

    What is left names the case only by its id and codename, so it can stand where others read it.
    """
    return replace(checklist, tasks=tuple(map(_without_names, checklist.tasks)))


def _without_names(task: Task) -> Task:
    base, _, entry = task.id.partition("/")
    shown_id = f"{base}/{entry}" if entry.startswith("K-") else base
    return replace(task, id=shown_id, text=task.text_for_outsiders, why=None, by=None)


def _tasks(item: Item, facts: ChecklistFacts) -> Iterable[tuple[Task, Mapping[str, str]]]:
    """Give an item's task, or one for each copy or contact, with the names its texts may use."""
    match item.each:
        case "copy":
            for copy in facts.copies:
                if not item.places or copy.place in item.places:
                    yield _of_copy(item, copy, facts), {}
        case "contact":
            for contact in facts.profile.to_alert() if facts.profile else ():
                names = {"contact": contact.name}
                yield replace(_task(item, facts, names), id=f"{item.id}/{contact.name}"), names
        case None:
            yield _task(item, facts, {}), {}


def _task(item: Item, facts: ChecklistFacts, names: Mapping[str, str]) -> Task:
    since = facts.aware_at if item.due_from == "aware" else facts.opened_at
    return Task(
        id=item.id,
        group=item.group,
        text=filled(item.text, names),
        text_for_outsiders=filled(item.text, {key: f"this {key}" for key in names}),
        role=item.role,
        due_at=None if item.due_after is None else since + item.due_after,
        evidence_kind=item.evidence,
        blocks=item.blocks,
        help=item.help,
        milestone=item.milestone,
    )


def _of_copy(item: Item, copy: Copy, facts: ChecklistFacts) -> Task:
    names = {"copy": copy.label}
    task = replace(_task(item, facts, names), id=f"{item.id}/{copy.id}")
    if copy.due is not None:
        task = replace(task, due_at=copy.due)
    if not copy.closed:
        return task
    latest = copy.proof[-1] if copy.proof else None
    return replace(
        task,
        state="na" if copy.applies == "no" else "done",
        why=f"register of copies: {copy.state if copy.applies != 'no' else 'does not apply'}",
        by=latest.by if latest else None,
        at=latest.at if latest else None,
    )


def _settled(
    task: Task,
    item: Item,
    names: Mapping[str, str],
    facts: ChecklistFacts,
    events: Sequence[JournalEvent],
) -> Task:
    by_hand = _by_hand(task, events)
    if by_hand is not None:
        return by_hand
    if task.state != "open":
        return task
    ticked = _by_journal(task, item, names, events)
    if ticked is not None:
        return ticked
    if item.condition is not None:
        holds = facts.conditions.get(item.condition)
        if holds is False:
            return replace(task, state="na", why=f"not so: {_in_words(item.condition)}")
        if holds is None:
            task = replace(task, only_if=_in_words(item.condition))
    return replace(task, overdue=task.due_at is not None and task.due_at < facts.now)


def _by_hand(task: Task, events: Sequence[JournalEvent]) -> Task | None:
    """Give the task as the latest entry about it left it, or None where there is none."""
    for event in reversed(events):
        if event.kind in {TICKED, NOT_APPLICABLE} and event.detail.get("item") == task.id:
            done = event.kind == TICKED
            return replace(
                task,
                state="done" if done else "na",
                why=str(event.detail.get("evidence" if done else "reason", "")),
                by=str(event.detail.get("by", "")),
                at=parse_rfc3339(event.ts),
            )
    return None


def _by_journal(
    task: Task, item: Item, names: Mapping[str, str], events: Sequence[JournalEvent]
) -> Task | None:
    """Tick the task if the journal shows it done, and nothing since has undone it."""
    found = [event for trigger in item.auto if (event := _last(trigger, names, events))]
    if not found:
        return None
    event = max(found, key=lambda e: e.seq)
    if any(e.kind in item.undone_by and e.seq > event.seq for e in events):
        return None
    return replace(
        task,
        state="done",
        why=f"journal entry {event.seq} ({event.kind})",
        at=parse_rfc3339(event.ts),
    )


def _last(
    trigger: Trigger, names: Mapping[str, str], events: Sequence[JournalEvent]
) -> JournalEvent | None:
    """Give the latest event of the trigger's kind and subject, if its outcome is the wanted one."""
    for event in reversed(events):
        if event.kind == trigger.kind and trigger.is_about(event.detail, names):
            return event if trigger.is_met(event.detail) else None
    return None


def summary(checklist: Checklist) -> dict[str, object]:
    """Give the numbers that a status line or a machine wants."""
    return {
        "at": rfc3339(checklist.now),
        "done": checklist.done,
        "applicable": checklist.applicable,
        "open": len(checklist.open),
        "overdue": len(checklist.overdue),
    }
