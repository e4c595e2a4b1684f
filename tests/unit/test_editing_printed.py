"""Cells of print-outs, Markdown and pasted tables change, and what is around them stays."""

from textwrap import dedent

import pytest

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.opening import open_editable
from breachkit.sdc.marks import REDACTED


def lines(text: str) -> str:
    """Give a text as it stands in a file."""
    return dedent(text).lstrip("\n")


def changed(text: str, cell: str, words: str = REDACTED, path: bytes = b"x.log") -> str:
    """Give a file with other words in the one cell of its first table that reads so."""
    opened = open_editable(text.encode(), path)
    spots = [
        Spot(0, row, column)
        for row, cells in enumerate((opened.tables[0].header, *opened.tables[0].rows), HEADER)
        for column, found in enumerate(cells)
        if found == cell
    ]
    assert len(spots) == 1
    return opened.written({spots[0]: words}).decode()


TAB = lines("""
    . tab sex

            sex |      Freq.     Percent        Cum.
    ------------+-----------------------------------
              F |      1,204       99.75       99.75
              . |          3        0.25      100.00
    ------------+-----------------------------------
          Total |      1,207      100.00

    . exit, 44
    """)


def test_a_column_that_is_too_narrow_gets_room_in_every_line_of_its_table_alone():
    assert changed(TAB, "3") == lines("""
        . tab sex

                sex |       Freq.     Percent        Cum.
        ------------+------------------------------------
                  F |       1,204       99.75       99.75
                  . |  [REDACTED]        0.25      100.00
        ------------+------------------------------------
              Total |       1,207      100.00

        . exit, 44
        """)


def test_words_that_fit_leave_all_other_lines_as_they_are():
    assert changed(TAB, "1,204", "1,200") == TAB.replace("1,204", "1,200")
    assert changed(TAB, "1,204", "7") == TAB.replace("1,204", "    7")


def test_tables_of_r_keep_their_title_over_the_numbers():
    text = lines("""
        > table(age, sex)
             sex
        age    F  M
          <18 12  3
          18+ 40 50
        """)

    assert changed(text, "12") == lines("""
        > table(age, sex)
             sex
        age            F  M
          <18 [REDACTED]  3
          18+         40 50
        """)
    assert changed(text, "3") == lines("""
        > table(age, sex)
             sex
        age    F          M
          <18 12 [REDACTED]
          18+ 40         50
        """)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            """
               age  n
            0   18  3
            1   19 44
            """,
            """
               age          n
            0   18 [REDACTED]
            1   19         44
            """,
        ),
        (
            """
            +----------+
            | a  |   n |
            |----+-----|
            | xx |   3 |
            | y  |  44 |
            +----------+
            """,
            """
            +-----------------+
            | a  |          n |
            |----+------------|
            | xx | [REDACTED] |
            | y  |         44 |
            +-----------------+
            """,
        ),
        (
            """
            # A tibble: 2 x 2
              sex       n
              <chr> <int>
            1 F         3
            2 M        44
            """,
            """
            # A tibble: 2 x 2
              sex            n
              <chr>      <int>
            1 F     [REDACTED]
            2 M             44
            """,
        ),
        (
            """
            F     40
            M      3
            Name: sex, dtype: int64
            """,
            """
            F          40
            M  [REDACTED]
            Name: sex, dtype: int64
            """,
        ),
    ],
)
def test_print_outs_keep_their_alignment(before, after):
    assert changed(lines(before), "3") == lines(after)


def test_numbers_that_are_stated_change_where_they_stand():
    text = lines("""
        No. of failures = 3
        Words of no table, 2020.
        . count if dead
          7
        """)
    opened = open_editable(text.encode(), b"x.log")

    written = opened.written({Spot(0, 0, 1): REDACTED, Spot(1, 0, 1): REDACTED}).decode()

    assert [line.strip() for line in written.split("\n")] == [
        line.replace("3", REDACTED).replace("7", REDACTED).strip() for line in text.split("\n")
    ]
    assert opened.fixed == ("numbers in running text",)
    assert len(open_editable(written.encode(), b"x.log").tables) == 2


def test_markdown_keeps_its_pipes_where_they_stand_one_under_the_other():
    text = lines("""
        # Deaths

        | sex | n   | share |
        |-----|----:|:------|
        | F   |   3 | **4%** |
        """).replace("**4%** |", "**4%**|")

    assert changed(text, "3", path=b"x.md") == lines("""
        # Deaths

        | sex | n          | share |
        |-----|-----------:|:------|
        | F   | [REDACTED] | **4%**|
        """)
    assert changed(text, "4%", "5%", path=b"x.md") == text.replace("4%", "5%")


def test_markdown_that_is_not_aligned_changes_in_one_cell():
    text = "| sex | n |\n|---|---|\n| F | 3 (4%) |\n| Male | 12 |\n\nSeen in 3 of 4.\n"

    assert changed(text, "3 (4%)", path=b"x.md") == text.replace("3 (4%)", REDACTED)
    assert open_editable(text.encode(), b"x.md").fixed == ("numbers in running text",)


def test_the_ends_of_lines_stay():
    text = TAB.replace("\n", "\r\n")

    assert changed(text, "3") == changed(TAB, "3").replace("\n", "\r\n")


def test_tables_in_two_readings_change_together():
    text = lines("""
             +----------+
             | a    n   |
             |----------|
          1. | x    3   |
          2. | y   44   |
             +----------+
        """)
    opened = open_editable(text.encode(), b"x.log")

    written = opened.written({Spot(0, 0, 2): REDACTED})

    assert len(opened.tables) == 2
    assert REDACTED.encode() in written
    assert [len(table.rows) for table in open_editable(written, b"x.log").tables] == [2, 2]


def test_each_table_is_written_in_the_way_that_serves_it():
    text = f"{TAB}\nNo. of failures = 3\n\n> table(x)\n     sex\nage    F  M\n  <18 12  3\n  18+ 40 50\n"
    opened = open_editable(text.encode(), b"x.log")
    edits = {
        Spot(number, row, column): REDACTED
        for number, table in enumerate(opened.tables)
        for row, cells in enumerate(table.rows)
        for column, cell in enumerate(cells)
        if cell in {"3", "12"}
    }

    again = open_editable(opened.written(edits), b"x.log")

    assert len(edits) == 4
    assert all(again.tables[spot.table].rows[spot.row][spot.column] == REDACTED for spot in edits)


def test_a_cell_of_words_alone_cannot_be_found_and_is_refused():
    with pytest.raises(CannotEditError, match="not to be found again"):
        changed(TAB, "Total", "Sum")


def test_a_cell_does_not_run_over_lines():
    with pytest.raises(CannotEditError):
        changed(TAB, "3", "a\nb")


def test_a_log_of_stata_in_its_markup_changes_where_the_mark_fits():
    text = lines("""
        {smcl}
        {txt}        sex {c |}      Freq.
        {hline 12}{c +}{hline 25}
        {txt}          F {c |}{res}               1,204
        {txt}          M {c |}{res}                   3
        {txt}{hline 12}{c +}{hline 25}
        {txt}      Total {c |}{res}               1,207
        """)

    assert changed(text, "3", path=b"x.smcl") == text.replace("         3\n", f"{REDACTED}\n")


def test_a_count_in_the_names_of_a_table_of_words_changes():
    words = "| group (n=3) | what |\n|-------------|------|\n| x           | y    |\n"
    numbers = "| g | n=3 |\n|---|-----|\n| x |  44 |\n"

    assert changed(words, "group (n=3)", f"group (n={REDACTED})", path=b"x.md") == (
        words.replace("3", REDACTED)
    )
    assert changed(numbers, "n=3", f"n={REDACTED}", path=b"x.md") == (
        f"| g | n={REDACTED} |\n|---|--------------|\n| x |           44 |\n"
    )


def test_many_cells_of_a_long_print_out_change_in_time():
    body = [f"{number:>5}{number % 9:>6}" for number in range(1500)]
    text = "\n".join([" " * 10 + "n", *body, ""])
    opened = open_editable(text.encode(), b"x.log")

    written = opened.written({Spot(0, row, 1): REDACTED for row in range(0, 1500, 2)})

    assert written.count(REDACTED.encode()) == 750


def test_a_file_whose_cells_blanks_part_stays_aligned():
    text = (
        "sex        n   share\nF          3     0.2\nM         44     2.5\nOthers   120     9.9\n"
    )

    assert changed(text, "3", path=b"x.txt") == (
        "sex              n   share\nF       [REDACTED]     0.2\nM               44     2.5\n"
        "Others         120     9.9\n"
    )


def test_a_table_pasted_into_prose_gets_no_blanks():
    text = "We saw:\n\nsex,n\nF,3\nM,4\n\nand nobody else.\n"

    assert changed(text, "3", path=b"x.md") == text.replace("3", REDACTED)


def test_numbers_that_begin_under_their_name_still_do():
    text = "| n   | sex |\n|:----|-----|\n| 3   | F   |\n| 120 | M   |\n"

    assert changed(text, "3", path=b"x.md") == (
        "| n          | sex |\n|:-----------|-----|\n| [REDACTED] | F   |\n| 120        | M   |\n"
    )


def test_lines_that_chance_makes_alike_do_not_stand_in_the_way():
    text = "\n".join(
        [
            "-" * 40,
            "      1,204  observations remaining, representing",
            "      3,000  subjects",
            "-" * 40,
            "",
        ]
    )

    assert changed(text, "1,204") == text.replace(" " * 6 + "1,204", f" {REDACTED}")


def test_a_long_text_with_too_many_numbers_is_refused(monkeypatch):
    monkeypatch.setattr("breachkit.documents.editing.tracing.MOST_DIGITS", 5)

    with pytest.raises(CannotEditError, match="too long a text"):
        open_editable(TAB.encode(), b"x.log")


def test_a_place_that_two_cells_share_in_part_is_refused():
    text = lines("""
             +----------+
             | a    n   |
             |----------|
          1. | x    3   |
          2. | y   44   |
             +----------+
        """)
    opened = open_editable(text.encode(), b"x.log")

    with pytest.raises(CannotEditError, match="part of two cells"):
        opened.written({Spot(1, 0, 1): "all"})
