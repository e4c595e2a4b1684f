"""`evidence/manifest.json`: what was collected, for people and other programs; the journal rules."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from breachkit.incident.evidence import Evidence


MANIFEST = "evidence/manifest.json"
"""Within the case folder."""


def manifest(case_id: str, evidence: Iterable[Evidence]) -> bytes:
    """Give the manifest of a case; schema `breachkit.evidence/1`."""
    body = {
        "schema": "breachkit.evidence/1",
        "case": case_id,
        "evidence": [item_to_json(each) for each in evidence],
    }
    return json.dumps(body, indent=1, ensure_ascii=True).encode("ascii") + b"\n"


def item_to_json(item: Evidence) -> dict[str, Any]:
    """Give one piece of evidence in JSON's own types."""
    return {
        "id": item.id,
        "file": item.file,
        "collected_at": item.collected_at,
        "collector": item.collector,
        "tool": item.tool,
        "command": item.command,
        "note": item.note,
        "sha256": None if item.keyed else item.digest,
        "hmac_sha256": item.digest if item.keyed else None,
        "entry": item.entry,
        "kind": item.kind,
        "custody": [asdict(each) for each in item.custody],
        "replaced_by": item.replaced_by,
    }
