"""Sketches keep what comparing needs and lose every value."""

from breachkit.sdc.sketch import EMPTY_BYTES, NO_COUNT
from breachkit.sdc.sketch_store import SketchStore
from breachkit.sdc.sketching import MAX_COLUMNS_SKETCHED, MAX_ROWS_SKETCHED, sketch
from tests.support.judging import lines, table_of


KEY = b"k" * 32
TEXT = (
    "region,year,n,rate\nEast,2020,3,0.5\nLondon,2021,7,1e-3\nNorth,2022,0,NA\nSouth,2023,[REDACTED],\n"
    "West,2024,1204,x\nFar,2025,9,inf\n"
)
TABLE = table_of(TEXT)


def test_cells_are_reduced_to_classes():
    found = sketch(TABLE, KEY)

    assert found.classes[2] == b"sS0mnw"
    assert found.classes[3] == b"nna-ta"
    assert found.classes[1] == b"nnnnnn"
    assert 0 not in found.classes
    assert found.rows == 6


def test_text_and_whole_numbers_that_count_nobody_are_labels():
    assert set(sketch(TABLE, KEY).labels) == {0, 1, 3}


def test_labels_compare_under_one_key_and_not_under_another():
    one, same, other = sketch(TABLE, KEY), sketch(TABLE, KEY), sketch(TABLE, b"another key")

    assert one.labels == same.labels
    assert not set(one.labels[0]) & set(other.labels[0])
    assert len(set(one.labels[0])) == 6


def test_a_class_tells_no_small_count_from_its_neighbours():
    first = sketch(table_of("g,n\na,1\nb,6\nc,8\n"), KEY)
    second = sketch(table_of("g,n\na,5\nb,7\nc,9\n"), KEY)

    assert first.classes == second.classes


def test_counts_of_people_are_kept_and_never_shown():
    found = sketch(TABLE, KEY)

    assert {index: list(counts) for index, counts in found.counts.items()} == {
        2: [3, 7, 0, NO_COUNT, 1204, 9]
    }
    assert "1204" not in repr(found)
    assert "counts" not in repr(found)


def test_columns_that_count_some_of_the_people_are_counts_too():
    table = table_of("ageband,asthma,imd,years,population\nyoung,8,1,30,90\nold,10,2,40,70")

    assert set(sketch(table, KEY).counts) == {1, 4}


def test_columns_that_say_they_were_rounded_hold_no_exact_counts():
    table = table_of("ageband,n_midpoint6,total_rounded,n\nyoung,9,10,8\nold,3,20,17")

    assert set(sketch(table, KEY).counts) == {3}


def test_versions_share_the_columns_that_did_not_change():
    store = SketchStore()
    changed = table_of(TEXT.replace("1204", "1205"))
    [old] = store.take([sketch(TABLE, KEY)]) or ()
    [new] = store.take([sketch(changed, KEY)]) or ()

    assert old == sketch(TABLE, KEY)
    assert new.labels[0] is old.labels[0]
    assert new.classes[2] is old.classes[2]
    assert list(new.counts[2]) != list(old.counts[2])


def test_a_store_that_is_full_says_so():
    store = SketchStore(most_bytes=2 * EMPTY_BYTES)

    assert [store.take([sketch(TABLE, KEY)]) is None for _ in range(4)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_fingerprint_fits_in_64_bits_whatever_the_label():
    table = table_of("g,n\n\ud800,1\n" + "x" * 10_000 + ",2\n")

    assert all(0 <= label < 2**64 for label in sketch(table, KEY).labels[0])


def test_huge_tables_are_sketched_within_bounds():
    rows = sketch(
        table_of(lines(["g"], *([str(row)] for row in range(MAX_ROWS_SKETCHED + 5)))), KEY
    )
    columns = sketch(
        table_of(lines(range(MAX_COLUMNS_SKETCHED + 5), range(MAX_COLUMNS_SKETCHED + 5))), KEY
    )

    assert rows.rows == MAX_ROWS_SKETCHED
    assert len(columns.header) == MAX_COLUMNS_SKETCHED


def test_the_part_is_kept():
    assert sketch(table_of("g,n\na,1\n", part="inner.csv"), KEY).part == "inner.csv"
