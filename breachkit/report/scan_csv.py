"""A scan result as a sheet, one row a finding, for people who sort and filter.

It carries no object ids. What was not examined has rows of its own, and the last row is the
verdict: a sheet that only lacks findings would look clean.
"""

import csv
import io
from collections.abc import Iterator

from breachkit.model.findings import Finding, Location, ScanResult, Skipped
from breachkit.report import escape, words
from breachkit.report.masking import Masking


COLUMNS = (
    "breachkit",
    "id",
    "severity",
    "confidence",
    "rule",
    "path",
    "part",
    "columns",
    "rows",
    "cells",
    "message",
    "first date",
    "commits",
    "reach",
    "other paths",
    "refs",
    "accepted",
)
"""The first one says what a row is: `limit`, `finding`, `accepted`, `known`, `not examined` or
`verdict`. The last one says who accepted a finding, why and until when."""


def to_csv(result: ScanResult) -> bytes:
    """Give UTF-8 with a byte order mark (spreadsheets need it), every cell quoted."""
    masking = Masking.of(result)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(result, masking):
        writer.writerow({name: escape.csv_cell(cell) for name, cell in row.items()})
    return stream.getvalue().encode("utf-8-sig")


def _rows(result: ScanResult, masking: Masking) -> Iterator[dict[str, str]]:
    for limit in words.limits(result):
        yield {"breachkit": "limit", "message": limit}
    lapsed = {each.finding.id: each.why for each in result.lapsed}
    for finding in result.findings:
        why = lapsed.get(finding.id)
        yield _finding(finding, masking) | ({"accepted": f"no longer: {why}"} if why else {})
    for accepted in result.accepted:
        said = {
            "breachkit": "accepted",
            "accepted": masking.text(words.acceptance(accepted.acceptance)),
        }
        yield _finding(accepted.finding, masking) | said
    for finding in result.known:
        yield _finding(finding, masking) | {"breachkit": "known"}
    for skipped in result.skipped:
        yield _skipped(skipped, masking)
    yield {"breachkit": "verdict", "message": words.verdict(result)}


def _finding(finding: Finding, masking: Masking) -> dict[str, str]:
    hit, place = finding.hit, finding.attribution
    path, *others = [_name(path, masking) for path in place.paths] or [""]
    return {
        "breachkit": "finding",
        "id": finding.id,
        "severity": hit.severity.label,
        "confidence": hit.confidence.label,
        "rule": hit.rule,
        "path": path,
        "message": masking.text(hit.message),
        "first date": "" if place.first_date is None else place.first_date.date().isoformat(),
        "commits": str(place.commits),
        "reach": place.reach,
        "other paths": "; ".join(others),
        "refs": "; ".join(_name(ref, masking) for ref in place.refs),
        **_location(hit.location or Location(), masking),
    }


def _location(location: Location, masking: Masking) -> dict[str, str]:
    return {
        "part": masking.text(location.part or ""),
        "columns": "; ".join(masking.text(column) for column in location.columns),
        "rows": words.ranges(location.rows, most=len(location.rows)),
        "cells": str(location.cells),
    }


def _skipped(skipped: Skipped, masking: Masking) -> dict[str, str]:
    path = "" if skipped.path is None else _name(skipped.path, masking)
    reason = masking.text(skipped.reason)
    return {"breachkit": "not examined", "path": path, "message": reason}


def _name(raw: bytes, masking: Masking) -> str:
    return masking.mask(raw).decode("utf-8", "surrogateescape")
