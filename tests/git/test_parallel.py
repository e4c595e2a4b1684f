"""Several processes read every object exactly once, and a death among them is never silent."""

import mmap
import os
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from breachkit.git.batches import ReaderError
from breachkit.git.objects import ObjectEntry, Unread, list_objects, read_objects
from breachkit.git.parallel import map_objects
from breachkit.git.repository import Repository, open_repository
from breachkit.git.workers import _Worker
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, blob_oid


FILES = 400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    history = History()
    history.commit({b"f%d" % n: b"content %d\n" % n for n in range(FILES)})
    return history.build(tmp_path / "r.git", packed=True)


def entries_of(repository: Repository) -> list[ObjectEntry]:
    return list(list_objects(repository).entries)


def name_and_content(entry: ObjectEntry, content: bytes | Unread) -> tuple[str, bytes | Unread]:
    return entry.oid, content


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_object_is_read_once_with_its_own_content(path: Path, workers: int) -> None:
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        results = list(map_objects(repository, entries, name_and_content, workers=workers))

    assert sorted(oid for oid, _ in results) == sorted(entry.oid for entry in entries)
    by_id: dict[str, bytes | Unread] = dict(results)
    for number in range(FILES):
        assert by_id[blob_oid(path, b"content %d\n" % number)] == b"content %d\n" % number


@pytest.mark.parametrize("workers", [1, 3])
def test_progress_adds_up(path: Path, workers: int) -> None:
    calls: list[tuple[int, int]] = []
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        done = map_objects(
            repository,
            entries,
            name_and_content,
            workers=workers,
            on_progress=lambda objects, size: calls.append((objects, size)),
        )
        assert len(list(done)) == len(entries)

    assert sum(objects for objects, _ in calls) == len(entries)
    assert sum(size for _, size in calls) == sum(entry.size for entry in entries)
    assert len(calls) > 1


@pytest.mark.parametrize("workers", [1, 2])
def test_something_is_done_once_while_others_work(path: Path, workers: int) -> None:
    done: list[int] = []
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        results = map_objects(
            repository,
            entries,
            name_and_content,
            workers=workers,
            meanwhile=lambda: done.append(os.getpid()),
        )
        next(results)

        assert done == [os.getpid()]
        assert len(list(results)) == len(entries) - 1
    assert done == [os.getpid()]


def test_nothing_to_read_is_no_trouble(path: Path) -> None:
    with open_repository(str(path)) as repository:
        assert list(map_objects(repository, [], name_and_content, workers=2)) == []


def killer_of(victims: set[str], how: Callable[[], object]) -> Callable[..., tuple[str, str]]:
    def function(entry: ObjectEntry, content: bytes | Unread) -> tuple[str, str]:
        if entry.oid in victims and isinstance(content, bytes):
            how()
        return entry.oid, "read" if isinstance(content, bytes) else content.name

    return function


@pytest.mark.parametrize(
    "how",
    [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0)],
    ids=["killed", "left"],
)
def test_an_object_that_kills_its_reader_is_reported_lost_and_no_other(
    path: Path, how: Callable[[], object]
) -> None:
    victims = {blob_oid(path, b"content %d\n" % number) for number in (0, 1, 200, FILES - 1)}
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        done = map_objects(repository, entries, killer_of(victims, how), workers=2)
        results = list(done)

    assert len(results) == len(entries)
    assert {oid for oid, state in results if state == "LOST"} == victims
    assert {oid for oid, state in results if state == "read"} == {e.oid for e in entries} - victims


def test_an_object_that_is_all_there_is_ends_no_scan(path: Path) -> None:
    with open_repository(str(path)) as repository:
        [entry, *_] = entries_of(repository)
        killer = killer_of({entry.oid}, lambda: os.kill(os.getpid(), signal.SIGKILL))

        assert list(map_objects(repository, [entry], killer, workers=2)) == [(entry.oid, "LOST")]


def test_an_interrupt_from_the_terminal_is_left_to_the_parent(path: Path) -> None:
    everything = {blob_oid(path, b"content %d\n" % number) for number in range(FILES)}
    interrupt = killer_of(everything, lambda: os.kill(os.getpid(), signal.SIGINT))
    with open_repository(str(path)) as repository:
        results = dict(map_objects(repository, entries_of(repository), interrupt, workers=2))

    assert set(results.values()) == {"read"}


def test_where_every_object_kills_its_reader_the_rest_is_reported_lost(path: Path) -> None:
    deaths = path / "deaths"

    def die() -> None:
        with deaths.open("ab") as opened:
            opened.write(b".")
        os._exit(1)

    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        everything = {entry.oid for entry in entries}
        function = killer_of({*everything}, die)
        results = list(map_objects(repository, entries, function, workers=2))

    assert {oid for oid, _ in results} == everything
    assert {state for _, state in results} == {"LOST"}
    assert deaths.stat().st_size < 30, "it gives up on workers after a while"
    assert len(results) == len(entries)


@pytest.mark.parametrize("workers", [1, 2])
def test_too_little_memory_for_one_object_costs_only_that_one(path: Path, workers: int) -> None:
    victim = blob_oid(path, b"content 7\n")

    def exhaust() -> None:
        raise MemoryError

    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        results = dict(
            map_objects(repository, entries, killer_of({victim}, exhaust), workers=workers)
        )

    assert {oid for oid, state in results.items() if state == "LOST"} == {victim}
    assert len(results) == len(entries)


def test_what_the_process_that_starts_them_has_mapped_leaves_the_workers_their_memory(
    path: Path,
) -> None:
    def takes_a_little(entry: ObjectEntry, content: bytes | Unread) -> tuple[str, int]:
        return entry.oid, 0 if isinstance(content, Unread) else len(bytearray(64 << 20))

    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    with mmap.mmap(-1, 2 << 30, flags=private), open_repository(str(path)) as repository:
        entries = entries_of(repository)[:4]
        results = list(map_objects(repository, entries, takes_a_little, workers=2))

    assert {size for _, size in results} == {64 << 20}


def test_a_worker_takes_no_more_memory_than_is_its_own(path: Path) -> None:
    def takes_too_much(entry: ObjectEntry, content: bytes | Unread) -> tuple[str, str]:
        if isinstance(content, Unread):
            return entry.oid, content.name
        return entry.oid, str(len(bytearray(2 << 30)))

    with open_repository(str(path)) as repository:
        entries = entries_of(repository)[:2]
        results = list(map_objects(repository, entries, takes_too_much, workers=2))

    assert {state for _, state in results} == {"LOST"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_function_is_named_without_what_it_read(path: Path, workers: int) -> None:
    def function(entry: ObjectEntry, content: bytes | Unread) -> None:
        raise ValueError(f"cannot read {content!r}")

    with open_repository(str(path)) as repository, pytest.raises(ReaderError) as caught:
        list(map_objects(repository, entries_of(repository), function, workers=workers))

    assert "ValueError" in str(caught.value)
    assert "test_parallel.py" in str(caught.value)
    assert "content" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_result_that_cannot_be_sent_is_named_without_it(path: Path) -> None:
    with open_repository(str(path)) as repository, pytest.raises(ReaderError, match="mistake"):
        list(map_objects(repository, entries_of(repository), lambda *_: lambda: 0, workers=2))


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, GeneratorExit])
def test_stopping_in_the_middle_leaves_no_process(path: Path, trouble: type[BaseException]) -> None:
    def function(entry: ObjectEntry, content: bytes | Unread) -> int:
        time.sleep(0.01)
        return os.getpid()

    with open_repository(str(path)) as repository:
        done = map_objects(repository, entries_of(repository), function, workers=2)
        pid = next(done)
        assert pid != os.getpid()
        with pytest.raises(trouble):
            done.throw(trouble)  # type: ignore[attr-defined]

    assert not Path(f"/proc/{pid}").exists()


def blobs(sizes: list[int]) -> list[ObjectEntry]:
    return [ObjectEntry(ObjectId(f"{n:040x}"), "blob", size) for n, size in enumerate(sizes)]


def test_a_worker_that_has_done_its_slice_goes_on_with_another(path: Path) -> None:
    """With more slices than workers no other process is started."""
    with open_repository(str(path)) as repository:
        entries = entries_of(repository) * 40
        found = Counter(map_objects(repository, entries, process_of, workers=2))

    assert len(found) == 2
    assert found.total() == len(entries)


def test_a_worker_that_dies_in_a_later_slice_loses_one_object(path: Path) -> None:
    with open_repository(str(path)) as repository:
        entries = entries_of(repository) * 40
        last = entries[-1]._replace(size=1)  # no other object has this size
        entries = [*(entry for entry in entries if entry.size != 1), last]
        found = list(map_objects(repository, entries, dies_at_the_smallest, workers=2))

    assert Counter(found) == {"read": len(entries) - 1, "lost": 1}


def process_of(_entry: ObjectEntry, _content: bytes | Unread) -> int:
    return os.getpid()


def dies_at_the_smallest(entry: ObjectEntry, content: bytes | Unread) -> str:
    if content is Unread.LOST:
        return "lost"
    if entry.size == 1:
        os._exit(9)
    return "read"


KILLED = """
import sys, time
from breachkit.git.objects import list_objects
from breachkit.git.parallel import map_objects
from breachkit.git.repository import open_repository
with open_repository(sys.argv[1]) as repository:
    entries = list_objects(repository).entries
    results = map_objects(repository, entries, lambda *_: b"x" * 10_000, workers=3)
    next(results)
    print("started", flush=True)
    time.sleep(60)
"""


def test_no_worker_outlives_a_parent_that_is_killed(path: Path) -> None:
    """Each would wait for ever for somebody to take its results, with what it read in memory."""
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        parent.kill()

        assert parent.communicate(timeout=10)[0] == b""  # ends once nobody has it open any more


def test_a_worker_that_says_it_is_done_and_is_not_is_not_believed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_but_the_last(repository, entries, *, cap):
        yield from list(read_objects(repository, entries, cap=cap))[: max(len(entries) - 1, 1)]

    monkeypatch.setattr("breachkit.git.parallel.read_objects", all_but_the_last)
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        done = list(map_objects(repository, entries, name_and_content, workers=2))

    assert sorted(oid for oid, _ in done) == sorted(entry.oid for entry in entries)


def busy_at_the_last(entry: ObjectEntry, content: bytes | Unread) -> str:
    if isinstance(content, Unread):
        return content.name
    while content == b"content 399\n":
        ...
    return "read"


def counting_at_the_last(entry: ObjectEntry, content: bytes | Unread) -> str:
    if isinstance(content, Unread):
        return content.name
    if content == b"content 399\n":
        sum(range(10**12))  # in C, where no alarm is heard
    return "read"


@pytest.mark.parametrize("workers", [1, 2])
def test_what_takes_too_long_is_cut_off_and_named(
    path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breachkit.git.limits.SECONDS", 0.2)
    before = signal.getsignal(signal.SIGPROF)
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        found = Counter(map_objects(repository, entries, busy_at_the_last, workers=workers))

    assert found == {"read": len(entries) - 1, "TOO_SLOW": 1}
    assert signal.getsignal(signal.SIGPROF) is before


def test_a_worker_that_hears_no_alarm_is_killed_and_loses_one_object(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("breachkit.git.limits.SECONDS", 0.2)
    monkeypatch.setattr("breachkit.git.workers._LONGEST", 1.0)
    monkeypatch.setattr("breachkit.git.workers._PATIENCE", 0.2)
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        found = Counter(map_objects(repository, entries, counting_at_the_last, workers=2))

    assert found == {"read": len(entries) - 1, "LOST": 1}


def greedy_at_the_last(entry: ObjectEntry, content: bytes | Unread) -> str:
    if isinstance(content, Unread):
        return content.name
    return "read" if content != b"content 399\n" else str(len(bytearray(1 << 40)))


def test_an_allocation_that_is_too_large_loses_one_object(path: Path) -> None:
    with open_repository(str(path)) as repository:
        entries = entries_of(repository)
        found = Counter(map_objects(repository, entries, greedy_at_the_last, workers=2))

    assert found == {"read": len(entries) - 1, "LOST": 1}


def test_a_worker_that_dies_between_two_slices_loses_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was to do next would else be read by nobody, and the scan would call it clean."""
    given = _Worker.go_on
    killed: list[int] = []

    def go_on(worker: _Worker[str], number: int, entries: list[ObjectEntry]) -> None:
        if not killed:
            killed.append(number)
            worker.process.kill()
            worker.process.join()
        given(worker, number, entries)

    monkeypatch.setattr(_Worker, "go_on", go_on)
    with open_repository(str(path)) as repository:
        entries = entries_of(repository) * 40
        found = list(map_objects(repository, entries, dies_at_the_smallest, workers=2))

    assert killed
    assert len(found) == len(entries)


def test_what_a_worker_had_not_sent_when_it_died_is_left_over() -> None:
    worker = object.__new__(_Worker)
    worker.entries, worker.received = blobs([1, 2, 3]), 1
    worker._at = mmap.mmap(-1, 8)
    worker._at[:8] = struct.pack("q", 3)

    assert worker.left_over() == (None, blobs([1, 2, 3])[1:])
