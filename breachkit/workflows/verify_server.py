"""Ask the platform itself, by every way, whether it still gives away what should be gone.

What it answers is kept as it comes in: killed, or stopped by a limit, the next run goes on from there.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from breachkit.actions.copies import Copy, Proof
from breachkit.actions.hosting import Hosting
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.served import Asker, Kind, Place, Subject, Way
from breachkit.actions.served_plan import Extent, QuestionPlan, Subjects, plan_questions
from breachkit.actions.served_results import ServerVerification
from breachkit.git.old_objects import harmless, old_objects
from breachkit.git.rewritten import open_rewritten
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import ObjectId
from breachkit.model.time import Clock
from breachkit.workflows import case_files
from breachkit.workflows.scan import Progress
from breachkit.workflows.served_places import (
    NEVER_LISTED,
    accounts_for_unlisted,
    find_places,
    is_copy_of,
    settled_by,
)
from breachkit.workflows.served_run import FILE, Run
from breachkit.workflows.trace import load_register, move_copies


MOST_REQUESTS = 4000
"""Of one run, controls included: GitHub takes 5,000 in an hour, and others need some."""

MakeAsker = Callable[[frozenset[ObjectId]], Asker]
Announce = Callable[[QuestionPlan, int], None]
"""Is told the plan, and how many answers are there already, before anything is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to ask."""

    extent: Extent = field(default_factory=Extent)
    again: bool = False
    """Ask everything again, whatever an earlier run left."""
    most: int = MOST_REQUESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for, and what to compare with."""

    subjects: Subjects
    controls: tuple[Mapping[Kind, Subject], ...]
    ids: frozenset[ObjectId]


def verify_server(
    case: CaseFolder,
    hosting: Hosting,
    name: str,
    make_asker: MakeAsker,
    clock: Clock,
    *,
    options: Options,
    progress: Progress,
    announce: Announce,
) -> ServerVerification:
    """Ask for everything that should be gone, everywhere, and keep the answers with the case.

    Args:
        case: The case.
        hosting: The platform, for what places there are.
        name: `owner/name`.
        make_asker: Gives what asks, for the ids of everything that should be gone.
        clock: For the dates.
        options: How to ask.
        progress: Is told how far it is.
        announce: Is told how much there is to ask.

    Raises:
        NotYetError: nothing was rewritten yet.
        AccessError, IncompleteError: the repository itself could not be read.
    """
    with case.lock("verify"):
        wanted = what_is_wanted(case)
        places = find_places(case, hosting, hosting.repository(name))
        listed = tuple(places.found.values())
        plan = plan_questions(listed, wanted.subjects, options.extent)
        with contextlib.closing(make_asker(wanted.ids)) as asker:
            run = Run(
                case=case,
                asker=asker,
                controls=wanted.controls,
                plan=plan,
                again=options.again,
                most=options.most,
                clock=clock,
                progress=progress,
                began=clock.now(),
            )
            run.take_up()
            announce(plan, len(run.results))
            run.ask_all()
        copies = load_register(case)
        answered = {NEVER_LISTED} if accounts_for_unlisted(copies) else set()
        found = ServerVerification(
            places=listed,
            plan=plan,
            results=tuple(run.results.values()),
            settled=settled_by(copies, listed),
            stopped=tuple(dict.fromkeys(run.stopped.values())),
            problems=tuple(each for each in places.problems if each not in answered),
            not_placed=wanted.subjects.not_placed,
            asked=run.asked,
            kept=run.kept,
        )
        _record(case, found)
    return found


def what_is_wanted(case: CaseFolder) -> Wanted:
    """Give what a case's rewrites took out, and what they left."""
    bad, done = case_files.load_bad_set(case), case_files.rewritten_of(case)
    rewritten = case.private / case_files.REWRITTEN
    rounds = (*_earlier(case), done)
    subjects = old_objects(case_files.mirror_of(case).path, rewritten, rounds, bad)
    every = (*subjects.commits, *subjects.trees, *subjects.blobs, *subjects.tags)
    return Wanted(
        subjects=subjects,
        controls=harmless(rewritten, done, bad),
        ids=frozenset(each.id for each in every),
    )


def _earlier(case: CaseFolder) -> Sequence[Rewritten]:
    folders = (each / case_files.REWRITTEN for each in case_files.rounds(case))
    return [open_rewritten(folder, None) for folder in folders if folder.exists()]


def _record(case: CaseFolder, found: ServerVerification) -> None:
    case.record(
        EventKind.VERIFY_SERVER,
        {
            "ok": found.outcome == "gone",
            "outcome": found.outcome,
            "file": f"private/{FILE}",
            "places": len(found.places),
            "asked": found.asked,
            "served": found.count("served"),
            "gone": found.count("gone"),
            "unknown": found.count("unknown"),
            "closed": found.count("closed"),
            "left": found.left,
            "hidden": len(found.untold),
            "pull_requests": len(found.pull_requests),
            "forks": sum(place.role == "fork" for place in found.places),
            "forks_holding": len(found.holding),
        },
    )


def settle_copies(case: CaseFolder, found: ServerVerification, clock: Clock) -> int:
    """Bring the register of copies into line with what the platform answered.

    Returns:
        How many entries were moved; 0 in a case without a register.
    """
    register = load_register(case)
    moves = {}
    for copy in register:
        state = None if copy.applies == "no" else _state(copy, found)
        if state is not None and state != copy.state:
            note = _GONE_NOTE if state == "proven_clean" else _SERVED_NOTE
            proof = Proof(kind=_BY_EVERY_WAY, at=clock.now(), by="breachkit verify", note=note)
            moves[copy.id] = (state, proof)
    return move_copies(case, moves)


_BY_EVERY_WAY = "asked_with_control"
_GONE_NOTE = "not found by any way that was asked, where a harmless object was"
_SERVED_NOTE = "the platform still gives it away"
_PAGES = frozenset({Way.PAGE, Way.SHORT_PAGE, Way.PATCH, Way.FILE_PAGE, Way.RAW})


def _state(copy: Copy, found: ServerVerification) -> str | None:
    """Give the state that the answers put an entry into; None where they say nothing about it."""
    fork = next((place for place in found.places if is_copy_of(copy, place)), None)
    study = [place for place in found.places if place.role == "study"]
    if fork is not None:
        holds = fork in found.holding
        return _judged(copy, served=holds, gone=found.is_proven_gone([fork]))
    if copy.place == "C03":
        return _of_places(copy, found, study, None)
    if copy.place == "C04":
        return _of_places(copy, found, study, _PAGES)
    return _of_places(copy, found, found.places, None) if copy.place == "C12" else None


def _of_places(
    copy: Copy,
    found: ServerVerification,
    places: Sequence[Place],
    ways: frozenset[Way] | None,
) -> str | None:
    served = any(
        result.verdict == "served" and (ways is None or result.question.way in ways)
        for place in places
        for result in found.of_place(place)
    )
    return _judged(copy, served=served, gone=found.is_proven_gone(places, ways=ways))


def _judged(copy: Copy, *, served: bool, gone: bool) -> str | None:
    if served:
        return "confirmed" if copy.state in _OPENED_AGAIN else None
    return "proven_clean" if gone and not copy.closed else None


_OPENED_AGAIN = frozenset({"suspected", "cleaned", "deleted", "proven_clean"})
"""What is contradicted where the platform still serves it; what a person accepted stays accepted."""
