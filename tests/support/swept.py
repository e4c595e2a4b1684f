"""Results of sweeps, made up: as many repositories, findings and earlier sweeps as a test wants."""

from datetime import UTC, datetime, timedelta
from typing import Any

from breachkit.actions.sweeping import (
    Life,
    Outcome,
    Record,
    Run,
    Seen,
    Standing,
    Sweep,
    Swept,
    Tally,
)
from breachkit.model.findings import Severity
from breachkit.model.ids import display
from breachkit.report.sweep_trend import Course
from breachkit.workflows.sweep import counts_of


NIGHT = datetime(2026, 3, 7, 2, tzinfo=UTC)
SEVERITIES = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def seen(number: int, severity: Severity = Severity.HIGH, path: str = "", **more: Any) -> Seen:
    """Give a finding."""
    values: dict[str, Any] = {
        "mark": f"{number:032x}",
        "rule": "CNT-01",
        "severity": severity,
        "confidence": "high",
        "message": f"{number + 2} cells hold a count of 1 to 5",
        "path": display(path or f"released_outputs/table {number}.csv"),
        "rows": (2, 3, 9),
        "columns": ("patients",),
        "cells": 3,
    }
    return Seen(**values | more)


def record(one: Seen, life: Life = Life.NEW) -> Record:
    """Give it with its life."""
    since = NIGHT if life is Life.NEW else NIGHT - timedelta(days=9)
    return Record(seen=one, life=life, since=since, last=NIGHT)


def repository(
    name: str, *records: Record, standing: Standing = Standing.SCANNED, **more: Any
) -> Swept:
    """Give a repository with what was found in it."""
    looked = standing in {Standing.SCANNED, Standing.UNCHANGED, Standing.EMPTY, Standing.GONE}
    values: dict[str, Any] = {"complete": looked, "objects": 120, "recalled": 100, "seconds": 0.5}
    outcome = Outcome(key=f"/srv/{name}", name=display(name), standing=standing, **values | more)
    return Swept(outcome=outcome, records=records)


def sweep_of(*repositories: Swept, number: int = 9, **more: Any) -> Sweep:
    """Give a sweep of them."""
    values: dict[str, Any] = {"target": "example", "policy": "auto", "began_at": NIGHT, "ended_at": NIGHT + timedelta(hours=1)}  # fmt: skip
    ordered = tuple(sorted(repositories, key=lambda one: one.outcome.name))
    return Sweep(number=number, repositories=ordered, **values | more)


def many(number: int) -> Sweep:
    """Give a sweep of many repositories, of which each is another case."""
    return sweep_of(*map(_one_of_many, range(number)))


def _one_of_many(number: int) -> Swept:
    name = f"example/study-{number:03d}"
    match number % 10:
        case 0:
            new = [record(seen(n, SEVERITIES[(number // 10 + n) % 4])) for n in range(number % 7)]
            return repository(name, *new, record(seen(50), Life.KNOWN))
        case 1:
            return repository(name, record(seen(1), Life.ACCEPTED), record(seen(2), Life.GONE))
        case 2:
            return repository(name, standing=Standing.FAILED, reason="the server did not answer")
        case 3:
            return repository(name, standing=Standing.SKIPPED, reason="it has the topic non-research")  # fmt: skip
        case 4:
            return repository(name, complete=False, unread=number + 1)
        case _:
            return repository(name, standing=Standing.UNCHANGED)


def nights(made: Sweep, number: int) -> tuple[Run, ...]:
    """Give sweeps before this one, oldest first, and this one as the last."""
    before = [
        {"findings new": (n * 7) % 5, "findings known": 20 + (n * 13) % 17}
        for n in range(1, number)
    ]
    return tuple(
        Run(
            number=n,
            target=made.target,
            policy=made.policy,
            began_at=NIGHT - timedelta(days=number - n),
            ended_at=NIGHT - timedelta(days=number - n),
            counts=counts,
        )
        for n, counts in enumerate([*before, counts_of(made)], 1)
    )


def course(made: Sweep, number: int) -> Course:
    """Give those sweeps, with how many findings each repository had: every third night another number."""
    tallies = {
        one.outcome.key: [
            Tally(run=n, open=0 if place % 4 == 3 else (n * 5 + place * 3) % 11)
            for n in range(1 + place % 5, number + 1, 3)
        ]
        for place, one in enumerate(made.repositories)
    }
    return Course(runs=nights(made, number), tallies=tallies)
