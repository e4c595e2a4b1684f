"""An old id gives a redacted table away, and only as long as there are few fillings."""

from breachkit.drill.guess import _guess
from breachkit.drill.planted import MARK, blob_id


OLD = b"region,patients\nNorth,3\nSouth,5\nEast,128\n"
REDACTED = OLD.replace(b",3", f",{MARK}".encode()).replace(b",5", f",{MARK}".encode())


def test_the_counts_come_back_from_the_first_letters_of_the_old_id() -> None:
    found = _guess(OLD, blob_id(OLD)[:10], REDACTED)

    assert found.complete
    assert found.gaps == 2
    assert found.tries <= 7**2
    assert "North,3" in found.rows.reveal()
    assert "North" not in repr(found)


def test_the_id_of_another_file_gives_nothing_away() -> None:
    found = _guess(OLD, "f" * 10, REDACTED)

    assert not found.complete
    assert found.tries == 7**2
    assert found.rows.reveal() == ()
