"""A finding whose object a rewrite took away is gone, although something else can never be read."""

import contextlib
import shutil
import sqlite3

import pytest

from breachkit.actions.sweeping import Life
from breachkit.store.sweeps import FILE
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, git, loose_object, oid
from tests.support.sweeping import Sweeper, lives, standings


OUTPUT, OTHER = b"released_outputs/t.csv", b"released_outputs/other.csv"
NEVER = {b"docs/never.pdf": b"%PDF-1.4 of which nothing can be read"}
"""A file that no look can examine."""
RESOLVED = SMALL_COUNTS.replace(b"3", b"4")


@pytest.fixture
def sweeper(tmp_path):
    return Sweeper(tmp_path)


def breached(sweeper, name="study"):
    """Make a repository with something that nobody can read, and a breach."""
    return sweeper.repository(name, NEVER, {OUTPUT: SMALL_COUNTS})


def rewritten(sweeper, name="study"):
    return sweeper.repository(name, NEVER, {OUTPUT: SAFE_COUNTS})


def all_lives(result) -> dict[str, int]:
    counted = {life.value: result.sweep.count(life) for life in Life}
    return {life: number for life, number in counted.items() if number}


@pytest.mark.parametrize("remote", [False, True])
def test_what_was_rewritten_away_is_gone_although_something_was_never_read(sweeper, remote):
    breached(sweeper)
    first = sweeper(targets=sweeper.targets(remote=remote))
    assert lives(first, Life.NEW) == {"study": 1}
    assert not first.sweep.complete
    rewritten(sweeper)
    second = sweeper(targets=sweeper.targets(remote=remote))

    assert all_lives(second) == {"gone": 1}
    assert not second.sweep.complete
    assert second.sweep.exit_code == 5  # what can never be read is told all the same
    assert all_lives(sweeper(anew=True, targets=sweeper.targets(remote=remote))) == {}


def test_one_of_two_that_was_rewritten_away_is_gone_and_the_other_is_known(sweeper):
    sweeper.repository("study", NEVER, {OUTPUT: SMALL_COUNTS, OTHER: RESOLVED})
    assert all_lives(sweeper()) == {"new": 2}
    sweeper.repository("study", NEVER, {OTHER: RESOLVED})

    assert all_lives(sweeper()) == {"gone": 1, "known": 1}


def test_a_file_that_was_deleted_and_is_still_in_the_history_stays_known(sweeper):
    breached(sweeper)
    sweeper()
    sweeper.repository("study", NEVER, {OUTPUT: SMALL_COUNTS}, {OUTPUT: None})
    result = sweeper()

    assert lives(result, Life.KNOWN) == {"study": 1}
    assert lives(result, Life.GONE) == {}


def test_what_is_still_there_and_was_not_read_this_time_stays_known(sweeper):
    repository = breached(sweeper)
    sweeper()
    blob = loose_object(repository, oid(repository, f"main:{OUTPUT.decode()}"))
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-8])  # it is listed, and cannot be read
    shutil.rmtree(sweeper.folder / "verdicts")
    result = sweeper(anew=True)

    assert result.sweep.repositories[0].outcome.unread == 2
    assert all_lives(result) == {"known": 1}


def test_what_a_message_said_is_gone_with_the_commit(sweeper):
    def built(message: str) -> None:
        history = History()
        history.commit(NEVER)
        history.commit({b"a": b"a"}, message=message)
        shutil.rmtree(sweeper.place / "study", ignore_errors=True)
        history.build(sweeper.place / "study")

    built("Send it to ada.lovelace@nhs.net, NHS number 943 476 5919")
    assert all_lives(sweeper())["new"] >= 1
    built("Send it")

    assert set(all_lives(sweeper())) == {"gone"}


def test_a_shallow_clone_makes_nothing_gone(sweeper, tmp_path):
    whole = sweeper.repository(
        "study", NEVER, {OUTPUT: SMALL_COUNTS}, {OUTPUT: SAFE_COUNTS}, {b"a": b"a"}
    )
    assert all_lives(sweeper()) == {"new": 1}
    shutil.move(whole, tmp_path / "whole")
    git(sweeper.place, "clone", "-q", "--bare", "--depth=1", f"file://{tmp_path}/whole", "study")

    assert all_lives(sweeper(anew=True)) == {"known": 1}


def test_where_a_commit_is_missing_nothing_is_gone(sweeper):
    repository = sweeper.repository(
        "study", NEVER, {OUTPUT: SMALL_COUNTS}, {OUTPUT: SAFE_COUNTS}, {b"a": b"a"}
    )
    assert all_lives(sweeper()) == {"new": 1}
    lost = oid(repository, "main~2")
    (repository / "objects" / lost[:2] / lost[2:]).unlink()

    assert all_lives(sweeper(anew=True)) == {"known": 1}


def test_where_a_ref_is_damaged_nothing_is_gone(sweeper):
    breached(sweeper)
    sweeper()
    repository = rewritten(sweeper)
    (repository / "refs" / "heads" / "side").write_text("nonsense\n")
    result = sweeper()

    assert standings(result) == {"study": "scanned"}
    assert all_lives(result) == {"known": 1}


def test_a_record_of_before_says_gone_once_its_finding_was_seen_again(sweeper):
    for name in ("seen", "unseen"):
        breached(sweeper, name)
    sweeper()
    with contextlib.closing(sqlite3.connect(sweeper.folder / FILE)) as record:
        record.execute("ALTER TABLE record DROP COLUMN object")
        record.execute("PRAGMA user_version = 4")
        record.commit()
    rewritten(sweeper, "unseen")
    again = sweeper(anew=True)
    assert lives(again, Life.KNOWN) == {"seen": 1, "unseen": 1}
    rewritten(sweeper, "seen")
    last = sweeper()

    assert lives(last, Life.GONE) == {"seen": 1}
    assert lives(last, Life.KNOWN) == {"unseen": 1}


def test_the_record_keeps_no_object_id_and_no_hash_that_anybody_can_make(sweeper):
    repository = breached(sweeper)
    blob = oid(repository, f"main:{OUTPUT.decode()}")
    sweeper()
    (sweeper.folder / "marks.key").write_bytes(b"\7" * 32)
    kept = b"".join(each.read_bytes() for each in sweeper.folder.glob(f"{FILE}*"))

    assert blob[:12].encode() not in kept
    assert bytes.fromhex(blob)[:6] not in kept
    with contextlib.closing(sqlite3.connect(sweeper.folder / FILE)) as record:
        ((mark,),) = record.execute("SELECT object FROM record").fetchall()
    sweeper.folder.rename(sweeper.folder.with_name("other"))
    sweeper()
    with contextlib.closing(sqlite3.connect(sweeper.folder / FILE)) as record:
        assert [(mark,)] != record.execute("SELECT object FROM record").fetchall()
