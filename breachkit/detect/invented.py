"""How much a finding about rows of patients weighs, given what speaks for invented data."""

from collections.abc import Sequence
from datetime import date

from breachkit.detect.rule import FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Severity
from breachkit.sdc.dummy import DummyScore, score_dummy
from breachkit.sdc.identifiers import id_columns


def weigh(
    severity: Severity,
    confidence: Confidence,
    table: Table,
    context: FileContext,
    ids: Sequence[str] = (),
) -> tuple[Severity, Confidence, str]:
    """Lower a severity where a table of patients looks invented; never to nothing.

    Args:
        severity: Where nothing speaks for invented data.
        confidence: The same.
        table: The table.
        context: Its file.
        ids: What identifies its rows, where that is known; else the column that is named so.

    Returns:
        The severity, the confidence, and the evidence to append to the message.
    """
    score = score_dummy(table, ids or _ids(table), context.paths, _day(context))
    told = reasons(score)
    if score.verdict == "likely-dummy":
        return min(severity, Severity.LOW), Confidence.MEDIUM, f"; probably invented{told}"
    return severity, min(confidence, Confidence.MEDIUM) if score.weight > 0 else confidence, told


def reasons(score: DummyScore) -> str:
    """Write the evidence as sentences that follow a message; empty where there is none."""
    is_invented = score.verdict == "likely-dummy"
    side = "invented" if is_invented else "real"
    for_it, against = score.words(invented=is_invented), score.words(invented=not is_invented)
    if not is_invented and score.weight > 0:
        real = f". Against that: {for_it}" if for_it else ""
        return f". It may be invented: {against}{real}"
    if not for_it:
        return f". It may be invented: {against}" if against else ""
    return f". It looks {side}: {for_it}" + (f". Against that: {against}" if against else "")


def _ids(table: Table) -> Sequence[str]:
    return next((column.values for column in id_columns(table)), ())


def _day(context: FileContext) -> date | None:
    return context.first_date.date() if context.first_date else None
