"""The check of a release as SARIF 2.1.0: its findings, and the items of the checklist that do not pass.

As of a scan: no content, no object ids, no line numbers.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from breachkit.actions.release_checks import CheckResult, Concern, ItemResult, Outcome
from breachkit.detect.rule import About
from breachkit.report import check_words, sarif
from breachkit.report.escape import markdown, terminal
from breachkit.report.masking import Masking
from breachkit.report.sarif import without_links


_LEVELS = {Outcome.FAIL: "error", Outcome.PERSON: "note", Outcome.PASS: "none"}
_MOST_FILES = 100
"""Results for one reason; the rest is counted in the first."""


def to_sarif(result: CheckResult, about: Sequence[About], *, tool_version: str) -> dict[str, Any]:
    """Give the log: that of the findings, with one more rule for each item of the checklist."""
    log = sarif.to_sarif(result.scan, about, tool_version=tool_version)
    run = log["runs"][0]
    masking = Masking.of(result.scan)
    rules = run["tool"]["driver"]["rules"]
    first = len(rules)
    rules += [_rule(each) for each in result.items]
    run["automationDetails"] = {"id": "breachkit-check/"}
    base = run["originalUriBaseIds"]
    base[next(iter(base))] = {"description": {"text": "Where the check was started."}}
    for number, item in enumerate(result.items, start=first):
        run["results"] += _results(item, number, masking)
    run["properties"] |= {"passes": result.passes, "verdict": check_words.verdict(result)}
    return log


def to_bytes(result: CheckResult, about: Sequence[About], *, tool_version: str) -> bytes:
    """Give the log as one line of ASCII."""
    return (json.dumps(to_sarif(result, about, tool_version=tool_version)) + "\n").encode("ascii")


def _rule(each: ItemResult) -> dict[str, Any]:
    text = f"{each.item.title}\n\nWhat to do: {each.item.remedy}\n\nSource: {check_words.source(each)}"  # fmt: skip
    return {
        "id": f"RELEASE-{each.item.id}",
        "name": each.item.title,
        "shortDescription": {"text": each.item.title},
        "fullDescription": {"text": each.item.title},
        "help": {"text": text, "markdown": markdown(text.replace("\n\n", " "))},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["disclosure", "release"]},
    }


def _results(item: ItemResult, number: int, masking: Masking) -> Iterator[dict[str, Any]]:
    """Give what no finding tells already: one result for each file, or for the folder."""
    for concern in item.concerns:
        if concern.findings:
            continue
        for path in concern.paths[:_MOST_FILES] or (b".",):
            yield _result(item, number, concern, path, masking)


def _result(
    item: ItemResult, number: int, concern: Concern, path: bytes, masking: Masking
) -> dict[str, Any]:
    said = check_words.concern(concern, lambda name: terminal(_masked(name, masking)))
    more = len(concern.paths) - _MOST_FILES
    end = f" The same of {more:,} more files." if more > 0 and path == concern.paths[0] else ""
    uri = quote(masking.mask(path))
    written: dict[str, Any] = {
        "ruleId": f"RELEASE-{item.item.id}",
        "ruleIndex": number,
        "level": _LEVELS[concern.outcome],
        "message": {"text": without_links(f"{item.item.title} {said}.{end}")},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": sarif.ROOT}}}
        ],
        "partialFingerprints": {"breachkitPlace/v1": _fingerprint(item.item.id, said, uri)},
        "properties": {"outcome": str(concern.outcome)},
    }
    if concern.answer is not None:
        justification = check_words.answer(concern.answer, lambda name: terminal(_masked(name, masking)))  # fmt: skip
        written["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": justification}
        ]
    return written


def _fingerprint(*parts: str) -> str:
    """Identify a result by what stands in it in clear."""
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()


def _masked(name: bytes | str, masking: Masking) -> bytes | str:
    return masking.text(name) if isinstance(name, str) else masking.mask(name)
