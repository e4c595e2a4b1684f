"""Snapshots on the disk of a case, without a platform."""

import hashlib
import json

from breachkit.actions.hosting import Answered, Reading, Topic
from breachkit.workflows import snapshot as snapshots


def snapshot(case, clock, **items):
    """A snapshot on the disk that shows so many things of each topic, or was refused one."""
    number, lines = snapshots._next_number(case), []
    everything = {
        "repository": [{"visibility": "public", "created_at": "2025-05-31T10:00:00Z"}],
        **items,
    }
    for name, found in everything.items():
        topic = Topic(name.replace("_", "-"))
        answered = Answered.REFUSED if found is None else Answered.COMPLETE
        reading = Reading(topic=topic, answered=answered, items=tuple(found or ()))
        lines.append(snapshots._kept(case, number, reading, clock))
    body = {"taken_at": "2026-03-06T12:00:00Z", "topics": lines}
    data = json.dumps(body).encode()
    name = f"snapshots/{number}/manifest.json"
    case.write_private(name, data)
    sha256 = hashlib.sha256(data).hexdigest()
    case.record(
        "snapshot.recorded", {"snapshot": number, "file": f"private/{name}", "sha256": sha256}
    )
