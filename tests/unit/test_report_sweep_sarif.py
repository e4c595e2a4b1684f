"""A sweep as SARIF: what GitHub takes, and nothing that tells more than it says."""

import dataclasses
import json

import pytest

from breachkit.actions.sweeping import Life
from breachkit.report import sweep_sarif
from breachkit.report.sweep_sarif import MOST_RESULTS
from tests.support.reporting import HOSTILE
from tests.support.reports import ABOUT
from tests.support.schemas import sarif_validator
from tests.support.swept import SEVERITIES, record, repository, seen, sweep_of


def log_of(made, only=None):
    return json.loads(sweep_sarif.to_bytes(made, ABOUT, tool_version="1", only=only))


def test_names_and_words_that_act_are_valid_and_plant_no_link_or_placeholder():
    some = [
        repository(
            text,
            record(seen(1, path=text, message=text, part=text, columns=(text,))),
            reason=text,
        )
        for text in HOSTILE
    ]
    log = log_of(sweep_of(*some))

    sarif_validator().validate(log)
    written = [one["message"]["text"] for run in log["runs"] for one in run["results"]]
    bare = [text.replace("{{", "").replace("}}", "") for text in written]
    assert not any("[z](http" in text or "{" in text for text in bare)
    assert any("\\[z\\](http" in text for text in written)


def test_each_run_describes_the_rules_that_it_uses_and_no_others():
    made = sweep_of(
        repository("a", record(seen(1, rule="PAT-01")), record(seen(2, rule="NEW-99"))),
        repository("b"),
    )
    rules = [
        [rule["id"] for rule in run["tool"]["driver"]["rules"]] for run in log_of(made)["runs"]
    ]
    results = log_of(made)["runs"][0]["results"]

    assert rules == [["PAT-01", "NEW-99"], []]
    assert [rules[0][one["ruleIndex"]] for one in results] == [one["ruleId"] for one in results]


@pytest.mark.parametrize(
    ("life", "state"),
    [
        (Life.NEW, "new"),
        (Life.KNOWN, "unchanged"),
        (Life.ACCEPTED, "unchanged"),
        (Life.GONE, "absent"),
    ],
)
def test_the_life_of_a_finding_is_its_baseline_state(life, state):
    (run,) = log_of(sweep_of(repository("a", record(seen(1), life))))["runs"]
    (result,) = run["results"]

    assert result["baselineState"] == state
    assert ("suppressions" in result) is (life is Life.ACCEPTED)


def test_two_repositories_of_one_name_are_two_categories():
    one = repository("owner/name")
    other = dataclasses.replace(one, outcome=dataclasses.replace(one.outcome, key="/srv/other"))
    made = sweep_of(one, other, repository("third"))
    ids = [run["automationDetails"]["id"] for run in log_of(made)["runs"]]

    assert len(set(ids)) == 3
    assert ids[-1] == "breachkit/third/"


def test_a_file_for_upload_keeps_to_what_github_takes_and_says_so():
    worst = [record(seen(n, SEVERITIES[3], path="a")) for n in range(5)]
    many = [record(seen(n, SEVERITIES[0], path="b")) for n in range(5, MOST_RESULTS + 5)]
    one = repository("a", *many, *worst)
    (run,) = log_of(sweep_of(one), only=one)["runs"]
    levels = [result["properties"]["severity"] for result in run["results"]]

    assert len(levels) == MOST_RESULTS
    assert levels[:6] == ["critical"] * 5 + ["low"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert "Only the worst 25,000 findings" in note["message"]["text"]
