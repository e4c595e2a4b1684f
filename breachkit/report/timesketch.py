"""A case as a timeline: lines that Timesketch imports, and lines for any other program.

Source: Timesketch, "Import from JSON or CSV" (docs/guides/user/import-from-json-csv.md): one JSON
object a line, each with `message`, `datetime` in ISO 8601 and `timestamp_desc`; its store takes no
field of more than 32,766 bytes.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from breachkit.incident.case import Incident
from breachkit.incident.events import Event
from breachkit.model.ids import display
from breachkit.model.time import rfc3339
from breachkit.report.entry_words import safe_detail, sentence


MAX_FIELD_BYTES = 32_766
"""What Timesketch's store (OpenSearch, a Lucene term) takes of one field."""

_CUT = " [cut]"

ENTRY, MILESTONE, DEADLINE = "Journal entry", "Milestone reached", "Deadline"


def timesketch(incident: Incident, events: Iterable[Event], *, public: bool = False) -> str:
    """Give a case's timeline, oldest first, one JSON object a line.

    Entries stand in the order of their numbers, and milestones behind the entry that reached them.

    Args:
        incident: The case.
        events: Its journal.
        public: For readers outside of the response: no target, no name, no text that a person or
            a server chose, and no detail.
    """
    rows = [*_clocks(incident), *_rows(incident, events, public=public)]
    return "".join(_line({**row, **_of_case(incident)}) for row in rows)


def jsonl(incident: Incident, events: Iterable[Event], *, public: bool = False) -> str:
    """Give a case's journal for other programs, one JSON object a line: `breachkit.log-line/1`.

    Without what must not leave, so it cannot be checked against its hashes: the journal's own file
    can. For `public` see `timesketch`.
    """
    return "".join(_line(_entry(incident, event, public=public)) for event in events)


def _rows(incident: Incident, events: Iterable[Event], *, public: bool) -> Iterator[dict[str, Any]]:
    reached: dict[int, list[str]] = {}
    for milestone, found in incident.milestones.items():
        reached.setdefault(found.seq, []).append(str(milestone))
    for event in events:
        entry = _entry(incident, event, public=public)
        yield {
            "message": entry.pop("message"),
            "datetime": _moment(event),
            "timestamp_desc": ENTRY,
            **_flat(entry),
        }
        for name in reached.get(event.seq, ()):
            yield {
                "message": f"Milestone reached: {name.replace('_', ' ')}",
                "datetime": _moment(event),
                "timestamp_desc": MILESTONE,
                "milestone": name,
                "entry": event.id,
            }


def _clocks(incident: Incident) -> Iterator[dict[str, Any]]:
    """Give the moments that lie before the journal, and the end of the 72 hours."""
    assumed = ", assumed until somebody says" if incident.aware_assumed else ""
    aware = f"The controller became aware{assumed}"
    if incident.is_draft:
        aware = "Nobody is aware yet; reckoned from here until a person has looked"
    for message, moment, described in (
        ("The data were discovered", incident.discovered_at, "Discovered"),
        (aware, incident.aware_at, "Became aware"),
        ("72 hours after becoming aware", incident.deadline, DEADLINE),
    ):
        yield {"message": message, "datetime": _iso(moment), "timestamp_desc": described}


def _entry(incident: Incident, event: Event, *, public: bool) -> dict[str, Any]:
    common = {
        "schema": "breachkit.log-line/1",
        "case": display(incident.id),
        "seq": event.seq,
        "entry": display(event.id),
        "ts": display(event.ts),
        "kind": display(event.kind),
        "message": sentence(event, public=public),
        "entry_hash": event.hash,
    }
    if public:
        return common
    return {
        **common,
        "actor": display(event.actor.name or ""),
        "actor_known_by": display(event.actor.how),
        "refs": [display(each) for each in event.refs],
        "detail": safe_detail(event),
    }


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Put the detail's parts beside the rest: Timesketch searches fields, not trees."""
    detail = entry.get("detail", {})
    plain = {key: value for key, value in entry.items() if key not in {"detail", "schema", "case"}}
    return {**plain, **{f"detail_{key}": _scalar(value) for key, value in detail.items()}}


def _scalar(value: object) -> object:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return value


def _of_case(incident: Incident) -> dict[str, str]:
    return {"case": display(incident.id), "codename": display(incident.codename)}


def _moment(event: Event) -> str:
    try:
        return _iso(event.at)
    except ValueError:  # a later version writes time in another way
        return display(event.ts)


def _iso(moment: datetime) -> str:
    return rfc3339(moment.astimezone(UTC)).removesuffix("Z") + "+00:00"


def _line(row: Mapping[str, Any]) -> str:
    kept = {key: _within_limit(value) for key, value in row.items()}
    return json.dumps(kept, ensure_ascii=False) + "\n"


def _within_limit(value: object) -> object:
    """Cut a text to what the store takes, never inside a character, and say so."""
    if not isinstance(value, str) or len(value.encode()) <= MAX_FIELD_BYTES:
        return value
    cut = value.encode()[: MAX_FIELD_BYTES - len(_CUT)]
    return cut.decode("utf-8", "ignore") + _CUT
