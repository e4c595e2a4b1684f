"""The register of copies in a guided response: each place is asked about once, whoever is there alike."""

import itertools
from collections.abc import Sequence

from breachkit.actions.copies import Copy, open_copies
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


def account_for_copies(sitting: Sitting) -> int | None:
    """Offer to write to holders, and ask about each place that is open."""
    code: int | None = None
    _write_to_holders(sitting)
    waiting = open_copies(load_register(sitting.case))
    if not waiting:
        return sitting.run(sitting.on_case("copies", "list"))
    places_open = counted(len(waiting), "entry of the register is", "entries of the register are")
    sitting.talk.say("", f"{places_open} open. Each is asked about; leave what is not known yet.")
    names = load_places(playbook_of(sitting.incident.profile))
    places = {place.code: place for place in names}
    ordered = sorted(waiting, key=_group)
    groups = [tuple(members) for _, members in itertools.groupby(ordered, key=_group)]
    for number, group in enumerate(groups, start=1):
        sitting.talk.say("", f"{number} of {len(groups)}")
        if place := places.get(group[0].place):
            sitting.talk.say(f"{place.code} {place.label}", f"how to find out: {place.find}")
        answered = _ask(sitting, group)
        if answered is None and not sitting.talk.yes("Go on with the next?"):
            return code
        code = answered if answered is not None else code
    return code


def _group(copy: Copy) -> tuple[str, str, str]:
    """What is not known to exist is asked about together; whoever holds a copy, alone."""
    return copy.place, copy.applies, copy.id if copy.applies == "yes" else ""


def _write_to_holders(sitting: Sitting) -> None:
    asked = [each for each in open_copies(load_register(sitting.case)) if each.needs_request]
    if not asked and not unsent(sitting, "clone-holder"):
        return
    people = counted(len(asked), "holder has not", "holders have not")
    if sitting.talk.yes(
        f"{people} been asked, or not been sent what is written. Write to them now?"
    ):
        write_and_send(sitting, sitting.on_case("notify", "render", "holders"))


def _ask(sitting: Sitting, group: Sequence[Copy]) -> int | None:
    for copy in group:
        sitting.talk.show([(f"  {copy.id}  {display(copy.label)}",)])
    chosen = sitting.talk.choice("What is known of it?", _ANSWERS)
    if chosen is None:
        sitting.talk.say("Left open.")
        return None
    commands = _commands(sitting, group, chosen)
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
    by = sitting.talk.text("Who says so? A full name.") if note else ""
    role = sitting.talk.text("As whom? Such as SIRO.") if by and chosen == _ACCEPTED else "-"
    if not (note and by and role):
        sitting.talk.say(LEFT_ALONE)
        return []
    return [sitting.on_case(*_words(copy, chosen, note, by, role)) for copy in group]


def _words(copy: Copy, chosen: int, note: str, by: str, role: str) -> tuple[str, ...]:
    if chosen == _ACCEPTED:
        return ("copies", "accept", copy.id, "--by", by, "--role", role, "--reason", note)
    if chosen == _NOT_HERE:
        return ("copies", "na", copy.id, "--note", note, "--by", by)
    state = "deleted" if chosen == _GONE else "requested"
    return ("copies", "set", copy.id, state, "--note", note, "--by", by)
