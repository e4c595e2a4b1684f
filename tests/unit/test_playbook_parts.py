"""What a playbook says about itself, its hosts, its questions and its rules; extended key by key."""

from datetime import timedelta

import pytest

from breachkit.actions.playbook import read_about, settings_from
from breachkit.actions.playbook_assessment import read_assessment
from breachkit.actions.playbook_hosts import agreed_archives, read_hosts
from breachkit.actions.playbook_policy import policy_problems
from breachkit.actions.playbook_reader import named, suggestion
from breachkit.actions.playbook_toml import plain_toml, read_toml
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.playbooks import (
    choose_policies,
    load_policies,
    load_settings,
    playbook_of,
    policies_of_case,
    read_text,
    using,
)


ABOUT = """\
name = "later"
title = "Later"
extends = "earlier"
organisation = "tre"
as_of = 2026-11-01
source = "a document"
reviewed = 2026-11-02
last_drilled = 2026-11-03
"""


def test_what_a_playbook_says_about_itself_is_read():
    about, problems = read_about(read_toml(ABOUT), name="later")

    assert problems == []
    assert (about.extends, about.organisation, about.example) == ("earlier", "tre", False)
    assert about.last_drilled
    assert about.last_drilled.isoformat() == "2026-11-03"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"later"', '"other"'), "playbook.toml:1: name: must be the name of its folder, later"),
        (("2026-11-02", '"today"'), "playbook.toml:7: reviewed: a day such as"),
        (("2026-11-02", "2026-11-02T10:00:00Z"), "playbook.toml:7: reviewed: a day such as"),
        (('organisation = "tre"\n', ""), "playbook.toml:1: organisation: a text is needed"),
        (("reviewed =", "example = 1\nreviewed ="), "playbook.toml:7: example: true or false"),
        (("reviewed =", "answer_hours = true\nreviewed ="), "playbook.toml:7: answer_hours: a whole"),
        (("reviewed =", 'two_person = ["pull"]\nreviewed ='), "playbook.toml:7: two_person[1]: not one of those known; known are push, restore"),
        (("reviewed =", 'two_person = "push"\nreviewed ='), "playbook.toml:7: two_person: a list is needed"),
        (('"a document"', '"FILL IN: which?"'), "playbook.toml:6: source: still to be filled in: which?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said_with_line_and_key(change, said):
    _, problems = read_about(read_toml(ABOUT.replace(*change)), name="later")

    assert any(str(problem).startswith(said) for problem in problems), problems


def test_each_period_is_taken_from_the_nearest_playbook_that_states_it():
    settings = settings_from(
        [
            ("later", {"answer_hours": 48, "two_person": ["push"]}),
            ("earlier", {"answer_hours": 12, "alert_minutes": 5, "two_person": [], "stale_after_days": "x"}),
        ]
    )  # fmt: skip

    assert settings.answer == timedelta(hours=48)
    assert settings.alert == timedelta(minutes=5)
    assert settings.stale_after == timedelta(days=180)
    assert settings.two_person == {"push"}
    assert dict(settings.origins) | {"stale_after_days": ""} == {
        "answer_hours": "later",
        "two_person": "later",
        "alert_minutes": "earlier",
        "stale_after_days": "",
    }


def test_inc_106_nobody_else_approves_unless_a_playbook_says_so():
    assert load_settings().two_person == frozenset()


def test_inc_024_the_shipped_rule_makes_repositories_public_after_twelve_months():
    assert load_settings("opensafely-2026").auto_publish_after_months == 12
    assert load_settings("generic").auto_publish_after_months is None


def test_inc_064_consent_is_kept_with_the_archive_it_is_for():
    text = (
        '[[host]]\nname = "zenodo.org"\nlabel = "x"\ntold = "x"\nallow = true\nconsent = "A. P."\n'
    )
    hosts, problems = read_hosts(read_toml(text))

    assert problems == []
    assert {archive.value: word for archive, word in agreed_archives(hosts).items()} == {"zenodo": "A. P."}  # fmt: skip
    assert str(read_hosts(read_toml(text + text))[1][0]).startswith("hosts.toml:8: host[2].name: stands twice")  # fmt: skip


GRADE = '[[dspt.{}]]\ngrade = {}\ntitle = "x"\ntext = "x"\n'


def test_inc_086_a_table_has_a_version_a_source_and_every_grade_or_none():
    shipped = read_text("assessment.toml", "generic")
    assessment, problems = read_assessment(read_toml(shipped))
    assert problems == []
    assert assessment.dspt
    assert (assessment.dspt.effects, assessment.dspt.likelihoods) == ((), ())
    assert assessment.dspt.version
    assert "Guide to the Notification" in assessment.dspt.source

    whole = shipped + "".join(GRADE.format("effect", grade) for grade in range(1, 6))
    assessment, problems = read_assessment(read_toml(whole))
    assert problems == []
    assert assessment.dspt
    assert [each.grade for each in assessment.dspt.effects] == [1, 2, 3, 4, 5]

    _, problems = read_assessment(read_toml(shipped + GRADE.format("effect", 2)))
    assert "the grades 1 to 5 are needed" in str(problems[0])
    _, problems = read_assessment(read_toml(shipped.replace("version =", "versoin =")))
    assert any("did you mean version?" in str(each) for each in problems)


def test_a_question_that_is_missing_is_named():
    text = read_text("assessment.toml", "generic").replace('about = "risk"', 'about = "living"')

    (problem,) = read_assessment(read_toml(text))[1]
    assert "there is none about risk" in str(problem)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('name = "strict"', 'name = "rule-of-10"'), "strict.name: more than one profile is called so"),
        (('name = "strict"', 'name = "auto"'), "strict.name: must not be auto"),
        (("[strict]", "[stict]"), "strict: a table [strict] is needed"),
        (("rounding_bases = [5, 10]", "rounding_bases = [1]"), "rounding_bases: a list of whole numbers above 1"),
        (('".csv"', '"csv"'), "strict.file_types: each must begin with a dot"),
        (('".csv"', '".CSV"'), "strict.file_types: each must begin with a dot"),
        (("threshold = 9", "threshhold = 9"), "did you mean threshold?"),
        (('rounding = "none"', 'rounding = "some"'), "profile[1].rounding: choose one of none, recommended, required"),
        (("midpoint_bases = []\n", ""), "midpoint_bases: a list of whole numbers"),
        (("file_types = []\n", ""), "file_types: a list is needed"),
        (("since = 2021-11-19", "since = 2021-11-19\nmax_rows = 0"), "profile[1].max_rows: a whole number from 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_policy_is_said_before_it_judges_anything(change, said):
    text = read_text("policy.toml", "generic")
    assert policy_problems(read_toml(text)) == []
    assert change[0] in text

    problems = [
        str(each) for each in policy_problems(read_toml(text.replace(change[0], change[1], 1)))
    ]
    assert any(said in each for each in problems), problems
    assert all(each.startswith("policy.toml:") for each in problems)


def test_whatever_the_check_of_a_policy_lets_through_can_be_read():
    for name in ("generic", "opensafely-2026"):
        assert policy_problems(read_toml(read_text("policy.toml", name))) == []
        assert load_policies(name).profiles


def test_inc_033_rules_are_named_with_the_playbook_that_they_are_from():
    assert choose_policies("auto").label == "auto"
    assert choose_policies("generic:strict").label == "generic:strict"
    assert choose_policies("generic:auto").choose("rule-of-10").label == "generic:rule-of-10"
    assert choose_policies("2023-07").label == "2023-07"
    for wrong in ("generic:2023-07", "nobody:auto", ":auto", "generic:"):
        with pytest.raises(ConfigurationError):
            choose_policies(wrong)


@pytest.fixture
def used(tmp_path):
    """Use a playbook of one's own."""
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / "playbook.toml").write_text(ABOUT.replace("earlier", "generic"))
    with using(folder):
        yield


@pytest.mark.usefixtures("used")
def test_the_playbook_in_use_judges_unless_a_case_was_opened_with_another():
    assert choose_policies("auto").label == "later:auto"
    assert policies_of_case("auto").label == "auto"
    assert policies_of_case("later:auto").label == "later:auto"
    assert playbook_of(None) == "later"
    assert playbook_of("mine.toml") == "later"
    assert playbook_of("opensafely-2021") == "opensafely-2021"


def test_no_other_texts_are_taken_where_a_cases_playbook_is_missing():
    with pytest.raises(ConfigurationError, match=r"no playbook 'later'.*--playbooks DIR"):
        playbook_of("later")


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ((), ""),
        (("contact", 1, "email"), "contact[2].email"),
        (("a", "b\x1b[31m"), "a.b\\x1b[31m"),
        (("remove", 0), "remove[1]"),
    ],
)
def test_a_place_is_named_as_a_person_would(place, shown):
    assert named(place) == shown


def test_a_word_like_no_other_gets_the_list_alone():
    assert suggestion("emial", {"email", "phone"}) == "; did you mean email? known are email, phone"
    assert suggestion("zzz", {"email", "phone"}) == "; known are email, phone"


def test_a_text_of_a_million_characters_is_read_at_once():
    assert plain_toml("#" + "." * 90 + "\n" + 'a = "' + "x" * 1_000_000 + '"')
