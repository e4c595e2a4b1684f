"""Print-outs of Stata, R, Python and databases, as tables."""

import datetime as dt
import time

import pandas as pd
import pytest

from breachkit.documents import printed
from breachkit.documents.printed import printed_tables, tables_beside
from breachkit.documents.printing import python_values
from breachkit.documents.printing.page import Signed
from breachkit.documents.printing.smcl import plain
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table, Text, TextKind, Unreadable


def tables(text: str, part: str | None = None) -> list[Table]:
    return [found for found in printed_tables(text, part) if isinstance(found, Table)]


def table(text: str) -> Table:
    (found,) = tables(text)
    return found


def cells(text: str) -> list[tuple[str, ...]]:
    found = table(text)
    return [found.header, *map(tuple, found.rows)]


def left(text: str) -> str:
    (found,) = [found for found in printed_tables(text, None) if isinstance(found, Text)]
    return found.text


ONE_WAY = """
        sex |      Freq.     Percent        Cum.
------------+-----------------------------------
          F |      1,204       99.75       99.75
          . |          3        0.25      100.00
------------+-----------------------------------
      Total |      1,207      100.00
"""


def test_a_table_says_that_it_was_printed_and_on_which_line_it_begins():
    found = tables(f"Words\n{ONE_WAY}", "cell 2")[0]

    assert found.origin is Origin.PRINTED
    assert found.part == "cell 2, line 3"
    assert found.above is None


def test_the_text_that_is_left_has_no_line_of_a_table_and_as_many_lines():
    text = f"Words before\n{ONE_WAY}Words behind"

    assert [line for line in left(text).split("\n") if line] == ["Words before", "Words behind"]
    assert left(text).count("\n") == text.count("\n")
    assert printed_tables(text, None)[-1] == Text(left(text), None, TextKind.PRINTED)


def test_tables_beyond_the_limit_are_said_to_be_unread(monkeypatch):
    monkeypatch.setattr(printed, "MAX_TABLES", 1)
    unread = Unreadable("only the first 1 tables of a print-out were read", None)
    logged = "2020-03-01 10:00:00,123 begins\n" * 30

    assert printed_tables(ONE_WAY * 2, None)[-1] == unread
    assert list(tables_beside(logged + ONE_WAY * 2, ",", None))[-1] == unread
    assert unread not in tables_beside(logged + ONE_WAY, ",", None)


def test_stata_tab_of_one_variable_keeps_missing_values_and_the_total():
    assert cells(ONE_WAY) == [
        ("sex", "Freq.", "Percent", "Cum."),
        ("F", "1,204", "99.75", "99.75"),
        (".", "3", "0.25", "100.00"),
        ("Total", "1,207", "100.00", ""),
    ]


def test_a_label_of_several_lines_names_the_variable():
    text = """
   Index of |
deprivation |
      (IMD) |      Freq.     Percent        Cum.
------------+-----------------------------------
          1 |          3      100.00      100.00
"""

    assert table(text).header[0] == "Index of deprivation (IMD)"


def test_stata_tab_of_two_variables_gives_a_row_for_each_cell_with_its_percentages():
    text = """
           |         died
    region |        No    Yes, I s |     Total
-----------+-----------------------+----------
     North |     1,204          35 |     1,239
           |     97.18        2.82 |    100.00
-----------+-----------------------+----------
     Total |     1,204          35 |     1,239
           |     97.18        2.82 |    100.00
"""

    assert cells(text)[:4] == [
        ("region", "died", "Freq.", "Percent"),
        ("North", "No", "1,204", "97.18"),
        ("North", "Yes, I s", "35", "2.82"),
        ("North", "Total", "1,239", "100.00"),
    ]


def test_stata_table_of_two_variables_without_totals_is_one_of_frequencies():
    text = """
----------------------
          |    died
      sex |   No   Yes
----------+-----------
        F |  120     3
        M |   98    12
----------------------
"""

    assert cells(text)[1:3] == [("F", "No", "120"), ("F", "Yes", "3")]


def test_stata_summarize_keeps_names_with_blanks_together():
    text = """
    Variable |        Obs        Mean    Std. Dev.       Min        Max
-------------+---------------------------------------------------------
         bmi |    180,331    27.41903    6.120331      12.13     109.71
        male |    204,118    .4901331     .499904          0          1
"""

    assert table(text).header == ("Variable", "Obs", "Mean", "Std. Dev.", "Min", "Max")
    assert table(text).rows[1] == ("male", "204,118", ".4901331", ".499904", "0", "1")


def test_estimates_of_a_model_are_no_table_of_people():
    text = """
          _t | Haz. Ratio   Std. Err.      z    P>|z|     [95% Conf. Interval]
-------------+----------------------------------------------------------------
        male |   1.204118   .0310022     7.21   0.000     1.144857    1.266448
"""

    assert tables(text) == []


def test_stata_list_in_a_frame_numbers_its_rows():
    text = """
     +--------------------------+
     |           name       n   |
     |--------------------------|
  1. | North and East   1,204   |
  2. |          South       3   |
     |--------------------------|
 10. |           West       2   |
     +--------------------------+
"""

    assert cells(text) == [
        ("", "name", "n"),
        ("1.", "North and East", "1,204"),
        ("2.", "South", "3"),
        ("10.", "West", "2"),
    ]


def test_stata_list_without_a_frame():
    text = "\n       sex      n  \n  1.     F   1204  \n  2.     M      3  \n"

    assert cells(text) == [("", "sex", "n"), ("1.", "F", "1204"), ("2.", "M", "3")]


def test_records_that_list_breaks_over_several_lines_are_rows_of_one_table():
    one = """
     +-------------------+
  {0}. | patient_id | sex  |
     | 70001{0}     | F    |
     |-------------------|
     | died      | imd   |
     | 0{0}jan2021 | 3     |
     +-------------------+
"""

    assert cells(one.format(1) + one.format(2)) == [
        ("", "patient_id", "sex", "died", "imd"),
        ("1.", "700011", "F", "01jan2021", "3"),
        ("2.", "700012", "F", "02jan2021", "3"),
    ]


def test_stata_summarize_detail_names_the_smallest_and_largest_values():
    text = """
                  Body mass index
-------------------------------------------------------------
      Percentiles      Smallest
 1%        17.25          12.5
 5%        19.75         12.75
10%           21         13.25       Obs             204,118
25%        23.25          13.5       Sum of Wgt.     204,118

50%        26.75                      Mean           27.41903
                        Largest       Std. Dev.      6.120331
75%           31         88.25
90%        35.75          91.5       Variance        37.45845
95%        39.25            93       Skewness        1.203118
99%           48           109       Kurtosis        6.120311
"""
    found = table(text)

    assert found.header == ("Body mass index", "value")
    assert [value for kind, value in found.rows if kind == "smallest"] == ["12.5", "12.75", "13.25", "13.5"]  # fmt: skip
    assert [value for kind, value in found.rows if kind == "largest"] == ["88.25", "91.5", "93", "109"]  # fmt: skip
    assert ("50%", "26.75") in found.rows
    assert ("observations", "204,118") in found.rows


def test_codebook_gives_its_frequencies():
    text = """
            tabulation:  Freq.  Value
                         1,204  "F"
                             3  "M"
"""

    assert cells(text) == [("", "Freq."), ('"F"', "1,204"), ('"M"', "3")]


def test_count_is_read_below_the_line_that_asks_for_it_and_nowhere_else():
    assert cells(". count if died == 1\n  1,204\n") == [("", "n"), ("count", "1,204")]
    assert tables(". display 3\n  3\n") == []


def test_headings_of_models_are_one_table_of_statements():
    text = """
No. of subjects =      777,210                  Number of obs    =     777,210
No. of failures =            3
Time at risk    =     61120334
  n= 228, number of events= 12
         12  observations end on or before enter()
          4  failures in single-failure-per-subject data
"""

    assert cells(text) == [
        ("", "n"),
        ("No. of subjects", "777,210"),
        ("Number of obs", "777,210"),
        ("No. of failures", "3"),
        ("n", "228"),
        ("number of events", "12"),
        ("observations end on or before enter()", "12"),
        ("failures in single-failure-per-subject data", "4"),
    ]


def test_markup_of_stata_is_taken_off():
    text = "{smcl}\n{txt}{ralign 8:sex}{space 1}{c |}{col 15}{res}Freq.{c -(}x{c )-}{dup 3:ab}\n{hline 4}{c +}{hline 2}"

    assert plain(text) == "\n     sex |    Freq.{x}ababab\n----+--"


def test_a_data_frame_of_r_has_the_names_of_its_rows():
    text = "\n  age_band  n\n1    16-39 12\n2    40-64  3\n"

    assert cells(text) == [("", "age_band", "n"), ("1", "16-39", "12"), ("2", "40-64", "3")]


def test_a_wide_data_frame_of_r_is_joined_again():
    text = "  first second\n1   foo      1\n2   bar      2\n  third\n1   1.5\n2   2.5\n"

    assert cells(text) == [
        ("", "first", "second", "third"),
        ("1", "foo", "1", "1.5"),
        ("2", "bar", "2", "2.5"),
    ]


def test_a_tibble_has_the_names_above_its_types():
    text = """
# A tibble: 6 x 4
  sex    `age band`     n   pct
  <chr>  <fct>      <int> <dbl>
1 Female 16-39         12  0.3
2 Male   40 to 64       3  0.1
# … with 4 more rows
"""

    assert cells(text) == [
        ("", "sex", "age band", "n", "pct"),
        ("1", "Female", "16-39", "12", "0.3"),
        ("2", "Male", "40 to 64", "3", "0.1"),
    ]


def test_a_data_table_of_r_numbers_its_rows():
    text = "      sex     n\n   <char> <int>\n1:      F    12\n2:      M     3\n"

    assert cells(text) == [("", "sex", "n"), ("1:", "F", "12"), ("2:", "M", "3")]


def test_table_of_r_for_one_variable_is_turned_on_its_side():
    assert cells("\n Female    Male \n   1204       3 \n") == [
        ("", "Freq."),
        ("Female", "1204"),
        ("Male", "3"),
    ]
    assert cells("\n   0    1    2 \n1204  300    4 \n")[1:] == [
        ("0", "1204"),
        ("1", "300"),
        ("2", "4"),
    ]


def test_a_table_of_r_broken_over_lines_is_one():
    assert len(table("\n   A    B \n1204  300 \n   C    D \n   5    6 \n").rows) == 4


@pytest.mark.parametrize("above", ["        died", "        "])
def test_table_of_r_for_two_variables_gives_a_row_for_each_cell(above):
    named = "sex" if above.strip() else "   "
    text = f"\n{above}\n{named}       No Yes\n  Female 120   3\n  Male    40   5\n"

    assert cells(text) == [
        (named.strip(), above.strip(), "Freq."),
        ("Female", "No", "120"),
        ("Female", "Yes", "3"),
        ("Male", "No", "40"),
        ("Male", "Yes", "5"),
    ]


def test_a_flat_table_of_r_repeats_the_labels_that_it_leaves_out():
    text = "          died  No Yes\nsex age               \nF   16-39       12   3\n    40-64        5   1\n"

    assert [tuple(row[:2]) for row in table(text).rows] == [
        ("F", "16-39"), ("F", "16-39"), ("F", "40-64"), ("F", "40-64"),
    ]  # fmt: skip
    assert [row[-1] for row in table(text).rows] == ["12", "3", "5", "1"]


def test_a_summary_of_r_is_no_table_of_frequencies():
    text = "   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n      1       2       3       3       4       5 \n"

    assert table(text).header == ("", "value")


def test_a_summary_of_a_data_frame_parts_frequencies_from_statistics():
    lines = [
        "      sex                 age          region   ",
        " Length:100         Min.   :18.00   North:12  ",
        " Class :character   1st Qu.:30.00   South: 3  ",
        " Mode  :character   Median :45.00   NA's : 2  ",
        "                    Max.   :90.00             ",
    ]
    text = "\n".join(lines)
    counted, stated = tables(text)

    assert counted.header == ("", "", "Freq.")
    assert counted.rows == [("region", "North", "12"), ("region", "South", "3"), ("region", "NA's", "2")]  # fmt: skip
    assert stated.rows[0] == ("age", "Min.", "18.00")
    assert stated.rows[-1] == ("age", "Max.", "90.00")


def test_what_str_and_glimpse_list_becomes_rows():
    described = """'data.frame':	3 obs. of  4 variables:
 $ patient_id: int  700011 700012 ...
 $ sex       : chr  "F" "M" ...
 $ died      : Date, format: "2021-01-01" "2021-02-01" ...
 $ imd       : Factor w/ 2 levels "1","2": 1 2
"""
    glimpsed = '$ patient_id <int> 700011, 700012\n$ sex        <chr> "F", "M"\n'

    assert cells(described) == [
        ("patient_id", "sex", "died", "imd"),
        ("700011", "F", "2021-01-01", "1"),
        ("700012", "M", "2021-02-01", "2"),
    ]
    assert cells(glimpsed)[1] == ("700011", "F")


def test_a_vector_of_r_is_a_column_that_what_was_typed_names():
    text = "> head(cohort$patient_id)\n[1] 700011 700012\n[3] 700013\n"

    assert cells(text) == [("patient_id",), ("700011",), ("700012",), ("700013",)]
    assert tables('[1] "model 3"\n[1] "model 4"\n') == []


def test_numbers_at_risk_of_a_survival_curve_are_read():
    text = """
 time n.risk n.event survival lower 95% CI upper 95% CI
   12   1380       3    0.978        0.955        1.000
   31   1331      11    0.956        0.923        0.991
"""

    assert table(text).header == ("time", "n.risk", "n.event", "survival", "lower 95% CI", "upper 95% CI")  # fmt: skip
    assert table(text).rows[0][:3] == ("12", "1380", "3")


FRAME = pd.DataFrame(
    {
        "sex": ["F", "M", "F", "M"],
        "age band": ["16-39", "40", "x y z", "16-39"],
        "n": [1204, 3, 55, 6],
        "pct": [0.1, 0.25, 0.33333, 1],
    }
)


def test_a_data_frame_of_pandas_is_read():
    found = table(FRAME.to_string())

    assert found.header == ("", "sex", "age band", "n", "pct")
    assert [row[3] for row in found.rows] == ["1204", "3", "55", "6"]
    assert found.rows[2][2] == "x y z"


def test_a_data_frame_of_pandas_with_a_named_index_is_read():
    found = table(FRAME.set_index("sex").to_string())

    assert found.header == ("sex", "age band", "n", "pct")
    assert found.rows[1] == ("M", "40", "3", "0.25000")


def test_a_shortened_data_frame_of_pandas_leaves_out_the_line_of_dots():
    long = pd.DataFrame({"patient_id": range(700_000, 701_000), "d": pd.Timestamp("2021-01-01")})
    found = table(str(long))

    assert len(found.rows) == 10
    assert found.rows[-1][1] == "700999"


def test_a_wide_data_frame_of_pandas_is_joined_again():
    wide = pd.DataFrame({f"variable_{number}": range(3) for number in range(14)})
    with pd.option_context("display.width", 60, "display.max_columns", 30):
        found = table(str(wide))

    assert found.header == ("", *(f"variable_{number}" for number in range(14)))
    assert found.rows[2] == ("2", *["2"] * 14)


def test_value_counts_of_pandas_old_and_new_are_frequencies():
    new = str(FRAME["sex"].value_counts())
    old = "F    12\nM     3\nName: sex, dtype: int64"
    several = str(FRAME.value_counts(["sex", "age band"]))

    assert table(new).header == ("sex", "count")
    assert cells(old) == [("", "Freq."), ("F", "12"), ("M", "3")]
    assert table(several).header == ("sex", "age band", "count")
    assert len(table(several).rows) == 4


def test_sizes_of_groups_are_frequencies_and_values_of_a_variable_are_none():
    assert table(str(FRAME.groupby("sex").size())).header == ("sex", "Freq.")
    assert table(str(FRAME["n"])).header == ("", "n")
    assert table(str(FRAME.groupby(["sex", "age band"])["pct"].sum())).header[-1] == "pct"


def test_labels_that_pandas_prints_once_are_repeated():
    found = table(str(FRAME.groupby(["sex", "age band"])["n"].sum()))

    assert [row[0] for row in found.rows] == ["F", "F", "M", "M"]


def test_crosstab_of_pandas_gives_a_row_for_each_cell():
    found = table(str(pd.crosstab(FRAME["sex"], FRAME["age band"], margins=True)))

    assert found.header == ("sex", "age band", "Freq.")
    assert len(found.rows) == 12
    assert found.rows[-1] == ("All", "All", "4")


def test_aggregates_under_two_lines_of_names_are_read():
    found = table(str(FRAME.groupby(["sex", "age band"]).agg({"n": ["sum", "count"]})))

    assert found.header == ("sex", "age band", "n sum", "count")
    assert found.rows[0][2:] == ("1204", "1")


def test_describe_of_pandas_is_read():
    found = table(str(FRAME.describe()))

    assert found.header == ("", "n", "pct")
    assert [row[0] for row in found.rows] == [
        "count", "mean", "std", "min", "25%", "50%", "75%", "max",
    ]  # fmt: skip


def test_dictionaries_in_one_line_are_rows():
    text = str([{"sex": "F", "n": 3}, {"sex": "M", "n": 12, "d": dt.date(2021, 1, 2)}])

    assert cells(text) == [("sex", "n", "d"), ("F", "3", ""), ("M", "12", "2021-01-02")]  # fmt: skip


def test_boxes_of_databases_and_of_polars_are_read():
    polars = """shape: (2, 2)
┌─────┬─────┐
│ sex ┆ n   │
│ --- ┆ --- │
│ str ┆ i64 │
╞═════╪═════╡
│ F   ┆ 12  │
│ M x ┆ 3   │
└─────┴─────┘
"""
    grid = "+-----+----+\n| sex |  n |\n+=====+====+\n| F   | 12 |\n+-----+----+\n| M x |  3 |\n+-----+----+\n"
    result = " sex | n  \n-----+----\n F   | 12\n M x | 3\n(2 rows)\n"

    for text in (polars, grid, result):
        assert cells(text) == [("sex", "n"), ("F", "12"), ("M x", "3")]


def test_a_frame_that_does_not_line_up_is_left_to_those_who_read_markdown():
    text = "| area | n |\n|--|--|\n| the north of it | 3 |\n| the south | 11 |\n"

    assert tables(text) == []
    assert left(text) == text


def test_many_frames_that_do_not_line_up_cost_no_more_than_their_lines():
    text = "| area | n |\n" + "|--|--|\n| the north of it | 3 |\n" * 20_000
    started = time.process_time()

    assert left(text) == text
    assert time.process_time() - started < 5


def test_the_same_table_printed_again_is_given_again():
    assert [found.part for found in tables(ONE_WAY + ONE_WAY)] == ["line 2", "line 9"]


def test_a_table_over_dashes_that_part_its_columns_is_read():
    text = "sex       n    pct\n-----  ----  -----\nF         12    0.3\nM x        3   1.25\n"
    simple = "sex       n    pct\n-----  ----  -----\nF        12    0.3\nM x       3   1.25\n"

    assert cells(simple)[1:] == [("F", "12", "0.3"), ("M x", "3", "1.25")]
    assert [row[0] for row in table(text).rows] == ["F", "M x"]


def test_frequencies_of_sas_are_read():
    text = """
                                   Cumulative    Cumulative
region    Frequency     Percent     Frequency      Percent
-----------------------------------------------------------
North         1204       99.75          1204        99.75
South            3        0.25          1207       100.00
"""

    assert table(text).header == ("region", "Frequency", "Percent", "Cumulative Frequency", "Cumulative Percent")  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        ". list patient_id in 1/3\n. gen n = 3\n> if x == 4\n",
        "> n <- 3\n+ m <- 4\n> x  <- 12\n",
        ">>> n = 3\n>>> m = 4\n",
        "Iteration 0:   log likelihood = -1204.1\nIteration 1:   log likelihood = -1203.3\n",
        "   1:     12.30 /        3 =       4.1000\n   2:     14.10 /        2 =       7.0500\n",
        "Chunk 3 of 12\nChunk 4 of 12\nChunk 5 of 12\n",
        "we met 12 people there\nwe saw 11 people there\n",
        "Redact any count of n <= 5 or n < 8, and round to 5.\n",
        "(3 observations deleted)\n(2 real changes made)\n",
    ],
)
def test_code_progress_and_prose_are_no_tables(text):
    assert tables(text) == []


def test_stamps_of_time_before_each_line_are_no_part_of_it():
    stamped = "".join(f"2021-03-01T12:00:00.123456789Z {line}\n" for line in ONE_WAY.split("\n"))

    assert cells(stamped) == cells(ONE_WAY)


def test_lines_may_end_as_in_windows():
    assert cells(ONE_WAY.replace("\n", "\r\n")) == cells(ONE_WAY)


def test_a_log_is_read_and_no_longer_said_to_be_unread():
    words, found = read(b"Counts\n\nsex     n\nF    1204\nM       3\nThank you all, dear readers\n", [b"x.log"])  # fmt: skip

    assert isinstance(words, Text) != isinstance(found, Text)
    assert any(isinstance(each, Table) and each.rows[1] == ("M", "3") for each in (words, found))


def test_a_file_that_is_one_print_of_a_data_frame_has_its_names_over_the_right_columns():
    content = FRAME.drop(columns="age band").to_string().encode()
    found = [each for each in read(content, [b"output/x.txt"]) if isinstance(each, Table)]

    assert [each.header for each in found] == [("", "sex", "n", "pct")]


@pytest.mark.parametrize("printed", ["> print(cohort)\n{}\n> \n", "{}\n"])
def test_a_row_is_no_header_where_one_blank_parts_the_names_above_it(printed):
    header = ("", "seen_date", "died_date", "age", "diabetes", "asthma", "copd")
    rows = [(at, f"2021-01-{at + 9}", f"2021-02-{at + 9}", 71, 1, 0, 0) for at in range(1, 20)]
    widths = [max(len(str(row[at])) for row in (header, *rows)) for at in range(7)]
    lines = [
        " ".join(str(cell).rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in (header, *rows)
    ]
    content = printed.format("\n".join(lines)).encode()
    found = [each for each in read(content, [b"output/x.txt"]) if isinstance(each, Table)]

    assert [(each.header, len(each.rows)) for each in found] == [(header, 19)]


def test_a_log_whose_lines_have_a_comma_in_the_time_is_searched_for_print_outs():
    log = "".join(f"2021-03-01 12:00:{n:02},123 INFO step {n}\n" for n in range(50))
    found = read((log + ONE_WAY).encode(), [b"output/x.log"])

    assert any(isinstance(each, Table) and each.header[1:2] == ("Freq.",) for each in found)


def test_a_table_of_commas_in_a_log_is_read_once():
    found = read(b"region,n\nNorth,1204\nSouth,3\n", [b"output/x.log"])

    assert [each.origin for each in found if isinstance(each, Table)] == [Origin.FILE]


def test_a_table_of_commas_below_a_print_out_is_read_beside_it():
    found = read(f"{ONE_WAY}\nregion,n\nNorth,1204\nSouth,3\n\nEnd of all\n".encode(), [b"a.log"])

    assert {each.header[0] for each in found if isinstance(each, Table)} == {"sex", "region"}


SHARES = (
    ("  ageband        sex_f        n (%)"),
    ("0   16-39  412 (23.1%)     3 (0.2%)"),
    ("1   40-59 1204 (67.4%)  846 ( 5.0%)"),
    ("2     60+   170 (9.5%) 1030 (54.8%)"),
)


def test_counts_with_percentages_behind_them_are_cells_as_printed():
    found = table("\n".join(SHARES))

    assert found.header == ("", "ageband", "sex_f", "n (%)")
    assert list(found.rows) == [
        ("0", "16-39", "412 (23.1%)", "3 (0.2%)"),
        ("1", "40-59", "1204 (67.4%)", "846 ( 5.0%)"),
        ("2", "60+", "170 (9.5%)", "1030 (54.8%)"),
    ]


def test_a_mark_with_a_percentage_behind_it_is_a_cell_too():
    shown = (
        "  sex             n (%)",
        "1   F [REDACTED] (1.2%)",
        "2   M       846 (98.8%)",
    )

    assert cells("\n".join(shown))[1:] == [
        ("1", "F", "[REDACTED] (1.2%)"),
        ("2", "M", "846 (98.8%)"),
    ]


def test_a_bound_and_a_part_of_a_whole_are_cells_of_numbers():
    shown = (
        "    region patients    events",
        "0     East      402   31/1204",
        "1   London       <5     3/980",
        "2    Total      405   34/2184",
    )

    assert cells("\n".join(shown)) == [
        ("", "region", "patients", "events"),
        ("0", "East", "402", "31/1204"),
        ("1", "London", "<5", "3/980"),
        ("2", "Total", "405", "34/2184"),
    ]


def test_a_simple_table_of_restructured_text_is_read_under_the_second_of_its_lines():
    text = """Results
=======  ===
region     n
=======  ===
East     266
London     3
=======  ===
"""

    assert cells(text) == [("region", "n"), ("East", "266"), ("London", "3")]


SHOWN = ("   region    n", "0    East  500", "1  London    3", "2   Wales  411")


@pytest.mark.parametrize(
    "before",
    [
        "2024-03-05 10:11:12,123 INFO main: ",
        "2024-03-05 10:11:12,123 - root - INFO - ",
        "[2024-03-05 10:11:12] INFO - ",
        "2024-03-05 10:11:12 [info     ] ",
        "INFO:root:",
        "2024-03-05T10:11:12.123456Z ",
    ],
)
def test_what_a_logger_writes_before_each_line_is_no_part_of_a_table(before):
    found = cells("\n".join(before + line for line in ("loaded", *SHOWN, "saved")))

    assert found == [("", "region", "n"), *(tuple(line.split()) for line in SHOWN[1:])]


def test_days_that_are_the_index_of_a_data_frame_are_no_stamps():
    rows = ("2021-03-04 00:00:00  500", "2021-03-11 00:00:00    3")
    found = table("\n".join(("INFO begins", "                       n", *rows)))

    assert found.header[-1] == "n"
    assert [row[0] for row in found.rows] == ["2021-03-04 00:00:00", "2021-03-11 00:00:00"]


@pytest.mark.parametrize(
    ("first", "then"), [("E       AssertionError: ", "E         "), ("E       ", "E       ")]
)
def test_a_data_frame_in_a_message_of_pytest_is_read(first, then):
    lines = [first + SHOWN[0], *(then + line for line in SHOWN[1:])]

    found = cells(
        "\n".join((">       assert len(frame) == 4, frame", *lines, "E       assert 3 == 4"))
    )

    assert found[0][-2:] == ("region", "n")
    assert [row[-2:] for row in found[1:]] == [tuple(line.split()[1:]) for line in SHOWN[1:]]


@pytest.mark.parametrize(
    "shown",
    [
        "INFO row {'sex': 'F', 'n': 500}\nINFO row {'sex': 'M', 'n': np.int64(3)}",
        "rows = [{'sex': 'F', 'n': 500},\n        {'sex': 'M', 'n': 3}]",
        "{'results': [{'sex': 'F', 'n': 500}, {'sex': 'M', 'n': 3}]}",
    ],
)
def test_records_of_python_are_rows_wherever_they_are_broken(shown):
    assert cells(shown) == [("sex", "n"), ("F", "500"), ("M", "3")]


def test_a_dictionary_of_dictionaries_has_a_row_for_each():
    shown = "{'East': {'F': 500, 'M': 3},\n 'West': {'F': 210, 'M': nan}}"

    assert cells(shown) == [("", "F", "M"), ("East", "500", "3"), ("West", "210", "")]


@pytest.mark.parametrize(
    "shown",
    [
        "{'patient': 'Mary Mouse', 'place': 'Ely'}",
        "{'patient': {'name': 'Mary Mouse', 'place': 'Ely'}}",
        "row {'id': 1,\n 'patient': 'Mary Mouse', 'visits': [1, 2]}",
        "[{'n': 3, 'of': 'Ely'}, {'n': 4, 'of': ['Mary Mouse']}]",
        "{'East': {'n': 3}, 'West': {'n': 4}, 'seen by': 'Mary Mouse'}",
        "{'by': ['Mary Mouse'], 'rows': [{'n': 3}, {'n': 4}]}",
        "Mary Mouse [{'n': 3}, {'n': 4}]",
        "INFO {'n': 3} of Mary Mouse\nINFO {'n': 4}",
        "[{'n': 3},\n {'n': 4}] Mary Mouse",
    ],
)
def test_what_no_table_tells_of_a_list_or_dictionary_stays_in_the_text(shown):
    assert "Mary Mouse" in left(shown)
    assert left(shown).count("\n") == shown.count("\n")


def test_of_a_list_that_its_table_tells_the_words_beside_it_stay():
    shown = "rows: [{'sex': 'F', 'n': 500},\n {'sex': 'M', 'n': 3}]; done"

    assert left(shown) == "rows: \n; done"


def test_records_that_hold_others_are_rows_and_what_they_hold_is_read_too():
    shown = (
        "[{'sex': 'F', 'n': 500, 'ages': {'0-17': 100, '18+': 400}}, "
        "{'sex': 'M', 'n': 3, 'ages': [{'age': '18+', 'n': 3}]}]"
    )
    first, second, third = tables(shown)

    assert (first.header, *map(tuple, first.rows)) == (("sex", "n"), ("F", "500"), ("M", "3"))
    assert (second.header, *map(tuple, second.rows)) == (
        *(("", "ages"), ("0-17", "100")),
        ("18+", "400"),
    )
    assert (third.header, *map(tuple, third.rows)) == (("age", "n"), ("18+", "3"))


def test_numbers_beside_a_nested_value_are_a_record():
    shown = "{'deaths': 3, 'by': {'F': 500, 'M': 3}}"

    assert [(each.header, *map(tuple, each.rows)) for each in tables(shown)] == [
        (("deaths",), ("3",)),
        (("", "by"), ("F", "500"), ("M", "3")),
    ]


def test_a_record_with_a_long_string_is_one_like_any_other():
    shown = f"{{'note': '{'words ' * 200}', 'n': 3}}"

    assert table(shown).header == ("note", "n")


def test_lists_and_dictionaries_without_end_are_not_called_read(monkeypatch):
    monkeypatch.setattr(python_values, "MOST_TOKENS", 100)
    shown = "{'sex': 'F', 'n': 500}\n" * 20

    (found,) = [each for each in printed_tables(shown, "x") if isinstance(each, Unreadable)]
    assert found == Unreadable(
        "only the first lists and dictionaries of a print-out were read: there are too many", "x"
    )
    assert len(table(shown).rows) < 20


def test_a_ninth_sign_of_lines_is_refused():
    signs = Signed()
    bits = [signs.add(str.isspace, "") for _ in range(8)]

    assert bits == [1 << number for number in range(8)]
    with pytest.raises(ValueError, match="8 signs"):
        signs.add(str.isspace, "")


@pytest.mark.parametrize(
    ("before", "name"), [("deaths by sex: ", "deaths by sex"), ("Counter(", "Freq.")]
)
def test_numbers_by_label_are_called_as_the_words_before_them_say(before, name):
    shown = f"{before}{{'F': 500, ('M', 80): 3}}"

    assert cells(shown) == [("", name), ("F", "500"), ("M, 80", "3")]


@pytest.mark.parametrize(
    "shown", ["for x in {1: 2", "{'a': b c}", "{'a': 3]", "x = {'a': [(" * 900]
)
def test_what_goes_on_as_no_literal_does_is_none(shown):
    assert tables(shown) == []


def test_the_tail_of_a_data_frame_below_its_head_is_a_table_of_its_own():
    head, tail = SHOWN[:3], (SHOWN[0], "8   Devon   17", "9    York  800")

    found = tables("\n".join((*head, *tail)))

    assert [each.header for each in found] == [("", "region", "n")] * 2
    assert [tuple(each.rows[-1]) for each in found] == [("1", "London", "3"), ("9", "York", "800")]
