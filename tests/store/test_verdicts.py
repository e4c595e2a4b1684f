"""The store of verdicts: shared, private, and forgotten rather than wrong."""

import contextlib
import multiprocessing
import os
import sqlite3
import stat
import threading
import time

import pytest

from breachkit.store import database
from breachkit.store.database import (
    KEY_BYTES,
    Schema,
    StoreTooNewError,
    StoreWriteError,
    connect,
    set_aside,
)
from breachkit.store.verdicts import FILE, KEPT_DAYS, KEY_FILE, VerdictStore
from tests.support.cases import HandClock
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import History
from tests.support.remembering import scanned_with, told


ITEMS = {bytes([number]) * 16: b"said %d" % number for number in range(40)}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def opened(folder, clock):
    made = []

    def opening(rules=b"rules"):
        made.append(VerdictStore(folder, rules, clock))
        return made[-1]

    yield opening
    for each in made:
        each.close()


def test_what_was_kept_is_recalled_by_another_process_later(opened):
    opened().keep(ITEMS)
    store = opened()

    assert store.recall([*ITEMS, b"unknown"]) == ITEMS
    assert (store.asked, store.found, len(store)) == (41, 40, 40)


def test_the_files_are_for_this_user_alone(opened, folder):
    opened().keep(ITEMS)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"not a database at all, but some text that somebody put here" * 20,
        lambda data: data[: len(data) // 2],
        lambda data: data[:4096] + bytes(len(data) - 4096),
        lambda data: data[:200] + os.urandom(len(data) - 200),
    ],
    ids=["empty", "text", "cut", "zeros", "noise"],
)
def test_a_damaged_database_is_set_aside_and_begun_anew(opened, folder, damage):
    first = opened()
    first.keep(ITEMS | {os.urandom(16): os.urandom(400) for _ in range(300)})
    first.close()
    path = folder / FILE
    path.write_bytes(damage(path.read_bytes()))

    store = opened()
    known = store.recall(list(ITEMS))
    assert all(ITEMS[key] == said for key, said in known.items())
    store.keep(ITEMS)
    assert opened().recall(list(ITEMS)) == ITEMS
    assert ([store.rebuilt] if store.rebuilt else []) == list(folder.glob("*.broken-*"))


def test_several_that_find_it_damaged_begin_anew_once_and_share_what_is_new(opened, folder):
    opened().close()
    stores = [opened(), opened()]
    with contextlib.closing(sqlite3.connect(folder / FILE)) as other, other:
        other.execute("DROP TABLE verdict")

    for store in stores:
        assert store.recall(list(ITEMS)) == {}
        store.keep(ITEMS)

    assert len(list(folder.glob("*.broken-????????"))) == 1
    assert [store.rebuilt is not None for store in stores] == [True, False]
    assert opened().recall(list(ITEMS)) == ITEMS


def test_what_was_written_last_is_set_aside_with_a_broken_database(tmp_path):
    path = tmp_path / "a.sqlite"
    for ending, content in (("", b"broken"), ("-wal", b"written last"), ("-shm", b"")):
        path.with_name(path.name + ending).write_bytes(content)

    aside = set_aside(path)

    assert aside.read_bytes() == b"broken"
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"written last"
    assert not list(tmp_path.glob("a.sqlite-*"))


def test_a_database_without_its_table_is_begun_anew(opened, folder):
    opened().close()
    with sqlite3.connect(folder / FILE) as other:
        other.execute("DROP TABLE verdict")
    other.close()

    store = opened()
    assert store.recall(list(ITEMS)) == {}
    assert store.rebuilt is not None
    store.keep(ITEMS)
    assert store.recall(list(ITEMS)) == ITEMS


@pytest.mark.parametrize("column", ["said", "seal", "key"])
def test_a_row_that_somebody_changed_is_not_believed(opened, folder, column):
    opened().keep(ITEMS)
    with sqlite3.connect(folder / FILE) as other:
        changed = f"UPDATE verdict SET {column} = ? WHERE key = ?"
        other.execute(changed, (b"\x99" * 16, b"\x07" * 16))
    other.close()

    known = opened().recall([*ITEMS, b"\x99" * 16])
    assert known == {key: said for key, said in ITEMS.items() if key != b"\x07" * 16}


def test_a_store_whose_secret_is_lost_knows_nothing(opened, folder):
    opened().keep(ITEMS)
    (folder / KEY_FILE).unlink()

    assert opened().recall(list(ITEMS)) == {}
    assert len((folder / KEY_FILE).read_bytes()) == KEY_BYTES


def test_what_a_later_version_wrote_is_refused_and_left_alone(opened, folder):
    opened().keep(ITEMS)
    with sqlite3.connect(folder / FILE) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    before = (folder / FILE).read_bytes()

    with pytest.raises(StoreTooNewError, match="later version"):
        opened()
    assert (folder / FILE).read_bytes() == before


def test_an_older_database_is_brought_up_to_date_with_what_is_in_it(tmp_path):
    path = tmp_path / "old.sqlite"
    step = "CREATE TABLE a (x); INSERT INTO a VALUES (1)"
    connect(path, Schema(name="test", steps=(step,))).close()
    newer = Schema(name="test", steps=(step, "ALTER TABLE a ADD COLUMN y DEFAULT 2"))

    made = connect(path, newer)
    assert made.execute("SELECT x, y FROM a").fetchall() == [(1, 2)]
    assert made.execute("PRAGMA user_version").fetchone() == (2,)
    made.close()


@contextlib.contextmanager
def somebody_writing(path):
    """Let somebody else be in the middle of making the same database."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("CREATE TABLE b (y)")
    with contextlib.closing(other):
        yield other


def test_who_makes_the_same_database_at_the_same_time_is_waited_for(tmp_path):
    path = tmp_path / "new.sqlite"
    with somebody_writing(path) as other:
        ending = threading.Timer(0.2, lambda: other.execute("COMMIT"))
        ending.start()
        made = connect(path, Schema(name="test", steps=("CREATE TABLE a (x)",)))
        ending.join()

    assert made.execute("SELECT name FROM sqlite_master").fetchall() == [("b",), ("a",)]
    assert made.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    made.close()


def test_who_never_ends_making_it_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_SECONDS", 0.05)
    path = tmp_path / "new.sqlite"
    with somebody_writing(path), pytest.raises(StoreWriteError, match="locked"):
        connect(path, Schema(name="test", steps=("CREATE TABLE a (x)",)))


def test_a_step_that_fails_leaves_the_older_database_as_it_was(tmp_path):
    path = tmp_path / "old.sqlite"
    connect(path, Schema(name="test", steps=("CREATE TABLE a (x)",))).close()
    broken = Schema(name="test", steps=("CREATE TABLE a (x)", "CREATE TABLE b (y); NONSENSE"))
    with pytest.raises(StoreWriteError, match="syntax error"):
        connect(path, broken)

    made = connect(path, Schema(name="test", steps=("CREATE TABLE a (x)",)))
    assert made.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
    made.close()


def test_what_nobody_used_for_long_is_forgotten_and_what_is_used_stays(opened, clock):
    store = opened()
    store.keep(ITEMS)
    used = dict(list(ITEMS.items())[:10])
    clock.move(days=KEPT_DAYS - 10)
    again = opened()
    again.recall(list(used))
    again.keep({})
    clock.move(days=20)
    last = opened()
    assert len(last) == len(ITEMS)
    last.keep({b"another---------": b"x"})

    assert last.recall(list(ITEMS)) == used
    assert len(last) == len(used) + 1


def _writes(folder, number, rounds):
    store = VerdictStore(folder, b"rules", HandClock())
    for at in range(rounds):
        items = {b"%02d%06d--------" % (number, at * 50 + n): b"x" * 50 for n in range(50)}
        store.keep(items)
        assert store.recall(list(items)) == items


def test_several_processes_write_at_once_and_nothing_is_lost(folder, opened):
    context = multiprocessing.get_context("fork")
    several = [context.Process(target=_writes, args=(folder, n, 20)) for n in range(4)]
    for each in several:
        each.start()
    for each in several:
        each.join(60)

    assert [each.exitcode for each in several] == [0] * 4
    assert len(opened()) == 4 * 20 * 50


def test_whoever_is_killed_while_writing_leaves_what_was_there(folder, opened):
    opened().keep(ITEMS)
    context = multiprocessing.get_context("fork")
    for _ in range(5):
        one = context.Process(target=_writes, args=(folder, 1, 10_000))
        one.start()
        time.sleep(0.05)
        one.kill()
        one.join(10)

        store = opened()
        assert store.recall(list(ITEMS)) == ITEMS
        assert len(store) % 50 == len(ITEMS)  # all of a round, or nothing
        assert store.rebuilt is None


def test_a_full_disk_is_told_and_harms_nothing(folder, opened):
    store = opened()
    store.keep(ITEMS)
    store._database.execute("PRAGMA max_page_count = 10").fetchone()

    with pytest.raises(StoreWriteError, match="make room"):
        store.keep({os.urandom(16): bytes(1000) for _ in range(200)})
    assert opened().recall(list(ITEMS)) == ITEMS
    assert store.rebuilt is None


def test_a_scan_with_a_store_says_what_one_without_says(tmp_path, opened):
    history = History()
    history.commit({OUTPUT: SMALL_COUNTS})
    repository = history.build(tmp_path / "r.git")
    first, _ = scanned_with(opened(), repository)
    second, read = scanned_with(opened(), repository)

    assert read == 0
    assert told(first) == told(second) == told(scanned_with(None, repository)[0])
