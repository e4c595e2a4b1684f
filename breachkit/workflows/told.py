"""How far a case is, in words for people who do not use breachkit."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from breachkit.actions.bad_set import BadSet
from breachkit.actions.mailfacts import Happening
from breachkit.actions.notice_kinds import To
from breachkit.actions.notify import Notice
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind


_DONE_WORDS = {
    Milestone.OPENED: "the case was opened",
    Milestone.CONTAINED: "access to the repository was restricted",
    Milestone.SCOPED: "the whole history was searched",
    Milestone.REWRITTEN: "the history was rewritten in a private mirror",
    Milestone.PUSHED: "the rewritten history was pushed",
    Milestone.VERIFIED: "branches and tags of a fresh clone were found clean",
    Milestone.SERVER_PURGED: "nothing is left on the server, pull requests included",
    Milestone.TRACED: "every known copy is accounted for",
}
_TO_DO_WORDS = {
    Milestone.CONTAINED: "restrict access to the repository",
    Milestone.SCOPED: "search the whole history",
    Milestone.REWRITTEN: "rewrite the history in a private mirror, with proof",
    Milestone.PUSHED: "push the rewritten history",
    Milestone.VERIFIED: "verify on a fresh clone from the server",
    Milestone.SERVER_PURGED: "have the platform remove what no push can change",
    Milestone.TRACED: "account for every copy",
}
_ALSO_DATED = {
    Milestone.ALERTED: "the first alert left",
    Milestone.RESTORED: "access was given back",
    Milestone.CLOSED: "the case was closed",
    Milestone.STOOD_DOWN: "the case was stood down",
    Milestone.RECURRED: "the data were seen again",
}

_ROLES: dict[To, str] = {
    "alert": "alert",
    "engineer": "request to the engineer",
    "dpo": "account like this one",
}
_GROUPS: dict[To, str] = {
    "writers": "whoever can push, asked to stop",
    "holders": "holders of copies",
    "forks": "owners of forks",
    "platform": "the platform's support",
    "archives": "archives",
}


def done_so_far(incident: Incident) -> tuple[str, ...]:
    """Give what is done, in the order of the response."""
    return tuple(words for reached, words in _DONE_WORDS.items() if incident.has(reached))


def left_to_do(incident: Incident) -> tuple[str, ...]:
    """Give what is not done yet, in the order of the response; nobody closes again what was given back."""
    left = {reached: words for reached, words in _TO_DO_WORDS.items() if not incident.has(reached)}
    if incident.has(Milestone.RESTORED):
        left.pop(Milestone.CONTAINED, None)
    return tuple(left.values())


def timeline(
    incident: Incident, public_since: datetime | None, bad: BadSet | None
) -> tuple[Happening, ...]:
    """Give what happened when, oldest first, each with where that is known from."""
    found = [*_before(incident, public_since, bad), *_reached(incident)]
    return tuple(sorted(found, key=lambda each: each.at))


def _before(
    incident: Incident, public_since: datetime | None, bad: BadSet | None
) -> Iterator[Happening]:
    if bad is not None and bad.first_exposure is not None:
        what = "the first commit that holds the data was made"
        yield Happening(at=bad.first_exposure, what=what, source="the date in that commit")
    if public_since is not None:
        yield Happening(at=public_since, what="the repository was public", source="as was said")
    yield Happening(
        at=incident.discovered_at, what="the data were found", source="the opening of the case"
    )
    assumed = ", assumed until somebody says" if incident.aware_assumed else ""
    aware = f"awareness; 72 hours begin{assumed}"
    if incident.is_draft:
        aware = "nobody is aware yet; 72 hours are reckoned from here until a person has looked"
    yield Happening(at=incident.aware_at, what=aware, source="the case")


def _reached(incident: Incident) -> Iterator[Happening]:
    words = {**_DONE_WORDS, **_ALSO_DATED}
    for milestone, reached in incident.milestones.items():
        if milestone in words:
            source = f"journal entry {reached.seq}"
            yield Happening(at=reached.at, what=words[milestone], source=source)


def who_was_told(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Give whom messages went to, a line for each contact and for each group of others."""
    sent = [notice for notice in notices if notice.sent_at is not None]
    named = [_one(notice) for notice in sent if notice.kind.to in _ROLES]
    groups = [_group(words, [n for n in sent if n.kind.to == to]) for to, words in _GROUPS.items()]
    return tuple(line for line in (*named, *groups) if line)


def _one(notice: Notice) -> str:
    role = notice.recipient.reference.replace("_", " ")
    answered = (
        f", answered {notice.acknowledged_at:%Y-%m-%d %H:%M} UTC"
        if notice.acknowledged_at
        else ", no answer yet"
    )
    return f"{role}: {_ROLES[notice.kind.to]}, {notice.sent_at:%Y-%m-%d %H:%M} UTC{answered if notice.kind.asks else ''}"


def _group(words: str, sent: Sequence[Notice]) -> str:
    if not sent:
        return ""
    first = min(notice.sent_at for notice in sent if notice.sent_at)
    answered = sum(notice.acknowledged_at is not None for notice in sent)
    return (
        f"{words}: messages sent {len(sent)}, answered {answered}, first {first:%Y-%m-%d %H:%M} UTC"
    )


def still_served(incident: Incident) -> str | None:
    """Say how much the platform still gives away, for its support; None before it was asked."""
    if EventKind.VERIFY_SERVER not in incident.latest:
        return None
    number = {name: incident.fact(EventKind.VERIFY_SERVER, name) or 0 for name in _ANSWERS}
    if not number["served"]:
        open_ = number["unknown"] + number["left"]
        return "not everything could be asked" if open_ else "nothing that was asked for"
    return f"{number['served']} of {sum(number.values())} requests for removed objects are answered"


_ANSWERS = ("served", "gone", "unknown", "closed", "left")


def forks_known(incident: Incident) -> str | None:
    """Say what asking the platform showed of forks; None before it was asked."""
    if EventKind.VERIFY_SERVER not in incident.latest:
        return None
    forks, holding, hidden = (
        incident.fact(EventKind.VERIFY_SERVER, name) or 0
        for name in ("forks", "forks_holding", "hidden")
    )
    if not forks:
        return "none is known"
    said = f"{forks} known, {holding} with refs that lead to the data"
    return f"{said}, {hidden} deleted or private" if hidden else said
