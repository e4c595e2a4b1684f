"""A story as data: its world, what a person does in it, and what it teaches."""

from dataclasses import dataclass

from breachkit.drill.setting import Setting
from breachkit.drill.stage import Step


DAYS_ONLY = (
    "how long people take to answer, and platforms to act",
    "a real network, a real platform's support, real mail",
    "what the controller decides about those whom the data are about",
)
"""What no drill of an hour can practise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One incident, from the first word of it to the last proof."""

    name: str
    """What is typed after `--scenario`."""
    teaches: str
    """The lesson, as a sentence."""
    seconds: int
    """How long it takes when it is narrated, on an ordinary machine."""
    opening: str
    """How the person on call hears of it."""
    ending: str
    """What is true at the end, told only if every proof held."""
    setting: Setting
    steps: tuple[Step, ...]
    not_practised: tuple[str, ...] = DAYS_ONLY
    """What this story leaves out, for the organisation's records."""
