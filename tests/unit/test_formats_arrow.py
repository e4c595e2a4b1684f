"""Parquet, Arrow and Feather are read as tables, and what they claim costs no more than it should."""

import datetime as dt
import decimal
import io
import subprocess
import sys
import warnings

import pyarrow as pa
import pytest
from pyarrow import feather, ipc, parquet

from breachkit.detect.engine import examine
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Origin, Table, Text, TextKind, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of


def as_parquet(table, **options):
    out = io.BytesIO()
    parquet.write_table(table, out, **options)
    return out.getvalue()


def as_file(table, **options):
    out = io.BytesIO()
    with ipc.new_file(out, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


def as_stream(table, **options):
    out = io.BytesIO()
    with ipc.new_stream(out, table.schema, options=ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


def as_feather(table, **options):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its first version
        feather.write_feather(table, out, **options)
    return out.getvalue()


WRITERS = {
    "parquet": as_parquet,
    "parquet, zstd": lambda table: as_parquet(table, compression="zstd", data_page_version="2.0"),
    "parquet, without dictionaries": lambda table: as_parquet(
        table, use_dictionary=False, column_encoding={"sex": "DELTA_BYTE_ARRAY"}
    ),
    "arrow": as_file,
    "arrow, lz4": lambda table: as_file(table, compression="lz4"),
    "stream": as_stream,
    "feather": as_feather,
    "feather, first version": lambda table: as_feather(table, version=1),
}
WAYS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
PATIENTS = pa.table(
    {
        "patient_id": pa.array([7_301_559, 2_290_113, 9_113_407, 4_410_921], pa.int64()),
        "sex": ["F", "M", None, "F"],
        "weight": [61.5, 80.0, float("nan"), None],
        "admitted": [dt.date(2021, 3, day) for day in (2, 9, 17, 23)],
    }
)
COUNTS = pa.table({"ageband": ["16-39", "40-64", "65+"], "n": [1204.0, 3.0, None]})


def tables(content, *paths):
    return [found for found in read(content, paths) if isinstance(found, Table)]


@WAYS
def test_a_data_frame_is_a_table_whatever_it_was_written_as(write):
    [table] = tables(write(PATIENTS))

    assert table.origin is Origin.DATASET
    assert table.header == ("patient_id", "sex", "weight", "admitted")
    assert list(map(tuple, table.rows)) == [
        ("7301559", "F", "61.5", "2021-03-02"),
        ("2290113", "M", "80", "2021-03-09"),
        ("9113407", "", "", "2021-03-17"),
        ("4410921", "F", "", "2021-03-23"),
    ]


@WAYS
def test_patients_and_small_counts_are_found(write):
    for table, path, rule in (
        (PATIENTS, "output/cohort.feather", "PAT-01"),
        (COUNTS, "released_outputs/counts.parquet", "CNT-01"),
    ):
        found = examine(write(table), context_of(path), sketch_key=b"any", want_sketch=True)

        assert rule in {hit.rule for hit in found.hits}
        assert found.unreadable == ()


def test_values_are_written_as_a_person_would():
    day = dt.datetime(2021, 3, 2, 9, 30)  # noqa: DTZ001 - as data frames hold them
    [table] = tables(
        as_parquet(
            pa.table(
                {
                    "flag": [True, None],
                    "price": [decimal.Decimal("1.50"), None],
                    "day": pa.array([day.replace(hour=0, minute=0), None]),
                    "moment": [day, None],
                    "zoned": pa.array([day, None], pa.timestamp("us", "Europe/London")),
                    "short": pa.array([0.1, None], pa.float32()),
                    "bytes": [b" x ", None],
                    "word": pa.array(["p", None]).dictionary_encode(),
                    "nothing": pa.array([None, None]),
                    "large": pa.array([2**63, None], pa.uint64()),
                }
            )
        )
    )

    assert table.rows[0] == (
        "True", "1.50", "2021-03-02", "2021-03-02 09:30:00", "2021-03-02 09:30:00",
        "0.1", "x", "p", "", "9223372036854775808",
    )  # fmt: skip
    assert set(table.rows[1]) == {""}


@pytest.mark.parametrize("write", [as_parquet, as_file], ids=["parquet", "arrow"])
def test_columns_within_columns_are_taken_apart_and_lists_are_tables(write):
    nested = pa.table(
        {
            "who": [{"id": 7, "at": {"age": 40}}, None],
            "counts": [[3, 1204], []],
            "pairs": pa.array([[("n", 3)], None], pa.map_(pa.string(), pa.int64())),
            "deep": [[[1]], None],
        }
    )
    found = tables(write(nested))

    assert [table.header for table in found] == [
        ("who.id", "who.at.age"), ("counts",), ("pairs.key",), ("pairs.value",),
    ]  # fmt: skip
    assert found[0].rows == [("7", "40"), ("", "")]
    assert found[1].rows == [("3",), ("1204",)]
    assert found[1].part == "lists of column 2"
    [left] = [found for found in read(write(nested), []) if isinstance(found, Unreadable)]
    assert left == Unreadable("a column of a type without text", "column 4")


def test_what_shares_its_place_in_memory_is_read():
    table = pa.table(
        {
            "view": pa.array(["a", None], pa.string_view()),
            "run": pa.RunEndEncodedArray.from_arrays([1, 2], ["q", "r"]),
        }
    )

    [found] = tables(as_file(table))

    assert found.rows == [("a", "q"), ("", "r")]


@pytest.mark.parametrize("write", [as_parquet, as_file], ids=["parquet", "arrow"])
def test_metadata_are_hidden_text(write):
    noted = PATIENTS.replace_schema_metadata({"note": f"made for {CANARY}", "pandas": "{}"})

    documents = read(write(noted), [])

    [text] = [found for found in documents if isinstance(found, Text)]
    assert text.kind is TextKind.HIDDEN
    assert CANARY in text.text
    [embedded] = [found for found in documents if isinstance(found, Embedded)]
    assert (embedded.trait, embedded.count) == (Trait.METADATA_TEXT, 1)


def repeated(values, times):
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), values)


HUGE = {
    "a billion nulls": lambda: as_file(pa.table({"a": pa.nulls(1_000_000_000)})),
    "a run of a billion": lambda: as_file(
        pa.table({"a": pa.RunEndEncodedArray.from_arrays([1_000_000_000], ["x" * 1000])})
    ),
    "one long text many times": lambda: as_parquet(
        pa.table({"a": repeated(["x" * 1_000_000], 100_000)})
    ),
    "one long text many times, as a stream": lambda: as_stream(
        pa.table({"a": repeated(["x" * 1_000_000], 100_000)}), compression="zstd"
    ),
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_of_too_many_cells_the_first_are_read_and_the_rest_is_named(content):
    documents = read(content(), [])

    assert any(isinstance(found, Table) for found in documents)
    assert "only the first rows" in next(x.reason for x in documents if isinstance(x, Unreadable))


TOO_LARGE = {
    "buffers of zeros": lambda: as_file(pa.table({"a": [bytes(140_000_000)]}), compression="zstd"),
    "a page of zeros": lambda: as_parquet(
        pa.table({"a": [bytes(140_000_000)]}), compression="zstd", use_dictionary=False
    ),
}


@pytest.mark.parametrize("content", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_would_grow_too_much_is_not_opened(content):
    *_, found = read(content(), [])

    assert isinstance(found, Unreadable)
    assert "grows too much" in found.reason


def test_a_column_whose_lists_are_too_long_is_left_out_and_named():
    long = pa.ListArray.from_arrays([0, 2_000_000], pa.nulls(2_000_000, pa.uint8()))

    documents = read(as_parquet(pa.table({"n": [3], "long": long})), [])

    assert [found.header for found in documents if isinstance(found, Table)] == [("n",)]
    assert Unreadable("1 columns of long lists were not read") in documents


@pytest.mark.parametrize("cut", [4, 40, 300])
@WAYS
def test_a_file_cut_off_is_unread(write, cut):
    documents = read(write(PATIENTS)[:-cut], [b"cohort.arrow"])

    is_whole = [len(found.rows) for found in documents if isinstance(found, Table)] == [4]
    assert is_whole or any(isinstance(found, Unreadable) for found in documents)


def test_reading_loads_no_pandas(tmp_path):
    """It would take longer than the reading, and nothing here needs it."""
    for number, write in enumerate(WRITERS.values()):
        (tmp_path / f"{number}.feather").write_bytes(write(PATIENTS))
    script = (
        "import pathlib, sys; from breachkit.documents.readers import read;"
        "from breachkit.documents.table import Table;"
        "files = list(pathlib.Path(sys.argv[1]).iterdir());"
        "found = [one for file in files for one in read(file.read_bytes(), (bytes(file),))];"
        "assert sum(isinstance(one, Table) for one in found) >= len(files);"
        "assert 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
