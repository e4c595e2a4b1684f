"""Saved estimates and graphs of Stata: their numbers are tables, and their words are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.detect.engine import examine
from breachkit.documents.formats import stata_matrices
from breachkit.documents.reader import NotReadError
from breachkit.documents.readers import read
from breachkit.documents.table import Embedded, Origin, Table, Text, TextKind, Trait, Unreadable
from tests.support.fuzzing import CANARY
from tests.support.judging import context_of
from tests.support.stata_files import estimates, graph


ESTIMATES = estimates(
    {"N": 1204.0, "N_fail": 3.0, "ll": -10.5},
    {"cmd": "stcox", "title": f"of {CANARY}"},
    [[1.0, 2.0, 2.0**1023], [4.0, 5.0, 6.0]],
)
POINTS = [(1.0, 3, 7, 0.5, b"A"), (2.0**1023, 2147483621, 101, 2.0**127, b"B\0x")]
SERIES = {"_t": "double", "n_risk": "long", "__000001": "byte", "share": "float", "arm": "str4"}


def of_kind(kind, content, path=b"a"):
    return [found for found in read(content, [path]) if isinstance(found, kind)]


def test_scalars_and_matrices_of_estimates_are_tables():
    scalars, matrix = of_kind(Table, ESTIMATES)

    assert scalars.origin is Origin.RECORDS
    assert (scalars.header, scalars.rows) == (("N", "N_fail", "ll"), [("1204", "3", "-10.5")])
    assert matrix.header == ("c1", "c2", "c3")
    assert matrix.rows == [("1", "2", ""), ("4", "5", "6")]
    assert of_kind(Unreadable, ESTIMATES) == []


def test_words_of_estimates_are_hidden_text_and_their_statistics_are_named():
    [text] = of_kind(Text, ESTIMATES)
    [embedded] = of_kind(Embedded, ESTIMATES)

    assert text.kind is TextKind.HIDDEN
    assert f"of {CANARY}" in text.text
    assert "begin" not in text.text
    assert (embedded.trait, embedded.carrier) == (Trait.STATISTICS, "Stata graph or estimates")


def test_a_small_number_of_failures_in_estimates_is_found():
    context = context_of("released_outputs/model.ster")

    found = examine(ESTIMATES, context, sketch_key=b"any", want_sketch=True)

    assert "CNT-01" in {hit.rule for hit in found.hits}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_data_of_a_graph_are_a_table(order, end):
    content = graph(SERIES, POINTS, label=f"Adults {CANARY}", order=order, end=end)

    [table] = of_kind(Table, content)
    [text] = of_kind(Text, content)
    [embedded] = of_kind(Embedded, content)

    assert table.origin is Origin.RECORDS
    assert table.header == ("_t", "n_risk", f"Adults {CANARY}", "share", "arm")
    assert table.rows == [("1", "3", "7", "0.5", "A"), ("", "", "", "", "B")]
    assert (text.kind, embedded.trait) == (TextKind.FIGURE, Trait.PLOTTED_DATA)
    assert f"title: Adults {CANARY}" in text.text
    assert "sersetreadwrite" not in text.text
    assert of_kind(Unreadable, content) == []


def test_small_numbers_at_risk_behind_a_graph_are_found():
    content = graph({"_t": "double", "n_risk": "long"}, [(0.0, 900), (1.0, 40), (2.0, 3)])

    found = examine(
        content, context_of("released_outputs/km.gph"), sketch_key=b"any", want_sketch=True
    )

    assert "CNT-01" in {hit.rule for hit in found.hits}


@pytest.mark.parametrize("content", [ESTIMATES, graph(SERIES, POINTS)], ids=["ster", "gph"])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_file_cut_off_is_unread(content, share):
    assert of_kind(Unreadable, content[: int(len(content) * share)])


def test_what_is_neither_is_unread():
    assert of_kind(Unreadable, b"something else", b"model.ster")
    assert of_kind(Unreadable, ESTIMATES.replace(b"MAT\0\1R", b"MAT\0\1P"))


def test_a_matrix_larger_than_its_file_is_not_made():
    claimed = ESTIMATES.replace(b"MAT\0\1R\2", b"MAT\0\1R\2\0\0\0\0\0\x7f")

    assert of_kind(Unreadable, claimed)


def told(content):
    found: list[object] = []
    try:
        found += ((one.name, *one.words, *one.numbers) for one in stata_matrices.records(content))
    except NotReadError as stop:
        found.append(str(stop))
    return found


@given(
    words=st.lists(
        st.sampled_from(
            ["visible", "MOTOP\0", "xMOTOP\0\1\2OBJ\0", "TAM\0JBO\0POTOM\0MOTOP\0", ""]
        ),
        min_size=1,
        max_size=4,
    ),
    cut=st.integers(0, 80),
)
def test_records_that_were_met_before_are_read_as_they_are(words, cut):
    macros = {word: word[::-1] for word in words}
    content = estimates({"N": 364.0}, macros, [[1.5, 2.5], [3.5, 4.5]])
    content = content[: len(content) - cut]

    told(estimates({"N": 364.0}, {"cmd": words[0]}, [[1.5]]) + content)
    met_before = told(content)
    stata_matrices._known.clear()

    assert met_before == told(content)
