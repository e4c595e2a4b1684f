"""The register of copies, for people and machines."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from breachkit.actions.copies import Copy, counts, open_copies, to_json
from breachkit.model.errors import UsageError
from breachkit.model.time import rfc3339
from breachkit.report import escape
from breachkit.report.lint import mask_ids
from breachkit.report.page import page, table


_COLUMNS = ("id", "place", "applies", "state", "risk", "due", "label", "holder", "email", "signal", "proof")  # fmt: skip
_TITLE = "Register of copies"
_WORDS = {"yes": "yes", "unknown": "not known yet", "no": "no"}


class UnknownFormatError(UsageError):
    """There is no such export."""


def export(register: Sequence[Copy], form: str) -> str:
    """Give the register as `text`, `md`, `csv`, `json` or `html`.

    Raises:
        UnknownFormatError: it is none of them.
    """
    if form not in FORMATS:
        raise UnknownFormatError(f"no format {form!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[form](tuple(map(_without_ids, register)))


def _without_ids(copy: Copy) -> Copy:
    """Take object ids out of what people and remotes wrote: an export is read by many."""
    proof = tuple(replace(p, note=mask_ids(p.note)) for p in copy.proof)
    return replace(
        copy,
        key=mask_ids(copy.key),
        label=mask_ids(copy.label),
        signal=mask_ids(copy.signal),
        proof=proof,
    )


def as_text(register: Sequence[Copy]) -> str:
    """Give what a terminal shows: what is certain in full, what is unknown in one line each."""
    certain = [copy for copy in register if copy.applies == "yes"]
    unknown = [copy for copy in register if copy.applies == "unknown"]
    lines = [f"{_TITLE}: {_progress(register)}", ""]
    for copy in certain:
        lines.append(escape.terminal(f"  {copy.id}  {copy.place}  {_state(copy)}  {copy.label}"))
        lines.append(escape.terminal(f"         {copy.signal}; due {_moment(copy.due)}"))
    if unknown:
        lines += ["", "  Not known yet; each has to be looked at:"]
        lines += [escape.terminal(f"  {c.id}  {c.place}  {_state(c)}  {c.label}") for c in unknown]
    return "\n".join([*lines, ""])


def as_markdown(register: Sequence[Copy]) -> str:
    """Give a Markdown table."""
    lines = [f"# {_TITLE}", "", f"{escape.markdown(_progress(register))}. Made by breachkit.", ""]
    lines.append("| " + " | ".join(_COLUMNS) + " |")
    lines.append("|" + " --- |" * len(_COLUMNS))
    lines += ["| " + " | ".join(map(escape.markdown, _cells(copy))) + " |" for copy in register]
    return "\n".join([*lines, ""])


def as_csv(register: Sequence[Copy]) -> str:
    """Give a table for a spreadsheet, every cell quoted and none of them a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("breachkit id", *_COLUMNS[1:]))
    writer.writerows([escape.csv_cell(cell) for cell in _cells(copy)] for copy in register)
    return out.getvalue()


def as_json(register: Sequence[Copy]) -> str:
    """Give one JSON object, in ASCII: what the case keeps, and the counts."""
    data = {**to_json(register), "counts": counts(register), "open": len(open_copies(register))}
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def as_html(register: Sequence[Copy]) -> str:
    """Give a page that stands alone and prints well."""
    return page(_TITLE, (_progress(register),), [table(_COLUMNS, _rows(register))])


def _rows(register: Sequence[Copy]) -> Iterable[tuple[str, Sequence[str]]]:
    for copy in register:
        kind = "done" if copy.closed else "open"
        yield kind, [escape.html(cell) for cell in _cells(copy)]


def _cells(copy: Copy) -> tuple[str, ...]:
    proofs = "; ".join(f"{p.kind} by {p.by}, {rfc3339(p.at)}: {p.note}" for p in copy.proof)
    return (
        *(copy.id, copy.place, _WORDS[copy.applies], _state(copy), copy.risk, _moment(copy.due)),
        *(copy.label, copy.holder or "", copy.email or "", copy.signal, proofs),
    )


def _state(copy: Copy) -> str:
    if copy.applies == "no":
        return "not applicable"
    if copy.applies == "unknown" and copy.state == "suspected":
        return "not looked at yet"
    return copy.state.replace("_", " ")


def _progress(register: Sequence[Copy]) -> str:
    certain = sum(copy.applies == "yes" for copy in register)
    left = len(open_copies(register))
    return f"{len(register)} entries, {certain} certain, {left} still open"


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "no date"


FORMATS: Mapping[str, Callable[[Sequence[Copy]], str]] = {
    "text": as_text,
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "html": as_html,
}
