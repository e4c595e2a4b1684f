"""R's own files: every table that they keep is read, wherever it hides, and nothing is run."""

import bz2
import gzip
import io
import lzma
import struct
from pathlib import Path

import pandas as pd
import pytest
import rdata

from breachkit.detect.engine import examine
from breachkit.documents.formats.r_numbers import Later
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Origin, Table, Text, TextKind, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of
from tests.support.r_files import (
    Environment,
    Folded,
    Listed,
    R,
    Symbol,
    factor,
    frame,
    named,
    rds,
)
from tests.support.r_files import rdata as workspace


COHORT = frame(
    {
        "patient_id": [7_301_559, 2_290_113, 9_113_407],
        "weight": [61.5, None, 80.0],
        "sex": factor(["F", None, "M"], ["F", "M"]),
        "seen": R([18_688.0, 18_695.0, None], {"class": ["Date"]}),
        "at": R([1_614_677_400.0, 1_614_643_200.0, None], {"class": ["POSIXct", "POSIXt"]}),
        "died": [True, None, False],
        "note": [" é ", None, "z"],
    },
    "tbl_df",
    "tbl",
)
COUNTS = frame({"ageband": ["16-39", "40-64"], "n": [1204, 3]})


def tables(content, path=b"a.rds"):
    return [found for found in read(content, [path]) if isinstance(found, Table)]


def of_kind(kind, content):
    return [found for found in read(content, []) if isinstance(found, kind)]


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress],
    ids=["as it is", "gzip", "bzip2", "xz"],
)
def test_a_data_frame_is_a_table_and_its_values_are_written_as_r_prints_them(pack):
    [table] = tables(pack(rds(COHORT)))

    assert table.origin is Origin.DATASET
    assert table.header == ("patient_id", "weight", "sex", "seen", "at", "died", "note")
    assert table.rows == [
        ("7301559", "61.5", "F", "2021-03-02", "2021-03-02 09:30:00", "TRUE", "é"),
        ("2290113", "", "", "2021-03-09", "2021-03-02", "", ""),
        ("9113407", "80", "M", "", "", "FALSE", "z"),
    ]


@pytest.mark.parametrize(
    ("value", "path", "rule"),
    [
        (COHORT, "output/a.rds", "PAT-01"),
        (COUNTS, "released_outputs/a.rds", "CNT-01"),
        (named(model=COHORT, call=["lm"]), "output/model.rds", "PAT-01"),
        (
            named(time=[1.0, 2.0, 3.0], **{"n.risk": [900, 40, 2], "n.event": [9, 3, 1]}),
            "released_outputs/km.rds",
            "CNT-01",
        ),
    ],
)
def test_patients_and_small_counts_are_found(value, path, rule):
    for content in (rds(value), workspace(first=[1, 2], second=value)):
        packed = gzip.compress(content)
        found = examine(packed, context_of(path), sketch_key=b"any", want_sketch=True)

        assert rule in {hit.rule for hit in found.hits}


R_WROTE = sorted(Path(str(rdata.TESTDATA_PATH), "generated").glob("**/*.rd[as]"))


@pytest.mark.skipif(not R_WROTE, reason="this version of rdata brings no files of R")
def test_every_file_that_r_wrote_is_read():
    for path in R_WROTE:
        documents = read(path.read_bytes(), [path.name.encode()])

        assert [found for found in documents if isinstance(found, Unreadable)] == [], path.name


@pytest.mark.parametrize("name", ["test_dataframe.rds", "test_dataframe.rda"])
def test_a_data_frame_that_r_wrote_is_a_table(name):
    [table] = tables((rdata.TESTDATA_PATH / name).read_bytes())

    assert table.header == ("class", "value")
    assert table.rows == [("a", "1"), ("b", "2"), ("b", "3")]


@pytest.mark.parametrize("form", ["xdr", "ascii"])
@pytest.mark.parametrize("compression", ["gzip", "bzip2", "xz"])
def test_what_another_writer_wrote_is_read(form, compression, tmp_path):
    words = pd.array(["é", None], dtype="string[python]")
    written = pd.DataFrame({"n": [3, 1204], "x": [0.5, float("nan")], "words": words})
    path = tmp_path / "a.rds"
    rdata.write_rds(path, written, compression=compression, file_format=form)

    [table] = tables(path.read_bytes())

    assert table.rows == [("3", "0.5", "é"), ("1204", "", "")]


def test_the_rows_that_a_model_was_fitted_to_are_found_and_its_statistics_named():
    fitted = named(
        coefficients=R([0.5, 1.5], {"names": ["(Intercept)", "age"]}),
        residuals=R([0.1, -0.1, 0.0], {"names": ["1", "2", "3"]}),
        terms=R(Listed([]), {".Environment": Environment({"hidden": COHORT, "self": Symbol("x")})}),
        model=COUNTS,
    )
    content = rds(R(fitted.value, {**fitted.attributes, "class": ["lm"]}))

    headers = [table.header for table in tables(content)]
    assert ("", "coefficients") in headers
    assert ("", "residuals") in headers
    assert ("ageband", "n") in headers
    assert COHORT.attributes["names"][0] in [header[0] for header in headers]
    traits = {found.trait for found in of_kind(Embedded, content)}
    assert {Trait.STATISTICS, Trait.OBJECTS} <= traits


def test_the_data_of_a_figure_are_found():
    content = rds(R(named(data=COUNTS).value, {"names": ["data"], "class": ["gg", "ggplot"]}))

    assert [table.header for table in tables(content)] == [("ageband", "n")]
    assert Trait.PLOTTED_DATA in {found.trait for found in of_kind(Embedded, content)}


def test_a_table_of_counts_has_a_row_for_each_count():
    names = R(Listed([["F", "M"], ["no", "yes"]]), {"names": ["sex", "died"]})
    counted = R([120, 130, 3, 40], {"dim": [2, 2], "dimnames": names, "class": ["table"]})

    [table] = tables(rds(counted))

    assert table.header == ("sex", "died", "Freq")
    assert table.rows == [
        ("F", "no", "120"), ("M", "no", "130"), ("F", "yes", "3"), ("M", "yes", "40"),
    ]  # fmt: skip


def test_a_matrix_is_a_table_with_the_names_of_its_rows():
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    names = Listed([["a", "b"], ["x", "y", "z"]])

    [plain] = tables(rds(R(values, {"dim": [2, 3]})))
    [labelled] = tables(rds(R(values, {"dim": [2, 3], "dimnames": names})))

    assert plain.rows == [("1", "3", "5"), ("2", "4", "6")]
    assert labelled.header == ("", "x", "y", "z")
    assert labelled.rows == [("a", "1", "3", "5"), ("b", "2", "4", "6")]


def test_long_vectors_of_strings_are_those_that_were_written():
    words = [None if n % 7 == 3 else f"word {n % 50}" for n in range(4_000)]
    shown = [word or "" for word in words]

    [long] = tables(rds(frame({"a": words, "b": [*reversed(words)]})))
    [wide] = tables(rds(R(words, {"dim": [2_000, 2]})))

    assert list(long.rows) == list(zip(shown, reversed(shown), strict=True))
    assert list(wide.rows) == list(zip(shown[:2_000], shown[2_000:], strict=True))


@pytest.mark.parametrize(
    "piece", [slice(0), slice(3), slice(2, 90, 7), slice(-3, None), slice(None)]
)
def test_of_a_long_vector_as_many_strings_are_made_as_are_asked_for(piece):
    made = []

    def decode(at, length):
        made.append(length)
        return list(map(str, range(at, at + length))), at + length

    words, whole = Later(100, 0, decode), list(map(str, range(100)))

    assert (words[5], words[piece], words[-1]) == ("5", whole[piece], "99")
    assert list(words) == whole
    assert sum(made) == 100
    assert made[0] == 6


def test_names_of_rows_and_single_values_are_read():
    [with_names] = tables(rds(frame({"n": [1204, 3]}, rows=["A", "B"])))
    [record] = tables(rds(named(n=3, mean=1.5, title=f"of {CANARY}")))

    assert (with_names.header, with_names.rows) == (("", "n"), [("A", "1204"), ("B", "3")])
    assert record.header == ("n", "mean", "title")
    assert record.rows == [("3", "1.5", f"of {CANARY}")]


def test_labels_are_hidden_text():
    labelled = frame({"x": R([1.0, 2.0], {"label": ["Weight of 3 people"], "class": ["labelled"]})})

    [text] = of_kind(Text, rds(labelled))

    assert (text.kind, text.text) == (TextKind.HIDDEN, "Weight of 3 people")
    assert Trait.ATTACHED_LABELS in {found.trait for found in of_kind(Embedded, rds(labelled))}


@pytest.mark.parametrize(
    ("value", "cells"),
    [
        (Folded("compact_intseq", [3.0, 7.0, 1.0]), ["7", "8", "9"]),
        (Folded("compact_realseq", [3.0, 9.0, -1.0]), ["9", "8", "7"]),
        (Folded("wrap_real", Listed([[1.5, 2.5], [0, 0]])), ["1.5", "2.5"]),
        (Folded("arrow::array_int_vector", [3, 4]), ["3", "4"]),
    ],
)
def test_what_r_keeps_folded_is_unfolded(value, cells):
    [table] = tables(rds(value))

    assert [row[0] for row in table.rows] == cells


def test_what_is_folded_in_an_unknown_way_is_said_to_be_unread_and_the_rest_is_read():
    documents = read(rds(Listed([Folded("odd", Symbol("x")), COUNTS])), [])

    assert Unreadable("R data: 1 objects are packed in an unknown way") in documents
    assert any(isinstance(found, Table) for found in documents)


def test_a_sequence_of_a_billion_numbers_is_not_unfolded():
    documents = read(rds(Folded("compact_intseq", [1e9, 1.0, 1.0])), [])

    [table] = [found for found in documents if isinstance(found, Table)]
    assert len(table.rows) == 30_000
    assert any("only the first rows" in getattr(found, "reason", "") for found in documents)


def test_a_large_table_keeps_no_small_one_from_being_read():
    large = Folded("compact_intseq", [2e6, 1.0, 1.0])

    found = tables(workspace(large=large, n=COUNTS))

    assert [len(table.rows) for table in found] == [30_000, 2]


HOSTILE = {
    "lists within lists": b"X\n" + struct.pack(">3i", 2, 0, 0) + struct.pack(">2i", 19, 1) * 5000,
    "a vector larger than its file": b"X\n" + struct.pack(">5i", 2, 0, 0, 14, 2**31 - 1),
    "a negative length": b"X\n" + struct.pack(">5i", 2, 0, 0, 16, -7),
    "a reference to nothing": b"X\n" + struct.pack(">4i", 2, 0, 0, 255 | 9 << 8),
    "an unknown kind": b"X\n" + struct.pack(">4i", 2, 0, 0, 200),
    "an unknown version": b"X\n" + struct.pack(">4i", 9, 0, 0, 254),
    "numbers that are none": b"A\n2\n0\n0\n14\n2\nx\ny\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_unread(content):
    assert of_kind(Unreadable, gzip.compress(content) if content[:1] == b"A" else content)


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_file_cut_off_is_unread(cut):
    assert of_kind(Unreadable, rds(COHORT)[:-cut])


def test_a_pairlist_of_any_length_is_followed():
    many = {f"x{number}": [number, number] for number in range(900)}

    assert len(tables(workspace(**many))) == 900


def test_numbers_of_both_byte_orders_are_read():
    out = io.BytesIO()
    out.write(b"B\n" + struct.pack("<3i", 2, 0, 0) + struct.pack("<2i2d", 14, 2, 1.5, 2.5))

    [table] = tables(out.getvalue())

    assert table.rows == [("1.5",), ("2.5",)]
