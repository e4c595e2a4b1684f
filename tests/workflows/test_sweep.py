"""What a sweep says of many repositories, over time."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from breachkit.actions.sweeping import Life, Outcome, Standing, Target, Targets
from breachkit.incident.lock import CaseBusyError, exclusive
from breachkit.model.findings import Severity
from breachkit.report import sweep_json
from breachkit.store.sweeps import FILE
from breachkit.workflows import sweep as sweep_module
from breachkit.workflows.sweep import SweepBusyError, short
from breachkit.workflows.sweep_one import do_errand
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import git
from tests.support.sweeping import Seen, Sweeper, lives, reasons, standings, without_times


OUTPUT = b"released_outputs/t.csv"


@pytest.fixture
def sweeper(tmp_path):
    return Sweeper(tmp_path)


def test_what_is_new_once_is_known_the_next_time_and_gone_once_it_is_not_there(sweeper):
    sweeper.repository("a")
    sweeper.repository("b", {OUTPUT: SAFE_COUNTS})
    first = sweeper()
    assert lives(first, Life.NEW) == {"a": 1}
    assert first.sweep.exit_code == Severity.HIGH.exit_code

    second = sweeper()
    assert standings(second) == {"a": "unchanged", "b": "unchanged"}
    assert lives(second, Life.KNOWN) == {"a": 1}
    assert lives(second, Life.NEW) == {}
    assert second.sweep.exit_code == 0

    sweeper.repository("a", {OUTPUT: SAFE_COUNTS})
    third = sweeper()
    assert lives(third, Life.GONE) == {"a": 1}
    assert third.sweep.exit_code == 0
    assert lives(sweeper(), Life.GONE, Life.KNOWN, Life.NEW) == {}

    sweeper.repository("a")
    assert lives(sweeper(), Life.NEW) == {"a": 1}  # it came back, and somebody has to hear of it


def test_since_when_and_until_when_a_finding_was_seen_is_kept(sweeper):
    sweeper.repository("a")
    (one,) = sweeper().sweep.repositories
    first = one.records[0]
    (again,) = sweeper().sweep.repositories
    assert (again.records[0].since, again.records[0].last) == (first.since, first.last)
    (anew,) = sweeper(anew=True).sweep.repositories
    assert anew.outcome.standing is Standing.SCANNED
    assert anew.records[0].since == first.since < anew.records[0].last


def test_what_has_not_changed_is_not_written_again(sweeper):
    sweeper.repository("study")
    first, second = sweeper(), sweeper()  # from new to known is a change
    with contextlib.closing(sqlite3.connect(sweeper.folder / FILE)) as record:
        for what in ("INSERT", "DELETE", "UPDATE"):
            record.execute(
                f"CREATE TRIGGER no_{what} BEFORE {what} ON record "
                "BEGIN SELECT RAISE(ABORT, 'written again'); END"
            )
    third = sweeper()

    assert [lives(one, Life.KNOWN) for one in (first, second, third)] == [{}, {"study": 1}, {"study": 1}]  # fmt: skip
    assert standings(third) == {"study": "unchanged"}
    assert without_times(third) == without_times(second)


def test_the_trend_is_kept(sweeper):
    sweeper.repository("a")
    result = [sweeper() for _ in range(3)][-1]

    assert [run.number for run in result.earlier] == [1, 2, 3]
    assert [run.counts.get("findings new", 0) for run in result.earlier] == [1, 0, 0]


def test_what_one_repository_has_costs_nothing_in_another(sweeper):
    sweeper.repository("a", {OUTPUT: SMALL_COUNTS})
    sweeper.repository("fork", {OUTPUT: SMALL_COUNTS})
    both = sweeper().sweep.repositories
    trees = 2  # they are walked, and not judged

    assert sorted(each.outcome.recalled for each in both) == [0, both[0].outcome.objects - trees]
    assert [len(each.records) for each in both] == [1, 1]


def test_an_empty_repository_is_settled_and_says_so(sweeper):
    sweeper.repository("a")
    git(sweeper.place, "init", "-q", "--bare", "empty.git")
    result = sweeper()

    assert standings(result) == {"a": "scanned", "empty.git": "empty"}
    assert result.sweep.complete


def test_one_that_fails_leaves_the_others_alone_and_reaches_the_exit_code(sweeper):
    sweeper.repository("a", {OUTPUT: SAFE_COUNTS})
    broken = sweeper.place / "broken"
    (broken / "objects").mkdir(parents=True)
    (broken / "HEAD").write_text("nonsense")
    result = sweeper()

    assert standings(result) == {"a": "scanned", "broken": "failed"}
    assert reasons(result)["broken"]
    assert result.sweep.exit_code == 5


def test_one_whose_process_dies_leaves_the_others_alone_and_what_was_known_stays_known(sweeper):
    sweeper.repository("a")
    sweeper.repository("killer")
    assert lives(sweeper(), Life.NEW) == {"a": 1, "killer": 1}

    def dies(errand, clock, tell):
        if errand.name == "killer":
            os.kill(os.getpid(), signal.SIGKILL)
        return do_errand(errand, clock, tell)

    sweeper.work = dies
    result = sweeper(workers=2, anew=True)
    assert standings(result) == {"a": "scanned", "killer": "failed"}
    assert "SIGKILL" in reasons(result)["killer"]
    assert lives(result, Life.KNOWN) == {"a": 1, "killer": 1}
    assert result.sweep.exit_code == 5

    sweeper.work = do_errand
    assert standings(sweeper())["killer"] == "unchanged"  # as it was at the last look


def test_a_mistake_in_looking_is_told_without_what_it_is_about(sweeper, monkeypatch):
    sweeper.repository("a")

    def fails(*_, **__):
        raise ValueError("CANARY")

    monkeypatch.setattr("breachkit.workflows.sweep_one.scan_repository", fails)
    result = sweeper()
    assert "ValueError" in reasons(result)["a"]
    assert "CANARY" not in json.dumps(sweep_json.to_json(result.sweep, tool_version="1"))


def test_what_is_incomplete_makes_nothing_gone(sweeper):
    repository = sweeper.repository("a", {OUTPUT: SMALL_COUNTS}, {b"big.bin": b"x" * 10})
    assert lives(sweeper(), Life.NEW) == {"a": 1}
    blob = git(repository, "rev-parse", "main:" + OUTPUT.decode()).decode().strip()
    (repository / "objects" / blob[:2] / blob[2:]).unlink()
    result = sweeper(anew=True)

    assert not result.sweep.complete
    assert lives(result, Life.KNOWN) == {"a": 1}
    assert lives(result, Life.GONE) == {}
    assert result.sweep.exit_code == 5


def test_those_looked_at_longest_ago_come_first_and_new_ones_before_them(sweeper):
    for name in "abc":
        sweeper.repository(name)
    sweeper(targets=_only(sweeper, "b"))
    sweeper(targets=_only(sweeper, "a"))
    sweeper.repository("d")
    sweeper()

    assert set(sweeper.seen.order[:2]) == {"c", "d"}
    assert sweeper.seen.order[2:] == ["b", "a"]


def _only(sweeper, *names):
    targets = sweeper.targets()
    return Targets(
        name=targets.name,
        repositories=tuple(one for one in targets.repositories if one.name in names),
    )


def test_when_the_time_is_over_the_rest_is_named_and_has_its_turn_the_next_time(sweeper):
    for name in "abc":
        sweeper.repository(name)

    def slow(errand, clock, tell):
        return do_errand(errand, clock, tell)

    sweeper.work = slow
    real = sweeper.clock.now
    times = iter(range(100))
    sweeper.clock.now = lambda: real() + timedelta(minutes=next(times))
    result = sweeper(budget=timedelta(minutes=3))
    sweeper.clock.now = real

    left = [name for name, standing in standings(result).items() if standing == "skipped"]
    assert left
    assert all(reasons(result)[name].startswith("not yet") for name in left)
    assert not result.sweep.complete
    assert "time" in result.sweep.unfinished
    sweeper()
    assert set(sweeper.seen.order[: len(left)]) == set(left)


def test_copies_are_kept_within_the_disk_they_may_take(sweeper):
    for name in "abc":
        sweeper.repository(name, {b"noise.bin": os.urandom(50_000)})
    sweeper(targets=sweeper.targets(remote=True), disk_bytes=100_000)
    mirrors = [each for each in (sweeper.folder / "mirrors").iterdir() if each.is_dir()]
    assert len(mirrors) == 1

    again = sweeper(targets=sweeper.targets(remote=True))
    assert set(standings(again).values()) == {"unchanged"}  # nothing has to be fetched to say so


def test_a_copy_that_cannot_be_deleted_now_takes_its_room_still(sweeper, monkeypatch):
    def held(lock, **more):
        if lock.name.startswith(short("large")):
            raise CaseBusyError(str(lock))
        return exclusive(lock, **more)

    monkeypatch.setattr(sweep_module, "exclusive", held)
    for name, size in (("large", 200_000), ("small", 10_000)):
        sweeper.repository(name, {b"noise.bin": os.urandom(size)})
    sweeper(targets=sweeper.targets(remote=True), disk_bytes=150_000)

    mirrors = [each.name for each in (sweeper.folder / "mirrors").iterdir() if each.is_dir()]
    assert mirrors == [f"{short('large')}.git"]


def test_a_copy_forgets_what_the_server_took_out_of_its_history(sweeper):
    repository = sweeper.repository("a", {OUTPUT: SMALL_COUNTS})
    blob = git(repository, "rev-parse", "main:" + OUTPUT.decode()).decode().strip()
    assert lives(sweeper(targets=sweeper.targets(remote=True)), Life.NEW) == {"a": 1}
    sweeper.repository("a", {b"other.md": b"rewritten\n"})
    result = sweeper(targets=sweeper.targets(remote=True))

    assert lives(result, Life.GONE) == {"a": 1}
    (mirror,) = (each for each in (sweeper.folder / "mirrors").iterdir() if each.is_dir())
    with pytest.raises(AssertionError, match="cat-file"):
        git(mirror, "cat-file", "-e", blob)


def test_a_copy_that_was_damaged_is_made_anew(sweeper):
    sweeper.repository("a")
    sweeper(targets=sweeper.targets(remote=True))
    (mirror,) = (each for each in (sweeper.folder / "mirrors").iterdir() if each.is_dir())
    for pack in (mirror / "objects").rglob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"broken")
    sweeper.repository("a", {OUTPUT: SMALL_COUNTS}, {b"new.md": b"new\n"})

    result = sweeper(targets=sweeper.targets(remote=True))
    assert standings(result) == {"a": "scanned"}
    assert result.sweep.complete


def test_what_was_settled_before_is_told_as_it_is(sweeper):
    sweeper.repository("a")
    private = Outcome(key="p", name="p", standing=Standing.GONE, reason="no longer public")
    target = Target(key="p", name="p", url="https://example.org/p", is_remote=True, settled=private)
    targets = Targets(name="tests", repositories=(*sweeper.targets().repositories, target))
    result = sweeper(targets=targets)

    assert standings(result) == {"a": "scanned", "p": "gone"}
    assert result.sweep.complete


def test_two_sweeps_of_the_same_repositories_do_not_go_on_at_once(sweeper, monkeypatch):
    sweeper.repository("a")
    said = []

    def begin(self, name):
        said.append(run_apart(sweeper, after=99))

    monkeypatch.setattr(Seen, "begin", begin)
    result = sweeper()

    assert standings(result) == {"a": "scanned"}
    assert SweepBusyError.__name__ in said[0].stderr.decode()


def test_a_damaged_record_is_set_aside_and_everything_counts_as_new(sweeper):
    sweeper.repository("a")
    sweeper()
    (sweeper.folder / FILE).write_bytes(b"nothing like a database" * 100)
    result = sweeper()

    assert lives(result, Life.NEW) == {"a": 1}
    assert "set aside" in result.notes[0]


SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.support.sweeping import Sweeper
from tests.support.cases import HandClock
made = Sweeper.__new__(Sweeper)
made.folder, made.place = Path({folder!r}), Path({place!r})
made.clock = HandClock()
from breachkit.workflows.sweep_one import do_errand
made.work = do_errand
from tests.support import sweeping
class Seen(sweeping.Seen):
    def done(self, swept):
        super().done(swept)
        if len(self.settled) == {after}:
            os.kill(os.getpid(), signal.SIGKILL)
sweeping.Seen = Seen
made(workers={workers})
"""


def run_apart(sweeper, *, after, workers=2):
    root = str(Path(__file__).parents[2])
    script = SCRIPT.format(
        root=root,
        folder=str(sweeper.folder),
        place=str(sweeper.place),
        after=after,
        workers=workers,
    )
    return subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)


def killed_after(sweeper, number):
    done = run_apart(sweeper, after=number)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def test_a_sweep_that_is_killed_twice_and_goes_on_says_what_an_uninterrupted_one_says(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    killed, whole = Sweeper(tmp_path / "one"), Sweeper(tmp_path / "two")
    for sweeper in (killed, whole):
        for number in range(7):
            sweeper.repository(f"r{number}", {OUTPUT: SMALL_COUNTS if number % 2 else SAFE_COUNTS})
    killed_after(killed, 2)
    killed_after(killed, 2)
    last = killed()

    assert killed.seen.before >= 4
    assert "goes on" in last.notes[0]
    assert without_times(last) == without_times(whole())
    assert [run.number for run in last.earlier] == [1]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_what_is_unchanged_is_so_in_every_process(sweeper, monkeypatch, seed):
    sweeper.repository("a")
    sweeper()
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    done = run_apart(sweeper, after=1)  # which ends it there
    assert done.returncode == -signal.SIGKILL

    assert standings(sweeper()) == {"a": "unchanged"}


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_the_result_does_not_depend_on_how_many_look_at_once(tmp_path, workers):
    sweeper = Sweeper(tmp_path)
    for number in range(6):
        sweeper.repository(f"r{number}")
    result = sweeper(workers=workers)

    assert [one.outcome.name for one in result.sweep.repositories] == [f"r{n}" for n in range(6)]
    assert lives(result, Life.NEW) == {f"r{n}": 1 for n in range(6)}
