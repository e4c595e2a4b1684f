"""Data sets of many cells: how many rows are read, how numbers are written, what is compared."""

import dataclasses
import math

import pytest

from breachkit.detect.engine import examine
from breachkit.documents.formats.frames import (
    MOST_CELLS,
    SAMPLED_CELLS,
    most_rows,
    number_text,
    number_texts,
    rows_within,
)
from breachkit.documents.reader import Budget
from breachkit.sdc.row_level import FEWEST_ROWS
from tests.support.judging import context_of


pa = pytest.importorskip("pyarrow")


def feather(rows: int) -> bytes:
    table = pa.table(
        {
            "band": [f"band {row}" for row in range(rows)],
            "n": [10 + row for row in range(rows)],
            "share": [row / 7 for row in range(rows)],
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("columns", [1, 3, 6, 75, 140])
def test_a_data_set_is_read_whole_or_as_a_sample_that_still_tells_its_shape(columns: int) -> None:
    whole = MOST_CELLS // columns

    assert most_rows(whole, columns) == whole
    sampled = most_rows(whole + 1, columns)
    assert FEWEST_ROWS <= sampled <= whole
    assert sampled * columns <= max(SAMPLED_CELLS, 210 * columns)


def test_a_data_set_wider_than_all_cells_gives_one_row() -> None:
    assert most_rows(1, MOST_CELLS + 1) == most_rows(10, MOST_CELLS + 1) == 1


def test_batches_end_when_what_was_read_is_enough() -> None:
    budget = Budget.for_file(1)

    assert rows_within(budget, 4_000, 6) == 4_000
    assert rows_within(budget, 4_000, 6, before=4_000) == 0


def test_numbers_are_written_in_bulk_as_they_are_one_by_one() -> None:
    values = [0.0, -0.0, 3.0, -2.5, 1e15, 1e16, -1e17, 1e-7, 0.1, math.nan, -math.inf, 8e307, 9e307]

    assert number_texts(values, 2.0**1023) == [
        "" if value >= 2.0**1023 else number_text(value) for value in values
    ]


@pytest.mark.parametrize(("rows", "sketches"), [(2_000, 1), (20_000, 0)])
def test_a_data_set_is_compared_where_it_was_read_whole(rows: int, sketches: int) -> None:
    content = feather(rows)
    context = dataclasses.replace(context_of("output/measures.feather"), size=len(content))

    found = examine(content, context, sketch_key=b"key", want_sketch=True)

    assert len(found.sketches) == sketches
    assert bool(found.unreadable) is not bool(sketches)
