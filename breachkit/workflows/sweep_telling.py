"""Tells the contacts what a sweep found that is new: one mail each, and none where nothing is new.

A letter is written down before it is handed over, and what became of it after that. One of which no
answer is known is handed over again by the next sweep, with the same Message-ID, by which mail programs
know it again: it is told at least once, and never because something was found twice.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path

import breachkit
from breachkit.actions.contacts import Contact, ContactsProfile
from breachkit.actions.notice_kinds import NobodyToTellError
from breachkit.actions.sending import Accepted, Outcome, Postbox, Rejected, Unanswered
from breachkit.actions.sweep_due import (
    Due,
    Envelope,
    LetterState,
    Purpose,
    without_accepted,
)
from breachkit.actions.sweeping import Sweep
from breachkit.incident.disk import make_folder, write_atomic, writing
from breachkit.model.time import Clock
from breachkit.report import sweep_mail
from breachkit.smtp.letter import letter_from
from breachkit.store.database import key_of
from breachkit.store.sweep_due import DueStore
from breachkit.workflows.playbooks import playbook_of, read_text
from breachkit.workflows.sending import SERVER_PROBLEMS
from breachkit.workflows.sweep import MARKS, alone


LETTERS = "letters"
"""The folder of what a person has to send."""
WAIT_S = 60
"""How long the next sweep of the same target may keep this one from telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who hears what sweeps find, and in which words."""

    contacts: tuple[Contact, ...]
    template: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """A letter that could not be sent."""

    letter: Envelope
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the letters about a sweep."""

    sent: tuple[Envelope, ...] = ()
    unsent: tuple[Unsent, ...] = ()
    written: tuple[Path, ...] = ()
    """Files of letters that a person has to send, because no mail server is named."""


def audience(profile: ContactsProfile, *, folder: Path | None = None) -> Audience:
    """Give who is told, and the words of their organisation's playbook.

    Raises:
        NobodyToTellError: none of them has an address.
        NoSuchPlaybookError: the playbook has no such words.
    """
    contacts = tuple(each for each in profile.to_tell_of_sweeps() if each.email)
    if not contacts:
        raise NobodyToTellError(
            "the contacts have nobody with an address who hears of sweeps: see sweep_roles and alert_roles"
        )
    organisation = playbook_of(profile.name, folder=folder)
    template = read_text(sweep_mail.TEMPLATE, organisation, folder=folder)
    return Audience(contacts=contacts, template=template)


def tell(
    made: Sweep,
    who: Audience,
    *,
    folder: Path,
    clock: Clock,
    postbox: Postbox | None,
    sender: Address | None,
    drafts: Mapping[str, str],
) -> Told:
    """Tell what is new and was not told yet, and try again what could not be sent before.

    Args:
        made: The sweep, which wrote down what is owed.
        who: Who is told.
        folder: Of the sweeps.
        clock: For the date of the letters.
        postbox: Where they are handed over; None writes them into files.
        sender: Who sends them; needed with a postbox.
        drafts: Codenames of draft cases, by key of the repository.

    Raises:
        SweepBusyError: the next sweep of the same target has begun; it tells what this one owes.
        LintError: a letter could disclose something, so that none was written.
        TemplateRefusedError: the playbook's words are wrong.
    """
    with alone(folder, made.target, timeout_s=WAIT_S):
        store = DueStore(folder)
        try:
            telling = _Telling(made, who, folder, store)
            telling.write(clock, drafts)
            if postbox is None:
                return telling.files()
            return telling.send(postbox, sender)
        finally:
            store.close()


class _Telling:
    """The letters about one sweep."""

    def __init__(self, made: Sweep, who: Audience, folder: Path, store: DueStore) -> None:
        self._made = made
        self._target = made.target
        self._who = who
        self._folder = folder
        self._store = store
        self._key = key_of(folder, MARKS)

    def write(self, clock: Clock, drafts: Mapping[str, str]) -> None:
        """Write down a letter to each contact where anything is owed."""
        contacts = [(each.name, each.email or "") for each in self._who.contacts]
        self._store.readdress(
            self._target, contacts, lambda number, to: self._message_id(str(number), to)
        )
        due = self._store.due(self._target, Purpose.MAIL)
        new = without_accepted(due, self._made)
        if not new:
            self._store.done(self._target, Purpose.MAIL, due)
            return
        findings = sweep_mail.Findings(
            due=new, drafts=drafts, at=clock.now(), tool_version=breachkit.__version__
        )
        telling = sweep_mail.compose(findings, self._who.template)
        what = "\0".join((telling.at.isoformat(), *_marks(new)))
        letters = [(name, to, self._message_id(what, to)) for name, to in contacts]
        self._store.write(self._target, telling, letters, due)

    def send(self, postbox: Postbox, sender: Address | None) -> Told:
        """Hand over every letter that waits; a server that takes none ends the round."""
        sent: list[Envelope] = []
        unsent: list[Unsent] = []
        stopped = ""
        for letter in self._store.waiting(self._target):
            outcome = None if stopped else self._handed_over(letter, postbox, sender)
            if isinstance(outcome, Accepted):
                sent.append(letter)
                continue
            unsent.append(Unsent(letter=letter, reason=_reason(outcome) or stopped))
            if isinstance(outcome, Rejected) and outcome.stops_all:
                stopped = unsent[-1].reason
        return Told(sent=tuple(sent), unsent=tuple(unsent))

    def files(self) -> Told:
        """Write every letter that waits into files, for a person to send."""
        return Told(
            written=tuple(
                path
                for letter in self._store.waiting(self._target)
                for path in self._as_files(letter)
            )
        )

    def _handed_over(self, letter: Envelope, postbox: Postbox, sender: Address | None) -> Outcome:
        ready = letter_from(sweep_mail.eml(letter), recipient=letter.address, sender=sender)
        try:
            outcome: Outcome | None = postbox.ready()
            if outcome is None:
                self._store.mark(letter, LetterState.SENDING)
                outcome = postbox.deliver(ready)
        except SERVER_PROBLEMS as problem:
            outcome = Rejected(code=None, reply=str(problem), stage="connect")
        self._store.mark(letter, _STATES[type(outcome)])
        return outcome

    def _as_files(self, letter: Envelope) -> Iterator[Path]:
        place = self._folder / LETTERS
        with writing(place):
            make_folder(place)
        words = f"{letter.telling.subject}\n\n{letter.telling.text}".encode()
        for ending, content in (("eml", sweep_mail.eml(letter)), ("txt", words)):
            path = place / f"{letter.number:04}.{ending}"
            write_atomic(path, content)
            yield path
        self._store.mark(letter, LetterState.WRITTEN)

    def _message_id(self, what: str, address: str) -> str:
        told = "\0".join((self._target, what, address)).encode("utf-8", "surrogateescape")
        return f"<{hmac.new(self._key, told, hashlib.sha256).hexdigest()[:32]}@mail.invalid>"


_STATES: Mapping[type, LetterState] = {
    Accepted: LetterState.SENT,
    Rejected: LetterState.REFUSED,
    Unanswered: LetterState.UNSURE,
}


def _marks(due: Sequence[Due]) -> list[str]:
    return sorted(each.seen.mark for each in due)


def _reason(outcome: Outcome | None) -> str:
    match outcome:
        case Rejected(code=code, reply=reply):
            return reply if code is None else f"{code} {reply}"
        case Unanswered(reply=reply):
            return f"{reply}: it may have arrived"
        case _:
            return ""
