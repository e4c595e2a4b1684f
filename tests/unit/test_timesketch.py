"""A case as a timeline: what Timesketch needs of each line, and nothing that must not leave."""

import json
from datetime import datetime, timedelta

import pytest

from breachkit.incident.case import OpenRequest
from breachkit.incident.events import Actor, Event, EventKind
from breachkit.report.entry_words import NOT_PUBLIC, WITHHELD, safe_detail, sentence
from breachkit.report.timesketch import MAX_FIELD_BYTES, jsonl, timesketch
from tests.support.cases import NOON, a_case, a_store, append_raw, rewritten


HEX = "ab" * 20
TELLING = "released_outputs/GP_practice_Lindqvist.csv"


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def timeline(case, **options):
    return rows(timesketch(case.incident, case.events(), **options))


def an_event(kind, detail):
    return Event(
        v=1, seq=2, id="ev-0002", prev="0" * 64, ts="2026-03-06T12:00:00Z", hash="f" * 64,
        actor=Actor(name="Jo Bloggs", how="option"), kind=kind, refs=(), detail=detail,
    )  # fmt: skip


def test_inc_043_every_line_has_the_three_fields_that_timesketch_needs(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    lines = timeline(case)

    assert len(lines) > len(case.events())
    for line in lines:
        assert isinstance(line["message"], str)
        assert line["message"].strip()
        assert line["timestamp_desc"]
        assert datetime.fromisoformat(line["datetime"]).utcoffset() == timedelta(0)
        assert not any(isinstance(value, (list, dict)) and key != "refs" for key, value in line.items())  # fmt: skip
    assert [line["seq"] for line in lines if "seq" in line] == [
        event.seq for event in case.events()
    ]


def test_inc_043_milestones_and_the_end_of_the_72_hours_are_lines_of_their_own(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    lines = timeline(case)

    reached = [line["milestone"] for line in lines if line["timestamp_desc"] == "Milestone reached"]
    assert reached == ["opened", "alerted", "scoped", "rewritten"]
    scoped = next(n for n, line in enumerate(lines) if line.get("milestone") == "scoped")
    assert lines[scoped - 1]["entry"] == lines[scoped]["entry"]
    (deadline,) = [line for line in lines if line["timestamp_desc"] == "Deadline"]
    assert datetime.fromisoformat(deadline["datetime"]) == NOON + timedelta(hours=72)


def test_a_field_is_cut_to_what_the_store_takes_and_says_so(tmp_path):
    case = a_case(tmp_path)
    case.record("contacts.chosen", {"profile": "ä" * 40_000, "as_of": "2026-03-01"})

    line = timeline(case)[-1]

    for key in ("message", "detail_profile"):
        assert len(line[key].encode()) <= MAX_FIELD_BYTES
        assert line[key].endswith("ä [cut]")


def test_a_text_that_is_too_long_to_be_looked_into_is_withheld():
    event = an_event("decision", {"about": "risk", "reason": "a " * 2_000, "decider": "Jo"})

    assert safe_detail(event)["reason"] == WITHHELD


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_entry_is_a_sentence_for_people(kind):
    said = sentence(an_event(kind, {"reason": "because", "number": "N-001", "ok": True}))

    assert said[0].isupper()
    assert "{" not in said
    assert said != kind
    assert "entry of the kind" not in said


def test_inc_031_no_digest_id_or_address_is_in_an_export(tmp_path):
    case = a_case(tmp_path)
    case.record(
        "notify.rendered",
        {
            "number": "N-001", "message": "internal-alert", "audience": "named-contacts",
            "email": "jo@example.org", "sha256": "12" * 32, "template_sha256": "34" * 32,
        },
    )  # fmt: skip
    case.record(
        "rewrite.planned", {"plan_hmac_sha256": "56" * 32, "more": {"file_sha256": "78" * 32}}
    )
    case.record("decision", {"about": f"blob {HEX}", "reason": "n=4 patients", "decider": "Jo"})

    for text in (
        timesketch(case.incident, case.events()),
        jsonl(case.incident, case.events()),
        timesketch(case.incident, case.events(), public=True),
    ):
        for secret in ("12" * 32, "34" * 32, "56" * 32, "78" * 32, HEX, "jo@example.org", "n=4"):
            assert secret not in text
        assert case.incident.head in text
    assert WITHHELD in timesketch(case.incident, case.events())


def test_incident_trap_20_a_count_that_somebody_typed_into_a_reason_is_withheld():
    for reason in (
        "3 patients in one cell",
        "London,3,4",
        "four deaths",
        "total: 5",
        "\uff13 patients",
    ):
        event = an_event("decision", {"about": "risk", "reason": reason, "decider": "Jo"})

        assert reason not in sentence(event)
        assert safe_detail(event)["reason"] == WITHHELD
        assert WITHHELD in sentence(event)


def test_a_public_timeline_holds_no_word_that_a_person_or_a_server_chose(tmp_path):
    store = a_store(tmp_path)
    case = store.create(
        OpenRequest(target="example/secret-study", paths=(TELLING,), found_by="Ann")
    )
    case.record(
        "decision", {"about": "the Lindqvist file", "decider": "Ann", "reason": "Lindqvist"}
    )
    case.record("push.failed", {"reason": "remote said Lindqvist", "moved": 2})
    case.record("checklist.ticked", {"item": "A12", "evidence": "call with Ann", "by": "Ann"})
    case.record("notify.sent", {"number": "N-001", "message": "internal-alert", "name": "Ann", "audience": "named-contacts", "how": "Ann's post"})  # fmt: skip

    for text in (timesketch(case.incident, case.events(), public=True), jsonl(case.incident, case.events(), public=True)):  # fmt: skip
        for secret in ("secret-study", "Lindqvist", "Ann", "Jo Bloggs", "released_outputs"):
            assert secret not in text
        assert NOT_PUBLIC in text
        assert "Checklist: A12 is done" in text
    assert "Ann" in timesketch(case.incident, case.events())


def test_entries_of_a_later_version_are_lines_too(tmp_path):
    case = a_case(tmp_path)
    append_raw(case, v=2, kind="kind.of_tomorrow", ts="the fifth age")

    line = timeline(case)[-1]

    assert line["message"] == "An entry of the kind `kind of tomorrow`"
    assert line["datetime"] == "the fifth age"


def test_lines_for_other_programs_hold_one_entry_each_in_order(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    lines = rows(jsonl(case.incident, case.events()))

    assert [line["seq"] for line in lines] == [event.seq for event in case.events()]
    assert {line["schema"] for line in lines} == {"breachkit.log-line/1"}
    assert [line["entry_hash"] for line in lines] == [event.hash for event in case.events()]
    assert lines[0]["actor"] == "Jo Bloggs"


def test_names_that_a_terminal_would_obey_are_escaped(tmp_path):
    case = a_case(tmp_path)
    case.record("decision", {"about": "x\x1b]8;;evil\x07", "decider": "J\u202eo", "reason": "r"})

    text = timesketch(case.incident, case.events())

    assert "\\u001b" not in text
    assert "\u202e" not in text
