"""Public archives: what each is asked, what it is told by that, and what its answers mean.

An archive is asked by addresses first. Old object ids confirm a guess of a redacted value, so they
go to nobody but the one archive that works by them, and only once it knows an address.
"""

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breachkit.actions.bad_set import EMPTY_BLOB, BadSet
from breachkit.actions.copies import Applies
from breachkit.actions.hosting import Topic
from breachkit.actions.trace import Entry, rest
from breachkit.actions.tracing_view import View, counted, text
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.archives/1"
MOST_IDS = 1000
"""In one request, the control among them; source: the documentation of `POST /api/1/known/`."""
CONTROL = f"swh:1:cnt:{EMPTY_BLOB}"
"""The file without content, which the archive certainly has: an answer that denies it is no answer."""
_SHA1_LENGTH = 40


class Archive(enum.StrEnum):
    """An archive that can be asked; the names stand in a case's files."""

    HERITAGE = "software-heritage"
    WAYBACK = "wayback"
    ZENODO = "zenodo"


PLACES: Mapping[Archive, str] = {
    Archive.HERITAGE: "C40",
    Archive.WAYBACK: "C41",
    Archive.ZENODO: "C43",
}
DEFAULT_BASES: Mapping[Archive, str] = {
    Archive.HERITAGE: "https://archive.softwareheritage.org",
    Archive.WAYBACK: "https://web.archive.org",
    Archive.ZENODO: "https://zenodo.org",
}
MOST_IN_A_RUN: Mapping[Archive, int] = {
    Archive.HERITAGE: 60,
    Archive.WAYBACK: 20,
    Archive.ZENODO: 5,
}
"""Questions in one run: half of what Software Heritage takes from a stranger in an hour, and little
for the others. The rest is asked when the command is run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to an archive; everything that it is told."""

    archive: Archive
    kind: str
    """`origin`, `captures`, `records` or `badge`."""
    about: str
    """An address, a name, or a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an archive said to one question."""

    question: Question
    at: datetime
    found: int | None
    """How much it has; None where it gave no usable answer."""
    reason: str = ""
    """Why there is none, or what has to be known about it."""
    latest: str = ""
    """Day of the newest visit or capture; empty where the archive does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What an archive said about object ids; counts alone."""

    at: datetime
    asked: int
    known: int | None
    """None where it gave no usable answer."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Every answer of a case so far, the newest to each question."""

    told: Mapping[Question, Told] = field(default_factory=dict)
    ids: Ids | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values."""
        ids = self.ids
        return {
            "schema": SCHEMA,
            "told": [_told_json(each) for each in self.told.values()],
            "ids": None
            if ids is None
            else {
                "at": rfc3339(ids.at),
                "asked": ids.asked,
                "known": ids.known,
                "reason": ids.reason,
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Kept":
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        if data["schema"] != SCHEMA:
            raise ValueError("schema")
        told = [_told_from(each) for each in data["told"]]
        ids = data["ids"]
        return cls(
            told={each.question: each for each in told},
            ids=None if ids is None else Ids(**{**ids, "at": parse_rfc3339(ids["at"])}),
        )


def questions(view: View, raw: str) -> tuple[Question, ...]:
    """Give everything that is to be asked, what matters most first.

    Args:
        view: The case.
        raw: Address under which the platform gives files as they are.
    """
    return (*_origins(view), *_captures(view, raw), *_records(view))


def due(
    asked: Sequence[Question], kept: Kept, allowed: Collection[Archive]
) -> tuple[Question, ...]:
    """Give what is asked in this run: what was never answered first, then what was longest ago."""
    chosen: list[Question] = []
    for archive in Archive:
        own = [each for each in asked if each.archive is archive and archive in allowed]
        own.sort(key=lambda each: _last_answered(kept, each))
        chosen += own[: MOST_IN_A_RUN[archive]]
    return tuple(chosen)


def software_ids(bad: BadSet | None) -> tuple[str, ...]:
    """Give the ids under which Software Heritage would have the bad files and commits.

    A repository that names objects by SHA-256 gives none: the archive does not know such names.
    """
    if bad is None:
        return ()
    blobs = [f"swh:1:cnt:{each}" for each in sorted(bad.ids) if len(each) == _SHA1_LENGTH]
    commits = [f"swh:1:rev:{each}" for each in bad.introducers if len(each) == _SHA1_LENGTH]
    return (*blobs, *commits)


def knows_an_address(kept: Kept) -> bool:
    """Say whether Software Heritage has any of the addresses, so that ids are worth sending."""
    return any(
        told.found for told in kept.told.values() if told.question.archive is Archive.HERITAGE
    )


def announcement(
    asking: Sequence[Question], ids: Sequence[str], hosts: Mapping[Archive, str]
) -> tuple[str, ...]:
    """Say what is going to leave this machine, and to whom, before it does."""
    lines = []
    for archive in Archive:
        number = sum(each.archive is archive for each in asking)
        if number:
            what = "the name and number" if archive is Archive.ZENODO else "addresses"
            lines.append(
                f"{hosts[archive]} is sent {what} of the repository"
                f"{' and its forks' if archive is not Archive.ZENODO else ''}: {counted(number, 'question')}"
            )
        if number and archive is Archive.HERITAGE and ids:
            lines.append(
                f"{hosts[archive]} is also sent the ids of {counted(len(ids), 'old object')} if it knows one of "
                "the addresses: whoever has such an id can confirm a guess of a redacted value"
            )
    return tuple(lines)


def entries(
    view: View, asked: Sequence[Question], kept: Kept, allowed: Collection[Archive]
) -> dict[str, tuple[Entry, ...]]:
    """Say what the answers mean for each archive that was ever asked, by the code of its place."""
    found: dict[str, tuple[Entry, ...]] = {}
    for archive in Archive:
        own = [each for each in asked if each.archive is archive]
        told = [kept.told[each] for each in own if each in kept.told]
        if told or archive in allowed:
            found[PLACES[archive]] = tuple(
                _MEANINGS[archive](_Answers(view=view, own=own, told=told, ids=kept.ids))
            )
    return found


def unanswered(asked: Sequence[Question], kept: Kept, allowed: Collection[Archive]) -> int:
    """Count the questions to archives that may be asked which have no usable answer."""
    return sum(
        each.archive in allowed and (each not in kept.told or kept.told[each].found is None)
        for each in asked
    )


def spellings(web: str, name: str) -> Iterator[str]:
    """Give every address under which an archive may know a repository."""
    scheme, _, host = web.partition("://")
    for spelled in dict.fromkeys((name, name.lower())):
        for spoken in dict.fromkeys((scheme, "https", "http")):
            yield from (f"{spoken}://{host}/{spelled}{end}" for end in ("", ".git", "/"))


def _names(view: View) -> tuple[str, ...]:
    """Give every name that the repository has or had."""
    looks = view.evidence.looks(Topic.REPOSITORY)
    shown = (text(each.reading.only, "full_name") for each in looks)
    return tuple(dict.fromkeys((view.repository.full_name, view.asked_name, *filter(None, shown))))


def _forks(view: View) -> Iterator[str]:
    for each in view.evidence.seen(Topic.FORKS):
        if text(each.item, "full_name"):
            yield text(each.item, "full_name")
    yield from (former.full_name for former in view.former.values() if former.full_name)
    for former in view.former.values():
        yield from (text(fork, "full_name") for fork in former.forks)


def _origins(view: View) -> Iterator[Question]:
    own = [address for name in _names(view) for address in spellings(view.web, name)]
    forks = [f"{view.web}/{name}{end}" for name in _forks(view) for end in ("", ".git")]
    for address in dict.fromkeys((*own, *forks)):
        yield Question(archive=Archive.HERITAGE, kind="origin", about=address)


def _captures(view: View, raw: str) -> Iterator[Question]:
    hosted = view.web == "https://github.com"
    places = [view.web, raw, *(["https://codeload.github.com"] if hosted else [])]
    own = [f"{place}/{name}" for name in _names(view) for place in places]
    own += ["https://api.github.com/repos/" + name for name in _names(view) if hosted]
    for look in view.evidence.looks(Topic.PAGES):
        own.append(text(look.reading.only, "html_url"))
        own.append(text(look.reading.only, "cname"))
    forks = [f"{view.web}/{name}" for name in _forks(view)]
    for address in dict.fromkeys((*own, *forks)):
        if address:
            yield Question(archive=Archive.WAYBACK, kind="captures", about=_bare(address))


def _records(view: View) -> Iterator[Question]:
    for name in _names(view):
        yield Question(archive=Archive.ZENODO, kind="records", about=name)
    if view.web == "https://github.com" and view.repository.id:  # the badges go by the number there
        yield Question(archive=Archive.ZENODO, kind="badge", about=str(view.repository.id))


def _bare(address: str) -> str:
    """Give an address without its scheme, as indexes of captures know it."""
    return address.partition("://")[2].rstrip("/") or address.rstrip("/")


def _last_answered(kept: Kept, question: Question) -> str:
    told = kept.told.get(question)
    return "" if told is None or told.found is None else rfc3339(told.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """What one archive was asked and said."""

    view: View
    own: Sequence[Question]
    told: Sequence[Told]
    ids: Ids | None


def _heritage(answers: _Answers) -> Iterator[Entry]:
    view, own, told, ids = answers.view, answers.own, answers.told, answers.ids
    archived = [each for each in told if each.found]
    visits = max((each.latest for each in archived), default="")
    said = f"{counted(len(archived), 'address', 'addresses')} of {len(own)} archived"
    said += f", visited last {visits}" if visits else ""
    when = _oldest(told)
    if archived and ids is not None and ids.known is not None:
        found = f"{said}; {ids.known} of {counted(ids.asked, 'old id')} known to it ({ids.at:%Y-%m-%d %H:%M} UTC)"
        applies: Applies = "yes" if ids.known else "no"
        yield Entry(key="C40:", signal=found, applies=applies, is_there=bool(ids.known))
    elif archived:
        why = ids.reason if ids else "no old id was asked for"
        yield Entry(key="C40:", signal=f"{said}; {why}", applies="yes", is_there=True)
    elif left := _left(own, told):
        yield rest("C40", "unknown", f"run again: {left}")
    elif view.evidence.gap(Topic.FORKS):
        why = "not all forks are known, and each may be archived"
        yield rest(
            "C40",
            "unknown",
            f"to ask a person: none of {len(own)} addresses is archived ({when}), but {why}",
        )
    else:
        yield rest("C40", "no", f"none of {len(own)} addresses is archived ({when})")


def _wayback(answers: _Answers) -> Iterator[Entry]:
    own, told = answers.own, answers.told
    captured = [each for each in told if each.found]
    excluded = [each for each in told if each.reason and each.found == 0]
    when = _oldest(told)
    if captured:
        pages = sum(each.found or 0 for each in captured)
        newest = max(each.latest for each in captured)
        signal = f"{counted(pages, 'page')} under {len(captured)} of {len(own)} addresses, captured last {newest}"
        yield Entry(key="C41:", signal=signal, applies="yes", is_there=True)
    elif left := _left(own, told):
        yield rest("C41", "unknown", f"run again: {left}")
    elif excluded:
        why = f"{excluded[0].reason}: captures may be kept without being shown"
        yield rest("C41", "unknown", f"to ask a person: {why} ({when})")
    else:
        yield rest("C41", "no", f"its index is empty for {len(own)} addresses ({when})")


def _zenodo(answers: _Answers) -> Iterator[Entry]:
    own, told = answers.own, answers.told
    found = sum(each.found or 0 for each in told)
    if found:
        signal = f"{counted(found, 'record')} of it, every version counted"
        yield Entry(key="C43:", signal=signal, applies="yes", is_there=True)
    elif left := _left(own, told):
        yield rest("C43", "unknown", f"run again: {left}")
    else:
        why = f"no record links to it by its address or number ({_oldest(told)})"
        yield rest(
            "C43", "unknown", f"to ask a person: {why}; one that was uploaded by hand need not"
        )


def _left(own: Sequence[Question], told: Sequence[Told]) -> str:
    """Say how many questions have no usable answer, and why; empty where all have one."""
    failed = [each for each in told if each.found is None]
    left = len(own) - len(told) + len(failed)
    why = f" ({failed[0].reason})" if failed else ""
    return f"{counted(left, 'question')} of {len(own)} without an answer{why}" if left else ""


def _oldest(told: Sequence[Told]) -> str:
    return f"asked since {min(each.at for each in told):%Y-%m-%d %H:%M} UTC" if told else ""


_MEANINGS = {
    Archive.HERITAGE: _heritage,
    Archive.WAYBACK: _wayback,
    Archive.ZENODO: _zenodo,
}


def _told_json(told: Told) -> dict[str, Any]:
    question = told.question
    return {
        "archive": question.archive,
        "kind": question.kind,
        "about": question.about,
        "at": rfc3339(told.at),
        "found": told.found,
        "reason": told.reason,
        "latest": told.latest,
    }


def _told_from(data: Mapping[str, Any]) -> Told:
    question = Question(
        archive=Archive(data["archive"]), kind=str(data["kind"]), about=str(data["about"])
    )
    found = data["found"]
    if not (found is None or isinstance(found, int)):
        raise TypeError("found")
    return Told(
        question=question,
        at=parse_rfc3339(data["at"]),
        found=found,
        reason=str(data["reason"]),
        latest=str(data["latest"]),
    )
