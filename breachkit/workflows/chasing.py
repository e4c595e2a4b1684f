"""Who has not answered, and whom to ring about it."""

from breachkit.actions.chasing import Chase, ChaseRule, chases, overdue
from breachkit.actions.copies import Copy
from breachkit.actions.notify import Notice, notices_from
from breachkit.actions.sending import fates
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock
from breachkit.workflows.notify import details_of
from breachkit.workflows.trace import load_register


def due(case: CaseFolder, clock: Clock) -> tuple[Chase, ...]:
    """Give everybody whom somebody has to run after now, the most urgent first.

    Empty where the case is closed: nothing is asked of anybody any more.
    """
    return overdue(coming(case), clock.now()) if case.incident.is_open else ()


def coming(case: CaseFolder) -> tuple[Chase, ...]:
    """Give everybody who has not answered, with the moment from which they are chased."""
    events = case.events()
    notices = notices_from(events)
    return chases(
        notices,
        _copies(case, notices),
        fates(events),
        called={},
        rule=ChaseRule(),
        reply_by=details_of(case).reply_by,
    )


def _copies(case: CaseFolder, notices: tuple[Notice, ...]) -> dict[str, Copy]:
    """Give the register, which can be long, only where a holder was written to."""
    asked = any(notice.kind.to == "holders" for notice in notices)
    return {copy.id: copy for copy in load_register(case)} if asked else {}
