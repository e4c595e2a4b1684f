"""What only people can do in a guided response: decide, ring, and act where breachkit may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from breachkit.actions.chasing import Chase
from breachkit.actions.contacts import Contact
from breachkit.incident.assessing import is_informed
from breachkit.incident.matters import Matter
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.workflows import chasing
from breachkit.workflows.contacts import current_contacts
from breachkit.workflows.decisions import overview
from breachkit.workflows.respond_mails import write_and_send
from breachkit.workflows.respond_sitting import LEFT_ALONE, Sitting
from breachkit.workflows.ways import anew


# --- decisions ----------------------------------------------------------------------------------


def decide_all(sitting: Sitting) -> int | None:
    """Ask for each decision that is open; each is written down at once."""
    code = sitting.run(sitting.on_case("decide", "list"))
    if not is_informed(sitting.incident):
        sitting.talk.say(
            "Before anybody decides, the data protection officer has to know the facts."
        )
        if sitting.talk.yes("Write to them now?"):
            facts = anew(sitting.incident, "breachkit notify render dpo --case {case}")
            write_and_send(sitting, sitting.command(facts).words)
    for about in [each.matter.about for each in overview(sitting.case).standing if each.is_open]:
        still = {each.matter.about: each for each in overview(sitting.case).standing}
        if still[about].is_open:
            code = decide_one(sitting, still[about].matter) or code
    return code


def decide_one(sitting: Sitting, matter: Matter) -> int | None:
    """Ask for one decision: the answer, who decided it, as whom, and why."""
    answer = _answer(sitting, matter)
    if not answer:
        sitting.talk.say("Left open.")
        return None
    by = sitting.name("Who decided it? The full name of a person.")
    role = sitting.name(f"As whom? Usually: {matter.usually}.") if by else ""
    reason = sitting.talk.text("Why? In a few words; nothing out of the data.") if by else ""
    if not (by and reason):
        sitting.talk.say("Left open: a decision has a name and a reason.")
        return None
    words = ("decide", matter.about, "--answer", answer, "--by", by, "--reason", reason)
    whole = (*words, *(("--role", role) if role else ()), *_delay(sitting, matter, answer))
    if not sitting.agreed(sitting.on_case(*whole)):
        return None
    return sitting.run(sitting.on_case(*whole))


def _answer(sitting: Sitting, matter: Matter) -> str:
    if not matter.answers:
        return sitting.talk.text(f"{matter.question} ({matter.takes})")
    day = ("a day",) if matter.is_day_too else ()
    chosen = sitting.talk.choice(matter.question, (*matter.answers, *day))
    if chosen is None:
        return ""
    if chosen < len(matter.answers):
        return matter.answers[chosen]
    return sitting.talk.text("Which day? Such as 2026-03-20.", wanted=sitting.wrong("day"))


def _delay(sitting: Sitting, matter: Matter, answer: str) -> tuple[str, ...]:
    """Ask for the reasons of a report that comes after the 72 hours."""
    report = (matter.about, answer) in {("ico-report", "yes"), ("ico-told", "initial")}
    if not report or sitting.clock.now() <= sitting.incident.deadline:
        return ()
    given = sitting.talk.text("The 72 hours are over. Why does the ICO hear of it only now?")
    return ("--delay", given) if given else ()


# --- calls --------------------------------------------------------------------------------------


def ring(sitting: Sitting) -> int | None:
    """Show whom to ring and what to say, and ask how each call ended."""
    code: int | None = sitting.run(sitting.on_case("notify", "chase"))
    for chase in chasing.due(sitting.case, sitting.clock):
        if chase.by_phone:
            code = _call(sitting, chase)
    return code


def _call(sitting: Sitting, chase: Chase) -> int | None:
    notice, who = chase.notice, display(chase.notice.recipient.name)
    options = (f"{who}, or their deputy, answered", "nobody answered: it is tried again later")
    chosen = sitting.talk.choice(f"{notice.id} to {who}: how did the call end?", options)
    if chosen is None:
        sitting.talk.say("Not rung yet.")
        return None
    if chosen == 1:
        return sitting.run(sitting.on_case("notify", "chase", notice.id, "--called", "no answer"))
    by = sitting.name("Who answered? Their full name.")
    if not by:
        sitting.talk.say(LEFT_ALONE)
        return None
    words = sitting.on_case("notify", "ack", notice.id, "--by", by)
    return sitting.run(words) if sitting.agreed(words) else None


# --- what somebody else has to do ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A step that somebody with other rights does on the platform's pages."""

    what: str
    """What is asked of them."""
    roles: tuple[str, ...]
    """Of the contacts who can do it, or know who can."""
    done: tuple[str, ...]
    """Templates of the commands that say here that it was done."""


_CLOSED = ByHand(
    what="close the repository: the list above, in its order",
    roles=("incident_team", "engineer", "co_pilot", "pi"),
    done=(
        'breachkit decide containment --answer "closed by hand" --by {by} --reason "{evidence}" --case {case}',
        'breachkit decide collaborators --answer "decided by hand" --by {by} --reason "{reason}" --case {case}',
    ),
)
_PURGED = ByHand(
    what="look on the platform, with an account that may, whether a pull request, a fork or a cached "
    "page still shows the data, and beside each 404 whether something harmless answers",
    roles=("engineer", "incident_team", "co_pilot"),
    done=('breachkit checklist tick D16 --evidence "{evidence}" --case {case}',),
)
_GIVEN_BACK = ByHand(
    what="give access back as the snapshot has it: visibility, roles, keys, hooks, Actions",
    roles=("incident_team", "engineer", "co_pilot", "pi"),
    done=('breachkit checklist tick F04 --evidence "{evidence}" --case {case}',),
)

BY_HAND: Mapping[str, ByHand] = {
    "snapshot": _CLOSED,
    "restrict": _CLOSED,
    "verify": _PURGED,
    "restore": _GIVEN_BACK,
}
"""By the first word of the command that this account may not run."""


def ask_somebody(sitting: Sitting, words: Sequence[str]) -> int | None:
    """Say whom to ask for what, and write down what they did once they did it."""
    way = BY_HAND.get(words[0])
    if way is None:
        return None
    sitting.talk.say("", f"Somebody else has to {way.what}. Ask:")
    _name(sitting, way.roles)
    if not sitting.talk.yes("Is it done, and did they say so?"):
        sitting.talk.say(
            LEFT_ALONE + " It is asked again; until then you can go on with something else (s)."
        )
        return None
    codes = [sitting.fill_and_run(sitting.command(each)) for each in way.done]
    return max((code for code in codes if code is not None), default=None)


def _name(sitting: Sitting, roles: Sequence[str]) -> None:
    people = contacts_with(sitting, roles)
    if not people:
        sitting.talk.say(
            "  whoever administers the repository; no contacts are chosen for this case yet"
        )
    for each in people:
        known = [each.phone, each.email, each.hours]
        reached = ", ".join(display(part) for part in known if part) or "no number or address known"
        named = ", ".join(role.replace("_", " ") for role in each.roles)
        sitting.talk.show([(f"  {display(each.name)} ({named}): {reached}",)])


def contacts_with(sitting: Sitting, roles: Sequence[str]) -> tuple[Contact, ...]:
    """Give the case's contacts with one of these roles; none where they cannot be read."""
    try:
        profile = current_contacts(sitting.case)
    except BreachkitError:
        return ()
    return profile.with_role(*roles) if profile else ()
