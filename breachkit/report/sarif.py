"""SARIF 2.1.0, for code-scanning services and editors.

Made to be uploaded, so it carries no object ids, no content and nothing computed from content. No
result has a line number: GitHub's upload action adds to any result with one a hash of that line,
and the hash of a row with a small count tells the count. Rows and columns stand in the message.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub Docs,
"SARIF support for code scanning".
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from breachkit.detect.rule import About
from breachkit.model.findings import Accepted, Confidence, Finding, ScanResult, Severity, Skipped
from breachkit.report import words
from breachkit.report.escape import markdown, terminal
from breachkit.report.explain import about_markdown
from breachkit.report.json_v1 import limits_to_json
from breachkit.report.masking import Masking


SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "SRCROOT"
"""What the places of results are relative to."""
_REPOSITORY_ITSELF = b"."
"""Where messages and nameless objects are: GitHub refuses a whole file for one result without a
location."""

LEVELS = {
    Severity.INFO: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
SCORES = {
    Severity.INFO: "0.0",
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""Within the bands GitHub names: over 9.0 critical, 7.0-8.9 high, 4.0-6.9 medium, below low."""
_PRECISION = {Confidence.LOW: "low", Confidence.MEDIUM: "medium", Confidence.HIGH: "high"}
_MOST_EXAMPLES = 10


def to_sarif(result: ScanResult, about: Sequence[About], *, tool_version: str) -> dict[str, Any]:
    """Give the log: one run, its rules, results, and what was not examined.

    Args:
        result: What the scan said.
        about: What the rules say about themselves, in the order of the registry.
        tool_version: breachkit's own.
    """
    masking = Masking.of(result)
    rules = _rules(result, about)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {"name": "breachkit", "version": tool_version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "breachkit/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The scanned repository."}}},
        "invocations": [_invocation(result, masking)],
        "results": list(_results(result, index, masking)),
        "properties": {
            "verdict": result.verdict,
            "complete": result.complete,
            "policy": result.policy,
            **limits_to_json(result),
        },
    }
    return {"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]}


def to_bytes(result: ScanResult, about: Sequence[About], *, tool_version: str) -> bytes:
    """Give the log as one line of ASCII."""
    log = to_sarif(result, about, tool_version=tool_version)
    return (json.dumps(log) + "\n").encode("ascii")


def _rules(result: ScanResult, about: Sequence[About]) -> list[dict[str, Any]]:
    described = [rule_descriptor(each) for each in about]
    known = {each.id for each in about}
    others = sorted({finding.hit.rule for finding in result.everything} - known)
    return [*described, *({"id": rule} for rule in others)]


def rule_descriptor(about: About) -> dict[str, Any]:
    """Give a rule as SARIF's `reportingDescriptor`."""
    text = f"{about.why}\n\nWhat to do: {about.remedy}\n\nSource: {about.source}"
    return {
        "id": about.id,
        "name": about.title,
        "shortDescription": {"text": about.title},
        "fullDescription": {"text": about.why},
        "help": {"text": text, "markdown": about_markdown(about)},
        "defaultConfiguration": {"level": LEVELS[about.severity]},
        "properties": {
            "security-severity": SCORES[about.severity],
            "precision": _PRECISION[about.confidence],
            "tags": ["security", "disclosure"],
        },
    }


def _results(
    result: ScanResult, index: Mapping[str, int], masking: Masking
) -> Iterator[dict[str, Any]]:
    """Give every finding, those that do not count with the reason why (3.27.23, 3.27.24)."""

    def written(finding: Finding, *, is_known: bool) -> dict[str, Any]:
        state = {"baselineState": "unchanged" if is_known else "new"} if result.baseline else {}
        return _result(finding, index[finding.hit.rule], masking) | state

    for finding in result.findings:
        yield written(finding, is_known=False)
    for accepted in result.accepted:
        suppression = _suppression(accepted, masking)
        said = {"suppressions": [suppression]}
        yield written(accepted.finding, is_known=accepted.is_known) | said
    for finding in result.known:
        yield written(finding, is_known=True)


def _suppression(accepted: Accepted, masking: Masking) -> dict[str, str]:
    said = terminal(masking.text(words.acceptance(accepted.acceptance)))
    return {"kind": "external", "status": "accepted", "justification": sentence(said)}


def _result(finding: Finding, rule_index: int, masking: Masking) -> dict[str, Any]:
    hit = finding.hit
    labels = _labels(finding, masking)
    return {
        "ruleId": hit.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[hit.severity],
        "message": _message(finding, masking),
        "locations": [_place(finding, labels, masking)],
        "partialFingerprints": {"breachkitPlace/v1": _fingerprint(finding, labels, masking)},
        "properties": {
            "severity": hit.severity.label,
            "security-severity": SCORES[hit.severity],
            "confidence": hit.confidence.label,
            "reach": finding.attribution.reach,
        },
    }


def _message(finding: Finding, masking: Masking) -> dict[str, str]:
    def told(show: words.Show) -> str:
        sentences = (
            show(masking.text(finding.hit.message)),
            words.where(finding.hit.location, lambda label: show(_masked(label, masking))),
            words.reach(finding.attribution, lambda ref: show(_masked(ref, masking))),
            words.when(finding.attribution),
        )
        return " ".join(sentence(each) for each in sentences if each)

    return {"text": without_links(told(terminal)), "markdown": told(markdown)}


def _masked(name: bytes | str, masking: Masking) -> bytes | str:
    return masking.text(name) if isinstance(name, str) else masking.mask(name)


def sentence(text: str) -> str:
    """Give a text as a sentence: a capital first, a full stop last."""
    first = text.partition(" ")[0]
    start = text[:1].upper() if first.islower() else text[:1]  # ehrQL keeps its spelling
    return start + text[1:].rstrip(".") + "."


def without_links(text: str) -> str:
    r"""Escape what SARIF's plain messages read as links and placeholders (3.11.5, 3.11.6)."""
    escaped = text.replace("[", "\\[").replace("]", "\\]")
    return escaped.replace("{", "{{").replace("}", "}}")


def _labels(finding: Finding, masking: Masking) -> list[str]:
    location = finding.hit.location
    if location is None:
        return []
    parts = [location.part] if location.part is not None else []
    return [terminal(masking.text(label)) for label in (*parts, *location.columns)]


def _place(finding: Finding, labels: Sequence[str], masking: Masking) -> dict[str, Any]:
    path = next(iter(finding.attribution.paths), _REPOSITORY_ITSELF)
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path, masking)}}
    if labels:
        place["logicalLocations"] = [
            {"name": label, "kind": "member"} for label in dict.fromkeys(labels)
        ]
    return place


def _artifact(path: bytes, masking: Masking) -> dict[str, str]:
    return {"uri": quote(masking.mask(path)), "uriBaseId": ROOT}


def _fingerprint(finding: Finding, labels: Sequence[str], masking: Masking) -> str:
    """Identify a finding by rule and place: the same before and after a rewrite.

    Made only of what stands in the result in clear, so that nobody learns anything from it.
    """
    path = next(iter(finding.attribution.paths), b"")
    parts = (finding.hit.rule, quote(masking.mask(path)), *labels)
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _invocation(result: ScanResult, masking: Masking) -> dict[str, Any]:
    notes = [_notification(terminal(each)) for each in words.limits(result)]
    notes += [_skipped(*each, masking) for each in words.reasons(result.skipped)]
    if gaps := words.clone_gaps(result.coverage):
        notes.append(_notification(gaps))
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _skipped(reason: str, skipped: Sequence[Skipped], masking: Masking) -> dict[str, Any]:
    masked = (masking.mask(each.path) for each in skipped if each.path is not None)
    paths = list(dict.fromkeys(masked))[:_MOST_EXAMPLES]
    count = words.counted(len(skipped), "object")
    note = _notification(f"Not examined: {count}: {terminal(masking.text(reason))}")
    if paths:
        places = ({"artifactLocation": _artifact(path, masking)} for path in paths)
        note["locations"] = [{"physicalLocation": place} for place in places]
    return note


def _notification(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": without_links(text)}}
