"""Reading a case's journal, and checking that it holds: by itself, and by what others keep of it."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from breachkit.incident.anchors import MAX_BYTES, read_message
from breachkit.incident.audit import Line
from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.journal import JournalDamagedError
from breachkit.model.errors import BreachkitError, ConfigurationError
from breachkit.model.ids import display
from breachkit.report.case_log import Anchors, LogReport, Outside
from breachkit.workflows.plain_file import plain
from breachkit.workflows.stamp import check_stamps


MAILS = frozenset({".eml", ".txt"})
"""How the files of mails end that are looked for in a folder."""


class NoAnchorsError(ConfigurationError):
    """What was given holds no anchor of this case."""


def show_log(case: CaseFolder, last: int | None = None) -> tuple[Line, ...]:
    """Give the journal's entries, oldest first, or only the `last` ones; bad lines say so."""
    try:
        events = case.events()
    except JournalDamagedError:
        read = case.lines()
    else:
        read = tuple(Line(number=event.seq, event=event, problem=None) for event in events)
    return read if last is None else read[max(len(read) - last, 0) :]


def verify_log(
    case: CaseFolder, anchors: Sequence[str] = (), mails: Sequence[Path] = ()
) -> LogReport:
    """Check the journal, and the files and time stamps that it vouches for.

    With anchors, also that nothing was cut off or written anew.

    Args:
        case: Which.
        anchors: Hashes of entries, each whole or at least its first 12 digits.
        mails: Files of mails about the case, and folders of them; their footers carry anchors.

    Raises:
        AnchorError: one of `anchors` is no hash.
        NoAnchorsError: no mail could be read, or none carries an anchor of this case.
    """
    found, others = _in_mails(case, mails)
    journal = case.verify(*anchors, *found)
    sound = not journal.problems
    return LogReport(
        journal=journal,
        sources={anchor: tuple(names) for anchor, names in found.items()},
        other_mails=others,
        evidence=case.evidence() if sound else (),
        stamps=check_stamps(case) if sound else (),
    )


def anchors_of(case: CaseFolder) -> Anchors:
    """Give the head to keep elsewhere, and where earlier ones went.

    Raises:
        JournalDamagedError: the journal does not hold, so its head is worth nothing.
    """
    events = case.events()
    return Anchors(
        case_id=case.incident.id,
        head=events[-1].hash,
        entry=events[-1].id,
        entries=len(events),
        outside=tuple(_outside(case, events)),
    )


def _outside(case: CaseFolder, events: Sequence[Event]) -> Iterator[Outside]:
    """Give every message as it was written last, in the order of their first writing."""
    ids = {event.hash: event.id for event in events}
    written = {}
    sent = {}
    for event in events:
        number = event.text("number") or ""
        if event.known_kind is EventKind.NOTIFY_RENDERED:
            written[number] = event
        elif event.known_kind is EventKind.NOTIFY_SENT:
            sent[number] = event.text("at") or event.ts
    for number, event in written.items():
        anchor = _anchor_in(case, event.text("file"))
        yield Outside(
            number=number,
            message=event.text("message") or "",
            audience=event.text("audience") or "",
            sent_at=sent.get(number),
            anchor=anchor,
            entry=ids.get(anchor) if anchor else None,
        )


def _anchor_in(case: CaseFolder, file: str | None) -> str | None:
    try:
        found = read_message(case.read_file(file)).anchors if file else ()
    except BreachkitError:  # it was deleted, or cannot be read: what was sent is still anchored
        return None
    return found[0] if found else None


def _in_mails(case: CaseFolder, mails: Sequence[Path]) -> tuple[dict[str, list[str]], int]:
    """Give the anchors of this case in mails, each with the files it stands in, and what else."""
    if not mails:
        return {}, 0
    case_id, others = _case_id(case), 0
    found: dict[str, list[str]] = {}
    for file, name in _files(mails):
        message = read_message(_read(file))
        named = message.anchors if message.is_about(case_id) else ()
        others += not named
        for anchor in named:
            found.setdefault(anchor, []).append(display(name))
    if not found:
        raise NoAnchorsError(
            f"no mail about {case_id} with a log head at its end was found there: pass the mails "
            "as they were received or sent, as .eml or .txt"
        )
    return found, others


def _case_id(case: CaseFolder) -> str:
    """Give the case's id, also where the journal cannot be built upon."""
    first = next(iter(case.lines()), None)
    named = first.event.text("case") if first and first.event else None
    return named or "-".join(case.path.name.split("-")[:3])


def _files(places: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Give the files of mails, each with what to call it."""
    for place in places:
        if not place.is_dir():
            yield place, place.name
            continue
        for each in sorted(place.rglob("*")):
            if each.suffix.lower() in MAILS and each.is_file():
                yield each, str(each.relative_to(place))


def _read(file: Path) -> bytes:
    try:
        if plain(file).stat().st_size > MAX_BYTES:
            raise NoAnchorsError(
                f"{display(file.name)} is too large for a mail: pass the mail alone"
            )
        return file.read_bytes()
    except OSError as cause:
        raise NoAnchorsError(f"cannot read {display(file.name)}: {cause.strerror}") from cause
