"""The register of copies, for people and machines."""

import csv
import io
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from breachkit.actions.copies import Copy, Grade, Proof, counts, graded, open_copies, to_json
from breachkit.actions.copies_reconcile import Reconciled
from breachkit.actions.copy_changes import Replayed
from breachkit.actions.copy_states import GRADE_WORDS
from breachkit.actions.trace import BY_HAND, Place
from breachkit.model.errors import UsageError
from breachkit.model.time import rfc3339
from breachkit.report import escape
from breachkit.report.lint import mask_ids
from breachkit.report.page import moment, page, table
from breachkit.report.words import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What a page says beside the register itself."""

    of: str
    places: Mapping[str, Place]
    reconciled: Reconciled | None = None

    @property
    def title(self) -> str:
        return f"{_TITLE} of {self.of}" if self.of else _TITLE


_COLUMNS = ("id", "place", "applies", "state", "shown by", "risk", "due", "expires", "label", "holder", "email", "signal", "proof")  # fmt: skip
_TITLE = "Register of copies"
_WORDS = {"yes": "yes", "unknown": "not known yet", "no": "no"}


class UnknownFormatError(UsageError):
    """There is no such export."""


def export(
    register: Sequence[Copy],
    form: str,
    catalogue: Sequence[Place] = (),
    *,
    of: str = "",
    reconciled: Reconciled | None = None,
) -> str:
    """Give the register in a format.

    Args:
        register: What to show.
        form: `text`, `md`, `csv`, `json` or `html`.
        catalogue: The kinds of place, for what the page says about how each is looked at and closed.
        of: The case and the moment, for the heading of a page.
        reconciled: Counted cloners against known holders; None leaves that line out.

    Raises:
        UnknownFormatError: it is none of them.
    """
    if form not in FORMATS:
        raise UnknownFormatError(f"no format {form!r}: choose one of {', '.join(FORMATS)}")
    places = {place.code: place for place in catalogue}
    frame = _Frame(of=of, places=places, reconciled=reconciled)
    return FORMATS[form](tuple(map(_without_ids, register)), frame)


def _without_ids(copy: Copy) -> Copy:
    """Take object ids out of what people and remotes wrote: an export is read by many."""
    proof = tuple(
        replace(p, note=mask_ids(p.note), control=mask_ids(p.control)) for p in copy.proof
    )
    return replace(
        copy,
        key=mask_ids(copy.key),
        label=mask_ids(copy.label),
        signal=mask_ids(copy.signal),
        proof=proof,
    )


def as_text(register: Sequence[Copy], frame: _Frame) -> str:
    """Give what a terminal shows: what is certain in full, what is unknown in one line each."""
    unknown = [copy for copy in register if _is_unknown(copy)]
    told = [copy for copy in unknown if copy.signal != BY_HAND]
    unknown = [copy for copy in unknown if copy.signal == BY_HAND]
    certain = [copy for copy in register if copy.applies != "no" and not _is_unknown(copy)]
    lines = [f"{_TITLE}: {_progress(register)}", *_wrapped(_reconciled(frame)), ""]
    for copy in certain:
        due = "" if copy.closed else f", due {_moment(copy.due)}"
        lines += _wrapped(f"  {copy.id}  {copy.place}  {copy.label}: {_state(copy)}{due}")
        lines += _wrapped(f"{' ' * 14}{copy.signal}")
    if told:
        lines += ["", "To ask, or to look at: what is known does not settle it"]
        for copy in told:
            lines += _wrapped(_unknown_line(copy))
            lines += _wrapped(f"{' ' * 14}{copy.signal}")
    if unknown:
        lines += [
            "",
            "Not looked at yet: look at each, then `copies set`, or `copies na` where there is none",
        ]
        lines += [line for copy in unknown for line in _wrapped(_unknown_line(copy))]
    return "\n".join([*lines, ""])


def _is_unknown(copy: Copy) -> bool:
    return copy.applies == "unknown" and not copy.closed


_WIDTH = 80


def _unknown_line(copy: Copy) -> str:
    state = "" if copy.state == "suspected" else f": {_state(copy)}"
    return f"  {copy.id}  {copy.place}  {copy.label}{state}"


def _wrapped(text: str, indent: int = 14) -> list[str]:
    shown = escape.terminal(text)
    if len(shown) <= _WIDTH:  # most of ten thousand lines
        return [shown] if shown.strip() else []
    return textwrap.wrap(
        shown,
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_markdown(register: Sequence[Copy], frame: _Frame) -> str:
    """Give a Markdown table."""
    lines = [
        f"# {escape.markdown(frame.title)}",
        "",
        f"{escape.markdown(_progress(register))}. Made by breachkit.",
        "",
    ]
    if frame.reconciled is not None:
        lines += [escape.markdown(_reconciled(frame)), ""]
    lines.append("| " + " | ".join(_COLUMNS) + " |")
    lines.append("|" + " --- |" * len(_COLUMNS))
    lines += ["| " + " | ".join(map(escape.markdown, _cells(copy))) + " |" for copy in register]
    return "\n".join([*lines, ""])


def as_csv(register: Sequence[Copy], _frame: _Frame) -> str:
    """Give a table for a spreadsheet, every cell quoted and none of them a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(("breachkit id", *_COLUMNS[1:]))
    writer.writerows([escape.csv_cell(cell) for cell in _cells(copy)] for copy in register)
    return out.getvalue()


def as_json(register: Sequence[Copy], frame: _Frame) -> str:
    """Give one JSON object, in ASCII: what the case keeps, what each proof is worth, and the counts."""
    kept = to_json(register)
    data = {
        "schema": kept["schema"],
        "copies": [
            {**entry, "grade": _grade_name(copy)}
            for entry, copy in zip(kept["copies"], register, strict=True)
        ],
        "counts": counts(register),
        "open": len(open_copies(register)),
        "grades": {grade.name.lower(): number for grade, number in graded(register).items()},
        "cloners": None if frame.reconciled is None else _reconciled_json(frame.reconciled),
    }
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def _grade_name(copy: Copy) -> str | None:
    return None if copy.grade is None else copy.grade.name.lower()


def _reconciled_json(found: Reconciled) -> dict[str, object]:
    fewest, most = found.unknown or (None, None)
    return {
        "at_least": found.at_least,
        "at_most": found.at_most,
        "holders": found.holders,
        "accounted": found.accounted,
        "unknown_at_least": fewest,
        "unknown_at_most": most,
        "accepted_by": found.accepted_by or None,
    }


def _reconciled(frame: _Frame) -> str:
    return f"Clones: {frame.reconciled.text}" if frame.reconciled is not None else ""


def as_html(register: Sequence[Copy], frame: _Frame) -> str:
    """Give a page that stands alone and prints well: what is certain first."""
    groups = (
        ("Certain", [c for c in register if c.applies == "yes" and not c.closed]),
        ("Not looked at yet", [c for c in register if _is_unknown(c)]),
        ("Closed, or does not apply", [c for c in register if c.closed]),
    )
    lead = tuple(filter(None, (_progress(register), _reconciled(frame))))
    return page(frame.title, lead, _html_groups(groups, frame.places))


def _html_groups(
    groups: Sequence[tuple[str, Sequence[Copy]]], places: Mapping[str, Place]
) -> Iterator[str]:
    for title, copies in groups:
        if copies:
            yield f"<h2>{title}</h2>\n"
            rows = (
                ("done" if copy.closed else "open", _html_cells(copy, places)) for copy in copies
            )
            yield table(_HEADER, rows, widths=(8, 48, 9, 12, 23))


_HEADER = ("Copy", "What", "Risk", "Due", "State")


def _html_cells(copy: Copy, places: Mapping[str, Place]) -> tuple[str, ...]:
    what = escape.html(copy.label)
    if copy.email:
        what += f'<span class="how">{escape.html(copy.email)}</span>'
    if not copy.closed:
        what += "".join(
            f'<span class="how">{escape.html(line)}</span>' for line in _how(copy, places)
        )
    state = escape.html(_state(copy))
    state += "".join(f'<span class="how">{escape.html(line)}</span>' for line in _proofs(copy))
    due = "" if copy.closed else _moment(copy.due)
    number = f'{escape.html(copy.id)} <span class="how">{escape.html(copy.place)}</span>'
    return (number, what, escape.html(copy.risk), moment(due), state)


def _how(copy: Copy, places: Mapping[str, Place]) -> Iterator[str]:
    """Say why it is in the register, how to look, what to do, and what shows that it is done."""
    place = places.get(copy.place)
    if copy.applies == "yes" or copy.signal != BY_HAND:
        yield copy.signal
    if place is not None:
        if copy.applies == "unknown":
            yield f"look: {place.find}"
        yield f"do: {place.action}"
        yield f"shown by: {place.proof}"


def _proofs(copy: Copy) -> Iterator[str]:
    if copy.applies == "no" and not copy.proof:
        yield copy.signal
    for proof in copy.proof:
        yield _proof_line(proof)


def _proof_line(proof: Proof) -> str:
    role = f", {proof.role}" if proof.role else ""
    control = f"; {proof.control}" if proof.control else ""
    how = f"{proof.kind.replace('_', ' ')} by {proof.by}{role}, {_moment(proof.at)}"
    said = proof.note or (proof.state or "").replace("_", " ")
    return f"{said}{control} ({how})"


def one_as_text(copy: Copy, catalogue: Sequence[Place] = ()) -> str:
    """Give one copy in full: where it is, how it is closed, and everything that was said about it."""
    shown = _without_ids(copy)
    place = next((each for each in catalogue if each.code == copy.place), None)
    facts = (
        ("place", f"{shown.place} {place.label if place else ''}".strip()),
        ("what", shown.label),
        ("why here", shown.signal),
        ("holder", " ".join(filter(None, (shown.holder, shown.email)))),
        ("applies", _WORDS[shown.applies]),
        ("state", _state(shown)),
        ("risk", shown.risk),
        ("due", "" if shown.closed else _moment(shown.due)),
        ("expires", _moment(shown.expires) if shown.expires else ""),
        *((("look", place.find), ("do", place.action), ("shown by", place.proof)) if place else ()),
    )
    lines = [shown.id]
    for name, value in facts:
        lines += _wrapped(f"  {name:<9}  {value}", indent=13) if value else []
    lines += ["", "History" if shown.proof else "Nothing was said of it yet."]
    for proof in shown.proof:
        to = f"became {proof.state.replace('_', ' ')}: " if proof.state else ""
        lines += _wrapped(f"  {to}{_proof_line(proof)}; {_worth(proof)}", indent=4)
    return "\n".join(lines)


def one_to_json(copy: Copy) -> dict[str, object]:
    """Give one copy as JSON values; schema `breachkit.copy/1`."""
    shown = _without_ids(copy)
    (entry,) = to_json([shown])["copies"]
    return {
        "schema": "breachkit.copy/1",
        **entry,
        "grade": _grade_name(shown),
        "closed": shown.closed,
    }


def rebuilt_text(told: Replayed, differs: Sequence[str], *, written: bool) -> str:
    """Say what the journal tells of the register, what of it the file has otherwise, and what is lost."""
    lines = [
        f"The journal tells {counted(len(told.register), 'entry', 'entries')} of the register."
    ]
    if told.gaps:
        lines.append("It does not tell everything:")
        lines += [part for gap in told.gaps for part in _wrapped(f"  - {gap}", indent=4)]
    if not differs:
        return "\n".join([*lines, "The file has them as the journal tells them."])
    some = ", ".join(differs[:_NAMED]) + (" and more" if len(differs) > _NAMED else "")
    lines += _wrapped(f"The file has {len(differs)} of them in another way: {some}", indent=2)
    return "\n".join([*lines, *(["It is put back."] if written else [])])


_NAMED = 12


def rebuilt_to_json(told: Replayed, differs: Sequence[str], *, written: bool) -> dict[str, object]:
    """Give the same as JSON values; schema `breachkit.copies-rebuilt/1`."""
    return {
        "schema": "breachkit.copies-rebuilt/1",
        "copies": len(told.register),
        "gaps": list(told.gaps),
        "differs": list(differs),
        "written": written,
    }


def _worth(proof: Proof) -> str:
    return GRADE_WORDS[proof.grade]


def _cells(copy: Copy) -> tuple[str, ...]:
    proofs = "; ".join(f"{rfc3339(p.at)}: {_proof_line(p)}" for p in copy.proof)
    worth = "" if copy.grade is None else GRADE_WORDS[copy.grade]
    expires = _moment(copy.expires) if copy.expires else ""
    return (
        *(copy.id, copy.place, _WORDS[copy.applies], _state_word(copy), worth, copy.risk),
        *(_moment(copy.due), expires, copy.label, copy.holder or "", copy.email or ""),
        *(copy.signal, proofs),
    )


def _state(copy: Copy) -> str:
    """Say the state, and what a closed one rests on: a word is never shown as a proof."""
    worth = None if copy.grade is None else GRADE_WORDS[copy.grade]
    return f"{_state_word(copy)} ({worth})" if worth else _state_word(copy)


def _state_word(copy: Copy) -> str:
    if copy.applies == "no":
        return "not applicable"
    if copy.applies == "unknown" and copy.state == "suspected":
        return "not looked at yet" if copy.signal == BY_HAND else "to ask"
    return copy.state.replace("_", " ")


def _progress(register: Sequence[Copy]) -> str:
    certain = sum(copy.applies == "yes" for copy in register)
    left = len(open_copies(register))
    unknown = sum(map(_is_unknown, register))
    words = graded(register)[Grade.WORD]
    said = f"; {words} closed by somebody's word alone" if words else ""
    return (
        f"{counted(len(register), 'entry', 'entries')}, {left} still open; {certain} certain, "
        f"{unknown} not settled yet{said}"
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "no date"


FORMATS: Mapping[str, Callable[[Sequence[Copy], _Frame], str]] = {
    "text": as_text,
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
    "html": as_html,
}
