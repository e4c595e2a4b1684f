"""Every format of a scan result as text."""

import io
import os
from unittest import mock

from breachkit.detect.rule import About
from breachkit.model.findings import Confidence, ScanResult, Severity
from breachkit.report import json_v1, jsonl, sarif, scan_csv, scan_markdown
from breachkit.report.terminal import make_console, print_scan


def about(rule: str = "CNT-01", **changes) -> About:
    fields = {
        "id": rule,
        "title": "Small counts in a count column",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "why": "A count of few people can tell who they are.",
        "example": "A table of deaths by region with a count below the threshold.",
        "remedy": "Redact the cell, then a second one so that no total gives it back.",
        "source": "An invented handbook, 2020-12-01",
    }
    return About(**{**fields, **changes})


ABOUT = (
    about(),
    about(
        "PAT-01",
        title="Patient identifiers",
        severity=Severity.CRITICAL,
        remedy="Start a case at once.",
    ),
    about("HIS-03", title="Deleted, but still in the history", severity=Severity.MEDIUM),
)


def terminal_text(result: ScanResult, *, width: int = 80, **options) -> str:
    """What a pipe gets."""
    stream = io.StringIO()
    with mock.patch.dict(os.environ):
        for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):  # a CI service may set them for everything
            os.environ.pop(name, None)
        print_scan(result, make_console(stream, width=width), ABOUT, **options)
    return stream.getvalue()


def every_format(result: ScanResult) -> dict[str, str]:
    return {
        "json": json_v1.to_bytes(result, tool_version="1").decode(),
        "jsonl": "\n".join(jsonl.lines(result, tool_version="1")),
        "sarif": sarif.to_bytes(result, ABOUT, tool_version="1").decode(),
        "markdown": scan_markdown.to_markdown(result, ABOUT, tool_version="1"),
        "csv": scan_csv.to_csv(result).decode("utf-8-sig"),
        "text": terminal_text(result, most_groups=99),
    }
