"""What a report takes from a case's files: traffic, what a snapshot saw, what was closed, what was answered."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from breachkit.actions.containment import Area, Step, Wanted
from breachkit.actions.containment_file import Containment, Round
from breachkit.actions.hosting import Write, WriteKind
from breachkit.actions.served import Identity, Question, Result, Way
from breachkit.model.errors import ConfigurationError
from breachkit.workflows import report_files
from breachkit.workflows.report import Audience, report
from tests.support.cases import NOON, HandClock, a_case


DAYS = [("2026-02-20T00:00:00Z", 4, 2), ("2026-02-21T00:00:00Z", 6, 3)]
LATER = [("2026-02-21T00:00:00Z", 7, 3), ("2026-02-22T00:00:00Z", 1, 1)]


def traffic(key, days):
    listed = [{"timestamp": at, "count": count, "uniques": who} for at, count, who in days]
    uniques = max(who for _, _, who in days)
    return {"count": sum(count for _, count, _ in days), "uniques": uniques, key: listed}


def snapshot(case, number, *, clones, views=(), **repository):
    """Keep a snapshot as the workflow does: files, and a manifest that vouches for them."""
    bodies = {
        "repository": [
            {"visibility": "public", "created_at": "2021-01-04T09:00:00Z", **repository}
        ],
        "traffic-clones": [traffic("clones", clones)],
        **({"traffic-views": [traffic("views", views)]} if views else {}),
    }
    topics = []
    for topic, items in bodies.items():
        body = {"topic": topic, "answered": "complete", "reason": "", "items": items}
        data = json.dumps(body).encode()
        case.write_private(f"snapshots/{number}/{topic}.json", data)
        digest = hashlib.sha256(data).hexdigest()
        topics.append({"file": f"{topic}.json", "sha256": digest, "topic": topic})
    case.write_private(f"snapshots/{number}/manifest.json", json.dumps({"topics": topics}).encode())
    case.record(
        "snapshot.recorded", {"snapshot": number, "forks": 2, "stargazers": 5, "subscribers": 1}
    )


def test_days_of_two_snapshots_are_counted_once(tmp_path):
    case = a_case(tmp_path)
    snapshot(case, "001", clones=DAYS, views=DAYS)
    snapshot(case, "002", clones=LATER)
    found = report_files.traffic(case)
    assert found is not None
    assert (found.clones, found.cloners) == (4 + 7 + 1, 3)
    assert (found.views, found.viewers) == (10, 3)
    assert (found.first, found.last) == (date(2026, 2, 20), date(2026, 2, 22))


def test_without_a_snapshot_nothing_is_known_of_traffic_or_visibility(tmp_path):
    case = a_case(tmp_path)
    assert report_files.traffic(case) is None
    assert report_files.seen(case) is None


def test_the_first_snapshot_says_how_it_was_before_it_was_closed(tmp_path):
    case = a_case(tmp_path)
    snapshot(case, "001", clones=DAYS)
    snapshot(case, "002", clones=DAYS, visibility="private")
    found = report_files.seen(case)
    assert found is not None
    assert (found.visibility, found.forks, found.stargazers, found.subscribers) == (
        "public",
        2,
        5,
        1,
    )
    assert found.created_at is not None
    assert found.created_at.date() == date(2021, 1, 4)


def test_a_snapshot_that_was_altered_is_not_believed(tmp_path):
    case = a_case(tmp_path)
    snapshot(case, "001", clones=DAYS)
    case.write_private("snapshots/001/traffic-clones.json", b"{}")
    with pytest.raises(ConfigurationError):
        report_files.traffic(case)
    made = report(case, Audience.INTERNAL, HandClock())
    assert [gap for gap in made.gaps if gap.startswith("the traffic could not be read")]


def test_what_was_closed_is_told_once_with_what_does_not_come_back(tmp_path):
    case = a_case(tmp_path)
    write = Write(kind=WriteKind.SET_VISIBILITY, detail={"visibility": "private"})
    step = Step(
        write=write, inverse=None, area=Area.VISIBILITY, says="make it private", lost=("stars",)
    )
    rounds = tuple(
        Round(number=n, snapshot="001", made_at=NOON, wanted=Wanted(), steps=(step,))
        for n in (1, 2)
    )
    kept = Containment(repository=7, full_name="example/study", rounds=rounds)
    case.write_private("containment.json", json.dumps(kept.to_json()).encode())
    assert report_files.closed(case) == (("make it private",), ("stars",))


def test_answers_of_the_platform_are_gathered_by_how_and_as_whom_it_was_asked(tmp_path):
    case = a_case(tmp_path)
    asked: list[tuple[Identity, Way, Any]] = [
        (Identity.ANYONE, Way.PAGE, "closed"),
        (Identity.ACCOUNT, Way.COMMIT, "gone"),
        (Identity.ACCOUNT, Way.BLOB, "served"),
        (Identity.ACCOUNT, Way.BLOB, "gone"),
        (Identity.ACCOUNT, Way.GIT, "unknown"),
    ]
    results = [
        Result(question=Question(place=1, identity=who, way=way, key=f"x{n}"), verdict=verdict)
        for n, (who, way, verdict) in enumerate(asked)
    ]
    data = {"schema": "breachkit.served/1", "results": [each.to_row() for each in results]}
    case.write_private("served.json", json.dumps(data).encode())
    found = {(each.who, each.how): dict(each.counts) for each in report_files.ways(case)}
    assert found == {
        ("with the token", "git, 1 way"): {"unknown": 1},
        ("with the token", "REST API, 2 ways"): {"gone": 2, "served": 1},
        ("as a stranger", "web pages and raw files, 1 way"): {"closed": 1},
    }


@pytest.mark.parametrize(
    ("kind", "detail", "results"),
    [
        ("proof.recorded", {"ok": True, "commits": 3, "objects": 9}, [("gone, and nothing else changed", True)]),
        ("proof.recorded", {"ok": False, "failures": 2}, [("2 differences found", False)]),
        ("verify.recorded", {"ok": True, "held": False, "hidden_refs": 2, "served_by_id": 3, "server_gone": False},
         [("branches and tags clean, 2 refs of the platform's own still lead to it", False), ("3 objects still given", False)]),
        ("verify.recorded", {"ok": True, "held": False, "hidden_refs": 0, "server_gone": True},
         [("branches and tags clean", True), ("gone", True)]),
        ("verify.recorded", {"ok": False, "held": True, "served_by_id": 0, "server_gone": False},
         [("the data are there", False), ("could not be told", None)]),
        ("verify.server", {"ok": True, "served": 0, "gone": 5, "places": 1, "asked": 10}, [("gone", True)]),
        ("verify.server", {"ok": False, "served": 2, "unknown": 1}, [("2 answers still gave it", False)]),
        ("verify.server", {"ok": False, "served": 0, "unknown": 1, "left": 2}, [("3 questions without an answer", None)]),
    ],
)  # fmt: skip
def test_inc_056_every_look_says_what_came_of_it_and_what_controls_it(
    tmp_path, kind, detail, results
):
    case = a_case(tmp_path)
    case.record(kind, detail)
    found = report_files.looked(case.events())
    assert [(each.result, each.ok) for each in found] == results
    assert all(each.control for each in found)
