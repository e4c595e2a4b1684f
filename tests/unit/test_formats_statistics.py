"""Data of Stata, SAS and SPSS are tables, and their labels are hidden text."""

import functools
import struct

import pandas as pd
import pyreadstat
import pytest

from breachkit.detect.engine import examine
from breachkit.documents.formats.moments import Moments, moments_of, unix_day, unix_moment
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Origin, Table, Text, TextKind, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of
from tests.support.sas import sas7bdat


NAMES = ("pid", "sex", "weight", "seen")
PATIENTS = pd.DataFrame(
    {
        "pid": [7_301_559.0, 2_290_113.0, 9_113_407.0, 4_410_921.0] * 3,
        "sex": ["F", "M", "", "F"] * 3,
        "weight": [61.5, 80.0, float("nan"), 12.25] * 3,
        "seen": pd.to_datetime(["2021-03-02", "2021-03-09", "2021-03-17", "1931-12-23"] * 3),
    }
)
PATIENTS["pid"] += pd.Series(range(12))
COUNTS = pd.DataFrame({"ageband": ["16-39", "40-64", "65+"], "n": [1204.0, 3.0, float("nan")]})
LABELS = {
    "column_labels": {"sex": f"Sex {CANARY}"},
    "variable_value_labels": {"weight": {80.0: "heavy"}},
}


def written(write, tmp_path):
    path = tmp_path / "written"
    write(path)
    return path.read_bytes()


def as_sas(frame):
    columns = [
        list((column - pd.Timestamp("1960-01-01")).dt.days.astype(float))
        if str(column.dtype).startswith("datetime")
        else list(column)
        for _, column in frame.items()
    ]
    return sas7bdat(list(frame), list(zip(*columns, strict=True)))


WRITERS = {
    "sav": pyreadstat.write_sav,
    "sav, rows compressed": lambda frame, path: pyreadstat.write_sav(
        frame, path, row_compress=True
    ),
    "zsav": lambda frame, path: pyreadstat.write_sav(frame, path, compress=True),
    "por": pyreadstat.write_por,
    "xpt 5": lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=5),
    "xpt 8": lambda frame, path: pyreadstat.write_xport(frame, path, file_format_version=8),
    **{
        f"dta of Stata {version}": functools.partial(pyreadstat.write_dta, version=version)
        for version in (8, 10, 12, 13, 14, 15)
    },
    "dta 119 with long strings": lambda frame, path: frame.to_stata(
        path, version=119, write_index=False, convert_strl=[list(frame)[1 if "sex" in frame else 0]]
    ),
}
WAYS = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@WAYS
def test_a_data_set_is_a_table_whatever_wrote_it(write, tmp_path):
    documents = read(written(lambda path: write(PATIENTS, path), tmp_path), [])

    [table] = [found for found in documents if isinstance(found, Table)]
    assert table.origin is Origin.DATASET
    assert tuple(name.lower() for name in table.header) == NAMES
    assert list(map(tuple, table.rows))[:4] == [
        ("7301559", "F", "61.5", "2021-03-02"),
        ("2290114", "M", "80", "2021-03-09"),
        ("9113409", "", "", "2021-03-17"),
        ("4410924", "F", "12.25", "1931-12-23"),
    ]
    assert len(table.rows) == 12
    assert not [found for found in documents if isinstance(found, Unreadable)]


@WAYS
def test_patients_and_small_counts_are_found(write, tmp_path):
    for frame, path, rule in (
        (PATIENTS, "output/cohort", "PAT-01"),
        (COUNTS, "released_outputs/counts", "CNT-01"),
    ):
        content = written(lambda path, frame=frame: write(frame, path), tmp_path)
        found = examine(content, context_of(path), sketch_key=b"any", want_sketch=True)

        assert rule in {hit.rule for hit in found.hits}


def test_a_data_set_of_sas_is_a_table_and_patients_and_counts_are_found():
    [table, *_] = read(as_sas(PATIENTS), [])

    assert isinstance(table, Table)
    assert table.header == NAMES
    assert table.rows[1] == ("2290114", "M", "80", "22348")
    for frame, path, rule in (
        (PATIENTS, "output/cohort", "PAT-01"),
        (COUNTS, "released_outputs/counts", "CNT-01"),
    ):
        found = examine(as_sas(frame), context_of(path), sketch_key=b"any", want_sketch=True)
        assert rule in {hit.rule for hit in found.hits}


@pytest.mark.parametrize("write", [pyreadstat.write_sav, pyreadstat.write_dta])
def test_labels_are_hidden_text_and_counted(write, tmp_path):
    content = written(lambda path: write(PATIENTS, path, file_label="Cohort", **LABELS), tmp_path)

    documents = read(content, [])

    [embedded] = [found for found in documents if isinstance(found, Embedded)]
    [text] = [found for found in documents if isinstance(found, Text)]
    assert (embedded.trait, embedded.count) == (Trait.ATTACHED_LABELS, 2)
    assert text.kind is TextKind.HIDDEN
    for words in (f"sex: Sex {CANARY}", "80: heavy", "Cohort"):
        assert words in text.text


def test_notes_of_spss_are_hidden_text(tmp_path):
    content = written(
        lambda path: pyreadstat.write_sav(COUNTS, path, note="seen 3 times"), tmp_path
    )

    assert any(isinstance(found, Text) and "seen 3" in found.text for found in read(content, []))


@pytest.mark.parametrize("compress", [False, True])
def test_very_long_strings_of_spss_are_put_together(compress, tmp_path):
    long = "".join(f"{number}-" for number in range(400))
    frame = pd.DataFrame({"a": [1.0, 2.0], "long": [long, "short"], "b": ["é", "y"]})
    content = written(
        lambda path: pyreadstat.write_sav(frame, path, row_compress=compress), tmp_path
    )

    [table] = [found for found in read(content, []) if isinstance(found, Table)]
    assert table.header == ("a", "long", "b")
    assert table.rows == [("1", long, "é"), ("2", "short", "y")]


def test_every_data_set_of_a_transport_file_is_read(tmp_path):
    content = written(lambda path: pyreadstat.write_xport(COUNTS, path), tmp_path)
    start = content.index(b"HEADER RECORD*******MEMB")
    padded = content + b" " * (-len(content) % 80)

    tables = [found for found in read(padded + content[start:], []) if isinstance(found, Table)]

    assert [table.part for table in tables] == ["data set 1", "data set 2"]
    assert tables[0].rows == tables[1].rows


def test_a_long_string_that_many_rows_share_is_read_as_far_as_it_may_grow(tmp_path):
    frame = pd.DataFrame({"n": [3] * 1000, "words": ["x" * 100_000] * 1000})
    content = written(
        lambda path: frame.to_stata(path, version=118, convert_strl=["words"]), tmp_path
    )
    assert len(content) < 200_000

    documents = read(content, [])

    [table] = [found for found in documents if isinstance(found, Table)]
    assert 100 < len(table.rows) < 500
    assert any("only the first" in getattr(found, "reason", "") for found in documents)


def test_rows_that_a_file_claims_and_has_not_are_missed(tmp_path):
    content = bytearray(written(lambda path: pyreadstat.write_sav(COUNTS, path), tmp_path))
    content[80:84] = struct.pack("<i", 2_000_000_000)

    documents = read(bytes(content), [])

    assert [len(found.rows) for found in documents if isinstance(found, Table)] == [3]
    assert Unreadable("SPSS data: cut off before its end") in documents


@pytest.mark.parametrize("share", [0.2, 0.6, 0.87])
@WAYS
def test_a_file_cut_off_is_not_taken_for_whole(write, share, tmp_path):
    content = written(lambda path: write(PATIENTS, path), tmp_path)

    documents = read(content[: int(len(content) * share)], [b"a.dta"])

    whole = [found for found in documents if isinstance(found, Table) and len(found.rows) == 12]
    assert whole or any(isinstance(found, Unreadable) for found in documents)


def test_a_catalogue_of_labels_is_said_to_be_unread():
    catalogue = bytes(12) + b"\xc2\xea\x81\x63\xb3\x14\x11\xcf\xbd\x92\x08\x00" + bytes(400)

    [found] = read(catalogue, [b"formats.sas7bcat"])

    assert isinstance(found, Unreadable)


@pytest.mark.parametrize(
    ("package", "form", "value", "words"),
    [
        (Moments.STATA, "%td", 22_341, "2021-03-02"),
        (Moments.STATA, "%tdD_m_Y", -1, "1959-12-31"),
        (Moments.STATA, "%tc", 1_930_296_600_000, "2021-03-02 09:30:00"),
        (Moments.SAS, "DATE9.", 22_341, "2021-03-02"),
        (Moments.SAS, "DATETIME20.", 1_930_296_600, "2021-03-02 09:30:00"),
        (Moments.SPSS, "EDATE10", 13_834_022_400, "2021-03-02"),
        (Moments.SPSS, "DATE11", float("nan"), ""),
        (Moments.STATA, "%td", 1e300, str(1e300 * 86_400)),
    ],
)
def test_numbers_that_stand_for_dates_are_written_as_dates(package, form, value, words):
    write = moments_of(package, form)

    assert write is not None
    assert write(value) == words


def test_other_numbers_are_not_taken_for_dates():
    assert moments_of(Moments.STATA, "%9.0g") is None
    assert moments_of(Moments.SAS, "BEST12.") is None
    assert moments_of(Moments.SPSS, "F8.2") is None
    assert (unix_day(18_688), unix_moment(1_614_677_400)) == ("2021-03-02", "2021-03-02 09:30:00")
