"""What a practice is about, lesson by lesson: what each is worth, and how one sees that it is learnt."""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from breachkit.drill import practice_witness as witness
from breachkit.drill.practice_look import Look
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind


class State(enum.StrEnum):
    """How a lesson stands."""

    DONE = "done"
    OPEN = "open"
    """It can still be done."""
    MISSED = "missed"
    """Its moment is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One thing to be learnt."""

    id: str
    title: str
    points: int
    hint: str
    """Where to look, never the whole answer."""
    judge: Callable[[Look], State | None]
    """None where the story has nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Something that must not happen; it stays on the record, whatever is done later."""

    id: str
    title: str
    why: str
    happened: Callable[[Look], bool]


COST = 5
"""Points that a mistake costs."""


def _when(done: object, *, missed: bool = False) -> State:
    if done:
        return State.DONE
    return State.MISSED if missed else State.OPEN


def _case(look: Look) -> State:
    return _when(look.case is not None)


def _told(look: Look) -> bool:
    arrived = all(map(look.heard, look.facts.alerted))
    return arrived or bool(look.reached(Milestone.ALERTED))


def _alert(look: Look) -> State:
    return _when(_told(look))


def _alert_first(look: Look) -> State:
    touched = look.sign(witness.TOUCHED)
    if not touched:
        return _when(_told(look))
    in_time = all(look.heard(address, before=touched) for address in look.facts.alerted)
    noted = look.reached(Milestone.ALERTED)
    return _when(in_time or ("" < noted <= touched), missed=True)


def _snapshot(look: Look) -> State | None:
    if not look.facts.is_hosted:
        return None
    touched, taken = look.sign(witness.TOUCHED), look.written.get(EventKind.SNAPSHOT_RECORDED, "")
    return _when(bool(taken) and (not touched or taken <= touched), missed=bool(touched))


def _closed(look: Look) -> State | None:
    closed, touched = look.sign(witness.CLOSED), look.sign(witness.TOUCHED)
    was_closed_already = closed and not "" < touched <= closed
    if not look.facts.is_hosted or was_closed_already:
        return None
    return _when(closed, missed=look.server_is_clean)


def _branches(look: Look) -> State:
    return _when(look.branches_are_clean)


def _nothing_else(look: Look) -> State:
    return _when(look.branches_are_clean and look.nothing_else_changed)


def _server(look: Look) -> State:
    return _when(look.server_is_clean)


def _forks(look: Look) -> State | None:
    if not look.facts.forks:
        return None
    return _when(not look.forks_holding)


def _holders(look: Look) -> State:
    return _when(all(map(look.asked, look.facts.holders)))


def _copies(look: Look) -> State:
    return _when(look.copies_left == 0)


def _journal(look: Look) -> State:
    return _when(look.journal_holds, missed=look.case is not None)


def _restored(look: Look) -> State | None:
    if not look.facts.is_hosted:
        return None
    was_closed = bool(look.sign(witness.CLOSED))
    return _when(was_closed and look.is_as_before and look.server_is_clean)


def _ended(look: Look) -> State:
    return _when(bool(look.reached(Milestone.CLOSED)))


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        id="case",
        title="A case is open, and everything is journalled",
        points=5,
        hint="A name is enough: look at `breachkit open --help`. The contacts are in "
        "$DRILL/contacts.toml.",
        judge=_case,
    ),
    Lesson(
        id="alert",
        title="The named contacts were told",
        points=8,
        hint="A message that is written has not left. `breachkit notify list` says which wait.",
        judge=_alert,
    ),
    Lesson(
        id="alert-first",
        title="They were told before anything was changed",
        points=6,
        hint="Tell first, also while little is known.",
        judge=_alert_first,
    ),
    Lesson(
        id="snapshot",
        title="What closing destroys was written down before",
        points=8,
        hint="Once it is private, no list shows its stars, watchers and public forks.",
        judge=_snapshot,
    ),
    Lesson(
        id="closed",
        title="The repository was closed to outsiders",
        points=8,
        hint="Private alone is not closed: think of invitations, the site, webhooks.",
        judge=_closed,
    ),
    Lesson(
        id="branches",
        title="No branch, tag or note leads to the data",
        points=15,
        hint="Find all of it before you plan, and read the plan: old tags and side branches count.",
        judge=_branches,
    ),
    Lesson(
        id="nothing-else",
        title="Nothing else was changed",
        points=8,
        hint="Every other file, author, date and message has to be what it was.",
        judge=_nothing_else,
    ),
    Lesson(
        id="server",
        title="The server has none of it, not even by id",
        points=10,
        hint="No push reaches the refs of pull requests, or what no ref reaches. There is a message "
        "for whoever does; mark it as sent, and read the answer.",
        judge=_server,
    ),
    Lesson(
        id="forks",
        title="No fork leads to the data",
        points=8,
        hint="A fork belongs to its owner: somebody has to ask. `breachkit notify render --help` "
        "lists the messages.",
        judge=_forks,
    ),
    Lesson(
        id="holders",
        title="Everybody with a clone has the script that checks it",
        points=6,
        hint="Who worked on it since the exposure has a clone. First find them, then write.",
        judge=_holders,
    ),
    Lesson(
        id="copies",
        title="Every copy is accounted for",
        points=6,
        hint="`breachkit copies list` says what is open; `breachkit drill inbox` what was answered.",
        judge=_copies,
    ),
    Lesson(
        id="journal",
        title="The journal holds",
        points=4,
        hint="It needs a case; after that, leave its file alone.",
        judge=_journal,
    ),
    Lesson(
        id="restored",
        title="Everything is back as it was",
        points=5,
        hint="Only once it is gone. Roles, keys, protections and switches count.",
        judge=_restored,
    ),
    Lesson(
        id="ended",
        title="The case is closed",
        points=3,
        hint="Ask it to close: what lacks is listed, with a command for each.",
        judge=_ended,
    ),
)


MISTAKES: tuple[Mistake, ...] = (
    Mistake(
        id="reverted",
        title="A commit was pushed on top of the history that holds the data",
        why="A revert, a deletion or a new redacted file leaves it one `git show` away.",
        happened=lambda look: bool(look.sign(witness.REVERTED)),
    ),
    Mistake(
        id="came-back",
        title="A history that holds the data was pushed",
        why="Any old clone brings everything back, and a rewrite that leaves a part of it does, too.",
        happened=lambda look: bool(look.sign(witness.CAME_BACK)),
    ),
    Mistake(
        id="lost-work",
        title="A forced push threw away what others had pushed meanwhile",
        why="A ref may move only if it is still what you looked at: that is what a lease is for.",
        happened=lambda look: bool(look.sign(witness.LOST_WORK)),
    ),
    Mistake(
        id="reopened",
        title="It was public again while a ref still led to the data",
        why="Pull requests count: verify first, then give access back.",
        happened=lambda look: bool(look.sign(witness.REOPENED)),
    ),
    Mistake(
        id="deleted",
        title="The repository was deleted",
        why="Its forks live on, and everything that would show who has a copy is gone with it.",
        happened=lambda look: bool(look.sign(witness.DELETED)),
    ),
    Mistake(
        id="data-in-a-mail",
        title="Data left in a message",
        why="A mail cannot be taken back. Say where something is, never what.",
        happened=lambda look: look.mails_tell,
    ),
    Mistake(
        id="data-in-a-file",
        title="Data stand in what others may read",
        why="Shared files of the case, what you hand over, and the shell's history show no value.",
        happened=lambda look: look.files_tell,
    ),
)
