"""Comparing versions of tables: what is left out for speed changes no answer."""

from collections import Counter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.documents.table import Table
from breachkit.sdc import matching, redaction_history, unrounded
from breachkit.sdc.matching import matching_rows, pair_tables
from breachkit.sdc.redaction_history import hidden_later
from breachkit.sdc.rounding import MIN_SHARE
from breachkit.sdc.sketching import sketch


KEY = b"one key for both versions"

CELLS = st.sampled_from(["North", "South", "3", "12", "0", "4.5", "[REDACTED]", "NA", "", "2021"])
HEADERS = st.sampled_from(["region", "n", "count_rounded", "rate", "year", "n_redacted"])


@st.composite
def tables(draw):
    header = tuple(draw(st.lists(HEADERS, min_size=1, max_size=3)))
    row = st.tuples(*(CELLS for _ in header))
    return Table(header, tuple(draw(st.lists(row, max_size=5))), draw(st.sampled_from("abc")))


FILES = st.lists(tables().map(lambda table: sketch(table, KEY)), max_size=5)


@settings(max_examples=150, deadline=None)
@given(old=FILES, new=FILES, kept=st.integers(0, 5), threshold=st.integers(3, 9))
def test_a_table_that_stayed_as_it_was_hides_nothing(old, new, kept, threshold):
    new = [*old[:kept], *new]
    said = Counter(hidden_later(old, new, threshold))

    real = redaction_history._show_the_same
    redaction_history._show_the_same = lambda before, after: False
    try:
        assert Counter(hidden_later(old, new, threshold)) == said
    finally:
        redaction_history._show_the_same = real


@given(old=FILES, new=FILES)
def test_a_table_is_paired_once_and_with_the_only_one_of_its_part(old, new):
    pairs = list(pair_tables(old, new))

    assert len({id(before) for before, _ in pairs}) == len(pairs)
    assert len({id(after) for _, after in pairs}) == len(pairs)
    if not len(old) == len(new) == 1:
        assert all(before.part == after.part for before, after in pairs)
        parts = Counter(each.part for each in old), Counter(each.part for each in new)
        lonely = {part for part, times in parts[0].items() if times == parts[1][part] == 1}
        assert lonely <= {before.part for before, _ in pairs}


@given(old=tables(), new=tables())
def test_rows_are_matched_by_labels_that_no_other_row_has(old, new):
    before, after = sketch(old, KEY), sketch(new, KEY)
    pairs = matching_rows(before, after)

    assert len(dict(pairs)) == len(pairs) == len({match for _, match in pairs})
    assert {(match, row) for row, match in pairs} == set(matching_rows(after, before))


def plainly_matched(before, after):
    """Rows of the same labels, by as many columns of labels as it takes, without a short cut."""
    old: list[tuple[int, ...]] = [()] * before.rows
    new: list[tuple[int, ...]] = [()] * after.rows
    for old_index, new_index in matching._label_columns(before, after):
        if len(set(old)) == len(old) and len(set(new)) == len(new):
            break
        finer = [
            [(*key, label) for key, label in zip(keys, labels, strict=True)]
            for keys, labels in ((old, before.labels[old_index]), (new, after.labels[new_index]))
        ]
        if len(set(finer[0])) > len(set(old)) or len(set(finer[1])) > len(set(new)):
            old, new = finer
    return tuple(
        (row, new.index(key))
        for row, key in enumerate(old)
        if old.count(key) == new.count(key) == 1
    )


@settings(max_examples=200, deadline=None)
@given(old=tables(), new=tables(), stays=st.booleans(), edit=st.integers(0, 20))
def test_rows_that_are_labelled_alike_in_both_versions_are_matched_as_all_are(
    old, new, stays, edit
):
    if stays:  # most versions keep their labels, or all of them but one
        cells = [list(row) for row in old.rows]
        if cells:
            cells[edit % len(cells)][edit % len(old.header)] = "East"
        new = Table(old.header, tuple(map(tuple, cells)), old.part)
    before, after = sketch(old, KEY), sketch(new, KEY)

    assert matching_rows(before, before) == plainly_matched(before, before)
    assert matching_rows(before, after) == plainly_matched(before, after)


@given(table=tables())
def test_rows_of_a_table_match_themselves_or_none(table):
    one = sketch(table, KEY)

    assert all(row == match for row, match in matching_rows(one, one))


@settings(max_examples=300)
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=40))
@example([7] * 8 + [6, 5])
@example([5, 10, 15, 20, 1])
def test_the_commonest_remainder_is_the_one_in_the_middle_if_it_is_common_enough(counts):
    shares = (
        max(Counter(count % base for count in counts).values()) / len(counts)
        for base in unrounded._BASES
    )

    assert unrounded._leave_one_remainder(counts) == any(share >= MIN_SHARE for share in shares)


@given(parts=st.permutations("abcdefgh"))
def test_tables_are_compared_in_the_order_of_the_file(parts):
    old = [sketch(Table(("region", "n"), (("North", "3"),), part), KEY) for part in parts]

    assert [before for before, _ in pair_tables(old, old[::-1])] == old
