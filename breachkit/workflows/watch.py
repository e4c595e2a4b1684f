"""Looks whether a repository is still closed: for cron, which reads the exit code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from breachkit.actions.containment import NEEDED, Situation
from breachkit.actions.containment_file import Containment
from breachkit.actions.drift import new_forks, open_again
from breachkit.actions.hosting import Answered, HostedRepository, Hosting, Reading, Topic
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import AccessError, ConfigurationError
from breachkit.report.words import counted
from breachkit.workflows.restrict import load
from breachkit.workflows.snapshot import load_readings


class NothingToWatchError(ConfigurationError):
    """Nothing was closed in this case, or access was given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen."""

    repository: HostedRepository
    drift: tuple[str, ...]
    """What is open that was closed, and forks that are new."""
    untold: tuple[str, ...]
    """What could not be looked at."""
    seen: Mapping[str, bool | None]

    @property
    def exit_code(self) -> int:
        """0 still closed, 7 something is open again, 5 something could not be told."""
        if self.drift:
            return 7
        return 5 if self.untold else 0


MOST_NETWORKS = 50
"""Networks of forks that are looked through for new ones."""


def watch(case: CaseFolder, hosting: Hosting) -> Watched:
    """Look whether access is still restricted as it was left; nothing is changed.

    Raises:
        NothingToWatchError: nothing was closed in this case, or access was given back.
        AccessError, IncompleteError: the repository could not be read.
    """
    kept = require_closed(case)
    repository = hosting.repository(kept.repository)
    readings: dict[Topic, Reading] = {
        topic: hosting.read(topic, repository)
        for topic in NEEDED
        if topic is not Topic.ORGANISATION
    }
    seen = hosting.seen_by_anyone(repository)
    situation = Situation(
        repository=repository,
        account=hosting.account(),
        readings=readings,
        wanted=kept.rounds[-1].wanted,
    )
    forks = tuple(_forks(hosting, repository, _known_forks(case, kept)))
    found = Watched(
        repository=repository,
        drift=(
            *open_again(situation),
            *(f"strangers see it: {way}" for way, is_seen in seen.items() if is_seen),
            *(f"a new fork: {fork['full_name']}" for each in forks for fork in each.items),
        ),
        untold=tuple(_untold([*readings.values(), *forks], seen)),
        seen=seen,
    )
    case.record(
        EventKind.WATCH_RECORDED,
        {
            "ok": found.exit_code == 0,
            "drifted": len(found.drift),
            "not_told": len(found.untold),
        },
    )
    return found


def require_closed(case: CaseFolder) -> Containment:
    """Give what was closed in a case and still should be.

    Raises:
        NothingToWatchError: nothing was closed in this case, or access was given back.
    """
    kept = load(case)
    given_back = case.incident.fact(EventKind.RESTORE_DONE, "rounds") or 0
    if kept is None or not kept.rounds[given_back:]:
        raise NothingToWatchError(
            "nothing that breachkit closed in this case is closed now: nothing to watch"
        )
    return kept


def _known_forks(case: CaseFolder, kept: Containment) -> dict[int, str]:
    """Give the forks that any snapshot saw: id to the date on which each was made."""
    return {
        fork["id"]: str(fork.get("created_at") or "")
        for each in kept.rounds
        for fork in load_readings(case, each.snapshot)[Topic.FORKS].items
    }


def _forks(
    hosting: Hosting, repository: HostedRepository, known: Mapping[int, str]
) -> Iterator[Reading]:
    """Give the new forks, network by network.

    Public forks were cut off and the oldest of them leads the others, so that the networks are found
    by asking the known forks, oldest first, as far as none asked before has listed them. Last comes
    what was not asked, where there are more networks than one look takes.
    """
    met: set[int] = set()
    waiting = [repository.id, *sorted(known, key=lambda number: (known[number], number))]
    networks = left = 0
    for number in waiting:
        if number in met:
            continue
        if networks == MOST_NETWORKS:
            left += 1
            continue
        try:
            asked = hosting.repository(number)
        except AccessError:  # it is gone, or private: nobody else sees it either
            continue
        networks += 1
        reading = hosting.read(Topic.FORKS, asked)
        met |= {fork["id"] for fork in reading.items}
        yield replace(reading, items=new_forks(known, reading.items))
    if left:
        reason = f"whether {counted(left, 'known fork')} more were forked was not asked"
        yield Reading(topic=Topic.FORKS, answered=Answered.PARTIAL, reason=reason)


def _untold(readings: Sequence[Reading], seen: Mapping[str, bool | None]) -> Iterator[str]:
    for reading in readings:
        if reading.answered not in {Answered.COMPLETE, Answered.ABSENT}:
            yield f"{reading.topic}: {reading.answered} ({reading.reason})"
    for way in ("api", "git"):
        if seen.get(way) is None:
            yield f"whether a stranger sees it by {way}"
