"""What only people know about a case: whom to ring, who decides, what has to be told.

The journal keeps it, one entry a field, so that nothing said is lost and every change has a date
and a name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import BreachkitError
from breachkit.model.time import parse_rfc3339, rfc3339


OLD_FILE = "notifications/details.json"
"""Where cases of earlier versions kept it; still read, never written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What only people know, and messages should say. None is "not yet known"."""

    visibility: str | None = None
    public_since: datetime | None = None
    shared_with: str | None = None
    keeper: str | None = None
    phone: str | None = None
    decider: str | None = None
    engineer: str | None = None
    next_update_at: datetime | None = None
    reply_by: datetime | None = None
    forks: str | None = None
    lfs_orphans: bool | None = None
    what_happened: str | None = None
    """This and what follows is asked by the form of the supervisory authority."""
    how_found: str | None = None
    cyber: str | None = None
    """Whether it was an attack: yes, no or don't know."""
    categories_of_data: str | None = None
    categories_of_people: str | None = None
    people_range: str | None = None
    """How many people, as one of `mailfacts.PEOPLE_RANGES`; never a number."""
    records_range: str | None = None
    """The same of records."""
    consequences: str | None = None
    """What is likely to follow, in the words of whoever judged it."""
    measures_before: str | None = None
    training: str | None = None
    ico_reference: str | None = None
    lessons: str | None = None
    stopped_by: str | None = None
    """What kept a near miss from becoming a breach."""


MOMENTS = frozenset({"public_since", "next_update_at", "reply_by"})
"""The fields that hold a moment, kept in the journal as RFC 3339."""

FLAGS = frozenset({"lfs_orphans"})
"""The fields that are true or false."""

NAMES = tuple(each.name for each in fields(Details))


FORM = NAMES[NAMES.index("what_happened") :]
"""The fields that the supervisory authority's form asks, and what is learned from it."""


def details_of(case: CaseFolder) -> Details:
    """Give what people have said so far, the latest of each field."""
    said = {**_old(case), **case.incident.said}
    known = {name: _read(name, said.get(name)) for name in NAMES}
    return Details(**known)


def remember(case: CaseFolder, new: Details) -> Details:
    """Journal what `new` says beyond what was said before, and give all that is known."""
    for name in NAMES:
        value = getattr(new, name)
        if value is not None:
            record_fact(case, name, _written(value))
    return details_of(case)


def record_fact(case: CaseFolder, field: str, value: object, reason: str = "") -> Event | None:
    """Journal one field, unless the journal says the same already.

    Args:
        case: The case.
        field: One of `NAMES`.
        value: A text, a moment in RFC 3339, or a truth value for `FLAGS`.
        reason: Why what was said before was wrong, if it was.
    """
    if case.incident.said.get(field) == value:
        return None
    detail: dict[str, object] = {"field": field, "value": value}
    earlier = _latest_entry(case, field)
    if earlier:
        detail["supersedes"] = earlier
    if reason:
        detail["reason"] = reason
    return case.record(EventKind.FACT_RECORDED, detail, refs=(earlier,) if earlier else ())


def _latest_entry(case: CaseFolder, field: str) -> str | None:
    if field not in case.incident.said:
        return None
    about = (
        event.id
        for event in reversed(case.events())
        if event.known_kind is EventKind.FACT_RECORDED and event.text("field") == field
    )
    return next(about, None)


def _written(value: object) -> str | bool:
    if isinstance(value, datetime):
        return rfc3339(value)
    return value if isinstance(value, bool) else str(value)


def _read(name: str, value: object) -> Any:
    """Give a field in its own type; None where an entry holds another."""
    if name in FLAGS:
        return value if isinstance(value, bool) else None
    if not isinstance(value, str) or not value:
        return None
    return _moment(value) if name in MOMENTS else value


def _moment(text: str) -> datetime | None:
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        return None


def _old(case: CaseFolder) -> Mapping[str, object]:
    if not case.has_file(OLD_FILE):
        return {}
    try:
        data = json.loads(case.read_file(OLD_FILE))
    except (ValueError, BreachkitError):  # what it held is asked for again
        return {}
    return data if isinstance(data, dict) else {}
