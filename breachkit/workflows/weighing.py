"""Weigh what a scan found by what people accepted, what was known before, and what they asked for."""

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import breachkit
from breachkit.actions import earlier as comparison
from breachkit.actions.acceptance import Book, Key
from breachkit.actions.earlier import SCHEMA as SCAN_SCHEMA
from breachkit.actions.earlier import Earlier
from breachkit.actions.weighing import Wanted, with_acceptances, within, without_known
from breachkit.model.findings import ScanResult
from breachkit.model.ids import display
from breachkit.model.judgement import Baseline
from breachkit.report import json_v1
from breachkit.report.masking import Masking
from breachkit.workflows.acceptance_file import text_of
from breachkit.workflows.plain_file import plain


Report = Mapping[str, Any]


def weigh(
    result: ScanResult,
    *,
    wanted: Wanted,
    book: tuple[Book, Key] | None,
    baseline: Earlier | None,
    today: date,
) -> ScanResult:
    """Set aside what was accepted, what an earlier scan has, and what nobody asked for.

    Args:
        result: What a scan said.
        wanted: What somebody asked for.
        book: The acceptances and their key.
        baseline: The earlier scan.
        today: In UTC.
    """
    if book is not None:
        result = with_acceptances(result, *book, today)
    if baseline is not None:
        result = _against(result, baseline)
    return within(result, wanted) if wanted.rules or wanted.min_severity is not None else result


def load_report(file: Path) -> Report:
    """Read what `scan --format json` wrote.

    Raises:
        ConfigurationError: it is not there, or is something else.
    """
    text = text_of(file, "make it with `breachkit scan TARGET --format json --output FILE`")
    shown = display(os.fsencode(file))
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    Earlier.from_json(data, shown=shown)
    report: Report = data
    return report


def load_baseline(file: Path) -> Earlier:
    """Read an earlier scan to compare with; errors as `load_report`."""
    return Earlier.from_json(load_report(file), shown=display(os.fsencode(file)))


def is_report(target: str) -> bool:
    """Say whether a target names a file that looks like a scan's JSON, and no bundle."""
    try:
        with plain(Path(target)).open("rb") as stream:
            return SCAN_SCHEMA.encode() in stream.read(200)
    except (OSError, ValueError):
        return False


def as_report(result: ScanResult) -> Report:
    """Give a scan as its JSON has it."""
    return json_v1.to_json(result, tool_version=breachkit.__version__)


def _against(result: ScanResult, baseline: Earlier) -> ScanResult:
    """Set aside what the baseline has.

    What it has as accepted is new where it is not accepted any more, and so is what was accepted
    until a day that is over: otherwise the one would make the other hold for ever.
    """
    masking = Masking.of(result, object_ids=True)
    now = {each.id: json_v1.finding_to_json(each, masking) for each in result.everything}
    lapsed = {each.finding.id for each in result.lapsed}
    counted = [each.id for each in result.findings if each.id not in lapsed]
    accepted = [each.finding.id for each in result.accepted]
    is_known = dict.fromkeys(now, False)
    for ids, earlier in ((counted, baseline.not_accepted), (accepted, baseline.findings)):
        found = comparison.known([now[each] for each in ids], earlier)
        is_known |= dict(zip(ids, found, strict=True))
    looked_at_all = result.complete and (result.coverage.unreachable or not baseline.unreachable)
    said = Baseline(
        gone=comparison.gone(now.values(), baseline.findings) if looked_at_all else None,
        differences=tuple(_differences(result, baseline)),
    )
    return dataclasses.replace(without_known(result, is_known), baseline=said)


def _differences(result: ScanResult, baseline: Earlier) -> Iterator[str]:
    if result.policy != baseline.policy:
        yield f"it was judged by policy {baseline.policy}"
    if result.coverage.unreachable and not baseline.unreachable:
        yield "it did not look at what no ref reaches"
    if baseline.unreachable and not result.coverage.unreachable:
        yield "it looked at what no ref reaches too"
    if baseline.is_limited:
        yield "it was limited itself, so what it left out is new here"
