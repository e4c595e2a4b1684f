"""Which cells of which tables are taken out, and why."""

import dataclasses

import pytest

from breachkit.actions.redaction import plan_redaction
from breachkit.actions.redaction_plan import Asked, NamedTables, Options, Question, Why
from breachkit.documents.editing.editable import Spot
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import GitPath
from breachkit.sdc.marks import REDACTED, Mark, mark_of
from breachkit.sdc.rounding import Regime
from tests.support.judging import POLICIES
from tests.support.redacting import FIVE_ALLOWED, TODAY, Redacted
from tests.support.suppression_tables import CASES


def table(*lines):
    return "\n".join(lines) + "\n"


TWO_WAY = table(
    "age,Male,Female,Total",
    "0-20,3,20,23",
    "21-30,10,15,25",
    "31-40,40,30,70",
    "Total,53,65,118",
)


def test_the_mark_is_one_that_only_suppression_leaves():
    assert mark_of(REDACTED) is Mark.SUPPRESSION


def test_a_small_count_goes_and_large_ones_stay():
    found = Redacted(table("region,n", "North,3", "South,52", "East,61"))

    assert found.text() == ["region,n", "North,[REDACTED]", "South,52", "East,61"]
    assert found.why() == {(0, 1): Why.PRIMARY}
    assert found.plan.is_done


def test_zeros_stay():
    found = Redacted(table("region,n", "North,0", "South,52", "East,3"))

    assert found.text()[1] == "North,0"


def test_the_threshold_is_that_of_the_policy():
    text = table("region,n", "North,6", "South,52", "East,61")

    assert Redacted(text, policy=FIVE_ALLOWED).plan.is_empty
    assert not Redacted(text, policy=TODAY).plan.is_empty


def test_so_many_others_go_that_totals_do_not_give_it_back():
    found = Redacted(TWO_WAY)

    assert found.text() == [
        "age,Male,Female,Total",
        "0-20,[REDACTED],[REDACTED],23",
        "21-30,[REDACTED],[REDACTED],25",
        "31-40,40,30,70",
        "Total,53,65,118",
    ]
    assert found.why()[0, 1] is Why.PRIMARY
    assert {why for place, why in found.why().items() if place != (0, 1)} == {Why.COMPLEMENTARY}
    assert (found.table.lost, found.table.counts) == (4, 12)


def test_a_count_with_its_percentage_goes_as_a_whole():
    found = Redacted(table("age,n (%)", "0-20,3 (3.0%)", "21-30,47 (47.0%)", "31-40,50 (50.0%)"))

    assert found.text()[1:] == ["0-20,[REDACTED]", "21-30,[REDACTED]", "31-40,50 (50.0%)"]


def test_a_percentage_goes_with_its_count():
    found = Redacted(table("age,n,pct", "0-20,3,0.2", "21-30,470,31.3", "31-40,1027,68.5"))

    assert found.text()[1] == "0-20,[REDACTED],[REDACTED]"
    assert found.why()[0, 2] is Why.DERIVED


def test_percentages_tell_a_total_that_is_not_printed():
    found = Redacted(table("age,n,pct", "0-20,3,3.0", "21-30,47,47.0", "31-40,50,50.0"))

    assert found.text()[1:] == [
        "0-20,[REDACTED],[REDACTED]",
        "21-30,[REDACTED],[REDACTED]",
        "31-40,50,50.0",
    ]


def test_without_percentages_or_a_total_nothing_else_goes():
    found = Redacted(table("age,n", "0-20,3", "21-30,47", "31-40,50"))

    assert found.table.lost == 1


def test_a_mean_its_deviation_and_the_limits_behind_go_with_the_count():
    found = Redacted(
        table(
            "region,n,mean_age,sd,lower,upper",
            "North,3,45.1,3.2,41.5,48.7",
            "South,52,50.2,9.1,47.7,52.7",
        )
    )

    assert found.text()[1] == "North" + ",[REDACTED]" * 5
    assert found.text()[2] == "South,52,50.2,9.1,47.7,52.7"


def test_an_estimate_of_a_model_stays_and_a_person_is_asked():
    found = Redacted(table("term,n_events,hr", "North,3,1.25", "South,52,0.81"))

    assert found.text()[1] == "North,[REDACTED],1.25"
    assert [
        asked.columns for asked in found.questions() if asked.asked is Asked.ESTIMATES_LEFT
    ] == [("hr",)]


def test_a_rate_that_gives_away_a_count_nobody_printed_goes():
    found = Redacted(table("region,N,pct", "North,150,2.0", "South,250,10.8", "East,350,14.0"))

    assert found.text()[1:] == ["North,150,[REDACTED]", "South,250,10.8", "East,350,14.0"]
    assert found.why() == {(0, 2): Why.DERIVED}


def test_rates_of_one_denominator_give_each_other_away():
    found = Redacted(table("region,rate,N", "North,2.00,150", "South,10.67,150", "East,87.33,150"))

    assert found.text()[1:] == ["North,[REDACTED],150", "South,[REDACTED],150", "East,87.33,150"]


def test_a_small_count_in_a_header_goes_with_all_that_is_said_of_these_people():
    found = Redacted(
        table(
            "group,Vaccinated (n=4),Unvaccinated (n=120)",
            "Male n (%),1 (25.0%),60 (50.0%)",
            "Female n (%),3 (75.0%),60 (50.0%)",
            "Age mean (SD),45.1 (3.2),50.2 (10.1)",
        )
    )

    assert found.text() == [
        "group,Vaccinated (n=[REDACTED]),Unvaccinated (n=120)",
        "Male n (%),[REDACTED],60 (50.0%)",
        "Female n (%),[REDACTED],60 (50.0%)",
        "Age mean (SD),[REDACTED],50.2 (10.1)",
    ]
    assert found.why()[-1, 1] is Why.STATED


def test_a_small_count_in_a_header_does_not_follow_from_those_beside_it():
    found = Redacted(
        table(
            "group,All (n=124),Vaccinated (n=4),Unvaccinated (n=120)",
            "Male n (%),61 (49.2%),1 (25.0%),60 (50.0%)",
            "Female n (%),63 (50.8%),3 (75.0%),60 (50.0%)",
            "Age mean (SD),50.1 (9.9),45.1 (3.2),50.2 (10.1)",
        )
    )

    [header, *_, ages] = found.text()
    assert "n=4" not in header
    assert header.count("[REDACTED]") == 2 or not found.plan.is_done
    assert ages.startswith("Age mean (SD),50.1 (9.9),[REDACTED]")


def test_statistics_before_the_count_go_too():
    found = Redacted(table("region,mean_age,n", "North,45.1,3", "South,50.2,52"))

    assert found.text()[1:] == ["North,[REDACTED],[REDACTED]", "South,50.2,52"]


def test_a_small_count_in_the_name_of_a_row_goes_and_the_name_stays():
    found = Redacted(table("group,rate", "Women (n=4),0.51", "Men (n=310),0.48"))

    assert found.text()[1] == "Women (n=[REDACTED]),0.51"


def test_columns_of_categories_that_add_up_are_counts():
    found = Redacted(
        table(
            "ageband,White,Mixed,Other,Total",
            "0-20,120,2,31,153",
            "21-40,240,40,52,332",
            "41-60,333,51,63,447",
        )
    )

    assert found.why()[0, 2] is Why.PRIMARY
    assert found.plan.is_done or found.rules_left() == {"CNT-04"}


def test_numbers_that_may_be_counts_are_asked_about_and_not_touched():
    found = Redacted(table("region,level_of_x,odd", "North,a,3", "South,b,900", "East,c,17"))

    assert found.plan.is_empty
    assert [(asked.asked, asked.columns) for asked in found.questions()] == [
        (Asked.MAY_COUNT, ("odd",))
    ]


def test_a_column_that_a_person_calls_a_count_is_one():
    text = table("region,level_of_x,odd", "North,a,3", "South,b,900", "East,c,17")

    found = Redacted(text, options=Options(columns=frozenset({"Odd"})))

    assert found.text()[1] == "North,a,[REDACTED]"
    assert not found.questions()


def test_a_column_that_a_person_keeps_stays():
    text = table("region,n,events", "North,30,3", "South,52,4", "East,61,50")

    found = Redacted(text, options=Options(keep=frozenset({"events"})))

    assert found.plan.is_empty


def test_a_kept_column_is_known_to_whoever_works_something_out():
    text = table(
        "sex,men,women,total", "A,3,52,55", "B,94,61,155", "C,80,75,155", "Total,177,188,365"
    )

    found = Redacted(text, options=Options(keep=frozenset({"total", "women"})))
    free = Redacted(text, options=Options(keep=frozenset({"total"})))

    assert found.plan.failed
    assert Question(asked=Asked.KEPT_TELLS, columns=("women", "total")) in found.questions()
    assert not free.plan.failed
    assert {at for _, at in free.why()} == {1, 2}
    assert not free.rules_left() - {"CNT-04"}


def test_a_kept_percentage_that_tells_a_count_is_said():
    text = table("region,n,died,percent", "A,300,3,1.0", "B,400,40,10.0", "C,500,60,12.0")

    found = Redacted(text, options=Options(keep=frozenset({"percent"})))
    wide = Redacted(
        text.replace("300,3,1.0", "30000,3,0.0"), options=Options(keep=frozenset({"percent"}))
    )

    assert [line.split(",")[3] for line in found.text()] == ["percent", "1.0", "10.0", "12.0"]
    assert len(found.plan.failed) == 1
    assert found.questions() == [Question(asked=Asked.KEPT_TELLS, columns=("percent",))]
    assert not wide.plan.failed


def test_a_kept_total_in_another_file_is_known_too():
    files = {
        "released_outputs/deaths_by_sex.csv": table("sex,deaths", "F,3", "M,120", "Total,123"),
        "released_outputs/deaths_by_age.csv": table(
            "age,n_deaths", "0-39,60", "40+,63", "Total,123"
        ),
    }

    found = Redacted(files, options=Options(keep=frozenset({"deaths"})))

    assert not found.why(0)
    assert not found.plan.failed


def test_rates_without_a_zero_before_the_point_go_with_their_limits():
    text = table(
        "group,personTime,numEvents,rate,lc,uc,rate_ppm,lc_ppm,uc_ppm",
        "a,803946,5,.0000062,.000003,.000016,.0189301,.01,.05",
        "b,403946,50,.0001238,.0001,.0002,.3767521,.3,.5",
        "c,103946,40,.0003848,.0002,.0005,1.1712812,.9,1.9",
    )

    found = Redacted(text, policy=FIVE_ALLOWED)
    rounded = Redacted(text, options=Options(rounding=Regime(5)))

    assert found.text()[1] == "a,803946" + ",[REDACTED]" * 7
    assert found.text()[2:] == text.splitlines()[2:]
    assert rounded.text()[2:] == text.splitlines()[2:]
    assert rounded.questions() == [Question(asked=Asked.NOT_RECOMPUTED, columns=("lc", "uc", "lc_ppm", "uc_ppm"))]  # fmt: skip


def test_of_columns_that_repeat_for_each_group_the_statistic_of_the_same_group_goes():
    text = table(
        "week,patients,patients,population,population,rate,rate",
        "1,3,90,1000,2000,0.30,4.50",
        "2,50,80,1010,2020,4.95,3.96",
        "3,60,70,1020,2030,5.88,3.45",
    )

    found = Redacted(text, policy=FIVE_ALLOWED)

    assert found.text()[1] == "1,[REDACTED],90,1000,2000,[REDACTED],4.50"
    assert not found.rules_left()


def test_numbers_of_groups_with_a_letter_that_add_up_are_counts():
    rows = ("A,{}80,37,3", "B,{}60,28,2", "C,{}100,60,40", "D,{}99,51,4")
    adding = table("region,n_total,n_p,n_t,n_z", *(row.format(f"{total},") for row, total in zip(rows, (120, 90, 200, 154), strict=True)))  # fmt: skip
    alone = table("region,n_p,n_t,n_z", *(row.format("") for row in rows))

    assert {place for place, why in Redacted(adding).why().items() if why is Why.PRIMARY} == {(0, 4), (1, 4), (3, 4)}  # fmt: skip
    assert Redacted(alone).plan.is_empty
    assert Redacted(alone).questions() == [Question(asked=Asked.MAY_COUNT, columns=("n_z",))]


def test_people_of_groups_with_short_names_are_counts_however_long_the_table():
    rows = [f"R{row},{9 if row % 3 else row % 9},{8 if row else 3}" for row in range(30)]
    text = table("region,patients a,patients b", *rows)

    found = Redacted(text)
    one = Redacted(text.replace("patients a", "level"))

    assert {at for _, at in found.why()} == {1, 2}
    assert (0, 2) in found.why()
    assert not found.questions()
    assert one.plan.is_empty


def test_numbers_of_one_digit_under_a_doubtful_name_may_be_codes():
    text = table("region,case", *(f"R{row},{row % 9 + 1}" for row in range(12)))

    found = Redacted(text)

    assert found.plan.is_empty
    assert [asked.asked for asked in found.questions()] == [Asked.MAY_BE_CODES]


def test_lists_of_codes_are_asked_about():
    text = table("snomedcode,n", *(f"{100 + row},{row + 2}" for row in range(12)))

    found = Redacted(text)

    assert found.plan.is_empty
    assert [asked.asked for asked in found.questions()] == [Asked.USES_OF_CODES]


MEASURES = table(
    "measure,interval_start,interval_end,ratio,numerator,denominator,sex",
    "m,2024-01-01,2024-01-31,0.03,3,100,male",
    "m,2024-01-01,2024-01-31,0.3,60,200,female",
)


def test_the_ratio_of_a_measure_goes_with_its_numerator():
    found = Redacted(MEASURES)

    assert found.text()[1:] == [
        "m,2024-01-01,2024-01-31,[REDACTED],[REDACTED],100,male",
        "m,2024-01-01,2024-01-31,0.3,60,200,female",
    ]


def test_small_numbers_of_the_cohort_extractor_go():
    found = Redacted(
        table(
            "sex,admitted,population,value,date",
            "F,5,1000,0.005,2021-01-01",
            "M,30,1000,0.03,2021-01-01",
        ),
        policy=POLICIES.choose("2020-12").at(None),
    )

    assert found.text()[1] == "F,[REDACTED],1000,[REDACTED],2021-01-01"


def test_breakdowns_of_the_same_people_tell_each_other():
    found = Redacted(
        table(
            "breakdown,group,n",
            "sex,Male,60",
            "sex,Female,40",
            "age,0-20,4",
            "age,21-40,36",
            "age,41+,60",
        )
    )

    assert found.why()[2, 2] is Why.PRIMARY
    assert list(found.why().values()).count(Why.COMPLEMENTARY) == 1


def test_a_table_of_all_beside_one_of_men_tells_of_women():
    found = Redacted(
        {
            "released_outputs/deaths_all.csv": table(
                "region,n", "North,40", "South,52", "East,61", "West,33", "Total,186"
            ),
            "released_outputs/deaths_male.csv": table(
                "region,n", "North,38", "South,22", "East,30", "West,13", "Total,103"
            ),
        }
    )

    assert {**found.why(0), **found.why(1)}
    assert found.plan.is_done


def test_one_total_in_two_files_is_one_count():
    found = Redacted(
        {
            "sex.csv": table("sex,n", "Male,58", "Female,42", "Total,100"),
            "age.csv": table("age,n", "0-20,4", "21-40,35", "41+,61", "Total,100"),
        }
    )

    assert found.text(0) == ["sex,n", "Male,58", "Female,42", "Total,100"]
    assert len(found.why(1)) == 2
    assert found.text(1)[-1] == "Total,100"


def test_a_count_that_was_out_already_gets_company():
    found = Redacted(
        table("age,n", "0-20,[REDACTED]", "21-30,47", "31-40,50", "41+,61", "Total,161")
    )

    assert list(found.why().values()) == [Why.COMPLEMENTARY]
    assert found.table.already == 1


def test_a_table_that_loses_most_of_its_counts_is_better_left_out():
    text = table("age,n", "0-20,3", "21-30,4", "31-40,5", "41+,61", "Total,73")

    found = Redacted(text)

    assert Asked.WHOLE_TABLE in {asked.asked for asked in found.questions()}


def test_a_whole_table_goes_where_that_was_asked_for():
    text = table(
        "age,n,pct", "0-20,3,4.1", "21-30,4,5.5", "31-40,5,6.8", "41+,61,83.6", "Total,73,100.0"
    )

    found = Redacted(text, options=Options(whole_table=True))

    assert found.text()[1:] == [
        f"{name},[REDACTED],[REDACTED]" for name in ("0-20", "21-30", "31-40", "41+", "Total")
    ]
    assert set(found.why().values()) == {Why.WHOLE}


def test_parts_of_a_file_under_their_own_headers_change_with_the_whole():
    text = table("sex,n", "Male,60", "Female,40", "", "age,people", "0-20,4", "21-40,96")

    found = Redacted(text)

    [whole, *parts] = found.plan.files[0].tables
    assert parts
    assert {(spot.row, spot.column) for spot in whole.changes} >= {
        (spot.row + (table.above or 0), spot.column)
        for plan, table in zip(parts, found.before[0].tables[1:], strict=True)
        for spot in plan.changes
    }
    assert not found.plan.failed


def test_a_way_of_rounding_that_the_policy_does_not_name_is_refused():
    file = NamedTables(path=GitPath(b"t.csv"), tables=())

    with pytest.raises(ConfigurationError, match="2020-12"):
        plan_redaction([file], FIVE_ALLOWED, Options(rounding=Regime(5)))
    with pytest.raises(ConfigurationError, match="multiples of 7"):
        plan_redaction([file], TODAY, Options(rounding=Regime(7)))
    plan_redaction([file], TODAY, Options(rounding=Regime(10)))


def test_nothing_of_a_plan_shows_a_number():
    found = Redacted(TWO_WAY, options=Options(rounding=Regime(5)))

    assert "115" in found.text()[-1]
    assert "115" not in repr(found.plan)


def test_no_table_is_no_work():
    plan = plan_redaction([NamedTables(path=GitPath(b"t.csv"), tables=())], TODAY)

    assert plan.is_empty
    assert plan.is_done


@pytest.mark.parametrize("case", [case for case in CASES if case.rows], ids=lambda case: case.name)
def test_published_tables_are_protected_and_planning_again_changes_nothing(case):
    found = Redacted(
        "\n".join(",".join(row) for row in case.rows) + "\n", policy=_with(case.problem.threshold)
    )

    assert _too_small(case) <= found.why().keys()
    assert not found.plan.failed
    assert not found.rules_left()
    assert found.untouched()
    assert found.again().is_empty


def _with(threshold):
    return dataclasses.replace(FIVE_ALLOWED, threshold=threshold)


def _too_small(case):
    cells = case.problem.counted.cells
    return {place for place in case.problem.primary if cells[place].count <= case.problem.threshold}


def test_the_documentation_s_table_loses_one_more_count_of_each_column():
    case = CASES[0]

    found = Redacted("\n".join(",".join(row) for row in case.rows) + "\n")

    assert found.why() == {
        (0, 1): Why.PRIMARY,
        (0, 2): Why.PRIMARY,
        (1, 1): Why.COMPLEMENTARY,
        (1, 2): Why.COMPLEMENTARY,
    }
    assert found.table.least == found.table.cost


def test_spots_of_changes_are_those_of_their_table():
    found = Redacted(TWO_WAY)

    assert set(found.plan.files[0].edits) == {
        Spot(0, 0, 1),
        Spot(0, 0, 2),
        Spot(0, 1, 1),
        Spot(0, 1, 2),
    }


STATA = table(
    "region,Freq.,Percent,Cum.",
    "R0,51,38.93,38.93",
    "R1,57,43.51,82.44",
    "R2,2,1.53,83.97",
    "R3,21,16.03,100.00",
    "Total,131,100.00,",
)


def test_cumulative_percentages_go_with_any_of_their_counts():
    found = Redacted(STATA)

    assert [line.split(",")[3] for line in found.text()[1:5]] == [REDACTED] * 4
    assert found.why()[0, 3] is Why.DERIVED
    assert found.plan.is_done


def test_a_column_called_cumulative_goes_even_where_its_numbers_are_no_shares():
    found = Redacted(STATA.replace("83.97", "84.11"))

    assert found.text()[1].endswith(REDACTED)


def test_cumulative_counts_are_sums_that_tell_a_count():
    found = Redacted(
        table("region,n,cum_n", "R0,51,51", "R1,57,108", "R2,2,110", "R3,21,131", "R4,44,175")
    )

    assert found.why()[2, 1] is Why.PRIMARY
    assert (2, 2) in found.why() or (1, 2) in found.why()
    assert not found.plan.failed
    assert found.rules_left() == {"CNT-04"}


def test_a_percentage_with_a_decimal_comma_goes_too():
    found = Redacted(table("age;n;pct", "0-20;3;0,2", "21-30;470;31,4", "31-40;1024;68,4"))

    assert found.before[0].tables[0].header == ("age", "n", "pct")
    assert found.why()[0, 2] is Why.DERIVED
