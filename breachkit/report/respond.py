"""The guided response as a person sees it: where the case stands, what comes next and why, what was run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.incident.case import Incident, Milestone
from breachkit.incident.commands import line_of
from breachkit.model.ids import display
from breachkit.report.case_screen import Line, cut, short_time
from breachkit.report.case_status import WIDTH, Beside, NextAction, Status, span, wrapped
from breachkit.report.colours import AMBER, BADGE, FAINT, GOOD, RED, STRONG
from breachkit.report.respond_words import PLANNED, StepWords, meaning, step_words
from breachkit.report.words import counted


_SPECIAL = frozenset({"stood_down", "recurred"})
_MOST_BESIDE = 9
"""Answers are one digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that was run, and how it ended."""

    words: tuple[str, ...]
    """Without the program's name."""
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkStep:
    """One step of a walk."""

    words: tuple[str, ...]
    """Of its first command, without the program's name."""
    why: str
    commands: tuple[str, ...]
    """Lines to paste, in their order; blanks as `incident.commands` shows them."""
    assumes: tuple[str, ...]
    """What is taken for granted of how it goes."""
    by_hand: bool
    """Whether somebody with other rights, or another tool, does it."""


def standing(status: Status) -> Iterator[Line]:
    """Say where a case stands: its name, its clock, what is done, what is not."""
    yield ()
    yield (("-" * WIDTH, FAINT),)
    state = "" if status.is_open else ", closed"
    state = ", DRAFT" if status.is_draft else state
    name = f"{status.id} {display(status.codename)}"
    yield (name, STRONG), f"  {status.kind}{state}  {display(status.target)}"
    if status.is_open:
        yield from _clock(status)
    reached = [each.name for each in status.milestones if each.at]
    left = _left(status, frozenset(reached))
    yield from _listed("done", reached, GOOD)
    if status.is_open:
        yield from _listed("to do", left, "")
        yield from _pressing(status)


def _left(status: Status, reached: frozenset[str]) -> list[str]:
    """Give the milestones that are still to come, without those that this case needs no more."""
    left = [each.name for each in status.milestones if not each.at and each.name not in _SPECIAL]
    if status.kind == "near-miss" and "scoped" not in reached:
        closed_off = {"restored"} if "contained" in reached else set()
        return [each for each in left if each in {"alerted", "closed"} | closed_off]
    return [each for each in left if each != "contained" or "restored" not in reached]


def _clock(status: Status) -> Iterator[Line]:
    clock = status.clock
    until = short_time(clock.deadline, clock.zone)
    if status.assessed:
        yield ((f"what is reported is decided; the 72 hours end {until}", FAINT),)
    elif clock.is_late:
        yield (f" LATE by {span(-clock.left)} ", RED), f" since {until}: a report has to say why"
    else:
        yield (f"{span(clock.left)} left", STRONG), f" of 72 hours, until {until}"


def _listed(label: str, names: Sequence[str], style: str) -> Iterator[Line]:
    if names:
        text = ", ".join(name.replace("_", " ") for name in names)
        for number, line in enumerate(wrapped(text, WIDTH - 10, indent="")):
            yield (f"{label if number == 0 else '':<8}", FAINT), (line, style)


def _pressing(status: Status) -> Iterator[Line]:
    for chase in sorted(status.chases, key=lambda each: not each.by_phone)[:2]:
        if chase.by_phone:
            yield (" CHASE ", RED), f" ring: {cut(display(chase.text), WIDTH - 16)}"
        else:  # they may have been asked a moment ago, for a day that is near
            yield (f"{'waiting':<8}", FAINT), cut(display(chase.text), WIDTH - 8)
    if status.overdue:
        items = counted(len(status.overdue), "item")
        verb = "is" if len(status.overdue) == 1 else "are"
        yield (" LATE ", AMBER), f" {items} of the checklist {verb} overdue"
    for said in status.interrupted:
        yield from _block(" STOPPED ", RED, said)
    if status.copies is not None and status.copies.open:
        yield (f"{'copies':<8}", FAINT), f"{status.copies.open:,} open of {status.copies.known:,}"


def _block(badge: str, style: str, text: str) -> Iterator[Line]:
    first, *rest = wrapped(text, WIDTH - len(badge) - 1, indent="")
    yield (badge, style), f" {first}"
    yield from ((" " * (len(badge) + 1) + line,) for line in rest)


def coming(action: NextAction) -> Iterator[Line]:
    """Say what comes next, why, what can't be undone, and what else is open."""
    words = step_words(action.typed.words)
    yield ()
    yield ("NEXT ", BADGE), " ", (words.title, STRONG)
    yield from _said("why", action.why)
    yield from explained(words)
    if action.typed.words[0] in PLANNED:
        yield from _said("first", "The plan is shown. Nothing is changed before you type a name.")
    yield (f"{'':<10}$ ", FAINT), action.command
    yield from _also(action.meanwhile)


def explained(words: StepWords) -> Iterator[Line]:
    """Say what a step does, and what of it can't be undone."""
    if words.does:
        yield from _said("does", words.does)
    yield from _said("no undo", words.lasts)


def _said(label: str, text: str) -> Iterator[Line]:
    for number, line in enumerate(wrapped(text, WIDTH - 10, indent="")):
        yield (f"{label if number == 0 else '':<10}", FAINT), line.strip()


def _also(meanwhile: Sequence[Beside]) -> Iterator[Line]:
    for number, beside in enumerate(meanwhile[:_MOST_BESIDE], start=1):
        label = "also open" if number == 1 else ""
        first, *rest = wrapped(beside.what, WIDTH - 14, indent="")
        yield (f"{label:<10}", FAINT), f"{number}  {first}"
        yield from ((" " * 13 + line.strip(),) for line in rest)


def menu(title: str, options: Iterable[str]) -> Iterator[Line]:
    """Give things to choose from, each with its number."""
    yield ()
    yield ((title, STRONG),)
    for number, option in enumerate(options, start=1):
        first, *rest = wrapped(option, WIDTH - 7, indent="")
        yield (f"  {number}  ", STRONG), first
        yield from ((" " * 5 + line.strip(),) for line in rest)


def outcome(before: Incident, after: Incident, words: Sequence[str], code: int) -> Iterator[Line]:
    """Say what a command brought about: what the case reached, what it lost, what the code means."""
    gained = [each for each in after.milestones if each not in before.milestones]
    lost = [each for each in before.milestones if each not in after.milestones]
    if gained:
        names = ", ".join(_REACHED.get(each, each.replace("_", " ")) for each in gained)
        yield (" REACHED ", GOOD), f" {names}"
    if Milestone.REWRITTEN in gained and after.proof_ok:
        yield (" PROVEN ", GOOD), " the data are out, and nothing else changed"
    if lost:
        names = ", ".join(each.replace("_", " ") for each in lost)
        yield (" NO LONGER ", AMBER), f" {names}"
    entries = after.entries - before.entries
    noted = f"{counted(entries, 'entry', 'entries')} in the journal" if entries else "unchanged"
    yield ((f"  the case: {noted}", FAINT),)
    if said := meaning(words, code):
        yield from _block(f" CODE {code} ", AMBER, said)


_REACHED: Mapping[str, str] = {
    Milestone.VERIFIED: "verified, for branches and tags: a fresh clone of them is clean"
}
"""What a milestone is called where its name alone would say too much."""


def farewell(
    again: Sequence[str], ran: Sequence[Ran], *, over: bool, left: Sequence[str] = ()
) -> Iterator[Line]:
    """Say which commands were run, for the record, and how to come back.

    Args:
        again: The words of the command that goes on from here, without the program's name.
        ran: What was run.
        over: Whether there is nothing to come back for.
        left: What is to be done later all the same, each with its day.
    """
    yield ()
    if ran:
        yield (("Run in this sitting, for the record:", STRONG),)
        for each in ran:
            ended = "" if each.code == 0 else f"    (code {each.code})"
            yield "  ", display(line_of(each.words)), (ended, FAINT)
    else:
        yield (("Nothing was run in this sitting.", STRONG),)
    if left:
        yield ()
        yield (("The response is over. Left for later:", STRONG),)
        yield from ((line,) for each in left for line in wrapped(each, WIDTH - 2, indent="  "))
    if not over:
        yield ("Come back at any time, on this machine:",)
        yield "  ", (line_of(again), STRONG)


def walk_head(incident: Incident, opens: str | None) -> Iterator[Line]:
    """Say what a walk is about, and that nothing of it is done."""
    yield ((f"The whole response to {incident.shown_target}, on paper.", STRONG),)
    yield ("Nothing below is done: no file is written, nobody is asked, nothing is sent.",)
    if opens:
        yield ()
        yield ("  0  ", STRONG), (step_words(("open",)).title, STRONG)
        yield "     $ ", opens


def walk_lines(steps: Sequence[WalkStep]) -> Iterator[Line]:
    """Give a walk through a response that nobody carries out."""
    for number, step in enumerate(steps, start=1):
        words = step_words(step.words)
        yield ()
        yield (f"{number:>3}  ", STRONG), (words.title, STRONG)
        for command in step.commands:
            yield "     $ ", command
        for line in wrapped(f"Why: {step.why}", WIDTH - 5, indent=""):
            yield (f"     {line.strip()}",)
        for line in wrapped(f"Cannot be undone: {_lower(words.lasts)}", WIDTH - 5, indent=""):
            yield ((f"     {line.strip()}", FAINT),)
        for assumed in step.assumes:
            for line in wrapped(f"Taken for granted here: {assumed}", WIDTH - 5, indent=""):
                yield ((f"     {line.strip()}", FAINT),)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def walk_to_json(
    incident: Incident, steps: Sequence[WalkStep], *, opens: str | None
) -> dict[str, Any]:
    """Give a walk in JSON's own types; schema `breachkit.respond/1`."""
    return {
        "schema": "breachkit.respond/1",
        "case": None if opens else incident.id,
        "target": incident.shown_target,
        "opens": opens,
        "steps": [
            {
                "title": step_words(each.words).title,
                "why": each.why,
                "commands": list(each.commands),
                "cannot_be_undone": step_words(each.words).lasts,
                "takes_for_granted": list(each.assumes),
                "by_hand": each.by_hand,
            }
            for each in steps
        ],
    }
