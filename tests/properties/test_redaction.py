"""Laws of redaction, for random tables: nobody works anything out, nothing else changes, once is enough."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breachkit.actions.redaction_plan import Options, Why
from breachkit.sdc.rounding import Regime
from tests.support.redacting import FIVE_ALLOWED, TO_FIVE, TO_MIDPOINTS, TODAY, Redacted, known_of


counts = st.one_of(st.integers(0, 12), st.integers(0, 400))
shapes = st.tuples(st.integers(2, 5), st.integers(2, 4))


@st.composite
def grids(draw):
    rows, columns = draw(shapes)
    inner = [[draw(counts) for _ in range(columns)] for _ in range(rows)]
    lines = [[*row, sum(row)] for row in inner]
    lines.append([sum(line) for line in zip(*lines, strict=True)])
    return lines


def two_way(lines):
    header = ["group", *(f"Region {at + 1} n" for at in range(len(lines[0]) - 1)), "Total"]
    names = [*(f"G{row + 1}" for row in range(len(lines) - 1)), "Total"]
    text = [header, *([name, *map(str, line)] for name, line in zip(names, lines, strict=True))]
    return "\n".join(",".join(row) for row in text) + "\n"


def with_shares(lines, decimals):
    """Write each count with its percentage of the last one of its row."""
    header, *_ = two_way(lines).splitlines()
    rows = [
        f"G{row},"
        + ",".join([*(_shared(count, line[-1], decimals) for count in line[:-1]), str(line[-1])])
        for row, line in enumerate(lines)
    ]
    return "\n".join([header.replace(" n", " n (%)"), *rows[:-1], "Total" + rows[-1][2:]]) + "\n"


def _shared(count, whole, decimals):
    return f"{count} ({_percent(count, whole, decimals)}%)" if whole else f"{count} (0%)"


def disclosed(found, threshold, regime=None):
    """Give the marks of a table that say too much to somebody who knows how it adds up."""
    return {
        place: (low, high)
        for place, (low, high) in known_of(found.text(), regime=regime).items()
        if high is not None and (high - low < threshold - 1 or (low >= 1 and high <= threshold))
    }


def small_or_changed(found, lines, threshold):
    """Give the cells that are printed, and are small or not what they were."""
    printed = [line.split(",")[1:] for line in found.text()[1:]]
    return [
        (row, at)
        for row, cells in enumerate(printed)
        for at, cell in enumerate(cells)
        if cell != "[REDACTED]" and (int(cell) != lines[row][at] or 1 <= int(cell) <= threshold)
    ]


@given(grids(), st.sampled_from((FIVE_ALLOWED, TODAY)))
@settings(max_examples=20, deadline=None)
def test_nobody_works_out_a_suppressed_cell_of_a_table_with_margins(lines, policy):
    found = Redacted(two_way(lines), policy=policy)

    assert not found.plan.failed
    assert not disclosed(found, policy.threshold)
    assert not small_or_changed(found, lines, policy.threshold)
    assert found.untouched()
    assert found.rules_left() <= {"CNT-04"}


@given(grids(), st.sampled_from((0, 1)))
@settings(max_examples=15, deadline=None)
def test_nobody_works_it_out_from_percentages_of_rows_either(lines, decimals):
    found = Redacted(with_shares(lines, decimals))

    assert not found.plan.failed
    assert not disclosed_and_small(found, lines, TODAY.threshold)
    assert found.rules_left() <= {"CNT-04"}


def disclosed_and_small(found, lines, threshold):
    """Give the marks of small counts, and of zeros, that say too much.

    A large count that went with its percentage may be worked out: it was printed to be read.
    """
    return {
        (row, at): bounds
        for (row, at), bounds in disclosed(found, threshold).items()
        if lines[row][at] <= threshold
    }


@given(grids())
@settings(max_examples=20, deadline=None)
def test_nobody_works_out_a_suppressed_cell_of_a_rounded_table(lines):
    found = Redacted(two_way(lines), options=TO_FIVE)

    assert not found.plan.failed
    assert not disclosed(found, TODAY.threshold, Regime(5))
    assert not found.rules_left()
    assert found.untouched()


@given(grids(), st.sampled_from((None, TO_FIVE, TO_MIDPOINTS)))
@settings(max_examples=20, deadline=None)
def test_planning_for_what_came_of_a_plan_changes_nothing(lines, options):
    assert Redacted(two_way(lines), options=options).again().is_empty


@given(grids(), st.sampled_from((5, 10)))
@settings(max_examples=20, deadline=None)
def test_every_count_of_a_rounded_table_is_a_multiple_and_totals_are_sums(lines, base):
    found = Redacted(two_way(lines), options=Options(rounding=Regime(base)))
    printed = [[_number(cell) for cell in line.split(",")[1:]] for line in found.text()[1:]]

    assert all(count % base == 0 for line in printed for count in line if count is not None)
    for line in (*printed, *zip(*printed, strict=True)):
        *parts, total = line
        if total is not None and Why.ROUNDED not in _reasons_of_totals(found, lines):
            assert total == sum(filter(None, parts))


def _number(cell):
    return None if cell == "[REDACTED]" else int(cell)


def _reasons_of_totals(found, lines):
    last_row, last_column = len(lines) - 1, len(lines[0])
    return {why for (row, at), why in found.why().items() if row == last_row or at == last_column}


@given(st.lists(counts, min_size=3, max_size=7), st.sampled_from((0, 1, 2)))
@settings(max_examples=20, deadline=None)
def test_percentages_go_with_their_counts_and_tell_none(column, decimals):
    total = sum(column)
    if not total:
        return
    rows = [
        f"G{row},{count},{100 * count / total:.{decimals}f}" for row, count in enumerate(column)
    ]

    found = Redacted("\n".join(["group,n,percent", *rows, f"Total,{total},100"]) + "\n")

    for line in found.text()[1:]:
        _, count, percent = line.split(",")
        assert (count == "[REDACTED]") <= (percent == "[REDACTED]" or float(percent) == 0.0)
    assert not found.plan.failed
    assert found.rules_left() <= {"CNT-04"}


@given(st.lists(st.integers(0, 300), min_size=2, max_size=6), st.data())
@settings(max_examples=20, deadline=None)
def test_no_difference_of_two_files_of_one_call_is_small(everyone, data):
    men = [data.draw(st.integers(0, count)) for count in everyone]
    smaller = [one < other for one, other in zip(men, everyone, strict=True) if other]
    assume(2 * sum(smaller) >= len(smaller))  # else it may be a copy with mistakes
    assume(all(any(count % 5 for count in column) for column in (everyone, men)))  # not rounded
    files = {
        f"released_outputs/deaths_{name}.csv": "region,n\n"
        + "".join(f"R{row},{count}\n" for row, count in enumerate(column))
        for name, column in (("all", everyone), ("male", men))
    }

    found = Redacted(files)

    pairs = zip(found.text(0)[1:], found.text(1)[1:], strict=True)
    for one, other in pairs:
        first, second = one.split(",")[1], other.split(",")[1]
        if "[REDACTED]" not in {first, second}:
            assert not 1 <= int(first) - int(second) <= TODAY.threshold


@given(st.lists(counts, min_size=3, max_size=6), st.sampled_from((0, 1, 2)))
@settings(max_examples=25, deadline=None)
def test_percentages_do_not_tell_a_total_that_gives_a_count_back(column, decimals):
    total = sum(column)
    if not total:
        return
    rows = [
        f"G{row},{count},{_percent(count, total, decimals)}" for row, count in enumerate(column)
    ]

    found = Redacted("\n".join(["group,n,percent", *rows]) + "\n")

    printed = [line.split(",") for line in found.text()[1:]]
    known = [(int(count), share) for _, count, share in printed if count != "[REDACTED]"]
    hidden = len(printed) - len(known)
    seen = sum(count for count, _ in known)
    rests = [
        whole - seen
        for whole in range(max(seen, 1), 2 * total + 30)
        if all(_percent(count, whole, decimals) == share for count, share in known)
    ]
    if hidden == 1:
        assert not known or max(rests) - min(rests) >= TODAY.threshold - 1
    if hidden > 1:
        assert not rests or max(rests) >= TODAY.threshold - 1


def _percent(count, whole, decimals):
    return f"{100 * count / whole:.{decimals}f}"
