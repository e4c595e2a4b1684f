"""How far a case is, in words for people who do not use breachkit."""

from breachkit.incident.case import Incident, Milestone


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
