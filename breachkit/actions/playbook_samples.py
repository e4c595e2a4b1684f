"""Invented facts to try the templates of a playbook with: all known, none known, and hostile ones."""

import dataclasses
import hashlib
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from breachkit.actions.mailfacts import PEOPLE_RANGES, Decided, Held, MailFacts
from breachkit.actions.notice_kinds import NoticeKind
from breachkit.actions.notify import Notice, Recipient
from breachkit.actions.sweep_due import Due
from breachkit.actions.sweeping import Seen
from breachkit.model.findings import Severity


NOW = datetime(2026, 3, 6, 17, 5, tzinfo=UTC)
HOSTILE = "{{ 7*7 }}{% include 'x' %}\r\nBcc: x\x00\u2028<b>=cmd|'/c'!A1 \x1b[31m"
"""Text as strangers may choose it: a template in itself, an end of line, marks of other formats."""
ARCHIVES = ("C40", "C41", "C43", "C44", "C47", "C49", "C50", "C52")
"""Places whose archives are written to in words of their own, and one that has none."""

_REQUIRED: dict[str, Any] = {
    "case_id": "BK-2026-0001",
    "codename": "sample-case",
    "kind": "suspected",
    "repository": "example-org/study",
    "now": NOW,
    "log_head": hashlib.sha256(b"a sample").hexdigest(),
    "tool_version": "1.0",
}
_DECISIONS = ("living", "risk", "high-risk", "dspt", "ico-report", "individuals", "controller")


def unknown_facts() -> MailFacts:
    """Give the facts of a case of which nothing is known but its name."""
    return MailFacts(**_REQUIRED)


def known_facts() -> MailFacts:
    """Give facts with something in every field."""
    hints = get_type_hints(MailFacts)
    free = [f.name for f in dataclasses.fields(MailFacts) if f.name not in _REQUIRED]
    made = {name: _example(hints[name], "a sample text") for name in free}
    return MailFacts(**_REQUIRED, **{**made, **_fitting()})


def hostile_facts() -> MailFacts:
    """Give facts with everything that a stranger can choose chosen badly."""
    hints = get_type_hints(MailFacts)
    kept = {*_REQUIRED, *_fitting()} - {"codename", "repository"}
    bad = {
        f.name: _example(hints[f.name], HOSTILE)
        for f in dataclasses.fields(MailFacts)
        if f.name not in kept
    }
    return dataclasses.replace(known_facts(), **bad)


def notices_for(kind: NoticeKind) -> tuple[Notice, ...]:
    """Give a message of a kind for each of its readers that it has other words for."""
    places: tuple[str | None, ...] = ARCHIVES if kind.to == "archives" else (None,)
    return tuple(
        Notice(
            id="N-001",
            kind=kind,
            recipient=Recipient(
                name="A. Reader",
                email="reader@example.org",
                reference="sample",
                place=place,
                about="example-org/fork",
                due=NOW + timedelta(days=3),
            ),
        )
        for place in places
    )


def due_after_a_sweep() -> tuple[tuple[Due, ...], ...]:
    """Give findings as sweeps tell of them: one, many in many repositories, and some in badly named ones."""
    many = tuple(
        _due(f"example-org/study-{number}", f"released_outputs/table_{number}_{each}.csv")
        for number in range(40)
        for each in range(8)
    )
    return (_due("example-org/study", "a.csv"),), many, (_due(HOSTILE, HOSTILE), *many[:3])


def _due(name: str, path: str) -> Due:
    seen = Seen(
        mark=path,
        rule="CNT-01",
        severity=Severity.HIGH,
        confidence="high",
        message="",
        path=path,
    )
    return Due(key=name, name=name, url="", found_at=NOW, seen=seen)


def _fitting() -> dict[str, Any]:
    """Give the facts that have to be of a certain form."""
    return {
        "repository_url": "https://github.com/example-org/study",
        "visibility": "public",
        "paths": (b"released_outputs/table.csv", b"notebooks/report.html"),
        "findings_by_rule": (("CNT-01", 2), ("PAT-01", 1)),
        "people_range": PEOPLE_RANGES[0],
        "records_range": PEOPLE_RANGES[1],
        "contact_point_email": "dpo@example.org",
        "case_key": "sample",
        "names": ("Jo Bloggs",),
        "held": tuple(
            Held(
                place=place,
                addresses=("https://github.com/example-org/study",),
                latest="2026-03-01",
            )
            for place in ARCHIVES
        ),
        "decided": tuple(
            Decided(
                about=about, answer="yes", by="A. Person", role="dpo", at=NOW, reason="a reason"
            )
            for about in _DECISIONS
        ),
    }


def _example(wanted: Any, text: str) -> Any:
    """Give a value of a type."""
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin in {Union, UnionType}:
        return _example(next(each for each in inside if each is not type(None)), text)
    if origin is Literal:
        return inside[0]
    if origin is tuple:
        return tuple(_example(each, text) for each in inside if each is not Ellipsis)
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        hints = get_type_hints(wanted)
        return wanted(**{name: _example(hint, text) for name, hint in hints.items()})
    plain: dict[Any, Any] = {
        bool: True,
        int: 2,
        str: text,
        bytes: text.encode(),
        datetime: NOW - timedelta(days=1),
    }
    return plain.get(wanted, text)
