import random

from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.documents.table import Table
from breachkit.sdc.matching import matching_rows
from breachkit.sdc.redaction_history import Hidden, hidden_later
from breachkit.sdc.sketching import sketch
from tests.support.judging import table_of


KEY = b"one key for both versions"


def compare(old, new, threshold=5):
    [hidden] = hidden_later([sketch(old, KEY)], [sketch(new, KEY)], threshold) or [None]
    return hidden


def compare_text(old, new, threshold=5):
    return compare(table_of(old), table_of(new), threshold)


OLD = "region,n,rate\nNorth,3,0.1\nSouth,120,4.0\nEast,88,2.9"


def test_a_small_count_behind_a_mark_is_found_with_its_place():
    hidden = compare_text(OLD, OLD.replace("North,3", "North,[REDACTED]"))

    assert (hidden.rows, hidden.columns, hidden.small, hidden.marked) == ((1,), (1,), 1, 1)


def test_the_threshold_decides_what_is_small():
    old, new = OLD.replace("North,3", "North,7"), OLD.replace("North,3", "North,<=7")

    assert compare_text(old, new, threshold=5).small == 0
    assert compare_text(old, new, threshold=7).small == 1
    assert compare_text(old.replace("7", "8"), new, threshold=7).small == 0
    assert compare_text(old.replace("7", "9"), new, threshold=9).small == 1


def test_a_hidden_zero_discloses_nothing():
    assert (
        compare_text(OLD.replace("North,3", "North,0"), OLD.replace("North,3", "North,[REDACTED]"))
        is None
    )


def test_a_marked_rate_is_found_and_is_not_small():
    hidden = compare_text(OLD, OLD.replace("4.0", "[REDACTED]"))

    assert (hidden.rows, hidden.columns, hidden.small, hidden.marked) == ((2,), (2,), 0, 1)


def test_a_count_that_became_missing_is_weaker_evidence():
    for mark in ("NA", "", "NaN", "-"):
        hidden = compare_text(OLD, OLD.replace("North,3", f"North,{mark}"))

        assert (hidden.small, hidden.marked, hidden.blanked) == (1, 0, 1)


def test_an_estimate_that_became_missing_is_a_model_that_failed():
    old = "term,estimate,std.error\nage,1.2,0.1\nsex,3,0.2"

    assert compare_text(old, old.replace("sex,3,0.2", "sex,NA,NA")) is None


def test_a_count_column_that_lost_everything_was_dropped_and_not_redacted():
    old = "term,n_event\nage,30\nsex,3\nimd,40"

    assert compare_text(old, "term,n_event\nage,NA\nsex,NA\nimd,NA") is None


def test_a_column_of_small_counts_that_lost_exactly_those_was_redacted():
    old = "region,n\na,1\nb,2\nc,3\nd,40"

    assert compare_text(old, "region,n\na,\nb,\nc,\nd,40").small == 3


def test_small_and_large_counts_that_are_mostly_gone_are_no_redaction():
    old = "region,n\na,1\nb,2\nc,3\nd,40\ne,50"

    assert compare_text(old, "region,n\na,\nb,2\nc,\nd,\ne,50") is None


def test_rows_are_matched_by_label_when_others_are_added_and_the_order_changes():
    new = "region,n,rate\nWest,60,1\nEast,88,2.9\nNorth,[REDACTED],[REDACTED]\nSouth,125,4.1"

    hidden = compare_text(OLD, new)

    assert (hidden.rows, hidden.columns, hidden.small) == ((1,), (1, 2), 1)


def test_the_key_may_take_several_columns_and_whole_numbers():
    old = "region,year,n\nNorth,2020,3\nNorth,2021,40\nSouth,2020,50\nSouth,2021,60"

    hidden = compare_text(old, old.replace("2020,3", "2020,[REDACTED]"))

    assert hidden.rows == (1,)


def test_rows_whose_labels_are_not_unique_are_left_out():
    old = "region,n\nNorth,3\nNorth,4\nSouth,50"

    assert compare_text(old, "region,n\nNorth,[REDACTED]\nNorth,4\nSouth,50") is None


def test_one_row_needs_no_label():
    assert compare_text("n,rate\n3,0.1", "n,rate\n[REDACTED],0.1").small == 1


def test_an_edited_description_does_not_hide_the_rest():
    old = "region,note,n\nNorth,first,3\nSouth,second,120\nEast,third,88"
    new = "region,note,n\nNorth,one,[REDACTED]\nSouth,two,120\nEast,three,88"

    assert compare_text(old, new).small == 1


def test_a_column_renamed_on_redaction_is_the_same_column():
    new = "region,n_redacted,rate\nNorth,[REDACTED],0.1\nSouth,120,4.0\nEast,88,2.9"

    assert compare_text(OLD, new).small == 1


def test_a_table_replaced_by_the_word_redacted_is_hidden_as_a_whole():
    for new in ("[REDACTED]", "REDACTED,REDACTED,REDACTED\nREDACTED,REDACTED,REDACTED"):
        hidden = compare_text(OLD, new)

        assert hidden.whole_table
        assert (hidden.rows, hidden.small) == ((1, 2, 3), 1)


def test_a_table_that_lost_its_numbers_without_a_mark_is_not_hidden():
    assert compare_text(OLD, "region,n,rate\nNorth,,\nSouth,,\nEast,,") is None
    assert compare_text(OLD, "moved to the archive\nsee there") is None


def test_tables_of_one_file_are_compared_by_part_and_header():
    first = table_of("region,n\nNorth,3\nSouth,50", part="one")
    second = table_of("region,n\nNorth,30\nSouth,50", part="two")
    marked = table_of("region,n\nNorth,[REDACTED]\nSouth,50", part="one")

    found = hidden_later(
        [sketch(first, KEY), sketch(second, KEY)], [sketch(second, KEY), sketch(marked, KEY)], 5
    )

    assert [(hidden.part, hidden.small) for hidden in found] == [("one", 1)]


def test_the_only_table_of_each_version_is_compared_under_another_part_too():
    before = table_of("region,n\nNorth,3\nSouth,50", part="deaths.csv")
    after = table_of("region,n\nNorth,[REDACTED]\nSouth,50", part="deaths_redacted.csv")

    assert compare(before, after).part == "deaths.csv"


def test_tables_of_one_part_are_told_apart_by_their_header_and_else_by_what_is_left():
    deaths, people = "region,n\nNorth,3\nSouth,50", "ageband,total\nyoung,4\nold,60"
    marked = people.replace("4", "[REDACTED]"), deaths.replace("3", "[REDACTED]")
    renamed = deaths.replace("region,n", "region,n,extra").replace("3", "[REDACTED],1")

    def found(*new):
        old = [sketch(table_of(text), KEY) for text in (deaths, people)]
        hidden = hidden_later(old, [sketch(table_of(text), KEY) for text in new], 5)
        return sorted((one.header[0], one.small) for one in hidden)

    assert found(*marked) == [("ageband", 1), ("region", 1)]
    assert found(people, renamed) == [("region", 1)]


def test_a_code_in_a_table_that_is_hidden_as_a_whole_is_no_small_count():
    assert compare_text("imd,n\n1,30\n2,40", "[REDACTED]").small == 0


def test_up_to_half_of_a_column_may_be_blanked_and_no_more():
    old = "region,n\na,10\nb,20\nc,30\nd,40"

    assert compare_text(old, "region,n\na,\nb,NA\nc,30\nd,40").blanked == 2
    assert compare_text(old, "region,n\na,\nb,NA\nc,-\nd,40") is None


def test_rows_that_only_the_new_version_tells_apart_are_matched():
    old = "region,year,n\nNorth,2020,3\nSouth,2020,50"
    new = "region,year,n\nNorth,2020,[REDACTED]\nNorth,2021,90\nSouth,2020,50"

    assert compare_text(old, new).rows == (1,)
    assert compare_text(new.replace("[REDACTED]", "3"), old.replace(",3", ",[REDACTED]")).rows == (
        1,
    )


def test_words_name_a_row_before_codes_that_were_numbered_anew():
    old = "code,region,n\n11,North,3\n12,South,50\n13,East,60\n14,West,70"
    new = "code,region,n\n12,North,[REDACTED]\n13,South,50\n14,East,60\n15,West,70"

    hidden = compare_text(old, new)

    assert (hidden.rows, hidden.small) == ((1,), 1)


def test_two_tables_of_one_part_and_header_are_not_guessed_at():
    table = sketch(table_of("region,n\nNorth,3\nSouth,50"), KEY)
    marked = sketch(table_of("region,n\nNorth,[REDACTED]\nSouth,50"), KEY)

    assert hidden_later([table, table], [marked, marked], 5) == ()


# Laws


@st.composite
def versions(draw):
    """Two versions of a table: labels, a count column, another number, some cells hidden."""
    count = draw(st.integers(2, 12))
    labels = draw(
        st.lists(
            st.text("abcdefgh", min_size=2, max_size=6), min_size=count, max_size=count, unique=True
        )
    )
    values = draw(st.lists(st.integers(1, 60), min_size=count, max_size=count))
    hidden = draw(st.sets(st.integers(0, count - 1), max_size=count))
    old = [(label, str(value), f"{value}.5") for label, value in zip(labels, values, strict=True)]
    new = [
        (label, "[REDACTED]" if index in hidden else value, other)
        for index, (label, value, other) in enumerate(old)
    ]
    # one visible cell at least: a table of marks alone is another case
    return [*old, ("zz", "70", "1.5")], [*new, ("zz", "70", "1.5")], hidden


HEADER = ("region", "n", "rate")


def what(hidden, old):
    """The rows found, by label, and the counts."""
    if hidden is None:
        return frozenset(), 0, 0
    return frozenset(old[row - 1][0] for row in hidden.rows), hidden.small, hidden.cells


@given(versions())
@settings(max_examples=150)
def test_exactly_the_hidden_cells_are_found(case):
    old, new, hidden = case

    labels, small, cells = what(compare(Table(HEADER, old), Table(HEADER, new)), old)

    assert labels == {old[index][0] for index in hidden}
    assert small == sum(int(old[index][1]) <= 5 for index in hidden)
    assert cells == len(hidden)


@given(versions(), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_shuffling_the_rows_of_either_version_changes_nothing(case, chance: random.Random):
    old, new, _ = case
    plain = what(compare(Table(HEADER, old), Table(HEADER, new)), old)
    mixed_old, mixed_new = chance.sample(old, len(old)), chance.sample(new, len(new))

    assert what(compare(Table(HEADER, mixed_old), Table(HEADER, mixed_new)), mixed_old) == plain


@given(
    versions(), st.booleans(), st.sampled_from(["words", "7", "0.5", "NA", ""]), st.integers(0, 3)
)
@settings(max_examples=150)
def test_adding_a_column_to_either_version_changes_nothing(case, to_old, cell, place):
    old, new, _ = case
    plain = what(compare(Table(HEADER, old), Table(HEADER, new)), old)

    def wider(rows):
        header = (*HEADER[:place], "added", *HEADER[place:])
        return Table(header, [(*row[:place], cell, *row[place:]) for row in rows])

    before = wider(old) if to_old else Table(HEADER, old)
    after = Table(HEADER, new) if to_old else wider(new)
    found = compare(before, after)

    shown = [(row[0],) for row in old]
    assert what(found, shown) == plain


@given(versions(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_the_columns_changes_nothing(case, chance: random.Random):
    old, new, _ = case
    order = chance.sample(range(3), 3)
    plain = what(compare(Table(HEADER, old), Table(HEADER, new)), old)

    def reordered(rows):
        header = tuple(HEADER[index] for index in order)
        return Table(header, [tuple(row[index] for index in order) for row in rows])

    assert what(compare(Table(HEADER, old), reordered(new)), old) == plain


@given(versions())
@settings(max_examples=50)
def test_a_version_hides_nothing_from_itself_and_unhiding_is_not_hiding(case):
    old, new, _ = case

    assert compare(Table(HEADER, old), Table(HEADER, old)) is None
    assert compare(Table(HEADER, new), Table(HEADER, old)) is None


@given(versions())
@settings(max_examples=50)
def test_matched_rows_carry_the_same_label(case):
    old, new, _ = case

    pairs = matching_rows(sketch(Table(HEADER, old), KEY), sketch(Table(HEADER, new), KEY))

    assert pairs == tuple((row, row) for row in range(len(old)))


cells = st.sampled_from(
    ["", "NA", "[REDACTED]", "3", "0", "12", "1.5", "North", "South", "3 (2%)", "*"]
)
tables = st.builds(
    lambda header, rows: sketch(Table(tuple(header), rows), KEY),
    st.lists(st.sampled_from(["", "n", "region", "rate", "x", "REDACTED"]), max_size=4),
    st.lists(st.lists(cells, max_size=5), max_size=6),
)


@given(st.lists(tables, max_size=3), st.lists(tables, max_size=3), st.integers(0, 12))
@settings(max_examples=200)
def test_any_two_files_can_be_compared(old, new, threshold):
    for hidden in hidden_later(old, new, threshold):
        assert isinstance(hidden, Hidden)
        assert hidden.cells >= len(hidden.rows) > 0
        assert hidden.small <= hidden.cells
