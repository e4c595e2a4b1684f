"""What sweeps owe survives whatever happens, and nothing is owed twice."""

import contextlib
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from breachkit.actions.sweep_due import LetterState, Purpose, Telling
from breachkit.actions.sweeping import Life, Outcome, Record, Seen, Standing, Tally
from breachkit.model.findings import Severity
from breachkit.store import sweeps
from breachkit.store.database import Schema, connect
from breachkit.store.sweep_due import DueStore
from breachkit.store.sweeps import FILE, Owes, SweepStore


NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
OWED = {Purpose.MAIL: Severity.HIGH, Purpose.CASE: Severity.CRITICAL}
TELLING = Telling(at=NOON, subject="A subject", text="A text\n")


def record(mark: str, severity: Severity = Severity.HIGH, life: Life = Life.NEW) -> Record:
    seen = Seen(
        mark=mark, rule="CNT-01", severity=severity, confidence="high", message="", path="t.csv"
    )
    return Record(seen=seen, life=life, since=NOON, last=NOON)


def outcome(name: str = "o/n") -> Outcome:
    return Outcome(key=name, name=name, standing=Standing.SCANNED, complete=True)


@pytest.fixture
def store(tmp_path):
    made = SweepStore(tmp_path)
    yield made
    made.close()


@pytest.fixture
def due(tmp_path, store):
    made = DueStore(tmp_path)
    yield made
    made.close()


def settle(store: SweepStore, *records: Record, name: str = "o/n", target: str = "here") -> None:
    run = store.begin(target, "auto", NOON)
    store.settle(run, outcome(name), records, NOON, Owes(owed=OWED, url="https://example.org/o/n"))


def marks(due: DueStore, purpose: Purpose, target: str = "here") -> list[str]:
    return [each.seen.mark for each in due.due(target, purpose)]


def test_what_is_new_and_severe_enough_is_owed_with_the_finding_itself(store, due):
    settle(
        store,
        *(record("high"), record("critical", Severity.CRITICAL), record("low", Severity.LOW)),
        *(record(life.value, life=life) for life in Life if life is not Life.NEW),
    )

    assert marks(due, Purpose.MAIL) == ["critical", "high"]
    assert marks(due, Purpose.CASE) == ["critical"]
    (one,) = due.due("here", Purpose.CASE)
    assert (one.name, one.url, one.found_at) == ("o/n", "https://example.org/o/n", NOON)
    assert marks(due, Purpose.MAIL, "elsewhere") == []


def test_where_writing_fails_neither_the_finding_nor_what_is_owed_is_there(store, due):
    broken = record("x")
    object.__setattr__(broken.seen, "mark", None)
    with pytest.raises(Exception, match="NOT NULL"):
        settle(store, record("fine"), broken)

    assert marks(due, Purpose.MAIL) == []
    assert store.known("here") == {}


def test_what_a_letter_tells_is_owed_no_more_and_the_letter_waits_in_its_stead(store, due):
    settle(store, record("a"), record("b"))
    told = due.due("here", Purpose.MAIL)[:1]
    due.write("here", TELLING, [("Jo", "jo@example.org", "<1@x>")], told)

    assert marks(due, Purpose.MAIL) == ["b"]
    (letter,) = due.waiting("here")
    assert (letter.name, letter.address, letter.message_id) == ("Jo", "jo@example.org", "<1@x>")
    assert letter.telling == TELLING
    assert due.waiting("elsewhere") == ()


def test_letters_that_cannot_all_be_written_leave_everything_owed(store, due):
    settle(store, record("a"))
    twice = [("Jo", "jo@example.org", "<1@x>"), ("Jo", "jo@example.org", "<2@x>")]
    with pytest.raises(Exception, match="UNIQUE"):
        due.write("here", TELLING, twice, due.due("here", Purpose.MAIL))

    assert marks(due, Purpose.MAIL) == ["a"]
    assert due.waiting("here") == ()


@pytest.mark.parametrize("state", LetterState)
def test_a_letter_waits_until_a_server_or_a_person_has_it(store, due, state):
    due.write("here", TELLING, [("Jo", "jo@example.org", "<1@x>")], ())
    (letter,) = due.waiting("here")
    due.mark(letter, state)

    assert bool(due.waiting("here")) == (state not in {LetterState.SENT, LetterState.WRITTEN})


def test_only_letters_that_wait_change_hands_and_nobody_gets_two(store, due):
    due.write(
        "here",
        TELLING,
        [("Jo", "jo@example.org", "<1@x>"), ("Old", "old@example.org", "<2@x>")],
        (),
    )
    first, _ = due.waiting("here")
    due.mark(first, LetterState.SENT)
    now = [("Jo", "jo@example.org"), ("New", "new@example.org")]
    for _ in range(2):
        due.readdress("here", now, lambda number, to: f"<{number}-{to}>")

    (letter,) = due.waiting("here")
    assert (letter.name, letter.address) == ("New", "new@example.org")
    assert letter.message_id == "<1-new@example.org>"
    assert letter.telling == TELLING


def test_a_record_of_an_earlier_version_is_brought_up_to_date_and_keeps_what_it_has(tmp_path):
    before = Schema(name="sweeps", steps=sweeps.SCHEMA.steps[:1])
    made = connect(tmp_path / FILE, before)
    made.execute(
        "INSERT INTO run (target, policy, began_at) VALUES ('here', 'auto', ?)", [str(NOON)]
    )
    made.close()
    store, due = SweepStore(tmp_path), DueStore(tmp_path)

    assert store.begin("here", "auto", NOON).resumed
    assert due.due("here", Purpose.MAIL) == ()
    assert due.waiting("here") == ()
    with contextlib.closing(sqlite3.connect(tmp_path / FILE)) as look:
        assert look.execute("PRAGMA user_version").fetchone() == (len(sweeps.SCHEMA.steps),)
    store.close()
    due.close()


def test_how_many_findings_are_open_is_kept_for_each_repository_where_it_changes(tmp_path):
    store = SweepStore(tmp_path)
    nights = (
        (record("a"), record("b")),
        (record("a", life=Life.KNOWN), record("b", life=Life.KNOWN)),
        (record("a", life=Life.ACCEPTED), record("b", life=Life.GONE)),
    )
    for night, records in enumerate(nights):
        run = store.begin("here", "auto", NOON + timedelta(days=night))
        settle(store, *records)
        settle(store, *records)
        settle(store, *records, target="elsewhere")
        store.end(run, NOON, unfinished="", counts={})

    assert store.tallies("here") == {"o/n": (Tally(run=1, open=2), Tally(run=4, open=0))}
    assert list(store.tallies("elsewhere")) == ["o/n"]
    assert store.tallies("nowhere") == {}
    store.close()


def test_a_repository_that_is_settled_twice_in_one_sweep_counts_as_it_was_at_last(tmp_path):
    store = SweepStore(tmp_path)
    settle(store, record("a"), record("b"))
    settle(store, record("a"))

    assert store.tallies("here") == {"o/n": (Tally(run=1, open=1),)}
    store.close()


def test_a_sweep_that_was_not_ended_is_gone_on_with_the_same_night_and_begun_anew_the_next(
    tmp_path,
):
    store = SweepStore(tmp_path)
    first = store.begin("here", "auto", NOON)
    soon = store.begin("here", "auto", NOON + timedelta(hours=19))
    next_night = store.begin("here", "auto", NOON + timedelta(hours=21))

    assert (soon.number, soon.resumed) == (first.number, True)
    assert (next_night.number != first.number, next_night.resumed) == (True, False)
    store.close()
