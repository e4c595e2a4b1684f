"""A sweep's result as SARIF 2.1.0: a run for each repository, in a file of its own or all in one.

As with a scan's, nothing in it is computed from content alone. `breachkitMark/v1` is the keyed mark that
tells a finding from one sweep to the next; whoever does not have the key learns nothing from it.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 3.17.3
(`automationDetails.id`, what GitHub calls a category) and 3.27.24 (`baselineState`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from breachkit.actions.sweeping import Life, Record, Seen, Standing, Sweep, Swept
from breachkit.detect.rule import About
from breachkit.report import words
from breachkit.report.escape import terminal
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
    rules = _rules(made, about)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "breachkit", "version": tool_version, "rules": rules}
    chosen = made.repositories if only is None else (only,)
    runs = [_run(made, one, driver, index) for one in chosen]
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": runs}


def to_bytes(
    made: Sweep, about: Sequence[About], *, tool_version: str, only: Swept | None = None
) -> bytes:
    """Give the log as one line of ASCII."""
    log = to_sarif(made, about, tool_version=tool_version, only=only)
    return (json.dumps(log) + "\n").encode("ascii")


def _rules(made: Sweep, about: Sequence[About]) -> list[dict[str, Any]]:
    known = {each.id for each in about}
    every = {record.seen.rule for one in made.repositories for record in one.records}
    return [*map(rule_descriptor, about), *({"id": rule} for rule in sorted(every - known))]


def _run(
    made: Sweep, one: Swept, driver: Mapping[str, Any], index: Mapping[str, int]
) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"breachkit/{quote(outcome.name)}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The scanned repository."}}},
        "invocations": [_invocation(one)],
        "results": [_result(record, index[record.seen.rule]) for record in one.records],
        "properties": {
            "repository": outcome.name,
            "standing": outcome.standing.value,
            "complete": outcome.complete,
            "policy": made.policy,
        },
    }


def _invocation(one: Swept) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "executionSuccessful": outcome.standing is not Standing.FAILED,
        "toolExecutionNotifications": [
            {"level": "warning", "message": {"text": without_links(terminal(text))}}
            for text in _notes(one)
        ],
    }


def _notes(one: Swept) -> Iterator[str]:
    outcome = one.outcome
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
    sentences = (terminal(seen.message), where(seen))
    return " ".join(sentence(each) for each in sentences if each)


def where(seen: Seen) -> str:
    """Say in words where in its file a finding is; empty where nothing tells."""
    parts = []
    if seen.part:
        parts.append(f"in {terminal(seen.part)}")
    if seen.columns:
        parts.append(
            f"column{'s' * (len(seen.columns) > 1)} {', '.join(map(terminal, seen.columns))}"
        )
    if seen.rows:
        parts.append(f"row{'s' * (len(seen.rows) > 1)} {words.ranges(seen.rows)}")
    if seen.cells:
        parts.append(f"{words.counted(seen.cells, 'cell')} in all")
    return ", ".join(parts)


def _place(seen: Seen) -> dict[str, Any]:
    uri = quote(seen.path or _REPOSITORY_ITSELF)
    place: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": ROOT}}
    }
    labels = dict.fromkeys(map(terminal, (*([seen.part] if seen.part else []), *seen.columns)))
    if labels:
        place["logicalLocations"] = [{"name": label, "kind": "member"} for label in labels]
    return place
