"""Who answers for what is done: a reason that can be understood later, and a second person."""

from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import display


class ReasonMissingError(UsageError):
    """What is to be journalled needs a reason."""


class SamePersonError(RefusedError):
    """Whoever acts cannot be the second person."""


def need_reason(text: str, what: str = "give a reason that can be understood later") -> None:
    """Let a text pass that is not empty.

    Raises:
        ReasonMissingError: it is; the message is `what`.
    """
    if not text.strip():
        raise ReasonMissingError(what)


def require_another(case: CaseFolder, name: str) -> None:
    """Let `name` stand for a second person only if the case knows them in no other part.

    Raises:
        SamePersonError: it is whoever is at the keyboard, or does the clean-up.
    """
    acting = (case.actor.name, case.incident.said.get("engineer"))
    if name.strip().casefold() in {str(each).strip().casefold() for each in acting if each}:
        raise SamePersonError(
            f"{display(name)} does it, so somebody else has to approve: name them with --by"
        )
