"""What an answer of the platform proves, what is asked for, and what is told of what is not."""

import time
from collections import Counter

import pytest

from breachkit.actions.served import (
    WAYS,
    Channel,
    Identity,
    Kind,
    Place,
    Question,
    Result,
    Said,
    Subject,
    Way,
    judge,
    reason_of,
    result_from_row,
)
from breachkit.actions.served_plan import (
    EVERYTHING,
    Batch,
    Extent,
    QuestionPlan,
    Subjects,
    plan_questions,
    spread,
)
from breachkit.actions.served_results import ServerVerification
from breachkit.model.ids import GitPath, ObjectId, RefName


SERVED, ABSENT = Said(answer="served"), Said(answer="absent")
UNKNOWN = Said(answer="unknown", reason="GitHub failed")
SILENT = Said(answer="unknown", reason="no answer", is_silence=True)


def an_id(number):
    return ObjectId(f"{number:040x}")


def subjects(kind, count, start=0):
    return tuple(Subject(kind=kind, id=an_id(start + number)) for number in range(count))


def place(number=1, role="study", visibility="public"):
    return Place(
        id=number, name=f"o/r{number}", role=role, visibility=visibility, default_branch="main"
    )


PUBLIC, PRIVATE = place(), place(visibility="private")


@pytest.mark.parametrize(
    ("said", "controls", "where", "identity", "verdict"),
    [
        (SERVED, (), PUBLIC, Identity.ACCOUNT, "served"),
        (SERVED, (ABSENT,), PRIVATE, Identity.ANYONE, "served"),
        (ABSENT, (SERVED, SERVED), PUBLIC, Identity.ACCOUNT, "gone"),
        (ABSENT, (SERVED, SERVED), PRIVATE, Identity.ANYONE, "gone"),
        (ABSENT, (), PUBLIC, Identity.ACCOUNT, "unknown"),
        (ABSENT, (ABSENT,), PUBLIC, Identity.ACCOUNT, "unknown"),
        (ABSENT, (UNKNOWN,), PUBLIC, Identity.ANYONE, "unknown"),
        (ABSENT, (SERVED, ABSENT), PUBLIC, Identity.ACCOUNT, "unknown"),
        (ABSENT, (SERVED, ABSENT), PRIVATE, Identity.ANYONE, "unknown"),
        (UNKNOWN, (SERVED, SERVED), PUBLIC, Identity.ACCOUNT, "unknown"),
        (ABSENT, (ABSENT,), PRIVATE, Identity.ANYONE, "closed"),
        (ABSENT, (), PRIVATE, Identity.ANYONE, "closed"),
        (SILENT, (ABSENT,), PRIVATE, Identity.ANYONE, "unknown"),
        (ABSENT, (ABSENT,), PRIVATE, Identity.ACCOUNT, "unknown"),
    ],
)
def test_t43_not_found_proves_something_only_between_two_controls(
    said, controls, where, identity, verdict
):
    assert judge(said, controls, where, identity) == verdict


def test_what_cannot_be_told_has_a_reason():
    assert reason_of(UNKNOWN, (SERVED,)) == "GitHub failed"
    assert "to compare with" in reason_of(ABSENT, ())
    assert "did not come either" in reason_of(ABSENT, (ABSENT,))
    assert reason_of(ABSENT, (SERVED, UNKNOWN)) == "GitHub failed"


def test_a_result_is_read_as_it_was_written_whatever_its_path():
    path = GitPath(b"out/\xff\nx:y.csv")
    subject = Subject(kind=Kind.FILE, id=an_id(1), commit=an_id(2), path=path)
    asked = Question(place=7, identity=Identity.ANYONE, way=Way.RAW, key=subject.key)
    result = Result(
        question=asked, verdict="unknown", reason="why", refs=(RefName(b"refs/pull/1/head"),)
    )

    assert result_from_row(result.to_row()) == result
    row = result.to_row()
    wrongs: list[list[object]] = [[1], [*row[:4], "clean", "", []], ["x", *row[1:]]]
    for wrong in wrongs:
        with pytest.raises((ValueError, TypeError)):
            result_from_row(wrong)


# --- what is asked for ----------------------------------------------------------------------


def many(commits=500, telling=60, blobs=30):
    every = subjects(Kind.COMMIT, commits)
    files = tuple(
        Subject(kind=Kind.FILE, id=an_id(9000 + n), commit=an_id(n), path=GitPath(b"a.csv"))
        for n in range(blobs)
    )
    return Subjects(
        commits=every,
        telling=every[::8][:telling],
        trees=subjects(Kind.TREE, telling, 20000),
        blobs=subjects(Kind.BLOB, blobs, 9000),
        files=files,
        tags=subjects(Kind.TAG, 3, 30000),
    )


def asked(plan, where, identity, way, kind):
    batches = [
        each for each in plan.batches
        if (each.place, each.identity, each.way, each.kind) == (where, identity, way, kind)
    ]  # fmt: skip
    return [subject for batch in batches for subject in batch.subjects]


def test_every_bad_object_is_asked_for_in_the_repository_itself():
    wanted = many()
    plan = plan_questions([PUBLIC], wanted, Extent())

    for way, kind in (
        (Way.GIT_COMMIT, Kind.COMMIT),
        (Way.BLOB, Kind.BLOB),
        (Way.GIT, Kind.BLOB),
        (Way.TAG, Kind.TAG),
        (Way.GIT, Kind.TAG),
    ):
        assert set(asked(plan, PUBLIC, Identity.ACCOUNT, way, kind)) == set(wanted.of(kind))


def test_every_way_is_used_with_the_token_and_as_a_stranger():
    plan = plan_questions([PUBLIC], many(), Extent())

    used = {(batch.identity, batch.way) for batch in plan.batches}
    ways = set(WAYS) - {Way.HISTORY}
    assert {way for identity, way in used if identity is Identity.ANYONE} == ways
    with_token = {way for identity, way in used if identity is Identity.ACCOUNT}
    assert with_token == {way for way in ways if WAYS[way].takes_token}


def test_five_hundred_commits_and_fifty_forks_stay_within_an_hour_of_requests():
    forks = [place(number, "fork") for number in range(2, 52)]
    plan = plan_questions([PUBLIC, *forks], many(), Extent())

    assert plan.by_channel[Identity.ACCOUNT, Channel.REST] < 2000
    assert plan.by_channel[Identity.ANYONE, Channel.REST] * 3 <= 60
    assert sum(plan.by_channel.values()) == plan.questions
    assert [batch.place.role for batch in plan.batches].index("fork") > 0
    assert {batch.place.role for batch in plan.batches[:20]} == {"study"}


def test_whatever_is_not_asked_for_in_full_is_told():
    forks = [place(number, "fork") for number in range(2, 52)]
    wanted = many()
    plan = plan_questions([PUBLIC, *forks], wanted, Extent())

    told = {(each.where, each.identity, each.way): each for each in plan.samples}
    for where in (PUBLIC, forks[0]):
        for batch in plan.batches:
            if batch.place == where:
                got = len(asked(plan, where, batch.identity, batch.way, batch.kind))
                if got < len(wanted.of(batch.kind)):
                    named = "study" if where is PUBLIC else "forks"
                    assert (named, batch.identity, batch.way) in told
    assert told["study", Identity.ACCOUNT, Way.COMPARE].asked == 40
    assert told["study", Identity.ACCOUNT, Way.COMPARE].of == 500


def test_everything_leaves_nothing_out():
    fork = place(2, "fork")
    plan = plan_questions([PUBLIC, fork], many(), EVERYTHING)

    assert plan.samples == ()
    assert len(asked(plan, fork, Identity.ACCOUNT, Way.COMMIT, Kind.COMMIT)) == 500
    assert asked(plan, fork, Identity.ACCOUNT, Way.HISTORY, Kind.REFS)


def test_commits_that_brought_the_data_come_before_those_between():
    wanted = many(commits=100, telling=10)

    assert wanted.some(Kind.COMMIT, 4) == (
        wanted.telling[0], wanted.telling[3], wanted.telling[6], wanted.telling[9],
    )  # fmt: skip
    twelve = wanted.some(Kind.COMMIT, 12)
    assert set(wanted.telling) < set(twelve)
    assert len(set(twelve)) == 12


@pytest.mark.parametrize(("size", "most"), [(0, 3), (3, 3), (10, 1), (10, 0), (10, 2), (500, 40)])
def test_a_spread_has_the_first_and_the_last_and_no_double(size, most):
    chosen = spread(range(size), most)

    assert len(chosen) == len(set(chosen)) == min(size, most)
    assert list(chosen) == sorted(chosen)
    if size and most > 1:
        assert (chosen[0], chosen[-1]) == (0, size - 1)


def test_strangers_ask_no_private_fork_and_nobody_asks_a_hidden_one():
    private = place(2, "fork", "private")
    hidden = place(3, "fork", "hidden")
    plan = plan_questions([PUBLIC, private, hidden], many(), Extent())

    assert plan.hidden == (hidden,)
    assert {batch.identity for batch in plan.batches if batch.place == private} == {
        Identity.ACCOUNT
    }
    assert not [batch for batch in plan.batches if batch.place == hidden]


# --- what it adds up to ---------------------------------------------------------------------


def found(verdicts, **changes):
    """A verification with one answer each."""
    wanted = many(1, 1, 0)
    plan = plan_questions([PUBLIC], wanted, Extent())
    batches = [each for each in plan.batches if each.kind is Kind.COMMIT][: len(verdicts)]
    results = tuple(
        Result(question=batch.question(batch.subjects[0]), verdict=verdict)
        for batch, verdict in zip(batches, verdicts, strict=True)
        if verdict is not None
    )
    made = {"places": (PUBLIC,), "plan": QuestionPlan(batches=tuple(batches), samples=())}
    return ServerVerification(**{**made, "results": results, **changes})


HIDDEN = place(9, "fork", "hidden")


@pytest.mark.parametrize(
    ("verification", "outcome", "code"),
    [
        (found(["gone", "gone"]), "gone", 0),
        (found(["gone", "closed"]), "gone", 0),
        (found(["closed"]), "unknown", 5),
        (found([]), "unknown", 5),
        (found(["gone", "unknown"]), "unknown", 5),
        (found(["gone", None]), "unknown", 5),
        (found(["gone"], problems=("forks: refused",)), "unknown", 5),
        (found(["gone", "served", "unknown"]), "served", 7),
    ],
)
def test_gone_takes_an_answer_to_every_question(verification, outcome, code):
    assert (verification.outcome, verification.exit_code) == (outcome, code)


def test_a_fork_that_nobody_sees_is_unknown_until_the_register_accounts_for_it():
    made = found(["gone"])
    plan = QuestionPlan(batches=made.plan.batches, samples=(), hidden=(HIDDEN,))

    assert found(["gone"], plan=plan).outcome == "unknown"
    assert found(["gone"], plan=plan, settled=frozenset({HIDDEN.id})).outcome == "gone"


def test_tallies_count_what_is_left():
    [first, second] = found(["gone", None]).tallies(PUBLIC)

    assert (first.counts, first.left) == (Counter(gone=1), 0)
    assert (second.counts, second.left) == (Counter(), 1)
    assert not found(["gone", None]).is_proven_gone([PUBLIC])
    assert found(["gone", "closed"]).is_proven_gone([PUBLIC])
    assert not found(["gone", "closed"]).is_proven_gone([PUBLIC], ways=set(Way))
    assert not found(["closed"]).is_proven_gone([PUBLIC])
    assert not found(["gone"]).is_proven_gone([PUBLIC, HIDDEN])


def test_thousands_of_forks_are_told_apart_in_a_moment():
    forks = tuple(place(number, "fork") for number in range(3000))
    asked = subjects(Kind.COMMIT, 5)
    batches = tuple(
        Batch(
            place=fork,
            identity=next(iter(Identity)),
            way=next(iter(Way)),
            kind=Kind.COMMIT,
            subjects=asked,
        )
        for fork in forks
    )
    results = tuple(
        Result(question=batch.question(subject), verdict="gone")
        for batch in batches
        for subject in asked
    )
    plan = QuestionPlan(batches=batches, samples=())
    made = ServerVerification(places=forks, plan=plan, results=results)

    began = time.process_time()
    assert [len(made.of_place(fork)) for fork in forks] == [5] * len(forks)
    assert made.is_proven_gone(forks)
    assert time.process_time() - began < 10
