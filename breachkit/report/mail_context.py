"""What a template is told: every fact as plain text on one line, every time in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from breachkit.actions.mailfacts import (
    Decided,
    Happening,
    MailFacts,
    PathPolicy,
    Residual,
    file_type,
    shown_paths,
)
from breachkit.actions.notify import Notice, answer_by
from breachkit.detect.registry import rule_by_id
from breachkit.report.escape import terminal
from breachkit.report.masking import mask_provenance


MAX_PATHS = 30
"""A message lists at most this many paths, and says how many more there are."""
MAX_LENGTH = 300
"""A fact is shown with at most so many characters: longer names are no use to a reader."""
CUT = " [...]"

DECISIONS = ("living", "risk", "high-risk", "dspt", "ico-report", "individuals", "controller")
"""What the account for the data protection officer says about decisions."""

_WHOLE = ("case_id", "codename", "log_head", "tool_version")
"""Facts of our own making, which are of no use when cut."""
_ARCHIVES = {
    "C40": "heritage",
    "C41": "wayback",
    "C43": "zenodo",
    "C44": "zenodo",
    "C47": "registry",
    "C48": "registry",
    "C49": "network",
    "C50": "mirror",
}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_KIND_WORDS = {"suspected": "Suspected", "confirmed": "Confirmed", "near-miss": "Near miss of a"}
_EXPOSURES = ((1, "less than a day"), (7, "less than a week"), (31, "less than a month"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How much a message shows of what strangers chose."""

    paths: PathPolicy
    name: str
    """Of the recipient."""
    labels: bool = True
    """Whether copies are called as the register has them; else by words of our own."""
    length: int = MAX_LENGTH
    """Characters of a fact at most."""


def context(
    notice: Notice,
    facts: MailFacts,
    sender: str | None,
    shown: Shown,
    *,
    template_sha256: str,
    attachment_sha256: str | None = None,
) -> dict[str, Any]:
    """Give everything that a template may name; None where it is not known.

    Args:
        notice: Which message, to whom.
        facts: What is known of the case.
        sender: Name of whoever sends it.
        shown: How much of what strangers chose may be shown.
        template_sha256: Of the template, for the footer.
        attachment_sha256: Of the script for clone holders, where it goes along.
    """
    return {
        **{name: plain(getattr(facts, name), shown.length) for name in facts.__slots__},
        **{name: plain(getattr(facts, name)) for name in _WHOLE},
        **_findings(facts, shown),
        **_decisions(facts, shown),
        **_copies(notice, facts, shown),
        **_times(notice, facts),
        "unknown": list(facts.unknown),
        "unknown_for_report": list(facts.unknown_for_report),
        "kind_words": _KIND_WORDS.get(facts.kind, "Suspected"),
        "recipient": plain(shown.name, shown.length) or "colleague",
        "about": plain(notice.recipient.about, shown.length),
        "asked": notice.recipient.asked or "for an answer",
        "has_address": notice.recipient.email is not None,
        "place": notice.recipient.place,
        "archive": _ARCHIVES.get(notice.recipient.place or "", "other"),
        "sender": plain(sender, shown.length),
        "tlp": notice.kind.tlp,
        "case": f"{plain(facts.case_id)} {plain(facts.codename)}",
        "notice": notice.id,
        "template": notice.kind.name,
        "template_sha256": template_sha256,
        "verifier": attachment_sha256 is not None,
        "verifier_sha256": attachment_sha256,
    }


def plain(value: Any, length: int = MAX_LENGTH) -> Any:
    """Give a fact as a template prints it: text on one line and cut to `length`, times in UTC."""
    match value:
        case str() | bytes():
            text = terminal(mask_provenance(value) if isinstance(value, str) else value).strip()
            return _cut(text, length) or None
        case datetime():
            return _moment(value)
        case bool():
            return "yes" if value else "no"
        case tuple():
            return [plain(item, length) for item in value]
        case _:
            return value


def title_of(rule: str) -> str:
    """Give a rule's title: a reader knows what was found by it, not by a number."""
    known = rule_by_id(rule)
    return known.about.title if known else "a rule of a later version"


def addresses_held(notice: Notice, facts: MailFacts) -> tuple[str, ...]:
    """Give the addresses under which the archive that a message goes to keeps something."""
    found = (each for each in facts.held if each.place == notice.recipient.place)
    return tuple(address for each in found for address in each.addresses)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(0, length - len(CUT))].rstrip() + CUT


def _findings(facts: MailFacts, shown: Shown) -> dict[str, Any]:
    paths = None if facts.paths is None else shown_paths(facts.paths, shown.paths)
    listed = None if paths is None else [_cut(path, shown.length) for path in paths[:MAX_PATHS]]
    types = None if facts.paths is None else sorted(set(map(file_type, facts.paths)))
    return {
        "paths": listed,
        "more_paths": max(0, len(paths or ()) - MAX_PATHS),
        "path_policy": shown.paths,
        "files": None if facts.paths is None else len(facts.paths),
        "file_types": None if types is None else ", ".join(types),
        "findings": _total(facts),
        "kinds_of_finding": [
            f"{title_of(rule)} ({plain(rule)}, found {count} x)"
            for rule, count in facts.findings_by_rule or ()
        ],
        "sorts_of_finding": [title_of(rule) for rule, _ in facts.findings_by_rule or ()],
    }


def _total(facts: MailFacts) -> str | None:
    if facts.findings_by_rule is None:
        return None
    total = sum(count for _, count in facts.findings_by_rule)
    return str(total) if total else "none"


def _decisions(facts: MailFacts, shown: Shown) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for about in DECISIONS:
        found |= _decision(about.replace("-", "_"), facts.decision(about), shown)
    return {**found, "timeline": [_line(each) for each in facts.timeline]}


def _decision(name: str, decided: Decided | None, shown: Shown) -> dict[str, Any]:
    who = None if decided is None else ", ".join(filter(None, (decided.by, decided.role)))
    return {
        name: plain(decided.answer, shown.length) if decided else None,
        f"{name}_by": plain(who, shown.length) if decided else None,
        f"{name}_at": _moment(decided.at) if decided else None,
        f"{name}_reason": plain(decided.reason, shown.length) if decided else None,
    }


def _line(each: Happening) -> str:
    return (
        f"{each.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {plain(each.what)} ({plain(each.source)})"
    )


def _copies(notice: Notice, facts: MailFacts, shown: Shown) -> dict[str, Any]:
    residuals = (
        None if facts.residuals is None else [_left(each, shown) for each in facts.residuals]
    )
    return {
        "residuals": residuals,
        "waiting": [
            f"{each.id}: {plain(each.what)}, due {_moment(each.due)}"
            + (f", {plain(each.who, shown.length)}" if shown.labels else "")
            for each in facts.waiting
        ],
        "held": list(map(plain, addresses_held(notice, facts) or _page(facts))),
        "held_until": next(
            (each.latest for each in facts.held if each.place == notice.recipient.place), None
        )
        or None,
    }


def _page(facts: MailFacts) -> tuple[str, ...]:
    return (facts.repository_url,) if facts.repository_url else ()


def _left(each: Residual, shown: Shown) -> str:
    what = each.label if shown.labels and shown.paths != "opaque" else each.sort
    return f"{plain(what, shown.length)} (accepted by {plain(each.accepted_by, shown.length)})"


def _times(notice: Notice, facts: MailFacts) -> dict[str, Any]:
    by = answer_by(notice, reply_by=facts.reply_by, now=facts.now)
    aware = _moment(facts.aware_at) if facts.aware_at else None
    late = facts.deadline is not None and facts.now > facts.deadline
    return {
        "aware_at": f"{aware}, assumed until somebody says"
        if aware and facts.aware_assumed
        else aware,
        "deadline": plain(facts.deadline),
        "is_late": late,
        "reply_by": plain(by),
        "is_overdue": by is not None and by < facts.now,
        "month": f"{_MONTHS[facts.now.month - 1]} {facts.now.year}",
        "found_in": _month(facts.aware_at),
        "exposed_for": _exposed_for(facts),
    }


def month(moment: datetime) -> str:
    """Give a month as a text for the public names it."""
    utc = moment.astimezone(UTC)
    return f"{_MONTHS[utc.month - 1]} {utc.year}"


def _month(moment: datetime | None) -> str | None:
    return None if moment is None else month(moment)


def _exposed_for(facts: MailFacts) -> str | None:
    """Say in words how long the repository was public: a number could tell which it was."""
    if facts.public_since is None:
        return None
    days = ((facts.contained_at or facts.now) - facts.public_since).total_seconds() / 86_400
    return next((words for most, words in _EXPOSURES if days < most), "more than a month")


def _moment(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M} UTC ({_WEEKDAYS[utc.weekday()]})"
