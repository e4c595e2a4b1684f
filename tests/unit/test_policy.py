from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.model.errors import ConfigurationError
from breachkit.model.policy import policies_from_mapping
from breachkit.workflows.playbooks import load_policies


POLICIES = load_policies()


def entry(**changes):
    return {
        "name": "2020-12",
        "since": date(2020, 12, 15),
        "threshold": 5,
        "rounding": "none",
        "rounding_bases": [],
        "midpoint_bases": [],
        "file_types": [".CSV"],
        "source": "a document of 2020-12-15",
    } | changes


@pytest.mark.parametrize(
    ("day", "threshold", "rounding"),
    [
        (date(2019, 1, 1), 5, "none"),  # before the first profile: judged by the first
        (date(2020, 12, 15), 5, "none"),
        (date(2022, 7, 31), 5, "recommended"),
        (date(2022, 8, 1), 5, "recommended"),
        (date(2023, 6, 12), 5, "recommended"),
        (date(2023, 6, 13), 5, "required"),
        (date(2023, 7, 27), 5, "required"),
        (date(2023, 7, 28), 7, "required"),
        (date(2030, 1, 1), 7, "required"),
        (None, 7, "required"),  # without a date: judged by the newest
    ],
)
def test_a_file_is_judged_by_the_rules_of_its_own_day(day, threshold, rounding):
    policy = POLICIES.at(day)

    assert (policy.threshold, policy.rounding) == (threshold, rounding)


@pytest.mark.parametrize(
    ("name", "since", "threshold", "rounding"),
    [
        ("2020-12", date(2020, 12, 15), 5, "none"),
        ("2022-08", date(2022, 8, 1), 5, "recommended"),
        ("2023-07", date(2023, 7, 28), 7, "required"),
    ],
)
def test_the_profiles_that_people_name_are_there(name, since, threshold, rounding):
    policy = POLICIES.choose(name).at(date(2021, 1, 1))

    assert (policy.name, policy.since) == (name, since)
    assert (policy.threshold, policy.rounding) == (threshold, rounding)


@pytest.mark.parametrize(
    ("suffix", "last_day_allowed"),
    [(".tsv", date(2024, 3, 13)), (".pdf", date(2024, 7, 23)), (".html", date(2026, 3, 18))],
)
def test_a_file_type_is_allowed_until_the_day_before_it_left_the_list(suffix, last_day_allowed):
    next_day = date.fromordinal(last_day_allowed.toordinal() + 1)

    assert suffix in POLICIES.at(last_day_allowed).file_types
    assert suffix not in POLICIES.at(next_day).file_types


def test_there_is_no_list_of_file_types_before_april_2022():
    assert POLICIES.at(date(2022, 4, 6)).file_types == frozenset()
    assert POLICIES.at(date(2022, 4, 7)).file_types


def test_limits_of_size_and_rows_hold_from_their_own_dates():
    assert POLICIES.at(date(2023, 9, 21)).max_size_bytes is None
    assert POLICIES.at(date(2023, 9, 22)).max_size_bytes == 16 * 2**20
    assert POLICIES.at(date(2024, 4, 29)).max_rows is None
    assert POLICIES.at(date(2024, 4, 30)).max_rows == 5000


def test_midpoint_rounding_is_allowed_since_april_2023():
    assert POLICIES.at(date(2023, 4, 2)).midpoint_bases == ()
    assert POLICIES.at(date(2023, 4, 3)).midpoint_bases == (6,)


def test_the_strict_profile_is_as_strict_as_every_profile_in_every_rule():
    for policy in POLICIES.profiles:
        assert POLICIES.strict.threshold >= policy.threshold
        assert POLICIES.strict.file_types <= policy.file_types or not policy.file_types
        for strict, limit in (
            (POLICIES.strict.max_rows, policy.max_rows),
            (POLICIES.strict.max_size_bytes, policy.max_size_bytes),
        ):
            assert strict is not None
            assert limit is None or strict <= limit


def test_each_profile_names_its_source_with_a_date_and_begins_in_its_month():
    for policy in POLICIES.profiles:
        assert f"{policy.since:%Y-%m}" == policy.name
        assert f"{policy.since}" in policy.source or policy.name == "2023-09"


def test_the_threshold_never_fell():
    thresholds = [policy.threshold for policy in POLICIES.profiles]

    assert thresholds == sorted(thresholds)


@given(st.integers(-10, 100))
def test_counts_from_one_to_the_threshold_are_disclosive_and_zero_is_not(count):
    policy = POLICIES.at(date(2023, 8, 1))

    assert policy.is_disclosive(count) == (count in {1, 2, 3, 4, 5, 6, 7})


@given(st.dates())
def test_choosing_a_date_judges_every_file_as_on_that_date(day):
    chosen = POLICIES.choose(day.isoformat())

    assert chosen.at(date(2021, 1, 1)) == chosen.at(None) == POLICIES.at(day)


def test_strict_and_auto_can_be_chosen_and_are_called_so():
    assert POLICIES.choose("strict").label == "strict"
    assert POLICIES.choose("strict").choose("auto").label == "auto"


def test_an_unknown_policy_is_refused_with_the_names_that_exist():
    with pytest.raises(ConfigurationError, match=r"2023-07.*strict"):
        POLICIES.choose("lenient")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rounding": "always"}, "rounding"),
        ({"since": "2020-12-15"}, "since"),
        ({"since": datetime(2020, 12, 15)}, "since"),  # noqa: DTZ001 - what TOML gives
        ({"threshold": "many"}, "threshold"),
        ({"threshold": 7.9}, "threshold"),
        ({"max_rows": 0}, "max_rows"),
        ({"threshold": -1}, "threshold"),
        ({"file_types": ["csv"]}, "file_types"),
        ({"rounding_bases": [0]}, "rounding_bases"),
        ({"max_rows": "5000"}, "max_rows"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused_by_the_name_of_its_key(change, words):
    with pytest.raises(ConfigurationError, match=words):
        policies_from_mapping({"profile": [entry(**change)], "strict": entry(name="strict")})


def test_two_profiles_of_one_name_are_refused():
    with pytest.raises(ConfigurationError, match="2020-12"):
        policies_from_mapping({"profile": [entry(), entry()], "strict": entry(name="strict")})


@pytest.mark.parametrize("missing", ["profile", "strict"])
def test_a_missing_part_is_named(missing):
    data = {"profile": [entry()], "strict": entry(name="strict")}
    del data[missing]

    with pytest.raises(ConfigurationError, match=missing):
        policies_from_mapping(data)


def test_profiles_are_put_in_order_of_date_and_suffixes_in_lower_case():
    late = entry(name="later", since=date(2024, 1, 1))

    policies = policies_from_mapping({"profile": [late, entry()], "strict": entry(name="strict")})

    assert [policy.name for policy in policies.profiles] == ["2020-12", "later"]
    assert policies.strict.file_types == {".csv"}
