"""A case's journal, and whether it holds, as lines of text."""

import json
from typing import Any

from breachkit.incident.audit import JournalReport, Line
from breachkit.incident.events import Event
from breachkit.model.ids import display
from breachkit.report.words import counted


def log_lines(read: tuple[Line, ...]) -> tuple[str, ...]:
    """Give one line for each journal entry; a bad one says what is wrong with it."""
    return tuple(_log_line(line) for line in read)


def log_to_json(read: tuple[Line, ...]) -> dict[str, Any]:
    """Give the journal in JSON's own types; schema `breachkit.log/1`."""
    return {
        "schema": "breachkit.log/1",
        "entries": [
            {"line": line.number, "problem": line.problem, "entry": _event(line.event)}
            for line in read
        ],
    }


def verdict_lines(report: JournalReport) -> tuple[str, ...]:
    """Say whether a journal holds; where it does not, what is wrong, the first bad line first."""
    said = [f"line {problem.line}: {problem.reason}" for problem in report.problems]
    if report.torn_bytes:
        said.append(
            f"the last {report.torn_bytes} bytes are an entry that a crash cut short: the next "
            "command that writes sets them aside and goes on; every entry before them is whole"
        )
    if report.anchor and report.anchor_entry is None:
        said.append(
            f"no entry has the anchor {report.anchor}: entries were cut off or written anew, "
            "or the anchor belongs to another case"
        )
    if said:
        return ("the journal DOES NOT HOLD:", *(f"  {each}" for each in said))
    anchored = f"; the anchor is {report.anchor_entry}" if report.anchor_entry else ""
    return (
        f"the journal holds: {counted(report.entries, 'entry', 'entries')}, head {report.head}{anchored}",
    )


def verdict_to_json(report: JournalReport) -> dict[str, Any]:
    """Give the verdict in JSON's own types; schema `breachkit.log-verify/1`."""
    return {
        "schema": "breachkit.log-verify/1",
        "ok": report.ok,
        "entries": report.entries,
        "head": report.head,
        "torn_bytes": report.torn_bytes,
        "newer_entries": report.newer_entries,
        "anchor": report.anchor,
        "anchor_entry": report.anchor_entry,
        "problems": [{"line": each.line, "reason": each.reason} for each in report.problems],
    }


def _log_line(line: Line) -> str:
    bad = f"  !! {line.problem}" if line.problem else ""
    if line.event is None:
        return f"line {line.number}{bad}"
    event = line.event
    who = display(event.actor.name) if event.actor.name else "-"
    about = f" [{', '.join(map(display, event.refs))}]" if event.refs else ""
    shown = " ".join(f"{display(key)}={_value(value)}" for key, value in event.detail.items())
    return (
        f"{display(event.id)}  {display(event.ts)}  {who}  {display(event.kind)}{about}  "
        f"{shown}{bad}"
    ).rstrip()


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    shown = display(text)
    return f'"{shown}"' if " " in shown or not shown else shown


def _event(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {
        "v": event.v,
        "seq": event.seq,
        "id": event.id,
        "prev": event.prev,
        "ts": event.ts,
        "actor": {"name": event.actor.name, "how": event.actor.how},
        "kind": event.kind,
        "refs": list(event.refs),
        "detail": event.detail,
        "hash": event.hash,
    }
