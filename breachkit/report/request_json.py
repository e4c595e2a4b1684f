"""`breachkit.request/1`: a release request as one JSON object.

Of the numbers of the files it has those that the form has, and no others; no digest stands in it.
"""

from collections.abc import Sequence
from typing import Any

from breachkit.actions.request import (
    Answered,
    Control,
    Filled,
    Output,
    Request,
    Stated,
    TableFacts,
)
from breachkit.model.ids import display, path_b64
from breachkit.report import check_words
from breachkit.report.masking import Masking


SCHEMA = "breachkit.request/1"


def to_json(request: Request, *, tool_version: str) -> dict[str, Any]:
    """Give the object; keys in the order of its schema."""
    masking = Masking.of(request.check.scan)
    return {
        "schema": SCHEMA,
        "tool": {"name": "breachkit", "version": tool_version},
        "folder": request.folder,
        "date": request.day.isoformat(),
        "policy": request.check.scan.policy,
        "form": {
            "title": request.form.title,
            "source": request.form.source,
            "as_of": request.form.as_of.isoformat(),
        },
        "check": {
            "passes": request.check.passes,
            "verdict": check_words.verdict(request.check),
            "failed": [each.item.id for each in request.check.failed],
            "needs_a_person": [each.item.id for each in request.check.waits_for_person],
        },
        "complete": not request.unread,
        "open": request.open,
        "header": [_answered(each) for each in request.header],
        "sections": [_section(each, masking) for each in request.sections],
        "unread": [
            {"path": masking.shown(path) if path else None, "reasons": _texts(reasons, masking)}
            for path, reasons in request.unread.items()
        ],
    }


def _texts(texts: Sequence[str], masking: Masking) -> list[str]:
    return [display(masking.text(each)) for each in texts]


def _answered(each: Answered) -> dict[str, Any]:
    question = each.question
    return {
        "id": question.id,
        "title": question.title,
        "source": question.source,
        "as_of": question.as_of.isoformat(),
        "told": list(each.told),
        "open": list(each.open),
    }


def _section(each: Filled, masking: Masking) -> dict[str, Any]:
    section = each.section
    is_masked = any(output.is_masked for output in section.outputs)
    return {
        "pattern": None if is_masked else display(section.pattern),
        "files": [_output(output, masking) for output in section.outputs],
        "answers": [_answered(one) for one in each.answers],
        "check": list(each.fails),
    }


def _output(output: Output, masking: Masking) -> dict[str, Any]:
    return {
        "path": masking.shown(output.path),
        "path_b64": None if output.is_masked else path_b64(output.path),
        "size": output.size,
        "kind": output.facts.kind,
        "tables": [_table(each) for each in output.facts.tables],
        "redactions": list(output.redactions),
        "unread": _texts(output.facts.unread, masking),
    }


def _table(table: TableFacts) -> dict[str, Any]:
    return {
        "rows": table.rows,
        "columns": table.columns,
        "variables": [{"label": each.label, "meaning": each.meaning} for each in table.variables],
        "populations": [_stated(each) for each in table.populations],
        "observations": [_stated(each) for each in table.observations],
        "degrees_of_freedom": [_stated(each) for each in table.freedom],
        "controls": [_control(each) for each in table.controls],
    }


def _stated(each: Stated) -> dict[str, Any]:
    return {"where": each.where, "number": each.number, "why_not": each.why}


def _control(each: Control) -> dict[str, Any]:
    return {"what": each.what, "columns": list(each.columns), "cells": each.cells}
