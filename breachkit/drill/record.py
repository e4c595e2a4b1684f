"""Writes the record of a drill, as Markdown or as a page, where its organisation wants it."""

from pathlib import Path

from breachkit.drill.certificate import Certificate, to_html, to_markdown
from breachkit.model.errors import UsageError
from breachkit.model.ids import display
from breachkit.report import output


KEPT = "record.md"
"""The record's name in a folder that is kept."""

_FORMATS = {".md": to_markdown, ".html": to_html}


def places(record: Path | None, keep: Path | None) -> tuple[Path, ...]:
    """Give where the record goes: the file that was asked for, and a folder that is kept."""
    kept = () if keep is None else (keep.resolve() / KEPT,)
    return kept if record is None else (record, *kept)


def require_place(record: Path) -> None:
    """Find out before a drill whether its record can be written after it.

    Raises:
        UsageError: the name ends neither in .md nor in .html.
        BreachkitError: as `report.output.require_place` does.
    """
    if record.suffix.lower() not in _FORMATS:
        raise UsageError(
            f"{display(str(record))} names no format: a record ends in {' or '.join(_FORMATS)}"
        )
    output.require_place(record)


def write_record(certificate: Certificate, record: Path) -> None:
    """Write the record in the format that its name ends in; an earlier one is replaced.

    Raises:
        BreachkitError: as `report.output.write_report` does.
    """
    text = _FORMATS[record.suffix.lower()](certificate)
    output.write_report(record, text.encode("utf-8"))
