"""`breachkit.redaction/1`: what a call of `redact` came to, for machines; no value of any table."""

from collections.abc import Mapping, Sequence
from typing import Any

from breachkit.actions.redacted import RedactedFile, Redaction
from breachkit.actions.redaction_plan import TablePlan
from breachkit.documents.table import Table
from breachkit.model.findings import Hit
from breachkit.model.ids import display, path_b64
from breachkit.report.masking import Masking
from breachkit.report.redaction import masking_of
from breachkit.report.redaction_words import (
    IN_NAME,
    Group,
    groups,
    is_least,
    is_least_of_all,
    is_mended,
)


SCHEMA = "breachkit.redaction/1"


def to_json(
    redaction: Redaction, *, tool_version: str, following: Mapping[str, str]
) -> dict[str, Any]:
    """Give the object.

    Args:
        redaction: What the call came to.
        tool_version: Of breachkit.
        following: The next command and what it is for.
    """
    masking = masking_of(redaction)
    rounding = redaction.plan.options.rounding
    return {
        "schema": SCHEMA,
        "tool": {"name": "breachkit", "version": tool_version},
        "policy": redaction.plan.policy.name,
        "rounding": None if rounding is None else rounding.label,
        "refused": redaction.refusal,
        "kept": redaction.kept,
        "complete": not (redaction.left_out or redaction.unread or redaction.failed),
        "is_least": is_least_of_all(redaction.plan),
        "files": [_file(each, masking) for each in redaction.files],
        "left_out": [
            {**_path(each.path, masking), "reason": display(masking.text(each.reason))}
            for each in redaction.left_out
        ],
        "exit_code": redaction.exit_code,
        "next": dict(following),
    }


def _path(path: bytes, masking: Masking) -> dict[str, Any]:
    exact = None if masking.hides(path) else path_b64(path)
    return {"path": masking.shown(path), "path_b64": exact}


def _file(file: RedactedFile, masking: Masking) -> dict[str, Any]:
    return {
        **_path(file.path, masking),
        "fate": str(file.fate),
        "output": None if file.output is None else masking.shown(bytes(file.output)),
        "tables": [
            {**_table(table, plan, masking), "repeats": file.repeats.get(plan.table)}
            for table, plan in zip(file.tables, file.plan.tables, strict=True)
        ],
        "fixed": list(map(display, file.fixed)),
        "remarks": list(map(display, file.remarks)),
        "findings": [_finding(hit, masking) for hit in file.hits],
        "unread": [display(masking.text(each)) for each in file.unread],
    }


def _table(table: Table, plan: TablePlan, masking: Masking) -> dict[str, Any]:
    return {
        "part": None if table.part is None else display(masking.text(table.part)),
        "rows": len(table.rows),
        "columns": len(table.header),
        "changes": [_group(each, masking) for each in groups(table, plan)],
        "counts": plan.counts,
        "lost": plan.lost,
        "already": plan.already,
        "share_lost": round(plan.share_lost, 4),
        "engine": plan.engine,
        "is_least": is_least(plan),
        "open": len(plan.open),
        "questions": [
            {"columns": _labels(each.columns, masking), "asked": each.asked.value}
            for each in plan.questions
        ],
    }


def _group(group: Group, masking: Masking) -> dict[str, Any]:
    return {
        "why": group.why.name.lower(),
        "takes_out": group.why.takes_out,
        "columns": _labels(group.columns, masking),
        "rows": [row for row in group.rows if row != IN_NAME],
        "in_name": IN_NAME in group.rows,
        "cells": group.cells,
    }


def _labels(columns: Sequence[str], masking: Masking) -> list[str]:
    return [display(masking.text(each)) for each in columns]


def _finding(hit: Hit, masking: Masking) -> dict[str, Any]:
    place = hit.location
    return {
        "rule": hit.rule,
        "severity": hit.severity.label,
        "confidence": hit.confidence.label,
        "message": display(masking.text(hit.message)),
        "mended_by_redacting": is_mended(hit),
        "location": None
        if place is None
        else {
            "part": None if place.part is None else display(masking.text(place.part)),
            "rows": list(place.rows),
            "columns": _labels(place.columns, masking),
            "cells": place.cells,
        },
    }
