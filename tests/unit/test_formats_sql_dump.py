"""Tables that a text of SQL fills, as databases are written out."""

import contextlib
import sqlite3
import time

import pytest

from breachkit.documents.formats import sql_dump
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table, Text, Unreadable
from tests.support.command_line import run_process
from tests.support.gitrepo import History


ROWS = [("F", "500"), ("M", "3")]


def documents(text, path=b"output/dump.sql"):
    return read(text.encode(), [path])


def table(text, path=b"output/dump.sql"):
    (found,) = [each for each in documents(text, path) if isinstance(each, Table)]
    assert found.origin is Origin.DATASET
    return found


def cells(text):
    found = table(text)
    return [found.header, *map(tuple, found.rows)]


def reasons(text):
    return [each.reason for each in documents(text) if isinstance(each, Unreadable)]


@pytest.mark.parametrize(
    "text",
    [
        "COPY public.counts (sex, n) FROM stdin;\nF\t500\nM\t3\n\\.\n\nSELECT 1;\n",
        "INSERT INTO counts (sex, n) VALUES ('F', 500), ('M', 3);",
        'insert into "a"."counts" ("sex", "n")\nvalues\n  (\'F\', 500),\n  (\'M\', 3)\n;',
        (
            "INSERT [dbo].[counts] ([sex], [n]) VALUES (N'F', 500)\nGO\n"
            "INSERT [dbo].[counts] ([sex], [n]) VALUES (N'M', CAST(3 AS Decimal(18, 2)))\nGO\n"
        ),
        "INSERT IGNORE INTO `counts` (`sex`, `n`) VALUES ('F',500),('M',3);",
        "INSERT INTO #counts (sex, n) VALUES ('F', 500) -- first\n, -- then\n('M', 3)",
        "REPLACE INTO counts (sex, n) VALUES ('F', 500); REPLACE INTO counts (sex, n) VALUES ('M', 3);",
        (
            "CREATE TABLE IF NOT EXISTS `counts` (\n  `sex` varchar(1) NOT NULL DEFAULT 'F',\n"
            "  `n` int(11) DEFAULT NULL,\n  PRIMARY KEY (`sex`)\n) ENGINE=InnoDB;\n"
            "INSERT INTO `counts` VALUES ('F',500),('M',3);"
        ),
    ],
)
def test_every_way_of_writing_a_table_out_is_read(text):
    assert cells(text) == [("sex", "n"), *ROWS]


def test_what_sqlite_writes_out_is_read():
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE counts (sex TEXT, n INTEGER, CHECK (n > 0))")
        database.executemany("INSERT INTO counts VALUES (?, ?)", [("F", 500), ("it's (3), M", 3)])
        text = "\n".join(database.iterdump())

    assert cells(text) == [("sex", "n"), ("F", "500"), ("it's (3), M", "3")]


def test_strings_are_read_as_the_database_writes_them():
    mysql = r"INSERT INTO `t` (`a`, `b`) VALUES ('it\'s, (so)', '3'), ('C:\\', NULL);"
    others = r"INSERT INTO t (a, b) VALUES ('it''s, (so)', E'3'), ('C:\', NULL);"

    assert cells(mysql) == cells(others) == [("a", "b"), ("it's, (so)", "3"), ("C:\\", "")]


def test_values_that_a_function_makes_are_what_it_is_called_with():
    text = "INSERT INTO t (d, n) VALUES (TO_DATE('2020-03-01', 'YYYY-MM-DD'), CAST(N'3' AS int));"

    assert cells(text) == [("d", "n"), ("2020-03-01", "3")]


def test_nothing_in_rows_of_copy_is_taken_for_more_than_text():
    text = "COPY t (a, b) FROM stdin;\nit's (3\t\\N\ntwo\\nlines\t\\\\x\n\\.\n"

    assert cells(text) == [("a", "b"), ("it's (3", ""), ("two\nlines", "\\x")]


def test_the_words_around_it_are_still_read():
    text = "-- counts of 2021\nINSERT INTO t (a, n) VALUES ('x', 3);"
    (words,) = [each for each in documents(text) if isinstance(each, Text)]

    assert words.text == text


def test_tables_are_told_apart_and_joined_over_statements():
    text = "INSERT INTO a (n) VALUES (1);INSERT INTO b (n) VALUES (2);INSERT INTO a (n) VALUES (3);"
    found = [each for each in documents(text) if isinstance(each, Table)]

    assert [(each.part, [*map(tuple, each.rows)]) for each in found] == [
        ("table 1", [("1",), ("3",)]),
        ("table 2", [("2",)]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t (a, b) VALUES (?, ?);",
        "INSERT INTO t (a, b) SELECT a, b FROM c;",
        "please insert a row",
        "INSERT INTO t VALUES (",
        "INSERT INTO t VALUES ('",
    ],
)
def test_what_fills_nothing_is_no_table(text):
    assert not [each for each in documents(text) if isinstance(each, Table)]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t (a, n) VALUES ('x', 3), ('y', 4",
        "COPY t (a, n) FROM stdin;\nx\t3\ny\t4",
    ],
)
def test_a_list_that_breaks_off_is_read_as_far_as_it_goes_and_said(text):
    assert cells(text)[:2] == [("a", "n"), ("x", "3")]
    assert reasons(text) == ["a list of values in SQL that breaks off"]


def test_of_many_tables_it_is_said_which_were_not_read(monkeypatch):
    monkeypatch.setattr(sql_dump, "MOST_TABLES", 1)

    assert reasons("INSERT INTO a VALUES (1);INSERT INTO b VALUES (2);") == [
        "only the first 1 tables of SQL were read"
    ]


def test_of_a_large_table_the_first_rows_are_read_and_it_is_said():
    rows = ",\n".join(f"({number}, 'x{number}', 3)" for number in range(30_000))
    text = f"INSERT INTO t (a, b, c) VALUES {rows};"

    assert table(text).more_rows > 0
    assert reasons(text) == ["a large data set, of which only the first rows were read"]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t VALUES " * 20_000,
        "INSERT INTO t (a) VALUES (" + "(" * 100_000,
        "INSERT INTO t VALUES (" + "'a''" * 50_000,
        "INSERT INTO t VALUES (f(" + "a(b), " * 50_000,
        "CREATE TABLE t (" * 20_000 + "insert ",
        "INSERT INTO t VALUES (1)," * 20_000,
        'INSERT INTO "' * 50_000,
        "COPY t FROM stdin;\n" * 50_000,
        "INSERT INTO t VALUES (1, f(2),\n" * 20_000,
    ],
)
def test_hostile_sql_costs_little(text):
    begun = time.process_time()
    documents(text)

    assert time.process_time() - begun < 5


@pytest.mark.parametrize(("count", "code"), [("500", 0), ("3", 13)])
def test_a_small_count_in_a_dump_is_found(tmp_path, count, code):
    rows = f"0-17\t250\n18+\t{count}\n"
    dump = f"COPY t (age_group, patient_count) FROM stdin;\n{rows}\\.\n"
    history = History()
    history.commit({b"output/dump.sql": dump.encode()})
    history.build(tmp_path / "study")
    ran = run_process(["scan", tmp_path / "study"], {"HOME": str(tmp_path)})

    assert ran.code == code, ran.all
