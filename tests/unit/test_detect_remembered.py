"""Small tables in which nothing was found are not judged twice; whatever could be found still is."""

import dataclasses
from datetime import UTC, datetime

import pytest

from breachkit.detect import remembered
from breachkit.detect.engine import Examination, examine
from breachkit.detect.remembered import Clean, Sketches, digest, digest_of_text
from breachkit.detect.rule import FileContext
from breachkit.documents.table import Origin, Table, Text, TextKind
from breachkit.sdc.sketching import sketch
from tests.support.judging import context_of


TABLE = Table(("area", "n"), [("north", "40"), ("south", "60")])
CONTEXT = context_of("released_outputs/log.txt")
LOG = """. tab sex

        sex |      Freq.     Percent        Cum.
------------+-----------------------------------
          F |      1,204       99.50       99.50
          M |          6        0.50      100.00
------------+-----------------------------------
      Total |      1,210      100.00
"""
PATIENTS = "patient_id,birth,died\n" + "".join(
    f"{100_000 + 7919 * row},19{40 + row}-0{1 + row % 9}-1{row % 9},2021-0{1 + row % 9}-0{2 + row % 7}\n"
    for row in range(12)
)


def look(text: str, context: FileContext) -> Examination:
    return examine(text.encode(), context, sketch_key=b"key", want_sketch=False)


def test_a_file_of_another_date_and_size_is_the_same_to_what_is_remembered():
    known = Clean()
    later = dataclasses.replace(CONTEXT, first_date=datetime(2022, 1, 1, tzinfo=UTC), size=7)

    assert known.scope(CONTEXT) == known.scope(later)


@pytest.mark.parametrize(
    "other",
    [
        context_of("analysis/log.txt"),
        context_of("released_outputs/other.txt"),
        context_of("released_outputs/log.txt", day=datetime(2024, 1, 1, tzinfo=UTC).date()),
        dataclasses.replace(CONTEXT, is_output=not CONTEXT.is_output),
    ],
)
def test_another_path_or_policy_is_judged_anew(other):
    known = Clean()

    assert known.scope(CONTEXT) != known.scope(other)


@pytest.mark.parametrize(
    "change",
    [
        {"header": ("area", "m")},
        {"rows": [("north", "40"), ("south", "6")]},
        {"rows": [("north", "40", "south", "60")]},
        {"origin": Origin.PRINTED},
        {"hidden": True},
        {"more_rows": 3},
    ],
)
def test_a_table_that_differs_in_anything_a_rule_sees_is_judged_anew(change):
    known = digest(TABLE)

    assert known is not None
    assert digest(dataclasses.replace(TABLE, part="line 90")) == known
    assert digest(dataclasses.replace(TABLE, **change)) != known


@pytest.mark.parametrize(
    "large",
    [Table(("a",), [("1",)] * 401), Table(("a",), [("1",) * 401]), Table(("",) * 401, [()])],
)
def test_large_tables_are_not_remembered(large):
    assert digest(large) is None


def test_a_part_of_a_table_is_not_remembered():
    assert digest(dataclasses.replace(TABLE, above=0)) is None


def test_cells_that_lie_in_memory_once_or_twice_are_the_same_to_what_is_remembered():
    once = Table(("a", "b"), [("4", "4")])
    twice = Table(("a", "b"), [["4", "".join(["4"])]])

    assert digest(once) == digest(twice)


def test_cells_that_only_begin_elsewhere_are_not_the_same():
    assert digest(Table(("a", "b"), [("1", "23")])) != digest(Table(("a", "b"), [("12", "3")]))


@pytest.mark.parametrize(
    "change", [{"text": "# only 3 died"}, {"kind": TextKind.HIDDEN}, {"part": "name"}]
)
def test_a_text_that_differs_in_anything_a_rule_sees_is_judged_anew(change):
    text = Text("# only 2 died", "cell 1")

    assert digest_of_text(dataclasses.replace(text, part="cell 9")) == digest_of_text(text)
    assert digest_of_text(dataclasses.replace(text, **change)) != digest_of_text(text)


@pytest.mark.parametrize("text", [Text("x" * 4_001), Text("x", "message", TextKind.MESSAGE)])
def test_long_texts_and_messages_are_not_remembered(text):
    assert digest_of_text(text) is None


def test_a_cell_of_a_notebook_is_found_in_every_file_that_may_not_hold_it():
    paths = ("test_data/a.ipynb", "test_data/a.ipynb", "analysis/a.ipynb", "analysis/a.ipynb")
    content = """{"cells": [{"cell_type": "code", "source": "x = 1  # only 3 patients died"}]}"""

    assert [len(look(content, context_of(path)).hits) for path in paths] == [0, 0, 1, 1]


def test_what_is_remembered_of_a_file_is_not_known_of_another_even_after_too_many(monkeypatch):
    monkeypatch.setattr(remembered, "_MOST_REMEMBERED", 1)
    known, other = Clean(), context_of("released_outputs/other.txt")
    first, second = known.scope(CONTEXT), known.scope(other)
    known.add(b"table", first)
    known.add(b"another", second)

    assert known.holds(b"another", second)
    assert not known.holds(b"table", first)
    assert not known.holds(b"another", known.scope(CONTEXT))


def test_a_sketch_is_given_again_under_the_name_of_its_part_and_with_the_same_secret_only():
    known, made = Sketches(), sketch(dataclasses.replace(TABLE, part="line 1"), b"key")
    known.add(b"table", made, b"key")
    again = known.of(b"table", "line 9", b"key")

    assert again == dataclasses.replace(made, part="line 9")
    assert known.of(b"table", "line 1", b"another key") is None
    assert known.of(b"another table", "line 1", b"key") is None


def test_a_table_that_one_policy_allows_is_found_by_the_next():
    older, later = (
        context_of("notes/run.log", day=datetime(year, 12, 1, tzinfo=UTC).date())
        for year in (2021, 2023)
    )
    first, again, found = look(LOG, older), look(LOG, older), look(LOG, later)

    assert first == again
    assert not {hit.rule for hit in first.hits} & {"CNT-01", "LOG-02"}
    assert {hit.rule for hit in found.hits} & {"CNT-01", "LOG-02"}


def test_what_is_found_is_found_every_time_and_at_any_date():
    days = (datetime(year, 1, 1, tzinfo=UTC) for year in (2019, 2023, 2019))
    contexts = (dataclasses.replace(CONTEXT, first_date=day) for day in days)
    first, second, third = (look(PATIENTS, context).hits for context in contexts)

    assert first == third
    assert {hit.rule for hit in first} == {hit.rule for hit in second} != set()
