"""The checklist of a case: what is to be done, by whom, until when, and what shows that it is done.

The items belong to a playbook. Which of them apply, and which are done, follows from the facts
and from the journal, so the checklist is never stored and cannot disagree with the case.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from breachkit.actions.checklist_conditions import all_hold, unknown_words, why_not
from breachkit.actions.checklist_dates import Moments
from breachkit.actions.checklist_history import (
    NOT_APPLICABLE,
    REOPENED,
    TICKED,
    History,
    Names,
    at,
)
from breachkit.actions.checklist_template import Item, Template, filled
from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.copies import Copy, Grade, graded
from breachkit.actions.copy_states import GRADE_WORDS
from breachkit.actions.events import JournalEvent
from breachkit.model.errors import UsageError
from breachkit.model.meant import meant
from breachkit.model.time import rfc3339


TaskState = Literal["open", "done", "na"]
ShownBy = Literal["", "journal", "register", "evidence", "note"]


class NoSuchTaskError(UsageError):
    """The checklist has no task of that id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistFacts:
    """What decides which items apply, whose they are and when they are due."""

    case_id: str
    codename: str
    now: datetime
    moments: Moments
    """What dates are counted from: `aware`, `opened`, ...; None or absent while there is none."""
    conditions: Mapping[str, bool | None]
    """Such as `has_pull_requests`; None or absent where nobody knows yet."""
    copies: Sequence[Copy] = ()
    profile: ContactsProfile | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    """Who has a role in this case, by the name of the role; it wins over the contacts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One item as it stands in one case."""

    id: str
    """`D05`, or `E02/K-003` where an item stands once for each copy or contact."""
    group: str
    text: str
    text_for_outsiders: str
    """The same without names of people, places and copies."""
    role: str
    owner: str | None
    """Who has that role in this case; None where nobody was named."""
    due_at: datetime | None
    waits_for: str | None
    """What has to be so before there is a date, as it follows `once`."""
    evidence_kind: str
    blocks: str
    help: str
    milestone: str | None
    copy: str | None = None
    """The copy that it is about: it is closed in the register and nowhere else."""
    state: TaskState = "open"
    why: str | None = None
    """Evidence, note or reason; where the journal ticked it, the entry's number."""
    shown_by: ShownBy = ""
    """What the tick rests on; a `note` is no evidence."""
    by: str | None = None
    at: datetime | None = None
    only_if: str | None = None
    """The conditions of an open task that nobody knows."""
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

    @property
    def by_note(self) -> int:
        """How many of them are done by somebody's note, with no evidence."""
        return sum(task.state == "done" and task.shown_by == "note" for task in self.tasks)

    def blocking(self, action: str) -> tuple[Task, ...]:
        """Give the open tasks that should be done before `rewrite`, `restore` or `close`."""
        return tuple(task for task in self.open if task.blocks == action)

    def task(self, task_id: str) -> Task:
        """Give one task; `a4` and `A04` are the same.

        Raises:
            NoSuchTaskError: there is none of that id.
        """
        wanted = normalised(task_id)
        for task in self.tasks:
            if normalised(task.id) == wanted:
                return task
        raise NoSuchTaskError(
            f"no item {task_id!r}: `breachkit checklist show` lists them."
            f"{meant(task_id, (task.id for task in self.tasks))}"
        )


def instantiate(
    template: Template, facts: ChecklistFacts, events: Iterable[JournalEvent]
) -> Checklist:
    """Give the checklist of a case as it stands."""
    maker = _Maker(template, facts, History(events))
    return Checklist(
        case_id=facts.case_id,
        codename=facts.codename,
        now=facts.now,
        groups=template.groups,
        tasks=tuple(task for item in template.items for task in maker.tasks(item)),
    )


def normalised(task_id: str) -> str:
    """Give an id as it is compared: `a4` and `A04` are the same."""
    return re.sub(r"^([a-z])0*(?=\d)", r"\1", task_id.strip().casefold())


def summary(checklist: Checklist) -> dict[str, object]:
    """Give the numbers that a status line or a machine wants."""
    return {
        "at": rfc3339(checklist.now),
        "done": checklist.done,
        "applicable": checklist.applicable,
        "open": len(checklist.open),
        "overdue": len(checklist.overdue),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What all tasks of an item have in common."""

    due_at: datetime | None
    waits_for: str | None
    owner: str | None
    text: str
    """For outsiders."""


_OUTSIDE = {name: f"this {name}" for name in ("contact", "copy", "holder", "day")}


class _Maker:
    """Makes the tasks of a case from the items of a playbook."""

    def __init__(self, template: Template, facts: ChecklistFacts, history: History) -> None:
        self._facts = facts
        self._history = history
        self._common: dict[str, _Common] = {}
        self._in_place: dict[str, list[Copy]] = {}
        for copy in facts.copies:
            self._in_place.setdefault(copy.place, []).append(copy)
        items = [item for item in template.items if item.each == "copy"]
        self._claimed = frozenset(place for item in items for place in item.places)
        self._has_expiry = any(item.each == "expiry" for item in template.items)

    def tasks(self, item: Item) -> Iterable[Task]:
        """Give an item's task, or one for each copy, holder or contact."""
        match item.each:
            case "contact":
                for contact in self._facts.profile.to_alert() if self._facts.profile else ():
                    names = {"contact": contact.name}
                    yield self._settled(self._task(item, names, entry=contact.name), item, names)
            case None:
                yield self._settled(self._task(item, {}), item, {})
            case _:
                for copy in self._facts.copies:
                    if self._is_about(item, copy):
                        yield self._of_copy(item, copy)

    def _is_about(self, item: Item, copy: Copy) -> bool:
        if item.each == "holder":
            return copy.holder is not None and (not item.places or copy.place in item.places)
        if self._has_expiry and (item.each == "expiry") != (copy.expires is not None):
            return False
        if item.each == "expiry":
            return True
        return copy.place in (item.places or {copy.place} - self._claimed)

    def _task(
        self,
        item: Item,
        names: Names,
        *,
        entry: str = "",
        due_at: datetime | None = None,
        copy: str | None = None,
    ) -> Task:
        common = self._of_item(item)
        return Task(
            id=f"{item.id}/{entry}" if entry else item.id,
            group=item.group,
            text=filled(item.text, names),
            text_for_outsiders=common.text,
            role=item.role,
            owner=common.owner,
            due_at=due_at or common.due_at,
            waits_for=None if due_at else common.waits_for,
            evidence_kind=item.evidence,
            blocks=item.blocks,
            help=item.help,
            milestone=item.milestone,
            copy=copy,
        )

    def _of_item(self, item: Item) -> "_Common":
        known = self._common.get(item.id)
        if known is None:
            due_at = item.due.at(self._facts.moments) if item.due else None
            known = self._common[item.id] = _Common(
                due_at=due_at,
                waits_for=item.due.waits_for if item.due and due_at is None else None,
                owner=self._owner(item.role),
                text=filled(item.text, _OUTSIDE),
            )
        return known

    def _owner(self, role: str) -> str | None:
        named = self._facts.people.get(role)
        if named or self._facts.profile is None:
            return named
        return ", ".join(contact.name for contact in self._facts.profile.with_role(role)) or None

    def _of_copy(self, item: Item, copy: Copy) -> Task:
        day = f"{copy.expires:%Y-%m-%d}" if copy.expires else "an unknown day"
        names = {"copy": copy.label, "holder": copy.holder or "nobody", "day": day}
        is_register = item.each != "holder"
        task = self._task(
            item,
            names,
            entry=copy.id,
            due_at=copy.due if is_register else None,
            copy=copy.id if is_register else None,
        )
        if copy.closed or copy.state in item.copy_states:
            return _by_register(task, copy)
        return self._dated(task) if is_register else self._settled(task, item, names)

    def _settled(self, task: Task, item: Item, names: Names) -> Task:
        hand = self._history.by_hand(task.id, item)
        if hand is not None and hand.kind != REOPENED:
            return _by_hand(task, hand)
        found = self._by_journal(task, item, names, since=hand.seq if hand else 0)
        found = found or self._by_places(task, item)
        if found is not None:
            return found
        holds = all_hold(item.conditions, self._facts.conditions)
        if holds is False:
            return replace(task, state="na", why=why_not(item.conditions, self._facts.conditions))
        if holds is None:
            task = replace(task, only_if=unknown_words(item.conditions, self._facts.conditions))
        return self._dated(task)

    def _dated(self, task: Task) -> Task:
        is_late = task.due_at is not None and task.due_at < self._facts.now
        return replace(task, overdue=True) if is_late else task

    def _by_journal(self, task: Task, item: Item, names: Names, *, since: int) -> Task | None:
        """Tick the task if the journal shows it done, and nothing since has undone it."""
        events = self._history.shown(item, names, self._facts.moments, since=since)
        if not events:
            return None
        if again := self._again(item, events[0]):
            return self._dated(replace(task, due_at=again, waits_for=None))
        listed = ", ".join(f"{e.seq} ({e.kind})" for e in (events[:1] if item.auto else events))
        word = "entries" if "," in listed else "entry"
        return replace(
            task,
            state="done",
            why=f"journal {word} {listed}",
            shown_by="journal",
            at=at(events[0]),
        )

    def _again(self, item: Item, event: JournalEvent) -> datetime | None:
        """Say since when it has to be done again; None where it need not."""
        if item.stale_after is None:
            return None
        until = item.until.at(self._facts.moments) if item.until else None
        again = item.stale_after.after(at(event))
        is_over = until is not None and at(event) >= until
        return None if is_over or self._facts.now <= again else again

    def _by_places(self, task: Task, item: Item) -> Task | None:
        """Tick the task if the register has every copy in its places closed, and there are some."""
        held = [copy for place in item.closed_places for copy in self._in_place.get(place, ())]
        if not held or not all(copy.closed for copy in held):
            return None
        applying = [copy for copy in held if copy.applies != "no"]
        if not applying:
            return replace(
                task, state="na", why="register of copies: none applies", shown_by="register"
            )
        worth = {grade: n for grade, n in graded(applying).items() if n}
        said = "; ".join(f"{n} {GRADE_WORDS[grade]}" for grade, n in worth.items())
        return replace(task, state="done", why=f"register of copies: {said}", shown_by="register")


def _by_register(task: Task, copy: Copy) -> Task:
    latest = copy.proof[-1] if copy.proof else None
    said = "does not apply" if copy.applies == "no" else copy.state.replace("_", " ")
    worth = (
        "" if copy.grade in {None, Grade.ACCEPTED} else f", {GRADE_WORDS[copy.grade or Grade.WORD]}"
    )
    return replace(
        task,
        state="na" if copy.applies == "no" else "done",
        why=f"register of copies: {said}{worth}",
        shown_by="register",
        by=latest.by if latest else None,
        at=latest.at if latest else None,
    )


def _by_hand(task: Task, event: JournalEvent) -> Task:
    done = event.kind == TICKED
    is_note = event.detail.get("is_evidence") is not True
    return replace(
        task,
        state="done" if done else "na",
        why=str(event.detail.get("evidence" if done else "reason", "")),
        shown_by="note" if is_note or not done else "evidence",
        by=str(event.detail.get("by", "")),
        at=at(event),
    )


__all__ = [
    "NOT_APPLICABLE",
    "REOPENED",
    "TICKED",
    "Checklist",
    "ChecklistFacts",
    "NoSuchTaskError",
    "Task",
    "TaskState",
    "instantiate",
    "normalised",
    "summary",
]
