"""Laws of reading the first rows of a data set: they are those that Arrow's own library gives."""

import datetime as dt
import decimal
import io
import random

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import ipc

from breachkit.documents.columns import KnownColumns, RowsOfColumns
from breachkit.documents.formats import arrow
from breachkit.documents.formats.arrow_rows import first_rows
from breachkit.documents.reader import Budget
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Unreadable
from tests.support.fuzzing import CANARY, holds, mutations


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))
MOMENTS = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - as data frames hold them
WORDS = st.text(st.characters(codec="utf-8"), max_size=6)
VALUES: dict[pa.DataType, st.SearchStrategy[object]] = {
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.uint16(): st.integers(0, 9),
    pa.int32(): st.sampled_from([-7, 0, 1, 2_000_000_000]),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.sampled_from([0.5, -0.0, float("nan"), float("inf")]),
    pa.float64(): st.floats(),
    pa.decimal128(9, 2): st.integers(-999, 999).map(lambda cents: decimal.Decimal(cents) / 100),
    pa.date32(): DAYS,
    pa.timestamp("ms"): MOMENTS.map(lambda moment: moment.replace(microsecond=0)),
    pa.timestamp("us", "Europe/London"): MOMENTS,
    pa.time32("s"): st.times().map(lambda time: time.replace(microsecond=0)),
    pa.duration("s"): st.integers(0, 99_999).map(lambda seconds: dt.timedelta(seconds=seconds)),
    pa.string(): WORDS,
    pa.large_string(): WORDS,
    pa.binary(): st.binary(max_size=3),
    pa.dictionary(pa.int8(), pa.string()): st.sampled_from(["a", " b", "", "\u00e9"]),
    pa.dictionary(pa.int32(), pa.large_string()): st.sampled_from(["a", "b"]),
}


@st.composite
def data_sets(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.sampled_from([1, 2, 9, 70]))
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=5))
    columns = {}
    for number, kind in enumerate(kinds):
        values = draw(st.lists(st.none() | VALUES[kind], min_size=1, max_size=8))
        of_dictionary = pa.types.is_dictionary(kind)
        array = pa.array((values * rows)[:rows], kind.value_type if of_dictionary else kind)
        columns[f"c{number}"] = array.dictionary_encode().cast(kind) if of_dictionary else array
    return pa.table(columns)


def written(table: pa.Table, packing: str | None, *, as_file: bool, batch: int = 1 << 16) -> bytes:
    out = io.BytesIO()
    options = ipc.IpcWriteOptions(compression=packing)
    opened = ipc.new_file if as_file else ipc.new_stream
    with opened(out, table.schema, options=options) as writer:
        writer.write_table(table.unify_dictionaries(), max_chunksize=batch)
    return out.getvalue()


def by_the_library(content: bytes) -> list[Document]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow, "first_rows", lambda *_: None)
        return list(read(content, (b"a.arrow",)))


def is_quick(content: bytes) -> bool:
    start = 8 if content.startswith(b"ARROW1") else 0
    return first_rows(content, start, Budget.for_file(len(content))) is not None


PACKINGS = st.sampled_from([None, "lz4", "zstd"])


@settings(max_examples=60)
@given(data_sets(), PACKINGS, st.booleans())
def test_a_small_data_set_is_what_the_library_says(
    table: pa.Table, packing: str | None, as_file: bool
) -> None:
    content = written(table, packing, as_file=as_file)

    assert is_quick(content)
    assert list(read(content, (b"a.arrow",))) == by_the_library(content)


@settings(max_examples=30)
@given(data_sets(), PACKINGS, st.sampled_from([1, 40, 69, 70]))
def test_so_is_one_in_several_batches(table: pa.Table, packing: str | None, batch: int) -> None:
    content = written(table, packing, as_file=True, batch=batch)

    assert list(read(content, (b"a.arrow",))) == by_the_library(content)


def large(rows: int, kind: str, seed: int = 0) -> pa.Table:
    rng = random.Random(seed)
    columns = {
        "numbers": [rng.randrange(9_999) for _ in range(rows)],
        "flags": [rng.random() < 0.5 for _ in range(rows)],
        "bands": pa.array([rng.choice("abc") for _ in range(rows)]).dictionary_encode(),
        "words": [f"word {rng.randrange(999)}" for _ in range(rows)],
        "nothing": pa.array([None] * rows, pa.date32()),
        "late": [None] * (rows - 1) + [0.25],
    }
    return pa.table({name: columns[name] for name in kind.split()})


EVERY = "numbers flags bands words nothing late"


@pytest.mark.parametrize("packing", [None, "lz4", "zstd"])
@pytest.mark.parametrize("kind", [EVERY, "numbers", "words", "flags nothing"])
@pytest.mark.parametrize("rows", [9_000, 40_000, 70_000])
def test_the_first_rows_of_a_large_one_are_what_the_library_says(
    packing: str | None, kind: str, rows: int
) -> None:
    content = written(large(rows, kind), packing, as_file=True)

    found = list(read(content, (b"a.arrow",)))

    assert is_quick(content)
    assert found == by_the_library(content)
    [table] = [document for document in found if isinstance(document, Table)]
    assert isinstance(table.rows, RowsOfColumns)
    assert list(zip(*table.rows.columns, strict=True)) == table.rows


def test_a_dictionary_that_changes_between_versions_changes_the_cells() -> None:
    for words in (["a", "b"], ["c", "d"]):
        column = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0], pa.int8()), words)
        [table] = read(written(pa.table({"band": column}), "lz4", as_file=True), (b"a.arrow",))

        assert isinstance(table, Table)
        assert [row[0] for row in table.rows] == [words[0], words[1], words[0]]


@settings(max_examples=80)
@given(
    st.sampled_from([None, "lz4", "zstd"]).flatmap(
        lambda packing: mutations(written(large(900, EVERY), packing, as_file=False))
    )
)
@example(written(large(900, EVERY), "lz4", as_file=False)[:-40])
def test_a_damaged_one_is_read_or_named(content: bytes) -> None:
    found = holds(content, b"a.arrow")

    assert any(isinstance(one, Table | Unreadable) for one in found) or not content


def test_what_a_file_of_a_few_bytes_claims_is_not_made() -> None:
    table = pa.table({CANARY: ["x" * 200_000_000]})

    found = list(read(written(table, "zstd", as_file=True), (b"a.arrow",)))

    assert [type(one) for one in found] == [Unreadable]


def test_columns_are_known_until_they_are_too_many() -> None:
    known = KnownColumns(room=1_000)

    first = known.keep(b"1", ["abc", "d"])
    assert known.get(b"1") is first
    assert known.keep(b"2", ["abc", "d"]) is known.get(b"2") is first
    assert known.keep(b"3", ["d", "".join(["ab", "c"])]).cells[1] is first.cells[0]
    known.keep(b"4", ["x" * 600])
    known.keep(b"5", ["y"])
    assert known.get(b"1") is known.get(b"4") is None
    assert known.get(b"5") is not None
    assert known.keep(b"6", ["x" * 999]).characters == 999
    assert known.get(b"6") is None
