"""`breachkit.scan/1`: a scan result as one JSON object, for machines and for the case folder.

The only format beside `breachkit.scan-line/1` that carries object ids. Names and fields are a
promise to other programs, so they are written out here rather than derived from the model; the
promise itself is `schema/scan-1.schema.json`. Everything that a repository could choose (names,
labels) is escaped as in `model.ids.display`, so that no program that prints a field is misled.
"""

import json
from collections.abc import Mapping
from typing import Any

from breachkit.model.findings import (
    Accepted,
    Coverage,
    Finding,
    Lapsed,
    Location,
    ScanResult,
    Skipped,
    Stats,
)
from breachkit.model.ids import display, path_b64
from breachkit.model.judgement import Acceptance
from breachkit.model.time import rfc3339
from breachkit.report.masking import Masking


SCHEMA = "breachkit.scan/1"


def to_json(result: ScanResult, *, tool_version: str) -> dict[str, Any]:
    """Give the object; keys in the order of the contract.

    `path` is empty and `first_commit`, `first_date` are null where history has none: an object
    that no commit's tree holds.
    """
    masking = Masking.of(result, object_ids=True)
    return {
        "schema": SCHEMA,
        **head(result, masking, tool_version),
        "findings": [finding_to_json(finding, masking) for finding in result.findings],
        **_set_aside(result, masking),
        "skipped": [skipped_to_json(skipped, masking) for skipped in result.skipped],
    }


def _set_aside(result: ScanResult, masking: Masking) -> dict[str, Any]:
    """Give what does not count, under keys that stand there only where there is any."""
    lists = {
        "accepted": [accepted_to_json(each, masking) for each in result.accepted],
        "lapsed": [lapsed_to_json(each, masking) for each in result.lapsed],
        "known": [finding_to_json(each, masking) for each in result.known],
    }
    return {name: listed for name, listed in lists.items() if listed}


def to_bytes(result: ScanResult, *, tool_version: str) -> bytes:
    """Give the object as ASCII, one line for each key, finding and skipped thing."""
    written = to_json(result, tool_version=tool_version)
    lines = (f"  {json.dumps(key)}: {_value(value)}" for key, value in written.items())
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _value(value: object) -> str:
    """Write a list one entry a line; indenting everything costs four times as long."""
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n    " + ",\n    ".join(map(json.dumps, value)) + "\n  ]"


def head(result: ScanResult, masking: Masking, tool_version: str) -> dict[str, Any]:
    """Give everything about a scan but what it found and what it skipped."""
    return {
        "tool": {"name": "breachkit", "version": tool_version},
        "target": display(masking.target(result.target)),
        "policy": result.policy,
        "verdict": result.verdict,
        "complete": result.complete,
        **limits_to_json(result),
        "coverage": _coverage(result.coverage),
        "stats": _stats(result.stats),
    }


def limits_to_json(result: ScanResult) -> dict[str, Any]:
    """Give what a scan was limited to and compared with; nothing where it was neither."""
    limits, baseline = result.limits, result.baseline
    said: dict[str, Any] = {}
    if limits:
        since = limits.since
        said["limits"] = {
            "rules": list(limits.rules),
            "min_severity": limits.min_severity,
            "left_out": limits.left_out,
            "since": None
            if since is None
            else {"from": display(since.words), "older": since.older},
        }
    if baseline is not None:
        known = len(result.known) + sum(each.is_known for each in result.accepted)
        said["baseline"] = {
            "known": known,
            "gone": baseline.gone,
            "differences": list(map(display, baseline.differences)),
        }
    return said


def accepted_to_json(accepted: Accepted, masking: Masking) -> dict[str, Any]:
    """Give a finding that somebody accepted, and what they said."""
    said = _acceptance(accepted.acceptance, masking)
    return {**finding_to_json(accepted.finding, masking), "acceptance": said}


def lapsed_to_json(lapsed: Lapsed, masking: Masking) -> dict[str, Any]:
    """Give an acceptance that holds no longer, with the id of the finding that counts again."""
    return {
        "finding": lapsed.finding.id,
        "why": display(lapsed.why),
        "acceptance": _acceptance(lapsed.acceptance, masking),
    }


def _acceptance(acceptance: Acceptance, masking: Masking) -> dict[str, Any]:
    return {
        "id": acceptance.id,
        "by": _text(acceptance.by, masking),
        "reason": _text(acceptance.reason, masking),
        "on": acceptance.on.isoformat(),
        "until": acceptance.until.isoformat(),
    }


def finding_to_json(finding: Finding, masking: Masking) -> dict[str, Any]:
    """Give one finding."""
    hit, place = finding.hit, finding.attribution
    path = place.paths[0] if place.paths else b""
    return {
        "id": finding.id,
        "rule": hit.rule,
        "severity": hit.severity.label,
        "confidence": hit.confidence.label,
        "message": _text(hit.message, masking),
        "blob": finding.object_id,
        "size": finding.size,
        "path": masking.shown(path),
        "path_b64": _exact(path, masking),
        "paths": masking.all_shown(place.paths),
        "location": None if hit.location is None else _location(hit.location, masking),
        "first_commit": place.first_commit,
        "first_date": None if place.first_date is None else rfc3339(place.first_date),
        "last_commit": place.last_commit,
        "commits": place.commits,
        "refs": masking.all_shown(place.refs),
        "reach": place.reach,
    }


def skipped_to_json(skipped: Skipped, masking: Masking) -> dict[str, Any]:
    """Give one thing that was not examined."""
    return {
        "object": skipped.object_id,
        "path": None if skipped.path is None else masking.shown(skipped.path),
        "reason": _text(skipped.reason, masking),
    }


def _text(text: str, masking: Masking) -> str:
    return display(masking.text(text))


def _exact(path: bytes, masking: Masking) -> str | None:
    return None if masking.hides(path) else path_b64(path)


def _location(location: Location, masking: Masking) -> dict[str, Any]:
    return {
        "part": None if location.part is None else _text(location.part, masking),
        "rows": list(location.rows),
        "columns": [_text(column, masking) for column in location.columns],
        "cells": location.cells,
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "refs": {display(namespace): count for namespace, count in coverage.refs.items()},
        "objects": {
            kind: {
                "read": count.read,
                "cached": count.cached,
                "skipped": count.skipped,
                "missing": count.missing,
            }
            for kind, count in coverage.objects.items()
        },
        "shallow": coverage.shallow,
        "partial": coverage.partial,
        "unreachable": coverage.unreachable,
        "left_out": coverage.left_out,
    }


def _stats(stats: Stats) -> Mapping[str, Any]:
    return {
        "commits": stats.commits,
        "refs": stats.refs,
        "objects": stats.objects,
        "blobs": stats.blobs,
        "blobs_examined": stats.blobs_examined,
        "bytes_examined": stats.bytes_examined,
        "seconds": round(stats.seconds, 3),
    }
