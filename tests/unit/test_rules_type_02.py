import gzip

import pytest

from breachkit.detect.rules.type_02 import Disguised
from breachkit.model.findings import Severity
from tests.support.judging import context_of


RULE = Disguised()
TABLE = b"region,n\nNorth,40\nSouth,50\nEast,60\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
PARQUET = b"PAR1\x15\x04\x15"
ZIP = b"PK\x03\x04\x14\0"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg">\n<text>a</text>\n</svg>\n'


def judged(content, *paths):
    found = list(RULE.check_file(content, context_of(*paths)))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PARQUET, "data.csv"),
        (ZIP, "data.csv"),
        (gzip.compress(TABLE, mtime=0), "table.txt"),
        (b"SQLite format 3\0rest", "figure.png"),
        (TABLE, "figure.png"),
        (TABLE.decode().encode("utf-16"), "figure.JPG"),
        (TABLE.replace(b",", b"\t"), "model.rds"),
        (TABLE, "tables.xls"),
        (TABLE, "table.csv.gz"),
    ],
)
def test_a_table_or_a_container_under_another_name_is_medium_among_outputs(content, name):
    among_outputs = judged(content, f"released_outputs/{name}")
    elsewhere = judged(content, f"analysis/{name}")

    assert among_outputs is not None
    assert elsewhere is not None
    assert (among_outputs.severity, elsewhere.severity) == (Severity.MEDIUM, Severity.LOW)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PNG, "table.csv"),
        (SVG, "figure.png"),
        (b"%PDF-1.7\n%", "table.txt"),
        (b"<html>\n<body>x</body>\n", "x.docx"),
    ],
)
def test_what_holds_no_rows_is_low_under_another_name(content, name):
    found = judged(content, f"released_outputs/{name}")

    assert found is not None
    assert found.severity is Severity.LOW


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TABLE, "table.csv"),
        (TABLE, "table.txt"),
        (PNG, "figure.jpg"),  # any viewer opens it
        (gzip.compress(TABLE, mtime=0), "table.csv.gz"),
        (gzip.compress(SVG, mtime=0), "figure.svgz"),
        (gzip.compress(b"RDX3\nX\n", mtime=0), "model.rds"),
        (b"BZh91AY", "model.RData"),
        (ZIP, "tables.xlsx"),
        (b"FEA1\0\0", "cohort.feather"),
        (b"ARROW1\0\0", "cohort.feather"),
        (b"<html>\n<table>\n</table>", "tables.xls"),
        (b"../figures/figure.png", "figure.png"),  # a symbolic link
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "figure.png"),
        (b"no table: words, and\nmore words\nand more, and, more\n", "figure.png"),
        (b"\xff\xfe\0garbage\nof, an\n old, camera\n", "figure.bmp"),
        (TABLE, "README"),
        (PARQUET, "data.unheard"),
        (b"", "figure.png"),
    ],
)
def test_a_name_that_agrees_or_promises_nothing_is_none(content, name):
    assert judged(content, f"released_outputs/{name}") is None


@pytest.mark.parametrize(
    "name",
    [
        "Cohort.CSV",
        "table.Csv",
        "log.TXT",
        "table.csv ",
        "table.csv.",
        "model.rds.txt",
        "places.dbf.txt",
    ],
)
def test_a_suffix_that_slips_past_gates_is_low_among_outputs_and_nothing_elsewhere(name):
    found = judged(TABLE, f"output/{name}")

    assert found is not None
    assert found.severity is Severity.LOW
    assert judged(TABLE, f"codelists/{name}") is None
    assert judged(TABLE, f"output/dummy/{name}") is None


@pytest.mark.parametrize(
    "name",
    [
        "table.csv",
        "v1.2.csv",
        "figure.PNG",
        "table.csv.csv",
        "model.rds.R",
        "a.b.c.txt",
        ".csv",
        "estimates_0.5.csv",
    ],
)
def test_a_plain_suffix_is_none(name):
    assert judged(b"some words\n", f"output/{name}") is None


def test_the_gravest_of_all_names_counts_and_each_reason_is_given_once():
    found = judged(PARQUET, "released_outputs/a.CSV", "released_outputs/b.CSV", "x/c.csv")

    assert found is not None
    assert found.severity is Severity.MEDIUM
    assert found.message.count("lower case") == 1
    assert found.message.count("Parquet") == 1


def test_no_reason_holds_the_name():
    found = judged(TABLE, "released_outputs/Zq7CanaryXw.rds.TXT")

    assert found is not None
    assert "Canary" not in found.message
