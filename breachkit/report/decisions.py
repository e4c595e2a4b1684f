"""What was decided about a case, and what is still open, for people and for machines."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from breachkit.incident.decisions import Decision
from breachkit.incident.matters import Matter
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One matter, and what was decided about it last."""

    matter: Matter
    decision: Decision | None
    is_open: bool
    """Whether the case cannot be closed before it is decided for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dismissal:
    """A finding that somebody judged, as the latest scan sees it."""

    decision: Decision
    found_as: tuple[str, ...]
    """Numbers it has in the latest scan; empty where it is found no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All that can be decided, and all that was."""

    standing: tuple[Standing, ...]
    findings: tuple[Dismissal, ...]
    history: tuple[Decision, ...]
    """Every decision of the case, oldest first, also those that no longer hold."""
    is_informed: bool
    """Whether the data protection officer or the controller is known to have been told."""
    severity: str
    table: str
    """The organisation's table of effect and likelihood, in a line; empty where it has none."""
    has_grades: bool = False
    """Whether that table has grades to choose from, or is a rule in words."""


def lines(overview: Overview) -> tuple[str, ...]:
    """Give the overview as lines for a terminal."""
    return tuple(
        part
        for line in _lines(overview)
        for part in textwrap.wrap(
            line,
            _WIDTH,
            subsequent_indent=" " * 7,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


_WIDTH = 78


def to_json(overview: Overview) -> dict[str, Any]:
    """Give the overview in JSON's own types; schema `breachkit.decisions/1`."""
    return {
        "schema": "breachkit.decisions/1",
        "severity": overview.severity,
        "informed": overview.is_informed,
        "open": [each.matter.about for each in overview.standing if each.is_open],
        "matters": [_matter_json(each) for each in overview.standing],
        "findings": [
            {**_decision_json(each.decision), "found_as": list(each.found_as)}
            for each in overview.findings
        ],
        "history": [_decision_json(each) for each in overview.history],
    }


def _lines(overview: Overview) -> Iterator[str]:
    yield f"severity: {overview.severity}"
    if not overview.is_informed:
        yield "nobody is known to have told the data protection officer or the controller"
    for each in overview.standing:
        yield from _of_matter(each)
    for dismissal in overview.findings:
        yield _of_finding(dismissal)
    if overview.table:
        how = "--effect and --likelihood" if overview.has_grades else "--answer TEXT"
        yield f"     dspt, {how}: {terminal(overview.table)}"


def _of_matter(standing: Standing) -> Iterator[str]:
    """Say what was decided; of what nobody decided, only what the case cannot be closed without."""
    matter, decision = standing.matter, standing.decision
    if decision is None and not standing.is_open:
        return
    mark = "OPEN" if standing.is_open else "    "
    yield f"{mark} {matter.about}: {matter.question}"
    if decision is not None:
        yield f"       {_who(decision)}: {terminal(decision.answer)} ({terminal(decision.reason)})"
    if standing.is_open:
        choices = ", ".join(matter.answers) or matter.takes
        yield f"       answer: {choices}; usually decided by: {matter.usually}"


def _of_finding(dismissal: Dismissal) -> str:
    decision = dismissal.decision
    number = terminal(decision.text("finding"))
    now = ", ".join(dismissal.found_as) or "no longer found"
    return f"     finding {number} {decision.answer} by {_who(decision)}; in the latest scan: {now}"


def _who(decision: Decision) -> str:
    name = terminal(decision.decider or decision.text("by") or "not said by whom")
    role = f" ({terminal(decision.role)})" if decision.role else ""
    return f"{name}{role}, {decision.at:%Y-%m-%d %H:%M} UTC"


def _matter_json(standing: Standing) -> dict[str, Any]:
    decision = standing.decision
    return {
        "about": standing.matter.about,
        "question": standing.matter.question,
        "answers": list(standing.matter.answers),
        "open": standing.is_open,
        "decision": _decision_json(decision) if decision else None,
    }


def _decision_json(decision: Decision) -> dict[str, Any]:
    """Keyed digests stay out: whoever has the key could confirm a guess with them."""
    more = {k: v for k, v in decision.extra.items() if not k.endswith("sha256")}
    return {
        "about": decision.about,
        "answer": decision.answer,
        "decider": decision.decider,
        "role": decision.role,
        "reason": decision.reason,
        "at": rfc3339(decision.at),
        "entry": decision.seq,
        "more": more,
    }
