"""What to do now: the first thing in the order of the runbook that is due and not done.

The order is that of OpenSAFELY's engineer runbook: tell, make safe, find everything, rewrite, push,
then all that a case has to have before it may be closed. What a step lacks, its guards say; what
brings it about, their remedies, and `ways` where that depends on how far one is.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from breachkit.incident.assessing import is_informed, still_open
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.commands import Command, command_on
from breachkit.incident.events import EventKind
from breachkit.incident.guards import (
    ENGINEER,
    FROZEN,
    LOOKED_AT,
    Action,
    Guard,
    is_contained_to_us,
    missing,
)
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.time import rfc3339
from breachkit.report.case_status import Beside, NextAction
from breachkit.report.words import counted
from breachkit.workflows.case_files import confirmation_name
from breachkit.workflows.purging import is_on_platform, is_to_be_traced, support_waits
from breachkit.workflows.ways import (
    Way,
    anew,
    is_closed_off,
    may_be_given_back,
    way_around,
    way_to,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A part of the response: what it is called, whether it is over, and whose guards it waits for."""

    name: str
    over: bool
    action: Action


def next_action(incident: Incident) -> NextAction:
    """Give the one thing to do now, as a command to paste and the reason."""
    if incident.is_open and incident.open_intents:
        return _resume(incident)
    way = _way(incident) if incident.is_open else _after_the_end(incident)
    alert = incident.alerts_waiting[0] if incident.alerts_waiting else ""
    return _action(incident, command_on(incident.id, way.command, alert=alert), way.why)


def _action(incident: Incident, typed: Command, why: str) -> NextAction:
    beside = (each for each in _meanwhile(incident) if not _is_same(each, typed))
    return NextAction(
        typed=typed,
        why=why,
        confirm=_quoted_name(incident) if "--execute" in typed.words else None,
        meanwhile=tuple(beside),
    )


def _is_same(beside: Beside, typed: Command) -> bool:
    """Say whether something is what is next itself: a plan is, of a change that is next or was interrupted."""
    if beside.typed is None:
        return False
    changes = typed.words[0] if "--execute" in typed.words else None
    return beside.command == typed.shown or beside.typed.words[0] == changes


def _way(incident: Incident) -> Way:
    """Give the way to whatever the first stage that is not over lacks, or through that stage."""
    if incident.is_draft:
        return way_around(incident, LOOKED_AT)
    if _alert_waits(incident):
        return way_to(incident, "alerted")
    stage = next(each for each in _stages(incident) if not each.over)
    lacking = missing(incident, stage.action)
    return way_around(incident, lacking[0]) if lacking else way_to(incident, stage.name)


def _alert_waits(incident: Incident) -> bool:
    """Every contact first; once the work has begun, whoever is left stands beside it."""
    told = incident.has(Milestone.ALERTED) and incident.has(Milestone.SCOPED)
    return bool(incident.alerts_waiting) and not told


def _stages(incident: Incident) -> Iterator[Stage]:
    """Give the parts of the response in the order of the runbook; of a near miss only the ends."""
    has = incident.has
    yield Stage(name="alerted", over=has(Milestone.ALERTED), action=Action.NOTIFY)
    if not is_contained_to_us(incident):
        rewritten = has(Milestone.REWRITTEN) and incident.proof_ok is True
        yield Stage(name="contained", over=_is_closed_or_later(incident), action=Action.CONTAIN)
        yield Stage(name="scoped", over=has(Milestone.SCOPED), action=Action.SCOPE)
        yield Stage(name="rewritten", over=rewritten, action=Action.REWRITE)
        yield Stage(name="pushed", over=has(Milestone.PUSHED), action=Action.PUSH)
    yield Stage(name="restored", over=not may_be_given_back(incident), action=Action.RESTORE)
    yield Stage(name="closed", over=False, action=Action.CLOSE)


def elsewhere(incident: Incident) -> tuple[Beside, ...]:
    """Give what may be done now though it is not next: later parts that nothing is lacking for."""
    if not incident.is_open or incident.is_draft or incident.open_intents:
        return ()
    return tuple(_later(incident))


def _later(incident: Incident) -> Iterator[Beside]:
    waiting = [each for each in _stages(incident) if not each.over]
    for stage in waiting[1:]:
        if not missing(incident, stage.action):
            way = way_to(incident, stage.name)
            yield _beside(incident, way.why, way.command)
    if incident.has(Milestone.SCOPED) and is_to_be_traced(incident):
        way = way_to(incident, "traced")
        yield _beside(incident, way.why, way.command)


def _is_closed_or_later(incident: Incident) -> bool:
    """Whoever may not close it goes on with the scope; it stays beside the main line then."""
    passed = incident.has(Milestone.SCOPED) or incident.has(Milestone.RESTORED)
    return incident.has(Milestone.CONTAINED) or passed or not is_on_platform(incident)


def _after_the_end(incident: Incident) -> Way:
    """Give what is due once a case is closed or stood down: what was promised, then the record."""
    if incident.has(Milestone.STOOD_DOWN):
        if incident.told - incident.told_the_end:
            return Way(
                command="breachkit notify render stand-down --case {case}",
                why="whoever was alerted hears that it was a false alarm",
            )
        if is_closed_off(incident):
            return Way(
                command="breachkit restore --case {case}",
                why="it was a false alarm, and the repository is still closed: give access back",
            )
    return Way(
        command="breachkit log verify --case {case}",
        why="the case is closed and nothing is due now; the journal stays as evidence",
    )


_BEGUN = {"lift": "lifting protections of the server for a push"}
"""What was begun, where the word of the journal does not say it."""


def interrupted(incident: Incident) -> tuple[str, ...]:
    """Say what was begun and not ended."""
    return tuple(
        f"{_BEGUN.get(intent.what, intent.what)} was begun at "
        f"{rfc3339(intent.at.replace(microsecond=0))} ({intent.event}) and has no result"
        for intent in incident.open_intents
    )


def _resume(incident: Incident) -> NextAction:
    intent = incident.open_intents[-1]
    if any(each.what == "lift" for each in incident.open_intents):
        what = "push"
        why = "protections of the server's branches are STILL LIFTED: the push puts them back first, then goes on"
    else:
        what = intent.what
        why = (
            f"{what} was interrupted ({intent.event}): run it again, it looks first how far it came"
        )
    again = command_on(incident.id, "breachkit {what} --case {case} --execute", what=what)
    return _action(incident, again, why)


def _quoted_name(incident: Incident) -> str | None:
    name = name_to_type(incident)
    return None if name is None else shlex.quote(name)


def name_to_type(incident: Incident) -> str | None:
    """Give what has to be typed before something acts on the target; None where it has no name."""
    try:
        return display(confirmation_name(incident.target))
    except BreachkitError:  # the command itself will say what is wrong with the target
        return None


# --- what is due beside the main line ---------------------------------------------------------


def _meanwhile(incident: Incident) -> Iterator[Beside]:
    """Say what does not wait for the main line, nor the main line for it."""
    if not incident.is_open:
        return
    if incident.is_draft:
        yield from _look(incident)
        return
    if not incident.has(Milestone.ALERTED) and incident.open_intents:
        yield _beside(
            incident,
            "no alert is marked as sent: tell the contacts",
            "breachkit notify render alert --case {case}",
        )
    if is_contained_to_us(incident):
        return
    if not incident.has(Milestone.CONTAINED) and missing(incident, Action.RESTORE):
        yield _make_safe(incident)
    yield from _people(incident)
    if incident.has(Milestone.SCOPED) and incident.messages_waiting:
        waiting = counted(len(incident.messages_waiting), "message")
        said = f"{waiting} written and not marked as sent"
        yield _beside(incident, said, "breachkit notify list --case {case}")
    if incident.has(Milestone.ALERTED):
        yield from _assessment(incident)
    yield from _copies(incident)


def _copies(incident: Incident) -> Iterator[Beside]:
    """Ask holders while others act: a platform's support waits for the owners of forks."""
    left = incident.fact(EventKind.COPIES_RECORDED, "open")
    if left and incident.has(Milestone.PUSHED) and not is_to_be_traced(incident):
        said = f"{counted(left, 'copy or place', 'copies and places')} open: ask who has them"
        yield _beside(incident, said, "breachkit copies list --case {case}")
    if support_waits(incident):
        said = "an owner of a fork cannot be reached: the request to the support counts such forks"
        yield _beside(incident, said, "breachkit notify render support --case {case}")


def _look(incident: Incident) -> Iterator[Beside]:
    """Say how a person looks at what a sweep found, and the other things that it can turn out to be."""
    yield _beside(
        incident,
        "look at what was found",
        "breachkit scan {target}",
        target=display(incident.target),
    )
    yield _beside(
        incident,
        "it was a false alarm",
        'breachkit close --false-alarm --reason "{reason}" --decided-by {by} --case {case}',
    )
    yield _beside(
        incident,
        "it was a near miss, which never got out; then close it",
        'breachkit amend kind near-miss --reason "{reason}" --case {case}',
    )


def _people(incident: Incident) -> Iterator[Beside]:
    """Ask for the engineer once the contacts know, and for a freeze before history is replaced."""
    has = incident.has
    if has(Milestone.ALERTED) and not has(Milestone.PUSHED) and not ENGINEER.holds(incident):
        yield _of_guard(ENGINEER, incident)
    if has(Milestone.SCOPED) and not has(Milestone.PUSHED) and not FROZEN.holds(incident):
        yield _of_guard(FROZEN, incident)


def _of_guard(guard: Guard, incident: Incident) -> Beside:
    return _beside(incident, guard.missing, way_around(incident, guard).command)


def _beside(incident: Incident, what: str, template: str, **known: str) -> Beside:
    return Beside(what=what, typed=command_on(incident.id, anew(incident, template), **known))


def _assessment(incident: Incident) -> Iterator[Beside]:
    """Nobody but people decide whether to report; the clock of 72 hours does not wait for the rewrite."""
    if not is_informed(incident):
        said = "the data protection officer has not been told the facts"
        yield _beside(incident, said, "breachkit notify render dpo --case {case}")
    elif left := still_open(incident):
        said = f"for people to decide: {', '.join(left)}"
        yield _beside(incident, said, "breachkit decide list --case {case}")


def _make_safe(incident: Incident) -> Beside:
    """Name the command that closes the repository, or whoever does it, says so."""
    what = "make the repository safe: private, outsiders out, Pages down"
    if EventKind.RESTRICT_DONE in incident.latest:
        what = "it is open again, or was opened: close the repository"
    if is_on_platform(incident):
        return _beside(incident, what, "breachkit restrict --case {case}")
    return _beside(
        incident,
        f"{what}; then say so",
        "breachkit checklist tick A07 --evidence {evidence} --case {case}",
    )
