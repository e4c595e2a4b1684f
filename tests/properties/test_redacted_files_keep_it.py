"""Files of random releases, redacted by the command: nobody works out what was taken out of them.

Whoever attacks them knows how each was laid out, and counts with a solver and a model of their own.
"""

import io
import json
import random
import zipfile

import pytest

from tests.support.outsider import Outsider, Rounding
from tests.support.released_tables import FORMATS, LAYOUTS


ROUNDED = {"none": None, "5": Rounding(base=5), "midpoint6": Rounding(base=6, midpoint=True)}
SEEDS = range(2)
ALONE = ("two_way", "table_one", "breakdowns", "hierarchy")
TODAY = 7


@pytest.fixture
def attacked(breachkit, tmp_path, monkeypatch):
    """Redact the files of a release, and give what an outsider makes of them."""

    def run(layout, seed, suffix, rounding, allowed=(0, 11, 12)):
        release = LAYOUTS[layout](random.Random(f"{layout}{seed}"))
        write, read = FORMATS[suffix]
        monkeypatch.chdir(tmp_path)
        files = {name: tmp_path / f"{name}{suffix}" for name in release.files}
        for name, path in files.items():
            path.write_bytes(write(release.lines(name)))
        before = {name: read(path.read_bytes()) for name, path in files.items()}
        how = () if rounding == "none" else ("--round", rounding)
        ran = breachkit("redact", *(path.name for path in files.values()), "--write", *how)
        assert ran.code in allowed, ran.all
        after = {name: read(path.read_bytes()) for name, path in files.items()}
        return Outsider(release, before, after, TODAY, ROUNDED[rounding]).look()

    return run


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rounding", ROUNDED)
@pytest.mark.parametrize("layout", ALONE)
def test_no_small_count_of_a_file_is_worked_out_and_nothing_else_changes(
    attacked, layout, seed, rounding
):
    suffix = list(FORMATS)[(seed + len(layout) + len(rounding)) % len(FORMATS)]

    found = attacked(layout, seed, suffix, rounding)

    assert not found.disclosed
    assert not found.left
    assert not found.changed


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rounding", ["none", "5"])
def test_of_two_files_nobody_subtracts_one_from_the_other(attacked, seed, rounding):
    found = attacked("linked", seed, ".csv", rounding)

    assert not found.disclosed
    assert not found.told_apart
    assert not found.left
    assert not found.changed


def test_no_total_is_added_up_of_numbers_that_only_seem_to_be_its_parts(attacked):
    assert not attacked("breakdowns", 121, ".html", "5").changed


def test_that_no_numerator_is_above_its_denominator_tells_nothing(attacked):
    assert not attacked("breakdowns", 111, ".csv", "none").disclosed


@pytest.mark.parametrize("seed", [215, 292, 300, 605])
def test_totals_that_were_added_up_anew_do_not_speak_against_a_proof(attacked, seed):
    found = attacked("table_one", seed, ".csv", "5")

    assert not found.disclosed
    assert not found.left
    assert not found.changed


@pytest.mark.parametrize("seed", [0, 2, 3])
@pytest.mark.parametrize("rounding", ROUNDED)
def test_no_measure_is_given_back_by_another_that_is_its_total(attacked, seed, rounding):
    asks_for_rounding = 13
    suffix = list(FORMATS)[(seed + len(rounding)) % len(FORMATS)]

    found = attacked("measures", seed, suffix, rounding, (0, 12, asks_for_rounding))

    assert not found.disclosed
    assert not found.changed


def crossed(small, across, down, beside):
    """Give a table of which the totals stay the same while what is taken out of it does not."""
    inner = [[small, across, 400], [down, beside, 700], [300, 500, 600]]
    rows = [[*row, sum(row)] for row in inner]
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    names = ("London", "East", "Kent", "Total")
    body = [[name, *map(str, row)] for name, row in zip(names, rows, strict=True)]
    return [["region", "Aged 18-29", "Aged 30-39", "Aged 40-49", "Total"], *body]


def in_columns(lines):
    return "".join(", ".join(cell.rjust(9) for cell in line) + "\n" for line in lines).encode()


def padded_records(lines):
    head, *rest = lines
    padded = [[line[0], *(cell.rjust(6) for cell in line[1:])] for line in rest]
    return json.dumps([dict(zip(head, line, strict=True)) for line in padded]).encode()


WAYS = {
    **{suffix: write for suffix, (write, _) in FORMATS.items()},
    ".in_columns.csv": in_columns,
    ".padded.json": padded_records,
}


def _parts(content):
    """Give what a file says; of a workbook its sheet, since the others hold the time."""
    if not content.startswith(b"PK"):
        return content
    return zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("rounding", ["none", "5"])
@pytest.mark.parametrize("way", WAYS)
def test_files_that_differ_in_what_is_taken_out_only_are_the_same_afterwards(
    breachkit, tmp_path, way, rounding
):
    """Neither blanks nor types of cells tell how many digits a number had, or which were rounded."""
    how = () if rounding == "none" else ("--round", rounding)
    written = []
    for number, cells in enumerate(((3, 1000, 100, 98), (4, 999, 99, 99))):
        path = tmp_path / f"table{number}{way}"
        path.write_bytes(WAYS[way](crossed(*cells)))
        ran = breachkit("redact", path, "--write", *how)
        assert ran.out.startswith("REDACTED"), ran.all
        written.append(_parts(path.read_bytes()))

    assert b"[REDACTED]" in written[0]
    assert written[0] == written[1]
