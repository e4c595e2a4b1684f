"""Acceptances as a person reads them. They hold no object id and no value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from breachkit.actions.acceptance import Entry
from breachkit.report import words
from breachkit.report.escape import terminal


_SOON = timedelta(days=30)
_NAMELESS = "(a message or nameless object)"


def accepted_text(entries: Sequence[Entry], covers: Mapping[str, int], *, file: str) -> str:
    """Say what was written down.

    Args:
        entries: The acceptances.
        covers: How many findings each stands for, by its id.
        file: Where they were written.
    """
    lines = [f"Accepted in {terminal(file)}:"]
    for entry in entries:
        number = covers.get(entry.id, 1)
        more = f" ({words.counted(number, 'finding')})" if number > 1 else ""
        lines += [f"{_named(entry)}{more}"]
    first = entries[0]
    lines.append(f"  by {terminal(first.by)} until {first.until}: {terminal(first.reason)}")
    return "\n".join(lines)


def list_text(
    entries: Sequence[Entry], today: date, *, file: str, only_expired: bool = False
) -> str:
    """List acceptances, those that end first at the top.

    Args:
        entries: Which.
        today: In UTC.
        file: Where they are.
        only_expired: Whether these are only those that have expired.
    """
    what = "expired in" if only_expired else "in"
    lines = [f"{count(entries)} {what} {terminal(file)}"]
    for entry in sorted(entries, key=lambda each: (each.until, each.path, each.rule)):
        lines += [_named(entry), *_said(entry, today)]
    return "\n".join(lines)


def count(entries: Iterable[Entry]) -> str:
    """Give `1 acceptance`, `12 acceptances`."""
    return words.counted(len(list(entries)), "acceptance")


def _named(entry: Entry) -> str:
    severity = entry.severity.label
    return f"  {entry.id}  {entry.rule} {severity:8}  {terminal(entry.path) or _NAMELESS}"


def _said(entry: Entry, today: date) -> Iterator[str]:
    if entry.has_expired(today):
        until = f"EXPIRED on {entry.until}"
    elif entry.until - today <= _SOON:
        until = f"until {entry.until} (soon)"
    else:
        until = f"until {entry.until}"
    yield f"    by {terminal(entry.by)} on {entry.on}, {until}: {terminal(entry.reason)}"
