"""What stands in the way of a push, what was lifted and whether it is back, for people and machines."""

from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.actions.comparison import Difference
from breachkit.actions.lift_file import Lift
from breachkit.actions.protections import Hurdle, Survey
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.name_lists import MOST, rest, shown
from breachkit.report.words import counted


def named(masking: Masking, one: Hurdle) -> str:
    """Show the pattern of a protection or the name of a ruleset, with what is evidence masked."""
    if one.kind == "protection":
        prefix = b"refs/heads/"
        return shown(masking, prefix + one.name.encode("utf-8", "replace")).removeprefix(
            prefix.decode()
        )
    return terminal(masking.mask(one.name.encode("utf-8", "replace")))


def plan_lines(
    found: Survey, lifted: Lift | None, masking: Masking, *, keeps: bool = False
) -> Iterator[str]:
    """Say what a push would lift, what somebody else has to, and what is not known."""
    if lifted is not None:
        yield from still_lifted_lines(lifted)
    if found.liftable and not keeps:
        number = counted(len(found.liftable), "rule")
        yield f"To be lifted for as long as the push takes, and then put back ({number}):"
        yield from _rules(found.liftable, masking)
    elif found.liftable:
        yield "In the way, and left as it is:"
        yield from _rules(found.liftable, masking)
    if found.firm:
        yield "In the way, and not for this account to lift; what it refuses is left out:"
        yield from _rules(found.firm, masking)
    for each in found.unread:
        yield f"Not known: {terminal(each)}"
    if not found.hurdles and not found.unread:
        yield "Nothing of the platform stands in the way of what is left to push."


def earlier_lines(earlier: Survey, snapshot: str, masking: Masking) -> Iterator[str]:
    """Say what stood in the way when it could still be read."""
    yield f"As snapshot {snapshot} has it, this stood in the way, and is in force again once the"
    yield "repository is public; a plan that does not show it for a private one does not enforce it:"
    yield from _rules(earlier.hurdles, masking)
    if not earlier.hurdles:
        yield "  nothing"


def still_lifted_lines(lifted: Lift) -> Iterator[str]:
    """Say loudly that an earlier push did not put everything back."""
    yield (
        f"STILL LIFTED since {rfc3339(lifted.made_at)}: {counted(len(lifted.lifts), 'rule')} of the "
        "platform. A push with --execute puts all of it back first, then goes on."
    )


def _rules(hurdles: Sequence[Hurdle], masking: Masking) -> Iterator[str]:
    for each in hurdles[:MOST]:
        does = ", ".join(each.does)
        number = counted(len(each.refs), "ref")
        yield f"  {each.kind} {named(masking, each)} ({number}): {each.why or does}"
    yield from rest(len(hurdles), "rule")


def back_lines(number: int, differs: Sequence[Difference], *, first: bool = False) -> Iterator[str]:
    """Say that everything is back, and what is not as it was."""
    when = "Before it, " if first else ""
    yield (
        f"{when}{counted(number, 'rule')} put back and read back."
        if number
        else "Nothing was lifted."
    )
    for each in differs:
        yield f"  NOT AS BEFORE: {each.topic}: {terminal(each.name)} ({each.kind})"


def survey_to_json(found: Survey, masking: Masking) -> list[dict[str, Any]]:
    """Give every rule in the way."""
    return [
        {
            "kind": each.kind,
            "name": named(masking, each),
            "refs": [shown(masking, ref) for ref in each.refs],
            "lifted": each.can_be_lifted,
            "ask": each.whom,
        }
        for each in found.hurdles
    ]


def differences_to_json(found: Sequence[Difference]) -> list[dict[str, str]]:
    """Give how rules differ from before they were lifted."""
    return [
        {"topic": str(each.topic), "is": each.kind, "name": terminal(each.name)} for each in found
    ]
