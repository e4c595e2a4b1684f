"""Reading a case's journal, and checking that it holds."""

from breachkit.incident.audit import JournalReport, Line
from breachkit.incident.folder import CaseFolder


def show_log(case: CaseFolder, last: int | None = None) -> tuple[Line, ...]:
    """Give the journal's entries, oldest first, or only the `last` ones; bad lines say so."""
    lines = case.lines()
    return lines if last is None else lines[max(len(lines) - last, 0) :]


def verify_log(case: CaseFolder, anchor: str | None = None) -> JournalReport:
    """Check the journal; with the anchor from a mail, also that nothing was cut or rewritten.

    Raises:
        AnchorError: `anchor` is no hash.
    """
    return case.verify(anchor)
