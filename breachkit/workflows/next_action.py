"""What to do now: the first thing in the order of the runbook that is due and not done.

The order is that of OpenSAFELY's engineer runbook: tell, make safe, find everything, rewrite, push, verify,
ask the platform, trace; see `incident.states` for what each step needs.
"""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.states import Action, missing
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display
from breachkit.model.time import rfc3339
from breachkit.report.case_status import Beside, NextAction
from breachkit.report.words import counted
from breachkit.workflows.case_files import confirmation_name
from breachkit.workflows.platform import is_on_platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command and the state of a case in which it is due."""

    due: Callable[[Incident], bool]
    command: str
    """With `{case}` for the id, and `{alert}` for the number of an alert that waits."""
    why: str


def _lacks(milestone: Milestone) -> Callable[[Incident], bool]:
    return lambda incident: not incident.has(milestone)


def _alert_waits(incident: Incident) -> bool:
    """Every contact first; once the work has begun, whoever is left stands beside it."""
    told = incident.has(Milestone.ALERTED) and incident.has(Milestone.SCOPED)
    return bool(incident.alerts_waiting) and not told


def _proof_failed(incident: Incident) -> bool:
    return incident.has(Milestone.REWRITTEN) and incident.proof_ok is False


def _rewrite_is_planned(incident: Incident) -> bool:
    return _no_proof(incident) and incident.is_newer(
        EventKind.REWRITE_PLANNED, EventKind.SCOPE_RECORDED
    )


def _no_proof(incident: Incident) -> bool:
    return not (incident.has(Milestone.REWRITTEN) and incident.proof_ok)


def _push_is_planned(incident: Incident) -> bool:
    return not incident.has(Milestone.PUSHED) and incident.is_newer(
        EventKind.PUSH_PLANNED, EventKind.PROOF_RECORDED
    )


def _server_moved(incident: Incident) -> bool:
    told = max(
        (EventKind.PUSH_PLANNED, EventKind.PUSH_FAILED),
        key=lambda kind: incident.latest.get(kind, 0),
    )
    stopped = incident.is_newer(told, EventKind.SCOPE_RECORDED) and incident.fact(told, "moved")
    return bool(stopped) and not incident.has(Milestone.PUSHED)


def _platform_not_asked(incident: Incident) -> bool:
    """Say whether nobody has asked the platform by every way since the push."""
    asked = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    return is_on_platform(incident) and not asked and not incident.has(Milestone.RESTORED)


def _only_owners_know(incident: Incident) -> bool:
    """Say whether all that is open is what became of forks that nobody but their owners sees."""
    asked = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    number = {
        name: incident.fact(EventKind.VERIFY_SERVER, name) or 0
        for name in ("served", "unknown", "left", "hidden")
    }
    rest = number["served"] + number["unknown"] + number["left"]
    return (
        asked and not incident.has(Milestone.SERVER_PURGED) and bool(number["hidden"]) and not rest
    )


def _platform_not_purged(incident: Incident) -> bool:
    return is_on_platform(incident) and not incident.has(Milestone.SERVER_PURGED)


def _support_not_asked(incident: Incident) -> bool:
    asked = EventKind.SUPPORT_REQUESTED in incident.latest or any(
        "support" in name for name in incident.messages_sent
    )
    return not incident.has(Milestone.SERVER_PURGED) and not asked


def _not_closed_yet(incident: Incident) -> bool:
    """Whoever may not close it goes on with the scope; it stays beside the main line then."""
    passed = incident.has(Milestone.SCOPED) or incident.has(Milestone.RESTORED)
    return is_on_platform(incident) and not incident.has(Milestone.CONTAINED) and not passed


def _not_snapped_yet(incident: Incident) -> bool:
    return _not_closed_yet(incident) and EventKind.SNAPSHOT_RECORDED not in incident.latest


def _restrict_is_planned(incident: Incident) -> bool:
    ended = (EventKind.RESTRICT_FAILED, EventKind.RESTRICT_DONE)
    fresh = all(incident.is_newer(EventKind.RESTRICT_PLANNED, each) for each in ended)
    return _not_closed_yet(incident) and fresh


def _restore_is_due(incident: Incident) -> bool:
    closed = incident.is_newer(EventKind.RESTRICT_DONE, EventKind.RESTORE_DONE)
    return closed and not missing(incident, Action.RESTORE)


def _not_traced_yet(incident: Incident) -> bool:
    return EventKind.TRACE_RECORDED not in incident.latest and _lacks(Milestone.TRACED)(incident)


STEPS = (
    Step(
        due=lambda incident: not incident.is_open,
        command="breachkit log verify --case {case}",
        why="the case is closed and nothing is due; the journal stays as evidence",
    ),
    Step(
        due=_alert_waits,
        command="breachkit notify mark-sent {alert} --case {case}",
        why="the alert is written: send its message.eml from the case folder, ring them, then mark it as sent",
    ),
    Step(
        due=lambda incident: not incident.has(Milestone.ALERTED) and incident.profile is None,
        command="breachkit notify render alert --case {case}",
        why=(
            "tell the named contacts first, by mail and by phone; a suspicion is enough. Nobody is "
            "chosen yet: add --contacts with the profile in force, such as opensafely-2026, or with "
            "a .toml file of your own"
        ),
    ),
    Step(
        due=_lacks(Milestone.ALERTED),
        command="breachkit notify render alert --case {case}",
        why="tell the named contacts first, by mail and by phone; a suspicion is enough",
    ),
    Step(
        due=_not_snapped_yet,
        command="breachkit snapshot --fast --case {case}",
        why="write down what closing the repository destroys: forks, stars, who has which role, protections",
    ),
    Step(
        due=_restrict_is_planned,
        command="breachkit restrict --case {case} --execute",
        why="the plan was shown: close the repository by it; add --authorised for who may handle the data",
    ),
    Step(
        due=_not_closed_yet,
        command="breachkit restrict --case {case}",
        why="plan how the repository is closed; nothing is changed yet",
    ),
    Step(
        due=_lacks(Milestone.SCOPED),
        command="breachkit scope --case {case}",
        why="find every commit, ref, path and copy in the history that holds the data",
    ),
    Step(
        due=_server_moved,
        command="breachkit scope --case {case}",
        why="somebody pushed since the mirror was made: ask the writers to stop, then begin again from the server as it is",
    ),
    Step(
        due=_proof_failed,
        command="breachkit rewrite --case {case}",
        why="the last rewrite could not be proven clean and otherwise unchanged: look at the plan again",
    ),
    Step(
        due=_rewrite_is_planned,
        command="breachkit rewrite --case {case} --execute",
        why="the plan is written: rewrite a private mirror by it, with a backup and a proof",
    ),
    Step(
        due=_no_proof,
        command="breachkit rewrite --case {case}",
        why="plan what goes from the history; nothing is changed yet",
    ),
    Step(
        due=_push_is_planned,
        command="breachkit push --case {case} --execute",
        why="the plan is written and the rewrite is proven: replace the server's refs",
    ),
    Step(
        due=_lacks(Milestone.PUSHED),
        command="breachkit push --case {case}",
        why="plan what every ref on the server becomes; nothing is changed yet",
    ),
    Step(
        due=_lacks(Milestone.VERIFIED),
        command="breachkit verify --case {case}",
        why="search a fresh clone: until then nobody knows whether the data are gone",
    ),
    Step(
        due=_platform_not_asked,
        command="breachkit verify --server --case {case}",
        why="ask the platform by every way, and every fork: what its support has to remove, and what owners of forks",
    ),
    Step(
        due=_only_owners_know,
        command="breachkit copies list --case {case}",
        why=(
            "what is left are forks that are deleted or private: ask their owners, record it with "
            "`breachkit copies set`, then run `breachkit verify --server` again"
        ),
    ),
    Step(
        due=_support_not_asked,
        command="breachkit notify render support --case {case}",
        why="the server keeps data under refs that nobody can push to: only its support removes them",
    ),
    Step(
        due=_not_traced_yet,
        command="breachkit trace --case {case}",
        why="find who and what else has a copy: every clone can bring the data back",
    ),
    Step(
        due=_platform_not_purged,
        command="breachkit verify --server --case {case}",
        why="the platform's support was asked: look by every way whether the platform has let go of the data",
    ),
    Step(
        due=_lacks(Milestone.SERVER_PURGED),
        command="breachkit verify --case {case}",
        why="the platform's support was asked: look whether the server has let go of the data",
    ),
    Step(
        due=_restore_is_due,
        command="breachkit restore --case {case}",
        why="the data are gone and every copy is accounted for: plan how access is given back",
    ),
    Step(
        due=lambda _incident: True,
        command="breachkit checklist show --case {case}",
        why="what is left: copies to account for, people to tell, access to give back",
    ),
)
"""In order; the first that is due is the next action, and the last always is."""


def next_action(incident: Incident) -> NextAction:
    """Give the one thing to do now, as a command to paste and the reason."""
    if incident.is_open and incident.open_intents:
        return _resume(incident)
    step = next(step for step in STEPS if step.due(incident))
    alert = incident.alerts_waiting[0] if incident.alerts_waiting else ""
    command = step.command.format(case=incident.id, alert=alert)
    return NextAction(
        command=command,
        why=step.why,
        confirm=_name_to_type(incident) if "--execute" in command else None,
        meanwhile=tuple(_meanwhile(incident)),
    )


_BEGUN = {"lift": "lifting protections of the server for a push"}
"""What was begun, where the word of the journal does not say it."""


def interrupted(incident: Incident) -> tuple[str, ...]:
    """Say what was begun and not ended."""
    return tuple(
        f"interrupted: {_BEGUN.get(intent.what, intent.what)} was begun at {rfc3339(intent.at)} ({intent.event}) "
        "and has no result"
        for intent in incident.open_intents
    )


def _resume(incident: Incident) -> NextAction:
    intent = incident.open_intents[-1]
    if any(each.what == "lift" for each in incident.open_intents):
        return _put_back(incident)
    return NextAction(
        command=f"breachkit {intent.what} --case {incident.id} --execute",
        why=f"{intent.what} was interrupted ({intent.event}): run it again, it looks first how far it came",
        confirm=_name_to_type(incident),
        meanwhile=tuple(_meanwhile(incident)),
    )


def _put_back(incident: Incident) -> NextAction:
    return NextAction(
        command=f"breachkit push --case {incident.id} --execute",
        why="protections of the server's branches are STILL LIFTED: the push puts them back first, then goes on",
        confirm=_name_to_type(incident),
        meanwhile=tuple(_meanwhile(incident)),
    )


def _name_to_type(incident: Incident) -> str | None:
    try:
        return shlex.quote(display(confirmation_name(incident.target)))
    except BreachkitError:  # the command itself will say what is wrong with the target
        return None


def _meanwhile(incident: Incident) -> Iterator[Beside]:
    """Say what is due beside the main line and does not wait for it."""
    if not incident.is_open:
        return
    if not incident.has(Milestone.ALERTED) and incident.open_intents:
        alert = f"breachkit notify render alert --case {incident.id}"
        yield Beside(what="no alert is marked as sent: tell the contacts", command=alert)
    if not incident.has(Milestone.CONTAINED):
        yield _make_safe(incident)
    if incident.has(Milestone.SCOPED) and incident.messages_waiting:
        waiting = counted(len(incident.messages_waiting), "message")
        listed = f"breachkit notify list --case {incident.id}"
        yield Beside(what=f"{waiting} written and not marked as sent", command=listed)
    if incident.has(Milestone.ALERTED) and not incident.has(Milestone.ASSESSED):
        yield Beside(
            what="the data protection officer decides whether the authority is told",
            command=f"breachkit decide list --case {incident.id}",
        )


def _make_safe(incident: Incident) -> Beside:
    """Name the command that closes the repository, or whoever does it, says so."""
    what = "make the repository safe: private, outsiders out, Pages down"
    if is_on_platform(incident):
        return Beside(what=what, command=f"breachkit restrict --case {incident.id}")
    return Beside(
        what=f"{what}; then say so",
        command=f"breachkit checklist tick A07 --evidence TEXT --case {incident.id}",
    )
