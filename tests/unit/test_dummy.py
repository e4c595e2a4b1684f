from datetime import date

import pytest

from breachkit.documents.table import Table
from breachkit.model.ids import GitPath
from breachkit.sdc.dummy import Evidence, is_released_path, score_dummy
from breachkit.sdc.identifiers import is_nhs_number


def score(ids, *, path=b"data/x.csv", columns=None, day=date(2021, 5, 1)):
    columns = columns or {}
    header = ("patient_id", *columns)
    rows = list(zip(map(str, ids), *columns.values(), strict=True))
    return score_dummy(Table(header, rows), [row[0] for row in rows], [path], day)


def names(found):
    return {piece.name for piece in found.evidence}


SPREAD = [3_000 + 7 * number**2 for number in range(140)]  # unique, wide, no generator's


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (b"analysis/dummy_data.csv", "dummy-path"),
        (b"DummyData/a.csv", "dummy-path"),
        (b"tests/fixtures/a.csv", "test-path"),
        (b"synthetic/a.csv", "test-path"),
        (b"output/input.csv.gz", "cohort-path"),
        (b"released_outputs/a.csv", "released-path"),
    ],
)
def test_paths_speak_for_themselves(path, name):
    assert name in names(score(SPREAD, path=path))


def test_a_released_file_is_not_dummy_because_its_identifiers_are_counted():
    found = score(range(1, 1001), path=b"released_outputs/cohort.csv")

    assert {"sequence", "round-size", "released-path"} <= names(found)
    assert found.verdict == "not-shown"


def test_identifiers_counted_from_one_or_zero_are_those_of_a_generator():
    assert "sequence" in names(score(range(1, 101)))
    assert "sequence" in names(score(range(100)))
    assert score(range(1, 101)).verdict == "likely-dummy"


def test_identifiers_drawn_below_ten_times_the_rows_are_those_of_a_generator():
    drawn = [number * 9 % 1000 for number in range(1, 101)]

    assert "drawn-ids" in names(score(drawn))
    assert "drawn-ids" not in names(score([*drawn[:-1], 1000]))
    assert "drawn-ids" not in names(score([*drawn[:-1], drawn[0]]))  # drawn without repeating


def test_identifiers_of_some_of_a_round_cohort_stop_where_its_generator_does():
    of_matched = [503 * number for number in range(1, 199)]  # of 10,000 people, drawn below 100,000

    assert "drawn-of-more" in names(score(of_matched))
    assert "spread-ids" not in names(score(of_matched))
    assert "drawn-of-more" not in names(score([number * 9 // 10 for number in of_matched]))
    assert "drawn-of-more" not in names(score(of_matched[-20:]))  # too few to tell
    assert "drawn-of-more" not in names(score([100 * number for number in of_matched]))
    assert score(of_matched).verdict == "not-shown"


def test_large_spread_and_hexadecimal_identifiers_are_those_of_a_database():
    assert "large-ids" in names(score([2_000_000 + number for number in range(40)]))
    assert "spread-ids" in names(score([5 + 40_000 * number for number in range(20)]))
    assert "hex-ids" in names(score([f"{number:016x}ab" for number in range(1, 40)]))


def test_identifiers_of_another_form_say_nothing():
    assert names(score([f"N-{number:05d}-X" for number in range(40)])) == {"odd-size"}


def test_round_population_sizes_and_few_rows_speak_for_dummy_data():
    assert "round-size" in names(score(range(7, 1007)))
    assert "odd-size" in names(score(range(7, 1008)))
    assert {"few-rows"} == names(score(range(7, 19))) - {"drawn-ids"}


def test_real_nhs_numbers_outweigh_a_path_that_calls_them_dummy():
    valid = [text for number in range(500) if is_nhs_number(text := f"4010{number:06d}")][:30]

    found = score(valid, path=b"dummy/a.csv")

    assert "nhs-numbers" in names(found)
    assert found.verdict == "not-shown"


def test_nhs_numbers_kept_for_tests_are_dummy_data():
    kept = [text for number in range(500) if is_nhs_number(text := f"9990{number:06d}")][:30]

    assert "test-nhs-numbers" in names(score(kept))
    assert score(kept).verdict == "likely-dummy"


def days(count, step=1, start=date(2020, 1, 6)):
    return [
        date.fromordinal(start.toordinal() + step * number).isoformat() for number in range(count)
    ]


def test_dates_on_the_first_of_the_month_and_after_the_commit_speak_for_dummy_data():
    firsts = [f"20{year}-{month:02d}-01" for year in (19, 20) for month in range(1, 13)]

    assert "first-of-month" in names(score(range(500, 524), columns={"seen": firsts}))
    assert "future-dates" in names(
        score(range(500, 540), columns={"seen": days(40)}, day=date(2020, 2, 1))
    )
    assert "future-dates" not in names(score(range(500, 540), columns={"seen": days(40)}))


def test_dates_in_the_working_week_speak_for_real_data_and_any_day_does_not():
    weekdays = [day for day in days(200) if date.fromisoformat(day).weekday() < 5]

    assert "weekdays" in names(score(range(500, 500 + len(weekdays)), columns={"seen": weekdays}))
    assert "weekdays" not in names(score(range(500, 700), columns={"seen": days(200)}))


def test_events_before_birth_speak_for_dummy_data():
    births, events = ["1990-01-02"] * 12, ["1985-05-05", *["2020-02-02"] * 11]

    found = score(range(500, 512), columns={"date_of_birth": births, "admitted": events})
    usual = score(range(500, 512), columns={"date_of_birth": births, "admitted": [*events[1:], ""]})

    assert "before-birth" in names(found)
    assert "before-birth" not in names(usual)


def test_dates_that_stand_for_none_and_odd_cells_are_passed_over():
    odd = ["2020-01-07", "1900-01-01", "9999-12-31", "2020-13-45", "", "x", *days(34)]

    found = score(range(500, 540), columns={"seen": odd})

    assert not names(found) & {"future-dates", "before-birth"}


def test_words_are_listed_by_side_and_weights_are_added():
    found = score(range(1, 101), path=b"released_outputs/a.csv")

    assert "count the rows" in found.words(invented=True)
    assert "released from the secure environment" in found.words(invented=False)
    assert found.weight == sum(piece.weight for piece in found.evidence)


def test_no_evidence_has_no_weight_and_none_quotes_a_value():
    found = score(["48213", "48999", "51234"], path=b"dummy/a.csv")

    assert all(isinstance(piece, Evidence) and piece.weight for piece in found.evidence)
    assert not any(character.isdigit() for piece in found.evidence for character in piece.words)


def test_a_dummy_folder_within_a_release_is_no_released_path():
    assert is_released_path(GitPath(b"released_outputs/output/a.csv"))
    assert is_released_path(GitPath(b"release-2021/a.csv"))
    assert not is_released_path(GitPath(b"released_outputs/dummy/a.csv"))
    assert not is_released_path(GitPath(b"output/a.csv"))
