"""What was said is corrected by another entry; what people know is added, and nothing is lost."""

from datetime import UTC, datetime

import pytest

from breachkit.incident.opening import OpeningError
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.amending import FIELDS, AmendmentError, amend
from breachkit.workflows.answerable import ReasonMissingError
from breachkit.workflows.details import OLD_FILE, Details, details_of, remember
from breachkit.workflows.register import load_register
from tests.support.cases import reopened


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("engineer", "Ada Hartley", "Ada Hartley"),
        ("phone", " +44 20 7946 0000 ", "+44 20 7946 0000"),
        ("next-update-at", "2026-03-06T15:00+01:00", "2026-03-06T14:00:00Z"),
        ("lfs_orphans", "no", False),
        ("severity", "high", "high"),
        ("two-person", "restore, push", "push,restore"),
        ("people-range", "fewer than 10", "fewer than 10"),
    ],
)
def test_what_people_know_is_an_entry_of_its_own(case, clock, field, value, kept):
    made = amend(case, field, value, clock)

    assert made.event is not None
    assert made.event.detail["value"] == kept
    assert reopened(case).incident.said[field.replace("-", "_")] == kept
    assert amend(case, field, value, clock).event is None


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("shoe-size", "44", "choose kind, found_by"),
        ("engineer", "  ", "needs a value"),
        ("lfs_orphans", "perhaps", "yes, no"),
        ("severity", "terrible", "low, medium"),
        ("severity", "pending", "low, medium"),
        ("two_person", "push,close", "push, restore"),
        ("people_range", "4", "fewer than 10"),
        ("kind", "maybe", "suspected, confirmed"),
        ("found_by", " ", "needs a value"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(case, clock, field, value, error):
    with pytest.raises(AmendmentError, match=error):
        amend(case, field, value, clock, reason="because")

    assert len(case.events()) == 1


def test_a_policy_that_nothing_could_be_judged_by_is_refused(case, clock):
    with pytest.raises(ConfigurationError, match="no policy"):
        amend(case, "policy", "strickt", clock, reason="because")
    assert len(case.events()) == 1

    amend(case, "policy", "strict", clock, reason="because")
    assert case.incident.policy == "strict"


@pytest.mark.parametrize("value", ["2026-03-06T15:00", "soon", "2026-03-06"])
def test_incident_trap_71_a_moment_without_a_zone_is_refused(case, clock, value):
    for field in ("next_update_at", "aware_at"):
        with pytest.raises(OpeningError, match="zone"):
            amend(case, field, value, clock, reason="because")


def test_inc_003_when_we_became_aware_is_corrected_by_a_new_entry_with_a_reason(case, clock):
    opened = case.events()[0]
    with pytest.raises(ReasonMissingError):
        amend(case, "aware_at", "2026-03-06T09:00Z", clock)
    amend(case, "aware-at", "2026-03-06T09:00Z", clock, reason="the DPO knew at nine")

    event = case.events()[-1]
    assert (event.kind, event.refs) == ("case.amended", (opened.id,))
    assert event.text("supersedes") == opened.id
    assert case.incident.aware_at == datetime(2026, 3, 6, 9, tzinfo=UTC)
    assert case.events()[0] == opened
    assert opened.text("aware_at") == "2026-03-06T12:00:00Z"


def test_inc_041_a_fact_that_replaces_another_names_it(case, clock):
    first = amend(case, "engineer", "Ada Hartley", clock).event
    second = amend(case, "engineer", "Ben Okafor", clock, reason="Ada is ill").event

    assert first is not None
    assert second is not None
    assert first.text("supersedes") is None
    assert (second.text("supersedes"), second.refs) == (first.id, (first.id,))
    assert second.text("reason") == "Ada is ill"


def test_inc_016_with_whom_files_were_shared_becomes_copies_once_each(case, clock):
    made = amend(case, "shared-with", "the co-authors; a journal;nobody; the co-authors", clock)

    assert [copy.label for copy in made.copies] == [
        "shared with the co-authors",
        "shared with a journal",
    ]
    assert {copy.place for copy in made.copies} == {"C33"}
    assert [copy.holder for copy in made.copies] == ["the co-authors", "a journal"]
    again = amend(case, "shared-with", "the co-authors; a supervisor", clock)
    assert [copy.label for copy in again.copies] == ["shared with a supervisor"]
    assert len(load_register(case)) == 3
    assert not amend(case, "shared-with", "not yet known", clock).copies


def test_what_an_earlier_version_kept_in_a_file_is_still_known_and_gives_way_to_entries(case):
    case.write_file(OLD_FILE, b'{"engineer": "Ada", "phone": "1", "lfs_orphans": true, "x": 1}')

    assert details_of(case) == Details(engineer="Ada", phone="1", lfs_orphans=True)
    remember(case, Details(engineer="Ben"))

    assert details_of(case) == Details(engineer="Ben", phone="1", lfs_orphans=True)


@pytest.mark.parametrize("content", [b"no json", b"[]", b'{"reply_by": "soon", "phone": 7}'])
def test_a_broken_file_of_an_earlier_version_is_asked_for_again(case, content):
    case.write_file(OLD_FILE, content)

    assert details_of(case) == Details()


def test_every_field_can_be_named(case, clock):
    with pytest.raises(AmendmentError) as caught:
        amend(case, "nothing", "x", clock)

    assert all(field in str(caught.value) for field in FIELDS)
