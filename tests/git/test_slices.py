"""Slices hold everything once, and let workers that take the largest first end together."""

import heapq
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.git.objects import ObjectEntry
from breachkit.git.slices import _LEAST, _OVERHEAD, guided_slices
from breachkit.model.ids import ObjectId


SIZES = st.one_of(st.integers(0, 10_000), st.integers(0, 10 * _LEAST))


def blobs(sizes: list[int]) -> list[ObjectEntry]:
    return [ObjectEntry(ObjectId(f"{n:040x}"), "blob", size) for n, size in enumerate(sizes)]


def cost(part: Sequence[ObjectEntry]) -> int:
    return sum(entry.size + _OVERHEAD for entry in part)


def ends(slices: Sequence[Sequence[ObjectEntry]], workers: int) -> list[int]:
    """When each worker has done, where whoever is ready takes the next slice."""
    busy_until = [0] * workers
    for part in slices:
        heapq.heapreplace(busy_until, busy_until[0] + cost(part))
    return sorted(busy_until)


@given(st.lists(SIZES, max_size=60), st.integers(1, 6))
def test_slices_are_contiguous_and_together_whole(sizes: list[int], workers: int) -> None:
    entries = blobs(sizes)

    slices = guided_slices(entries, workers)

    assert all(slices)
    together = [entry for part in sorted(slices, key=lambda part: part[0].oid) for entry in part]
    assert together == entries


@given(st.lists(SIZES, max_size=60), st.integers(2, 6))
@example([0] * 59 + [100 * _LEAST], 2)
@example([100 * _LEAST] + [0] * 59, 2)
@example([0] * 30 + [100 * _LEAST] + [_LEAST] * 29, 2)
def test_no_worker_ends_much_later_than_it_must(sizes: list[int], workers: int) -> None:
    entries = blobs(sizes)
    total, largest = cost(entries), max(map(cost, ([entry] for entry in entries)), default=0)

    slices = guided_slices(entries, workers)

    if entries:
        must = max(total / workers, largest)
        assert ends(slices, workers)[-1] <= must + total / (2 * workers) + _LEAST + 10_000


@given(st.lists(SIZES, max_size=200), st.integers(2, 6))
def test_a_slice_is_worth_starting_git_for(sizes: list[int], workers: int) -> None:
    entries = blobs(sizes)

    slices = guided_slices(entries, workers)

    least = min(_LEAST, cost(entries) // workers)
    last = [part for part in slices if part[-1] is entries[-1]]
    assert all(cost(part) >= least for part in slices if part not in last)


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_many_objects_are_given_out_in_falling_slices_so_that_all_end_together(
    workers: int,
) -> None:
    entries = blobs([size * 37 % 90_000 for size in range(5_000)])

    slices = guided_slices(entries, workers)

    costs = [cost(part) for part in slices]
    assert costs == sorted(costs, reverse=True)
    first, *_, last = ends(slices, workers)
    assert last - first <= _LEAST + 100_000


def test_the_largest_object_is_begun_with() -> None:
    entries = blobs([10_000] * 500 + [100 * _LEAST] + [10_000] * 500)

    first, *_ = guided_slices(entries, 2)

    assert entries[500] in first
    assert cost(first) < 101 * _LEAST


def test_a_cost_counts_in_place_of_the_size() -> None:
    entries = blobs([10_000] * 1_000)

    first, *_ = guided_slices(
        entries, 2, lambda entry: 100 * _LEAST if entry is entries[7] else entry.size
    )

    assert first == entries[:8]
