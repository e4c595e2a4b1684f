"""How far a case is, in words for people who do not use breachkit."""

from breachkit.incident.case import Incident, Milestone
from breachkit.incident.events import EventKind


_DONE_WORDS = {
    Milestone.OPENED: "the case was opened",
    Milestone.CONTAINED: "access to the repository was restricted",
    Milestone.SCOPED: "the whole history was searched",
    Milestone.REWRITTEN: "the history was rewritten in a private mirror",
    Milestone.PUSHED: "the rewritten history was pushed",
    Milestone.VERIFIED: "branches and tags of a fresh clone were found clean",
    Milestone.SERVER_PURGED: "nothing is left on the server, pull requests included",
    Milestone.TRACED: "every known copy is accounted for",
}
_TO_DO_WORDS = {
    Milestone.CONTAINED: "restrict access to the repository",
    Milestone.SCOPED: "search the whole history",
    Milestone.REWRITTEN: "rewrite the history in a private mirror, with proof",
    Milestone.PUSHED: "push the rewritten history",
    Milestone.VERIFIED: "verify on a fresh clone from the server",
    Milestone.SERVER_PURGED: "have the platform remove what no push can change",
    Milestone.TRACED: "account for every copy",
}


def done_so_far(incident: Incident) -> tuple[str, ...]:
    """Give what is done, in the order of the response."""
    return tuple(words for reached, words in _DONE_WORDS.items() if incident.has(reached))


def left_to_do(incident: Incident) -> tuple[str, ...]:
    """Give what is not done yet, in the order of the response."""
    return tuple(words for reached, words in _TO_DO_WORDS.items() if not incident.has(reached))


def still_served(incident: Incident) -> str | None:
    """Say how much the platform still gives away, for its support; None before it was asked."""
    if EventKind.VERIFY_SERVER not in incident.latest:
        return None
    number = {name: incident.fact(EventKind.VERIFY_SERVER, name) or 0 for name in _ANSWERS}
    if not number["served"]:
        open_ = number["unknown"] + number["left"]
        return "not everything could be asked" if open_ else "nothing that was asked for"
    return f"{number['served']} of {sum(number.values())} requests for removed objects are answered"


_ANSWERS = ("served", "gone", "unknown", "closed", "left")


def forks_known(incident: Incident) -> str | None:
    """Say what asking the platform showed of forks; None before it was asked."""
    if EventKind.VERIFY_SERVER not in incident.latest:
        return None
    forks, holding, hidden = (
        incident.fact(EventKind.VERIFY_SERVER, name) or 0
        for name in ("forks", "forks_holding", "hidden")
    )
    if not forks:
        return "none is known"
    said = f"{forks} known, {holding} with refs that lead to the data"
    return f"{said}, {hidden} deleted or private" if hidden else said
