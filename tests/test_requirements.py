"""Every requirement of a response, and every trap, has a test that holds breachkit to it, or a reason."""

import functools
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import claims
from tests.support.incident_traps import INCIDENT_TRAPS
from tests.support.requirements import REQUIREMENTS


NUMBERS_OF_TRAPS = [
    *range(1, 17), *range(20, 28), *range(30, 48), *range(50, 65), *range(70, 85), *range(90, 103),
    *range(110, 115),
]  # fmt: skip

NOT_YET = {"inc": {8}, "trap": set()}
"""What nothing holds breachkit to yet."""

REQUIREMENT = re.compile(r"(?<![a-z])inc_?(\d{3})(?=_)")
TRAP = re.compile(r"(?<![a-z])(?:incident_trap|inc_t(?=\d))_?(\d+(?:_\d+)*)(?=_)")


def requirements_in(name):
    """Give the requirements that the name of a test carries."""
    return frozenset(map(int, REQUIREMENT.findall(name)))


def traps_in(name):
    """Give the traps of incidents that the name of a test carries; other lists have numbers of their own."""
    return frozenset(int(each) for found in TRAP.findall(name) for each in found.split("_"))


@functools.cache
def named():
    """Give every test whose name carries a number, by that number."""
    found: dict[str, Any] = {"inc": {}, "trap": {}}
    for path in sorted(claims.TESTS.rglob("test_*.py")):
        file = path.relative_to(claims.TESTS).as_posix()
        for name in claims.functions(file):
            for number in requirements_in(name):
                found["inc"].setdefault(number, set()).add(f"{file}::{name}")
            for number in traps_in(name):
                found["trap"].setdefault(number, set()).add(f"{file}::{name}")
    return found


ENTRIES = [
    *(("inc", number, REQUIREMENTS) for number in REQUIREMENTS),
    *(("trap", number, INCIDENT_TRAPS) for number in INCIDENT_TRAPS),
]
IDS = [f"{'INC-' if kind == 'inc' else 'T'}{number:03}" for kind, number, _ in ENTRIES]


def test_every_number_is_in_the_tables():
    assert list(REQUIREMENTS) == list(range(1, 109))
    assert list(INCIDENT_TRAPS) == NUMBERS_OF_TRAPS


@pytest.mark.parametrize(("kind", "number", "table"), ENTRIES, ids=IDS)
def test_a_test_holds_breachkit_to_it_or_it_is_said_why_none_can(kind, number, table):
    entry = table[number]
    is_held = entry.tests or named()[kind].get(number) or entry.lacking

    assert is_held or number in NOT_YET[kind], entry.claim


@pytest.mark.parametrize(("kind", "number", "table"), ENTRIES, ids=IDS)
def test_whatever_is_listed_is_there(kind, number, table):
    for each in table[number].tests:
        file, _, name = each.partition("::")
        assert Path(claims.TESTS / file).is_file(), each
        assert name in claims.functions(file), each
        carried = requirements_in(name) if kind == "inc" else traps_in(name)
        assert not carried or number in carried, each


def test_no_name_carries_a_number_that_there_is_not():
    assert set(named()["inc"]) <= set(REQUIREMENTS)
    assert set(named()["trap"]) <= set(INCIDENT_TRAPS)


def test_numbers_in_names_are_read_as_they_stand():
    assert requirements_in("test_inc_038_inc_039_incident_trap_73_cut") == {38, 39}
    assert requirements_in("test_inc058_every_place") == {58}
    assert traps_in("test_inc_038_incident_trap_73_74_cut") == {73, 74}
    assert traps_in("test_inc_t110_more_than_1000_ids") == {110}
    assert requirements_in("test_inc_t110_more_than_1000_ids") == set()
    assert requirements_in("test_since_2020_a_day") == set()
    assert traps_in("test_trap_12_of_a_rewrite") == set()
    assert traps_in("test_t12_of_github") == set()
