"""What each step of a response needs, what a reason can set aside, and what it cannot.

Looking, telling and tracing are never refused. Whatever changes the server or ends the case needs what
stands below; it is a partial order, not a line. Sources: OpenSAFELY's engineer runbook for
redaction failures (opensafely-core/sysadmin, 2021-10 to 2022-06); its page on reporting a data
breach (2026-03) for telling at once; UK GDPR, Articles 33 and 34; its rule of two output checkers
for the second person.

Two shorter ways: a *near miss* (`is_contained_to_us`) needs no rewrite, push, verification or
assessment to be closed, for there is nothing to clean; whoever was alerted still hears how it ended, what was
closed is given back, and copies that somebody registered are accounted for. A *false alarm* is
stood down from anywhere before a rewrite; then access can be given back without further ado.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from breachkit.incident.assessing import is_final
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.commands import remedy
from breachkit.incident.events import EventKind
from breachkit.model.errors import RefusedError


class GuardRefusedError(RefusedError):
    """The case has not reached what the action needs."""

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each thing that is lacking, with what to do about it."""
        return tuple(str(self).split("\n"))


class Action(enum.StrEnum):
    """What a guard can be asked about."""

    NOTIFY = "notify"
    CONTAIN = "contain"
    SCOPE = "scope"
    TRACE = "trace"
    VERIFY = "verify"
    REWRITE = "rewrite"
    PUSH = "push"
    RESTORE = "restore"
    CLOSE = "close"
    STAND_DOWN = "stand-down"


Condition = Callable[[Incident], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A condition, what to say where it does not hold, and how to make it hold."""

    name: str
    holds: Condition
    missing: str
    remedy: str
    """A template of `commands`, with `{case}` for the case's id."""
    because: str
    """Why a reason can set it aside, or why none can."""
    can_be_set_aside: bool = True
    applies: Condition = lambda _incident: True
    """Whether it is asked for at all in such a case."""


def is_contained_to_us(incident: Incident) -> bool:
    """Say whether the case is a near miss: nothing left the machine, so nothing has to be cleaned.

    What somebody calls a near miss is none once history was rewritten, or once the scope found
    the data in a repository on a server.
    """
    on_server = not incident.target.startswith("/") and bool(
        incident.fact(EventKind.SCOPE_RECORDED, "blobs")
    )
    changed = {EventKind.REWRITE_DONE, EventKind.PUSH_DONE} & incident.latest.keys()
    return incident.kind == "near-miss" and not changed and not on_server


def asks_second_person(action: Action) -> Condition:
    """Give the condition that somebody else has to approve `action` in a case."""
    return lambda incident: action in incident.two_person


def _got_out(incident: Incident) -> bool:
    return not is_contained_to_us(incident)


def _reached(milestone: Milestone) -> Condition:
    return lambda incident: incident.has(milestone)


def _is_approved(action: Action, since: EventKind) -> Condition:
    """What was approved is what stood when it was approved: an older word counts for nothing."""

    def holds(incident: Incident) -> bool:
        given = incident.decisions.get(f"approve-{action}")
        return (
            given is not None
            and given.answer == "approved"
            and given.seq > incident.latest.get(since, 0)
        )

    return holds


def _high_risk_closed(incident: Incident) -> bool:
    number = incident.fact(EventKind.COPIES_RECORDED, "high_open")
    if number is None:  # an entry of an earlier version counts all together
        number = incident.fact(EventKind.COPIES_RECORDED, "open")
    return number == 0


def _backup_settled(incident: Incident) -> bool:
    made = incident.latest.get(EventKind.BACKUP_MADE, 0)
    kept = incident.decisions.get("retention")
    destroyed = incident.latest.get(EventKind.BACKUP_DESTROYED, 0)
    return max(destroyed, kept.seq if kept else 0) >= made


def _open_again(incident: Incident) -> bool:
    return incident.has(Milestone.RESTORED) or bool(incident.answer("stays-closed"))


def _was_closed_off(incident: Incident) -> bool:
    return _got_out(incident) or EventKind.RESTRICT_DONE in incident.latest


OPEN = Guard(
    name="open",
    holds=lambda incident: incident.is_open,
    missing="the case is closed",
    remedy="breachkit open TARGET",
    because="a closed case is a record: what is new belongs in a case that is open",
    can_be_set_aside=False,
)
LOOKED_AT = Guard(
    name="looked at",
    holds=lambda incident: not incident.is_draft,
    missing="a sweep opened the case, and no person has looked at what it found",
    remedy='breachkit amend kind confirmed --reason "{reason}" --case {case}',
    because="a program may be wrong: nothing is replaced or ended on its word alone",
    can_be_set_aside=False,
    applies=lambda incident: incident.is_draft,
)
ALERTED = Guard(
    name="alerted",
    holds=_reached(Milestone.ALERTED),
    missing="no alert to the contacts is marked as sent",
    remedy="breachkit notify render alert --case {case}",
    because="the contacts may have been told in another way, such as by phone while mail is down",
)
SCOPED = Guard(
    name="scoped",
    holds=_reached(Milestone.SCOPED),
    missing="what has to go is not known yet",
    remedy="breachkit scope --case {case}",
    because="without the list there is nothing that could be taken out or be proven gone",
    can_be_set_aside=False,
)
ENGINEER = Guard(
    name="engineer",
    holds=lambda incident: bool(incident.said.get("engineer")),
    missing="no engineer is named who does the clean-up",
    remedy='breachkit amend engineer "{engineer}" --case {case}',
    because="where nobody can be reached, whoever is there may have to act, and says so",
)
FROZEN = Guard(
    name="freeze",
    holds=lambda incident: (
        "freeze" in incident.messages_sent or incident.answer("freeze") == "asked"
    ),
    missing="nobody who can push was asked to stop",
    remedy="breachkit notify render freeze --case {case}",
    because="there may be nobody else who pushes, or they were asked by word of mouth; a lease "
    "still refuses refs that moved",
)
REWRITTEN = Guard(
    name="rewritten",
    holds=_reached(Milestone.REWRITTEN),
    missing="there is no rewritten history",
    remedy="breachkit rewrite --case {case}",
    because="there is nothing that could be pushed",
    can_be_set_aside=False,
)
PROVEN = Guard(
    name="proven",
    holds=lambda incident: incident.proof_ok is True,
    missing="no proof says that the rewritten history is clean and otherwise unchanged",
    remedy="breachkit rewrite --case {case}",
    because="a push replaces the only other copy of the history",
    can_be_set_aside=False,
)
PUSH_APPROVED = Guard(
    name="approved",
    holds=_is_approved(Action.PUSH, EventKind.PROOF_RECORDED),
    missing="no second person approved the push of this rewrite",
    remedy='breachkit approve push --by {second} --reason "{looked}" --case {case}',
    because="a rule that whoever it binds can waive is none",
    can_be_set_aside=False,
    applies=asks_second_person(Action.PUSH),
)
VERIFIED = Guard(
    name="verified",
    holds=_reached(Milestone.VERIFIED),
    missing="no fresh clone was found clean",
    remedy="breachkit verify --case {case}",
    because="the server may be gone, or may let nobody clone it",
    applies=lambda incident: _got_out(incident) and incident.answer("stays-closed") != "deleted",
)
PURGED = Guard(
    name="server_purged",
    holds=_reached(Milestone.SERVER_PURGED),
    missing="the server still holds data under refs that cannot be pushed",
    remedy="breachkit verify --case {case}",
    because="a platform may refuse to remove what only it can remove; somebody has to answer for that",
    applies=_got_out,
)
HIGH_RISK = Guard(
    name="high risk",
    holds=_high_risk_closed,
    missing="high-risk copies are open",
    remedy="breachkit copies list --case {case}",
    because="whoever answers for one that cannot be closed accepts it by name, copy by copy",
    can_be_set_aside=False,
    applies=_got_out,
)
RESTORE_APPROVED = Guard(
    name="approved",
    holds=_is_approved(Action.RESTORE, EventKind.PUSH_DONE),
    missing="no second person approved that access is given back",
    remedy='breachkit approve restore --by {second} --reason "{looked}" --case {case}',
    because="a rule that whoever it binds can waive is none",
    can_be_set_aside=False,
    applies=asks_second_person(Action.RESTORE),
)
TRACED = Guard(
    name="traced",
    holds=_reached(Milestone.TRACED),
    missing="copies are open",
    remedy="breachkit copies list --case {case}",
    because="a copy that nobody proved gone is accepted by somebody with a name, or stays open",
    can_be_set_aside=False,
    applies=lambda incident: (
        _got_out(incident) or bool(incident.fact(EventKind.COPIES_RECORDED, "open"))
    ),
)
RESTORED = Guard(
    name="restored",
    holds=_open_again,
    missing="access is not given back, and nobody decided that it stays as it is",
    remedy='breachkit decide stays-closed --answer private --by {by} --reason "{reason}" --case {case}',
    because="access may have been given back by hand, or by somebody else",
    applies=_was_closed_off,
)
ASSESSED = Guard(
    name="assessed",
    holds=is_final,
    missing="the assessment is not final: three questions, the report to the ICO, the people concerned",
    remedy="breachkit decide list --case {case}",
    because="the controller may keep that record in a place of its own; the reason says where",
    applies=_got_out,
)
ALL_CLEAR = Guard(
    name="all-clear",
    holds=lambda incident: incident.told <= incident.told_the_end,
    missing="somebody who was alerted was not told how it ended",
    remedy="breachkit notify render all-clear --case {case}",
    because="somebody may have left, or heard it in a meeting",
)
BACKUP = Guard(
    name="backup",
    holds=_backup_settled,
    missing="the backup of the history with the data is there, and nobody said why",
    remedy='breachkit decide retention --answer destroyed --by {by} --reason "{reason}" --case {case}',
    because="the reason to keep it is a decision of its own: --answer with the day until which",
    can_be_set_aside=False,
)
REVIEW = Guard(
    name="review",
    holds=lambda incident: bool(incident.answer("review")),
    missing="no day is set for looking back on it",
    remedy='breachkit decide review --answer {day} --by {by} --reason "{reason}" --case {case}',
    because="a day can always be set",
    can_be_set_aside=False,
    applies=_got_out,
)
PROTECTED = Guard(
    name="protected",
    holds=lambda incident: all(each.what != "lift" for each in incident.open_intents),
    missing="protections that were lifted for a push are not back",
    remedy="breachkit push --case {case} --execute",
    because="until they are back anybody may push over the branch",
    can_be_set_aside=False,
)
NOT_REWRITTEN = Guard(
    name="not rewritten",
    holds=lambda incident: EventKind.REWRITE_DONE not in incident.latest,
    missing="history was rewritten, so this was no false alarm",
    remedy="breachkit status --case {case}",
    because="what was rewritten, once, was no false alarm; the case is closed when all is done",
    can_be_set_aside=False,
)

GUARDS: Mapping[Action, tuple[Guard, ...]] = {
    Action.NOTIFY: (),
    Action.CONTAIN: (),
    Action.SCOPE: (),
    Action.TRACE: (),
    Action.VERIFY: (),
    Action.REWRITE: (OPEN, LOOKED_AT, ALERTED, SCOPED, ENGINEER, FROZEN),
    Action.PUSH: (OPEN, LOOKED_AT, ALERTED, SCOPED, REWRITTEN, PROVEN, PUSH_APPROVED),
    Action.RESTORE: (VERIFIED, PURGED, HIGH_RISK, RESTORE_APPROVED),
    Action.CLOSE: (
        *(OPEN, LOOKED_AT, PROTECTED, ALERTED, VERIFIED, PURGED, TRACED, RESTORED),
        *(ASSESSED, REVIEW, ALL_CLEAR, BACKUP),  # the all-clear names the day of the review
    ),
    Action.STAND_DOWN: (OPEN, NOT_REWRITTEN),
}


def missing(incident: Incident, action: Action) -> tuple[Guard, ...]:
    """Give the guards of `action` that neither hold nor were set aside, in their order."""
    return tuple(
        guard
        for guard in GUARDS[action]
        if guard.applies(incident)
        and not guard.holds(incident)
        and not (guard.can_be_set_aside and (action, guard.name) in incident.overrides)
    )


def guard(incident: Incident, action: Action) -> None:
    """Let `action` pass, or say what it lacks and which command brings it about.

    Raises:
        GuardRefusedError: a guard neither holds nor was set aside.
    """
    lacking = missing(incident, action)
    if lacking:
        raise GuardRefusedError(refusal(incident, action, lacking))


def refusal(incident: Incident, action: Action, lacking: tuple[Guard, ...]) -> str:
    """Say why `action` is refused, for each thing that is lacking what to do, and what a reason can do."""
    firm = [f"{each.name} ({each.because})" for each in lacking if not each.can_be_set_aside]
    if len(lacking) == 1:
        [one] = lacking
        way = remedy(incident.id, one.remedy)
        text = f"{incident.id}: {action} is refused: {one.missing}. Run `{way}`"
        if firm:
            return f"{text}. No reason sets that aside: {one.because}"
        return f"{text}, or say why not with --override REASON: {one.because}"
    lines = [
        f"  - {each.missing} ({each.name}): `{remedy(incident.id, each.remedy)}`"
        for each in lacking
    ]
    end = (
        f"No reason sets aside: {'; '.join(firm)}." if firm else "Or say why not: --override REASON"
    )
    return "\n".join((f"{incident.id}: {action} is refused. It lacks:", *lines, end))
