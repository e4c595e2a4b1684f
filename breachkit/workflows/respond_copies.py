"""The register of copies in a guided response: each copy that is known, then the places that may have one."""

import itertools
from collections.abc import Mapping, Sequence

from breachkit.actions.copies import Copy, open_copies
from breachkit.actions.notify import kind_named
from breachkit.actions.recipients import ARCHIVES, FORKS
from breachkit.actions.trace import OWN_REFS, PULL_REQUESTS, Place
from breachkit.incident.case import Milestone
from breachkit.model.ids import display
from breachkit.report.words import counted
from breachkit.workflows.playbooks import playbook_of
from breachkit.workflows.register import load_register
from breachkit.workflows.respond_mails import unsent, write_and_send
from breachkit.workflows.respond_sitting import LEFT_ALONE, Sitting
from breachkit.workflows.trace import load_places


_GONE, _NOT_HERE, _ASKED, _ACCEPTED, _PROVEN = range(5)
_ANSWERS = (
    "deleted: whoever holds it says so, and it can be shown",
    "there is none: this place does not apply to the case",
    "its holder was asked and has not answered yet",
    "nobody can close it: a person with a name and an office accepts that",
    "what its holder's script gave back is here, as a file",
)

Places = Mapping[str, Place]


def account_for_copies(sitting: Sitting) -> int | None:
    """Offer to write to holders, and ask about each copy and each place that is open."""
    waiting = _open(sitting)
    if not waiting:
        return sitting.run(sitting.on_case("copies", "list"))
    _write_to_holders(sitting)
    theirs = [copy for copy in waiting if copy.place in _SERVERS_OWN]
    if theirs and not sitting.incident.has(Milestone.SERVER_PURGED):
        refs = counted(len(theirs), "entry is", "entries are")
        sitting.talk.say(
            "", f"{refs} about refs of the server itself: `breachkit verify` closes them."
        )
        waiting = tuple(copy for copy in waiting if copy not in theirs)
    known = [copy for copy in waiting if copy.applies == "yes"]
    rest = [copy for copy in waiting if copy.applies != "yes"]
    if waiting:
        sitting.talk.say("", _left(len(known), len(rest)))
    places = {place.code: place for place in load_places(playbook_of(sitting.incident.profile))}
    code = _one_by_one(sitting, [(copy,) for copy in known], places)
    return (_ask_of_places(sitting, rest, places) if rest else None) or code


_SERVERS_OWN = frozenset({OWN_REFS, PULL_REQUESTS})
"""Places of which a look says more than anybody's word, as long as the server was not found clean."""


def _left(known: int, places: int) -> str:
    copies = counted(known, "copy", "copies") if known else ""
    where = f"{counted(places, 'place', 'places')} where one may be" if places else ""
    said = " and ".join(filter(None, (copies, where)))
    return f"Open: {said}. Each copy is asked about, then the places; leave what is not known yet."


def _open(sitting: Sitting) -> tuple[Copy, ...]:
    return open_copies(load_register(sitting.case))


def _write_to_holders(sitting: Sitting) -> None:
    asked = [each for each in _open(sitting) if each.needs_request]
    due = {_message_to(each.place) for each in asked}
    due |= {alias for alias in _MESSAGES if unsent(sitting, kind_named(alias).name)}
    if due and sitting.talk.yes(f"{_unanswered(len(asked))} Write to them now?"):
        for alias in _MESSAGES:
            if alias in due:
                write_and_send(sitting, sitting.on_case("notify", "render", alias))


_MESSAGES = ("forks", "holders", "archives")
"""Messages to whoever has a copy; owners of forks first, for a platform's support waits for them."""


def _message_to(place: str) -> str:
    """Name the message that goes to whoever has a copy in a place."""
    if place in FORKS:
        return "forks"
    return "archives" if place in ARCHIVES else "holders"


def _unanswered(holders: int) -> str:
    """Say how many holders have to be asked; 0 where the messages to them only wait to be sent."""
    one = "holder has not answered, or was not written to yet."
    many = "holders have not answered, or were not written to yet."
    return counted(holders, one, many) if holders else "Messages to holders are not sent yet."


def _ask_of_places(sitting: Sitting, rest: Sequence[Copy], places: Places) -> int | None:
    """Ask about places where nobody knows of a copy: kind by kind, or all of them at once."""
    title = f"{counted(len(rest), 'place')} left in which nobody knows of a copy"
    options = (
        "go through them, one kind of place after the other",
        "each was looked up and has none: one note says how, for all of them",
    )
    chosen = sitting.talk.choice(title, options)
    if chosen is None:
        sitting.talk.say("Left open.")
        return None
    if chosen == 1:
        return _run_all(sitting, _commands(sitting, rest, _NOT_HERE))
    ordered = sorted(rest, key=_kind)
    groups = [tuple(members) for _, members in itertools.groupby(ordered, key=_kind)]
    return _one_by_one(sitting, groups, places)


def _kind(copy: Copy) -> str:
    return copy.place


def _one_by_one(sitting: Sitting, groups: Sequence[Sequence[Copy]], places: Places) -> int | None:
    """Ask about one group after the other, until the person has had enough."""
    code = None
    for number, group in enumerate(groups, start=1):
        sitting.talk.say("", f"{number} of {len(groups)}")
        answered = _ask(sitting, group, places)
        code = answered if answered is not None else code
        more = number < len(groups)
        if answered is None and more and not sitting.talk.yes("Go on with the next?"):
            return code
    return code


def _ask(sitting: Sitting, group: Sequence[Copy], places: Places) -> int | None:
    if place := places.get(group[0].place):
        sitting.talk.say(f"{place.code} {place.label}", f"how to find out: {place.find}")
    for copy in group:
        sitting.talk.show([(f"  {copy.id}  {display(copy.label)}",)])
    chosen = sitting.talk.choice("What is known of it?", _ANSWERS)
    if chosen is None:
        sitting.talk.say("Left open.")
        return None
    return _run_all(sitting, _commands(sitting, group, chosen))


def _run_all(sitting: Sitting, commands: Sequence[Sequence[str]]) -> int | None:
    if not commands or not sitting.agreed(*commands):
        return None
    return max(sitting.run(words) for words in commands)


def _commands(sitting: Sitting, group: Sequence[Copy], chosen: int) -> list[tuple[str, ...]]:
    """Give the commands that say what is known; none where the person leaves it."""
    if chosen == _PROVEN:
        file = sitting.talk.text("Where is the file? The mail it came in will do.")
        return [sitting.on_case("copies", "prove", group[0].id, "--from", file)] if file else []
    asks = (
        "Why is it accepted?" if chosen == _ACCEPTED else "What shows it? Nothing out of the data."
    )
    note = sitting.talk.text(asks)
    by = sitting.name("Who says so? A full name.") if note else ""
    role = sitting.name("As whom? Such as SIRO.") if by and chosen == _ACCEPTED else "-"
    if not (note and by and role):
        sitting.talk.say(LEFT_ALONE)
        return []
    ids = [copy.id for copy in group]
    if chosen == _ACCEPTED:
        said = ("--by", by, "--role", role, "--reason", note)
        return [sitting.on_case("copies", "accept", each, *said) for each in ids]
    return [sitting.on_case("copies", *_words(ids, chosen), "--note", note, "--by", by)]


def _words(ids: Sequence[str], chosen: int) -> tuple[str, ...]:
    if chosen == _NOT_HERE:
        return ("na", *ids)
    return ("set", *ids, "deleted" if chosen == _GONE else "requested")
