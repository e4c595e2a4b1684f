"""Slices hold everything once, keep what is alike with one worker, and let all workers end together."""

import heapq
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from breachkit.git.objects import ObjectEntry
from breachkit.git.slices import _LEAST, _OVERHEAD, Shares, Slice
from breachkit.model.ids import ObjectId


SIZES = st.one_of(st.integers(0, 10_000), st.integers(0, 10 * _LEAST))


def blobs(sizes: list[int]) -> list[ObjectEntry]:
    return [ObjectEntry(ObjectId(f"{n:040x}"), "blob", size) for n, size in enumerate(sizes)]


def cost(part: Sequence[ObjectEntry]) -> int:
    return sum(entry.size + _OVERHEAD for entry in part)


def taken(entries: Sequence[ObjectEntry], workers: int) -> list[list[Slice]]:
    """What each worker does, where whoever is ready takes its next slice."""
    shares = Shares(entries, workers)
    done: list[list[Slice]] = [[] for _ in range(workers)]
    ready = [(0, worker) for worker in range(workers)]
    while ready:
        now, worker = heapq.heappop(ready)
        number = shares.take(worker)
        if number is not None:
            part = shares.slices[number]
            done[worker].append(part)
            heapq.heappush(ready, (now + cost(part), worker))
    return done


def ends(entries: Sequence[ObjectEntry], workers: int) -> list[int]:
    """When each worker has done."""
    return sorted(sum(map(cost, parts)) for parts in taken(entries, workers))


@given(st.lists(SIZES, max_size=60), st.integers(1, 6))
def test_slices_are_contiguous_and_together_whole(sizes: list[int], workers: int) -> None:
    entries = blobs(sizes)

    slices = [part for parts in taken(entries, workers) for part in parts]

    assert all(slices)
    together = [entry for part in sorted(slices, key=lambda part: part[0].oid) for entry in part]
    assert together == entries
    assert len(slices) == len(Shares(entries, workers).slices)


@given(st.lists(SIZES, max_size=60), st.integers(2, 6))
@example([0] * 59 + [100 * _LEAST], 2)
@example([100 * _LEAST] + [0] * 59, 2)
@example([0] * 30 + [100 * _LEAST] + [_LEAST] * 29, 2)
def test_no_worker_ends_much_later_than_it_must(sizes: list[int], workers: int) -> None:
    entries = blobs(sizes)
    total, largest = cost(entries), max(map(cost, ([entry] for entry in entries)), default=0)

    if entries:
        must = max(total / workers, largest)
        assert ends(entries, workers)[-1] <= must + total / (2 * workers) + _LEAST + 10_000


@given(st.lists(SIZES, max_size=200), st.integers(2, 6))
def test_a_slice_is_worth_starting_git_for(sizes: list[int], workers: int) -> None:
    """But for the end of each share, where as little is left as there is."""
    entries = blobs(sizes)

    slices = Shares(entries, workers).slices

    assert sum(cost(part) < _LEAST for part in slices) <= workers


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_many_objects_are_given_out_in_falling_slices_so_that_all_end_together(
    workers: int,
) -> None:
    entries = blobs([size * 37 % 90_000 for size in range(5_000)])

    for parts in taken(entries, workers):
        costs = [cost(part) for part in parts]
        assert costs == sorted(costs, reverse=True)
    first, *_, last = ends(entries, workers)
    assert last - first <= _LEAST + 100_000


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_what_stands_together_is_with_one_worker(workers: int) -> None:
    entries = blobs([size * 37 % 90_000 for size in range(5_000)])

    held = [
        sorted(int(entry.oid, 16) for part in parts for entry in part)
        for parts in taken(entries, workers)
    ]

    gaps = sum(after != before + 1 for each in held for before, after in pairwise(each))
    assert gaps <= workers  # at the end some take from others


def test_the_largest_object_of_a_share_is_begun_with() -> None:
    entries = blobs([10_000] * 500 + [100 * _LEAST] + [10_000] * 500)

    begun = [parts[0] for parts in taken(entries, 2)]

    assert any(entries[500] in part and cost(part) < 101 * _LEAST for part in begun)


def test_a_cost_counts_in_place_of_the_size() -> None:
    entries = blobs([10_000] * 1_000)

    shares = Shares(entries, 2, lambda entry: 100 * _LEAST if entry is entries[7] else entry.size)

    number = shares.take(0)
    assert number is not None
    assert shares.slices[number] == entries[:8]
