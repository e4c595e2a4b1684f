"""Python's own files are followed and never run; the data in them are tables."""

import collections
import io
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest

from breachkit.detect.engine import examine
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Table, Text, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of


PATIENTS = pd.DataFrame(
    {
        "patient_id": [7_301_559, 2_290_113, 9_113_407],
        "weight": [61.5, float("nan"), 80.0],
        "seen": pd.to_datetime(["2021-03-02", "2021-03-09", None]),
        "sex": pd.Categorical(["F", None, "M"]),
        "name": pd.Series(["a", "b", None], dtype=object),
        "words": ["x", "y", "z"],
        "flag": [True, False, True],
        "visits": pd.array([3, None, 7], dtype="Int64"),
    }
)
COUNTS = pd.DataFrame({"n": [1204, 3]}, index=pd.Index(["16-39", "40-64"], name="ageband"))
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def tables(content, path=b"a.pkl"):
    return [found for found in read(content, [path]) if isinstance(found, Table)]


def reasons(content, path=b"a.pkl"):
    return [found.reason for found in read(content, [path]) if isinstance(found, Unreadable)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_data_frame_is_a_table_whatever_the_protocol(protocol):
    content = pickle.dumps(PATIENTS, protocol)

    [table] = tables(content)
    assert table.header == tuple(PATIENTS)
    assert table.rows == [
        ("7301559", "61.5", "2021-03-02", "F", "a", "x", "True", "3"),
        ("2290113", "", "2021-03-09", "", "b", "y", "False", ""),
        ("9113407", "80", "", "M", "", "z", "True", "7"),
    ]
    assert reasons(content) == []


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_an_index_is_a_column_too(protocol):
    [table] = tables(pickle.dumps(COUNTS, protocol))
    grouped = PATIENTS.set_index(["patient_id", "flag"])[["weight"]]
    [second] = tables(pickle.dumps(grouped, protocol))
    [series] = tables(pickle.dumps(COUNTS["n"], protocol))

    assert (table.header, table.rows) == (("ageband", "n"), [("16-39", "1204"), ("40-64", "3")])
    assert second.header == ("patient_id", "flag", "weight")
    assert second.rows[0] == ("7301559", "True", "61.5")
    assert series.rows == table.rows


@pytest.mark.parametrize(
    ("frame", "path", "rule"),
    [(PATIENTS, "output/a.pkl", "PAT-01"), (COUNTS, "released_outputs/a.pkl", "CNT-01")],
)
def test_patients_and_small_counts_are_found(frame, path, rule):
    found = examine(pickle.dumps(frame), context_of(path), sketch_key=b"any", want_sketch=True)

    assert rule in {hit.rule for hit in found.hits}


def test_plain_lists_and_dictionaries_are_tables():
    records = [{"patient_id": 7, "sex": "F"}, {"patient_id": 9}]
    columns = collections.OrderedDict(patient_id=[7, 9], sex=("F", None), n=3)

    [first] = tables(pickle.dumps(records))
    second, third = tables(pickle.dumps(columns))
    [fourth] = tables(pickle.dumps({"deep": [[1, 2], [3, 4]]}))

    assert first.header == second.header == ("patient_id", "sex")
    assert first.rows == second.rows == [("7", "F"), ("9", "")]
    assert (third.header, third.rows) == (("n",), [("3",)])
    assert fourth.rows == [("1", "2"), ("3", "4")]


def saved(array, **options):
    out = io.BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


ARRAYS = {
    "numbers": np.arange(6).reshape(2, 3),
    "by columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "of high bytes first": np.arange(6, dtype=">i2").reshape(2, 3),
    "strings": np.array([["0", "1", "2"], ["3", "4", "5"]]),
    "objects": np.array([[0, 1, 2], [3, 4, 5]], object),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_is_a_table_saved_or_pickled(array):
    for content in (saved(array), pickle.dumps(array, 2), pickle.dumps(array, 5)):
        [table] = tables(content, b"a")
        assert table.rows == [("0", "1", "2"), ("3", "4", "5")]


def test_records_of_an_array_have_named_columns():
    kind = [("patient_id", "i4"), ("sex", "S1"), ("seen", "M8[D]")]

    [table] = tables(saved(np.array([(7, b"F", "2021-03-02"), (9, b"M", "NaT")], kind)))

    assert table.header == ("patient_id", "sex", "seen")
    assert table.rows == [("7", "F", "2021-03-02"), ("9", "M", "")]


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3)], ids=str)
def test_what_joblib_wrote_is_read_with_its_arrays_between_the_steps(compress, tmp_path):
    path = tmp_path / "model.joblib"
    held = {"n": np.arange(6.0).reshape(2, 3), "cohort": PATIENTS, "words": "after"}
    joblib.dump(held, path, compress=compress)

    found = tables(path.read_bytes(), b"model.joblib")

    assert [table.rows for table in found if len(table.header) == 3] == [
        [("0", "1", "2"), ("3", "4", "5")]
    ]
    assert [table.header for table in found if len(table.header) == 8] == [tuple(PATIENTS)]


class Malicious:
    def __reduce__(self):
        return (pytest.fail, (f"{CANARY} was run",))


def test_nothing_is_run():
    documents = read(pickle.dumps([Malicious(), {"n": [3, 1204]}]), [])

    assert any(isinstance(found, Embedded) and found.trait is Trait.OBJECTS for found in documents)
    assert any(isinstance(found, Unreadable) for found in documents)
    assert any(isinstance(found, Text) and CANARY in found.text for found in documents)
    assert any(isinstance(found, Table) and found.header == ("n",) for found in documents)


def test_an_object_of_an_unknown_class_is_said_not_to_be_rebuilt():
    content = pickle.dumps(collections.Counter(a=3))

    assert reasons(content) == ["Python data: objects that were not rebuilt"]


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x04" + b"]" * 1_000_000 + b".",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f]\x94(h\0h\0e.",
        b"\x80\x02(((lll.",
        b"I" + b"1" * 100_000 + b"\n.",
    ],
    ids=["endless", "a string of exabytes", "a list within itself", "no end", "a long number"],
)
def test_a_hostile_pickle_is_unread_or_harmless(content):
    read(content, [b"a.pkl"])


def test_an_array_larger_than_its_file_is_not_made():
    content = saved(np.arange(6)).replace(b"(6,)", b"(9" + b"9" * 11 + b",)")

    assert reasons(content, b"a.npy") != []


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_pickle_cut_off_is_unread(share):
    content = pickle.dumps(PATIENTS)

    assert reasons(content[: int(len(content) * share)])


def test_more_loose_words_than_are_kept_are_said_to_be_unread():
    words = {number: {"said": f"word {number}"} for number in range(2_100)}

    assert reasons(pickle.dumps(words)) == ["Python data: objects that were not rebuilt"]
    assert not reasons(pickle.dumps({0: words[0], 1: words[1]}))
