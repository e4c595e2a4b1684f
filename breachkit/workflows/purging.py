"""How far the server is on its way to be rid of the data: who was asked, and for whom its support waits.

What no push can change, only the platform's support removes; and it does not act while a fork has the data.
"""

from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.opening import is_on_github


def is_on_platform(incident: Incident) -> bool:
    """Say whether the platform's commands are for this case: it is hosted there, or one was used."""
    shows = incident.is_hosted or EventKind.SNAPSHOT_RECORDED in incident.latest
    return shows or is_on_github(incident.target)


def platform_not_asked(incident: Incident) -> bool:
    """Say whether nobody has asked the platform by every way since the push."""
    asked = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    return is_on_platform(incident) and not asked


def only_owners_know(incident: Incident) -> bool:
    """Say whether all that is open is what became of forks that nobody but their owners sees."""
    asked = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    number = {
        name: incident.fact(EventKind.VERIFY_SERVER, name) or 0
        for name in ("served", "unknown", "left", "hidden")
    }
    rest = number["served"] + number["unknown"] + number["left"]
    return asked and bool(number["hidden"]) and not rest


def owners_answered(incident: Incident) -> bool:
    """Say whether more was written down about copies since only owners of forks could tell more."""
    said = incident.is_newer(EventKind.COPIES_RECORDED, EventKind.VERIFY_SERVER)
    return only_owners_know(incident) and said


def support_not_asked(incident: Incident) -> bool:
    """Say whether no request to the support left, or none since the data came back."""
    asked = incident.latest.get(EventKind.SUPPORT_REQUESTED, 0) > _returned_at(incident)
    return not asked and not any("support" in name for name in incident.messages_sent)


def _is_with_owners(incident: Incident) -> bool:
    """Say whether the platform was asked since the push, and owners of forks have to act or to answer.

    Only they know of a fork that is deleted or private. GitHub's support acts once no fork has the data,
    and gives nobody an owner's address. Source: GitHub, "Removing sensitive data from a repository".
    """
    asked = incident.is_newer(EventKind.VERIFY_SERVER, EventKind.PUSH_DONE)
    number = (incident.fact(EventKind.VERIFY_SERVER, name) for name in ("forks_holding", "hidden"))
    return asked and any(number)


def has_unknown_owners(incident: Incident) -> bool:
    """Say whether owners of forks have to act, and no register leads to them yet."""
    return _is_with_owners(incident) and is_to_be_traced(incident)


def owners_not_written_to(incident: Incident) -> bool:
    """Say whether the register leads to owners of forks, and no message to them has left."""
    known = incident.fact(EventKind.COPIES_RECORDED, "forks_to_ask")
    written = "fork-owner" in incident.messages_sent
    return _is_with_owners(incident) and bool(known) and not written


def support_waits(incident: Incident) -> bool:
    """Say whether owners were written to, and nobody asks the support as long as their forks hold the data."""
    holding = incident.fact(EventKind.VERIFY_SERVER, "forks_holding")
    to_write = has_unknown_owners(incident) or owners_not_written_to(incident)
    waits = bool(holding) and support_not_asked(incident) and not to_write
    return waits and _is_with_owners(incident)


def came_back(incident: Incident) -> bool:
    """Say whether the data came back after all of it was over."""
    return incident.has(Milestone.RECURRED)


def _returned_at(incident: Incident) -> int:
    """Give the number of the entry that says that the data came back; 0 where none does."""
    returned = incident.milestones.get(Milestone.RECURRED)
    return returned.seq if returned else 0


def is_to_be_traced(incident: Incident) -> bool:
    """Say whether nobody has looked for copies yet, or not since something showed that there are more.

    A register without an open entry brings nothing about: where copies are not accounted for all the
    same, the data came back or more of it was found.
    """
    if incident.latest.get(EventKind.TRACE_RECORDED, 0) <= _returned_at(incident):
        return True
    none_open = incident.fact(EventKind.COPIES_RECORDED, "open") == 0
    return none_open and not incident.has(Milestone.TRACED)
