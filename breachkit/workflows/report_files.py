"""What a report takes from the files of a case: findings, closures, looks, and what snapshots saw."""

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from breachkit.actions.bad_set import BadSet
from breachkit.actions.containment_file import Containment
from breachkit.actions.hosting import Reading, Topic
from breachkit.actions.served import WAYS, Channel, Identity, Way, result_from_row
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.findings import Location, Severity
from breachkit.model.ids import GitPath
from breachkit.model.time import parse_rfc3339
from breachkit.report.incident_facts import Asked, Findings, Found, Looked, Seen, Traffic
from breachkit.report.words import counted
from breachkit.workflows import case_files, restrict, snapshot


MOST_LISTED = 60
"""Findings that a report lists by place."""

SERVED = "served.json"


def findings(case: CaseFolder, bad: BadSet | None) -> Findings | None:
    """Give what was found in the files that have to go; None before there is a scope."""
    if bad is None:
        return None
    event = _last(case.events(), EventKind.SCOPE_RECORDED)
    by_rule = case_files.load(case, case_files.SCOPE, _by_rule, "scope")
    kept = f"private/{case_files.SCAN}"
    scan = json.loads(case.read_file(kept)) if case.has_file(kept) else {"findings": []}
    inside = [each for each in scan["findings"] if each["blob"] in bad.ids and _tells(each)]
    inside.sort(key=lambda each: -Severity[each["severity"].upper()])
    return Findings(
        by_rule=by_rule,
        listed=tuple(map(_found, inside[:MOST_LISTED])),
        total=len(inside),
        complete=event.flag("complete") is not False if event else True,
        not_examined=(event.number("not_examined") or 0) if event else 0,
    )


def _tells(data: Mapping[str, Any]) -> bool:
    """Leave out remarks, which say of a file what the picture says of all of them."""
    return str(data["severity"]) != Severity.INFO.label


def _by_rule(data: Mapping[str, Any]) -> Mapping[str, int]:
    return {str(rule): int(number) for rule, number in data["by_rule"].items()}


def _found(data: Mapping[str, Any]) -> Found:
    where = data["location"]
    return Found(
        rule=str(data["rule"]),
        severity=str(data["severity"]),
        path=_path(data),
        location=Location(
            part=where["part"],
            rows=tuple(where["rows"]),
            columns=tuple(where["columns"]),
            cells=where["cells"],
        )
        if where
        else None,
    )


def _path(data: Mapping[str, Any]) -> GitPath | None:
    if not data["path"]:
        return None
    exact = data.get("path_b64")
    return GitPath(base64.b64decode(exact) if exact else data["path"].encode())


def closed(case: CaseFolder) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give what was closed, in words, and what giving access back does not bring back."""
    if not case.has_file(f"private/{restrict.FILE}"):
        return (), ()
    kept = case_files.load(case, restrict.FILE, Containment.from_json, "restrict --execute")
    steps = [step for each in kept.rounds for step in each.steps]
    said = tuple(dict.fromkeys(step.says for step in steps))
    return said, tuple(dict.fromkeys(lost for step in steps for lost in step.lost))


# --- every look for the data -----------------------------------------------------------------


def looked(events: Sequence[Event]) -> tuple[Looked, ...]:
    """Give every look for the data that the journal tells of, oldest first."""
    return tuple(each for event in events for each in _looks(event))


def _looks(event: Event) -> Iterator[Looked]:
    match event.known_kind:
        case EventKind.PROOF_RECORDED:
            yield _proof(event)
        case EventKind.VERIFY_RECORDED:
            yield _clone(event)
            yield _by_id(event)
        case EventKind.VERIFY_SERVER:
            yield _platform(event)
        case _:
            return


def _proof(event: Event) -> Looked:
    ok = event.flag("ok")
    failures = event.number("failures") or 0
    return Looked(
        at=event.at,
        where="the rewritten mirror, before the push",
        result="gone, and nothing else changed"
        if ok
        else f"{counted(failures, 'difference')} found",
        ok=ok,
        control=f"compared commit by commit: {_count(event, 'commits', 'commit')}, {_count(event, 'objects', 'object')}",
    )


def _clone(event: Event) -> Looked:
    ok, held = event.flag("ok"), event.flag("held")
    hidden = event.number("hidden_refs") or 0
    lead = "leads" if hidden == 1 else "lead"
    refs = f", {counted(hidden, 'ref')} of the platform's own still {lead} to it" if hidden else ""
    result = (
        f"branches and tags clean{refs}"
        if ok
        else "the data are there"
        if held
        else "not as it was made"
    )
    return Looked(
        at=event.at,
        where="a fresh mirror and clone from the server",
        result=result,
        ok=bool(ok) and not hidden,
        control=f"every object read: {_count(event, 'objects', 'object')}",
    )


def _by_id(event: Event) -> Looked:
    served = event.number("served_by_id") or 0
    gone = event.flag("server_gone")
    result = (
        "gone"
        if gone
        else f"{counted(served, 'object')} still given"
        if served
        else "could not be told"
    )
    return Looked(
        at=event.at,
        where="the server, old objects by their ids",
        result=result,
        ok=True if gone else False if served else None,
        control="harmless objects that no ref shows, asked for in the same way",
    )


def _platform(event: Event) -> Looked:
    numbers = {key: event.number(key) or 0 for key in ("served", "gone", "unknown", "left")}
    served, untold = numbers["served"], numbers["unknown"] + numbers["left"]
    if served:
        result = f"{counted(served, 'answer')} still gave it"
    else:
        result = "gone" if event.flag("ok") else f"{counted(untold, 'question')} without an answer"
    return Looked(
        at=event.at,
        where=f"the platform by every way: {_count(event, 'places', 'repository', 'repositories')}, forks included",
        result=result,
        ok=event.flag("ok") if not untold or served else None,
        control=f"{_count(event, 'asked', 'request')}, each kind with a harmless object beside",
    )


def _count(event: Event, key: str, one: str, many: str | None = None) -> str:
    return counted(event.number(key) or 0, one, many)


def ways(case: CaseFolder) -> tuple[Asked, ...]:
    """Give what the platform answered when it was asked last."""
    if not case.has_file(f"private/{SERVED}"):
        return ()
    data = json.loads(case.read_private(SERVED))
    counts: dict[tuple[Channel, Identity], Counter[str]] = {}
    used: dict[tuple[Channel, Identity], set[Way]] = {}
    for row in data["results"]:
        result = result_from_row(row)
        asked = result.question
        key = WAYS[asked.way].channel, asked.identity
        counts.setdefault(key, Counter())[result.verdict] += 1
        used.setdefault(key, set()).add(asked.way)
    return tuple(
        Asked(
            how=f"{_CHANNELS[channel]}, {counted(len(used[channel, identity]), 'way')}",
            who=_IDENTITIES[identity],
            counts=counts[channel, identity],
        )
        for channel, identity in sorted(counts, key=lambda key: (key[1], key[0]))
    )


_CHANNELS = {Channel.REST: "REST API", Channel.WEB: "web pages and raw files", Channel.GIT: "git"}
_IDENTITIES = {Identity.ACCOUNT: "with the token", Identity.ANYONE: "as a stranger"}


# --- what snapshots saw ----------------------------------------------------------------------


def traffic(case: CaseFolder) -> Traffic | None:
    """Add up the days of traffic that any snapshot wrote down; None where none did."""
    clones, views = _Days("clones"), _Days("views")
    for number in snapshot.numbers(case):
        readings = snapshot.load_readings(case, number)
        clones.add(readings.get(Topic.CLONES))
        views.add(readings.get(Topic.VIEWS))
    days = {*clones.counts, *views.counts}
    if not days:
        return None
    return Traffic(
        clones=sum(clones.counts.values()),
        cloners=clones.uniques,
        views=sum(views.counts.values()),
        viewers=views.uniques,
        first=min(days),
        last=max(days),
    )


class _Days:
    """Counts of days, of which windows of several snapshots overlap."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.counts: dict[date, int] = {}
        self.uniques = 0
        """Of the window with the most of them: nobody can be told to be the same in two."""

    def add(self, reading: Reading | None) -> None:
        """Take in what one snapshot saw."""
        if reading is None:
            return
        self.uniques = max(self.uniques, _number(reading.only.get("uniques")) or 0)
        for each in reading.only.get(self._key) or ():
            when = _moment(each.get("timestamp"))
            if when is not None:
                before = self.counts.get(when.date(), 0)
                self.counts[when.date()] = max(before, _number(each.get("count")) or 0)


def seen(case: CaseFolder) -> Seen | None:
    """Give what the first snapshot saw of the repository; None where there is none."""
    numbers = snapshot.numbers(case)
    if not numbers:
        return None
    event = next(e for e in case.events() if e.known_kind is EventKind.SNAPSHOT_RECORDED)
    repository = snapshot.load_readings(case, numbers[0]).get(Topic.REPOSITORY)
    about = repository.only if repository else {}
    visibility = about.get("visibility")
    return Seen(
        taken_at=event.at,
        visibility=visibility if isinstance(visibility, str) else None,
        created_at=_moment(about.get("created_at")),
        forks=event.number("forks"),
        stargazers=event.number("stargazers"),
        subscribers=event.number("subscribers"),
    )


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):  # the latter: year 1 or 9999, and an offset beyond
        return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _last(events: Sequence[Event], kind: EventKind) -> Event | None:
    return next((event for event in reversed(events) if event.known_kind is kind), None)
