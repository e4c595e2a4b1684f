"""What a search for copies says beside the register: numbers, what was not read, what is open again."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.actions.copies import Copy
from breachkit.actions.hosting import Topic
from breachkit.actions.tracing_traffic import Reconciliation
from breachkit.report import escape
from breachkit.report.lint import mask_ids
from breachkit.report.words import counted


def as_text(
    unread: Mapping[Topic, str],
    unanswered: int,
    reconciliation: Reconciliation | None,
    reopened: Sequence[Copy],
) -> str:
    """Give what stands under the register on a terminal; empty where there is nothing to say.

    Args:
        unread: Topics that were not read in full, and why.
        unanswered: Questions to archives without a usable answer.
        reconciliation: Cloners against known holders; None where the platform was never read.
        reopened: Copies that are open again.
    """
    lines: list[str] = []
    if reopened:
        lines += ["Said to be deleted, and still there: open again"]
        lines += [f"  - {copy.id} {copy.label}" for copy in reopened]
    if reconciliation is not None:
        lines += ["Clones against known holders", f"  {reconciliation.text}"]
    if unread or unanswered:
        lines += [
            "Not read, or not all of it: to ask, or to run again",
            *_unread(unread, unanswered),
        ]
    shown = (mask_ids(escape.terminal(line)) for line in lines)
    return "\n".join(part for line in shown for part in _wrapped(line))


def to_json(
    unread: Mapping[Topic, str],
    unanswered: int,
    reconciliation: Reconciliation | None,
    reopened: Sequence[Copy],
) -> dict[str, Any]:
    """Give the same as JSON values; arguments as for `as_text`."""
    return {
        "not_read": {str(topic): mask_ids(why) for topic, why in unread.items()},
        "unanswered": unanswered,
        "reopened": [copy.id for copy in reopened],
        "clones": None if reconciliation is None else _clones(reconciliation),
    }


def _clones(found: Reconciliation) -> dict[str, Any]:
    return {
        "clones": found.clones,
        "cloners_at_least": found.at_least,
        "cloners_at_most": found.at_most,
        "holders": found.holders,
        "unnamed_at_least": found.unnamed_at_least,
        "first_day": found.first.isoformat() if found.first else None,
        "last_day": found.last.isoformat() if found.last else None,
        "days_not_counted": found.blind_days,
    }


def _unread(unread: Mapping[Topic, str], unanswered: int) -> Iterator[str]:
    yield from (f"  - {topic}: {why}" for topic, why in unread.items())
    if unanswered:
        questions = counted(unanswered, "question")
        yield f"  - archives: {questions} without a usable answer: run the command again"


def _wrapped(line: str) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip(" -")))
    return textwrap.wrap(
        line, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
