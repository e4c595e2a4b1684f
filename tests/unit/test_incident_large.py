"""A large case: its journal is read once, whatever is asked of it, and what is new is read alone."""

import json

import pytest

from breachkit.incident import journal as journals
from breachkit.incident import projection
from breachkit.incident.case import OpenRequest
from breachkit.incident.entries import decode, encode
from breachkit.incident.events import Draft
from breachkit.report import case_log
from breachkit.report.timesketch import MAX_FIELD_BYTES, timesketch
from breachkit.workflows.log import anchors_of, show_log, verify_log
from tests.support.cases import NOON, SOMEBODY, a_store, journal


MANY = 2_000


def lengthened(case, count):
    """Append entries as breachkit would, without waiting for the disk after each."""
    last = case.events()[-1]
    seq, prev, lines = last.seq, last.hash, []
    for number in range(count):
        seq += 1
        draft = Draft(kind="decision", detail={"about": "thing", "n": number})
        lines.append(encode(draft, seq=seq, prev=prev, now=NOON, actor=SOMEBODY))
        prev = json.loads(lines[-1])["hash"]
    with journal(case).open("ab") as file:
        file.write(b"".join(lines))


@pytest.fixture
def counted(monkeypatch):
    """How many entries were read from bytes, and how many were replayed."""
    numbers = {"read": 0, "replayed": 0}
    applied = projection._applied

    def reading(line):
        numbers["read"] += 1
        return decode(line)

    def replaying(incident, event):
        numbers["replayed"] += 1
        return applied(incident, event)

    monkeypatch.setattr(journals, "decode", reading)
    monkeypatch.setattr(projection, "_applied", replaying)
    return numbers


def test_incident_trap_82_a_long_journal_is_read_and_replayed_once_by_a_command_that_only_looks(
    tmp_path, counted
):
    case = a_store(tmp_path).create(OpenRequest(target="example/study"))
    lengthened(case, MANY)
    counted.update(read=0, replayed=0)

    found = a_store(tmp_path).find(None)
    shown = case_log.log_lines(show_log(found, last=5))
    anchors_of(found)
    assert found.incident.entries == MANY + 1

    assert len(shown) == 5
    assert counted == {"read": MANY + 1, "replayed": MANY}


def test_incident_trap_82_an_entry_is_appended_to_a_long_journal_without_reading_it_again(
    tmp_path, counted
):
    case = a_store(tmp_path).create(OpenRequest(target="example/study"))
    lengthened(case, MANY)
    assert case.incident.entries == MANY + 1
    counted.update(read=0, replayed=0)

    case.record("decision", {"about": "one more"})

    assert counted["read"] <= 3
    assert counted["replayed"] <= 2


def test_a_long_journal_is_checked_as_a_short_one_is(tmp_path):
    case = a_store(tmp_path).create(OpenRequest(target="example/study"))
    lengthened(case, MANY)
    data = journal(case).read_bytes()
    where = data.index(b'"n":1500')

    journal(case).write_bytes(data[:where] + b'"n":1501' + data[where + 8 :])

    report = verify_log(case).journal
    assert [each.line for each in report.problems] == [1502]


def test_incident_trap_82_a_path_of_4096_characters_is_kept_shown_and_exported(tmp_path):
    long = "released_outputs/" + "ä" * 4079
    case = a_store(tmp_path).create(OpenRequest(target="example/study", paths=(long,)))
    case.record("decision", {"about": "finding", "reason": long, "decider": "Jo"})

    assert case.incident.paths == (long,)
    assert long in case_log.log_lines(show_log(case))[0]
    for line in timesketch(case.incident, case.events()).splitlines():
        assert all(
            len(value.encode()) <= MAX_FIELD_BYTES
            for value in json.loads(line).values()
            if isinstance(value, str)
        )
