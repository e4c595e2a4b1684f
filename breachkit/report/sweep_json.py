"""`breachkit.sweep/1`: a sweep's result for machines, whole or a line for each thing in it.

No object ids, no values; `mark` tells a finding from one sweep to the next and nothing else, for it is made
with a key of its own for each folder of sweeps. `schema/sweep-1.schema.json` and `sweep-line-1.schema.json`
are the promise to other programs. What differs between two runs over the same repositories (times, how long
something took, how much was known already) stands under `took` alone.
"""

import json
from collections.abc import Iterator
from typing import Any

from breachkit.actions.sweeping import Life, Record, Sweep, Swept
from breachkit.model.ids import display
from breachkit.model.time import rfc3339
from breachkit.report import sweep_words
from breachkit.report.escape import shown


SCHEMA = "breachkit.sweep/1"
LINE = "breachkit.sweep-line/1"


def to_json(made: Sweep, *, tool_version: str) -> dict[str, Any]:
    """Give all of it as one object."""
    return {"schema": SCHEMA, **head(made, tool_version), "repositories": list(map(_whole, made.repositories))}  # fmt: skip


def lines(made: Sweep, *, tool_version: str) -> Iterator[str]:
    """Give it a line for each thing: the sweep first, then every repository with its findings after it."""
    yield _line("sweep", head(made, tool_version))
    for one in made.repositories:
        yield _line("repository", _repository(one))
        for record in sweep_words.in_order(one.records):
            yield _line("finding", {"repository": one.outcome.name, **_finding(record)})


def _line(kind: str, data: dict[str, Any]) -> str:
    return json.dumps({"schema": LINE, "kind": kind, **data})


def head(made: Sweep, tool_version: str) -> dict[str, Any]:
    """Give everything about a sweep but what it found in each repository."""
    standings: dict[str, int] = {}
    for one in made.repositories:
        standings[one.outcome.standing.value] = standings.get(one.outcome.standing.value, 0) + 1
    return {
        "tool": {"name": "breachkit", "version": tool_version},
        "target": display(made.target),
        "policy": made.policy,
        "complete": made.complete,
        "unfinished": shown(made.unfinished),
        "exit_code": made.exit_code,
        "worst_new": made.worst_new.label,
        "undone": {"letters": made.undone.letters, "draft_cases": made.undone.draft_cases},
        "findings": {life.value: made.count(life) for life in Life},
        "standing": dict(sorted(standings.items())),
        "took": {
            "number": made.number,
            "began_at": rfc3339(made.began_at),
            "ended_at": rfc3339(made.ended_at),
            "objects": sum(one.outcome.objects for one in made.repositories),
            "recalled": sum(one.outcome.recalled for one in made.repositories),
        },
    }


def _whole(one: Swept) -> dict[str, Any]:
    return {**_repository(one), "findings": list(map(_finding, sweep_words.in_order(one.records)))}


def _repository(one: Swept) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "name": outcome.name,
        "standing": outcome.standing.value,
        "reason": shown(outcome.reason),
        "complete": outcome.complete,
        "unread": outcome.unread,
        "counts": {life.value: len(one.of(life)) for life in Life},
        "took": {
            "seconds": round(outcome.seconds, 3),
            "objects": outcome.objects,
            "recalled": outcome.recalled,
            "disk_bytes": outcome.disk_bytes,
        },
    }


def _finding(record: Record) -> dict[str, Any]:
    return {
        "life": record.life.value,
        "since": rfc3339(record.since),
        "last": rfc3339(record.last),
        **record.seen.to_json(),
    }
