"""What can be decided about a case, and which answers there are. Each answer is a person's.

Sources: the ICO's self-assessment for personal data breaches (three questions); UK GDPR, Article
33 (report, reasons for a delay, phases) and Article 34 (telling people); NHS Data Security and
Protection Toolkit, guide to notification (effect and likelihood); OpenSAFELY's engineer runbook.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from breachkit.incident.assessing import UNKNOWN
from breachkit.incident.severities import LEVELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something that a person decides."""

    about: str
    """As commands and the journal name it."""
    question: str
    answers: tuple[str, ...] = ()
    """Empty where the answer is free: a text, or what `takes` says."""
    takes: str = ""
    """What an answer can be beside `answers`, in words: `a day`, `the cell, computed`."""
    is_day_too: bool = False
    """Whether a day, written as 2026-03-12, answers it too."""
    usually: str = ""
    """Who usually decides it."""


_PHASED = ("yes", "no", UNKNOWN)

_ALL = (
    Matter(
        about="living",
        question="Are they personal data of living individuals? (ICO, first question)",
        answers=_PHASED,
        usually="dpo",
    ),
    Matter(
        about="risk",
        question="Is a risk to people's rights and freedoms likely? (ICO, second question)",
        answers=_PHASED,
        usually="dpo",
    ),
    Matter(
        about="high-risk",
        question="Is that risk high? (ICO, third question)",
        answers=_PHASED,
        usually="dpo",
    ),
    Matter(
        about="dspt",
        question="Effect and likelihood by the Data Security and Protection Toolkit?",
        answers=("not-applicable",),
        takes="--effect and --likelihood",
        usually="ig_lead",
    ),
    Matter(
        about="controller",
        question="Was the controller told, and when?",
        answers=("told", "not-told"),
        usually="incident_team",
    ),
    Matter(
        about="ico-report",
        question="Is it reported to the ICO? (Article 33; give the reasons, also for not reporting)",
        answers=_PHASED,
        usually="dpo",
    ),
    Matter(
        about="ico-told",
        question="Was the ICO told: first of all, or what was learnt since?",
        answers=("initial", "follow-up"),
        usually="dpo",
    ),
    Matter(
        about="individuals",
        question="Are the people concerned told? (Article 34; the controller decides)",
        answers=_PHASED,
        usually="controller",
    ),
    Matter(about="severity", question="How bad is it?", answers=LEVELS, usually="incident_team"),
    Matter(
        about="containment",
        question="Why is the repository left as it is, or how was it closed by hand?",
        takes="a few words",
        usually="admin",
    ),
    Matter(
        about="collaborators",
        question="Who may still come in while the data are there?",
        takes="a few words",
        usually="admin",
    ),
    Matter(
        about="scope",
        question="Has a second person looked at what has to go, and agrees?",
        answers=("agreed",),
        usually="output_checker",
    ),
    Matter(
        about="plan",
        question="Has the engineer seen the plan of the rewrite, and agrees?",
        answers=("agreed",),
        usually="engineer",
    ),
    Matter(
        about="freeze",
        question="Was everybody who can push asked to stop, by word of mouth?",
        answers=("asked",),
        usually="handler",
    ),
    Matter(
        about="publication",
        question="What becomes of the rule that publishes private repositories by themselves?",
        takes="a few words",
        usually="handler",
    ),
    Matter(
        about="finding",
        question="Is this finding harmless? (--finding F-0001)",
        answers=("dismissed", "upheld"),
        usually="output_checker",
    ),
    Matter(
        about="stays-closed",
        question="Does the repository stay as it is, for good?",
        answers=("private", "deleted"),
        usually="controller",
    ),
    Matter(
        about="retention",
        question="Is the backup destroyed, or until which day is it kept?",
        answers=("destroyed",),
        is_day_too=True,
        usually="controller",
    ),
    Matter(
        about="review",
        question="On which day do you look back on it, or was that done?",
        answers=("held",),
        is_day_too=True,
        usually="incident_team",
    ),
    Matter(
        about="public-summary",
        question="Is a summary published?",
        answers=("yes", "no"),
        usually="controller",
    ),
)

MATTERS: Mapping[str, Matter] = {each.about: each for each in _ALL}

APPROVED, NOT_APPROVED = "approved", "refused"
"""What a second person says; `breachkit approve` writes it."""
