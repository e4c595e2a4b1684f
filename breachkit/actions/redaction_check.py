"""What the rules about counts still find in tables that are to be released, as they would be."""

from collections.abc import Iterable, Iterator

from breachkit.actions.redaction_plan import LEAST_REMAINING, Remaining, released_context
from breachkit.detect.registry import TABLE_RULES
from breachkit.documents.table import Table
from breachkit.model.policy import Policy


_FAMILIES = ("CNT-", "RAT-", "SUP-", "LOG-02")
RULES = tuple(rule for rule in TABLE_RULES if rule.about.id.startswith(_FAMILIES))
"""The rules whose findings a redaction is to mend."""


def remaining_in(tables: Iterable[Table], policy: Policy) -> Iterator[Remaining]:
    """Give what these rules find in the tables of a file, at medium or worse."""
    context = released_context(policy)
    for number, table in enumerate(tables):
        for rule in RULES:
            for hit in rule.check_table(table, context):
                if hit.severity >= LEAST_REMAINING:
                    yield Remaining(table=number, hit=hit)
