"""How far the copies are closed, what shows it, and what is left."""

from collections import Counter
from collections.abc import Iterator, Sequence

from breachkit.actions.copies import Copy
from breachkit.actions.copy_states import GRADE_WORDS, Grade
from breachkit.actions.trace import BY_HAND
from breachkit.report.incident_document import (
    NOT_KNOWN,
    Block,
    Line,
    Section,
    Strong,
    Table,
    day,
    limited,
    name,
    named,
    paragraph,
)
from breachkit.report.incident_facts import CaseFacts
from breachkit.report.words import counted


def copies(facts: CaseFacts, *, in_full: bool) -> Section:
    """How far the copies are closed, what shows it, and what is left."""
    register = facts.register
    if not register:
        blocks: list[Block] = [paragraph("Copies were not looked for yet.")]
        return Section(id="copies", title="Copies", blocks=blocks)
    blocks = [_copies_lead(register), _graded(register), *_reconciled(register)]
    blocks += _residuals(register, in_full=in_full)
    blocks += _open_copies(register, in_full=in_full)
    if in_full:
        blocks += _closed_copies(register)
    return Section(id="copies", title="Copies", blocks=blocks)


def _copies_lead(register: Sequence[Copy]) -> Block:
    there = sum(copy.applies == "yes" for copy in register)
    left = sum(not copy.closed for copy in register)
    said = (
        Strong(f"{left:,} of them open.", "bad")
        if left
        else Strong("All of them are accounted for.", "good")
    )
    looked = counted(len(register), "place", "places")
    return paragraph(f"{looked} looked at or asked about, {there:,} with a copy. ", said)


def _graded(register: Sequence[Copy]) -> Block:
    closed = Counter(copy.grade for copy in register if copy.grade is not None)
    rows: list[tuple[Line, Line]] = [
        ((_GRADES[grade],), (f"{closed[grade]:,}",)) for grade in sorted(Grade, reverse=True)
    ]
    rows += [
        (
            ("There is none: looked at or asked",),
            (f"{sum(c.applies == 'no' for c in register):,}",),
        ),
        (("Open",), (f"{sum(not c.closed for c in register):,}",)),
    ]
    return Table(
        caption="How the copies were closed, the best proof first",
        header=("What shows it", "Copies"),
        rows=rows,
        widths=(80, 20),
        numbers=frozenset({1}),
    )


_GRADES = {grade: f"Gone, {words}" for grade, words in GRADE_WORDS.items()} | {
    Grade.ACCEPTED: "Not shown to be gone; a named person accepts it"
}


def _reconciled(register: Sequence[Copy]) -> Iterator[Block]:
    """Give the line that holds the platform's count of cloners against known holders."""
    found = next((copy for copy in register if copy.key == "C17:cloners"), None)
    said = (
        (name(found.signal, most=800),)
        if found
        else ("no count of cloners was written down, so how many there are is not known",)
    )
    yield paragraph(Strong("Cloners counted and holders known:"), " ", *said, ".")


def _residuals(register: Sequence[Copy], *, in_full: bool) -> Iterator[Block]:
    accepted = [copy for copy in register if copy.state == "residual_accepted" and copy.closed]
    if not accepted:
        return
    shown, more = limited(accepted, "copy", "copies")
    rows = [
        (_label(copy, in_full=in_full), _accepter(copy, in_full=in_full), _why(copy))
        for copy in shown
    ]
    header = ("Copy", "Accepted by", "Why")
    yield Table(caption="What is left and accepted", header=header, rows=rows, widths=(36, 26, 38))
    yield from more


def _label(copy: Copy, *, in_full: bool) -> Line:
    if in_full:
        return (f"{copy.id} ", name(copy.label))
    return (f"{copy.id}, kind {copy.place}",)


def _accepter(copy: Copy, *, in_full: bool) -> Line:
    proof = copy.proof[-1] if copy.proof else None
    if proof is None:
        return (NOT_KNOWN,)
    role: Line = (name(proof.role),) if proof.role else ("no role recorded",)
    who: Line = (name(proof.by), ", ") if in_full else ()
    return (*who, *role, f", {day(proof.at)}")


def _why(copy: Copy) -> Line:
    return named(copy.proof[-1].note if copy.proof else None)


def _open_copies(register: Sequence[Copy], *, in_full: bool) -> Iterator[Block]:
    left = sorted((c for c in register if not c.closed), key=_urgency)
    if not left:
        return
    shown, more = limited(left, "open copy", "open copies")
    rows = [
        (
            _label(copy, in_full=in_full),
            (_state(copy),),
            (copy.risk,),
            (day(copy.due) if copy.due else "no date",),
        )
        for copy in shown
    ]
    header = ("Copy", "State", "Risk", "Due")
    yield Table(caption="Copies that are open", header=header, rows=rows, widths=(50, 22, 12, 16))
    yield from more


_RISKS = {"high": 0, "medium": 1, "low": 2}


def _urgency(copy: Copy) -> tuple[bool, int, str]:
    return copy.applies != "yes", _RISKS[copy.risk], copy.id


def _state(copy: Copy) -> str:
    if copy.applies == "unknown" and copy.state == "suspected":
        return "not looked at yet" if copy.signal == BY_HAND else "to ask"
    return copy.state.replace("_", " ")


def _closed_copies(register: Sequence[Copy]) -> Iterator[Block]:
    closed = [copy for copy in register if copy.grade is not None and copy.grade > Grade.ACCEPTED]
    if not closed:
        return
    closed.sort(key=lambda copy: (-(copy.grade or 0), copy.id))
    shown, more = limited(closed, "closed copy", "closed copies")
    rows = [(_label(copy, in_full=True), (_state(copy),), _proof(copy)) for copy in shown]
    header = ("Copy", "State", "What shows it")
    yield Table(
        caption="Copies that are closed, the best proof first",
        header=header,
        rows=rows,
        widths=(38, 16, 46),
    )
    yield from more


def _proof(copy: Copy) -> Line:
    if not copy.proof or copy.grade is None:
        return (NOT_KNOWN,)
    proof = copy.proof[-1]
    control: Line = ("; control: ", name(proof.control)) if proof.control else ()
    grade = GRADE_WORDS[copy.grade]
    return (f"{grade}: ", name(proof.note), " (", name(proof.by), f", {day(proof.at)})", *control)
