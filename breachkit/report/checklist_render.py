"""The checklist on paper, in a spreadsheet, for machines and in the terminal."""

import csv
import io
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from breachkit.actions.checklist import Checklist, Task
from breachkit.model.errors import UsageError
from breachkit.model.time import rfc3339
from breachkit.report import escape
from breachkit.report.lint import mask_ids
from breachkit.report.page import moment, page, table


SCHEMA = "breachkit.checklist/1"

_COLUMNS = ("id", "group", "state", "overdue", "due", "role", "text", "evidence", "blocks", "why", "by", "at", "only if", "help")  # fmt: skip


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
    return replace(task, id=mask_ids(task.id), text=mask_ids(task.text), why=why)


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
    copies = [task for task in checklist.open if _is_copy(task)]
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
    ]
    for letter, title in checklist.groups:
        lines += [f"## {letter}. {escape.markdown(title)}", ""]
        lines += [_markdown_line(task) for task in _of_group(checklist, letter)]
        lines.append("")
    return "\n".join(lines)


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
    due = moment(_moment(task.due_at)) if task.state == "open" else ""
    if task.overdue:
        due += ' <span class="late">overdue</span>'
    needed = f"needed: {_EVIDENCE.get(task.evidence_kind, task.evidence_kind)}"
    why = escape.html(_why(task) or (needed if task.state == "open" else ""))
    mark, word = _MARKS[task.state]
    number = escape.html(task.id).replace("/", "/<wbr>")
    return (f"{mark} {word}", number, what, escape.html(_role(task)), due, why)


def _css(task: Task) -> str:
    return "overdue" if task.overdue else task.state


def _text_line(task: Task) -> list[str]:
    mark = {"open": "[ ]", "done": "[x]", "na": "[-]"}[task.state]
    late = "OVERDUE, was due" if task.overdue else "due"
    detail = f"{_role(task)}, {late} {_moment(task.due_at)}" if task.state == "open" else _why(task)
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
    late = "**overdue**, " if task.overdue else ""
    detail = f"{escape.markdown(_role(task))}, {late}due {escape.markdown(_moment(task.due_at))}"
    return f"{head} ({detail if task.state == 'open' else escape.markdown(_why(task) or 'done')})"


def _cells(task: Task) -> tuple[str, ...]:
    return (
        *(task.id, task.group, task.state, "yes" if task.overdue else "no"),
        *(rfc3339(task.due_at) if task.due_at else "", task.role, task.text, task.evidence_kind),
        *(task.blocks, task.why or "", task.by or "", rfc3339(task.at) if task.at else ""),
        *(task.only_if or "", task.help),
    )


def _json_task(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "group": task.group,
        "state": task.state,
        "overdue": task.overdue,
        "due": rfc3339(task.due_at) if task.due_at else None,
        "role": task.role,
        "text": task.text,
        "evidence": task.evidence_kind,
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
    return f"{checklist.done} of {checklist.applicable} done{late}"


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
    return _ROLES.get(task.role, task.role.replace("_", " "))


def _why(task: Task) -> str:
    parts = (task.why, f"by {task.by}" if task.by else None, _moment(task.at) if task.at else None)
    return ", ".join(part for part in parts if part)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "no date"


FORMATS: Mapping[str, Callable[[Checklist], str]] = {
    "brief": as_brief,
    "text": as_text,
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "html": as_html,
}
