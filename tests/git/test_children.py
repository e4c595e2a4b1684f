"""Each call in a process of its own: what ends one leaves the others alone."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from breachkit.git.children import Died, in_children


def tried(function, items, **options):
    return dict(in_children(function, items, at_once=options.pop("at_once", 2), **options))


def work(item, _tell):
    if item == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "exit":
        os._exit(3)
    if item == "raise":
        raise ValueError("CANARY")
    if item == "sleep":
        time.sleep(60)
    if item == "unsendable":
        return lambda: None
    return f"{item} done"


def test_what_ends_one_call_leaves_the_others_alone():
    found = tried(work, ["a", "kill", "b", "exit", "c", "raise", "d"])

    assert [found[one] for one in "abcd"] == [f"{one} done" for one in "abcd"]
    assert "SIGKILL" in found["kill"].reason
    assert "code 3" in found["exit"].reason
    assert found["raise"].is_mistake
    assert "ValueError" in found["raise"].reason
    assert "CANARY" not in str(found)


def test_a_result_that_cannot_be_sent_is_a_mistake_that_is_told():
    assert tried(work, ["unsendable"])["unsendable"].is_mistake


def test_whoever_takes_too_long_is_stopped():
    begun = time.monotonic()
    found = tried(work, ["sleep", "a"], longest_s=0.3)

    assert found == {"sleep": Died("it took too long, and was stopped"), "a": "a done"}
    assert time.monotonic() - begun < 20


def test_no_more_run_at_once_than_asked_for_and_the_next_is_asked_for_when_there_is_room(tmp_path):
    def one(item, _tell):
        (tmp_path / item).touch()
        at_once = len(list(tmp_path.iterdir()))
        time.sleep(0.02)
        (tmp_path / item).unlink()
        return at_once

    assert max(tried(one, map(str, range(12)), at_once=3).values()) <= 3


def test_whoever_takes_too_long_is_stopped_with_what_it_started(tmp_path):
    reading, writing = os.pipe()

    def lead(_item, _tell):
        os.setsid()
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=reading) as started:
            (tmp_path / "pid").write_text(str(started.pid))

    tried(lead, ["one"], longest_s=2)
    os.close(reading)
    nobody_reads = select.poll()
    nobody_reads.register(writing, 0)
    told = nobody_reads.poll(10_000)
    os.close(writing)

    assert (tmp_path / "pid").exists()
    assert told == [(writing, select.POLLERR)]


def test_whoever_stops_listening_stops_the_children():
    results = in_children(work, ["a", "sleep", "sleep"], at_once=3)
    next(results)
    begun = time.monotonic()
    results.close()

    assert time.monotonic() - begun < 10


def test_children_end_with_their_parent(tmp_path):
    script = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from breachkit.git.children import in_children\n"
        "def one(item, tell):\n"
        f"    (Path({str(tmp_path)!r}) / str(os.getpid())).touch()\n"
        "    time.sleep(60)\n"
        "list(in_children(one, range(2), at_once=2))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        deadline = time.monotonic() + 30
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        parent.kill()
    children = [int(each.name) for each in tmp_path.iterdir()]
    assert len(children) == 2
    deadline = time.monotonic() + 10
    while any(map(is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, children))


def is_alive(process):
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
        return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


def test_how_far_each_is_is_told_now_and_then():
    def one(item, tell):
        for done in range(4):
            tell(done, 3)
            time.sleep(0.3)
        return item

    heard = []
    found = in_children(one, ["a", "b"], at_once=2, on_progress=lambda *each: heard.append(each))
    assert dict(found) == {"a": "a", "b": "b"}
    for item in "ab":
        told = [done for each, done, every in heard if each == item and every == 3]
        assert told == sorted(told)
        assert len(set(told)) > 1


@pytest.mark.parametrize("at_once", [1, 4])
def test_nothing_to_do_is_done_at_once(at_once):
    assert tried(work, [], at_once=at_once) == {}
