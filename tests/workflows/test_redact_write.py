"""All of a redaction is written or none of it, and what was there before can be put back."""

import errno
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from breachkit.model.errors import ConfigurationError
from breachkit.model.time import SystemClock
from breachkit.workflows import redact_kept, redact_write
from breachkit.workflows.redact_write import (
    Change,
    InTheWayError,
    NotAllowedError,
    NotWrittenError,
    PartlyWrittenError,
)


OLD, NEW = b"old content\n", b"new\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "release"
    place.mkdir()
    for name in ("a", "b", "c"):
        (place / name).write_bytes(OLD)
    return place


def changes(folder: Path, names: str = "abc", **options: object) -> list[Change]:
    given: dict[str, object] = {"old": OLD, "new": NEW, "mode": 0o644, **options}
    return [Change(path=folder / name, **given) for name in names]  # type: ignore[arg-type] # a test's own


def written(home: Path, wanted: list[Change]) -> str | None:
    return redact_write.write(home, wanted, SystemClock(), reason=None)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


UNTOUCHED = {"a": OLD, "b": OLD, "c": OLD}


def test_nothing_to_write_leaves_nothing(home: Path):
    assert written(home, []) is None
    assert not home.exists()


def test_a_file_that_changed_meanwhile_keeps_all_from_being_written(home: Path, folder: Path):
    (folder / "b").write_bytes(b"theirs\n")

    with pytest.raises(NotWrittenError, match="changed meanwhile"):
        written(home, changes(folder))

    assert contents(folder) == {**UNTOUCHED, "b": b"theirs\n"}
    assert redact_kept.folders(home) == ()


def test_a_link_that_took_a_files_place_is_not_written_through(home: Path, folder: Path):
    (folder / "b").unlink()
    (folder / "b").symlink_to("c")

    with pytest.raises(NotWrittenError):
        written(home, changes(folder, "ab"))

    assert contents(folder)["a"] == OLD
    assert (folder / "c").read_bytes() == OLD


def test_what_appeared_where_a_new_file_goes_is_left(home: Path, folder: Path):
    with pytest.raises(InTheWayError):
        written(home, changes(folder, "a", old=None))

    assert contents(folder) == UNTOUCHED


@pytest.mark.parametrize("after", range(1, 7))
def test_a_disk_that_is_full_at_any_point_leaves_all_as_it_was(
    home: Path, folder: Path, monkeypatch, after: int
):
    left = [after]

    def full(descriptor: int, data: bytes) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.write(descriptor, data[:2])
            raise OSError(errno.ENOSPC, "full")
        os.write(descriptor, data)

    monkeypatch.setattr(redact_write, "write_all", full)
    if after <= 3:
        with pytest.raises(NotWrittenError, match="No space left"):
            written(home, changes(folder))
        assert contents(folder) == UNTOUCHED
        assert list((home / "redactions").glob("RD-*")) == []
    else:
        assert written(home, changes(folder)) == "RD-0001"


def test_where_originals_cannot_be_kept_nothing_is_written(home: Path, folder: Path, monkeypatch):
    def forbidden(*_args: object, **_options: object) -> None:
        raise OSError(errno.EROFS, "read only")

    monkeypatch.setattr(redact_write, "make_folder", forbidden)

    with pytest.raises(NotAllowedError):
        written(home, changes(folder))

    assert contents(folder) == UNTOUCHED


class _Killed(BaseException):
    pass


def killed_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[int]:
    """Let the process die just before the `step`-th change of the disk, without clearing away."""
    left = [step]

    def counted(original):
        def run(*args, **options):
            left[0] -= 1
            if left[0] <= 0:
                raise _Killed
            return original(*args, **options)

        return run

    for name in ("rename", "replace", "open", "unlink", "mkdir", "link"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    return left


def test_killed_at_any_step_all_is_old_or_will_be_new_and_originals_are_never_lost(
    home: Path, folder: Path, monkeypatch
):
    steps = 0
    for step in range(1, 200):
        for name in UNTOUCHED:
            (folder / name).write_bytes(OLD)
        with monkeypatch.context() as patched:
            left = killed_at(patched, step)
            try:
                is_done = bool(written(home, changes(folder)))
            except _Killed:
                is_done = False
        now = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".tmp"}
        assert set(now.values()) <= {OLD, NEW}
        originals = {each.read_bytes() for each in home.rglob("original-*")}
        assert NEW not in now.values() or originals == {OLD}

        redact_write.recover(home)

        after, records = contents(folder), redact_kept.records(home)
        assert after == (dict.fromkeys("abc", NEW) if records else UNTOUCHED)
        assert records or not is_done
        for kept in records:
            assert redact_write.restore(home, kept.id).left == ()
        assert contents(folder) == UNTOUCHED
        assert redact_kept.folders(home) == ()
        left_over = list((home / "redactions").glob("RD-*"))
        assert written(home, changes(folder, "a")) == "RD-0001", left_over
        redact_write.restore(home, "RD-0001")
        steps = step
        if left[0] > 0:
            break
    assert steps > 20


def test_what_was_decided_is_finished_by_whoever_writes_next(home: Path, folder: Path):
    (home / "redactions").mkdir(parents=True)
    files = redact_write._kept(changes(folder, "ab"))
    record = redact_kept.new_record(home / "redactions", files, at="", reason=None)
    redact_write._prepare(record, changes(folder, "ab"))
    assert redact_write.unfinished(home) == ("RD-0001",)

    assert written(home, changes(folder, "c")) == "RD-0002"

    assert contents(folder) == dict.fromkeys("abc", NEW)
    assert redact_write.unfinished(home) == ()


def test_what_somebody_changed_in_between_is_not_written_over_when_finishing(
    home: Path, folder: Path
):
    (home / "redactions").mkdir(parents=True)
    files = redact_write._kept(changes(folder, "ab"))
    record = redact_kept.new_record(home / "redactions", files, at="", reason=None)
    redact_write._prepare(record, changes(folder, "ab"))
    (folder / "a").write_bytes(b"theirs\n")

    (finished,) = redact_write.recover(home)

    assert contents(folder) == {"a": b"theirs\n", "b": NEW, "c": OLD}
    assert (finished.id, finished.left) == ("RD-0001", (folder / "a",))


@pytest.fixture
def late(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give what lets somebody change files at the last moment, when all is decided."""

    def change(names: str) -> None:
        decide = redact_write._prepare

        def decided(*given: Any) -> None:
            decide(*given)
            for name in names:
                (folder / name).write_bytes(b"theirs\n")

        monkeypatch.setattr(redact_write, "_prepare", decided)

    return change


def test_a_file_that_changed_at_the_last_moment_is_not_told_as_written(
    home: Path, folder: Path, late: Callable[[str], None]
) -> None:
    late("b")

    with pytest.raises(PartlyWrittenError, match=r"release/b; the other .*--restore RD-0001"):
        written(home, changes(folder))

    assert contents(folder) == {"a": NEW, "b": b"theirs\n", "c": NEW}
    restored = redact_write.restore(home, "RD-0001")
    assert (restored.back, restored.left) == ((folder / "a", folder / "c"), (folder / "b",))


def test_where_every_file_changed_at_the_last_moment_nothing_was_written_and_nothing_is_kept(
    home: Path, folder: Path, late: Callable[[str], None]
) -> None:
    late("abc")

    with pytest.raises(NotWrittenError, match="nothing was written"):
        written(home, changes(folder))

    assert contents(folder) == dict.fromkeys("abc", b"theirs\n")
    assert redact_kept.folders(home) == ()


def test_a_copy_whose_place_was_taken_at_the_last_moment_is_not_told_as_written(
    home: Path, folder: Path, late: Callable[[str], None]
) -> None:
    late("d")

    with pytest.raises(PartlyWrittenError, match="release/d; the other files were written") as told:
        written(home, changes(folder, "de", old=None))

    assert "--restore" not in str(told.value)
    assert contents(folder) == {**UNTOUCHED, "d": b"theirs\n", "e": NEW}
    assert redact_kept.folders(home) == ()


def test_two_at_once_write_one_after_the_other(home: Path, folder: Path):
    outcomes: list[object] = []

    def one() -> None:
        try:
            outcomes.append(written(home, changes(folder)))
        except NotWrittenError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [one for one in outcomes if isinstance(one, str)] == ["RD-0001"]
    assert len(outcomes) == 4
    assert contents(folder) == dict.fromkeys("abc", NEW)


def test_a_list_that_does_not_read_is_named_and_touches_nothing(home: Path, folder: Path):
    written(home, changes(folder))
    manifest = home / "redactions" / "RD-0001" / redact_kept.MANIFEST
    data = json.loads(manifest.read_bytes())
    for broken in (b"{", json.dumps({**data, "state": "odd"}).encode(), b"[]"):
        manifest.write_bytes(broken)

        with pytest.raises(ConfigurationError, match="does not read as the list"):
            redact_write.restore(home, "RD-0001")

    assert contents(folder) == dict.fromkeys("abc", NEW)


def test_the_list_of_a_redaction_leads_nowhere_by_its_name(home: Path):
    with pytest.raises(ConfigurationError, match="no redaction"):
        redact_write.restore(home, "../../etc")
    with pytest.raises(ConfigurationError, match="no redaction"):
        redact_write.forget(home, "")


def test_restoring_can_be_ended_and_done_again(home: Path, folder: Path):
    written(home, changes(folder))
    (folder / "a").write_bytes(OLD)  # as a first attempt left it

    done = redact_write.restore(home, "RD-0001")

    assert done.left == ()
    assert contents(folder) == UNTOUCHED


def test_what_somebody_put_beside_the_kept_originals_is_left_alone(home: Path, folder: Path):
    first = written(home, changes(folder, "a"))
    kept = redact_kept.home_of_records(home)
    (kept / "RD-0001.tar.gz").write_bytes(b"a backup")
    (kept / "RD-0001-copy").mkdir()
    (kept / "RD-old").mkdir()

    second = written(home, changes(folder, "b"))

    assert (first, second) == ("RD-0001", "RD-0002")
    assert [one.id for one in redact_kept.records(home)] == [first, second]
    assert redact_write.restore(home, "RD-0001").back == (folder / "a",)
    assert {one.name for one in kept.iterdir()} >= {"RD-0001.tar.gz", "RD-0001-copy", "RD-old"}
