"""What stands in a table that was redacted and rounded."""

import pytest

from breachkit.actions.redaction_plan import Asked, Options, Question, Why
from breachkit.actions.redaction_rounding import round_count
from breachkit.sdc.rounding import Regime
from tests.support.judging import POLICIES
from tests.support.redacting import TO_FIVE, TO_MIDPOINTS, Redacted


def table(*lines):
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("regime", "pairs"),
    [
        (Regime(5), {0: 0, 7: 5, 8: 10, 12: 10, 13: 15, 1002: 1000}),
        (Regime(10), {4: 0, 5: 10, 14: 10, 15: 20}),
        (Regime(6, midpoint=True), {0: 0, 1: 3, 6: 3, 7: 9, 12: 9, 13: 15, 18: 15}),
    ],
)
def test_counts_are_rounded_as_the_documentation_has_it(regime, pairs):
    assert {count: round_count(count, regime) for count in pairs} == pairs


def test_a_total_is_what_its_parts_are_that_are_still_printed():
    found = Redacted(
        table(
            "age,Male,Female,Total",
            "0-20,3,20,23",
            "21-30,10,15,25",
            "31-40,41,32,73",
            "Total,54,67,121",
        ),
        options=TO_FIVE,
    )

    assert found.text() == [
        "age,Male,Female,Total",
        "0-20,[REDACTED],20,20",
        "21-30,10,15,25",
        "31-40,40,30,70",
        "Total,50,65,115",
    ]
    assert found.why()[3, 1] is Why.TOTAL
    assert found.why()[2, 1] is Why.ROUNDED
    assert found.plan.is_done


def test_the_documentation_s_table_of_rounded_counts_comes_out():
    found = Redacted(
        table(
            "Age band,Heart disease,Population",
            "21-30,8,100",
            "31-40,10,90",
            "41-50,15,85",
            "51+,25,120",
            "Total,58,395",
        ),
        options=TO_FIVE,
    )

    assert found.text()[-1] == "Total,60,395"


def test_percentages_are_those_of_the_rounded_counts_with_as_many_decimals():
    found = Redacted(
        table("age,n,pct", "0-20,13,13.0", "21-30,37,37.0", "31-40,50,50.0"), options=TO_FIVE
    )

    assert found.text()[1:] == ["0-20,15,15.0", "21-30,35,35.0", "31-40,50,50.0"]


def test_percentages_behind_counts_separators_and_signs_stay_as_they_were_written():
    found = Redacted(
        table(
            "age,n (%)",
            '0-20,"1,247 (93.48%)"',
            "21-30,84 (6.30%)",
            "31-40,3 (0.22%)",
        ),
        options=TO_FIVE,
    )

    assert found.text()[1:] == ["0-20,1,245 (93.61%)", "21-30,85 (6.39%)", "31-40,[REDACTED]"]


def test_the_number_of_people_behind_a_stroke_is_rounded_too():
    found = Redacted(
        table("age,n (%)", "0-20,12/344 (3.5%)", "21-30,48/222 (21.6%)"), options=TO_FIVE
    )

    assert [row.split(" ")[0] for row in found.text()[1:]] == ["0-20,10/345", "21-30,50/220"]


def test_decimals_of_whole_numbers_stay():
    found = Redacted(table("age,n", "0-20,12.0", "21-30,47.0", "31-40,103.0"), options=TO_FIVE)

    assert found.text()[1:] == ["0-20,10.0", "21-30,45.0", "31-40,105.0"]


def test_counts_in_headers_are_rounded_or_added_up_again():
    found = Redacted(
        table(
            'group,Vaccinated (n=151),"Unvaccinated (n=1,123)"',
            "Male n (%),3 (2.0%),561 (50.0%)",
            "Female n (%),148 (98.0%),562 (50.0%)",
        ),
        options=TO_FIVE,
    )

    assert found.text() == [
        "group,Vaccinated (n=150),Unvaccinated (n=1,120)",
        "Male n (%),[REDACTED],560 (50.0%)",
        "Female n (%),150 (100.0%),560 (50.0%)",
    ]


def test_what_cannot_be_computed_again_stays_and_a_person_is_told():
    found = Redacted(table("region,n,mean_age", "North,52,45.1", "South,61,50.2"), options=TO_FIVE)

    assert found.text()[1:] == ["North,50,45.1", "South,60,50.2"]
    assert [asked.columns for asked in found.questions()] == [("mean_age",)]
    assert found.questions()[0].asked is Asked.NOT_RECOMPUTED


def test_measures_become_as_their_tool_would_have_written_them():
    found = Redacted(
        table(
            "measure,interval_start,interval_end,ratio,numerator,denominator,sex",
            "m,2024-01-01,2024-01-31,0.03,3,100,male",
            "m,2024-01-01,2024-01-31,0.31,62,203,female",
        ),
        options=TO_FIVE,
    )

    assert found.text()[1:] == [
        "m,2024-01-01,2024-01-31,[REDACTED],[REDACTED],100,male",
        "m,2024-01-01,2024-01-31,0.29,60,205,female",
    ]
    assert found.plan.is_done


def test_a_ratio_of_raw_counts_beside_rounded_ones_is_made_anew():
    lines = [
        (f"R{row},{numerator},{denominator},{(numerator + 2) / (denominator - 1):.6f}")
        for row, (numerator, denominator) in enumerate(
            [(20, 100), (35, 210), (50, 305), (65, 420), (80, 515), (95, 640), (110, 755)]
        )
    ]

    found = Redacted(table("region,n,denominator,ratio", *lines), options=TO_FIVE)

    assert not found.rules_left()
    assert all(why is Why.RECOMPUTED for why in found.why().values())
    assert found.text()[1] == "R0,20,100,0.200000"


def test_small_counts_become_midpoints_where_these_are_known_for_such():
    counts = (3, 8, 14, 20, 27, 33, 40, 45)
    lines = [f"R{row},{count}" for row, count in enumerate(counts)]

    found = Redacted(table("region,n_midpoint6", *lines), options=TO_MIDPOINTS)

    assert found.text()[1:4] == ["R0,3", "R1,9", "R2,15"]
    assert set(found.why().values()) == {Why.ROUNDED}
    assert not found.questions()
    assert found.plan.is_done


def test_a_midpoint_that_nothing_tells_from_a_small_count_is_taken_out():
    found = Redacted(table("region,n", "North,3", "South,52", "East,61"), options=TO_MIDPOINTS)

    assert found.text()[1:] == ["North,[REDACTED]", "South,51", "East,63"]
    assert [asked.asked for asked in found.questions()] == [Asked.NAME_ROUNDING]


def test_rounding_saves_the_cells_that_exact_totals_would_cost():
    text = table(
        "age,Male,Female,Total",
        "0-20,3,20,23",
        "21-30,10,15,25",
        "31-40,40,30,70",
        "Total,53,65,118",
    )

    assert Redacted(text).table.lost == 4
    assert Redacted(text, options=TO_FIVE).table.lost == 1


def test_a_rounded_table_is_left_as_it_is():
    text = table(
        "age,Male,Female,Total",
        "0-20,[REDACTED],20,20",
        "21-30,10,15,25",
        "31-40,40,30,70",
        "Total,50,65,115",
    )

    assert Redacted(text, options=TO_FIVE).plan.is_empty


def test_a_five_that_only_rounding_made_goes_where_it_would_pass_for_a_count():
    policy = POLICIES.choose("2022-08").at(None)

    found = Redacted(table("region,n", "North,6", "South,53"), policy=policy, options=TO_FIVE)

    assert found.text()[1:] == ["North,[REDACTED]", "South,55"]
    assert found.again().is_empty


def test_rates_of_counts_that_all_became_multiples_of_ten_stay():
    text = table(
        "region,patients,deaths,rate_per_1000",
        "A,108,4,37.0",
        "B,142,8,56.3",
        "C,102,9,88.2",
        "D,106,32,301.9",
        "E,60,9,150.0",
    )

    found = Redacted(text, options=TO_FIVE)

    assert [line.split(",")[3] for line in found.text()[1:]] == [
        "[REDACTED]",
        "71.4",
        "100.0",
        "285.7",
        "166.7",
    ]
    assert found.plan.is_done


@pytest.mark.parametrize(
    ("times", "rates", "then"),
    [
        (
            ("person_years", "1644.0", "1233.0", "2055.0", "1112.4"),
            ("rate_per_1000", "20.68", "3.24", "29.68", "19.78"),
            ("21.29", "[REDACTED]", "29.20", "17.98"),
        ),
        (
            ("follow_up_days", "164400", "123300", "205500", "111244"),
            ("rate per 1,000 person-years", "75.54", "11.85", "108.42", "72.23"),
            ("77.76", "[REDACTED]", "106.64", "65.67"),
        ),
    ],
)
def test_rates_by_person_time_are_those_of_the_rounded_counts(times, rates, then):
    counts = ("events", "34", "4", "61", "22")
    names = ("region", "A", "B", "C", "D")
    lines = ['","'.join(row) for row in zip(names, counts, times, rates, strict=True)]
    text = table(*(f'"{line}"' for line in lines))

    found = Redacted(text, options=TO_FIVE)

    assert tuple(line.split(",")[-1] for line in found.text()[1:]) == then
    assert [line.split(",")[2] for line in found.text()[1:]] == list(times[1:])
    assert not found.questions()
    assert found.again().is_empty


def test_rates_that_no_printed_time_explains_are_told_to_a_person():
    text = table("region,events,person_years,rate", "A,34,1644,20.68", "B,61,2055,30.68", "C,22,1112,5.5")  # fmt: skip

    found = Redacted(text, options=TO_FIVE)

    assert found.questions() == [Question(asked=Asked.NOT_RECOMPUTED, columns=("rate",))]


def test_a_rate_by_person_time_that_is_kept_tells_its_count():
    text = table("region,events,person_years,rate", "A,34,1644,20.68", "B,4,1233,3.24", "C,61,2055,29.68")  # fmt: skip

    found = Redacted(text, options=Options(keep=frozenset({"rate"})))

    assert [(spot.row, spot.column) for _, spot in found.plan.failed] == [(1, 1)]
    assert found.questions() == [Question(asked=Asked.KEPT_TELLS, columns=("rate",))]


def test_columns_that_stay_are_not_rounded():
    options = Options(rounding=Regime(5), keep=frozenset({"n"}))

    found = Redacted(table("region,n,events", "North,52,13", "South,61,27"), options=options)

    assert found.text()[1:] == ["North,52,15", "South,61,25"]


def test_cumulative_counts_and_percentages_are_added_up_again():
    found = Redacted(
        table(
            "region,Freq.,Percent,Cum.,cum_n",
            "R0,51,32.28,32.28,51",
            "R1,57,36.08,68.35,108",
            "R2,29,18.35,86.71,137",
            "R3,21,13.29,100.00,158",
            "Total,158,100.00,,",
        ),
        options=TO_FIVE,
    )

    assert found.text()[1:] == [
        "R0,50,32.26,32.26,50",
        "R1,55,35.48,67.74,105",
        "R2,30,19.35,87.10,135",
        "R3,20,12.90,100.00,155",
        "Total,155,100.00,,",
    ]


def test_a_total_without_printed_parts_goes_with_them():
    found = Redacted(
        table(
            "age,Male,Female,Total",
            "0-20,3,6,9",
            "21-30,10,15,25",
            "31-40,41,32,73",
            "Total,54,53,107",
        ),
        options=TO_FIVE,
    )

    assert found.text()[1] == "0-20,[REDACTED],[REDACTED],[REDACTED]"
    assert found.text()[-1] == "Total,50,45,95"
    assert found.plan.is_done


def test_decimal_commas_stay():
    found = Redacted(
        table("age;n;pct", "0-20;13;13,0", "21-30;37;37,0", "31-40;50;50,0"), options=TO_FIVE
    )

    assert found.text()[1:] == ["0-20,15,15,0", "21-30,35,35,0", "31-40,50,50,0"]
