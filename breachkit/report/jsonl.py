"""`breachkit.scan-line/1`: one JSON object per line, for `grep`, `jq` and log shippers.

One line for each finding and each thing not examined, then a summary. A stream without its
summary was cut off: it says nothing about what is clean. Where the scan was limited or compared
with another, the first line says so.
"""

import json
from collections.abc import Iterator
from typing import Any

from breachkit.model.findings import ScanResult
from breachkit.report.json_v1 import (
    accepted_to_json,
    finding_to_json,
    head,
    lapsed_to_json,
    limits_to_json,
    skipped_to_json,
)
from breachkit.report.masking import Masking


SCHEMA = "breachkit.scan-line/1"


def lines(result: ScanResult, *, tool_version: str) -> Iterator[str]:
    """Give the lines, each ASCII and without its newline.

    Fields are those of `breachkit.scan/1`; `kind` says which line it is. In the summary,
    `findings` and `skipped` are numbers of lines.
    """
    masking = Masking.of(result, object_ids=True)
    if limits := limits_to_json(result):
        yield _line("limits", limits)
    for finding in result.findings:
        yield _line("finding", finding_to_json(finding, masking))
    for accepted in result.accepted:
        yield _line("accepted", accepted_to_json(accepted, masking))
    for lapsed in result.lapsed:
        yield _line("lapsed", lapsed_to_json(lapsed, masking))
    for finding in result.known:
        yield _line("known", finding_to_json(finding, masking))
    for skipped in result.skipped:
        yield _line("skipped", skipped_to_json(skipped, masking))
    counts = {"findings": len(result.findings), "skipped": len(result.skipped)}
    aside = {"accepted": result.accepted, "lapsed": result.lapsed, "known": result.known}
    counts |= {name: len(listed) for name, listed in aside.items() if listed}
    yield _line("summary", {**head(result, masking, tool_version), **counts})


def _line(kind: str, fields: dict[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, "kind": kind, **fields})
