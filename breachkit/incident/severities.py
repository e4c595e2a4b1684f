"""How bad an incident is believed to be, for whoever has to decide what comes first."""

PENDING = "pending"
"""Nobody has said yet: a case opens without it."""

LEVELS = ("low", "medium", "high", "critical")


def higher(one: str, other: str) -> str:
    """Give the worse of two; what is no severity counts for nothing.

    While people disagree, the worse is gone by, until somebody decides. Source: PagerDuty's incident
    response documentation, on severity levels.
    """
    order = (PENDING, *LEVELS)
    known = [each for each in (one, other) if each in order]
    return max(known, key=order.index, default=PENDING)
