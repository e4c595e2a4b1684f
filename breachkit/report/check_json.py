"""`breachkit.check/1`: the check of a release as one JSON object.

Findings are written as those of `breachkit.scan/1`, without what only a history has and without
object ids. No digest of a file stands in it: that of a small table tells its counts.
"""

from typing import Any

from breachkit.actions.release_checks import Answer, CheckResult, Concern, ItemResult
from breachkit.model.findings import Accepted, Finding
from breachkit.model.ids import GitPath, display, path_b64
from breachkit.report import check_words, json_v1
from breachkit.report.masking import Masking


SCHEMA = "breachkit.check/1"
_OF_HISTORY = ("blob", "paths", "first_commit", "first_date", "last_commit", "commits", "refs", "reach")  # fmt: skip


def to_json(result: CheckResult, *, tool_version: str) -> dict[str, Any]:
    """Give the object; keys in the order of the contract."""
    masking = Masking.of(result.scan)
    scan = result.scan
    return {
        "schema": SCHEMA,
        "tool": {"name": "breachkit", "version": tool_version},
        "target": display(masking.target(scan.target)),
        "policy": scan.policy,
        "limits": _limits(result),
        "passes": result.passes,
        "verdict": check_words.verdict(result),
        "complete": scan.complete,
        "stats": {
            "files": len(result.files),
            "files_examined": scan.stats.blobs_examined,
            "bytes_examined": scan.stats.bytes_examined,
            "seconds": round(scan.stats.seconds, 3),
        },
        "items": [_item(each, masking) for each in result.items],
        "findings": [_finding(each, masking) for each in scan.findings],
        "accepted": [_accepted(each, masking) for each in scan.accepted],
        "lapsed": [json_v1.lapsed_to_json(each, masking) for each in scan.lapsed],
        "answers_unused": [_answer(each, masking) for each in result.unused],
        "answers_lapsed": [_answer(each, masking) for each in result.lapsed],
        "skipped": [
            {"path": _path(each.path, masking), "reason": _text(each.reason, masking)}
            for each in scan.skipped
        ],
        "files": [
            {
                "path": masking.shown(each.path),
                "path_b64": None if masking.hides(each.path) else path_b64(each.path),
                "size": each.size,
            }
            for each in result.files
        ],
    }


def _limits(result: CheckResult) -> dict[str, Any] | None:
    """Give what the policy states, with its source and its day."""
    policy = result.policy
    if policy is None:
        return None
    return {
        "since": policy.since.isoformat(),
        "source": display(policy.source),
        "threshold": policy.threshold,
        "rounding": policy.rounding,
        "file_types": sorted(policy.file_types),
        "max_size_bytes": policy.max_size_bytes,
        "max_rows": policy.max_rows,
    }


def _item(each: ItemResult, masking: Masking) -> dict[str, Any]:
    return {
        "id": each.item.id,
        "title": display(each.item.title),
        "outcome": str(each.outcome),
        "reasons": [_concern(one, masking) for one in each.concerns],
        "note": each.note,
        "remedy": display(each.item.remedy),
        "source": display(each.item.source),
        "as_of": each.item.as_of.isoformat(),
    }


def _concern(each: Concern, masking: Masking) -> dict[str, Any]:
    return {
        "what": _text(each.what, masking),
        "outcome": str(each.outcome),
        "open": each.is_open,
        "files": list(map(masking.shown, each.paths)),
        "columns": [_text(column, masking) for column in each.columns],
        "findings": list(each.findings),
        "answer": None if each.answer is None else _answer(each.answer, masking),
    }


def _answer(each: Answer, masking: Masking) -> dict[str, Any]:
    return {
        "item": each.item,
        "by": _text(each.by, masking),
        "on": each.on.isoformat(),
        "until": None if each.until is None else each.until.isoformat(),
        "reason": _text(each.reason, masking),
        "files": [_text(name, masking) for name in each.files],
        "data": [_text(name, masking) for name in each.data],
    }


def _finding(each: Finding, masking: Masking) -> dict[str, Any]:
    written = json_v1.finding_to_json(each, masking)
    return {key: value for key, value in written.items() if key not in _OF_HISTORY}


def _accepted(each: Accepted, masking: Masking) -> dict[str, Any]:
    written = json_v1.accepted_to_json(each, masking)
    return {key: value for key, value in written.items() if key not in _OF_HISTORY}


def _path(path: GitPath | None, masking: Masking) -> str | None:
    return None if path is None else masking.shown(path)


def _text(text: str, masking: Masking) -> str:
    return display(masking.text(text))
