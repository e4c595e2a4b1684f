"""What was read, closed and given back, for people and machines. Names of people, no value and no object id."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachkit.actions.comparison import Difference
from breachkit.actions.containment import Plan, Step
from breachkit.actions.hosting import Answered, Reading, Topic
from breachkit.actions.way_back import WayBack
from breachkit.report.escape import terminal
from breachkit.report.words import counted


WIDTH = 80
MOST = 12
"""Lines of one kind on a screen; the rest is counted."""

JSON = dict[str, Any]


def item(text: str, mark: str = "-") -> str:
    """Give a line of a list, folded to the screen; commands, names and addresses stay whole."""
    return textwrap.fill(
        terminal(text),
        WIDTH,
        initial_indent=f"  {mark} ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def some(texts: Sequence[str], mark: str = "-") -> Iterator[str]:
    """Give the first lines of a list, and how many there are more."""
    yield from (item(text, mark) for text in texts[:MOST])
    if len(texts) > MOST:
        yield f"    and {len(texts) - MOST} more (--json has all)"


def snapshot_text(
    number: str, readings: Mapping[Topic, Reading], refs: int | None, place: str
) -> str:
    """Say what a snapshot has, and what it lacks."""
    return "\n".join(_snapshot_lines(number, readings, refs, place))


def _snapshot_lines(
    number: str, readings: Mapping[Topic, Reading], refs: int | None, place: str
) -> Iterator[str]:
    yield f"Snapshot {number}: {len(readings) + 1} topics, kept in {terminal(place)}"
    for topic, reading in readings.items():
        if reading.answered in {Answered.COMPLETE, Answered.PARTIAL} and reading.items:
            more = " (not all of them)" if reading.answered is Answered.PARTIAL else ""
            yield f"  {topic:<24}{len(reading.items):>6}{more}"
    if refs is not None:
        yield f"  {'refs':<24}{refs:>6}"
    none = [
        str(topic)
        for topic, reading in readings.items()
        if reading.answered in {Answered.COMPLETE, Answered.ABSENT} and not reading.items
    ]
    if none:
        yield item(f"none of these: {', '.join(none)}")
    lacking = [
        f"{topic}: {reading.reason}"
        for topic, reading in readings.items()
        if reading.answered in {Answered.PARTIAL, Answered.REFUSED, Answered.FAILED}
    ]
    if refs is None:
        lacking.append("refs: git could not read them")
    if lacking:
        yield "Not read, or not all of it:"
        yield from (item(text) for text in lacking)


def snapshot_to_json(
    number: str, readings: Mapping[Topic, Reading], refs: int | None, place: str
) -> JSON:
    """Give what a snapshot has; schema `breachkit.snapshot-result/1`."""
    return {
        "schema": "breachkit.snapshot-result/1",
        "snapshot": number,
        "folder": place,
        "refs": refs,
        "topics": {
            str(topic): {
                "answered": str(each.answered),
                "items": len(each.items),
                "requests": each.requests,
                "reason": each.reason,
            }
            for topic, each in readings.items()
        },
    }


def plan_text(plan: Plan) -> str:
    """Say what containment would change, what of it cannot be undone, and who can still read."""
    return "\n".join(_plan_lines(plan))


def _plan_lines(plan: Plan) -> Iterator[str]:
    name = terminal(plan.repository.full_name)
    yield f"Plan to close {name} (nothing is changed yet)"
    if plan.steps:
        yield "In this order, each read back:"
        yield from _folded(plan.steps)
    else:
        yield "Nothing is left to close."
    if plan.lost:
        yield "What cannot be undone:"
        yield from some(plan.lost)
    if plan.spared:
        yield "Left as it is:"
        yield from some(plan.spared)
    yield "Who can still read it then:"
    yield from some(plan.readers)
    if plan.unread:
        yield "Could not be read, so that something may be missing here:"
        yield from some(plan.unread)
    if plan.unknown:
        names = ", ".join(map(terminal, plan.unknown))
        yield item(f"Named, and not found there: {names}. Check how they are spelled", "!")


def _folded(steps: Sequence[Step]) -> Iterator[str]:
    """Give the steps in order; of many of one kind the first ones, and the number of the others."""
    shown: Counter[str] = Counter()
    for number, step in enumerate(steps, 1):
        shown[step.area] += 1
        if shown[step.area] <= MOST:
            yield item(step.says, f"{number}.")
    for area, number in shown.items():
        if number > MOST:
            yield f"    and {number - MOST} more of {area} (--json has all)"


def plan_to_json(plan: Plan) -> JSON:
    """Give a plan; schema `breachkit.restrict-plan/1`."""
    return {
        "schema": "breachkit.restrict-plan/1",
        "repository": plan.repository.full_name,
        "visibility": plan.repository.visibility,
        "account": plan.account.login,
        "steps": [
            {
                "area": str(each.area),
                "write": str(each.write.kind),
                "says": each.says,
                "reversible": each.inverse is not None,
            }
            for each in plan.steps
        ],
        "not_undone": list(plan.lost),
        "left_as_it_is": list(plan.spared),
        "readers": list(plan.readers),
        "not_read": list(plan.unread),
        "not_found": list(plan.unknown),
    }


Outcomes = Sequence[tuple[str, str, str]]
"""Of each change: what it is in words, its result, and why it was refused."""


def restricted_text(
    plan: Plan,
    outcomes: Outcomes,
    seen: Mapping[str, bool | None],
    visibility: str,
    hidden: bool | None,  # noqa: FBT001 - one of the facts shown
) -> str:
    """Say what was closed, what was not, and whether strangers still see the repository."""
    return "\n".join(_restricted_lines(plan, outcomes, seen, visibility, hidden))


def _restricted_lines(
    plan: Plan,
    outcomes: Outcomes,
    seen: Mapping[str, bool | None],
    visibility: str,
    hidden: bool | None,  # noqa: FBT001
) -> Iterator[str]:
    name = terminal(plan.repository.full_name)
    yield f"{name} is {visibility}."
    yield "  " + "; ".join(f"{way}: {_seen(is_seen)}" for way, is_seen in seen.items())
    if hidden is False:
        yield "STOP: strangers still see it. Run this again, and make it private by hand if it stays so:"
        yield f"  {terminal(plan.repository.html_url)}/settings"
    elif hidden is None:
        yield "Whether strangers still see it could not be told: look with a browser that is not logged in."
    yield from _outcome_lines(outcomes)
    yield "Who can still read it:"
    yield from some(plan.readers)
    if plan.unread:
        yield "Could not be read, so that something may still be open:"
        yield from some(plan.unread)


def _seen(is_seen: bool | None) -> str:  # noqa: FBT001 - a truth value turned into its words
    return "cannot tell" if is_seen is None else "STILL SEEN" if is_seen else "not seen"


def _outcome_lines(outcomes: Outcomes) -> Iterator[str]:
    done = [says for says, result, _ in outcomes if result == "done"]
    yield f"Done and read back: {counted(len(done), 'change')}."
    invited = [says for says, result, _ in outcomes if result == "invited"]
    if invited:
        yield "Only invited; access is back once they accept:"
        yield from some(invited)
    refused = [
        f"{says}: {why or result}"
        for says, result, why in outcomes
        if result not in {"done", "invited"}
    ]
    if refused:
        yield "NOT done:"
        yield from some(refused)


def outcomes_to_json(outcomes: Outcomes) -> list[JSON]:
    """Give what became of each change."""
    return [
        {"says": says, "result": result, **({"reason": why} if why else {})}
        for says, result, why in outcomes
    ]


def way_back_text(name: str, way: WayBack, waits_for: Sequence[str], failed: Sequence[str]) -> str:
    """Say what would be given back, what it waits for, and what does not come back."""
    return "\n".join(_way_back_lines(name, way, waits_for, failed))


def _way_back_lines(
    name: str, way: WayBack, waits_for: Sequence[str], failed: Sequence[str]
) -> Iterator[str]:
    yield f"Plan to give access to {terminal(name)} back (nothing is changed yet)"
    yield from (item(each.says, f"{n}.") for n, each in enumerate(way.returns, 1))
    if waits_for:
        yield "It waits for this:"
        yield from some(waits_for)
    if way.lost:
        yield "What does not come back:"
        yield from some(way.lost)
    if failed:
        yield "Was never closed, so that nothing is to give back:"
        yield from some(failed)


def way_back_to_json(
    name: str, way: WayBack, waits_for: Sequence[str], failed: Sequence[str]
) -> JSON:
    """Give the plan of a restore; schema `breachkit.restore-plan/1`."""
    return {
        "schema": "breachkit.restore-plan/1",
        "repository": name,
        "steps": [{"write": str(each.write.kind), "says": each.says} for each in way.returns],
        "waits_for": list(waits_for),
        "not_undone": list(way.lost),
        "never_done": list(failed),
    }


def restored_text(
    name: str, outcomes: Outcomes, found: Sequence[Difference], lost: Sequence[str]
) -> str:
    """Say what was given back, and what differs from how it was before."""
    return "\n".join(_restored_lines(name, outcomes, found, lost))


def _restored_lines(
    name: str, outcomes: Outcomes, found: Sequence[Difference], lost: Sequence[str]
) -> Iterator[str]:
    yield f"Access to {terminal(name)} was given back."
    yield from _outcome_lines(outcomes)
    bound = [each for each in found if each.documented]
    other = [each for each in found if not each.documented]
    if other:
        yield "DIFFERS from the snapshot before, and should not:"
        yield from some([_difference(each) for each in other])
    else:
        yield "Nothing differs from the snapshot before but what was bound to."
    if bound:
        yield "Bound to differ:"
        reasons = Counter((each.topic, each.documented) for each in bound)
        yield from some([f"{topic} ({n}): {why}" for (topic, why), n in reasons.items()])
    if lost:
        yield "What does not come back:"
        yield from some(lost)


def _difference(each: Difference) -> str:
    return f"{each.topic}: {each.name} ({each.kind})"


def restored_to_json(
    name: str, outcomes: Outcomes, found: Sequence[Difference], lost: Sequence[str]
) -> JSON:
    """Give what was given back; schema `breachkit.restore-result/1`."""
    return {
        "schema": "breachkit.restore-result/1",
        "repository": name,
        "changes": outcomes_to_json(outcomes),
        "differences": [
            {
                "topic": str(each.topic),
                "kind": each.kind,
                "name": each.name,
                "documented": each.documented or None,
            }
            for each in found
        ],
        "not_undone": list(lost),
    }


def watched_text(name: str, drift: Sequence[str], untold: Sequence[str]) -> str:
    """Say whether it is still closed."""
    lines = [f"{terminal(name)} is closed as it was left."]
    if drift:
        lines = [f"{terminal(name)} is NOT as it was left:", *some(drift)]
    elif untold:
        lines = [f"{terminal(name)}: nothing is open that could be looked at."]
    if untold:
        lines += ["Could not be told:", *some(untold)]
    return "\n".join(lines)


def watched_to_json(name: str, drift: Sequence[str], untold: Sequence[str]) -> JSON:
    """Give what was seen; schema `breachkit.watch/1`."""
    return {
        "schema": "breachkit.watch/1",
        "repository": name,
        "ok": not drift and not untold,
        "drift": list(drift),
        "not_told": list(untold),
    }
