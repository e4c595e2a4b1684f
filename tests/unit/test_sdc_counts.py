"""Which columns count people, and which cells are counts."""

import pytest

from breachkit.documents.table import Table
from breachkit.sdc.count_cells import count_of, whole_counts
from breachkit.sdc.count_names import Role, header_count, is_midpoint_name, is_rounded_name, role_of
from breachkit.sdc.counts import count_columns, is_cut, is_weighted, lists_codes, may_be_codes
from breachkit.sdc.marks import Mark, mark_of
from tests.support.judging import table_of


@pytest.mark.parametrize(
    "name",
    ["n", "N", "n_obs", "n_event", "n.risk", "nobs", "count", "Counts", "patients", "population", "pfizer_n",
     "numEvents", "num_events_covid", "total_population", "numerator", "rate_denominator", "n (%)", "N (%)",
     "Count, %", "n_Confirmed SGTF", "Number of patients", "count_midpoint6", "n_rounded", "n_midpoint6_derived",
     "deaths", "covid_deaths", "freq", "No. (%)", "No. of patients", "population_2020", "deaths_within_28_days", "patients_with_event", "n1", "list_size", "**N**", "n_included"],
)  # fmt: skip
def test_names_that_say_that_people_are_counted(name):
    assert role_of(name) is Role.CERTAIN


@pytest.mark.parametrize(
    "name",
    [
        "total",
        "obs",
        "No.",
        "females",
        "eventcount",
        "admitted",
        "event",
        "case",
        "death",
        "total_flu",
    ],
)
def test_names_that_may_say_so(name):
    assert role_of(name) is Role.POSSIBLE


@pytest.mark.parametrize(
    "name",
    ["", "imd", "quintile", "dose", "week", "model", "var_nlevels", "df", "hr", "or", "p.value", "conf.low",
     "n_pct", "pct_nonmiss", "pospc_%", "rate_per_1000", "n_weeks", "number_of_practices", "count_models",
     "persontime", "pfizer_yearsatrisk", "tstop", "mean_n", "patient_id", "nlevels", "n_unique", "expected_n", "discount", "events_per_day",
     "Crude rate per 100,000 population", "label", "No", "Yes", "x" * 90, "month_n"],
)  # fmt: skip
def test_names_that_count_nobody(name):
    assert role_of(name) is Role.NONE


def test_names_tell_how_counts_were_rounded():
    assert is_midpoint_name("n_midpoint6")
    assert is_midpoint_name("count_mp6")
    assert not is_midpoint_name("term_midpoints_of_life")
    assert is_rounded_name("n_rounded")
    assert is_rounded_name("n_r5")
    assert not is_rounded_name("rounds")


@pytest.mark.parametrize(
    ("name", "count"),
    [("Female, N=3", 3), ("**TRUE**, N = 1,204", 1204), ("(n=12)", 12), ("mean=3", None), ("n=3.5", None), ("N", None)],
)  # fmt: skip
def test_a_name_may_state_a_count(name, count):
    assert header_count(name) == count


@pytest.mark.parametrize(
    ("cell", "count"),
    [("0", 0), ("3", 3), ("1204", 1204), ("1,204", 1204), ("1 204", 1204), ("1\u00a0204", 1204), ("12.0", 12),
     ("12 (3.4%)", 12), ("12 (3.4)", 12), ("1,204 [34%]", 1204), ("3/45 (6.7%)", 3), ("3*", 3), ("3\u2020", 3),
     ('="3"', 3), ("'3", 3), ("\uff13", 3), ("007", 7), ("3\u00b2", 3)],
)  # fmt: skip
def test_cells_that_are_counts(cell, count):
    assert count_of(cell) == count


@pytest.mark.parametrize(
    "cell",
    ["", "-3", "3.5", "12.04", "<5", "NA", "3-5", "45 (32, 60)", "1,20", "12,3456", "1e3", "3 to 5",
     "2021-01-01", "12345678901", "three", "\u00b2", "3 of 5"],
)  # fmt: skip
def test_cells_that_are_no_counts(cell):
    assert count_of(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "[REDACTED]",
        "redacted",
        "(redacted)",
        "<=5",
        "<5",
        "< 8",
        "\u22645",
        "*",
        "<5 (0.1%)",
        "[c]",
        "5 or fewer",
    ],
)
def test_marks_that_only_suppression_leaves(cell):
    assert mark_of(cell) is Mark.SUPPRESSION


@pytest.mark.parametrize("cell", ["NA", "NaN", "n/a", "-", "None", "."])
def test_marks_that_a_missing_value_leaves_too(cell):
    assert mark_of(cell) is Mark.AMBIGUOUS


@pytest.mark.parametrize("cell", ["<50", "5", "female", "<65 years", "reduced", "x" * 50, "-3"])
def test_cells_that_are_no_marks(cell):
    assert mark_of(cell) is None


def test_an_empty_cell_is_a_mark_of_its_own():
    assert mark_of("") is Mark.EMPTY


def labels(text):
    return [found.label for found in count_columns(table_of(text))]


def test_a_column_with_numbers_of_another_kind_counts_nobody():
    assert labels("g,n,count\na,3,1\nb,4.5,2\n") == ["count"]
    assert labels("g,n\na,3\nb,-4\n") == []


def test_a_word_among_counts_hides_nothing():
    [found] = count_columns(table_of("g,n\na,3\nb,see note\nc,12\n"))

    assert found.counts == [3, None, 12]


def test_a_column_of_words_counts_nobody_whatever_its_name():
    assert labels("event,n\nstroke,12\nfall,13\n3,14\n") == ["n"]


def test_short_rows_hold_no_count():
    [found] = count_columns(table_of("g,n\na,3\nb\nc,12\n"))

    assert found.counts == [3, None, 12]


def test_flags_under_a_doubtful_name_are_no_counts():
    rows = "\n".join(f"{number},{number % 2},{number % 2}" for number in range(20))

    assert labels(f"row,death,n\n{rows}\n") == ["n"]


def test_single_digits_under_a_doubtful_name_may_be_codes():
    rows = "\n".join(f"{number},{number % 5},{number % 5},{number}" for number in range(20))

    codes, counts, numbers = count_columns(table_of(f"row,case,n,died\n{rows}\n"))
    assert may_be_codes(codes)
    assert not may_be_codes(counts)
    assert not may_be_codes(numbers)


def test_the_second_row_of_a_header_names_columns_too():
    assert labels(",A,A,B\ngroup,n,pct,n\nx,3,4,5\ny,1204,6,7\n") == ["A", "B"]


def test_percentages_behind_numbers_make_them_counts():
    [found] = count_columns(
        table_of("level,stat_1\nage,\nyoung,3 (2%)\nold,140 (98%)\nmean,4 (2)\n")
    )

    assert found.role is Role.CERTAIN
    assert found.counts == [None, 3, 140, None]


def rated(died, *, between=0, rates=1, per=1_000, n=977):
    """A table of deaths and their rate behind columns that say nothing, for the people of each row."""
    header = ["g", "n", *(f"x{at}" for at in range(between)), "died_covid_here", *(f"rate{at}" for at in range(rates))]  # fmt: skip
    rows = [
        [
            f"g{at}",
            f"{n + 3 * at}",
            *["0.5"] * between,
            f"{count}",
            *["0.123"] * (rates - 1),
            f"{per * count / (n + 3 * at):.6f}",
        ]
        for at, count in enumerate(died)
    ]
    return "\n".join(map(",".join, [header, *rows]))


@pytest.mark.parametrize(
    "text",
    [
        rated([3, 150, 72, 41]),
        rated([3, 150, 72, 41], between=60),
        rated([3, 150, 72, 41], rates=25),
        rated([*[0] * 40, 3, 150, 72, 41]),
        rated([*[3] * 40, 150, 72, 41]),
        rated([3, 150, 72, 41]) + "\nlast,1000,8,",
    ],
    ids=["plain", "far to the right", "behind other rates", "below rows of none", "below rows of as many", "a rate is missing"],
)  # fmt: skip
def test_what_a_rate_was_made_of_counts_wherever_it_stands(text):
    assert "died_covid_here" in labels(text)
    assert not is_cut(table_of(text))


def test_what_no_rate_was_made_of_counts_nobody_however_long_some_rows_agree():
    text = rated([3, 150, 72, 41] * 8) + "\ng,1000,5,9.1"

    assert "died_covid_here" in labels(text)  # a sample was enough
    assert "died_covid_here" not in labels(rated([3, 0, 3, 0] * 20))
    assert "died_covid_here" not in labels(rated([0, 0, 3, 5]) + "\ng,1000,5,9.1")


@pytest.mark.parametrize(
    ("counts", "rates", "others", "too_many"),
    [(60, 80, 40, False), (80, 80, 1, True), (50, 80, 50, False), (50, 80, 51, True)],
)
def test_columns_that_are_too_many_to_be_tried_are_told_of(counts, rates, others, too_many):
    names = [f"{name}_{at}" for name, number in (("n", counts), ("rate", rates), ("y", others)) for at in range(number)]  # fmt: skip
    row = [*["20"] * counts, *["0.5"] * rates, *["7"] * others]

    assert is_cut(Table(tuple(names), [row] * 4)) is too_many


def test_percentages_behind_numbers_are_seen_below_rows_without_any():
    rows = [
        *(f"heading {at}," for at in range(40)),
        *(f"g{at},{at + 3} ({at}%)" for at in range(5)),
    ]

    assert labels("\n".join(["level,stat_1", *rows])) == ["stat_1"]


def test_a_row_named_as_a_count_gives_the_counts_right_of_its_name():
    found = count_columns(table_of("imd,statistic,A,B,hr\n1,n,3,12,4\n2,mean,4.5,5.5,1\n"))

    assert [(column.label, column.counts) for column in found] == [
        ("A", [3, None]),
        ("B", [12, None]),
    ]


def test_the_name_of_a_row_may_stand_behind_any_number_of_others():
    around = "North,F,18-39,1st,White,A,tertiary"
    header = "region,sex,age,imd,ethnicity,brand,care,measure,value"

    [found] = count_columns(
        table_of(f"{header}\n{around},n,412\n{around},n,3\n{around},mean,9.5\n")
    )

    assert (found.label, found.counts) == ("value", [412, 3, None])


def test_the_answers_yes_and_no_are_no_names_of_rows():
    assert labels("item,done,position\na,y,412\nb,n,3\nc,n,7\n") == []


def test_a_row_that_mixes_counts_and_decimals_is_not_taken_for_counts():
    assert labels("statistic,A,B\nn,3,1.5\n") == []


def test_a_number_whose_rate_is_stated_counts_people():
    text = "g,stroke,code,population,rate_per_100000\na,3,1,3000,100\nb,12,2,4000,300\nc,7,3,2000,350\n"

    assert labels(text) == ["stroke", "population"]


def test_a_number_that_the_rate_contradicts_does_not():
    text = "g,stroke,population,rate_per_100000\na,3,3000,100\nb,12,4000,300\nc,7,2000,351\n"

    assert labels(text) == ["population"]


def test_observations_in_fractions_make_a_table_a_weighted_one():
    assert is_weighted(table_of("term,n_obs,n_event\na,12.5,3\n"))
    assert not is_weighted(table_of("term,n_obs,mean\na,12.0,3.5\n"))


def test_a_row_for_each_code_makes_a_table_a_list_of_codes():
    rows = [f"{code},3" for code in range(12)]

    assert lists_codes(table_of("\n".join(["snomed_code,n", *rows])))
    assert not lists_codes(table_of("\n".join(["snomed_code,n", *rows, "0,4"])))
    assert not lists_codes(table_of("\n".join(["group,n", *rows])))
    assert not lists_codes(table_of("code,n\n1,3\n2,4\n"))


def test_a_column_without_any_count_is_none():
    assert whole_counts(["NA", "", "[REDACTED]"]) is None
