"""What R writes to files, in the forms in which it writes it."""

from typing import Any

import pytest

from breachkit.detect.engine import examine
from breachkit.documents import woven
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table, Unreadable
from breachkit.model.findings import Severity
from tests.support.judging import context_of
from tests.support.office import document
from tests.support.r_files import R, rds


def tables(text: str, path: str = "output/results.txt") -> list[Table]:
    found = read(text.encode(), (path.encode(),))
    return [each for each in found if isinstance(each, Table)]


def table(text: str, path: str = "output/results.txt") -> Table:
    (found,) = tables(text, path)
    return found


def cells(found: Table) -> list[list[str]]:
    return [list(row) for row in found.rows]


def rules(text: str, path: str = "released_outputs/run.log") -> set[str]:
    """The rules that find something at medium or worse."""
    found = examine(text.encode(), context_of(path), sketch_key=b"k", want_sketch=False)
    return {hit.rule for hit in found.hits if hit.severity > Severity.LOW}


ROWS = [["1", "18-39", "F", "412"], ["2", "40-59", "F", "388"], ["3", "80+", "M", "2"]]


@pytest.mark.parametrize(
    "text",
    [
        '"age group" "sex" "n"\n"1" "18-39" "F" 412\n"2" "40-59" "F" 388\n"3" "80+" "M" 2\n',
        "age group\tsex\tn\n1\t18-39\tF\t412\n2\t40-59\tF\t388\n3\t80+\tM\t2\n",
        '"age group","sex","n"\n"1","18-39","F",412\n"2","40-59","F",388\n"3","80+","M",2\n',
    ],
    ids=["blanks", "tabs", "commas"],
)
def test_write_table_gives_the_names_of_rows_no_name_and_the_others_stay_over_their_columns(text):
    found = table(text)

    assert found.header == ("", "age group", "sex", "n")
    assert cells(found) == ROWS


def test_write_table_without_quotes_parts_its_cells_with_single_blanks():
    found = table("agegroup sex n\n1 18-39 F 412\n2 40-59 F 388\n3 80+ M 2\n")

    assert found.header == ("", "agegroup", "sex", "n")
    assert cells(found) == ROWS


def test_a_delimiter_at_the_end_of_each_row_makes_no_column_of_names():
    found = table("age,sex,n\n18-39,F,412,\n40-59,F,388,\n80+,M,2,\n", "output/results.csv")

    assert found.header == ("age", "sex", "n")


def prints(lines: str, mark: str) -> str:
    return "".join(f"{mark}{line}\n" for line in lines.splitlines())


FRAME = "  agegroup   n\n1    18-39 412\n2      80+   2\n"


@pytest.mark.parametrize(
    "text",
    [
        "Words.\n\n``` r\nd\n```\n\n" + prints(FRAME, "    ## ") + "\nThe end.\n",
        "```r\nd\n```\n\n```\n" + prints(FRAME, "## ") + "```\n",
        "```r\nd\n```\n\n```\n" + FRAME + "```\n\nThe end.\n",
        "``` r\nd\n" + prints(FRAME, "#> ") + "```\n",
    ],
    ids=["indented", "fenced", "without marks", "reprex"],
)
def test_what_knitr_weaves_into_markdown_is_read_as_it_was_printed(text):
    found = table(text, "released_outputs/report.md")

    assert found.header == ("", "agegroup", "n")
    assert cells(found) == [["1", "18-39", "412"], ["2", "80+", "2"]]


SIMPLE = "agegroup      n\n---------  ----\n18-39       412\n80+           2\n"
BETWEEN = (
    "========  ===\nagegroup    n\n========  ===\n18-39     412\n80+         2\n========  ===\n"
)
PARAGRAPHS = """\
------------------------
   agegroup       n
--------------- --------
   **18-39**      412

    **80+**        2
------------------------
"""
GRID = "+----------+-----+\n| agegroup | n   |\n+==========+=====+\n| 18-39    | 412 |\n+----------+-----+\n| 80+      | 2   |\n+----------+-----+\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [(SIMPLE, "a.md"), (PARAGRAPHS, "a.md"), (GRID, "a.md"), (BETWEEN, "a.rst")],
    ids=["simple", "multi-line", "grid", "reStructuredText"],
)
def test_tables_under_rules_of_dashes_in_a_report_are_read(text, path):
    found = table(f"## Table 1\n\nSome words.\n\n{text}\nThe end.\n", path)

    assert found.header == ("agegroup", "n")
    assert cells(found) == [["18-39", "412"], ["80+", "2"]]


def test_a_table_under_rules_is_read_to_its_end_however_long():
    text = SIMPLE.replace("80+", "18-39       412\n" * 20_010 + "80+")

    found = table(f"Some words.\n\n{text}\nThe end.\n", "a.md")

    assert (len(found.rows), found.rows[-1]) == (20_012, ("80+", "2"))


def test_a_table_under_rules_of_more_cells_than_are_read_is_said_to_be_cut(monkeypatch):
    monkeypatch.setattr(woven, "MAX_CELLS", 20)

    found, said = woven.woven_tables(SIMPLE.replace("80+", "18-39       412\n" * 20 + "80+"), None)

    assert isinstance(found, Table)
    assert len(found.rows) == 10
    reason = "only the first 10 rows of a table were read: too many cells"
    assert said == Unreadable(reason, "line 2")


def test_headings_and_programs_in_markdown_are_no_print_outs():
    text = "## Counts\n\nWords\n\n## 12 3\n\n```r\nx <- c(1, 2)\n#  n 1\n```\n\n---\n\n- a -- b\n"

    assert tables(text, "README.md") == []


def test_what_knitr_weaves_into_a_document_of_word_is_read():
    def change(written: Any) -> None:
        for line in prints(FRAME, "## ").splitlines():
            written.add_paragraph(line)

    found = read(document(change), (b"report.docx",))

    assert ("", "agegroup", "n") in [each.header for each in found if isinstance(each, Table)]


PAGED = """\
<div data-pagedtable="false">
<script data-pagedtable-source type="application/json">
{"columns":[{"label":[""],"name":["_rn_"],"type":[""],"align":["left"]},
{"label":["agegroup"],"name":[1],"type":["chr"],"align":["left"]},
{"label":["n"],"name":[2],"type":["int"],"align":["right"]}],
"data":[{"_rn_":"1","1":"18-39","2":"412"},{"_rn_":"2","1":"80+","2":"2"}],
"options":{"columns":{"min":{},"max":[10]},"rows":{"min":[10],"max":[10]},"pages":{}}}
</script></div>
"""


def test_the_paged_tables_of_notebooks_have_the_names_that_a_reader_sees():
    found = table(f"<html><body><p>Words</p>{PAGED}</body></html>", "report.nb.html")

    assert found.header == ("", "agegroup", "n")
    assert cells(found) == [["1", "18-39", "412"], ["2", "80+", "2"]]


def printed(text: str) -> Table:
    found = table(text, "output/run.log")
    assert found.origin is Origin.PRINTED
    return found


def test_a_matrix_of_words_is_read_with_and_without_its_quotes():
    rows = [["[1,]", "18-39", "F", "412"], ["[2,]", "Aged 80+", "M", "2"]]
    quoted = '     age group  sex n    \n[1,] "18-39"    "F" "412"\n[2,] "Aged 80+" "M" "2"  \n'
    plain = "     age_group sex n  \n[1,] 18-39     F   412\n[2,] Aged 80+  M   2  \n"

    for text in (quoted, plain):
        assert cells(printed(text)) == rows
    assert printed(quoted).header == ("", "age group", "sex", "n")


TABLE_ONE = """\
                 Stratified by sex
                  F              M              p      test
  n                  917            945
  age (mean (SD))  57.01 (22.91)  56.09 (22.77) 0.412
  region (%)                                    <0.001
     East            310 (33.8)     296 (31.3)
     London          604 (65.9)     608 (64.3)
     North West        3 ( 0.3)      41 ( 4.3)
"""
QUOTED_TABLE_ONE = """\
                 Stratified by sex
                  F                M                p        test
  n               "   917"         "   945"         ""       ""
  region (%)      ""               ""               "<0.001" ""
     East         "   310 (33.8) " "   296 (31.3) " ""       ""
     London       "   604 (65.9) " "   608 (64.3) " ""       ""
     North West   "     3 ( 0.3) " "    41 ( 4.3) " ""       ""
"""


@pytest.mark.parametrize("lines", [TABLE_ONE, QUOTED_TABLE_ONE])
def test_a_table_of_characteristics_keeps_counts_with_their_percentages_together(lines):
    text = "".join(f"{line:63}\n" for line in lines.splitlines())
    found = printed(text)

    assert found.header == ("", "F", "M", "p", "test")
    assert cells(found)[-1] == ["North West", "3 ( 0.3)", "41 ( 4.3)", "", ""]
    assert "LOG-02" in rules(text)


CROSSED = """\
   Cell Contents
|-------------------------|
|                       N |
|           N / Row Total |
|-------------------------|

Total Observations in Table:  441

             | x$sex
    x$region |         F |         M | Row Total |
-------------|-----------|-----------|-----------|
        East |       196 |       201 |       397 |
             |     0.494 |     0.506 |     0.900 |
-------------|-----------|-----------|-----------|
   Yorkshire |         3 |        41 |        44 |
             |     0.068 |     0.932 |     0.100 |
-------------|-----------|-----------|-----------|
Column Total |       199 |       242 |       441 |
-------------|-----------|-----------|-----------|
"""


def test_a_cross_table_gives_its_counts_without_the_shares_below_them():
    found = [each for each in tables(CROSSED, "output/run.log") if "Row Total" in each.header]

    assert cells(found[0]) == [
        ["East", "196", "201", "397"],
        ["Yorkshire", "3", "41", "44"],
        ["Column Total", "199", "242", "441"],
    ]
    assert rules(CROSSED) == {"CNT-03"}


def test_a_cross_table_is_read_to_its_end_and_another_begins_where_its_columns_are_named():
    other = "    x$age |         F |         M | Row Total |\n     80+  |         2 |        41 |        43 |\n"
    east = CROSSED[CROSSED.index("        East") : CROSSED.index("   Yorkshire")]
    text = CROSSED.replace(east, east * 7_000) + other

    found = tables(text, "output/run.log")
    [age] = [each for each in found if each.header[:1] == ("x$age",)]

    ends = ["Yorkshire", "3", "41", "44"], ["Column Total", "199", "242", "441"]
    assert list(ends) in [cells(each)[-2:] for each in found]
    assert cells(age) == [["80+", "2", "41", "43"]]


def test_a_table_of_characteristics_is_read_to_its_end_however_long():
    lines = TABLE_ONE.splitlines()
    text = "".join(f"{line:63}\n" for line in [*lines[:-1], *[lines[-2]] * 20_010, lines[-1]])

    assert cells(printed(text))[-1] == ["North West", "3 ( 0.3)", "41 ( 4.3)", "", ""]


def test_str_and_glimpse_list_all_the_values_that_they_print():
    values = " ".join(["412"] * 60)

    found = printed(
        f'\'data.frame\':\t62 obs. of  2 variables:\n $ sex: chr  "F" "M"\n $ n  : int  {values} 2\n'
    )

    assert (len(found.rows), found.rows[-1]) == (61, ("", "2"))


def test_lists_of_variables_of_more_cells_than_are_read_are_said_to_be_cut():
    names = "".join(f" $ v{number} : int  1 2\n" for number in range(4_000))
    text = f"'data.frame':\t2 obs. of  2 variables:\n $ n : int  {'7 ' * 1_500}\n{names}"

    found = read(text.encode(), (b"output/run.log",))

    assert any(isinstance(each, Unreadable) and "too many cells" in each.reason for each in found)


def test_a_summary_of_factors_alone_is_one_of_frequencies():
    text = " sex           agegrp   \n F:917   (17,40]  :556  \n M:945   (100,110]:  2  \n"

    assert cells(printed(text))[-1] == ["agegrp", "(100,110]", "2"]
    assert "LOG-02" in rules(text)


def test_the_parts_of_a_list_have_their_names():
    found = tables("$agegroup\n[1] 18-39 80+  \n\n$n\n[1] 412   2\n\n", "output/run.log")

    assert [each.header for each in found] == [("agegroup",), ("n",)]


def test_names_with_blanks_are_listed_by_str():
    text = '\'data.frame\':\t2 obs. of  2 variables:\n $ Age group: chr  "18-39" "80+"\n $ No. seen : int  412 2\n'

    assert printed(text).header == ("Age group", "No. seen")


def test_rows_of_a_data_table_end_where_their_names_are_printed_again():
    head = "    patient_id sex   n\n"
    rows = "".join(
        f"{number:2d}:    {2813042 + number}   F {100 + number}\n" for number in range(1, 22)
    )
    found = printed(head + rows + head)

    assert found.header == ("", "patient_id", "sex", "n")
    assert len(found.rows) == 21


def test_words_in_quotes_and_times_in_a_log_are_no_tables():
    text = (
        'Opened the files "a b" "c" at 10:12: 14 of them\nThe next are "d" "e"\n'
        "At 10:13: fifteen  \nCell Contents: none, Stratified by nobody\n  n of them 12\n"
    )

    assert tables(text, "output/run.log") == []


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        ('"","F","M"\n"East",310,296\n"London",401,388\n"Yorkshire",3,41\n', "a.csv", "CNT-03"),
        ('"","x"\n"East",55\n"London",77\n"Yorkshire",3\n', "a.csv", "CNT-01"),
        ("       F   M\nEast 310 296\nWest 401 388\nWick   3  41\n", "a.log", "CNT-03"),
        (
            (
                "                N Observed Expected (O-E)^2/E (O-E)^2/V\n"
                "region=East   606       55    51.92     0.183     0.277\n"
                "region=London  44        3     3.82     0.177     0.185\n"
            ),
            "a.log",
            "LOG-02",
        ),
        (
            (
                "         region East London\nsex died                   \n"
                "F   0            280    360\n    1             30     41\n"
                "M   0            270    355\n    1              3     35\n"
            ),
            "a.log",
            "LOG-02",
        ),
    ],
    ids=["table", "tapply", "tapply of two", "survdiff", "ftable"],
)
def test_small_counts_in_the_tables_of_r_are_named(text, name, rule):
    assert rule in rules(text, f"released_outputs/{name}")


@pytest.mark.parametrize(
    "text",
    [
        (
            "         region East London\nsex died                   \n"
            "F   0            280    360\n    1             30     40\n"
            "M   0            270    355\n    1             25     35\n"
        ),
        "sex \n       n  missing distinct \n    1890        0        2 \n",
    ],
    ids=["ftable", "describe"],
)
def test_codes_and_numbers_of_values_in_the_tables_of_r_are_no_small_counts(text):
    assert rules(text) == set()


def test_a_vector_of_counts_with_names_that_r_saved_is_judged():
    counts = R([310, 401, 3], {"names": ["East", "London", "Yorkshire"]})
    found = examine(
        rds(counts), context_of("released_outputs/a.rds"), sketch_key=b"k", want_sketch=False
    )

    assert "CNT-01" in {hit.rule for hit in found.hits}


def test_a_tibble_ends_where_the_next_command_was_typed():
    text = "# A tibble: 2 x 2\n  region     n\n  <chr>  <int>\n1 East     310\n2 Wick       3\n> sessionInfo()\nR version 4.2.2\n"

    assert cells(printed(text)) == [["1", "East", "310"], ["2", "Wick", "3"]]


def test_numbers_that_were_padded_under_the_beginning_of_their_name_are_read():
    text = "  agegroup patients died\n1 18-39    412      10  \n2 80+        2       1  \n"

    assert cells(printed(text)) == [["1", "18-39", "412", "10"], ["2", "80+", "2", "1"]]
