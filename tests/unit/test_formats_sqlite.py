"""Databases of SQLite are read from memory, and nothing in them is run."""

import contextlib
import sqlite3

import pytest

from breachkit.detect.engine import examine
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table, Text, TextKind, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of


PATIENTS = """
    CREATE TABLE cohort (patient_id INTEGER PRIMARY KEY, sex TEXT, weight REAL, note BLOB);
    INSERT INTO cohort VALUES (2290113, 'M', 80.0, x'206e6f7465'), (4410921, NULL, 61.5, NULL),
        (7301559, ' F ', NULL, ''), (9113407, 'F', 12.25, 'x');
"""
COUNTS = "CREATE TABLE t (ageband, n); INSERT INTO t VALUES ('16-39', 1204), ('40-64', 3);"


def made(script, *more):
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(script)
        for statement in more:
            database.execute(statement)
        database.commit()
        return database.serialize()


def reasons(documents):
    return [found.reason for found in documents if isinstance(found, Unreadable)]


def test_the_tables_of_a_database_are_read():
    table, schema = read(made(PATIENTS), [])

    assert isinstance(table, Table)
    assert table.origin is Origin.DATASET
    assert table.header == ("patient_id", "sex", "weight", "note")
    assert table.rows == [
        ("2290113", "M", "80", "note"),
        ("4410921", "", "61.5", ""),
        ("7301559", "F", "", ""),
        ("9113407", "F", "12.25", "x"),
    ]
    assert isinstance(schema, Text)
    assert schema.kind is TextKind.HIDDEN


@pytest.mark.parametrize(
    ("script", "path", "rule"),
    [(PATIENTS, "output/a.db", "PAT-01"), (COUNTS, "released_outputs/a.sqlite", "CNT-01")],
)
def test_patients_and_small_counts_are_found(script, path, rule):
    found = examine(made(script), context_of(path), sketch_key=b"any", want_sketch=True)

    assert rule in {hit.rule for hit in found.hits}


def test_several_tables_are_told_apart_by_number_and_never_by_name():
    name = f'"odd "" {CANARY}"'
    documents = read(made(f"CREATE TABLE {name} (a); CREATE TABLE b (n); {COUNTS}"), [])

    assert [found.part for found in documents if isinstance(found, Table)] == [
        "table 1", "table 2", "table 3",
    ]  # fmt: skip


def test_views_and_triggers_are_not_run():
    endless = """
        CREATE VIEW v AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)
            SELECT * FROM c;
        CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO t VALUES (1, 2); END;
    """

    documents = read(made(COUNTS), [])
    with_view = read(made(COUNTS + endless), [])

    assert [found.rows for found in with_view if isinstance(found, Table)] == [
        found.rows for found in documents if isinstance(found, Table)
    ]
    assert reasons(with_view) == []


def test_virtual_tables_are_unread():
    documents = read(made("CREATE VIRTUAL TABLE f USING fts5(words);"), [])

    assert "SQLite database: 1 virtual tables were not read" in reasons(documents)


def test_a_schema_of_too_many_parts_is_said_to_be_read_in_part():
    views = "".join(f"CREATE VIEW v{number} AS SELECT 1;" for number in range(10_000))
    content = made(views, COUNTS.partition(";")[0])

    assert reasons(read(content, [])) == ["SQLite database: only 10000 parts of it were looked at"]


def test_deleted_rows_that_are_still_there_make_it_unread():
    content = made(
        COUNTS,
        *(f"INSERT INTO t VALUES ('{'x' * 900}', {number})" for number in range(40)),
        "PRAGMA secure_delete = OFF",
        "DELETE FROM t WHERE n < 40 AND length(ageband) > 100",
    )

    assert "SQLite database: pages of deleted rows were not read" in reasons(read(content, []))


def test_a_database_that_was_written_with_a_log_is_read():
    content = bytearray(made(COUNTS))
    content[18:20] = b"\2\2"

    assert any(isinstance(found, Table) for found in read(bytes(content), []))


def test_of_too_many_rows_the_first_are_read():
    names = ", ".join(f"c{number}" for number in range(200))
    numbers = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000)"
    values = ", ".join(["n"] * 200)
    content = made(f"CREATE TABLE t ({names});", f"INSERT INTO t {numbers} SELECT {values} FROM c")

    documents = read(content, [])

    [table] = [found for found in documents if isinstance(found, Table)]
    assert len(table.rows) == 150
    assert table.more_rows
    assert reasons(documents) == ["a large data set, of which only the first rows were read"]


def test_a_small_table_is_read_whole_beside_a_large_one():
    names = ", ".join(f"c{number}" for number in range(200))
    numbers = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000)"
    values = ", ".join(["n"] * 200)
    large = f"CREATE TABLE large ({names}); INSERT INTO large {numbers} SELECT {values} FROM c;"

    documents = read(made(large + COUNTS), [])

    assert [len(found.rows) for found in documents if isinstance(found, Table)] == [150, 2]


@pytest.mark.parametrize("size", [16, 99, 2000, 5000])
def test_a_database_cut_off_is_unread(size):
    assert reasons(read(made(PATIENTS + COUNTS)[:size], []))


def test_a_page_that_points_at_itself_ends_the_reading():
    content = bytearray(made(COUNTS, *(f"INSERT INTO t VALUES ('a', {n})" for n in range(900))))
    for at in range(8192, len(content) - 4, 4):
        if content[at : at + 4] == b"\0\0\0\3":
            content[at : at + 4] = b"\0\0\0\2"

    assert read(bytes(content), [])
