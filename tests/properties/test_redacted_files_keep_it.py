"""Files of random releases, redacted by the command: nobody works out what was taken out of them.

Whoever attacks them knows how each was laid out, and counts with a solver and a model of their own.
"""

import random

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

    def run(layout, seed, suffix, rounding):
        release = LAYOUTS[layout](random.Random(f"{layout}{seed}"))
        write, read = FORMATS[suffix]
        monkeypatch.chdir(tmp_path)
        files = {name: tmp_path / f"{name}{suffix}" for name in release.files}
        for name, path in files.items():
            path.write_bytes(write(release.lines(name)))
        before = {name: read(path.read_bytes()) for name, path in files.items()}
        how = () if rounding == "none" else ("--round", rounding)
        ran = breachkit("redact", *(path.name for path in files.values()), "--write", *how)
        assert ran.code in {0, 11, 12}, ran.all
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
