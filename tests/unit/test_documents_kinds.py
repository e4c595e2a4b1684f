"""What a file is, by its bytes before its name."""

import gzip

import pytest

from breachkit.documents.kinds import (
    HEAD,
    Reading,
    is_codelist_path,
    is_dummy_path,
    is_output_path,
    kind_of,
)
from breachkit.documents.readers import read
from breachkit.documents.table import Table, Text, Unreadable


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n....", "PNG image"),
        (b"\xff\xd8\xff\xe0", "JPEG image"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....", "zip or office file"),
        (b"ARROW1\0\0", "Arrow table"),
        (b"FEA1", "Feather table"),
        (b"PAR1", "Parquet table"),
        (b"<stata_dta><header>", "Stata data"),
        (b"\x73\x02\x01\x00rest", "Stata data"),
        (b"RDX3\nX\n", "R data"),
        (b"SQLite format 3\0", "SQLite database"),
        (b"\x80\x04\x95\x10\0\0\0", "Python data"),
        (b"$FL2@(#) SPSS", "SPSS data"),
        (b"\0" * 257 + b"ustar", "tar archive"),
        (b"BZh91AY", "bzip2"),
        (b"bplist00\xd1", "property list"),
        (b"\0\0\0\1Bud1\0\0", "folder's notes of macOS"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"<?xml version='1.0'?>\n<!-- made -->\n<svg xmlns=''>", "SVG figure"),
        (b'{\n "cells": []', "notebook"),
    ],
)
def test_bytes_win_over_a_name_that_promises_a_table(head, name):
    assert kind_of(head, [b"released_outputs/table.csv"]).name == name
    assert kind_of(head, []).name == name

    documents = read(head, [b"released_outputs/table.csv"])
    assert not any(isinstance(document, Table) for document in documents)


def test_a_git_lfs_pointer_is_not_the_table_that_it_points_at():
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"

    [document] = read(pointer, [b"data.csv"])

    assert isinstance(document, Unreadable)
    assert "LFS" in document.reason


@pytest.mark.parametrize(
    "path",
    [b"analysis/model.R", b"a.py", b"a.do", b"README.md", b"project.yaml", b"Dockerfile", b".gitignore",
     b"package.json", b"codelists/codelists.json", b".vscode/x.json", b"lib/x.ado", b"LICENSE"],
)  # fmt: skip
def test_programs_and_prose_are_read_as_text(path):
    assert read(b"n <- 3 # count\n", [path]) == (Text("n <- 3 # count\n"),)


def test_something_binary_under_the_name_of_a_program_is_not_called_read():
    [document] = read(b"\x01\x02\0\x03\0\0" * 40, [b"analysis/model.R"])

    assert isinstance(document, Unreadable)


@pytest.mark.parametrize(
    "path",
    [b"a.ster", b"b.gph", b"x.rds", b"x.sas7bdat", b"x.h5", b"x.7z"],
)
def test_what_may_carry_results_and_is_not_what_its_name_says_is_said_to_be_unread(path):
    [document] = read(b"anything at all", [path])

    assert isinstance(document, Unreadable)


@pytest.mark.parametrize(
    ("head", "path", "name"),
    [
        (b"\x7fELF\2\1\1\0", b"lib/x.so", "compiled program"),
        (b"MZ\x90\0\3", b"tool.exe", "compiled program"),
        (b"\0\1\0\0\0\x0b", b"font.ttf", "font"),
        (b"wOF2\0\1\0\0", b"font.woff2", "font"),
        (b"\0\0\1\0\1\0", b"favicon.ico", "icon"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", b"a.webp", "WebP image"),
        (b"\0\0\0\x18ftypmp42", b"talk.mp4", "film, sound or picture"),
    ],
)
def test_what_is_not_examined_is_called_what_it_is(head, path, name):
    [gap] = read(head, [path])

    assert gap == Unreadable(f"no reader for {name} yet")


def test_text_that_is_called_as_data_of_r_are_is_read_for_tau_argus_calls_its_own_so():
    words = b'<SEPARATOR> ","\nregion 12 X\n  <RECODEABLE>\n'

    [found] = read(words, [b"tables/hierarchy.rda"])

    assert isinstance(found, Text)
    assert kind_of(b"anything\0at all", [b"a.rda"]).name == "R data"


def test_where_paths_disagree_the_one_that_promises_a_table_wins():
    [document] = read(b"ageband,n\n16-39,1204\n", [b"notes.md", b"table.csv"])

    assert isinstance(document, Table)


def test_json_without_a_name_is_not_taken_for_prose():
    assert kind_of(b'{"n": 3, "group": "A"}', []).name == "JSON"


def test_an_empty_file_holds_nothing():
    assert read(b"", [b"table.csv"]) == ()
    assert kind_of(b"", []).reading is Reading.NOTHING


def test_compressed_content_is_judged_by_what_is_inside():
    [table] = read(gzip.compress(b"ageband,n\n16-39,1204\n"), [b"out/t.csv.gz"])
    [nested] = read(gzip.compress(gzip.compress(b"n\n3\n")), [b"t.csv.gz.gz"])
    [data] = read(gzip.compress(b"RDX3\nX\n"), [b"model.rds"])

    assert isinstance(table, Table)
    assert table.part == "t.csv"
    assert isinstance(nested, Table)
    assert isinstance(data, Unreadable)
    assert data.part == "model.rds"


def test_the_head_is_long_enough_for_every_magic_number():
    assert 257 + len(b"ustar") < HEAD


@pytest.mark.parametrize(
    "path",
    [b"released_outputs/t.csv", b"released_output/a/t.csv", b"released-outputs/t.csv", b"output/t.csv",
     b"released_analysis_results/t.csv", b"redacted_outputs/t.csv", b"analysis/output/t.csv",
     b"release-candidates/t.csv", b"Released_Outputs/t.csv", b"post_check/t.csv"],
)  # fmt: skip
def test_paths_of_outputs_are_known(path):
    assert is_output_path(path)


@pytest.mark.parametrize(
    "path",
    [b"analysis/t.csv", b"output.csv", b"docs/released.md", b"throughput/t.csv", b"\xff/t.csv"],
)
def test_other_paths_are_not_taken_for_outputs(path):
    assert not is_output_path(path)


def test_paths_of_codelists_and_of_invented_data_are_known():
    assert is_codelist_path(b"codelists/opensafely-asthma.csv")
    assert is_codelist_path(b"local_codelists/x.csv")
    assert not is_codelist_path(b"released_outputs/code.csv")
    assert is_dummy_path(b"analysis/dummy_data/x.csv")
    assert is_dummy_path(b"DummyData.csv")
    assert is_dummy_path(b"tests/fixtures/x.csv")
    assert not is_dummy_path(b"released_outputs/latest/testosterone.csv")
    assert not is_dummy_path(b"released_outputs/covid-tests-by-week.csv")
