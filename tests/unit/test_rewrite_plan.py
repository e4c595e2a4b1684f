"""Decisions about rewrites, pushes and verifications, without any repository."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.actions.bad_set import (
    BadSet,
    Introduction,
    check_bad_ids,
    collect_bad_set,
    pull_request_number,
)
from breachkit.actions.push import LeaseReport, compare_leases, is_platform_ref, judge, outstanding
from breachkit.actions.rewrite import (
    HistoryFacts,
    Losses,
    RefFact,
    RewritePlan,
    Traces,
    bad_set_of,
    descendants,
    plan_rewrite,
)
from breachkit.actions.rewritten import RefChange
from breachkit.actions.verify import (
    ObjectCheck,
    PlaceCheck,
    Verdict,
    judge_answer,
    wrong_refs,
)
from breachkit.actions.wire import name_from_json, name_to_json
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.ids import GitPath, ObjectId, RefName


def an_id(number: int) -> ObjectId:
    return ObjectId(f"{number:040x}")


MAIN, SIDE, PULL = (
    RefName(name) for name in (b"refs/heads/main", b"refs/heads/side", b"refs/pull/4/head")
)
MERGE = RefName(b"refs/pull/4/merge")
BAD = an_id(0xBAD)


def introduction(commit: int, *, path: bytes = b"out/a.csv", hour: int = 9) -> Introduction:
    when = datetime(2024, 5, 1, hour, tzinfo=UTC)
    return Introduction(commit=an_id(commit), when=when, path=GitPath(path), blob=BAD)


def facts(
    parents: dict[int, list[int]],
    introductions: tuple[Introduction, ...] = (),
    refs: tuple[RefFact, ...] = (),
    holding: frozenset[ObjectId] = frozenset(),
) -> HistoryFacts:
    return HistoryFacts(
        bad=frozenset({BAD}),
        parents={an_id(one): tuple(map(an_id, several)) for one, several in parents.items()},
        introductions=introductions,
        refs=refs,
        losses=Losses(signatures=2),
        traces=Traces(),
        holding=holding,
    )


def branch(name: RefName, commit: int) -> RefFact:
    return RefFact(name=name, value=an_id(commit), target=an_id(commit), kind="commit")


HISTORY = {1: [], 2: [1], 3: [2], 4: [1], 5: [3, 4], 6: [4]}
"""1 - 2 - 3 - 5, and 1 - 4 - 6, where 5 merges 4."""


def test_a_plan_takes_the_introducer_all_that_builds_on_it_and_nothing_else():
    refs = (branch(MAIN, 5), branch(SIDE, 6), branch(PULL, 2))

    holding = frozenset({an_id(2), an_id(5)})
    plan = plan_rewrite(facts(HISTORY, (introduction(2),), refs, holding))

    assert plan.introducers == (an_id(2),)
    assert plan.rewritten == (an_id(2), an_id(3), an_id(5))
    assert plan.retreed == (an_id(2), an_id(5))
    assert plan.kept == 3
    assert {ref.name: ref.action for ref in plan.refs} == {MAIN: "move", SIDE: "keep", PULL: "move"}
    assert plan.pull_requests == (4,)
    assert plan.first_exposure == datetime(2024, 5, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fact", "action"),
    [
        (RefFact(name=MAIN, value=an_id(9), tags=(an_id(9),), target=an_id(2), kind="commit"), "retag"),
        (RefFact(name=MAIN, value=an_id(9), tags=(an_id(9),), target=an_id(1), kind="commit"), "keep"),
        (RefFact(name=MAIN, value=BAD, target=BAD, kind="blob", holds=True), "delete"),
        (RefFact(name=MAIN, value=an_id(9), tags=(an_id(9),), target=BAD, kind="blob", holds=True), "delete"),
        (RefFact(name=MAIN, value=an_id(7), target=an_id(7), kind="blob"), "keep"),
        (RefFact(name=MAIN, value=an_id(7), target=an_id(7), kind="tree", holds=True), "retree"),
        (RefFact(name=MAIN, value=an_id(9), tags=(an_id(9),), target=an_id(7), kind="tree", holds=True), "retag"),
        (RefFact(name=MAIN, value=an_id(7), target=an_id(7), kind="tree"), "keep"),
        (branch(RefName(b"refs/replace/" + an_id(3).encode()), 1), "delete"),
        (branch(RefName(b"refs/replace/" + BAD.encode()), 1), "delete"),
        (branch(RefName(b"refs/replace/" + an_id(1).encode()), 2), "move"),
        (branch(RefName(b"refs/replace/\xff"), 1), "keep"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_ref_follows_from_what_it_points_at(fact: RefFact, action: str):
    (ref,) = plan_rewrite(facts(HISTORY, (introduction(2),), (fact,))).refs

    assert ref.action == action


def test_a_plan_is_the_same_after_a_round_through_json_and_so_is_its_digest():
    refs = (branch(MAIN, 5), branch(RefName(b"refs/heads/\xff"), 6))
    plan = plan_rewrite(facts(HISTORY, (introduction(2, path=b"a\n\xfe"),), refs))

    again = RewritePlan.from_json(json.loads(json.dumps(plan.to_json())))

    assert again == plan
    assert again.digest == plan.digest
    assert plan.digest != plan_rewrite(facts(HISTORY, (introduction(3),), refs)).digest


def test_a_file_of_another_schema_is_refused():
    plan = plan_rewrite(facts(HISTORY))

    with pytest.raises(ConfigurationError):
        RewritePlan.from_json(plan.to_json() | {"schema": "breachkit.rewrite-plan/99"})
    with pytest.raises(ConfigurationError):
        RewritePlan.from_json(plan.to_json() | {"bad": ["--upload-pack=x"]})


@given(st.data())
def test_descendants_are_exactly_the_commits_from_which_a_start_can_be_reached(data: st.DataObject):
    count = data.draw(st.integers(1, 12))
    parents = {
        an_id(one): tuple(
            map(an_id, sorted(data.draw(st.sets(st.integers(0, one - 1), max_size=3))))
        )
        if one
        else ()
        for one in range(count)
    }
    starts = set(map(an_id, data.draw(st.sets(st.integers(0, count - 1)))))

    found = descendants(parents, starts)

    def reaches(commit: ObjectId) -> bool:
        return commit in starts or any(map(reaches, parents[commit]))

    assert list(found) == [commit for commit in parents if reaches(commit)]


def test_a_bad_set_says_where_each_blob_was_and_since_when():
    found = facts(
        HISTORY,
        (introduction(3, path=b"b", hour=12), introduction(2, path=b"a")),
        (branch(MAIN, 5), branch(SIDE, 6), RefFact(name=PULL, value=BAD, target=BAD, kind="blob", holds=True)),
    )  # fmt: skip

    bad_set = bad_set_of(found)

    (blob,) = bad_set.blobs
    assert blob.paths == bad_set.paths == (b"a", b"b")
    assert blob.introduced_by == (an_id(2), an_id(3))
    assert blob.first_date == bad_set.first_exposure == datetime(2024, 5, 1, 9, tzinfo=UTC)
    assert bad_set.refs == (MAIN, PULL)
    assert bad_set.pull_requests == (4,)
    assert bad_set.introducers == (an_id(2), an_id(3))
    assert BadSet.from_json(json.loads(json.dumps(bad_set.to_json()))) == bad_set


def test_a_blob_that_no_commit_holds_is_in_the_bad_set_without_a_date():
    (blob,) = collect_bad_set([BAD], [], []).blobs

    assert (blob.paths, blob.introduced_by, blob.first_date) == ((), (), None)


@pytest.mark.parametrize("ids", [[], ["abc"], [BAD.upper()], [BAD, "HEAD"], ["-" * 40]])
def test_ids_that_are_not_whole_are_refused(ids: list[str]):
    with pytest.raises(UsageError):
        check_bad_ids(ids)


def test_the_empty_file_is_never_bad():
    with pytest.raises(RefusedError, match="empty"):
        check_bad_ids([BAD, "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"])
    with pytest.raises(RefusedError, match="empty"):
        check_bad_ids(["473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813"])


@pytest.mark.parametrize(
    ("name", "number"),
    [
        (b"refs/pull/12/head", 12),
        (b"refs/pull/12/merge", 12),
        (b"refs/pull/" + b"1" * 5000 + b"/head", None),
        (b"refs/merge-requests/3/head", 3),
        (b"refs/pull-requests/4/from", 4),
        (b"refs/pull/x/head", None),
        (b"refs/pull/12", None),
        (b"refs/heads/pull/12/head", None),
    ],
)
def test_pull_requests_are_known_by_their_refs(name: bytes, number: int | None):
    assert pull_request_number(RefName(name)) == number


@given(st.binary(max_size=30))
def test_any_name_survives_json(name: bytes):
    assert name_from_json(json.loads(json.dumps(name_to_json(name)))) == name


LEASES = {MAIN: an_id(1), SIDE: an_id(2), PULL: an_id(1), MERGE: an_id(3)}
CHANGES = (
    RefChange(name=MAIN, old=an_id(1), new=an_id(11)),
    RefChange(name=SIDE, old=an_id(2), new=an_id(2)),
    RefChange(name=PULL, old=an_id(1), new=an_id(11)),
)


@pytest.mark.parametrize(
    ("server", "broken"),
    [
        ({}, ()),
        ({MAIN: an_id(11)}, ()),
        ({MERGE: an_id(4)}, ()),
        ({MAIN: an_id(5)}, (MAIN,)),
        ({SIDE: an_id(5)}, (SIDE,)),
        ({SIDE: None}, (SIDE,)),
        ({RefName(b"refs/heads/new"): an_id(5)}, (b"refs/heads/new",)),
        ({PULL: an_id(5)}, (PULL,)),
        ({MAIN: an_id(11), PULL: an_id(5)}, ()),
        ({MAIN: an_id(11), SIDE: an_id(5)}, (SIDE,)),
        ({MAIN: an_id(11), RefName(b"refs/pull/5/head"): an_id(5)}, ()),
    ],
)
def test_a_lease_holds_while_refs_are_as_they_were_or_as_they_are_to_be(
    server: dict[RefName, ObjectId | None], broken: tuple[RefName, ...]
):
    now = {name: value for name, value in (LEASES | server).items() if value is not None}

    report = compare_leases(LEASES, now, CHANGES)

    assert report.broken == broken
    assert report.holds == (not broken)


def test_a_lease_report_tells_moved_appeared_and_vanished_apart():
    new = RefName(b"refs/heads/new")

    report = compare_leases(LEASES, {MAIN: an_id(5), PULL: an_id(1), new: an_id(1)}, CHANGES)

    assert report == LeaseReport(
        moved=(MAIN,), appeared=(new,), vanished=(SIDE,), volatile=(MERGE,)
    )


def test_what_the_server_has_already_is_not_outstanding():
    assert outstanding(CHANGES, LEASES | {MAIN: an_id(11)}) == (CHANGES[2],)


@pytest.mark.parametrize(
    ("name", "flag", "reason", "state"),
    [
        (MAIN, "+", "forced update", "done"),
        (MAIN, " ", "", "done"),
        (MAIN, "-", "", "done"),
        (MAIN, "=", "", "already"),
        (MAIN, "!", "stale info", "stale"),
        (MAIN, "!", "atomic push failed", "held"),
        (MAIN, "!", "atomic push failure", "held"),
        (MAIN, "!", "atomic transaction failed", "held"),
        (MAIN, "", "git did not report on it", "held"),
        (MAIN, "!", "protected branch hook declined", "refused"),
        (MAIN, "!", "deny updating a hidden ref", "refused"),
        (PULL, "!", "deny updating a hidden ref", "platform"),
        (PULL, "!", "deny deleting a hidden ref", "platform"),
        (PULL, "!", "pre-receive hook declined", "platform"),
        (PULL, "!", "failed to update ref", "refused"),
        (PULL, "!", "stale info", "stale"),
    ],
)
def test_gits_report_on_a_ref_is_read_for_what_it_means(
    name: RefName, flag: str, reason: str, state: str
):
    outcome = judge(RefChange(name=name, old=an_id(1), new=an_id(2)), flag, reason)

    assert outcome.state == state
    assert outcome.reason == ("" if state == "done" else reason)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"refs/pull/1/head", True),
        (b"refs/merge-requests/1/head", True),
        (b"refs/pull-requests/1/from", True),
        (b"refs/changes/34/1234/1", True),
        (b"refs/keep-around/" + BAD.encode(), True),
        (b"refs/heads/pull/1/head", False),
        (b"refs/notes/commits", False),
        (b"refs/stash", True),
    ],
)
def test_platform_refs_are_known_by_their_namespace(name: bytes, expected: bool):
    assert is_platform_ref(RefName(name)) is expected


@pytest.mark.parametrize(
    ("answer", "controls", "verdict"),
    [
        ("served", [], "present"),
        ("served", ["refused"], "present"),
        ("refused", ["served"], "gone"),
        ("refused", ["served", "refused"], "unknown"),
        ("refused", [], "unknown"),
        ("refused", ["unknown"], "unknown"),
        ("unknown", ["served"], "unknown"),
    ],
)
def test_gone_takes_a_refusal_and_a_control_that_was_served(answer, controls, verdict):
    assert judge_answer(answer, controls) == verdict


@pytest.mark.parametrize(
    ("verdicts", "problems", "verdict"),
    [
        (["gone", "gone"], (), "gone"),
        (["gone", "unknown"], (), "unknown"),
        (["unknown", "present"], (), "present"),
        (["gone"], ("shallow",), "unknown"),
        (["present"], ("shallow",), "present"),
        ([], (), "unknown"),
    ],
)
def test_a_place_is_as_bad_as_the_worst_of_it(verdicts: list[Verdict], problems, verdict):
    objects = tuple(ObjectCheck(id=an_id(n), verdict=each) for n, each in enumerate(verdicts))

    check = PlaceCheck(place="clone", objects=objects, problems=problems)

    assert check.verdict == verdict
    assert check.ok == (verdict == "gone")


@pytest.mark.parametrize(("wrong", "intact"), [((MAIN,), True), ((), False)])
def test_a_place_without_the_data_but_with_another_history_is_not_right(wrong, intact):
    gone = (ObjectCheck(id=BAD, verdict="gone"),)

    check = PlaceCheck(place="clone", objects=gone, wrong_refs=wrong, history_intact=intact)

    assert check.verdict == "gone"
    assert not check.ok


def test_refs_are_wrong_if_missing_or_elsewhere_or_too_many_but_not_the_platforms():
    expected = {MAIN: an_id(1), SIDE: an_id(2), PULL: an_id(3)}
    found = {SIDE: an_id(9), PULL: an_id(8), RefName(b"refs/heads/x"): an_id(1), MERGE: an_id(1)}

    assert wrong_refs(expected, found) == (MAIN, SIDE, b"refs/heads/x")
