"""What the rules about counts still find in files that are to be released, as they would be."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from breachkit.actions.redaction_plan import (
    LEAST_REMAINING,
    NamedTables,
    Remaining,
    released_context,
)
from breachkit.detect.registry import TABLE_RULES
from breachkit.detect.rule import FileContext, HistoryView, Transition
from breachkit.detect.rules.sup_03 import Subtractable
from breachkit.documents.table import Table
from breachkit.model.findings import Attribution
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.sdc.sketching import sketch


_FAMILIES = ("CNT-", "RAT-", "SUP-", "LOG-02")
RULES = tuple(rule for rule in TABLE_RULES if rule.about.id.startswith(_FAMILIES))
"""The rules on tables whose findings a redaction is to mend."""


def remaining_in(tables: Iterable[Table], policy: Policy) -> Iterator[Remaining]:
    """Give what these rules find in the tables of a file, at medium or worse."""
    context = released_context(policy)
    for number, table in enumerate(tables):
        for rule in RULES:
            for hit in rule.check_table(table, context):
                if hit.severity >= LEAST_REMAINING:
                    yield Remaining(table=number, hit=hit)


_OUTPUTS = b"released_outputs/"
_TOGETHER = ObjectId("0" * 40)
_THEN = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = b"tables of one call"
"""Labels are compared within one call only, and their fingerprints stay in memory."""


def remaining_between(
    files: Sequence[NamedTables], policy: Policy
) -> Iterator[tuple[int, Remaining]]:
    """Give what subtracting tables from one another still tells, at medium or worse.

    Args:
        files: As they will be released, together.
        policy: Whose threshold counts as small.

    Yields:
        The number of the file (from 0) that holds the finer table, and what is found.
    """
    blobs = [ObjectId(f"{number:040x}") for number in range(1, len(files) + 1)]
    paths = [GitPath(_OUTPUTS + file.path) for file in files]
    contexts = {
        blob: FileContext(paths=(path,), size=0, first_date=None, policy=policy, is_output=True)
        for blob, path in zip(blobs, paths, strict=True)
    }
    view = HistoryView(
        transitions=[
            Transition(path=path, commit=_TOGETHER, when=_THEN, old=None, new=blob, subject="")
            for blob, path in zip(blobs, paths, strict=True)
        ],
        sketches={
            blob: tuple(sketch(table, _KEY) for table in file.tables)
            for blob, file in zip(blobs, files, strict=True)
        },
        hits={},
        context=contexts.__getitem__,
        attribution=lambda _: Attribution(),
    )
    for blob, hit in Subtractable().check_history(view):
        if hit.severity >= LEAST_REMAINING:
            yield blobs.index(blob), Remaining(table=None, hit=hit)
