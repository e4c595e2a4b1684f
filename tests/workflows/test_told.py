"""How far a case is, in words for people who do not use breachkit."""

from datetime import timedelta

import pytest

from breachkit.workflows.told import (
    done_so_far,
    forks_known,
    left_to_do,
    still_served,
    timeline,
    who_was_told,
)
from tests.support.cases import a_case, verified
from tests.support.people import bad_set_of, breached_study
from tests.support.telling import Telling


@pytest.mark.parametrize(
    ("numbers", "forks", "served"),
    [
        ({}, "none is known", "nothing that was asked for"),
        (
            {"forks": 3, "forks_holding": 1, "served": 2, "gone": 5, "unknown": 1},
            "3 known, 1 with refs that lead to the data",
            "2 of 8 requests for removed objects are answered",
        ),
        (
            {"forks": 3, "hidden": 2, "left": 4},
            "3 known, 0 with refs that lead to the data, 2 deleted or private",
            "not everything could be asked",
        ),
    ],
)
def test_what_the_platform_showed_is_said_in_numbers(case, numbers, forks, served):
    assert forks_known(case.incident) is None
    assert still_served(case.incident) is None
    case.record("verify.server", {"outcome": "x", "ok": False, **numbers})

    assert forks_known(case.incident) == forks
    assert still_served(case.incident) == served


def test_what_is_done_and_what_is_left_are_together_the_whole_response(tmp_path, clock):
    case = a_case(tmp_path, clock)
    assert done_so_far(case.incident) == ("the case was opened",)
    assert len(left_to_do(case.incident)) == 7
    verified(case)

    assert "branches and tags of a fresh clone were found clean" in done_so_far(case.incident)
    assert len(done_so_far(case.incident)) + len(left_to_do(case.incident)) == 8


def test_what_was_given_back_is_not_to_be_closed_again_unless_the_data_come_back(tmp_path, clock):
    case = a_case(tmp_path, clock)
    restrict = "restrict access to the repository"
    assert restrict in left_to_do(case.incident)
    verified(case)
    case.record("restore.done", {"rounds": 1})
    case.record("watch.recorded", {"ok": False, "drifted": 1})
    assert restrict not in left_to_do(case.incident)

    case.record("case.recurred", {"reason": "seen in a new branch"})
    assert restrict in left_to_do(case.incident)


def test_a_timeline_is_in_order_and_says_where_each_line_is_known_from(tmp_path, clock):
    case = a_case(tmp_path, clock)
    bad = bad_set_of(breached_study(tmp_path))
    since = clock.now() - timedelta(days=3)
    lines = [(each.what, each.source) for each in timeline(case.incident, since, bad)]

    assert lines == [
        ("the first commit that holds the data was made", "the date in that commit"),
        ("the repository was public", "as was said"),
        ("the data were found", "the opening of the case"),
        ("awareness; 72 hours begin, assumed until somebody says", "the case"),
        ("the case was opened", "journal entry 1"),
    ]
    assert len(timeline(case.incident, None, None)) == 3


def test_who_was_told_names_roles_and_counts_the_others(tmp_path, clock):
    telling = Telling(tmp_path, clock).with_copies()
    assert who_was_told(()) == ()
    telling.send("alert", "engineer", "freeze", "holders", "forks", "support", "archives", "dpo")
    told = telling.facts().told

    assert told == (
        "incident team: alert, 2026-03-06 12:00 UTC, no answer yet",
        "controller: alert, 2026-03-06 12:00 UTC, no answer yet",
        "engineer: request to the engineer, 2026-03-06 12:00 UTC, no answer yet",
        "controller: account like this one, 2026-03-06 12:00 UTC",
        "whoever can push, asked to stop: messages sent 2, answered 0, first 2026-03-06 12:00 UTC",
        "holders of copies: messages sent 2, answered 0, first 2026-03-06 12:00 UTC",
        "owners of forks: messages sent 1, answered 0, first 2026-03-06 12:00 UTC",
        "the platform's support: messages sent 1, answered 0, first 2026-03-06 12:00 UTC",
        "archives: messages sent 2, answered 0, first 2026-03-06 12:00 UTC",
    )
    assert not any(name in line for line in told for name in ("Author", "octo", "Bloggs"))
