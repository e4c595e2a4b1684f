"""How each thing that a case lacks is brought about: the command, and why now.

`incident.guards` says what every step needs, and names a command for what is lacking. Here stands only
what depends on how far one is on the way there: a plan is shown before it is carried out, a message is
written before it is marked as sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from breachkit.incident.assessing import is_answered, is_informed, still_open
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.guards import Action, Guard, is_contained_to_us, missing
from breachkit.workflows.purging import (
    came_back,
    has_unknown_owners,
    is_on_platform,
    is_to_be_traced,
    only_owners_know,
    owners_answered,
    owners_not_written_to,
    platform_not_asked,
    support_not_asked,
    support_waits,
)


Condition = Callable[[Incident], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A command and the state of a case in which it is due."""

    command: str
    """A template of `incident.commands`, with `{case}` for the id, and `{alert}` for the number of an
    alert that waits."""
    why: str
    due: Condition = lambda _incident: True


def way_to(incident: Incident, name: str) -> Way:
    """Give the way to a stage of the response, or to what a guard of that name asks for."""
    way = next(way for way in WAYS[name] if way.due(incident))
    return replace(way, command=anew(incident, way.command))


def way_around(incident: Incident, lacking: Guard) -> Way:
    """Give the way to what a guard asks for: its own remedy, unless more is known of it."""
    for way in WAYS.get(lacking.name, ()):
        if way.due(incident):
            return replace(way, command=anew(incident, way.command))
    return Way(command=anew(incident, lacking.remedy), why=lacking.missing)


def anew(incident: Incident, template: str) -> str:
    """Give a command so that it writes to people who were told of the first time, where data came back."""
    writes = template.startswith("breachkit notify render ") and " --again" not in template
    if not writes or not came_back(incident):
        return template
    return template.replace(" --case ", " --again --case ")


def is_closed_off(incident: Incident) -> bool:
    """Say whether breachkit closed the repository, and neither it nor a person gave it back since."""
    by_hand = incident.milestones.get(Milestone.RESTORED)
    back = max(incident.latest.get(EventKind.RESTORE_DONE, 0), by_hand.seq if by_hand else 0)
    return incident.latest.get(EventKind.RESTRICT_DONE, 0) > back


def _proof_failed(incident: Incident) -> bool:
    return incident.has(Milestone.REWRITTEN) and incident.proof_ok is False


def _rewrite_is_planned(incident: Incident) -> bool:
    return incident.is_newer(EventKind.REWRITE_PLANNED, EventKind.SCOPE_RECORDED)


def _push_is_planned(incident: Incident) -> bool:
    return incident.is_newer(EventKind.PUSH_PLANNED, EventKind.PROOF_RECORDED)


def _restrict_is_planned(incident: Incident) -> bool:
    since = max((EventKind.RESTRICT_DONE, EventKind.RESTRICT_FAILED), key=_latest(incident))
    return incident.is_newer(EventKind.RESTRICT_PLANNED, since)


def _restore_is_planned(incident: Incident) -> bool:
    since = max((EventKind.RESTRICT_DONE, EventKind.RESTORE_FAILED), key=_latest(incident))
    return incident.is_newer(EventKind.RESTORE_PLANNED, since)


def _latest(incident: Incident) -> Callable[[EventKind], int]:
    return lambda kind: incident.latest.get(kind, 0)


def _server_moved(incident: Incident) -> bool:
    told = max((EventKind.PUSH_PLANNED, EventKind.PUSH_FAILED), key=_latest(incident))
    stopped = incident.is_newer(told, EventKind.SCOPE_RECORDED) and incident.fact(told, "moved")
    return bool(stopped)


def _only_untold(incident: Incident) -> bool:
    """Say whether all was decided by people of whom none is known to have the facts."""
    return is_answered(incident) and not still_open(incident) and not is_informed(incident)


def may_be_given_back(incident: Incident) -> bool:
    """Say whether breachkit closed the repository, and nothing keeps it closed."""
    return is_closed_off(incident) and not missing(incident, Action.RESTORE)


_TRACE_AGAIN = Way(
    due=lambda incident: came_back(incident) and is_to_be_traced(incident),
    command="breachkit trace --case {case}",
    why=(
        "the data came back, so that some copy was not accounted for: look for copies again, and doubt "
        "what stands in the register by somebody's word alone"
    ),
)
_TRACE = Way(
    due=is_to_be_traced,
    command="breachkit trace --case {case}",
    why="find who and what else has a copy: every clone can bring the data back",
)

_ON_A_SERVER_OF_YOUR_OWN = (
    "On a server of your own: `git reflog expire --expire=now --all && git gc --prune=now` in the "
    "repository"
)

WAYS: Mapping[str, tuple[Way, ...]] = {
    "looked at": (
        Way(
            command='breachkit amend kind confirmed --reason "{reason}" --case {case}',
            why=(
                "a draft: a sweep opened it, and no person has looked. Look, then confirm it, or dismiss "
                "it as a false alarm or a near miss"
            ),
        ),
    ),
    "alerted": (
        Way(
            due=lambda incident: bool(incident.alerts_waiting),
            command="breachkit notify mark-sent {alert} --case {case}",
            why=(
                "the alert is written: send its message.eml from the case folder, or with `breachkit "
                "notify send`; ring them, then mark it as sent"
            ),
        ),
        Way(
            due=lambda incident: incident.profile is None,
            command="breachkit notify render alert --case {case}",
            why=(
                "tell the named contacts first, by mail and by phone; a suspicion is enough. Nobody "
                "is chosen yet: add --contacts with the profile in force, such as opensafely-2026, or "
                "with a .toml file of your own"
            ),
        ),
        Way(
            command="breachkit notify render alert --case {case}",
            why="tell the named contacts first, by mail and by phone; a suspicion is enough",
        ),
    ),
    "contained": (
        Way(
            due=lambda incident: EventKind.SNAPSHOT_RECORDED not in incident.latest,
            command="breachkit snapshot --fast --case {case}",
            why="closing the repository destroys some of it: forks, stars, who has which role. Afterwards nobody can look it up",
        ),
        Way(
            due=_restrict_is_planned,
            command="breachkit restrict --case {case} --execute",
            why="the plan was shown: close the repository by it; add --authorised for who may handle the data",
        ),
        Way(
            command="breachkit restrict --case {case}",
            why="while it is open anybody can take a copy. The plan comes first and changes nothing",
        ),
    ),
    "scoped": (
        Way(
            command="breachkit scope --case {case}",
            why="nothing can be taken out or be proven gone before every commit, ref and path that holds it is known",
        ),
    ),
    "rewritten": (
        Way(
            due=_server_moved,
            command="breachkit scope --case {case}",
            why="somebody pushed since the mirror was made: ask the writers to stop, then begin again from the server as it is",
        ),
        Way(
            due=_proof_failed,
            command="breachkit rewrite --case {case}",
            why="the last rewrite could not be proven clean and otherwise unchanged: look at the plan again",
        ),
        Way(
            due=_rewrite_is_planned,
            command="breachkit rewrite --case {case} --execute",
            why="the plan is written: rewrite a private mirror by it, with a backup and a proof",
        ),
        Way(
            command="breachkit rewrite --case {case}",
            why="a later commit takes nothing out of a history, it has to be rewritten. The plan comes first and changes nothing",
        ),
    ),
    "pushed": (
        Way(
            due=_server_moved,
            command="breachkit scope --case {case}",
            why="somebody pushed since the mirror was made: ask the writers to stop, then begin again from the server as it is",
        ),
        Way(
            due=_push_is_planned,
            command="breachkit push --case {case} --execute",
            why="the plan is written and the rewrite is proven: replace the server's refs",
        ),
        Way(
            command="breachkit push --case {case}",
            why="the server still has the old history. The plan comes first and changes nothing",
        ),
    ),
    "verified": (
        Way(
            command="breachkit verify --case {case}",
            why="search a fresh clone: until then nobody knows whether the data are gone",
        ),
    ),
    "server_purged": (
        Way(
            due=platform_not_asked,
            command="breachkit verify --server --case {case}",
            why="ask the platform by every way, and every fork: what its support has to remove, and what owners of forks",
        ),
        Way(
            due=has_unknown_owners,
            command="breachkit trace --case {case}",
            why=(
                "forks hold the data, or are deleted or private: find their owners. The platform's support does "
                "not act while a fork has the data"
            ),
        ),
        Way(
            due=owners_not_written_to,
            command="breachkit notify render forks --case {case}",
            why=(
                "forks hold the data, or are deleted or private: write to their owners first. The platform's "
                "support does not act while a fork has the data, and writes to no owner"
            ),
        ),
        Way(
            due=owners_answered,
            command="breachkit verify --server --case {case}",
            why="more is known of forks that are deleted or private: ask the platform again",
        ),
        Way(
            due=only_owners_know,
            command="breachkit copies list --case {case}",
            why=(
                "what is left are forks that are deleted or private: ask their owners, record it with "
                "`breachkit copies set`, then run `breachkit verify --server` again"
            ),
        ),
        Way(
            due=support_waits,
            command="breachkit verify --server --case {case}",
            why=(
                "a fork held the data when the platform was last asked, and its support does not act while one "
                "does: chase the owner, then ask the platform again"
            ),
        ),
        Way(
            due=lambda incident: support_not_asked(incident) and not is_on_platform(incident),
            command="breachkit notify render support --case {case}",
            why=(
                "the server keeps old objects, and perhaps refs that nobody can push to: whoever runs it "
                f"removes them. {_ON_A_SERVER_OF_YOUR_OWN}, then `breachkit verify`"
            ),
        ),
        Way(
            due=support_not_asked,
            command="breachkit notify render support --case {case}",
            why="the server keeps data under refs that nobody can push to: only its support removes them",
        ),
        _TRACE_AGAIN,  # while the support is at work
        _TRACE,
        Way(
            due=is_on_platform,
            command="breachkit verify --server --case {case}",
            why=(
                "the platform's support was asked: look by every way whether the platform has let go of the "
                "data. It waits for owners of forks, whom the register of copies leads to"
            ),
        ),
        Way(
            command="breachkit verify --case {case}",
            why=(
                "whoever runs the server was asked to remove what it keeps: look whether it has let go of "
                f"the data. {_ON_A_SERVER_OF_YOUR_OWN}"
            ),
        ),
    ),
    "freeze": (
        Way(
            due=came_back,
            command="breachkit notify render freeze --case {case}",
            why="the data came back: everybody who can push has to stop once more",
        ),
    ),
    "all-clear": (
        Way(
            due=is_contained_to_us,
            command="breachkit notify render update --next-update {moment} --case {case}",
            why="somebody who was alerted was not told that it is a near miss, and when it is looked back on",
        ),
        Way(
            due=came_back,
            command="breachkit notify render all-clear --case {case}",
            why="somebody who was alerted was not told how it ended this time",
        ),
    ),
    "assessed": (
        Way(
            due=_only_untold,
            command="breachkit notify render dpo --case {case}",
            why="every question is answered, and the data protection officer has not been told the facts",
        ),
    ),
    "traced": (
        _TRACE_AGAIN,
        _TRACE,
        Way(
            command="breachkit copies list --case {case}",
            why="copies are open: each is proven clean, deleted, or accepted by somebody with a name",
        ),
    ),
    "restored": (
        Way(
            due=lambda incident: may_be_given_back(incident) and _restore_is_planned(incident),
            command="breachkit restore --case {case} --execute",
            why="the plan was shown: give access back by it",
        ),
        Way(
            due=may_be_given_back,
            command="breachkit restore --case {case}",
            why="the data are gone, so that it may be open again. The plan comes first and changes nothing",
        ),
    ),
    "closed": (
        Way(
            command='breachkit close --reason "{conclusion}" --decided-by "{decider}" --case {case}',
            why="all is done that the response promised: close the case, with what was concluded and who decides it",
        ),
    ),
}
"""By the name of the stage or of the guard; the first that is due counts."""
