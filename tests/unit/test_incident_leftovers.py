"""Who takes a case in hand deletes what a killed command was making, and nothing else."""

import os
from pathlib import Path

from tests.support.cases import HandClock, a_case, reopened


UNFINISHED = ("scratch/breachkit-scratch-ab12/objects", "mirror.git.partial-x_1/objects")
FILES = ("backup.age.partial",)
KEPT = ("mirror.git/objects", "rewritten.git/HEAD", "backup.age", "bad-set.json", "round-1/a.json")


def fill(private: Path) -> None:
    for name in (*UNFINISHED, *FILES, *KEPT):
        (private / name).parent.mkdir(parents=True, exist_ok=True)
        (private / name).write_bytes(b"x")


def there(private: Path) -> set[str]:
    return {str(path.relative_to(private)) for path in private.rglob("*") if path.is_file()}


def test_whoever_takes_the_lock_deletes_what_was_left(tmp_path):
    case = a_case(tmp_path)
    fill(case.private)

    with reopened(case).lock("scope"):
        assert there(case.private) == set(KEPT)


def test_an_operation_within_an_operation_deletes_nothing_of_the_outer_one(tmp_path):
    case = a_case(tmp_path)
    with case.lock("respond"):
        fill(case.private)
        with case.lock("scope"):
            assert there(case.private) == {*UNFINISHED, *FILES, *KEPT}


def test_a_half_written_file_goes_once_nobody_can_be_writing_it_any_more(tmp_path):
    clock = HandClock()
    case = a_case(tmp_path, clock)
    for folder in (case.path, case.private):
        (folder / ".0123456789abcdef.tmp").write_bytes(b"x")
        os.utime(folder / ".0123456789abcdef.tmp", (clock.at.timestamp(), clock.at.timestamp()))
        (folder / ".mine.tmp").write_bytes(b"x")

    for minutes, left in ((59, 4), (2, 2)):
        clock.move(minutes=minutes)
        with reopened(case, clock).lock("scope"):
            found = [*case.path.glob(".*.tmp"), *case.private.glob(".*.tmp")]
            assert len(found) == left


def test_a_link_among_the_leftovers_is_not_followed(tmp_path):
    case = a_case(tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(b"x")
    (case.scratch / "link").symlink_to(outside)
    (case.private / "mirror.git.partial-a").symlink_to(outside)

    with case.lock("scope"):
        assert (outside / "kept").exists()
        assert not os.path.lexists(case.private / "mirror.git.partial-a")
