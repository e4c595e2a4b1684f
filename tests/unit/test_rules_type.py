import dataclasses
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.detect.engine import examine
from breachkit.detect.rules.type_01 import FileType
from breachkit.detect.rules.type_03 import FileSize
from breachkit.detect.rules.type_04 import TableRows
from breachkit.detect.rules.type_05 import Unexaminable, why_unexaminable
from breachkit.documents.table import Table
from breachkit.model.findings import Severity
from tests.support.judging import context_of


ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00"
SOME = b"something"


def severities(rule, content, *paths, **about):
    return [hit.severity for hit in rule.check_file(content, context_of(*paths, **about))]


def judged_type(content, *paths, **about):
    return severities(FileType(), content, *paths, **about)


@pytest.mark.parametrize(
    "name",
    [
        "model.dta",
        "model.RDS",
        "x.RData",
        "x.feather",
        "x.arrow",
        "x.parquet",
        "x.pkl",
        "x.xlsx",
        "x.sqlite",
        "x.dbf",
        "x.zip",
    ],
)
def test_a_container_of_rows_among_released_files_is_medium_on_any_day(name):
    for day in (date(2020, 6, 1), date(2021, 3, 1), date(2025, 1, 1)):
        assert judged_type(SOME, f"released_outputs/{name}", day=day) == [Severity.MEDIUM]


def test_the_same_container_in_a_folder_that_a_study_fills_itself_is_low():
    assert judged_type(SOME, "output/model.rds") == [Severity.LOW]
    assert judged_type(SOME, "released_outputs/dummy/model.rds") == [Severity.LOW]


@pytest.mark.parametrize(
    "magic",
    [
        b"PAR1",
        b"ARROW1",
        b"FEA1",
        b"SQLite format 3\0",
        b"<stata_dta>",
        b"\x80\x04\x95rest",
        b"RDX3\n",
    ],
)
def test_a_container_is_known_by_its_first_bytes_under_any_name(magic):
    assert judged_type(magic + b"\0" * 40, "released_outputs/innocent.csv") == [Severity.MEDIUM]


@pytest.mark.parametrize(
    ("name", "allowed", "not_allowed"),
    [
        ("a.pdf", date(2022, 4, 6), date(2022, 4, 7)),
        ("a.docx", date(2022, 4, 6), date(2022, 4, 7)),
        ("a.gph", date(2021, 1, 1), date(2025, 1, 1)),
        ("a.ster", date(2021, 1, 1), date(2025, 1, 1)),
        ("a.tsv", date(2024, 3, 13), date(2024, 3, 14)),
        ("a.pdf", date(2024, 7, 23), date(2024, 7, 24)),
        ("a.html", date(2026, 3, 18), date(2026, 3, 19)),
    ],
)
def test_a_document_is_low_from_the_day_its_type_left_the_list(name, allowed, not_allowed):
    assert judged_type(SOME, f"released_outputs/{name}", day=allowed) == []
    assert judged_type(SOME, f"released_outputs/{name}", day=not_allowed) == [Severity.LOW]


@pytest.mark.parametrize(
    "name", ["a.csv", "A.CSV", "a.svg", "a.png", "a.jpeg", "a.txt", "a.json", "README.md", "a.log"]
)
def test_types_on_the_list_are_no_finding(name):
    assert judged_type(SOME, f"released_outputs/{name}", day=date(2026, 5, 1)) == []


@pytest.mark.parametrize(
    "path",
    [
        "docs/protocol.pdf",
        "analysis/lookup.rds",
        "output/analysis.R",
        "output/.gitkeep",
        "released_outputs/Makefile",
        "codelists/codes.dta",
    ],
)
def test_what_is_no_output_is_no_finding(path):
    assert judged_type(SOME, path, day=date(2025, 1, 1)) == []


def test_an_empty_file_is_of_no_type():
    assert judged_type(b"", "released_outputs/model.rds") == []


def test_one_path_among_several_is_enough():
    assert judged_type(SOME, "data/a.rds", "released_outputs/a.rds") == [Severity.MEDIUM]


def test_a_suffix_that_names_no_type_is_never_shown():
    [hit] = FileType().check_file(
        SOME, context_of("released_outputs/x.48213", day=date(2025, 1, 1))
    )

    assert "48213" not in repr(hit)


MEGABYTE = 2**20


@pytest.mark.parametrize(
    ("limit", "words"), [(2**24, "the 16 MB "), (500_000, "the 500,000 bytes ")]
)
def test_the_limit_of_size_is_named_as_it_is(limit, words):
    context = context_of("released_outputs/t.csv", size=2**25)
    policy = dataclasses.replace(context.policy, max_size_bytes=limit)

    [hit] = FileSize().check_file(SOME, dataclasses.replace(context, policy=policy))

    assert words in hit.message


def test_an_output_above_the_limit_of_its_date_is_found():
    def judged(path, size, day):
        return severities(FileSize(), SOME, path, size=size, day=day)

    after, before = date(2023, 9, 22), date(2023, 9, 21)
    assert judged("released_outputs/a.csv", 16 * MEGABYTE + 1, after) == [Severity.MEDIUM]
    assert judged("output/a.csv", 16 * MEGABYTE + 1, after) == [Severity.LOW]
    assert judged("released_outputs/a.csv", 16 * MEGABYTE, after) == []
    assert judged("released_outputs/a.csv", 16 * MEGABYTE + 1, before) == []
    assert judged("data/a.csv", 16 * MEGABYTE + 1, after) == []


def test_a_table_above_the_limit_of_its_date_is_found():
    def judged(path, rows, day=date(2024, 4, 30)):
        table = Table(("n",), [("10",)] * rows + [("",)] * 3)
        return [hit.severity for hit in TableRows().check_table(table, context_of(path, day=day))]

    assert judged("released_outputs/a.csv", 5001) == [Severity.MEDIUM]
    assert judged("output/a.csv", 5001) == [Severity.LOW]
    assert judged("released_outputs/a.csv", 5000) == []
    assert judged("released_outputs/a.csv", 5001, date(2024, 4, 29)) == []
    assert judged("data/lookup.csv", 5001) == []


POINTERS = [
    b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
    b"/annex/objects/SHA256E-s5--00.csv\n",
    b"../../.git/annex/objects/aa/bb/SHA256E-s5--00.csv",
    b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n",
    b"age-encryption.org/v1\n-> X25519 x\n",
    b"-----BEGIN AGE ENCRYPTED FILE-----\nYQ==\n",
    b"\0GITCRYPT\0\0\0\0\0",
    b"$ANSIBLE_VAULT;1.1;AES256\n3333\n",
    b"Salted__\0\1\2\3\4\5\6\7",
    b"PK\x03\x04\x14\0\1\0\x08\0rest",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900 + "EncryptedPackage".encode("utf-16-le"),
]


@pytest.mark.parametrize("content", POINTERS)
@pytest.mark.parametrize("path", ["released_outputs/a.csv", "a.txt", "data/thing"])
def test_content_that_is_elsewhere_or_locked_is_info_and_blocks_clean(content, path):
    examined = examine(content, context_of(path), sketch_key=b"k", want_sketch=False)

    assert [hit.severity for hit in examined.hits if hit.rule == "TYPE-05"] == [Severity.INFO]
    assert examined.unreadable


def test_a_dvc_pointer_is_named_and_blocks_clean():
    content = b"outs:\n- md5: 00\n  path: cohort.csv\n"

    examined = examine(content, context_of("cohort.csv.dvc"), sketch_key=b"k", want_sketch=False)

    assert why_unexaminable(content)
    assert examined.unreadable


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"region,n\nNorth,10\n",
        b"see https://git-lfs.github.com/spec/ for the format",
        b"PK\x03\x04\x14\0\0\0\x08\0rest",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 900,
        b"outs: none\n",
    ],
)
def test_ordinary_content_is_neither(content):
    assert why_unexaminable(content) is None


def test_a_pointer_is_named_in_words_and_not_by_what_it_points_at():
    [hit] = Unexaminable().check_file(POINTERS[0], context_of("a.csv"))

    assert "Git LFS" in hit.message
    assert "sha256" not in hit.message


@given(
    st.binary(max_size=300),
    st.sampled_from(["released_outputs/a.rds", "output/a", "x.csv", "é.gz"]),
)
@settings(max_examples=200)
def test_any_bytes_can_be_judged(content, path):
    for rule in (FileType(), FileSize(), Unexaminable()):
        assert len(list(rule.check_file(content, context_of(path, day=date(2025, 1, 1))))) <= 1
