"""The checklist on paper, in a spreadsheet, for machines and in the terminal."""

import csv
import io
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from breachkit.actions.checklist import Checklist, Task
from breachkit.actions.checklist_import import EVIDENCE, ImportPlan
from breachkit.model.errors import UsageError
from breachkit.model.time import rfc3339
from breachkit.report import escape
from breachkit.report.lint import mask_ids
from breachkit.report.page import moment, page, table
from breachkit.report.words import counted


SCHEMA = "breachkit.checklist/1"

_COLUMNS = ("id", "group", "state", "overdue", "due", "role", "owner", "text", "evidence", "shown by", "blocks", "why", "by", "at", "only if", "help")  # fmt: skip


class UnknownFormatError(UsageError):
    """There is no such export."""


def export(checklist: Checklist, form: str) -> str:
    """Give the checklist in a format.

    Args:
        checklist: What to show.
        form: `brief` (what is due first), `text` (all of it), `md`, `csv`, `json` or `html`.

    Raises:
        UnknownFormatError: it is none of them.
    """
    if form not in FORMATS:
        raise UnknownFormatError(f"no format {form!r}: choose one of {', '.join(FORMATS)}")
    tasks = tuple(map(_without_ids, checklist.tasks))
    return FORMATS[form](replace(checklist, tasks=tasks))


def _without_ids(task: Task) -> Task:
    """Take object ids out of what people wrote: an export is read by many."""
    why = None if task.why is None else mask_ids(task.why)
    owner = None if task.owner is None else mask_ids(task.owner)
    return replace(task, id=mask_ids(task.id), text=mask_ids(task.text), why=why, owner=owner)


def as_text(checklist: Checklist) -> str:
    """Give what a terminal shows: each group, each task on a line, what is late marked."""
    lines = [_headline(checklist), ""]
    for letter, title in checklist.groups:
        lines.append(f"{letter}. {escape.terminal(title)}")
        for task in _of_group(checklist, letter):
            lines += _text_line(task)
        lines.append("")
    return "\n".join(lines)


def as_brief(checklist: Checklist) -> str:
    """Give what a terminal shows at first: what is due first, and how far each group is.

    Copies are one line here, for the register tells them one by one.
    """
    waiting = [task for task in checklist.open if not _is_copy(task)]
    lines = [_headline(checklist), "", "Due first" if waiting else "Nothing is left to do."]
    for task in waiting[:_DUE_FIRST]:
        lines += _text_line(task)
    lines += ["", "How far"]
    lines += [_group_line(checklist, letter, title) for letter, title in checklist.groups]
    copies = [task for task in checklist.open if task.copy is not None]
    if copies:
        lines += [
            "",
            f"  copies to account for: {len(copies)}, the first by {_moment(copies[0].due_at)}",
        ]
        lines += ["  `breachkit copies list` shows them"]
    return "\n".join([*lines, ""])


_DUE_FIRST = 10


def _is_copy(task: Task) -> bool:
    return "/K-" in task.id


def _group_line(checklist: Checklist, letter: str, title: str) -> str:
    tasks = [task for task in _of_group(checklist, letter) if task.state != "na"]
    done = sum(task.state == "done" for task in tasks)
    return f"  {letter}. {escape.terminal(title):<22} {done:>3} of {len(tasks):>3} done"


def as_markdown(checklist: Checklist) -> str:
    """Give a GitHub task list. A task that does not apply is ticked and says so."""
    lines = [
        f"# {escape.markdown(_title(checklist))}",
        "",
        f"{escape.markdown(_progress(checklist))}. Made by breachkit.",
        "",
        _HOW_TO_RETURN,
        "",
    ]
    for letter, title in checklist.groups:
        lines += [f"## {letter}. {escape.markdown(title)}", ""]
        lines += [_markdown_line(task) for task in _of_group(checklist, letter)]
        lines.append("")
    return "\n".join(lines)


_HOW_TO_RETURN = (
    f"Tick a box and write what shows it after **{EVIDENCE}**, or mark it [-] and write why it does "
    "not apply; then `breachkit checklist import FILE`."
)


def as_csv(checklist: Checklist) -> str:
    """Give a table for a spreadsheet, every cell quoted and none of them a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("breachkit id", *_COLUMNS[1:]))
    for task in checklist.tasks:
        writer.writerow([escape.csv_cell(cell) for cell in _cells(task)])
    return out.getvalue()


def as_json(checklist: Checklist) -> str:
    """Give one JSON object, in ASCII."""
    data = {
        "schema": SCHEMA,
        "case": checklist.case_id,
        "codename": checklist.codename,
        "at": rfc3339(checklist.now),
        "counts": {
            "applicable": checklist.applicable,
            "done": checklist.done,
            "open": len(checklist.open),
            "overdue": len(checklist.overdue),
            "by_note": checklist.by_note,
        },
        "groups": [{"id": letter, "title": title} for letter, title in checklist.groups],
        "items": [_json_task(task) for task in checklist.tasks],
    }
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def as_html(checklist: Checklist) -> str:
    """Give a page that stands alone and prints well."""
    lead = (_progress(checklist), f"As of {_moment(checklist.now)}")
    return page(_title(checklist), lead, _html_groups(checklist))


def _html_groups(checklist: Checklist) -> Iterator[str]:
    for letter, title in checklist.groups:
        yield f"<h2>{escape.html(letter)}. {escape.html(title)}</h2>\n"
        rows = ((_css(task), _html_cells(task)) for task in _of_group(checklist, letter))
        yield table(_HEADER, rows, widths=(9, 11, 36, 15, 11, 18))


_HEADER = ("State", "Item", "What", "Who", "Due", "Evidence")


def _html_cells(task: Task) -> tuple[str, ...]:
    what = escape.html(_sentence(task))
    if task.help and task.state == "open":
        shown = escape.html(task.help)
        is_command = task.help.startswith("breachkit ")
        what += (
            f'<span class="how">{f"<code>{shown}</code>" if is_command else f"see {shown}"}</span>'
        )
    due = _html_due(task) if task.state == "open" else ""
    if task.overdue:
        due += ' <span class="late">overdue</span>'
    needed = f"needed: {_EVIDENCE.get(task.evidence_kind, task.evidence_kind)}"
    why = _whole_days(escape.html(_why(task) or (needed if task.state == "open" else "")))
    mark, word = _MARKS[task.state]
    number = escape.html(task.id).replace("/", "/<wbr>")
    return (f"{mark} {word}", number, what, escape.html(_role(task)), due, why)


def _whole_days(shown: str) -> str:
    return _DAY.sub(r'<span class="day">\g<0></span>', shown)


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _html_due(task: Task) -> str:
    return moment(_moment(task.due_at)) if task.due_at else escape.html(_due(task))


def _css(task: Task) -> str:
    return "overdue" if task.overdue else task.state


def _text_line(task: Task) -> list[str]:
    mark = {"open": "[ ]", "done": "[x]", "na": "[-]"}[task.state]
    late = "OVERDUE, was " if task.overdue else ""
    detail = f"{_role(task)}, {late}{_due(task)}" if task.state == "open" else _why(task)
    head = f"  {mark} {escape.terminal(task.id)}  "
    told = [
        head + escape.terminal(_sentence(task)),
        " " * 11 + escape.terminal(detail or _role(task)),
    ]
    return [line for each in told for line in _wrapped(each)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        80,
        subsequent_indent=" " * 11,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )


def _markdown_line(task: Task) -> str:
    mark = " " if task.state == "open" else "x"
    sentence = escape.markdown(_sentence(task))
    if task.state == "na":
        sentence = f"~~{sentence}~~"
    head = f"- [{mark}] **{escape.markdown(task.id)}** {sentence}"
    if task.state == "open":
        late = "**overdue**, " if task.overdue else ""
        head += f" ({escape.markdown(_role(task))}, {late}{escape.markdown(_due(task))})"
    elif task.state == "na":
        head += " (does not apply)"
    return f"{head} **{EVIDENCE}** {escape.markdown(_why(task))}".rstrip()


def _cells(task: Task) -> tuple[str, ...]:
    return (
        *(task.id, task.group, task.state, "yes" if task.overdue else "no"),
        *(rfc3339(task.due_at) if task.due_at else "", task.role, task.owner or "", task.text),
        *(task.evidence_kind, task.shown_by, task.blocks, task.why or "", task.by or ""),
        *(rfc3339(task.at) if task.at else "",),
        *(task.only_if or "", task.help),
    )


def _json_task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "group": task.group,
        "state": task.state,
        "overdue": task.overdue,
        "due": rfc3339(task.due_at) if task.due_at else None,
        "due_once": task.waits_for,
        "role": task.role,
        "owner": task.owner,
        "text": task.text,
        "evidence": task.evidence_kind,
        "shown_by": task.shown_by or None,
        "copy": task.copy,
        "blocks": task.blocks,
        "why": task.why,
        "by": task.by,
        "at": rfc3339(task.at) if task.at else None,
        "only_if": task.only_if,
        "help": task.help,
    }


def _of_group(checklist: Checklist, letter: str) -> tuple[Task, ...]:
    return tuple(task for task in checklist.tasks if task.group == letter)


def _title(checklist: Checklist) -> str:
    return f"Checklist of {checklist.case_id} ({checklist.codename})"


def _headline(checklist: Checklist) -> str:
    return escape.terminal(f"{_title(checklist)}: {_progress(checklist)}")


def _progress(checklist: Checklist) -> str:
    late = f", {len(checklist.overdue)} overdue" if checklist.overdue else ""
    noted = f" ({checklist.by_note} by a note alone)" if checklist.by_note else ""
    return f"{checklist.done} of {checklist.applicable} done{noted}{late}"


def _sentence(task: Task) -> str:
    return f"{task.text} (only if {task.only_if})" if task.only_if else task.text


_MARKS = {"open": ("☐", "open"), "done": ("☑", "done"), "na": ("–", "does not apply")}  # noqa: RUF001 - a dash
_EVIDENCE = {
    "ack": "an answer",
    "decision": "a decision, by name",
    "event": "an entry of the journal",
    "file": "a file",
    "proof": "a proof",
}
_ROLES = {
    "admin": "administrator of the repository",
    "comms": "communications",
    "dpo": "data protection officer",
    "handler": "whoever handles the case",
    "ig_lead": "information governance lead",
    "pi": "principal investigator",
}


def _role(task: Task) -> str:
    role = _ROLES.get(task.role, task.role.replace("_", " "))
    return f"{role}: {task.owner}" if task.owner else role


def _due(task: Task) -> str:
    if task.due_at is None:
        return f"due once {task.waits_for}" if task.waits_for else "no date"
    return f"due {_moment(task.due_at)}"


def _why(task: Task) -> str:
    noted = task.shown_by == "note" and task.state == "done" and task.why
    said = f"note: {task.why}" if noted else task.why
    parts = (said, f"by {task.by}" if task.by else None, _moment(task.at) if task.at else None)
    return ", ".join(part for part in parts if part)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "no date"


def import_text(plan: ImportPlan, *, executed: bool) -> str:
    """Say what a file brings forward, a line for each item, and what of it changes nothing."""
    what = "Taken over" if executed else "Would be taken over"
    head = f"{what}: {counted(len(plan.taken), 'item')}" if plan.taken else "Nothing in it is new."
    lines = [head]
    for taken in plan.taken:
        mark = "[x]" if taken.mark == "done" else "[-]"
        kind = "" if taken.mark == "na" or taken.detail["is_evidence"] else "note: "
        told = f"  {mark} {taken.task.id}  {kind}{mask_ids(taken.text)} (line {taken.line})"
        lines += _wrapped(escape.terminal(told))
    if plan.kept:
        lines.append(f"Open in the file, and settled in the case: {plan.kept}; they stay settled.")
    if plan.absent:
        lines.append(f"Not in the file: {plan.absent}; they stay as they are.")
    return "\n".join(lines)


def import_to_json(plan: ImportPlan, *, executed: bool) -> dict[str, Any]:
    """Give the same as JSON values; schema `breachkit.checklist-import/1`."""
    return {
        "schema": "breachkit.checklist-import/1",
        "executed": executed,
        "taken": [
            {
                "id": taken.task.id,
                "line": taken.line,
                "state": taken.mark,
                "text": mask_ids(taken.text),
                "is_evidence": taken.detail.get("is_evidence") is True,
            }
            for taken in plan.taken
        ],
        "kept": plan.kept,
        "absent": plan.absent,
    }


FORMATS: Mapping[str, Callable[[Checklist], str]] = {
    "brief": as_brief,
    "text": as_text,
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "html": as_html,
}
