"""A sweep's result as SARIF 2.1.0: a run for each repository, in a file of its own or all in one.

As with a scan's, nothing in it is computed from content alone. `breachkitMark/v1` is the keyed mark that
tells a finding from one sweep to the next; whoever does not have the key learns nothing from it.

The file of one repository is made to be uploaded to it, so it keeps to what GitHub takes, and has nothing
that is gone: GitHub knows no `baselineState`, and would show it as open.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 3.17.3
(`automationDetails.id`, what GitHub calls a category) and 3.27.24 (`baselineState`); GitHub Docs, "SARIF
results exceed limits".
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from breachkit.actions.sweeping import Life, Record, Seen, Standing, Sweep, Swept
from breachkit.detect.rule import About
from breachkit.model.ids import display
from breachkit.report import sweep_words, words
from breachkit.report.escape import shown
from breachkit.report.sarif import (
    LEVELS,
    ROOT,
    SCHEMA_URI,
    SCORES,
    rule_descriptor,
    sentence,
    without_links,
)


_STATES = {
    Life.NEW: "new",
    Life.KNOWN: "unchanged",
    Life.ACCEPTED: "unchanged",
    Life.GONE: "absent",
}
_REPOSITORY_ITSELF = "."
MOST_RUNS = 20
"""What GitHub takes in one file."""
MOST_RESULTS = 25_000
"""What it takes in one run."""


def to_sarif(
    made: Sweep, about: Sequence[About], *, tool_version: str, only: Swept | None = None
) -> dict[str, Any]:
    """Give the log.

    Args:
        made: The sweep.
        about: What the rules say about themselves, in the order of the registry.
        tool_version: breachkit's own.
        only: One of its repositories; None gives all of them, a run each.
    """
    chosen = made.repositories if only is None else (only,)
    runs = [
        _run(made, one, _told(one, is_alone=only is not None), about, tool_version)
        for one in chosen
    ]
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": runs}


def to_bytes(
    made: Sweep, about: Sequence[About], *, tool_version: str, only: Swept | None = None
) -> bytes:
    """Give the log as one line of ASCII."""
    log = to_sarif(made, about, tool_version=tool_version, only=only)
    return (json.dumps(log) + "\n").encode("ascii")


def _rules(told: Sequence[Record], about: Sequence[About]) -> list[dict[str, Any]]:
    """Give the rules that found something: all of them, in each of many runs, would be most of the file."""
    used = {record.seen.rule for record in told}
    known = {each.id for each in about}
    described = [rule_descriptor(each) for each in about if each.id in used]
    return [*described, *({"id": rule} for rule in sorted(used - known))]


def _told(one: Swept, *, is_alone: bool) -> list[Record]:
    """Give the records of a run: of one that is uploaded, those that are there, the worst first."""
    if not is_alone:
        return sweep_words.in_order(one.records)
    there = sweep_words.in_order(one.of(Life.NEW, Life.KNOWN, Life.ACCEPTED))
    return sorted(there, key=lambda record: -record.seen.severity)[:MOST_RESULTS]


def _run(
    made: Sweep, one: Swept, told: Sequence[Record], about: Sequence[About], tool_version: str
) -> dict[str, Any]:
    rules = _rules(told, about)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "breachkit", "version": tool_version, "rules": rules}
    outcome = one.outcome
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"breachkit/{quote(_category(made, one))}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The scanned repository."}}},
        "invocations": [_invocation(one, len(told))],
        "results": [_result(record, index[record.seen.rule]) for record in told],
        "properties": {
            "repository": outcome.name,
            "standing": outcome.standing.value,
            "complete": outcome.complete,
            "policy": made.policy,
        },
    }


def _category(made: Sweep, one: Swept) -> str:
    """Give what tells the runs of repositories apart: the name, or the place where others have the name."""
    name = one.outcome.name
    alike = sum(other.outcome.name == name for other in made.repositories)
    return name if alike == 1 else display(one.outcome.key)


def _invocation(one: Swept, told: int) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "executionSuccessful": outcome.standing is not Standing.FAILED,
        "toolExecutionNotifications": [
            {"level": "warning", "message": {"text": without_links(shown(text))}}
            for text in _notes(one, told)
        ],
    }


def _notes(one: Swept, told: int) -> Iterator[str]:
    outcome = one.outcome
    if told == MOST_RESULTS < len(one.of(Life.NEW, Life.KNOWN, Life.ACCEPTED)):
        yield f"Only the worst {MOST_RESULTS:,} findings are told here: a report as JSON has all."
    if outcome.reason:
        yield sentence(f"{outcome.standing}: {outcome.reason}")
    if outcome.unread:
        yield f"Not examined: {words.counted(outcome.unread, 'object')}."


def _result(record: Record, rule_index: int) -> dict[str, Any]:
    seen = record.seen
    result: dict[str, Any] = {
        "ruleId": seen.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[seen.severity],
        "message": {"text": without_links(_message(seen))},
        "locations": [_place(seen)],
        "partialFingerprints": {"breachkitMark/v1": seen.mark},
        "baselineState": _STATES[record.life],
        "properties": {
            "severity": seen.severity.label,
            "security-severity": SCORES[seen.severity],
            "confidence": seen.confidence,
            "reach": seen.reach,
            "life": record.life.value,
        },
    }
    if record.life is Life.ACCEPTED:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    return result


def _message(seen: Seen) -> str:
    sentences = (shown(seen.message), sweep_words.where(seen))
    return " ".join(sentence(each) for each in sentences if each)


def _place(seen: Seen) -> dict[str, Any]:
    uri = quote(seen.path or _REPOSITORY_ITSELF)
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": ROOT}}
    }
    labels = dict.fromkeys(map(shown, (*([seen.part] if seen.part else []), *seen.columns)))
    if labels:
        place["logicalLocations"] = [{"name": label, "kind": "member"} for label in labels]
    return place
