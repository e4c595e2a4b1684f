"""What a playbook says about itself, and the periods and rules of an organisation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from breachkit.actions.contacts import STALE_AFTER
from breachkit.actions.playbook_reader import Problem, Reader, TableReader
from breachkit.actions.playbook_text import Located


FILE = "playbook.toml"
APPROVED_BY_TWO = ("push", "restore")
"""What a second person can be asked to approve."""
_LONGEST = timedelta(days=3650)
"""A longer period is a slip of the keyboard."""

_OWN = frozenset(
    {
        *("name", "title", "extends", "organisation", "example", "as_of", "source", "reviewed"),
        "last_drilled",
    }
)
_PERIODS = {
    "review_after_days": timedelta(days=1),
    "stale_after_days": timedelta(days=1),
    "alert_minutes": timedelta(minutes=1),
    "reminder_hours": timedelta(hours=1),
    "answer_hours": timedelta(hours=1),
    "update_hours": timedelta(hours=1),
}
_SHARED = frozenset({*_PERIODS, "two_person", "auto_publish_after_months"})


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What one playbook says about itself; none of it is taken from the one it extends."""

    name: str
    title: str
    extends: str | None
    organisation: str
    """Whose it is; playbooks of the same organisation may share contacts."""
    example: bool
    """Its contacts are invented, so nobody can be told by it."""
    as_of: date
    """The day whose state it describes."""
    source: str
    reviewed: date
    """When somebody last read all of it against its sources."""
    last_drilled: date | None
    """When it was last practised; None where nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Periods and rules; each is taken from the nearest playbook that states it."""

    review_after: timedelta = timedelta(days=365)
    """After that long without a review a warning is given."""
    stale_after: timedelta = STALE_AFTER
    alert: timedelta = timedelta(minutes=30)
    """After that long without an answer to an alert somebody phones."""
    reminder: timedelta = timedelta(days=1)
    """How long before the day due somebody is reminded."""
    answer: timedelta = timedelta(days=3)
    """Until when an answer is asked for where a message names no day, counted from sending."""
    update_every: timedelta | None = None
    """How often those who were told hear how it stands; None where it is not laid down."""
    two_person: frozenset[str] = frozenset()
    """Out of `APPROVED_BY_TWO`."""
    auto_publish_after_months: int | None = None
    """After that many months the organisation itself makes repositories public again; None: never."""
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """By key of the file: the playbook that states it."""


def read_about(located: Located, *, name: str) -> tuple[About, list[Problem]]:
    """Read a `playbook.toml`, which belongs to the playbook `name`.

    Where problems are given, the rest is made of stand-ins.
    """
    reader = Reader(FILE, located)
    top = reader.top()
    top.only({*_OWN, *_SHARED})
    about = About(
        name=top.text("name"),
        title=top.text("title"),
        extends=top.optional_text("extends"),
        organisation=top.text("organisation"),
        example=top.flag("example"),
        as_of=top.day("as_of"),
        source=top.text("source"),
        reviewed=top.day("reviewed"),
        last_drilled=top.optional_day("last_drilled"),
    )
    if about.name and about.name != name:
        top.wrong("name", f"must be the name of its folder, {name}")
    _shared(top)
    return about, reader.problems


def settings_from(layers: Sequence[tuple[str, Mapping[str, object]]]) -> Settings:
    """Bring together what a playbook and those it extends state.

    Args:
        layers: Name and values of each `playbook.toml`, the playbook itself first. What is wrong in
            them counts as not stated: `read_about` says so.
    """
    made = Settings()
    origins: dict[str, str] = {}
    for name, values in reversed(layers):
        made = replace(made, **_shared(Reader(FILE, Located(value=values, lines={})).top()))
        origins |= {key: name for key in values if key in _SHARED}
    return replace(made, origins=MappingProxyType(origins))


def _shared(top: TableReader) -> dict[str, Any]:
    """Give what is stated, by field of `Settings`."""
    found: dict[str, Any] = {}
    for key, unit in _PERIODS.items():
        if (number := top.whole(key, 1, int(_LONGEST / unit))) is not None:
            found[_FIELDS.get(key) or key.rpartition("_")[0]] = number * unit
    if "two_person" in top.values:
        found["two_person"] = frozenset(top.choices("two_person", APPROVED_BY_TWO, least=0))
    if (months := top.whole("auto_publish_after_months", 1, 120)) is not None:
        found["auto_publish_after_months"] = months
    return found


_FIELDS = {"update_hours": "update_every"}
