"""What reads binary data and archives stands broken relatives of every file: an answer, and no content in it."""

import bz2
import gzip
import io
import lzma
import pickle
import plistlib
import sqlite3
import tarfile
import tempfile
import warnings
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import feather, ipc, parquet

from tests.support import metafiles
from tests.support.compiled import pyc, translations
from tests.support.fuzzing import CANARY, holds, mutations
from tests.support.r_files import Environment, Folded, factor, frame, named, rds
from tests.support.sas import sas7bdat
from tests.support.shape_files import (
    dbf,
    dbf_7,
    index,
    memos_of_foxpro,
    memos_of_iii,
    memos_of_iv,
    polygon,
    shapefile,
)
from tests.support.shortcuts import shortcut
from tests.support.stata_files import estimates, graph


FRAME = pd.DataFrame(
    {
        "pid": [7_301_559.0, 2_290_113.0, 9_113_407.0],
        CANARY[:8]: [CANARY, "F", "M"],
        "seen": pd.to_datetime(["2021-03-02", "2021-03-09", "2021-03-17"]),
    }
)


def to_buffer(write: Callable[[io.BytesIO], object]) -> bytes:
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def to_file(write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        write(path)
        return path.read_bytes()


def arrow_table() -> pa.Table:
    more = {
        "list": pa.array([[1], [], [2, 3]]),
        "word": pa.array([CANARY, "a", None]).dictionary_encode(),
    }
    table = pa.Table.from_pandas(FRAME)
    for name, column in more.items():
        table = table.append_column(name, column)
    return table.replace_schema_metadata({"note": CANARY})


def first_feather(out: io.BytesIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        feather.write_feather(FRAME, out, version=1)


def arrow_stream(out: io.BytesIO) -> None:
    table = arrow_table()
    with ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)


def database() -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(
            f"CREATE TABLE {CANARY} (patient_id, n); CREATE INDEX i ON {CANARY} (n);"
        )
        made.executemany(f"INSERT INTO {CANARY} VALUES (?, ?)", [(CANARY, n) for n in range(300)])
        made.commit()
        return made.serialize()


def archive() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name in (f"{CANARY}.csv", f"{CANARY * 20}.csv.gz"):
            content = gzip.compress(b"ageband,n\n16-39,3\n") if name.endswith("gz") else b"n\n3\n"
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return out.getvalue()


COHORT = frame({"patient_id": [7, 9], "sex": factor(["F", None], ["F", CANARY])})
PLACES = [(CANARY[:10], "C", 20), ("n", "N", 5), ("seen", "D", 8)]
EDGE = polygon((0, 0), (0, 1), (1, 1), (0, 0))
R_OBJECT = named(
    model=COHORT,
    numbers=Folded("compact_intseq", [3.0, 1.0, 1.0]),
    env=Environment({CANARY: COHORT}),
)
TABLE = b"ageband,n\n" + b"".join(b"%d-%d,%d\n" % (n, n + 5, n * 7) for n in range(200))

SAMPLES: dict[str, tuple[Callable[[], bytes], bytes]] = {
    "parquet": (lambda: to_buffer(lambda out: parquet.write_table(arrow_table(), out)), b"a.parquet"),
    "feather": (
        lambda: to_buffer(lambda out: feather.write_feather(arrow_table(), out, compression="zstd")),
        b"a.feather",
    ),
    "feather, first version": (lambda: to_buffer(first_feather), b"a.feather"),
    "arrow stream": (lambda: to_buffer(arrow_stream), b"a.arrow"),
    "sav": (lambda: to_file(lambda path: pyreadstat.write_sav(FRAME, path, note=CANARY)), b"a.sav"),
    "zsav": (lambda: to_file(lambda path: pyreadstat.write_sav(FRAME, path, compress=True)), b"a.sav"),
    "por": (lambda: to_file(lambda path: pyreadstat.write_por(FRAME, path)), b"a.por"),
    "dta": (lambda: to_file(lambda path: pyreadstat.write_dta(FRAME, path)), b"a.dta"),
    "dta of Stata 12": (
        lambda: to_file(lambda path: pyreadstat.write_dta(FRAME, path, version=12)),
        b"a.dta",
    ),
    "dta with long strings": (
        lambda: to_file(lambda path: FRAME.to_stata(path, version=118, convert_strl=[CANARY[:8]])),
        b"a.dta",
    ),
    "xpt": (lambda: to_file(lambda path: pyreadstat.write_xport(FRAME, path)), b"a.xpt"),
    "sas7bdat": (lambda: sas7bdat(["pid", CANARY], [(7.0, CANARY), (9.0, "F")]), b"a.sas7bdat"),
    "ster": (lambda: estimates({"N": 3.0}, {"title": CANARY}, [[1.0, 2.0]]), b"a.ster"),
    "gph": (lambda: graph({CANARY: "double", "n": "long"}, [(1.0, 3)], label=CANARY), b"a.gph"),
    "rds": (lambda: rds(R_OBJECT), b"a.rds"),
    "sqlite": (database, b"a.db"),
    "dbf": (lambda: dbf(PLACES, 9 * [(CANARY, 3, "20210302")], deleted=[1]), b"a.dbf"),
    "dbf of FoxPro": (
        lambda: dbf(
            [(CANARY[:10], "V", 20), ("b", "Q", 4), ("_NullFlags", "0", 1)],
            9 * [(CANARY.encode().ljust(19) + b"\x0b", b"\0\1 \2", b"\3")],
            level=0x32,
            behind_fields=bytes(263),
        ),
        b"a.dbf",
    ),
    "dbf of dBASE 7": (
        lambda: dbf_7(
            [(CANARY, "C", 20), ("n", "I", 4), ("x", "O", 8), ("t", "@", 8)],
            9 * [(CANARY, b"\x80\0\0\3", b"\xc0\x08" + bytes(6), b"\x42\xcc" + bytes(6))],
            about=bytes(14) + CANARY.encode(),
        ),
        b"a.dbf",
    ),
    "shortcut": (lambda: shortcut(items=TABLE, texts=(CANARY,)), b"a.lnk"),
    "memos of dBASE III": (lambda: memos_of_iii(CANARY.encode(), TABLE, behind=b"left"), b"a.dbt"),
    "memos of dBASE IV": (lambda: memos_of_iv(CANARY.encode(), TABLE, free=b"left"), b"a.dbt"),
    "memos of FoxPro": (
        lambda: memos_of_foxpro(CANARY.encode(), TABLE, bytes(range(256)), b"x" * 99),
        b"a.fpt",
    ),
    **{
        f"compiled by Python, {magic}": (
            partial(pyc, magic, CANARY, (3, 1204), CANARY.encode(), TABLE.decode(), bytes(300)),
            b"a.pyc",
        )
        for magic in (62_211, 3_379, 3_413, 3_571)
    },
    "translations": (lambda: translations({CANARY: TABLE.decode(), "n": CANARY}), b"a.mo"),
    "shapes": (lambda: shapefile(5, [EDGE, EDGE], behind=CANARY.encode()), b"a.shp"),
    "index of shapes": (lambda: index(5, [EDGE, EDGE]) + CANARY.encode(), b"a.shx"),
    "pickle": (lambda: pickle.dumps({"frame": FRAME, CANARY: [1, 2]}), b"a.pkl"),
    "npy": (lambda: to_buffer(lambda out: np.save(out, FRAME["pid"].to_numpy())), b"a.npy"),
    "property list": (
        lambda: plistlib.dumps({"rows": [CANARY, 3, TABLE], "day": [{}]}, fmt=plistlib.FMT_BINARY),
        b"a.plist",
    ),
    "folder's notes of macOS": (
        lambda: b"\0\0\0\1Bud1" + 9 * CANARY.encode("utf-16-be"),
        b".DS_Store",
    ),
    "enhanced metafile": (
        lambda: metafiles.emf(
            metafiles.save(),
            metafiles.transform(1, 0, 0, 1, 2, 3),
            *(metafiles.text(CANARY, 9, 30 * at, each=5) for at in range(9)),
            metafiles.texts((CANARY, 1, 2), ("Number at risk", 1, 300), ("3", 90, 300)),
            metafiles.small_text(CANARY, 1, 2, narrow=True),
            metafiles.restore(),
            metafiles.plus(metafiles.plus_text(CANARY, 1, 2), metafiles.plus_letters(CANARY, 3, 4)),
            metafiles.forms(TABLE, CANARY.encode()),
            said=CANARY,
        ),
        b"a.emf",
    ),
    "old metafile": (
        lambda: metafiles.wmf(
            *(metafiles.old_text(CANARY, 1, 30 * at, extended=at % 2 > 0) for at in range(9))
        ),
        b"a.wmf",
    ),
    "PostScript": (
        lambda: b"%%!PS\n%%%%Title: (%b)\n" % CANARY.encode()
        + b"".join(b"1 %d (%b \\(%d\\)) show\n" % (at, CANARY.encode(), at) for at in range(50)),
        b"a.eps",
    ),
    "tar": (archive, b"a.tar"),
    "gzip": (lambda: gzip.compress(TABLE), b"a.csv.gz"),
    "bzip2": (lambda: bz2.compress(TABLE), b"a.csv.bz2"),
    "xz": (lambda: lzma.compress(TABLE), b"a.csv.xz"),
    "zstd": (lambda: zstandard.compress(TABLE), b"a.csv.zst"),
}  # fmt: skip


@pytest.mark.parametrize(("write", "path"), SAMPLES.values(), ids=SAMPLES)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.large_base_example, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_broken_files_give_an_answer_and_tell_no_content(write, path, data):
    valid = _once(write)

    holds(data.draw(mutations(valid)), path)
    holds(data.draw(mutations(valid)))


@pytest.mark.parametrize(("write", "path"), SAMPLES.values(), ids=SAMPLES)
def test_valid_files_are_read_and_tell_no_content(write, path):
    assert holds(_once(write), path)
    assert holds(_once(write))


_written: dict[Callable[[], bytes], bytes] = {}


def _once(write: Callable[[], bytes]) -> bytes:
    if write not in _written:
        _written[write] = write()
    return _written[write]
