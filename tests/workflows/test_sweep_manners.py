"""How a sweep treats servers, and what it makes of those that fail."""

import contextlib
import threading
import time
from pathlib import Path

import pytest

from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault, too_many_requests, unavailable_page
from breachkit.git import kept_mirror
from breachkit.incident.lock import exclusive
from breachkit.workflows import sweep_hosts, sweep_one
from breachkit.workflows.sweep import short
from tests.support.sweep_fates import ORG, nights


@pytest.fixture
def night(tmp_path, breachkit, monkeypatch):
    with nights(tmp_path, breachkit, monkeypatch) as made:
        yield made


def git_fault(effect, name="[^/]+", request=".*", **more):
    more.setdefault("times", 999)
    return Fault(effect=effect, path=f"/{ORG}/{name}\\.git/{request}", **more)


def crowd(night, held=0.0):
    """Count how many requests of git are being answered at once."""
    answer, lock, here = night.server.answer, threading.Lock(), [0, 0]

    def watched(request):
        if ".git/" not in request.path:
            return answer(request)
        with lock:
            here[0] += 1
            here[1] = max(here)
        time.sleep(held)
        try:
            return answer(request)
        finally:
            with lock:
                here[0] -= 1

    night.server.answer = watched
    return lambda: here[1]


def test_no_more_than_a_few_connections_go_to_one_server_however_many_workers_there_are(
    night, monkeypatch
):
    monkeypatch.setattr(sweep_hosts, "AT_ONCE", 2)
    for number in range(5):
        night.safe(f"study-{number}")
    most = crowd(night, held=0.05)
    first = night(workers=5)

    assert [(one["standing"], one["reason"]) for one in first.json["repositories"]] == [
        ("scanned", "")
    ] * 5
    assert most() == 2


def test_an_unchanged_organisation_costs_a_listing_and_one_question_for_refs_a_repository(night):
    for number in range(5):
        night.safe(f"study-{number}")
    night()
    second = night()

    assert second.json["standing"] == {"unchanged": 5}
    listing = [each.path for each in night.server.log if each.template]
    assert listing == [f"/users/{ORG}", f"/orgs/{ORG}/repos"]
    asked = sorted(night.git_requests)
    each = ["git-upload-pack", "info/refs"]  # protocol 2: what it can do, then `ls-refs`
    assert asked == [(f"{ORG}/study-{n}", request) for n in range(5) for request in each]
    bodies = [one.body for one in night.server.log if one.path.endswith("git-upload-pack")]
    assert all(b"command=ls-refs" in body for body in bodies)


def test_a_pull_request_from_a_fork_is_looked_at_though_it_moves_no_date(night):
    one = night.safe("study")
    night()
    pushed_at = one.pushed_at
    fork = night.world.fork(one, night.owner)
    night.world.commit(fork, {"released_outputs/u.csv": b"region,patients\nA,364\nB,3\nC,2\n"})
    night.world.pull(one, fork, "main", author=night.owner)
    assert one.pushed_at == pushed_at

    assert night().lives("study") == {"new": 1}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (git_fault(Effect.ANSWER_INSTEAD, "bad", answer=unavailable_page()), "the server failed"),
        (git_fault(Effect.ANSWER_INSTEAD, "bad", answer=Answer(status=500)), "the server failed"),
        (
            git_fault(Effect.ANSWER_INSTEAD, "bad", answer=too_many_requests(30)),
            "takes no more requests for now (429)",
        ),
        (git_fault(Effect.RESET, "bad"), "the server failed"),
        (git_fault(Effect.TRUNCATE, "bad", "info/refs"), "the server failed"),
        (git_fault(Effect.TRUNCATE, "bad", "git-upload-pack"), "the server failed"),
        (git_fault(Effect.TRUNCATE, "bad", "git-upload-pack", skip=2), "the server failed"),
        (git_fault(Effect.ANSWER_INSTEAD, "bad", answer=Answer(status=401)), "not allowed"),
        (git_fault(Effect.ANSWER_INSTEAD, "bad", answer=Answer(status=404)), "no repository there"),
    ],
    ids=["503", "500", "429", "reset", "cut", "cut-refs", "cut-pack", "401", "404"],
)
def test_a_repository_that_git_cannot_get_fails_with_a_reason_and_the_others_go_on(
    night, fault, words
):
    night.safe("bad")
    night.safe("good")
    night.server.faults.add(fault)
    first = night(workers=1)
    night.server.faults.waiting.clear()

    assert first.code == 5
    assert (first.standing("bad"), first.standing("good")) == ("failed", "scanned")
    assert words in first.reason("bad")
    assert "127.0.0.1" not in first.reason("bad")
    assert first.says("Could not be looked at: example-org/bad:")

    second = night(workers=1)
    assert (second.code, second.standing("bad")) == (0, "scanned")
    assert night.git_requests[0][0] == f"{ORG}/bad"  # it has waited longest


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}),
        Answer(body=b"<html>\n<p>\tBack soon\n</html>\n", headers={"Content-Type": "text/html"}),
        Answer(json={"message": "Back soon"}),
        Answer(body=b"", headers={"Content-Type": "text/html"}),
        Answer(status=204),
    ],
    ids=["sign-in", "lines", "json", "nothing", "204"],
)
def test_a_page_in_the_place_of_git_is_not_taken_for_a_repository_that_was_emptied(night, answer):
    night.study("bad")
    night(workers=1)
    copies = night.run.home / "sweeps" / "mirrors"
    kept = set(copies.glob("*.git"))
    night.server.faults.add(git_fault(Effect.ANSWER_INSTEAD, "bad", answer=answer))
    second = night(workers=1)
    night.server.faults.waiting.clear()

    assert second.code == 5
    assert second.standing("bad") == "failed"
    assert "does not answer as a git server does" in second.reason("bad")
    assert second.lives("bad") == {"known": 1}
    assert set(copies.glob("*.git")) == kept != set()
    assert night(workers=1).standing("bad") == "unchanged"


def test_a_server_that_hangs_is_not_waited_for(night, monkeypatch):
    monkeypatch.setattr(kept_mirror, "ANSWER_S", 1.5)  # which the good one needs a tenth of
    night.safe("bad")
    night.safe("good")
    night.server.faults.add(git_fault(Effect.DELAY, "bad", "info/refs", times=1, seconds=2.5))
    first = night(workers=1)

    assert (first.standing("bad"), first.standing("good")) == ("failed", "scanned")
    assert "no answer in 1.5 s" in first.reason("bad")


def test_a_server_that_never_ends_its_answer_is_given_up_and_git_with_it(night):
    night.safe("bad")
    night.safe("good")
    night.server.faults.add(git_fault(Effect.DELAY, "bad", "git-upload-pack", skip=2, seconds=20))
    begun = time.monotonic()
    first = night("--longest", "3s", workers=1)  # the good one is looked at in a tenth of that

    assert time.monotonic() - begun < 15
    assert (first.standing("bad"), first.standing("good")) == ("failed", "scanned")
    assert "it took longer than 3 s, and was stopped" in first.reason("bad")
    assert "--longest gives it more" in first.reason("bad")
    asked = f"{night.server.base}/{ORG}/bad.git".encode()
    assert [each for each in command_lines() if asked in each] == []
    assert list((night.run.home / "sweeps" / "mirrors").glob("*.partial-*")) == []


def command_lines():
    """Give what runs on this machine, as far as it can be seen."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield process.read_bytes()


def test_a_server_that_does_not_answer_is_left_alone_and_tried_the_next_night(night):
    for number in range(9):
        night.safe(f"study-{number}")
    night.server.faults.add(git_fault(Effect.ANSWER_INSTEAD, answer=unavailable_page()))
    down = night(workers=1)
    host = night.server.base.removeprefix("http://")

    assert down.code == 5
    assert down.json["standing"] == {"failed": 3, "skipped": 6}
    assert down.says(f"Not looked at: 6 x not yet: {host} does not answer")
    assert down.json["unfinished"] == f"{host} does not answer"
    assert len(night.git_requests) == 3

    still = night(workers=1)
    assert still.json["standing"]["skipped"] >= 5
    night.server.faults.waiting.clear()
    assert night(workers=1).json["standing"] == {"scanned": 9}


def test_those_that_fail_every_night_keep_nobody_else_from_being_looked_at(night):
    for number in range(4):
        night.safe(f"bad-{number}")
    night.server.faults.add(
        git_fault(Effect.ANSWER_INSTEAD, "bad-[0-9]", answer=Answer(status=500))
    )
    night(workers=1)
    for number in range(3):
        night.safe(f"good-{number}")
    last = [night(workers=1) for _ in range(2)][-1]

    assert last.json["standing"] == {"failed": 4, "unchanged": 3}


def test_a_limit_of_the_platform_is_waited_for_as_long_as_it_says(night):
    night.safe("study")
    night.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=".*/repos", answer=too_many_requests(7))
    )
    first = night()

    assert (first.code, first.standing("study")) == (0, "scanned")
    assert night.naps.seconds == [7]


def test_a_limit_that_lasts_ends_the_sweep_as_incomplete_and_asks_git_for_nothing(night):
    night.safe("study")
    night.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=".*/repos", times=9, answer=too_many_requests(900))
    )
    first = night()

    assert first.code == 5
    assert "takes the next request at" in first.all
    assert night.git_requests == []


def test_two_sweeps_never_work_on_one_copy_at_once(night, breachkit, monkeypatch):
    monkeypatch.setattr(sweep_one, "OTHERS_S", 0.2)
    one = night.safe("study")
    night.safe("other")
    lock = breachkit.home / "sweeps" / "mirrors" / f"{short(f'github:{one.id}')}.git.lock"
    lock.parent.mkdir(parents=True)
    with exclusive(lock):
        first = night()
    assert (first.standing("study"), first.standing("other")) == ("failed", "scanned")
    assert first.reason("study").startswith("another sweep is looking at it")
    assert night().standing("study") == "scanned"


def test_a_copy_that_another_sweep_is_looking_at_is_not_deleted_meanwhile(night, breachkit):
    one = night.study("study")
    night.safe("other")
    night()
    copy = breachkit.home / "sweeps" / "mirrors" / f"{short(f'github:{one.id}')}.git"
    night.world.delete(one)
    with held_elsewhere(Path(f"{copy}.lock")):
        assert night().standing("study") == "gone"
        assert (copy / "HEAD").exists()

    assert night().standing("study") == "gone"
    assert not copy.exists()


@contextlib.contextmanager
def held_elsewhere(lock):
    """Hold a lock as another process would: in the same thread it could be held twice."""
    is_held, may_end = threading.Event(), threading.Event()

    def hold():
        with exclusive(lock):
            is_held.set()
            may_end.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(60)
    try:
        yield
    finally:
        may_end.set()
        thread.join()
