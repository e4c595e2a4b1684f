"""What the data protection officer and the controller are asked, and whether they have answered.

breachkit keeps the answers. It never says that a breach need not be reported: that is a person's
decision, with a name and reasons. Sources: the ICO's self-assessment for personal data breaches
(three questions); UK GDPR, Article 33(1) and (5) and Article 34.
"""

from breachkit.incident.case import Incident
from breachkit.incident.events import EventKind


UNKNOWN = "not-yet-known"
"""An answer for the time being: the assessment goes on in phases (Article 33(4))."""

QUESTIONS = ("living", "risk", "high-risk")
"""Are they data of living individuals? Is a risk to them likely? Is it high?"""

DPO_MESSAGE = "dpo-factual"


def is_informed(incident: Incident) -> bool:
    """Say whether the data protection officer or the controller knows."""
    return DPO_MESSAGE in incident.messages_sent or incident.answer("controller") == "told"


def is_answered(incident: Incident) -> bool:
    """Say whether the three questions were answered, though some for the time being."""
    return _by_one_entry(incident) or all(incident.answer(each) for each in QUESTIONS)


def is_final(incident: Incident) -> bool:
    """Say whether nothing of the assessment is left open."""
    return is_informed(incident) and is_answered(incident) and not still_open(incident)


def is_report_settled(incident: Incident) -> bool:
    """Say whether the 72 hours press nobody any more: the ICO was told, or a person decided not to.

    That it will be told stops no clock.
    """
    told = bool(incident.answer("ico-told")) or incident.answer("ico-report") == "no"
    return told or (_by_one_entry(incident) and is_informed(incident))


def still_open(incident: Incident) -> tuple[str, ...]:
    """Give the matters that nobody has decided for good, as `breachkit decide` names them."""
    if _by_one_entry(incident):
        return ()
    wanted = [*QUESTIONS, "ico-report"]
    if incident.answer("high-risk") != "no":
        wanted.append("individuals")
    if incident.answer("ico-report") == "yes":
        wanted.append("ico-told")
    return tuple(each for each in wanted if incident.answer(each) in {"", UNKNOWN})


def _by_one_entry(incident: Incident) -> bool:
    """Earlier versions keep the whole assessment in one entry, by name and with a reason."""
    return incident.is_newer(EventKind.ASSESSMENT_RECORDED, EventKind.CASE_RECURRED)
