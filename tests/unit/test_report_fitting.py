"""What lines become where a terminal is narrower than they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.report.fitting import fitted, width


PASTED = "breachkit restrict --case BK-2026-0001 --execute --confirm example-org/study"


def test_what_fits_stays_as_it_is():
    assert fitted("a line\n  and one  under it\n", 20) == ["a line", "  and one  under it", ""]


def test_a_paragraph_is_broken_between_words():
    assert fitted("The push can go ahead, for nobody has changed the refs.", 32) == [
        "The push can go ahead, for",
        "nobody has changed the refs.",
    ]


@pytest.mark.parametrize(
    ("line", "second"),
    [
        ("  - stars and watchers are erased for good", "    for good"),
        ("  1. stars and watchers are erased for good", "     for good"),
        ("  stars and watchers are erased for good", "    for good"),
        ("      stars and watchers are erased for good", "      erased for good"),
        ("  A03  stars and watchers are erased for good", "       erased for good"),
    ],
)
def test_later_lines_stand_under_the_first_words_of_an_item(line, second):
    assert fitted(line, 34)[1] == second


def test_the_columns_of_a_row_keep_their_places():
    row = "N-001  written, not sent   alert   Incident Team of the organisation"

    assert fitted(row, 60) == [
        "N-001  written, not sent   alert   Incident Team of the",
        "                                   organisation",
    ]


@pytest.mark.parametrize("before", ["", "  ", "Next: ", "  also: ", "  $ ", "  | $ "])
def test_a_command_to_paste_is_never_broken(before):
    lines = fitted(before + PASTED, 40)

    assert lines[-1].endswith(PASTED)


def test_a_command_between_backticks_is_never_broken():
    lines = fitted("one of the two opens it: `age -d -i KEY BACKUP` and then asks", 34)

    assert [line for line in lines if "`age -d -i KEY BACKUP`" in line]


def test_what_is_said_behind_a_command_comes_under_it():
    lines = fitted('  breachkit notify chase N-002 --called "no answer"    and try again later', 60)

    assert lines[0] == '  breachkit notify chase N-002 --called "no answer"'
    assert lines[1].strip() == "and try again later"


def test_a_path_is_never_broken():
    path = "/srv/cases/BK-2026-0001-sandy-dunlin/private/backup.age"

    assert fitted(f"Encrypted backup: {path}", 40) == ["Encrypted backup:", path]
    assert fitted(f"E-001  backup   {path}", 40) == ["E-001  backup", path]


def test_a_path_that_has_room_further_left_stands_there_whole():
    path = "/srv/cases/BK-2026-0001-sandy-dunlin"

    assert fitted(f"home           of all cases    {path}", 40) == [
        "home           of all cases",
        f"    {path}",
    ]


def test_letters_that_take_two_columns_are_counted_as_two():
    assert width("\u60a3\u8005 e\u0301") == 6
    assert (
        fitted("\u60a3\u8005\u6570 " * 6, 30)[0] == "\u60a3\u8005\u6570 " * 3 + "\u60a3\u8005\u6570"
    )


@given(st.text("ab -`:\u60a3\n", max_size=200), st.integers(1, 60))
def test_no_word_is_lost_and_none_is_cut(text, columns):
    lines = fitted(text, columns)

    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert width(line) <= columns or len(line.split()) <= 1 or "`" in line


@given(st.text("ab -:\n", max_size=200), st.integers(1, 60))
def test_what_was_fitted_fits(text, columns):
    once = "\n".join(fitted(text, columns))

    assert [line for line in fitted(once, columns) if width(line) > columns] == [
        line for line in once.split("\n") if width(line) > columns
    ]
