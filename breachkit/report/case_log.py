"""A case's journal, whether it holds and where its anchors are, as lines of text and as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from breachkit.incident.audit import MIN_ANCHOR, Anchored, JournalReport, Line
from breachkit.incident.events import Event
from breachkit.incident.evidence import KEY_NAME, KEYED, Checked
from breachkit.incident.stamps import StampCheck
from breachkit.model.ids import display
from breachkit.report.evidence import problem_lines, summary_line
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """Whether a case's journal holds."""

    journal: JournalReport
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the mails that carried each anchor."""
    other_mails: int = 0
    """Mails that were looked into and hold no anchor of this case."""
    evidence: tuple[Checked, ...] = ()
    """What was collected; empty where the journal does not hold, so that it vouches for nothing."""
    stamps: tuple[StampCheck, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 7 where something does not hold."""
        return self.journal.exit_code or (7 if self.changed or self.broken_stamps else 0)

    @property
    def changed(self) -> tuple[Checked, ...]:
        """The evidence that is not as it was."""
        return tuple(each for each in self.evidence if each.state == "changed")

    @property
    def broken_stamps(self) -> tuple[StampCheck, ...]:
        """The time stamps that do not hold."""
        return tuple(each for each in self.stamps if each.problem and not each.unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A message whose footer carries an anchor out of the house."""

    number: str
    message: str
    """Its kind."""
    audience: str
    sent_at: str | None
    """RFC 3339; None while nobody has sent it, so that it anchors nothing yet."""
    anchor: str | None
    """None where the case no longer has the message."""
    entry: str | None
    """The entry that the anchor is the hash of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The head of a journal, and where earlier ones are kept by others."""

    case_id: str
    head: str
    entry: str
    entries: int
    outside: tuple[Outside, ...]


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


def verdict_lines(report: LogReport) -> tuple[str, ...]:
    """Say whether a journal holds; where it does not, what is wrong, the first bad line first."""
    journal = report.journal
    wrong = [*_wrong_with(journal), *(_lost(each, report) for each in journal.lost)]
    if wrong:
        vouched = _up_to(journal)
        return ("the journal DOES NOT HOLD:", *(f"  {each}" for each in (*wrong, *vouched)))
    entries = counted(journal.entries, "entry", "entries")
    return (
        f"the journal holds: {entries}, head {journal.head}",
        *(f"  {_found(each, report)}" for each in journal.anchors),
        *_unanchored(report),
        *_beside(report),
    )


def _beside(report: LogReport) -> Iterator[str]:
    """Say how the files and the time stamps stand that the journal vouches for."""
    if report.evidence:
        yield (
            f"{summary_line(report.evidence)}:" if report.changed else summary_line(report.evidence)
        )
        yield from (f"  {each}" for each in problem_lines(report.evidence))
    for stamp in report.stamps:
        holds = f"up to {stamp.entry} it was there at {display(stamp.stamped_at)}"
        yield f"time stamp {stamp.id}: {stamp.problem or holds}"


def _wrong_with(journal: JournalReport) -> Iterator[str]:
    for problem in journal.problems:
        yield f"line {problem.line}: {problem.reason}"
    if journal.torn_bytes:
        yield (
            f"the last {journal.torn_bytes} bytes are an entry that a crash cut short: the next "
            "command that writes sets them aside and goes on; every entry before them is whole"
        )


def _lost(anchor: Anchored, report: LogReport) -> str:
    return (
        f"no entry has the anchor {anchor.anchor}{_source(anchor, report)}: entries were cut off or "
        "written anew, or the anchor belongs to another case"
    )


def _up_to(journal: JournalReport) -> Iterator[str]:
    if journal.vouched and not journal.problems:
        yield f"up to {journal.vouched.entry} it is as it was when the latest anchor found left"


def _found(anchor: Anchored, report: LogReport) -> str:
    shown = anchor.anchor[:MIN_ANCHOR]
    return f"the anchor {shown}...{_source(anchor, report)} is {anchor.entry}"


def _source(anchor: Anchored, report: LogReport) -> str:
    names = report.sources.get(anchor.anchor, ())
    return f" of {', '.join(names)}" if names else ""


def _unanchored(report: LogReport) -> Iterator[str]:
    journal = report.journal
    if journal.vouched is None:
        yield "  whether entries were cut off at its end shows only with an anchor from a mail"
    elif (left := journal.entries - (journal.vouched.seq or 0)) > 0:
        yield f"  the last {counted(left, 'entry', 'entries')} came after the latest of these anchors"


def verdict_to_json(report: LogReport) -> dict[str, Any]:
    """Give the verdict in JSON's own types; schema `breachkit.log-verify/1`."""
    journal = report.journal
    return {
        "schema": "breachkit.log-verify/1",
        "ok": report.exit_code == 0,
        "entries": journal.entries,
        "head": journal.head,
        "torn_bytes": journal.torn_bytes,
        "newer_entries": journal.newer_entries,
        "anchors": [
            {
                "anchor": each.anchor,
                "entry": each.entry,
                "found_in": list(report.sources.get(each.anchor, ())),
            }
            for each in journal.anchors
        ],
        "other_mails": report.other_mails,
        "evidence": [
            {"id": each.evidence.id, "file": each.evidence.file, "state": each.state}
            for each in report.evidence
        ],
        "stamps": [asdict(each) for each in report.stamps],
        "problems": [{"line": each.line, "reason": each.reason} for each in journal.problems],
    }


def anchor_lines(anchors: Anchors) -> tuple[str, ...]:
    """Show the head to keep elsewhere, and where earlier ones went."""
    return (
        f"Keep this outside of this machine; it vouches for all {anchors.entries} entries so far:",
        f"  {anchors.case_id}  {anchors.entry}  {anchors.head}",
        "",
        *_went(anchors),
    )


def _went(anchors: Anchors) -> Iterator[str]:
    sent = [each for each in anchors.outside if each.sent_at]
    if not sent:
        yield "No message is marked as sent, so nobody outside has an anchor yet."
        return
    yield "Whoever got one of these messages has an anchor at its end:"
    for each in sent:
        known = each.anchor or "the message is no longer in the case folder"
        lost = "  !! no such entry in this journal" if each.anchor and not each.entry else ""
        head = f"{display(each.number)}  {display(each.message)}  {display(each.sent_at or '')}"
        yield f"  {head}  {each.entry or '-'}  {known}{lost}"


def anchors_to_json(anchors: Anchors) -> dict[str, Any]:
    """Give the anchors in JSON's own types; schema `breachkit.log-anchor/1`."""
    return {
        "schema": "breachkit.log-anchor/1",
        "case": anchors.case_id,
        "head": anchors.head,
        "entry": anchors.entry,
        "entries": anchors.entries,
        "messages": [asdict(each) for each in anchors.outside],
    }


def _log_line(line: Line) -> str:
    bad = f"  !! {line.problem}" if line.problem else ""
    if line.event is None:
        return f"line {line.number}{bad}"
    event = line.event
    who = display(event.actor.name) if event.actor.name else "-"
    about = f" [{', '.join(map(display, event.refs))}]" if event.refs else ""
    shown = " ".join(
        f"{display(key)}={_value(value)}"
        for key, value in event.detail.items()
        if key not in {KEYED, KEY_NAME}  # digits that say nothing to a reader; JSON has them
    )
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
