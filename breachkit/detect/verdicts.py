"""What rules said of one object, as bytes that can be kept: where and why, never what.

JSON and nothing that could run when it is read back. What does not read back as a verdict, whatever the
bytes, is no verdict, and the object is looked at again.
"""

import json
from collections.abc import Sequence
from typing import Any

from breachkit.documents.table import Unreadable
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.model.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of judging one object by itself."""

    hits: tuple[Hit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    within: tuple[Hit, ...] | None = None
    """What comparing its own tables with one another came to; None where that was done together with
    other files."""


NOTHING = b""
"""What most objects come to: nothing was found, and everything was read."""
NOTHING_BY_ITSELF = b"-"
"""The same, where its tables were compared together with other files."""
_SHORT = {NOTHING: Verdict(within=()), NOTHING_BY_ITSELF: Verdict()}


def to_bytes(verdict: Verdict) -> bytes:
    """Write a verdict down."""
    for short, told in _SHORT.items():
        if verdict == told:
            return short
    gaps = [[gap.reason, gap.part] for gap in verdict.unreadable]
    within = None if verdict.within is None else hits_to_data(verdict.within)
    return dumped([hits_to_data(verdict.hits), gaps, within])


def from_bytes(kept: bytes) -> Verdict | None:
    """Read a verdict back; None where these bytes are none."""
    if kept in _SHORT:
        return _SHORT[kept]
    try:
        hits, gaps, within = json.loads(kept)
        return Verdict(
            hits=hits_from_data(hits),
            unreadable=tuple(Unreadable(_text(reason), _maybe(part)) for reason, part in gaps),
            within=None if within is None else hits_from_data(within),
        )
    except (ValueError, TypeError, RecursionError):
        return None


def hits_to_data(hits: Sequence[Hit]) -> list[Any]:
    """Give hits as lists of plain values, for JSON."""
    return [
        [hit.rule, hit.severity.value, hit.confidence.value, hit.message, _place(hit.location)]
        for hit in hits
    ]


def hits_from_data(data: Any) -> tuple[Hit, ...]:
    """Read such lists back.

    Raises:
        ValueError, TypeError: they are none.
    """
    return tuple(
        Hit(
            rule=_text(rule),
            severity=Severity(severity),
            confidence=Confidence(confidence),
            message=_text(message),
            location=None if place is None else _location(*place),
        )
        for rule, severity, confidence, message, place in data
    )


def _place(location: Location | None) -> list[Any] | None:
    if location is None:
        return None
    return [location.part, list(location.rows), list(location.columns), location.cells]


def _location(part: object, rows: object, columns: object, cells: object) -> Location:
    if not (isinstance(rows, list) and isinstance(columns, list)):
        raise TypeError
    return Location(
        part=_maybe(part),
        rows=tuple(map(_number, rows)),
        columns=tuple(map(_text, columns)),
        cells=_number(cells),
    )


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def dumped(data: object) -> bytes:
    """Write plain values as JSON without white space."""
    # Names of parts may hold lone surrogates, which ASCII escapes carry and UTF-8 does not.
    return json.dumps(data, separators=(",", ":")).encode("ascii")
