"""The guided response: where the case stands, what is next and why, then a question, then the act.

Nothing of the response is decided here, and nothing is kept: what comes next, `next_action` derives from
the case each time, and whatever is done is one of the plain commands, run as it is printed.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence

from breachkit.incident.commands import PROGRAM, Command
from breachkit.report import respond as screen
from breachkit.report.case_status import Beside, NextAction
from breachkit.report.respond_words import PLANNED, step_words
from breachkit.workflows.next_action import elsewhere
from breachkit.workflows.respond_copies import account_for_copies
from breachkit.workflows.respond_mails import send_waiting, write_and_send
from breachkit.workflows.respond_people import BY_HAND, ask_somebody, decide_all, ring
from breachkit.workflows.respond_sitting import LEFT_ALONE, Sitting
from breachkit.workflows.respond_steps import (
    have_it_removed,
    plan_then_act,
    search,
    settle_access,
    settle_backup,
    tick_items,
)
from breachkit.workflows.respond_talk import StoppedError
from breachkit.workflows.standing import status


NOT_PERMITTED = 4
_NOT_FROM_HERE = frozenset({"respond", "drill"})
"""Commands that lead through others themselves."""

_KEYS = "y do it   ? explain   s something else   n leave"


def respond(sitting: Sitting) -> bool:
    """Lead through the response until it is over or the person leaves it.

    Returns:
        Whether the response is over: the case is closed, and nothing is due.

    Raises:
        LeftError: nobody answers any more.
        KeyboardInterrupt: the person interrupted it.
    """
    while True:
        stands = status(sitting.case, sitting.clock)
        sitting.talk.show(screen.standing(stands))
        sitting.talk.show(screen.coming(stands.next_action))
        try:
            stays = _turn(sitting, stands.next_action)
        except StoppedError:
            sitting.talk.say("Stopped: nothing more was done.")
            stays = True
        if not stays:
            return False
        if is_over(sitting):
            return True


def is_over(sitting: Sitting) -> bool:
    """Say whether the case has ended and its journal was looked at last."""
    words = status(sitting.case, sitting.clock).next_action.typed.words
    last = sitting.ran[-1] if sitting.ran else None
    looked = last is not None and last.words[:2] == ("log", "verify") and last.code == 0
    return not sitting.incident.is_open and words[:2] == ("log", "verify") and looked


def _turn(sitting: Sitting, action: NextAction) -> bool:
    """Ask until something is done; False where the person leaves."""
    others = action.meanwhile[:9]
    last = f"-{len(others)}" if others[1:] else ""
    numbers = f"   1{last} also open" if others else ""
    while True:
        given = sitting.talk.line(f"\n{_KEYS}{numbers} > ").lower()
        if given in {"n", "no", "q", "quit"}:
            sitting.talk.say(LEFT_ALONE)
            return False
        if given in {"y", "yes"}:
            do(sitting, action.typed)
            return True
        if given == "s":
            _something_else(sitting, others)
            return True
        if given == "?":
            explain(sitting, action)
        elif given.isdecimal() and given.isascii() and 1 <= int(given) <= len(others):
            _do_beside(sitting, others[int(given) - 1])
            return True
        else:
            sitting.talk.say(f"Nothing was done. Type one of these and press Enter: {_KEYS}.")


def _do_beside(sitting: Sitting, beside: Beside) -> None:
    if beside.typed is None:
        sitting.talk.say(beside.what, "Only people can do that.")
        return
    sitting.talk.say("", f"{step_words(beside.typed.words).title}.")
    sitting.talk.show(screen.explained(step_words(beside.typed.words)))
    if sitting.talk.yes("Do it?"):
        do(sitting, beside.typed)
    else:
        sitting.talk.say(LEFT_ALONE)


def _something_else(sitting: Sitting, others: Sequence[Beside]) -> None:
    """Offer what may be done now beside the next step, or a command of the person's own."""
    seen = {each.command for each in others}
    more = [each for each in elsewhere(sitting.incident) if each.command not in seen]
    if not more:
        sitting.talk.say("", "No later step may come before this one: each needs what it brings.")
    choices = [*others, *more]
    options = [
        *(each.what for each in others),
        *(step_words(each.typed.words).title for each in more if each.typed),
    ]
    chosen = sitting.talk.choice("What else?", [*options, "a command of your own"])
    if chosen is None:
        sitting.talk.say(LEFT_ALONE)
    elif chosen < len(choices):
        _do_beside(sitting, choices[chosen])
    else:
        _own_command(sitting)


def _own_command(sitting: Sitting) -> None:
    given = sitting.talk.text(f"Type it as in a shell, from `{PROGRAM}` on.")
    try:
        words = shlex.split(given)
    except ValueError:
        sitting.talk.say("A quotation mark has no end. " + LEFT_ALONE)
        return
    words = words[1:] if words[:1] == [PROGRAM] else words
    if not words:
        sitting.talk.say(LEFT_ALONE)
    elif words[0] in _NOT_FROM_HERE:
        sitting.talk.say(f"Leave this first, then run `{PROGRAM} {words[0]}`. " + LEFT_ALONE)
    else:
        sitting.run(words)


def explain(sitting: Sitting, action: NextAction) -> None:
    """Say more about the next step, and what each answer does."""
    sitting.talk.say("", f"{step_words(action.typed.words).title}.")
    sitting.talk.show(screen.explained(step_words(action.typed.words)))
    planned = action.typed.words[0] in PLANNED
    sitting.talk.say(
        "y  " + ("shows the plan first; then a name has to be typed before anything is changed"
        if planned else "runs the command that stands above; what it lacks is asked for first"),
        "n  leaves everything as it is; `breachkit respond` comes back to this place",
        "s  shows what else may be done now, and takes any command of your own",
        f"More about the command: {PROGRAM} {_named(action.typed.words)} --help. To see the whole way without "
        f"doing anything: {PROGRAM} respond --dry-run.",
    )  # fmt: skip


_GROUPS = frozenset({"checklist", "copies", "log", "notify"})
"""Commands whose second word says which of them it is."""


def _named(words: Sequence[str]) -> str:
    return " ".join(words[: 2 if words[0] in _GROUPS else 1])


Step = Callable[[Sitting], int | None]

_STEPS: Mapping[tuple[str, ...], Step] = {
    ("notify", "mark-sent"): send_waiting,
    ("notify", "list"): send_waiting,
    ("notify", "chase"): ring,
    ("decide", "list"): decide_all,
    ("decide", "retention"): settle_backup,
    ("decide", "stays-closed"): settle_access,
    ("copies", "list"): account_for_copies,
    ("checklist", "show"): tick_items,
}
"""Steps that are more than one command; by its first words."""


def do(sitting: Sitting, command: Command) -> int | None:
    """Do a step of the response; None where nothing was done."""
    words = command.words
    if step := _STEPS.get(words[:2]):
        return step(sitting)
    if words[0] == "scope":
        return search(sitting)
    if words[:2] == ("notify", "render"):
        whole = sitting.fill(command) if command.blanks else words
        writes = have_it_removed if words[2] == "support" else write_and_send
        return None if whole is None else writes(sitting, whole)
    planned = words[0] in PLANNED
    code = plan_then_act(sitting, words) if planned else sitting.fill_and_run(command)
    if code != NOT_PERMITTED or words[0] not in BY_HAND:
        return code
    if sitting.incident.open_intents:
        sitting.talk.say(
            "It was begun with a token that may do it, and only with one can it be ended: have one made "
            "as the lines above say, then come back."
        )
        return code
    return ask_somebody(sitting, words)
