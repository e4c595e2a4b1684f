"""Laws of the journal: what a crash may cost, and what cannot be changed unseen."""

import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.incident import entries
from breachkit.incident.audit import audit
from breachkit.incident.detail import MASK, clean_mapping
from breachkit.incident.entries import MalformedEntryError, decode, encode
from breachkit.incident.events import NO_PREVIOUS, Actor, Draft, EventKind
from breachkit.incident.folder import JOURNAL
from breachkit.incident.journal import Journal, JournalDamagedError
from breachkit.incident.projection import replay
from tests.support.cases import NOON, SOMEBODY, HandClock, drafts, replaced


def build(wanted: list[Draft], actor: Actor = SOMEBODY) -> bytes:
    first = Draft(
        kind=EventKind.CASE_OPENED, detail={"case": "BK-2026-0001", "target": "example/study"}
    )
    lines: list[bytes] = []
    prev = NO_PREVIOUS
    for seq, draft in enumerate([first, *wanted], start=1):
        lines.append(encode(draft, seq=seq, prev=prev, now=NOON, actor=actor))
        prev = decode(lines[-1][:-1]).hash
    return b"".join(lines)


WHOLE = build(drafts(4))
FIRST_LINE = WHOLE.index(b"\n") + 1


def journal_of(folder: Path, data: bytes) -> Journal:
    (folder / JOURNAL).write_bytes(data)
    return Journal(folder / JOURNAL, aside=folder / "private", clock=HandClock(), actor=SOMEBODY)


def whole_entries(data: bytes) -> int:
    """How many entries are complete, with or without their line end."""
    lines = WHOLE.splitlines(keepends=True)
    sizes = [sum(map(len, lines[: n + 1])) - 1 for n in range(len(lines))]
    return sum(len(data) >= size for size in sizes)


def test_a_journal_cut_at_any_byte_keeps_its_whole_entries(tmp_path):
    for cut in range(FIRST_LINE - 1, len(WHOLE) + 1):
        events = journal_of(tmp_path, WHOLE[:cut]).events()

        assert len(events) == whole_entries(WHOLE[:cut]), cut


@given(cut=st.integers(FIRST_LINE - 1, len(WHOLE)))
@example(cut=FIRST_LINE - 1)
@example(cut=FIRST_LINE)
@example(cut=len(WHOLE) - 1)
@example(cut=len(WHOLE))
@settings(max_examples=60, deadline=None)
def test_incident_trap_76_a_journal_cut_at_any_byte_goes_on_and_loses_no_byte(cut):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = whole_entries(WHOLE[:cut])

        journal_of(folder, WHOLE[:cut]).append(drafts(1)[0])

        data = (folder / JOURNAL).read_bytes()
        assert audit(data).ok
        torn = WHOLE[:cut].rpartition(b"\n")[2]
        saved = [path.read_bytes() for path in (folder / "private").glob("*")]
        lines = data.splitlines()
        kinds = [decode(line).kind for line in lines[kept:]]
        if cut in {FIRST_LINE - 1, len(WHOLE) - 1} or WHOLE[cut : cut + 1] == b"\n":
            assert (saved, kinds) == ([], ["journal.recovered", "decision"])
        elif torn:
            assert (saved, kinds) == ([torn], ["journal.recovered", "decision"])
        else:
            assert (saved, kinds) == ([], ["decision"])


def test_inc_038_incident_trap_73_every_changed_byte_is_noticed_wherever_it_is():
    for at in range(len(WHOLE)):
        for byte in {WHOLE[at] ^ 1, 10} - {WHOLE[at]}:
            assert not audit(replaced(WHOLE, at, byte)).ok, (at, byte)


def test_no_changed_byte_is_taken_for_a_crash_and_recovered(tmp_path):
    for at in range(0, len(WHOLE), 7):
        altered = replaced(WHOLE, at, WHOLE[at] ^ 1)
        journal = journal_of(tmp_path, altered)

        with pytest.raises(JournalDamagedError):
            journal.append(drafts(1)[0])
        assert (tmp_path / JOURNAL).read_bytes() == altered


def test_a_last_line_end_turned_into_something_else_is_no_crash(tmp_path):
    altered = WHOLE[:-1] + b" "

    with pytest.raises(JournalDamagedError, match="line 5"):
        journal_of(tmp_path, altered).append(drafts(1)[0])


@given(
    at=st.integers(0, len(WHOLE)),
    put=st.binary(min_size=1, max_size=40),
)
@settings(max_examples=200, deadline=None)
def test_inc_038_incident_trap_73_bytes_put_in_anywhere_are_noticed(at, put):
    data = WHOLE[:at] + put + WHOLE[at:]

    assert data == WHOLE or not audit(data).ok


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_inc_038_incident_trap_73_lines_taken_out_repeated_or_moved_are_noticed_at_the_first_bad_line(
    data,
):
    lines = WHOLE.splitlines(keepends=True)
    order = data.draw(st.lists(st.sampled_from(range(len(lines))), min_size=1, max_size=8))
    good = next((n for n, line in enumerate(order) if line != n), len(order))

    report = audit(b"".join(lines[n] for n in order))

    assert report.ok == (good == len(order))
    if not report.ok:
        assert report.problems[0].line == good + 1


@given(keep=st.integers(1, 4))
def test_inc_039_incident_trap_73_entries_cut_off_at_the_end_are_noticed_with_an_anchor_only(keep):
    lines = WHOLE.splitlines(keepends=True)
    anchor = decode(lines[-1][:-1]).hash
    cut = b"".join(lines[:keep])

    assert audit(cut).ok
    assert not audit(cut, [anchor]).ok
    assert audit(WHOLE, [anchor]).anchors[0].entry == "ev-0005"


def test_inc_039_a_journal_written_anew_with_good_hashes_is_noticed_with_an_anchor():
    anchor = audit(WHOLE).head or ""
    other = build(drafts(4), Actor(name="Somebody else", how="option"))

    assert audit(other).ok
    assert not audit(other, [anchor]).ok


@given(junk=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_no_content_of_a_journal_makes_reading_it_fail_otherwise_than_in_words(junk):
    audit(junk)
    with tempfile.TemporaryDirectory() as name:
        journal = journal_of(Path(name), junk)
        with pytest.raises(JournalDamagedError):
            journal.events()


def test_a_line_nested_a_hundred_thousand_deep_is_reported_and_not_fatal():
    report = audit(WHOLE + b"[" * 100_000 + b"\n" + b'{"a":' * 100_000)

    assert report.problems[0].line == 6


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=20)


@given(
    detail=st.dictionaries(any_text, json_like | any_text, max_size=5),
    name=any_text,
    refs=st.lists(any_text, max_size=3),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_comes_back_and_keeps_its_hash(detail, name, refs):
    draft = Draft(kind=EventKind.DECISION, detail=detail, refs=refs)

    line = encode(draft, seq=7, prev=NO_PREVIOUS, now=NOON, actor=Actor(name=name, how="option"))

    assert line.count(b"\n") == 1
    event = decode(line[:-1])
    assert event.detail == clean_mapping(detail)
    assert (event.seq, event.id, event.kind) == (7, "ev-0007", "decision")


def as_python_writes_it(detail):
    """A line that holds but for its form: Python's own JSON, with a hash of just that."""
    line = encode(Draft(kind=EventKind.DECISION, detail={}), seq=1, prev=NO_PREVIOUS, now=NOON, actor=SOMEBODY)  # fmt: skip
    body = {**json.loads(line), "detail": detail}
    del body["hash"]
    form = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(form.encode(body).encode()).hexdigest()
    return form.encode({**body, "hash": digest}).encode()


def test_inc_037_a_line_that_is_not_canonical_is_refused_though_its_hash_is_of_it():
    assert decode(as_python_writes_it({"a": 1, "ä": "z"})).detail == {"a": 1, "ä": "z"}

    for detail in (
        {"\ufb33": 1, "\U0001f600": 2},  # RFC 8785 sorts by UTF-16
        {"n": 2**53},
        {"n": -(2**53)},
        {"n": 1.5},
    ):
        with pytest.raises(MalformedEntryError):
            decode(as_python_writes_it(detail))
    rare = {"\U0001f600": 2, "\ufb33": 1}
    draft = Draft(kind=EventKind.DECISION, detail=rare)
    line = encode(draft, seq=1, prev=NO_PREVIOUS, now=NOON, actor=SOMEBODY)
    assert decode(line[:-1]).detail == rare


@given(detail=st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=4), max_size=4))
@settings(max_examples=200, deadline=None)
def test_the_quick_way_takes_no_line_that_the_slow_one_refuses(detail):
    line = as_python_writes_it(detail)
    try:
        body = entries._parse(line)
    except MalformedEntryError:  # too large a number: neither way is asked
        return

    if entries._holds_plainly(body, line):
        entries._check_slowly(body, line)


hex_digits = st.text("0123456789abcdefABCDEF", min_size=40, max_size=64)


@given(oid=hex_digits, before=any_text, after=any_text, key=st.text("abcde_", max_size=5))
@settings(max_examples=200, deadline=None)
def test_an_object_id_never_reaches_an_entry(oid, before, after, key):
    detail = {key: [before + oid + after, {"refs": {f"refs/tags/{oid}": 1}}]}

    draft = Draft(kind=EventKind.DECISION, detail=detail, refs=[oid])
    line = encode(draft, seq=1, prev=NO_PREVIOUS, now=NOON, actor=SOMEBODY)

    event = decode(line[:-1])
    said = json.dumps([event.detail, event.refs])
    assert oid not in said
    assert said.count(MASK) == 3 + before.count(MASK) + after.count(MASK)


some_kind = st.sampled_from([*EventKind, "kind.of.tomorrow"])
some_detail = st.fixed_dictionaries(
    {},
    optional={
        "ok": st.booleans() | st.text(max_size=3),
        "open": st.integers(0, 2) | st.booleans(),
        "blobs": st.integers(0, 2),
        "hidden_refs": st.integers(0, 2) | st.none(),
        "message": st.sampled_from(["internal-alert", "clone-holder"]),
        "number": st.sampled_from(["N-001", "N-002"]) | st.integers(0, 3),
        "milestone": st.sampled_from(["contained", "closed", "server_purged", "nonsense"]),
        "field": st.sampled_from(["aware_at", "kind", "found_by", "target", "nonsense"]),
        "value": st.sampled_from(["2026-03-01T00:00:00Z", "near-miss", "2026-03-01"]),
        "guards": st.lists(st.sampled_from(["alerted", "scoped"]), max_size=2)
        | st.text(max_size=2),
        "action": st.sampled_from(["rewrite", "push"]),
        "complete": st.booleans(),
    },
)
some_events = st.lists(st.tuples(some_kind, some_detail), max_size=25)


@given(wanted=some_events, split=st.integers(0, 25))
@settings(max_examples=150, deadline=None)
def test_any_entries_in_any_order_replay_and_in_two_parts_as_at_once(wanted, split):
    lines = build([Draft(kind="decision", detail=detail) for _, detail in wanted]).splitlines()
    events = [decode(line) for line in lines]
    for event, (kind, _) in zip(events[1:], wanted, strict=True):
        object.__setattr__(event, "kind", kind)

    at_once = replay(events)

    assert replay(events[1 + split :], replay(events[: 1 + split])) == at_once
    assert at_once.newer_entries == sum(kind == "kind.of.tomorrow" for kind, _ in wanted)
    assert at_once.entries == len(events)
