"""How copies are closed: the moves between states, what each sort of proof needs and is worth."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions import copies
from breachkit.actions.copies import (
    Copy,
    Found,
    Grade,
    MoveError,
    Proof,
    UnprovenError,
    expire,
    merge,
    move,
    rule_out,
)
from breachkit.actions.copies_file import (
    entry_from_json,
    entry_to_json,
    found_from_json,
    found_to_json,
    to_json,
)
from breachkit.actions.copies_reconcile import reconciled
from breachkit.actions.copy_changes import (
    Based,
    Expires,
    Moved,
    RuledOut,
    Searched,
    applied,
    from_detail,
    replay,
    to_detail,
)
from breachkit.actions.copy_states import CLOSED, GRADE_WORDS, MOVES, PROOF_KINDS, STATES, absence
from breachkit.incident.detail import clean_mapping
from breachkit.report import copies_render


NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
GOOD: dict[str, dict[str, Any]] = {
    "attestation": {},
    "vendor_letter": {"file": "private/evidence/copies/K-001-1.pdf"},
    "http_absent": {"control": "asked as anonymous: 404, control 200"},
    "decision": {"role": "SIRO"},
}
"""What makes each sort of proof that a person can name whole, beside a name and a note."""


def proof(kind="attestation", **changed):
    made = Proof(kind=kind, at=NOW, by="Jo", note="mail of 2 March", **GOOD.get(kind, {}))
    return replace(made, **changed)


def a_copy(state="confirmed", number=1, **changed):
    made = Copy(
        id=f"K-{number:03d}",
        key=f"C30:{number}",
        place="C30",
        label=f"clone {number}",
        signal="author",
        applies="yes",
        state=state,
    )
    return replace(made, **changed)


def moved(copy, state, by):
    (after,) = move([copy], [copy.id], state, by)
    return after


def fitting(state):
    """A proof with which a copy can become closed in that state, and one that it needs otherwise."""
    return proof(
        {"proven_clean": "http_absent", "residual_accepted": "decision"}.get(state, "attestation")
    )


@pytest.mark.parametrize("start", STATES)
@pytest.mark.parametrize("end", STATES)
def test_inc_059_a_copy_goes_the_ways_that_are_allowed_and_no_other(start, end):
    if end == start or end in MOVES[start]:
        assert moved(a_copy(start), end, fitting(end)).state == end
        return
    with pytest.raises(MoveError, match=r"K-001 is .* can become"):
        moved(a_copy(start), end, fitting(end))


def test_inc_059_only_three_states_close_a_copy():
    assert {state for state in STATES if a_copy(state).closed} == {
        "proven_clean",
        "deleted",
        "residual_accepted",
    }


def test_what_is_certain_never_becomes_a_suspicion_again():
    assert not any("suspected" in ways for ways in MOVES.values())


def test_what_is_closed_is_opened_again_only_as_seen_with_a_name_and_a_reason():
    for state in CLOSED:
        assert {end for end in MOVES[state] if end not in CLOSED} == {"confirmed"}
        with pytest.raises(UnprovenError, match="opened again"):
            moved(a_copy(state), "confirmed", proof(note=" "))


def test_a_place_that_was_ruled_out_comes_back_only_as_seen():
    ruled_out = a_copy(applies="no")
    with pytest.raises(MoveError, match="does not apply"):
        moved(ruled_out, "requested", proof())
    back = moved(ruled_out, "confirmed", proof(note="found on a second machine"))
    assert (back.applies, back.closed) == ("yes", False)


@pytest.mark.parametrize("kind", sorted(PROOF_KINDS))
@pytest.mark.parametrize("state", sorted(CLOSED))
def test_inc_059_each_proof_closes_only_what_it_shows(kind, state):
    start = a_copy(expires=NOW - timedelta(days=1))
    given = proof(kind)
    if state in PROOF_KINDS[kind].closes_as:
        assert moved(start, state, given).grade == PROOF_KINDS[kind].grade
        return
    with pytest.raises(UnprovenError):
        moved(start, state, given)


def test_a_word_proves_nothing_clean():
    with pytest.raises(UnprovenError, match="a word proves nothing"):
        moved(a_copy(), "proven_clean", proof())


def test_an_unknown_proof_is_refused_with_those_there_are():
    with pytest.raises(UnprovenError, match="attestation"):
        moved(a_copy(), "deleted", proof("hearsay"))


@pytest.mark.parametrize(
    ("kind", "without", "state", "said"),
    [
        ("http_absent", {"control": " "}, "proven_clean", "control"),
        ("vendor_letter", {"file": ""}, "deleted", "--file"),
        ("decision", {"role": ""}, "residual_accepted", "--role"),
    ],
)
def test_inc_056_inc_070_a_proof_without_what_makes_it_one_closes_nothing(
    kind, without, state, said
):
    with pytest.raises(UnprovenError, match=said):
        moved(a_copy(), state, proof(kind, **without))


@pytest.mark.parametrize("lacking", ["by", "note", "role"])
def test_inc_070_what_is_left_is_accepted_by_name_role_and_reason(lacking):
    with pytest.raises(UnprovenError):
        moved(a_copy(), "residual_accepted", proof("decision", **{lacking: " "}))
    accepted = moved(a_copy(), "residual_accepted", proof("decision"))
    said = accepted.proof[-1]
    assert (said.by, said.role, said.note, said.at) == ("Jo", "SIRO", "mail of 2 March", NOW)
    assert accepted.grade is Grade.ACCEPTED


@pytest.mark.parametrize(
    ("status", "control", "who", "shown"),
    [
        (404, 200, "anonymous", True),
        (410, 200, "Jo", True),
        (404, 404, "anonymous", False),
        (404, 200, " ", False),
        *(
            (status, 200, "anonymous", False)
            for status in (200, 301, 401, 403, 422, 429, 451, 500, 502)
        ),
    ],
)
def test_inc_056_inc_057_only_an_absence_beside_a_control_counts(status, control, who, shown):
    assert (absence(status, control, who) is not None) is shown


def test_inc_066_a_word_closes_and_is_shown_as_less_than_a_proof_in_every_export():
    word = moved(a_copy(number=1), "deleted", proof())
    shown = moved(a_copy(number=2), "proven_clean", proof("http_absent"))
    assert Grade.ACCEPTED < word.grade < shown.grade
    for form in copies_render.FORMATS:
        text = " ".join(copies_render.export([word, shown], form).replace("&#x27;", "'").split())
        wanted = '"grade": "word"' if form == "json" else GRADE_WORDS[Grade.WORD]
        assert wanted in text
    assert GRADE_WORDS[Grade.WORD] in " ".join(copies_render.one_as_text(word).split())


def test_a_better_proof_raises_the_grade_and_one_from_before_it_came_back_does_not():
    word = moved(a_copy(), "deleted", proof())
    better = moved(word, "proven_clean", proof("verify_clone_json"))
    assert (word.grade, better.grade) == (Grade.WORD, Grade.SENT)
    back = moved(better, "confirmed", proof(note="seen again"))
    assert back.grade is None
    assert moved(back, "deleted", proof()).grade is Grade.WORD


def test_inc_068_a_backup_is_due_on_the_day_it_expires_and_is_closed_only_after_it():
    (kept,) = expire([a_copy()], "K-001", NOW + timedelta(days=30), proof())
    assert (kept.due, kept.expires, kept.closed) == (kept.expires, NOW + timedelta(days=30), False)
    with pytest.raises(UnprovenError, match="expires"):
        moved(kept, "deleted", proof("expiry_passed"))
    later = proof("expiry_passed", at=NOW + timedelta(days=31))
    assert moved(kept, "deleted", later).closed


def test_inc_068_a_day_of_expiry_needs_a_name_and_a_source_and_something_that_is_left():
    with pytest.raises(UnprovenError):
        expire([a_copy()], "K-001", NOW, proof(note=""))
    with pytest.raises(MoveError, match="nothing of it is left"):
        expire([a_copy("deleted")], "K-001", NOW, proof())


def test_one_refused_move_moves_none():
    register = [a_copy(number=1), a_copy("proven_clean", number=2)]
    with pytest.raises(MoveError):
        move(register, ["K-001", "K-002"], "requested", proof())
    with pytest.raises(copies.NoSuchCopyError, match="K-009"):
        move(register, ["K-001", "K-009"], "requested", proof())


def test_inc_062_the_line_says_how_many_cloners_nobody_can_name():
    register = [
        a_copy(number=1, holder="Jo", state="deleted"),
        a_copy(number=2, holder="Al"),
        a_copy(number=3, holder="Bo", applies="no"),
        a_copy(number=4),
    ]
    traced = {
        "cloners_at_least": 5,
        "cloners_at_most": 7,
        "first_day": "2026-02-01",
        "last_day": "2026-02-14",
        "days_not_counted": 20,
    }
    found = reconciled(traced, register)
    assert (found.holders, found.accounted, found.unknown) == (2, 1, (3, 7))
    for words in (
        "5 to 7 different cloners",
        "2 holders known",
        "3 to 7 cloners unknown",
        "20 days",
    ):
        assert words in found.text
    for form in set(copies_render.FORMATS) - {"csv", "json"}:
        text = copies_render.export(register, form, reconciled=found)
        assert "3 to 7 cloners unknown" in " ".join(text.split())


def test_inc_062_without_traffic_nothing_is_said_to_be_known():
    found = reconciled(None, [a_copy(holder="Jo")])
    assert found.unknown is None
    assert "nobody knows how many cloned it" in found.text


def test_inc_062_more_holders_than_cloners_do_not_make_the_unknown_zero():
    found = reconciled(
        {"cloners_at_least": 1, "cloners_at_most": 3},
        [a_copy(number=n, holder="x") for n in range(5)],
    )
    assert found.unknown == (0, 3)


# --- laws ---------------------------------------------------------------------------------------

KEYS = st.sampled_from(["C30:jo", "C30:al", "C10:fork", "C40:", "C06:"])
FOUND = st.builds(
    Found,
    key=KEYS,
    place=st.just("C30"),
    label=st.text(max_size=5),
    signal=st.text(max_size=5),
    applies=st.sampled_from(["yes", "no", "unknown"]),
    risk=st.sampled_from(["low", "high"]),
    due=st.sampled_from([None, NOW]),
    holder=st.sampled_from([None, "Jo"]),
    looked=st.booleans(),
    is_there=st.booleans(),
)
SEARCH = st.lists(FOUND, max_size=6, unique_by=lambda found: found.key)
MOVE = st.tuples(st.integers(1, 6), st.sampled_from(STATES), st.sampled_from(sorted(PROOF_KINDS)))


@st.composite
def registers(draw):
    """A register as searches and people may have left it."""
    register = merge((), draw(SEARCH))
    for number, state, kind in draw(st.lists(MOVE, max_size=8)):
        try:
            register = move(register, [f"K-{number:03d}"], state, proof(kind))
        except (MoveError, UnprovenError, copies.NoSuchCopyError):
            continue
    return register


@settings(deadline=None, max_examples=60)
@given(registers(), SEARCH)
def test_searching_twice_is_searching_once(register, found):
    once = merge(register, found, now=NOW)
    assert merge(once, found, now=NOW) == once


@settings(deadline=None, max_examples=60)
@given(registers(), SEARCH)
def test_a_search_closes_nothing_that_a_person_touched_and_removes_nothing(register, found):
    after = {copy.id: copy for copy in merge(register, found, now=NOW)}
    assert {copy.id for copy in register} <= set(after)
    for copy in register:
        touched = bool(copy.proof) or copy.applies == "yes"
        assert not (touched and not copy.closed and after[copy.id].closed)
        assert after[copy.id].state == copy.state or after[copy.id].state == "confirmed"
        assert after[copy.id].proof[: len(copy.proof)] == copy.proof


@settings(deadline=None, max_examples=60)
@given(registers(), SEARCH, SEARCH)
def test_searches_of_different_places_commute_but_for_the_numbers(register, one, other):
    known = {found.key for found in one}
    other = [found for found in other if found.key not in known]

    def content(made):
        return {copy.key: replace(copy, id="") for copy in made}

    first = merge(merge(register, one, now=NOW), other, now=NOW)
    second = merge(merge(register, other, now=NOW), one, now=NOW)
    assert content(first) == content(second)


@settings(deadline=None, max_examples=60)
@given(registers())
def test_the_register_and_what_was_found_survive_their_files(register):
    assert copies.from_json(copies.to_json(register)) == register


@settings(deadline=None, max_examples=60)
@given(SEARCH)
def test_what_a_search_found_survives_its_file(found):
    assert found_from_json(found_to_json(found)) == tuple(found)
    assert [entry_from_json(entry_to_json(each)) for each in found] == found


@settings(deadline=None, max_examples=60)
@given(registers(), st.integers(1, 6))
def test_no_copy_is_closed_without_a_proof_that_closes_it(register, number):
    for copy in register:
        if copy.applies != "no" and copy.closed:
            assert copy.grade == max(p.grade for p in copy.proof if p.state == copy.state)
    try:
        after = rule_out(register, f"K-{number:03d}", proof("decision", note=""))
    except (UnprovenError, copies.NoSuchCopyError):
        return
    raise AssertionError(f"{len(after)} copies, and one was ruled out without a reason")


# --- told again from the journal ----------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    seq: int
    detail: dict[str, object]
    kind: str = "copies.recorded"
    ts: str = "2026-03-01T09:30:00Z"


NOTES = st.one_of(st.just("mail"), st.just("f" * 40), st.just("\udcff"), st.text(max_size=8))
CHANGES = st.one_of(
    st.builds(Searched, found=SEARCH.map(tuple), now=st.sampled_from([None, NOW])),
    st.builds(Searched, found=SEARCH.map(tuple), now=st.none(), by=st.just("Jo"), note=NOTES),
    st.builds(
        lambda number, state, kind, note: Moved(
            copies=(f"K-{number:03d}",), state=state, proof=proof(kind, note=note)
        ),
        st.integers(1, 6),
        st.sampled_from(STATES),
        st.sampled_from(sorted(PROOF_KINDS)),
        NOTES,
    ),
    st.builds(
        lambda number, note: RuledOut(
            copies=(f"K-{number:03d}",), proof=proof("decision", note=note)
        ),
        st.integers(1, 6),
        NOTES,
    ),
    st.builds(
        lambda number: Expires(copy=f"K-{number:03d}", at=NOW, proof=proof()), st.integers(1, 6)
    ),
    st.builds(Based, register=registers(), by=st.just("Jo"), note=NOTES),
)


class Kept:
    """Journal entries and the files beside them, as a case keeps them."""

    def __init__(self):
        self.entries, self.files = [], {}

    def add(self, register, change):
        """Apply a change in the form in which the journal has it."""
        name = "" if isinstance(change, Searched) and change.by else f"{len(self.files)}"
        if name:
            data = to_json(change.register) if isinstance(change, Based) else found_to_json(change.found) if isinstance(change, Searched) else None  # fmt: skip
            self.files[name] = json.dumps(data)
        detail = clean_mapping(to_detail(change, name, name))
        register = applied(register, self.read(detail))
        self.entries.append(Entry(len(self.entries) + 1, {"change": detail}))
        return register

    def read(self, detail):
        def found(name, _sha256):
            return found_from_json(json.loads(self.files[name]))

        def register(name, _sha256):
            return copies.from_json(json.loads(self.files[name]))

        return from_detail(detail, found, register)


@settings(deadline=None, max_examples=80)
@given(st.lists(CHANGES, max_size=8))
def test_every_register_is_told_again_by_its_entries_to_the_last_letter(changes):
    kept, register = Kept(), ()
    for change in changes:
        try:
            register = kept.add(register, change)
        except (MoveError, UnprovenError, copies.NoSuchCopyError):
            continue
    told = replay(kept.entries, kept.read)
    assert told.gaps == ()
    assert json.dumps(to_json(told.register)) == json.dumps(to_json(register))


def test_an_entry_of_numbers_alone_and_one_of_a_later_version_are_gaps_that_are_named():
    kept = Kept()
    entries = [Entry(3, {"copies": 2}), Entry(4, {"change": {"op": "split"}})]
    told = replay(entries, kept.read)
    assert "entry 3 of" in told.gaps[0]
    assert "does not know" in told.gaps[1]
    base = to_detail(Based(register=(a_copy(),), by="Jo", note="x"), "0", "0")
    kept.files["0"] = json.dumps(to_json([a_copy()]))
    assert replay([*entries, Entry(5, {"change": base})], kept.read).gaps == ()
